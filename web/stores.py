"""Stores to choose from: where people keep goods comes before where they hand them out."""

from __future__ import annotations

from collections.abc import Iterable

from supplyops.places.queries import SiteRow
from supplyops.places.rules import SiteKind

_RANK = {SiteKind.WAREHOUSE: 0, SiteKind.RESERVE_POINT: 1, SiteKind.DELIVERY_POINT: 2, SiteKind.TEAM_BASE: 3}


def by_use(sites: Iterable[SiteRow]) -> list[SiteRow]:
    """Warehouses first, then reserve points, delivery points, the rest; within a kind as they come."""
    return sorted(sites, key=lambda site: _RANK.get(site.kind, len(_RANK)))
