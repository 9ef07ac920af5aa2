"""What somebody with the database's password can do: change rows with the guards off and make every hash inside fit again."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Table, delete, select, text, update

from supplyops.audit.tables import ChainHead, JournalEntry
from supplyops.cli.compose import metadata
from supplyops.database.base import later_columns, without_empty
from supplyops.kernel.canonical import GENESIS, chained, digest
from supplyops.stock.tables import StockMove

UNHASHED = {"seq", "algorithm", "previous_hash", "hash"}


def take_guards_off(connection: Connection) -> list[str]:
    """Returns what puts them on again."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in found:
            connection.execute(text(f"DROP TRIGGER {name}"))
        return [sql for _, sql in found]
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    return ["SET LOCAL session_replication_role = DEFAULT"]


def rewrite_chain(connection: Connection, table: Table) -> None:
    """Number the rows that are left and hash them anew, as if they had always been so."""
    heads: dict[str, tuple[int, str]] = defaultdict(lambda: (0, GENESIS))
    times: dict[str, Any] = {}
    for row in connection.execute(select(table).order_by(table.c.shard, table.c.shard_seq)).mappings().all():
        number, previous = heads[row["shard"]]
        content = {name: value for name, value in row.items() if name not in UNHASHED} | {"shard_seq": number + 1}
        fresh = {"shard_seq": number + 1, "previous_hash": previous, "hash": chained(previous, content)}
        connection.execute(update(table).where(table.c.seq == row["seq"]).values(**fresh))
        heads[row["shard"]], times[row["shard"]] = (number + 1, fresh["hash"]), row["recorded_at"]
    chains = ChainHead.__table__
    prefix = "stock:" if table.name == "stock_move" else "journal:"
    connection.execute(update(chains).where(chains.c.shard.startswith(prefix)).values(seq=0, hash=GENESIS))
    for shard, (number, row_hash) in heads.items():
        end = {"seq": number, "hash": row_hash, "recorded_at": times[shard]}
        connection.execute(update(chains).where(chains.c.shard == shard).values(**end))


def rewrite_journal(connection: Connection) -> None:
    """Let the journal tell of the rows as they are now, and of none that is gone; then hash it anew."""
    journal, tables = JournalEntry.__table__, metadata().tables
    links = {(row.shard, row.shard_seq): row.hash for row in connection.execute(select(StockMove.__table__))}
    ends = {shard: max(number for each, number in links if each == shard) for shard, _ in links}
    digests: dict[tuple[str, str], str] = {}
    entries = connection.execute(select(journal.c.seq, journal.c.effects).order_by(journal.c.seq)).all()
    for name in {effect[0] for _, effects in entries for effect in effects} - {"stock_move"}:
        for row in connection.execute(select(tables[name])).mappings():
            key = ",".join(str(row[column.name]) for column in tables[name].primary_key)
            digests[name, key] = digest(without_empty(dict(row), later_columns(tables[name])))
    last = {(effect[0], effect[1]): seq for seq, effects in entries for effect in effects}
    for seq, effects in entries:
        told = []
        for name, key, row_hash in effects:
            if name == "stock_move":
                shard, number = key.rsplit("#", 1)
                place = min(int(number), ends.get(shard, 0))
                if place:
                    told.append([name, f"{shard}#{place}", links[shard, place]])
            elif (name, key) in digests:
                told.append([name, key, digests[name, key] if last[name, key] == seq else row_hash])
        connection.execute(update(journal).where(journal.c.seq == seq).values(effects=told))
    rewrite_chain(connection, journal)


def forget_anchors(connection: Connection) -> None:
    """Nothing inside remembers that there was an anchor."""
    connection.execute(delete(metadata().tables["anchor"]))
    connection.execute(update(ChainHead.__table__).values(anchored_seq=0, anchored_hash=""))


def cover_up(connection: Connection, guards: list[str]) -> None:
    """Make everything inside the database fit again."""
    rewrite_chain(connection, StockMove.__table__)
    rewrite_journal(connection)
    forget_anchors(connection)
    for statement in guards:
        connection.execute(text(statement))


def first(connection: Connection, table: Table, *where: Any) -> Any:
    """A row's values."""
    return connection.execute(select(table).where(*where).limit(1)).mappings().one()
