"""Lots that may not be used: on hold, recalled, damaged. The newest word on a lot is in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, func, select

from supplyops.audit.chain import lock_heads
from supplyops.kernel.access import Permission
from supplyops.kernel.reference import DocumentRef
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location
from supplyops.runtime import Context, command, unscoped
from supplyops.stock.rules import LotBlocked, LotState, RecallState
from supplyops.stock.tables import Lot, LotStatus, Recall, StockBalance, StockMove


def blocked_lots(state: LotState | None = None) -> Select[UUID]:
    """The ids of lots that may not be used now, all or those in one state, for `Lot.id.not_in(...)`."""
    newest = select(func.max(LotStatus.seq)).group_by(LotStatus.lot_id)
    wanted = LotStatus.state != LotState.NORMAL if state is None else LotStatus.state == state
    return select(LotStatus.lot_id).where(LotStatus.seq.in_(newest), wanted)


def state_in_force() -> ScalarSelect[LotState]:
    """The newest word on the lot of the row that is asked for, as a column; nothing where nobody ever said one."""
    newest = select(LotStatus.state).where(LotStatus.lot_id == Lot.id).order_by(LotStatus.seq.desc()).limit(1)
    return newest.correlate(Lot).scalar_subquery()


def statuses_of(ctx: Context, lot_ids: Collection[UUID]) -> dict[UUID, LotStatus]:
    """The words that are in force on some lots; a lot nobody ever said a word on is missing, and is usable."""
    newest = select(func.max(LotStatus.seq)).where(LotStatus.lot_id.in_(lot_ids)).group_by(LotStatus.lot_id)
    rows = ctx.session.scalars(select(LotStatus).where(LotStatus.seq.in_(newest)))
    return {row.lot_id: row for row in rows}


def states_of(ctx: Context, lot_ids: Collection[UUID]) -> dict[UUID, LotState]:
    """How some lots stand now."""
    found = statuses_of(ctx, lot_ids)
    return {lot_id: found[lot_id].state if lot_id in found else LotState.NORMAL for lot_id in lot_ids}


def refuse_blocked(ctx: Context, lots: Iterable[Lot | Row[Any]]) -> None:
    """Raise LotBlocked for the first lot that may not be used."""
    by_id = {lot.id: lot for lot in lots}
    for lot_id, status in sorted(statuses_of(ctx, by_id).items(), key=lambda entry: by_id[entry[0]].number):
        if status.state is not LotState.NORMAL:
            raise LotBlocked(lot=by_id[lot_id].number, state=status.state, because=status.reason)


@command(Permission.INTERNAL)
def set_state(ctx: Context, lot_id: UUID, state: LotState, reason: str, document: DocumentRef) -> None:
    """Say a new word on a lot. Whoever sends out or promises some of it at the same moment waits, and then reads it."""
    shards = unscoped(
        select(Location.shard)
        .join(StockBalance, StockBalance.location_id == Location.id)
        .where(StockBalance.lot_id == lot_id)
        .distinct(),
        "a lot is blocked wherever it lies",
    )
    lock_heads(ctx.session, sorted(shard for shard in ctx.session.scalars(shards) if shard), ctx.now)
    last = ctx.session.scalar(select(func.max(StockMove.seq)).where(StockMove.lot_id == lot_id))
    ctx.session.add(
        LotStatus(
            lot_id=lot_id,
            state=state,
            reason=reason,
            document_kind=document.kind,
            document_id=document.id,
            document_number=document.number,
            after_seq=last or 0,
            recorded_at=ctx.now,
            actor_id=ctx.principal.user_id,
            actor_name=ctx.principal.name,
        )
    )
    ctx.session.flush()  # what the same command asks next counts it


def block_if_recalled(ctx: Context, lot: Lot, owner: Organisation) -> None:
    """Goods of a recalled batch that come in after the recall are recalled from the first moment."""
    rows = ctx.session.execute(
        unscoped(
            select(Recall, Organisation.path)
            .join(Organisation, Organisation.id == Recall.organisation_id)
            .where(
                Recall.state == RecallState.OPEN,
                Recall.item_id == lot.item_id,
                func.lower(Recall.manufacturer) == lot.manufacturer.strip().lower(),
                func.lower(Recall.maker_batch) == lot.maker_batch.strip().lower(),
            )
            .order_by(Recall.created_at),
            "a recall binds everybody below the body that ordered it",
        )
    )
    for recall, path in rows:
        if owner.path.startswith(path):
            set_state(ctx, lot.id, LotState.RECALLED, recall.reason, DocumentRef("recall", recall.id, recall.number))
