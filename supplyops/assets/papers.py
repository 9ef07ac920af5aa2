"""What the papers of numbered units say: the asset card and the hand-out slip."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.assets.finding import numbered_unit
from supplyops.assets.keeping import Upkeep, upkeep_of
from supplyops.assets.tables import AssetLoan, AssetLoanLine, AssetPlan
from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import (
    AssetCard,
    AssetCardUpkeep,
    AssetHandout,
    AssetHandoutLine,
    Signed,
    to_plain,
)
from supplyops.papers.rules import PaperState
from supplyops.papers.tables import Paper
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command, unscoped
from supplyops.stock.tables import Asset, Lot
from supplyops.teams.tables import RescueTeam
from supplyops.wording.labels import LABELS, label


def issue_slip(ctx: Context, loan: AssetLoan) -> None:
    """Issue the hand-out slip; again, as a new version, when units came back."""
    rows = ctx.session.execute(
        unscoped(
            select(AssetLoanLine, Asset, Item)
            .join(Asset, Asset.id == AssetLoanLine.asset_id)
            .join(Item, Item.id == Asset.item_id)
            .where(AssetLoanLine.loan_id == loan.id)
            .order_by(AssetLoanLine.line_no),
            "the slip names them, wherever they are now",
        )
    )
    lines = tuple(_slip_line(line, asset, item) for line, asset, item in rows)
    site = ctx.session.scalars(unscoped(select(Site).where(Site.id == loan.site_id), "the slip's own store")).one()
    team = None
    if loan.team_id is not None:
        team = ctx.session.scalars(
            unscoped(select(RescueTeam).where(RescueTeam.id == loan.team_id), "the slip names the team")
        ).one()
    lender, holder = ctx.session.get(Organisation, loan.organisation_id), ctx.session.get(Organisation, loan.holder_id)
    assert lender is not None
    assert holder is not None
    content = AssetHandout(
        organisation=lender.name,
        warehouse=site.name,
        holder=holder.name,
        team=team.name if team else "",
        received_by=loan.received_by,
        phone=loan.phone,
        approved_by=loan.approved_by,
        purpose=loan.purpose,
        due_on=loan.due_on,
        handed_out_at=loan.handed_out_at,
        handed_out=Signed(loan.handed_out_by, loan.handed_out_at),
        despite=loan.despite,
        note=loan.note,
        lines=lines,
    )
    issue(
        ctx,
        PaperInput(
            form="asset_handout",
            number=loan.number,
            title=f"{holder.name} {loan.received_by} {loan.purpose}"[:120],
            content=to_plain(content),
            subject=DocumentRef("asset_loan", loan.id, loan.number),
            organisation_id=loan.organisation_id,
            addressee_id=loan.holder_id if loan.holder_id != loan.organisation_id else None,
        ),
    )


def _slip_line(line: AssetLoanLine, asset: Asset, item: Item) -> AssetHandoutLine:
    return AssetHandoutLine(
        name=item.name,
        number=asset.number,
        serial_number=asset.serial_number,
        condition_out=label(line.condition_out),
        spec=item.spec,
        meter_out=line.meter_out or None,
        handed_back_at=line.handed_back_at,
        condition_in=label(line.condition_in) if line.condition_in else "",
        defects=line.defects,
        meter_in=line.meter_in or None,
        returned_by=line.returned_by,
        taken_back_by=line.taken_back_by,
    )


@command(Permission.ASSETS_KEEP)
def issue_card(ctx: Context, asset_number: str) -> UUID:
    """Issue a unit's card; where nothing on it has changed, the card there is."""
    asset = numbered_unit(ctx, asset_number)
    keeper_id = asset.custodian_id or asset.owner_id
    ctx.require(Permission.ASSETS_KEEP, keeper_id)
    content = to_plain(_card(ctx, asset, keeper_id))
    before = ctx.session.scalars(
        unscoped(
            select(Paper).where(Paper.number == asset.number, Paper.state == PaperState.VALID), "the unit's own card"
        )
    ).one_or_none()
    ctx.about("asset", asset.id, asset.number)
    if before is not None and before.content == content:
        return before.id
    paper = PaperInput(
        form="asset_card",
        number=asset.number,
        title=f"{content['name']} {asset.serial_number}",
        content=content,
        subject=DocumentRef("asset", asset.id, asset.number),
        organisation_id=keeper_id,
        addressee_id=asset.owner_id if asset.owner_id != keeper_id else None,
    )
    return issue(ctx, paper)


def _card(ctx: Context, asset: Asset, keeper_id: UUID) -> AssetCard:
    item, lot = ctx.session.get(Item, asset.item_id), ctx.session.get(Lot, asset.lot_id)
    keeper, owner = ctx.session.get(Organisation, keeper_id), ctx.session.get(Organisation, asset.owner_id)
    place = ctx.session.get(Location, asset.location_id)
    assert item is not None
    assert lot is not None
    assert keeper is not None
    assert owner is not None
    assert place is not None
    plans = {plan.id: plan for plan in ctx.session.scalars(select(AssetPlan).where(AssetPlan.item_id == item.id))}
    upkeep = upkeep_of(ctx, [asset])[asset.id]
    return AssetCard(
        organisation=keeper.name,
        name=item.name,
        serial_number=asset.serial_number,
        unit=item.unit,
        sku=item.sku,
        owner=owner.name,
        location=LABELS["LocationKind"].get(place.name, place.name),
        lot_number=lot.number,
        upkeep=tuple(_card_upkeep(each, plans.get(each.plan_id) if each.plan_id else None) for each in upkeep),
        spec=item.spec,
        maker_number=asset.maker_number,
        manufacturer=lot.manufacturer,
        produced_on=lot.produced_on,
        in_service_on=asset.in_service_on,
        warranty_until=asset.warranty_until,
        meter_hours=asset.meter_hours or None,
        unit_price_fen=lot.unit_price_fen or None,
        fund_source=lot.fund_source,
        note=asset.note,
    )


def _card_upkeep(each: Upkeep, plan: AssetPlan | None) -> AssetCardUpkeep:
    months = f"每{plan.every_months}个月" if plan and plan.every_months else ""
    hours = f"每运行{plan.every_hours}小时" if plan and plan.every_hours else ""
    return AssetCardUpkeep(
        kind=label(each.kind),
        name=each.name,
        interval="或".join(part for part in (months, hours) if part) or "按证书有效期",
        last_on=each.last_on,
        due_on=each.due.on,
        due_at_hours=each.due.at_hours,
        certificate=each.certificate,
        instructions=plan.instructions if plan else "",
    )
