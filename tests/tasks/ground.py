"""A town with roads: a base, two places an hour away from it, one that lies on no road; an incident and its tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supplyops.audit.tables import RequestKey
from supplyops.database.base import Base
from supplyops.fleet import commands as fleet
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import SupplyError
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import RoadInput, RoadNodeInput, SiteInput, SiteKind, Terrain
from supplyops.runtime import Runtime
from supplyops.tasks import commands, queries
from supplyops.tasks.rules import TaskInput, TaskNeed
from supplyops.teams.rules import Capability
from tests.conftest import START, Clock
from tests.house import CITY, VILLAGE
from tests.networks.test_networks import LORRY
from tests.once import once
from tests.teams.test_missions import MISSION, TEAM, Town

READY = replace(TEAM, base_site_code="base", ready_minutes=30, ready_minutes_off_hours=30)


class Ground(Town):
    """A town with three teams: one that searches and rescues, one of medics, one without insurance."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        super().__init__(runtime, clock)
        runtime.run(fleet.save_vehicle_types, SYSTEM, [LORRY])
        nodes = [RoadNodeInput(code, code, 44_000_000, 80_000_000) for code in ("base", "a", "b")]
        runtime.run(places.save_road_nodes, SYSTEM, nodes)
        roads = [RoadInput(f"base-{code}", code, "base", code, 60_000, Terrain.PLAIN) for code in "ab"]
        runtime.run(places.save_roads, SYSTEM, roads)
        sites = [
            SiteInput(code, f"site {code}", SiteKind.TEAM_BASE, owner, CITY, Level.CITY, road_node=node)
            for code, owner, node in (
                ("base", CITY, "base"), ("a", CITY, "a"), ("b", VILLAGE, "b"), ("moor", CITY, ""),
            )
        ]  # fmt: skip
        runtime.run(places.save_sites, SYSTEM, sites)
        self.save(READY)
        self.save(replace(READY, code="T07-02", name="medics", capabilities=(Capability.MEDICAL,), equipment=""))
        self.save(replace(READY, code="T07-03", name="bare", insurance_valid_to=None))
        self.number = next(row.number for row in runtime.read(incidents.incidents, SYSTEM))

    def task(self, code: str = "R01", site: str = "a", *needs: TaskNeed, **facts: Any) -> TaskInput:
        """A search at `a`, due three hours after the start, unless told otherwise."""
        wanted = needs or (TaskNeed("search"),)
        given = {"arrive_by": START + timedelta(hours=3), "needs": wanted, **facts}
        return TaskInput(self.number, code, f"task {code}", site, **given)

    def add(self, *tasks: TaskInput, role: Role = Role.COMMANDER, at: str = CITY) -> list[UUID]:
        """Add tasks one by one."""
        actor = self.actor(role, at)
        return [self.runtime.run(commands.add_task, actor, each) for each in tasks or (self.task(),)]

    def row(self, code: str = "R01", role: Role = Role.COMMANDER) -> queries.TaskRow:
        """A task as the role sees it."""
        return self.runtime.read(queries.task, self.actor(role), self.number, code)

    def send_for(self, code: str = "R01", **facts: Any) -> UUID:
        """Order a team out by hand and count it for a task."""
        mission_id = self.send(replace(MISSION, **facts))
        self.assign(code, mission_id)
        return mission_id

    def assign(self, code: str, mission_id: UUID, role: Role = Role.COMMANDER) -> None:
        """Say that a mission is for a task."""
        self.runtime.run(commands.assign_mission, self.actor(role), self.row(code).id, mission_id)

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table but the journal, its keys and counters that a refusal may leave behind."""
        with self.runtime.database.read() as session:
            return {
                name: [dict(row._mapping) for row in session.execute(select(table))]
                for name, table in Base.metadata.tables.items()
                if name.startswith(("rescue_", "mission", "paper", "incident", "number_series", "job", "deployment"))
                or name == RequestKey.__tablename__
            }

    def nothing_changed(self, kind: type[SupplyError], do: Callable[[], Any], code: str = "") -> SupplyError:
        """The act is refused, in that way, and no row is another than before."""
        before = self.everything()
        with pytest.raises(kind) as refusal:
            do()
        assert self.everything() == before
        assert not code or refusal.value.code == code or code in str(refusal.value), refusal.value
        return refusal.value


@once
def _laid_out(runtime: Runtime) -> Ground:
    return Ground(runtime, runtime.clock)  # type: ignore[arg-type]


@pytest.fixture
def ground(runtime: Runtime, clock: Clock) -> Ground:
    """The ground, laid out once in a process."""
    return _laid_out(runtime)
