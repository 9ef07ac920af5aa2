"""Who has to know when a lot is kept back or let go: those whose orders count on it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.dispatch.parties import parties_of
from supplyops.kernel.ids import derived_id
from supplyops.kernel.quantity import with_unit
from supplyops.kernel.reference import DocumentRef
from supplyops.notices.commands import tell
from supplyops.notices.rules import NoticeInput, NoticeKind
from supplyops.people.tables import Organisation
from supplyops.runtime import Context, unscoped
from supplyops.stock.rules import LotState
from supplyops.stock.tables import Lot, Recall, Reservation, StockBalance
from supplyops.wording.labels import label

BECAUSE = "those who count on goods have to know what became of them"


def tell_holders(ctx: Context, lot: Lot, kind: NoticeKind, state: LotState, reason: str) -> int:
    """Tell everybody whose order has a hold on the lot; returns how many notices were written."""
    item = ctx.session.get_one(Item, lot.item_id)
    holds = ctx.session.scalars(
        select(Reservation)
        .where(Reservation.lot_id == lot.id, Reservation.closed_at.is_(None))
        .order_by(Reservation.id)
    ).all()
    notices = []
    for hold in holds:
        about, bodies = parties_of(ctx, hold)
        for body in bodies:
            params: dict[str, str | int] = {
                "document": about.number,
                "item": item.name,
                "lot": lot.number,
                "quantity": with_unit(hold.open_quantity, item.unit),
                "state": label(state),
                "because": reason,
            }
            notices.append(NoticeInput(ctx.new_id(), body, kind, about, params))
    return tell(ctx, notices)


def tell_outsiders(ctx: Context, recall: Recall, item: Item, body: Organisation, lots: Mapping[UUID, int]) -> None:
    """Tell those beyond the recalling body's reach that they have goods of the batch: `lots`, with what a unit of each holds."""
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance.owner_id, StockBalance.custodian_id, StockBalance.lot_id, StockBalance.on_hand).where(
                StockBalance.lot_id.in_(lots), StockBalance.on_hand > 0
            ),
            BECAUSE,
        )
    )
    had: dict[UUID, int] = {}
    for owner, keeper, lot_id, amount in rows:
        for each in {owner, keeper}:
            if each is not None:
                had[each] = had.get(each, 0) + amount * lots[lot_id]
    about = DocumentRef("recall", recall.id, recall.number)
    params: dict[str, str | int] = {
        "organisation": body.name,
        "item": item.name,
        "maker": recall.manufacturer,
        "batch": recall.maker_batch,
        "because": recall.reason,
    }
    tell(
        ctx,
        [
            NoticeInput(
                derived_id("recall_notice", recall.id, each),
                each,
                NoticeKind.LOT_RECALLED_ELSEWHERE,
                about,
                {**params, "quantity": with_unit(amount, item.unit)},
            )
            for each, amount in sorted(had.items())
        ],
    )
