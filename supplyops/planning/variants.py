"""Variants of a plan: laid beside it in numbers, and one of them taken as the plan to work by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from optimizer.codec import from_json, problem_hash
from optimizer.model import Problem
from optimizer.solution import Solution, Verdict
from supplyops.incidents.commands import lock_open
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, NotFound, WrongState
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import User
from supplyops.planning.comparing import Comparer, ReachedRow, VariantFigures
from supplyops.planning.drafting import become_draft
from supplyops.planning.findings import Finding, findings_of
from supplyops.planning.late_lines import refuse_overtaken
from supplyops.planning.queries import PlanHead, head
from supplyops.planning.rules import SERIES, PartState, PlanState, read_at
from supplyops.planning.saving import unbooked
from supplyops.planning.tables import Plan, PlanInsertions, PlanPart, PlanVariant
from supplyops.planning.variant_rules import VariantOrigin
from supplyops.runtime import Context, command, query, unscoped

BECAUSE = "who may see a plan sees its variants"
EDITED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One variant: what it is, whether the checker passes it, and its figures beside the plan's."""

    id: UUID
    origin: VariantOrigin
    note: str
    created_at: datetime
    created_by: str
    is_feasible: bool
    violations: tuple[Finding, ...]
    """What the checker has against it."""
    figures: VariantFigures | None
    """None where the variant names things that do not exist: nothing can be reckoned then."""
    equals: tuple[VariantOrigin, ...]
    """Other variants of the same run that come to exactly the same figures for everybody."""
    adopted_as: str


@dataclass(frozen=True, slots=True)
class EditedRow:
    """A plan edited by hand in the list of those that were judged."""

    id: UUID
    note: str
    created_at: datetime
    created_by: str
    is_feasible: bool
    violations: int
    adopted_as: str


@dataclass(frozen=True, slots=True)
class VariantPage:
    """A variant with the plan it was made from, and what that plan reaches."""

    plan: PlanHead
    base: ReachedRow
    variant: VariantRow
    may_adopt: bool


@command(Permission.PLANS_MAKE)
def adopt(ctx: Context, plan_id: UUID, variant_id: UUID) -> UUID:
    """Make a variant of a plan the plan to work by: a new draft that its owners decide on. Returns the new plan's id.

    Raises WrongState when the plan it was made from is no draft any more or an owner has decided on it, Conflict
    `variant_not_clean` for one the checker does not pass, `variant_adopted` for one that was taken before,
    `variant_no_change` for one that is the plan itself; for one with a late line `line_served` when it has been seen to since,
    `offer_overtaken` when its goods should have left by now.
    """
    row = ctx.session.get(PlanVariant, variant_id, with_for_update=True, execution_options={"unscoped": True})
    if row is None or row.plan_id != plan_id:
        raise NotFound("plan_variant")
    base = ctx.get(Plan, row.plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, base.organisation_id)
    incident = lock_open(ctx, base.incident_id)
    if row.adopted_as_id is not None:
        raise Conflict("variant_adopted", number=ctx.session.get_one(Plan, row.adopted_as_id).number)
    if not row.verdict["is_feasible"]:
        raise Conflict("variant_not_clean", violations=len(row.verdict["violations"]))
    if not is_open(ctx, base):
        raise WrongState("plan", base.state.value, PlanState.DRAFT.value)
    solution = from_json(Solution, unbooked(row.solution))
    problem = problem_of(ctx, base, row)
    if Comparer(ctx, base, problem).is_base(solution):
        raise Conflict("variant_no_change", number=base.number)
    if row.insertions_id is not None:
        refuse_overtaken(ctx, base, ctx.session.get_one(PlanInsertions, row.insertions_id), row.id, solution)
    number = next_in_series(ctx, SERIES, incident.area_code)
    plan = _revision(ctx, base, row, problem, number)
    ctx.session.add(plan)
    ctx.session.flush()  # the draft's rows and the variant name it
    become_draft(ctx, plan, solution, _verdict(row))
    row.adopted_as_id = plan.id
    ctx.about("plan", plan.id, plan.number, incident=incident.number, origin=row.origin.value, base=base.number)
    return plan.id


def _revision(ctx: Context, base: Plan, row: PlanVariant, problem: dict[str, Any], number: str) -> Plan:
    """The same problem as the books knew it then, perhaps with a line more; another answer to it."""
    adopted = {
        "origin": row.origin.value,
        "base": base.number,
        "variant_id": str(row.id),
        "read_at": read_at(base.options, base.created_at).isoformat(),
    }
    return Plan(
        id=ctx.new_id(),
        number=number,
        incident_id=base.incident_id,
        organisation_id=base.organisation_id,
        state=PlanState.SOLVING,
        job_id=None,
        options={**base.options, "based_on": str(base.id), "near": False, "adopted": adopted},
        problem=problem,
        problem_hash=problem_hash(from_json(Problem, problem)) if row.insertions_id else base.problem_hash,
        heads=base.heads,
        starts_at=base.starts_at,
        solution=row.solution,
        verdict=row.verdict,
        summary={"aside": base.summary.get("aside", {})},
        error={},
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        solved_at=ctx.now,
    )


def _verdict(row: PlanVariant) -> Verdict:
    return from_json(Verdict, row.verdict)


def problem_of(ctx: Context, plan: Plan, row: PlanVariant) -> dict[str, Any]:
    """What a variant answers: the plan's problem, or that with a late line in it."""
    if row.insertions_id is None:
        return plan.problem
    return ctx.session.get_one(PlanInsertions, row.insertions_id).problem


def is_open(ctx: Context, plan: Plan) -> bool:
    """Is the plan still a draft on which no owner has decided?"""
    decided = select(PlanPart.id).where(PlanPart.plan_id == plan.id, PlanPart.state != PartState.PROPOSED).limit(1)
    return plan.state is PlanState.DRAFT and ctx.session.scalar(unscoped(decided, BECAUSE)) is None


@query(Permission.PLANS_SEE)
def variant(ctx: Context, reference: str, variant_id: UUID) -> VariantPage:
    """One variant of a plan, beside the plan. Raises NotFound."""
    plan_head = head(ctx, reference)
    row = ctx.session.get(PlanVariant, variant_id, execution_options={"unscoped": True})
    if row is None or row.plan_id != plan_head.id:
        raise NotFound("plan_variant")
    plan = ctx.session.get_one(Plan, plan_head.id, execution_options={"unscoped": True})
    comparer = Comparer(ctx, plan, problem_of(ctx, plan, row))
    return VariantPage(plan_head, comparer.base, variant_row(ctx, comparer, row, ()), is_open(ctx, plan))


@query(Permission.PLANS_SEE)
def variants(ctx: Context, reference: str) -> tuple[EditedRow, ...]:
    """Plans edited by hand that were judged against a plan, the newest first, up to a number."""
    adopted = aliased(Plan)
    found = (
        select(PlanVariant, User.display_name, adopted.number)
        .outerjoin(User, User.id == PlanVariant.created_by_id)
        .outerjoin(adopted, adopted.id == PlanVariant.adopted_as_id)
        .where(PlanVariant.plan_id == head(ctx, reference).id, PlanVariant.origin == VariantOrigin.EDITED)
        .order_by(PlanVariant.created_at.desc(), PlanVariant.id.desc())
        .limit(EDITED_SHOWN)
    )
    return tuple(
        EditedRow(
            row.id, row.note, row.created_at, author or "", row.verdict["is_feasible"], len(row.verdict["violations"]), number or ""
        )
        for row, author, number in ctx.session.execute(unscoped(found, BECAUSE))
    )  # fmt: skip


def variant_row(ctx: Context, comparer: Comparer, row: PlanVariant, equals: tuple[VariantOrigin, ...]) -> VariantRow:
    """A variant as it is shown."""
    author = ctx.session.scalar(unscoped(select(User.display_name).where(User.id == row.created_by_id), BECAUSE))
    adopted = select(Plan.number).where(Plan.id == row.adopted_as_id)
    names_hold = not any(each["code"].startswith("unknown_") for each in row.verdict["violations"])
    return VariantRow(
        id=row.id,
        origin=row.origin,
        note=row.note,
        created_at=row.created_at,
        created_by=author or "",
        is_feasible=row.verdict["is_feasible"],
        violations=findings_of(ctx, comparer.asked, row.solution, comparer.starts_at, row.verdict["violations"]),
        figures=comparer.figures(from_json(Solution, unbooked(row.solution))) if names_hold else None,
        equals=equals,
        adopted_as=ctx.session.scalar(unscoped(adopted, BECAUSE)) or "" if row.adopted_as_id else "",
    )
