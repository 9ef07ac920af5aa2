"""Places whose stock stands still while it is counted, and who moved something there all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select

from supplyops.audit.chain import lock_heads
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import Conflict
from supplyops.kernel.reference import DocumentRef
from supplyops.places.rules import REAL_KINDS
from supplyops.places.tables import Location
from supplyops.runtime import Context, command, query
from supplyops.stock.rules import Candidate, Place, Posting, free_at
from supplyops.stock.tables import FreezeBypass, LocationFreeze

DETAIL = "freeze_bypass"
"""Under this name the journal keeps why a frozen place was touched."""


@dataclass(frozen=True, slots=True)
class FreezeRow:
    """A place that stands still, and for which document."""

    location_id: UUID
    document_id: UUID
    document_number: str
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class BypassRow:
    """Stock that moved at a frozen place: under which document, why, who let it."""

    location_id: UUID
    posting_id: UUID
    posting_number: str
    because: str
    bypassed_at: datetime
    bypassed_by_name: str


@command(Permission.INTERNAL)
def freeze(ctx: Context, location_ids: Sequence[UUID], document: DocumentRef) -> None:
    """Let nothing move at these places but for the document itself. Raises Conflict `place_frozen` for one that stands still.

    The rows of the places are locked: a posting that has touched one is waited for, one that comes later waits and sees.
    """
    places = ctx.session.scalars(select(Location).where(Location.id.in_(set(location_ids))).order_by(Location.id)).all()
    lock_heads(ctx.session, [place.shard for place in places if place.shard], ctx.now)
    wanted = [place.id for place in places]
    ctx.session.execute(select(Location.id).where(Location.id.in_(wanted)).order_by(Location.id).with_for_update())
    for found in _in_force(ctx, wanted):
        raise _refusal(ctx, found)
    for place in places:
        ctx.session.add(
            LocationFreeze(
                id=ctx.new_id(),
                location_id=place.id,
                document_kind=document.kind,
                document_id=document.id,
                document_number=document.number,
                frozen_at=ctx.now,
                frozen_by_id=ctx.principal.user_id,
                lifted_at=None,
            )
        )
    ctx.session.flush()  # postings look it up


@command(Permission.INTERNAL)
def lift(ctx: Context, document_id: UUID) -> int:
    """Let stock move again wherever it stood still for a document; returns at how many places."""
    statement = (
        select(LocationFreeze)
        .where(LocationFreeze.document_id == document_id, LocationFreeze.lifted_at.is_(None))
        .with_for_update()
    )
    rows = ctx.session.scalars(statement).all()
    for row in rows:
        row.lifted_at = ctx.now
    ctx.session.flush()  # postings look it up
    return len(rows)


@query(Permission.STOCK_SEE)
def frozen_places(ctx: Context, location_ids: Sequence[UUID]) -> list[FreezeRow]:
    """Which of these places stand still."""
    return [
        FreezeRow(row.location_id, row.document_id, row.document_number, row.frozen_at)
        for row in _in_force(ctx, location_ids)
    ]


@query(Permission.STOCK_SEE)
def bypasses(ctx: Context, document_id: UUID) -> list[BypassRow]:
    """What moved all the same at the places that stood still for a document, in order."""
    rows = ctx.session.execute(
        select(FreezeBypass, LocationFreeze.location_id)
        .join(LocationFreeze, LocationFreeze.id == FreezeBypass.freeze_id)
        .where(FreezeBypass.document_id == document_id)
        .order_by(FreezeBypass.bypassed_at, FreezeBypass.id)
    )
    return [
        BypassRow(place_id, row.posting_id, row.posting_number, row.because, row.bypassed_at, row.bypassed_by_name)
        for row, place_id in rows
    ]


def standing_still(ctx: Context, location_ids: Collection[UUID]) -> dict[UUID, str]:
    """Those of the places that stand still -> the number of the document for which."""
    return {row.location_id: row.document_number for row in _in_force(ctx, location_ids)}


def passing_over(
    ctx: Context, candidates: list[Candidate], quantity: int, day: date, lot_number: str = ""
) -> tuple[list[Candidate], dict[UUID, str]]:
    """Stock to pick from without what stands still for a count, where the rest (of the lot named) is enough and good that day.

    And what was left out: place -> number of the document for which it stands still. Where the rest is not enough it is all of it:
    the ledger refuses what stands still, or notes why it is taken all the same.
    """
    frozen = standing_still(ctx, {each.location_id for each in candidates})
    rest = [each for each in candidates if each.location_id not in frozen]
    free = free_at([each for each in rest if lot_number in {"", each.lot_number}], day)
    return (rest, frozen) if frozen and free >= quantity else (candidates, {})


def frozen_now() -> Select[UUID]:
    """The ids of places that stand still now, for `Location.id.in_(...)`."""
    return select(LocationFreeze.location_id).where(LocationFreeze.lifted_at.is_(None))


def refuse_frozen(ctx: Context, posting: Posting, places: Iterable[Place]) -> None:
    """Refuse a posting that has just been written at a frozen place, or note why the actor goes on.

    The heads of the places' warehouses are locked, and `freeze` locks them too: what stands still now does so until the end.
    """
    real = [place.id for place in places if place.kind in REAL_KINDS]
    frozen = [row for row in _in_force(ctx, real) if row.document_id != posting.document.id]
    if not frozen:
        return
    because = ctx.actor.bypass
    if not because.strip():
        raise _refusal(ctx, frozen[0])
    check = Checks()
    check.text(DETAIL, because)
    check.done()
    for row in frozen:
        ctx.session.add(
            FreezeBypass(
                id=ctx.new_id(),
                freeze_id=row.id,
                document_id=row.document_id,
                posting_id=posting.id,
                posting_number=posting.document.number,
                because=because,
                bypassed_at=ctx.now,
                bypassed_by_id=ctx.principal.user_id,
                bypassed_by_name=ctx.principal.name,
            )
        )
    ctx.detail[DETAIL] = because


def _in_force(ctx: Context, location_ids: Collection[UUID]) -> list[LocationFreeze]:
    statement = (
        select(LocationFreeze)
        .where(LocationFreeze.location_id.in_(location_ids), LocationFreeze.lifted_at.is_(None))
        .order_by(LocationFreeze.location_id)
    )
    return list(ctx.session.scalars(statement))


def _refusal(ctx: Context, row: LocationFreeze) -> Conflict:
    place = ctx.session.get(Location, row.location_id)
    return Conflict("place_frozen", location=place.name if place else "", document=row.document_number)
