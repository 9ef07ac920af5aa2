"""Which lots have goods of others in them: kits that were built of them, and what was divided off from such kits."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from supplyops.kits.tables import KitContent
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import Lot

FOLLOWS = "goods that must not be used are followed wherever they were packed"


def lots_with(ctx: Context, roots: Collection[UUID]) -> dict[UUID, int]:
    """The lots themselves and every lot that has some of them in it, with how many of their units each of its units holds."""
    found = dict.fromkeys(roots, 1)
    new = set(roots)
    while new:
        built = select(KitContent.kit_lot_id).where(KitContent.part_lot_id.in_(new)).distinct()
        inside = select(KitContent).where(KitContent.kit_lot_id.in_(built))
        amounts: dict[UUID, int] = {}
        for each in ctx.session.scalars(inside):
            amounts[each.kit_lot_id] = amounts.get(each.kit_lot_id, 0) + each.quantity * found.get(each.part_lot_id, 0)
        divided = unscoped(select(Lot.id, Lot.parent_lot_id).where(Lot.parent_lot_id.in_(new)), FOLLOWS)
        for lot_id, parent_id in ctx.session.execute(divided):
            if parent_id is not None:
                amounts.setdefault(lot_id, found[parent_id])
        new = {lot_id for lot_id, amount in amounts.items() if found.get(lot_id) != amount} - set(roots)
        found |= {lot_id: amounts[lot_id] for lot_id in new}
    return found
