"""What a plan is worth: the objective in its strict order, as figures that can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from optimizer.assemble import Draft, cost_fen, drawn_by_rung, goods_fen, served_in_time, served_late
from optimizer.emphasis import Emphasis
from optimizer.model import Problem


def value(
    problem: Problem, made: Draft, charge_person_s: int = 0, emphasis: Emphasis = Emphasis.USUAL
) -> tuple[object, ...]:
    """What a plan is worth, as a tuple of which the larger is the better: the objective in its strict order.

    For each class persons × fill in time, then the levels (fill ÷ weight) from the poorest line up; the order of use rung by
    rung; persons × fill that comes late, by class; Σ persons × fill × arrival; cost. Where waiting has a price the last two are
    one figure in money. `charge_person_s` is waiting that the plan is charged with besides: what its changes cost.

    Stressed otherwise: fair puts the levels of a class before its persons × fill; fast puts arrival, frugal the cost of
    transport and goods, right after what comes late and before the order of use.
    """
    got, late = served_in_time(problem, made), served_late(problem, made)
    worth: list[object] = []
    ranks = sorted({line.class_rank for line in problem.lines})
    for rank in ranks:
        worth.extend(class_worth(problem, rank, got, emphasis))
    drawn = drawn_by_rung(problem, made)
    rungs = [drawn.get(rung, Fraction(0)) for rung in _rungs(problem)]
    too_late = []
    for rank in ranks:
        lines = [line for line in problem.lines if line.class_rank == rank]
        too_late.append(_sum((line.persons * late[line.id], line.quantity) for line in lines))
    if emphasis in {Emphasis.FAST, Emphasis.FRUGAL}:
        waiting, cost = waiting_person_s(problem, made) + charge_person_s, cost_fen(problem, made.trips)
        spent = cost + goods_fen(problem, made)
        middle = (-waiting, *rungs, -spent) if emphasis is Emphasis.FAST else (-spent, *rungs, -waiting)
        return (*worth, *too_late, *middle)
    worth += [*rungs, *too_late]
    waiting, cost = waiting_person_s(problem, made) + charge_person_s, cost_fen(problem, made.trips)
    price = problem.rules.waiting_fen_per_person_hour
    if price is not None:
        worth.append(-(waiting * price / 3600 + cost))
    worth.extend((-waiting, -cost))
    return tuple(worth)


def class_worth(
    problem: Problem, rank: int, got: Mapping[str, int], emphasis: Emphasis = Emphasis.USUAL
) -> tuple[object, object]:
    """What a class gets, by what each line gets in time: persons × fill and the levels, what counts first first."""
    lines = [line for line in problem.lines if line.class_rank == rank]
    served = _sum((line.persons * got[line.id], line.quantity) for line in lines)
    levels = tuple(sorted(Fraction(got[line.id], line.quantity * line.weight_permille) for line in lines))
    return (levels, served) if emphasis is Emphasis.FAIR else (served, levels)


def waiting_person_s(problem: Problem, made: Draft) -> Fraction:
    """How long everybody who is served waits, persons × seconds."""
    lines = {line.id: line for line in problem.lines}
    return _sum(
        (lines[row.line_id].persons * row.serves * row.arrives_at, lines[row.line_id].quantity)
        for row in made.allocations
    )


def _sum(parts: Iterable[tuple[int, int]]) -> Fraction:
    """Of numerators over denominators: what is over the same is added up first, as fractions are slow."""
    over: dict[int, int] = defaultdict(int)
    for above, below in parts:
        over[below] += above
    return sum((Fraction(above, below) for below, above in over.items()), Fraction(0))


def _rungs(problem: Problem) -> list[int]:
    return sorted({lot.precedence for lot in problem.lots} | {contract.precedence for contract in problem.contracts})
