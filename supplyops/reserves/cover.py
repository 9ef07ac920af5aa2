"""How long stock lasts when so many people have to be looked after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from supplyops.catalogue import queries as catalogue
from supplyops.catalogue.queries import ItemRow
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.norms.figures import fraction, number
from supplyops.norms.queries import norms_in_force
from supplyops.norms.rules import DayRule, Drivers, Norm, Season
from supplyops.norms.targets import Targets
from supplyops.people.rules import Level
from supplyops.reserves.places import Places
from supplyops.reserves.reckoning import place_named, yardstick
from supplyops.reserves.rules import Use
from supplyops.reserves.supply import pooled
from supplyops.reserves.views import CoverRow
from supplyops.runtime import Context, query

PERSONS_MAX = 10_000_000


@dataclass(frozen=True, slots=True)
class CoverInput:
    """Whom a place's stock has to last for. `sheltered` None is everybody; `with_below` counts the levels below as well."""

    level: Level
    area_code: str
    persons: int
    season: Season
    hazard: str = ""
    sheltered: int | None = None
    livestock: int = 0
    with_below: bool = True

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("persons", self.persons, minimum=1, maximum=PERSONS_MAX)
        check.that(self.season is not Season.ALL, "season", "unknown_choice", value=self.season.value)
        if self.sheltered is not None:
            check.whole("sheltered", self.sheltered, maximum=self.persons)
        check.whole("livestock", self.livestock, maximum=PERSONS_MAX)
        check.done()


@query(Permission.STOCK_SEE)
def cover(ctx: Context, wanted: CoverInput) -> list[CoverRow]:
    """Hours that each item lasts, the shortest first; items that nobody needs in the season are left out."""
    targets, places = Targets(ctx), Places(ctx)
    place = place_named(ctx, wanted.level, wanted.area_code)
    pool = {
        each.key
        for each in places.all.values()
        if each == place or (wanted.with_below and each.head_path.startswith(place.head_path))
    }
    good_after = targets.day + timedelta(days=yardstick(targets).horizon_days)
    stock = pooled(ctx, places, pool, targets.day, good_after)
    items = {item.sku: item for item in catalogue.items(ctx)}
    by_sku: dict[str, list[Norm]] = defaultdict(list)
    for norm in norms_in_force(ctx, wanted.season, wanted.hazard, targets.day):
        by_sku[norm.sku].append(norm)
    drivers, per_tent = drivers_of(ctx, wanted), fraction(ctx, "persons_per_tent")
    rows = [
        _row(items[sku], use_of(norms, drivers, per_tent), norms, stock.get(items[sku].id, 0))
        for sku, norms in sorted(by_sku.items())
    ]
    needed = [row for row in rows if row.needed_first_day > 0]
    return sorted(needed, key=lambda row: (row.hours is None, row.hours or 0, row.sku))


def drivers_of(ctx: Context, wanted: CoverInput) -> Drivers:
    """The people of a question, counted as norms count them."""
    persons = wanted.persons

    def share(of: Fraction) -> int:
        return int(-(-Fraction(persons) * of // 1))

    return Drivers(
        persons=persons,
        households=share(1 / fraction(ctx, "household_size")),
        sheltered=persons if wanted.sheltered is None else wanted.sheltered,
        infants=share(Fraction(number(ctx, "infant_permille"), 1000)),
        elderly=share(Fraction(number(ctx, "elderly_permille"), 1000)),
        women=share(Fraction(number(ctx, "women_permille"), 1000)),
        livestock=wanted.livestock,
    )


def use_of(norms: Sequence[Norm], drivers: Drivers, persons_per_tent: Fraction) -> Use:
    """What the norms of one item come to for some people, in the item's content units.

    A norm's smallest quantity is needed at once. Norms for heights are left out: a reserve serves the whole area.
    """
    parts: dict[DayRule, Fraction] = defaultdict(Fraction)
    for norm in norms:
        count = drivers.count(norm.driver, persons_per_tent)
        if count == 0 or norm.elevation_min_m is not None:
            continue
        amount = count * norm.amount
        if norm.day_rule is DayRule.ONCE:
            amount = max(amount, Fraction(norm.minimum * norm.content_quantity))
        parts[norm.day_rule] += amount
    return Use(parts[DayRule.ONCE], parts[DayRule.EVERY_DAY], parts[DayRule.FIRST_THREE], parts[DayRule.AFTER_THREE])


def _row(item: ItemRow, use: Use, norms: Sequence[Norm], usable: int) -> CoverRow:
    content = item.content_quantity
    return CoverRow(
        sku=item.sku,
        item_name=item.name,
        unit=item.unit,
        need_class=item.need_class,
        usable=usable,
        needed_at_once=int(-(-use.once // content)),
        needed_first_day=int(-(-use.by_hour(Fraction(24)) // content)),
        hours=use.hours(Fraction(usable * content)),
        source_marks=tuple(sorted({norm.source_mark for norm in norms})),
    )
