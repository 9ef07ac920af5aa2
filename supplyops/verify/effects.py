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


def passes(books: Books) -> int:
    """How many passes the sealed rows take."""
    if books.since is not None:
        return 1
    chained = {MOVES, "journal_entry"}
    return 1 + sum(books.count(name) for name in books.names - chained) // AT_ONCE


def told(books: Books, part: int, parts: int) -> Told:
    """What the journal tells of the rows of one part, the newest last."""
    found = Told()
    for (effects,) in books.plain("journal_entry", "effects", order=("seq",)):
        for table, key, row_hash in _effects(effects):
            if table == MOVES:
                continue
            seals, packed = found.seals.setdefault(table, {}), packed_key(key)
            if crc32(packed) % parts != part:
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
    try:
        return [(str(table), str(key), row_hash) for table, key, row_hash in json.loads(value) if _is_hash(row_hash)]
    except (TypeError, ValueError):
        return []


def _is_hash(text: Any) -> bool:
    return text is None or (isinstance(text, str) and _HASH.fullmatch(text) is not None)


_HASH = re.compile(r"[0-9a-f]{64}")
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
    digits = bytes.fromhex(plain_id)
    if len(digits) != 16:
        raise ValueError(plain_id)
    return b"u" + digits


def unpacked_key(packed: bytes) -> str:
    """The key as the journal writes it."""
    return str(UUID(bytes=packed[1:])) if packed[:1] == b"u" else packed[1:].decode()
