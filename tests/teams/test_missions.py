"""A team is kept, ordered out on paper, answers, works, goes home."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import EventClass, Hazard, IncidentInput
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.kernel.oral import OralOrder
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.teams import commands, queries
from supplyops.teams.rules import (
    Capability,
    Employment,
    Known,
    MissionInput,
    MissionState,
    ReadinessInput,
    TeamInput,
    TeamState,
    TeamType,
)
from supplyops.teams.tables import Mission, MissionStep
from supplyops.wording.errors import field_message
from tests.conftest import START, Clock
from tests.copies import copied_up_to
from tests.house import CITY, FARM, VILLAGE, build_house
from tests.once import once

TEAM = TeamInput(
    "T07-01", "霍尔果斯市地震灾害救援队", TeamType.EARTHQUAKE, Employment.FULL_TIME, CITY, "654004", leader="陈勇",
    duty_phone="13900000021", strength_authorised=30, strength_present=24, capabilities=(Capability.SEARCH, Capability.RESCUE),
    equipment="生命探测仪2套", insurer="人保财险", insurance_policy="P1", insurance_valid_to=date(2026, 6, 30),
    works_at_night=True, works_at_minus_30=False,
)  # fmt: skip
MISSION = MissionInput(
    "T07-01", 20, "废墟搜救", "伊车嘎善乡", "市应急局院内", START + timedelta(minutes=30), START + timedelta(hours=2), "归现场指挥部指挥"
)  # fmt: skip
M = MissionState


class Town:
    """A town with one team and one incident."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self.house, self.runtime, self.clock = build_house(runtime), runtime, clock
        paper = ParameterInput("oral.paper_hours", "24", "h", "test", date(2020, 1, 1))
        runtime.run(norms.save_parameters, SYSTEM, [paper])
        self.save(TEAM)
        incident = IncidentInput(
            "地震", EventClass.NATURAL, Hazard.EARTHQUAKE, START, "654004", "伊车嘎善乡", CITY
        )  # fmt: skip
        self.incident_id = runtime.run(incidents.open_incident, SYSTEM, incident)

    def save(self, team: TeamInput) -> None:
        self.runtime.run(commands.save_teams, SYSTEM, [team])

    def actor(self, role: Role, at: str = CITY) -> Actor:
        return self.house.actor(role, at)

    def send(self, mission: MissionInput = MISSION, role: Role = Role.COMMANDER, at: str = CITY) -> UUID:
        return self.runtime.run(incidents.mobilise_team, self.actor(role, at), self.incident_id, mission)

    def report(
        self,
        state: MissionState,
        *,
        at: datetime | None = None,
        place: str = "",
        note: str = "",
        role: Role = Role.TEAM_LEADER,
        home: str = CITY,
    ) -> None:
        (mission,) = self.rows(Mission)
        actor = self.actor(role, home)
        self.runtime.run(commands.report_mission, actor, mission.id, state, at or self.clock.now, place, note)

    def rows(self, kind: type) -> list:
        from sqlalchemy import select

        with self.runtime.database.read() as session:
            return list(session.scalars(select(kind)))

    @property
    def team(self) -> queries.TeamRow:
        return self.runtime.read(queries.team, SYSTEM, "T07-01")

    def snapshot(self) -> tuple:
        return (
            self.team,
            tuple(self.runtime.read(queries.missions, SYSTEM)),
            [row.number for row in self.rows(Paper)],
        )

    def refused(self, do: object) -> SupplyError:
        before = self.snapshot()
        with pytest.raises(SupplyError) as refusal:
            do()  # type: ignore[operator]
        assert self.snapshot() == before
        return refusal.value


@pytest.fixture
@once
def town(runtime: Runtime, clock: Clock) -> Town:
    return Town(runtime, clock)


def test_a_mission_from_order_to_return(town: Town) -> None:
    mission_id = town.send()
    assert town.team.state is TeamState.MOBILISED
    (paper,) = town.rows(Paper)
    assert (paper.form, paper.number, paper.subject_id) == ("mobilisation_order", "DD-654004-20260112-0001", mission_id)
    assert (paper.content["persons"], paper.content["leader"]["name"]) == (20, "陈勇")
    for state, place in (
        (M.CONFIRMED, ""),
        (M.MUSTERED, ""),
        (M.DEPARTED, ""),
        (M.ARRIVED, "伊车嘎善乡"),
        (M.ENGAGED, ""),
        (M.RELEASED, ""),
        (M.RETURNED, ""),
    ):
        town.clock.advance(minutes=10)
        town.report(state, place=place)
    assert town.team.state is TeamState.REST
    mission = town.runtime.read(queries.mission, SYSTEM, mission_id)
    assert [step.state for step in mission.steps] == [
        M.ORDERED, M.CONFIRMED, M.MUSTERED, M.DEPARTED, M.ARRIVED, M.ENGAGED, M.RELEASED, M.RETURNED,
    ]  # fmt: skip


def test_a_team_has_one_mission_at_a_time(town: Town) -> None:
    town.send()
    assert isinstance(town.refused(town.send), WrongState)


@pytest.mark.parametrize("state", [TeamState.OUT, TeamState.REST, TeamState.TRAINING])
def test_a_team_that_is_not_ready_is_not_sent(town: Town, state: TeamState) -> None:
    town.runtime.run(commands.set_team_state, town.actor(Role.CLERK), "T07-01", state)
    assert isinstance(town.refused(town.send), WrongState)


def test_more_people_than_are_there_are_not_sent(town: Town) -> None:
    error = town.refused(lambda: town.send(replace(MISSION, persons=25)))
    assert [(field.field, field.code) for field in error.fields] == [("persons", "too_large")]  # type: ignore[attr-defined]


def test_an_uninsured_team_goes_only_with_a_reason_which_the_paper_repeats(town: Town) -> None:
    town.save(replace(TEAM, insurance_valid_to=date(2026, 1, 11)))
    error = town.refused(town.send)
    assert (type(error), error.code) == (Conflict, "team_uninsured")
    town.send(replace(MISSION, uninsured_reason="情况紧急,事后补保"))
    (paper,) = town.rows(Paper)
    assert paper.content["insurance"] == "保险已于2026-01-11到期:情况紧急,事后补保"


def test_who_may_send_a_team(town: Town) -> None:
    assert isinstance(town.refused(lambda: town.send(role=Role.CLERK)), Forbidden)
    assert isinstance(town.refused(lambda: town.send(role=Role.COMMANDER, at=VILLAGE)), Forbidden)
    assert isinstance(town.refused(lambda: town.send(replace(MISSION, team_code="T99"))), NotFound)


def test_declining_needs_a_reason_and_leaves_the_team_ready(town: Town) -> None:
    town.send()
    assert isinstance(town.refused(lambda: town.report(M.DECLINED)), InvalidInput)
    town.report(M.DECLINED, note="人员均在另一现场")
    assert town.team.state is TeamState.READY
    assert isinstance(town.refused(lambda: town.report(M.CONFIRMED)), WrongState)


def test_steps_are_told_in_order_with_place_and_time(town: Town) -> None:
    town.send()
    assert isinstance(town.refused(lambda: town.report(M.ARRIVED, place="x")), WrongState)
    for at, code in (
        (START + timedelta(minutes=1), "in_the_future"),
        (START - timedelta(minutes=1), "before_last_step"),
    ):
        error = town.refused(lambda at=at: town.report(M.CONFIRMED, at=at))
        assert [field.code for field in error.fields] == [code]  # type: ignore[attr-defined]
    town.report(M.CONFIRMED)
    town.report(M.DEPARTED)
    error = town.refused(lambda: town.report(M.ARRIVED))
    assert [field.field for field in error.fields] == ["place"]  # type: ignore[attr-defined]


def test_a_time_told_to_the_minute_is_not_before_the_step_of_that_minute(town: Town) -> None:
    town.clock.advance(seconds=41)
    town.send()
    town.report(M.CONFIRMED, at=START)
    assert [step.happened_at for step in town.rows(MissionStep)] == [START + timedelta(seconds=41)] * 2
    error = town.refused(lambda: town.report(M.MUSTERED, at=START - timedelta(minutes=1)))
    assert field_message(error.fields[0]) == "时间早于上一步(01-12 10:00)。"  # type: ignore[attr-defined]


def test_only_the_team_and_the_office_that_sent_it_report(town: Town) -> None:
    town.send()
    assert isinstance(town.refused(lambda: town.report(M.CONFIRMED, home=FARM)), NotFound)
    assert isinstance(town.refused(lambda: town.report(M.CONFIRMED, role=Role.COMMANDER)), Forbidden)
    town.report(M.CONFIRMED, role=Role.DISPATCHER)
    assert len(town.rows(MissionStep)) == 2


def test_a_team_on_a_mission_stays_on_it(town: Town) -> None:
    town.send()
    change = lambda: town.runtime.run(  # noqa: E731
        commands.set_team_state, town.actor(Role.CLERK), "T07-01", TeamState.READY
    )
    assert isinstance(town.refused(change), WrongState)


def test_night_and_frost_are_registered_or_not_known_by_who_keeps_the_team(town: Town) -> None:
    def register(wanted: ReadinessInput, role: Role = Role.CLERK, at: str = CITY) -> None:
        town.runtime.run(commands.set_team_readiness, town.actor(role, at), "T07-01", wanted)

    register(ReadinessInput(Known.UNKNOWN, Known.YES))
    assert (town.team.works_at_night, town.team.works_at_minus_30) == (None, True)
    register(ReadinessInput(Known.NO, Known.UNKNOWN))
    assert (town.team.works_at_night, town.team.works_at_minus_30) == (False, None)
    everything = ReadinessInput(Known.YES, Known.YES)
    assert isinstance(town.refused(lambda: register(everything, Role.KEEPER)), Forbidden)
    assert isinstance(town.refused(lambda: register(everything, at=VILLAGE)), (Forbidden, NotFound))
    nobody = lambda: town.runtime.run(commands.set_team_readiness, SYSTEM, "T99-99", everything)  # noqa: E731
    assert isinstance(town.refused(nobody), NotFound)


def test_an_oral_order_is_signed_on_paper_once(town: Town) -> None:
    mission_id = town.send(replace(MISSION, oral=OralOrder("王市长", "陈勇", START, "赵")))
    (row,) = town.rows(Mission)
    assert row.paper_due_at == START + timedelta(hours=24)
    sign = lambda: town.runtime.run(commands.sign_mission_paper, town.actor(Role.COMMANDER), mission_id)  # noqa: E731
    sign()
    assert town.rows(Mission)[0].paper_signed_at == START
    assert town.refused(sign).code == "nothing_to_sign"


def test_saving_a_team_again_keeps_its_state_and_a_bad_one_saves_nothing(town: Town) -> None:
    town.send()
    town.save(replace(TEAM, leader="新队长"))
    assert (town.team.leader, town.team.state) == ("新队长", TeamState.MOBILISED)
    other = replace(TEAM, code="T08-01")
    for teams in ([other, other], [other, replace(TEAM, code="T09-01", organisation_code="nowhere")]):
        assert isinstance(
            town.refused(lambda teams=teams: town.runtime.run(commands.save_teams, SYSTEM, teams)), InvalidInput
        )
    village = town.actor(Role.CLERK, VILLAGE)
    assert isinstance(town.refused(lambda: town.runtime.run(commands.save_teams, village, [other])), Forbidden)
    assert [row.code for row in town.runtime.read(queries.teams, SYSTEM)] == ["T07-01"]


def test_impossible_teams_and_missions_are_not_even_written_down() -> None:
    with pytest.raises(InvalidInput, match="too_large"):
        replace(TEAM, strength_present=31)
    with pytest.raises(InvalidInput, match="ends_before_start"):
        replace(MISSION, arrive_by=MISSION.muster_at - timedelta(minutes=1))


def test_years_of_missions_are_read_by_pages_and_one_by_its_number(town: Town) -> None:
    mission_id = town.send()
    copied_up_to(town.runtime, Mission, 130)
    first, last = (town.runtime.read(queries.missions, SYSTEM, offset=offset, limit=50) for offset in (0, 100))
    assert (len(first), len(last), town.runtime.read(queries.count_missions, SYSTEM)) == (50, 30, 130)
    assert not {row.id for row in first} & {row.id for row in last}
    assert town.runtime.read(queries.missions, SYSTEM, state=M.RETURNED) == []
    assert town.runtime.read(queries.count_missions, SYSTEM, M.RETURNED) == 0
    own = town.runtime.read(queries.mission, SYSTEM, mission_id)
    for reference in (own.number, str(own.id)):
        assert town.runtime.read(queries.mission_named, SYSTEM, reference) == own
    with pytest.raises(NotFound):
        town.runtime.read(queries.mission_named, SYSTEM, "none")
