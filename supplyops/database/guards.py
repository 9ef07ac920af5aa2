"""What the session refuses and what it remembers: append-only rows, sealed rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, event, inspect
from sqlalchemy.orm import Session, UOWTransaction

from supplyops.database.base import AppendOnly, Sealed, later_columns, without_empty
from supplyops.kernel.canonical import digest

_SEALED = "sealed_rows"


class AppendOnlyViolation(RuntimeError):
    """Somebody tried to change or delete history. A programmer's error, never a user's."""


@event.listens_for(Session, "before_flush")
def _refuse_changed_history(session: Session, _: UOWTransaction, __: Any) -> None:
    for row in session.deleted:
        if isinstance(row, AppendOnly):
            raise AppendOnlyViolation(f"{type(row).__name__} rows are never deleted")
    for row in session.dirty:
        if isinstance(row, AppendOnly) and session.is_modified(row):
            raise AppendOnlyViolation(f"{type(row).__name__} rows are never changed: add another one")


@event.listens_for(Session, "after_flush")
def _remember_sealed(session: Session, _: UOWTransaction) -> None:
    remembered = session.info.setdefault(_SEALED, {})
    for row in session.new:
        if isinstance(row, Sealed):
            remembered[_key(row)] = row
    for row in session.dirty:
        if isinstance(row, Sealed) and session.is_modified(row):  # given the values it had, it was not changed
            remembered[_key(row)] = row
    for row in session.deleted:
        if isinstance(row, Sealed):
            remembered[_key(row)] = None


def _key(row: Any) -> tuple[type, tuple[Any, ...]]:
    return type(row), tuple(inspect(type(row)).primary_key_from_instance(row))


def remember(session: Session, row: Sealed) -> None:
    """Say that a sealed row was changed by a statement the unit of work did not see."""
    session.info.setdefault(_SEALED, {})[_key(row)] = row


def take_effects(session: Session) -> list[list[str | None]]:
    """What the transaction did to sealed rows so far: table, key, hash of the row (None when deleted); then forget."""
    effects: list[list[str | None]] = []
    for (kind, key), row in session.info.pop(_SEALED, {}).items():
        table: Table = inspect(kind).local_table
        effects.append([table.name, ",".join(str(part) for part in key), None if row is None else row_digest(row)])
    return sorted(effects, key=lambda effect: (effect[0] or "", effect[1] or ""))


def row_digest(row: Any) -> str:
    """The hash of a row's column values by column name; without columns added later that are empty (see `LATER`)."""
    mapper = inspect(type(row))
    values = {
        column.name: getattr(row, mapper.get_property_by_column(column).key) for column in mapper.local_table.columns
    }
    return digest(without_empty(values, later_columns(mapper.local_table)))
