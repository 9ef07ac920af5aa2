"""Issued papers as flat rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from supplyops.papers.rules import PaperState
from supplyops.papers.tables import Paper, PaperPrint
from supplyops.runtime import Context, unscoped


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


def papers_where(
    ctx: Context, conditions: Sequence[ColumnElement[bool]], limit: int | None, offset: int = 0
) -> list[PaperContent]:
    """Papers, newest first. The conditions say who sees what: the caller's room knows, this one does not."""
    prints = select(func.count()).where(PaperPrint.paper_id == Paper.id).scalar_subquery()
    statement = (
        select(Paper, prints)
        .where(*conditions)
        .order_by(Paper.issued_at.desc(), Paper.version.desc(), Paper.number.desc())
        .offset(offset)
        .limit(limit)
    )
    rows = ctx.session.execute(unscoped(statement, "the conditions say who sees what"))
    own = [name for name in PaperRow.__dataclass_fields__ if name != "prints"]
    return [
        PaperContent(PaperRow(**{name: getattr(row, name) for name in own}, prints=count), row.content)
        for row, count in rows
    ]
