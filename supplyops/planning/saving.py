"""A solution written down as a draft: lines, trips, parts by owner, gaps with their reasons, figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.codec import from_json, to_json
from optimizer.model import Problem
from optimizer.remedy import Advice
from optimizer.solution import Gap, Solution, Stop, Trip, Verdict, Why
from supplyops.catalogue.tables import Item
from supplyops.fleet.tables import Vehicle
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.planning.rules import PartState, SourceKind, source_parts
from supplyops.planning.tables import Plan, PlanGap, PlanLine, PlanPart, PlanTrip
from supplyops.runtime import Context, unscoped

BECAUSE = "the problem names them"
_MILLISECONDS = "milliseconds"


def booked(solution: Solution) -> dict[str, Any]:
    """A solution as the books keep it: they know no fractions, so the seconds it took are whole milliseconds."""
    plain: dict[str, Any] = to_json(solution)
    run = dict(plain["run"])
    run[_MILLISECONDS] = round(run.pop("seconds") * 1000)
    return _with_text_keys({**plain, "run": run})


def booked_advice(advice: Advice) -> dict[str, Any]:
    """Advice as the books keep it."""
    plain: dict[str, Any] = to_json(advice)
    run = dict(plain["run"])
    run[_MILLISECONDS] = round(run.pop("seconds") * 1000)
    return _with_text_keys({**plain, "run": run})


def unbooked(plain: dict[str, Any]) -> dict[str, Any]:
    """The solution in the optimizer's own form."""
    run = dict(plain["run"])
    run["seconds"] = run.pop(_MILLISECONDS) / 1000
    return {**plain, "run": run}


def booked_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the books keep it."""
    return _with_text_keys(to_json(verdict))


def _with_text_keys(value: dict[str, Any]) -> dict[str, Any]:
    return {str(name): _text_keys(inner) for name, inner in value.items()}


def _text_keys(value: Any) -> Any:
    """JSON names are text, and there are no fractions in the books."""
    if isinstance(value, dict):
        return _with_text_keys(value)
    if isinstance(value, list | tuple):
        return [_text_keys(inner) for inner in value]
    return round(value) if isinstance(value, float) else value


@dataclass(frozen=True, slots=True)
class Names:
    """What the codes of a problem stand for."""

    owners: dict[str, UUID]
    items: dict[str, Item]
    sites: dict[str, Site]
    vehicles: dict[str, UUID]


def names_of(ctx: Context, problem: Problem) -> Names:
    """Look every code of the problem up, once."""
    owner_codes = {lot.owner_id for lot in problem.lots} | {contract.owner_id for contract in problem.contracts}
    owners = ctx.session.scalars(select(Organisation).where(Organisation.code.in_(owner_codes)))
    items = ctx.session.scalars(select(Item).where(Item.sku.in_({item.id for item in problem.items})))
    sites = ctx.session.scalars(unscoped(select(Site).where(Site.code.in_({s.id for s in problem.sites})), BECAUSE))
    plates = {vehicle.id for vehicle in problem.vehicles}
    vehicles = ctx.session.scalars(unscoped(select(Vehicle).where(Vehicle.plate.in_(plates)), BECAUSE))
    return Names(
        {row.code: row.id for row in owners},
        {row.sku: row for row in items},
        {row.code: row for row in sites},
        {row.plate: row.id for row in vehicles},
    )


def write_draft(ctx: Context, plan: Plan, solution: Solution, aside: dict[str, list[dict[str, Any]]]) -> None:
    """Write the rows of a draft. The plan's own row is the caller's."""
    problem = from_json(Problem, plan.problem)
    names = names_of(ctx, problem)
    order = sorted(range(len(solution.allocations)), key=_by_line(problem, solution))
    line_numbers = {place: number for number, place in enumerate(order, start=1)}
    sources = {lot.id: (lot.owner_id, lot.site_id) for lot in problem.lots}
    sources |= {contract.id: (contract.owner_id, contract.site_id) for contract in problem.contracts}
    delivery = {line.id: line.site_id for line in problem.lines}
    for place in order:
        allocation = solution.allocations[place]
        kind, location_id, source_id = source_parts(allocation.source_id)
        owner, origin = sources[allocation.source_id]
        ctx.session.add(
            PlanLine(
                id=ctx.new_id(),
                plan_id=plan.id,
                line_no=line_numbers[place],
                owner_id=names.owners[owner],
                source_kind=kind,
                lot_id=source_id if kind is SourceKind.LOT else None,
                location_id=location_id,
                contract_line_id=source_id if kind is SourceKind.CONTRACT else None,
                item_id=names.items[allocation.item_id].id,
                request_line_id=UUID(allocation.line_id),
                origin_site_id=names.sites[origin].id,
                delivery_site_id=names.sites[delivery[allocation.line_id]].id,
                quantity=allocation.quantity,
                serves=allocation.serves,
                trip_no=allocation.trip_no,
                arrives_at=_at(plan, allocation.arrives_at),
                is_late=allocation.is_late,
            )
        )
    for trip in solution.trips:
        ctx.session.add(_trip(ctx, plan, trip, solution, names, line_numbers))
    locked = {lock["request_line_id"] for lock in plan.options.get("locks", [])}
    for gap in solution.gaps:
        if gap.quantity or gap.line_id in locked:
            ctx.session.add(_gap(ctx, plan, gap, aside.get(gap.line_id, [])))
    for owner in sorted({sources[each.source_id][0] for each in solution.allocations}):
        ctx.session.add(
            PlanPart(
                id=ctx.new_id(),
                plan_id=plan.id,
                owner_id=names.owners[owner],
                state=PartState.PROPOSED,
                decided_at=None,
                decided_by_id=None,
                note="",
            )
        )


def _by_line(problem: Problem, solution: Solution) -> Any:
    """Lines in the order of the requests, then by source."""
    places = {line.id: place for place, line in enumerate(problem.lines)}
    names = [*(lot.id for lot in problem.lots), *(contract.id for contract in problem.contracts)]
    sources = {name: place for place, name in enumerate(names)}

    def key(place: int) -> tuple[int, int, int]:
        allocation = solution.allocations[place]
        return places[allocation.line_id], sources[allocation.source_id], allocation.trip_no or 0

    return key


def _trip(
    ctx: Context, plan: Plan, trip: Trip, solution: Solution, names: Names, line_numbers: dict[int, int]
) -> PlanTrip:
    loaded = [load for stop in trip.stops for load in stop.loads if load.quantity > 0]
    parts = [(names.items[solution.allocations[load.allocation].item_id], load.quantity) for load in loaded]
    carried = [(item, quantity) for item, quantity in parts if not item.is_towed]
    return PlanTrip(
        id=ctx.new_id(),
        plan_id=plan.id,
        trip_no=trip.no,
        vehicle_id=names.vehicles[trip.vehicle_id],
        departs_at=_at(plan, trip.departs_at),
        returns_at=_at(plan, trip.returns_at),
        distance_m=trip.distance_m,
        mass_g=sum(item.unit_mass_g * quantity for item, quantity in carried),
        volume_cm3=sum(item.unit_volume_cm3 * quantity for item, quantity in carried),
        stops=[_stop(plan, stop, names, line_numbers) for stop in trip.stops],
        ended_at=None,
    )


def _stop(plan: Plan, stop: Stop, names: Names, line_numbers: dict[int, int]) -> dict[str, Any]:
    site = names.sites[stop.site_id]
    return {
        "site_id": str(site.id),
        "site_code": site.code,
        "site_name": site.name,
        "arrives_at": _at(plan, stop.arrives_at).isoformat(),
        "departs_at": _at(plan, stop.departs_at).isoformat(),
        "roads": list(stop.edges),
        "distance_m": stop.distance_m,
        "loads": [{"line_no": line_numbers[load.allocation], "quantity": load.quantity} for load in stop.loads],
    }


def _gap(ctx: Context, plan: Plan, gap: Gap, aside: list[dict[str, Any]]) -> PlanGap:
    """The optimizer's reasons, then what was left out of the problem.

    The house's own locks (goods that lie at the place already) are no word of the commander's and are not shown as one.
    """
    locked = {lock["request_line_id"] for lock in plan.options.get("locks", [])}
    reasons = [
        {"code": reason.code.value, "params": _text_keys(dict(reason.params))}
        for reason in gap.reasons
        if reason.code is not Why.LOCKED or gap.line_id in locked
    ]
    return PlanGap(
        id=ctx.new_id(),
        plan_id=plan.id,
        request_line_id=UUID(gap.line_id),
        quantity=gap.quantity,
        late=gap.late,
        reasons=[*reasons, *aside],
    )


def summary_of(plan: Plan, solution: Solution, verdict: Verdict, owners: Iterable[str]) -> dict[str, Any]:
    """The figures that lists and boards show, as the checker counted them."""
    figures = to_json(verdict)["figures"]
    last = verdict.figures.last_arrival_at
    return _with_text_keys(
        {
            **figures,
            "last_arrival_at": _at(plan, last).isoformat() if last else "",
            "owners": sorted(owners),
            "gaps": sum(1 for gap in solution.gaps if gap.quantity),
            "allocations": len(solution.allocations),
            "run": booked(solution)["run"],
        }
    )


def _at(plan: Plan, seconds: int) -> datetime:
    return plan.starts_at + timedelta(seconds=seconds)
