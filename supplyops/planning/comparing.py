"""A plan and its variants in numbers with names: what each reaches, what differs, who gains and who loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from optimizer.codec import from_json
from optimizer.comparison import Difference, Reached, difference, identity, reached
from optimizer.model import Problem
from optimizer.solution import Solution
from supplyops.kernel.errors import SupplyError
from supplyops.planning.figures import plan_figures
from supplyops.planning.naming import Names
from supplyops.planning.rules import Rung
from supplyops.planning.saving import unbooked
from supplyops.planning.tables import Plan
from supplyops.runtime import Context


@dataclass(frozen=True, slots=True)
class ClassReachedRow:
    """One class of needs: ‰ of persons served in time, of the poorest line; lines served in full."""

    class_rank: int
    served_permille: int
    least_fill_permille: int
    lines_full: int
    lines: int


@dataclass(frozen=True, slots=True)
class RungShareRow:
    """‰ of what is served in time that comes from one rung of the order of use."""

    place: int
    rungs: tuple[Rung, ...]
    permille: int


@dataclass(frozen=True, slots=True)
class FloorUseRow:
    """A store drawn on that has a floor."""

    site_name: str
    item_name: str
    taken: int
    stays: int
    floor: int
    is_reached: bool


@dataclass(frozen=True, slots=True)
class ReachedRow:
    """What a plan reaches."""

    classes: tuple[ClassReachedRow, ...]
    served_persons: int
    asked_persons: int
    lines_full: int
    lines: int
    late_lines: int
    mean_arrives_at: datetime | None
    last_arrives_at: datetime | None
    poorest_site_name: str
    poorest_permille: int | None
    distance_m: int
    vehicles_used: int
    trips: int
    cost_fen: int
    goods_fen: int
    rungs: tuple[RungShareRow, ...]
    floors: tuple[FloorUseRow, ...]
    floors_reached: int


@dataclass(frozen=True, slots=True)
class PlanDeltas:
    """A variant's figures less the plan's. Arrivals in seconds: above zero is later."""

    served_persons: int
    lines_full: int
    late_lines: int
    mean_arrival_s: int | None
    last_arrival_s: int | None
    poorest_permille: int | None
    distance_m: int
    vehicles_used: int
    trips: int
    cost_fen: int
    goods_fen: int
    floors_reached: int
    classes: tuple[tuple[int, int], ...]
    """By class: ‰ served."""


@dataclass(frozen=True, slots=True)
class LineFareRow:
    """A request line that fares differently."""

    request_number: str
    request_line_no: int
    item_name: str
    unit: str
    delivery_site_name: str
    before: int
    after: int
    arrives_before: datetime | None
    arrives_after: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceFareRow:
    """A place that fares differently: ‰ of its persons × fill in time."""

    site_name: str
    before_permille: int
    after_permille: int


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """A variant beside the plan."""

    reached: ReachedRow
    deltas: PlanDeltas
    is_same: bool
    """The very same goods on the very same trips as the plan's."""
    is_equal: bool
    """Other trips perhaps, but no figure differs and nobody gains or loses."""
    places: tuple[PlaceFareRow, ...]
    lines: tuple[LineFareRow, ...]


class Comparer:
    """Lays solutions of one plan's problem beside the plan; of that problem with a late line in it, where it is given."""

    def __init__(self, ctx: Context, plan: Plan, problem: Mapping[str, Any] | None = None) -> None:
        asked = plan.problem if problem is None else problem
        self.asked: Mapping[str, Any] = asked
        self.starts_at = plan.starts_at
        self._problem = from_json(Problem, asked)
        self._solution = from_json(Solution, unbooked(plan.solution))
        self._reached = reached(self._problem, self._solution)
        self._names = Names(ctx, asked)
        self._rungs = _rung_names(ctx)
        self.base = self._row(self._reached)

    def is_base(self, solution: Solution) -> bool:
        """Is that the plan itself?"""
        return identity(solution) == identity(self._solution)

    def are_equal(self, one: Solution, other: Solution) -> bool:
        """Do two solutions come to the same figures for everybody?"""
        return difference(self._problem, one, other).is_equal

    def figures(self, solution: Solution) -> VariantFigures:
        """A solution beside the plan."""
        found, differs = reached(self._problem, solution), difference(self._problem, self._solution, solution)
        return VariantFigures(
            reached=self._row(found),
            deltas=_deltas(self._reached, found),
            is_same=differs.is_same,
            is_equal=differs.is_equal,
            places=self._places(differs),
            lines=self._lines(differs),
        )

    def _row(self, found: Reached) -> ReachedRow:
        names = self._names
        return ReachedRow(
            classes=tuple(
                ClassReachedRow(row.class_rank, row.served_permille, row.least_fill_permille, row.lines_full, row.lines)
                for row in found.classes
            ),
            served_persons=found.served_persons,
            asked_persons=found.asked_persons,
            lines_full=found.lines_full,
            lines=found.lines,
            late_lines=found.late_lines,
            mean_arrives_at=self._at(found.mean_arrival_at),
            last_arrives_at=self._at(found.last_arrival_at),
            poorest_site_name=names.site(found.poorest_site_id) if found.poorest_site_id else "",
            poorest_permille=found.poorest_permille,
            distance_m=found.distance_m,
            vehicles_used=found.vehicles_used,
            trips=found.trips,
            cost_fen=found.cost_fen,
            goods_fen=found.goods_fen,
            rungs=tuple(RungShareRow(place, self._rungs.get(place, ()), share) for place, share in found.rungs),
            floors=tuple(
                FloorUseRow(
                    names.site(use.site_id), names.item(use.item_id), use.taken, use.stays, use.floor, use.is_reached
                )
                for use in found.floors
            ),
            floors_reached=found.floors_reached,
        )

    def _places(self, differs: Difference) -> tuple[PlaceFareRow, ...]:
        rows = sorted(differs.places, key=lambda row: row.after_permille - row.before_permille)
        return tuple(
            PlaceFareRow(self._names.site(row.site_id), row.before_permille, row.after_permille) for row in rows
        )

    def _lines(self, differs: Difference) -> tuple[LineFareRow, ...]:
        names = self._names
        rows = sorted(differs.lines, key=lambda row: row.after - row.before)
        return tuple(
            LineFareRow(
                *names.request(row.line_id), *names.asked(row.line_id), names.delivery(row.line_id), row.before, row.after,
                self._at(row.arrives_before), self._at(row.arrives_after),
            )
            for row in rows
        )  # fmt: skip

    def _at(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.starts_at + timedelta(seconds=seconds)


def _deltas(before: Reached, after: Reached) -> PlanDeltas:
    was = {row.class_rank: row.served_permille for row in before.classes}

    def less(name: str) -> int | None:
        one, other = getattr(before, name), getattr(after, name)
        return None if one is None or other is None else other - one

    def whole(name: str) -> int:
        return int(getattr(after, name) - getattr(before, name))

    return PlanDeltas(
        whole("served_persons"), whole("lines_full"), whole("late_lines"), less("mean_arrival_at"), less("last_arrival_at"),
        less("poorest_permille"), whole("distance_m"), whole("vehicles_used"), whole("trips"), whole("cost_fen"),
        whole("goods_fen"), whole("floors_reached"),
        tuple((row.class_rank, row.served_permille - was.get(row.class_rank, 0)) for row in after.classes),
    )  # fmt: skip


def _rung_names(ctx: Context) -> dict[int, tuple[Rung, ...]]:
    """Which rungs stand at each place of the order of use; nothing where nobody has set the order."""
    try:
        order = plan_figures(ctx).order_of_use
    except SupplyError:
        return {}
    found: dict[int, tuple[Rung, ...]] = {}
    for rung, place in order.items():
        found[place] = (*found.get(place, ()), rung)
    return found
