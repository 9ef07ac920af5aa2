"""Reading issued papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.papers.rules import INCIDENT_ORDER, PaperState, check_code
from supplyops.papers.tables import Paper, PaperPrint
from supplyops.runtime import Context, query, unscoped


@dataclass(frozen=True, slots=True)
class PaperRow:
    """An issued paper without what it says."""

    id: UUID
    form: str
    number: str
    version: int
    document_number: str
    title: str
    state: PaperState
    subject_kind: str
    subject_id: UUID
    incident_id: UUID | None
    content_hash: str
    is_exercise: bool
    issued_at: datetime
    issued_by_name: str
    ended_because: str
    prints: int


@dataclass(frozen=True, slots=True)
class PaperContent:
    """An issued paper with what it says."""

    row: PaperRow
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """What anybody may learn of a paper who holds it in the hand."""

    number: str
    title: str
    form: str
    version: int
    latest_version: int
    state: PaperState
    issued_at: datetime
    is_genuine: bool


def _row(paper: Paper, prints: int) -> PaperRow:
    return PaperRow(
        **{name: getattr(paper, name) for name in PaperRow.__dataclass_fields__ if name != "prints"}, prints=prints
    )


def _counted() -> Select[Paper, Any]:
    prints = select(PaperPrint.paper_id, func.count().label("prints")).group_by(PaperPrint.paper_id).subquery()
    return select(Paper, func.coalesce(prints.c.prints, 0)).outerjoin(prints, prints.c.paper_id == Paper.id)


@query(Permission.PAPERS_SEE)
def papers(
    ctx: Context,
    *,
    incident_id: UUID | None = None,
    subject_id: UUID | None = None,
    form: str = "",
    only_valid: bool = False,
    limit: int = 500,
) -> list[PaperRow]:
    """Papers in reach, newest first."""
    statement = _counted().order_by(Paper.issued_at.desc(), Paper.number).limit(limit)
    if incident_id is not None:
        statement = statement.where(Paper.incident_id == incident_id)
    if subject_id is not None:
        statement = statement.where(Paper.subject_id == subject_id)
    if form:
        statement = statement.where(Paper.form == form)
    if only_valid:
        statement = statement.where(Paper.state == PaperState.VALID)
    return [_row(*row) for row in ctx.session.execute(statement)]


@query(Permission.PAPERS_SEE)
def papers_to_print(ctx: Context, incident_id: UUID) -> list[PaperContent]:
    """Every valid paper of an incident in printing order: requests, letters, instructions with their slips, orders, notes."""
    rows = ctx.session.execute(_counted().where(Paper.incident_id == incident_id, Paper.state == PaperState.VALID))
    found = [PaperContent(_row(paper, prints), paper.content) for paper, prints in rows]
    place = {form: position for position, form in enumerate(INCIDENT_ORDER)}
    return sorted(
        found, key=lambda paper: (place.get(paper.row.form, len(place)), paper.row.issued_at, paper.row.number)
    )


@query(Permission.PAPERS_SEE)
def paper(ctx: Context, paper_id: UUID) -> PaperContent:
    """One paper with what it says."""
    found = ctx.session.execute(_counted().where(Paper.id == paper_id)).one_or_none()
    if found is None:
        raise NotFound("paper")
    return PaperContent(_row(*found), found[0].content)


@query(Permission.PUBLIC)
def check(ctx: Context, number: str, code: str) -> PaperCheck:
    """Is this paper ours, and does it still hold? The code printed beside the QR mark must fit one of its versions."""
    versions = list(
        ctx.session.scalars(
            unscoped(select(Paper).where(Paper.number == number).order_by(Paper.version), "anybody may check a paper")
        )
    )
    match = next((row for row in versions if check_code(row.number, row.content_hash) == code.strip().upper()), None)
    if match is None:
        raise NotFound("paper")
    return PaperCheck(
        match.number,
        match.title,
        match.form,
        match.version,
        versions[-1].version,
        match.state,
        match.issued_at,
        is_genuine=True,
    )
