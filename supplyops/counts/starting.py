"""Choosing what a count covers, and writing its sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.counts.balances import books_at, moved_since, on_hand
from supplyops.counts.figures import Figures
from supplyops.counts.rules import OPEN_COUNT, CountInput, GoodsQuality, value_classes
from supplyops.counts.tables import StockCount, StockCountLine, StockCountPlace
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import Lot

COUNTED_KINDS = (LocationKind.STORAGE, LocationKind.QUARANTINE, LocationKind.TEAM)


def places_of(ctx: Context, site: Site, wanted: CountInput) -> list[Location]:
    """The places that a count covers, by zone, shelf and code. Raises InvalidInput for one that is not there."""
    rows = ctx.session.scalars(
        select(Location)
        .where(Location.site_id == site.id, Location.kind.in_(COUNTED_KINDS))
        .order_by(Location.zone, Location.shelf, Location.bin, Location.code)
    ).all()
    errors = []
    for field, known in (
        ("zones", {row.zone for row in rows}),
        ("shelves", {row.shelf for row in rows}),
        ("location_codes", {row.code for row in rows}),
    ):
        errors += [
            FieldError(f"{field}.{place}", "unknown_reference", {"value": text[:40]})
            for place, text in enumerate(getattr(wanted, field))
            if text not in known
        ]
    if errors:
        raise InvalidInput(fields=tuple(errors))
    chosen = [
        row
        for row in rows
        if (not wanted.zones or row.zone in wanted.zones)
        and (not wanted.shelves or row.shelf in wanted.shelves)
        and (not wanted.location_codes or row.code in wanted.location_codes)
    ]
    if not chosen:
        raise InvalidInput(fields=(FieldError("location_codes", "nothing_to_count"),))
    return chosen


def refuse_counted(ctx: Context, places: Sequence[Location]) -> None:
    """Raise Conflict `being_counted` where another count that is not over covers one of the places."""
    statement = (
        select(StockCount.number, Location.name)
        .join(StockCountPlace, StockCountPlace.count_id == StockCount.id)
        .join(Location, Location.id == StockCountPlace.location_id)
        .where(StockCountPlace.location_id.in_([row.id for row in places]), StockCount.state.in_(OPEN_COUNT))
        .order_by(StockCount.number, Location.code)
    )
    found = ctx.session.execute(unscoped(statement, "a place is counted once at a time, whoever counts it")).first()
    if found is not None:
        raise Conflict("being_counted", number=found[0], location=found[1])


def write_lines(ctx: Context, count: StockCount, places: Sequence[Location], wanted: CountInput, known: Figures) -> int:
    """One line for each lot that lies at a place, lay there at the base time, or came and went since; returns how many."""
    order = {row.id: place for place, row in enumerate(places)}
    held = on_hand(ctx, list(order))
    keys = {key for key, row in held.items() if row.on_hand}
    keys |= {
        (place, move.lot_id)
        for move in moved_since(ctx, list(order), count.base_at)
        for place in (move.source_id, move.target_id)
        if place in order
    }
    lots = {row.id: row for row in ctx.session.scalars(select(Lot).where(Lot.id.in_({lot for _, lot in keys})))}
    items = {
        row.id: row
        for row in ctx.session.scalars(select(Item).where(Item.id.in_({lot.item_id for lot in lots.values()})))
    }
    keys = {key for key in keys if lots[key[1]].item_id in _chosen_items(ctx, keys, lots, items, wanted, known)}
    books = books_at(ctx, dict.fromkeys(keys, count.base_at))
    ordered = sorted(keys, key=lambda key: (order[key[0]], items[lots[key[1]].item_id].sku, lots[key[1]].number))
    for line_no, (location_id, lot_id) in enumerate(ordered, start=1):
        ctx.session.add(
            new_line(
                ctx,
                count,
                line_no,
                location_id,
                lots[lot_id].item_id,
                lot_id,
                base_quantity=max(books[location_id, lot_id], 0),
            )
        )
    return len(ordered)


def _chosen_items(
    ctx: Context,
    keys: set[tuple[UUID, UUID]],
    lots: dict[UUID, Lot],
    items: dict[UUID, Item],
    wanted: CountInput,
    known: Figures,
) -> set[UUID]:
    """Items that the count is about, by code and by class of value."""
    chosen = set(items)
    if wanted.skus:
        strange = set(wanted.skus) - {item.sku for item in items.values()}
        if strange:
            place = next(place for place, sku in enumerate(wanted.skus) if sku in strange)
            raise InvalidInput(
                fields=(FieldError(f"skus.{place}", "unknown_reference", {"value": wanted.skus[place]}),)
            )
        chosen &= {item.id for item in items.values() if item.sku in wanted.skus}
    if wanted.value_classes:
        values: dict[UUID, int] = defaultdict(int)
        for (_, lot_id), row in on_hand(ctx, sorted({key[0] for key in keys})).items():
            values[row.item_id] += row.on_hand * lots[lot_id].unit_price_fen if lot_id in lots else 0
        classes = value_classes(values, known.value_classes)
        chosen &= {item for item, kind in classes.items() if kind in wanted.value_classes}
    return chosen


def new_line(
    ctx: Context,
    count: StockCount,
    line_no: int,
    location_id: UUID,
    item_id: UUID,
    lot_id: UUID | None,
    *,
    base_quantity: int = 0,
    is_found: bool = False,
    found: dict[str, object] | None = None,
) -> StockCountLine:
    """A line nobody has counted yet."""
    return StockCountLine(
        id=ctx.new_id(),
        count_id=count.id,
        line_no=line_no,
        location_id=location_id,
        item_id=item_id,
        lot_id=lot_id,
        is_found=is_found,
        found=found or {},
        base_quantity=base_quantity,
        book=None,
        counted=None,
        counted_at=None,
        counted_by_id=None,
        counted_by_name="",
        is_late=False,
        needs_recount=False,
        recounted=None,
        recounted_at=None,
        recounted_by_id=None,
        recounted_by_name="",
        quality=GoodsQuality.GOOD,
        note="",
        reason=None,
        reason_note="",
        explained_by_id=None,
    )
