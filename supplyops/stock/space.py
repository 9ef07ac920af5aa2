"""The room in a store: what its locations hold, and whether goods may be put there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.keeping import suits
from supplyops.places.tables import Location
from supplyops.runtime import Context, unscoped
from supplyops.stock.ledger import lock_places
from supplyops.stock.tables import StockBalance


@dataclass(frozen=True, slots=True)
class Placing:
    """Goods on their way to a location that somebody chose; `field` names the reason that may overrule a refusal."""

    field: str
    location: Location
    item: Item
    quantity: int
    reason: str

    @property
    def volume_cm3(self) -> int:
        """The room the goods take."""
        return self.quantity * self.item.unit_volume_cm3


def used_cm3(ctx: Context, location_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The room that is taken at each location, whoever owns what lies there."""
    statement = (
        select(StockBalance.location_id, func.sum(StockBalance.on_hand * Item.unit_volume_cm3))
        .join(Item, Item.id == StockBalance.item_id)
        .where(StockBalance.location_id.in_(list(location_ids)), StockBalance.on_hand > 0)
        .group_by(StockBalance.location_id)
    )
    rows = ctx.session.execute(unscoped(statement, "a shelf is full, whoever filled it"))
    return {location_id: int(volume) for location_id, volume in rows}


def check_placings(ctx: Context, placings: Sequence[Placing]) -> None:
    """Raise InvalidInput for goods that a location has no room for or is not made for, unless a reason is given."""
    if not placings:
        return
    lock_places(ctx, [placing.location.id for placing in placings])
    used = used_cm3(ctx, {placing.location.id for placing in placings})
    errors: list[FieldError] = []
    for placing in placings:
        place, item = placing.location, placing.item
        free = None if place.capacity_cm3 is None else place.capacity_cm3 - used.get(place.id, 0)
        used[place.id] = used.get(place.id, 0) + placing.volume_cm3
        if placing.reason.strip():
            continue
        if suits(item.storage_class, place.storage_class) is None:
            offered = place.storage_class.value if place.storage_class else "—"
            params = {"item": item.name, "kept": item.storage_class.value, "location": place.name, "offered": offered}
            errors.append(FieldError(placing.field, "storage_differs", params))
        elif free is not None and placing.volume_cm3 > free:
            params = {"location": place.name, "free": _m3(max(free, 0)), "needed": _m3(placing.volume_cm3)}
            errors.append(FieldError(placing.field, "over_capacity", params))
    if errors:
        raise InvalidInput(fields=tuple(errors))


def _m3(volume_cm3: int) -> str:
    """cm³ as m³ with three decimals, so that a box too many shows."""
    return f"{volume_cm3 // 1_000_000}.{volume_cm3 % 1_000_000 // 1_000:03d}"
