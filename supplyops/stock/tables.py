"""Tables of the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import LATER, AppendOnly, Base, Scoped, Sealed, partial_index
from supplyops.database.types import Code
from supplyops.stock.rules import (
    AssetEventKind,
    AssetState,
    LateKind,
    LatePermitState,
    LotState,
    MoveReason,
    RecallState,
    StockDocumentKind,
    StockDocumentState,
    came_on,
)


def _where_given(name: str, *columns: str, unique: bool = False) -> Index:
    """An index of the rows that have a value in the first column: most moves have none, and writing them stays cheap."""
    return partial_index(f"{columns[0]} IS NOT NULL", name, *columns, unique=unique)


class Lot(Base, AppendOnly, Sealed):
    """Goods of one item with one origin, owner and expiry. Nothing about a lot changes: a changed lot is a child lot."""

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint(
            "expires_on IS NULL OR produced_on IS NULL OR expires_on >= produced_on", name="made_before_expiry"
        ),
        Index("ix_lot_item_id", "item_id", "expires_on", "number"),
        Index("ix_lot_owner_id", "owner_id"),
        Index("ix_lot_expires_on", "expires_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    fund_source: Mapped[str] = mapped_column(String(40))
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    unit_price_fen: Mapped[int] = mapped_column(BigInteger())
    manufacturer: Mapped[str] = mapped_column(String(80))
    maker_batch: Mapped[str] = mapped_column(String(40))
    restriction: Mapped[str] = mapped_column(String(80))
    restricted_area: Mapped[str] = mapped_column(String(20))
    parent_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"))
    is_exercise: Mapped[bool] = mapped_column(Boolean())
    document_kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID]
    document_number: Mapped[str] = mapped_column(String(80))
    source_mark: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    stored_on: Mapped[date | None] = mapped_column(info=LATER)
    """The day on which the goods came into a store, where the row was made on another day: see `came_on`."""

    @property
    def came_on(self) -> date:
        """Since when the goods are kept: for the order in which they go out, and for clocks that count from it."""
        return came_on(self.stored_on, self.created_at)


class LotStatus(Base, AppendOnly, Sealed):
    """One word on whether a lot may be used: the newest of a lot is in force."""

    __tablename__ = "lot_status"
    __table_args__ = (Index("ix_lot_status_lot_id", "lot_id", "seq"), Index("ix_lot_status_document_id", "document_id"))

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    state: Mapped[LotState] = mapped_column(Code(LotState))
    reason: Mapped[str] = mapped_column(String(200))
    document_kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID]
    document_number: Mapped[str] = mapped_column(String(80))
    after_seq: Mapped[int] = mapped_column(BigInteger())
    """The last move of the lot that was before it; 0 when none was."""
    recorded_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(80))


class Recall(Base, Sealed, Scoped):
    """A maker's batch of an item that must not be used by a body and everybody below it, until the recall has ended."""

    __tablename__ = "recall"
    __table_args__ = (Index("ix_recall_item_id", "item_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    manufacturer: Mapped[str] = mapped_column(String(80))
    maker_batch: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(200))
    notice_number: Mapped[str] = mapped_column(String(80))
    state: Mapped[RecallState] = mapped_column(Code(RecallState))
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None]
    created_by_name: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
    ended_by_name: Mapped[str] = mapped_column(String(80))
    ended_because: Mapped[str] = mapped_column(String(200))


class LatePermit(Base, Sealed, Scoped):
    """An approver's word that one entry may be written up although it happened longer ago than the office allows."""

    __tablename__ = "late_permit"
    __table_args__ = (Index("ix_late_permit_site_id", "site_id", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[LateKind] = mapped_column(Code(LateKind))
    earliest_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[LatePermitState] = mapped_column(Code(LatePermitState))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[UUID | None]
    asked_by_name: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]
    decided_by_name: Mapped[str] = mapped_column(String(80))
    decision_note: Mapped[str] = mapped_column(String(200))
    used_by_document_id: Mapped[UUID | None]


class StockMove(Base, AppendOnly):
    """One leg of a posting: the ledger's only fact. Every column that can never be added later is here."""

    __tablename__ = "stock_move"
    __table_args__ = (
        UniqueConstraint("posting_id", "line_no", name="uq_stock_move_posting"),
        UniqueConstraint("shard", "shard_seq", name="uq_stock_move_chain_link"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("source_id <> target_id", name="two_places"),
        Index("ix_stock_move_lot_id", "lot_id", "seq"),
        Index("ix_stock_move_item_id", "item_id", "seq"),
        Index("ix_stock_move_source_id", "source_id", "seq"),
        Index("ix_stock_move_target_id", "target_id", "seq"),
        Index("ix_stock_move_actor_name", "actor_name", "seq"),
        Index("ix_stock_move_reason", "reason", "seq"),
        Index("ix_stock_move_document_id", "document_id"),
        _where_given("uq_stock_move_reversal", "reverses_id", "line_no", unique=True),
        _where_given("ix_stock_move_incident_id", "incident_id"),
        Index("ix_stock_move_recorded_at", "recorded_at"),
        Index("ix_stock_move_occurred_at", "occurred_at"),
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    posting_id: Mapped[UUID]
    line_no: Mapped[int]
    reason: Mapped[MoveReason] = mapped_column(Code(MoveReason))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    source_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    target_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    document_kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID]
    document_number: Mapped[str] = mapped_column(String(80))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(80))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    custodian_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    fund_source: Mapped[str] = mapped_column(String(40))
    parent_lot_id: Mapped[UUID | None]
    is_exercise: Mapped[bool] = mapped_column(Boolean())
    reverses_id: Mapped[UUID | None]
    incident_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(String(200))
    request_key: Mapped[str | None] = mapped_column(String(255))
    shard: Mapped[str] = mapped_column(String(80))
    shard_seq: Mapped[int] = mapped_column(BigInteger())
    algorithm: Mapped[str] = mapped_column(String(20))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class StockBalance(Base, Scoped):
    """What lies at a real place of one lot: a cache of the moves, rebuilt and compared by `verify`.

    Owner, custodian and item are copied here because every page asks for them, and of the lot what lists narrow and sort by: no lot
    changes after it was made. Visible to owner and custodian.
    """

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("on_hand >= reserved", name="on_hand"),
        Index("ix_stock_balance_lot_id", "lot_id"),
        Index("ix_stock_balance_item_id", "item_id", "site_id"),
        Index("ix_stock_balance_site_id", "site_id"),
        partial_index("on_hand > 0", "ix_stock_balance_listed", "item_id", "good_until", "lot_number"),
        partial_index(
            "on_hand > 0", "ix_stock_balance_good_until", "good_until", "is_exercise", "owner_id", "custodian_id"
        ),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("owner_id", "custodian_id")
    __scope_upward__ = "office"

    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(BigInteger())
    reserved: Mapped[int] = mapped_column(BigInteger())
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    custodian_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    lot_number: Mapped[str] = mapped_column(String(40))
    good_until: Mapped[date]
    """When the lot expires; the last day there is for goods that never do, so that they come last."""
    is_exercise: Mapped[bool] = mapped_column(Boolean())


class StockTotal(Base, Scoped):
    """What lies at a real place of an item and an owner, all lots together, so that a list need not read each lot to say how much
    and how many there are. Kept by the ledger beside the balances, compared by `verify`.
    """

    __tablename__ = "stock_total"
    __table_args__ = (Index("ix_stock_total_item_id", "item_id"),)
    __scope__: ClassVar[tuple[str, ...]] = ("owner_id", "custodian_id")
    __scope_upward__ = "office"

    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    is_exercise: Mapped[bool] = mapped_column(Boolean(), primary_key=True)
    is_dated: Mapped[bool] = mapped_column(Boolean(), primary_key=True)
    """Lots that expire and lots that never do are summed apart."""
    custodian_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    on_hand: Mapped[int] = mapped_column(BigInteger())
    reserved: Mapped[int] = mapped_column(BigInteger())
    lots: Mapped[int] = mapped_column(BigInteger())
    """How many lots there is something of."""
    holds: Mapped[int] = mapped_column(BigInteger())
    """How many holds are open."""


class Reservation(Base, Sealed):
    """A hold on stock for a document; open until fulfilled, released or expired."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint(
            "quantity > 0 AND fulfilled >= 0 AND released >= 0 AND fulfilled + released <= quantity", name="parts"
        ),
        CheckConstraint("taken >= 0 AND taken <= released", name="taken"),
        Index("ix_reservation_balance", "location_id", "lot_id"),
        Index("ix_reservation_document_id", "document_id"),
        partial_index("closed_at IS NULL", "ix_reservation_expires_at", "expires_at", "id"),
        partial_index("closed_at IS NOT NULL AND fulfilled > 0", "ix_reservation_used", "closed_at"),
        partial_index("closed_at IS NOT NULL AND released > taken", "ix_reservation_given_back", "closed_at"),
        partial_index("taken > 0", "ix_reservation_taken", "closed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID]
    document_number: Mapped[str] = mapped_column(String(80))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    fulfilled: Mapped[int] = mapped_column(BigInteger())
    released: Mapped[int] = mapped_column(BigInteger())
    incident_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(BigInteger())
    """How much of what was released was taken over for something more urgent."""

    @property
    def open_quantity(self) -> int:
        """What is still held."""
        return self.quantity - self.fulfilled - self.released


class LocationFreeze(Base, Sealed):
    """A place whose stock stands still for a document, such as a count, until it is lifted."""

    __tablename__ = "location_freeze"
    __table_args__ = (
        Index("ix_location_freeze_location_id", "location_id", "lifted_at"),
        Index("ix_location_freeze_document_id", "document_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    document_kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID]
    document_number: Mapped[str] = mapped_column(String(80))
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]


class FreezeBypass(Base, AppendOnly, Sealed):
    """Somebody moved stock at a frozen place all the same, and said why."""

    __tablename__ = "freeze_bypass"
    __table_args__ = (
        UniqueConstraint("freeze_id", "posting_id"),
        Index("ix_freeze_bypass_document_id", "document_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    freeze_id: Mapped[UUID] = mapped_column(ForeignKey("location_freeze.id"))
    document_id: Mapped[UUID]
    """Whose freeze it was: the count's, not the posting's own document."""
    posting_id: Mapped[UUID]
    posting_number: Mapped[str] = mapped_column(String(80))
    because: Mapped[str] = mapped_column(String(200))
    bypassed_at: Mapped[datetime]
    bypassed_by_id: Mapped[UUID | None]
    bypassed_by_name: Mapped[str] = mapped_column(String(80))


class Asset(Base, Sealed, Scoped):
    """One numbered unit of a lot. Where it lies follows the ledger's moves: see `carrying`."""

    __tablename__ = "asset"
    __table_args__ = (
        UniqueConstraint("item_id", "serial_number"),
        Index("ix_asset_lot_id", "lot_id", "location_id"),
        Index("ix_asset_serial_number", "serial_number"),
        Index("ix_asset_location_id", "location_id"),
        CheckConstraint("meter_hours >= 0", name="meter_hours"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("owner_id", "custodian_id", "holder_id")
    __scope_upward__ = "office"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    serial_number: Mapped[str] = mapped_column(String(60))
    maker_number: Mapped[str] = mapped_column(String(60))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    custodian_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    """The body that it was handed out to."""
    state: Mapped[AssetState] = mapped_column(Code(AssetState))
    defect: Mapped[str] = mapped_column(String(200))
    follow_up_on: Mapped[date | None]
    hold_id: Mapped[UUID | None] = mapped_column(ForeignKey("reservation.id"))
    """The hold on its unit of stock while it cannot be given out."""
    picked_at: Mapped[datetime | None]
    picked_for: Mapped[str] = mapped_column(String(80))
    meter_hours: Mapped[int]
    in_service_on: Mapped[date | None]
    warranty_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class AssetEvent(Base, AppendOnly, Sealed):
    """One thing that happened to a numbered unit: its history, oldest first by `seq`."""

    __tablename__ = "asset_event"
    __table_args__ = (
        Index("ix_asset_event_asset_id", "asset_id", "seq"),
        Index("ix_asset_event_posting_id", "posting_id"),
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"))
    kind: Mapped[AssetEventKind] = mapped_column(Code(AssetEventKind))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    """Where it lay afterwards."""
    posting_id: Mapped[UUID | None]
    line_no: Mapped[int | None]
    document_kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID | None]
    document_number: Mapped[str] = mapped_column(String(80))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200))


class StockDocument(Base, Sealed, Scoped):
    """The document behind a posting: opening balance, receipt, issue, transfer. What the form says is in `details`."""

    __tablename__ = "stock_document"
    __table_args__ = (
        Index("ix_stock_document_site_id", "site_id", "created_at"),
        Index("ix_stock_document_created_at", "created_at", "number"),
        Index("ix_stock_document_kind", "kind", "created_at", "number"),
        Index(
            "ix_stock_document_late",
            "created_at",
            "number",
            sqlite_where=text("is_late IS 1"),
            postgresql_where=text("is_late IS true"),
        ),
        Index("ix_stock_document_incident_id", "incident_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[StockDocumentKind] = mapped_column(Code(StockDocumentKind))
    state: Mapped[StockDocumentState] = mapped_column(Code(StockDocumentState))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    incident_id: Mapped[UUID | None]
    counterpart: Mapped[str] = mapped_column(String(120))
    details: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    is_late: Mapped[bool] = mapped_column(Boolean())
    """Written up (补录) so long after it happened that lists and papers say so."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None]
    reversed_at: Mapped[datetime | None]


class StockDocumentLine(Base, Sealed):
    """One line of a stock document: what was due, what came or went, and where."""

    __tablename__ = "stock_document_line"
    __table_args__ = (
        UniqueConstraint("document_id", "line_no"),
        CheckConstraint("due >= 0 AND actual >= 0 AND rejected >= 0", name="quantities"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("stock_document.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    target_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    due: Mapped[int] = mapped_column(BigInteger())
    actual: Mapped[int] = mapped_column(BigInteger())
    rejected: Mapped[int] = mapped_column(BigInteger())
    details: Mapped[dict[str, Any]]


class Acceptance(Base, Sealed, Scoped):
    """Who answers for a receipt and by when its result is reported: the keeper and the inspector sign, two people."""

    __tablename__ = "acceptance"
    __table_args__ = (
        CheckConstraint("inspector_id IS NULL OR keeper_id IS NULL OR inspector_id <> keeper_id", name="two_people"),
        CheckConstraint("reported_at IS NULL OR inspected_at IS NOT NULL", name="signed_before_reported"),
        Index("ix_acceptance_report_due_on", "report_due_on"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("stock_document.id"), primary_key=True)
    """The receipt's id."""
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    keeper_id: Mapped[UUID | None]
    keeper_name: Mapped[str] = mapped_column(String(80))
    accepted_at: Mapped[datetime]
    inspector_id: Mapped[UUID | None]
    inspector_name: Mapped[str] = mapped_column(String(80))
    inspected_at: Mapped[datetime | None]
    report_due_on: Mapped[date]
    reported_at: Mapped[datetime | None]
    reported_by_id: Mapped[UUID | None]
    reported_by_name: Mapped[str] = mapped_column(String(80))
    reported_to: Mapped[str] = mapped_column(String(80))
    report_number: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(200))
