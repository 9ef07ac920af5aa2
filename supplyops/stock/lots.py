"""Making lots: the only code that writes them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import next_number
from supplyops.people.tables import Organisation
from supplyops.runtime import Context
from supplyops.stock.blocking import block_if_recalled
from supplyops.stock.rules import LotInput, expiry_of, lot_number
from supplyops.stock.tables import Lot


def make_lot(
    ctx: Context,
    item: Item,
    owner: Organisation,
    lot: LotInput,
    document: DocumentRef,
    *,
    parent_lot_id: UUID | None = None,
    is_number_free: bool = False,
) -> Lot:
    """Write a lot down. Without an expiry date the item's shelf life counts from the day of production.

    Raises Conflict `lot_exists` for a number that is taken; whoever has made sure of many numbers at once says so.
    """
    number = lot.lot_number or _next_lot_number(ctx, item)
    if not is_number_free and ctx.session.scalar(select(Lot.id).where(Lot.number == number)) is not None:
        raise Conflict("lot_exists", lot=number)
    row = Lot(
        id=ctx.new_id(),
        number=number,
        item_id=item.id,
        owner_id=owner.id,
        fund_source=lot.fund_source,
        produced_on=lot.produced_on,
        expires_on=lot.expires_on or expiry_of(lot.produced_on, item.shelf_life_days),
        unit_price_fen=lot.unit_price_fen,
        manufacturer=lot.manufacturer,
        maker_batch=lot.maker_batch,
        restriction=lot.restriction,
        restricted_area=lot.restricted_area,
        parent_lot_id=parent_lot_id,
        is_exercise=lot.is_exercise,
        document_kind=document.kind,
        document_id=document.id,
        document_number=document.number,
        source_mark=lot.source_mark,
        created_at=ctx.now,
        stored_on=lot.stored_on,
    )
    ctx.session.add(row)
    if row.maker_batch:
        ctx.session.flush()  # a recall's word refers to the lot
        block_if_recalled(ctx, row, owner)
    return row


def kept_since(lot: Lot) -> date | None:
    """`stored_on` of a lot that is made out of another: goods keep their age. Nothing where they were made later than they came."""
    return lot.came_on if lot.produced_on is None or lot.produced_on <= lot.came_on else None


def _next_lot_number(ctx: Context, item: Item) -> str:
    day = business_day(ctx.now)
    while True:
        number = lot_number(item.sku, day, next_number(ctx, "lot", item.sku, f"{day:%Y%m%d}"))
        if ctx.session.scalar(select(Lot.id).where(Lot.number == number)) is None:
            return number
