"""How an application to scrap goods goes on and ends, also where the document that started it falls away."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.errors import WrongState
from supplyops.papers.commands import void
from supplyops.runtime import Context, unscoped
from supplyops.scraps.rules import SCRAP_STEPS, ScrapState
from supplyops.scraps.tables import Scrap, ScrapLine
from supplyops.stock import ledger


def started_by(ctx: Context, cause_number: str, *, lock: bool = False) -> list[Scrap]:
    """The applications that a document of this number started."""
    statement = select(Scrap).where(Scrap.cause_number == cause_number).order_by(Scrap.number)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return list(ctx.session.scalars(unscoped(statement, "they stand and fall with the document")))


def end(ctx: Context, row: Scrap, state: ScrapState, because: str) -> None:
    """Let an application end without anything leaving: its goods are free again, its papers no longer hold. Raises WrongState."""
    step(row, state)
    for line in lines_of(ctx, [row.id]):
        ledger.release(ctx, line.reservation_id)
    row.ended_because = because
    void(ctx, row.id, because)


def lines_of(ctx: Context, scrap_ids: Sequence[UUID]) -> list[ScrapLine]:
    """What applications are for, line by line."""
    found = select(ScrapLine).where(ScrapLine.scrap_id.in_(scrap_ids)).order_by(ScrapLine.scrap_id, ScrapLine.line_no)
    return list(ctx.session.scalars(found))


def step(row: Scrap, to: ScrapState) -> None:
    """Go to a state that the one it is in allows. Raises WrongState."""
    if to not in SCRAP_STEPS[row.state]:
        raise WrongState("scrap", row.state.value, becomes=to.value)
    row.state = to
