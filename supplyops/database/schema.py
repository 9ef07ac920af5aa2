"""Bringing a database to the schema of this code, and saying whether it is there."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from supplyops.database.engine import Database

_PACKAGED = Path(__file__).parent.parent / "_migrations"
_CHECKED_OUT = Path(__file__).parents[2] / "migrations"


def _config(connection: Connection | None = None, metadata: MetaData | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_PACKAGED if _PACKAGED.is_dir() else _CHECKED_OUT))
    config.attributes.update(connection=connection, metadata=metadata)
    return config


@cache
def head() -> str:
    """The revision this code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def knows(revision: str) -> bool:
    """Can this code bring a database of that revision to its own?"""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.reader.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, target: str = "head") -> None:
    """Run the missing revisions in one transaction: all of them or none."""
    with database.writer.begin() as connection:
        upgrade_on(connection, target)


def upgrade_on(connection: Connection, target: str = "head") -> None:
    """The same inside a transaction that does more."""
    command.upgrade(_config(connection), target)


def downgrade(database: Database, target: str) -> None:
    """Go back to an earlier revision; for tests and for a failed release."""
    with database.writer.begin() as connection:
        command.downgrade(_config(connection), target)


def differences(database: Database, metadata: MetaData) -> list[Any]:
    """What the tables in code and in the database do not agree on."""
    with database.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        return list(compare_metadata(context, metadata))


def draft(database: Database, metadata: MetaData, message: str, revision: str) -> None:
    """Write a revision from what differs, to be read and mended by hand."""
    with database.writer.begin() as connection:
        command.revision(_config(connection, metadata), message=message, autogenerate=True, rev_id=revision)
