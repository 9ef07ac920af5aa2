"""How goods must be kept, and which places are made for which goods (different conditions, separate rooms)."""

from __future__ import annotations

from enum import StrEnum


class StorageClass(StrEnum):
    """How goods must be kept; of a place, what it offers."""

    DRY = "dry"
    FROST_FREE = "frost_free"
    COOL = "cool"
    REFRIGERATED = "refrigerated"
    HAZARDOUS = "hazardous"
    OPEN_AIR = "open_air"


_C = StorageClass
_PLACES: dict[StorageClass, tuple[StorageClass | None, ...]] = {
    _C.DRY: (_C.DRY, None, _C.FROST_FREE, _C.COOL),
    _C.FROST_FREE: (_C.FROST_FREE, None),
    _C.COOL: (_C.COOL, None),
    _C.REFRIGERATED: (_C.REFRIGERATED,),
    _C.HAZARDOUS: (_C.HAZARDOUS,),
    _C.OPEN_AIR: (_C.OPEN_AIR, None, _C.DRY, _C.FROST_FREE),
}
"""Goods -> places they may lie in, the best first. None is a place nobody has said anything about."""


def suits(goods: StorageClass, place: StorageClass | None) -> int | None:
    """How well a place suits goods: 0 is made for them, larger is further from it, None is not allowed."""
    places = _PLACES[goods]
    return places.index(place) if place in places else None
