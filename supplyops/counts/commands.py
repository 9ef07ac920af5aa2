"""Counting: starting, entering what was found, finding goods that are on no line, comparing with the books, giving up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.counts import papers
from supplyops.counts.figures import figures
from supplyops.counts.rules import (
    BEING_COUNTED,
    OPEN_COUNT,
    CountInput,
    CountState,
    EntriesInput,
    EntryInput,
    FoundInput,
    Weighed,
    share_permille,
    tolerance_of,
)
from supplyops.counts.sheet import items_of, lines_of, prices_of, reckon, reference
from supplyops.counts.starting import new_line, places_of, refuse_counted, write_lines
from supplyops.counts.tables import StockCount, StockCountEntry, StockCountLine, StockCountPlace
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, WrongState
from supplyops.papers.commands import next_slip_number, void
from supplyops.people.tables import Organisation, User
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.stock import backdating, freezing, ledger
from supplyops.stock.rules import LateKind
from supplyops.stock.tables import LatePermit, Lot


@command(Permission.COUNTS_START)
def start(ctx: Context, wanted: CountInput) -> UUID:
    """Write the sheet of a count down, freeze its places where asked to, and issue the sheet (F6) to be filled in.

    Raises Conflict `being_counted`, `place_frozen`; InvalidInput for places, goods or people that are not there.
    """
    site = ctx.session.scalars(select(Site).where(Site.code == wanted.site_code)).one_or_none()
    if site is None:
        raise _field("site_code", "unknown_reference", value=wanted.site_code)
    ctx.require(Permission.COUNTS_START, site.organisation_id)
    base_at = wanted.base_at or ctx.now
    if base_at > ctx.now:
        raise _field("base_at", "in_the_future")
    places = places_of(ctx, site, wanted)
    ledger.lock_places(ctx, [place.id for place in places])
    refuse_counted(ctx, places)
    count = _count_row(ctx, site, wanted, base_at)
    ctx.session.add(count)
    ctx.session.flush()  # the lines refer to it
    for place in places:
        ctx.session.add(StockCountPlace(count_id=count.id, location_id=place.id))
    if wanted.is_frozen:
        freezing.freeze(ctx, [place.id for place in places], reference(count))
    lines = write_lines(ctx, count, places, wanted, figures(ctx))
    ctx.session.flush()  # the sheet is written from the rows
    papers.issue_sheet(ctx, count)
    ctx.about("stock_count", count.id, count.number, places=len(places), lines=lines)
    return count.id


def _count_row(ctx: Context, site: Site, wanted: CountInput, base_at: datetime) -> StockCount:
    counter_id, counter_name = _person(ctx, "counter", wanted.counter) or (ctx.principal.user_id, ctx.principal.name)
    witness_id, witness_name = _person(ctx, "witness", wanted.witness) or (None, wanted.witness_name.strip())
    if witness_id == counter_id or witness_name == counter_name.strip():
        raise _field("witness", "witness_counts")
    details = plain(to_json(wanted))
    narrowing = ("zones", "shelves", "location_codes", "skus", "value_classes")
    return StockCount(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "count_sheet", site.area_code),
        kind=wanted.kind,
        state=CountState.COUNTING,
        organisation_id=site.organisation_id,
        site_id=site.id,
        is_blind=wanted.is_blind,
        is_frozen=wanted.is_frozen,
        base_at=base_at,
        scope={name: details[name] for name in narrowing if details.get(name)},
        note=wanted.note,
        counter_id=counter_id,
        counter_name=counter_name,
        witness_id=witness_id,
        witness_name=witness_name,
        witnessed_at=None,
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        created_by_name=ctx.principal.name,
        submitted_at=None,
        submitted_by_id=None,
        submitted_by_name="",
        share_permille=None,
        decided_at=None,
        decided_by_id=None,
        decided_by_name="",
        decision_note="",
    )


def _person(ctx: Context, field: str, username: str) -> tuple[UUID, str] | None:
    if not username.strip():
        return None
    row = ctx.session.scalars(select(User).where(User.username == username.strip())).one_or_none()
    if row is None:
        raise _field(field, "unknown_reference", value=username[:40])
    return row.id, row.display_name


@command(Permission.COUNTS_ENTER)
def enter(ctx: Context, count_id: UUID, entries: EntriesInput) -> int:
    """Enter what was found of some lines; a figure entered again replaces the one before. Returns how many lines are left.

    While counting again, only lines that were too far off take a figure, from somebody else than who counted them.
    """
    count = _being_counted(ctx, count_id)
    rows = {line.line_no: line for line in lines_of(ctx, count)}
    is_recount = count.state is CountState.RECOUNTING
    for place, entry in enumerate(entries.entries):
        line = rows.get(entry.line_no)
        if line is None:
            raise _field(f"entries.{place}.line_no", "unknown_reference", value=str(entry.line_no))
        _refuse_wrong_hand(ctx, count, line, f"entries.{place}.line_no", is_recount=is_recount)
        _take(ctx, count, line, entry, f"entries.{place}.counted_at", is_recount=is_recount)
    ctx.about("stock_count", count.id, count.number, entered=len(entries.entries))
    return sum(_is_left(line, is_recount) for line in rows.values())


def _refuse_wrong_hand(ctx: Context, count: StockCount, line: StockCountLine, field: str, *, is_recount: bool) -> None:
    if not is_recount:
        if ctx.principal.user_id is not None and ctx.principal.user_id == count.witness_id:
            raise Forbidden("witness_enters")
        return
    if not line.needs_recount:
        raise _field(field, "no_recount_needed", line=line.line_no)
    if line.counted_by_id == ctx.principal.user_id:
        raise Forbidden("recount_by_another", line=line.line_no, person=line.counted_by_name)


def _take(
    ctx: Context, count: StockCount, line: StockCountLine, entry: EntryInput, field: str, *, is_recount: bool
) -> None:
    at = _counted_at(ctx, count, entry.counted_at, field)
    hand = (ctx.principal.user_id, ctx.principal.name)
    if is_recount:
        line.recounted, line.recounted_at, line.recounted_by_id, line.recounted_by_name = entry.quantity, at, *hand
    else:
        line.counted, line.counted_at, line.counted_by_id, line.counted_by_name = entry.quantity, at, *hand
    line.is_late = backdating.is_late(ctx, at)
    line.quality, line.note = entry.quality, entry.note or line.note
    ctx.session.add(
        StockCountEntry(
            id=ctx.new_id(),
            line_id=line.id,
            is_recount=is_recount,
            quantity=entry.quantity,
            counted_at=at,
            entered_at=ctx.now,
            entered_by_id=hand[0],
            entered_by_name=hand[1],
        )
    )


def _counted_at(ctx: Context, count: StockCount, told: datetime | None, field: str) -> datetime:
    at = told or ctx.now
    if at > ctx.now:
        raise _field(field, "in_the_future")
    if at < count.base_at:
        raise _field(field, "before_base")
    if told is not None:
        _admit_late(ctx, count, at, field)
    return at


def _admit_late(ctx: Context, count: StockCount, at: datetime, field: str) -> None:
    """A figure from longer ago than the office allows needs a permit: one for all figures of a count from that time on."""
    given = select(LatePermit.id).where(
        LatePermit.used_by_document_id == count.id, LatePermit.kind == LateKind.COUNT, LatePermit.earliest_at <= at
    )
    if ctx.session.scalars(given.limit(1)).first() is None:
        backdating.use(backdating.admit(ctx, count.site_id, LateKind.COUNT, at, field), count.id)
        ctx.session.flush()  # the next figure asks for it


def _is_left(line: StockCountLine, is_recount: bool) -> bool:
    return line.needs_recount and line.recounted is None if is_recount else line.counted is None


@command(Permission.COUNTS_ENTER)
def add_found(ctx: Context, count_id: UUID, found: FoundInput) -> int:
    """Write goods down that are on no line of the sheet; returns their line's number."""
    count = _being_counted(ctx, count_id)
    if ctx.principal.user_id is not None and ctx.principal.user_id == count.witness_id:
        raise Forbidden("witness_enters")
    place = ctx.session.scalars(
        select(Location)
        .join(StockCountPlace, StockCountPlace.location_id == Location.id)
        .where(StockCountPlace.count_id == count.id, Location.code == found.location_code)
    ).one_or_none()
    item = ctx.session.scalars(select(Item).where(Item.sku == found.sku)).one_or_none()
    if place is None or item is None:
        field = "location_code" if place is None else "sku"
        raise _field(field, "unknown_reference", value=getattr(found, field)[:40])
    if found.produced_on is not None and found.produced_on > business_day(found.counted_at or ctx.now):
        raise _field("produced_on", "made_later", made=str(found.produced_on), came="清点日期")
    lot = _lot_of(ctx, found, item)
    lines = lines_of(ctx, count)
    known = next((line for line in lines if lot and (line.location_id, line.lot_id) == (place.id, lot.id)), None)
    if known is not None:
        raise _field("lot_number", "on_the_sheet", line=known.line_no)
    if found.owner_code:
        _organisation(ctx, found.owner_code)
    details = plain(to_json(found))
    line = new_line(
        ctx,
        count,
        max((row.line_no for row in lines), default=0) + 1,
        place.id,
        item.id,
        lot.id if lot else None,
        is_found=True,
        found={} if lot else {name: details[name] for name in _FOUND if details.get(name)},
    )
    ctx.session.add(line)
    ctx.session.flush()  # its entry refers to it
    entry = EntryInput(line.line_no, found.quantity, found.quality, found.note, found.counted_at)
    _take(ctx, count, line, entry, "counted_at", is_recount=False)
    ctx.about("stock_count", count.id, count.number, found=line.line_no)
    return line.line_no


_FOUND = ("owner_code", "produced_on", "expires_on", "unit_price_fen", "manufacturer", "maker_batch")
"""What is kept of found goods until they become a lot."""


def _lot_of(ctx: Context, found: FoundInput, item: Item) -> Lot | None:
    if not found.lot_number:
        return None
    lot = ctx.session.scalars(select(Lot).where(Lot.number == found.lot_number)).one_or_none()
    if lot is None or lot.item_id != item.id:
        raise _field("lot_number", "unknown_reference", value=found.lot_number)
    return lot


def _organisation(ctx: Context, code: str) -> Organisation:
    row = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if row is None:
        raise _field("owner_code", "unknown_reference", value=code)
    return row


@command(Permission.STOCK_SEE)
def witness(ctx: Context, count_id: UUID) -> None:
    """The second person says to have been there. Raises Forbidden for anybody else."""
    count = ctx.get(StockCount, count_id, lock=True)
    if count.state not in OPEN_COUNT:
        raise WrongState("stock_count", count.state.value, CountState.COUNTING.value)
    if ctx.user_id() != count.witness_id:
        raise Forbidden("not_the_witness", person=count.witness_name)
    count.witnessed_at = count.witnessed_at or ctx.now
    ctx.about("stock_count", count.id, count.number)


@command(Permission.COUNTS_ENTER)
def submit(ctx: Context, count_id: UUID) -> CountState:
    """Compare what was found with the books; returns how the count goes on.

    `recounting`: some lines are too far off and somebody else counts them again. `submitted`: there are differences to be
    explained and decided. `posted`: there are none, the count is over. Raises Conflict `lines_left`, `witness_missing`.
    """
    count = _being_counted(ctx, count_id)
    if count.witness_id is not None and count.witnessed_at is None:
        raise Conflict("witness_missing", person=count.witness_name)
    lines = lines_of(ctx, count)
    left = [line.line_no for line in lines if _is_left(line, count.state is CountState.RECOUNTING)]
    if left:
        raise Conflict("lines_left", count=len(left), lines=_some(left))
    ledger.lock_places(ctx, [line.location_id for line in lines])
    reckon(ctx, lines)
    known, items, prices = figures(ctx), items_of(ctx, lines), prices_of(ctx, lines)
    if count.state is CountState.COUNTING:
        for line in lines:
            tolerance = tolerance_of(known.tolerances, items[line.item_id].need_class)
            line.needs_recount = tolerance.is_exceeded(line.difference, line.book or 0)
        if any(line.needs_recount for line in lines):
            count.state = CountState.RECOUNTING
            ctx.about("stock_count", count.id, count.number, recount=sum(line.needs_recount for line in lines))
            return count.state
    weighed = [Weighed(line.item_id, line.book or 0, line.difference, prices[line.id]) for line in lines]
    count.share_permille = share_permille(weighed, known.approval_basis)
    count.submitted_at, count.submitted_by_id = ctx.now, ctx.principal.user_id
    count.submitted_by_name = ctx.principal.name
    differs = any(line.difference for line in lines)
    count.state = CountState.SUBMITTED if differs else CountState.POSTED
    if not differs:
        freezing.lift(ctx, count.id)
    ctx.session.flush()  # the sheet is written from the rows
    papers.issue_sheet(ctx, count)
    ctx.about("stock_count", count.id, count.number, differences=sum(bool(line.difference) for line in lines))
    return count.state


@command(Permission.COUNTS_START)
def cancel(ctx: Context, count_id: UUID, because: str) -> None:
    """Give a count up: nothing is posted, its places are free again, its sheet no longer holds."""
    count = ctx.get(StockCount, count_id, lock=True)
    ctx.require(Permission.COUNTS_START, count.organisation_id)
    if not because.strip():
        raise _field("because", "required")
    if count.state not in OPEN_COUNT:
        raise WrongState("stock_count", count.state.value, becomes=CountState.CANCELLED.value)
    count.state, count.decision_note = CountState.CANCELLED, because[:200]
    freezing.lift(ctx, count.id)
    void(ctx, count.id, because[:200])
    ctx.about("stock_count", count.id, count.number)


def _being_counted(ctx: Context, count_id: UUID) -> StockCount:
    count = ctx.get(StockCount, count_id, lock=True)
    ctx.require(Permission.COUNTS_ENTER, count.organisation_id)
    if count.state not in BEING_COUNTED:
        raise WrongState("stock_count", count.state.value, CountState.COUNTING.value)
    return count


def _some(numbers: Sequence[int], shown_max: int = 20) -> str:
    text = "、".join(str(number) for number in numbers[:shown_max])
    return f"{text}……" if len(numbers) > shown_max else text


def _field(name: str, code: str, /, **params: Any) -> InvalidInput:
    return InvalidInput(fields=(FieldError(name, code, params),))
