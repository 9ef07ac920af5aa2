"""What a place can count on: its own stock, what higher levels keep with it, contracts, what society has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select

from supplyops.contracts.rules import ContractType, Ramp, available_from
from supplyops.contracts.tables import Contract, ContractLine
from supplyops.kernel.codec import from_json
from supplyops.places.rules import LocationKind, SiteKind
from supplyops.places.tables import Location, Site
from supplyops.reserves.places import LEVELS, Place, PlaceKey, Places
from supplyops.runtime import Context, also_showing
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.tables import Lot, StockBalance

GOODS = (ContractType.PRESIGNED, ContractType.AGREED_STOCK, ContractType.CAPACITY)
Key = tuple[PlaceKey, UUID]


@dataclass(slots=True)
class Amounts:
    """What one place has of one item. Only `own` and `delegated` are usable; the rest says where stock is that does not count."""

    own: int = 0
    delegated: int = 0
    contract: int = 0
    social: int = 0
    reserved: int = 0
    expiring: int = 0
    expired: int = 0
    quarantined: int = 0
    held: int = 0

    @property
    def usable(self) -> int:
        """What can be drawn on."""
        return self.own + self.delegated


def supply_of(
    ctx: Context, places: Places, today: date, good_after: date, signed_on: date, contract_hours: int
) -> dict[Key, Amounts]:
    """Amounts by (place, item). Stock counts whose last good day lies after `good_after`, contracts in force on `signed_on`."""
    found: dict[Key, Amounts] = defaultdict(Amounts)
    _add_stock(ctx, found, places, today, good_after)
    _add_contracts(ctx, found, places, signed_on, contract_hours)
    return found


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one owner has of one item with one keeper."""

    item_id: UUID
    owner_id: UUID
    keeper_id: UUID
    usable: int
    reserved: int
    expired: int
    expiring: int
    quarantined: int
    held: int


def shelves(ctx: Context, today: date, good_after: date) -> list[Shelf]:
    """Stock in reach, summed by item, owner and keeper. Goods at delivery points are with those who need them."""
    free = StockBalance.on_hand - StockBalance.reserved
    shelf = Location.kind == LocationKind.STORAGE
    held = Lot.id.in_(blocked_lots())
    lasts = or_(Lot.expires_on.is_(None), Lot.expires_on > good_after) & Lot.id.not_in(blocked_lots())
    soon = (Lot.expires_on >= today) & (Lot.expires_on <= good_after)
    statement = (
        select(
            StockBalance.item_id,
            StockBalance.owner_id,
            Site.organisation_id,
            func.sum(case((shelf & lasts, free), else_=0)),
            func.sum(case((shelf, StockBalance.reserved), else_=0)),
            func.sum(case((shelf & (Lot.expires_on < today), free), else_=0)),
            func.sum(case((shelf & soon, free), else_=0)),
            func.sum(case((Location.kind == LocationKind.QUARANTINE, StockBalance.on_hand), else_=0)),
            func.sum(case((shelf & held, free), else_=0)),
        )
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Site, Site.id == Location.site_id)
        .where(*on_shelves())
        .group_by(StockBalance.item_id, StockBalance.owner_id, Site.organisation_id)
    )
    rows = ctx.session.execute(also_showing(statement, Site))
    return [Shelf(item, owner, keeper, *(int(each) for each in sums)) for item, owner, keeper, *sums in rows]


def on_shelves() -> Sequence[ColumnElement[bool]]:
    """Which balances are looked at at all: real goods in stores that are open, not where people were given them."""
    return [
        StockBalance.on_hand > 0,
        Lot.is_exercise.is_(False),
        Site.is_active.is_(True),
        Site.kind != SiteKind.DELIVERY_POINT,
        Location.kind.in_([LocationKind.STORAGE, LocationKind.QUARANTINE]),
    ]


def _add_stock(ctx: Context, found: dict[Key, Amounts], places: Places, today: date, good_after: date) -> None:
    for shelf in shelves(ctx, today, good_after):
        for place, is_own in holders(places, shelf.owner_id, shelf.keeper_id):
            amounts = found[place.key, shelf.item_id]
            if is_own:
                amounts.own += shelf.usable
            else:
                amounts.delegated += shelf.usable
            amounts.reserved += shelf.reserved
            amounts.expired += shelf.expired
            amounts.expiring += shelf.expiring
            amounts.quarantined += shelf.quarantined
            amounts.held += shelf.held
        society = places.near(shelf.owner_id)
        if society is not None:
            found[society.key, shelf.item_id].social += shelf.usable


def pooled(ctx: Context, places: Places, pool: set[PlaceKey], today: date, good_after: date) -> dict[UUID, int]:
    """Usable stock by item of several places together; goods that two of them may count are counted once."""
    found: dict[UUID, int] = defaultdict(int)
    for shelf in shelves(ctx, today, good_after):
        if any(place.key in pool for place, _ in holders(places, shelf.owner_id, shelf.keeper_id)):
            found[shelf.item_id] += shelf.usable
    return found


def holders(places: Places, owner_id: UUID, keeper_id: UUID | None) -> list[tuple[Place, bool]]:
    """Who may count goods as theirs: the owner's place, and the place a higher level keeps them with (代储)."""
    owner, keeper = places.of(owner_id), places.of(keeper_id)
    found = [(owner, True)] if owner is not None else []
    if owner is not None and keeper is not None and LEVELS.index(owner.level) < LEVELS.index(keeper.level):
        found.append((keeper, False))
    return found


def _add_contracts(ctx: Context, found: dict[Key, Amounts], places: Places, day: date, contract_hours: int) -> None:
    rows = ctx.session.execute(
        select(ContractLine, Contract)
        .join(Contract, Contract.id == ContractLine.contract_id)
        .where(
            ContractLine.item_id.is_not(None),
            ContractLine.called < ContractLine.guaranteed_quantity,
            Contract.type.in_(GOODS),
            Contract.valid_from <= day,
            Contract.valid_to >= day,
            Contract.is_exercise.is_(False),
        )
    )
    for line, contract in rows:
        place = places.of(contract.buyer_id)
        if place is not None and line.item_id is not None:
            found[place.key, line.item_id].contract += deliverable(contract, line, contract_hours)


def deliverable(contract: Contract, line: ContractLine, within_hours: int) -> int:
    """What remains of the guaranteed quantity and can stand at the door within so many hours of the supplier's confirmation."""
    limit = timedelta(hours=within_hours)
    steps = available_from(
        contract.lead_time_hours, from_json(tuple[Ramp, ...], line.ramp), line.remaining, line.guaranteed_quantity
    )
    return max((amount for after, amount in steps if after <= limit), default=0)
