"""Invariants of the ledger: conservation, balances, holds, goods on the road."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, shown

REAL = {"storage", "quarantine", "transit", "team"}
BEIJING = timedelta(hours=8)
Key = tuple[str, str]
"""(place, lot)"""


def real_places(books: Books) -> set[str]:
    """Places where goods lie; the others are where goods come from and go to."""
    return {place for place, kind in books.plain("location", "id", "kind") if kind in REAL}


@dataclass(slots=True)
class Replay:
    """The moves played again: what lies where at the end, and where a real place held less than nothing on the way."""

    held: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    below: Finding = field(default_factory=lambda: Finding("", ""))


def replayed(books: Books) -> Replay:
    """Judged at the end of each posting, which happens as a whole."""
    real, replay = real_places(books), Replay()
    held, below = replay.held, replay.below
    touched: set[Key] = set()
    posting, seq = None, 0

    def judge() -> None:
        below.checked += len(touched)
        for key in touched:
            if held[key] < 0:
                below.fail(f"流水 {seq} 后,库位 {shown(key[0])} 批次 {shown(key[1])} 为 {held[key]}")

    columns = ("seq", "posting_id", "lot_id", "source_id", "target_id", "quantity")
    for now, of, lot, source, target, quantity in books.plain("stock_move", *columns, order=("seq",)):
        if of != posting:
            judge()
            touched.clear()
            posting = of
        seq = now
        held[source, lot] -= quantity
        held[target, lot] += quantity
        if source in real:
            touched.add((source, lot))
        if target in real:
            touched.add((target, lot))
    judge()
    return replay


def conservation(books: Books, finding: Finding) -> None:
    """I1, per lot: all places together hold nothing; real places hold what came from outside less what went outside."""
    real = real_places(books)
    total: dict[str, int] = defaultdict(int)
    outside: dict[str, int] = defaultdict(int)
    for (place, lot), quantity in books.once(replayed).held.items():
        total[lot] += quantity
        if place not in real:
            outside[lot] -= quantity
    lying: dict[str, int] = defaultdict(int)
    if books.until is None:
        for lot, on_hand in books.plain("stock_balance", "lot_id", "on_hand"):
            lying[lot] += on_hand
    for lot in total.keys() | lying.keys():
        inside = lying[lot] if books.until is None else outside[lot]
        finding.see(
            total[lot] == 0 and outside[lot] == inside,
            f"批次 {shown(lot)}:流水净额 {outside[lot]},各处结存合计 {inside}",
        )


def never_below(books: Books, finding: Finding) -> None:
    """I2: no real place ever held less than nothing."""
    finding.add(books.once(replayed).below)


def balances(books: Books, finding: Finding) -> None:
    """I16: each cached balance is the sum of its moves, and every place that has moves has a balance."""
    real, held = real_places(books), books.once(replayed).held
    cached = {
        (place, lot): on_hand
        for place, lot, on_hand in books.plain("stock_balance", "location_id", "lot_id", "on_hand")
    }
    for key in cached.keys() | {key for key in held if key[0] in real}:
        finding.checked += 1
        if held.get(key, 0) != cached.get(key, 0):
            finding.fail(
                f"库位 {shown(key[0])} 批次 {shown(key[1])}:流水合计 {held.get(key, 0)},结存 {cached.get(key)}"
            )
    _gone(books, finding, {key for key in held if key[0] in real} - cached.keys())


def _gone(books: Books, finding: Finding, missing: set[Key]) -> None:
    """A balance stays when nothing lies there any more: it says who may see the moves. Only what came and went in one posting has none."""
    if not missing:
        return
    came: dict[tuple[str, Key], int] = defaultdict(int)
    lots = {lot for _, lot in missing}
    for posting, lot, source, target, quantity in books.plain(
        "stock_move", "posting_id", "lot_id", "source_id", "target_id", "quantity"
    ):
        if lot in lots:
            came[posting, (source, lot)] -= quantity
            came[posting, (target, lot)] += quantity
    for key in sorted({key for (_, key), change in came.items() if change and key in missing}):
        finding.fail(f"库位 {shown(key[0])} 批次 {shown(key[1])}:有流水,没有结存行")


def reservations(books: Books, finding: Finding) -> None:
    """I3: reserved stock is the sum of open holds and never more than lies there; a hold ends once."""
    open_holds: dict[Key, int] = defaultdict(int)
    columns = ("id", "location_id", "lot_id", "quantity", "fulfilled", "released", "closed_at")
    for hold, place, lot, quantity, fulfilled, released, closed_at in books.plain("reservation", *columns):
        left = quantity - fulfilled - released
        right = left >= 0 and min(fulfilled, released) >= 0 and (closed_at is not None) == (left == 0)
        finding.see(right, f"预留 {shown(hold)}:剩余 {left},{'已' if closed_at else '未'}办结")
        if left:
            open_holds[place, lot] += left
    for place, lot, on_hand, reserved in books.plain("stock_balance", "location_id", "lot_id", "on_hand", "reserved"):
        holds = open_holds.pop((place, lot), 0)
        finding.see(
            0 <= reserved <= on_hand and reserved == holds,
            f"库位 {shown(place)} 批次 {shown(lot)}:结存 {on_hand},已预留 {reserved},预留单合计 {holds}",
        )
    for (place, lot), left in open_holds.items():
        finding.fail(f"库位 {shown(place)} 批次 {shown(lot)}:预留单合计 {left},但没有结存")


def on_the_road(books: Books, finding: Finding) -> None:
    """I4: what lies in an order's place on the road is what was loaded less what was handed over, lost or brought back.

    Nothing lies on the road without an order.
    """
    lines: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("consignment_line"):
        lines[row.consignment_id].append(row)
    held: dict[UUID, int] = defaultdict(int)
    for row in books.rows("stock_balance", "location_id", "on_hand"):
        held[row.location_id] += row.on_hand
    for row in books.rows("consignment"):
        loaded = sum(line.loaded for line in lines[row.id])
        refused = sum(line.refused for line in lines[row.id])
        brought_back = bool(row.ended_because)
        expected = {"loaded": loaded, "in_transit": loaded, "delivered": 0 if brought_back else refused}.get(
            row.state, 0
        )
        finding.see(
            held[row.transit_id] == expected,
            (f"调拨单 {row.number}({row.state}):在途结存 {held[row.transit_id]},应为 {expected}"),
        )
        found = sum(line.good + line.damaged + line.refused + line.short for line in lines[row.id])
        finding.see(row.state != "delivered" or found == loaded, f"调拨单 {row.number}:签收合计与装车数不符")
    owned = _places_of_orders(books)
    for row in books.rows("location", "id", "code", "kind"):
        if row.kind == "transit" and held[row.id]:
            finding.see(row.id in owned, f"在途位 {row.code}:有货 {held[row.id]},没有对应的单据")


def _places_of_orders(books: Books) -> set[UUID]:
    """Places on the road that an order of any kind calls its own."""
    tables = [books.table(name) for name in sorted(books.names) if "transit_id" in books.table(name).c]
    return {
        UUID(str(place))
        for table in tables
        for (place,) in books.stream(select(table.c.transit_id))
        if place is not None
    }


def no_bad_goods_out(books: Books, finding: Finding) -> None:
    """I14: nothing left a store for people after its date, and nothing left it from quarantine."""
    expires = dict(books.plain("lot", "id", "expires_on"))
    kinds = dict(books.plain("location", "id", "kind"))
    for row in books.rows("stock_move", "seq", "lot_id", "source_id", "occurred_at", where=_sent_out):
        until = expires.get(row.lot_id.hex)
        day = (row.occurred_at + BEIJING).date().isoformat()
        finding.see(until is None or until >= day, f"流水 {row.seq}:批次 {row.lot_id} 已于 {until} 到期")
        if kinds.get(row.source_id.hex) == "quarantine":
            finding.fail(f"流水 {row.seq}:批次 {row.lot_id} 从待检区发出")


def _sent_out(moves: Any) -> Any:
    return moves.c.reason.in_(("dispatch", "issue")) & moves.c.reverses_id.is_(None)


def reversals(books: Books, finding: Finding) -> None:
    """A reversal mirrors its original leg by leg, once."""
    legs: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    reverses: dict[str, str] = {}
    columns = ("posting_id", "lot_id", "source_id", "target_id", "quantity", "reverses_id")
    finding.checked += books.counted("stock_move")

    def taken_back(moves: Any) -> Any:
        again = moves.alias("again")
        return moves.c.reverses_id.is_not(None) | moves.c.posting_id.in_(
            select(again.c.reverses_id).where(again.c.reverses_id.is_not(None))
        )

    for posting, lot, source, target, quantity, original in books.plain(
        "stock_move", *columns, order=("seq",), where=taken_back
    ):
        legs[posting].append((lot, source, target, quantity))
        if original is not None:
            reverses[posting] = original
    for reversal, original in reverses.items():
        mirrored = [(lot, target, source, quantity) for lot, source, target, quantity in legs[original]]
        if legs[reversal] != mirrored:
            finding.fail(f"冲销 {shown(reversal)} 与原记账 {shown(original)} 不对应")
    if len(set(reverses.values())) != len(reverses):
        finding.fail("同一记账被冲销多次")
