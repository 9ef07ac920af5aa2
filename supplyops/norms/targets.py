"""What a place should keep: the one reckoning that adequacy, purchase plans and the floors of plans share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.norms.queries import ParameterRow, parameters, thresholds
from supplyops.norms.rules import ReserveMethod, Season
from supplyops.norms.tables import ReserveNorm
from supplyops.people.rules import Level
from supplyops.places.tables import Area
from supplyops.runtime import Context

MOVED_CRITERION = "moved_or_aid"


@dataclass(frozen=True, slots=True)
class Persons:
    """How many people a reserve is kept for, how they were counted, and where the figure comes from."""

    count: int
    method: ReserveMethod
    source_mark: str


@dataclass(frozen=True, slots=True)
class Target:
    """What one place should keep of one item; `floor` is the part of it that plans may not touch."""

    quantity: int
    floor: int
    persons: int
    method: ReserveMethod
    source_marks: tuple[str, ...]


def season_on(day: date, winter_months: str) -> Season:
    """The season a day belongs to; `none` means that the place knows no winter."""
    if winter_months.strip() == "none":
        return Season.SUMMER
    months = {int(part) for part in winter_months.split(",")}
    return Season.WINTER if day.month in months else Season.SUMMER


def season_permille(norm: ReserveNorm, season: Season) -> int:
    """The factor of a season; for the whole year the larger one, because the reserve has to do for both."""
    if season is Season.WINTER:
        return norm.winter_permille
    if season is Season.SUMMER:
        return norm.summer_permille
    return max(norm.summer_permille, norm.winter_permille)


def exact_target(norm: ReserveNorm, persons: int, season: Season) -> Fraction:
    """Norm × people × season factor, before rounding."""
    base = (
        Fraction(norm.fixed_quantity)
        if norm.method is ReserveMethod.FIXED
        else Fraction(norm.quantity_per_thousand * persons, 1000)
    )
    return base * season_permille(norm, season) / 1000


def rounded_up(amount: Fraction) -> int:
    """Whole units that are enough."""
    return int(-(-amount // 1))


class Targets:
    """Norms, parameters and populations of one day, read once and asked many times."""

    def __init__(self, ctx: Context, day: date | None = None) -> None:
        self.day = day or business_day(ctx.now)
        self._norms = {(norm.level, norm.item_id): norm for norm in ctx.session.scalars(select(ReserveNorm))}
        self._figures: dict[str, ParameterRow] = {row.key: row for row in parameters(ctx, self.day)}
        self._thresholds = [row for row in thresholds(ctx) if row.criterion == MOVED_CRITERION]
        self._population = {row.code: row.population for row in ctx.session.execute(select(Area.code, Area.population))}

    @property
    def season(self) -> Season:
        """The season of the day."""
        return season_on(self.day, self.figure("reserve.winter_months"))

    def figure(self, key: str) -> str:
        """A parameter in force. Raises NotFound."""
        return self._row(key).value

    def number(self, key: str) -> int:
        """A parameter as a whole number. Raises NotFound."""
        return int(Fraction(self.figure(key)))

    def items_at(self, level: Level) -> list[UUID]:
        """Items that a level has a norm for."""
        return [item_id for at, item_id in self._norms if at is level]

    def persons(self, level: Level, area_code: str, method: ReserveMethod | None = None) -> Persons:
        """The people a place plans for. Raises NotFound for a missing figure, Conflict `population_unknown`."""
        chosen = method or self._method_of(level)
        if chosen is ReserveMethod.SHARE:
            row = self._row("reserve.share_permille")
            population = self._population.get(area_code)
            if population is None:
                raise Conflict("population_unknown", area=area_code)
            return Persons(rounded_up(Fraction(population) * Fraction(row.value) / 1000), chosen, row.source_mark)
        if chosen is ReserveMethod.RESPONSE:
            return self._of_response(chosen)
        row = self._row(f"reserve.{'moved' if chosen is ReserveMethod.MOVED else 'persons'}.{level.value}")
        return Persons(int(Fraction(row.value)), chosen, row.source_mark)

    def of(self, level: Level, area_code: str, item_id: UUID, season: Season | None = None) -> Target | None:
        """The target of an item at a place, None where the level has no norm for it. Raises as `persons` does."""
        norm = self._norms.get((level, item_id))
        if norm is None:
            return None
        fixed = norm.method is ReserveMethod.FIXED
        people = None if fixed else self.persons(level, area_code, norm.method)
        varies = norm.summer_permille != norm.winter_permille
        exact = exact_target(
            norm, people.count if people else 0, (season or self.season) if varies else (season or Season.ALL)
        )
        marks = {norm.source_mark, people.source_mark if people else norm.source_mark} - {""}
        return Target(
            quantity=rounded_up(exact),
            floor=rounded_up(exact * norm.floor_permille / 1000),
            persons=people.count if people else 0,
            method=people.method if people else ReserveMethod.FIXED,
            source_marks=tuple(sorted(marks)),
        )

    def known(self, level: Level, area_code: str, item_id: UUID, season: Season | None = None) -> Target | None:
        """As `of`; None also where a figure is missing that it would be reckoned from."""
        try:
            return self.of(level, area_code, item_id, season)
        except (NotFound, Conflict):
            return None

    def _method_of(self, level: Level) -> ReserveMethod:
        row = self._figures.get(f"reserve.method.{level.value}")
        return ReserveMethod(row.value) if row is not None else ReserveMethod.SET

    def _of_response(self, method: ReserveMethod) -> Persons:
        """Enough for every event of the level: one person less than where the next graver level begins."""
        level = self.number("reserve.response_level")
        by_level = {row.response_level: row for row in self._thresholds}
        graver = by_level.get(level - 1)
        if graver is not None:
            return Persons(graver.minimum - 1, method, graver.source_mark)
        if level not in by_level:
            raise NotFound("parameter", key=f"{MOVED_CRITERION}.{level}")
        return Persons(by_level[level].minimum, method, by_level[level].source_mark)

    def _row(self, key: str) -> ParameterRow:
        if key not in self._figures:
            raise NotFound("parameter", key=key)
        return self._figures[key]
