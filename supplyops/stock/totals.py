"""Totals of stock: what lies at a place of one item and owner, all its lots together. Only the ledger changes them, with the balances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Row, Uuid, bindparam, select, tuple_, update
from sqlalchemy.orm import Session

from supplyops.database.base import table_of
from supplyops.database.prepared import Prepared
from supplyops.database.upsert import insert_missing
from supplyops.database.ways import Sent
from supplyops.stock.rules import NEVER, Place
from supplyops.stock.tables import StockBalance, StockTotal

TotalKey = tuple[UUID, UUID, UUID, bool, bool]
"""(place, item, owner, is it an exercise, does it expire)"""


_T, _B = table_of(StockTotal), table_of(StockBalance)
_PLACE = bindparam("place", type_=Uuid())
_CHANGE_TOTAL = Prepared(
    update(_T)
    .where(
        _T.c.location_id == _PLACE,
        _T.c.item_id == bindparam("item", type_=Uuid()),
        _T.c.owner_id == bindparam("owner", type_=Uuid()),
        _T.c.is_exercise == bindparam("exercise", type_=Boolean()),
        _T.c.is_dated == bindparam("dated", type_=Boolean()),
    )
    .values(
        on_hand=_T.c.on_hand + bindparam("change", type_=BigInteger()),
        reserved=_T.c.reserved - bindparam("settled", type_=BigInteger()),
        lots=_T.c.lots + bindparam("appeared", type_=BigInteger()),
        holds=_T.c.holds - bindparam("ended", type_=BigInteger()),
    )
)
_CHANGE_HELD = Prepared(
    update(_T)
    .where(
        _T.c.location_id == _PLACE,
        tuple_(_T.c.item_id, _T.c.owner_id, _T.c.is_exercise, _T.c.is_dated).in_(
            select(_B.c.item_id, _B.c.owner_id, _B.c.is_exercise, _B.c.good_until < NEVER).where(
                _B.c.location_id == _PLACE, _B.c.lot_id == bindparam("goods", type_=Uuid())
            )
        ),
    )
    .values(
        reserved=_T.c.reserved + bindparam("change", type_=BigInteger()),
        holds=_T.c.holds + bindparam("more", type_=BigInteger()),
    )
)


@dataclass(slots=True)
class Settled:
    """What a balance gives up of what was held: how much, and how many holds have ended with it."""

    quantity: int = 0
    ended: int = 0


@dataclass(slots=True)
class TotalChange:
    """By how much a posting changes a total."""

    change: int = 0
    settled: int = 0
    appeared: int = 0
    """Lots that came where none of them lay, less lots of which all has gone."""
    ended: int = 0

    def add(self, change: int, settled: Settled, before: int) -> None:
        """A balance that had so much changes by so much."""
        self.change += change
        self.settled += settled.quantity
        self.ended += settled.ended
        self.appeared += (before + change > 0) - (before > 0)


def total_key(place: Place, lot: Row[Any]) -> TotalKey:
    """The total that a lot at a place is counted in."""
    return place.id, lot.item_id, lot.owner_id, bool(lot.is_exercise), lot.expires_on is not None


class Sending:
    """Changes of totals that are on their way with the balances'; `finish` where all answers are there."""

    def __init__(self, session: Session, totals: Mapping[TotalKey, TotalChange]) -> None:
        self._session = session
        self._sent: list[tuple[TotalKey, dict[str, Any], Sent]] = []
        for key, each in sorted(totals.items()):
            values = _values(key, each)
            self._sent.append((key, values, _CHANGE_TOTAL.send(session, **values)))

    def finish(self, places: Mapping[UUID, Place]) -> None:
        """Make those totals that there were none of yet."""
        for key, values, sent in self._sent:
            if sent.count == 0:
                insert_missing(self._session, StockTotal, [_empty(places[key[0]], key)])
                _CHANGE_TOTAL.run(self._session, values)


def change_held(session: Session, place_id: UUID, lot_id: UUID, amount: int, more: int) -> None:
    """A hold was placed, lowered or ended: so much more is held, by so many more."""
    _CHANGE_HELD.run(session, {"place": place_id, "goods": lot_id, "change": amount, "more": more})


def _values(key: TotalKey, each: TotalChange) -> dict[str, Any]:
    place, item, owner, is_exercise, is_dated = key
    return {
        "place": place,
        "item": item,
        "owner": owner,
        "exercise": is_exercise,
        "dated": is_dated,
        "change": each.change,
        "settled": each.settled,
        "appeared": each.appeared,
        "ended": each.ended,
    }


def _empty(place: Place, key: TotalKey) -> dict[str, object]:
    _, item_id, owner_id, is_exercise, is_dated = key
    return {
        "location_id": place.id,
        "item_id": item_id,
        "owner_id": owner_id,
        "is_exercise": is_exercise,
        "is_dated": is_dated,
        "custodian_id": place.keeper_id,
        "site_id": place.site_id,
        "on_hand": 0,
        "reserved": 0,
        "lots": 0,
        "holds": 0,
    }
