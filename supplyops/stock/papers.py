"""What the store's papers say: F3 and F4."""

from __future__ import annotations

from sqlalchemy import select

from supplyops.catalogue.packing import ladders_of
from supplyops.catalogue.packs import Ladder
from supplyops.catalogue.tables import Item
from supplyops.kernel.clock import beijing
from supplyops.kernel.codec import from_json
from supplyops.kernel.quantity import packages
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue
from supplyops.papers.contents import IssueLine, IssueNote, LotLabel, ReceiptLine, ReceiptNote, Signed, to_plain
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context
from supplyops.stock.documents import PASSED_OVER, IssueInput, ReceiptInput, ReceiptLineInput
from supplyops.stock.tables import Acceptance, Lot, StockDocument, StockDocumentLine
from supplyops.wording.labels import label

SERIALS_MAX = 20


def issue_receipt(ctx: Context, document: StockDocument, acceptance: Acceptance) -> None:
    """Issue F3 for a receipt; again, as a new version, when the inspector has signed."""
    receipt = from_json(ReceiptInput, document.details)
    site, owner = _site_and_owner(ctx, document, receipt)
    rows = _rows(ctx, document)
    packing = ladders_of(ctx, [item for _, _, item, _ in rows])
    lines = tuple(
        _receipt_line(line, lot, item, place, source, packing[item.id])
        for (line, lot, item, place), source in zip(rows, receipt.lines, strict=True)
    )
    content = ReceiptNote(
        organisation=_organisation(ctx, site).name,
        warehouse=site.name,
        receipt_kind=label(receipt.kind),
        source=receipt.source,
        lines=lines,
        source_document=receipt.source_document,
        vehicle=receipt.vehicle,
        arrived_at=receipt.arrived_at,
        accepted_at=acceptance.accepted_at,
        note=late_note(document),
        fund_source=receipt.fund_source,
        owner=owner.name,
        is_seal_intact=receipt.is_seal_intact,
        seal_number=receipt.seal_number,
        is_appearance_good=receipt.is_appearance_good,
        matches_list=receipt.matches_list,
        conclusion=receipt.conclusion,
        shortage_handling=receipt.shortage_handling,
        delivered_by=Signed(receipt.delivered_by) if receipt.delivered_by else None,
        inspected=Signed(acceptance.inspector_name, acceptance.inspected_at) if acceptance.inspected_at else None,
        stored=Signed(acceptance.keeper_name, acceptance.accepted_at),
    )
    _issue(ctx, "receipt_note", document, site, owner, to_plain(content), is_exercise=receipt.is_exercise)


def _site_and_owner(ctx: Context, document: StockDocument, receipt: ReceiptInput) -> tuple[Site, Organisation]:
    site = ctx.session.get_one(Site, document.site_id)
    owner = ctx.session.scalars(select(Organisation).where(Organisation.code == receipt.owner_code)).one()
    return site, owner


def _receipt_line(
    line: StockDocumentLine, lot: Lot, item: Item, place: Location, source: ReceiptLineInput, ladder: Ladder
) -> ReceiptLine:
    return ReceiptLine(
        item.name,
        item.unit,
        line.due,
        spec=item.spec,
        sku=item.sku,
        received=line.actual + line.rejected,
        accepted=line.actual,
        rejected=line.rejected,
        lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
        life=_life(item),
        maker=lot.manufacturer,
        certificate=source.certificate,
        packages=packages(line.actual + line.rejected, item.pack_quantity),
        location=place.name,
        unit_price_fen=lot.unit_price_fen or None,
        packed=ladder.both_ways(line.actual + line.rejected),
        serials=_serials(source.serial_numbers),
    )


def _serials(numbers: tuple[str, ...]) -> str:
    """Serial numbers as far as a line has room for them; the rest stands in the register of assets."""
    said = "、".join(numbers[:SERIALS_MAX])
    return f"{said} 等{len(numbers)}个" if len(numbers) > SERIALS_MAX else said


def _life(item: Item) -> str:
    """保质期 or 年限, as it is written on the form."""
    if item.shelf_life_days:
        return f"{item.shelf_life_days}天"
    months = item.service_life_months
    return "" if not months else f"{months // 12}年" if months % 12 == 0 else f"{months}个月"


def issue_issue(ctx: Context, document: StockDocument, site: Site, owner: Organisation, request: IssueInput) -> None:
    """Issue F4 for an issue."""
    rows = _rows(ctx, document)
    packing = ladders_of(ctx, [item for _, _, item, _ in rows])
    lines = tuple(
        IssueLine(
            item.name,
            item.unit,
            line.due,
            spec=item.spec,
            sku=item.sku,
            lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
            location=place.name,
            issued=line.actual,
            packages=packages(line.actual, item.pack_quantity),
            unit_price_fen=lot.unit_price_fen or None,
            note=line.details.get("note", ""),
            packed=packing[item.id].both_ways(line.actual),
        )
        for line, lot, item, place in rows
    )
    content = IssueNote(
        organisation=_organisation(ctx, site).name,
        warehouse=site.name,
        issue_kind=label(request.kind),
        recipient=request.recipient,
        lines=lines,
        slip_number=request.slip_number,
        purpose=request.purpose,
        vehicle=request.vehicle,
        issued_at=document.occurred_at,
        note="；".join(filter(None, (late_note(document), _passed_note(document)))),
        owner=owner.name,
        received=Signed(request.received_by) if request.received_by else None,
        received_head=Signed(request.received_head) if request.received_head else None,
        checked=Signed(request.checked_by) if request.checked_by else None,
        stored=Signed(ctx.principal.name, ctx.now),
    )
    for_exercise = any(lot.is_exercise for _, lot, _, _ in rows)
    _issue(ctx, "issue_note", document, site, owner, to_plain(content), is_exercise=for_exercise)


def _passed_note(document: StockDocument) -> str:
    passed = document.details.get(PASSED_OVER)
    return f"盘点冻结,未取用:{passed}" if passed else ""


def late_note(document: StockDocument) -> str:
    """What a paper says of an entry that was written up later than it happened."""
    if not document.is_late:
        return ""
    happened, written = beijing(document.occurred_at), beijing(document.created_at)
    return f"补录:发生于 {happened:%Y-%m-%d %H:%M},记账于 {written:%Y-%m-%d %H:%M}"


def _rows(ctx: Context, document: StockDocument) -> list[tuple[StockDocumentLine, Lot, Item, Location]]:
    ctx.session.flush()  # the lines were added just before
    rows = ctx.session.execute(
        select(StockDocumentLine, Lot, Item, Location)
        .join(Lot, Lot.id == StockDocumentLine.lot_id)
        .join(Item, Item.id == StockDocumentLine.item_id)
        .join(Location, Location.id == StockDocumentLine.location_id)
        .where(StockDocumentLine.document_id == document.id)
        .order_by(StockDocumentLine.line_no)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _organisation(ctx: Context, site: Site) -> Organisation:
    keeper = ctx.session.get(Organisation, site.organisation_id)
    assert keeper is not None
    return keeper


def _issue(
    ctx: Context,
    form: str,
    document: StockDocument,
    site: Site,
    owner: Organisation,
    content: dict[str, object],
    *,
    is_exercise: bool,
) -> None:
    issue(
        ctx,
        PaperInput(
            form=form,
            number=document.number,
            title=f"{site.name} {document.counterpart}".strip(),
            content=content,
            subject=DocumentRef(document.kind.value, document.id, document.number),
            organisation_id=site.organisation_id,
            addressee_id=owner.id if owner.id != site.organisation_id else None,
            incident_id=document.incident_id,
            is_exercise=is_exercise,
        ),
    )
