"""What came out for a reserve, in the words of the house: built from the facts that were read and the optimizer's answer alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.codec import rebuilt_from
from optimizer.reserve import Addition, ReserveAdvice, ReserveProblem
from supplyops.people.rules import Level
from supplyops.reserves.plan_rules import PurchasePlanLineInput

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Goods:
    """An item of the problem."""

    name: str
    unit: str
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class Store:
    """A store of the problem."""

    name: str
    level: Level
    area_code: str


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario of the problem."""

    code: str
    name: str
    share_permille: int
    persons: int


@dataclass(frozen=True, slots=True)
class ReserveFacts:
    """A problem and what stands behind its ids."""

    problem: ReserveProblem
    goods: Mapping[str, Goods]
    stores: Mapping[str, Store]
    cases: tuple[Case, ...]
    contracts: Mapping[str, str]
    """Numbers by option."""
    norms: Mapping[Key, tuple[int, int]]
    """By store and item: the norm of its place, and what the place's first store lacks for it."""
    vehicles: tuple[tuple[str, str, int], ...]
    """A store's code, a type of vehicle it has, and what one takes in all its rounds, cm3."""


@dataclass(frozen=True, slots=True)
class AdvisedLine:
    """An item at a store: what lies there, what to add, what the norm of the place asks for, what one unit more is worth."""

    site_code: str
    site_name: str
    level: Level
    area_code: str
    sku: str
    item_name: str
    unit: str
    today: int
    more: int
    total: int
    norm: int | None
    """For the whole place (area and level) that the store belongs to; None without a norm."""
    cost_fen: int
    volume_cm3: int
    next_unit_e6: int


@dataclass(frozen=True, slots=True)
class AdvisedTier:
    """A tier's share of the advice."""

    level: Level
    lines: int
    cost_fen: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class AdvisedContract:
    """A contract the advice counts on, and for how much."""

    number: str
    item_name: str
    unit: str
    quantity: int
    most: int


@dataclass(frozen=True, slots=True)
class AdvisedOutcome:
    """A scenario with the stock of today, with the norms fulfilled, and with the advice: weighted persons unmet, millionths."""

    code: str
    name: str
    share_permille: int
    persons: int
    today_e6: int
    norm_e6: int
    advised_e6: int


@dataclass(frozen=True, slots=True)
class AdvisedVehicle:
    """What one vehicle more of a type at a store would save, in millionths of weighted persons."""

    site_name: str
    vehicle_type: str
    worth_e6: int


@dataclass(frozen=True, slots=True)
class ReserveAnswer:
    """What to hold where within a budget, what that saves, and how far from the best that can be."""

    cost_fen: int
    unmet_e6: int
    bound_e6: int
    today_e6: int
    norm_e6: int
    norm_cost_fen: int
    mean_e6: int
    gap_permille: int
    is_whole_proven: bool
    next_10k_yuan_e6: int
    lines: tuple[AdvisedLine, ...]
    tiers: tuple[AdvisedTier, ...]
    contracts: tuple[AdvisedContract, ...]
    outcomes: tuple[AdvisedOutcome, ...]
    rooms: tuple[tuple[str, int], ...]
    """Stores whose room binds, and what a cubic metre more would save."""
    vehicles: tuple[AdvisedVehicle, ...]


def answer_of(facts: ReserveFacts, said: Mapping[str, Any]) -> ReserveAnswer:
    """The answer of the child, with names and beside the norms."""
    advice = rebuilt_from(ReserveAdvice, said["advice"])
    today, norm = said["today"], said["norm"]
    options = {option.id: option for option in facts.problem.options}
    lines = _lines_of(facts, advice.additions)
    unmet = [{each["scenario_id"]: each["unmet_e6"] for each in one["outcomes"]} for one in (today, norm)]
    advised = {each.scenario_id: each.unmet_e6 for each in advice.outcomes}
    return ReserveAnswer(
        cost_fen=advice.cost_fen,
        unmet_e6=advice.unmet_e6,
        bound_e6=advice.bound_e6,
        today_e6=today["unmet_e6"],
        norm_e6=norm["unmet_e6"],
        norm_cost_fen=norm["cost_fen"],
        mean_e6=advice.mean_e6,
        gap_permille=advice.gap_permille,
        is_whole_proven=advice.is_whole_proven,
        next_10k_yuan_e6=advice.next_yuan_e6,
        lines=lines,
        tiers=_tiers(lines),
        contracts=tuple(
            AdvisedContract(
                facts.contracts[each.option_id],
                facts.goods[options[each.option_id].item_id].name,
                facts.goods[options[each.option_id].item_id].unit,
                each.quantity,
                options[each.option_id].most,
            )
            for each in advice.agreed
        ),
        outcomes=tuple(
            AdvisedOutcome(
                one.code, one.name, one.share_permille, one.persons, unmet[0][one.code], unmet[1][one.code], advised[one.code]
            )
            for one in facts.cases
        ),
        rooms=tuple((facts.stores[code].name, worth) for code, worth in sorted(advice.next_m3_e6.items())),
        vehicles=tuple(
            AdvisedVehicle(facts.stores[code].name, name, advice.next_dispatch_m3_e6[code] * takes_cm3 // 10**6)
            for code, name, takes_cm3 in facts.vehicles
            if code in advice.next_dispatch_m3_e6
        ),
    )  # fmt: skip


def _lines_of(facts: ReserveFacts, additions: Sequence[Addition]) -> tuple[AdvisedLine, ...]:
    """Store and item wherever something lies, is to be added, or one more would help."""
    there: dict[Key, int] = defaultdict(int)
    for row in facts.problem.held:
        there[row.site_id, row.item_id] += row.quantity
    lines = []
    for each in additions:
        key = each.site_id, each.item_id
        store, goods, today = facts.stores[each.site_id], facts.goods[each.item_id], there[key]
        if each.quantity or today or each.next_unit_e6 > 0:
            lines.append(
                AdvisedLine(
                    each.site_id, store.name, store.level, store.area_code, each.item_id, goods.name, goods.unit, today,
                    each.quantity, today + each.quantity, facts.norms.get(key, (None, 0))[0], each.cost_fen,
                    each.quantity * goods.volume_cm3, max(each.next_unit_e6, 0),
                )
            )  # fmt: skip
    order = list(Level)
    return tuple(sorted(lines, key=lambda row: (order.index(row.level), row.site_code, -row.cost_fen, row.sku)))


def _tiers(lines: Sequence[AdvisedLine]) -> tuple[AdvisedTier, ...]:
    found = {}
    for level in Level:
        mine = [line for line in lines if line.level is level and line.more]
        if mine:
            found[level] = AdvisedTier(level, len(mine), sum(x.cost_fen for x in mine), sum(x.volume_cm3 for x in mine))
    return tuple(found.values())


def purchase_lines(
    number: str, answer: ReserveAnswer, level: Level, area_code: str
) -> tuple[PurchasePlanLineInput, ...]:
    """What an advice adds at the stores of one place, as lines of its purchase plan."""
    sums: dict[str, int] = defaultdict(int)
    for line in answer.lines:
        if line.more and (line.level, line.area_code) == (level, area_code):
            sums[line.sku] += line.more
    reason = f"按储备建议 {number}"
    return tuple(PurchasePlanLineInput(sku, quantity, reason=reason) for sku, quantity in sorted(sums.items()))
