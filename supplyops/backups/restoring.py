"""Bringing a backup back: checked byte by byte, verified, and read-only until somebody confirms it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, func, insert, select, text, update

from supplyops.audit.tables import RestoredCopy
from supplyops.backups.archive import Contents, Damaged, sync_folder
from supplyops.backups.taking import FORMAT, SQLITE_FILE, TABLE_SUFFIX, NotClean
from supplyops.database import schema
from supplyops.database.engine import Database
from supplyops.people.tables import UserSession
from supplyops.verify.books import examine_on


class NotEmpty(Exception):
    """There are books in the place already."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done; where the books that were there before lie now."""

    manifest: Mapping[str, Any]
    previous: Path | None


def restore_backup(
    database: Database, contents: Contents, folder: Path, now: datetime, keys: Mapping[str, str], *, replaces: bool
) -> Restored:
    """Put the unpacked backup in the database's place, and bring one of an older schema to that of this code.

    Raises NotEmpty, Damaged, NotClean; then nothing has changed.
    """
    engine = "sqlite" if database.is_sqlite else "postgresql"
    if contents.manifest.get("format") != FORMAT or contents.manifest.get("engine") != engine:
        raise Damaged(
            f"这是 {contents.manifest.get('engine')} 的备份(格式 {contents.manifest.get('format')}),本库是 {engine}"
        )
    revision = str(contents.manifest["revision"])
    if not schema.knows(revision):
        raise Damaged(f"备份的数据库结构 {revision} 比本程序({schema.head()})新,请先升级程序再恢复")
    if database.is_sqlite:
        return _restore_sqlite(database, contents, folder, now, keys, replaces=replaces)
    with database.writer.begin() as connection:
        _make_room(connection, replaces=replaces)
        schema.upgrade_on(connection, revision)
        _fill(connection, folder)
        schema.upgrade_on(connection)
        _mark(connection, contents.sha256, now)
        _verify(connection, keys)
    database.dispose()
    return Restored(contents.manifest, None)


def _restore_sqlite(
    database: Database, contents: Contents, folder: Path, now: datetime, keys: Mapping[str, str], *, replaces: bool
) -> Restored:
    target = Path(str(database.url.database))
    if target.exists() and schema.current(database) is not None and not replaces:
        raise NotEmpty
    source = folder / SQLITE_FILE
    copied = Database(f"sqlite:///{source}")
    try:
        with copied.writer.begin() as connection:
            if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
                raise Damaged("数据库文件内部有损坏")
            schema.upgrade_on(connection)
            _mark(connection, contents.sha256, now)
            _verify(connection, keys)
    finally:
        copied.dispose()
    _sync(source)
    database.dispose()
    previous = None
    with database.alone():
        for suffix in ("-wal", "-shm", "-journal", ""):
            old = target.with_name(target.name + suffix)
            if old.exists():
                aside = old.with_name(f"before-restore-{now:%Y%m%d%H%M%S}-{target.name}{suffix}")
                old.rename(aside)
                previous = aside
        source.rename(target)
        sync_folder(target.parent)
    return Restored(contents.manifest, previous)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _make_room(connection: Connection, *, replaces: bool) -> None:
    """An empty schema. Other sessions on a database that is being replaced are ended."""
    if _tables(connection):
        if not replaces:
            raise NotEmpty
        others = "datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def _tables(connection: Connection) -> MetaData | None:
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata if metadata.tables else None


def _fill(connection: Connection, folder: Path) -> None:
    """Copy each table in, those that others point at first; then let sequences go on behind the last number."""
    metadata = MetaData()
    metadata.reflect(connection)
    connection.execute(text("DELETE FROM alembic_version"))
    raw: Any = connection.connection.driver_connection
    for table in metadata.sorted_tables:
        path = folder / f"{table.name}{TABLE_SUFFIX}"
        if not path.exists():
            raise Damaged(f"备份里没有表 {table.name}")
        with path.open("rb") as file, closing(raw.cursor()) as cursor:
            columns = file.readline().decode().strip()
            with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as rows:
                while part := file.read(1 << 16):
                    rows.write(part)
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            if connection.execute(select(sequence)).scalar() is not None:
                last = select(func.max(column)).scalar_subquery()
                connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _mark(connection: Connection, backup_hash: str, now: datetime) -> None:
    """This is a copy, and nobody is signed in to it."""
    connection.execute(insert(RestoredCopy).values(restored_at=now, backup_hash=backup_hash, confirmed_at=None))
    connection.execute(update(UserSession).where(UserSession.ended_at.is_(None)).values(ended_at=now))


def _verify(connection: Connection, keys: Mapping[str, str]) -> None:
    found = examine_on(connection, keys=keys)
    if not found.is_clean:
        raise NotClean(found.findings)
