"""How some items are packed, for papers that say a quantity in packages as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.packs import Ladder, Rung, ladder_of
from supplyops.catalogue.tables import Item, Pack
from supplyops.runtime import Context


def ladders_of(ctx: Context, items: Iterable[Item]) -> dict[UUID, Ladder]:
    """The ladders of some items, by item."""
    wanted = {item.id: item for item in items}
    rungs: dict[UUID, list[Rung]] = defaultdict(list)
    for row in ctx.session.scalars(select(Pack).where(Pack.item_id.in_(wanted))):
        rungs[row.item_id].append(Rung(row.unit, row.contains, row.mass_g, row.volume_cm3))
    return {
        item.id: ladder_of(item.unit, item.pack_quantity, item.pack_unit, rungs[item.id]) for item in wanted.values()
    }
