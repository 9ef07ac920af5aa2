"""Teams are proposed for tasks, with reasons; a person takes the proposal over, and orders go out on paper."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from supplyops.deployments import commands, queries
from supplyops.deployments.rules import OrdersInput, ProposalInput, WantedTask
from supplyops.fleet import commands as fleet
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, SupplyError
from supplyops.papers.tables import Paper
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import RoadInput, RoadNodeInput, SiteInput, SiteKind, Terrain
from supplyops.runtime import Runtime
from supplyops.teams.rules import Capability, MissionState, TeamState
from supplyops.teams.tables import Mission, RescueTeam
from tests.cli.conftest import Line, line, settings
from tests.conftest import START, Clock
from tests.house import CITY
from tests.networks.test_networks import LORRY
from tests.teams.test_missions import TEAM, Town
from tests.web.site import Site

__all__ = ["line", "settings"]


class Field(Town):
    """A town whose roads lead from the team's base to two places, an hour each; a third lies nowhere."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        super().__init__(runtime, clock)
        runtime.run(fleet.save_vehicle_types, SYSTEM, [LORRY])
        nodes = [RoadNodeInput(c, c, 44_000_000, 80_000_000) for c in ("base", "a", "b")]
        runtime.run(places.save_road_nodes, SYSTEM, nodes)
        roads = [RoadInput(f"base-{c}", c, "base", c, 60_000, Terrain.PLAIN) for c in "ab"]
        runtime.run(places.save_roads, SYSTEM, roads)
        sites = [
            SiteInput(c, f"site {c}", SiteKind.TEAM_BASE, CITY, CITY, Level.CITY, road_node=c if c != "moor" else "")
            for c in ("base", "a", "b", "moor")
        ]
        runtime.run(places.save_sites, SYSTEM, sites)
        ready = replace(TEAM, base_site_code="base", ready_minutes=30, ready_minutes_off_hours=30)
        self.save(ready)
        self.save(replace(ready, code="T07-02", name="second", capabilities=(Capability.MEDICAL,)))
        self.save(replace(ready, code="T07-03", name="bare", insurance_valid_to=None))
        self.number = next(row.number for row in runtime.read(incidents.incidents, SYSTEM))

    def asked(self, *tasks: WantedTask, **facts: Any) -> ProposalInput:
        return ProposalInput(self.number, "V4", tasks or (task(),), **facts)

    def propose(self, *tasks: WantedTask, **facts: Any) -> queries.DeploymentProposal:
        return self.runtime.read(queries.propose, self.actor(Role.COMMANDER), self.asked(*tasks, **facts))

    def order(self, *codes: str, role: Role = Role.COMMANDER, digest: str = "", **facts: Any) -> Any:
        asked = self.asked(task(), task("care", "b", Capability.MEDICAL))
        seen = digest or self.runtime.read(queries.propose, SYSTEM, asked).digest
        orders = OrdersInput(asked, seen, codes, "归现场指挥部指挥", **facts)
        return self.runtime.run(commands.order_teams, self.actor(role), orders)

    def states(self) -> dict[str, TeamState]:
        return {row.code: row.state for row in self.rows(RescueTeam)}

    def nothing_changed(self, kind: type[SupplyError], do: Any) -> SupplyError:
        before = (self.states(), len(self.rows(Mission)), len(self.rows(Paper)))
        with pytest.raises(kind) as refusal:
            do()
        assert (self.states(), len(self.rows(Mission)), len(self.rows(Paper))) == before
        return refusal.value


def task(name: str = "dig", site: str = "a", ability: Capability = Capability.SEARCH, **facts: Any) -> WantedTask:
    return WantedTask(name, site, ability, **{"arrive_by": START + timedelta(hours=3), **facts})


@pytest.fixture
def field(runtime: Runtime, clock: Clock) -> Field:
    return Field(runtime, clock)


def test_a_proposal_says_who_goes_who_stands_by_and_who_was_left_out(field: Field) -> None:
    proposal = field.propose()
    (duty,) = proposal.duties
    assert (duty.team_code, duty.leaves_at, duty.arrives_at) == (
        "T07-01",
        START + timedelta(hours=2),
        START + timedelta(hours=3),
    )
    assert duty.released_at == START + timedelta(hours=9)
    assert proposal.is_optimal
    assert [(one.team_code, one.why) for one in proposal.left_out] == [("T07-03", "uninsured")]
    with_all = field.propose(with_uninsured=True)
    assert with_all.left_out == ()
    assert len(with_all.duties) == 1
    assert len(with_all.tasks[0].standby) == 1
    assert field.rows(Mission) == []


def test_what_cannot_be_covered_says_why(field: Field) -> None:
    soon = START + timedelta(minutes=89)
    proposal = field.propose(
        task("late", arrive_by=soon), task("moor", "moor"), task("two", teams=2), task("fire", "a", Capability.FIRE)
    )
    why = {one.name: [reason.lack for reason in one.reasons] for one in proposal.tasks}
    assert why == {"late": ["too_late"], "moor": ["too_late"], "two": ["too_few"], "fire": ["nobody_can"]}
    assert proposal.tasks[0].reasons[0].earliest_at == START + timedelta(minutes=90)


def test_chosen_teams_are_ordered_out_on_paper(field: Field) -> None:
    made = field.order("T07-01")
    assert len(made) == 1
    (mission,) = field.rows(Mission)
    (paper,) = field.rows(Paper)
    assert (mission.state, paper.form) == (MissionState.ORDERED, "mobilisation_order")
    assert paper.content["task_place"] == "site a"
    assert field.states() == {"T07-01": TeamState.MOBILISED, "T07-02": TeamState.READY, "T07-03": TeamState.READY}


def test_a_team_with_two_tasks_gets_one_order_that_names_both(field: Field) -> None:
    later = START + timedelta(hours=12)
    asked = field.asked(task(hours=2), task("more", "b", arrive_by=later, hours=1))
    seen = field.runtime.read(queries.propose, SYSTEM, asked)
    assert [duty.team_code for duty in seen.duties] == ["T07-01", "T07-01"]
    field.runtime.run(
        commands.order_teams, field.actor(Role.COMMANDER), OrdersInput(asked, seen.digest, ("T07-01",), "x")
    )
    (mission,) = field.rows(Mission)
    assert "dig" in mission.details["task"]
    assert "more" in mission.details["task"]
    assert mission.details["duration_hours"] == 11


def test_what_is_not_the_proposal_is_not_ordered(field: Field) -> None:
    field.nothing_changed(Conflict, lambda: field.order("T07-01", digest="0" * 16))
    field.nothing_changed(InvalidInput, lambda: field.order("T07-03"))
    field.nothing_changed(Forbidden, lambda: field.order("T07-01", role=Role.CLERK))
    digest = field.runtime.read(
        queries.propose, SYSTEM, field.asked(task(), task("care", "b", Capability.MEDICAL))
    ).digest
    field.send()
    field.nothing_changed(Conflict, lambda: field.order("T07-02", digest=digest))


def test_tasks_that_make_no_sense_are_refused(field: Field) -> None:
    for wrong in (task(site="nowhere"), task(arrive_by=START - timedelta(hours=1))):
        with pytest.raises(InvalidInput):
            field.propose(wrong)
    for facts in ({"teams": 0}, {"hours": 0}, {"class_rank": 10}, {"second_capability": Capability.SEARCH}):
        with pytest.raises(InvalidInput):
            task(**facts)
    with pytest.raises(InvalidInput):
        ProposalInput(field.number, "V4", ())


def test_through_the_page(field: Field, tmp_path: Path) -> None:
    browser = Site(field.house, tmp_path).browser(Role.COMMANDER)
    address = f"/deployments/{field.number}"
    browser.get(address)
    row = {"name": "dig", "site_code": "a", "capability": "search", "arrive_by": "2026-01-12T13:00"}
    given = {"vehicle_type": "V4", **{f"tasks-1-{name}": value for name, value in row.items()}}
    page = browser.post(address, 200, **given).get_data(as_text=True)
    assert "已证明最优" in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    more = {"digest": digest, "team_codes": "T07-01", "command_relation": "归现场指挥部指挥", "order": "1"}
    browser.post(address, 303, **given, **more)
    assert len(field.rows(Mission)) == 1


def test_on_the_command_line(field: Field, line: Line, tmp_path: Path) -> None:
    commander = field.actor(Role.COMMANDER)
    name = next(name for name, actor in field.house.people.items() if actor == commander)
    row = {"name": "dig", "site_code": "a", "capability": "search", "arrive_by": "2026-01-12T05:00:00+00:00"}
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps({"vehicle_type": "V4", "tasks": [row]}), encoding="utf-8")
    found = line.json("deployment", "propose", field.number, str(path), "--as", name)
    assert [duty["team_code"] for duty in found["duties"]] == ["T07-01"]
    assert "已证明最优" in line("deployment", "propose", field.number, str(path), "--as", name)
    how = ("--team", "T07-01", "--relation", "归现场指挥部指挥", "--as", name)
    line("deployment", "order", field.number, str(path), "--proposal", "0", *how, code=5)
    assert "已下达 1 份" in line("deployment", "order", field.number, str(path), "--proposal", found["digest"], *how)
