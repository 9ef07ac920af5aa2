"""A request line that came after a plan was made, in that plan's problem: with the goods, vehicles and roads there are by now.

What the plan itself rests on stays as it was read; what has changed since binds the late goods alone, and approval compares
the whole with the books once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from optimizer.codec import from_json, rebuilt_from
from optimizer.model import Contract, DemandLine, Lock, LockMode, Lot, Problem
from optimizer.offered import Piece, Since, with_line
from optimizer.solution import Solution
from optimizer.validate import validate
from supplyops.incidents.tables import Incident
from supplyops.kernel.errors import Conflict, NotFound, WrongState
from supplyops.people.tables import Organisation
from supplyops.places.worse_roads import roads_worse_since
from supplyops.planning import snapshot
from supplyops.planning.demand import Demand, Wanted, demand_of
from supplyops.planning.figures import plan_figures
from supplyops.planning.refusals import refused_for
from supplyops.planning.rules import PartState, read_at
from supplyops.planning.saving import unbooked
from supplyops.planning.supply import Supply, chain_of, supply_of
from supplyops.planning.tables import Plan, PlanInsertions, PlanLine, PlanPart
from supplyops.planning.transport import vehicles_of
from supplyops.requests.rules import RequestState
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped

BECAUSE = "who may see a plan sees what could be added to it"


@dataclass(frozen=True, slots=True)
class LateLine:
    """The plan's problem with the line in it, and what has changed since the plan was made."""

    problem: Problem
    line: DemandLine
    since: Since


def line_named(
    ctx: Context, plan: Plan, request_number: str, line_no: int, *, must_be_open: bool = True
) -> SupplyRequestLine:
    """A line of the plan's incident. Raises NotFound, WrongState for a request that is not accepted where it has to be."""
    found = ctx.session.execute(
        unscoped(
            select(SupplyRequestLine, SupplyRequest)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .where(
                SupplyRequest.number == request_number,
                SupplyRequest.incident_id == plan.incident_id,
                SupplyRequestLine.line_no == line_no,
            ),
            BECAUSE,
        )
    ).one_or_none()
    if found is None:
        raise NotFound("supply_request_line", reference=f"{request_number} 第{line_no}行")
    line, request = found
    if must_be_open and request.state is not RequestState.ACCEPTED:
        raise WrongState("supply_request", request.state.value, RequestState.ACCEPTED.value)
    return line


def open_of(ctx: Context, plan: Plan, lines: Sequence[SupplyRequestLine]) -> dict[UUID, int]:
    """What of each line nobody but this plan has been approved to serve."""
    mine = (
        select(PlanLine.request_line_id, func.sum(PlanLine.serves))
        .join(PlanPart, (PlanPart.plan_id == PlanLine.plan_id) & (PlanPart.owner_id == PlanLine.owner_id))
        .where(
            PlanLine.plan_id == plan.id,
            PlanLine.request_line_id.in_([line.id for line in lines]),
            PlanPart.state == PartState.APPROVED,
        )
        .group_by(PlanLine.request_line_id)
    )
    own = {line_id: int(serves) for line_id, serves in ctx.session.execute(unscoped(mine, BECAUSE))}
    return {line.id: line.accepted - line.approved + own.get(line.id, 0) for line in lines}


def late_line(ctx: Context, plan: Plan, line: SupplyRequestLine) -> LateLine:
    """Put a line into the plan's problem; a line that is in it already, and short there, is taken as it is.

    Raises Conflict `line_served` for a line that the plan serves wholly or that nothing is open of, `line_elsewhere` for one
    that another body has to plan for.
    """
    incident = ctx.session.get_one(Incident, plan.incident_id, execution_options={"unscoped": True})
    body = ctx.session.get_one(Organisation, plan.organisation_id)
    problem, solution = from_json(Problem, plan.problem), from_json(Solution, unbooked(plan.solution))
    own = next((each for each in problem.lines if each.id == str(line.id)), None)
    open_now = open_of(ctx, plan, [line])[line.id]
    served = sum(row.serves for row in solution.allocations if row.line_id == str(line.id))
    if min(open_now, own.quantity if own else open_now) <= served:
        raise Conflict("line_served", number=plan.number)
    demand = demand_of(ctx, incident, body)
    wanted = next((each for each in demand.lines if each.line.id == line.id), None)
    if wanted is None:
        raise Conflict("line_elsewhere", number=plan.number, organisation=body.name)
    return _Extended(ctx, plan, problem, solution).with_line(incident, demand, wanted, own)


def refuse_overtaken(ctx: Context, plan: Plan, asked: PlanInsertions, variant_id: UUID, solution: Solution) -> None:
    """Raises WrongState, Conflict `line_served` or `offer_overtaken` when a way that was found cannot be gone any more."""
    line, request = ctx.session.execute(
        unscoped(
            select(SupplyRequestLine, SupplyRequest)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .where(SupplyRequestLine.id == asked.request_line_id),
            BECAUSE,
        )
    ).one()
    if request.state is not RequestState.ACCEPTED:
        raise WrongState("supply_request", request.state.value, RequestState.ACCEPTED.value)
    if open_of(ctx, plan, [line])[line.id] < sum(
        row.serves for row in solution.allocations if row.line_id == str(line.id)
    ):
        raise Conflict("line_served", number=plan.number)
    offer = next(each for each in asked.offers if each["variant_id"] == str(variant_id))
    begins = min(rebuilt_from(Piece, piece).begins_at for piece in offer["pieces"])
    if plan.starts_at + timedelta(seconds=begins) < ctx.now:
        raise Conflict("offer_overtaken", number=plan.number)


class _Extended:
    """A plan's problem that is made to hold one line more."""

    def __init__(self, ctx: Context, plan: Plan, problem: Problem, solution: Solution) -> None:
        self._ctx, self._plan, self._problem, self._solution = ctx, plan, problem, solution
        self._taken: dict[str, int] = {}
        for row in solution.allocations:
            self._taken[row.source_id] = self._taken.get(row.source_id, 0) + row.quantity
        self._roads = {road for trip in solution.trips for stop in trip.stops for road in stop.edges}

    def with_line(self, incident: Incident, demand: Demand, wanted: Wanted, own: DemandLine | None) -> LateLine:
        ctx, plan = self._ctx, self._plan
        items = {item_id: demand.items[item_id] for item_id in demand.usable_items(wanted)}
        narrow = replace(demand, lines=(wanted,), items=items)
        figures, chain = plan_figures(ctx), chain_of(ctx, incident, demand)
        starts_at = plan.starts_at
        supply = supply_of(
            ctx, incident, narrow, chain, figures, starts_at, self._problem.vehicle_types, refused_for(ctx, plan)
        )
        vehicles, _ = vehicles_of(ctx, chain, figures, starts_at)
        line = own or snapshot.line_of(narrow, wanted, starts_at)
        worse = roads_worse_since(ctx, read_at(plan.options, plan.created_at))
        problem = self._with_goods(narrow, wanted, supply)
        edges = tuple(
            replace(edge, is_open=edge.is_open and (edge.id not in worse or edge.id in self._roads))
            for edge in problem.edges
        )
        problem = self._with_locks(with_line(replace(problem, edges=edges), line), supply, line)
        validate(problem)
        known = {vehicle.id for vehicle in problem.vehicles}
        since = Since(
            at=max(0, int((snapshot.whole_minute(ctx.now) - starts_at).total_seconds())),
            vehicles={vehicle.id: vehicle.available_at for vehicle in vehicles if vehicle.id in known},
            avoided=frozenset(worse & self._roads),
            supplier_later=self._later(supply),
        )
        return LateLine(problem, line, since)

    def _with_goods(self, narrow: Demand, wanted: Wanted, supply: Supply) -> Problem:
        """The problem with goods that it does not know, and the sites they lie at."""
        problem, ctx = self._problem, self._ctx
        nodes = {node.id for node in problem.nodes}
        sites = {site.id for site in problem.sites}
        known_items = {item.id for item in problem.items}
        known_lots, known_contracts = {lot.id for lot in problem.lots}, {each.id for each in problem.contracts}
        pools = {(lot.site_id, lot.item_id, lot.owner_id) for lot in problem.lots}
        fresh = {lot.id: lot for lot in supply.lots}
        called = {each.id: each for each in supply.contracts}  # one that the plan does not call on is as it is now
        rooms = snapshot.rooms_of(ctx, [wanted.site])
        more_sites = {row.code: row for row in (*supply.sites.values(), wanted.site) if row.code not in sites}
        return replace(
            problem,
            items=(
                *problem.items,
                *(snapshot.item_of(row) for row in narrow.items.values() if row.sku not in known_items),
            ),
            sites=(*problem.sites, *(snapshot.site_of(row, nodes, rooms) for _, row in sorted(more_sites.items()))),
            lots=(
                *(self._may_go(lot.id, fresh, lot) for lot in problem.lots),
                *(lot for lot in supply.lots if lot.id not in known_lots),
            ),
            floors=(
                *problem.floors,
                *(each for each in supply.floors if (each.site_id, each.item_id, each.owner_id) not in pools),
            ),
            contracts=(
                *(each if self._taken.get(each.id) else called.get(each.id, each) for each in problem.contracts),
                *(each for each in supply.contracts if each.id not in known_contracts),
            ),
        )

    def _may_go(self, name: str, fresh: dict[str, Lot], lot: Lot) -> Lot:
        """A lot that a donor keeps for some places may go to the late line's too, where that is one of them."""
        if not lot.only_sites or name not in fresh:
            return lot
        return replace(lot, only_sites=tuple(sorted({*lot.only_sites, *fresh[name].only_sites})))

    def _later(self, supply: Supply) -> dict[str, int]:
        """By how much contracts that the plan calls on give later to who calls only now."""
        fresh = {each.id: each for each in supply.contracts}
        return {
            each.id: max(0, fresh[each.id].steps[0].at - each.steps[0].at)
            for each in self._problem.contracts
            if each.id in fresh and self._taken.get(each.id) and each.steps and fresh[each.id].steps
        }

    def _with_locks(self, problem: Problem, supply: Supply, line: DemandLine) -> Problem:
        """What lies at the place is handed out there, and of what has become less since no more is offered than there is."""
        known = {(lock.source_id, lock.line_id) for lock in problem.locks}
        usable = {line.item_id, *(each.item_id for each in line.substitutes)}
        free = self._free_now(supply)
        given: dict[str, int] = defaultdict(int)
        for row in self._solution.allocations:
            if row.line_id == line.id:
                given[row.source_id] += row.quantity
        locks = []
        sources: list[Lot | Contract] = [*problem.lots, *problem.contracts]
        for source in sources:
            if source.item_id not in usable or (source.id, line.id) in known:
                continue
            left = free.get(source.id, 0)
            if left <= 0 or (isinstance(source, Lot) and source.site_id == line.site_id):
                locks.append(Lock(source.id, line.id, LockMode.FORBID))
            elif left < source.quantity - self._taken.get(source.id, 0):
                locks.append(Lock(source.id, line.id, LockMode.AT_MOST, left + given[source.id]))
        return replace(problem, locks=(*problem.locks, *locks))

    def _free_now(self, supply: Supply) -> dict[str, int]:
        """What may still leave each source by the books as they are, besides what the plan takes: floors respected."""
        approved = self._approved()
        mine: dict[str, int] = defaultdict(int)
        owners = {lot.id: lot.owner_id for lot in self._problem.lots}
        owners |= {each.id: each.owner_id for each in self._problem.contracts}
        for name, quantity in self._taken.items():
            mine[name] = 0 if owners[name] in approved else quantity
        pools: dict[tuple[str, str, str], int] = defaultdict(int)
        for lot in supply.lots:
            pools[lot.site_id, lot.item_id, lot.owner_id] += lot.quantity - mine[lot.id]
        for floor in supply.floors:
            pools[floor.site_id, floor.item_id, floor.owner_id] -= floor.quantity
        free = {each.id: each.quantity - mine[each.id] for each in supply.contracts}
        for lot in supply.lots:
            free[lot.id] = min(lot.quantity - mine[lot.id], pools[lot.site_id, lot.item_id, lot.owner_id])
        return free

    def _approved(self) -> set[str]:
        """Owners whose goods are held for the plan already: the books count them as gone."""
        owners = (
            select(Organisation.code)
            .join(PlanPart, PlanPart.owner_id == Organisation.id)
            .where(PlanPart.plan_id == self._plan.id, PlanPart.state == PartState.APPROVED)
        )
        return set(self._ctx.session.scalars(unscoped(owners, BECAUSE)))
