"""One part, from the first class to the last lot: the objective in its strict order, one program after the other.

Commander's locks; who gets how much (`share`, `whole`); then, with that held: the order of use rung by rung, arrival, cost,
first expiry first out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.allocate.arcs import Arc
from optimizer.allocate.hauls import hauls
from optimizer.allocate.lots import first_out
from optimizer.allocate.lp import Places, Program, Reals, SolverError
from optimizer.allocate.part import Part
from optimizer.allocate.rounding import Amounts, settle_rounded
from optimizer.allocate.share import share
from optimizer.allocate.whole import share_whole
from optimizer.emphasis import Emphasis

ARCS_MAX = 160
"""Integer programs with more arcs than this take too long; quantities are rounded instead."""

BULK_TOO = 2_500
"""Where quantities are rounded in parts with more arcs than this, goods are handed out in bulk as well, and the better answer is taken."""

BULK_ONLY = 20_000
"""Parts with more arcs than this are handed out in bulk: programs over them take longer than anybody waits for a plan."""

LATER_NODES = 30
"""Where goods come from, when it does not come out whole by itself, is searched for less long than who gets them."""


@dataclass(frozen=True, slots=True)
class Grant:
    """So much of a supply for a line, both by place."""

    arc: Arc
    quantity: int
    serves: int


def settle(part: Part, seed: int) -> list[Grant]:
    """The best allocation of a part."""
    if len(part.arcs) > BULK_ONLY:
        return _in_bulk(part)
    if not part.is_network and (len(part.arcs) > ARCS_MAX or part.net.hurries()):
        return _rounded(part, seed)
    try:
        return _exact(part, seed)
    except SolverError:
        if part.is_network:
            raise
        return _rounded(part, seed)


def _exact(part: Part, seed: int) -> list[Grant]:
    program = part.program(seed)
    _keep_locks(part, program)
    if part.is_network:
        share(part, program)
        return _grants(part, _later(part, program))
    got = share_whole(part, program.lower, program.upper, seed)
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[part.base : part.base + len(got)] = upper[part.base : part.base + len(got)] = got
    easy = part.relaxed(seed)
    easy.bound(lower, upper)
    found = _later(part, easy)
    if not part.is_whole(found):
        program.bound(lower, upper)
        program.look_less(LATER_NODES)
        found = _later_at_once(part, program)
    return _grants(part, found)


def _later_at_once(part: Part, program: Program) -> Reals:
    """The later stages as one integer program, each weighing a hundred times the next: near to their strict order."""
    stages = list(_later_stages(part, program.columns))
    costs = np.zeros(program.columns)
    for place, stage in enumerate(stages):
        costs += stage / 100.0 ** min(place, 3)
    found = program.maximise(costs)
    if found is None:
        raise SolverError("nothing, where a plan was found before")
    return found


def _later(part: Part, program: Program) -> Reals:
    """With what every line gets held: the stages that say where it comes from."""
    found = program.maximise(np.zeros(program.columns))
    if found is None:
        raise SolverError("nothing, where a plan was found before")
    for costs in _later_stages(part, program.columns):
        better = program.maximise(costs)
        if better is None:
            break
        program.stay_best(better, costs)
        found = better
    return found


def _in_bulk(part: Part) -> list[Grant]:
    # its compiler takes half a second to load; few plans are so large
    from optimizer.allocate.in_bulk import settle_in_bulk

    return _of_amounts(part, settle_in_bulk(part))


def _rounded(part: Part, seed: int) -> list[Grant]:
    program = part.relaxed(seed)
    _keep_locks(part, program)
    rounded = _of_amounts(part, settle_rounded(part, program, _later_stages))
    if len(part.arcs) <= BULK_TOO or part.net.emphasis is Emphasis.FAIR:
        return rounded
    return max(rounded, _in_bulk(part), key=lambda grants: _by_class(part, grants))


def _by_class(part: Part, grants: list[Grant]) -> tuple[Fraction, ...]:
    """Persons × fill in time, class by class; what falls short of the commander's locks before it."""
    lines = part.net.problem.lines
    given: dict[tuple[str, int], int] = defaultdict(int)
    served: dict[int, Fraction] = defaultdict(Fraction)
    for grant in grants:
        line = lines[grant.arc.line]
        given[part.supply_of(grant.arc), grant.arc.line] += grant.quantity
        if grant.arc.is_in_time:
            served[line.class_rank] += Fraction(line.persons * grant.serves, line.quantity)
    short = sum(max(fixing.least - given[fixing.source_id, fixing.line], 0) for fixing in part.fixings)
    ranks = sorted({lines[line].class_rank for line in part.lines})
    return (Fraction(-short), *(served[rank] for rank in ranks))


def _of_amounts(part: Part, amounts: Amounts) -> list[Grant]:
    return [
        Grant(arc, quantity, serves) for arc, (quantity, serves) in zip(part.arcs, amounts, strict=True) if quantity
    ]


def _keep_locks(part: Part, program: Program) -> None:
    """Fall short of the commander's locks as little as can be, and let that stand."""
    if not any(fixing.least for fixing in part.fixings):
        return
    costs = np.zeros(program.columns)
    costs[part.locks : part.switches] = -1.0
    found = program.maximise(costs)
    if found is None:
        raise SolverError("nothing, where locks may be missed")
    upper = program.upper.copy()
    upper[part.locks : part.switches] = np.round(found[part.locks : part.switches])
    program.bound(program.lower, upper)


def _later_stages(part: Part, columns: int) -> Iterator[Reals]:
    problem, supplies = part.net.problem, part.net.supplies
    count = len(part.arcs)
    lines = [problem.lines[arc.line] for arc in part.arcs]
    # what goods count for, not what their packs hold: a pack that is opened for one unit is worth no more than that
    worth = [part.worth_of(place) for place in range(count)]
    served = np.array([each * line.persons / line.quantity for (_, each), line in zip(worth, lines, strict=True)])
    packs, counted = np.arange(count), np.array([column for column, _ in worth])
    rungs = np.array([supplies[arc.supply].precedence for arc in part.arcs])
    in_order = [
        _costs(columns, np.where(rungs == rung, served, 0.0), counted) for rung in sorted(set(rungs.tolist()))[:-1]
    ]
    arrivals = np.array([arc.arrives_at for arc in part.arcs], dtype=np.float64)
    waiting = -served * (arrivals - arrivals.min())
    soon = [_costs(columns, waiting, counted)] if arrivals.min() < arrivals.max() else []
    prices = np.array([arc.unit * supplies[arc.supply].unit_price_fen for arc in part.arcs], dtype=np.float64)
    if part.net.emphasis is Emphasis.FRUGAL:
        prices += hauls(part)
    cheap = [_costs(columns, -prices, packs)] if prices.max() > 0 else []
    stressed = {Emphasis.FAST: (soon, in_order, cheap), Emphasis.FRUGAL: (cheap, in_order, soon)}
    for stages in stressed.get(part.net.emphasis, (in_order, soon, cheap)):
        yield from stages
    order = first_out(supplies, part.supplies)
    ranks = np.array([arc.unit * order[arc.supply] for arc in part.arcs], dtype=np.float64)
    if count > 1 and ranks.max() > 0:
        yield _costs(columns, -ranks, packs)


def _costs(columns: int, of_arcs: Reals, places: Places) -> Reals:
    """An objective over one column of each arc, scaled so that its greatest cost is 1."""
    costs = np.zeros(columns)
    costs[places] = of_arcs / max(float(np.abs(of_arcs).max()), 1e-300)
    return costs


def _grants(part: Part, found: Reals) -> list[Grant]:
    grants = []
    asked = {line: part.offer.asked[line] for line in part.lines}
    for arc, (quantity, counts) in zip(part.arcs, part.amounts(found), strict=True):
        serves = min(counts, asked[arc.line])  # the last pack may hold more than is asked for
        if quantity > 0 and serves > 0:
            asked[arc.line] -= serves
            grants.append(Grant(arc, quantity, serves))
    return grants
