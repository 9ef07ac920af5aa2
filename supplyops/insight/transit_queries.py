"""What is on the road: by transfers and by consignments, by whom it is carried, when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.dispatch.tables import Consignment, Shipment
from supplyops.fleet.tables import Vehicle
from supplyops.kernel.access import Permission
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.tables import Lot, StockBalance
from supplyops.transfers.tables import Transfer

_From, _To = aliased(Site), aliased(Site)


@dataclass(frozen=True, slots=True)
class RoadRow:
    """So much of one lot on the road."""

    document_kind: str
    """`transfer` or `consignment`."""
    number: str
    sku: str
    item_name: str
    unit: str
    lot_number: str
    expires_on: date | None
    owner_name: str
    quantity: int
    from_site_name: str
    to_site_name: str
    carrier: str
    vehicle: str
    driver: str
    driver_phone: str
    left_at: datetime | None
    expected_at: datetime | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """By whom and on what."""

    carrier: str
    vehicle: str
    driver: str
    driver_phone: str
    left_at: datetime | None


@query(Permission.TRANSFERS_SEE)
def on_the_road(ctx: Context) -> list[RoadRow]:
    """Everything in reach that lies on a vehicle now, the first to arrive first."""
    rows = [*_by_transfers(ctx), *_by_consignments(ctx)]
    return sorted(rows, key=lambda row: (row.expected_at is None, row.expected_at, row.number, row.lot_number))


def _lying(*columns: Any) -> Any:
    return (
        select(StockBalance, Lot, Item, Organisation.name, *columns)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockBalance.item_id)
        .join(Organisation, Organisation.id == Lot.owner_id)
        .where(Location.kind == LocationKind.TRANSIT, StockBalance.on_hand > 0)
    )


def _by_transfers(ctx: Context) -> list[RoadRow]:
    found = (
        _lying(Transfer, _From.name, _To.name)
        .join(Transfer, Transfer.transit_id == Location.id)
        .join(_From, _From.id == Transfer.from_site_id)
        .join(_To, _To.id == Transfer.to_site_id)
    )
    # who is a party to a transfer sees what it carries, whoever owns and keeps it
    return [
        _row(ctx, "transfer", row, row[4].number, (row[5], row[6]), _by_own_words(row[4]), row[4].expected_at)
        for row in ctx.session.execute(also_showing(found, Site, StockBalance))
    ]


def _by_own_words(order: Transfer) -> Carried:
    return Carried(order.carrier, order.vehicle, order.driver, order.driver_phone, order.sent_at)


def _by_consignments(ctx: Context) -> list[RoadRow]:
    found = (
        _lying(Consignment, Vehicle, _From.name, _To.name)
        .join(Consignment, Consignment.transit_id == Location.id)
        .join(Shipment, Shipment.id == Consignment.shipment_id)
        .join(Vehicle, Vehicle.id == Shipment.vehicle_id)
        .join(_From, _From.id == Consignment.origin_site_id)
        .join(_To, _To.id == Consignment.delivery_site_id)
    )
    return [
        _row(
            ctx,
            "consignment",
            row,
            row[4].number,
            (row[6], row[7]),
            _by_vehicle(row[4], row[5]),
            row[4].planned_arrival_at,
        )
        for row in ctx.session.execute(also_showing(found, Site, StockBalance, Shipment, Vehicle))
    ]


def _by_vehicle(order: Consignment, vehicle: Vehicle) -> Carried:
    return Carried("", vehicle.plate, vehicle.driver, vehicle.driver_phone, order.departed_at)


def _row(
    ctx: Context, kind: str, found: Any, number: str, ends: tuple[str, str], by: Carried, expected_at: datetime | None
) -> RoadRow:
    balance, lot, item, owner = found[:4]
    return RoadRow(
        kind,
        number,
        item.sku,
        item.name,
        item.unit,
        lot.number,
        lot.expires_on,
        owner,
        balance.on_hand,
        *ends,
        by.carrier,
        by.vehicle,
        by.driver,
        by.driver_phone,
        by.left_at,
        expected_at,
        expected_at is not None and expected_at < ctx.now,
    )
