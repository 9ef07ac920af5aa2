"""What the journal tells of the rows that were written: hashes of sealed rows, and the last links of the stock chains."""

from __future__ import annotations

import json
import re
from array import array
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zlib import crc32

from supplyops.verify.rows import Books

Seals = dict[bytes, bytes | None]
"""key of a row -> its hash as the journal last told it; None for a row that was deleted."""
AT_ONCE = 1_000_000
"""So many sealed rows are held in memory; more are looked at in several passes, each its own part of the keys."""
MOVES = "stock_move"


@dataclass(slots=True)
class Told:
    """One pass over the journal."""

    seals: dict[str, Seals] = field(default_factory=dict)
    changed_lots: list[str] = field(default_factory=list)
    """Lots that the journal tells of twice."""


@dataclass(frozen=True, slots=True)
class Part:
    """The sealed rows that one pass is about: those of some tables, or of all but some; and of those, one slice of the keys."""

    tables: frozenset[str]
    others: bool = False
    slice: int = 0
    slices: int = 1

    def is_about(self, table: str) -> bool:
        """Rows of that table?"""
        return (table in self.tables) != self.others

    def has(self, packed: bytes) -> bool:
        """The row with that packed key?"""
        return self.slices == 1 or crc32(packed) % self.slices == self.slice


EVERYTHING = Part(frozenset(), others=True)


def passes(books: Books) -> list[Part]:
    """The passes that the sealed rows take: large tables have their own, very large ones several, all others share one."""
    if books.since is not None:
        return [EVERYTHING]
    rows = {name: books.count(name) for name in books.names - {MOVES, "journal_entry"}}
    large: list[str] = []
    for name in sorted(rows, key=lambda name: (-rows[name], name)):
        if sum(rows.values()) - sum(rows[each] for each in large) <= AT_ONCE:
            break
        large.append(name)
    own = [
        Part(frozenset({name}), slice=number, slices=slices)
        for name in large
        for slices in [-(-rows[name] // AT_ONCE)]
        for number in range(slices)
    ]
    return [*own, Part(frozenset(large), others=True)]


def told(books: Books, part: Part) -> Told:
    """What the journal tells of the rows of one part, the newest last."""
    found = Told()
    is_of = {MOVES: False}
    for (effects,) in books.plain("journal_entry", "effects", order=("seq",)):
        for table, key, row_hash in _effects(effects):
            if table not in is_of:
                is_of[table] = part.is_about(table)
                if is_of[table]:
                    found.seals[table] = {}
            if not is_of[table]:
                continue
            seals, packed = found.seals[table], packed_key(key)
            if not part.has(packed):
                continue
            seal = bytes.fromhex(row_hash) if row_hash else None
            if table == "lot" and seals.get(packed, seal) != seal:
                found.changed_lots.append(key)
            seals[packed] = seal
    return found


def links(books: Books) -> dict[str, array[int]]:
    """For each stock chain the first 64 bits of the hashes that the journal tells, by number of the link; 0 where it tells none."""
    ends = {row.shard: row.seq for row in books.rows("chain_head", "shard", "seq")}
    found: dict[str, array[int]] = {}
    for (effects,) in books.plain("journal_entry", "effects", order=("seq",)):
        if MOVES not in effects:
            continue
        for shard, number, beginning in _LINK.findall(effects):
            known, place = found.get(shard), int(number)
            if known is None:
                known = found[shard] = array("Q", bytes(8 * (ends.get(shard, 0) + 1)))
            if place >= len(known):
                known.extend(array("Q", bytes(8 * min(place - len(known) + 1, AT_ONCE))))
            if place < len(known):
                known[place] = int(beginning, 16)
    return found


def _effects(value: str) -> list[tuple[str, str, str | None]]:
    """The effects of an entry. What was written there by force and is none counts as nothing: the chain shows it."""
    if "\\" not in value:
        return _EFFECT.findall(value)
    try:
        return [(str(table), str(key), row_hash) for table, key, row_hash in json.loads(value) if _is_hash(row_hash)]
    except (TypeError, ValueError):
        return []


def _is_hash(text: Any) -> bool:
    return text is None or (isinstance(text, str) and _HASH.fullmatch(text) is not None)


_HASH = re.compile(r"[0-9a-f]{64}")
_EFFECT = re.compile(r'\["([^"]*)", ?"([^"]*)", ?(?:"([0-9a-f]{64})"|null)\]')
_LINK = re.compile(r'\["stock_move", ?"([^"#]+)#([0-9]{1,12})", ?"([0-9a-f]{16})[0-9a-f]{48}"\]')


def packed_key(key: str) -> bytes:
    """A key in few bytes: there may be millions."""
    if len(key) == 36:
        try:
            return packed_id(key.replace("-", ""))
        except ValueError:
            pass
    return b"t" + key.encode()


def packed_id(plain_id: str) -> bytes:
    """The same of an id's 32 digits. Raises ValueError for anything else."""
    packed = bytes.fromhex(f"75{plain_id}")  # a "u" in front
    if len(packed) != 17:
        raise ValueError(plain_id)
    return packed


def unpacked_key(packed: bytes) -> str:
    """The key as the journal writes it."""
    return str(UUID(bytes=packed[1:])) if packed[:1] == b"u" else packed[1:].decode()
