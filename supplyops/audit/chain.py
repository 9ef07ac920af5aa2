"""Hash chains: each row's hash covers the row before it, so nothing can be changed, dropped or swapped unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FromClause, Select, bindparam, select, update
from sqlalchemy.orm import Session

from supplyops.audit.tables import ChainHead
from supplyops.database.base import later_columns, table_of, without_empty
from supplyops.database.prepared import Prepared
from supplyops.database.upsert import insert_missing
from supplyops.kernel.canonical import GENESIS, chained

ALGORITHM = "sha256"
_HELD = "chain_heads"
HEADS = table_of(ChainHead)


def locking(shards: Any) -> Select[str, int, str, datetime]:
    """The heads of some shards, locked in sorted order."""
    return (
        select(HEADS.c.shard, HEADS.c.seq, HEADS.c.hash, HEADS.c.recorded_at)
        .where(HEADS.c.shard.in_(shards))
        .order_by(HEADS.c.shard)
        .with_for_update()
    )


_LOCK = Prepared(locking(bindparam("shards", expanding=True)), lists=("shards",))
_SAVE = Prepared(
    update(HEADS)
    .where(HEADS.c.shard == bindparam("chain"))
    .values(seq=bindparam("end", type_=BigInteger()), hash=bindparam("last"), recorded_at=bindparam("at"))
)


@dataclass(slots=True)
class Head:
    """The end of a chain, locked until the transaction ends."""

    shard: str
    seq: int
    hash: str
    recorded_at: datetime
    is_saved: bool = True


def lock_heads(session: Session, shards: Sequence[str], now: datetime) -> dict[str, Head]:
    """Lock the heads of the shards in sorted order, making missing ones; other writers of these shards wait.

    A head that the transaction holds already is as it left it.
    """
    held: dict[str, Head] = session.info.setdefault(_HELD, {})
    wanted = sorted(set(shards) - held.keys())
    if wanted:
        found = _LOCK.all(session, shards=wanted)
        if len(found) < len(wanted):
            insert_missing(
                session,
                ChainHead,
                [
                    {
                        "shard": each,
                        "seq": 0,
                        "hash": GENESIS,
                        "recorded_at": now,
                        "anchored_seq": 0,
                        "anchored_hash": "",
                    }
                    for each in wanted
                ],
            )
            found = _LOCK.all(session, shards=wanted)
        for row in found:
            held[row.shard] = Head(row.shard, row.seq, row.hash, row.recorded_at)
    return {shard: held[shard] for shard in shards}


def take_head(session: Session, shard: str, seq: int, last: str, recorded_at: datetime) -> None:
    """Remember a head that has been locked; `lock_heads` then gives it without asking again. One that is held may have moved on."""
    session.info.setdefault(_HELD, {}).setdefault(shard, Head(shard, seq, last, recorded_at))


def are_held(session: Session, shards: Iterable[str]) -> bool:
    """Does this transaction hold the heads of all these shards?"""
    held: dict[str, Head] = session.info.get(_HELD, {})
    return held.keys() >= set(shards)


def append(head: Head, table: FromClause, content: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Put one row of a table behind the locked head; gives the columns of its place in the chain.

    The time of a chain never runs backwards, whatever the server's clock does. The head is written by `save_heads`.
    """
    recorded_at = max(now, head.recorded_at)
    place = {"shard": head.shard, "shard_seq": head.seq + 1, "recorded_at": recorded_at}
    told = without_empty(content, later_columns(table))
    previous, own = head.hash, chained(head.hash, {**told, **place})
    head.seq, head.hash, head.recorded_at, head.is_saved = head.seq + 1, own, recorded_at, False
    return {**place, "algorithm": ALGORITHM, "previous_hash": previous, "hash": own}


def save_heads(session: Session) -> None:
    """Write the heads that have moved; to be done once, before the transaction ends."""
    held: dict[str, Head] = session.info.get(_HELD, {})
    moved = [head for _, head in sorted(held.items()) if not head.is_saved]
    if moved:
        rows = [{"chain": head.shard, "end": head.seq, "last": head.hash, "at": head.recorded_at} for head in moved]
        _SAVE.run_each(session, rows)
    for head in moved:
        head.is_saved = True
