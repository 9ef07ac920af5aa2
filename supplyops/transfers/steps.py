"""One step of a transfer after the other."""

from __future__ import annotations

from sqlalchemy import select

from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import NotFound, WrongState
from supplyops.runtime import Context
from supplyops.transfers.rules import TRANSFER_STEPS, TransferState
from supplyops.transfers.tables import Transfer


def locked(ctx: Context, number: str) -> Transfer:
    """The transfer of a number in reach, so that others who write to it wait. Raises NotFound."""
    statement = select(Transfer).where(Transfer.number == number).with_for_update()
    row = ctx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("transfer", reference=number)
    return row


def step(row: Transfer, to: TransferState) -> None:
    """Go on to a state, or raise WrongState."""
    if to not in TRANSFER_STEPS[row.state]:
        raise WrongState("transfer", row.state.value, becomes=to.value)
    row.state = to


def need_reason(because: str) -> None:
    """A reason has to be given."""
    check = Checks()
    check.text("because", because)
    check.done()
