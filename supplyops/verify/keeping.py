"""Invariants of goods kept back and of entries written up late."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

REAL = {"storage", "quarantine", "transit", "team"}


def kept_back(books: Books, finding: Finding) -> None:
    """I61: nothing of a lot went out while it was on hold, recalled or damaged; words on a lot are in the order of its moves."""
    words: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for seq, lot, state, after in books.plain("lot_status", "seq", "lot_id", "state", "after_seq", order=("seq",)):
        said = words[lot]
        finding.see(not said or said[-1][0] <= after, f"批次 {lot}:第 {seq} 条状态先后颠倒")
        said.append((after, state))
    statuses = books.table("lot_status")

    def sent_out(moves: Any) -> Any:
        return (
            moves.c.reason.in_(("dispatch", "issue"))
            & moves.c.reverses_id.is_(None)
            & moves.c.lot_id.in_(select(statuses.c.lot_id))
        )

    for seq, lot in books.plain("stock_move", "seq", "lot_id", where=sent_out):
        state = next((word for after, word in reversed(words[lot]) if after < seq), "normal")
        finding.see(state == "normal", f"流水 {seq}:批次 {lot} 当时为 {state},仍被发出")


def course(books: Books, finding: Finding) -> None:
    """I62: by when things happened, not when they were written up, no real place ever held less than nothing."""
    real = {place for place, kind in books.plain("location", "id", "kind") if kind in REAL}
    changes: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    finding.checked += books.counted("stock_move")

    def of_lots_written_up_late(moves: Any) -> Any:
        late = moves.alias("late")
        return moves.c.lot_id.in_(select(late.c.lot_id).where(late.c.occurred_at < late.c.recorded_at))

    columns = ("lot_id", "source_id", "target_id", "quantity", "occurred_at")
    for lot, source, target, quantity, at in books.plain("stock_move", *columns, where=of_lots_written_up_late):
        for place, change in ((source, -quantity), (target, quantity)):
            if place in real:
                changes[place, lot][at] += change
    for (place, lot), line in changes.items():
        total = 0
        for at in sorted(line):
            total += line[at]
            if total < 0:
                finding.fail(f"库位 {place} 批次 {lot}:按发生时间,{at} 为 {total}")


def taken_over(books: Books, finding: Finding) -> None:
    """I63: what a hold lost is what was taken from it, by a claim that outranked it, and the winner's hold is as large."""
    parts = {"response": "response", "class": "need_class", "level": "level"}
    holds = {row.id: row for row in books.rows("reservation")}
    lost: dict[Any, int] = defaultdict(int)
    for row in books.rows("take_over"):
        lost[row.loser_reservation_id] += row.quantity
        order = [parts[part.strip()] for part in row.ranked_by.split(",")]
        ours, theirs = ([rank[part] for part in order] for rank in (row.winner_rank, row.loser_rank))
        finding.see(ours < theirs, f"接管 {row.id}:{row.winner_number} 并不优先于 {row.loser_number}")
        winner = holds.get(row.winner_reservation_id)
        finding.see(winner is not None and winner.quantity == row.quantity, f"接管 {row.id}:接管数与占用不符")
    for hold in holds.values():
        if hold.taken or lost[hold.id]:
            finding.see(hold.taken == lost[hold.id], f"预留 {hold.id}:被接管 {hold.taken},接管记录合计 {lost[hold.id]}")
