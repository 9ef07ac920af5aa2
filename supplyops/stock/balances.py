"""Balances as the ledger asks for them and begins them; it alone changes them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Uuid, bindparam, select

from supplyops.database.base import table_of
from supplyops.database.prepared import Prepared, adding
from supplyops.stock.rules import NEVER, Place
from supplyops.stock.tables import StockBalance

_B = table_of(StockBalance)
FIND_BALANCES = Prepared(
    select(_B.c.location_id, _B.c.lot_id, _B.c.on_hand).where(
        _B.c.location_id.in_(bindparam("places", expanding=True, type_=Uuid())),
        _B.c.lot_id.in_(bindparam("ids", expanding=True, type_=Uuid())),
    ),
    lists=("ids", "places"),
)
ADD_BALANCE = adding(_B)


def new_balance(place: Place, lot: Row[Any], quantity: int) -> dict[str, object]:
    """The first of a lot at a place, with what lists want to know of the lot."""
    return {
        "location_id": place.id,
        "lot_id": lot.id,
        "on_hand": quantity,
        "reserved": 0,
        "item_id": lot.item_id,
        "owner_id": lot.owner_id,
        "custodian_id": place.keeper_id,
        "site_id": place.site_id,
        "lot_number": lot.number,
        "good_until": lot.expires_on or NEVER,
        "is_exercise": lot.is_exercise,
    }
