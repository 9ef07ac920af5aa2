"""Goods come in (F3): each line a new lot, the good part onto the shelf, the rest into quarantine, two people answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.stock import backdating, ledger, papers
from supplyops.stock.acceptance import open_acceptance
from supplyops.stock.documents import QuickReceiptInput, ReceiptInput, ReceiptKind, ReceiptLineInput, Signature
from supplyops.stock.lots import make_lot
from supplyops.stock.numbering import NewUnit, has_left, known_units, register_unit
from supplyops.stock.rules import (
    LateKind,
    Leg,
    LotInput,
    MoveReason,
    Posting,
    StockDocumentKind,
    StockDocumentState,
    expiry_of,
)
from supplyops.stock.space import Placing, check_placings
from supplyops.stock.tables import Asset, StockDocument
from supplyops.stock.writing import add_line, entry_of, locations_of, new_document, organisation_named, site_named
from supplyops.wording.labels import label

_SOURCE_OF_RECEIPT = {
    ReceiptKind.DONATION: (MoveReason.DONATION, LocationKind.DONOR),
    ReceiptKind.RECOVERY: (MoveReason.RECOVERY, LocationKind.CONSUMED),
}

SHOWN_MAX = 10
"""So many serial numbers a refusal names."""
_LOOK_BACK = 50
"""How many of a store's last receipts say what is usual there."""


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
    _check_dates(ctx, receipt, items)
    shelves = locations_of(ctx, site.id)
    targets = [_targets(shelves, line, place) for place, line in enumerate(receipt.lines)]
    _check_room(ctx, receipt, items, shelves)
    known = _known_serials(ctx, receipt, items)
    arrived_at = min(receipt.arrived_at, ctx.now)
    permit = backdating.admit(ctx, site.id, LateKind.RECEIPT, arrived_at, "arrived_at")
    document = new_document(
        ctx,
        StockDocumentKind.RECEIPT,
        "receipt_note",
        site,
        receipt.source,
        plain(to_json(receipt)),
        receipt.incident_id,
        arrived_at,
    )
    backdating.use(permit, document.id)
    reference = DocumentRef("receipt", document.id, document.number)
    reason, source_kind = _SOURCE_OF_RECEIPT.get(receipt.kind, (MoveReason.RECEIPT, LocationKind.SUPPLIER))
    legs: list[Leg] = []
    units: list[NewUnit] = []
    for place, line in enumerate(receipt.lines):
        good, bad = targets[place]
        lot = make_lot(ctx, items[line.sku], owner, _lot_of(ctx, receipt, line), reference)
        ctx.session.flush()  # the line refers to the lot
        source = virtual_location_id(source_kind)
        legs += [
            Leg(lot.id, source, target, amount)
            for target, amount in ((good, line.accepted), (bad, line.rejected))
            if target and amount
        ]
        add_line(ctx, document, place + 1, lot, good or bad, None, line.expected, line.accepted, line.rejected)
        if good is not None:
            units += [NewUnit(serial, items[line.sku], lot, good, site) for serial in line.serial_numbers]
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
    for unit in units:
        register_unit(ctx, unit, known.get((unit.item.id, unit.serial_number)), reference)
    acceptance = open_acceptance(ctx, document, receipt, inspection)
    papers.issue_receipt(ctx, document, acceptance)
    ctx.about("receipt", document.id, document.number)
    return document.id


def _check_dates(ctx: Context, receipt: ReceiptInput, items: References[Item]) -> None:
    """A device's wrong clock is forgiven; goods are made before they come, and what is past its day is not good."""
    check = Checks()
    check.that(not backdating.is_ahead(ctx, receipt.arrived_at), "arrived_at", "in_the_future")
    day = business_day(min(receipt.arrived_at, ctx.now))
    for place, line in enumerate(receipt.lines):
        made = line.produced_on
        check.that(
            made is None or made <= day, f"lines.{place}.produced_on", "made_later", made=str(made), came="到货日期"
        )
        expires = line.expires_on or expiry_of(made, items[line.sku].shelf_life_days)
        is_past = expires is not None and expires < day
        check.that(not (is_past and line.accepted), f"lines.{place}.accepted", "expired_already", day=str(expires))
    check.done()


@command(Permission.STOCK_RECEIVE)
def receive_quickly(ctx: Context, given: QuickReceiptInput) -> UUID:
    """Take goods in with a few fields; what is not said is as at the store's last receipt. Raises as `receive`."""
    site = site_named(ctx, given.site_code, Permission.STOCK_RECEIVE)
    owner_code, fund_source = _as_last_time(ctx, site, given.kind)
    lines = tuple(
        ReceiptLineInput(
            line.sku,
            line.quantity,
            line.quantity,
            produced_on=line.produced_on,
            expires_on=line.expires_on,
            serial_numbers=line.serial_numbers,
        )
        for line in given.lines
    )
    return receive(
        ctx,
        ReceiptInput(
            kind=given.kind,
            site_code=given.site_code,
            owner_code=given.owner_code or owner_code,
            source=given.source,
            fund_source=given.fund_source or fund_source,
            arrived_at=given.arrived_at or ctx.now,
            lines=lines,
            inspected_by=given.inspected_by,
        ),
    )


def _known_serials(ctx: Context, receipt: ReceiptInput, items: References[Item]) -> dict[tuple[UUID, str], Asset]:
    """Units that had left and now come back under their numbers. Raises InvalidInput for numbers that are taken."""
    numbered = [(place, line) for place, line in enumerate(receipt.lines) if line.serial_numbers]
    known = known_units(
        ctx,
        {items[line.sku].id for _, line in numbered},
        {serial for _, line in numbered for serial in line.serial_numbers},
    )
    check, seen = Checks(), set()
    for place, line in numbered:
        field, item = f"lines.{place}.serial_numbers", items[line.sku]
        check.that(item.is_serial_tracked, field, "not_serial_tracked", value=f"{item.sku} {item.name}")
        taken = []
        for serial in line.serial_numbers:
            asset = known.get((item.id, serial))
            if (item.id, serial) in seen or (asset is not None and not has_left(ctx, asset)):
                taken.append(serial)
            seen.add((item.id, serial))
        check.that(not taken, field, "serial_taken", taken="、".join(taken[:SHOWN_MAX]))
    check.done()
    return known


def _as_last_time(ctx: Context, site: Site, kind: ReceiptKind) -> tuple[str, str]:
    """(owner, fund) of the store's last receipt: the fund of the same kind, or the kind's own word."""
    statement = (
        select(StockDocument.details)
        .where(
            StockDocument.site_id == site.id,
            StockDocument.kind == StockDocumentKind.RECEIPT,
            StockDocument.state == StockDocumentState.POSTED,
        )
        .order_by(StockDocument.created_at.desc(), StockDocument.number.desc())
        .limit(_LOOK_BACK)
    )
    receipts = list(ctx.session.scalars(statement))
    alike = [each for each in receipts if each["kind"] == kind.value]
    keeper = ctx.session.get_one(Organisation, site.organisation_id).code
    owner_code = next((each["owner_code"] for each in (*alike, *receipts)), keeper)
    return owner_code, next((each["fund_source"] for each in alike), label(kind))


def _lot_of(ctx: Context, receipt: ReceiptInput, line: ReceiptLineInput) -> LotInput:
    came_on = business_day(min(receipt.arrived_at, ctx.now))
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
        stored_on=came_on if came_on != business_day(ctx.now) else None,
    )


def _targets(shelves: Sequence[Location], line: ReceiptLineInput, place: int) -> tuple[UUID | None, UUID | None]:
    """Where the good and the rejected part of a line go."""
    chosen = entry_of(shelves) if not line.location_code else _named(shelves, line.location_code)
    quarantine = entry_of(shelves, LocationKind.QUARANTINE)
    if line.accepted and chosen is None:
        raise InvalidInput(
            fields=(FieldError(f"lines.{place}.location_code", "unknown_reference", {"value": line.location_code}),)
        )
    if line.rejected and quarantine is None:
        raise InvalidInput(fields=(FieldError(f"lines.{place}.rejected", "no_quarantine"),))
    return chosen.id if line.accepted and chosen else None, quarantine.id if line.rejected and quarantine else None


def _named(shelves: Sequence[Location], code: str) -> Location | None:
    """The storage location of the site with that code."""
    return next((shelf for shelf in shelves if shelf.kind is LocationKind.STORAGE and shelf.code == code), None)


def _check_room(ctx: Context, receipt: ReceiptInput, items: References[Item], shelves: Sequence[Location]) -> None:
    """A location that was chosen must have the room and offer what the goods need, or a reason is given."""
    placings = [
        Placing(f"lines.{place}.placing_reason", chosen, items[line.sku], line.accepted, line.placing_reason)
        for place, line in enumerate(receipt.lines)
        if line.accepted and (chosen := _named(shelves, line.location_code)) and not chosen.is_receiving
    ]
    check_placings(ctx, placings)
