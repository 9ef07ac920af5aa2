"""Call-offs whose goods our own vehicles fetch at the supplier's: ordered, loaded and settled as the vehicle's order goes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from supplyops.contracts.drawing import draw, give_back, items_of, step, undo
from supplyops.contracts.rules import CallOffInput, CallOffState
from supplyops.contracts.tables import CallOff
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound, WrongState
from supplyops.runtime import Context, command


@command(Permission.INTERNAL)
def order_pickup(ctx: Context, order: CallOffInput, together: Mapping[UUID, int]) -> UUID:
    """A call-off that one vehicle fetches; `together` as for `draw`. Raises as `call_off`."""
    return draw(ctx, order, is_fetched=True, together=together)


@command(Permission.INTERNAL)
def note_loaded(ctx: Context, call_off_id: UUID, loaded: Mapping[UUID, int]) -> None:
    """What was put on the vehicle, by line: received. What was promised and not taken returns to the contract.

    Raises WrongState before the supplier has confirmed.
    """
    row = locked(ctx, call_off_id)
    if row.state is not CallOffState.CONFIRMED:
        raise WrongState("call_off", row.state.value, CallOffState.CONFIRMED.value)
    for item in items_of(ctx, row):
        taken = loaded[item.id]
        assert taken <= item.promised, "nobody loads more than was promised"
        give_back(ctx, row, item, item.promised - taken)
        item.promised = item.received = taken
    step(row, CallOffState.RECEIVED)


@command(Permission.INTERNAL)
def note_taken_back(ctx: Context, call_off_id: UUID, returned: Mapping[UUID, int], because: str) -> None:
    """What the vehicle brought back to the supplier, by line, returns to the contract; an order of which nothing is left is settled."""
    row = locked(ctx, call_off_id)
    items = items_of(ctx, row)
    for item in items:
        back = returned.get(item.id, 0)
        assert back <= item.received, "nothing comes back that was not loaded"
        give_back(ctx, row, item, back)
        item.promised -= back
        item.received -= back
    if row.state is CallOffState.RECEIVED and not any(item.received for item in items):
        step(row, CallOffState.CLOSED)
        row.ended_because = because


@command(Permission.INTERNAL)
def drop(ctx: Context, call_off_id: UUID, because: str) -> None:
    """The vehicle does not come: what was called for returns to the contract. Raises WrongState once it was loaded."""
    undo(ctx, locked(ctx, call_off_id), because)


def locked(ctx: Context, call_off_id: UUID) -> CallOff:
    """The call-off behind an order, whoever may see it."""
    row = ctx.session.get(
        CallOff, call_off_id, with_for_update=True, populate_existing=True, execution_options={"unscoped": True}
    )
    if row is None or not row.is_fetched:
        raise NotFound("call_off")
    return row
