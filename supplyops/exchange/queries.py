"""Handing rows out as files take them in; import sessions and the files that came in."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.exchange.keeping import own_session
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.rules import SessionState
from supplyops.exchange.tables import ImportFile, ImportMapping, ImportSession
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, Forbidden
from supplyops.runtime import Context, query

LISTED = 100


@dataclass(frozen=True, slots=True)
class ImportFileRow:
    """A file that was imported."""

    id: UUID
    kind: str
    title: str
    file: str
    sha256: str
    rows: int
    added: int
    changed: int
    unchanged: int
    imported_at: datetime
    user_name: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """An import session as its owner sees it."""

    id: UUID
    kind: str
    title: str
    state: SessionState
    file: str
    sha256: str
    size: int
    encoding: str
    sheet: str
    header_row: int
    look: dict[str, Any]
    mapped: dict[str, Any] | None
    is_previewed: bool
    preview_digest: str
    result: dict[str, Any]
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    is_expired: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What reading a session's file takes."""

    row: SessionRow
    content: bytes


@query(Permission.SIGNED_IN)
def export_rows(ctx: Context, kind_name: str) -> list[Any]:
    """Every row of a KIND in reach, as inputs: saving them again would change nothing."""
    kind = kind_named(kind_name)
    if not ctx.principal.holds(kind.see_permission):
        raise Forbidden("not_permitted", permission=kind.see_permission.value)
    return list(kind.read(ctx))


@query(Permission.SIGNED_IN)
def sessions(ctx: Context) -> list[SessionRow]:
    """The acting person's sessions, the newest first."""
    mine = select(ImportSession).where(ImportSession.user_id == ctx.user_id())
    rows = ctx.session.scalars(mine.order_by(ImportSession.created_at.desc(), ImportSession.id.desc()).limit(LISTED))
    return [_row(ctx, row) for row in rows]


@query(Permission.SIGNED_IN)
def session(ctx: Context, session_id: UUID) -> SessionRow:
    """One session of the acting person."""
    return _row(ctx, own_session(ctx, session_id))


@query(Permission.SIGNED_IN)
def kept_file(ctx: Context, session_id: UUID) -> Kept:
    """A session with its file. Raises Conflict when the file has been forgotten."""
    row = own_session(ctx, session_id)
    if row.content is None or row.expires_at <= ctx.now:
        raise Conflict("session_expired", file=row.file)
    return Kept(_row(ctx, row), row.content)


@query(Permission.SIGNED_IN)
def preview(ctx: Context, session_id: UUID) -> dict[str, Any] | None:
    """What committing would do, or what stands against it; None before that was found out or after the end."""
    packed = own_session(ctx, session_id).preview
    found: dict[str, Any] | None = json.loads(zlib.decompress(packed)) if packed is not None else None
    return found


@query(Permission.SIGNED_IN)
def remembered(ctx: Context, kind_name: str, headers_hash: str) -> dict[int, str] | None:
    """How the acting person's organisation last read files with these headers."""
    home = ctx.principal.organisation_id
    row = ctx.session.get(ImportMapping, (home, kind_named(kind_name).name, headers_hash)) if home else None
    return {int(place): name for place, name in row.mapped.items()} if row is not None else None


@query(Permission.SIGNED_IN)
def imported_before(ctx: Context, kind_name: str, sha256: str) -> ImportFileRow | None:
    """When exactly this file was imported last, by somebody in reach."""
    found = ctx.session.scalar(
        select(ImportFile)
        .where(ImportFile.kind == kind_named(kind_name).name, ImportFile.sha256 == sha256)
        .order_by(ImportFile.imported_at.desc())
        .limit(1)
    )
    return _file(found) if found is not None else None


@query(Permission.SIGNED_IN)
def imported_files(ctx: Context) -> list[ImportFileRow]:
    """Files that were imported by people in reach, the newest first."""
    rows = ctx.session.scalars(
        select(ImportFile).order_by(ImportFile.imported_at.desc(), ImportFile.id.desc()).limit(LISTED)
    )
    return [_file(row) for row in rows]


def _file(row: ImportFile) -> ImportFileRow:
    return ImportFileRow(
        row.id,
        row.kind,
        kind_named(row.kind).title,
        row.file,
        row.sha256,
        row.rows,
        row.added,
        row.changed,
        row.unchanged,
        row.imported_at,
        row.user_name,
    )


def _row(ctx: Context, row: ImportSession) -> SessionRow:
    return SessionRow(
        row.id,
        row.kind,
        kind_named(row.kind).title,
        row.state,
        row.file,
        row.sha256,
        row.size,
        row.encoding,
        row.sheet,
        row.header_row,
        row.look,
        row.mapped,
        bool(row.result),
        row.preview_digest,
        row.result,
        row.created_at,
        row.expires_at,
        row.ended_at,
        row.state is SessionState.OPEN and row.expires_at <= ctx.now,
    )
