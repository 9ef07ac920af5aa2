"""What stands behind a figure: lots with why some do not count, and contracts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from supplyops.contracts.tables import Contract, ContractLine
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.reserves.places import Place, Places
from supplyops.reserves.supply import GOODS, deliverable, holders, on_shelves
from supplyops.reserves.views import ContractBehind, StockBehind
from supplyops.runtime import Context, also_showing
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.tables import Lot, StockBalance

_Owner = aliased(Organisation)


def stock_behind(
    ctx: Context, places: Places, place: Place, item_id: UUID, today: date, good_after: date
) -> tuple[list[StockBehind], list[StockBehind]]:
    """Every lot of an item that a place may count as its own or keeps for a higher level; and every one of society's that may
    help it. First to expire first."""
    statement = (
        select(StockBalance, Lot, Location, Site, _Owner)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Site, Site.id == Location.site_id)
        .join(_Owner, _Owner.id == StockBalance.owner_id)
        .where(StockBalance.item_id == item_id, *on_shelves())
        .order_by(func.coalesce(Lot.expires_on, date.max), Lot.number, Location.code)
    )
    found: list[StockBehind] = []
    society: list[StockBehind] = []
    blocked = set(ctx.session.scalars(blocked_lots()))
    for balance, lot, location, site, owner in ctx.session.execute(also_showing(statement, Site)):
        holding = [each for each, _ in holders(places, owner.id, site.organisation_id)]
        if place not in holding and places.near(owner.id) != place:
            continue
        why = "held" if lot.id in blocked else _why_not(lot, location, today, good_after)
        (found if place in holding else society).append(
            StockBehind(
                lot.number,
                location.name,
                site.code,
                site.name,
                owner.name,
                lot.expires_on,
                balance.on_hand,
                balance.reserved,
                0 if why else balance.on_hand - balance.reserved,
                why,
            )
        )
    return found, society


def _why_not(lot: Lot, location: Location, today: date, good_after: date) -> str:
    """A code of why a lot does not count; empty for one that does."""
    if location.kind is LocationKind.QUARANTINE:
        return "quarantined"
    if lot.expires_on is not None and lot.expires_on < today:
        return "expired"
    if lot.expires_on is not None and lot.expires_on <= good_after:
        return "expiring"
    return ""


def contracts_behind(
    ctx: Context, places: Places, place: Place, item_id: UUID, today: date, contract_hours: int
) -> list[ContractBehind]:
    """Contracts in force that give an item to a place, with what can come in time."""
    rows = ctx.session.execute(
        select(ContractLine, Contract, Organisation.name)
        .join(Contract, Contract.id == ContractLine.contract_id)
        .join(Organisation, Organisation.id == Contract.supplier_id)
        .where(
            ContractLine.item_id == item_id,
            Contract.type.in_(GOODS),
            Contract.valid_from <= today,
            Contract.valid_to >= today,
            Contract.is_exercise.is_(False),
        )
        .order_by(Contract.number, ContractLine.line_no)
    )
    return [
        ContractBehind(
            contract.number, name, line.remaining, deliverable(contract, line, contract_hours), contract.valid_to
        )
        for line, contract, name in rows
        if places.of(contract.buyer_id) == place
    ]
