"""HTML forms: flat field names such as `lines-0-quantity` become nested values, text becomes what the dataclass wants."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args, get_origin, get_type_hints

from flask import request

from supplyops.kernel.clock import BEIJING
from web.schemas.from_dataclass import _without_none, load

SEPARATOR = "-"
NOT_CONTENT = {"form_token", "request_key"}


def parse(kind: type[Any], extra: Mapping[str, Any] | None = None) -> Any:
    """The dataclass a posted form stands for. Raises InvalidInput with the form's field names, dotted.

    Empty fields count as not given. Times are Beijing time. Numbers may be written full-width or with spaces around.
    Rows of a list whose every field is empty are left out.
    """
    nested = nest({name: request.form.getlist(name) for name in request.form if name not in NOT_CONTENT})
    return load(kind, {**shape(kind, nested), **(extra or {})})


def nest(flat: Mapping[str, list[str]]) -> dict[str, Any]:
    """`{"lines-0-sku": ["A"]}` -> `{"lines": {"0": {"sku": ["A"]}}}`."""
    result: dict[str, Any] = {}
    for name, values in flat.items():
        target = result
        *parents, last = name.split(SEPARATOR)
        for part in parents:
            inner = target.setdefault(part, {})
            target = inner if isinstance(inner, dict) else {}
        target[last] = values
    return result


def shape(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Text by the dataclass's types."""
    hints = get_type_hints(kind)
    shaped: dict[str, Any] = {}
    for each in dataclasses.fields(kind):
        if each.name in values:
            value = _shaped(hints[each.name], values[each.name])
            if value is not None:
                shaped[each.name] = value
        elif hints[each.name] is bool:
            shaped[each.name] = False  # a checkbox that is off sends nothing
    unknown = set(values) - {each.name for each in dataclasses.fields(kind)}
    return shaped | {name: values[name] for name in unknown}


def _shaped(hint: Any, value: Any) -> Any:
    optional = _without_none(hint)
    if optional is not None:
        return _shaped(optional, value)
    origin = get_origin(hint)
    if origin in (tuple, list, frozenset):
        return _rows(get_args(hint)[0], value)
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        inner = shape(hint, value)  # type: ignore[arg-type]
        return inner if any(part not in (None, "", False, []) for part in inner.values()) else None
    if origin is dict and isinstance(value, dict):
        inner_hint = get_args(hint)[1]
        return {name: shaped for name, part in value.items() if (shaped := _shaped(inner_hint, part)) is not None}
    text = value[-1].strip() if isinstance(value, list) and value else ""
    return _scalar(hint, text)


def _rows(hint: Any, value: Any) -> list[Any]:
    if isinstance(value, list):
        return [shaped for text in value if (shaped := _shaped(hint, [text])) is not None]
    rows = [_shaped(hint, value[name]) for name in sorted(value, key=lambda name: (len(name), name))]
    return [row for row in rows if row is not None]


def _scalar(hint: Any, text: str) -> Any:
    if hint is bool:
        return text not in {"", "0", "false", "off"}
    if text == "":
        return None
    if hint is int:
        return _number(text)
    if hint is datetime:
        return _moment(text)
    return text


def _number(text: str) -> Any:
    """Digits of any width become a number; anything else is left for the schema to refuse, with the text as typed."""
    body = text.removeprefix("-").removeprefix("－")
    return int(text.replace("－", "-")) if body.isdecimal() and len(body) <= 19 else text


def _moment(text: str) -> str:
    """A browser's local date and time, or one with an offset, in ISO form with an offset."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=BEIJING)).isoformat()
