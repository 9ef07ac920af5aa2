"""The only code that writes moves, balances and reservations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Row,
    Uuid,
    bindparam,
    select,
    update,
)
from sqlalchemy.engine import CursorResult

from supplyops.audit.chain import Head, append, are_held, lock_heads
from supplyops.catalogue.commands import note_first_move
from supplyops.database.base import table_of
from supplyops.database.prepared import Prepared, adding
from supplyops.database.ways import Sent, together
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.places.rules import REAL_KINDS, LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, command, unscoped
from supplyops.stock.backdating import refuse_negative
from supplyops.stock.balances import ADD_BALANCE, FIND_BALANCES, new_balance
from supplyops.stock.blocking import refuse_blocked
from supplyops.stock.carrying import carry
from supplyops.stock.freezing import refuse_frozen
from supplyops.stock.looking import FIND_LOTS, FIND_PLACES, FIND_SITES, journal_of, take_heads
from supplyops.stock.rules import (
    AlreadyReversed,
    Hold,
    InsufficientStock,
    Leg,
    MoveReason,
    Place,
    Posting,
    PostingConflict,
    PostingResult,
    check_directions,
    net_changes,
)
from supplyops.stock.tables import Asset, Lot, Reservation, StockBalance, StockMove
from supplyops.stock.totals import Sending, Settled, TotalChange, TotalKey, change_held, total_key

Key = tuple[UUID, UUID]
"""(place, lot)"""
NOTHING: Mapping[UUID, int] = {}
UNTIL_RELEASED = timedelta(days=36_525)
"""A hold that only its own document ends."""
WAITED_MAX = timedelta(minutes=1)
"""So long a posting may have waited for its locks. What is further ahead than that was written by a clock that was wrong."""
_NOTHING_HELD = Settled()
SET_APART = frozenset({"scrap", "asset"})
"""Documents that hold goods so that nobody uses them: what is damaged or recalled is held for them too."""
KEPT_BACK = frozenset({MoveReason.DISPATCH, MoveReason.ISSUE})
"""What is on hold, recalled or damaged may be moved apart, returned or written off, but goes out for no use."""


_M, _B = table_of(StockMove), table_of(StockBalance)
_CHANGE, _SETTLED = bindparam("change", type_=BigInteger()), bindparam("settled", type_=BigInteger())

_FIND_MOVES = Prepared(select(_M).where(_M.c.posting_id == bindparam("id", type_=Uuid())).order_by(_M.c.line_no))
_ADD_MOVES = adding(_M)
_CHANGE_BALANCE = Prepared(
    update(_B)
    .where(
        _B.c.location_id == bindparam("place", type_=Uuid()),
        _B.c.lot_id == bindparam("goods", type_=Uuid()),
        _B.c.reserved >= _SETTLED,
        _B.c.on_hand + _CHANGE >= _B.c.reserved - _SETTLED,
    )
    .values(on_hand=_B.c.on_hand + _CHANGE, reserved=_B.c.reserved - _SETTLED)
)


@command(Permission.INTERNAL)
def post(ctx: Context, posting: Posting, fulfils: Mapping[UUID, int] = NOTHING) -> PostingResult:
    """Record a posting and settle the holds it fulfils (reservation id -> quantity, matching a leg's source).

    Same id and same content again: `is_new` is False and nothing happens. Same id, other content: PostingConflict.
    A real place would fall below what is reserved there: InsufficientStock. A place stands still for a count: Conflict
    `place_frozen`, unless the actor says why not. Nothing is half done.
    """
    ctx.session.flush()  # lots and documents made by this command are referred to
    seen = _look(ctx, posting)
    places, is_posted = _places(ctx, seen.places.rows, posting)
    shard = _shard(posting, places)
    head, at, goods = _lock(ctx, posting, shard, places, seen.goods)
    if is_posted:  # one that comes while the lock is waited for is told by its unique number, and this is run again
        earlier = _moves_of(ctx, posting.id)
        if _content_of(earlier) != _content(posting):
            raise PostingConflict(posting.id)
        return PostingResult(posting.id, is_new=False)
    kinds = [(places[leg.source_id].kind, places[leg.target_id].kind) for leg in posting.legs]
    check_directions(posting.reason, kinds, is_reversal=posting.reverses_id is not None)
    lots = _lots(posting, goods.lots)
    if len({lot.is_exercise for lot in lots.values()}) > 1:
        raise InvalidInput(fields=(FieldError("legs", "exercise_mixed"),))
    spoken_of = [lot for lot in lots.values() if lot.state is not None]
    if spoken_of and posting.reason in KEPT_BACK and posting.reverses_id is None:
        refuse_blocked(ctx, spoken_of)
    refuse_negative(ctx, posting, places)
    if first := {lot.item_id for lot in lots.values() if lot.is_first_move}:
        note_first_move(ctx, first)
    held = _settle_holds(ctx, posting, fulfils)
    ctx.session.flush()  # a hold is settled before its stock is given up
    moves = []
    for line_no, leg in enumerate(posting.legs, start=1):
        keeper = places[leg.source_id].keeper_id or places[leg.target_id].keeper_id
        content = _row(ctx, posting, line_no, leg, lots[leg.lot_id], keeper, at)
        moves.append({**content, **append(head, _M, content, at)})
    _change_balances(ctx, posting, places, lots, goods.on_hand, held, moves)
    is_numbered = posting.asset_ids or any(lot.is_numbered for lot in lots.values())
    broken = carry(ctx, posting, places, lots) if is_numbered else []
    ctx.stock_shards.append(shard)
    ctx.links.append((shard, head.seq, head.hash))
    if any(lot.is_still for lot in lots.values()):
        refuse_frozen(ctx, posting, places.values())
    for asset in broken:
        hold_unit(ctx, asset, DocumentRef("asset", asset.id, asset.number))
    return PostingResult(posting.id, is_new=True)


@command(Permission.INTERNAL)
def reverse(ctx: Context, posting_id: UUID, new_id: UUID, note: str) -> PostingResult:
    """Post the opposite legs, once (else AlreadyReversed); refused like any posting if the goods have moved on."""
    moves = _moves_of(ctx, posting_id)
    if not moves:
        raise NotFound("posting")
    if moves[0].reverses_id is not None:
        raise WrongState("posting", "reversal", "posting")
    done = ctx.session.scalar(select(StockMove.posting_id).where(StockMove.reverses_id == posting_id).limit(1))
    if done is not None and done != new_id:
        raise AlreadyReversed(posting_id)
    legs = tuple(Leg(move.lot_id, move.target_id, move.source_id, move.quantity) for move in moves)
    first = moves[0]
    opposite = Posting(new_id, first.reason, legs, _document(first), ctx.now, posting_id, note, first.incident_id)
    return post(ctx, opposite)


@command(Permission.INTERNAL)
def lock_places(ctx: Context, location_ids: Sequence[UUID]) -> None:
    """Make other writers of these places' warehouses wait, so that what is read of them stays true until the end."""
    shards = ctx.session.scalars(select(Location.shard).where(Location.id.in_(set(location_ids))).distinct())
    lock_heads(ctx.session, [shard for shard in shards if shard], ctx.now)


@command(Permission.INTERNAL)
def reserve(ctx: Context, hold: Hold) -> None:
    """Hold stock. The limit is checked here, so fulfilling it later cannot fail for lack of stock.

    Raises InsufficientStock; a hold with the same id and content again does nothing.
    """
    location = ctx.session.get(Location, hold.location_id)
    if location is None or location.kind not in REAL_KINDS:
        raise NotFound("location")
    lock_heads(ctx.session, [location.shard], ctx.now)
    existing = ctx.session.get(Reservation, hold.id)
    if existing is not None:
        if (existing.location_id, existing.lot_id, existing.quantity) != (hold.location_id, hold.lot_id, hold.quantity):
            raise PostingConflict(hold.id)
        return
    if hold.document.kind not in SET_APART:
        refuse_blocked(ctx, ctx.session.scalars(select(Lot).where(Lot.id == hold.lot_id)))
    _expire(ctx, [(hold.location_id, hold.lot_id)])
    key = StockBalance.location_id == hold.location_id, StockBalance.lot_id == hold.lot_id
    changed = ctx.session.execute(
        unscoped(
            update(StockBalance)
            .where(*key, StockBalance.on_hand >= StockBalance.reserved + hold.quantity)
            .values(reserved=StockBalance.reserved + hold.quantity)
            .execution_options(synchronize_session=False),
            "the ledger guards every place",
        )
    )
    if _count(changed) == 0:
        raise _insufficient(ctx, (hold.location_id, hold.lot_id), hold.quantity)
    change_held(ctx.session, hold.location_id, hold.lot_id, hold.quantity, 1)
    ctx.session.add(
        Reservation(
            id=hold.id,
            document_kind=hold.document.kind,
            document_id=hold.document.id,
            document_number=hold.document.number,
            location_id=hold.location_id,
            lot_id=hold.lot_id,
            quantity=hold.quantity,
            incident_id=hold.incident_id,
            fulfilled=0,
            released=0,
            expires_at=hold.expires_at,
            created_at=ctx.now,
            created_by_id=ctx.principal.user_id,
            closed_at=None,
            taken=0,
        )
    )
    ctx.session.flush()  # holds made next count this one


@command(Permission.INTERNAL)
def release(ctx: Context, reservation_id: UUID, quantity: int | None = None) -> int:
    """Give back all or part of what is still held; returns how much. Raises NotFound, or InvalidInput for more than is held."""
    reservation = _lock_reservation(ctx, reservation_id)
    amount = reservation.open_quantity if quantity is None else quantity
    if amount > reservation.open_quantity or amount < 0:
        raise InvalidInput(
            fields=(FieldError("quantity", "too_large", {"value": amount, "maximum": reservation.open_quantity}),)
        )
    if amount:
        reservation.released += amount
        _close_if_done(ctx, reservation)
        key = (reservation.location_id, reservation.lot_id)
        _lower_reserved(ctx, key, amount)
        change_held(ctx.session, *key, -amount, -1 if reservation.closed_at is not None else 0)
        ctx.session.flush()  # balances and reservations agree before anything else is read
    return amount


@command(Permission.INTERNAL)
def take_away(ctx: Context, reservation_id: UUID, quantity: int) -> None:
    """Release a part of a hold because something more urgent gets it; the hold remembers how much it lost."""
    release(ctx, reservation_id, quantity)
    _lock_reservation(ctx, reservation_id).taken += quantity
    ctx.session.flush()  # what the loser may still load is read from here


@command(Permission.INTERNAL)
def hold_unit(ctx: Context, asset: Asset, document: DocumentRef) -> bool:
    """Hold the one unit of stock that an asset is while it cannot be given out; no, where all units are spoken for."""
    hold = Hold(ctx.new_id(), document, asset.location_id, asset.lot_id, 1, ctx.now + UNTIL_RELEASED)
    try:
        reserve(ctx, hold)
    except InsufficientStock:
        return False
    ctx.session.flush()  # the asset refers to the hold
    asset.hold_id = hold.id
    return True


@command(Permission.INTERNAL)
def free_unit(ctx: Context, asset: Asset) -> None:
    """End the hold on an asset's unit, if there is one."""
    if asset.hold_id is not None:
        release(ctx, asset.hold_id)
        asset.hold_id = None


@command(Permission.INTERNAL)
def expire_due(ctx: Context) -> int:
    """Release every hold whose time is up; returns how many."""
    due = ctx.session.execute(
        select(Reservation.location_id, Reservation.lot_id)
        .where(Reservation.closed_at.is_(None), Reservation.expires_at <= ctx.now)
        .distinct()
    )
    expired = _expire(ctx, sorted((row.location_id, row.lot_id) for row in due))
    ctx.is_idle = expired == 0
    return expired


def _expire(ctx: Context, keys: Sequence[Key]) -> int:
    expired = 0
    for location_id, lot_id in keys:
        due = ctx.session.scalars(
            select(Reservation.id)
            .where(
                Reservation.location_id == location_id,
                Reservation.lot_id == lot_id,
                Reservation.closed_at.is_(None),
                Reservation.expires_at <= ctx.now,
            )
            .order_by(Reservation.id)
        ).all()
        for reservation_id in due:
            release(ctx, reservation_id)
            expired += 1
    return expired


def _lock_reservation(ctx: Context, reservation_id: UUID) -> Reservation:
    found = ctx.session.get(Reservation, reservation_id)
    if found is None:
        raise NotFound("reservation")
    location = ctx.session.get(Location, found.location_id)
    assert location is not None
    lock_heads(ctx.session, [location.shard], ctx.now)
    locked = (
        select(Reservation)
        .where(Reservation.id == reservation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return ctx.session.scalars(locked).one()


def _close_if_done(ctx: Context, reservation: Reservation) -> None:
    if reservation.open_quantity == 0:
        reservation.closed_at = ctx.now


def _settle_holds(ctx: Context, posting: Posting, fulfils: Mapping[UUID, int]) -> dict[Key, Settled]:
    """Mark holds as fulfilled; returns how much reserved stock each (place, lot) gives up."""
    leaving: dict[Key, int] = defaultdict(int)
    for leg in posting.legs:
        leaving[leg.source_id, leg.lot_id] += leg.quantity
    held: dict[Key, Settled] = defaultdict(Settled)
    for reservation_id, quantity in sorted(fulfils.items()):
        reservation = _lock_reservation(ctx, reservation_id)
        key = (reservation.location_id, reservation.lot_id)
        held[key].quantity += quantity
        if quantity < 1 or quantity > reservation.open_quantity or held[key].quantity > leaving.get(key, 0):
            raise InvalidInput(
                fields=(FieldError("fulfils", "hold_not_matched", {"reservation_id": str(reservation_id)}),)
            )
        reservation.fulfilled += quantity
        _close_if_done(ctx, reservation)
        held[key].ended += reservation.closed_at is not None
    return held


def _change_balances(
    ctx: Context,
    posting: Posting,
    places: Mapping[UUID, Place],
    lots: Mapping[UUID, Row[Any]],
    on_hand: Mapping[Key, int],
    held: Mapping[Key, Settled],
    moves: Sequence[Mapping[str, object]],
) -> None:
    """Change every touched balance in sorted order, each guarded in the statement itself, and write the moves that change them.

    A refusal comes after the moves were written: whoever meets one has to give the transaction up.
    """
    changes = {key: change for key, change in net_changes(posting.legs).items() if places[key[0]].kind in REAL_KINDS}
    for key in held:
        changes.setdefault(key, 0)
    totals: dict[TotalKey, TotalChange] = defaultdict(TotalChange)
    done = []
    with together(ctx.session):
        for key, change in sorted(changes.items()):
            place, lot, settled = places[key[0]], lots[key[1]], held.get(key, _NOTHING_HELD)
            totals[total_key(place, lot)].add(change, settled, on_hand.get(key, 0))
            if key not in on_hand and change > 0:
                ADD_BALANCE.send(ctx.session, **new_balance(place, lot, change))
                continue
            wish = {"place": place.id, "goods": lot.id, "change": change, "settled": settled.quantity}
            done.append((key, change, _CHANGE_BALANCE.send(ctx.session, **wish)))
        sending = Sending(ctx.session, totals)
        _ADD_MOVES.run_each(ctx.session, moves)
    for key, change, sent in done:
        if sent.count == 0:
            raise _insufficient(ctx, key, -change)
    sending.finish(places)


def _lower_reserved(ctx: Context, key: Key, amount: int) -> None:
    changed = ctx.session.execute(
        unscoped(
            update(StockBalance)
            .where(StockBalance.location_id == key[0], StockBalance.lot_id == key[1], StockBalance.reserved >= amount)
            .values(reserved=StockBalance.reserved - amount)
            .execution_options(synchronize_session=False),
            "the ledger guards every place",
        )
    )
    assert _count(changed) == 1, "reserved stock is the sum of open holds"


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def _insufficient(ctx: Context, key: Key, requested: int) -> InsufficientStock:
    row = ctx.session.execute(
        unscoped(
            select(StockBalance.on_hand - StockBalance.reserved, Lot.number, Location.name)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Location, Location.id == StockBalance.location_id)
            .where(StockBalance.location_id == key[0], StockBalance.lot_id == key[1]),
            "the refusal names the lot",
        )
    ).one_or_none()
    if row is None:
        lot, place = ctx.session.get(Lot, key[1]), ctx.session.get(Location, key[0])
        return InsufficientStock(
            location=place.name if place else "", lot=lot.number if lot else "", requested=requested, available=0
        )
    return InsufficientStock(location=row[2], lot=row[1], requested=requested, available=row[0])


@dataclass(frozen=True, slots=True)
class _Goods:
    """What was asked of the lots of a posting, and what lies of them at its places."""

    lots: Sent
    balances: Sent

    @property
    def on_hand(self) -> dict[Key, int]:
        """(place, lot) of every balance there is -> what lies there."""
        return {(row.location_id, row.lot_id): row.on_hand for row in self.balances.rows}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was asked for a posting in one go: its places with the lock, then what only holds behind it."""

    places: Sent
    goods: _Goods


def _look(ctx: Context, posting: Posting) -> _Seen:
    wanted = _places_of(posting)
    with together(ctx.session):
        places = FIND_PLACES.send(ctx.session, ids=wanted, posting=posting.id)
        goods = _ask_for_goods(ctx, posting)
    take_heads(ctx.session, places.rows)
    return _Seen(places, goods)


def _places_of(posting: Posting) -> list[UUID]:
    return sorted({place for leg in posting.legs for place in (leg.source_id, leg.target_id)})


def _places(ctx: Context, rows: Sequence[Row[Any]], posting: Posting) -> tuple[dict[UUID, Place], bool]:
    """The places of the legs and who keeps each: the body that keeps its site; on the road, the one whose warehouse the goods left.

    And whether the posting is in the books already.
    """
    found = {row.id: row for row in rows}
    if len(found) < len(_places_of(posting)):
        raise NotFound("location")
    left = {UUID(row.shard.removeprefix("stock:")) for row in found.values() if row.kind is LocationKind.TRANSIT}
    keepers = {row.id: row.organisation_id for row in FIND_SITES.all(ctx.session, ids=sorted(left))} if left else {}
    places = {
        row.id: Place(
            row.id,
            row.name,
            row.kind,
            row.shard,
            row.site_id,
            keepers.get(UUID(row.shard.removeprefix("stock:")))
            if row.kind is LocationKind.TRANSIT
            else row.organisation_id,
        )
        for row in found.values()
    }
    return places, any(row.is_posted for row in found.values())


def _lots(posting: Posting, sent: Sent) -> dict[UUID, Row[Any]]:
    found = {row.id: row for row in sent.rows}
    if len(found) < len({leg.lot_id for leg in posting.legs}):
        raise NotFound("lot")
    return found


def _ask_for_goods(ctx: Context, posting: Posting) -> _Goods:
    asked = {"ids": sorted({leg.lot_id for leg in posting.legs}), "places": _places_of(posting)}
    return _Goods(FIND_LOTS.send(ctx.session, **asked), FIND_BALANCES.send(ctx.session, **asked))


def _lock(
    ctx: Context, posting: Posting, shard: str, places: Mapping[UUID, Place], goods: _Goods
) -> tuple[Head, datetime, _Goods]:
    """The head of the chain that is written to. Every warehouse that the posting touches is locked, and with the first posting
    the journal as well: what was read of them stays true, and everybody locks them in the same order.

    The moment of the posting: not before what went before it under these locks while they were waited for. A clock that once
    ran ahead does not take everybody after it along.
    And what is known of the lots: asked again where a head had to be made first, since nothing was locked then.
    """
    shards = {place.shard for place in places.values() if place.kind in REAL_KINDS}
    if not ctx.stock_shards:
        shards.add(journal_of(shard))
    was_locked = are_held(ctx.session, shards)
    heads = lock_heads(ctx.session, sorted(shards), ctx.now)
    last = max(head.recorded_at for head in heads.values())
    at = last if ctx.now < last <= ctx.now + WAITED_MAX else ctx.now
    return heads[shard], at, goods if was_locked else _ask_for_goods(ctx, posting)


def _shard(posting: Posting, places: Mapping[UUID, Place]) -> str:
    for leg in posting.legs:
        for place_id in (leg.source_id, leg.target_id):
            if places[place_id].kind in REAL_KINDS:
                return places[place_id].shard
    raise InvalidInput(fields=(FieldError("legs", "no_real_place"),))


def _moves_of(ctx: Context, posting_id: UUID) -> Sequence[Row[Any]]:
    return _FIND_MOVES.all(ctx.session, id=posting_id)


def _content(posting: Posting) -> tuple[object, ...]:
    legs = tuple((leg.lot_id, leg.source_id, leg.target_id, leg.quantity) for leg in posting.legs)
    return posting.reason, posting.document.kind, posting.document.id, posting.reverses_id, legs


def _content_of(moves: Sequence[Row[Any]]) -> tuple[object, ...]:
    first = moves[0]
    legs = tuple((move.lot_id, move.source_id, move.target_id, move.quantity) for move in moves)
    return first.reason, first.document_kind, first.document_id, first.reverses_id, legs


def _document(move: Row[Any]) -> DocumentRef:
    return DocumentRef(move.document_kind, move.document_id, move.document_number)


def _row(
    ctx: Context, posting: Posting, line_no: int, leg: Leg, lot: Row[Any], custodian_id: UUID | None, at: datetime
) -> dict[str, object]:
    """What is kept of a leg. What happens now happens at the moment of the posting: nothing is recorded before it happened (a
    device's fast clock does not count), nor does it happen before what it waited for."""
    return {
        "posting_id": posting.id,
        "line_no": line_no,
        "reason": posting.reason,
        "lot_id": leg.lot_id,
        "item_id": lot.item_id,
        "source_id": leg.source_id,
        "target_id": leg.target_id,
        "quantity": leg.quantity,
        "document_kind": posting.document.kind,
        "document_id": posting.document.id,
        "document_number": posting.document.number,
        "occurred_at": posting.occurred_at if posting.occurred_at < ctx.now else at,
        "actor_id": ctx.principal.user_id,
        "actor_name": ctx.principal.name,
        "owner_id": lot.owner_id,
        "custodian_id": custodian_id,
        "fund_source": lot.fund_source,
        "parent_lot_id": lot.parent_lot_id,
        "is_exercise": lot.is_exercise,
        "reverses_id": posting.reverses_id,
        "incident_id": posting.incident_id,
        "note": posting.note,
        "request_key": ctx.actor.key,
    }
