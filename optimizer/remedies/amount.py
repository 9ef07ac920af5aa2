"""The smallest amount of a change that gives as much as all of it: what the first answer used, then halving."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from optimizer.model import Problem
from optimizer.remedies.change import MINUTE, Change, apply, new_source
from optimizer.remedies.trial import Fare, Trials
from optimizer.remedy import Fix, Proof, Remedy

TRIES_MAX = 6
"""So often is one change's amount tried before the least found stands."""
COUNTED = {Fix.ADD_VEHICLE, Fix.ADD_BAYS}
"""Few enough to be tried one by one, upwards."""


@dataclass(slots=True)
class _Found:
    amount: int
    fare: Fare
    gain: Fraction
    is_least: bool


def prove(trials: Trials, change: Change) -> Remedy:
    """Try a change and find how little of it is enough."""
    before = trials.made
    found = _upwards(trials, change) if change.code in COUNTED else _downwards(trials, change)
    tried = trials.made - before
    if found is None:
        proof = Proof.NO_GAIN if trials.budget.allows() and tried else Proof.UNPROVEN
        return Remedy(change.code, change.params, change.line_ids, change.most, proof, trials=tried)
    better, worse = trials.effects(found.fare)
    return Remedy(
        change.code, _params(change, found), change.line_ids, found.amount, Proof.PROVEN, found.is_least,
        trials.persons(better), better, worse, found.fare.cost_fen - trials.plan.cost_fen, tried,
    )  # fmt: skip


def _upwards(trials: Trials, change: Change) -> _Found | None:
    """One, two, ... while each gives more than the one before."""
    best: _Found | None = None
    for amount in range(1, change.most + 1):
        fare = trials.solve(apply(trials.problem, change, amount))
        if fare is None:
            return best
        gain = trials.gain(fare, change.line_ids)
        if gain <= (best.gain if best else 0):
            if best:
                return best
            continue
        best = _Found(amount, fare, gain, is_least=True)
        if all(trials.base(one) + trials.more(fare, one) >= trials.lines[one].quantity for one in change.line_ids):
            return best
    return best


def _downwards(trials: Trials, change: Change) -> _Found | None:
    """All of it, then what that used, then one step less, then halves."""
    fare = trials.solve(apply(trials.problem, change, change.most))
    gain = trials.gain(fare, change.line_ids) if fare is not None else Fraction(0)
    if fare is None or not gain:
        return None
    best = _Found(change.most, fare, gain, is_least=change.most == change.unit)
    low = 0
    wanted = _in_steps(_used(trials.problem, change, fare), change.unit)
    for turn in range(TRIES_MAX):
        if best.amount - low <= change.unit:
            best.is_least = True
            return best
        guess = wanted if turn == 0 and low < wanted < best.amount else best.amount - change.unit
        if turn > 1:
            guess = max(_in_steps((low + best.amount) // 2, change.unit), low + change.unit)
            guess = min(guess, best.amount - change.unit)
        tried = trials.solve(apply(trials.problem, change, guess))
        if tried is None:
            return best
        reached = trials.gain(tried, change.line_ids)
        if reached >= best.gain:
            best = _Found(guess, tried, reached, is_least=False)
        else:
            low = guess
    best.is_least = best.amount - low <= change.unit
    return best


def _in_steps(amount: int, unit: int) -> int:
    return -(-amount // unit) * unit


def _used(problem: Problem, change: Change, fare: Fare) -> int:
    """How much of the change a plan makes use of, as far as it can be read off the plan."""
    params = change.params
    drawn = {allocation.source_id: 0 for allocation in fare.solution.allocations}
    for allocation in fare.solution.allocations:
        drawn[allocation.source_id] += allocation.quantity
    match change.code:
        case Fix.LOWER_FLOOR:
            key = (params["site_id"], params["item_id"], params["owner_id"])
            lots = [lot for lot in problem.lots if (lot.site_id, lot.item_id, lot.owner_id) == key]
            floor = next(f.quantity for f in problem.floors if (f.site_id, f.item_id, f.owner_id) == key)
            return min(max(floor - sum(lot.quantity - drawn.get(lot.id, 0) for lot in lots), 1), change.most)
        case Fix.ADD_STOCK | Fix.TAKE_OFFER:
            return drawn.get(new_source(change), change.most)
        case Fix.ACCEPT_LESS:
            return max(change.most - fare.in_time[params["line_id"]], 1)
        case Fix.MOVE_DEADLINE:
            lines = set(change.line_ids)
            last = max(
                (a.arrives_at for a in fare.solution.allocations if a.line_id in lines and not a.is_late), default=0
            )
            return max(_in_steps(last - int(params["due_at"]), MINUTE), MINUTE)
        case _:
            return change.hint or change.most


def _params(change: Change, found: _Found) -> dict[str, object]:
    """The change's own words, with what the plan that proves it shows of it."""
    params = dict(change.params)
    drawn = sum(
        a.quantity
        for a in found.fare.solution.allocations
        if a.source_id in {params.get("lot_id"), params.get("contract_id")}
    )
    if change.code in {Fix.LIFT_RESTRICTION, Fix.ORDER_MINIMUM, Fix.BRING_FORWARD}:
        params["quantity"] = drawn
    if change.code is Fix.ORDER_MINIMUM:
        params["quantity"] = max(drawn, int(change.params["minimum_order"]))
    if change.code is Fix.ACCEPT_LESS:
        params["minimum_fill"] = change.most - found.amount
    return params
