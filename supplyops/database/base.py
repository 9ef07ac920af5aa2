"""The declarative base, and the marks a table can carry: append-only, sealed, scoped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy import Date, FromClause, Index, MetaData, String, Table, Uuid, text
from sqlalchemy.orm import DeclarativeBase

from supplyops.database.types import Instant, json_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of all tables. Every constraint has a name, so a migration can find it on both databases."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(),
        datetime: Instant(),
        date: Date(),
        str: String(),
        dict[str, Any]: json_column(),
        list[str]: json_column(),
        list[Any]: json_column(),
    }


def partial_index(condition: str, name: str, *columns: str, unique: bool = False) -> Index:
    """An index of some rows only: it stays small, and writing the others stays cheap. A unique one binds these rows alone."""
    only = text(condition)
    return Index(name, *columns, unique=unique, sqlite_where=only, postgresql_where=only)


class AppendOnly:
    """Mark: rows are added, never changed or deleted. A listener says it kindly, a trigger says it last."""


class Sealed:
    """Mark: every version of a row leaves its hash in the journal, so a change outside the system shows."""


def table_of(kind: type[Base]) -> Table:
    """The table of a kind of rows, for statements that go past the session."""
    table = kind.__table__
    assert isinstance(table, Table)
    return table


LATER: dict[Any, Any] = {"later": True}
"""`mapped_column(info=LATER)`: a column that a revision after the first one has added to a table whose rows are hashed.

It may be empty, and while it is, hashes do not know of it: rows from before the revision keep those they have. Verification knows
such columns from a list of its own, `verify/later.py`.
"""


@cache
def later_columns(table: FromClause) -> frozenset[str]:
    """The columns of a table that were added later."""
    return frozenset(column.name for column in table.columns if column.info.get("later"))


def without_empty(values: Mapping[str, Any], later: frozenset[str]) -> Mapping[str, Any]:
    """What of a row's values goes into its hash."""
    return (
        {name: value for name, value in values.items() if value is not None or name not in later} if later else values
    )


class Scoped:
    """Mark: rows belong to organisations; every ORM select is narrowed to the reader's reach.

    `__scope__` names the columns that hold an organisation; a row is visible when one of them is in reach.
    `__scope_upward__` also shows it to the levels below: to "office" roles (supporting resources of a higher tier) or to "all".
    """

    if TYPE_CHECKING:
        __tablename__: Any

    __scope__: ClassVar[tuple[str, ...]] = ("organisation_id",)
    __scope_upward__: ClassVar[Literal["", "office", "all"]] = ""
