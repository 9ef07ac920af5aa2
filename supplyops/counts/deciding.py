"""Deciding about what a count found: differences are explained, approved by somebody who had no hand in it, and posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.counts import papers
from supplyops.counts.balances import on_hand
from supplyops.counts.figures import figures
from supplyops.counts.rules import CountState, ExplanationsInput
from supplyops.counts.sheet import items_of, lines_of, reckon, reference
from supplyops.counts.tables import StockCount, StockCountHit, StockCountLine
from supplyops.kernel.access import Permission, Role
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Context, command
from supplyops.stock import freezing, ledger
from supplyops.stock.lots import make_lot
from supplyops.stock.rules import LEGS_MAX, Leg, LotInput, MoveReason, Posting
from supplyops.stock.tables import Lot, Reservation

FOUND_FUND = "盘盈"
"""Where the money for found goods came from: nobody knows."""


@command(Permission.COUNTS_ENTER)
def explain(ctx: Context, count_id: UUID, explanations: ExplanationsInput) -> int:
    """Say why lines differ; returns how many are left to be explained."""
    count = _submitted(ctx, count_id)
    ctx.require(Permission.COUNTS_ENTER, count.organisation_id)
    rows = {line.line_no: line for line in lines_of(ctx, count)}
    for place, told in enumerate(explanations.lines):
        line = rows.get(told.line_no)
        if line is None or not line.difference:
            code = "unknown_reference" if line is None else "no_difference"
            raise InvalidInput(fields=(FieldError(f"lines.{place}.line_no", code, {"value": str(told.line_no)}),))
        line.reason, line.reason_note, line.explained_by_id = told.reason, told.note, ctx.principal.user_id
    ctx.about("stock_count", count.id, count.number, explained=len(explanations.lines))
    return sum(bool(line.difference) and line.reason is None for line in rows.values())


@command(Permission.COUNTS_APPROVE)
def send_back(ctx: Context, count_id: UUID, because: str) -> None:
    """Have every line that differs counted again, by somebody else than who counted it last; the books are hidden again."""
    count = _submitted(ctx, count_id)
    ctx.require(Permission.COUNTS_APPROVE, count.organisation_id)
    if not because.strip():
        raise InvalidInput(fields=(FieldError("because", "required"),))
    for line in lines_of(ctx, count):
        line.needs_recount = bool(line.difference)
        if line.recounted is not None:
            line.counted, line.counted_at = line.recounted, line.recounted_at
            line.counted_by_id, line.counted_by_name = line.recounted_by_id, line.recounted_by_name
        line.recounted = line.recounted_at = line.recounted_by_id = None
        line.recounted_by_name, line.reason, line.reason_note = "", None, ""
    count.state, count.share_permille, count.decision_note = CountState.RECOUNTING, None, because[:200]
    ctx.session.flush()  # the sheet is written from the rows
    papers.issue_sheet(ctx, count)
    ctx.about("stock_count", count.id, count.number)


@command(Permission.COUNTS_APPROVE)
def approve(ctx: Context, count_id: UUID, note: str = "", cut_holds: bool = False) -> None:
    """Post the differences of a count. `cut_holds` lets it go below what is reserved: orders that lose goods are written down.

    Raises Forbidden for whoever had a hand in the count, keeps a store, or may not decide about so much; Conflict
    `unexplained`, `books_moved` (what the books say of the time of the count has changed), `orders_hit`.
    """
    count = _submitted(ctx, count_id)
    lines = lines_of(ctx, count)
    _refuse_wrong_person(ctx, count, lines)
    differing = [line for line in lines if line.difference]
    unexplained = [str(line.line_no) for line in differing if line.reason is None]
    if unexplained:
        raise Conflict("unexplained", lines="、".join(unexplained[:20]))
    ledger.lock_places(ctx, [line.location_id for line in lines])
    moved = reckon(ctx, lines)
    if moved:
        raise Conflict("books_moved", lines="、".join(str(number) for number in moved[:20]))
    cuts = _cuts(ctx, differing)
    if cuts and not cut_holds:
        raise Conflict("orders_hit", orders=_named(cuts))
    for cut in cuts:
        ledger.release(ctx, cut.hold.id, cut.quantity)
        ctx.session.add(_hit(ctx, count, cut))
    _post(ctx, count, differing)
    freezing.lift(ctx, count.id)
    count.state, count.decided_at, count.decided_by_id = CountState.POSTED, ctx.now, ctx.principal.user_id
    count.decided_by_name, count.decision_note = ctx.principal.name, note[:200]
    ctx.session.flush()  # the sheet is written from the rows
    papers.issue_sheet(ctx, count)
    ctx.about("stock_count", count.id, count.number, lines=len(differing), hit=_named(cuts))


def _submitted(ctx: Context, count_id: UUID) -> StockCount:
    count = ctx.get(StockCount, count_id, lock=True)
    if count.state is not CountState.SUBMITTED:
        raise WrongState("stock_count", count.state.value, CountState.SUBMITTED.value)
    return count


def _refuse_wrong_person(ctx: Context, count: StockCount, lines: Sequence[StockCountLine]) -> None:
    ctx.require(Permission.COUNTS_APPROVE, count.organisation_id)
    if ctx.principal.holds_role(Role.KEEPER, Role.CUSTODIAN):
        raise Forbidden("keeper_approves")
    hands = {count.created_by_id, count.counter_id, count.witness_id, count.submitted_by_id}
    hands |= {who for line in lines for who in (line.counted_by_id, line.recounted_by_id, line.explained_by_id)}
    if ctx.user_id() in hands:
        raise Forbidden("own_document")
    limit = figures(ctx).approval_permille
    if (count.share_permille or 0) > limit and not ctx.may(Permission.COUNTS_APPROVE_LARGE, count.organisation_id):
        raise Forbidden("too_large_to_approve", share=_percent(count.share_permille or 0), limit=_percent(limit))


def _percent(permille: int) -> str:
    return f"{permille // 10}.{permille % 10}%" if permille % 10 else f"{permille // 10}%"


@dataclass(frozen=True, slots=True)
class _Cut:
    line: StockCountLine
    hold: Reservation
    quantity: int


def _cuts(ctx: Context, lines: Sequence[StockCountLine]) -> list[_Cut]:
    """Which holds lose how much: where less is left than is reserved, those that have run out first, then the youngest."""
    short = [line for line in lines if line.difference < 0]
    held = on_hand(ctx, sorted({line.location_id for line in short}))
    cuts = []
    for line in short:
        assert line.lot_id is not None, "goods without a lot are a surplus"
        balance = held[line.location_id, line.lot_id]
        left = balance.reserved - max(balance.on_hand + line.difference, 0)
        holds = ctx.session.scalars(
            select(Reservation)
            .where(
                Reservation.location_id == line.location_id,
                Reservation.lot_id == line.lot_id,
                Reservation.closed_at.is_(None),
            )
            .order_by(Reservation.created_at.desc(), Reservation.id.desc())
        ).all()
        for hold in sorted(holds, key=lambda each: each.expires_at > ctx.now):
            taken = min(max(left, 0), hold.open_quantity)
            if taken:
                cuts.append(_Cut(line, hold, taken))
                left -= taken
    return cuts


def _named(cuts: Sequence[_Cut]) -> str:
    return "、".join(f"{cut.hold.document_number}(第{cut.line.line_no}行,少{cut.quantity})" for cut in cuts)


def _hit(ctx: Context, count: StockCount, cut: _Cut) -> StockCountHit:
    return StockCountHit(
        id=ctx.new_id(),
        count_id=count.id,
        line_id=cut.line.id,
        reservation_id=cut.hold.id,
        document_kind=cut.hold.document_kind,
        document_number=cut.hold.document_number,
        quantity=cut.quantity,
        hit_at=ctx.now,
    )


def _post(ctx: Context, count: StockCount, lines: Sequence[StockCountLine]) -> None:
    """Surplus comes from, shortage goes to the place of count differences; found goods become lots first."""
    beyond = virtual_location_id(LocationKind.COUNT_DIFFERENCE)
    items = items_of(ctx, lines)
    found = [(line, _found_lot(ctx, count, line, items[line.item_id])) for line in lines if line.lot_id is None]
    ctx.session.flush()  # lines and moves refer to the lots
    for line, lot in found:
        line.lot_id = lot.id
    is_exercise = {
        row.id: row.is_exercise
        for row in ctx.session.execute(
            select(Lot.id, Lot.is_exercise).where(Lot.id.in_({line.lot_id for line in lines}))
        )
    }
    parts: dict[tuple[datetime, bool], list[Leg]] = defaultdict(list)
    for line in lines:
        if line.lot_id is not None:
            leg = Leg(line.lot_id, *_way(line, beyond), abs(line.difference))
            parts[moment_of(line, ctx.now), is_exercise[line.lot_id]].append(leg)
    for place, ((moment, _), legs) in enumerate(sorted(parts.items(), key=lambda part: part[0])):
        for start in range(0, len(legs), LEGS_MAX):
            ledger.post(
                ctx,
                Posting(
                    derived_id("count", count.id, place, start),
                    MoveReason.COUNT,
                    tuple(legs[start : start + LEGS_MAX]),
                    reference(count),
                    moment,
                ),
            )


def moment_of(line: StockCountLine, now: datetime) -> datetime:
    """When a difference counts from: a figure written up later from when it was found, any other from its approval."""
    return line.final_at if line.is_late and line.final_at is not None else now


def _way(line: StockCountLine, beyond: UUID) -> tuple[UUID, UUID]:
    return (beyond, line.location_id) if line.difference > 0 else (line.location_id, beyond)


def _found_lot(ctx: Context, count: StockCount, line: StockCountLine, item: Item) -> Lot:
    code = line.found.get("owner_code", "")
    where = Organisation.code == code if code else Organisation.id == count.organisation_id
    owner = ctx.session.scalars(select(Organisation).where(where)).one()
    known = line.found
    lot = LotInput(
        sku=item.sku,
        owner_code=owner.code,
        fund_source=FOUND_FUND,
        produced_on=_day(known.get("produced_on")),
        expires_on=_day(known.get("expires_on")),
        unit_price_fen=int(known.get("unit_price_fen", 0)),
        manufacturer=known.get("manufacturer", ""),
        maker_batch=known.get("maker_batch", ""),
        source_mark=count.number[:40],
    )
    return make_lot(ctx, item, owner, lot, reference(count))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
