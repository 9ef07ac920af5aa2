"""Invariants of sealed rows: as the journal last saw them, none missing, none from elsewhere; lots as they were made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.types import CHAR, Uuid

from supplyops.verify.chains import behind
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, Writer, shown

Seals = dict[bytes, bytes | None]
"""key of a row -> its hash as the journal last told it; None for a row that was deleted."""


def _packed(key: str) -> bytes:
    """A key in few bytes: there may be millions."""
    try:
        return b"u" + UUID(key).bytes if len(key) == 36 else b"t" + key.encode()
    except ValueError:
        return b"t" + key.encode()


def _unpacked(packed: bytes) -> str:
    return str(UUID(bytes=packed[1:])) if packed[:1] == b"u" else packed[1:].decode()


def _told(books: Books) -> tuple[dict[str, Seals], list[str]]:
    """What the journal tells of the sealed rows of each table, the newest last; and lots that it tells of twice."""
    told: dict[str, Seals] = {}
    changed: list[str] = []
    for (effects,) in books.plain("journal_entry", "effects", order=("seq",), where=behind(books, "journal_entry")):
        for table, key, row_hash in _effects(effects):
            seals, packed = told.setdefault(table, {}), _packed(key)
            seal = bytes.fromhex(row_hash) if row_hash else None
            if table == "lot" and seals.get(packed, seal) != seal:
                changed.append(key)
            seals[packed] = seal
    return told, changed


def _effects(value: str) -> list[tuple[str, str, str | None]]:
    """The effects of an entry. What was written there by force and is none counts as nothing: the chain shows it."""
    try:
        found = json.loads(value)
        return [(str(table), str(key), row_hash) for table, key, row_hash in found if _is_hash(row_hash)]
    except (TypeError, ValueError):
        return []


def _is_hash(text: Any) -> bool:
    return text is None or (isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef"))


def _compared(books: Books) -> dict[str, Finding]:
    """Each sealed table's rows beside what the journal tells of them."""
    found: dict[str, Finding] = {}
    for name, seals in books.once(_told)[0].items():
        finding = found[name] = Finding("", "")
        if name not in books.names:
            finding.fail(f"日志记有 {name} 的行,库中没有此表")
            continue
        table = books.table(name)
        writer, columns = Writer(table), [column.name for column in table.c]
        keys = [(columns.index(column.name), _is_id(column.type)) for column in table.primary_key]
        for row in _rows(books, name, seals):
            key = ",".join(shown(row[place]) if is_id else str(row[place]) for place, is_id in keys)
            packed = _packed(key)
            known = packed in seals
            right = known and seals.pop(packed) == writer.hash(row)
            finding.see(right, f"{name} {key}:{'内容与日志不符' if known else '日志中没有它的来历'}")
        for packed, seal in seals.items():
            if seal is not None:
                finding.fail(f"{name} {_unpacked(packed)}:日志记有此行,库中已无")
    return found


def _rows(books: Books, name: str, seals: Seals) -> Iterator[tuple[Any, ...]]:
    """All rows of a table, or for a check of the tail only those that the journal has just told of."""
    if books.since is None:
        yield from books.plain(name, everything=True)
        return
    keys = [column.name for column in books.table(name).primary_key]
    for packed in list(seals):
        yield from books.plain_of(name, dict(zip(keys, _unpacked(packed).split(","), strict=True)))


def _is_id(kind: Any) -> bool:
    return isinstance(kind, Uuid) or (isinstance(kind, CHAR) and kind.length == 32)


def sealed_rows(books: Books, finding: Finding) -> None:
    """Every sealed row is as the journal last saw it; none is missing, none came from elsewhere.

    A check of the tail looks at the rows that the new entries name.
    """
    for each in books.once(_compared).values():
        finding.add(each)


def lots(books: Books, finding: Finding) -> None:
    """I13: a lot is what it was when it was made, and its moves say the same of it."""
    compared = books.once(_compared)
    if "lot" in compared:
        finding.add(compared["lot"])
    for key in books.once(_told)[1]:
        finding.fail(f"批次 {key}:建立后被改动过")
    names = ("item_id", "owner_id", "fund_source", "parent_lot_id", "is_exercise")
    known = {row[0]: row[1:] for row in books.plain("lot", "id", *names)}
    for row in books.plain("stock_move", "seq", "lot_id", *names):
        finding.checked += 1
        if row[2:] != known.get(row[1]):
            finding.fail(f"流水 {row[0]}:所记批次 {shown(row[1])} 的属性与批次档案不符")
