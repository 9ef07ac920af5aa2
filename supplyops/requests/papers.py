"""What the papers of requests say: F14 and the coordination letter."""

from __future__ import annotations

from sqlalchemy import select

from supplyops.catalogue.tables import Item, NeedClass
from supplyops.incidents.papers import incident_ref
from supplyops.incidents.queries import ReportRow, report
from supplyops.incidents.tables import Incident
from supplyops.kernel.clock import beijing, business_day
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue, void
from supplyops.papers.contents import (
    Contact,
    CoordinationLetter,
    DeliveryPoint,
    Goods,
    RequestLine,
    Signed,
    Situation,
    SupplyRequest,
    to_plain,
)
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.requests import tables
from supplyops.runtime import Context
from supplyops.wording.labels import label

_FIGURE_FIELDS = {
    "affected": "affected",
    "relocated": "moved",
    "in_need": "urgent_aid",
    "dead": "dead",
    "missing": "missing",
    "injured": "injured",
    "collapsed_rooms": "rooms_collapsed",
    "severe_rooms": "rooms_badly_damaged",
    "slight_rooms": "rooms_damaged",
    "elderly": "elderly",
    "children": "infants",
    "disabled": "disabled",
}


def issue_request(ctx: Context, row: tables.SupplyRequest, incident: Incident) -> None:
    """Issue F14 for a request that is being submitted."""
    asking, asked = ctx.session.get(Organisation, row.organisation_id), ctx.session.get(Organisation, row.addressee_id)
    site = ctx.session.get(Site, row.delivery_site_id, execution_options={"unscoped": True})
    assert asking is not None
    assert asked is not None
    assert site is not None
    content = SupplyRequest(
        requester=asking.name,
        requester_tier=label(asking.level),
        addressee=asked.name,
        contact=Contact(row.receiver, row.receiver_phone),
        requested_at=ctx.now,
        urgency=label(row.urgency),
        incident=incident_ref(incident),
        situation=_situation(report(ctx, incident.id, row.report_version), row.area_code),
        lines=_lines(ctx, row, site.name),
        delivery_point=DeliveryPoint(
            site.name,
            site.address,
            row.receiver,
            row.receiver_phone,
            _access(row),
        ),
        reason=row.reason,
        area_code=row.area_code,
        own_stock_used=tuple(Goods(used["name"], used["unit"], used["quantity"]) for used in row.own_stock_used),
        own_stock_note=row.own_stock_note,
        prepared=Signed(ctx.principal.name, ctx.now),
    )
    issue(
        ctx,
        PaperInput(
            form="supply_request",
            number=row.number,
            title=f"{asking.short_name}需求申请单",
            content=to_plain(content),
            subject=DocumentRef("supply_request", row.id, row.number),
            organisation_id=row.organisation_id,
            addressee_id=row.addressee_id,
            incident_id=incident.id,
            is_exercise=incident.is_exercise,
        ),
    )


def _access(row: tables.SupplyRequest) -> str:
    """How vehicles get there, and from when on somebody takes goods in."""
    road = row.road_note or f"可通行{row.vehicle_class_max}级及以下车型"
    return road if row.receives_from is None else f"{road};{beijing(row.receives_from):%m月%d日 %H:%M} 起可以接收"


def _situation(version: ReportRow, area_code: str) -> Situation:
    """The figures of the request's own area where the report has them, else of all areas together."""
    areas = [area for area in version.areas if area.area_code == area_code] or list(version.areas)
    figures: dict[str, int | None] = {}
    for name, source in _FIGURE_FIELDS.items():
        counted = [getattr(area, source) for area in areas if getattr(area, source) is not None]
        figures[name] = sum(counted) if counted else None
    return Situation(version.version, version.reported_at, **figures)


def _lines(ctx: Context, row: tables.SupplyRequest, place: str) -> tuple[RequestLine, ...]:
    classes = {found.code: found.name for found in ctx.session.scalars(select(NeedClass))}
    rows = ctx.session.execute(
        select(tables.SupplyRequestLine, Item)
        .join(Item, Item.id == tables.SupplyRequestLine.item_id)
        .where(tables.SupplyRequestLine.request_id == row.id)
        .order_by(tables.SupplyRequestLine.line_no)
    )
    return tuple(
        RequestLine(
            item.sku,
            item.name,
            item.unit,
            line.computed_need,
            line.quantity,
            line.latest_arrival_at,
            place,
            spec=item.spec,
            satisfied=line.already_met,
            need_class=classes[item.need_class],
            note=line.note,
        )
        for line, item in rows
    )


def end_request(ctx: Context, row: tables.SupplyRequest) -> None:
    """The request was taken back: its paper no longer holds."""
    void(ctx, row.id, "request_cancelled")


def issue_letter(
    ctx: Context, row: tables.CoordinationLetter, incident: Incident, sender: Organisation, addressee: Organisation
) -> None:
    """Issue the letter to a body outside the chain of command."""
    content = CoordinationLetter(
        issuer=sender.name,
        addressees=(addressee.name,),
        subject=row.subject,
        incident=incident_ref(incident),
        lines=(),
        signed_on=business_day(ctx.now),
        reply_by=row.reply_by,
        contacts=(Contact(row.contact, row.phone),),
        paragraphs=tuple(part.strip() for part in row.body.splitlines() if part.strip()),
    )
    issue(
        ctx,
        PaperInput(
            form="coordination_letter",
            number=row.number,
            title=content.full_title,
            content=to_plain(content),
            subject=DocumentRef("coordination_letter", row.id, row.number),
            organisation_id=row.organisation_id,
            incident_id=incident.id,
            document_number=row.document_number,
            is_exercise=incident.is_exercise,
        ),
    )
