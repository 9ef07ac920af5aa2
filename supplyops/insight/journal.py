"""The journal as people read it: who did what when, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from supplyops.audit.tables import JournalEntry
from supplyops.kernel.access import Permission, Role
from supplyops.people.tables import Organisation, User
from supplyops.runtime import Context, query

LIMIT_MAX = 1_000


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which entries are asked for; empty fields do not narrow."""

    username: str = ""
    command: str = ""
    """A command's name or the beginning of it: `stock.` is everything the stock room did."""
    subject_number: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None
    """Only older entries than this one: how pages are turned."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One thing somebody did, or was refused."""

    seq: int
    recorded_at: datetime
    actor_name: str
    username: str | None
    organisation_name: str | None
    roles: str
    via: str
    command: str
    outcome: str
    subject_kind: str | None
    subject_id: UUID | None
    subject_number: str | None
    detail: dict[str, Any]
    request_key: str | None


@query(Permission.JOURNAL_SEE)
def journal(ctx: Context, wanted: JournalFilter) -> tuple[JournalRow, ...]:
    """Entries of the bodies in reach; the audit administrator and the system see those of every body and of nobody's."""
    statement = (
        select(JournalEntry, User.username, Organisation.name)
        .outerjoin(User, User.id == JournalEntry.actor_id)
        .outerjoin(Organisation, Organisation.id == JournalEntry.organisation_id)
        .order_by(JournalEntry.seq.desc())
        .limit(min(max(wanted.limit, 1), LIMIT_MAX))
    )
    if not (ctx.principal.is_system or ctx.principal.holds_role(Role.AUDIT_ADMIN)):
        paths = [grant.path for grant in ctx.principal.grants if grant.role is Role.AUDITOR]
        statement = statement.where(or_(*(Organisation.path.startswith(path, autoescape=True) for path in paths)))
    if wanted.username:
        statement = statement.where(User.username == wanted.username)
    if wanted.command:
        statement = statement.where(JournalEntry.command.startswith(wanted.command, autoescape=True))
    if wanted.subject_number:
        statement = statement.where(JournalEntry.subject_number == wanted.subject_number)
    if wanted.outcome:
        statement = statement.where(JournalEntry.outcome == wanted.outcome)
    if wanted.since is not None:
        statement = statement.where(JournalEntry.recorded_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(JournalEntry.recorded_at <= wanted.until)
    if wanted.before_seq is not None:
        statement = statement.where(JournalEntry.seq < wanted.before_seq)
    return tuple(_row(entry, username, body) for entry, username, body in ctx.session.execute(statement))


def _row(entry: JournalEntry, username: str | None, organisation_name: str | None) -> JournalRow:
    return JournalRow(
        entry.seq,
        entry.recorded_at,
        entry.actor_name,
        username,
        organisation_name,
        entry.roles,
        entry.via,
        entry.command,
        entry.outcome,
        entry.subject_kind,
        entry.subject_id,
        entry.subject_number,
        entry.detail,
        entry.request_key,
    )
