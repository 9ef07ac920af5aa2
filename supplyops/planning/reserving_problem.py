"""Reading the books for a reserve: stores, stock, contracts, ways and the needs of every scenario."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy import func, select

from optimizer.model import Edge, Problem
from optimizer.model import Site as RoadSite
from optimizer.reserve import Held, Need, Option, ReserveItem, ReserveProblem, ReserveSite, Scenario, Way
from optimizer.travel import Roads
from supplyops.catalogue.tables import Item, NeedClass
from supplyops.contracts.tables import Contract, ContractLine
from supplyops.fleet.tables import Vehicle, VehicleType
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict
from supplyops.norms.figures import fraction
from supplyops.norms.queries import norms_in_force
from supplyops.norms.rules import Norm, Season
from supplyops.norms.targets import Targets
from supplyops.people.rules import Level
from supplyops.people.tables import Organisation
from supplyops.places.rules import SiteKind
from supplyops.places.tables import Location, Site
from supplyops.planning.figures import PlanFigures, plan_figures
from supplyops.planning.supply import contract_vehicle_type
from supplyops.planning.tables import ReserveScenario
from supplyops.planning.transport import roads_in_season
from supplyops.reserves.cover import CoverInput, drivers_of, use_of
from supplyops.reserves.reckoning import yardstick
from supplyops.reserves.supply import GOODS, on_shelves
from supplyops.runtime import Context, unscoped
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.tables import Lot, StockBalance

NEAREST = 8
"""Stores looked at for each place in need, the nearest first."""
ROOMY_CM3 = 10**12
"""Of a store without a stated capacity."""
BECAUSE = "whoever plans a reserve counts what could help"
ENDS = {SiteKind.DELIVERY_POINT: 0, SiteKind.RESERVE_POINT: 1, SiteKind.WAREHOUSE: 2}


@dataclass(frozen=True, slots=True)
class Read:
    """A problem and the rows behind its ids."""

    problem: ReserveProblem
    items: dict[str, Item]
    sites: dict[str, Site]
    contracts: dict[str, str]
    fleets: dict[str, dict[str, int]]
    """Vehicles by store and type."""


def read_problem(
    ctx: Context,
    body: Organisation,
    scenarios: Sequence[ReserveScenario],
    budget_fen: int,
    need_class: str,
    rounds: int | None,
) -> Read:
    """Everything a reserve of a body and those below it is advised from. Raises Conflict `area_without_site`,
    `no_reserve_stores`, `no_reserve_needs`."""
    stores = _stores(ctx, body)
    if not stores:
        raise Conflict("no_reserve_stores", organisation=body.name)
    ranks = {row.code: row.rank for row in ctx.session.scalars(select(NeedClass))}
    items = {
        item.sku: item
        for item in ctx.session.scalars(select(Item).order_by(Item.sku))
        if not need_class or item.need_class == need_class
    }
    ends = _ends(ctx, {row["area_code"] for one in scenarios for row in one.persons})
    ways = _Ways(ctx, [*stores.values(), *ends.values()])
    built = [_scenario(ctx, one, items, ranks, stores, ends, ways, body.level) for one in scenarios]
    wanted = {need.item_id for one in built for need in one.needs}
    if not wanted:
        raise Conflict("no_reserve_needs", organisation=body.name)
    fleets = _fleets(ctx, stores)
    volumes = dict(ctx.session.execute(select(VehicleType.code, VehicleType.volume_cm3)).all())
    contracts, options = _options(ctx, body, items, wanted, stores)
    problem = ReserveProblem(
        items=tuple(
            ReserveItem(sku, item.unit_volume_cm3, item.reference_price_fen or 0, item.pack_quantity)
            for sku, item in items.items()
            if sku in wanted
        ),
        sites=tuple(_site(site, fleets.get(site.code, {}), volumes, rounds) for site in stores.values()),
        ways=(),
        scenarios=tuple(built),
        budget_fen=budget_fen,
        held=tuple(_held(ctx, wanted, stores)),
        options=options,
    )
    return Read(problem, items, stores, contracts, fleets)


def _stores(ctx: Context, body: Organisation) -> dict[str, Site]:
    rows = ctx.session.scalars(
        unscoped(
            select(Site)
            .join(Organisation, Organisation.id == Site.organisation_id)
            .where(
                Site.is_active,
                Site.kind.in_([SiteKind.WAREHOUSE, SiteKind.RESERVE_POINT]),
                Organisation.path.startswith(body.path, autoescape=True),
            )
            .order_by(Site.code),
            BECAUSE,
        )
    )
    return {site.code: site for site in rows}


def _ends(ctx: Context, areas: set[str]) -> dict[str, Site]:
    """Where goods for an area have to be: its first delivery point on a road, or another site of it."""
    found: dict[str, Site] = {}
    rows = ctx.session.scalars(unscoped(select(Site).where(Site.is_active, Site.area_code.in_(areas)), BECAUSE)).all()
    for site in sorted(rows, key=lambda row: (not row.road_node, ENDS.get(row.kind, 9), row.code)):
        found.setdefault(site.area_code, site)
    for area in sorted(areas - found.keys()):
        raise Conflict("area_without_site", area=area)
    return found


class _Ways:
    """Hours between sites by road, season by season and road by road closed."""

    def __init__(self, ctx: Context, sites: Sequence[Site]) -> None:
        self._figures: PlanFigures = plan_figures(ctx)
        self._graphs = {
            season: roads_in_season(ctx, is_snow_time=season is Season.WINTER)
            for season in (Season.SUMMER, Season.WINTER)
        }
        types, nodes, _ = self._graphs[Season.SUMMER]
        self._type = contract_vehicle_type(self._figures, types)
        known = {node.id for node in nodes}
        self._sites = tuple(
            {s.code: RoadSite(s.code, s.name, s.road_node if s.road_node in known else "") for s in sites}.values()
        )
        self._made: dict[tuple[Season, tuple[str, ...]], Roads] = {}

    def hours(self, season: Season, closed: Sequence[str], origin: Site, end: Site) -> int | None:
        """Whole hours with loading and unloading; at once in the same place, None where no road leads."""
        if origin.code == end.code or origin.area_code == end.area_code:
            return 0
        if self._type is None:
            return None
        key = (season, tuple(sorted(closed)))
        if key not in self._made:
            types, nodes, edges = self._graphs[season]
            shut = set(closed)
            open_: tuple[Edge, ...] = tuple(
                replace(edge, is_open=edge.is_open and edge.id not in shut) for edge in edges
            )
            self._made[key] = Roads(
                Problem(
                    id="ways",
                    starts_at="",
                    items=(),
                    sites=self._sites,
                    lots=(),
                    lines=(),
                    vehicle_types=types,
                    vehicles=(),
                    nodes=nodes,
                    edges=open_,
                )
            )
        seconds = self._made[key].time_s(self._type, origin.code, end.code)
        return None if seconds is None else -(-(seconds + 2 * self._figures.stop_fixed_s) // 3600)


def _scenario(
    ctx: Context, one: ReserveScenario, items: Mapping[str, Item], ranks: Mapping[str, int], stores: Mapping[str, Site],
    ends: Mapping[str, Site], ways: _Ways, body_level: Level,
) -> Scenario:  # fmt: skip
    by_sku: dict[str, list[Norm]] = defaultdict(list)
    for norm in norms_in_force(ctx, one.season, one.hazard, business_day(ctx.now)):
        if norm.sku in items:
            by_sku[norm.sku].append(norm)
    per_tent, last = fraction(ctx, "persons_per_tent"), max(ranks.values(), default=1)
    needs: list[Need] = []
    links: list[Way] = []
    for row in one.persons:
        area, persons = row["area_code"], row["persons"]
        drivers = drivers_of(ctx, CoverInput(body_level, area, persons, one.season, one.hazard))
        for sku, norms in sorted(by_sku.items()):
            use = use_of(norms, drivers, per_tent).by_hour(Fraction(one.within_hours))
            quantity = int(-(-use // items[sku].content_quantity))
            if quantity > 0:
                weight = last + 1 - ranks.get(items[sku].need_class, last)
                needs.append(Need(area, sku, quantity, persons, one.within_hours, weight))
        near = []
        for site in stores.values():
            hours = ways.hours(one.season, one.closed_road_codes, site, ends[area])
            if hours is not None and hours <= one.within_hours:
                near.append((hours, site.code))
        links += [Way(code, area, hours) for hours, code in sorted(near)[:NEAREST]]
    lost = tuple(code for code in one.lost_site_codes if code in stores)
    return Scenario(one.code, one.probability_permille, tuple(needs), lost, tuple(links))


def _site(site: Site, fleet: Mapping[str, int], volumes: Mapping[str, int], rounds: int | None) -> ReserveSite:
    out = None
    if rounds is not None and fleet:
        out = rounds * sum(volumes[kind] * count for kind, count in fleet.items())
    return ReserveSite(site.code, site.level.value, ROOMY_CM3 if site.capacity_cm3 is None else site.capacity_cm3, out)


def _fleets(ctx: Context, stores: Mapping[str, Site]) -> dict[str, dict[str, int]]:
    rows = ctx.session.execute(
        unscoped(
            select(Site.code, VehicleType.code, func.count())
            .join(Vehicle, Vehicle.base_site_id == Site.id)
            .join(VehicleType, VehicleType.id == Vehicle.type_id)
            .where(Site.code.in_(stores))
            .group_by(Site.code, VehicleType.code),
            BECAUSE,
        )
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for site, kind, count in rows:
        found[site][kind] = count
    return dict(found)


def _held(ctx: Context, wanted: set[str], stores: Mapping[str, Site]) -> list[Held]:
    """Good stock on the shelves, by store and item."""
    targets = Targets(ctx)
    good_after = targets.day + timedelta(days=yardstick(targets).horizon_days)
    rows = ctx.session.execute(
        unscoped(
            select(Site.code, Item.sku, func.sum(StockBalance.on_hand - StockBalance.reserved))
            .join(Location, Location.id == StockBalance.location_id)
            .join(Site, Site.id == Location.site_id)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Item, Item.id == StockBalance.item_id)
            .where(
                *on_shelves(),
                Lot.id.not_in(blocked_lots()),
                Lot.expires_on.is_(None) | (Lot.expires_on > good_after),
                Site.code.in_(stores),
                Item.sku.in_(wanted),
            )
            .group_by(Site.code, Item.sku)
            .order_by(Site.code, Item.sku),
            BECAUSE,
        )
    )
    return [Held(site, sku, int(quantity)) for site, sku, quantity in rows if quantity > 0]


def _options(
    ctx: Context, body: Organisation, items: Mapping[str, Item], wanted: set[str], stores: Mapping[str, Site]
) -> tuple[dict[str, str], tuple[Option, ...]]:
    """Contracts in force of the body and those below it: already agreed, so only the call has a price. The supplier
    brings the goods to the buyer's first store within the lead time."""
    today = business_day(ctx.now)
    by_owner: dict[UUID, str] = {}
    for code, site in stores.items():
        by_owner.setdefault(site.organisation_id, code)
    rows = ctx.session.execute(
        unscoped(
            select(ContractLine, Contract, Item.sku)
            .join(Contract, Contract.id == ContractLine.contract_id)
            .join(Item, Item.id == ContractLine.item_id)
            .join(Organisation, Organisation.id == Contract.buyer_id)
            .where(
                Item.sku.in_(wanted & items.keys()),
                Contract.type.in_(GOODS),
                Contract.valid_from <= today,
                Contract.valid_to >= today,
                Contract.is_exercise.is_(False),
                ContractLine.called < ContractLine.guaranteed_quantity,
                Organisation.path.startswith(body.path, autoescape=True),
            )
            .order_by(Contract.number, ContractLine.line_no),
            BECAUSE,
        )
    )
    names, options = {}, []
    first = next(iter(stores), "")
    for line, contract, sku in rows:
        at = by_owner.get(contract.buyer_id, first)
        if at:
            names[str(line.id)] = contract.number
            options.append(
                Option(str(line.id), at, sku, line.remaining, 0, line.unit_price_fen, contract.lead_time_hours)
            )
    return names, tuple(options)
