"""From a file to one transaction: nothing is imported if anything is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supplyops.database.registry import Saved
from supplyops.exchange.commands import import_rows
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.problems import FileRefused, Problem
from supplyops.exchange.queries import imported_before
from supplyops.exchange.reading import Reading, problem_of, read_as, row_about, sheet_of
from supplyops.exchange.sheets import Wanted, load
from supplyops.kernel.access import Actor
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.runtime import Command, Runtime


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
    kind = kind_named(kind_name)
    reading = read_as(kind, sheet_of(kind, file, data, Wanted(encoding or "")))
    sha256 = hashlib.sha256(data).hexdigest()
    before = told_before(runtime, actor, kind.name, sha256) if reading.inputs else []
    args = (kind.name, reading.inputs, reading.absent, file, sha256)
    saved = attempt(runtime, actor, reading, import_rows, args, dry_run=dry_run)
    return Imported(kind.name, file, len(reading.inputs), saved, (*map(str, reading.notes), *before), sha256, dry_run)


def told_before(runtime: Runtime, actor: Actor, kind_name: str, sha256: str) -> list[str]:
    """That exactly this file was imported before, if it was."""
    row = runtime.read(imported_before, actor, kind_name, sha256)
    if row is None:
        return []
    when = f"{beijing(row.imported_at):%Y-%m-%d %H:%M}"
    counts = f"新增 {row.added} 行,更新 {row.changed} 行,不变 {row.unchanged} 行"
    return [f"同一文件已于 {when} 由{row.user_name}导入过({counts})。"]


def attempt(
    runtime: Runtime, actor: Actor, reading: Reading, command: Command[Any, Any], args: Sequence[Any], *, dry_run: bool
) -> Any:
    """Run a command that saves the inputs of a reading, or rehearse it. Raises FileRefused with every problem.

    Where some rows could not be read, the others are rehearsed all the same, so that what the books have against them
    is told at once and not only after the first problems are mended.
    """
    if reading.problems and not (reading.is_header_known and reading.inputs):
        reading.done()
    act = runtime.rehearse if dry_run or reading.problems else runtime.run
    try:
        answer = act(command, actor, *args) if reading.inputs else None
    except InvalidInput as error:
        if not error.fields:
            raise
        _add(reading, error.fields)
    except Conflict as error:
        row = row_about(reading, error.params)
        if row is None and not reading.problems:
            raise
        if row is not None:
            reading.refuse(Problem(error.code, row, params=error.params))
    else:
        reading.done()
        return answer
    _in_order(reading)
    raise FileRefused(reading.file, reading.problems, reading.count, sheet=reading.sheet)


def _add(reading: Reading, errors: Sequence[FieldError]) -> None:
    """What the books have against rows that could be read; a row that refers to one that could not is not to blame."""
    for error in errors:
        if error.code == "unknown_reference" and str(error.params.get("value", "")) in reading.left_out:
            continue
        reading.refuse(problem_of(reading, error))


def _in_order(reading: Reading) -> None:
    reading.problems.sort(key=lambda problem: (problem.row or 0, problem.place))
