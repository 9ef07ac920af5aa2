"""Invariants of the chains: nothing changed, dropped, swapped or re-dated; sealed rows as last journaled."""

from __future__ import annotations

from typing import Any

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, sha256, sha256_after

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
    last: dict[str, Any] = {}
    for row in books.rows(table, order=("shard", "shard_seq")):
        before = last.get(row.shard)
        number, previous = (before.shard_seq + 1, before.hash) if before else (1, GENESIS)
        content = {name: value for name, value in row.items() if name not in LINK}
        right = (
            row.shard_seq == number and row.previous_hash == previous and row.hash == sha256_after(previous, content)
        )
        forward = before is None or row.recorded_at >= before.recorded_at
        finding.see(
            right and forward,
            f"{table} 第 {row.seq} 行(链 {row.shard} 第 {row.shard_seq} 环)与前后不符或内容被改",
        )
        last[row.shard] = row
    for shard, head in heads.items():
        end = last.get(shard)
        at_end = (end.shard_seq, end.hash) if end else (0, GENESIS)
        if (head.seq, head.hash) != at_end:
            finding.fail(f"链 {shard} 末环为 {at_end[0]},链头记 {head.seq}:有记录被删除或追加")
    for shard in last.keys() - heads.keys():
        finding.fail(f"链 {shard} 没有链头")


def sealed_rows(books: Books, finding: Finding) -> None:
    """Every sealed row is as the journal last saw it; none is missing, none came from elsewhere."""
    seen: dict[tuple[str, str], str | None] = {}
    tables: set[str] = set()
    for row in books.rows("journal_entry", "effects", order=("seq",)):
        for table, key, row_hash in row.effects:
            seen[table, key] = row_hash
            tables.add(table)
    for table in sorted(tables & books.names):
        keys = [column.name for column in books.table(table).primary_key]
        for row in books.rows(table):
            key = ",".join(str(row[name]) for name in keys)
            expected = seen.pop((table, key), None)
            finding.see(
                expected == sha256(dict(row)),
                (f"{table} {key}:{'日志中没有它的来历' if expected is None else '内容与日志不符'}"),
            )
    for (table, key), row_hash in seen.items():
        if row_hash is not None:
            finding.fail(f"{table} {key}:日志记有此行,库中已无")


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
