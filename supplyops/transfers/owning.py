"""Whose the goods of a transfer are: child lots for a new owner, what is owed back, what settles what was owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import WrongState
from supplyops.kernel.ids import derived_id
from supplyops.obligations import commands as obligations
from supplyops.obligations.rules import Debt, Owed
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.ledger import NOTHING
from supplyops.stock.lots import kept_since, make_lot
from supplyops.stock.rules import Leg, LotInput, MoveReason, Posting
from supplyops.stock.tables import Lot
from supplyops.transfers.lots import lots_of, reference, still_held
from supplyops.transfers.rules import TransferKind, TransferState
from supplyops.transfers.steps import locked, step
from supplyops.transfers.tables import Transfer, TransferLot

Places = Mapping[UUID, Sequence[tuple[UUID | None, int]]]


def convert(
    ctx: Context,
    row: Transfer,
    lots: Sequence[TransferLot],
    places: Places,
    fulfils: Mapping[UUID, int] = NOTHING,
    arrival_no: int = 1,
) -> None:
    """Where the owner changes: what lies at these places becomes a child lot of the new owner, one for all that come of a lot.

    `arrival_no` tells the arrivals of one transfer apart.
    """
    if row.new_owner_id is None:
        return
    new_owner = ctx.session.get(Organisation, row.new_owner_id)
    assert new_owner is not None
    between = virtual_location_id(LocationKind.CONVERSION)
    legs: list[Leg] = []
    for each in lots:
        here = [(place, amount) for place, amount in places[each.id] if place is not None and amount]
        if not here:
            continue
        child_id = each.new_lot_id or _child_lot(ctx, row, each, new_owner).id
        each.new_lot_id = child_id
        for place, amount in here:
            legs += [Leg(each.lot_id, place, between, amount), Leg(child_id, between, place, amount)]
    if legs:
        ctx.session.flush()  # the posting names the new lots
        posting = Posting(
            derived_id("transfer", row.id, "ownership", str(arrival_no)),
            MoveReason.CONVERSION,
            tuple(legs),
            reference(row),
            ctx.now,
            note=row.reason,
            incident_id=row.incident_id,
        )
        ledger.post(ctx, posting, fulfils)


def _child_lot(ctx: Context, row: Transfer, line: TransferLot, new_owner: Organisation) -> Lot:
    lot, item = ctx.session.get(Lot, line.lot_id), ctx.session.get(Item, line.item_id)
    assert lot is not None
    assert item is not None
    own = {
        name: getattr(lot, name)
        for name in (
            "fund_source",
            "produced_on",
            "expires_on",
            "unit_price_fen",
            "manufacturer",
            "maker_batch",
            "restriction",
            "restricted_area",
            "is_exercise",
        )
    }
    made = LotInput(sku=item.sku, owner_code=new_owner.code, stored_on=kept_since(lot), **own)
    return make_lot(ctx, item, new_owner, made, reference(row), parent_lot_id=lot.id)


def settle(ctx: Context, row: Transfer, lots: Sequence[TransferLot]) -> None:
    """What left the owner's hands is owed back, the short part too; what was given back settles what came."""
    if row.settles_id is not None:
        came: dict[UUID, int] = defaultdict(int)
        for each in lots:
            came[each.item_id] += each.good
        obligations.settle_in_kind(ctx, row.settles_id, came, reference(row))
    if row.is_owed_back and row.new_owner_id is not None:
        debt = Debt(
            row.owner_id,
            row.new_owner_id,
            reference(row),
            owed_for(ctx, lots),
            due_on=row.due_on,
            incident_id=row.incident_id,
            note=row.reason,
        )
        obligations.owe(ctx, debt)


def owed_for(ctx: Context, lots: Sequence[TransferLot]) -> tuple[Owed, ...]:
    """What was taken, item by item, with its price."""
    quantity: dict[UUID, int] = defaultdict(int)
    value: dict[UUID, int] = defaultdict(int)
    for each in lots:
        taken = each.good + each.damaged + each.short
        lot = ctx.session.get(Lot, each.lot_id)
        assert lot is not None
        quantity[each.item_id] += taken
        value[each.item_id] += taken * lot.unit_price_fen
    return tuple(Owed(item, amount, value[item]) for item, amount in quantity.items() if amount)


@command(Permission.TRANSFERS_MOVE)
def change_owner(ctx: Context, number: str) -> None:
    """Carry out a change of owner without a road: the goods stay on their shelves as child lots of the new owner.

    Raises NotFound, Forbidden, WrongState for a transfer with a road or one that is not approved.
    """
    row = locked(ctx, number)
    ctx.require(Permission.TRANSFERS_MOVE, row.from_organisation_id)
    if row.kind is not TransferKind.OWNERSHIP:
        raise WrongState("transfer", row.state.value, becomes=TransferState.RECEIVED.value)
    step(row, TransferState.RECEIVED)
    lots = lots_of(ctx, row)
    amounts = {each.id: each.quantity for each in lots}
    held = still_held(ctx, amounts, lots)
    for each in lots:
        each.loaded, each.good, each.target_id = each.quantity, each.quantity, each.location_id
    convert(ctx, row, lots, {each.id: ((each.location_id, each.quantity),) for each in lots}, held)
    row.arrived_at, row.closed_at = ctx.now, ctx.now
    ctx.about("transfer", row.id, row.number)
