"""The written form of values: what hashes are made of, apart from the code that wrote the books."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, DateTime, Integer, Table

from supplyops.verify.later import LATER
from supplyops.verify.rows import is_id


def written(value: Any) -> Any:
    """The written form of a value: text of ids, UTC instants with microseconds and Z, ISO days."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: written(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner) for inner in value]
    return value


def text_of(value: Any) -> bytes:
    """UTF-8 JSON, sorted keys, no spaces: what hashes are made of."""
    return _write(written(value)).encode()


def sha256(value: Any) -> str:
    """The hash of a value's written form."""
    return hashlib.sha256(text_of(value)).hexdigest()


class Writer:
    """Writes bare tuples of a table down as JSON with sorted keys: what hashes are made of, quickly."""

    def __init__(self, table: Table, without: frozenset[str] = frozenset(), *, later: bool = True) -> None:
        places = {column.name: place for place, column in enumerate(table.c)}
        kept = sorted(set(places) - without)
        self._table, self._without = table, without
        self._columns = [(json.dumps(name), places[name], _written(table.c[name].type)) for name in kept]
        self._later = [(name, places[name]) for name in kept if later and name in LATER.get(table.name, ())]
        self._shorter: dict[frozenset[str], Writer] = {}

    def texts(self, rows: Sequence[Sequence[Any]]) -> list[bytes]:
        """The written forms of rows. A value that is not of its column's kind, put there by force, is written as found."""
        return self._some_shorter(rows) if self._later else self._alike(rows)

    def _some_shorter(self, rows: Sequence[Sequence[Any]]) -> list[bytes]:
        """Rows that are written without the columns added later that they leave empty."""
        groups: dict[frozenset[str], list[int]] = {}
        for number, row in enumerate(rows):
            empty = frozenset(name for name, place in self._later if row[place] is None)
            groups.setdefault(empty, []).append(number)
        found = [b""] * len(rows)
        for empty, numbers in groups.items():
            if empty not in self._shorter:
                self._shorter[empty] = Writer(self._table, self._without | empty, later=False)
            texts = self._shorter[empty].texts([rows[number] for number in numbers])
            for number, text in zip(numbers, texts, strict=True):
                found[number] = text
        return found

    def _alike(self, rows: Sequence[Sequence[Any]]) -> list[bytes]:
        try:
            return self._texts(rows)
        except (TypeError, ValueError, AttributeError, KeyError):
            return [self._text(row) for row in rows]

    def _text(self, row: Sequence[Any]) -> bytes:
        try:
            return self._texts([row])[0]
        except (TypeError, ValueError, AttributeError, KeyError):
            return repr(tuple(row)).encode(errors="backslashreplace")

    def _texts(self, rows: Sequence[Sequence[Any]]) -> list[bytes]:
        """Column by column: a value that all the rows share is written once, one that many share not for each of them."""
        columns = list(zip(*rows, strict=True))
        form, varying = [], []
        for name, place, write in self._columns:
            values = columns[place]
            distinct = set(values)
            if len(distinct) == 1:
                form.append(f"{name}:{write(values[0])}".replace("%", "%%"))
                continue
            form.append(f"{name}:%s")
            if len(distinct) * 2 < len(values):
                known = {value: write(value) for value in distinct}
                varying.append(map(known.__getitem__, values))
            else:
                varying.append(map(write, values))
        whole = "{" + ",".join(form) + "}"
        if not varying:
            return [(whole % ()).encode()] * len(rows)
        return [(whole % values).encode() for values in zip(*varying, strict=True)]


_text: Callable[[str], str] = json.encoder.encode_basestring
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_EMPTY = frozenset({"{}", "[]"})
_EFFECT = r'\["\w+", ?"[^"\\\[\], ][^"\\\[\]]*", ?(?:"[0-9a-f]{64}"|null)\]'
_EFFECTS = re.compile(rf"\[{_EFFECT}(?:, ?{_EFFECT})*\]", re.ASCII)
"""Effects of an entry that are written with the same blanks everywhere and have nothing in them that could be taken for more."""


def _id(value: str | None) -> str:
    """An id as it is written."""
    if value is None:
        return "null"
    return f'"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"'


def _moment(value: str | None) -> str:
    return "null" if value is None else f'"{value[:10]}T{value[11:]}Z"'


def _words(value: str | None) -> str:
    return "null" if value is None else _text(value)


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _truth(value: int | None) -> str:
    return "null" if value is None else "true" if value else "false"


def _written(kind: Any) -> Callable[[Any], str]:
    if is_id(kind):
        return _id
    for of, write in ((DateTime, _moment), (JSON, _json), (Boolean, _truth), (Integer, _number)):
        if isinstance(kind, of):
            return write
    return _words


def _json(value: str | None) -> str:
    if value is None:
        return "null"
    if value in _EMPTY:
        return value
    if _EFFECTS.fullmatch(value):
        return value.replace('", ', '",').replace("], [", "],[")
    return _write(json.loads(value))
