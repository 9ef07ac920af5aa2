"""Ways to take a late request line along with a plan that stands: asked for, stopped, kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from optimizer.codec import plain as plainly
from optimizer.codec import to_json
from optimizer.offered import Offer
from optimizer.solution import Solution, Verdict
from supplyops.kernel import codec
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import WrongState
from supplyops.planning import asked
from supplyops.planning.insertion_rules import INSERTIONS_JOB_KIND, InsertionInput
from supplyops.planning.late_lines import late_line, line_named
from supplyops.planning.rules import WORKED_BY, AdviceState, PlanState
from supplyops.planning.saving import booked, booked_verdict, unbooked
from supplyops.planning.tables import Plan, PlanInsertions, PlanVariant
from supplyops.planning.variant_rules import VariantOrigin
from supplyops.runtime import Context, command, query

Found = tuple[Offer, Solution, Verdict]


@dataclass(frozen=True, slots=True)
class InsertionsOrder:
    """What the worker needs to look for ways."""

    problem: dict[str, Any]
    plan: dict[str, Any]
    line: dict[str, Any]
    since: dict[str, Any]
    seconds: int | None
    tries: int | None


@command(Permission.PLANS_MAKE)
def start_insertions(ctx: Context, plan_id: UUID, wanted: InsertionInput) -> UUID:
    """Queue the search for ways to take a line along.

    Raises WrongState for a plan by which nobody works or may work, or a request that is not accepted; NotFound for a line that
    is not the incident's; Conflict `line_served`, `line_elsewhere`, or `insertions_running` while another search is under way.
    """
    plan = asked.plan_with_result(ctx, plan_id)
    if plan.state not in WORKED_BY:
        raise WrongState("plan", plan.state.value, PlanState.DRAFT.value)
    line = line_named(ctx, plan, wanted.request_number, wanted.line_no)
    late = late_line(ctx, plan, line)
    asked.refuse_second(ctx, PlanInsertions, PlanInsertions.plan_id == plan.id, "insertions_running", plan.number)
    row = asked.queue(
        ctx, PlanInsertions, INSERTIONS_JOB_KIND, plan_id=plan.id, request_line_id=line.id,
        options=plain(codec.to_json(wanted)), problem=to_json(late.problem), since=_since(plainly(late.since)), offers=[],
    )  # fmt: skip
    ctx.about("plan", plan.id, plan.number, request=wanted.request_number, line=wanted.line_no)
    return row.id


def _since(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "avoided": sorted(value["avoided"])}


@command(Permission.PLANS_MAKE)
def cancel_insertions(ctx: Context, plan_id: UUID) -> None:
    """Stop the search. Raises NotFound when none is under way."""
    asked.cancel(ctx, PlanInsertions, plan_id)


@command(Permission.INTERNAL)
def save_insertions(ctx: Context, insertions_id: UUID, job_id: UUID, attempt: int, found: tuple[Found, ...]) -> bool:
    """Keep what was found. False, and nothing changes, when the job is not this attempt's any more."""
    row = asked.running(ctx, PlanInsertions, insertions_id, job_id, attempt)
    if row is None:
        return False
    offers = []
    for offer, solution, verdict in found:
        variant_id = ctx.new_id()
        ctx.session.add(
            PlanVariant(
                id=variant_id,
                plan_id=row.plan_id,
                alternatives_id=None,
                insertions_id=row.id,
                origin=VariantOrigin.LATE,
                solution=booked(solution),
                verdict=booked_verdict(verdict),
                note="",
                created_at=ctx.now,
                created_by_id=row.created_by_id,
                adopted_as_id=None,
            )
        )
        offers.append({**plainly(offer), "variant_id": str(variant_id)})
    row.offers, row.state, row.finished_at = offers, AdviceState.DONE, ctx.now
    return True


@command(Permission.INTERNAL)
def fail_insertions(ctx: Context, insertions_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    return asked.fail(ctx, PlanInsertions, insertions_id, job_id, attempt, error)


@query(Permission.INTERNAL)
def insertions_order(ctx: Context, insertions_id: UUID) -> InsertionsOrder | None:
    """What to work on; None when nobody waits for it any more."""
    row = ctx.session.get(PlanInsertions, insertions_id)
    if row is None or row.state is not AdviceState.RUNNING:
        return None
    plan = ctx.get(Plan, row.plan_id)
    line = next(each for each in row.problem["lines"] if each["id"] == str(row.request_line_id))
    options = row.options
    return InsertionsOrder(row.problem, unbooked(plan.solution), line, row.since, options["seconds"], options["tries"])
