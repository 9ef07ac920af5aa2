"""Contents as plain JSON values and back, so that they can be stored, hashed and printed again years later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar

import cattrs
from cattrs.v import format_exception

T = TypeVar("T")


class BadContent(ValueError):
    """Plain values that do not make up a content. `faults` name each place and what is wrong there."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def plain(value: object) -> Any:
    """Reduce a content, a stamp or any part of one to JSON values."""
    return _converter().unstructure(value)


def structured(kind: type[T], value: Mapping[str, Any]) -> T:
    """Rebuild a value of type `kind`.

    Raises BadContent for an unknown key, a missing one, a wrong type (a number is never made out of a text) or an
    instant without an offset.
    """
    try:
        return _converter().structure(value, kind)
    except cattrs.BaseValidationError as error:
        raise BadContent(cattrs.transform_error(error, format_exception=_fault)) from error


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def check(value: Any, wanted: Any) -> Any:
        if wanted is not kind:
            return wanted(value)  # an enum of texts or numbers
        if type(value) is not kind:
            raise TypeError(f"{kind.__name__} expected, got {type(value).__name__}")
        return value

    return check


def _fault(error: BaseException, kind: type | None) -> str:
    return str(error) if isinstance(error, TypeError | ValueError) else format_exception(error, kind)


def _instant(value: Any, _: Any) -> datetime:
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return parsed.astimezone(UTC)


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (int, str, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_unstructure_hook(datetime, lambda value: value.astimezone(UTC).isoformat())
    converter.register_structure_hook(datetime, _instant)
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    return converter
