"""A plan edited by hand: written out as a sheet, brought back, put together again and judged by the independent checker."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.check import check
from optimizer.codec import from_json
from optimizer.model import Contract, Lot, Problem, ProblemError
from optimizer.rebuild import Written, rebuilt, written_down
from optimizer.solution import Solution
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.planning.asked import plan_with_result
from supplyops.planning.contents import BECAUSE
from supplyops.planning.naming import Names
from supplyops.planning.queries import head
from supplyops.planning.saving import booked, booked_verdict, unbooked
from supplyops.planning.sheet_rules import ROWS_MAX, PlanSheetRow
from supplyops.planning.tables import Plan, PlanVariant
from supplyops.planning.variant_rules import VariantOrigin
from supplyops.runtime import Context, command, query, unscoped
from supplyops.wording.faults import fault_words

NUMBERS_MAX = 2**53
"""Whole numbers beyond this no reader of JSON agrees on."""
DEPTH_MAX = 20
FAULTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row of the sheet with names beside the codes, so that people see what they edit."""

    row: PlanSheetRow
    item_name: str
    unit: str
    origin_name: str
    delivery_name: str
    arrives_at: datetime


@query(Permission.PLANS_SEE)
def sheet(ctx: Context, reference: str) -> tuple[SheetLine, ...]:
    """A plan as a sheet, trips in their order. Raises NotFound for one without result."""
    plan = _read(ctx, reference)
    problem, solution = from_json(Problem, plan.problem), from_json(Solution, unbooked(plan.solution))
    names = Names(ctx, plan.problem)
    sources: dict[str, Lot | Contract] = {lot.id: lot for lot in problem.lots}
    sources |= {contract.id: contract for contract in problem.contracts}
    lines = []
    arrivals: dict[tuple[str, str, int | None], int] = {
        (row.source_id, row.line_id, row.trip_no): row.arrives_at for row in solution.allocations if row.trip_no
    }
    for written in written_down(solution):
        number, line_no = names.request(written.line_id)
        row = PlanSheetRow(
            written.source_id,
            number,
            line_no,
            written.quantity,
            plan.starts_at + timedelta(seconds=written.at),
            written.trip_no,
            written.vehicle_id,
            written.stop_no,
        )
        arrives_s = arrivals.get((written.source_id, written.line_id, written.trip_no), written.at)
        sku = sources[written.source_id].item_id
        lines.append(
            SheetLine(
                row,
                names.item(sku),
                names.unit(sku),
                names.site(sources[written.source_id].site_id),
                names.delivery(written.line_id),
                plan.starts_at + timedelta(seconds=arrives_s),
            )
        )
    return tuple(
        sorted(
            lines, key=lambda line: (line.row.trip_no is None, line.row.trip_no or 0, line.row.stop_no, line.row.source)
        )
    )


@command(Permission.PLANS_MAKE)
def judge_rows(ctx: Context, plan_id: UUID, rows: Sequence[PlanSheetRow], file: str = "") -> UUID:
    """Have the checker judge a plan that came back as a sheet; it is kept as a variant, no plan changes. Returns its id.

    Raises InvalidInput naming the row and column of every name that the plan's problem does not have, and of rows of one trip
    that disagree on its vehicle or when it leaves.
    """
    plan = plan_with_result(ctx, plan_id)
    if len(rows) > ROWS_MAX:
        raise InvalidInput(fields=(FieldError("rows", "too_many", {"value": len(rows), "maximum": ROWS_MAX}),))
    problem = from_json(Problem, plan.problem)
    written = _written(ctx, plan, problem, rows)
    return _keep(ctx, plan, problem, rebuilt(problem, written), file)


@command(Permission.PLANS_MAKE)
def judge_solution(ctx: Context, plan_id: UUID, text: str, file: str = "") -> UUID:
    """The same for a solution as the text of its JSON, judged exactly as it stands. Raises InvalidInput for what is none."""
    plan = plan_with_result(ctx, plan_id)
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("not_a_solution", faults="不是 JSON") from None
    if not isinstance(plain, dict):
        raise InvalidInput("not_a_solution", faults="最外层应为一个对象")
    _refuse_monsters(plain, 0)
    try:
        solution = from_json(Solution, plain)
    except (ProblemError, TypeError, ValueError, KeyError) as error:
        faults = error.faults if isinstance(error, ProblemError) else [""]
        told = dict.fromkeys(map(fault_words, faults))
        raise InvalidInput("not_a_solution", faults=";".join(list(told)[:FAULTS_SHOWN])[:500]) from None
    return _keep(ctx, plan, from_json(Problem, plan.problem), solution, file)


def _refuse_monsters(value: Any, depth: int) -> None:
    """Numbers that are no whole numbers of the books, and nesting that no solution has."""
    if depth > DEPTH_MAX:
        raise InvalidInput("not_a_solution", faults="嵌套过深")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_monsters(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _refuse_monsters(inner, depth + 1)
    elif isinstance(value, int | float) and not -NUMBERS_MAX < value < NUMBERS_MAX:
        raise InvalidInput("not_a_solution", faults=f"数字过大:{str(value)[:30]}")


def _read(ctx: Context, reference: str) -> Plan:
    found = head(ctx, reference)
    plan = ctx.session.scalars(unscoped(select(Plan).where(Plan.id == found.id), BECAUSE)).one()
    if not plan.solution:
        raise NotFound("plan", reference=found.number)
    return plan


def _keep(ctx: Context, plan: Plan, problem: Problem, solution: Solution, file: str) -> UUID:
    row_id = ctx.new_id()
    verdict = check(problem, solution)
    ctx.session.add(
        PlanVariant(
            id=row_id,
            plan_id=plan.id,
            alternatives_id=None,
            insertions_id=None,
            origin=VariantOrigin.EDITED,
            solution=booked(solution),
            verdict=booked_verdict(verdict),
            note=file[:200],
            created_at=ctx.now,
            created_by_id=ctx.principal.user_id,
            adopted_as_id=None,
        )
    )
    ctx.about("plan", plan.id, plan.number, violations=len(verdict.violations))
    return row_id


def _written(ctx: Context, plan: Plan, problem: Problem, rows: Sequence[PlanSheetRow]) -> list[Written]:
    """Rows in the optimizer's words. Raises InvalidInput for every name that means nothing here."""
    names = Names(ctx, plan.problem)
    lines = {names.request(line.id): line for line in problem.lines}
    requests = {number for number, _ in lines}
    sources = {row.id: row.item_id for row in problem.lots} | {row.id: row.item_id for row in problem.contracts}
    plates = {vehicle.id for vehicle in problem.vehicles}
    errors: list[FieldError] = []
    first: dict[int, int] = {}
    found = []
    for place, row in enumerate(rows):
        line = lines.get((row.request_number, row.request_line_no))
        at = int((row.at - plan.starts_at).total_seconds())

        def wrong(name: str, code: str, place: int = place, **params: object) -> None:
            errors.append(FieldError(f"{place}.{name}", code, params))

        if row.source not in sources:
            wrong("source", "not_in_plan", value=row.source[:40])
        if line is None:
            name = "request_line_no" if row.request_number in requests else "request_number"
            wrong(name, "not_in_plan", value=f"{row.request_number[:40]} 第{row.request_line_no}行")
        elif row.source in sources and sources[row.source] not in {
            line.item_id,
            *(s.item_id for s in line.substitutes),
        }:
            wrong("source", "not_for_this_line", value=names.item(sources[row.source]))
        if row.plate and row.plate not in plates:
            wrong("plate", "not_in_plan", value=row.plate[:40])
        if row.trip_no is not None:
            other = rows[first.setdefault(row.trip_no, place)]
            for name in ("plate", "at"):
                if getattr(other, name) != getattr(row, name):
                    wrong(name, "trip_disagrees", trip=row.trip_no)
        if line is not None:
            found.append(Written(row.source, line.id, row.quantity, row.trip_no, row.plate, at, row.stop_no))
    if errors:
        raise InvalidInput(fields=tuple(errors))
    return found
