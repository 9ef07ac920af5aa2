"""The morning list on paper: one page a store and day."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.insight.morning import morning
from supplyops.insight.morning_rows import MorningKind, MorningLine, due_text
from supplyops.kernel.access import Permission
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue, next_slip_number
from supplyops.papers.contents import MorningRow, MorningSection, MorningSheet, to_plain
from supplyops.papers.tables import Paper
from supplyops.places.tables import Site
from supplyops.runtime import Context, command, unscoped
from supplyops.wording.labels import label

ROWS_MAX = 26
"""Lines of text, headings included, that one page holds."""


@command(Permission.PAPERS_PRINT)
def issue_morning(ctx: Context, site_code: str) -> UUID:
    """Issue today's list of a store; issued again on the same day it is a new version of the same paper."""
    found = morning(ctx, site_code)
    ctx.require(Permission.PAPERS_PRINT, found.organisation_id)
    site = ctx.session.get(Site, found.site_id)
    assert site is not None
    subject = derived_id("morning", found.site_id, found.day)
    known = ctx.session.scalars(
        unscoped(
            select(Paper.number).where(Paper.subject_id == subject).order_by(Paper.version.desc()).limit(1),
            "a store has one list a day, whoever printed it",
        )
    ).one_or_none()
    number = known or next_slip_number(ctx, "morning_list", site.area_code)
    content = MorningSheet(
        organisation=found.organisation_name,
        warehouse=found.site_name,
        day=found.day,
        on_duty=found.on_duty,
        sections=sections(found.lines),
    )
    made = issue(
        ctx,
        PaperInput(
            form="morning_list",
            number=number,
            title=f"{found.site_name}晨会清单",
            content=to_plain(content),
            subject=DocumentRef("morning_list", subject, number),
            organisation_id=found.organisation_id,
        ),
    )
    ctx.about("morning_list", subject, number)
    return made


def sections(lines: tuple[MorningLine, ...]) -> tuple[MorningSection, ...]:
    """Lines by kind, each kind cut to what leaves all of them one page."""
    by_kind = {kind: [line for line in lines if line.kind is kind] for kind in MorningKind}
    filled = {kind: these for kind, these in by_kind.items() if these}
    limit = ROWS_MAX
    while limit > 1 and sum(1 + min(len(these), limit) for these in filled.values()) > ROWS_MAX:
        limit -= 1
    return tuple(
        MorningSection(
            label(kind),
            tuple(
                MorningRow(_cut(line.title), _cut(line.detail), line.number, due_text(line), line.is_overdue)
                for line in these[:limit]
            ),
            max(len(these) - limit, 0),
        )
        for kind, these in filled.items()
    )


def _cut(text: str, length_max: int = 28) -> str:
    """A text that stays on one line."""
    return text if len(text) <= length_max else f"{text[: length_max - 1]}…"
