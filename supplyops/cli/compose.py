"""Puts the house together: settings to database, runtime and everything that needs them."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import MetaData

from supplyops.anchors import tables as _anchors
from supplyops.arrivals import tables as _arrivals
from supplyops.assets import tables as _assets
from supplyops.audit import tables as _audit
from supplyops.catalogue import tables as _catalogue
from supplyops.cli.failure import Failure
from supplyops.config import Settings
from supplyops.contracts import tables as _contracts
from supplyops.counts import tables as _counts
from supplyops.database import schema
from supplyops.database.base import Base
from supplyops.database.engine import Database
from supplyops.deployments import tables as _deployments
from supplyops.dispatch import tables as _dispatch
from supplyops.exchange import tables as _exchange
from supplyops.fleet import tables as _fleet
from supplyops.incidents import tables as _incidents
from supplyops.jobs import tables as _jobs
from supplyops.kernel.access import ANONYMOUS, Actor
from supplyops.kernel.errors import NotFound
from supplyops.kits import tables as _kits
from supplyops.networks import tables as _networks
from supplyops.norms import tables as _norms
from supplyops.notices import tables as _notices
from supplyops.obligations import tables as _obligations
from supplyops.papers import tables as _papers
from supplyops.people import queries as people
from supplyops.people import tables as _people
from supplyops.places import tables as _places
from supplyops.planning import tables as _planning
from supplyops.recoveries import tables as _recoveries
from supplyops.requests import tables as _requests
from supplyops.reservations import tables as _reservations
from supplyops.reserves import tables as _reserves
from supplyops.rotations import tables as _rotations
from supplyops.runtime import Clock, Runtime, system_clock
from supplyops.scraps import tables as _scraps
from supplyops.stock import tables as _stock
from supplyops.tasks import tables as _tasks
from supplyops.teams import tables as _teams
from supplyops.transfers import tables as _transfers
from supplyops.upkeep import tables as _upkeep

ROOMS_WITH_TABLES = (
    _arrivals,
    _anchors,
    _assets,
    _audit,
    _catalogue,
    _contracts,
    _counts,
    _deployments,
    _dispatch,
    _exchange,
    _fleet,
    _incidents,
    _jobs,
    _kits,
    _networks,
    _norms,
    _obligations,
    _notices,
    _papers,
    _people,
    _places,
    _planning,
    _recoveries,
    _requests,
    _scraps,
    _reservations,
    _rotations,
    _reserves,
    _stock,
    _tasks,
    _teams,
    _upkeep,
    _transfers,
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


@dataclass(frozen=True, slots=True)
class House:
    """What a command works with: the runtime, and who a name stands for."""

    runtime: Runtime

    def actor(self, username: str) -> Actor:
        """The person named on the command line."""
        try:
            return Actor(self.runtime.read(people.user_id_of, ANONYMOUS, username), via="cli")
        except NotFound:
            raise Failure(f"没有用户“{username}”。--as 后面写登录名,例如 --as sysadmin。", 4) from None


def open_house(settings: Settings) -> House:
    """The house on a database that is at this code's revision; ends the command where it is not."""
    runtime = build_runtime(settings, demo_clock(settings))
    current = schema.current(runtime.database) if _exists(runtime) else None
    if current != schema.head():
        runtime.database.dispose()
    if current is None:
        raise Failure("数据库尚未建立,请先执行:python3 run.py cli init", 5)
    if current != schema.head():
        raise Failure(f"数据库版本为 {current},程序需要 {schema.head()},请先执行:python3 run.py cli upgrade", 5)
    return House(runtime)


def _exists(runtime: Runtime) -> bool:
    url = runtime.database.url
    return not runtime.database.is_sqlite or os.path.exists(url.database or "")  # noqa: PTH110


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
    """Let the data directory's clock go on from a moment of the story; it never shows an earlier one."""
    offset_s = math.ceil((story_now - system_clock()).total_seconds())
    (settings.data_dir / CLOCK_FILE).write_text(json.dumps({"offset_s": offset_s}))
