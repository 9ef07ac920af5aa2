"""Taking a backup under load: one moment of the database, verified on the copy itself."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, text

from supplyops.backups.archive import sha256_of, write_archive
from supplyops.database import schema
from supplyops.database.engine import Database
from supplyops.database.snapshot import copy_sqlite, snapshot
from supplyops.verify.anchors import Given
from supplyops.verify.books import examine_on
from supplyops.verify.report import Finding

FORMAT = 1
SQLITE_FILE = "database.sqlite"
TABLE_SUFFIX = ".copy"


class NotClean(Exception):
    """The books do not verify, so the copy is not called a backup."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__()
        self.findings = [finding for finding in findings if not finding.is_clean]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written."""

    manifest: Mapping[str, Any]
    sha256: str


def take_backup(
    database: Database,
    path: Path,
    now: datetime,
    given: Given,
    keys: Mapping[str, str],
    sign: Callable[[bytes], str],
    extra: Mapping[str, str],
) -> Taken:
    """Copy the database as it is at one moment, verify the copy, write it to a new file. Raises NotClean, FileExistsError.

    `given` is the anchor made just before; `extra` are small texts that belong to it.
    """
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as name:
        folder = Path(name)
        tables = _copy(database, folder, given, keys)
        for member, content in extra.items():
            (folder / member).write_text(content, encoding="utf-8")
        members = {each.name: each for each in sorted(folder.iterdir())}
        manifest = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "engine": "sqlite" if database.is_sqlite else "postgresql",
            "revision": schema.current(database),
            "anchor": {"number": given.content["number"], "hash": given.content["hash"]},
            "key_id": given.content["key_id"],
            "tables": tables,
            "members": {
                member: {"sha256": sha256_of(each), "size": each.stat().st_size} for member, each in members.items()
            },
        }
        manifest_text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()
        return Taken(manifest, write_archive(path, manifest_text, sign(manifest_text), members))


def _copy(database: Database, folder: Path, given: Given, keys: Mapping[str, str]) -> dict[str, int]:
    """Write the copy into the folder and verify it; returns the rows of each table."""
    if not database.is_sqlite:
        with snapshot(database) as connection:
            counts = _copy_tables(connection, folder)
            _verify(connection, given, keys)
        return counts
    target = folder / SQLITE_FILE
    copy_sqlite(database, target)
    copied = Database(f"sqlite:///{target}")
    try:
        with copied.reader.connect() as connection, connection.begin():
            _verify(connection, given, keys)
            counts = {name: _count(connection, name) for name in _reflected(connection).tables}
    finally:
        copied.dispose()
    for leftover in folder.glob(f"{SQLITE_FILE}[-.]*"):
        leftover.unlink()
    return counts


def _verify(connection: Connection, given: Given, keys: Mapping[str, str]) -> None:
    found = examine_on(connection, keys=keys, given=given)
    if not found.is_clean:
        raise NotClean(found.findings)


def _copy_tables(connection: Connection, folder: Path) -> dict[str, int]:
    counts = {}
    raw: Any = connection.connection.driver_connection
    for name, table in sorted(_reflected(connection).tables.items()):
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        with closing(raw.cursor()) as cursor, (folder / f"{name}{TABLE_SUFFIX}").open("wb") as file:
            file.write(f"{columns}\n".encode())
            with cursor.copy(f'COPY "{name}" ({columns}) TO STDOUT') as rows:
                for part in rows:
                    file.write(part)
        counts[name] = _count(connection, name)
    return counts


def _reflected(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata


def _count(connection: Connection, name: str) -> int:
    return int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())  # noqa: S608  the database's own name
