"""Reading release instructions: what each became, its clocks, what its reader may do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from supplyops.database.counting import COUNTED_MAX
from supplyops.database.parts import by_parts
from supplyops.database.registry import named
from supplyops.dispatch.narrowing import EVERYTHING, OPEN, PAGE, Rows, count
from supplyops.dispatch.rules import (
    Clock,
    ClockKind,
    ConsignmentState,
    InstructionState,
    OrderStep,
    clock,
)
from supplyops.dispatch.tables import Consignment, ReleaseInstruction
from supplyops.dispatch.views import (
    InstructionRow,
    OrderFilter,
)
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.planning.tables import Plan
from supplyops.runtime import Context, also_showing, query, unscoped

_Owner, _Custodian, _Receiver = aliased(Organisation), aliased(Organisation), aliased(Organisation)


_S = ConsignmentState


@query(Permission.ORDERS_SEE)
def instructions(
    ctx: Context, where: OrderFilter = EVERYTHING, offset: int = 0, limit: int = PAGE
) -> list[InstructionRow]:
    """Release instructions in reach, newest first."""
    statement = (
        _instructions(ctx, where)
        .order_by(ReleaseInstruction.approved_at.desc(), ReleaseInstruction.number.desc())
        .offset(offset)
        .limit(limit)
    )
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Incident, Plan)).all())


@query(Permission.ORDERS_SEE)
def count_instructions(ctx: Context, where: OrderFilter = EVERYTHING, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return count(ctx, _instructions(ctx, where), most, Incident, Plan)


@query(Permission.ORDERS_SEE)
def instruction(ctx: Context, reference: str) -> InstructionRow:
    """One release instruction by number, document number or id."""
    known = _instructions(ctx, EVERYTHING).where(
        or_(
            named(ReleaseInstruction, reference),
            ReleaseInstruction.document_number == reference,
        )
    )
    rows = ctx.session.execute(also_showing(known, Incident, Plan)).all()
    if not rows:
        raise NotFound("release_instruction", reference=reference)
    return _whole(ctx, rows)[0]


def _whole(ctx: Context, rows: Sequence[Any]) -> list[InstructionRow]:
    counts = _deliveries(ctx, [row[0].id for row in rows])
    return [_instruction_row(ctx, *row, *counts.get(row[0].id, (0, 0, True))) for row in rows]


def _instructions(ctx: Context, where: OrderFilter) -> Rows:
    statement: Rows = (
        select(ReleaseInstruction, Incident, Plan.number, _Owner)
        .join(Incident, Incident.id == ReleaseInstruction.incident_id)
        .join(Plan, Plan.id == ReleaseInstruction.plan_id)
        .join(_Owner, _Owner.id == ReleaseInstruction.owner_id)
    )
    table = ReleaseInstruction
    conditions: list[ColumnElement[bool]] = []
    if where.incident_id is not None:
        conditions.append(table.incident_id == where.incident_id)
    if where.state in set(InstructionState):
        conditions.append(table.state == where.state)
    if where.only_open:
        conditions.append(table.state == InstructionState.ISSUED)
    if where.only_overdue:
        waiting = (
            select(Consignment.id)
            .where(Consignment.instruction_id == table.id, Consignment.state.in_(OPEN))
            .correlate(table)
        )
        late_goods = (table.arrive_by < ctx.now) & (table.state == InstructionState.ISSUED) & waiting.exists()
        late_paper = (table.paper_due_at < ctx.now) & table.paper_signed_at.is_(None)
        conditions.append(or_(late_goods, late_paper))
    if where.text:
        conditions.append(
            or_(
                table.number.contains(where.text, autoescape=True),
                table.document_number.contains(where.text, autoescape=True),
                _Owner.name.contains(where.text, autoescape=True),
            )
        )
    return statement.where(*conditions)


def _deliveries(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, bool]]:
    """Instruction -> (consignments, delivered ones, all loaded)."""
    found: dict[UUID, tuple[int, int, bool]] = {}
    rows = unscoped(
        select(Consignment.instruction_id, Consignment.state).where(Consignment.instruction_id.in_(ids)),
        "the instructions are in reach",
    )
    for instruction_id, state in ctx.session.execute(rows):
        total, delivered, loaded = found.get(instruction_id, (0, 0, True))
        found[instruction_id] = (
            total + 1,
            delivered + (state is _S.DELIVERED),
            loaded and state not in {_S.ORDERED, _S.ACCEPTED},
        )
    return found


def _instruction_row(
    ctx: Context, row: ReleaseInstruction, incident: Incident, plan_number: str, owner: Organisation, *counts: Any
) -> InstructionRow:
    total, delivered, _ = counts
    clocks: list[Clock] = []
    if row.paper_due_at is not None:
        clocks.append(clock(ClockKind.PAPER, row.paper_due_at, row.paper_signed_at, ctx.now))
    signs = (
        row.paper_due_at is not None
        and row.paper_signed_at is None
        and ctx.principal.decides_for(Permission.PLANS_APPROVE, row.owner_id)
    )
    taken = {"plan_number", "incident_number", "incident_name", "owner_code", "owner_name", "consignments"}
    taken |= {"delivered", "clocks", "steps"}
    return InstructionRow(
        **{name: getattr(row, name) for name in InstructionRow.__dataclass_fields__ if name not in taken},
        plan_number=plan_number,
        incident_number=incident.number,
        incident_name=incident.name,
        owner_code=owner.code,
        owner_name=owner.name,
        consignments=total,
        delivered=delivered,
        clocks=tuple(clocks),
        steps=(OrderStep.SIGN_PAPER,) if signs else (),
    )
