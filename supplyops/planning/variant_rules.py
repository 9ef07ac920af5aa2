"""Other solutions of a plan's problem: where they come from, and how long to look for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supplyops.kernel.checks import Checks

SECONDS_MAX = 600
SECONDS_DEFAULT = 8
"""For each of the three."""
ALTERNATIVES_JOB_KIND = "plan_alternatives"


class VariantOrigin(StrEnum):
    """What a variant stresses, that somebody made it by hand, or that it takes a late line along."""

    FAST = "fast"
    FAIR = "fair"
    FRUGAL = "frugal"
    EDITED = "edited"
    LATE = "late"


class Measure(StrEnum):
    """A figure by which plans are laid side by side."""

    CLASS_SERVED = "class_served"
    CLASS_POOREST = "class_poorest"
    SERVED_PERSONS = "served_persons"
    LINES_FULL = "lines_full"
    LATE_LINES = "late_lines"
    POOREST_PLACE = "poorest_place"
    MEAN_ARRIVAL = "mean_arrival"
    LAST_ARRIVAL = "last_arrival"
    VEHICLES = "vehicles"
    TRIPS = "trips"
    DISTANCE = "distance"
    COST = "cost"
    GOODS = "goods"
    ORDER_OF_USE = "order_of_use"
    FLOORS = "floors"


@dataclass(frozen=True, slots=True)
class AlternativesOptions:
    """How long to look for each alternative. Seconds or iterations, not both: iterations replay exactly."""

    seconds: int | None = None
    iterations: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check = Checks()
        check.that(self.seconds is None or self.iterations is None, "seconds", "seconds_or_iterations")
        if self.seconds is not None:
            check.whole("seconds", self.seconds, minimum=1, maximum=SECONDS_MAX)
        if self.iterations is not None:
            check.whole("iterations", self.iterations, minimum=1, maximum=1_000_000)
        check.whole("seed", self.seed, maximum=2**31 - 1)
        check.done()
