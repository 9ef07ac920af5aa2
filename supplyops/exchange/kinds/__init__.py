"""Every KIND of file, in the order in which an empty system is filled."""

from __future__ import annotations

from supplyops.exchange.columns import Kind
from supplyops.exchange.kinds import assets, catalogue, means, norms, people, places, stock, tasks, upkeep
from supplyops.kernel.errors import InvalidInput

ALL: tuple[Kind, ...] = (
    places.AREAS,
    people.ORGANISATIONS,
    people.USERS,
    people.ROLES,
    catalogue.NEED_CLASSES,
    catalogue.ITEMS,
    catalogue.PACKS,
    catalogue.KITS,
    catalogue.SUBSTITUTES,
    norms.NEED_NORMS,
    norms.RESERVE_NORMS,
    norms.THRESHOLDS,
    norms.PARAMETERS,
    norms.RECOVERY_LIMITS,
    places.ROAD_NODES,
    places.ROADS,
    places.ROAD_REPORTS,
    places.SITES,
    places.LOCATIONS,
    upkeep.UPKEEP_INTERVALS,
    stock.LOTS,
    assets.ASSETS,
    assets.ASSET_PLANS,
    means.VEHICLE_TYPES,
    means.VEHICLES,
    means.CONTRACTS,
    means.CONTRACT_LINES,
    means.TEAMS,
    tasks.TASKS,
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in ALL}


def kind_named(name: str) -> Kind:
    """A KIND by name; `_` stands for `-` as well. Raises InvalidInput."""
    kind = KINDS.get(name.strip().lower().replace("_", "-"))
    if kind is None:
        raise InvalidInput("unknown_kind", value=name[:40], kinds="、".join(KINDS))
    return kind
