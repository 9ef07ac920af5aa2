"""Reading purchase plans."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.rules import Level
from supplyops.people.tables import Organisation, User
from supplyops.reserves.plan_rules import PurchasePlanState
from supplyops.reserves.tables import PurchasePlan, PurchasePlanLine
from supplyops.runtime import Context, also_showing, query

_Author, _Decider = aliased(User), aliased(User)


@dataclass(frozen=True, slots=True)
class PurchasePlanLineRow:
    """One item of a plan: what it was drafted from and what is to be bought."""

    line_no: int
    sku: str
    item_name: str
    spec: str
    unit: str
    target: int
    usable: int
    expiring: int
    contract: int
    social: int
    planned: int
    gap: int
    drafted: int
    quantity: int
    unit_price_fen: int
    amount_fen: int
    volume_cm3: int
    reason: str


@dataclass(frozen=True, slots=True)
class PurchasePlanRow:
    """A purchase plan with its lines."""

    id: UUID
    number: str
    organisation_id: UUID
    organisation_name: str
    level: Level
    area_code: str
    year: int
    state: PurchasePlanState
    version: int
    note: str
    created_at: datetime
    created_by: str
    submitted_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    decision_note: str
    amount_fen: int
    lines: tuple[PurchasePlanLineRow, ...]


@query(Permission.STOCK_SEE)
def purchase_plans(ctx: Context) -> list[PurchasePlanRow]:
    """Plans in reach, the latest year first."""
    return _rows(ctx, _all().order_by(PurchasePlan.year.desc(), PurchasePlan.number.desc()))


@query(Permission.STOCK_SEE)
def purchase_plan(ctx: Context, number: str) -> PurchasePlanRow:
    """One plan by number."""
    found = _rows(ctx, _all().where(PurchasePlan.number == number))
    if not found:
        raise NotFound("purchase_plan", number=number)
    return found[0]


@query(Permission.STOCK_SEE)
def purchase_plan_by_id(ctx: Context, plan_id: UUID) -> PurchasePlanRow:
    """One plan by id."""
    found = _rows(ctx, _all().where(PurchasePlan.id == plan_id))
    if not found:
        raise NotFound("purchase_plan")
    return found[0]


def _all() -> Any:
    return (
        select(PurchasePlan, Organisation.name, _Author.display_name, _Decider.display_name)
        .join(Organisation, Organisation.id == PurchasePlan.organisation_id)
        .join(_Author, _Author.id == PurchasePlan.created_by_id)
        .outerjoin(_Decider, _Decider.id == PurchasePlan.decided_by_id)
    )


def _rows(ctx: Context, statement: Any) -> list[PurchasePlanRow]:
    rows = ctx.session.execute(also_showing(statement, User)).all()
    lines = _lines(ctx, [plan.id for plan, *_ in rows])
    return [
        PurchasePlanRow(
            plan.id, plan.number, plan.organisation_id, body, plan.level, plan.area_code, plan.year, plan.state,
            plan.version, plan.note, plan.created_at, author, plan.submitted_at, plan.decided_at, decider or "",
            plan.decision_note, sum(line.amount_fen for line in lines[plan.id]), tuple(lines[plan.id]),
        )
        for plan, body, author, decider in rows
    ]  # fmt: skip


def _lines(ctx: Context, ids: list[UUID]) -> dict[UUID, list[PurchasePlanLineRow]]:
    rows = ctx.session.execute(
        select(PurchasePlanLine, Item)
        .join(Item, Item.id == PurchasePlanLine.item_id)
        .where(PurchasePlanLine.purchase_plan_id.in_(ids))
        .order_by(PurchasePlanLine.purchase_plan_id, PurchasePlanLine.line_no)
    )
    found: dict[UUID, list[PurchasePlanLineRow]] = defaultdict(list)
    for line, item in rows:
        found[line.purchase_plan_id].append(
            PurchasePlanLineRow(
                line.line_no, item.sku, item.name, item.spec, item.unit, line.target, line.usable, line.expiring,
                line.contract, line.social, line.planned or 0, line.gap, line.drafted, line.quantity, line.unit_price_fen,
                line.quantity * line.unit_price_fen, line.quantity * item.unit_volume_cm3, line.reason,
            )
        )  # fmt: skip
    return found
