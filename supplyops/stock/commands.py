"""What a store does by itself: receive, issue, move, take back a mistake. Each writes a document, a posting and a paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import FieldError, InvalidInput, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.stock import backdating, ledger, papers
from supplyops.stock.blocking import blocked_lots, refuse_blocked
from supplyops.stock.documents import PASSED_OVER, IssueInput, IssueLineInput, TransferInput
from supplyops.stock.freezing import passing_over
from supplyops.stock.keeping import kept_for, use_kept
from supplyops.stock.receiving import receive
from supplyops.stock.rules import (
    Candidate,
    LateKind,
    Leg,
    MoveReason,
    Pick,
    Posting,
    StockDocumentKind,
    StockDocumentState,
    free_at,
    pick,
)
from supplyops.stock.tables import Lot, StockBalance, StockDocument
from supplyops.stock.undoing import take_back
from supplyops.stock.writing import add_line, new_document, organisation_named, site_named

__all__ = ["issue", "receive", "reverse_document", "transfer"]


@command(Permission.STOCK_ISSUE)
def issue(ctx: Context, request: IssueInput) -> UUID:
    """Give goods out for use (F4), first to expire first, unless a lot is named with a reason.

    What stands still for a count is passed over where the rest is enough, and the document says so.
    Raises Conflict `not_enough_to_pick`; InvalidInput where a lot out of turn has no reason.
    """
    site = site_named(ctx, request.site_code, Permission.STOCK_ISSUE)
    owner = organisation_named(ctx, "owner_code", request.owner_code)
    items = References(ctx.session, Item, [line.sku for line in request.lines], column="sku")
    for place, line in enumerate(request.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    issued_at = request.issued_at or ctx.now
    permit = backdating.admit(ctx, site.id, LateKind.ISSUE, issued_at, "issued_at")
    document = new_document(
        ctx,
        StockDocumentKind.ISSUE,
        "issue_note",
        site,
        request.recipient,
        plain(to_json(request)),
        request.incident_id,
        issued_at,
    )
    backdating.use(permit, document.id)
    reference = DocumentRef("issue", document.id, document.number)
    consumed = virtual_location_id(LocationKind.CONSUMED)
    legs: list[Leg] = []
    taken: dict[tuple[UUID, UUID], int] = {}
    passed: dict[UUID, str] = {}
    kept = kept_for(ctx, request.incident_id)
    for place, line in enumerate(request.lines):
        not_issued = (line.approved or line.quantity) - line.quantity
        for chosen in _pick(ctx, site, owner, items[line.sku], line, place, taken, kept, issued_at, passed):
            lot = ctx.session.get(Lot, chosen.lot_id)
            assert lot is not None
            due, not_issued = chosen.quantity + not_issued, 0
            use_kept(ctx, request.incident_id, chosen.location_id, chosen.lot_id, chosen.quantity)
            legs.append(Leg(chosen.lot_id, chosen.location_id, consumed, chosen.quantity))
            add_line(
                ctx,
                document,
                len(legs),
                lot,
                chosen.location_id,
                None,
                due,
                chosen.quantity,
                0,
                note=line.reason,
            )
    if passed:
        document.details = {**document.details, PASSED_OVER: _told(ctx, passed)}
    ledger.post(
        ctx,
        Posting(
            derived_id("issue", document.id),
            MoveReason.ISSUE,
            tuple(legs),
            reference,
            issued_at,
            note="；".join(dict.fromkeys(line.reason.strip() for line in request.lines if line.reason.strip()))[:200],
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
    kept: dict[tuple[UUID, UUID], int],
    issued_at: datetime,
    passed: dict[UUID, str],
) -> tuple[Pick, ...]:
    """What goes for a line. `passed` takes the places that were passed over because they stand still, and for which count."""
    day = business_day(issued_at)
    rows = ctx.session.execute(
        select(StockBalance, Lot)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .where(
            StockBalance.site_id == site.id,
            StockBalance.item_id == item.id,
            StockBalance.owner_id == owner.id,
            Location.kind == LocationKind.STORAGE,
            Lot.id.not_in(blocked_lots()),
        )
    )
    candidates = [
        Candidate(
            balance.location_id,
            lot.id,
            lot.number,
            balance.on_hand
            - balance.reserved
            + kept.get((balance.location_id, lot.id), 0)
            - taken.get((balance.location_id, lot.id), 0),
            lot.expires_on,
            lot.produced_on,
            lot.came_on,
        )
        for balance, lot in rows
    ]
    goods = f"{owner.name}的{item.name}"
    if issued_at < ctx.now:
        candidates = _there_then(ctx, candidates, taken, line.quantity, issued_at)
    candidates = _moving(ctx, candidates, line, day, passed)
    if line.lot_number:
        refuse_blocked(ctx, ctx.session.scalars(select(Lot).where(Lot.number == line.lot_number)))
        named = [candidate for candidate in candidates if candidate.lot_number == line.lot_number]
        _refuse_named(line, place, named, goods, day)
        in_turn = pick(candidates, line.quantity, day, goods)
        if not line.reason.strip() and {chosen.lot_id for chosen in in_turn} != {
            candidate.lot_id for candidate in named
        }:
            raise InvalidInput(fields=(FieldError(f"lines.{place}.reason", "out_of_turn"),))
        candidates, goods = named, f"{goods}(批次 {line.lot_number})"
    picks = pick(candidates, line.quantity, day, goods)
    for chosen in picks:
        key = (chosen.location_id, chosen.lot_id)
        taken[key] = taken.get(key, 0) + chosen.quantity
    return picks


def _moving(
    ctx: Context, candidates: list[Candidate], line: IssueLineInput, day: date, passed: dict[UUID, str]
) -> list[Candidate]:
    """Without what stands still for a count, where the rest is enough; of what would have gone first it is noted."""
    rest, frozen = passing_over(ctx, candidates, line.quantity, day, line.lot_number)
    if frozen:
        named = [each for each in candidates if line.lot_number in {"", each.lot_number}]
        in_turn = {chosen.location_id for chosen in pick(named, line.quantity, day)}
        passed.update((place, frozen[place]) for place in in_turn & frozen.keys())
    return rest


def _told(ctx: Context, passed: Mapping[UUID, str]) -> str:
    places = ctx.session.scalars(select(Location).where(Location.id.in_(passed)).order_by(Location.code))
    return "、".join(f"{place.name}({passed[place.id]})" for place in places)


def _there_then(
    ctx: Context,
    candidates: list[Candidate],
    taken: dict[tuple[UUID, UUID], int],
    quantity: int,
    moment: datetime,
) -> list[Candidate]:
    """Of each lot what has lain there ever since a moment: a lot that came later did not go out then.

    Where that is not enough, all of them: the refusal then says which goods were not there, and when.
    """
    lines = backdating.course(ctx, [(each.location_id, each.lot_id) for each in candidates])
    found = []
    for each in candidates:
        key = (each.location_id, each.lot_id)
        lowest = backdating.lowest_since(lines[key], moment)[0] - taken.get(key, 0)
        found.append(replace(each, available=min(each.available, lowest)))
    return found if free_at(found, business_day(moment)) >= quantity else candidates


def _refuse_named(line: IssueLineInput, place: int, named: list[Candidate], goods: str, day: date) -> None:
    """Say why a lot that was named cannot go out: it does not lie there, or it is past its day."""
    field = f"lines.{place}.lot_number"
    if not named:
        raise InvalidInput(fields=(FieldError(field, "lot_not_there", {"value": line.lot_number, "goods": goods}),))
    if (expires := named[0].expires_on) is not None and expires < day:
        told = {"value": line.lot_number, "day": expires.isoformat()}
        raise InvalidInput(fields=(FieldError(field, "lot_expired", told),))


@command(Permission.STOCK_MOVE)
def transfer(ctx: Context, move: TransferInput) -> UUID:
    """Move goods between locations of the actor's own sites; out of or into quarantine where the locations say so."""
    site = site_named(ctx, move.site_code, Permission.STOCK_MOVE)
    places = References(ctx.session, Location, [code for line in move.lines for code in (line.from_code, line.to_code)])
    lots = References(ctx.session, Lot, [line.lot_number for line in move.lines], column="number")
    for row, line in enumerate(move.lines):
        places.find(f"lines.{row}", "from_code", line.from_code)
        places.find(f"lines.{row}", "to_code", line.to_code)
        lots.find(f"lines.{row}", "lot_number", line.lot_number)
    places.done(lots)
    moved_at = move.moved_at or ctx.now
    permit = backdating.admit(ctx, site.id, LateKind.TRANSFER, moved_at, "moved_at")
    document = new_document(ctx, StockDocumentKind.TRANSFER, "", site, "", plain(to_json(move)), None, moved_at)
    backdating.use(permit, document.id)
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
        add_line(ctx, document, row + 1, lot, source.id, target.id, line.quantity, line.quantity, 0)
    for reason, part in sorted(legs.items()):
        ledger.post(
            ctx,
            Posting(
                derived_id("transfer", document.id, reason.value),
                reason,
                tuple(part),
                reference,
                moved_at,
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
    take_back(ctx, document, because)
    ctx.about(document.kind.value, document.id, document.number)
