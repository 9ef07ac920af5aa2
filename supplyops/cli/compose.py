"""Puts the house together: settings to database, runtime and everything that needs them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import MetaData

from supplyops.audit import tables as _audit
from supplyops.catalogue import tables as _catalogue
from supplyops.cli.solving import plan_handler
from supplyops.cli.worker import Handler
from supplyops.config import Settings
from supplyops.contracts import tables as _contracts
from supplyops.database.base import Base
from supplyops.database.engine import Database
from supplyops.dispatch import tables as _dispatch
from supplyops.fleet import tables as _fleet
from supplyops.incidents import tables as _incidents
from supplyops.jobs import tables as _jobs
from supplyops.norms import tables as _norms
from supplyops.papers import tables as _papers
from supplyops.people import queries as people
from supplyops.people import tables as _people
from supplyops.places import tables as _places
from supplyops.planning import tables as _planning
from supplyops.planning.rules import JOB_KIND
from supplyops.requests import tables as _requests
from supplyops.runtime import Clock, Runtime, system_clock
from supplyops.stock import tables as _stock
from supplyops.teams import tables as _teams

ROOMS_WITH_TABLES = (
    _audit,
    _catalogue,
    _contracts,
    _dispatch,
    _fleet,
    _incidents,
    _jobs,
    _norms,
    _papers,
    _people,
    _places,
    _planning,
    _requests,
    _stock,
    _teams,
)


def metadata() -> MetaData:
    """Every table of the house."""
    assert ROOMS_WITH_TABLES
    return Base.metadata


def open_database(settings: Settings) -> Database:
    """The database that the settings name; the folder of an SQLite file is made."""
    database = Database(settings.url)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    return database


def build_runtime(settings: Settings, clock: Clock = system_clock) -> Runtime:
    """The runtime on the settings' database."""
    return Runtime(open_database(settings), people.principal, clock=clock)


HANDLERS: dict[str, Handler] = {JOB_KIND: plan_handler()}
"""What the worker can do, by the kind that a job names."""

CLOCK_FILE = "clock.json"


def demo_clock(settings: Settings) -> Clock:
    """The clock of a data directory: the machine's, or, where a demonstration was played, the story's clock going on.

    A story is set on its own day; its stock, contracts and deadlines only make sense on that calendar.
    """
    path = settings.data_dir / CLOCK_FILE
    if not path.exists():
        return system_clock
    offset = timedelta(seconds=int(json.loads(path.read_text())["offset_s"]))
    return lambda: system_clock() + offset


def set_demo_clock(settings: Settings, story_now: datetime) -> None:
    """Let the data directory's clock go on from a moment of the story."""
    offset_s = round((story_now - system_clock()).total_seconds())
    (settings.data_dir / CLOCK_FILE).write_text(json.dumps({"offset_s": offset_s}))
