"""Whose a session is, whether it is still open, and who may save rows of a KIND."""

from __future__ import annotations

from uuid import UUID

from supplyops.exchange.columns import Kind
from supplyops.exchange.rules import SessionState
from supplyops.exchange.tables import ImportSession
from supplyops.kernel.errors import Conflict, Forbidden, NotFound, WrongState
from supplyops.runtime import Context


def require_may_save(ctx: Context, kind: Kind) -> None:
    """Raise Forbidden unless the principal may save rows of a KIND somewhere."""
    if not ctx.principal.holds(kind.save_permission):
        raise Forbidden("not_permitted", permission=kind.save_permission.value)


def own_session(ctx: Context, session_id: UUID, *, lock: bool = False) -> ImportSession:
    """A session of the acting person. Raises NotFound for anybody else's."""
    row = ctx.get(ImportSession, session_id, lock=lock)
    if row.user_id != ctx.principal.user_id:
        raise NotFound("import_session")
    return row


def open_session(ctx: Context, session_id: UUID) -> ImportSession:
    """The same, still open. Raises WrongState or Conflict `session_expired`."""
    row = own_session(ctx, session_id, lock=True)
    if row.state is not SessionState.OPEN:
        raise WrongState("import_session", row.state.value, SessionState.OPEN.value)
    if row.expires_at <= ctx.now:
        raise Conflict("session_expired", file=row.file)
    return row
