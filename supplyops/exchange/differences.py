"""What the rows of a file do to the books, found out by doing it: the rows before, the command, the rows after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from supplyops.database.registry import Saved
from supplyops.exchange.cells import written_row
from supplyops.exchange.columns import Kind
from supplyops.exchange.rules import RowChange
from supplyops.kernel.canonical import digest
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.runtime import Context

Change = tuple[str, str, str]
"""A column's header, what stood there, what stands there now."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a file: what tells it apart, whether the books had it, and what changes in which column."""

    key: str
    change: RowChange
    columns: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What saving a file's rows does. `others` are rows of the books that change although they are not in the file."""

    saved: Saved
    rows: tuple[Difference, ...]
    others: int

    @property
    def digest(self) -> str:
        """What a preview showed, in one line: committing compares it."""
        rows = [[row.key, row.change.value, [list(column) for column in row.columns]] for row in self.rows]
        return digest([[self.saved.added, self.saved.changed, self.saved.unchanged, self.others], rows])


def as_before(ctx: Context, kind: Kind, inputs: Sequence[Any], absent: Sequence[str]) -> Sequence[Any]:
    """The inputs with what the books hold wherever the file has no column: only a cell that is there can be emptied.

    Raises InvalidInput where a row does not go together with what it keeps.
    """
    if not absent:
        return inputs
    before = _by_key(kind, kind.read(ctx))
    kept: list[Any] = []
    errors: list[FieldError] = []
    for place, given in enumerate(inputs):
        old = before.get(_key(kind, given))
        if old is None:
            kept.append(given)
            continue
        was = kind.show(old)
        values = kind.show(given) | {name: was[name] for name in absent}
        try:
            kept.append(kind.make({name: value for name, value in values.items() if value not in (None, "", ())}))
        except InvalidInput as error:
            errors += [FieldError(f"{place}.{each.field}", each.code, each.params) for each in error.fields]
    if errors:
        raise InvalidInput(fields=tuple(errors))
    return kept


def save_and_compare(ctx: Context, kind: Kind, inputs: Sequence[Any]) -> Differences:
    """Save the rows and say what that changed. In a rehearsal nothing stays."""
    before = _by_key(kind, kind.read(ctx))
    saved = kind.save(ctx, inputs)
    after = _by_key(kind, kind.read(ctx))
    wanted = [_key(kind, row) for row in inputs]
    named = set(wanted)
    rows = tuple(
        _difference(kind, before.get(key), after.get(key), given) for key, given in zip(wanted, inputs, strict=True)
    )
    others = sum(before.get(key) != row for key, row in after.items() if key not in named and key in before)
    return Differences(saved, rows, others)


def _key(kind: Kind, row: Any) -> tuple[Any, ...]:
    values = kind.show(row)
    return tuple(values[name] for name in kind.key)


def _by_key(kind: Kind, rows: Iterable[Any]) -> dict[tuple[Any, ...], Any]:
    return {_key(kind, row): row for row in rows}


def _difference(kind: Kind, old: Any, new: Any, given: Any) -> Difference:
    """A row whose key is only made up while it is saved is not found again: it is shown as it was given."""
    now = written_row(kind, given if new is None else new)
    places = [place for place, column in enumerate(kind.columns) if column.field in kind.key]
    key = " / ".join(now[place] for place in places if now[place])
    if old is None:
        columns = tuple((column.header, "", text) for column, text in zip(kind.columns, now, strict=True) if text)
        return Difference(key, RowChange.ADDED, columns)
    if old == new:
        return Difference(key, RowChange.UNCHANGED, ())
    was = written_row(kind, old)
    columns = tuple(
        (column.header, before, after)
        for column, before, after in zip(kind.columns, was, now, strict=True)
        if before != after
    )
    return Difference(key, RowChange.CHANGED if columns else RowChange.UNCHANGED, columns)
