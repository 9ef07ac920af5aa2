"""Announcing deliveries, looking at their loads before unloading, taking them in, ending them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from supplyops.arrivals.progress import accepted_of, has_receipts, open_load, state_of
from supplyops.arrivals.rules import (
    OPEN_STATES,
    ArrivalAcceptance,
    ArrivalAcceptanceLine,
    ArrivalInspection,
    ArrivalNotice,
    ArrivalState,
    outstanding,
)
from supplyops.arrivals.tables import Arrival, ArrivalLine, ArrivalLoad, ArrivalReceipt
from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, WrongState
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, command
from supplyops.stock.documents import ReceiptInput, ReceiptLineInput, Signature
from supplyops.stock.receiving import receive
from supplyops.stock.tables import StockDocumentLine
from supplyops.stock.writing import organisation_named, site_named


@command(Permission.ARRIVALS_EDIT)
def announce(ctx: Context, notice: ArrivalNotice) -> UUID:
    """Say that a delivery will come to a store. Raises InvalidInput where a place, owner or item does not exist."""
    site = site_named(ctx, notice.site_code, Permission.ARRIVALS_EDIT)
    owner = organisation_named(ctx, "owner_code", notice.owner_code)
    items = References(ctx.session, Item, [line.sku for line in notice.lines], column="sku")
    for place, line in enumerate(notice.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    row = Arrival(
        id=ctx.new_id(),
        number=next_in_series(ctx, "DH", site.area_code),
        organisation_id=site.organisation_id,
        site_id=site.id,
        owner_id=owner.id,
        announced_at=ctx.now,
        announced_by_id=ctx.principal.user_id,
        announced_by_name=ctx.principal.name,
        cancelled_at=None,
        closed_at=None,
        ended_because="",
        **{name: getattr(notice, name) for name in _KEPT},
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    for place, line in enumerate(notice.lines):
        kept = {name: getattr(line, name) for name in ("quantity", "unit_price_fen", "manufacturer", "note")}
        item_id = items[line.sku].id
        ctx.session.add(ArrivalLine(id=ctx.new_id(), arrival_id=row.id, line_no=place + 1, item_id=item_id, **kept))
    ctx.about("arrival", row.id, row.number)
    return row.id


_KEPT = (
    "kind",
    "source",
    "fund_source",
    "source_document",
    "contact",
    "note",
    "expected_on",
    "incident_id",
    "is_exercise",
)


@command(Permission.STOCK_INSPECT)
def inspect(ctx: Context, arrival_id: UUID, inspection: ArrivalInspection) -> UUID:
    """Sign for how a load was found before unloading. Looking anew replaces what was found before; a refused load goes back.

    Raises WrongState for a delivery of which nothing is still to come. Returns the load's id.
    """
    row = _open(ctx, arrival_id, Permission.STOCK_INSPECT)
    check = Checks()
    check.that(inspection.arrived_at <= ctx.now, "arrived_at", "in_the_future")
    check.done()
    before = open_load(ctx, row.id)
    if before is not None:
        before.ended_at = ctx.now
    last = ctx.session.scalar(select(func.max(ArrivalLoad.load_no)).where(ArrivalLoad.arrival_id == row.id)) or 0
    load = ArrivalLoad(
        id=ctx.new_id(),
        arrival_id=row.id,
        load_no=last + 1,
        inspector_id=ctx.user_id(),
        inspector_name=ctx.principal.name,
        inspected_at=ctx.now,
        ended_at=ctx.now if inspection.is_refused else None,
        document_id=None,
        **{name: getattr(inspection, name) for name in ArrivalInspection.__dataclass_fields__},
    )
    ctx.session.add(load)
    ctx.about("arrival", row.id, row.number, load=load.load_no, refused=inspection.is_refused)
    return load.id


@command(Permission.STOCK_RECEIVE)
def accept(ctx: Context, arrival_id: UUID, acceptance: ArrivalAcceptance) -> UUID:
    """Take in the load that was inspected, as a receipt (F3); what is still to come stays expected.

    Raises WrongState where no load was inspected, Conflict `same_signer` for the inspector, InvalidInput for a line that was
    not announced and for more than announced without a word on it. Returns the receipt's id.
    """
    row = _open(ctx, arrival_id, Permission.STOCK_RECEIVE)
    load = open_load(ctx, row.id)
    if load is None:
        raise WrongState("arrival", state_of(ctx, row.id).value, ArrivalState.INSPECTED.value)
    if load.inspector_id == ctx.principal.user_id:
        raise Conflict("same_signer", name=load.inspector_name)
    lines = _lines(ctx, row, acceptance)
    places = [place for place, line in enumerate(acceptance.lines) if not line.is_empty]
    lots = tuple(acceptance.lines[place] for place in places)
    signature = Signature(load.inspector_name, load.inspected_at, load.inspector_id)
    try:
        document_id = receive(ctx, _receipt(ctx, row, load, replace(acceptance, lines=lots), lines), signature)
    except InvalidInput as refusal:
        raise InvalidInput(fields=tuple(_as_written(error, places) for error in refusal.fields)) from None
    load.document_id, load.ended_at = document_id, ctx.now
    written = select(StockDocumentLine).where(StockDocumentLine.document_id == document_id)
    for line in ctx.session.scalars(written.order_by(StockDocumentLine.line_no)):
        announced, _ = lines[lots[line.line_no - 1].line_no]
        ctx.session.add(ArrivalReceipt(document_line_id=line.id, arrival_line_id=announced.id, load_id=load.id))
    ctx.about("arrival", row.id, row.number, receipt=str(document_id))
    return document_id


def _as_written(error: FieldError, places: list[int]) -> FieldError:
    """An error about the n-th lot of the receipt as one about the line of the load that it came from."""
    first, _, rest = error.field.partition(".")
    place, _, field = rest.partition(".")
    return (
        replace(error, field=f"lines.{places[int(place)]}.{field}") if first == "lines" and place.isdigit() else error
    )


def _lines(ctx: Context, row: Arrival, acceptance: ArrivalAcceptance) -> dict[int, tuple[ArrivalLine, Item]]:
    """The announced lines by number, every line of the load checked against them."""
    statement = select(ArrivalLine, Item).join(Item, Item.id == ArrivalLine.item_id)
    rows = ctx.session.execute(statement.where(ArrivalLine.arrival_id == row.id))
    lines = {line.line_no: (line, item) for line, item in rows}
    unknown = [
        FieldError(f"lines.{place}.line_no", "unknown_reference", {"value": str(line.line_no)})
        for place, line in enumerate(acceptance.lines)
        if line.line_no not in lines
    ]
    if unknown:
        raise InvalidInput(fields=tuple(unknown))
    before = accepted_of(ctx, row.id)
    coming: dict[int, int] = defaultdict(int)
    for line in acceptance.lines:
        coming[line.line_no] += line.accepted
    for line_no, quantity in sorted(coming.items()):
        announced, item = lines[line_no]
        open_quantity = outstanding(announced.quantity, before.get(announced.id, 0))
        if quantity > open_quantity and not acceptance.shortage_handling.strip():
            params = {"item": item.name, "value": quantity, "maximum": open_quantity}
            raise InvalidInput(fields=(FieldError("shortage_handling", "more_than_announced", params),))
    return lines


def _receipt(
    ctx: Context,
    row: Arrival,
    load: ArrivalLoad,
    acceptance: ArrivalAcceptance,
    lines: dict[int, tuple[ArrivalLine, Item]],
) -> ReceiptInput:
    site, owner = ctx.session.get_one(Site, row.site_id), ctx.session.get_one(Organisation, row.owner_id)
    return ReceiptInput(
        kind=row.kind,
        site_code=site.code,
        owner_code=owner.code,
        source=row.source,
        fund_source=row.fund_source,
        arrived_at=load.arrived_at,
        lines=tuple(_receipt_line(line, *lines[line.line_no]) for line in acceptance.lines),
        source_document=row.source_document or row.number,
        conclusion=acceptance.conclusion,
        shortage_handling=acceptance.shortage_handling,
        incident_id=row.incident_id,
        is_exercise=row.is_exercise,
        **{
            name: getattr(load, name)
            for name in (
                "vehicle",
                "delivered_by",
                "is_seal_intact",
                "seal_number",
                "is_appearance_good",
                "matches_list",
            )
        },
    )


def _receipt_line(line: ArrivalAcceptanceLine, announced: ArrivalLine, item: Item) -> ReceiptLineInput:
    return ReceiptLineInput(
        sku=item.sku,
        expected=line.listed,
        accepted=line.accepted,
        rejected=line.rejected,
        lot_number=line.lot_number,
        produced_on=line.produced_on,
        expires_on=line.expires_on,
        unit_price_fen=announced.unit_price_fen,
        manufacturer=line.manufacturer or announced.manufacturer,
        maker_batch=line.maker_batch,
        certificate=line.certificate,
        location_code=line.location_code,
        placing_reason=line.placing_reason,
        serial_numbers=line.serial_numbers,
    )


@command(Permission.ARRIVALS_EDIT)
def cancel(ctx: Context, arrival_id: UUID, because: str) -> None:
    """Take an announcement back. Raises WrongState once anything was taken in or while a load waits at the gate."""
    row = _open(ctx, arrival_id, Permission.ARRIVALS_EDIT)
    state = state_of(ctx, row.id)
    if state is not ArrivalState.ANNOUNCED:
        raise WrongState("arrival", state.value, ArrivalState.ANNOUNCED.value)
    _end(row, because)
    row.cancelled_at = ctx.now
    ctx.about("arrival", row.id, row.number)


@command(Permission.ARRIVALS_EDIT)
def close(ctx: Context, arrival_id: UUID, because: str) -> None:
    """Say that the rest will not come. Raises WrongState before anything came or while a load waits at the gate."""
    row = _open(ctx, arrival_id, Permission.ARRIVALS_EDIT)
    state = state_of(ctx, row.id)
    if state is not ArrivalState.PARTLY or not has_receipts(ctx, row.id):
        raise WrongState("arrival", state.value, ArrivalState.PARTLY.value)
    _end(row, because)
    row.closed_at = ctx.now
    ctx.about("arrival", row.id, row.number)


def _end(row: Arrival, because: str) -> None:
    check = Checks()
    check.text("because", because)
    check.done()
    row.ended_because = because


def _open(ctx: Context, arrival_id: UUID, permission: Permission) -> Arrival:
    """A delivery of which something is still to come, locked, where the actor may do this."""
    row = ctx.get(Arrival, arrival_id, lock=True)
    ctx.require(permission, row.organisation_id)
    state = state_of(ctx, row.id)
    if state not in OPEN_STATES:
        raise WrongState("arrival", state.value, ArrivalState.ANNOUNCED.value)
    return row
