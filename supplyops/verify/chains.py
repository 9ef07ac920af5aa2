"""Invariants of the chains: nothing changed, dropped, swapped or re-dated; sealed rows as last journaled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, Mark, newer, sha256, sha256_after

GENESIS = "0" * 64
LINK = {"seq", "algorithm", "previous_hash", "hash"}


def move_chain(books: Books, finding: Finding) -> None:
    """The chain of stock moves of each warehouse."""
    _chain(books, finding, "stock_move", "stock:")


def journal_chain(books: Books, finding: Finding) -> None:
    """The chain of the journal."""
    _chain(books, finding, "journal_entry", "journal:")


def _chain(books: Books, finding: Finding, table: str, prefix: str) -> None:
    heads = {row.shard: row for row in books.rows("chain_head") if row.shard.startswith(prefix)}
    last = _last_good(books, finding, table)
    rows = books.rows(table, order=("shard", "shard_seq"), where=_behind(books, table))
    for row in rows:
        before = last.get(row.shard, START)
        content = {name: value for name, value in row.items() if name not in LINK}
        right = (
            row.shard_seq == before.shard_seq + 1
            and row.previous_hash == before.hash
            and row.hash == sha256_after(before.hash, content)
        )
        forward = before.recorded_at is None or row.recorded_at >= before.recorded_at
        finding.see(
            right and forward,
            f"{table} 第 {row.seq} 行(链 {row.shard} 第 {row.shard_seq} 环)与前后不符或内容被改",
        )
        last[row.shard] = Link(row.shard_seq, row.hash, row.recorded_at)
    for shard, head in heads.items():
        end = last.get(shard, START)
        if (head.seq, head.hash) != (end.shard_seq, end.hash):
            finding.fail(f"链 {shard} 末环为 {end.shard_seq},链头记 {head.seq}:有记录被删除或追加")
    for shard in last.keys() - heads.keys():
        finding.fail(f"链 {shard} 没有链头")


@dataclass(frozen=True, slots=True)
class Link:
    """The end of a chain as far as it was looked at."""

    shard_seq: int
    hash: str
    recorded_at: datetime | None


START = Link(0, GENESIS, None)


def _marks(books: Books, table: str) -> Mapping[str, tuple[int, str]]:
    if books.since is None:
        return {}
    return books.since.moves if table == "stock_move" else books.since.journal


def _behind(books: Books, table: str) -> Callable[[Table], ColumnElement[bool]] | None:
    return None if books.since is None else lambda rows: newer(rows, _marks(books, table))


def _last_good(books: Books, finding: Finding, table: str) -> dict[str, Link]:
    """The links that an earlier check ended at. One that is gone or has changed means that older books were put in place."""
    found: dict[str, Link] = {}
    for shard, (number, row_hash) in _marks(books, table).items():
        same = list(books.raw(table, "hash", "recorded_at", where={"shard": shard, "shard_seq": number}))
        if not same or same[0].hash != row_hash:
            finding.fail(f"链 {shard} 第 {number} 环与上次核对时不同:账簿被换成旧的或被改写")
        found[shard] = Link(number, row_hash, same[0].recorded_at if same else None)
    return found


def mark(books: Books) -> Mark:
    """Up to where the chains go now."""
    heads = {row.shard: (row.seq, row.hash) for row in books.rows("chain_head") if row.seq}
    return Mark(
        {shard: end for shard, end in heads.items() if shard.startswith("stock:")},
        {shard: end for shard, end in heads.items() if shard.startswith("journal:")},
    )


def sealed_rows(books: Books, finding: Finding) -> None:
    """Every sealed row is as the journal last saw it; none is missing, none came from elsewhere.

    A check of the tail looks at the rows that the new entries name.
    """
    seen: dict[tuple[str, str], str | None] = {}
    entries = books.rows("journal_entry", "effects", order=("seq",), where=_behind(books, "journal_entry"))
    for row in entries:
        for table, key, row_hash in row.effects:
            seen[table, key] = row_hash
    for table in sorted({table for table, _ in seen} & books.names):
        keys = [column.name for column in books.table(table).primary_key]
        for row in _named(books, table, keys, [key for name, key in seen if name == table]):
            key = ",".join(str(row[name]) for name in keys)
            expected = seen.pop((table, key), None)
            finding.see(
                expected == sha256(dict(row)),
                (f"{table} {key}:{'日志中没有它的来历' if expected is None else '内容与日志不符'}"),
            )
    for (table, key), row_hash in seen.items():
        if row_hash is not None:
            finding.fail(f"{table} {key}:日志记有此行,库中已无")


def _named(books: Books, table: str, keys: list[str], wanted: list[str]) -> Iterator[Any]:
    """All rows of a table, or for a check of the tail only those with the wanted keys."""
    if books.since is None:
        yield from books.raw(table)
        return
    for key in wanted:
        yield from books.raw(table, where=dict(zip(keys, key.split(","), strict=True)))


def papers(books: Books, finding: Finding) -> None:
    """What a paper says hashes to what was issued; of each number at most one version is valid."""
    valid: dict[str, int] = {}
    for row in books.rows("paper", "number", "version", "state", "content", "content_hash"):
        finding.see(
            sha256(row.content) == row.content_hash,
            f"单据 {row.number} 第 {row.version} 版内容与签发时不符",
        )
        if row.state == "valid":
            valid[row.number] = valid.get(row.number, 0) + 1
    for number, count in valid.items():
        if count > 1:
            finding.fail(f"单据 {number} 有 {count} 个有效版本")
