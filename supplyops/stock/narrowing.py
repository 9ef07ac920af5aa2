"""What a filter of stock asks: of totals as far as these can tell, and of balances where single lots matter.

Totals know place, item, owner, exercise, and whether goods expire at all. What else narrows (dates, numbers, states) is a matter of
lots; where it leaves out few of very many, those few are taken off the totals.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select

from supplyops.catalogue.tables import Item
from supplyops.database.engine import ONLY_READS
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.expiry import NO_DATE, with_band
from supplyops.stock.rules import NEVER, LotState
from supplyops.stock.tables import Lot, StockBalance, StockTotal
from supplyops.stock.views import StockFilter

NUMBERS_MAX = 500
"""So many lots with a text in their number are looked up one by one; more are found by reading all."""
LYING = StockBalance.on_hand > literal_column("0")
"""There is something; written as the indexes of such rows have it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter with its band's days and what its text means."""

    where: StockFilter
    items: Collection[UUID] | None = None
    """Items that the text names; None where there is no text."""
    lots: Collection[UUID] | None = ()
    """Lots with the text in their number; None where they are very many."""

    @property
    def is_of_totals(self) -> bool:
        """Can totals tell, but for lots that are taken off them?"""
        where = self.where
        whole = not (where.lot_number or where.include_empty or where.expires_by is not None)
        return whole and where.lot_state in {None, LotState.NORMAL} and self.lots is not None and not self.lots

    @property
    def is_dated(self) -> bool | None:
        """Only goods that expire, or only those that do not; None for both."""
        if self.where.band == NO_DATE:
            return False
        return True if self.where.expires_from is not None or self.where.expires_by is not None else None

    def up_to(self, last: date) -> Asked | None:
        """The same as far as it is of goods that are good until a day at the latest; None where it is of none such."""
        where = self.where
        if self.is_dated is False or (where.expires_from is not None and where.expires_from > last):
            return None
        by = last if where.expires_by is None else min(where.expires_by, last)
        return replace(self, where=replace(where, expires_by=by))

    def taken_off(self) -> ColumnElement[bool] | None:
        """Which balances are in the totals but not asked for; None where there is none."""
        off: list[ColumnElement[bool]] = []
        if self.where.expires_from is not None:
            off.append(StockBalance.good_until < self.where.expires_from)
        if self.where.lot_state is LotState.NORMAL:
            off.append(StockBalance.lot_id.in_(blocked_lots()))
        if not off:
            return None
        named = [] if self.items is None else [StockBalance.item_id.in_(self.items)]
        by_date = self._by_date() if self.where.lot_state is not None else []  # a day before another is before the last
        return and_(*self._of_both(StockBalance), *by_date, *named, LYING, or_(*off))

    def of_totals(self) -> list[ColumnElement[bool]]:
        """What is asked of totals."""
        conditions = [*self._of_both(StockTotal), StockTotal.lots > 0]
        if self.items is not None:
            conditions.append(StockTotal.item_id.in_(self.items))
        return conditions if self.is_dated is None else [*conditions, StockTotal.is_dated.is_(self.is_dated)]

    def of_balances(self) -> list[ColumnElement[bool]]:
        """What is asked of balances."""
        where, conditions = self.where, self._of_both(StockBalance)
        if where.expires_by is None or self.is_dated is False:
            conditions += self._by_date()  # else one bound is enough: of two an index may take the wider one
        if not where.include_empty:
            conditions.append(LYING)
        if self.items is not None:
            conditions.append(self._named())
        if where.lot_number:
            # One value by the index of its number: a balance's own copy of the number has none.
            conditions.append(
                StockBalance.lot_id == select(Lot.id).where(Lot.number == where.lot_number).scalar_subquery()
            )
        if where.expires_by is not None:
            conditions.append(StockBalance.good_until <= where.expires_by)
        if where.expires_from is not None:
            conditions.append(StockBalance.good_until >= where.expires_from)
        if where.lot_state is LotState.NORMAL:
            conditions.append(StockBalance.lot_id.not_in(blocked_lots()))
        elif where.lot_state is not None:
            conditions.append(StockBalance.lot_id.in_(blocked_lots(where.lot_state)))
        return conditions

    def _named(self) -> ColumnElement[bool]:
        assert self.items is not None
        items = StockBalance.item_id.in_(self.items)
        if self.lots is None:
            return or_(items, StockBalance.lot_number.contains(self.where.text.strip(), autoescape=True))
        lots = StockBalance.lot_id.in_(self.lots)
        return or_(items, lots) if self.items and self.lots else lots if self.lots else items

    def _by_date(self) -> list[ColumnElement[bool]]:
        if self.is_dated is None:
            return []
        return [StockBalance.good_until < NEVER if self.is_dated else StockBalance.good_until == NEVER]

    def _of_both(self, kind: type[StockBalance] | type[StockTotal]) -> list[ColumnElement[bool]]:
        """What is asked of place, item and owner."""
        where = self.where
        conditions: list[ColumnElement[bool]] = [] if where.include_exercise else [kind.is_exercise.is_(False)]
        if where.sku:
            conditions.append(kind.item_id.in_(select(Item.id).where(Item.sku == where.sku)))
        if where.location_id:
            conditions.append(kind.location_id == where.location_id)
        for column, noun, equal in (
            (kind.owner_id, Organisation, ((Organisation.level, where.owner_level), (Organisation.code, where.owner_code))),
            (kind.site_id, Site, ((Site.level, where.site_level), (Site.code, where.site_code))),
            (kind.location_id, Location, ((Location.code, where.location_code),)),
        ):  # fmt: skip
            narrowed = [wanted == value for wanted, value in equal if value]
            if narrowed:
                conditions.append(column.in_(select(noun.id).where(*narrowed)))
        if where.place_kinds:
            conditions.append(kind.location_id.in_(select(Location.id).where(Location.kind.in_(where.place_kinds))))
        return conditions


def asked(ctx: Context, where: StockFilter) -> Asked:
    """The filter, with what its words mean looked up: once for all questions of a page."""
    where = with_band(ctx, where)
    text = where.text.strip()
    if not text:
        return Asked(where)
    known = ctx.session.info.setdefault("stock_text", {}) if ctx.session.info.get(ONLY_READS) else {}
    if text not in known:
        known[text] = _items_named(ctx, text), _lots_numbered(ctx, text)
    return Asked(where, *known[text])


def without_dates(where: Asked) -> Asked:
    """The same without what it says of days."""
    return replace(where, where=replace(where.where, band="", expires_by=None, expires_from=None))


def _items_named(ctx: Context, text: str) -> frozenset[UUID]:
    folded = text.lower()
    fits = or_(
        Item.name.contains(text, autoescape=True),
        Item.sku.contains(text.upper(), autoescape=True),
        Item.pinyin.contains(folded, autoescape=True),
        Item.initials.contains(folded, autoescape=True),
    )
    return frozenset(ctx.session.scalars(select(Item.id).where(fits)))


def _lots_numbered(ctx: Context, text: str) -> frozenset[UUID] | None:
    fits = Lot.number.contains(text, autoescape=True)
    found = ctx.session.scalars(select(Lot.id).where(fits).limit(NUMBERS_MAX + 1)).all()
    return frozenset(found) if len(found) <= NUMBERS_MAX else None


def lots_by_item(ctx: Context, where: Asked) -> dict[UUID, int]:
    """How many rows of the list each item has, in the list's order of items; items without any are left out."""
    if where.is_of_totals:
        found = _counted(ctx, StockTotal, func.sum(StockTotal.lots), where.of_totals())
        off = where.taken_off()
        if off is not None:
            for item_id, count in _counted(ctx, StockBalance, func.count(), [off]).items():
                found[item_id] -= count
    else:
        found = _counted(ctx, StockBalance, func.count(), where.of_balances())
    return {item_id: count for item_id, count in found.items() if count}


def _counted(ctx: Context, kind: Any, count: Any, conditions: list[ColumnElement[bool]]) -> dict[UUID, int]:
    counted = select(kind.item_id, count.label("rows")).select_from(kind).where(*conditions).group_by(kind.item_id)
    each = counted.subquery()
    rows = ctx.session.execute(
        also_showing(select(each.c.item_id, each.c.rows).join(Item, Item.id == each.c.item_id).order_by(Item.sku), Site)
    )
    return {item_id: int(count) for item_id, count in rows}


FEW = 1_000
"""So many rows of single lots are put in order in one go."""


def keys_of_page(
    ctx: Context, where: Asked, counts: dict[UUID, int], offset: int, limit: int
) -> list[tuple[UUID, UUID]]:
    """Places and lots of the rows on a page, in the list's order."""
    if not where.is_of_totals and sum(counts.values()) <= FEW:
        parts = [_keys(where, True).offset(offset).limit(limit)]
    else:
        parts = [keys_of(where, *span) for span in spans(counts, offset, limit)]
    return [(place, lot) for part in parts for place, lot in ctx.session.execute(also_showing(part, Site))]


def spans(counts: dict[UUID, int], offset: int, limit: int) -> list[tuple[list[UUID], int, int | None]]:
    """Which rows of which items stand on a page: items, rows of them to skip, rows to take; all where that is None.

    Items that stand there as a whole are asked for in one go.
    """
    found: list[tuple[list[UUID], int, int | None]] = []
    start = 0
    for item_id, count in counts.items():
        first, last = max(offset - start, 0), min(offset + limit - start, count)
        start += count
        if first >= last:
            continue
        if last - first < count:
            found.append(([item_id], first, last - first))
        elif found and found[-1][2] is None:
            found[-1][0].append(item_id)
        else:
            found.append(([item_id], 0, None))
    return found


def keys_of(where: Asked, item_ids: list[UUID], skip: int, take: int | None) -> Select[UUID, UUID]:
    """Places and lots of some items in the list's order; of one item so that an index has them in order."""
    if take is None:
        return _keys(where, True).where(StockBalance.item_id.in_(item_ids))
    return _keys(where, False).where(StockBalance.item_id == item_ids[0]).offset(skip).limit(take)


def _keys(where: Asked, is_of_many: bool) -> Select[UUID, UUID]:
    code = select(Location.code).where(Location.id == StockBalance.location_id).scalar_subquery()
    sku = select(Item.sku).where(Item.id == StockBalance.item_id).scalar_subquery()
    order = (*([sku] if is_of_many else []), StockBalance.good_until, StockBalance.lot_number, code)
    return select(StockBalance.location_id, StockBalance.lot_id).where(*where.of_balances()).order_by(*order)
