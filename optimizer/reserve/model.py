"""What a reserve is advised from and what the advice says. Money fen, volume cm³, hours."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.model import ProblemError

Key = tuple[str, str]
"""A store and an item."""


@dataclass(frozen=True, slots=True)
class ReserveItem:
    """Goods that may be held: bought in whole packs."""

    id: str
    unit_volume_cm3: int
    price_fen: int
    pack_quantity: int = 1


@dataclass(frozen=True, slots=True)
class ReserveSite:
    """A store with the volume it has for these goods, and the volume its vehicles take out in time (None: any)."""

    id: str
    tier: str
    volume_cm3: int
    dispatch_cm3: int | None = None
    may_add: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """What lies in a store already and stays."""

    site_id: str
    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Option:
    """Goods that somebody keeps or makes for us (代储, contracts): a fee for each unit agreed, more when it is called off."""

    id: str
    site_id: str
    item_id: str
    most: int
    fee_fen: int
    call_fen: int = 0
    lead_hours: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """Hours from a store to a place."""

    site_id: str
    place_id: str
    hours: int


@dataclass(frozen=True, slots=True)
class Need:
    """What a place needs of an item in a scenario, within so many hours."""

    place_id: str
    item_id: str
    quantity: int
    persons: int
    within_hours: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that may come: weights are turned into probabilities by their sum. `ways` replace those of the problem."""

    id: str
    weight: int
    needs: tuple[Need, ...]
    lost_sites: tuple[str, ...] = ()
    ways: tuple[Way, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReserveProblem:
    """Everything a reserve is advised from."""

    items: tuple[ReserveItem, ...]
    sites: tuple[ReserveSite, ...]
    ways: tuple[Way, ...]
    scenarios: tuple[Scenario, ...]
    budget_fen: int
    held: tuple[Held, ...] = ()
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """Hold so much more of an item at a store. `next_unit_e6`: millionths of weighted persons that one unit more would save."""

    site_id: str
    item_id: str
    quantity: int
    cost_fen: int
    next_unit_e6: int


@dataclass(frozen=True, slots=True)
class Agreed:
    """Agree on so much of an option."""

    option_id: str
    quantity: int
    cost_fen: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario goes: persons in need (Σ over needs) and weighted persons unmet, in millionths."""

    scenario_id: str
    persons: int
    unmet_e6: int


@dataclass(frozen=True, slots=True)
class Valued:
    """Additions and what they come to: expected weighted persons unmet, in millionths, and what they cost."""

    additions: dict[Key, int]
    agreed: dict[str, int]
    unmet_e6: int
    cost_fen: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class ReserveAdvice:
    """What to hold more, what that saves, what no plan can beat, and what the next unit, fen and litre are worth.

    `unmet_e6` is what the advice leaves, `today_e6` what stock leaves as it is, `mean_e6` what a plan for the average
    scenario leaves; `bound_e6` is proven. `next_yuan_e6` is worth of 10,000 yuan more, `next_m3_e6` of a cubic metre more.
    """

    additions: tuple[Addition, ...]
    agreed: tuple[Agreed, ...]
    unmet_e6: int
    bound_e6: int
    today_e6: int
    mean_e6: int
    cost_fen: int
    outcomes: tuple[Outcome, ...]
    next_yuan_e6: int
    next_m3_e6: dict[str, int]
    next_dispatch_m3_e6: dict[str, int]
    is_whole_proven: bool

    @property
    def gap_permille(self) -> int:
        """How far above the bound the advice is, of what is unmet today; rounded up."""
        return -(-(self.unmet_e6 - self.bound_e6) * 1000 // max(self.today_e6, 1))


def validate(problem: ReserveProblem) -> None:
    """Raise ProblemError with every fault found."""
    faults: list[str] = []
    items, sites = {item.id for item in problem.items}, {site.id for site in problem.sites}
    named = {
        "item": [row.id for row in problem.items],
        "site": [row.id for row in problem.sites],
        "option": [row.id for row in problem.options],
        "scenario": [row.id for row in problem.scenarios],
    }
    for name, ids in named.items():
        repeated = sorted({one for one in ids if ids.count(one) > 1})
        faults += [f"{name} {one}: the id stands for two of them" for one in repeated]
    if not problem.scenarios:
        faults.append("there is no scenario")
    if problem.budget_fen < 0:
        faults.append(f"the budget is {problem.budget_fen}, it must not be below zero")
    for item in problem.items:
        if min(item.unit_volume_cm3, item.pack_quantity) < 1 or item.price_fen < 0:
            faults.append(f"item {item.id}: volume and pack must be above zero, the price not below it")
    placed = [("held", row.site_id, row.item_id) for row in problem.held]
    placed += [("option", row.site_id, row.item_id) for row in problem.options]
    for name, site_id, item_id in placed:
        if site_id not in sites or item_id not in items:
            faults.append(f"{name} of {item_id} at {site_id}: there is no such site or item")
    for one in problem.scenarios:
        if one.weight < 1:
            faults.append(f"scenario {one.id}: its weight is {one.weight}, it must be above zero")
        for need in one.needs:
            if need.item_id not in items or min(need.quantity, need.persons, need.weight) < 1:
                faults.append(
                    f"scenario {one.id}: need of {need.item_id} at {need.place_id}: unknown item, or nothing needed"
                )
    if faults:
        raise ProblemError(faults)
