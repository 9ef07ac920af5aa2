"""What the papers of a transfer say: its slip when approved, F4 and F5 when it leaves, F3 when it has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.packing import ladders_of
from supplyops.catalogue.packs import Ladder
from supplyops.catalogue.tables import Item
from supplyops.kernel.clock import business_day
from supplyops.kernel.quantity import packages
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue, next_slip_number
from supplyops.papers.contents import (
    AllocationLine,
    Contact,
    DeliveryPoint,
    HandoverStop,
    IssueLine,
    IssueNote,
    LoadLine,
    LotLabel,
    ReceiptLine,
    ReceiptNote,
    ShipmentHandover,
    Signed,
    TransferSlip,
    to_plain,
)
from supplyops.people.offices import issuing_office
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, unscoped
from supplyops.stock.documents import ReceiptKind
from supplyops.stock.tables import Lot
from supplyops.transfers.lots import reference
from supplyops.transfers.rules import TransferKind
from supplyops.transfers.tables import Transfer, TransferArrival, TransferArrivalLine, TransferLine, TransferLot
from supplyops.wording.labels import label

Row = tuple[TransferLot, Lot, Item, Location]
_BECAUSE = "a paper names everybody it concerns"


def issue_slip(ctx: Context, row: Transfer) -> None:
    """Issue the slip of a transfer that was approved."""
    bodies, sites, rows = _bodies(ctx, row), _sites(ctx, row), _rows(ctx, row)
    packing = ladders_of(ctx, [item for _, _, item, _ in rows])
    chosen = select(TransferLine.lot_number, TransferLine.reason).where(TransferLine.transfer_id == row.id)
    out_of_turn = {lot: f"指定批次:{reason}" for lot, reason in ctx.session.execute(chosen) if lot and reason.strip()}
    content = TransferSlip(
        issuer=issuing_office(ctx, bodies[row.approver_id]).name,
        kind=label(row.kind),
        ordered_on=business_day(ctx.now),
        from_organisation=bodies[row.from_organisation_id].name,
        from_site=sites[row.from_site_id].name,
        to_organisation=bodies[row.to_organisation_id].name,
        to_site=sites[row.to_site_id].name,
        owner=bodies[row.owner_id].name,
        new_owner=bodies[row.new_owner_id].name if row.new_owner_id else "",
        owed_back=_owed_back(row),
        send_by=row.send_by,
        arrive_by=row.arrive_by,
        reason=row.reason,
        fund_source="、".join(dict.fromkeys(lot.fund_source for _, lot, _, _ in rows)),
        lines=tuple(
            AllocationLine(
                item.sku,
                item.name,
                item.unit,
                line.quantity,
                spec=item.spec,
                gb_code=item.gb_code,
                lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
                packages=packages(line.quantity, item.pack_quantity),
                mass_g=line.quantity * item.unit_mass_g,
                volume_cm3=line.quantity * item.unit_volume_cm3,
                unit_price_fen=lot.unit_price_fen or None,
                is_recoverable=item.is_recoverable,
                packed=packing[item.id].both_ways(line.quantity),
                note="；".join(part for part in (lot.restriction, out_of_turn.get(lot.number, "")) if part),
            )
            for line, lot, item, _ in rows
        ),
        prepared=Signed(row.created_by_name, row.created_at),
        approved=Signed(row.decided_by_name, row.decided_at),
    )
    title = f"{sites[row.from_site_id].name}→{sites[row.to_site_id].name}"
    _issue(ctx, "transfer_slip", row.number, title, content, row, (row.approver_id, row.owner_id))


def _owed_back(row: Transfer) -> str:
    if row.kind is TransferKind.GIVE_BACK:
        return "归还所欠物资"
    if not row.is_owed_back:
        return ""
    return f"用后归还或补偿,{row.due_on}前结清" if row.due_on else "用后归还或补偿"


def issue_leaving(ctx: Context, row: Transfer, note: str) -> None:
    """Issue F4 for the store that gave the goods out, and F5 for the road."""
    bodies, sites, rows = _bodies(ctx, row), _sites(ctx, row), _rows(ctx, row)
    origin, target = sites[row.from_site_id], sites[row.to_site_id]
    packing = ladders_of(ctx, [item for _, _, item, _ in rows])
    leaves_agency = row.owner_id != row.from_organisation_id and row.kind in {
        TransferKind.RELOCATION,
        TransferKind.AGENCY,
    }
    content = IssueNote(
        organisation=bodies[row.from_organisation_id].name,
        warehouse=origin.name,
        issue_kind="代储转出" if leaves_agency else "调拨",
        recipient=f"{bodies[row.to_organisation_id].name}({target.name})",
        lines=tuple(
            IssueLine(
                item.name,
                item.unit,
                line.quantity,
                spec=item.spec,
                sku=item.sku,
                lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
                location=place.name,
                issued=line.loaded,
                packages=packages(line.loaded, item.pack_quantity),
                packed=packing[item.id].both_ways(line.loaded),
                unit_price_fen=lot.unit_price_fen or None,
            )
            for line, lot, item, place in rows
        ),
        slip_number=row.number,
        purpose=row.reason,
        vehicle=row.vehicle,
        carrier=row.carrier,
        issued_at=ctx.now,
        owner=bodies[row.owner_id].name,
        stored=Signed(ctx.principal.name, ctx.now),
        note=note,
    )
    number = next_slip_number(ctx, "issue_note", origin.area_code)
    _issue(ctx, "issue_note", number, f"{origin.name} {row.vehicle}", content, row, _ends(row))
    handover = ShipmentHandover(
        shipper=bodies[row.from_organisation_id].name,
        carrier=row.carrier,
        plate=row.vehicle,
        vehicle_type="",
        driver=Contact(row.driver, row.driver_phone),
        origin=origin.name,
        stops=(_stop(row, target, rows),),
        escort=Contact(row.escort) if row.escort else None,
        seal_number=row.seal_number,
        depart_at=row.send_by,
        route=f"{origin.name} → {target.name}",
        loaded=Signed(ctx.principal.name, ctx.now),
        note=note,
        left_at=row.sent_at,
    )
    number = next_slip_number(ctx, "shipment_handover", origin.area_code)
    _issue(ctx, "shipment_handover", number, f"{row.vehicle} {target.name}", handover, row, _ends(row))


def _stop(row: Transfer, target: Site, rows: Sequence[Row]) -> HandoverStop:
    return HandoverStop(
        DeliveryPoint(target.name, target.address, target.contact, target.phone),
        tuple(
            LoadLine(
                item.name,
                item.unit,
                line.loaded,
                spec=item.spec,
                lot=lot.number,
                packages=packages(line.loaded, item.pack_quantity),
                mass_g=line.loaded * item.unit_mass_g,
                volume_cm3=line.loaded * item.unit_volume_cm3,
            )
            for line, lot, item, _ in rows
            if line.loaded
        ),
        planned_at=row.expected_at,
        slip_number=row.number,
    )


def issue_arriving(
    ctx: Context, row: Transfer, note: TransferArrival, came: Mapping[UUID, TransferArrivalLine]
) -> None:
    """Issue F3 for what the store took in this time."""
    bodies, sites, rows = _bodies(ctx, row), _sites(ctx, row), _rows(ctx, row)
    target = sites[row.to_site_id]
    packing = ladders_of(ctx, [item for _, _, item, _ in rows])
    shelves = {
        place.id: place.name
        for place in ctx.session.scalars(
            select(Location).where(Location.id.in_([line.target_id for line in came.values() if line.target_id]))
        )
    }
    owner = bodies[row.new_owner_id or row.owner_id]
    content = ReceiptNote(
        organisation=bodies[row.to_organisation_id].name,
        warehouse=target.name,
        receipt_kind=label(ReceiptKind.TRANSFER),
        source=f"{bodies[row.from_organisation_id].name}({sites[row.from_site_id].name})",
        lines=tuple(
            _receipt_line(ctx, line, lot, item, found, shelves, packing[item.id])
            for line, lot, item, _ in rows
            if (found := came.get(line.id)) is not None
        ),
        source_document=row.number,
        vehicle=row.vehicle,
        arrived_at=note.arrived_at,
        accepted_at=ctx.now,
        fund_source="、".join(dict.fromkeys(lot.fund_source for line, lot, _, _ in rows if line.id in came)),
        owner=owner.name,
        is_seal_intact=note.is_seal_intact,
        seal_number=row.seal_number,
        shortage_handling=note.cause,
        delivered_by=Signed(row.driver),
        inspected=Signed(note.receiver, note.arrived_at),
        stored=Signed(ctx.principal.name, ctx.now),
        note=_still_to_come(note, rows),
    )
    parties = (row.to_organisation_id, owner.id)
    _issue(ctx, "receipt_note", note.receipt_number, f"{target.name} {row.number}", content, row, parties)


def _receipt_line(
    ctx: Context,
    line: TransferLot,
    lot: Lot,
    item: Item,
    found: TransferArrivalLine,
    shelves: Mapping[UUID, str],
    ladder: Ladder,
) -> ReceiptLine:
    received = found.good + found.damaged
    return ReceiptLine(
        item.name,
        item.unit,
        received + found.short,
        spec=item.spec,
        sku=item.sku,
        received=received,
        accepted=found.good,
        rejected=found.damaged,
        lot=LotLabel(_number(ctx, line, lot), lot.produced_on, lot.expires_on),
        maker=lot.manufacturer,
        packages=packages(received, item.pack_quantity),
        location=shelves.get(found.target_id, "") if found.target_id else "",
        unit_price_fen=lot.unit_price_fen or None,
        packed=ladder.both_ways(received),
    )


def _still_to_come(note: TransferArrival, rows: Sequence[Row]) -> str:
    """Of several arrivals each says which it is, and what is still on the road."""
    if note.is_last:
        return f"第{note.arrival_no}次到货,全部到齐" if note.arrival_no > 1 else ""
    rest: dict[tuple[str, str], int] = defaultdict(int)
    for line, _, item, _ in rows:
        rest[item.name, item.unit] += line.on_the_road
    left = "、".join(f"{name} {amount} {unit}" for (name, unit), amount in rest.items() if amount)
    return f"第{note.arrival_no}次到货,尚在途:{left}"


def _number(ctx: Context, line: TransferLot, lot: Lot) -> str:
    child = ctx.session.get(Lot, line.new_lot_id) if line.new_lot_id else None
    return child.number if child else lot.number


def _ends(row: Transfer) -> tuple[UUID, UUID]:
    return row.from_organisation_id, row.to_organisation_id


def _issue(
    ctx: Context, form: str, number: str, title: str, content: Any, row: Transfer, parties: tuple[UUID, UUID]
) -> None:
    issue(
        ctx,
        PaperInput(
            form=form,
            number=number,
            title=title[:120],
            content=to_plain(content),
            subject=DocumentRef(reference(row).kind, row.id, row.number),
            organisation_id=parties[0],
            addressee_id=parties[1] if parties[1] != parties[0] else None,
            incident_id=row.incident_id,
        ),
    )


def _rows(ctx: Context, row: Transfer) -> list[Row]:
    found = ctx.session.execute(
        select(TransferLot, Lot, Item, Location)
        .join(Lot, Lot.id == TransferLot.lot_id)
        .join(Item, Item.id == TransferLot.item_id)
        .join(Location, Location.id == TransferLot.location_id)
        .where(TransferLot.transfer_id == row.id)
        .order_by(TransferLot.line_no)
    )
    return [(each[0], each[1], each[2], each[3]) for each in found]


def _bodies(ctx: Context, row: Transfer) -> dict[UUID, Organisation]:
    ids = [row.owner_id, row.new_owner_id, row.approver_id, row.from_organisation_id, row.to_organisation_id]
    found = select(Organisation).where(Organisation.id.in_([each for each in ids if each]))
    return {body.id: body for body in ctx.session.scalars(found)}


def _sites(ctx: Context, row: Transfer) -> dict[UUID, Site]:
    found = unscoped(select(Site).where(Site.id.in_([row.from_site_id, row.to_site_id])), _BECAUSE)
    return {site.id: site for site in ctx.session.scalars(found)}
