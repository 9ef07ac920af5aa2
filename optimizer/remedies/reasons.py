"""Does a reason hold? What it names is taken away, alone and after those before it, and the problem is solved again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from optimizer.allocate.arcs import usable_items
from optimizer.model import Contract, DemandLine, Lot, Problem, Vehicle
from optimizer.passing import SIZE_MAX, cleared
from optimizer.remedies.trial import Trials
from optimizer.remedy import ReasonCheck, Standing
from optimizer.solution import Gap, Reason, Why

PLENTY = 4
"""Vehicles of each type, and loading bays, that count as enough for one line."""
BESIDE = "+beside"


def without(problem: Problem, line_id: str, reason: Reason) -> Problem:
    """The problem in which a reason does not exist for a line."""
    line = next(row for row in problem.lines if row.id == line_id)
    named = {each["source_id"] for each in reason.params.get("sources", ())}
    match reason.code:
        case Why.LOCKED:
            pair = (reason.params["source_id"], line_id)
            kept = tuple(lock for lock in problem.locks if (lock.source_id, lock.line_id) != pair)
            return replace(problem, locks=kept)
        case Why.MINIMUM_FILL:
            return _line(problem, line_id, minimum_fill=0)
        case Why.PACKS:
            items = {source.item_id for source in _sources(problem) if source.id in named}
            called = {contract.item_id for contract in problem.contracts if contract.id in named}
            rows = tuple(
                replace(i, is_splittable=True, pack_quantity=1 if i.id in called else i.pack_quantity)
                if i.id in items
                else i
                for i in problem.items
            )  # a contract is called off by packs, whether they may be opened or not
            return replace(problem, items=rows)
        case Why.VEHICLES | Why.EQUIPMENT:
            return _with_fleet(problem, line, named)
        case Why.STORE_BUSY:
            stores = {source.site_id for source in _sources(problem) if source.id in named}
            sites = tuple(replace(s, sends_g_max=None) if s.id in stores else s for s in problem.sites)
            return replace(problem, sites=sites)
        case Why.PLACE_FULL:
            sites = tuple(replace(s, takes_cm3_max=None) if s.id == line.site_id else s for s in problem.sites)
            return replace(problem, sites=sites)
        case Why.HIGHER_CLASS | Why.SAME_CLASS:
            takers = {each["line_id"] for each in reason.params.get("lines", ())}
            locks = tuple(lock for lock in problem.locks if lock.line_id not in takers)
            return replace(problem, lines=tuple(row for row in problem.lines if row.id not in takers), locks=locks)
        case Why.FLOOR:
            keys = {(s.site_id, s.item_id, s.owner_id) for s in _sources(problem) if s.id in named}
            rows_ = tuple(f for f in problem.floors if (f.site_id, f.item_id, f.owner_id) not in keys)
            return replace(problem, floors=rows_)
        case Why.CONTRACT_MINIMUM:
            return _contracts(problem, named, lambda _: {"minimum_order": 0})
        case Why.CONTRACT_RAMP:
            return _contracts(problem, named, _at_once)
        case Why.DEADLINE:
            return _line(problem, line_id, due_at=max(line.due_at, problem.rules.horizon_s))
        case Why.NO_ROAD | Why.ROAD_LIMIT:
            return _open(problem, line_id)
        case Why.RESTRICTED:
            return replace(problem, lots=tuple(replace(x, only_sites=()) if x.id in named else x for x in problem.lots))
        case Why.EXPIRED:
            return replace(
                problem, lots=tuple(replace(x, expires_at=None) if x.id in named else x for x in problem.lots)
            )
        case Why.ALL_GIVEN | Why.NO_STOCK:
            return _beside(problem, line)


def check_reasons(trials: Trials, gap: Gap, proven: set[int]) -> Iterator[ReasonCheck]:
    """Every reason of a gap in its order. `proven`: places of reasons that a remedy has shown to hold."""
    problem, reached, done, shown = trials.problem, 0, True, bool(proven)
    for place, reason in enumerate(gap.reasons):
        if place in proven:
            problem = without(problem, gap.line_id, reason)
            yield ReasonCheck(gap.line_id, place, reason.code, Standing.HOLDS)
            continue
        alone_problem = without(trials.problem, gap.line_id, reason)
        problem = without(problem, gap.line_id, reason)
        fare = trials.solve(alone_problem)
        alone = 0 if fare is None else max(trials.more(fare, gap.line_id), 0)
        together = alone
        if fare is not None and not alone and place:
            fare = trials.solve(problem)
            together = 0 if fare is None else max(trials.more(fare, gap.line_id), 0)
        done = fare is not None
        holds = alone > 0 or together > reached
        standing = Standing.UNTRIED if not done else Standing.HOLDS if holds else Standing.NO_EFFECT
        reached, shown = max(reached, together), shown or standing is not Standing.NO_EFFECT
        yield ReasonCheck(gap.line_id, place, reason.code, standing, alone, together)
    if not shown:
        yield _nothing_else(trials, problem, gap)


def _nothing_else(trials: Trials, problem: Problem, gap: Gap) -> ReasonCheck:
    """Where nothing that is named would help, not even all of it, there are too few goods: shown by laying them there."""
    line = trials.lines[gap.line_id]
    problem = _line(_beside(problem, line), line.id, minimum_fill=0)
    fare = trials.solve(_with_fleet(problem, line, {f"{BESIDE}-{line.id}"}))
    more = 0 if fare is None else max(trials.more(fare, line.id), 0)
    code = Why.ALL_GIVEN if trials.plan.in_time[line.id] else Why.NO_STOCK
    standing = Standing.UNTRIED if fare is None else Standing.HOLDS if more else Standing.NO_EFFECT
    return ReasonCheck(line.id, len(gap.reasons), code, standing, 0, more)


def _sources(problem: Problem) -> Sequence[Lot | Contract]:
    return (*problem.lots, *problem.contracts)


def _line(problem: Problem, line_id: str, **values: Any) -> Problem:
    rows = tuple(replace(row, **values) if row.id == line_id else row for row in problem.lines)
    return replace(problem, lines=rows)


def _contracts(problem: Problem, named: set[str], values: Any) -> Problem:
    rows = tuple(replace(row, **values(row)) if row.id in named else row for row in problem.contracts)
    return replace(problem, contracts=rows)


def _at_once(contract: Contract) -> dict[str, Any]:
    return {"steps": tuple(replace(step, at=0) for step in contract.steps)}


def _with_fleet(problem: Problem, line: DemandLine, named: set[str]) -> Problem:
    """Vehicles of every type and bays enough at the stores named; at all stores of the item where none is named."""
    usable = set(usable_items(line))
    origins = {s.site_id for s in _sources(problem) if (s.id in named if named else s.item_id in usable)}
    known = {vehicle.id for vehicle in problem.vehicles}
    fleet = list(problem.vehicles)
    for site_id in sorted(origins):
        for kind in problem.vehicle_types:
            ids = [f"+{kind.id}@{site_id}-{n}" for n in range(PLENTY)]
            fleet.extend(Vehicle(one, kind.id, site_id, drivers=2) for one in ids if one not in known)
    sites = tuple(replace(s, loading_bays=max(s.loading_bays, 8)) if s.id in origins else s for s in problem.sites)
    return replace(problem, vehicles=tuple(fleet), sites=sites)


def _open(problem: Problem, line_id: str) -> Problem:
    """No stretch, yard or place shuts anybody out."""
    edges = tuple(cleared(edge) for edge in problem.edges)
    sites = tuple(replace(site, size_class_max=SIZE_MAX) for site in problem.sites)
    return _line(replace(problem, edges=edges, sites=sites), line_id, size_class_max=SIZE_MAX)


def _beside(problem: Problem, line: DemandLine) -> Problem:
    """What the line asks for lies where its first possible vehicle stands, once."""
    name = f"{BESIDE}-{line.id}"
    if any(lot.id == name for lot in problem.lots):
        return problem
    bases = [vehicle.base_site_id for vehicle in problem.vehicles if vehicle.base_site_id != line.site_id]
    site_id = next(iter(bases), problem.sites[0].id)
    item = next(item for item in problem.items if item.id == line.item_id)
    quantity = -(-line.quantity // item.step) * item.step
    lot = Lot(name, site_id, line.item_id, "+", quantity, only_sites=(line.site_id,))
    return replace(problem, lots=(*problem.lots, lot))


__all__ = ["check_reasons", "without"]
