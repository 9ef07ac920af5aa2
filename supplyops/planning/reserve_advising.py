"""Advice on what a reserve should hold where: asked for, stopped, kept, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import NeedClass
from supplyops.database.registry import named
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.codec import from_json, to_json
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import Organisation, User
from supplyops.planning import asked
from supplyops.planning.asked import WorkState
from supplyops.planning.reserve_answers import ReserveAnswer
from supplyops.planning.reserving import body_of
from supplyops.planning.reserving_rules import RESERVE_JOB_KIND, ReserveAdviceInput
from supplyops.planning.rules import AdviceState
from supplyops.planning.tables import ReserveAdvice, ReserveScenario
from supplyops.runtime import Context, also_showing, command, query

SERIES = "CJ"
LISTED_MAX = 1_000


@dataclass(frozen=True, slots=True)
class ReserveAdviceHead:
    """Advice in a list: what may be spent and is; weighted persons unmet with today's stock and with the advice, millionths."""

    id: UUID
    number: str
    organisation_code: str
    organisation_name: str
    state: AdviceState
    budget_fen: int
    cost_fen: int | None
    today_e6: int | None
    unmet_e6: int | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReserveAdviceRow:
    """Advice that was asked for, or how far it is."""

    number: str
    organisation_code: str
    organisation_name: str
    id: UUID
    state: AdviceState
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    options: ReserveAdviceInput
    progress: dict[str, Any]
    error: dict[str, Any]
    is_lost: bool
    answer: ReserveAnswer | None
    """What to hold where within the budget, what that saves, and how far from the best that can be."""


@command(Permission.RESERVES_PLAN)
def start_reserve_advice(ctx: Context, wanted: ReserveAdviceInput) -> UUID:
    """Queue the reckoning. Raises InvalidInput for an unknown body or class of needs, Conflict `no_reserve_scenarios`, or
    `reserve_advice_running` while another for the body is under way."""
    body = body_of(ctx, wanted.organisation_code)
    ctx.require(Permission.RESERVES_PLAN, body.id)
    classes = select(NeedClass.code).where(NeedClass.code == wanted.need_class)
    if wanted.need_class and ctx.session.scalar(classes) is None:
        raise InvalidInput(fields=(FieldError("need_class", "unknown_reference", {"value": wanted.need_class[:40]}),))
    scenarios = select(ReserveScenario.id).where(ReserveScenario.organisation_id == body.id).with_for_update()
    if not ctx.session.scalars(scenarios).all():  # held until the end, so that nobody else starts at the same time
        raise Conflict("no_reserve_scenarios", organisation=body.name)
    asked.refuse_second(
        ctx, ReserveAdvice, ReserveAdvice.organisation_id == body.id, "reserve_advice_running", body.name
    )
    row = asked.queue(
        ctx, ReserveAdvice, RESERVE_JOB_KIND, number=next_in_series(ctx, SERIES, body.area_code), organisation_id=body.id,
        options=plain(to_json(wanted)), answer={},
    )  # fmt: skip
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
def reserve_advice_order(ctx: Context, advice_id: UUID) -> ReserveAdviceInput | None:
    """What to work on; None when nobody waits for it any more."""
    row = ctx.session.get(ReserveAdvice, advice_id)
    return None if row is None or row.state is not AdviceState.RUNNING else from_json(ReserveAdviceInput, row.options)


@query(Permission.STOCK_SEE)
def reserve_advices(ctx: Context, organisation_code: str = "", limit: int = LISTED_MAX) -> list[ReserveAdviceHead]:
    """Advice in reach, of one body or of all; the newest first."""
    statement = (
        select(ReserveAdvice, Organisation.code, Organisation.name, User.display_name)
        .join(Organisation, Organisation.id == ReserveAdvice.organisation_id)
        .outerjoin(User, User.id == ReserveAdvice.created_by_id)
        .order_by(ReserveAdvice.created_at.desc(), ReserveAdvice.number.desc())
        .limit(limit)
    )
    if organisation_code:
        statement = statement.where(Organisation.code == organisation_code)
    return [
        ReserveAdviceHead(
            row.id, row.number, code, name, row.state, row.options["budget_fen"], row.answer.get("cost_fen"),
            row.answer.get("today_e6"), row.answer.get("unmet_e6"), author or "", row.created_at,
        )
        for row, code, name, author in ctx.session.execute(also_showing(statement, Organisation, User))
    ]  # fmt: skip


@query(Permission.STOCK_SEE)
def reserve_advice(ctx: Context, reference: str) -> ReserveAdviceRow:
    """Advice by number or id. Raises NotFound."""
    row = _found(ctx, reference)
    body = ctx.session.get_one(Organisation, row.organisation_id)
    return ReserveAdviceRow(
        number=row.number,
        organisation_code=body.code,
        organisation_name=body.name,
        **asked.told(ctx, row) | {"options": from_json(ReserveAdviceInput, row.options)},
        answer=from_json(ReserveAnswer, row.answer) if row.answer else None,
    )


@query(Permission.STOCK_SEE)
def reserve_advice_state(ctx: Context, reference: str) -> WorkState:
    """How far it is."""
    return asked.state_of(ctx, _found(ctx, reference))


def _found(ctx: Context, reference: str) -> ReserveAdvice:
    row = ctx.session.scalars(select(ReserveAdvice).where(named(ReserveAdvice, reference))).one_or_none()
    if row is None:
        raise NotFound("reserve_advice", reference=reference[:80])
    return row
