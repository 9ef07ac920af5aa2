"""Advice on what a reserve should hold where: asked for, stopped, kept, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.jobs import commands as jobs
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import from_json, to_json
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.papers.commands import next_number
from supplyops.papers.rules import slip_number
from supplyops.people.tables import Organisation
from supplyops.planning import asked
from supplyops.planning.asked import WorkState
from supplyops.planning.reserve_answers import ReserveAnswer
from supplyops.planning.reserving import body_of
from supplyops.planning.reserving_rules import RESERVE_JOB_KIND, ReserveAdviceInput
from supplyops.planning.rules import AdviceState
from supplyops.planning.tables import ReserveAdvice, ReserveScenario
from supplyops.runtime import Context, command, query

SERIES = "CJ"


@dataclass(frozen=True, slots=True)
class ReserveAdviceRow:
    """Advice that was asked for, or how far it is."""

    id: UUID
    number: str
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    state: AdviceState
    options: ReserveAdviceInput
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    progress: dict[str, Any]
    error: dict[str, Any]
    is_lost: bool
    answer: ReserveAnswer | None
    """What to hold where within the budget, what that saves, and how far from the best that can be."""


@command(Permission.RESERVES_PLAN)
def start_reserve_advice(ctx: Context, wanted: ReserveAdviceInput) -> UUID:
    """Queue the reckoning. Raises InvalidInput for an unknown body, Conflict `no_reserve_scenarios`, or
    `reserve_advice_running` while another for the body is under way."""
    body = body_of(ctx, wanted.organisation_code)
    ctx.require(Permission.RESERVES_PLAN, body.id)
    if (
        ctx.session.scalar(select(ReserveScenario.id).where(ReserveScenario.organisation_id == body.id).limit(1))
        is None
    ):
        raise Conflict("no_reserve_scenarios", organisation=body.name)
    asked.refuse_second(
        ctx, ReserveAdvice, ReserveAdvice.organisation_id == body.id, "reserve_advice_running", body.name
    )
    day = business_day(ctx.now)
    row_id = ctx.new_id()
    job_id = jobs.enqueue(ctx, RESERVE_JOB_KIND, {"reserve_advice_id": row_id}, key=f"{RESERVE_JOB_KIND}:{row_id}")
    row = ReserveAdvice(
        id=row_id,
        number=slip_number(SERIES, body.area_code, day, next_number(ctx, SERIES, body.area_code, f"{day:%Y%m%d}")),
        organisation_id=body.id,
        state=AdviceState.RUNNING,
        job_id=job_id,
        options=plain(to_json(wanted)),
        answer={},
        error={},
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        finished_at=None,
    )
    ctx.session.add(row)
    ctx.about("reserve_advice", row.id, row.number)
    return row.id


@command(Permission.RESERVES_PLAN)
def cancel_reserve_advice(ctx: Context, advice_id: UUID) -> None:
    """Stop the reckoning. Raises NotFound when it is not under way."""
    row = ctx.get(ReserveAdvice, advice_id, lock=True)
    ctx.require(Permission.RESERVES_PLAN, row.organisation_id)
    asked.stop(ctx, ReserveAdvice, row)
    ctx.about("reserve_advice", row.id, row.number)


@command(Permission.INTERNAL)
def save_reserve_advice(ctx: Context, advice_id: UUID, job_id: UUID, attempt: int, answer: ReserveAnswer) -> bool:
    """Keep what came out. False, and nothing changes, when the job is not this attempt's any more."""
    row = asked.running(ctx, ReserveAdvice, advice_id, job_id, attempt)
    if row is None:
        return False
    row.answer, row.state, row.finished_at = plain(to_json(answer)), AdviceState.DONE, ctx.now
    ctx.about("reserve_advice", row.id, row.number)
    return True


@command(Permission.INTERNAL)
def fail_reserve_advice(ctx: Context, advice_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    return asked.fail(ctx, ReserveAdvice, advice_id, job_id, attempt, error)


@query(Permission.INTERNAL)
def is_reserve_advice_wanted(ctx: Context, advice_id: UUID) -> bool:
    """Does anybody still wait for it?"""
    row = ctx.session.get(ReserveAdvice, advice_id)
    return row is not None and row.state is AdviceState.RUNNING


@query(Permission.STOCK_SEE)
def reserve_advices(ctx: Context, organisation_code: str = "") -> list[ReserveAdviceRow]:
    """Advice in reach, of one body or of all; the newest first."""
    statement = (
        select(ReserveAdvice, Organisation)
        .join(Organisation, Organisation.id == ReserveAdvice.organisation_id)
        .order_by(ReserveAdvice.created_at.desc(), ReserveAdvice.number.desc())
    )
    if organisation_code:
        statement = statement.where(Organisation.code == organisation_code)
    return [_row(ctx, row, body) for row, body in ctx.session.execute(statement)]


@query(Permission.STOCK_SEE)
def reserve_advice(ctx: Context, reference: str) -> ReserveAdviceRow:
    """Advice by number or id. Raises NotFound."""
    row = _found(ctx, reference)
    return _row(ctx, row, ctx.session.get_one(Organisation, row.organisation_id))


@query(Permission.STOCK_SEE)
def reserve_advice_state(ctx: Context, reference: str) -> WorkState:
    """How far it is."""
    return asked.state_of(ctx, _found(ctx, reference))


def _found(ctx: Context, reference: str) -> ReserveAdvice:
    try:
        where = ReserveAdvice.id == UUID(reference)
    except ValueError:
        where = ReserveAdvice.number == reference
    row = ctx.session.scalars(select(ReserveAdvice).where(where)).one_or_none()
    if row is None:
        raise NotFound("reserve_advice", reference=reference[:80])
    return row


def _row(ctx: Context, row: ReserveAdvice, body: Organisation) -> ReserveAdviceRow:
    far = asked.state_of(ctx, row)
    return ReserveAdviceRow(
        id=row.id,
        number=row.number,
        organisation_id=body.id,
        organisation_code=body.code,
        organisation_name=body.name,
        state=row.state,
        options=from_json(ReserveAdviceInput, row.options),
        created_by=asked.author_of(ctx, row),
        created_at=row.created_at,
        finished_at=row.finished_at,
        progress=far.progress,
        error=row.error,
        is_lost=far.is_lost,
        answer=from_json(ReserveAnswer, row.answer) if row.answer else None,
    )
