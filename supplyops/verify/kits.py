"""Invariants of kits: what kit work says is what was posted, and a kit lot is what its parts are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books


def works(books: Books, finding: Finding) -> None:
    """The lines of kit work are its moves; reversed work was posted back; parts and kits agree in number."""
    moved: dict[UUID, dict[tuple[UUID, UUID], int]] = defaultdict(lambda: defaultdict(int))
    back: dict[UUID, int] = defaultdict(int)
    real = {row.id for row in books.rows("location", "id", "kind") if row.kind in {"storage", "quarantine"}}
    columns = ("document_id", "lot_id", "source_id", "target_id", "quantity", "reverses_id")
    for row in books.rows("stock_move", *columns, where=lambda moves: moves.c.document_kind == "kit_work"):
        if row.reverses_id is not None:
            back[row.document_id] += row.quantity
        elif row.source_id in real:
            moved[row.document_id][row.lot_id, row.source_id] -= row.quantity
        else:
            moved[row.document_id][row.lot_id, row.target_id] += row.quantity
    items = {row.id: row.item_id for row in books.rows("lot", "id", "item_id")}
    lines: dict[UUID, list[Any]] = defaultdict(list)
    for line in books.rows("kit_work_line"):
        lines[line.kit_work_id].append(line)
    for work in books.rows("kit_work"):
        sign = 1 if work.kind == "build" else -1
        said: dict[tuple[UUID, UUID], int] = defaultdict(int)
        kits = 0
        for line in lines[work.id]:
            is_kit = items[line.lot_id] == work.item_id
            kits += line.quantity if is_kit else 0
            said[line.lot_id, line.location_id] += (sign if is_kit else -sign) * line.quantity
        finding.see(dict(said) == dict(moved[work.id]), f"{work.number}:单上明细与流水不一致")
        finding.see(kits == work.quantity, f"{work.number}:单上 {work.quantity} 套,明细 {kits} 套")
        total = sum(line.quantity for line in lines[work.id])
        due = total if work.state == "reversed" else 0
        finding.see(back[work.id] == due, f"{work.number}({work.state}):冲回 {back[work.id]},应为 {due}")


def contents(books: Books, finding: Finding) -> None:
    """A kit lot has its parts' owner and fund source and is good until the first of them expires."""
    lots = {row.id: row for row in books.rows("lot", "id", "number", "owner_id", "fund_source", "expires_on")}
    parts: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("kit_content"):
        parts[row.kit_lot_id].append(lots[row.part_lot_id])
    for kit_id, made_of in parts.items():
        kit = lots[kit_id]
        same = all((part.owner_id, part.fund_source) == (kit.owner_id, kit.fund_source) for part in made_of)
        finding.see(same, f"成套批次 {kit.number}:物权或资金来源与组成物资不一致")
        first = min((part.expires_on for part in made_of if part.expires_on is not None), default=None)
        finding.see(
            kit.expires_on == first, f"成套批次 {kit.number}:有效期 {kit.expires_on},最先到期的组成物资 {first}"
        )
