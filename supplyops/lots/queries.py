"""Reading what was said on lots, and recalls with where the goods of the batch went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.kernel.quantity import with_unit
from supplyops.lots.inside import lots_with
from supplyops.people.tables import Organisation
from supplyops.places.rules import REAL_KINDS, LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, query, unscoped
from supplyops.stock.rules import LotState, MoveReason, RecallState
from supplyops.stock.tables import Lot, LotStatus, Recall, StockBalance, StockDocument, StockMove

FOLLOWS = "a recall follows the goods wherever they went"
_Reversal = aliased(StockMove)


@dataclass(frozen=True, slots=True)
class LotStatusRow:
    """One word on a lot."""

    seq: int
    state: LotState
    reason: str
    document_kind: str
    document_number: str
    recorded_at: datetime
    actor_name: str


class Whereabouts(StrEnum):
    """Where goods of a recalled batch are now."""

    IN_STORE = "in_store"
    IN_TRANSIT = "in_transit"
    ISSUED = "issued"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class RecallPart:
    """So much of one lot at a place, on a road, or gone out under a document to somebody."""

    whereabouts: Whereabouts
    lot_number: str
    owner_name: str
    place: str
    recipient: str
    document_number: str
    quantity: int
    """Of the recalled item, wherever it is packed."""
    at: datetime | None
    state: LotState
    packed_in: str = ""
    """How many kits of what kind it is in, where it was made into kits."""


@dataclass(frozen=True, slots=True)
class RecallRow:
    """A recall; `parts` only when one is asked for by number."""

    id: UUID
    number: str
    organisation_id: UUID
    organisation_name: str
    sku: str
    item_name: str
    unit: str
    manufacturer: str
    maker_batch: str
    reason: str
    notice_number: str
    state: RecallState
    created_at: datetime
    created_by_name: str
    ended_at: datetime | None
    ended_by_name: str
    ended_because: str
    parts: tuple[RecallPart, ...] = ()

    def total(self, *kinds: Whereabouts) -> int:
        """How much of the batch is there."""
        return sum(part.quantity for part in self.parts if part.whereabouts in kinds)


@query(Permission.STOCK_SEE)
def lot_statuses(ctx: Context, number: str) -> list[LotStatusRow]:
    """Everything that was said on a lot in reach, the newest first."""
    visible = select(StockBalance.lot_id).where(StockBalance.lot_id == Lot.id).exists()
    rows = ctx.session.scalars(
        select(LotStatus)
        .join(Lot, Lot.id == LotStatus.lot_id)
        .where(Lot.number == number, visible)
        .order_by(LotStatus.seq.desc())
    )
    names = tuple(LotStatusRow.__dataclass_fields__)
    return [LotStatusRow(**{name: getattr(row, name) for name in names}) for row in rows]


@query(Permission.STOCK_SEE)
def recalls(ctx: Context, state: RecallState | None = None) -> list[RecallRow]:
    """Recalls in reach, the newest first."""
    statement = _recalls().order_by(Recall.created_at.desc(), Recall.number.desc())
    if state is not None:
        statement = statement.where(Recall.state == state)
    return [_row(*each) for each in ctx.session.execute(statement)]


@query(Permission.STOCK_SEE)
def recall(ctx: Context, number: str) -> RecallRow:
    """One recall by number, with where the goods are and to whom they went."""
    found = ctx.session.execute(_recalls().where(Recall.number == number)).one_or_none()
    if found is None:
        raise NotFound("recall", number=number)
    row, item, organisation = found
    return _row(row, item, organisation, _parts(ctx, row))


def _recalls() -> Select[Recall, Item, str]:
    return (
        select(Recall, Item, Organisation.name)
        .join(Item, Item.id == Recall.item_id)
        .join(Organisation, Organisation.id == Recall.organisation_id)
    )


def _row(row: Recall, item: Item, organisation: str, parts: Sequence[RecallPart] = ()) -> RecallRow:
    taken = {"organisation_name", "sku", "item_name", "unit", "parts"}
    own = {name: getattr(row, name) for name in RecallRow.__dataclass_fields__ if name not in taken}
    return RecallRow(
        **own,
        organisation_name=organisation,
        sku=item.sku,
        item_name=item.name,
        unit=item.unit,
        parts=tuple(parts),
    )


def _parts(ctx: Context, recall: Recall) -> list[RecallPart]:
    touched = select(LotStatus.lot_id).where(LotStatus.document_id == recall.id).distinct()
    statement = (
        select(Lot, Organisation.name, Item)
        .join(Organisation, Organisation.id == Lot.owner_id)
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.id.in_(touched))
    )
    rows = ctx.session.execute(statement).all()
    amounts = lots_with(ctx, [lot.id for lot, _, item in rows if item.id == recall.item_id])
    words = select(LotStatus).where(LotStatus.lot_id.in_(amounts)).order_by(LotStatus.seq)
    states = {row.lot_id: row.state for row in ctx.session.scalars(words)}
    lots = {
        lot.id: _Followed(
            lot.number, owner, None if item.id == recall.item_id else item, amounts[lot.id], states[lot.id]
        )
        for lot, owner, item in rows
        if lot.id in amounts
    }
    return [*_lying(ctx, lots), *_gone(ctx, lots)]


@dataclass(frozen=True, slots=True)
class _Followed:
    """A lot with recalled goods in it: of the batch itself, or kits with so many units in each."""

    number: str
    owner_name: str
    kit: Item | None
    holds: int
    state: LotState

    def part(
        self, whereabouts: Whereabouts, place: str, amount: int, recipient: str, document: str, at: datetime | None
    ) -> RecallPart:
        """So much of the lot somewhere."""
        packed = f"{self.kit.name} {with_unit(amount, self.kit.unit)}" if self.kit else ""
        return RecallPart(
            whereabouts, self.number, self.owner_name, place, recipient, document, amount * self.holds, at, self.state, packed
        )  # fmt: skip


Lots = dict[UUID, _Followed]


def _lying(ctx: Context, lots: Lots) -> list[RecallPart]:
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance, Location, Site.name)
            .join(Location, Location.id == StockBalance.location_id)
            .outerjoin(Site, Site.id == StockBalance.site_id)
            .where(StockBalance.lot_id.in_(lots), StockBalance.on_hand > 0)
            .order_by(Location.kind, Site.name, Location.name),
            FOLLOWS,
        )
    )
    found = []
    for balance, location, site in rows:
        on_road = location.kind is LocationKind.TRANSIT
        where = Whereabouts.IN_TRANSIT if on_road else Whereabouts.IN_STORE
        place, document = f"{site or ''} {location.name}".strip(), location.name if on_road else ""
        found.append(lots[balance.lot_id].part(where, place, balance.on_hand, "", document, None))
    return found


def _gone(ctx: Context, lots: Lots) -> list[RecallPart]:
    """What left the books, move by move, unless it was taken back. What became a part of other lots is told with those."""
    source, target = aliased(Location), aliased(Location)
    undone = select(_Reversal.seq).where(_Reversal.reverses_id == StockMove.posting_id).exists()
    rows = ctx.session.execute(
        unscoped(
            select(StockMove, source, target, StockDocument.counterpart, Site.name)
            .join(source, source.id == StockMove.source_id)
            .join(target, target.id == StockMove.target_id)
            .outerjoin(StockDocument, StockDocument.id == StockMove.document_id)
            .outerjoin(Site, Site.id == source.site_id)
            .where(
                StockMove.lot_id.in_(lots),
                StockMove.reverses_id.is_(None),
                source.kind.in_(REAL_KINDS),
                target.kind.not_in([*REAL_KINDS, LocationKind.CONVERSION]),
                ~undone,
            )
            .order_by(StockMove.seq),
            FOLLOWS,
        )
    )
    found = []
    for move, start, end, counterpart, site in rows:
        where = Whereabouts.ISSUED if move.reason is MoveReason.ISSUE else Whereabouts.GONE
        place = f"{site or ''} {start.name}".strip()
        part = lots[move.lot_id].part(
            where, place, move.quantity, counterpart or end.name, move.document_number, move.occurred_at
        )
        found.append(part)
    return found
