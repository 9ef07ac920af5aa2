"""A plan made near an older one: what of the older is still a proposal, what stands, and how much calm is worth."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.codec import from_json, to_json
from optimizer.model import Problem
from optimizer.replan import Stability, freeze
from optimizer.solution import Load, Solution, Trip
from supplyops.kernel.errors import NotFound, WrongState
from supplyops.people.tables import Organisation
from supplyops.planning.figures import stability_figures
from supplyops.planning.rules import PartState, PlanState
from supplyops.planning.saving import unbooked
from supplyops.planning.tables import Plan, PlanPart
from supplyops.runtime import Context, unscoped

BECAUSE = "every owner's part of the older plan is or is not issued"


@dataclass(frozen=True, slots=True)
class Near:
    """The problem with what stands, and what has to be remembered to solve it near the older plan."""

    problem: Problem
    options: dict[str, Any]


def near(ctx: Context, older_id: UUID, problem: Problem, starts_at: datetime) -> Near:
    """Let the older plan's trips stand that leave within the lock time.

    Raises NotFound for a plan that is not there, WrongState for one that came to no result.
    """
    older = ctx.get(Plan, older_id)
    if not older.solution:
        raise WrongState("plan", older.state.value, PlanState.DRAFT.value)
    issued = sorted(_issued(ctx, older.id))
    shift_s = int((starts_at - older.starts_at).total_seconds())
    stability = replace(stability_figures(ctx), shift_s=shift_s)
    frozen = freeze(problem, proposed(older, issued), stability)
    return Near(frozen, {"near": True, "issued": issued, "stability": figures_of(stability)})


def figures_of(stability: Stability) -> dict[str, Any]:
    """As a plan's options keep it."""
    return {name: value for name, value in asdict(stability).items() if name != "loaded"}


def stability_in(options: dict[str, Any]) -> Stability:
    """The calm a plan was made with; that of no lock and no charge for one that was not made near another."""
    return Stability(**options.get("stability", {}))


def previous_of(ctx: Context, plan: Plan) -> dict[str, Any] | None:
    """The older plan's proposal as the optimizer reads it; None for a plan made from nothing."""
    if not plan.options.get("near"):
        return None
    older = ctx.session.get(Plan, UUID(plan.options["based_on"]), execution_options={"unscoped": True})
    if older is None:
        raise NotFound("plan")
    found: dict[str, Any] = to_json(proposed(older, plan.options["issued"]))
    return found


def proposed(older: Plan, issued: list[str]) -> Solution:
    """A plan without the goods of owners that have approved: those are under orders, and the new problem leaves them out."""
    solution = from_json(Solution, unbooked(older.solution))
    owners = {row["id"]: row["owner_id"] for kind in ("lots", "contracts") for row in older.problem[kind]}
    kept = [place for place, row in enumerate(solution.allocations) if owners[row.source_id] not in issued]
    at = {place: number for number, place in enumerate(kept)}
    trips = tuple(trip for trip in (_carrying(trip, at) for trip in solution.trips) if any(s.loads for s in trip.stops))
    return replace(solution, allocations=tuple(solution.allocations[place] for place in kept), trips=trips)


def _carrying(trip: Trip, at: dict[int, int]) -> Trip:
    stops = tuple(
        replace(stop, loads=tuple(Load(at[x.allocation], x.quantity) for x in stop.loads if x.allocation in at))
        for stop in trip.stops
    )
    return replace(trip, stops=stops)


def _issued(ctx: Context, plan_id: UUID) -> list[str]:
    rows = (
        select(Organisation.code)
        .join(PlanPart, PlanPart.owner_id == Organisation.id)
        .where(PlanPart.plan_id == plan_id, PlanPart.state == PartState.APPROVED)
    )
    return list(ctx.session.scalars(unscoped(rows, BECAUSE)))
