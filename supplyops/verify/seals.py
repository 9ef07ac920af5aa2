"""Invariants of sealed rows: as the journal last saw them, none missing, none from elsewhere; lots as they were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists

from supplyops.verify.effects import Part, Seals, packed_id, packed_key, passes, told, unpacked_key
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, is_id, shown
from supplyops.verify.written import Writer


@dataclass(slots=True)
class Compared:
    """The rows of each sealed table beside what the journal tells of them."""

    tables: dict[str, Finding] = field(default_factory=dict)
    changed_lots: list[str] = field(default_factory=list)


def _compared(books: Books) -> Compared:
    found = Compared()
    for part in passes(books):
        now = told(books, part)
        found.changed_lots += now.changed_lots
        for name, seals in now.seals.items():
            finding = found.tables.setdefault(name, Finding("", ""))
            if name not in books.names:
                finding.fail(f"日志记有 {name} 的行,库中没有此表")
                continue
            _compare(books, finding, name, seals, part)
    return found


def _compare(books: Books, finding: Finding, name: str, seals: Seals, part: Part) -> None:
    table = books.table(name)
    writer, columns = Writer(table), [column.name for column in table.c]
    keys = [(columns.index(column.name), is_id(column.type)) for column in table.primary_key]
    for rows in _rows(books, name, seals):
        packed = _packed(rows, keys)
        if part.slices > 1:
            own = [place for place, key in enumerate(packed) if part.has(key)]
            rows, packed = [rows[place] for place in own], [packed[place] for place in own]
            if not rows:
                continue
        finding.checked += len(rows)
        for key, text in zip(packed, writer.texts(rows), strict=True):
            seal = seals.pop(key, UNKNOWN)
            if seal != sha256(text).digest():
                said = "日志中没有它的来历" if seal is UNKNOWN else "内容与日志不符"
                finding.fail(f"{name} {unpacked_key(key)}:{said}")
    for key, seal in seals.items():
        if seal is not None:
            finding.fail(f"{name} {unpacked_key(key)}:日志记有此行,库中已无")


UNKNOWN = b""
"""Stands for the seal of a row that the journal knows nothing of."""


def _packed(rows: Sequence[tuple[Any, ...]], keys: Sequence[tuple[int, bool]]) -> list[bytes]:
    """The packed keys of rows, whose primary key has its columns at these places, ids among them."""
    first, is_uuid = keys[0]
    if len(keys) == 1 and is_uuid:
        return [packed_id(row[first]) for row in rows]
    return [
        packed_key(",".join([shown(row[place]) if is_uuid else str(row[place]) for place, is_uuid in keys]))
        for row in rows
    ]


def _rows(books: Books, name: str, seals: Seals) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of a table in batches, or for a check of the tail only those that the journal has just told of."""
    if books.since is None:
        yield from books.parts(name, everything=True)
        return
    keys = [column.name for column in books.table(name).primary_key]
    for packed in list(seals):
        values = unpacked_key(packed).split(",", len(keys) - 1)
        yield from filter(None, [list(books.plain_of(name, dict(zip(keys, values, strict=True))))])


def sealed_rows(books: Books, finding: Finding) -> None:
    """Every sealed row is as the journal last saw it; none is missing, none came from elsewhere.

    A check of the tail looks at the rows that the new entries name.
    """
    for each in books.once(_compared).tables.values():
        finding.add(each)


def lots(books: Books, finding: Finding) -> None:
    """I13: a lot is what it was when it was made, and its moves say the same of it."""
    compared = books.once(_compared)
    if "lot" in compared.tables:
        finding.add(compared.tables["lot"])
    for key in compared.changed_lots:
        finding.fail(f"批次 {key}:建立后被改动过")
    names = ("item_id", "owner_id", "fund_source", "parent_lot_id", "is_exercise")
    lot = books.table("lot").alias("told")
    finding.checked += books.counted("stock_move")

    def says_otherwise(moves: Table) -> ColumnElement[bool]:
        same = and_(*(moves.c[name].is_not_distinct_from(lot.c[name]) for name in names))
        return ~exists().where(lot.c.id == moves.c.lot_id, same).correlate(moves)

    for seq, lot_id in books.plain("stock_move", "seq", "lot_id", where=says_otherwise):
        finding.fail(f"流水 {seq}:所记批次 {shown(lot_id)} 的属性与批次档案不符")


def answers(books: Books, finding: Finding) -> None:
    """I9, in part: each stored answer is the one that the journal vouches for."""
    compared = books.once(_compared).tables.get("request_key")
    if compared is not None:
        finding.add(compared)
