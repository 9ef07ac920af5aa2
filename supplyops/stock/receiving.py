"""Goods come in (F3): each line a new lot, the good part onto the shelf, the rest into quarantine, two people answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, command
from supplyops.stock import ledger, papers
from supplyops.stock.acceptance import open_acceptance
from supplyops.stock.documents import ReceiptInput, ReceiptKind, ReceiptLineInput, Signature
from supplyops.stock.lots import make_lot
from supplyops.stock.rules import Leg, LotInput, MoveReason, Posting, StockDocumentKind
from supplyops.stock.writing import add_line, locations_of, new_document, organisation_named, site_named

_SOURCE_OF_RECEIPT = {
    ReceiptKind.DONATION: (MoveReason.DONATION, LocationKind.DONOR),
    ReceiptKind.RECOVERY: (MoveReason.RECOVERY, LocationKind.CONSUMED),
}


@command(Permission.STOCK_RECEIVE)
def receive(ctx: Context, receipt: ReceiptInput, inspection: Signature | None = None) -> UUID:
    """Take goods in (F3): what is good onto the shelf, what is not into quarantine, each line a new lot.

    `inspection` is the signature of whoever looked at the goods in the system; otherwise the receipt may name an inspector.
    Raises InvalidInput where a site has no such location, none for goods that were rejected, or where one person signs twice.
    """
    site = site_named(ctx, receipt.site_code, Permission.STOCK_RECEIVE)
    owner = organisation_named(ctx, "owner_code", receipt.owner_code)
    items = References(ctx.session, Item, [line.sku for line in receipt.lines], column="sku")
    for place, line in enumerate(receipt.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    shelves = locations_of(ctx, site.id)
    document = new_document(
        ctx,
        StockDocumentKind.RECEIPT,
        "receipt_note",
        site,
        receipt.source,
        plain(to_json(receipt)),
        receipt.incident_id,
    )
    reference = DocumentRef("receipt", document.id, document.number)
    reason, source_kind = _SOURCE_OF_RECEIPT.get(receipt.kind, (MoveReason.RECEIPT, LocationKind.SUPPLIER))
    legs: list[Leg] = []
    for place, line in enumerate(receipt.lines):
        good, bad = _targets(shelves, line, place)
        lot = make_lot(ctx, items[line.sku], owner, _lot_of(receipt, line), reference)
        ctx.session.flush()  # the line refers to the lot
        source = virtual_location_id(source_kind)
        legs += [
            Leg(lot.id, source, target, amount)
            for target, amount in ((good, line.accepted), (bad, line.rejected))
            if target and amount
        ]
        add_line(ctx, document, place + 1, lot, good or bad, None, line.expected, line.accepted, line.rejected)
    ledger.post(
        ctx,
        Posting(
            derived_id("receipt", document.id),
            reason,
            tuple(legs),
            reference,
            receipt.arrived_at,
            incident_id=receipt.incident_id,
        ),
    )
    acceptance = open_acceptance(ctx, document, receipt, inspection)
    papers.issue_receipt(ctx, document, acceptance)
    ctx.about("receipt", document.id, document.number)
    return document.id


def _lot_of(receipt: ReceiptInput, line: ReceiptLineInput) -> LotInput:
    return LotInput(
        sku=line.sku,
        owner_code=receipt.owner_code,
        fund_source=receipt.fund_source,
        lot_number=line.lot_number,
        produced_on=line.produced_on,
        expires_on=line.expires_on,
        unit_price_fen=line.unit_price_fen,
        manufacturer=line.manufacturer,
        maker_batch=line.maker_batch,
        restriction=line.restriction,
        is_exercise=receipt.is_exercise,
    )


def _targets(shelves: Sequence[Location], line: ReceiptLineInput, place: int) -> tuple[UUID | None, UUID | None]:
    """Where the good and the rejected part of a line go."""
    stores = [shelf for shelf in shelves if shelf.kind is LocationKind.STORAGE]
    chosen = (
        next((shelf for shelf in stores if shelf.code == line.location_code), None)
        if line.location_code
        else next(iter(stores), None)
    )
    quarantine = next((shelf for shelf in shelves if shelf.kind is LocationKind.QUARANTINE), None)
    if line.accepted and chosen is None:
        raise InvalidInput(
            fields=(FieldError(f"lines.{place}.location_code", "unknown_reference", {"value": line.location_code}),)
        )
    if line.rejected and quarantine is None:
        raise InvalidInput(fields=(FieldError(f"lines.{place}.rejected", "no_quarantine"),))
    return chosen.id if line.accepted and chosen else None, quarantine.id if line.rejected and quarantine else None
