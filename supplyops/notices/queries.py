"""Reading notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from supplyops.kernel.access import Permission
from supplyops.notices.reach import own_bodies
from supplyops.notices.rules import NoticeKind
from supplyops.notices.tables import Notice
from supplyops.people.tables import Organisation
from supplyops.runtime import Context, query

PAGE = 50
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice; `is_own` when the reader works at the body it was told to."""

    id: UUID
    organisation_name: str
    kind: NoticeKind
    subject_kind: str
    subject_id: UUID
    subject_number: str
    params: dict[str, Any]
    created_at: datetime
    created_by_name: str
    acknowledged_at: datetime | None
    acknowledged_by_name: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Which notices are asked for: by default the reader's own that nobody has acknowledged yet."""

    only_open: bool = True
    only_own: bool = True


OPEN_AND_OWN = NoticeFilter()


@query(Permission.SIGNED_IN)
def notices(ctx: Context, where: NoticeFilter = OPEN_AND_OWN, offset: int = 0, limit: int = PAGE) -> list[NoticeRow]:
    """Notices in reach, the newest first."""
    own = own_bodies(ctx)
    statement = (
        _narrowed(ctx, where, select(Notice, Organisation.name))
        .join(Organisation, Organisation.id == Notice.organisation_id)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .offset(offset)
        .limit(limit)
    )
    named = [name for name in NoticeRow.__dataclass_fields__ if name not in {"organisation_name", "is_own"}]
    return [
        NoticeRow(
            **{name: getattr(row, name) for name in named},
            organisation_name=organisation,
            is_own=row.organisation_id in own,
        )
        for row, organisation in ctx.session.execute(statement)
    ]


@query(Permission.SIGNED_IN)
def count_notices(ctx: Context, where: NoticeFilter = OPEN_AND_OWN) -> int:
    """How many there are."""
    return int(ctx.session.scalar(_narrowed(ctx, where, select(func.count()).select_from(Notice))) or 0)


def _narrowed(ctx: Context, where: NoticeFilter, statement: Rows) -> Rows:
    if where.only_open:
        statement = statement.where(Notice.acknowledged_at.is_(None))
    if where.only_own:
        statement = statement.where(Notice.organisation_id.in_(own_bodies(ctx)))
    return statement
