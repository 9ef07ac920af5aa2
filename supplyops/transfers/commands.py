"""Ordering a transfer: drafting, deciding, calling it off."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission, Role
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, Forbidden, InvalidInput
from supplyops.obligations.counting import settled_of
from supplyops.obligations.tables import Obligation, ObligationLine
from supplyops.papers.commands import next_slip_number, void
from supplyops.runtime import Context, command
from supplyops.transfers import papers
from supplyops.transfers.lots import hold_lots, lots_of, release_holds
from supplyops.transfers.parties import Parties, find_parties
from supplyops.transfers.rules import OWED_BACK, TransferOrderInput, TransferState
from supplyops.transfers.steps import locked, need_reason, step
from supplyops.transfers.tables import Transfer, TransferLine

KEEPERS = (Role.KEEPER, Role.CUSTODIAN)


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
    """Goods given back are of the kinds that are owed, and no more than is open."""
    lines = ctx.session.scalars(select(ObligationLine).where(ObligationLine.obligation_id == obligation.id)).all()
    settled = settled_of(ctx, [line.id for line in lines])
    left = {line.item_id: line.quantity - settled.get(line.id, 0) for line in lines}
    errors = []
    for place, line in enumerate(order.lines):
        item_id = items[line.sku].id
        if line.quantity > left.get(item_id, 0):
            errors.append(
                FieldError(
                    f"lines.{place}.quantity",
                    "more_than_owed",
                    {"value": line.quantity, "maximum": left.get(item_id, 0)},
                )
            )
        left[item_id] = left.get(item_id, 0) - line.quantity
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.TRANSFERS_APPROVE)
def approve(ctx: Context, number: str) -> None:
    """Approve a transfer: its lots are chosen, first to expire first, and held; the slip is written.

    Raises Forbidden `own_document`, `not_owner`, `keeper_never_approves`; Conflict `not_enough_usable`.
    """
    row = _to_decide(ctx, number)
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
