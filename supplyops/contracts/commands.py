"""Keeping contracts and drawing on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts.drawing import draw, give_back, items_of, step, undo
from supplyops.contracts.rules import (
    CallOffInput,
    CallOffState,
    ContractInput,
    ContractLineInput,
)
from supplyops.contracts.tables import CallOff, CallOffItem, Contract, ContractLine
from supplyops.database.registry import References, Saved, refuse_repeats, save_rows
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound, WrongState
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, command


@command(Permission.CONTRACTS_EDIT)
def save_contracts(ctx: Context, inputs: Sequence[ContractInput]) -> Saved:
    """Add or change contracts by number."""
    refuse_repeats([(item.number,) for item in inputs], "number")
    bodies = References(
        ctx.session, Organisation, [code for item in inputs for code in (item.supplier_code, item.buyer_code)]
    )
    sites = References(ctx.session, Site, [item.supply_site_code for item in inputs])
    for place, item in enumerate(inputs):
        bodies.find(place, "supplier_code", item.supplier_code)
        bodies.find(place, "buyer_code", item.buyer_code)
        if item.supply_site_code:
            sites.find(place, "supply_site_code", item.supply_site_code)
    bodies.done(sites)
    rows = []
    for item in inputs:
        row = asdict(item)
        row["supplier_id"], row["buyer_id"] = bodies[row.pop("supplier_code")].id, bodies[row.pop("buyer_code")].id
        site_code = row.pop("supply_site_code")
        row["supply_site_id"] = sites[site_code].id if site_code else None
        ctx.require(Permission.CONTRACTS_EDIT, row["buyer_id"])
        rows.append(row)
    return save_rows(ctx.session, Contract, rows, by=("number",), new_id=ctx.new_id)


@command(Permission.CONTRACTS_EDIT)
def save_contract_lines(ctx: Context, inputs: Sequence[ContractLineInput]) -> Saved:
    """Add or change what contracts guarantee. A line cannot fall below what has been called off."""
    refuse_repeats([(item.contract_number, item.line_no) for item in inputs], "line_no")
    heads = References(ctx.session, Contract, [item.contract_number for item in inputs], column="number")
    items = References(ctx.session, Item, [item.sku for item in inputs], column="sku")
    for place, item in enumerate(inputs):
        heads.find(place, "contract_number", item.contract_number)
        if item.sku:
            items.find(place, "sku", item.sku)
    heads.done(items)
    for head in {heads[item.contract_number].buyer_id for item in inputs}:
        ctx.require(Permission.CONTRACTS_EDIT, head)
    rows = [
        {
            "contract_id": heads[item.contract_number].id,
            "line_no": item.line_no,
            "item_id": items[item.sku].id if item.sku else None,
            "vehicle_type_code": item.vehicle_type,
            "spec": item.spec,
            "guaranteed_quantity": item.guaranteed_quantity,
            "minimum_order": item.minimum_order,
            "unit_price_fen": item.unit_price_fen,
            "price_cap_fen": item.price_cap_fen,
            "ramp": to_json(list(item.ramp)),
        }
        for item in inputs
    ]
    _refuse_below_called(ctx, rows)
    return save_rows(
        ctx.session, ContractLine, rows, by=("contract_id", "line_no"), new_id=ctx.new_id, defaults={"called": 0}
    )


def _refuse_below_called(ctx: Context, rows: Sequence[dict[str, Any]]) -> None:
    ids = {row["contract_id"] for row in rows}
    called = {
        (line.contract_id, line.line_no): line.called
        for line in ctx.session.scalars(select(ContractLine).where(ContractLine.contract_id.in_(ids)))
    }
    errors = []
    for place, row in enumerate(rows):
        taken = called.get((row["contract_id"], row["line_no"]), 0)
        if row["guaranteed_quantity"] < taken:
            errors.append(
                FieldError(
                    f"{place}.guaranteed_quantity",
                    "below_called",
                    {"value": row["guaranteed_quantity"], "minimum": taken},
                )
            )
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.CONTRACTS_CALL)
def call_off(ctx: Context, order: CallOffInput) -> UUID:
    """Draw on a contract: lowers what remains of each line, all or nothing.

    Raises WrongState for a contract that is not in force, ContractUsedUp, InvalidInput below the minimum order.
    """
    return draw(ctx, order)


@command(Permission.CONTRACTS_CONFIRM)
def confirm_call_off(ctx: Context, call_off_id: UUID, promised: dict[UUID, int], by: str) -> CallOffState:
    """The supplier's answer: how much of each line is promised. Nothing promised is a refusal; what is not promised returns."""
    row = _call_off(ctx, call_off_id)
    _require_answerer(ctx, row)
    items = items_of(ctx, row)
    check = Checks()
    check.text("by", by, length_max=80)
    check.that(set(promised) <= {item.id for item in items}, "promised", "unknown_reference")
    for item in items:
        check.whole(f"promised.{item.id}", promised.get(item.id, 0), maximum=item.quantity)
    check.done()
    total = sum(promised.values())
    step(row, CallOffState.CONFIRMED if total else CallOffState.REFUSED)
    row.confirmed_at, row.confirmed_by = ctx.now, by
    for item in items:
        item.promised = promised.get(item.id, 0)
        give_back(ctx, row, item, item.quantity - item.promised)
    ctx.about("call_off", row.id, row.number, promised=total)
    return row.state


@command(Permission.CONTRACTS_CALL)
def cancel_call_off(ctx: Context, call_off_id: UUID, because: str) -> None:
    """Take an order back before anything was shipped; what it drew returns to the contract."""
    row = _call_off(ctx, call_off_id)
    ctx.require(Permission.CONTRACTS_CALL, row.buyer_id)
    check = Checks()
    check.text("because", because)
    check.done()
    undo(ctx, row, because)
    ctx.about("call_off", row.id, row.number)


@command(Permission.CONTRACTS_CONFIRM)
def ship_call_off(ctx: Context, call_off_id: UUID) -> None:
    """The supplier says that the goods are on their way."""
    row = _call_off(ctx, call_off_id)
    _require_answerer(ctx, row)
    _refuse_fetched(row, CallOffState.SHIPPED)
    step(row, CallOffState.SHIPPED)
    ctx.about("call_off", row.id, row.number)


@command(Permission.CONTRACTS_CALL)
def close_call_off(ctx: Context, call_off_id: UUID, because: str = "") -> None:
    """Settle a call-off. What was promised and never came returns to the contract, and needs a reason."""
    row = _call_off(ctx, call_off_id)
    ctx.require(Permission.CONTRACTS_CALL, row.buyer_id)
    if row.state is CallOffState.CONFIRMED:  # nothing of it is loaded yet: it is cancelled with its vehicle's order
        _refuse_fetched(row, CallOffState.CLOSED)
    items = items_of(ctx, row)
    check = Checks()
    check.text("because", because, required=any(item.received < item.promised for item in items))
    check.done()
    step(row, CallOffState.CLOSED)
    row.ended_because = because
    for item in items:
        give_back(ctx, row, item, item.promised - item.received)
        item.promised = item.received
    ctx.about("call_off", row.id, row.number)


@command(Permission.INTERNAL)
def note_received(ctx: Context, call_off_item_id: UUID, quantity: int) -> None:
    """Goods of a call-off arrived, never more than promised; the last arrival makes it received.

    Raises WrongState unless the supplier has confirmed, InvalidInput for more than is still to come.
    """
    item = ctx.session.get(CallOffItem, call_off_item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound("call_off_item")
    row = ctx.session.get(CallOff, item.call_off_id, execution_options={"unscoped": True})
    assert row is not None
    if row.state not in {CallOffState.CONFIRMED, CallOffState.SHIPPED}:
        raise WrongState("call_off", row.state.value, CallOffState.CONFIRMED.value)
    check = Checks()
    check.whole("quantity", quantity, maximum=item.promised - item.received)
    check.done()
    item.received += quantity
    ctx.session.flush()  # the sum below counts this arrival
    if all(line.received >= line.promised for line in items_of(ctx, row)):
        row.state = CallOffState.RECEIVED


def _refuse_fetched(row: CallOff, to: CallOffState) -> None:
    """What a vehicle of ours fetches is not brought: it is received when it is loaded."""
    if row.is_fetched:
        raise WrongState("call_off", row.state.value, becomes=to.value)


def _require_answerer(ctx: Context, row: CallOff) -> None:
    """The supplier answers; the buyer's office may write down what was said on the telephone."""
    if not ctx.may(Permission.CONTRACTS_CONFIRM, row.buyer_id):
        ctx.require(Permission.CONTRACTS_CONFIRM, row.supplier_id)


def _call_off(ctx: Context, call_off_id: UUID) -> CallOff:
    return ctx.get(CallOff, call_off_id, lock=True)
