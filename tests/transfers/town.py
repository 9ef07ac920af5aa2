"""Two neighbouring townships, their city and its prefecture, each with a store, and people to move goods between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput, LocationKind, SiteInput, SiteKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Runtime
from supplyops.stock.tables import Lot, StockBalance, StockMove
from supplyops.transfers import arriving, carrying, commands, queries
from supplyops.transfers.rules import (
    ArrivedLine,
    ArriveInput,
    SendInput,
    TransferGoods,
    TransferKind,
    TransferOrderInput,
)
from supplyops.transfers.views import TransferRow
from supplyops.verify.books import verify
from tests.conftest import START
from tests.house import CITY, CITY_STORE, TENT, VILLAGE, VILLAGE_STORE, House, build_house

STREET, STREET_STORE, STREET_SHELF = "654004001", "street-store", "street-shelf"
VILLAGE_QUARANTINE = "village-quarantine"
PARAMETERS = {"obligation.days": "180", "hold.hours": "72"}


class Town:
    """The house with a second township, and short ways to say what happens."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.house: House = build_house(runtime)
        site = SiteInput(STREET_STORE, "卡拉苏街道储备点", SiteKind.RESERVE_POINT, STREET, STREET, Level.TOWNSHIP)
        runtime.run(places.save_sites, SYSTEM, [site])
        shelves = [
            LocationInput(STREET_SHELF, "街道库", STREET_STORE),
            LocationInput(VILLAGE_QUARANTINE, "乡待检区", VILLAGE_STORE, LocationKind.QUARANTINE),
        ]
        runtime.run(places.save_locations, SYSTEM, shelves)
        figures = [ParameterInput(key, value, "", "A", date(2020, 1, 1), name=key) for key, value in PARAMETERS.items()]
        runtime.run(norms.save_parameters, SYSTEM, figures)
        with runtime.database.read() as session:
            self.house.locations = {row.code: row.id for row in session.scalars(select(Location))}
            self.house.sites = {row.code: row.id for row in session.scalars(select(Site))}

    def actor(self, role: Role, organisation: str = CITY) -> Actor:
        """Somebody with a role."""
        return self.house.actor(role, organisation)

    def draft(self, order: TransferOrderInput, by: Actor) -> str:
        """Draft a transfer; gives its number."""
        made = self.runtime.run(commands.draft, by, order)
        return self.runtime.read(queries.transfer_by_id, SYSTEM, made).number

    def transfer(self, number: str) -> TransferRow:
        """A transfer as it stands."""
        return self.runtime.read(queries.transfer, SYSTEM, number)

    def send(self, number: str, by: Actor, loaded: dict[UUID, int] | None = None, why: str = "") -> None:
        """Put it on the road, expected in four hours."""
        sending = SendInput(
            number,
            "新F10001",
            "马师傅",
            self.runtime.clock() + timedelta(hours=4),
            "市运输车队",
            driver_phone="13900000001",
            loaded=loaded or {},
            short_reason=why,
        )
        self.runtime.run(carrying.send, by, sending)

    def arrive(
        self, number: str, by: Actor, *found: ArrivedLine, cause: str = "", shelf: str = "", more: bool = False
    ) -> None:
        """Receive it now, or a part of it."""
        arrival = ArriveInput(number, "古丽", self.runtime.clock(), found, shelf, cause=cause, more_follows=more)
        self.runtime.run(arriving.arrive, by, arrival)

    def rows(self, kind: type[Any]) -> Sequence[Any]:
        """All rows of a table."""
        with self.runtime.database.read() as session:
            return session.scalars(select(kind)).all()

    def books(self) -> tuple[Any, ...]:
        """What a refusal must leave as it was."""
        with self.runtime.database.read() as session:
            moves = session.scalar(select(func.count()).select_from(StockMove))
            lots = session.scalar(select(func.count()).select_from(Lot))
            balances = tuple(
                session.execute(
                    select(
                        StockBalance.location_id, StockBalance.lot_id, StockBalance.on_hand, StockBalance.reserved
                    ).order_by(StockBalance.location_id, StockBalance.lot_id)
                )
            )
        states = tuple((row.number, row.state, len(row.lots)) for row in self.runtime.read(queries.transfers, SYSTEM))
        return moves, lots, balances, states

    def owned_at(self, owner: str, location: str) -> int:
        """How much a body owns at a place."""
        owner_id, place = self.house.organisations[owner], self.house.locations[location]
        return sum(
            row.on_hand for row in self.rows(StockBalance) if (row.owner_id, row.location_id) == (owner_id, place)
        )

    def unclean(self) -> list[Any]:
        """What verification complains of."""
        return [finding for finding in verify(self.runtime.database) if not finding.is_clean]


def order(kind: TransferKind = TransferKind.PEER, *lines: TransferGoods, **changes: Any) -> TransferOrderInput:
    """Twelve tents of the street's for the village, unless said otherwise."""
    own: dict[str, Any] = {
        "kind": kind,
        "from_site_code": STREET_STORE,
        "to_site_code": VILLAGE_STORE,
        "owner_code": STREET,
        "reason": "帐篷不足",
        "send_by": START + timedelta(hours=6),
        "arrive_by": START + timedelta(hours=12),
        "lines": lines or (TransferGoods(TENT, 12),),
    }
    return TransferOrderInput(**{**own, **changes})


__all__ = ["CITY_STORE", "VILLAGE", "Town", "order"]
