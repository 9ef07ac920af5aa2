"""What stands on labels and bin cards. They are no papers: they say what is so now, and are printed as often as needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, case, func, select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.keeping import StorageClass
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.rules import MoveReason
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockDocumentLine, StockMove

LABELS_MAX = 2_000
"""Labels of one file."""


@dataclass(frozen=True, slots=True)
class LotLabelRow:
    """A lot as its label names it."""

    number: str
    sku: str
    item_name: str
    spec: str
    unit: str
    storage_class: StorageClass
    owner_name: str
    produced_on: date | None
    expires_on: date | None
    manufacturer: str
    maker_batch: str
    restriction: str
    is_exercise: bool


@dataclass(frozen=True, slots=True)
class BinCardRow:
    """One lot in one bin, as the card in sight there says it (货位卡)."""

    site_name: str
    location_code: str
    location_name: str
    position: str
    lot: LotLabelRow
    quantity: int
    stored_at: datetime | None
    stored_on: date | None
    """The day alone, of goods that lay there when the books were opened."""


@query(Permission.STOCK_SEE)
def lot_labels(ctx: Context, lot_number: str = "", document_number: str = "", site_code: str = "") -> list[LotLabelRow]:
    """Labels of one lot, of the lots of a store document, or of everything a site keeps, by number.

    Raises InvalidInput for more than one file may hold.
    """
    statement = _lots()
    if lot_number:
        statement = statement.where(Lot.number == lot_number)
    if document_number:
        statement = statement.join(StockDocumentLine, StockDocumentLine.lot_id == Lot.id).join(
            StockDocument, StockDocument.id == StockDocumentLine.document_id
        )
        statement = statement.where(StockDocument.number == document_number)
    here = select(StockBalance.lot_id).join(Location, Location.id == StockBalance.location_id)
    if site_code:
        here = here.join(Site, Site.id == Location.site_id).where(Site.code == site_code, StockBalance.on_hand > 0)
    statement = statement.where(Lot.id.in_(here)).order_by(Lot.number).limit(LABELS_MAX + 1)
    rows = {row[0].id: row for row in ctx.session.execute(also_showing(statement, Site))}
    _refuse_too_many(len(rows))
    return [_lot(*row) for row in rows.values()]


def _lots() -> Select[Lot, Item, str]:
    return (
        select(Lot, Item, Organisation.name)
        .join(Item, Item.id == Lot.item_id)
        .join(Organisation, Organisation.id == Lot.owner_id)
    )


def _lot(lot: Lot, item: Item, owner: str) -> LotLabelRow:
    return LotLabelRow(
        lot.number, item.sku, item.name, item.spec, item.unit, item.storage_class, owner, lot.produced_on, lot.expires_on,
        lot.manufacturer, lot.maker_batch, lot.restriction, lot.is_exercise,
    )  # fmt: skip


@query(Permission.STOCK_SEE)
def bin_cards(ctx: Context, site_code: str = "", location_code: str = "") -> list[BinCardRow]:
    """Cards of one bin, or of every bin of a site, by bin and lot: one for each lot that lies there."""
    statement = (
        select(StockBalance.on_hand, Location, Site.name, Lot, Item, Organisation.name)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Site, Site.id == Location.site_id)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(Organisation, Organisation.id == Lot.owner_id)
        .where(StockBalance.on_hand > 0, Location.kind.in_([LocationKind.STORAGE, LocationKind.QUARANTINE]))
        .order_by(Location.code, Lot.number)
        .limit(LABELS_MAX + 1)
    )
    if site_code:
        statement = statement.where(Site.code == site_code)
    if location_code:
        statement = statement.where(Location.code == location_code)
    rows = ctx.session.execute(also_showing(statement, Site)).all()
    _refuse_too_many(len(rows))
    stored = _stored(ctx, {(place.id, lot.id) for _, place, _, lot, _, _ in rows})
    return [
        BinCardRow(
            site,
            place.code,
            place.name,
            "-".join(part for part in (place.zone, place.shelf, place.bin) if part),
            _lot(lot, item, owner),
            on_hand,
            *_since(lot, stored.get((place.id, lot.id))),
        )
        for on_hand, place, site, lot, item, owner in rows
    ]


def _since(lot: Lot, first: tuple[datetime, bool] | None) -> tuple[datetime | None, date | None]:
    at, was_opened = first or (None, False)
    return at, lot.stored_on if was_opened else None


def _stored(ctx: Context, wanted: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], tuple[datetime, bool]]:
    """(location, lot) -> when the lot first came to lie there, and whether that was when the books were opened."""
    lots = sorted({lot_id for _, lot_id in wanted})
    found: dict[tuple[UUID, UUID], tuple[datetime, bool]] = {}
    opened = func.max(case((StockMove.reason == MoveReason.OPENING, 1), else_=0))
    for start in range(0, len(lots), 400):
        statement = (
            select(StockMove.target_id, StockMove.lot_id, func.min(StockMove.occurred_at), opened)
            .where(StockMove.lot_id.in_(lots[start : start + 400]), StockMove.reverses_id.is_(None))
            .group_by(StockMove.target_id, StockMove.lot_id)
        )
        rows = ctx.session.execute(statement)
        found.update(((place, lot), (at, bool(was))) for place, lot, at, was in rows if (place, lot) in wanted)
    return found


def _refuse_too_many(count: int) -> None:
    if count > LABELS_MAX:
        raise InvalidInput(fields=(FieldError("labels", "too_many", {"count": count, "maximum": LABELS_MAX}),))
