"""Reading transfers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.obligations.tables import Obligation
from supplyops.people.tables import Organisation
from supplyops.places.rules import SiteKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query, unscoped
from supplyops.stock.tables import Lot
from supplyops.transfers.rules import TransferFinding, TransferKind, TransferState
from supplyops.transfers.tables import Transfer, TransferDifference, TransferLine, TransferLot

_From, _To = aliased(Site), aliased(Site)
_Owner, _NewOwner, _Approver, _Sender, _Receiver = (aliased(Organisation) for _ in range(5))
_NewLot, _Target = aliased(Lot), aliased(Location)
OPEN = (TransferState.DRAFT, TransferState.APPROVED, TransferState.SENT)


@dataclass(frozen=True, slots=True)
class TransferLineRow:
    """What was asked for."""

    line_no: int
    sku: str
    item_name: str
    unit: str
    quantity: int
    lot_number: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferLotRow:
    """One lot that goes."""

    id: UUID
    line_no: int
    sku: str
    item_name: str
    spec: str
    unit: str
    lot_number: str
    expires_on: date | None
    location_name: str
    quantity: int
    loaded: int
    good: int
    damaged: int
    short: int
    target_name: str
    new_lot_number: str


@dataclass(frozen=True, slots=True)
class TransferDifferenceRow:
    """A difference found at the other end."""

    lot_number: str
    item_name: str
    finding: TransferFinding
    quantity: int
    cause: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer with its lines."""

    id: UUID
    number: str
    kind: TransferKind
    state: TransferState
    owner_id: UUID
    owner_name: str
    new_owner_id: UUID | None
    new_owner_name: str
    approver_id: UUID
    approver_name: str
    from_site_code: str
    from_site_name: str
    from_organisation_id: UUID
    from_organisation_name: str
    to_site_id: UUID
    to_site_code: str
    to_site_name: str
    to_organisation_id: UUID
    to_organisation_name: str
    reason: str
    is_owed_back: bool
    due_on: date | None
    settles: str
    obligation: str
    incident_id: UUID | None
    send_by: datetime
    arrive_by: datetime
    created_at: datetime
    created_by_id: UUID
    created_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    carrier: str
    vehicle: str
    driver: str
    driver_phone: str
    escort: str
    seal_number: str
    sent_at: datetime | None
    expected_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    receiver: str
    is_seal_intact: bool | None
    ended_because: str
    is_overdue: bool
    lines: tuple[TransferLineRow, ...]
    lots: tuple[TransferLotRow, ...]
    differences: tuple[TransferDifferenceRow, ...]

    @property
    def due_at(self) -> datetime:
        """What has to happen next, by when: loaded, then arrived."""
        return self.expected_at or (self.send_by if self.state is not TransferState.RECEIVED else self.arrive_by)


@dataclass(frozen=True, slots=True)
class TransferFilter:
    """Which transfers are asked for; empty fields do not narrow."""

    state: TransferState | None = None
    kind: TransferKind | None = None
    site_code: str = ""
    text: str = ""
    only_open: bool = False
    only_overdue: bool = False


STORES = (SiteKind.WAREHOUSE, SiteKind.RESERVE_POINT, SiteKind.DELIVERY_POINT)


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store's name: enough to ask its keeper for goods, or to send it some."""

    code: str
    name: str
    organisation_name: str


@query(Permission.TRANSFERS_SEE)
def stores(ctx: Context) -> list[StoreRow]:
    """The stores there are, by keeper. What lies in them stays their own affair."""
    rows = (
        select(Site, Organisation)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .where(Site.kind.in_(STORES), Site.is_active.is_(True))
        .order_by(Organisation.path, Site.code)
    )
    found = ctx.session.execute(unscoped(rows, "one cannot ask a neighbour whose store one may not name"))
    return [StoreRow(site.code, site.name, keeper.name) for site, keeper in found]


@query(Permission.TRANSFERS_SEE)
def transfers(ctx: Context, where: TransferFilter = TransferFilter()) -> list[TransferRow]:
    """Transfers in reach, newest first."""
    statement = _statement().order_by(Transfer.created_at.desc(), Transfer.number.desc())
    if where.state is not None:
        statement = statement.where(Transfer.state == where.state)
    if where.kind is not None:
        statement = statement.where(Transfer.kind == where.kind)
    if where.site_code:
        statement = statement.where(or_(_From.code == where.site_code, _To.code == where.site_code))
    if where.only_open or where.only_overdue:
        statement = statement.where(Transfer.state.in_(OPEN))
    if where.text:
        named = (Transfer.number, _From.name, _To.name, Transfer.vehicle)
        statement = statement.where(or_(*(column.contains(where.text, autoescape=True) for column in named)))
    found = _rows(ctx, statement)
    return [row for row in found if row.is_overdue or not where.only_overdue]


@query(Permission.TRANSFERS_SEE)
def transfer(ctx: Context, number: str) -> TransferRow:
    """One transfer by number."""
    found = _rows(ctx, _statement().where(Transfer.number == number))
    if not found:
        raise NotFound("transfer", reference=number)
    return found[0]


@query(Permission.TRANSFERS_SEE)
def transfer_by_id(ctx: Context, transfer_id: UUID) -> TransferRow:
    """One transfer by id."""
    found = _rows(ctx, _statement().where(Transfer.id == transfer_id))
    if not found:
        raise NotFound("transfer")
    return found[0]


def _statement() -> Any:
    return (
        select(Transfer, _From, _To, _Owner.name, _NewOwner.name, _Approver.name, _Sender.name, _Receiver.name)
        .join(_From, _From.id == Transfer.from_site_id)
        .join(_To, _To.id == Transfer.to_site_id)
        .join(_Owner, _Owner.id == Transfer.owner_id)
        .outerjoin(_NewOwner, _NewOwner.id == Transfer.new_owner_id)
        .join(_Approver, _Approver.id == Transfer.approver_id)
        .join(_Sender, _Sender.id == Transfer.from_organisation_id)
        .join(_Receiver, _Receiver.id == Transfer.to_organisation_id)
    )


def is_overdue(row: Transfer, now: datetime) -> bool:
    """Not loaded by its time, or not there by the time it was expected."""
    if row.state is TransferState.SENT:
        return row.expected_at is not None and row.expected_at < now
    return row.state in {TransferState.DRAFT, TransferState.APPROVED} and row.send_by < now


def _rows(ctx: Context, statement: Any) -> list[TransferRow]:
    found = ctx.session.execute(also_showing(statement, Site)).all()
    ids = [row[0].id for row in found]
    lines, lots, differences = _lines(ctx, ids), _lots(ctx, ids), _differences(ctx, ids)
    settles = _numbers(ctx, Obligation.id, [row[0].settles_id for row in found if row[0].settles_id])
    arose = _numbers(ctx, Obligation.basis_id, ids)
    taken = {
        "owner_name", "new_owner_name", "approver_name", "from_site_code", "from_site_name", "from_organisation_name",
        "to_site_code", "to_site_name", "to_organisation_name", "settles", "obligation", "is_overdue", "lines", "lots",
        "differences",
    }  # fmt: skip
    own = [name for name in TransferRow.__dataclass_fields__ if name not in taken]
    return [
        TransferRow(
            **{name: getattr(row, name) for name in own},
            owner_name=owner,
            new_owner_name=new_owner or "",
            approver_name=approver,
            from_site_code=origin.code,
            from_site_name=origin.name,
            from_organisation_name=sender,
            to_site_code=target.code,
            to_site_name=target.name,
            to_organisation_name=receiver,
            settles=settles.get(row.settles_id, ""),
            obligation=arose.get(row.id, ""),
            is_overdue=is_overdue(row, ctx.now),
            lines=tuple(lines.get(row.id, ())),
            lots=tuple(lots.get(row.id, ())),
            differences=tuple(differences.get(row.id, ())),
        )
        for row, origin, target, owner, new_owner, approver, sender, receiver in found
    ]


def _numbers(ctx: Context, column: Any, ids: Sequence[UUID]) -> dict[Any, str]:
    rows = ctx.session.execute(select(column, Obligation.number).where(column.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _lines(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TransferLineRow]]:
    found: dict[UUID, list[TransferLineRow]] = {}
    for line, item in ctx.session.execute(
        select(TransferLine, Item)
        .join(Item, Item.id == TransferLine.item_id)
        .where(TransferLine.transfer_id.in_(ids))
        .order_by(TransferLine.transfer_id, TransferLine.line_no)
    ):
        found.setdefault(line.transfer_id, []).append(
            TransferLineRow(line.line_no, item.sku, item.name, item.unit, line.quantity, line.lot_number, line.reason)
        )
    return found


def _lots(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TransferLotRow]]:
    found: dict[UUID, list[TransferLotRow]] = {}
    for line, lot, item, place, child, target in ctx.session.execute(
        select(TransferLot, Lot, Item, Location.name, _NewLot.number, _Target.name)
        .join(Lot, Lot.id == TransferLot.lot_id)
        .join(Item, Item.id == TransferLot.item_id)
        .join(Location, Location.id == TransferLot.location_id)
        .outerjoin(_NewLot, _NewLot.id == TransferLot.new_lot_id)
        .outerjoin(_Target, _Target.id == TransferLot.target_id)
        .where(TransferLot.transfer_id.in_(ids))
        .order_by(TransferLot.transfer_id, TransferLot.line_no)
    ):
        found.setdefault(line.transfer_id, []).append(
            TransferLotRow(
                line.id,
                line.line_no,
                item.sku,
                item.name,
                item.spec,
                item.unit,
                lot.number,
                lot.expires_on,
                place,
                line.quantity,
                line.loaded,
                line.good,
                line.damaged,
                line.short,
                target or "",
                child or "",
            )
        )
    return found


def _differences(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[TransferDifferenceRow]]:
    found: dict[UUID, list[TransferDifferenceRow]] = {}
    for row, lot_number, item_name in ctx.session.execute(
        select(TransferDifference, Lot.number, Item.name)
        .join(TransferLot, TransferLot.id == TransferDifference.line_id)
        .join(Lot, Lot.id == TransferLot.lot_id)
        .join(Item, Item.id == TransferLot.item_id)
        .where(TransferDifference.transfer_id.in_(ids))
        .order_by(TransferDifference.seq)
    ):
        found.setdefault(row.transfer_id, []).append(
            TransferDifferenceRow(lot_number, item_name, row.finding, row.quantity, row.cause, row.recorded_at)
        )
    return found
