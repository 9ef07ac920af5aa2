"""Signing in and changing passwords: slow hashing stays outside the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from supplyops.kernel.access import ANONYMOUS, Actor
from supplyops.kernel.errors import FieldError, InvalidInput, Unauthenticated
from supplyops.people import commands, queries
from supplyops.people.rules import check_password
from supplyops.people.secret import Passwords, token, token_digest
from supplyops.runtime import Runtime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just begun. The token leaves the system once, in a cookie."""

    user_id: UUID
    token: str
    form_token: str
    signed_in_before_at: datetime | None


def sign_in(runtime: Runtime, passwords: Passwords, username: str, password: str, *, client: str) -> SignedIn:
    """Check a password and begin a session.

    Raises Unauthenticated `sign_in_failed` for a wrong name or password alike, `account_locked` after too many tries.
    """
    known = runtime.read(queries.credentials, ANONYMOUS, username)
    right = passwords.matches(password, known.password_hash if known else None)
    if known is None:
        raise Unauthenticated("sign_in_failed")
    if known.locked_until is not None and known.locked_until > runtime.clock():
        raise Unauthenticated("account_locked", until=known.locked_until)
    if not right or not known.is_usable:
        runtime.run(commands.note_failure, ANONYMOUS, known.user_id)
        raise Unauthenticated("sign_in_failed")
    fresh, form_token = token(), token()
    before = runtime.run(commands.open_session, ANONYMOUS, known.user_id, token_digest(fresh), form_token, client)
    return SignedIn(known.user_id, fresh, form_token, before)


def change_password(
    runtime: Runtime, passwords: Passwords, actor: Actor, username: str, old: str, new: str, *, session_token: str
) -> None:
    """Replace one's own password. Raises InvalidInput on `old_password` or `password`."""
    check_password(new, username=username)
    known = runtime.read(queries.credentials, ANONYMOUS, username)
    if not passwords.matches(old, known.password_hash if known else None):
        raise InvalidInput(fields=(FieldError("old_password", "wrong_password"),))
    if old == new:
        raise InvalidInput(fields=(FieldError("password", "password_same"),))
    runtime.run(commands.set_own_password, actor, passwords.hash(new), session_token)
