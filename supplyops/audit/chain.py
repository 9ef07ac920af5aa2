"""Hash chains: each row's hash covers the row before it, so nothing can be changed, dropped or swapped unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supplyops.audit.tables import ChainHead
from supplyops.database.upsert import insert_missing
from supplyops.kernel.canonical import GENESIS, chained

ALGORITHM = "sha256"


@dataclass(frozen=True, slots=True)
class Link:
    """A row's place in its chain."""

    shard: str
    shard_seq: int
    recorded_at: datetime
    algorithm: str
    previous_hash: str
    hash: str


def lock_heads(session: Session, shards: Sequence[str], now: datetime) -> dict[str, ChainHead]:
    """Lock the heads of the shards in sorted order, making missing ones; other writers of these shards wait."""
    wanted = sorted(set(shards))
    origin = {"seq": 0, "hash": GENESIS, "recorded_at": now}
    insert_missing(session, ChainHead, [{"shard": shard, **origin} for shard in wanted])
    rows = session.scalars(
        select(ChainHead)
        .where(ChainHead.shard.in_(wanted))
        .order_by(ChainHead.shard)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {head.shard: head for head in rows}


def append(head: ChainHead, content: Mapping[str, object], now: datetime) -> Link:
    """Put one row behind the locked head. The time of a chain never runs backwards, whatever the server's clock does."""
    recorded_at = max(now, head.recorded_at)
    shard_seq = head.seq + 1
    row_hash = chained(head.hash, {**content, "shard": head.shard, "shard_seq": shard_seq, "recorded_at": recorded_at})
    link = Link(head.shard, shard_seq, recorded_at, ALGORITHM, head.hash, row_hash)
    head.seq, head.hash, head.recorded_at = shard_seq, row_hash, recorded_at
    return link
