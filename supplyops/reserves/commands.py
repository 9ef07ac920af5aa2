"""Purchase plans: drafted from the figures, changed with reasons, submitted, decided by somebody else. And the printed report."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission, Role
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, WrongState
from supplyops.kernel.quantity import whole_packages
from supplyops.norms.rules import Season
from supplyops.norms.targets import Targets
from supplyops.papers.commands import next_slip_number, void
from supplyops.people.rules import Level
from supplyops.reserves import papers
from supplyops.reserves.plan_rules import (
    YEARS_AHEAD,
    PurchasePlanDecision,
    PurchasePlanEdit,
    PurchasePlanInput,
    PurchasePlanState,
    year_end,
)
from supplyops.reserves.planned import still_to_come
from supplyops.reserves.reckoning import place_named, rows_of
from supplyops.reserves.tables import PurchasePlan, PurchasePlanLine
from supplyops.reserves.views import AdequacyFilter, AdequacyRow
from supplyops.runtime import Context, command, expect_version


@command(Permission.RESERVES_PLAN)
def draft_purchase_plan(ctx: Context, wanted: PurchasePlanInput) -> UUID:
    """Draft a place's plan for a year from what will be missing at its end: gaps, and what expires until then.

    What a living plan of another year of the place means to buy is not planned once more.
    Raises InvalidInput for a year that is over or too far, Conflict `purchase_plan_exists` while another one is alive.
    """
    this_year = business_day(ctx.now).year
    if not this_year <= wanted.year <= this_year + YEARS_AHEAD:
        params = {"value": wanted.year, "first": this_year, "last": this_year + YEARS_AHEAD}
        raise InvalidInput(fields=(FieldError("year", "year_out_of_plan", params),))
    place = place_named(ctx, wanted.level, wanted.area_code)
    ctx.require(Permission.RESERVES_PLAN, place.head_id)
    alive = select(PurchasePlan.number).where(
        PurchasePlan.level == place.level,
        PurchasePlan.area_code == place.area_code,
        PurchasePlan.year == wanted.year,
        PurchasePlan.state != PurchasePlanState.CANCELLED,
    )
    number = ctx.session.scalar(alive.limit(1))
    if number is not None:
        raise Conflict("purchase_plan_exists", number=number, year=wanted.year)
    plan = PurchasePlan(
        id=ctx.new_id(),
        number=next_slip_number(ctx, papers.PLAN_FORM, place.area_code),
        organisation_id=place.head_id,
        level=place.level,
        area_code=place.area_code,
        year=wanted.year,
        state=PurchasePlanState.DRAFT,
        version=1,
        note=wanted.note,
        prepared_by=[str(ctx.user_id())],
        created_at=ctx.now,
        created_by_id=ctx.user_id(),
        submitted_at=None,
        submitted_by_id=None,
        decided_at=None,
        decided_by_id=None,
        decision_note="",
    )
    ctx.session.add(plan)
    ctx.session.flush()  # the lines refer to it
    figures = _figures_of(ctx, plan)
    items = References(ctx.session, Item, list(figures), column="sku")
    missing = [row for row in figures.values() if row.gap > 0]
    for line_no, row in enumerate(missing, start=1):
        item = items[row.sku]
        drafted = whole_packages(row.gap, item.pack_quantity)
        ctx.session.add(_line(ctx, plan, line_no, item, row, drafted, drafted, item.reference_price_fen, ""))
    ctx.about("purchase_plan", plan.id, plan.number)
    return plan.id


@dataclass(frozen=True, slots=True)
class _Figures:
    """What a place has and lacks of an item at the end of a year, and what plans of other years mean to buy of it."""

    row: AdequacyRow
    planned: int

    @property
    def sku(self) -> str:
        """Of which item."""
        return self.row.sku

    @property
    def gap(self) -> int:
        """What nobody means to buy yet."""
        return max(0, self.row.gap - self.planned)


def _figures_of(ctx: Context, plan: PurchasePlan) -> dict[str, _Figures]:
    """What a place has and lacks at the end of a year by item: the larger season's target, only what is still good then.

    Contracts count that are in force on that day: one that runs out before is as gone as goods that expire.
    """
    where = AdequacyFilter(
        level=plan.level, area_code=plan.area_code, season=Season.ALL, good_until=year_end(plan.year)
    )
    rows, planned = rows_of(ctx, where, Targets(ctx)), still_to_come(ctx, plan)
    items = References(ctx.session, Item, [row.sku for row in rows], column="sku")
    return {row.sku: _Figures(row, planned.get(items[row.sku].id, 0)) for row in rows}


@command(Permission.RESERVES_PLAN)
def edit_purchase_plan(ctx: Context, plan_id: UUID, version: int | None, edit: PurchasePlanEdit) -> int:
    """Change quantities and prices of a draft, or add items; returns the new version.

    Raises InvalidInput where a quantity differs from the drafted one without a reason; Conflict for an old copy.
    """
    plan = _plan(ctx, plan_id, version, PurchasePlanState.DRAFT)
    lines = {line.item_id: line for line in _lines(ctx, plan)}
    items = References(ctx.session, Item, [line.sku for line in edit.lines], column="sku")
    for place, line in enumerate(edit.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    _refuse_unexplained(edit, items, lines)
    figures = _figures_of(ctx, plan)
    for line in edit.lines:
        item, existing = items[line.sku], lines.get(items[line.sku].id)
        price = item.reference_price_fen if line.unit_price_fen is None else line.unit_price_fen
        if existing is None:
            line_no = 1 + max((each.line_no for each in lines.values()), default=0)
            added = _line(ctx, plan, line_no, item, figures.get(line.sku), 0, line.quantity, price, line.reason)
            ctx.session.add(added)
            lines[item.id] = added
            continue
        existing.quantity, existing.reason = line.quantity, line.reason.strip()
        existing.unit_price_fen = existing.unit_price_fen if line.unit_price_fen is None else price
    return _touched(ctx, plan)


def _refuse_unexplained(edit: PurchasePlanEdit, items: References[Item], lines: dict[UUID, PurchasePlanLine]) -> None:
    errors = []
    for place, line in enumerate(edit.lines):
        existing = lines.get(items[line.sku].id)
        drafted = existing.drafted if existing is not None else 0
        if line.quantity != drafted and not line.reason.strip():
            errors.append(FieldError(f"lines.{place}.reason", "plan_line_unexplained", {"drafted": drafted}))
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.RESERVES_PLAN)
def submit_purchase_plan(ctx: Context, plan_id: UUID, version: int | None) -> int:
    """Hand a draft in for approval. Raises Conflict `purchase_plan_empty` where nothing is to be bought."""
    plan = _plan(ctx, plan_id, version, PurchasePlanState.DRAFT)
    if not any(line.quantity for line in _lines(ctx, plan)):
        raise Conflict("purchase_plan_empty", number=plan.number)
    plan.state, plan.submitted_at, plan.submitted_by_id = PurchasePlanState.SUBMITTED, ctx.now, ctx.user_id()
    return _touched(ctx, plan)


@command(Permission.RESERVES_APPROVE)
def decide_purchase_plan(ctx: Context, plan_id: UUID, version: int | None, decision: PurchasePlanDecision) -> int:
    """Approve a submitted plan, which prints it, or send it back as a draft.

    Raises Forbidden `own_document` for whoever prepared it, `keeper_decides` for somebody who keeps stores.
    """
    plan = ctx.get(PurchasePlan, plan_id, lock=True)
    ctx.require(Permission.RESERVES_APPROVE, plan.organisation_id)
    if str(ctx.user_id()) in plan.prepared_by:
        raise Forbidden("own_document")
    if ctx.principal.holds_role(Role.KEEPER, Role.CUSTODIAN):
        raise Forbidden("keeper_decides")
    if plan.state is not PurchasePlanState.SUBMITTED:
        raise WrongState("purchase_plan", plan.state.value, PurchasePlanState.SUBMITTED.value)
    expect_version("purchase_plan", plan.version, version)
    plan.state = PurchasePlanState.APPROVED if decision.is_approved else PurchasePlanState.DRAFT
    plan.decided_at, plan.decided_by_id, plan.decision_note = ctx.now, ctx.user_id(), decision.note.strip()
    plan.version += 1
    if decision.is_approved:
        papers.issue_purchase_plan(ctx, plan)
    ctx.about("purchase_plan", plan.id, plan.number, approved=decision.is_approved)
    return plan.version


@command(Permission.RESERVES_PLAN)
def cancel_purchase_plan(ctx: Context, plan_id: UUID, version: int | None, because: str) -> int:
    """Give up a plan that is not approved yet; another one can be drafted for the year."""
    plan = _plan(ctx, plan_id, version, PurchasePlanState.DRAFT, PurchasePlanState.SUBMITTED)
    if not because.strip():
        raise InvalidInput(fields=(FieldError("because", "required"),))
    plan.state, plan.decision_note = PurchasePlanState.CANCELLED, because.strip()[:200]
    void(ctx, plan.id, because)
    return _touched(ctx, plan)


@command(Permission.RESERVES_PLAN)
def issue_adequacy_report(ctx: Context, level: Level, area_code: str, season: Season | None = None) -> str:
    """Print how full a place's reserve is today, as a numbered paper; returns its number."""
    place = place_named(ctx, level, area_code)
    ctx.require(Permission.RESERVES_PLAN, place.head_id)
    targets = Targets(ctx)
    rows = rows_of(ctx, AdequacyFilter(level=level, area_code=area_code, season=season), targets)
    return papers.issue_report(ctx, place, targets, season or targets.season, rows)


def _plan(ctx: Context, plan_id: UUID, version: int | None, *states: PurchasePlanState) -> PurchasePlan:
    plan = ctx.get(PurchasePlan, plan_id, lock=True)
    ctx.require(Permission.RESERVES_PLAN, plan.organisation_id)
    if plan.state not in states:
        raise WrongState("purchase_plan", plan.state.value, states[0].value)
    expect_version("purchase_plan", plan.version, version)
    return plan


def _touched(ctx: Context, plan: PurchasePlan) -> int:
    """Note who worked on it, and that copies seen before are old."""
    me = str(ctx.user_id())
    plan.prepared_by = [*plan.prepared_by, me] if me not in plan.prepared_by else plan.prepared_by
    plan.version += 1
    ctx.about("purchase_plan", plan.id, plan.number)
    return plan.version


def _lines(ctx: Context, plan: PurchasePlan) -> list[PurchasePlanLine]:
    statement = select(PurchasePlanLine).where(PurchasePlanLine.purchase_plan_id == plan.id)
    return list(ctx.session.scalars(statement.order_by(PurchasePlanLine.line_no)))


def _line(
    ctx: Context,
    plan: PurchasePlan,
    line_no: int,
    item: Item,
    figures: _Figures | None,
    drafted: int,
    quantity: int,
    unit_price_fen: int,
    reason: str,
) -> PurchasePlanLine:
    row = figures.row if figures else None
    return PurchasePlanLine(
        id=ctx.new_id(),
        purchase_plan_id=plan.id,
        line_no=line_no,
        item_id=item.id,
        target=row.target if row else 0,
        usable=row.usable if row else 0,
        expiring=row.expiring if row else 0,
        contract=row.contract if row else 0,
        social=row.social if row else 0,
        planned=figures.planned if figures and figures.planned else None,
        gap=figures.gap if figures else 0,
        drafted=drafted,
        quantity=quantity,
        unit_price_fen=unit_price_fen,
        reason=reason.strip(),
    )
