"""Ordering a transfer: drafting, deciding, calling it off."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission, Role
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, Forbidden
from supplyops.obligations.counting import settled_of
from supplyops.obligations.tables import Obligation, ObligationLine
from supplyops.papers.commands import next_slip_number, void
from supplyops.runtime import Context, command, unscoped
from supplyops.transfers import papers
from supplyops.transfers.lots import check_lots, hold_lots, lines_of, lots_of, release_holds
from supplyops.transfers.parties import Parties, find_parties
from supplyops.transfers.rules import ON_THE_ROAD, OWED_BACK, TransferOrderInput, TransferState
from supplyops.transfers.steps import locked, need_reason, step
from supplyops.transfers.tables import Transfer, TransferLine

KEEPERS = (Role.KEEPER, Role.CUSTODIAN)
ON_ITS_WAY = frozenset({TransferState.APPROVED, *ON_THE_ROAD})
NOBODY = UUID(int=0)


@command(Permission.TRANSFERS_EDIT)
def draft(ctx: Context, order: TransferOrderInput) -> UUID:
    """Write a transfer down: by a body that sends, receives or owns the goods. Nothing is held yet."""
    parties = find_parties(ctx, order)
    _require_side(ctx, parties)
    items = References(ctx.session, Item, [line.sku for line in order.lines], column="sku")
    for place, line in enumerate(order.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    if parties.obligation is not None:
        _need_owed(ctx, parties.obligation, order, items)
    check = Checks()
    check.that(order.arrive_by > ctx.now, "arrive_by", "in_the_past")
    check.that(order.due_on is None or order.due_on > business_day(ctx.now), "due_on", "in_the_past")
    check.done()
    row = _row(ctx, order, parties)
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    for line_no, line in enumerate(order.lines, start=1):
        ctx.session.add(
            TransferLine(
                id=ctx.new_id(),
                transfer_id=row.id,
                line_no=line_no,
                item_id=items[line.sku].id,
                quantity=line.quantity,
                lot_number=line.lot_number,
                reason=line.reason,
            )
        )
    ctx.session.flush()  # the lots that the lines name are looked up
    check_lots(ctx, row)
    ctx.about("transfer", row.id, row.number, transfer_kind=row.kind.value)
    return row.id


def _row(ctx: Context, order: TransferOrderInput, parties: Parties) -> Transfer:
    return Transfer(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "transfer_slip", parties.from_site.area_code),
        kind=order.kind,
        state=TransferState.DRAFT,
        owner_id=parties.owner.id,
        new_owner_id=parties.new_owner.id if parties.new_owner else None,
        approver_id=parties.approver.id,
        from_site_id=parties.from_site.id,
        from_organisation_id=parties.from_site.organisation_id,
        to_site_id=parties.to_site.id,
        to_organisation_id=parties.to_site.organisation_id,
        transit_id=None,
        incident_id=order.incident_id,
        reason=order.reason,
        is_owed_back=order.kind in OWED_BACK and not order.is_free,
        due_on=order.due_on if order.kind in OWED_BACK and not order.is_free else None,
        settles_id=parties.obligation.id if parties.obligation else None,
        send_by=order.send_by,
        arrive_by=order.arrive_by,
        created_at=ctx.now,
        created_by_id=ctx.user_id(),
        created_by_name=ctx.principal.name,
        decided_at=None,
        approved_by_id=None,
        decided_by_name="",
        carrier="",
        carrier_id=None,
        vehicle="",
        driver="",
        driver_phone="",
        escort="",
        seal_number="",
        sent_at=None,
        expected_at=None,
        arrived_at=None,
        closed_at=None,
        receiver="",
        is_seal_intact=None,
        ended_because="",
    )


def _require_side(ctx: Context, parties: Parties) -> None:
    sides = (parties.from_site.organisation_id, parties.to_site.organisation_id, parties.owner.id)
    if not any(ctx.may(Permission.TRANSFERS_EDIT, side) for side in sides):
        ctx.require(Permission.TRANSFERS_EDIT, parties.owner.id)


def _need_owed(ctx: Context, obligation: Obligation, order: TransferOrderInput, items: References[Item]) -> None:
    """Goods given back are of the kinds that are owed, and no more than is open and not on its way back already."""
    owed = _open_of(ctx, obligation.id)
    coming, number = _coming_back(ctx, obligation.id, {TransferState.DRAFT, *ON_ITS_WAY})
    left = {item_id: quantity - coming.get(item_id, 0) for item_id, quantity in owed.items()}
    check = Checks()
    for place, line in enumerate(order.lines):
        item_id, field = items[line.sku].id, f"lines.{place}.quantity"
        maximum = max(left.get(item_id, 0), 0)
        told: dict[str, object] = {"value": line.quantity, "maximum": maximum}
        if item_id in coming:
            told |= {"owed": owed.get(item_id, 0), "coming": coming[item_id], "number": number}
        code = "more_than_owed_besides" if item_id in coming else "more_than_owed"
        check.that(line.quantity <= maximum, field, code, **told)
        left[item_id] = maximum - line.quantity
    check.done()


def _open_of(ctx: Context, obligation_id: UUID) -> dict[UUID, int]:
    """Item -> how much of it is still owed."""
    lines = ctx.session.scalars(select(ObligationLine).where(ObligationLine.obligation_id == obligation_id)).all()
    settled = settled_of(ctx, [line.id for line in lines])
    return {line.item_id: line.quantity - settled.get(line.id, 0) for line in lines}


def _coming_back(
    ctx: Context, obligation_id: UUID, states: Collection[TransferState], besides: UUID = NOBODY
) -> tuple[dict[UUID, int], str]:
    """Item -> how much of it other transfers that are not at their end give back, and the number of one of them."""
    statement = (
        select(TransferLine.item_id, func.sum(TransferLine.quantity), func.min(Transfer.number))
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .where(Transfer.settles_id == obligation_id, Transfer.state.in_(states), Transfer.id != besides)
        .group_by(TransferLine.item_id)
    )
    rows = ctx.session.execute(unscoped(statement, "whoever gives back, it is no longer owed")).all()
    return {item_id: int(amount) for item_id, amount, _ in rows}, min((number for *_, number in rows), default="")


def _need_still_owed(ctx: Context, row: Transfer) -> None:
    """What is given back is owed when it is approved too: it may have been paid for, or given back by another, since."""
    if row.settles_id is None:
        return
    locked_debt = select(Obligation.id).where(Obligation.id == row.settles_id).with_for_update()
    ctx.session.execute(unscoped(locked_debt, "the transfer names it"))
    coming, _ = _coming_back(ctx, row.settles_id, ON_ITS_WAY, row.id)
    owed = _open_of(ctx, row.settles_id)
    for line in lines_of(ctx, row):
        left = owed.get(line.item_id, 0) - coming.get(line.item_id, 0)
        if line.quantity > left:
            raise Conflict("owed_less_by_now", number=row.number, quantity=line.quantity, left=max(left, 0))


@command(Permission.TRANSFERS_APPROVE)
def approve(ctx: Context, number: str) -> None:
    """Approve a transfer: its lots are chosen, first to expire first, and held; the slip is written.

    Raises Forbidden `own_document`, `not_owner`, `keeper_never_approves`; Conflict `not_enough_usable`,
    `owed_less_by_now`.
    """
    row = _to_decide(ctx, number)
    _need_still_owed(ctx, row)
    step(row, TransferState.APPROVED)
    row.decided_at, row.approved_by_id, row.decided_by_name = ctx.now, ctx.user_id(), ctx.principal.name
    hold_lots(ctx, row)
    papers.issue_slip(ctx, row)
    ctx.about("transfer", row.id, row.number)


@command(Permission.TRANSFERS_APPROVE)
def refuse(ctx: Context, number: str, because: str) -> None:
    """Refuse a transfer, with a reason."""
    row = _to_decide(ctx, number)
    need_reason(because)
    step(row, TransferState.REFUSED)
    row.decided_at, row.decided_by_name = ctx.now, ctx.principal.name
    row.ended_because, row.closed_at = because, ctx.now
    ctx.about("transfer", row.id, row.number)


def _to_decide(ctx: Context, number: str) -> Transfer:
    row = locked(ctx, number)
    if not ctx.principal.decides_for(Permission.TRANSFERS_APPROVE, row.approver_id):
        raise Forbidden("not_approver_of_transfer")
    if row.created_by_id == ctx.principal.user_id:
        raise Forbidden("own_document")
    if ctx.principal.holds_role(*KEEPERS):
        raise Forbidden("keeper_never_approves")
    return row


@command(Permission.TRANSFERS_EDIT)
def cancel(ctx: Context, number: str, because: str) -> None:
    """Call a transfer off before it is loaded: what was held is free again, the slip is void."""
    row = locked(ctx, number)
    sides = (row.owner_id, row.from_organisation_id, row.to_organisation_id, row.approver_id)
    if not any(ctx.may(Permission.TRANSFERS_EDIT, side) for side in sides):
        ctx.require(Permission.TRANSFERS_EDIT, row.owner_id)
    need_reason(because)
    step(row, TransferState.CANCELLED)
    release_holds(ctx, lots_of(ctx, row))
    row.ended_because, row.closed_at = because, ctx.now
    void(ctx, row.id, because)
    ctx.about("transfer", row.id, row.number)
