"""HTML forms: flat field names such as `lines-0-quantity` become nested values, text becomes what the dataclass wants."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, get_args, get_origin, get_type_hints

from flask import Response, make_response, request

from supplyops.kernel.clock import BEIJING
from supplyops.kernel.errors import Conflict, InvalidInput
from supplyops.wording.errors import field_message, message
from web import view
from web.errors import status_of
from web.language import gettext
from web.schemas.from_dataclass import _without_none, load

SEPARATOR = "-"
MONEY = "_fen"
"""Fields so named are kept in fen and written in yuan."""
DIGITS_MAX = 40
"""Of a number that is refused for its size; what is longer is no number of anything."""
NOT_CONTENT = {"form_token", "request_key", "step", "version", view.BYPASS_FIELD}
"""Fields of the form that say how it is sent, not what it says."""


class Form:
    """A form as the person sees it: what stands in the fields, and, after a refusal, what is wrong with it.

    Before posting the fields hold `initial`; afterwards they hold what was typed, and a refusal never loses it.
    `labels` are the words of fields for the list of errors at the top; `wrappers` are first parts of an error's path
    that the form does not have, because the command takes a list and the form sends one.
    """

    def __init__(
        self,
        initial: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
        wrappers: frozenset[str] = frozenset({"0"}),
    ) -> None:
        self.is_posted = request.method == "POST"
        self._initial = initial or {}
        self._labels = labels or {}
        self._wrappers = wrappers
        self._fresh: dict[str, Any] = {}
        self.errors: dict[str, str] = {}
        self.refusal = ""
        self.refused: InvalidInput | Conflict | None = None
        self.status = 200
        self.is_stale = False

    def attempt(self) -> Attempt:
        """Run a command; a refusal that the person can mend stays on the form instead of ending on an error page."""
        return Attempt(self)

    def refuse(self, error: InvalidInput | Conflict) -> None:
        """Say on the form what a command refused."""
        self.refusal, self.refused, self.status = message(error), error, status_of(error)
        self.is_stale = error.code == "stale"
        if isinstance(error, InvalidInput):
            self.errors = {self._name_of(each.field): field_message(each) for each in error.fields}

    def _name_of(self, path: str) -> str:
        """The form's name for a dotted path: rows left empty were not sent on, and a list of one is the form itself."""
        parts = path.split(".")
        if len(parts) > 1 and parts[0] in self._wrappers:
            parts = parts[1:]
        place = next((place for place, part in enumerate(parts) if part.isdecimal()), None)
        if place is not None and self.is_posted:
            filled = filled_rows(SEPARATOR.join(parts[:place]))
            row = int(parts[place])
            parts[place] = str(filled[row]) if row < len(filled) else parts[place]
        return SEPARATOR.join(parts)

    def renew(self, **values: Any) -> None:
        """After a refusal, show these fields as they are now rather than as they were sent (a version number)."""
        self._fresh.update(values)

    def value(self, name: str, initial: Any = None) -> str:
        """What stands in a field; `initial` where neither the person nor the form says."""
        if name in self._fresh:
            return str(self._fresh[name])
        found = (request.form if self.is_posted else self._initial).get(name, initial)
        return "" if found is None else str(found)

    def ticks(self, name: str, *, at_first: bool = False) -> bool:
        """Is a box ticked? One that is off sends nothing."""
        return bool(request.form.get(name)) if self.is_posted else at_first

    def label(self, name: str) -> str:
        """The words of a field, if it has any; `lines-2-quantity` is line 3's quantity."""
        *parents, last = name.split(SEPARATOR)
        row = next((int(part) + 1 for part in parents if part.isdecimal()), None)
        text = gettext(self._labels.get(last, self._labels.get(name, "")))
        return text if row is None else gettext("第 {row} 行 {field}").format(row=row, field=text).strip()

    def rows(self, name: str, *, spare: int = 0) -> list[int]:
        """Places of a list's rows: those posted or given, and some empty ones after them; one when all posted are filled."""
        source = request.form if self.is_posted else self._initial
        start = f"{name}{SEPARATOR}"
        places = {
            int(part) for key in source if key.startswith(start) and (part := key.split(SEPARATOR)[1]).isdecimal()
        }
        last = max(places, default=-1)
        if self.is_posted:
            spare = min(spare, 1) if len(filled_rows(name)) == len(places) else 0
        return sorted(places) + list(range(last + 1, last + 1 + spare))

    def page(self, template: str, /, **values: Any) -> Response:
        """The page with this form, with the status of what happened to it."""
        return make_response(view.page(template, form=self, **values), self.status)


class Attempt:
    """The block in which a form's command runs."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, InvalidInput | Conflict):
            return False
        self._form.refuse(error)
        return True


def filled_rows(name: str) -> list[int]:
    """Places of a posted list's rows in which anything was written, in order."""
    start = f"{name}{SEPARATOR}"
    found: set[int] = set()
    for key, text in request.form.items():
        if key.startswith(start) and text.strip() and (part := key[len(start) :].split(SEPARATOR)[0]).isdecimal():
            found.add(int(part))
    return sorted(found)


def flatten(value: Any, prefix: str = "") -> dict[str, str]:
    """A dataclass as the fields of its form: the opposite of `parse`."""
    found: dict[str, str] = {}
    for each in dataclasses.fields(value):
        name, item = f"{prefix}{each.name}", getattr(value, each.name)
        if isinstance(item, tuple | list) and item and dataclasses.is_dataclass(item[0]):
            for place, row in enumerate(item):
                found |= flatten(row, f"{name}{SEPARATOR}{place}{SEPARATOR}")
        elif isinstance(item, bool):
            found[name] = "1" if item else ""
        elif isinstance(item, datetime):
            found[name] = view.local(item)
        elif item is not None:
            found[name] = str(item)
    return found


Packer = Callable[[dict[str, Any]], None]
"""Turns quantities that were written in packages into base units, in the form's nested values, before they are read."""


def parse(
    kind: type[Any],
    extra: Mapping[str, Any] | None = None,
    *,
    leaving_out: Collection[str] = (),
    unpack: Packer | None = None,
) -> Any:
    """The dataclass a posted form stands for. Raises InvalidInput with the form's field names, dotted.

    Empty fields count as not given. Times are Beijing time, money is in yuan. Numbers may be written full-width or with spaces around.
    Rows of a list whose every field is empty are left out. `leaving_out` names fields that the view reads by itself.
    """
    skipped = NOT_CONTENT | set(leaving_out)
    nested = nest({name: request.form.getlist(name) for name in request.form if name not in skipped})
    if unpack is not None:
        unpack(nested)
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
            is_money = each.name.endswith(MONEY) and hints[each.name] is int
            value = _fen(values[each.name]) if is_money else _shaped(hints[each.name], values[each.name])
            if value is not None:
                shaped[each.name] = value
        elif hints[each.name] is bool:
            shaped[each.name] = False  # a checkbox that is off sends nothing
    unknown = set(values) - {each.name for each in dataclasses.fields(kind)}
    return shaped | {name: values[name] for name in unknown}


def _shaped(hint: Any, value: Any) -> Any:
    optional = _without_none(hint)
    if optional is not None:
        return None if isinstance(value, list) and not "".join(value).strip() else _shaped(optional, value)
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
        return moment(text)
    return text


def _number(text: str) -> Any:
    """Digits of any width become a number; anything else is left for the schema to refuse, with the text as typed."""
    body = text.removeprefix("-").removeprefix("－")
    return int(text.replace("－", "-")) if body.isdecimal() and len(body) <= DIGITS_MAX else text


def whole(name: str, given: Mapping[str, str] | None = None) -> Any:
    """A posted (or given) whole number, None when empty; anything else is left for the rules to refuse, with the text as typed."""
    text = (request.form if given is None else given).get(name, "").strip()
    return _number(text) if text else None


def _fen(value: Any) -> Any:
    """Yuan with at most two decimals as fen; anything else is left for the schema to refuse, with the text as typed."""
    text = value[-1].strip().replace(",", "").replace("，", "") if isinstance(value, list) and value else ""
    if not text:
        return None
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        return text
    return int(fen) if fen.is_finite() and fen == fen.to_integral_value() and abs(fen) < 10**15 else text


def moment(text: str) -> str:
    """A browser's local date and time, or one with an offset, in ISO form with an offset."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=BEIJING)).isoformat()
