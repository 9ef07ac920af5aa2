"""Drawing on contracts and giving back: what call-offs of every kind do to the lines of a contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import CursorResult, select, update

from supplyops.contracts.rules import CALL_OFF_STEPS, CallOffInput, CallOffState
from supplyops.contracts.tables import CallOff, CallOffItem, Contract, ContractLine
from supplyops.database.guards import remember
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, WrongState
from supplyops.kernel.oral import recorded
from supplyops.papers.commands import next_slip_number
from supplyops.people.tables import Organisation
from supplyops.runtime import Context

NOTHING: Mapping[UUID, int] = {}


class ContractUsedUp(Conflict):
    """Less is left of a contract line than was called for."""

    def __init__(self, *, contract: str, line_no: int, requested: int, remaining: int) -> None:
        super().__init__(
            "contract_used_up", contract=contract, line_no=line_no, requested=requested, remaining=remaining
        )


def draw(
    ctx: Context, order: CallOffInput, *, is_fetched: bool = False, together: Mapping[UUID, int] = NOTHING
) -> UUID:
    """Write a call-off and take what it calls for off the contract's lines, all or nothing.

    `together` is what goes out of each line with several call-offs at once: the minimum order is kept by all of them.
    Raises WrongState for a contract that is not in force, ContractUsedUp, InvalidInput for a line of another contract or less than
    its minimum order, Forbidden.
    """
    contract = ctx.get(Contract, order.contract_id, lock=True)
    ctx.require(Permission.CONTRACTS_CALL, contract.buyer_id)
    today = business_day(ctx.now)
    if not contract.valid_from <= today <= contract.valid_to:
        raise WrongState("contract", "not_in_force", "in_force")
    buyer = ctx.session.get(Organisation, contract.buyer_id)
    assert buyer is not None
    lines = {
        line.id: line
        for line in ctx.session.scalars(select(ContractLine).where(ContractLine.contract_id == contract.id))
    }
    _take(ctx, contract, lines, order, together)
    row = CallOff(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "calloff_notice", buyer.area_code),
        contract_id=contract.id,
        buyer_id=contract.buyer_id,
        supplier_id=contract.supplier_id,
        state=CallOffState.NOTIFIED,
        is_fetched=is_fetched,
        basis=order.basis,
        cause_kind=order.cause.kind,
        cause_id=order.cause.id,
        cause_number=order.cause.number,
        incident_id=order.incident_id,
        notice_method=order.notice_method,
        notified_at=ctx.now,
        notified_by_id=ctx.principal.user_id,
        confirm_by=ctx.now + timedelta(minutes=contract.confirm_minutes),
        confirmed_at=None,
        confirmed_by="",
        ended_because="",
        oral=recorded(order.oral, ctx.now),
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    for line in order.lines:
        ctx.session.add(
            CallOffItem(
                id=ctx.new_id(),
                call_off_id=row.id,
                contract_line_id=line.contract_line_id,
                quantity=line.quantity,
                promised=0,
                received=0,
                serves=line.serves or line.quantity,
                delivery_site_id=line.delivery_site_id,
                due_at=line.due_at,
                request_line_id=line.request_line_id,
            )
        )
    ctx.about("call_off", row.id, row.number, contract=contract.number)
    return row.id


def _take(
    ctx: Context, contract: Contract, lines: dict[UUID, ContractLine], order: CallOffInput, together: Mapping[UUID, int]
) -> None:
    wanted: dict[UUID, int] = {}
    for place, line in enumerate(order.lines):
        if line.contract_line_id not in lines:
            raise InvalidInput(fields=(FieldError(f"lines.{place}.contract_line_id", "unknown_reference", {}),))
        wanted[line.contract_line_id] = wanted.get(line.contract_line_id, 0) + line.quantity
    for line_id, quantity in sorted(wanted.items()):
        contract_line = lines[line_id]
        ordered = max(quantity, together.get(line_id, 0))
        if ordered < contract_line.minimum_order:
            raise InvalidInput(
                fields=(
                    FieldError(
                        "lines", "below_minimum_order", {"value": ordered, "minimum": contract_line.minimum_order}
                    ),
                )
            )
        _change_called(ctx, contract, contract_line, quantity)


def _change_called(ctx: Context, contract: Contract, line: ContractLine, change: int) -> None:
    changed = ctx.session.execute(
        update(ContractLine)
        .where(
            ContractLine.id == line.id,
            ContractLine.called + change <= ContractLine.guaranteed_quantity,
            ContractLine.called + change >= 0,
        )
        .values(called=ContractLine.called + change)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    if changed.rowcount == 0:
        ctx.session.refresh(line)
        raise ContractUsedUp(contract=contract.number, line_no=line.line_no, requested=change, remaining=line.remaining)
    ctx.session.refresh(line)
    remember(ctx.session, line)


def items_of(ctx: Context, row: CallOff) -> list[CallOffItem]:
    """The lines of a call-off."""
    return list(
        ctx.session.scalars(select(CallOffItem).where(CallOffItem.call_off_id == row.id).order_by(CallOffItem.id))
    )


def step(row: CallOff, to: CallOffState) -> None:
    """Go on to another state, or WrongState."""
    if to not in CALL_OFF_STEPS[row.state]:
        raise WrongState("call_off", row.state.value, becomes=to.value)
    row.state = to


def undo(ctx: Context, row: CallOff, because: str) -> None:
    """Cancel a call-off of which nothing has come: all that it drew returns to the contract. Raises WrongState, Conflict."""
    was_confirmed = row.state is CallOffState.CONFIRMED
    step(row, CallOffState.CANCELLED)
    row.ended_because = because
    items = items_of(ctx, row)
    if any(item.received for item in items):
        raise Conflict("already_received", number=row.number)
    for item in items:
        give_back(ctx, row, item, item.promised if was_confirmed else item.quantity)


def give_back(ctx: Context, row: CallOff, item: CallOffItem, quantity: int) -> None:
    """Return so much of what was called for to the contract's line."""
    if quantity:
        line = ctx.session.get(ContractLine, item.contract_line_id)
        contract = ctx.session.get(Contract, row.contract_id, execution_options={"unscoped": True})
        assert line is not None
        assert contract is not None
        _change_called(ctx, contract, line, -quantity)
