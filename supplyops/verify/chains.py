"""Invariants of the chains: nothing changed, dropped, swapped or re-dated, and nothing could be."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Table, text

from supplyops.verify.anchors import anchors, named_links
from supplyops.verify.effects import MOVES, links
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, Mark, newer
from supplyops.verify.written import Writer

GENESIS = "0" * 64
NOT_TOLD: array[int] = array("Q")
LINK = frozenset({"seq", "algorithm", "previous_hash", "hash"})
ALGORITHM = "sha256"
"""How every hash is made; another word for it would make a row pass for one that was hashed otherwise."""
CHAINS = (("stock_move", "stock:"), ("journal_entry", "journal:"))
NEVER_CHANGED = ("stock_move", "journal_entry", "request_key", "lot", "anchor")
"""Tables whose rows the database itself must refuse to change."""


Link = tuple[int, str, str]
"""The end of a chain as far as it was looked at: number of the link, its hash, when it was recorded."""
START: Link = (0, GENESIS, "")


@dataclass(slots=True)
class Walk:
    """What walking along all chains of a table showed: gaps and times, hashes, and where each chain ended."""

    order: Finding = field(default_factory=lambda: Finding("", ""))
    hashes: Finding = field(default_factory=lambda: Finding("", ""))
    ends: dict[str, Link] = field(default_factory=dict)


def _walk(books: Books, table: str) -> Walk:
    walk = Walk()
    _start(books, walk, table)
    columns = [column.name for column in books.table(table).c]
    seq, shard, number, at = (columns.index(name) for name in ("seq", "shard", "shard_seq", "recorded_at"))
    previous, own, kind = (columns.index(name) for name in ("previous_hash", "hash", "algorithm"))
    writer = Writer(books.table(table), LINK)
    order, hashes, ends = walk.order, walk.hashes, walk.ends
    told = books.once(links) if table == MOVES else {}
    anchored = books.once(named_links)
    for part in books.parts(table, order=("seq",), where=behind(books, table)):
        order.checked += len(part)
        hashes.checked += len(part)
        for row, text_of_row in zip(part, writer.texts(part), strict=True):
            chain, link, found = row[shard], row[number], row[own]
            before = ends.get(chain, START)
            if link != before[0] + 1:
                order.fail(f"{table} 第 {row[seq]} 行:链 {chain} 第 {before[0]} 环之后是第 {link} 环")
            if row[at] < before[2]:
                order.fail(f"{table} 第 {row[seq]} 行(链 {chain} 第 {link} 环)早于前一环")
            if row[previous] != before[1] or found != _hash_after(before[1], text_of_row):
                hashes.fail(f"{table} 第 {row[seq]} 行(链 {chain} 第 {link} 环)与前后不符或内容被改")
            elif row[kind] != ALGORITHM:
                hashes.fail(f"{table} 第 {row[seq]} 行(链 {chain} 第 {link} 环)的哈希算法被改为 {row[kind]}")
            known = told.get(chain, NOT_TOLD)
            if link < len(known) and known[link] and f"{known[link]:016x}" != found[:16]:
                hashes.fail(f"{table} 第 {row[seq]} 行(链 {chain} 第 {link} 环)与日志所记不同")
            if anchored and anchored.get((chain, link), found) != found:
                hashes.fail(f"{table} 第 {row[seq]} 行(链 {chain} 第 {link} 环)与签名锚所记不同")
            ends[chain] = (link, found, row[at])
    return walk


def _hash_after(previous: str, text_of_row: bytes) -> str:
    return hashlib.sha256(b"%b\n%b" % (previous.encode(), text_of_row)).hexdigest()


def walk_moves(books: Books) -> Walk:
    """Along the chains of stock moves, one for each warehouse."""
    return _walk(books, "stock_move")


def walk_journal(books: Books) -> Walk:
    """Along the chains of the journal."""
    return _walk(books, "journal_entry")


def append_only(books: Books, finding: Finding) -> None:
    """I6: links are numbered without gaps, times never run backwards, and the database refuses to change what is written."""
    for work in (walk_moves, walk_journal):
        finding.add(books.once(work).order)
    if books.since is None:
        guarded = _guarded(books)
        for name in NEVER_CHANGED:
            finding.see(name in guarded, f"{name}:数据库中防改触发器不在或已停用")


def hashes(books: Books, finding: Finding) -> None:
    """I7: each link's hash is that of the link before it and of its own content; each chain ends where its head says."""
    for (table, prefix), work in zip(CHAINS, (walk_moves, walk_journal), strict=True):
        walk = books.once(work)
        finding.add(walk.hashes)
        if books.until is None or table != MOVES:
            _heads(books, finding, walk, prefix)
    if books.until is None:
        _told_to_the_end(books, finding)
        _as_anchored(books, finding)


def _told_to_the_end(books: Books, finding: Finding) -> None:
    """The last link of each stock chain that has grown is the last one that the journal tells of."""
    told, ends = books.once(links), books.once(walk_moves).ends
    for shard in told if books.since is not None else told.keys() | ends.keys():
        known, end = told.get(shard, NOT_TOLD), ends.get(shard, START)[0]
        last = next((number for number in range(len(known) - 1, 0, -1) if known[number]), 0)
        finding.see(last == end, f"链 {shard} 末环为 {end},日志记到 {last}")


def _as_anchored(books: Books, finding: Finding) -> None:
    """The anchors in the database hold, and no chain ends before a link that one of them names."""
    if "anchor" not in books.names or books.since is not None:
        return
    anchors(books, finding)
    ends = books.once(walk_moves).ends | books.once(walk_journal).ends
    for shard, number in books.once(named_links):
        if number > ends.get(shard, START)[0]:
            finding.fail(f"链 {shard}:本库到第 {ends.get(shard, START)[0]} 环为止,签名锚记到第 {number} 环")


def _heads(books: Books, finding: Finding, walk: Walk, prefix: str) -> None:
    columns = ("shard", "seq", "hash", "recorded_at")
    heads = {row[0]: row for row in books.plain("chain_head", *columns) if row[0].startswith(prefix)}
    for shard, (_, seq, row_hash, recorded_at) in heads.items():
        end = walk.ends.get(shard, START)
        if (seq, row_hash) != end[:2]:
            finding.fail(f"链 {shard} 末环为 {end[0]},链头记 {seq}:有记录被删除或追加")
        elif seq and recorded_at != end[2]:
            finding.fail(f"链 {shard} 末环记于 {end[2]},链头记 {recorded_at}:链头的时间被改")
    for shard in walk.ends.keys() - heads.keys():
        finding.fail(f"链 {shard} 没有链头")


def _marks(books: Books, table: str) -> Mapping[str, tuple[int, str]]:
    if books.since is None:
        return {}
    return books.since.moves if table == "stock_move" else books.since.journal


def behind(books: Books, table: str) -> Callable[[Table], ColumnElement[bool]] | None:
    """The condition that narrows a chained table to what is new, for a check of the tail."""
    return None if books.since is None else lambda rows: newer(rows, _marks(books, table))


def _start(books: Books, walk: Walk, table: str) -> None:
    """Begin at the links that an earlier check ended at. One that is gone or has changed: older books were put in place."""
    columns = [column.name for column in books.table(table).c]
    for shard, (number, row_hash) in _marks(books, table).items():
        same = [
            dict(zip(columns, row, strict=True)) for row in books.plain_of(table, {"shard": shard, "shard_seq": number})
        ]
        if not same or same[0]["hash"] != row_hash:
            walk.hashes.fail(f"链 {shard} 第 {number} 环与上次核对时不同:账簿被换成旧的或被改写")
        walk.ends[shard] = (number, row_hash, same[0]["recorded_at"] if same else "")


def _guarded(books: Books) -> set[str]:
    """Tables on which the database refuses updates and deletions."""
    if books.connection.dialect.name == "sqlite":
        found = books.connection.execute(text("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        verbs = ("BEFORE UPDATE", "BEFORE DELETE")
        told = {
            name: " ".join(sql for table, sql in found if table == name and "RAISE(ABORT" in sql) for name, _ in found
        }
        return {name for name, sql in told.items() if all(verb in sql for verb in verbs)}
    statement = (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND (t.tgtype & 26) = 26 AND n.nspname = current_schema()"
    )  # 2 before, 8 delete, 16 update
    return {row[0] for row in books.connection.execute(text(statement))}


def mark(books: Books) -> Mark:
    """Up to where the chains go now."""
    heads = {row.shard: (row.seq, row.hash) for row in books.rows("chain_head") if row.seq}
    return Mark(
        {shard: end for shard, end in heads.items() if shard.startswith("stock:")},
        {shard: end for shard, end in heads.items() if shard.startswith("journal:")},
    )
