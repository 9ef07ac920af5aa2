"""What is said about helping a plan: remedies with their proof and effects, and the standing of every reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from optimizer.model import Contract, Lot, Site
from optimizer.solution import Run, Why

SCHEMA_VERSION = 1


class Fix(StrEnum):
    """What can be done. In the order of how little it asks for: the commander's own word first, goods from elsewhere last."""

    LIFT_LOCK = "lift_lock"  # the commander's own word on a source and a line
    ACCEPT_LESS = "accept_less"  # the line takes less than it said it can use
    UNPACK = "unpack"  # packs of the item are opened
    MOVE_DEADLINE = "move_deadline"  # the goods may come so much later
    SECOND_DRIVER = "second_driver"  # a vehicle gets another driver
    ADD_BAYS = "add_bays"  # so many vehicles more may load at a store at a time
    ADD_CREWS = "add_crews"  # a store's crews may send so many kilograms more
    ADD_ROOM = "add_room"  # a place takes in so many litres more
    LOWER_FLOOR = "lower_floor"  # a store may give so much of what it has to keep
    ORDER_MINIMUM = "order_minimum"  # a contract is called off for its smallest order although less is needed
    ADD_VEHICLE = "add_vehicle"  # so many vehicles of a type more at a place
    TAKE_OFFER = "take_offer"  # goods that exist outside the plan: borrowed, inspected, fetched, received first
    LIFT_RESTRICTION = "lift_restriction"  # a donor lets others have them
    BRING_FORWARD = "bring_forward"  # a supplier gives so much sooner
    OPEN_ROADS = "open_roads"  # stretches are cleared, or their limits lifted
    ADD_STOCK = "add_stock"  # so much more of an item at a store


EFFORT: tuple[Fix, ...] = tuple(Fix)
"""Cheap ones first: who has to agree, and how long it takes, rise with the place."""


class Proof(StrEnum):
    """What solving again has shown."""

    PROVEN = "proven"  # a plan with the change was found and judged feasible, and gives more in time
    NO_GAIN = "no_gain"  # no better plan was found with the change
    UNPROVEN = "unproven"  # the budget ended first


class Standing(StrEnum):
    """Does a reason hold? Shown by taking away what it names."""

    HOLDS = "holds"  # without it, alone or after those before it, more arrives
    NO_EFFECT = "no_effect"  # true, but taking it away brings nothing while the others stand
    UNTRIED = "untried"  # the budget ended first


@dataclass(frozen=True, slots=True)
class Offer:
    """Goods that exist and are not in the problem, and the code of what keeps them out; `site` where the problem lacks it."""

    code: str
    lot: Lot | None = None
    contract: Contract | None = None
    site: Site | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """How a line fares with a change against the better of the plan and of solving anew without it.

    `more`: units more (or, below zero, fewer) in time. `sooner_s`: what the plan brought anyway is there so much sooner;
    None where the plan brought nothing.
    """

    line_id: str
    more: int
    sooner_s: int | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change. `amount` counts units, vehicles, bays or seconds as its code says; 1 where there is nothing to count."""

    code: Fix
    params: dict[str, Any]
    line_ids: tuple[str, ...]
    """Lines whose reasons ask for it."""
    amount: int
    proof: Proof
    is_least: bool = False
    """One step less was tried, or nothing is less, and gives less."""
    persons: int = 0
    """Σ persons × share more in time over all lines, cut to whole persons."""
    effects: tuple[Effect, ...] = ()
    losses: tuple[Effect, ...] = ()
    """Lines that get less in time than without the change."""
    cost_fen: int = 0
    """How much more (or less) the trips cost."""
    trials: int = 0
    """How often the changed problem was solved."""


@dataclass(frozen=True, slots=True)
class ReasonCheck:
    """A reason of a line put to the test: units more in time with only it taken away, and with all up to it taken away.

    A `place` behind a gap's last reason says what none of them said: even without all of them there are too few goods.
    """

    line_id: str
    place: int
    code: Why
    standing: Standing
    alone: int = 0
    together: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything found about a plan. Remedies: proven ones first, those that ask for little and help much before others."""

    problem_hash: str
    remedies: tuple[Remedy, ...]
    reasons: tuple[ReasonCheck, ...]
    trials: int
    run: Run
    schema_version: int = SCHEMA_VERSION
