"""Lists that people keep: adding and changing rows by code, and finding what a code refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from supplyops.database.base import Base
from supplyops.kernel.errors import FieldError, InvalidInput

Row = TypeVar("Row", bound=Base)

CHUNK = 400
"""Keys asked for in one statement: well under every database's limit of parameters."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving a list did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Saved) -> Saved:
        return Saved(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


class References(Generic[Row]):
    """Finds rows by code for a list of inputs, and gathers the codes that do not exist."""

    def __init__(self, session: Session, kind: type[Row], codes: Iterable[str], *, column: str = "code") -> None:
        self._rows: dict[str, Row] = {}
        self.errors: list[FieldError] = []
        wanted = sorted({code for code in codes if code})
        key = getattr(kind, column)
        for start in range(0, len(wanted), CHUNK):
            statement = select(kind).where(key.in_(wanted[start : start + CHUNK]))
            self._rows.update((getattr(row, column), row) for row in session.scalars(statement))

    def __getitem__(self, code: str) -> Row:
        return self._rows[code]

    def find(self, place: int | str, field: str, code: str) -> Row | None:
        """The row, or None with an error noted under `<place>.<field>`."""
        row = self._rows.get(code)
        if row is None:
            self.errors.append(FieldError(f"{place}.{field}", "unknown_reference", {"value": code[:40]}))
        return row

    def done(self, *others: References[Any]) -> None:
        """Raise InvalidInput if any code, here or in the others, was not found."""
        errors = [*self.errors, *(error for other in others for error in other.errors)]
        if errors:
            raise InvalidInput(fields=tuple(errors))


def refuse_repeats(keys: Sequence[tuple[Any, ...]], field: str) -> None:
    """Raise InvalidInput when the same key stands twice in one list; the later row is named, with the first one's place."""
    first: dict[tuple[Any, ...], int] = {}
    errors = []
    for place, key in enumerate(keys):
        if key in first:
            value = " / ".join(str(part) for part in key)
            errors.append(FieldError(f"{place}.{field}", "repeated", {"value": value[:60], "first": first[key]}))
        else:
            first[key] = place
    if errors:
        raise InvalidInput(fields=tuple(errors))


def refuse_taken(
    session: Session,
    kind: type[Any],
    rows: Sequence[Mapping[str, Any]],
    *,
    by: str,
    unique: tuple[str, ...],
    field: str,
) -> None:
    """Raise InvalidInput where a row would take what must be unique from a row that is not in the list (told apart by `by`)."""
    own = {row[by] for row in rows}
    wanted = [tuple(row[name] for name in unique) for row in rows]
    others = [key for key, row in _existing(session, kind, wanted, unique).items() if getattr(row, by) not in own]
    errors = [
        FieldError(f"{place}.{field}", "already_used", {"value": str(rows[place].get(field, ""))[:40]})
        for place, key in enumerate(wanted)
        if key in others
    ]
    if errors:
        raise InvalidInput(fields=tuple(errors))


def save_rows(
    session: Session,
    kind: type[Any],
    rows: Sequence[Mapping[str, Any]],
    *,
    by: tuple[str, ...],
    new_id: Callable[[], UUID] | None,
    on_change: Callable[[Any, Mapping[str, Any]], None] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Saved:
    """Add rows whose key is new, change those that differ, leave the rest alone.

    `by` names the key columns; `new_id` fills `id` of new rows (None when the key is the primary key);
    `on_change` may refuse a change by raising; `defaults` are for new rows only.
    """
    keys = [tuple(row[name] for name in by) for row in rows]
    existing = _existing(session, kind, keys, by)
    added = changed = 0
    for key, row in zip(keys, rows, strict=True):
        found = existing.get(key)
        if found is None:
            session.add(kind(**({"id": new_id()} if new_id else {}), **(defaults or {}), **row))
            added += 1
            continue
        differing = {name: value for name, value in row.items() if getattr(found, name) != value}
        if differing:
            if on_change is not None:
                on_change(found, differing)
            for name, value in differing.items():
                setattr(found, name, value)
            changed += 1
    session.flush()  # lists saved next refer to these rows
    return Saved(added, changed, len(rows) - added - changed)


def _existing(
    session: Session, kind: type[Any], keys: Sequence[tuple[Any, ...]], by: tuple[str, ...]
) -> dict[tuple[Any, ...], Any]:
    columns = [getattr(kind, name) for name in by]
    found: dict[tuple[Any, ...], Any] = {}
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        where = columns[0].in_([key[0] for key in some]) if len(by) == 1 else tuple_(*columns).in_(some)
        found.update(
            (tuple(getattr(row, name) for name in by), row) for row in session.scalars(select(kind).where(where))
        )
    return found


def named(kind: Any, reference: str) -> ColumnElement[bool]:
    """The row of that number or id."""
    try:
        return or_(kind.number == reference, kind.id == UUID(reference))
    except ValueError:
        return kind.number == reference  # type: ignore[no-any-return]
