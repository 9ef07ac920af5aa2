"""One way to write a value down, so that a hash of it means something."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


def plain(value: object) -> Any:
    """Reduce a value to JSON types: UTC instants with microseconds, ISO days, codes of enums, text of ids.

    Raises TypeError for anything without one obvious form, floats included.
    """
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    way = _WRITTEN.get(kind)
    if way is None:
        way = _WRITTEN[kind] = _way_of(kind)
    return way(value)


def _way_of(kind: type) -> Callable[[Any], Any]:
    """How values of a kind that is met for the first time are written."""
    if issubclass(kind, Enum):
        return lambda value: plain(value.value)
    for parent, way in _BY_PARENT:
        if issubclass(kind, parent):
            return way
    raise TypeError(f"{kind.__name__} has no canonical form")


def _instant(value: datetime) -> str:
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        key if type(key) is str else str(key): inner if type(inner) in _AS_IT_IS else plain(inner)
        for key, inner in value.items()
    }


def _list(value: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [plain(inner) for inner in value]


_AS_IT_IS: frozenset[type] = frozenset({type(None), str, int, bool})
_BY_PARENT: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, lambda value: value),
    (UUID, str),
    (datetime, _instant),
    (date, date.isoformat),
    (Decimal, str),
    (Mapping, _mapping),
    (list, _list),
    (tuple, _list),
)
_WRITTEN: dict[type, Callable[[Any], Any]] = {}
"""How each kind that was met is written."""


_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: object) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces."""
    return _write(plain(value)).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal characters."""
    return hashlib.sha256(canonical(value)).hexdigest()


def chained(previous: str, value: object) -> str:
    """The hash of a row that follows one whose hash is `previous`."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(value)).hexdigest()


GENESIS = "0" * 64
"""The hash before the first row of a chain."""
