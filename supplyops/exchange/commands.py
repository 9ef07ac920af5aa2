"""Taking a file's rows into the books: at once, or by a session that is looked at first."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from supplyops.database.registry import Saved
from supplyops.exchange.columns import Kind
from supplyops.exchange.differences import Differences, as_before, save_and_compare
from supplyops.exchange.keeping import open_session, own_session, require_may_save
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.rules import KEPT_FOR, OPEN_MAX, SessionState
from supplyops.exchange.tables import ImportFile, ImportMapping, ImportSession
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, Forbidden, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.runtime import Context, command, unscoped

FILE_NAME_MAX = 300


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file that comes in: what it is to be read as, its name, its bytes as base64, and the first look at it."""

    kind: str
    file: str
    sha256: str
    size: int
    content: str
    look: dict[str, Any]
    encoding: str
    sheet: str
    header_row: int
    mapped: dict[str, str] | None


@command(Permission.SIGNED_IN)
def import_rows(
    ctx: Context, kind_name: str, rows: Sequence[Any], absent: Sequence[str], file: str, sha256: str
) -> Saved:
    """Save all rows of a file with the room's own command, in one transaction; the journal keeps the file's name and hash.

    Fields that the file has no column for (`absent`) stay as they are in rows that the books have. Who may is what that
    command says. Saving goes by the rows' own codes, so the same file again changes nothing, and an older file brings
    its content back: a request key made from the file would wrongly stop that.
    """
    kind = kind_named(kind_name)
    require_may_save(ctx, kind)
    if absent:
        _require_may_see(ctx, kind)
    saved = kind.save(ctx, as_before(ctx, kind, rows, absent))
    _keep_file(ctx, kind, file, sha256, len(rows), saved)
    return saved


@command(Permission.SIGNED_IN)
def compare_rows(
    ctx: Context, kind_name: str, rows: Sequence[Any], absent: Sequence[str], file: str, sha256: str
) -> Differences:
    """The same, and what it changed row by row: what a preview rehearses and a session commits."""
    kind = kind_named(kind_name)
    require_may_save(ctx, kind)
    _require_may_see(ctx, kind)
    found = save_and_compare(ctx, kind, as_before(ctx, kind, rows, absent))
    _keep_file(ctx, kind, file, sha256, len(rows), found.saved)
    return found


def _require_may_see(ctx: Context, kind: Kind) -> None:
    if not ctx.principal.holds(kind.see_permission):
        raise Forbidden("not_permitted", permission=kind.see_permission.value)


def _keep_file(ctx: Context, kind: Kind, file: str, sha256: str, rows: int, saved: Saved) -> None:
    counts = {"rows": rows, "added": saved.added, "changed": saved.changed}
    ctx.session.add(
        ImportFile(
            id=ctx.new_id(),
            kind=kind.name,
            organisation_id=ctx.principal.organisation_id,
            user_id=ctx.principal.user_id,
            user_name=ctx.principal.name,
            file=file[:FILE_NAME_MAX],
            sha256=sha256,
            unchanged=saved.unchanged,
            imported_at=ctx.now,
            **counts,
        )
    )
    ctx.about("import_file", derived_id("import_file", sha256), file[:80], rows_of=kind.name, sha256=sha256, **counts)


@command(Permission.SIGNED_IN)
def start_session(ctx: Context, given: FileInput) -> UUID:
    """Keep a file until its owner commits or discards it. Sessions that have run out are emptied on the way."""
    kind = kind_named(given.kind)
    require_may_save(ctx, kind)
    owner, home = ctx.user_id(), ctx.principal.organisation_id
    if home is None:
        raise Forbidden("person_required")
    _empty_expired(ctx)
    is_mine = (ImportSession.user_id == owner, ImportSession.state == SessionState.OPEN)
    count = ctx.session.scalar(select(func.count()).select_from(ImportSession).where(*is_mine)) or 0
    if count >= OPEN_MAX:
        raise Conflict("too_many_sessions", maximum=OPEN_MAX)
    row = ImportSession(
        id=ctx.new_id(),
        kind=kind.name,
        organisation_id=home,
        user_id=owner,
        state=SessionState.OPEN,
        file=given.file[:FILE_NAME_MAX],
        sha256=given.sha256,
        size=given.size,
        content=base64.b64decode(given.content),
        encoding=given.encoding,
        sheet=given.sheet,
        header_row=given.header_row,
        look=given.look,
        mapped=given.mapped,
        preview=None,
        preview_digest="",
        result={},
        created_at=ctx.now,
        expires_at=ctx.now + KEPT_FOR,
        ended_at=None,
    )
    ctx.session.add(row)
    ctx.about("import_session", row.id, given.file[:80], rows_of=kind.name, sha256=given.sha256)
    return row.id


def _empty_expired(ctx: Context) -> None:
    """A file that nobody committed in time is forgotten, whoever brought it."""
    statement = (
        update(ImportSession)
        .where(ImportSession.state == SessionState.OPEN, ImportSession.expires_at <= ctx.now)
        .values(state=SessionState.DISCARDED, content=None, preview=None, ended_at=ctx.now)
    )
    ctx.session.execute(unscoped(statement, "what has run out is emptied whoever it belongs to"))


@command(Permission.SIGNED_IN)
def set_reading(
    ctx: Context,
    session_id: UUID,
    look: Mapping[str, Any],
    encoding: str,
    sheet: str,
    header_row: int,
    mapped: Mapping[str, str] | None,
) -> None:
    """Another encoding, sheet or header row: the file is looked at anew, and its columns are decided anew."""
    row = open_session(ctx, session_id)
    row.look, row.encoding, row.sheet, row.header_row = dict(look), encoding, sheet, header_row
    row.mapped = dict(mapped) if mapped is not None else None
    row.preview, row.preview_digest, row.result = None, "", {}


@command(Permission.SIGNED_IN)
def set_mapping(ctx: Context, session_id: UUID, mapped: Mapping[str, str], headers_hash: str) -> None:
    """Which column is which, decided by a person; remembered for the next file with these headers."""
    row = open_session(ctx, session_id)
    row.mapped = dict(mapped)
    row.preview, row.preview_digest, row.result = None, "", {}
    known = ctx.session.get(ImportMapping, (row.organisation_id, row.kind, headers_hash))
    if known is None:
        known = ImportMapping(organisation_id=row.organisation_id, kind=row.kind, headers_hash=headers_hash)
        ctx.session.add(known)
    known.mapped, known.user_id, known.saved_at = dict(mapped), row.user_id, ctx.now


@command(Permission.SIGNED_IN)
def keep_preview(ctx: Context, session_id: UUID, preview: str, digest: str, result: Mapping[str, int]) -> None:
    """Keep what was found out, to be shown and compared when the session is committed."""
    row = open_session(ctx, session_id)
    row.preview, row.preview_digest, row.result = base64.b64decode(preview), digest, dict(result)


@command(Permission.SIGNED_IN)
def commit_session(ctx: Context, session_id: UUID, rows: Sequence[Any], absent: Sequence[str], digest: str) -> Saved:
    """Save the rows as the preview showed it, all or nothing; committed twice it is done once.

    Raises Conflict `preview_stale` when it would no longer do exactly what was shown.
    """
    row = own_session(ctx, session_id, lock=True)
    if row.state is SessionState.COMMITTED:
        return Saved(*(int(row.result[name]) for name in ("added", "changed", "unchanged")))
    row = open_session(ctx, session_id)
    if not row.preview_digest or row.preview_digest != digest:
        raise Conflict("preview_stale", file=row.file)
    found = compare_rows(ctx, row.kind, rows, absent, row.file, row.sha256)
    if found.digest != digest:
        raise Conflict("preview_stale", file=row.file)
    saved = found.saved
    row.state, row.ended_at, row.content, row.preview = SessionState.COMMITTED, ctx.now, None, None
    row.result = {"added": saved.added, "changed": saved.changed, "unchanged": saved.unchanged}
    return saved


@command(Permission.SIGNED_IN)
def discard_session(ctx: Context, session_id: UUID) -> None:
    """Forget a file. Discarding twice is discarding once."""
    row = own_session(ctx, session_id, lock=True)
    if row.state is SessionState.COMMITTED:
        raise WrongState("import_session", row.state.value, SessionState.OPEN.value)
    if row.state is SessionState.OPEN:
        row.state, row.ended_at, row.content, row.preview = SessionState.DISCARDED, ctx.now, None, None
    ctx.about("import_session", row.id, row.file[:80])


@command(Permission.SIGNED_IN)
def note_export(ctx: Context, name: str, rows: int, format_name: str, narrowed_by: Sequence[str]) -> None:
    """Keep in the journal that somebody took a list out of the house: which, how long, narrowed by what."""
    ctx.about("export_file", ctx.new_id(), name, rows=rows, format=format_name, narrowed_by=list(narrowed_by))
