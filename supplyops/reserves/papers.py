"""What the papers of reserves say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.rules import Season
from supplyops.norms.targets import Targets
from supplyops.papers.commands import PaperInput, issue, next_slip_number
from supplyops.papers.contents import (
    AdequacyLine,
    AdequacyPaper,
    PurchaseLine,
    PurchasePlanPaper,
    Signed,
    to_plain,
)
from supplyops.people.tables import Organisation, User
from supplyops.reserves.places import Place
from supplyops.reserves.reckoning import yardstick
from supplyops.reserves.tables import PurchasePlan, PurchasePlanLine
from supplyops.reserves.views import AdequacyRow
from supplyops.runtime import Context, unscoped
from supplyops.wording.labels import label

PLAN_FORM = "purchase_plan"
REPORT_FORM = "adequacy_report"


def issue_purchase_plan(ctx: Context, plan: PurchasePlan) -> None:
    """Issue the paper of an approved plan."""
    rows = ctx.session.execute(
        select(PurchasePlanLine, Item)
        .join(Item, Item.id == PurchasePlanLine.item_id)
        .where(PurchasePlanLine.purchase_plan_id == plan.id, PurchasePlanLine.quantity > 0)
        .order_by(PurchasePlanLine.line_no)
    ).all()
    body = ctx.session.get(Organisation, plan.organisation_id)
    author = ctx.session.scalars(
        unscoped(select(User.display_name).where(User.id == plan.created_by_id), "the paper names who prepared it")
    ).one()
    assert body is not None
    content = PurchasePlanPaper(
        organisation=body.name,
        year=plan.year,
        lines=tuple(
            PurchaseLine(
                item.name, item.unit, line.quantity, spec=item.spec, sku=item.sku, target=line.target, usable=line.usable,
                expiring=line.expiring, contract=line.contract, gap=line.gap, unit_price_fen=line.unit_price_fen or None,
                reason=line.reason,
            )
            for line, item in rows
        ),
        basis=f"按{label(plan.level)}储备目标（夏季、冬季取大），可用数为{plan.year}年12月31日仍未到期的合格物资，合同和社会储备按规定折算"
        + ("，其他年度计划待采购的数量不再计入缺口" if any(line.planned for line, _ in rows) else ""),
        note=plan.note,
        prepared=Signed(author, plan.created_at),
        approved=Signed(ctx.principal.name, ctx.now),
    )  # fmt: skip
    paper = PaperInput(
        form=PLAN_FORM,
        number=plan.number,
        title=f"{body.name} {plan.year}年",
        content=to_plain(content),
        subject=DocumentRef("purchase_plan", plan.id, plan.number),
        organisation_id=plan.organisation_id,
    )
    issue(ctx, paper)


def issue_report(ctx: Context, place: Place, targets: Targets, season: Season, rows: Sequence[AdequacyRow]) -> str:
    """Issue the report on one place's reserve; returns its number."""
    stick = yardstick(targets)
    body = ctx.session.get(Organisation, place.head_id)
    assert body is not None
    counted = Counter(label(row.colour) for row in rows)
    content = AdequacyPaper(
        organisation=body.name,
        day=targets.day,
        season=label(season),
        lines=tuple(
            AdequacyLine(
                row.item_name, row.unit, row.target, row.usable, label(row.colour), spec=row.spec, sku=row.sku,
                delegated=row.delegated, contract=row.contract, social=row.social,
                coverage_permille=row.coverage_permille, gap=row.gap, gap_cost_fen=row.gap_cost_fen,
                gap_volume_cm3=row.gap_volume_cm3, gap_pallets=row.gap_pallets,
            )
            for row in rows
        ),
        basis=(
            f"可用数不含已预留、待检、{stick.horizon_days}天内到期的物资；合同按{stick.contract_hours}小时内可到的保证量"
            f"×{stick.contract_permille / 10:g}%，社会储备×{stick.social_permille / 10:g}%折算"
        ),
        summary="、".join(f"{name}{count}项" for name, count in counted.items()),
        prepared=Signed(ctx.principal.name, ctx.now),
    )  # fmt: skip
    number = next_slip_number(ctx, REPORT_FORM, place.area_code)
    paper = PaperInput(
        form=REPORT_FORM,
        number=number,
        title=f"{body.name} {targets.day:%Y-%m-%d}",
        content=to_plain(content),
        subject=DocumentRef("adequacy_report", ctx.new_id(), number),
        organisation_id=place.head_id,
    )
    paper_id = issue(ctx, paper)
    ctx.about("adequacy_report", paper_id, number)
    return number
