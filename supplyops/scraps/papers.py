"""What F7 says at each step, and the issue note F4 (报废) when the goods leave the books."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.clock import business_day
from supplyops.kernel.quantity import packages
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue, next_slip_number
from supplyops.papers.contents import (
    IssueLine,
    IssueNote,
    LotLabel,
    ScrapApplication,
    ScrapGoods,
    ScrapWord,
    Signed,
    to_plain,
)
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, unscoped
from supplyops.scraps.rules import DisposalMethod
from supplyops.scraps.tables import Scrap, ScrapDecision, ScrapLine
from supplyops.stock.tables import Lot
from supplyops.wording.labels import label

Row = tuple[ScrapLine, Lot, Item, Location]
_BECAUSE = "a paper names everybody it concerns"


def issue_application(ctx: Context, row: Scrap) -> None:
    """Issue F7 as the application stands; a later version replaces the one before."""
    site, keeper, rows = _site(ctx, row), _body(ctx, row.organisation_id), _rows(ctx, row)
    content = ScrapApplication(
        organisation=keeper.name,
        warehouse=site.name,
        lines=tuple(_goods(ctx, each) for each in rows),
        applied_on=business_day(row.applied_at),
        applied=Signed(row.applied_by_name, row.applied_at),
        institution=row.institution,
        report_number=row.report_number,
        experts=tuple(row.experts),
        conclusion=row.conclusion,
        appraised_on=row.appraised_on,
        words=_words(ctx, row),
        public_place=row.public_place,
        public_from=row.public_from,
        public_to=row.public_to,
        method=label(row.method) if row.method else "",
        buyer=row.buyer,
        agreement_number=row.agreement_number,
        income_fen=row.income_fen if row.method else None,
        disposed_at=row.disposed_at,
        witness=row.witness,
        evidence=row.evidence,
        note=row.note,
    )
    _issue(ctx, "scrap_application", row.number, f"{site.name} 报废申请", content, row)


def issue_disposal(ctx: Context, row: Scrap) -> None:
    """The last F7, and F4 for what left the store."""
    issue_application(ctx, row)
    site, keeper, rows = _site(ctx, row), _body(ctx, row.organisation_id), _rows(ctx, row)
    assert row.method is not None
    content = IssueNote(
        organisation=keeper.name,
        warehouse=site.name,
        issue_kind="报废",
        recipient=row.buyer if row.method is DisposalMethod.AUCTION else label(row.method),
        lines=tuple(
            IssueLine(
                item.name,
                item.unit,
                line.quantity,
                spec=item.spec,
                sku=item.sku,
                lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
                location=place.name,
                issued=line.quantity,
                packages=packages(line.quantity, item.pack_quantity),
                unit_price_fen=lot.unit_price_fen or None,
                note=label(line.reason),
            )
            for line, lot, item, place in rows
        ),
        slip_number=row.number,
        purpose="报废处置",
        issued_at=ctx.now,
        owner="、".join(dict.fromkeys(_body(ctx, lot.owner_id).name for _, lot, _, _ in rows)),
        stored=Signed(ctx.principal.name, ctx.now),
        note=f"见证人:{row.witness}",
    )
    number = next_slip_number(ctx, "issue_note", site.area_code)
    _issue(ctx, "issue_note", number, f"{site.name} 报废出库", content, row)


def _goods(ctx: Context, each: Row) -> ScrapGoods:
    line, lot, item, place = each
    since = lot.produced_on or lot.came_on
    return ScrapGoods(
        item.name,
        item.unit,
        line.quantity,
        label(line.reason),
        spec=item.spec,
        sku=item.sku,
        lot=lot.number,
        location=place.name,
        made_on=lot.produced_on,
        stored_on=lot.came_on,
        used=_span(since, business_day(ctx.now)),
        unit_price_fen=lot.unit_price_fen or None,
        note=line.note,
    )


def _span(since: date, until: date) -> str:
    """`3年2个月`: how long goods were stored or used."""
    months = max((until.year - since.year) * 12 + until.month - since.month - (until.day < since.day), 0)
    years, rest = divmod(months, 12)
    return "".join((f"{years}年" if years else "", f"{rest}个月" if rest or not years else ""))


def _words(ctx: Context, row: Scrap) -> tuple[ScrapWord, ...]:
    rows = ctx.session.execute(
        select(ScrapDecision, Organisation.name)
        .join(Organisation, Organisation.id == ScrapDecision.organisation_id)
        .where(ScrapDecision.scrap_id == row.id)
        .order_by(ScrapDecision.seq)
    )
    return tuple(
        ScrapWord(
            label(each.body),
            organisation,
            f"{'同意' if each.agrees else '不同意'}{':' + each.note if each.note else ''}",
            Signed(each.decided_by_name, each.decided_at),
        )
        for each, organisation in rows
    )


def _issue(ctx: Context, form: str, number: str, title: str, content: Any, row: Scrap) -> None:
    issue(
        ctx,
        PaperInput(
            form=form,
            number=number,
            title=title[:120],
            content=to_plain(content),
            subject=DocumentRef("scrap", row.id, row.number),
            organisation_id=row.organisation_id,
            addressee_id=row.government_id if row.government_id != row.organisation_id else None,
        ),
    )


def _rows(ctx: Context, row: Scrap) -> list[Row]:
    found = ctx.session.execute(
        select(ScrapLine, Lot, Item, Location)
        .join(Lot, Lot.id == ScrapLine.lot_id)
        .join(Item, Item.id == ScrapLine.item_id)
        .join(Location, Location.id == ScrapLine.location_id)
        .where(ScrapLine.scrap_id == row.id)
        .order_by(ScrapLine.line_no)
    )
    return [(each[0], each[1], each[2], each[3]) for each in found]


def _site(ctx: Context, row: Scrap) -> Site:
    return ctx.session.scalars(unscoped(select(Site).where(Site.id == row.site_id), _BECAUSE)).one()


def _body(ctx: Context, body_id: UUID) -> Organisation:
    found = ctx.session.get(Organisation, body_id)
    assert found is not None
    return found
