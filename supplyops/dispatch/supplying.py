"""Call-offs and what they mean for the needs they serve: every answer of a supplier is told to the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts import commands as contracts
from supplyops.contracts.rules import CallOffInput, CallOffState, served
from supplyops.contracts.tables import CallOff, CallOffItem, ContractLine
from supplyops.dispatch import call_off_papers, fetching
from supplyops.dispatch.closing import close_instruction_if_done
from supplyops.dispatch.rules import ArrivalInput, ArrivalLine
from supplyops.incidents.commands import lock_open
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.papers.commands import void
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.requests.commands import record_fulfilment
from supplyops.runtime import Context, command, unscoped
from supplyops.stock import commands as stock
from supplyops.stock.documents import ReceiptInput, ReceiptKind, ReceiptLineInput
from supplyops.stock.tables import StockDocument

P = ParamSpec("P")
R = TypeVar("R")

_PROMISED = (CallOffState.CONFIRMED, CallOffState.SHIPPED, CallOffState.RECEIVED, CallOffState.CLOSED)


@command(Permission.CONTRACTS_CALL)
def call_off(ctx: Context, order: CallOffInput) -> UUID:
    """Draw on a contract by hand, for an incident, with its notice (F8). See contracts.commands.call_off for refusals."""
    if order.incident_id is None:
        raise InvalidInput(fields=(FieldError("incident_id", "required"),))
    incident = lock_open(ctx, order.incident_id)
    call_off_id = contracts.call_off(ctx, order)
    for line in order.lines:
        if line.request_line_id is not None:
            record_fulfilment(ctx, line.request_line_id, approved=line.serves or line.quantity)
    row = ctx.session.get_one(CallOff, call_off_id)
    buyer = ctx.session.get_one(Organisation, row.buyer_id)
    call_off_papers.issue_call_off(ctx, call_off_id, incident, buyer)
    return call_off_id


@command(Permission.CONTRACTS_CONFIRM)
def confirm_call_off(ctx: Context, call_off_id: UUID, promised: dict[UUID, int], by: str) -> CallOffState:
    """The supplier's answer: what is not promised returns to the contract and is needed again."""
    fetching_order = fetching.order_of(ctx, call_off_id)
    state = _telling_requests(ctx, call_off_id, lambda: contracts.confirm_call_off(ctx, call_off_id, promised, by))
    if fetching_order is not None:
        fetching.note_answer(ctx, fetching_order, call_off_id)
    if state is CallOffState.REFUSED:
        void(ctx, call_off_id, f"供方拒绝({by})")
    return state


@command(Permission.CONTRACTS_CONFIRM)
def ship_call_off(ctx: Context, call_off_id: UUID) -> None:
    """The supplier says that the goods are on their way."""
    contracts.ship_call_off(ctx, call_off_id)


@command(Permission.CONTRACTS_CALL)
def cancel_call_off(ctx: Context, call_off_id: UUID, because: str) -> None:
    """Take an order back before anything came: the contract and the need are as before, the notice is void."""
    fetching_order = fetching.order_of(ctx, call_off_id)
    _telling_requests(ctx, call_off_id, lambda: contracts.cancel_call_off(ctx, call_off_id, because))
    if fetching_order is not None:
        fetching.end(ctx, fetching_order, because)
    void(ctx, call_off_id, because)


@command(Permission.CONTRACTS_CALL)
def close_call_off(ctx: Context, call_off_id: UUID, because: str = "") -> None:
    """Settle an order; what was promised and never came is needed again."""
    _telling_requests(ctx, call_off_id, lambda: contracts.close_call_off(ctx, call_off_id, because))


@command(Permission.STOCK_RECEIVE)
def receive_call_off(ctx: Context, arrival: ArrivalInput) -> UUID:
    """Take in what a supplier brought, by whoever keeps the place of delivery, as a receipt (F3) of the buyer's goods.

    Raises NotFound for a call-off that delivers nothing to the place, WrongState before the supplier has confirmed,
    InvalidInput for more than is still to come. Returns the receipt's id.
    """
    row, site = _expected(ctx, arrival)
    incident = ctx.session.get(Incident, row.incident_id, execution_options={"unscoped": True})
    buyer, supplier = (
        ctx.session.get_one(Organisation, row.buyer_id),
        ctx.session.get_one(Organisation, row.supplier_id),
    )
    goods = _goods(ctx, row, site, arrival)
    receipt = ReceiptInput(
        kind=ReceiptKind.PURCHASE,
        site_code=site.code,
        owner_code=buyer.code,
        source=supplier.name,
        fund_source=arrival.fund_source,
        arrived_at=arrival.arrived_at,
        lines=tuple(_receipt_line(line, *goods[line.item_id]) for line in arrival.lines),
        source_document=row.number,
        vehicle=arrival.vehicle,
        is_appearance_good=arrival.is_appearance_good,
        matches_list=arrival.matches_list,
        conclusion=arrival.conclusion,
        shortage_handling=arrival.shortage_handling,
        delivered_by=arrival.delivered_by,
        inspected_by=arrival.inspected_by,
        incident_id=row.incident_id,
        is_exercise=incident.is_exercise if incident else False,
    )
    document_id = stock.receive(ctx, receipt)
    document = ctx.session.get_one(StockDocument, document_id)
    document.details = {**document.details, "call_off": row.number}
    _telling_requests(ctx, row.id, lambda: _note_arrival(ctx, arrival))
    return document_id


def _note_arrival(ctx: Context, arrival: ArrivalInput) -> None:
    for place, line in enumerate(arrival.lines):
        if line.accepted:
            try:
                contracts.note_received(ctx, line.item_id, line.accepted)
            except InvalidInput as refusal:
                found = tuple(
                    FieldError(f"lines.{place}.accepted", error.code, error.params) for error in refusal.fields
                )
                raise InvalidInput(fields=found) from None


def _expected(ctx: Context, arrival: ArrivalInput) -> tuple[CallOff, Site]:
    """The call-off and the place, which must be in the actor's reach; a supplier's order is not, to a village store."""
    site = ctx.session.scalars(select(Site).where(Site.code == arrival.site_code)).one_or_none()
    locked = select(CallOff).where(CallOff.id == arrival.call_off_id).with_for_update()
    row = ctx.session.scalars(
        unscoped(locked.execution_options(populate_existing=True), "the place of delivery sees what comes to it")
    ).one_or_none()
    if site is None or row is None or row.is_fetched:  # what is fetched comes as a consignment
        raise NotFound("call_off")
    coming = select(CallOffItem.id).where(CallOffItem.call_off_id == row.id, CallOffItem.delivery_site_id == site.id)
    if ctx.session.scalar(coming.limit(1)) is None:
        raise NotFound("call_off")
    return row, site


def _goods(ctx: Context, row: CallOff, site: Site, arrival: ArrivalInput) -> dict[UUID, tuple[Item, ContractLine]]:
    rows = ctx.session.execute(
        select(CallOffItem.id, Item, ContractLine)
        .join(ContractLine, ContractLine.id == CallOffItem.contract_line_id)
        .join(Item, Item.id == ContractLine.item_id)
        .where(CallOffItem.call_off_id == row.id, CallOffItem.delivery_site_id == site.id)
    )
    goods = {found[0]: (found[1], found[2]) for found in rows}
    unknown = [
        FieldError(f"lines.{place}.item_id", "unknown_reference", {"value": str(line.item_id)})
        for place, line in enumerate(arrival.lines)
        if line.item_id not in goods
    ]
    if unknown:
        raise InvalidInput(fields=tuple(unknown))
    return goods


def _receipt_line(line: ArrivalLine, item: Item, contract_line: ContractLine) -> ReceiptLineInput:
    return ReceiptLineInput(
        sku=item.sku,
        expected=line.accepted + line.rejected,
        accepted=line.accepted,
        rejected=line.rejected,
        lot_number=line.lot_number,
        produced_on=line.produced_on,
        expires_on=line.expires_on,
        unit_price_fen=contract_line.unit_price_fen,
        manufacturer=line.manufacturer,
        maker_batch=line.maker_batch,
        certificate=line.certificate,
        location_code=line.location_code,
        placing_reason=line.placing_reason,
        serial_numbers=line.serial_numbers,
    )


def _telling_requests(ctx: Context, call_off_id: UUID, change: Callable[[], R]) -> R:
    """Do something to a call-off and tell the requests it serves what became of them; end its instruction if all is done."""
    before = _fulfilment(ctx, call_off_id)
    answer = change()
    ctx.session.flush()  # what the call-off says now is compared with what it said before
    for line_id, (approved, delivered) in _fulfilment(ctx, call_off_id).items():
        was_approved, was_delivered = before[line_id]
        record_fulfilment(ctx, line_id, approved=approved - was_approved, delivered=delivered - was_delivered)
    row = ctx.session.get_one(CallOff, call_off_id, execution_options={"unscoped": True})
    if row.cause_kind == "release_instruction":
        close_instruction_if_done(ctx, row.cause_id, row.ended_because or row.confirmed_by)
    return answer


def _fulfilment(ctx: Context, call_off_id: UUID) -> dict[UUID, tuple[int, int]]:
    """Request line -> (approved, delivered) that the call-off stands for now."""
    row = ctx.session.get(CallOff, call_off_id, execution_options={"unscoped": True})
    if row is None:
        return {}
    found: dict[UUID, tuple[int, int]] = {}
    for item in ctx.session.scalars(select(CallOffItem).where(CallOffItem.call_off_id == call_off_id)):
        if item.request_line_id is None:
            continue
        ordered = (
            item.quantity if row.state is CallOffState.NOTIFIED else item.promised if row.state in _PROMISED else 0
        )
        approved, delivered = found.get(item.request_line_id, (0, 0))
        found[item.request_line_id] = (
            approved + served(item.quantity, item.serves, ordered),
            delivered + served(item.quantity, item.serves, item.received),
        )
    return found
