"""The way of a file through a session: looked at, its columns decided, its effect shown, then committed or discarded.

Files are read outside of transactions, in a process of their own; each step ends in one command.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from supplyops.database.registry import Saved
from supplyops.exchange import commands, queries
from supplyops.exchange.columns import Kind
from supplyops.exchange.differences import Differences
from supplyops.exchange.importing import attempt, told_before
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.looking import Look, look
from supplyops.exchange.mapping import Suggested, headers_hash, is_complete, suggested
from supplyops.exchange.marking import marked_copy
from supplyops.exchange.normalise import plain_header
from supplyops.exchange.problems import PROBLEMS_MAX, FileRefused, Problem
from supplyops.exchange.reading import Reading, names_of, read_as, sheet_of
from supplyops.exchange.rules import MappingInput, ReadingInput, SessionState
from supplyops.exchange.sheet import letters
from supplyops.exchange.sheets import Wanted
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.runtime import Runtime


def start(runtime: Runtime, actor: Actor, kind_name: str, file: str, data: bytes, encoding: str = "") -> UUID:
    """Take a file in and look at it; where every column is known for sure, its effect is found out too. Raises FileRefused."""
    kind = kind_named(kind_name)
    found, _ = look(kind, file, data, Wanted(encoding))
    columns = _columns(runtime, actor, kind, found)
    given = commands.FileInput(
        kind.name,
        file,
        hashlib.sha256(data).hexdigest(),
        len(data),
        base64.b64encode(data).decode(),
        _shown(found, columns),
        found.encoding,
        found.sheet,
        found.header_row,
        _mapped(columns) if is_complete(kind, columns) else None,
    )
    session_id = runtime.run(commands.start_session, actor, given)
    row = runtime.read(queries.session, actor, session_id)
    if row.mapped is not None and not row.result and row.ended_at is None:
        find_out(runtime, actor.keyed(None), session_id)
    return session_id


def read_again(runtime: Runtime, actor: Actor, session_id: UUID, wanted: ReadingInput) -> None:
    """Another encoding, sheet or header row than was found. Raises FileRefused."""
    kept = runtime.read(queries.kept_file, actor, session_id)
    kind, row = kind_named(kept.row.kind), kept.row
    is_other = bool(wanted.encoding or wanted.sheet)
    choice = Wanted(
        wanted.encoding or row.encoding,
        wanted.sheet or row.sheet,
        wanted.header_row or (0 if is_other else row.header_row),
    )
    found, _ = look(kind, row.file, kept.content, choice)
    columns = _columns(runtime, actor, kind, found)
    mapped = _mapped(columns) if is_complete(kind, columns) else None
    runtime.run(
        commands.set_reading,
        actor,
        session_id,
        _shown(found, columns),
        found.encoding,
        found.sheet,
        found.header_row,
        mapped,
    )
    if mapped is not None and not runtime.read(queries.session, actor, session_id).result:
        find_out(runtime, actor.keyed(None), session_id)


def map_columns(runtime: Runtime, actor: Actor, session_id: UUID, wanted: MappingInput) -> None:
    """Decide which column is which, by letter, and find out what that does. Raises InvalidInput for names that do not fit."""
    row = runtime.read(queries.session, actor, session_id)
    kind = kind_named(row.kind)
    headers = row.look["headers"]
    mapped = _checked(kind, headers, wanted.columns)
    runtime.run(commands.set_mapping, actor, session_id, mapped, headers_hash(headers))
    if not runtime.read(queries.session, actor, session_id).result:  # sent twice, it has been found out already
        find_out(runtime, actor.keyed(None), session_id)


def find_out(runtime: Runtime, actor: Actor, session_id: UUID) -> None:
    """Rehearse what committing would do, and keep it with the session: the differences, or every problem."""
    kept = runtime.read(queries.kept_file, actor, session_id)
    row = kept.row
    if row.mapped is None:
        raise Conflict("mapping_missing", file=row.file)
    try:
        reading = _reading(kept)
        args = (row.kind, reading.inputs, reading.absent, row.file, row.sha256)
        found = attempt(runtime, actor, reading, commands.compare_rows, args, dry_run=True)
    except FileRefused as refused:
        said, digest, result = _against(refused), "", {"problems": refused.count}
    else:
        notes = [str(note) for note in reading.notes] + told_before(runtime, actor, row.kind, row.sha256)
        said, digest = _in_favour(found, reading, notes), found.digest
        result = {**asdict(found.saved), "problems": 0}
    packed = base64.b64encode(zlib.compress(json.dumps(said, ensure_ascii=False).encode(), 6)).decode()
    runtime.run(commands.keep_preview, actor, session_id, packed, digest, result)


def commit_shown(runtime: Runtime, actor: Actor, session_id: UUID) -> Saved:
    """Import what the preview showed. Raises Conflict `preview_stale` after showing anew what it would do now."""
    row = runtime.read(queries.session, actor, session_id)
    if row.state is SessionState.COMMITTED:
        return Saved(*(int(row.result[name]) for name in ("added", "changed", "unchanged")))
    if row.ended_at is not None:
        return runtime.run(commands.commit_session, actor.keyed(None), session_id, [], (), row.preview_digest)
    if not row.preview_digest:
        raise Conflict("preview_missing", file=row.file)
    reading = _reading(runtime.read(queries.kept_file, actor, session_id)).done()
    try:
        args = (session_id, reading.inputs, reading.absent, row.preview_digest)
        return runtime.run(commands.commit_session, actor, *args)
    except Conflict as error:
        if error.code == "preview_stale":
            find_out(runtime, actor.keyed(None), session_id)
        raise
    except InvalidInput as error:
        if not error.fields:
            raise
        find_out(runtime, actor.keyed(None), session_id)
        raise Conflict("preview_stale", file=row.file) from None


def marked(runtime: Runtime, actor: Actor, session_id: UUID, format_name: str) -> bytes:
    """The file of a refused session with its problems marked. Raises Conflict where there is nothing to mark."""
    kept = runtime.read(queries.kept_file, actor, session_id)
    said = runtime.read(queries.preview, actor, session_id)
    if said is None or not said["marks"]:
        raise Conflict("nothing_to_mark", file=kept.row.file)
    sheet = sheet_of(kind_named(kept.row.kind), kept.row.file, kept.content, _wanted(kept.row))
    return marked_copy(sheet, [tuple(mark) for mark in said["marks"]], format_name, kept.row.header_row)


def _reading(kept: queries.Kept) -> Reading:
    row = kept.row
    kind = kind_named(row.kind)
    mapped = {int(place): name for place, name in (row.mapped or {}).items()}
    return read_as(kind, sheet_of(kind, row.file, kept.content, _wanted(row)), row.header_row, mapped)


def _wanted(row: queries.SessionRow) -> Wanted:
    return Wanted(row.encoding, row.sheet, row.header_row)


def _columns(runtime: Runtime, actor: Actor, kind: Kind, found: Look) -> list[Suggested]:
    known = runtime.read(queries.remembered, actor, kind.name, headers_hash(found.headers))
    return suggested(kind, found.headers, known)


def _mapped(columns: list[Suggested]) -> dict[str, str]:
    return {str(each.place): each.name for each in columns if each.name}


def _shown(found: Look, columns: list[Suggested]) -> dict[str, Any]:
    """The look as the session keeps it."""
    return {
        "encodings": [{"name": name, "sample": list(sample)} for name, sample in found.encodings],
        "is_undecided": found.is_undecided,
        "sheets": list(found.sheets),
        "rows": [[number, cells] for number, cells in found.rows],
        "headers": list(found.headers),
        "columns": [
            {"letter": letters(each.place + 1), "header": each.header, "name": each.name, "how": each.how or ""}
            for each in columns
        ],
    }


def _checked(kind: Kind, headers: list[str], wanted: Mapping[str, str]) -> dict[str, str]:
    places = {letters(place + 1): place for place in range(len(headers))}
    names = names_of(kind)
    errors, mapped, taken = [], {}, {}
    for letter, name in wanted.items():
        place, known = places.get(letter.strip().upper()), names.get(plain_header(name))
        if not name:
            continue
        if place is None:
            errors.append(FieldError(f"columns.{letter[:10]}", "no_such_column", {"value": letter[:10]}))
        elif known is None:
            errors.append(FieldError(f"columns.{letter}", "unknown_column", {"value": name[:40]}))
        elif known[0].field in taken:
            errors.append(FieldError(f"columns.{letter}", "duplicate_column", {"value": known[0].header}))
        else:
            taken[known[0].field] = place
            mapped[str(place)] = name
    errors += [
        FieldError("columns", "missing_column", {"value": column.header})
        for column in kind.columns
        if column.required and column.field not in taken
    ]
    if errors:
        raise InvalidInput(fields=tuple(errors))
    return mapped


def _against(refused: FileRefused) -> dict[str, Any]:
    return {
        "notes": [],
        "rows": [],
        "others": 0,
        "count": refused.count,
        "problems": [_told(each) for each in refused.problems[:PROBLEMS_MAX]],
        "marks": [(each.row, each.place, each.text) for each in refused.marked] if refused.sheet is not None else [],
    }


def _in_favour(found: Differences, reading: Reading, notes: list[str]) -> dict[str, Any]:
    rows = [
        [place, row.change.value, row.key, [list(column) for column in row.columns]]
        for place, row in zip(reading.places, found.rows, strict=True)
    ]
    return {"notes": notes, "rows": rows, "others": found.others, "count": 0, "problems": [], "marks": []}


def _told(problem: Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": letters(problem.place),
        "header": problem.header,
        "value": problem.value[:80],
        "code": problem.code,
        "number": problem.number,
        "text": problem.text,
    }
