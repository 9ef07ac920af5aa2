"""Goods that our own vehicles fetch at a supplier's (自提): a call-off and the vehicle's order go together, from approval to the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts import fetching as contracts
from supplyops.contracts.drawing import items_of
from supplyops.contracts.rules import CallOffInput, CallOffLine, CallOffState
from supplyops.contracts.tables import CallOff, CallOffItem, ContractLine
from supplyops.dispatch import call_off_papers, order_papers
from supplyops.dispatch.closing import close_if_done, lines_of
from supplyops.dispatch.holding import served
from supplyops.dispatch.orders import Fetched, coming, delay_of, departure, trip_of, write_consignment
from supplyops.dispatch.rules import ConsignmentState, FetchedGoods, LoadInput
from supplyops.dispatch.tables import Consignment, ConsignmentLine, ReleaseInstruction
from supplyops.incidents.tables import Incident
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, InvalidInput, WrongState
from supplyops.kernel.oral import OralOrder
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import void
from supplyops.people.tables import Organisation
from supplyops.planning.tables import Plan, PlanLine
from supplyops.requests.commands import record_fulfilment
from supplyops.runtime import Context, unscoped
from supplyops.stock.documents import ReceiptKind
from supplyops.stock.lots import make_lot
from supplyops.stock.rules import LotInput
from supplyops.wording.labels import label

BECAUSE = "a call-off and the order of the vehicle that fetches it are one thing"
Key = tuple[int, UUID, UUID, UUID]
"""Trip, supplier's site, consignee, contract."""


def order(
    ctx: Context,
    plan: Plan,
    incident: Incident,
    owner: Organisation,
    instruction: ReleaseInstruction,
    oral: OralOrder | None,
    lines: Sequence[PlanLine],
) -> None:
    """For each trip, consignee and contract one call-off with its notice (F8), and the consignment that fetches it.

    Raises what `draw` does: a contract that is not in force or used up, less than a minimum order.
    """
    ids = {line.contract_line_id for line in lines}
    contract_lines = {row.id: row for row in ctx.session.scalars(select(ContractLine).where(ContractLine.id.in_(ids)))}
    grouped: dict[Key, list[PlanLine]] = defaultdict(list)
    together: Counter[UUID] = Counter()
    for line in lines:
        assert line.trip_no is not None
        assert line.contract_line_id is not None
        contract_id = contract_lines[line.contract_line_id].contract_id
        grouped[line.trip_no, line.origin_site_id, line.delivery_site_id, contract_id].append(line)
        together[line.contract_line_id] += line.quantity
    for key, part in sorted(grouped.items(), key=lambda entry: (entry[0][0], *map(str, entry[0][1:]))):
        wanted = _order(ctx, plan, incident, instruction, oral, key, part)
        call_off_id = contracts.order_pickup(ctx, wanted, together)
        items = _matched(ctx, call_off_id, part)
        write_consignment(ctx, plan, incident, instruction, part, Fetched(call_off_id, items))
        call_off_papers.issue_call_off(ctx, call_off_id, incident, owner)


def _order(
    ctx: Context,
    plan: Plan,
    incident: Incident,
    instruction: ReleaseInstruction,
    oral: OralOrder | None,
    key: Key,
    part: Sequence[PlanLine],
) -> CallOffInput:
    """Due is when the vehicle comes; whose need the goods serve is told by the consignment."""
    trip_no, origin_id, _, contract_id = key
    stops = trip_of(ctx, plan, trip_no).stops
    comes_at = coming(stops, origin_id) + delay_of(ctx, departure(stops, origin_id), instruction.approved_at)
    return CallOffInput(
        contract_id=contract_id,
        basis=f"{incident.name} {instruction.document_number}",
        lines=tuple(
            CallOffLine(_contract_line(line), line.quantity, line.delivery_site_id, comes_at, serves=line.serves)
            for line in part
        ),
        cause=DocumentRef("release_instruction", instruction.id, instruction.document_number),
        incident_id=incident.id,
        oral=oral,
    )


def _contract_line(line: PlanLine) -> UUID:
    assert line.contract_line_id is not None
    return line.contract_line_id


def _matched(ctx: Context, call_off_id: UUID, part: Sequence[PlanLine]) -> Mapping[UUID, UUID]:
    """Plan line -> line of the call-off; two that say the same may stand for each other."""
    ctx.session.flush()  # the lines were made just now
    there: dict[tuple[UUID, int, int], list[UUID]] = defaultdict(list)
    call_off = ctx.session.get_one(CallOff, call_off_id, execution_options={"unscoped": True})
    for item in items_of(ctx, call_off):
        there[item.contract_line_id, item.quantity, item.serves].append(item.id)
    return {line.id: there[_contract_line(line), line.quantity, line.serves].pop() for line in part}


def order_of(ctx: Context, call_off_id: UUID) -> Consignment | None:
    """The order of the vehicle that fetches a call-off, locked; None for what a supplier brings."""
    found = select(Consignment).where(Consignment.call_off_id == call_off_id).with_for_update()
    return ctx.session.scalars(unscoped(found.execution_options(populate_existing=True), BECAUSE)).one_or_none()


def note_answer(ctx: Context, row: Consignment, call_off_id: UUID) -> None:
    """The supplier has answered: its word is the acceptance of the order, with less where less was promised."""
    call_off = ctx.session.get_one(CallOff, call_off_id, execution_options={"unscoped": True})
    if call_off.state is CallOffState.REFUSED:
        end(ctx, row, f"供方拒绝({call_off.confirmed_by})")
        return
    promised = {item.id: item.promised for item in items_of(ctx, call_off)}
    less = []
    for line in lines_of(ctx, row):
        assert line.call_off_item_id is not None
        before = served(line, line.due)
        line.shortened = line.quantity - promised[line.call_off_item_id]
        record_fulfilment(ctx, line.request_line_id, approved=served(line, line.due) - before)
        if line.shortened:
            less.append(f"第{line.line_no}行 {line.due}")
    row.state = ConsignmentState.ACCEPTED
    row.accepted_at, row.accepted_by_name = ctx.now, call_off.confirmed_by
    if less:
        ctx.session.flush()  # the slip is written from the rows
        order_papers.issue_slip(ctx, row, note="供方承诺:" + "、".join(less))


def end(ctx: Context, row: Consignment, because: str) -> None:
    """The call-off is off, so the vehicle does not fetch it: the need is open again, the slip is void."""
    for line in lines_of(ctx, row):
        record_fulfilment(ctx, line.request_line_id, approved=-served(line, line.due))
    row.state, row.ended_because = ConsignmentState.CANCELLED, because
    void(ctx, row.id, because)
    close_if_done(ctx, row)


def drop(ctx: Context, row: Consignment, because: str) -> None:
    """The order of the vehicle is off, and the call-off with it; its notice is void."""
    assert row.call_off_id is not None
    contracts.drop(ctx, row.call_off_id, because)
    void(ctx, row.call_off_id, because)


def require_confirmed(ctx: Context, row: Consignment) -> None:
    """Nothing is loaded before the supplier has said how much there is."""
    if row.call_off_id is not None and row.state is ConsignmentState.ORDERED:
        state = contracts.locked(ctx, row.call_off_id).state
        raise WrongState("call_off", state.value, CallOffState.CONFIRMED.value)


def take_over(
    ctx: Context, row: Consignment, loading: LoadInput, lines: Sequence[ConsignmentLine], amounts: Mapping[UUID, int]
) -> None:
    """What is loaded becomes lots of the buyer's, at the contract's price; the rest of what was promised goes back to the contract.

    Raises InvalidInput for goods past their date, or made on a day to come.
    """
    assert row.call_off_id is not None
    prices = _prices(ctx, row.call_off_id)
    owner = ctx.session.get_one(Organisation, row.owner_id)
    is_exercise = ctx.session.get_one(Incident, row.incident_id, execution_options={"unscoped": True}).is_exercise
    places = {each.line_id: place for place, each in enumerate(loading.goods)}
    for line in lines:
        if not amounts[line.id]:
            continue
        place = places.get(line.id)
        told = FetchedGoods(line.id) if place is None else loading.goods[place]
        if told.produced_on is not None and told.produced_on > business_day(ctx.now):
            made = {"made": str(told.produced_on), "came": "装车日期"}
            raise InvalidInput(fields=(FieldError(f"goods.{place}.produced_on", "made_later", made),))
        item = ctx.session.get_one(Item, line.item_id)
        lot = make_lot(
            ctx,
            item,
            owner,
            LotInput(
                sku=item.sku,
                owner_code=owner.code,
                fund_source=loading.fund_source or label(ReceiptKind.PURCHASE),
                lot_number=told.lot_number,
                produced_on=told.produced_on,
                expires_on=told.expires_on,
                unit_price_fen=prices[line.call_off_item_id],
                manufacturer=told.manufacturer,
                maker_batch=told.maker_batch,
                is_exercise=is_exercise,
            ),
            DocumentRef("consignment", row.id, row.number),
        )
        if lot.expires_on is not None and lot.expires_on < business_day(ctx.now):
            field = f"goods.{place or 0}.expires_on"
            raise InvalidInput(fields=(FieldError(field, "already_expired", {"expires": str(lot.expires_on)}),))
        ctx.session.flush()  # the line refers to the lot
        line.lot_id = lot.id
    loaded = {line.call_off_item_id: amounts[line.id] for line in lines if line.call_off_item_id is not None}
    contracts.note_loaded(ctx, row.call_off_id, loaded)


def give_back(
    ctx: Context, row: Consignment, lines: Sequence[ConsignmentLine], amounts: Mapping[UUID, int], because: str
) -> None:
    """Goods go back to the supplier: they are drawn on the contract no longer."""
    assert row.call_off_id is not None
    returned = {line.call_off_item_id: amounts[line.id] for line in lines if line.call_off_item_id is not None}
    contracts.note_taken_back(ctx, row.call_off_id, returned, because)


def _prices(ctx: Context, call_off_id: UUID) -> dict[UUID | None, int]:
    rows = (
        select(CallOffItem.id, ContractLine.unit_price_fen)
        .join(ContractLine, ContractLine.id == CallOffItem.contract_line_id)
        .where(CallOffItem.call_off_id == call_off_id)
    )
    return dict(ctx.session.execute(rows).all())
