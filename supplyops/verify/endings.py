"""Invariants of goods that come back and of goods that are scrapped."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

AGREED = {"approved", "publicised", "disposed"}
HELD = {"applied", "appraised", "approved", "publicised"}
BODIES = {"store", "emergency", "reserves", "finance"}


def recoveries(books: Books, finding: Finding) -> None:
    """I52: never more came back of an issue than was issued; what came back and what was mended was posted.

    An issue of which something came back stands: taken back as well, its goods would be in the store twice.
    """
    taken_back = {row.id for row in books.rows("recovery", "id", "taken_back_at") if row.taken_back_at is not None}
    recovery, line = books.table("recovery"), books.table("recovery_line")
    dues = (
        select(line.c.due_id)
        .join(recovery, recovery.c.id == line.c.recovery_id)
        .where(recovery.c.taken_back_at.is_(None))
    )
    lines = list(
        books.rows("stock_document_line", "id", "document_id", "actual", where=lambda rows: rows.c.id.in_(dues))
    )
    issued = {row.id: row.actual for row in lines}
    ids = {row.document_id for row in lines}
    for row in books.rows("stock_document", "id", "number", "state", where=lambda rows: rows.c.kind == "issue"):
        if row.id in ids:
            finding.see(row.state == "posted", f"{row.number}:已有收回,却又冲销")
    back: dict[UUID, int] = defaultdict(int)
    said: dict[UUID, int] = defaultdict(int)
    mended: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for row in books.rows("recovery_repair", "line_id", "repaired", "condemned"):
        mended[row.line_id][0] += row.repaired
        mended[row.line_id][1] += row.condemned
    for row in books.rows("recovery_line"):
        said[row.recovery_id] += row.quantity + row.repaired
        finding.see(
            mended[row.id] == [row.repaired, row.condemned] and row.repaired + row.condemned <= row.quantity,
            f"回收明细 {row.id}:收回 {row.quantity},修复 {row.repaired},修不好 {row.condemned},与修复记录不符",
        )
        if row.due_kind == "issued" and row.recovery_id not in taken_back:
            back[row.due_id] += row.quantity
    for due, quantity in back.items():
        finding.see(quantity <= issued.get(due, 0), f"发放明细 {due}:发放 {issued.get(due, 0)},收回 {quantity}")
    moved: dict[UUID, int] = defaultdict(int)
    opposite: dict[UUID, int] = defaultdict(int)
    for row in books.rows(
        "stock_move", "document_id", "quantity", "reverses_id", where=lambda rows: rows.c.document_kind == "recovery"
    ):
        (moved if row.reverses_id is None else opposite)[row.document_id] += row.quantity
    for row in books.rows("recovery", "id", "number"):
        finding.see(moved[row.id] == said[row.id], f"{row.number}:登记 {said[row.id]},流水 {moved[row.id]}")
        wanted = said[row.id] if row.id in taken_back else 0
        finding.see(opposite[row.id] == wanted, f"{row.number}:应冲销 {wanted},已冲销 {opposite[row.id]}")


def scraps(books: Books, finding: Finding) -> None:
    """I53: goods leave only at the end, after four bodies, four organisations and four persons agreed, none the applicant."""
    lines: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("scrap_line"):
        lines[row.scrap_id].append(row)
    words: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("scrap_decision"):
        words[row.scrap_id].append(row)
    gone: dict[UUID, int] = defaultdict(int)
    for row in books.rows(
        "stock_move", "document_id", "quantity", where=lambda moves: moves.c.document_kind == "scrap"
    ):
        gone[row.document_id] += row.quantity
    holds = {row.id: row.closed_at for row in books.rows("reservation", "id", "closed_at")}
    for row in books.rows("scrap"):
        own = lines[row.id]
        expected = sum(line.quantity for line in own) if row.state == "disposed" else 0
        finding.see(gone[row.id] == expected, f"{row.number}({row.state}):出账 {gone[row.id]},应为 {expected}")
        if row.state in AGREED:
            finding.see(_agreed(row, words[row.id]), f"{row.number}:四方审批不全,或由同一单位、同一人、申请人签署")
        if row.state == "disposed":
            finding.see(bool(row.public_to and row.witness), f"{row.number}:未经公示或没有见证人")
        for line in own:
            is_held = line.reservation_id in holds and (row.state in HELD or holds[line.reservation_id] is not None)
            finding.see(is_held, f"{row.number}:第 {line.line_no} 行没有预留,或了结后预留仍在")


def _agreed(row: Any, words: list[Any]) -> bool:
    persons, organisations = {word.decided_by_id for word in words}, {word.organisation_id for word in words}
    return (
        {word.body for word in words} == BODIES
        and all(word.agrees for word in words)
        and len(persons) == len(organisations) == len(words) == len(BODIES)
        and row.applied_by_id not in persons
    )
