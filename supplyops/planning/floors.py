"""Floors: stock that plans may not touch until its owner orders otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from supplyops.incidents.tables import Incident
from supplyops.kernel.clock import business_day
from supplyops.norms.targets import Targets
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.planning.tables import FloorRelease
from supplyops.runtime import Context, unscoped
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.keeping import kept_for
from supplyops.stock.tables import Lot, StockBalance


@dataclass(frozen=True, slots=True)
class Floor:
    """What must stay of one item of one owner at one site, and what is free there now."""

    site_id: UUID
    item_id: UUID
    owner_id: UUID
    norm_quantity: int
    released: int
    quantity: int
    available: int


def floors_of(ctx: Context, incident_id: UUID, owner_id: UUID, keys: Sequence[tuple[UUID, UUID]]) -> list[Floor]:
    """The floors that hold for an owner's goods at some (site, item), less what was released for the incident.

    Exercise goods guard nobody: an exercise has no floors.
    """
    incident = ctx.session.get(Incident, incident_id, execution_options={"unscoped": True})
    if not keys or incident is None or incident.is_exercise:
        return []
    targets = Targets(ctx)
    sites = {
        site.id: site
        for site in ctx.session.scalars(
            unscoped(select(Site).where(Site.id.in_({key[0] for key in keys})), "floors are facts of the place")
        )
    }
    released = _released(ctx, incident_id, owner_id)
    available = _available(ctx, incident_id, owner_id, keys)
    floors = []
    for site_id, item_id in keys:
        site = sites[site_id]
        target = targets.of(site.level, site.area_code, item_id)
        if target is None:
            continue
        freed = min(released.get((site_id, item_id), 0), target.floor)
        floors.append(
            Floor(
                site_id,
                item_id,
                owner_id,
                target.floor,
                freed,
                target.floor - freed,
                available.get((site_id, item_id), 0),
            )
        )
    return floors


def _released(ctx: Context, incident_id: UUID, owner_id: UUID) -> dict[tuple[UUID, UUID], int]:
    rows = ctx.session.execute(
        select(FloorRelease.site_id, FloorRelease.item_id, func.sum(FloorRelease.quantity))
        .where(FloorRelease.incident_id == incident_id, FloorRelease.owner_id == owner_id)
        .group_by(FloorRelease.site_id, FloorRelease.item_id)
    )
    return {(site_id, item_id): int(quantity) for site_id, item_id, quantity in rows}


def _available(
    ctx: Context, incident_id: UUID, owner_id: UUID, keys: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], int]:
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance.site_id, StockBalance.item_id, func.sum(StockBalance.on_hand - StockBalance.reserved))
            .join(Location, Location.id == StockBalance.location_id)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .where(
                Lot.is_exercise.is_(False),
                Lot.id.not_in(blocked_lots()),
                or_(Lot.expires_on.is_(None), Lot.expires_on >= business_day(ctx.now)),
                tuple_(StockBalance.site_id, StockBalance.item_id).in_(list(keys)),
                StockBalance.owner_id == owner_id,
                Location.kind == LocationKind.STORAGE,
            )
            .group_by(StockBalance.site_id, StockBalance.item_id),
            "the floor counts the whole store, but nothing that is past its date or kept back",
        )
    )
    found = {(site_id, item_id): int(quantity) for site_id, item_id, quantity in rows if site_id is not None}
    for (location_id, lot_id), quantity in kept_for(ctx, incident_id).items():
        balance = ctx.session.get(StockBalance, (location_id, lot_id), execution_options={"unscoped": True})
        if balance is not None and balance.owner_id == owner_id and balance.site_id is not None:
            key = (balance.site_id, balance.item_id)
            found[key] = found.get(key, 0) + quantity
    return found
