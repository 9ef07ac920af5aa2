"""Asking how full reserves are: item by item, in groups, and what stands behind a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from supplyops.catalogue import queries as catalogue
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.norms.rules import ReserveMethod, Season
from supplyops.norms.targets import Targets
from supplyops.people.rules import Level
from supplyops.reserves.behind import contracts_behind, stock_behind
from supplyops.reserves.places import Place, Places
from supplyops.reserves.reckoning import all_items, place_named, row_of, rows_of, yardstick
from supplyops.reserves.rules import (
    FOUR_TAGS,
    Adequacy,
    Grouping,
    Yardstick,
    together,
)
from supplyops.reserves.supply import Amounts
from supplyops.reserves.views import (
    AdequacyDetail,
    AdequacyFilter,
    AdequacyGroup,
    AdequacyRow,
    Board,
    Crossing,
    MethodRow,
    StandIn,
)
from supplyops.runtime import Context, query
from supplyops.wording.labels import label

WAYS = (ReserveMethod.SET, ReserveMethod.MOVED, ReserveMethod.SHARE, ReserveMethod.RESPONSE)


@query(Permission.STOCK_SEE)
def adequacy(ctx: Context, where: AdequacyFilter) -> list[AdequacyRow]:
    """Every item that a visible place should keep or has, by place, then item."""
    return rows_of(ctx, where, Targets(ctx))


@query(Permission.STOCK_SEE)
def below(ctx: Context) -> list[AdequacyRow]:
    """What is below its target, the emptiest first; `is_below_floor` says where even the floor is not there."""
    rows = [row for row in adequacy(ctx, AdequacyFilter()) if row.gap > 0]
    return sorted(rows, key=lambda row: (row.coverage_permille or 0, row.level.value, row.area_code, row.sku))


@query(Permission.STOCK_SEE)
def groups(ctx: Context, by: Grouping, where: AdequacyFilter) -> list[AdequacyGroup]:
    """Reserves in groups; an item with several tags is in several groups."""
    return grouped(adequacy(ctx, where), by, yardstick(Targets(ctx)), _class_names(ctx))


@query(Permission.STOCK_SEE)
def board(ctx: Context, where: AdequacyFilter) -> Board:
    """Reserves at a glance."""
    rows, stick, names = adequacy(ctx, where), yardstick(Targets(ctx)), _class_names(ctx)
    tiers = grouped(rows, Grouping.TIER, stick, names)
    crossings = []
    for by in (Grouping.TAG, Grouping.NEED_CLASS, Grouping.GB_MAJOR):
        all_groups = {group.key: group.name for group in grouped(rows, by, stick, names)}
        keys = sorted(all_groups, key=_by_tag) if by is Grouping.TAG else list(all_groups)
        cells = []
        for tier in tiers:
            here = [row for row in rows if row.level.value == tier.key]
            by_key = {group.key: group for group in grouped(here, by, stick, names)}
            cells.append(tuple(by_key.get(key) for key in keys))
        crossings.append(Crossing(by, tuple(all_groups[key] for key in keys), tuple(keys), tuple(cells)))
    return Board(tuple(tiers), tuple(grouped(rows, Grouping.PLACE, stick, names)), tuple(crossings))


def _by_tag(tag: str) -> tuple[int, str]:
    """The four tags first, in the plan's order."""
    return (FOUR_TAGS.index(tag) if tag in FOUR_TAGS else len(FOUR_TAGS), tag)


def _class_names(ctx: Context) -> dict[str, str]:
    """Need classes by code, the most urgent first."""
    return {row.code: row.name for row in catalogue.need_classes(ctx)}


def grouped(
    rows: Sequence[AdequacyRow], by: Grouping, stick: Yardstick, class_names: Mapping[str, str]
) -> list[AdequacyGroup]:
    """Rows put together; the four tags and every need class are groups even where nothing is in them."""
    found: dict[str, list[AdequacyRow]] = {tag: [] for tag in FOUR_TAGS} if by is Grouping.TAG else {}
    if by is Grouping.NEED_CLASS:
        found = {code: [] for code in class_names}
    for row in rows:
        for key in _KEYS[by](row):
            found.setdefault(key, []).append(row)
    names: dict[Grouping, Callable[[str, AdequacyRow | None], str]] = {
        Grouping.TIER: lambda _, row: label(row.level) if row else "",
        Grouping.PLACE: lambda _, row: row.place_name if row else "",
        Grouping.TAG: lambda key, _: key,
        Grouping.NEED_CLASS: lambda key, _: class_names.get(key, key),
        Grouping.GB_MAJOR: lambda _, row: label(row.gb_major) if row else "",
    }
    return [_group(key, names[by](key, next(iter(some), None)), some, stick) for key, some in found.items()]


_KEYS: dict[Grouping, Callable[[AdequacyRow], Iterable[str]]] = {
    Grouping.TIER: lambda row: (row.level.value,),
    Grouping.PLACE: lambda row: (f"{row.level.value}:{row.area_code}",),
    Grouping.TAG: lambda row: row.hazard_tags,
    Grouping.NEED_CLASS: lambda row: (row.need_class,),
    Grouping.GB_MAJOR: lambda row: (row.gb_major.value,),
}


def _group(key: str, name: str, rows: Sequence[AdequacyRow], stick: Yardstick) -> AdequacyGroup:
    coverage = together(rows)
    counted = {colour: sum(row.colour is colour for row in rows) for colour in Adequacy}
    return AdequacyGroup(
        key=key,
        name=name,
        coverage_permille=coverage,
        colour=stick.colour(None if coverage is None else Fraction(coverage, 1000)),
        green=counted[Adequacy.GREEN],
        amber=counted[Adequacy.AMBER],
        red=counted[Adequacy.RED],
        grey=counted[Adequacy.GREY],
        gap_cost_fen=sum(row.gap_cost_fen for row in rows),
        gap_volume_cm3=sum(row.gap_volume_cm3 for row in rows),
        gap_pallets=sum(row.gap_pallets for row in rows),
    )


@query(Permission.STOCK_SEE)
def detail(ctx: Context, level: Level, area_code: str, sku: str, season: Season | None = None) -> AdequacyDetail:
    """One figure taken apart: stock lot by lot, contracts, what may stand in. The season is today's unless said. Raises NotFound."""
    targets = Targets(ctx)
    place = place_named(ctx, level, area_code)
    wanted = AdequacyFilter(level=level, area_code=area_code, season=season)
    rows = {row.sku: row for row in rows_of(ctx, wanted, targets)}
    item = catalogue.item(ctx, sku)
    row = rows.get(sku) or row_of(place, all_items(ctx)[item.id], Amounts(), None, yardstick(targets), None)
    stick = yardstick(targets)
    places = Places(ctx)
    good_after = targets.day + timedelta(days=stick.horizon_days)
    pairs = catalogue.substitutes(ctx)
    stock, society = stock_behind(ctx, places, place, item.id, targets.day, good_after)
    return AdequacyDetail(
        row=row,
        season=season or targets.season,
        asked_at=ctx.now,
        stock=tuple(stock),
        society=tuple(society),
        contracts=tuple(contracts_behind(ctx, places, place, item.id, targets.day, stick.contract_hours)),
        stand_ins=tuple(
            _stand_in(ctx, pair.substitute_sku, pair.item_quantity, pair.substitute_quantity, pair.note, rows)
            for pair in pairs
            if pair.sku == sku
        ),
        stands_in_for=tuple(
            _stand_in(ctx, pair.sku, pair.item_quantity, pair.substitute_quantity, pair.note, rows)
            for pair in pairs
            if pair.substitute_sku == sku
        ),
    )


def _stand_in(
    ctx: Context, sku: str, quantity: int, substitutes: int, note: str, rows: dict[str, AdequacyRow]
) -> StandIn:
    other = catalogue.item(ctx, sku)
    usable = rows[sku].usable if sku in rows else 0
    return StandIn(sku, other.name, other.unit, quantity, substitutes, usable, usable * quantity // substitutes, note)


@query(Permission.STOCK_SEE)
def methods(ctx: Context) -> list[MethodRow]:
    """How many people each way of counting gives for each visible place; those that cannot be reckoned show none."""
    targets = Targets(ctx)
    found = []
    for place in Places(ctx).visible(ctx):
        in_force = _persons(targets, place, None)
        for way in WAYS:
            people = _persons(targets, place, way)
            found.append(
                MethodRow(
                    place.level,
                    place.area_code,
                    place.name,
                    way,
                    people.count if people else None,
                    people.source_mark if people else "",
                    in_force is not None and in_force.method is way,
                )
            )
    return found


def _persons(targets: Targets, place: Place, way: ReserveMethod | None) -> Any:
    try:
        return targets.persons(place.level, place.area_code, way)
    except (NotFound, Conflict):
        return None


@query(Permission.STOCK_SEE)
def visible_places(ctx: Context) -> list[Place]:
    """Places whose reserves the reader may see, higher levels first."""
    return Places(ctx).visible(ctx)


@query(Permission.STOCK_SEE)
def yardstick_in_force(ctx: Context) -> Yardstick:
    """The figures that coverage is reckoned with today."""
    return yardstick(Targets(ctx))
