"""INSERT that lets an existing row stand, spelled for each database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from supplyops.database.base import Base


def insert_missing(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose primary or unique key is not there yet; leave the others as they are."""
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(kind.__table__).values(list(rows)).on_conflict_do_nothing())
