"""What the optimizer answers: who gets what from where, on which trip, what is not served and why, and how good it is.

What a trip is. The vehicle begins at its base (stop 0) no earlier than it is available, loads at exactly one stop (stop 0
itself where the base holds the goods, else the next one), visits delivery sites, each once, and ends at its base (last stop,
without loads). `Trip.departs_at` is stop 0's arrival, `Trip.returns_at` the last stop's. At a stop the vehicle may wait, then
handles goods until `departs_at`: handling starts at `departs_at` less the handling time, not before `arrives_at`. Handling
time = `Rules.stop_fixed_s` + one minute for every `Rules.packs_per_minute` packs begun, where each load counts as
ceil(quantity ÷ `Item.pack_quantity`) packs and the packs of a stop are added first; a stop without loads takes none.
Goods may not be handled at the loading stop before they are available; at most `Site.loading_bays` vehicles handle goods at
one loading site at a time (half-open intervals). Trips of one vehicle do not overlap. Weight and volume count all goods
aboard after loading but towed ones, which count against the towing capacity alone. Driving time of a trip is the sum of its
edges' times and stays within the limit for the vehicle's drivers.

Goods are not unloaded for a line before its window opens. An allocation arrives at its delivery stop's `departs_at`: in
time when that is no later than the line's due instant. A lot must arrive before it expires. Where the supplier
brings the goods, at every instant the quantity of a contract that has arrived is within what its steps have given; where
the fleet does, the same holds for what has started to be handled.

Figures, all rounded down once at the end: a line's fill is min(in-time serves, asked) ÷ asked; `served_permille` of a class is
1000 × Σ persons × fill ÷ Σ persons; `by_precedence` is 1000 × Σ persons × serves ÷ asked over in-time allocations of each rung;
a trip costs distance_m × cost_per_km ÷ 1000 + (returns_at − departs_at) × cost_per_hour ÷ 3600, each part rounded down, and
every vehicle used its fixed cost once; `goods_fen` is Σ quantity × unit price; `last_arrival_at` is 0 when nothing arrives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1


class Why(StrEnum):
    """Why a line is not served, or not in time. The binding reasons of a gap come first."""

    ALL_GIVEN = "all_given"  # the line has all there is of the item, and asked for more
    NO_STOCK = "no_stock"  # nothing in the chain holds the item
    EXPIRED = "expired"  # what there is expires before it could be there
    RESTRICTED = "restricted"  # a donor keeps it for others
    FLOOR = "floor"  # it has to stay in the store
    NO_ROAD = "no_road"  # no open road leads there
    ROAD_LIMIT = "road_limit"  # no vehicle that may use the roads there can carry it
    DEADLINE = "deadline"  # it can be there, but later
    CONTRACT_RAMP = "contract_ramp"  # the contract gives it later
    CONTRACT_MINIMUM = "contract_minimum"  # too little for the contract's smallest order
    HIGHER_CLASS = "higher_class"  # lines of a higher class took it
    SAME_CLASS = "same_class"  # shared out within the class
    MINIMUM_FILL = "minimum_fill"  # less than the line can use
    PACKS = "packs"  # what is left is less than a pack
    VEHICLES = "vehicles"  # no vehicle is free in time, or none is large enough
    STORE_BUSY = "store_busy"  # the store's crews can send no more
    PLACE_FULL = "place_full"  # the place has no room for more
    EQUIPMENT = "equipment"  # no refrigerated, heated or towing vehicle is free
    LOCKED = "locked"  # the commander's word


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its figures (ids, quantities, instants); text belongs to the screens."""

    code: Why
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of one source for one line. `serves` is in units of the item asked for; it differs for a substitute.

    `trip_no` is None only where a contract's supplier brings the goods.
    """

    source_id: str
    line_id: str
    item_id: str
    quantity: int
    serves: int
    trip_no: int | None
    arrives_at: int
    """When unloading at the delivery site is finished."""
    is_late: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What is put on (positive) or taken off (negative) at a stop, of one allocation, by its place in `Solution.allocations`."""

    allocation: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of a trip. The first and last stop are the vehicle's base; the loading site may be the base itself."""

    site_id: str
    arrives_at: int
    departs_at: int
    edges: tuple[str, ...] = ()
    """The roads driven to get here from the stop before, in order."""
    distance_m: int = 0
    loads: tuple[Load, ...] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """One vehicle from its base and back. Loads at exactly one stop, the first with loads; every later one only unloads."""

    no: int
    vehicle_id: str
    departs_at: int
    returns_at: int
    distance_m: int
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What a line does not get in time, and why. `late` of it comes after the due instant, the rest not at all.

    A gap of nothing says that a line is served in full although a lock on it could not be kept; its reasons name the locks.
    """

    line_id: str
    quantity: int
    late: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one class of lines fares. `served_permille` is Σ persons × fill ÷ Σ persons, `least_fill_permille` the poorest line's."""

    class_rank: int
    lines: int
    lines_full: int
    persons: int
    served_permille: int
    least_fill_permille: int
    bound_permille: int | None = None
    """No plan can serve more of this class, given what the classes above it got; None where nothing is proven."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the plan costs and achieves, recomputed by the checker."""

    classes: tuple[ClassFigures, ...]
    late_lines: int
    vehicles_used: int
    trips: int
    distance_m: int
    drive_s: int
    cost_fen: int
    goods_fen: int
    last_arrival_at: int
    by_precedence: dict[int, int] = field(default_factory=dict)
    """What each rung of the order of use contributed; rungs without any are left out."""


@dataclass(frozen=True, slots=True)
class Run:
    """How the answer was found, so that it can be found again."""

    seed: int
    iterations: int
    seconds: float
    stopped_by: str
    """done, iterations, seconds or cancel; found for a plan handed over while the search went on."""
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan for the problem with that hash."""

    problem_hash: str
    allocations: tuple[Allocation, ...]
    trips: tuple[Trip, ...]
    gaps: tuple[Gap, ...]
    figures: Figures
    run: Run
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Violation:
    """Something the checker found wrong: a code, where, and the figures."""

    code: str
    where: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checker's word. Feasible only without any violation; `checked` counts what was looked at, by kind."""

    is_feasible: bool
    violations: tuple[Violation, ...]
    checked: dict[str, int]
    figures: Figures
