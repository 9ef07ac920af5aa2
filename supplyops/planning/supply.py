"""What a plan may draw on: free stock in reach of the chain of command, floors, contracts; and what was left out, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from optimizer import model as asked
from supplyops.catalogue.tables import Item
from supplyops.contracts.rules import Carrier, ContractType, Ramp, available_from
from supplyops.contracts.tables import Contract, ContractLine
from supplyops.incidents.tables import Incident
from supplyops.kernel.clock import business_day, start_of_day
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import Conflict
from supplyops.people.rules import Level, OrganisationKind
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind, SiteKind
from supplyops.places.tables import Location, Site
from supplyops.planning.demand import BECAUSE, Demand
from supplyops.planning.figures import MIDDLE_TYPE, PlanFigures
from supplyops.planning.floors import floors_of
from supplyops.planning.refusals import Refused
from supplyops.planning.rules import Aside, Rung, contract_source, lot_source
from supplyops.requests.rules import LetterState
from supplyops.requests.tables import CoordinationLetter
from supplyops.runtime import Context, unscoped
from supplyops.stock.blocking import states_of
from supplyops.stock.keeping import kept_for
from supplyops.stock.rules import LotState, MoveReason
from supplyops.stock.tables import Lot, StockBalance, StockMove

BLOCKED = {LotState.HELD: Aside.HELD, LotState.RECALLED: Aside.RECALLED, LotState.DAMAGED: Aside.DAMAGED}
GOODS_CONTRACTS = (ContractType.PRESIGNED, ContractType.AGREED_STOCK, ContractType.CAPACITY)
OUTSIDE_KINDS = frozenset(
    {OrganisationKind.XPCC, OrganisationKind.MILITARY, OrganisationKind.ENTERPRISE, OrganisationKind.SOCIAL}
)
_Keeper = aliased(Organisation)


OPENABLE = frozenset({Aside.OUTSIDE_CHAIN, Aside.QUARANTINE, Aside.HELD, Aside.REFUSED})
"""Reasons that people can take away: by a letter, an inspection, a word."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Goods left out: the reason, the goods as a plan would see them, their place and what to call them."""

    why: Aside
    source: asked.Lot
    site: Site
    params: dict[str, str]


@dataclass(slots=True)
class Supply:
    """The sources of a plan, the sites and shards they lie in, and what was left out by item."""

    lots: list[asked.Lot] = field(default_factory=list)
    floors: list[asked.Floor] = field(default_factory=list)
    contracts: list[asked.Contract] = field(default_factory=list)
    sites: dict[UUID, Site] = field(default_factory=dict)
    shards: set[str] = field(default_factory=set)
    aside: dict[UUID, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    offers: list[Offered] = field(default_factory=list)
    """What was left out and could come in, once somebody agrees or sees to it."""

    def leave_out(self, item_id: UUID, why: Aside, quantity: int, **where: str) -> None:
        """Note goods that exist and may not be used; the same reason at the same place adds up."""
        for entry in self.aside[item_id]:
            if entry["code"] == why.value and all(entry["params"].get(name) == value for name, value in where.items()):
                entry["params"]["quantity"] += quantity
                return
        self.aside[item_id].append({"code": why.value, "params": {"quantity": quantity, **where}})


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain of command as one incident sees it."""

    body: Organisation
    root: str
    asking: tuple[str, ...]
    """Paths of the bodies that ask."""
    consenting: frozenset[UUID]
    """Bodies outside the chain that have agreed in writing to help in this incident."""

    def holds(self, owner: Organisation) -> bool:
        """May a plan count on what this body owns, provided its approver agrees? Outsiders only by recorded consent."""
        if is_outside(owner):
            return owner.id in self.consenting
        return owner.is_active and owner.path.startswith(self.root)

    def is_above(self, owner: Organisation) -> bool:
        """Does the body belong to a higher tier than the one that plans?"""
        tiers = (Level.REGION, Level.PREFECTURE)
        return owner.level in tiers and not owner.path.startswith(self.body.path)

    def rung(self, owner: Organisation, keeper: Organisation) -> Rung:
        """Where an owner's goods in a keeper's store stand in the order of use."""
        if is_outside(owner):
            return Rung.SOCIAL
        if self.is_above(owner):
            if keeper.path.startswith(self.body.path):
                return Rung.DELEGATED
            return Rung.REGION if owner.level is Level.REGION else Rung.PREFECTURE
        if owner.path.startswith(self.body.path):
            own_tier = owner.level is self.body.level
            asks = any(path.startswith(owner.path) or owner.path.startswith(path) for path in self.asking)
            return Rung.OWN if own_tier or asks else Rung.NEIGHBOUR
        return Rung.NEIGHBOUR


def is_outside(owner: Organisation) -> bool:
    """Does a body give only what it has agreed to give?"""
    return not owner.in_chain or owner.kind in OUTSIDE_KINDS


def chain_of(ctx: Context, incident: Incident, demand: Demand) -> Chain:
    """The tree the planning body stands in, up to its root, and who else has agreed to help."""
    root = "/" + demand.body.path.strip("/").split("/")[0] + "/"
    letters = select(CoordinationLetter.addressee_id).where(
        CoordinationLetter.incident_id == incident.id, CoordinationLetter.state == LetterState.GRANTED
    )
    consenting = frozenset(ctx.session.scalars(unscoped(letters, BECAUSE)))
    asking = tuple(sorted({wanted.asking.path for wanted in demand.lines}))
    return Chain(demand.body, root, asking, consenting)


def supply_of(
    ctx: Context,
    incident: Incident,
    demand: Demand,
    chain: Chain,
    figures: PlanFigures,
    starts_at: datetime,
    vehicle_types: Sequence[asked.VehicleType],
    refused: Refused,
) -> Supply:
    """Everything in reach that could serve the demand, but for what its owners have refused."""
    supply = Supply()
    _add_lots(ctx, supply, incident, demand, chain, figures, starts_at, refused)
    _add_floors(ctx, supply, incident)
    _add_contracts(ctx, supply, incident, demand, chain, figures, starts_at, vehicle_types, refused)
    return supply


def _add_lots(
    ctx: Context,
    supply: Supply,
    incident: Incident,
    demand: Demand,
    chain: Chain,
    figures: PlanFigures,
    starts_at: datetime,
    refused: Refused,
) -> None:
    today = business_day(ctx.now)
    given = _already_given(ctx, incident)
    kept = kept_for(ctx, incident.id)
    found = ctx.session.execute(
        unscoped(
            select(StockBalance, Lot, Location, Site, Organisation, _Keeper)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Location, Location.id == StockBalance.location_id)
            .join(Site, Site.id == Location.site_id)
            .join(Organisation, Organisation.id == Lot.owner_id)
            .join(_Keeper, _Keeper.id == Site.organisation_id)
            .where(
                StockBalance.item_id.in_(demand.items),
                StockBalance.on_hand > 0,
                Location.kind.in_([LocationKind.STORAGE, LocationKind.QUARANTINE]),
                Lot.is_exercise == incident.is_exercise,
                Site.is_active,
                Site.kind != SiteKind.DELIVERY_POINT,
            )
            .order_by(Site.code, Location.code, Lot.number),
            BECAUSE,
        )
    )
    rows = found.all()
    blocked = states_of(ctx, {row[1].id for row in rows})
    for balance, lot, location, site, owner, keeper in rows:
        free = balance.on_hand - balance.reserved + kept.get((balance.location_id, lot.id), 0)
        if free <= 0:
            continue
        if (balance.location_id, lot.id) in given:
            continue
        why = _left_out(lot, location, owner, chain, today) or BLOCKED.get(blocked[lot.id])
        places = _allowed_places(lot, demand)
        if why is None and places is not None and not places:
            why = Aside.RESTRICTED
        if why is None and (lot.owner_id, lot.item_id) in refused:
            why = Aside.REFUSED
        seen = asked.Lot(
            id=lot_source(location.id, lot.id),
            site_id=site.code,
            item_id=demand.items[lot.item_id].sku,
            owner_id=owner.code,
            quantity=free,
            precedence=figures.order_of_use[chain.rung(owner, keeper)],
            expires_at=_seconds(start_of_day(lot.expires_on + timedelta(days=1)), starts_at)
            if lot.expires_on
            else None,
            only_sites=places or (),
            unit_price_fen=lot.unit_price_fen,
        )
        if why is not None:
            supply.leave_out(lot.item_id, why, free, owner=owner.name, site=site.name)
            if why in OPENABLE and (lot.expires_on is None or lot.expires_on >= today):
                supply.offers.append(Offered(why, seen, site, {"owner": owner.name, "site": site.name}))
            continue
        supply.sites[site.id] = site
        supply.shards.add(location.shard)
        supply.lots.append(seen)


def _left_out(lot: Lot, location: Location, owner: Organisation, chain: Chain, today: Any) -> Aside | None:
    if not chain.holds(owner):
        return Aside.OUTSIDE_CHAIN
    if location.kind is LocationKind.QUARANTINE:
        return Aside.QUARANTINE
    if lot.expires_on is not None and lot.expires_on < today:
        return Aside.EXPIRED
    return None


def _allowed_places(lot: Lot, demand: Demand) -> tuple[str, ...] | None:
    """Delivery sites a donor allows; None where there is no restriction. A purpose without a place has to be judged by people."""
    if not lot.restriction and not lot.restricted_area:
        return None
    if not lot.restricted_area:
        return ()
    inside = {
        wanted.site.code
        for wanted in demand.lines
        if demand.is_inside(wanted.request.area_code, lot.restricted_area)
        or demand.is_inside(wanted.site.area_code, lot.restricted_area)
    }
    return tuple(sorted(inside))


def _already_given(ctx: Context, incident: Incident) -> set[tuple[UUID, UUID]]:
    """Goods that were delivered for this incident lie with those who need them; a plan does not take them away again."""
    rows = ctx.session.execute(
        select(StockMove.target_id, StockMove.lot_id)
        .where(StockMove.incident_id == incident.id, StockMove.reason == MoveReason.DELIVERY)
        .distinct()
    )
    return {(place, lot) for place, lot in rows}


def _add_floors(ctx: Context, supply: Supply, incident: Incident) -> None:
    sites = {site.code: site for site in supply.sites.values()}
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for lot in supply.lots:
        owners[lot.owner_id].add((lot.site_id, lot.item_id))
    ids = _ids_of(ctx, supply, sorted(owners))
    for owner_code in sorted(owners):
        keys = {(sites[site].id, ids[sku]): (site, sku) for site, sku in sorted(owners[owner_code])}
        for floor in floors_of(ctx, incident.id, ids[owner_code], list(keys)):
            site, sku = keys[floor.site_id, floor.item_id]
            if floor.quantity:
                supply.floors.append(asked.Floor(site, sku, owner_code, floor.quantity))


def _ids_of(ctx: Context, supply: Supply, owners: list[str]) -> dict[str, UUID]:
    skus = {lot.item_id for lot in supply.lots}
    items = ctx.session.execute(select(Item.sku, Item.id).where(Item.sku.in_(skus)))
    bodies = ctx.session.execute(select(Organisation.code, Organisation.id).where(Organisation.code.in_(owners)))
    return {**dict(items.all()), **dict(bodies.all())}


def _add_contracts(
    ctx: Context,
    supply: Supply,
    incident: Incident,
    demand: Demand,
    chain: Chain,
    figures: PlanFigures,
    starts_at: datetime,
    vehicle_types: Sequence[asked.VehicleType],
    refused: Refused,
) -> None:
    today = business_day(ctx.now)
    rows = ctx.session.execute(
        unscoped(
            select(ContractLine, Contract, Organisation)
            .join(Contract, Contract.id == ContractLine.contract_id)
            .join(Organisation, Organisation.id == Contract.buyer_id)
            .where(
                ContractLine.item_id.in_(demand.items),
                ContractLine.called < ContractLine.guaranteed_quantity,
                Contract.type.in_(GOODS_CONTRACTS),
                Contract.valid_from <= today,
                Contract.valid_to >= today,
                Contract.is_exercise == incident.is_exercise,
            )
            .order_by(Contract.number, ContractLine.line_no),
            BECAUSE,
        )
    )
    vehicle_type = contract_vehicle_type(figures, vehicle_types)
    for line, contract, buyer in rows:
        mine = buyer.path.startswith(chain.body.path) or chain.is_above(buyer)
        if line.item_id is None or not mine or not chain.holds(buyer):
            continue
        if (buyer.id, line.item_id) in refused:
            supply.leave_out(line.item_id, Aside.REFUSED, line.remaining, owner=buyer.name, site=contract.number)
            continue
        site = _supply_site(ctx, contract)
        is_fetched = contract.carrier is Carrier.FLEET
        if site is None or (vehicle_type is None and not is_fetched):
            why = Aside.CONTRACT_NO_SITE if site is None else Aside.NO_VEHICLE_TYPE
            supply.leave_out(line.item_id, why, line.remaining, contract=contract.number)
            continue
        supply.sites[site.id] = site
        supply.contracts.append(
            asked.Contract(
                id=contract_source(line.id),
                item_id=demand.items[line.item_id].sku,
                owner_id=buyer.code,
                site_id=site.code,
                steps=_steps(contract, line, _seconds(ctx.now, starts_at)),
                carriage=asked.Carriage.FLEET if is_fetched else asked.Carriage.SUPPLIER,
                vehicle_type_id="" if is_fetched or vehicle_type is None else vehicle_type,
                minimum_order=line.minimum_order,
                precedence=figures.order_of_use[Rung.CONTRACT],
                unit_price_fen=line.unit_price_fen,
            )
        )


def contract_vehicle_type(figures: PlanFigures, known: Sequence[asked.VehicleType]) -> str | None:
    """What suppliers are taken to deliver with; None in a house without any type. Raises Conflict for one it does not know."""
    named = figures.contract_vehicle_type
    if not known:
        return None
    if named == MIDDLE_TYPE:
        by_payload = sorted(known, key=lambda each: (each.payload_g, each.id))
        return by_payload[len(by_payload) // 2].id
    if named not in {each.id for each in known}:
        raise Conflict("bad_parameter", key="plan.contract_vehicle_type", value=named)
    return named


def _supply_site(ctx: Context, contract: Contract) -> Site | None:
    if contract.supply_site_id is None:
        return None
    return ctx.session.get(Site, contract.supply_site_id, execution_options={"unscoped": True})


def _steps(contract: Contract, line: ContractLine, called_at: int) -> tuple[asked.Step, ...]:
    """When how much can stand at the delivery point, or be fetched at the supplier's: counted from the supplier's confirmation."""
    confirmed_at = max(called_at, 0) + contract.confirm_minutes * 60
    ramp = from_json(tuple[Ramp, ...], line.ramp)
    found = available_from(contract.lead_time_hours, ramp, line.remaining, line.guaranteed_quantity)
    return tuple(asked.Step(confirmed_at + int(after.total_seconds()), amount) for after, amount in found)


def _seconds(moment: datetime, starts_at: datetime) -> int:
    return int((moment - starts_at).total_seconds())
