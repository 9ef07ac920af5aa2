"""One reading of the books, turned into the problem that the optimizer is asked to solve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from optimizer.model import DemandLine, Item, Lock, LockMode, Problem, Rules, Site, Substitute
from optimizer.remedy import Offer
from supplyops.audit.tables import ChainHead
from supplyops.catalogue.tables import Item as ItemRow
from supplyops.incidents.tables import Incident, IncidentReport
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.places.tables import Location
from supplyops.places.tables import Site as SiteRow
from supplyops.planning import rules
from supplyops.planning.demand import Demand, Wanted, demand_of
from supplyops.planning.figures import PlanFigures, plan_figures
from supplyops.planning.refusals import Refused
from supplyops.planning.supply import Supply, chain_of, supply_of
from supplyops.planning.transport import Transport, transport_of
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import StockBalance

ROOM = "goods of anybody take up room"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A problem, where the ledger stood when it was read, and goods that exist but were left out, by request line."""

    problem: Problem
    starts_at: datetime
    organisation_id: UUID
    heads: dict[str, Any]
    aside: dict[str, list[dict[str, Any]]]
    locks: tuple[rules.Lock, ...]
    """The commander's locks that are in the problem."""


def take_snapshot(ctx: Context, incident: Incident, number: str, locks: KeptLocks, refused: Refused) -> Snapshot:
    """Read everything a plan for the incident depends on. Raises Conflict `no_lines_to_plan` when nothing is outstanding."""
    demand = demand_of(ctx, incident)
    if not demand.lines:
        raise Conflict("no_lines_to_plan")
    figures = plan_figures(ctx)
    starts_at = whole_minute(ctx.now + timedelta(seconds=figures.approval_s))
    chain = chain_of(ctx, incident, demand)
    transport = transport_of(ctx, chain, figures, starts_at)
    supply = supply_of(ctx, incident, demand, chain, figures, starts_at, transport.vehicle_types, refused)
    standing = _at_place(demand, supply)
    chosen = _locks(demand, supply, standing, locks)
    problem = _problem(
        ctx, incident, number, demand, supply, transport, figures, starts_at, (*standing, *chosen.values())
    )
    return Snapshot(
        problem, starts_at, demand.body.id, _heads(ctx, supply.shards), _aside(demand, supply), tuple(chosen)
    )


def offers_of(ctx: Context, incident: Incident, starts_at: datetime, refused: Refused) -> tuple[Offer, ...]:
    """Goods outside a plan's reach as they are now, instants counted from the plan's start."""
    demand = demand_of(ctx, incident)
    if not demand.lines:
        return ()
    figures = plan_figures(ctx)
    chain = chain_of(ctx, incident, demand)
    transport = transport_of(ctx, chain, figures, starts_at)
    supply = supply_of(ctx, incident, demand, chain, figures, starts_at, transport.vehicle_types, refused)
    nodes = {node.id for node in transport.nodes}
    return tuple(
        Offer(
            each.why.value,
            lot=each.source,
            site=site_of(each.site, nodes, {}),
            params=each.params,
        )
        for each in supply.offers
    )


@dataclass(frozen=True, slots=True)
class KeptLocks:
    """Locks given now, which have to make sense, and those of an older plan, which are let go where they no longer do."""

    given: tuple[rules.Lock, ...]
    kept: tuple[rules.Lock, ...] = ()


def _problem(
    ctx: Context,
    incident: Incident,
    number: str,
    demand: Demand,
    supply: Supply,
    transport: Transport,
    figures: PlanFigures,
    starts_at: datetime,
    locks: tuple[Lock, ...],
) -> Problem:
    nodes = {node.id for node in transport.nodes}
    rooms = rooms_of(ctx, [wanted.site for wanted in demand.lines])
    sites = {**supply.sites, **transport.bases, **{wanted.site.id: wanted.site for wanted in demand.lines}}
    return Problem(
        id=number,
        starts_at=starts_at.isoformat(),
        items=tuple(item_of(row) for row in sorted(demand.items.values(), key=lambda row: row.sku)),
        sites=tuple(site_of(row, nodes, rooms) for row in sorted(sites.values(), key=lambda row: row.code)),
        lots=tuple(supply.lots),
        lines=tuple(line_of(demand, wanted, starts_at) for wanted in demand.lines),
        vehicle_types=transport.vehicle_types,
        vehicles=transport.vehicles,
        nodes=transport.nodes,
        edges=transport.edges,
        floors=tuple(supply.floors),
        contracts=tuple(supply.contracts),
        locks=locks,
        rules=Rules(
            stop_fixed_s=figures.stop_fixed_s,
            packs_per_minute=figures.packs_per_minute,
            incompatible_groups=figures.incompatible_groups,
            drive_s_max_single=figures.drive_s_max_single,
            drive_s_max_double=figures.drive_s_max_double,
            horizon_s=figures.horizon_s,
            late_s_max=figures.late_s_max,
            waiting_fen_per_person_hour=figures.waiting_fen_per_person_hour,
            is_freezing=_is_freezing(ctx, incident, figures, starts_at),
        ),
    )


def item_of(row: ItemRow) -> Item:
    """An item as the optimizer knows it."""
    return Item(
        id=row.sku,
        name=row.name,
        unit_mass_g=row.unit_mass_g,
        unit_volume_cm3=row.unit_volume_cm3,
        pack_quantity=row.pack_quantity,
        is_splittable=row.is_splittable,
        load_group=row.load_group.value,
        needs_refrigeration=row.needs_refrigeration,
        needs_warmth=row.needs_warmth,
        is_towed=row.is_towed,
    )


def site_of(row: SiteRow, nodes: set[str], rooms: dict[UUID, int]) -> Site:
    """A site as the optimizer knows it."""
    return Site(
        id=row.code,
        name=row.name,
        node=row.road_node if row.road_node in nodes else "",
        size_class_max=row.vehicle_class_max,
        loading_bays=row.loading_bays,
        takes_cm3_max=rooms.get(row.id),
    )


def rooms_of(ctx: Context, sites: Iterable[SiteRow]) -> dict[UUID, int]:
    """Room left at places of delivery whose capacity is registered: less what lies there already, whoever owns it."""
    limited = {site.id: site.capacity_cm3 for site in sites if site.capacity_cm3 is not None}
    lying = (
        select(Location.site_id, func.sum(StockBalance.on_hand * ItemRow.unit_volume_cm3))
        .join(Location, Location.id == StockBalance.location_id)
        .join(ItemRow, ItemRow.id == StockBalance.item_id)
        .where(Location.site_id.in_(limited))
        .group_by(Location.site_id)
    )
    taken = {site_id: int(volume) for site_id, volume in ctx.session.execute(unscoped(lying, ROOM))}
    return {site_id: max(0, capacity - taken.get(site_id, 0)) for site_id, capacity in limited.items()}


def line_of(demand: Demand, wanted: Wanted, starts_at: datetime) -> DemandLine:
    """A request line as the optimizer knows it."""
    line = wanted.line
    others = demand.substitutes.get(line.item_id, ()) if line.allows_substitutes else ()
    due_at = max(0, _seconds(line.latest_arrival_at, starts_at))
    return DemandLine(
        id=str(line.id),
        site_id=wanted.site.code,
        item_id=demand.items[line.item_id].sku,
        quantity=wanted.quantity,
        class_rank=line.class_rank,
        persons=line.persons,
        due_at=due_at,
        severity=line.severity,
        protected_permille=line.protected_permille,
        minimum_fill=min(wanted.quantity, max(0, line.minimum_fill - line.approved)),
        substitutes=tuple(
            Substitute(demand.items[each.substitute_id].sku, each.item_quantity, each.substitute_quantity)
            for each in others
        ),
        size_class_max=wanted.request.vehicle_class_max,
        opens_at=min(due_at, max(0, _seconds(wanted.request.receives_from, starts_at))),
    )


def _seconds(moment: datetime | None, starts_at: datetime) -> int:
    return 0 if moment is None else int((moment - starts_at).total_seconds())


def _at_place(demand: Demand, supply: Supply) -> tuple[Lock, ...]:
    """Goods that already lie where they are asked for are handed out there; no vehicle is sent for them."""
    return tuple(
        Lock(lot.id, str(wanted.line.id), LockMode.FORBID)
        for lot in supply.lots
        for wanted in demand.lines
        if lot.site_id == wanted.site.code and lot.item_id in _skus(demand, wanted)
    )


def _skus(demand: Demand, wanted: Wanted) -> set[str]:
    return {demand.items[item_id].sku for item_id in demand.usable_items(wanted)}


def _locks(demand: Demand, supply: Supply, standing: Iterable[Lock], locks: KeptLocks) -> dict[rules.Lock, Lock]:
    """The commander's locks in the optimizer's words. Raises InvalidInput for one given now that cannot be kept."""
    items = {lot.id: lot.item_id for lot in supply.lots} | {each.id: each.item_id for each in supply.contracts}
    amounts = {lot.id: lot.quantity for lot in supply.lots} | {each.id: each.quantity for each in supply.contracts}
    lines = {wanted.line.id: wanted for wanted in demand.lines}
    taken = {(lock.source_id, lock.line_id) for lock in standing}

    def fault(lock: rules.Lock) -> str:
        wanted = lines.get(lock.request_line_id)
        if wanted is None:
            return "lock_line_not_open"
        if lock.source not in items or (lock.source, str(lock.request_line_id)) in taken:
            return "lock_source_not_free"
        if items[lock.source] not in _skus(demand, wanted):
            return "lock_other_item"
        demanding = lock.mode in {rules.LockMode.EXACTLY, rules.LockMode.AT_LEAST}
        return "lock_too_much" if demanding and lock.quantity > amounts[lock.source] else ""

    faults = [(place, lock, fault(lock)) for place, lock in enumerate(locks.given)]
    errors = tuple(
        FieldError(f"locks.{place}", code, {"quantity": lock.quantity, "available": amounts.get(lock.source, 0)})
        for place, lock, code in faults
        if code
    )
    if errors:
        raise InvalidInput(fields=errors)
    given = {(lock.source, lock.request_line_id) for lock in locks.given}
    kept = [lock for lock in locks.kept if (lock.source, lock.request_line_id) not in given and not fault(lock)]
    return {
        lock: Lock(lock.source, str(lock.request_line_id), LockMode(lock.mode.value), lock.quantity)
        for lock in (*locks.given, *kept)
    }


def _aside(demand: Demand, supply: Supply) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for wanted in demand.lines:
        entries = [
            {
                "code": entry["code"],
                "params": {**entry["params"], "item": demand.items[item_id].name, "unit": demand.items[item_id].unit},
            }
            for item_id in demand.usable_items(wanted)
            for entry in supply.aside.get(item_id, [])
        ]
        there = sum(
            lot.quantity
            for lot in supply.lots
            if lot.site_id == wanted.site.code and lot.item_id == demand.items[wanted.line.item_id].sku
        )
        if there:
            item = demand.items[wanted.line.item_id]
            params = {"quantity": there, "site": wanted.site.name, "item": item.name, "unit": item.unit}
            entries.append({"code": rules.Aside.AT_PLACE.value, "params": params})
        if entries:
            found[str(wanted.line.id)] = entries
    return found


def _heads(ctx: Context, shards: set[str]) -> dict[str, Any]:
    """Where the ledgers of the stores stood."""
    rows = ctx.session.scalars(select(ChainHead).where(ChainHead.shard.in_(shards)).order_by(ChainHead.shard))
    return {head.shard: {"seq": head.seq, "hash": head.hash} for head in rows}


def _is_freezing(ctx: Context, incident: Incident, figures: PlanFigures, starts_at: datetime) -> bool:
    """By the night temperature of the newest report; where nobody reported one, by the month."""
    newest = (
        select(IncidentReport.night_temperature_c)
        .where(IncidentReport.incident_id == incident.id)
        .order_by(IncidentReport.version.desc())
        .limit(1)
    )
    temperature = ctx.session.scalar(newest)
    if temperature is None:
        return beijing(starts_at).month in figures.snow_months
    return temperature < figures.freezing_below_c


def whole_minute(moment: datetime) -> datetime:
    """The next whole minute: nobody reads a plan by the second."""
    rest = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return moment if not rest else moment - rest + timedelta(minutes=1)
