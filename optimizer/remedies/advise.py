"""From a plan's gaps to proven remedies and tested reasons, within one budget of seconds or trials."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.allocate import allocate, open_network
from optimizer.budget import Budget
from optimizer.codec import problem_hash
from optimizer.model import Problem, ProblemError
from optimizer.remedies.amount import prove
from optimizer.remedies.candidates import candidates
from optimizer.remedies.change import Change, apply
from optimizer.remedies.reasons import check_reasons
from optimizer.remedies.trial import Trials, fare_of
from optimizer.remedy import EFFORT, Advice, Fix, Offer, Proof, ReasonCheck, Remedy
from optimizer.solution import Gap, Run, Solution, Why
from optimizer.travel import Roads

ANSWERS: dict[Fix, tuple[Why, ...]] = {
    Fix.LIFT_LOCK: (Why.LOCKED,),
    Fix.ACCEPT_LESS: (Why.MINIMUM_FILL,),
    Fix.UNPACK: (Why.PACKS,),
    Fix.LOWER_FLOOR: (Why.FLOOR,),
    Fix.ORDER_MINIMUM: (Why.CONTRACT_MINIMUM,),
    Fix.BRING_FORWARD: (Why.CONTRACT_RAMP,),
    Fix.OPEN_ROADS: (Why.NO_ROAD, Why.ROAD_LIMIT),
    Fix.LIFT_RESTRICTION: (Why.RESTRICTED,),
    Fix.ADD_VEHICLE: (Why.VEHICLES, Why.EQUIPMENT),
    Fix.ADD_STOCK: (Why.ALL_GIVEN, Why.NO_STOCK),
}
"""Reasons that a proven remedy of the code shows to hold for the lines it helps."""
BY_GOODS = {Fix.LOWER_FLOOR, Fix.LIFT_RESTRICTION, Fix.UNPACK, Fix.ORDER_MINIMUM, Fix.ADD_STOCK, Fix.TAKE_OFFER, Fix.LIFT_LOCK,
            Fix.ACCEPT_LESS, Fix.BRING_FORWARD}  # fmt: skip


def advise(
    problem: Problem, solution: Solution, budget: Budget, *, offers: Sequence[Offer] = (), seed: int = 0
) -> Advice:
    """What would help the plan, as far as the budget reaches; an iteration of it is one trial.

    Raises ProblemError when the solution belongs to another problem.
    """
    named = problem_hash(problem)
    if solution.problem_hash != named:
        raise ProblemError(["the solution belongs to another problem"])
    gaps = [gap for gap in solution.gaps if gap.quantity]
    trials = Trials(problem, fare_of(problem, solution), budget, seed)
    remedies: list[Remedy] = []
    checks: list[ReasonCheck] = []
    if gaps:
        drawn = candidates(problem, solution, offers, Roads(problem))
        goes_on = trials.start()
        first, rest = _queue(trials, gaps, drawn) if goes_on else ([], drawn)
        total = len(drawn) + len(gaps)
        remedies += _prove_all(trials, first, 0, total)
        checks += _check_all(trials, gaps, remedies, len(first), total)
        remedies += _prove_all(trials, rest, len(first) + len(gaps), total)
    run = Run(seed, budget.used, round(budget.elapsed_s, 3), budget.stopped_by or "done")
    return Advice(named, tuple(sorted(remedies, key=_worth)), tuple(checks), trials.made, run)


def _queue(trials: Trials, gaps: Sequence[Gap], drawn: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    """First what promises to help and is the cheapest for some reason of some line; then the rest, doubtful ones last."""
    reasons = {gap.line_id: {reason.code for reason in gap.reasons} for gap in gaps}
    promising: list[Change] = []
    doubtful: list[Change] = []
    roads = Roads(trials.problem)
    for change in drawn:
        helps = change.code not in BY_GOODS or _goods_gain(trials, change, roads)
        (promising if helps else doubtful).append(change)
    first: list[Change] = []
    rest: list[Change] = []
    answered: dict[str, set[Why]] = {line_id: set() for line_id in reasons}
    helped: set[str] = set()
    for change in promising:
        codes = set(ANSWERS.get(change.code, ()))
        news = [one for one in change.line_ids if one not in helped or (codes & reasons[one]) - answered[one]]
        (first if news else rest).append(change)
        for one in change.line_ids:
            answered[one] |= codes
            helped.add(one)
    return first, rest + doubtful


def _goods_gain(trials: Trials, change: Change, roads: Roads) -> bool:
    """Would the lines get more if vehicles were no matter? Where they would not, a trial hardly helps."""
    if not trials.budget.allows():
        return False
    changed = apply(trials.problem, change, change.most)
    net = open_network(changed, roads if changed.sites == trials.problem.sites else Roads(changed))
    got = dict.fromkeys(change.line_ids, 0)
    for grant in allocate(net).in_time:
        line_id = changed.lines[grant.arc.line].id
        if line_id in got:
            got[line_id] += grant.serves
    return any(amount > trials.base(line_id) for line_id, amount in got.items())


def _prove_all(trials: Trials, changes: Sequence[Change], done: int, total: int) -> list[Remedy]:
    found = []
    for place, change in enumerate(changes):
        trials.budget.say("prove", done + place, total)
        found.append(prove(trials, change))
    return found


def _check_all(
    trials: Trials, gaps: Sequence[Gap], remedies: Sequence[Remedy], done: int, total: int
) -> list[ReasonCheck]:
    helped: dict[str, set[Why]] = {}
    for remedy in remedies:
        if remedy.proof is Proof.PROVEN:
            for effect in remedy.effects:
                if effect.more > 0 and effect.line_id in remedy.line_ids:
                    helped.setdefault(effect.line_id, set()).update(ANSWERS.get(remedy.code, ()))
    ranks = {line.id: (line.class_rank, -line.persons) for line in trials.problem.lines}
    checks: list[ReasonCheck] = []
    for place, gap in enumerate(sorted(gaps, key=lambda gap: ranks[gap.line_id])):
        trials.budget.say("reasons", done + place, total)
        shown = {place for place, reason in enumerate(gap.reasons) if reason.code in helped.get(gap.line_id, set())}
        checks += check_reasons(trials, gap, shown)
    return checks


def _worth(remedy: Remedy) -> tuple[int, bool, int, int, int]:
    """Proven ones first; among them those that take nothing from anybody, ask for little, and help many."""
    order = [Proof.PROVEN, Proof.UNPROVEN, Proof.NO_GAIN]
    return order.index(remedy.proof), bool(remedy.losses), EFFORT.index(remedy.code), -remedy.persons, remedy.amount
