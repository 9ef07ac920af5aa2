"""Proposing a rotation, deciding on it, carrying it out."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.papers.commands import next_in_series
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.rotations.carrying import POSTINGS
from supplyops.rotations.rules import NEXT, POSTED_HERE, RotationInput, RotationState
from supplyops.rotations.tables import Rotation
from supplyops.runtime import Context, command
from supplyops.stock.tables import Lot, StockBalance


@command(Permission.ROTATIONS_PROPOSE)
def propose(ctx: Context, wish: RotationInput) -> UUID:
    """Propose what becomes of so much of a lot at a place, by who keeps it or who owns it. Returns the rotation's id.

    Raises NotFound for goods out of reach, InvalidInput for more than is free there.
    """
    found = ctx.session.execute(
        select(StockBalance, Lot, Site)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Site, Site.id == StockBalance.site_id)
        .where(
            Lot.number == wish.lot_number, Location.code == wish.location_code, Location.kind == LocationKind.STORAGE
        )
    ).one_or_none()
    if found is None:
        raise NotFound("lot", number=wish.lot_number)
    balance, lot, site = found
    if not ctx.may(Permission.ROTATIONS_PROPOSE, site.organisation_id):
        ctx.require(Permission.ROTATIONS_PROPOSE, lot.owner_id)
    free = balance.on_hand - balance.reserved
    if wish.quantity > free:
        raise InvalidInput(fields=(FieldError("quantity", "too_large", {"value": wish.quantity, "maximum": free}),))
    row = Rotation(
        id=ctx.new_id(),
        number=next_in_series(ctx, "LH", site.area_code),
        owner_id=lot.owner_id,
        custodian_id=site.organisation_id,
        site_id=site.id,
        location_id=balance.location_id,
        lot_id=lot.id,
        quantity=wish.quantity,
        choice=wish.choice,
        target=wish.target,
        reason=wish.reason,
        state=RotationState.PROPOSED,
        proposed_at=ctx.now,
        proposed_by_id=ctx.principal.user_id,
        proposed_by_name=ctx.principal.name,
        decided_at=None,
        decided_by_id=None,
        decided_by_name="",
        decision_note="",
        done_at=None,
        done_by_name="",
        done_document="",
    )
    ctx.session.add(row)
    ctx.about("rotation", row.id, row.number)
    return row.id


@command(Permission.ROTATIONS_DECIDE)
def decide(ctx: Context, rotation_id: UUID, allowed: bool, note: str = "") -> None:
    """Approve or refuse a rotation of one's own goods; never by who proposed it. A refusal says why."""
    row = ctx.get(Rotation, rotation_id, lock=True)
    ctx.require(Permission.ROTATIONS_DECIDE, row.owner_id)
    if row.proposed_by_id is not None and row.proposed_by_id == ctx.principal.user_id:
        raise Forbidden("own_document")
    _need(row, RotationState.PROPOSED)
    check = Checks()
    check.text("note", note, required=not allowed)
    check.done()
    row.state = RotationState.APPROVED if allowed else RotationState.REFUSED
    row.decided_at, row.decided_by_id, row.decided_by_name = ctx.now, ctx.principal.user_id, ctx.principal.name
    row.decision_note = note
    ctx.about("rotation", row.id, row.number, allowed=allowed)


@command(Permission.ROTATIONS_PROPOSE)
def cancel(ctx: Context, rotation_id: UUID, because: str) -> None:
    """Take a rotation back that is not carried out yet."""
    row = ctx.get(Rotation, rotation_id, lock=True)
    if not ctx.may(Permission.ROTATIONS_PROPOSE, row.custodian_id):
        ctx.require(Permission.ROTATIONS_PROPOSE, row.owner_id)
    if row.state not in {RotationState.PROPOSED, RotationState.APPROVED}:
        raise WrongState("rotation", row.state.value, RotationState.PROPOSED.value)
    check = Checks()
    check.text("because", because)
    check.done()
    row.state, row.decision_note = RotationState.CANCELLED, because
    ctx.about("rotation", row.id, row.number)


@command(Permission.STOCK_ISSUE)
def carry_out(ctx: Context, rotation_id: UUID, document_number: str = "") -> str:
    """Carry an approved rotation out by the store that keeps the goods; returns the number of the document that does.

    Drills, returns, swaps and lower use are posted here; a transfer or a scrapping has a document of its own, and its
    number ends the rotation. Raises InvalidInput without that number, whatever the posting refuses else.
    """
    row = ctx.get(Rotation, rotation_id, lock=True)
    ctx.require(Permission.STOCK_ISSUE, row.custodian_id)
    _need(row, RotationState.APPROVED)
    step = NEXT[row.choice]
    if step in POSTED_HERE:
        site = ctx.session.get_one(Site, row.site_id, execution_options={"unscoped": True})
        lot = ctx.session.get_one(Lot, row.lot_id)
        item = ctx.session.get_one(Item, lot.item_id)
        document_number = POSTINGS[step](ctx, row, site, lot, item)
    else:
        check = Checks()
        check.text("document_number", document_number, length_max=80)
        check.done()
        _not_used(ctx, document_number)
    row.state, row.done_at, row.done_by_name = RotationState.DONE, ctx.now, ctx.principal.name
    row.done_document = document_number
    ctx.about("rotation", row.id, row.number, document=document_number)
    return document_number


def _not_used(ctx: Context, document_number: str) -> None:
    """One document elsewhere ends one rotation. Raises InvalidInput."""
    taken = select(Rotation.id).where(Rotation.done_document == document_number).limit(1)
    if ctx.session.scalar(taken) is not None:
        raise InvalidInput(fields=(FieldError("document_number", "already_used", {"value": document_number}),))


def _need(row: Rotation, state: RotationState) -> None:
    if row.state is not state:
        raise WrongState("rotation", row.state.value, state.value)
