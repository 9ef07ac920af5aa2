"""What a store does by itself: receive, issue, move, take back a mistake. Each writes a document, a posting and a paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import next_number, next_slip_number, void
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.stock import ledger, papers
from supplyops.stock.documents import (
    IssueInput,
    IssueLineInput,
    ReceiptInput,
    ReceiptKind,
    ReceiptLineInput,
    TransferInput,
)
from supplyops.stock.lots import make_lot
from supplyops.stock.rules import (
    Candidate,
    Leg,
    LotInput,
    MoveReason,
    Pick,
    Posting,
    StockDocumentKind,
    StockDocumentState,
    pick,
)
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockDocumentLine, StockMove

_SOURCE_OF_RECEIPT = {
    ReceiptKind.DONATION: (MoveReason.DONATION, LocationKind.DONOR),
    ReceiptKind.RECOVERY: (MoveReason.RECOVERY, LocationKind.CONSUMED),
}


@command(Permission.STOCK_RECEIVE)
def receive(ctx: Context, receipt: ReceiptInput) -> UUID:
    """Take goods in (F3): what is good onto the shelf, what is not into quarantine, each line a new lot.

    Raises InvalidInput where a site has no such location, or none for goods that were rejected.
    """
    site = _site(ctx, receipt.site_code, Permission.STOCK_RECEIVE)
    owner = _organisation(ctx, "owner_code", receipt.owner_code)
    items = References(ctx.session, Item, [line.sku for line in receipt.lines], column="sku")
    for place, line in enumerate(receipt.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    shelves = _locations_of(ctx, site.id)
    document = _document(
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
        _line(ctx, document, place + 1, lot, good or bad, None, line.expected, line.accepted, line.rejected)
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
    papers.issue_receipt(ctx, document, site, owner, receipt)
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


@command(Permission.STOCK_ISSUE)
def issue(ctx: Context, request: IssueInput) -> UUID:
    """Give goods out for use (F4), first to expire first, unless a lot is named with a reason.

    Raises Conflict `not_enough_to_pick`; InvalidInput where a lot out of turn has no reason.
    """
    site = _site(ctx, request.site_code, Permission.STOCK_ISSUE)
    owner = _organisation(ctx, "owner_code", request.owner_code)
    items = References(ctx.session, Item, [line.sku for line in request.lines], column="sku")
    for place, line in enumerate(request.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    document = _document(
        ctx,
        StockDocumentKind.ISSUE,
        "issue_note",
        site,
        request.recipient,
        plain(to_json(request)),
        request.incident_id,
    )
    reference = DocumentRef("issue", document.id, document.number)
    consumed = virtual_location_id(LocationKind.CONSUMED)
    legs: list[Leg] = []
    taken: dict[tuple[UUID, UUID], int] = {}
    for place, line in enumerate(request.lines):
        for chosen in _pick(ctx, site, owner, items[line.sku], line, place, taken):
            lot = ctx.session.get(Lot, chosen.lot_id)
            assert lot is not None
            legs.append(Leg(chosen.lot_id, chosen.location_id, consumed, chosen.quantity))
            _line(
                ctx,
                document,
                len(legs),
                lot,
                chosen.location_id,
                None,
                chosen.quantity,
                chosen.quantity,
                0,
                note=line.reason,
            )
    ledger.post(
        ctx,
        Posting(
            derived_id("issue", document.id),
            MoveReason.ISSUE,
            tuple(legs),
            reference,
            ctx.now,
            incident_id=request.incident_id,
        ),
    )
    papers.issue_issue(ctx, document, site, owner, request)
    ctx.about("issue", document.id, document.number)
    return document.id


def _pick(
    ctx: Context,
    site: Site,
    owner: Organisation,
    item: Item,
    line: IssueLineInput,
    place: int,
    taken: dict[tuple[UUID, UUID], int],
) -> tuple[Pick, ...]:
    rows = ctx.session.execute(
        select(StockBalance, Lot)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .where(
            StockBalance.site_id == site.id,
            StockBalance.item_id == item.id,
            StockBalance.owner_id == owner.id,
            Location.kind == LocationKind.STORAGE,
        )
    )
    candidates = [
        Candidate(
            balance.location_id,
            lot.id,
            lot.number,
            balance.on_hand - balance.reserved - taken.get((balance.location_id, lot.id), 0),
            lot.expires_on,
            lot.produced_on,
        )
        for balance, lot in rows
    ]
    if line.lot_number:
        named = [candidate for candidate in candidates if candidate.lot_number == line.lot_number]
        in_turn = pick(candidates, line.quantity, business_day(ctx.now))
        if not line.reason.strip() and {chosen.lot_id for chosen in in_turn} != {
            candidate.lot_id for candidate in named
        }:
            raise InvalidInput(fields=(FieldError(f"lines.{place}.reason", "out_of_turn"),))
        candidates = named
    picks = pick(candidates, line.quantity, business_day(ctx.now))
    for chosen in picks:
        key = (chosen.location_id, chosen.lot_id)
        taken[key] = taken.get(key, 0) + chosen.quantity
    return picks


@command(Permission.STOCK_MOVE)
def transfer(ctx: Context, move: TransferInput) -> UUID:
    """Move goods between locations of the actor's own sites; out of or into quarantine where the locations say so."""
    site = _site(ctx, move.site_code, Permission.STOCK_MOVE)
    places = References(ctx.session, Location, [code for line in move.lines for code in (line.from_code, line.to_code)])
    lots = References(ctx.session, Lot, [line.lot_number for line in move.lines], column="number")
    for row, line in enumerate(move.lines):
        places.find(f"lines.{row}", "from_code", line.from_code)
        places.find(f"lines.{row}", "to_code", line.to_code)
        lots.find(f"lines.{row}", "lot_number", line.lot_number)
    places.done(lots)
    document = _document(ctx, StockDocumentKind.TRANSFER, "", site, "", plain(to_json(move)), None)
    reference = DocumentRef("transfer", document.id, document.number)
    legs: dict[MoveReason, list[Leg]] = {}
    for row, line in enumerate(move.lines):
        source, target, lot = places[line.from_code], places[line.to_code], lots[line.lot_number]
        for end in (source, target):
            if end.site_id != site.id:
                raise InvalidInput(fields=(FieldError(f"lines.{row}.from_code", "other_site", {"value": end.code}),))
        isolates = LocationKind.QUARANTINE in (source.kind, target.kind)
        reason = MoveReason.QUARANTINE if isolates else MoveReason.TRANSFER
        legs.setdefault(reason, []).append(Leg(lot.id, source.id, target.id, line.quantity))
        _line(ctx, document, row + 1, lot, source.id, target.id, line.quantity, line.quantity, 0)
    for reason, part in sorted(legs.items()):
        ledger.post(
            ctx,
            Posting(
                derived_id("transfer", document.id, reason.value),
                reason,
                tuple(part),
                reference,
                ctx.now,
                note=move.reason,
            ),
        )
    ctx.about("transfer", document.id, document.number)
    return document.id


@command(Permission.STOCK_REVERSE)
def reverse_document(ctx: Context, document_id: UUID, because: str) -> None:
    """Take back a whole document by opposite entries; refused when the goods have moved on. Its papers no longer hold."""
    document = ctx.get(StockDocument, document_id, lock=True)
    ctx.require(Permission.STOCK_REVERSE, document.organisation_id)
    if not because.strip():
        raise InvalidInput(fields=(FieldError("because", "required"),))
    if document.state is StockDocumentState.REVERSED:
        raise WrongState("stock_document", document.state.value, StockDocumentState.POSTED.value)
    postings = ctx.session.scalars(
        select(StockMove.posting_id)
        .where(StockMove.document_id == document.id, StockMove.reverses_id.is_(None))
        .distinct()
    ).all()
    for posting_id in sorted(postings):
        ledger.reverse(ctx, posting_id, derived_id("reverse", posting_id), because)
    document.state, document.reversed_at = StockDocumentState.REVERSED, ctx.now
    void(ctx, document.id, because)
    ctx.about(document.kind.value, document.id, document.number)


def _site(ctx: Context, code: str, permission: Permission) -> Site:
    site = ctx.session.scalars(select(Site).where(Site.code == code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": code}),))
    ctx.require(permission, site.organisation_id)
    return site


def _organisation(ctx: Context, field: str, code: str) -> Organisation:
    row = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if row is None:
        raise InvalidInput(fields=(FieldError(field, "unknown_reference", {"value": code}),))
    return row


def _locations_of(ctx: Context, site_id: UUID) -> list[Location]:
    return list(ctx.session.scalars(select(Location).where(Location.site_id == site_id).order_by(Location.code)))


def storage_of(ctx: Context, site_id: UUID, kind: LocationKind = LocationKind.STORAGE) -> Location:
    """The first location of a kind at a site. Raises NotFound where there is none."""
    found = next((place for place in _locations_of(ctx, site_id) if place.kind is kind), None)
    if found is None:
        raise NotFound("location", site=str(site_id))
    return found


def _document(
    ctx: Context,
    kind: StockDocumentKind,
    form: str,
    site: Site,
    counterpart: str,
    details: dict[str, Any],
    incident_id: UUID | None,
) -> StockDocument:
    number = (
        next_slip_number(ctx, form, site.area_code)
        if form
        else f"YK-{site.code}-{next_number(ctx, 'YK', site.code, 'all'):05d}"
    )
    row = StockDocument(
        id=ctx.new_id(),
        number=number,
        kind=kind,
        state=StockDocumentState.POSTED,
        organisation_id=site.organisation_id,
        site_id=site.id,
        incident_id=incident_id,
        counterpart=counterpart,
        details=details,
        occurred_at=ctx.now,
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        reversed_at=None,
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    return row


def _line(
    ctx: Context,
    document: StockDocument,
    line_no: int,
    lot: Lot,
    location_id: UUID | None,
    target_id: UUID | None,
    due: int,
    actual: int,
    rejected: int,
    note: str = "",
) -> None:
    assert location_id is not None
    ctx.session.add(
        StockDocumentLine(
            id=ctx.new_id(),
            document_id=document.id,
            line_no=line_no,
            item_id=lot.item_id,
            lot_id=lot.id,
            location_id=location_id,
            target_id=target_id,
            due=due,
            actual=actual,
            rejected=rejected,
            details={"note": note} if note else {},
        )
    )
