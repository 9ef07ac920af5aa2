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
    if kind in _WRITTEN:
        return _WRITTEN[kind](value)
    if isinstance(value, bool | str) and not isinstance(value, Enum):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _mapping(value: dict[Any, Any]) -> dict[str, Any]:
    return {
        key if type(key) is str else str(key): inner if type(inner) in _AS_IT_IS else plain(inner)
        for key, inner in value.items()
    }


_AS_IT_IS: frozenset[type] = frozenset({type(None), str, int, bool})
_WRITTEN: dict[type, Callable[[Any], Any]] = {
    UUID: str,
    datetime: _instant,
    date: date.isoformat,
    dict: _mapping,
    list: lambda value: [plain(inner) for inner in value],
    tuple: lambda value: [plain(inner) for inner in value],
}
"""The kinds met most; what is left is looked at one by one."""


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
