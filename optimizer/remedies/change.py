"""A problem with one thing changed in it. Pure: the same problem, change and amount give the same new problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from optimizer.model import Contract, Lot, Problem, Step, Vehicle
from optimizer.passing import cleared
from optimizer.remedy import Fix, Offer

MINUTE = 60
GRAMS = 1_000
"""A kilogram."""
CUBIC_CM = 1_000
"""A litre."""


@dataclass(frozen=True, slots=True)
class Change:
    """What could be done, in steps of `unit` up to `most`; `params` name what it is done to."""

    code: Fix
    params: dict[str, Any]
    unit: int = 1
    most: int = 1
    line_ids: tuple[str, ...] = ()
    offer: Offer | None = field(default=None)
    hint: int = 0
    """An amount that the reasons' figures point to; the first to be tried after all of it."""

    @property
    def key(self) -> tuple[str, str]:
        """Changes with the same key are one."""
        return self.code.value, repr(sorted(self.params.items()))


def apply(problem: Problem, change: Change, amount: int) -> Problem:
    """The problem with so much of the change."""
    return _HOW[change.code](problem, change, amount)


def new_source(change: Change) -> str:
    """The id of the goods that a change brings in."""
    params = change.params
    if change.offer is not None:
        source = change.offer.lot or change.offer.contract
        assert source is not None
        return source.id
    return f"+{params['item_id']}@{params['site_id']}"


def _lift_lock(problem: Problem, change: Change, _: int) -> Problem:
    pair = (change.params["source_id"], change.params["line_id"])
    return replace(problem, locks=tuple(lock for lock in problem.locks if (lock.source_id, lock.line_id) != pair))


def _accept_less(problem: Problem, change: Change, amount: int) -> Problem:
    return _with(problem, "lines", change.params["line_id"], lambda line: {"minimum_fill": line.minimum_fill - amount})


def _unpack(problem: Problem, change: Change, _: int) -> Problem:
    return _with(problem, "items", change.params["item_id"], lambda _: {"is_splittable": True})


def _move_deadline(problem: Problem, change: Change, amount: int) -> Problem:
    moved = set(change.line_ids)
    rows = tuple(replace(row, due_at=row.due_at + amount) if row.id in moved else row for row in problem.lines)
    return replace(problem, lines=rows)


def _second_driver(problem: Problem, change: Change, _: int) -> Problem:
    return _with(problem, "vehicles", change.params["vehicle_id"], lambda _: {"drivers": 2})


def _add_bays(problem: Problem, change: Change, amount: int) -> Problem:
    return _with(problem, "sites", change.params["site_id"], lambda site: {"loading_bays": site.loading_bays + amount})


def _add_crews(problem: Problem, change: Change, amount: int) -> Problem:
    more = amount * GRAMS
    return _with(
        problem, "sites", change.params["site_id"], lambda site: {"sends_g_max": (site.sends_g_max or 0) + more}
    )


def _add_room(problem: Problem, change: Change, amount: int) -> Problem:
    more = amount * CUBIC_CM
    return _with(
        problem, "sites", change.params["site_id"], lambda site: {"takes_cm3_max": (site.takes_cm3_max or 0) + more}
    )


def _lower_floor(problem: Problem, change: Change, amount: int) -> Problem:
    wanted = (change.params["site_id"], change.params["item_id"], change.params["owner_id"])
    floors = tuple(
        replace(floor, quantity=max(floor.quantity - amount, 0))
        if (floor.site_id, floor.item_id, floor.owner_id) == wanted
        else floor
        for floor in problem.floors
    )
    return replace(problem, floors=floors)


def _order_minimum(problem: Problem, change: Change, _: int) -> Problem:
    return _with(problem, "contracts", change.params["contract_id"], lambda _: {"minimum_order": 0})


def _add_vehicle(problem: Problem, change: Change, amount: int) -> Problem:
    type_id, site_id = change.params["type_id"], change.params["site_id"]
    new = tuple(Vehicle(f"+{type_id}@{site_id}-{n}", type_id, site_id) for n in range(amount))
    return replace(problem, vehicles=(*problem.vehicles, *new))


def _take_offer(problem: Problem, change: Change, amount: int) -> Problem:
    offer = change.offer
    assert offer is not None
    known = {site.id for site in problem.sites}
    if offer.site is not None and offer.site.id not in known:
        problem = replace(problem, sites=(*problem.sites, offer.site))
    if offer.lot is not None:
        return replace(problem, lots=(*problem.lots, replace(offer.lot, quantity=min(offer.lot.quantity, amount))))
    assert offer.contract is not None
    steps = _first(offer.contract.steps, amount)
    return replace(problem, contracts=(*problem.contracts, replace(offer.contract, steps=steps)))


def _first(steps: tuple[Step, ...], amount: int) -> tuple[Step, ...]:
    """The steps up to an amount."""
    kept: list[Step] = []
    for step in steps:
        if kept and kept[-1].quantity >= amount:
            break
        kept.append(replace(step, quantity=min(step.quantity, amount)))
    return tuple(kept)


def _lift_restriction(problem: Problem, change: Change, _: int) -> Problem:
    return _with(problem, "lots", change.params["lot_id"], lambda _: {"only_sites": ()})


def _bring_forward(problem: Problem, change: Change, amount: int) -> Problem:
    def sooner(contract: Contract) -> dict[str, Any]:
        return {"steps": tuple(replace(step, at=max(step.at - amount, 0)) for step in contract.steps)}

    return _with(problem, "contracts", change.params["contract_id"], sooner)


def _open_roads(problem: Problem, change: Change, _: int) -> Problem:
    opened = set(change.params["edge_ids"])
    return replace(problem, edges=tuple(cleared(edge) if edge.id in opened else edge for edge in problem.edges))


def _add_stock(problem: Problem, change: Change, amount: int) -> Problem:
    rung = max((lot.precedence for lot in problem.lots), default=0) + 1
    lot = Lot(new_source(change), change.params["site_id"], change.params["item_id"], "+", amount, precedence=rung)
    return replace(problem, lots=(*problem.lots, lot))


def _with(problem: Problem, kind: str, row_id: str, values: Callable[[Any], dict[str, Any]]) -> Problem:
    rows = tuple(replace(row, **values(row)) if row.id == row_id else row for row in getattr(problem, kind))
    changed: dict[str, Any] = {kind: rows}
    return replace(problem, **changed)


_HOW: dict[Fix, Callable[[Problem, Change, int], Problem]] = {
    Fix.LIFT_LOCK: _lift_lock,
    Fix.ACCEPT_LESS: _accept_less,
    Fix.UNPACK: _unpack,
    Fix.MOVE_DEADLINE: _move_deadline,
    Fix.SECOND_DRIVER: _second_driver,
    Fix.ADD_BAYS: _add_bays,
    Fix.ADD_CREWS: _add_crews,
    Fix.ADD_ROOM: _add_room,
    Fix.LOWER_FLOOR: _lower_floor,
    Fix.ORDER_MINIMUM: _order_minimum,
    Fix.ADD_VEHICLE: _add_vehicle,
    Fix.TAKE_OFFER: _take_offer,
    Fix.LIFT_RESTRICTION: _lift_restriction,
    Fix.BRING_FORWARD: _bring_forward,
    Fix.OPEN_ROADS: _open_roads,
    Fix.ADD_STOCK: _add_stock,
}

__all__ = ["CUBIC_CM", "GRAMS", "MINUTE", "Change", "apply", "new_source"]
