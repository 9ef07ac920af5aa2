"""Telling a body something, and a body's word that it knows."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Forbidden
from supplyops.notices.reach import own_bodies
from supplyops.notices.rules import NoticeInput
from supplyops.notices.tables import Notice
from supplyops.runtime import Context, command


@command(Permission.INTERNAL)
def tell(ctx: Context, notices: Iterable[NoticeInput]) -> int:
    """Write notices in the transaction of what they are about; returns how many are new."""
    written = 0
    for notice in {each.id: each for each in notices}.values():
        if ctx.session.get(Notice, notice.id, execution_options={"unscoped": True}) is not None:
            continue
        ctx.session.add(
            Notice(
                id=notice.id,
                organisation_id=notice.organisation_id,
                kind=notice.kind,
                subject_kind=notice.about.kind,
                subject_id=notice.about.id,
                subject_number=notice.about.number,
                params=dict(notice.params),
                created_at=ctx.now,
                created_by_name=ctx.principal.name,
                acknowledged_at=None,
                acknowledged_by_name="",
            )
        )
        written += 1
    return written


@command(Permission.SIGNED_IN)
def acknowledge(ctx: Context, notice_id: UUID) -> None:
    """Take note of it for the body it was told to. Only who works there can; the first one counts.

    Raises Forbidden `not_told_to_you` for somebody who merely sees it from above.
    """
    row = ctx.get(Notice, notice_id, lock=True)
    if not ctx.principal.is_system and row.organisation_id not in own_bodies(ctx):
        raise Forbidden("not_told_to_you")
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by_name = ctx.now, ctx.principal.name
    ctx.about("notice", row.id, row.subject_number)
