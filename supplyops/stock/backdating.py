"""Entries about what happened earlier: what they would have meant then, and how far back they may reach without asking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import case, or_, select

from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.norms.figures import number_or_shipped
from supplyops.places.rules import REAL_KINDS
from supplyops.runtime import Context
from supplyops.stock.rules import LateKind, LatePermitState, Place, Posting, net_changes
from supplyops.stock.tables import LatePermit, Lot, StockMove

Key = tuple[UUID, UUID]
CLOCK_OFF = timedelta(days=1)
"""So far a device's clock may be wrong; what it says counts as now."""


def is_late(ctx: Context, occurred_at: datetime) -> bool:
    """Is it so long ago that it counts as written up later (补录)?"""
    return ctx.now - occurred_at > timedelta(minutes=number_or_shipped(ctx, "backdate.grace_minutes"))


def is_ahead(ctx: Context, occurred_at: datetime) -> bool:
    """Is it more to come than the wrong clock of a device explains?"""
    return occurred_at - ctx.now > CLOCK_OFF


def admit(ctx: Context, site_id: UUID, kind: LateKind, occurred_at: datetime, field: str) -> LatePermit | None:
    """Let an entry about an earlier moment in; beyond the office's days only with an approver's permit, which it uses up.

    Raises InvalidInput for a moment to come, Conflict `late_needs_permit`. `use` the permit once the document has its id.
    """
    if occurred_at > ctx.now:
        raise InvalidInput(fields=(FieldError(field, "in_the_future"),))
    days = number_or_shipped(ctx, "backdate.days")
    if not is_late(ctx, occurred_at) or ctx.now - occurred_at <= timedelta(days=days):
        return None
    permit = ctx.session.scalars(
        select(LatePermit)
        .where(
            LatePermit.site_id == site_id,
            LatePermit.kind == kind,
            LatePermit.state == LatePermitState.APPROVED,
            LatePermit.asked_by_id == ctx.principal.user_id,
            LatePermit.earliest_at <= occurred_at,
        )
        .order_by(LatePermit.earliest_at.desc(), LatePermit.number)
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if permit is None:
        raise Conflict("late_needs_permit", days=days, at=f"{beijing(occurred_at):%Y-%m-%d %H:%M}")
    return permit


def use(permit: LatePermit | None, document_id: UUID) -> None:
    """Note which document a permit was used for: once."""
    if permit is not None:
        permit.state, permit.used_by_document_id = LatePermitState.USED, document_id


def refuse_negative(ctx: Context, posting: Posting, places: Mapping[UUID, Place]) -> None:
    """Raise Conflict `would_have_been_negative` when goods that a late posting takes were not there all the time since."""
    if posting.occurred_at >= ctx.now or posting.reverses_id is not None:
        return
    for key, change in sorted(net_changes(posting.legs).items()):
        if change >= 0 or places[key[0]].kind not in REAL_KINDS:
            continue
        lowest, at = lowest_since(course(ctx, [key])[key], posting.occurred_at)
        if lowest + change < 0:
            lot = ctx.session.get_one(Lot, key[1])
            raise Conflict(
                "would_have_been_negative",
                location=places[key[0]].name,
                lot=lot.number,
                at=f"{beijing(at):%Y-%m-%d %H:%M}",
                was=max(lowest, 0),
                requested=-change,
            )


Course = list[tuple[datetime, int]]
"""What lay somewhere after each moment at which something happened, by when it happened."""


def course(ctx: Context, keys: Collection[Key]) -> dict[Key, Course]:
    """How the balance of some (place, lot) went, by the moments at which things happened, not when they were written up."""
    found: dict[Key, Course] = {}
    for location_id, lot_id in keys:
        signed = case((StockMove.target_id == location_id, StockMove.quantity), else_=-StockMove.quantity)
        here = or_(StockMove.source_id == location_id, StockMove.target_id == location_id)
        rows = ctx.session.execute(
            select(StockMove.occurred_at, signed)
            .where(StockMove.lot_id == lot_id, here)
            .order_by(StockMove.occurred_at)
        )
        total, line = 0, []
        for at, part in groupby(rows, key=lambda row: row[0]):
            total += sum(int(amount) for _, amount in part)
            line.append((at, total))
        found[location_id, lot_id] = line
    return found


def at_moment(line: Course, moment: datetime) -> int:
    """What lay there when everything up to a moment had happened."""
    return next((total for at, total in reversed(line) if at <= moment), 0)


def lowest_since(line: Course, moment: datetime) -> tuple[int, datetime]:
    """The least that lay there from a moment on, and since when."""
    later = [(total, at) for at, total in line if at > moment]
    return min([(at_moment(line, moment), moment), *later], key=lambda entry: (entry[0], entry[1]))
