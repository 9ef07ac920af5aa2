"""The schema goes up and down on both databases and says the same as the code."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from supplyops.cli.compose import metadata
from supplyops.database import schema
from supplyops.database.base import AppendOnly, Base
from supplyops.database.engine import Database


def test_up_down_up(database: Database) -> None:
    assert schema.current(database) == schema.head()
    schema.downgrade(database, "base")
    left = set(inspect(database.reader).get_table_names()) - {"alembic_version"}
    assert not left
    schema.upgrade(database)
    assert schema.current(database) == schema.head()


def test_code_and_database_agree(database: Database) -> None:
    assert schema.differences(database, metadata()) == []


def test_every_append_only_table_is_guarded_by_the_database(database: Database) -> None:
    tables = [mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, AppendOnly)]
    assert len(tables) > 5
    for table in tables:
        if database.is_sqlite:
            with database.reader.connect() as connection:
                found = connection.execute(
                    text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
                ).scalar()
            assert found == 2, table
        else:
            with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
                session.execute(text(f"DELETE FROM {table}"))


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.current(database) == schema.head()
