"""Checking issued papers. Lists of papers belong to the room that knows what they are about: dispatch.printing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.papers.rules import PaperState, check_code, typed
from supplyops.papers.tables import Paper
from supplyops.runtime import Context, query, unscoped


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


@query(Permission.PUBLIC)
def check(ctx: Context, number: str, code: str) -> PaperCheck:
    """Is this paper ours, and does it still hold? The code printed beside the QR mark must fit one of its versions."""
    versions = list(
        ctx.session.scalars(
            unscoped(
                select(Paper).where(Paper.number.in_([number.strip(), number.strip().upper()])).order_by(Paper.version),
                "anybody may check a paper",
            )
        )
    )
    match = next((row for row in versions if typed(check_code(row.number, row.content_hash)) == typed(code)), None)
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
