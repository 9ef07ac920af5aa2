"""Frozen dataclasses to JSON values and back: stored answers, job payloads, printed contents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import cattrs

T = TypeVar("T")


def _instant(value: Any, _: Any) -> datetime:
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return parsed.astimezone(UTC)


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(UUID, str)
    converter.register_structure_hook(UUID, lambda value, _: value if isinstance(value, UUID) else UUID(value))
    converter.register_unstructure_hook(datetime, lambda value: value.astimezone(UTC).isoformat())
    converter.register_structure_hook(datetime, _instant)
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    return converter


def to_json(value: Any, as_type: Any = None) -> Any:
    """Reduce a dataclass, or a container of such, to JSON values."""
    return _converter().unstructure(value, unstructure_as=as_type)


def from_json(kind: type[T], value: Any) -> T:
    """Rebuild a value of type `kind`; raises cattrs errors when the shape is wrong."""
    return _converter().structure(value, kind)
