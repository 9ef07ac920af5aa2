"""From a file to one transaction: nothing is imported if anything is wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from supplyops.database.registry import Saved
from supplyops.exchange.commands import import_rows
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.problems import FileRefused, Problem
from supplyops.exchange.reading import problem_of, read_file, row_about
from supplyops.exchange.sheets import load
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import Conflict, InvalidInput
from supplyops.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do."""

    kind: str
    file: str
    rows: int
    saved: Saved
    notes: tuple[str, ...]
    sha256: str
    dry_run: bool

    @property
    def is_no_op(self) -> bool:
        """Did the books hold all of it already?"""
        return self.saved.added == self.saved.changed == 0


def import_file(
    runtime: Runtime,
    actor: Actor,
    kind_name: str,
    path: Path,
    *,
    encoding: str | None = None,
    dry_run: bool = False,
) -> Imported:
    """Import a file as one transaction of the acting person, or say what that would do. Raises FileRefused with every problem."""
    return import_data(runtime, actor, kind_name, path.name, load(path), encoding=encoding, dry_run=dry_run)


def import_data(
    runtime: Runtime,
    actor: Actor,
    kind_name: str,
    file: str,
    data: bytes,
    *,
    encoding: str | None = None,
    dry_run: bool = False,
) -> Imported:
    """Import what a file of that name holds."""
    reading = read_file(kind_named(kind_name), file, data, encoding)
    sha256 = hashlib.sha256(data).hexdigest()
    act = runtime.rehearse if dry_run else runtime.run
    try:
        saved = act(import_rows, actor, reading.kind.name, reading.inputs, file, sha256)
    except InvalidInput as error:
        if not error.fields:
            raise
        raise FileRefused(file, [problem_of(reading, each) for each in error.fields]) from None
    except Conflict as error:
        row = row_about(reading, error.params)
        if row is None:
            raise
        raise FileRefused(file, [Problem(error.code, row, params=error.params)]) from None
    return Imported(
        reading.kind.name, file, len(reading.inputs), saved, tuple(map(str, reading.notes)), sha256, dry_run
    )
