"""Invariants of the ledger: conservation, balances, holds, goods on the road."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

REAL = {"storage", "quarantine", "transit", "team"}
BEIJING = timedelta(hours=8)
Key = tuple[UUID, UUID]


def _real_places(books: Books) -> set[UUID]:
    return {row.id for row in books.rows("location", "id", "kind") if row.kind in REAL}


def conservation(books: Books, finding: Finding) -> None:
    """Per lot: what came from outside, less what went outside, lies at real places."""
    real = _real_places(books)
    balance: dict[UUID, int] = defaultdict(int)
    for row in books.rows("stock_move", "lot_id", "source_id", "target_id", "quantity"):
        if row.source_id not in real and row.target_id in real:
            balance[row.lot_id] += row.quantity
        if row.source_id in real and row.target_id not in real:
            balance[row.lot_id] -= row.quantity
    lying: dict[UUID, int] = defaultdict(int)
    for row in books.rows("stock_balance", "lot_id", "on_hand"):
        lying[row.lot_id] += row.on_hand
    for lot in balance.keys() | lying.keys():
        finding.see(balance[lot] == lying[lot], f"批次 {lot}:流水净额 {balance[lot]},各处结存合计 {lying[lot]}")


def replay(books: Books, finding: Finding) -> None:
    """No real place ever held less than nothing: the moves are played again, judged at the end of each posting."""
    real = _real_places(books)
    held: dict[Key, int] = defaultdict(int)
    touched: set[Key] = set()
    posting: UUID | None = None
    seq = 0

    def judge() -> None:
        for key in touched:
            finding.see(held[key] >= 0, f"流水 {seq} 后,库位 {key[0]} 批次 {key[1]} 为 {held[key]}")

    for row in books.rows(
        "stock_move", "seq", "posting_id", "lot_id", "source_id", "target_id", "quantity", order=("seq",)
    ):
        if row.posting_id != posting:
            judge()
            touched, posting = set(), row.posting_id
        seq = row.seq
        for place, change in ((row.source_id, -row.quantity), (row.target_id, row.quantity)):
            if place in real:
                held[place, row.lot_id] += change
                touched.add((place, row.lot_id))
    judge()


def balances(books: Books, finding: Finding) -> None:
    """Each cached balance is the sum of its moves, and every place that has moves has a balance."""
    real = _real_places(books)
    derived: dict[Key, int] = defaultdict(int)
    for row in books.rows("stock_move", "lot_id", "source_id", "target_id", "quantity"):
        derived[row.source_id, row.lot_id] -= row.quantity
        derived[row.target_id, row.lot_id] += row.quantity
    cached = {
        (row.location_id, row.lot_id): row.on_hand
        for row in books.rows("stock_balance", "location_id", "lot_id", "on_hand")
    }
    for key in cached.keys() | {key for key in derived if key[0] in real}:
        finding.see(
            derived[key] == cached.get(key, 0),
            f"库位 {key[0]} 批次 {key[1]}:流水合计 {derived[key]},结存 {cached.get(key)}",
        )


def reservations(books: Books, finding: Finding) -> None:
    """Reserved stock is the sum of open holds and never more than lies there."""
    open_holds: dict[Key, int] = defaultdict(int)
    for row in books.rows("reservation"):
        left = row.quantity - row.fulfilled - row.released
        closed = row.closed_at is not None
        finding.see(
            left >= 0 and closed == (left == 0),
            f"预留 {row.id}:剩余 {row.quantity - row.fulfilled - row.released}",
        )
        open_holds[row.location_id, row.lot_id] += left
    for row in books.rows("stock_balance"):
        key = (row.location_id, row.lot_id)
        holds = open_holds.pop(key, 0)
        finding.see(
            0 <= row.reserved <= row.on_hand and row.reserved == holds,
            (f"库位 {row.location_id} 批次 {row.lot_id}:结存 {row.on_hand},已预留 {row.reserved},预留单合计 {holds}"),
        )
    for key, left in open_holds.items():
        if left:
            finding.fail(f"库位 {key[0]} 批次 {key[1]}:预留单合计 {left},但没有结存")


def on_the_road(books: Books, finding: Finding) -> None:
    """What lies in a consignment's place on the road is what was loaded less what was handed over, lost or brought back."""
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


def provenance(books: Books, finding: Finding) -> None:
    """Every move names who, why and under which document."""
    for row in books.rows("stock_move", "seq", "actor_name", "reason", "document_kind", "document_id"):
        named = bool(row.actor_name and row.reason and row.document_kind and row.document_id)
        finding.see(named, f"流水 {row.seq} 缺少经手人、原因或凭证")


def no_expired_goods_out(books: Books, finding: Finding) -> None:
    """No lot left a store for people after its date."""
    expires = {row.id: row.expires_on for row in books.rows("lot", "id", "expires_on")}
    for row in books.rows("stock_move", "seq", "lot_id", "reason", "occurred_at", "reverses_id"):
        if row.reason in {"dispatch", "issue"} and row.reverses_id is None:
            until = expires.get(row.lot_id)
            day = (row.occurred_at + BEIJING).date()
            finding.see(
                until is None or until >= day,
                f"流水 {row.seq}:批次 {row.lot_id} 已于 {until} 到期",
            )


def reversals(books: Books, finding: Finding) -> None:
    """A reversal mirrors its original leg by leg, once."""
    legs: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    reverses: dict[UUID, UUID] = {}
    for row in books.rows(
        "stock_move",
        "posting_id",
        "line_no",
        "lot_id",
        "source_id",
        "target_id",
        "quantity",
        "reverses_id",
        order=("seq",),
    ):
        legs[row.posting_id].append((row.lot_id, row.source_id, row.target_id, row.quantity))
        if row.reverses_id is not None:
            reverses[row.posting_id] = row.reverses_id
        finding.checked += 1
    for reversal, original in reverses.items():
        mirrored = [(lot, target, source, quantity) for lot, source, target, quantity in legs[original]]
        if legs[reversal] != mirrored:
            finding.fail(f"冲销 {reversal} 与原记账 {original} 不对应")
    if len(set(reverses.values())) != len(reverses):
        finding.fail("同一记账被冲销多次")
