"""The figures a plan is made with: parameters, read once, each with its own meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from optimizer.replan import Stability
from supplyops.catalogue.rules import LoadGroup
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.norms.figures import text_or_shipped
from supplyops.norms.queries import parameters
from supplyops.planning.rules import Rung
from supplyops.runtime import Context

T = TypeVar("T")
NONE = "none"
"""A list with nothing in it; an empty field would look forgotten."""
MIDDLE_TYPE = "middle"
"""Instead of a type of vehicle: the one of middle payload among those the house has."""


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What the trade takes for granted, as data. Durations are seconds."""

    approval_s: int
    """Nothing can leave earlier than this after the plan was asked for: approval and picking take their time."""
    stop_fixed_s: int
    packs_per_minute: int
    drive_s_max_single: int
    drive_s_max_double: int
    horizon_s: int
    late_s_max: int
    overdue_s: int
    """A vehicle that should be back and is not counts as free again after this."""
    freezing_below_c: int
    snow_months: frozenset[int]
    incompatible_groups: tuple[tuple[str, str], ...]
    order_of_use: Mapping[Rung, int]
    waiting_fen_per_person_hour: int
    """What one person's hour of waiting is worth against the cost of vehicles, once deadlines and classes are kept."""
    contract_vehicle_type: str
    """The type of vehicle a supplier is taken to deliver with, or MIDDLE_TYPE: it decides whether the supplier can get there."""


def plan_figures(ctx: Context) -> PlanFigures:
    """The figures in force. Raises NotFound for a parameter nobody has set, Conflict `bad_parameter` for one that says nothing."""
    values = {row.key: row.value for row in parameters(ctx)}

    def figure(key: str, read: Callable[[str], T]) -> T:
        name = f"plan.{key}"
        if name not in values:
            raise NotFound("parameter", key=name)
        try:
            return read(values[name])
        except (ValueError, ZeroDivisionError):
            raise Conflict("bad_parameter", key=name, value=values[name]) from None

    return PlanFigures(
        approval_s=figure("approval_minutes", _times(60)),
        stop_fixed_s=figure("stop_minutes", _times(60)),
        packs_per_minute=figure("packs_per_minute", int),
        drive_s_max_single=figure("drive_hours_single", _times(3600)),
        drive_s_max_double=figure("drive_hours_double", _times(3600)),
        horizon_s=figure("horizon_days", _times(86_400)),
        late_s_max=figure("late_hours", _times(3600)),
        overdue_s=figure("overdue_hours", _times(3600)),
        freezing_below_c=figure("freezing_below_c", int),
        snow_months=figure("snow_months", _months),
        incompatible_groups=figure("incompatible_groups", _pairs),
        order_of_use=figure("order_of_use", _rungs),
        waiting_fen_per_person_hour=figure("waiting_fen_per_person_hour", int),
        contract_vehicle_type=figure("contract_vehicle_type", str.strip),
    )


def snow_months(ctx: Context) -> frozenset[int]:
    """Months in which roads that are prone to it lie under snow."""
    value = text_or_shipped(ctx, "plan.snow_months")
    try:
        return _months(value)
    except ValueError:
        raise Conflict("bad_parameter", key="plan.snow_months", value=value) from None


def stability_figures(ctx: Context) -> Stability:
    """How much calm is worth when a plan is made near an older one. Raises Conflict `bad_parameter` for a figure that says nothing."""

    def figure(key: str, read: Callable[[str], int]) -> int:
        name = f"plan.{key}"
        value = text_or_shipped(ctx, name)
        try:
            return read(value)
        except (ValueError, ZeroDivisionError):
            raise Conflict("bad_parameter", key=name, value=value) from None

    return Stability(
        lock_s=figure("lock_minutes", _times(60)),
        change_person_s=figure("change_person_hours", _times(3600)),
        changes_permille_max=figure("changes_permille_max", int),
        tolerance_s=figure("same_time_minutes", _times(60)),
    )


def _times(seconds: int) -> Callable[[str], int]:
    return lambda text: int(Fraction(text) * seconds)


def _months(text: str) -> frozenset[int]:
    months = frozenset(int(part) for part in text.split(",") if part.strip() not in {"", NONE})
    if not months <= set(range(1, 13)):
        raise ValueError(text)
    return months


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """`food+chemical,food+fuel` keeps food apart from both."""
    pairs = [part.strip().split("+") for part in text.split(",") if part.strip() not in {"", NONE}]
    if any(first.strip() == second.strip() for first, second in pairs):
        raise ValueError(text)
    return tuple((LoadGroup(first.strip()).value, LoadGroup(second.strip()).value) for first, second in pairs)


def _rungs(text: str) -> dict[Rung, int]:
    """`own,delegated,neighbour,...`: the first goes first; `a=b` puts two on one rung. Every rung has a place."""
    places = {Rung(name.strip()): place for place, part in enumerate(text.split(",")) for name in part.split("=")}
    if set(places) != set(Rung):
        raise ValueError(text)
    return places
