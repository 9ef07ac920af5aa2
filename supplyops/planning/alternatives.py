"""A plan's problem solved again fast, fair and frugal: asked for, stopped, kept, read side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.codec import from_json
from optimizer.solution import Solution, Verdict
from supplyops.kernel import codec
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import NotFound
from supplyops.planning import asked
from supplyops.planning.asked import WorkState
from supplyops.planning.comparing import Comparer, ReachedRow
from supplyops.planning.queries import PlanHead, head
from supplyops.planning.rules import AdviceState, PlanState
from supplyops.planning.saving import booked, booked_verdict, unbooked
from supplyops.planning.tables import Plan, PlanAlternatives, PlanVariant
from supplyops.planning.variant_rules import ALTERNATIVES_JOB_KIND, AlternativesOptions, VariantOrigin
from supplyops.planning.variants import VariantRow, is_open, variant_row
from supplyops.runtime import Context, command, query, unscoped

BECAUSE = "who may see a plan sees its alternatives"
ORDER = (VariantOrigin.FAST, VariantOrigin.FAIR, VariantOrigin.FRUGAL)

Found = tuple[VariantOrigin, Solution, Verdict]


@dataclass(frozen=True, slots=True)
class AlternativesOrder:
    """What the worker needs to look for alternatives."""

    problem: dict[str, Any]
    plan: dict[str, Any]
    seconds: int | None
    iterations: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class PlanAlternativesRow:
    """The newest alternatives of a plan, or how far the search is; the plan's own figures beside them."""

    plan: PlanHead
    base: ReachedRow | None
    """None until there are variants to lay beside it."""
    id: UUID | None
    state: AdviceState | None
    created_by: str
    created_at: datetime | None
    finished_at: datetime | None
    options: dict[str, Any]
    progress: dict[str, Any]
    error: dict[str, Any]
    is_lost: bool
    variants: tuple[VariantRow, ...]
    """Fast, fair, frugal."""
    all_equal: bool
    """None of them differs from the plan or from another in any figure."""
    may_adopt: bool


@command(Permission.PLANS_MAKE)
def start_alternatives(ctx: Context, plan_id: UUID, options: AlternativesOptions) -> UUID:
    """Queue the search for alternatives to a plan. Raises WrongState for a plan without a solution, Conflict
    `alternatives_running` while another search for it is under way."""
    plan = asked.plan_with_result(ctx, plan_id)
    asked.refuse_second(ctx, PlanAlternatives, PlanAlternatives.plan_id == plan.id, "alternatives_running", plan.number)
    row = asked.queue(
        ctx, PlanAlternatives, ALTERNATIVES_JOB_KIND, plan_id=plan.id, options=plain(codec.to_json(options))
    )
    ctx.about("plan", plan.id, plan.number)
    return row.id


@command(Permission.PLANS_MAKE)
def cancel_alternatives(ctx: Context, plan_id: UUID) -> None:
    """Stop the search. Raises NotFound when none is under way."""
    asked.cancel(ctx, PlanAlternatives, plan_id)


@command(Permission.INTERNAL)
def save_alternatives(
    ctx: Context, alternatives_id: UUID, job_id: UUID, attempt: int, found: tuple[Found, ...]
) -> bool:
    """Keep what was found. False, and nothing changes, when the job is not this attempt's any more."""
    row = asked.running(ctx, PlanAlternatives, alternatives_id, job_id, attempt)
    if row is None:
        return False
    for origin, solution, verdict in found:
        ctx.session.add(
            PlanVariant(
                id=ctx.new_id(),
                plan_id=row.plan_id,
                alternatives_id=row.id,
                insertions_id=None,
                origin=origin,
                solution=booked(solution),
                verdict=booked_verdict(verdict),
                note="",
                created_at=ctx.now,
                created_by_id=row.created_by_id,
                adopted_as_id=None,
            )
        )
    row.state, row.finished_at = AdviceState.DONE, ctx.now
    return True


@command(Permission.INTERNAL)
def fail_alternatives(ctx: Context, alternatives_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    return asked.fail(ctx, PlanAlternatives, alternatives_id, job_id, attempt, error)


@query(Permission.INTERNAL)
def alternatives_order(ctx: Context, alternatives_id: UUID) -> AlternativesOrder | None:
    """What to work on; None when nobody waits for it any more."""
    row = ctx.session.get(PlanAlternatives, alternatives_id)
    if row is None or row.state is not AdviceState.RUNNING:
        return None
    plan = ctx.get(Plan, row.plan_id)
    options = row.options
    return AlternativesOrder(
        plan.problem, unbooked(plan.solution), options["seconds"], options["iterations"], options["seed"]
    )


@query(Permission.PLANS_SEE)
def alternatives(ctx: Context, reference: str) -> PlanAlternativesRow:
    """Alternatives to a plan, by number or id: the newest, or how far the search is. Raises NotFound for a plan without result."""
    plan_head = head(ctx, reference)
    plan = ctx.session.get_one(Plan, plan_head.id, execution_options={"unscoped": True})
    if not plan.solution or plan.state is PlanState.FAILED:
        raise NotFound("plan_alternatives", reference=plan_head.number)
    row = asked.newest(ctx, PlanAlternatives, PlanAlternatives.plan_id == plan.id)
    may_adopt = is_open(ctx, plan)
    if row is None:
        return PlanAlternativesRow(
            plan=plan_head, base=None, **asked.NOBODY_ASKED, variants=(), all_equal=False, may_adopt=may_adopt
        )
    comparer = Comparer(ctx, plan) if row.state is AdviceState.DONE else None  # who watches asks every few seconds
    shown = _variants(ctx, comparer, row) if comparer else ()
    return PlanAlternativesRow(
        plan=plan_head,
        base=comparer.base if comparer else None,
        **asked.told(ctx, row),
        variants=shown,
        all_equal=bool(shown) and all(each.figures is not None and each.figures.is_equal for each in shown),
        may_adopt=may_adopt,
    )


def _variants(ctx: Context, comparer: Comparer, row: PlanAlternatives) -> tuple[VariantRow, ...]:
    """The variants of a run in their usual order, each with the others it comes out equal to."""
    rows = list(
        ctx.session.scalars(unscoped(select(PlanVariant).where(PlanVariant.alternatives_id == row.id), BECAUSE))
    )
    rows.sort(key=lambda each: ORDER.index(each.origin))
    solutions = {each.id: from_json(Solution, unbooked(each.solution)) for each in rows}
    return tuple(
        variant_row(
            ctx,
            comparer,
            each,
            tuple(
                other.origin
                for other in rows
                if other is not each and comparer.are_equal(solutions[each.id], solutions[other.id])
            ),
        )
        for each in rows
    )


@query(Permission.PLANS_SEE)
def alternatives_state(ctx: Context, reference: str) -> WorkState | None:
    """How far the newest search for alternatives to a plan is; None where nobody has asked for any."""
    row = asked.newest(ctx, PlanAlternatives, PlanAlternatives.plan_id == head(ctx, reference).id)
    return asked.state_of(ctx, row) if row else None
