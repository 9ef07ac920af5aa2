"""What other plans of a place mean to buy: the plan of another year does not count the same gap once more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.clock import business_day
from supplyops.reserves.places import Places
from supplyops.reserves.plan_rules import PurchasePlanState, lasts_from
from supplyops.reserves.tables import PurchasePlan, PurchasePlanLine
from supplyops.runtime import Context, also_showing
from supplyops.stock.documents import ReceiptKind
from supplyops.stock.rules import StockDocumentKind, StockDocumentState
from supplyops.stock.tables import Lot, StockDocument, StockDocumentLine


@dataclass(slots=True)
class _Purchase:
    """What came in, and how much of it no plan has accounted for yet."""

    at: datetime
    left: int


def still_to_come(ctx: Context, plan: PurchasePlan) -> dict[UUID, int]:
    """Item -> how much the place's living plans of other years mean to buy and has not been bought since, as far as it lasts.

    What came in as a purchase is taken off the oldest plan that was there before; plans of years that are over count no more.
    """
    lines = ctx.session.execute(
        select(PurchasePlanLine, PurchasePlan, Item)
        .join(PurchasePlan, PurchasePlan.id == PurchasePlanLine.purchase_plan_id)
        .join(Item, Item.id == PurchasePlanLine.item_id)
        .where(
            PurchasePlan.level == plan.level,
            PurchasePlan.area_code == plan.area_code,
            PurchasePlan.year != plan.year,
            PurchasePlan.year >= business_day(ctx.now).year,
            PurchasePlan.state != PurchasePlanState.CANCELLED,
        )
        .order_by(PurchasePlan.created_at, PurchasePlan.number)
    ).all()
    bought = _bought(ctx, plan, {item.id for *_, item in lines})
    found: dict[UUID, int] = defaultdict(int)
    for line, other, item in lines:
        left = line.quantity
        for receipt in bought[item.id]:
            if receipt.at >= other.created_at:
                taken = min(left, receipt.left)
                left, receipt.left = left - taken, receipt.left - taken
        if lasts_from(item.shelf_life_days, other.year, plan.year):
            found[item.id] += left
    return found


def _bought(ctx: Context, plan: PurchasePlan, items: set[UUID]) -> dict[UUID, list[_Purchase]]:
    """Item -> its purchases for the place, in order."""
    places = Places(ctx)
    found: dict[UUID, list[_Purchase]] = defaultdict(list)
    rows = ctx.session.execute(
        also_showing(
            select(StockDocument, StockDocumentLine, Lot.owner_id)
            .join(StockDocumentLine, StockDocumentLine.document_id == StockDocument.id)
            .join(Lot, Lot.id == StockDocumentLine.lot_id)
            .where(
                StockDocument.kind == StockDocumentKind.RECEIPT,
                StockDocument.state == StockDocumentState.POSTED,
                StockDocumentLine.item_id.in_(items),
            )
            .order_by(StockDocument.created_at, StockDocumentLine.line_no),
            StockDocument,
        )
    )
    for document, line, owner_id in rows:
        place = places.of(owner_id)
        is_for_it = place is not None and place.key == (plan.level, plan.area_code)
        if is_for_it and document.details.get("kind") == ReceiptKind.PURCHASE.value:
            found[line.item_id].append(_Purchase(document.created_at, line.actual))
    return found
