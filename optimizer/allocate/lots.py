"""Which goods go first among equals: those nearest their expiry, then those that have been there longest (FEFO, FIFO)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.allocate.arcs import Supply


def first_out(supplies: Sequence[Supply], places: Iterable[int]) -> dict[int, int]:
    """Rank of each supply in the order of leaving: 0 goes first, equals share a rank. Goods that never expire go last."""
    keys = {place: _key(supplies[place]) for place in places}
    rank = {key: at for at, key in enumerate(sorted(set(keys.values())))}
    return {place: rank[key] for place, key in keys.items()}


def _key(supply: Supply) -> tuple[bool, int, int]:
    return supply.expires_at is None, supply.expires_at or 0, supply.available_at
