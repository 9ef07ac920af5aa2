"""How much to hold where before anything happens: two-stage stochastic pre-positioning.

First goods are added to stores and quantities agreed with suppliers, within a budget and the stores' volume; then one of
several scenarios comes, each with its probability, needs by place and item, lost stores and closed ways, and goods go to
those in need who can be reached in time. Minimised is the expected sum of weight × persons × share unmet, then cost.

One linear program as arrays (HiGHS) gives the bound and the prices; additions are then made whole packs, by an integer
program where there are few, and by rounding down and filling up otherwise, and valued anew. The words for it are in `model`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from optimizer.reserve.model import (
    Addition,
    Agreed,
    Held,
    Key,
    Need,
    Option,
    Outcome,
    ReserveAdvice,
    ReserveItem,
    ReserveProblem,
    ReserveSite,
    Scenario,
    Valued,
    Way,
    validate,
)
from optimizer.reserve.program import Found, Program, Reals

__all__ = [
    "Addition", "Agreed", "Held", "Need", "Option", "Outcome", "ReserveAdvice", "ReserveItem", "ReserveProblem", "ReserveSite", "Scenario",
    "Valued", "Way", "advise_reserve", "evaluate", "mean_value",
]  # fmt: skip

WHOLE_MAX = 400
"""Additions up to which an integer program is tried as well."""
SLACK = 1e-7


def advise_reserve(problem: ReserveProblem) -> ReserveAdvice:
    """What to hold. Raises ProblemError for a problem that makes no sense."""
    validate(problem)
    program = Program(problem)
    relaxed = program.solve()
    unit = program.prices(relaxed)
    best, is_proven = _in_whole_packs(program, relaxed)
    today = evaluate(problem, {}, {})
    items = {item.id: item for item in problem.items}
    options = {option.id: option for option in problem.options}
    return ReserveAdvice(
        additions=tuple(
            Addition(site, item, quantity, quantity * items[item].price_fen, unit[site, item])
            for (site, item), quantity in sorted((best.additions | {k: best.additions.get(k, 0) for k in unit}).items())
        ),
        agreed=tuple(Agreed(o, q, q * options[o].fee_fen) for o, q in sorted(best.agreed.items()) if q),
        unmet_e6=best.unmet_e6,
        bound_e6=min(int(relaxed.value * 1e6 + SLACK), best.unmet_e6),
        today_e6=today.unmet_e6,
        mean_e6=mean_value(problem).unmet_e6,
        cost_fen=best.cost_fen,
        outcomes=best.outcomes,
        next_yuan_e6=round(-relaxed.row_dual[program.budget_row] * 1e6 * 1_000_000),
        next_m3_e6=program.worth_of(relaxed, program.volume_rows),
        next_dispatch_m3_e6=program.worth_of_dispatch(relaxed),
        is_whole_proven=is_proven,
    )


def evaluate(problem: ReserveProblem, additions: Mapping[Key, int], agreed: Mapping[str, int]) -> Valued:
    """What fixed additions and agreements leave unmet, each scenario served as well as it can be. The budget is not looked at."""
    program = Program(problem)
    found = program.solve(fixed=(additions, agreed))
    return program.valued(found, dict(additions), dict(agreed))


def mean_value(problem: ReserveProblem) -> Valued:
    """The plan for the average scenario, valued in the scenarios there are: what looking at averages alone costs."""
    total = sum(one.weight for one in problem.scenarios)
    needs: dict[tuple[str, str, int, int], list[int]] = defaultdict(lambda: [0, 0])
    for one in problem.scenarios:
        for need in one.needs:
            sums = needs[need.place_id, need.item_id, need.within_hours, need.weight]
            sums[0] += one.weight * need.quantity
            sums[1] += one.weight * need.persons
    mean = tuple(
        Need(place, item, -(-amount // total), -(-persons // total), within, weight)
        for (place, item, within, weight), (amount, persons) in needs.items()
        if amount and persons
    )
    lost = {
        site.id
        for site in problem.sites
        if 2 * sum(one.weight for one in problem.scenarios if site.id in one.lost_sites) > total
    }
    average = replace(problem, scenarios=(Scenario("mean", 1, mean, tuple(sorted(lost))),))
    program = Program(average)
    best, _ = _in_whole_packs(program, program.solve())
    return evaluate(problem, best.additions, best.agreed)


def _in_whole_packs(program: Program, relaxed: Found) -> tuple[Valued, bool]:
    """Whole packs: an integer program where there are few columns, rounding otherwise; then as cheap as it can be so good."""
    if len(program.add) + len(program.agree) <= WHOLE_MAX:
        found = program.solve(whole=True)
        if found.is_optimal:
            cheap = program.solve(whole=True, ceiling=found.value + SLACK * max(1.0, found.value))
            chosen = cheap if cheap.is_optimal else found
            additions, agreed = _packs(program, chosen.columns)
            valued = evaluate(program.problem, additions, agreed)
            return valued, True
    cheap = program.solve(ceiling=relaxed.value + SLACK * max(1.0, relaxed.value))
    additions, agreed = _packs(program, (cheap if cheap.is_optimal else relaxed).columns, down=True)
    _fill_up(program, additions, agreed, (cheap if cheap.is_optimal else relaxed).columns)
    return evaluate(program.problem, additions, agreed), False


def _packs(program: Program, columns: Reals, *, down: bool = False) -> tuple[dict[Key, int], dict[str, int]]:
    additions, agreed = {}, {}
    for key, column in program.add.items():
        pack = program.items[key[1]].pack_quantity
        packs = columns[column] / pack
        additions[key] = pack * int(np.floor(packs + 1e-6) if down else round(packs))
    for option in program.problem.options:
        if option.id in program.agree:
            pack = program.items[option.item_id].pack_quantity
            packs = columns[program.agree[option.id]] / pack
            agreed[option.id] = pack * int(np.floor(packs + 1e-6) if down else round(packs))
    return additions, agreed


def _fill_up(program: Program, additions: dict[Key, int], agreed: Mapping[str, int], columns: Reals) -> None:
    """Packs cut by rounding are bought while money and room last, the most of a pack first."""
    left = program.problem.budget_fen - sum(program.items[i].price_fen * q for (_, i), q in additions.items())
    left -= sum(option.fee_fen * agreed.get(option.id, 0) for option in program.problem.options)
    room = {site.id: site.volume_cm3 for site in program.problem.sites}
    for (site, item), quantity in (*program.held.items(), *additions.items()):
        room[site] -= quantity * program.items[item].unit_volume_cm3
    cut = {key: columns[column] - additions[key] for key, column in program.add.items()}
    for key in sorted(cut, key=lambda key: (-cut[key] / program.items[key[1]].pack_quantity, key)):
        goods = program.items[key[1]]
        price, volume = goods.price_fen * goods.pack_quantity, goods.unit_volume_cm3 * goods.pack_quantity
        if cut[key] > 1e-6 and price <= left and volume <= room[key[0]]:
            additions[key] += goods.pack_quantity
            left, room[key[0]] = left - price, room[key[0]] - volume
