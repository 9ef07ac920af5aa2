"""Second shifts, crews that relieve each other, night and frost, and teams called from a task's ladder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from supplyops.demo.founding import complete_parameters
from supplyops.deployments import commands
from supplyops.deployments.rules import DeploymentNote, StandbyInput
from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import AreaFigures, ReportInput, ReportKind
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, WrongState
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput, Season
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.tasks import commands as tasks
from supplyops.tasks.rules import TaskCover, TaskState
from supplyops.teams import commands as teams
from supplyops.teams.rules import MissionState, TeamState
from supplyops.teams.tables import Mission
from supplyops.wording.errors import message, sentence
from tests.api.test_incident_side import Program
from tests.cli.conftest import Line, line, settings
from tests.conftest import START, Clock
from tests.deployments.test_deployments import HOUR, Field
from tests.once import once
from tests.tasks.ground import READY
from tests.verify.test_tampering import violated
from tests.web.site import Site

__all__ = ["line", "settings"]

DECLINED = MissionState.DECLINED
SECOND = replace(READY, code="T07-05", name="second diggers")


@once
def _laid_out(runtime: Runtime) -> Field:
    field = Field(runtime, runtime.clock)  # type: ignore[arg-type]
    complete_parameters(runtime)
    field.add(field.task())
    return field


@pytest.fixture
def field(runtime: Runtime, clock: Clock) -> Field:
    """One task: a search at `a`, due at 13:00 for six hours."""
    return _laid_out(runtime)


def report_cold(field: Field, degrees: int | None) -> None:
    figures = (AreaFigures("654004200", "", affected=9),)
    found = ReportInput(ReportKind.FIRST, Season.WINTER, 3, figures, night_temperature_c=degrees)
    field.runtime.run(incidents.report, field.actor(Role.COMMANDER), field.incident_id, found)


def test_a_team_comes_again_after_its_rest_as_long_as_the_parameter_says(field: Field) -> None:
    """Free at 19:00, at home at 20:00, rested at 04:00, there at 05:00."""
    field.add(field.task("R02", "b", arrive_by=START + 19 * HOUR))
    row = field.propose()
    mine = [each for each in row.duties if each.team_code == "T07-01"]
    assert [(each.task_code, each.shift, each.part) for each in mine] == [("R01", 1, 1), ("R02", 2, 1)]
    assert (mine[1].leaves_at, mine[1].arrives_at) == (START + 18 * HOUR, START + 19 * HOUR)
    longer = ParameterInput("teams.rest_hours", "9", "", "A", START.date())
    field.runtime.run(norms.save_parameters, SYSTEM, [longer])
    assert len(field.propose().duties) == 1
    (mission_id,) = field.order(row.head.id, *(each.row_no for each in mine))
    (mission,) = field.rows(Mission)
    assert (mission.id, "休整后task R02" in mission.details["task"]) == (mission_id, True)
    assert (field.row("R01").cover, field.row("R02").cover) == (TaskCover.COVERED, TaskCover.COVERED)
    assert violated(field.runtime.database) == set()


def test_a_task_longer_than_a_shift_is_done_by_crews_that_relieve_each_other(field: Field) -> None:
    field.save(SECOND)
    field.save(replace(SECOND, code="T07-06", name="third diggers"))
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(hours=24))
    row = field.propose()
    (task,) = [each.answer.task for each in row.tasks]
    assert (task.crews, task.relief_minutes) == (3, 480)
    parts = sorted(row.duties, key=lambda each: each.part)
    assert [each.part for each in parts] == [1, 2, 3]
    assert [each.arrive_by - START for each in parts] == [3 * HOUR, 11 * HOUR, 19 * HOUR]
    assert all(each.arrives_at <= each.arrive_by and not each.is_late for each in parts)
    assert parts[1].arrives_at == parts[1].arrive_by, "who relieves others comes when they leave"
    field.order(row.head.id, parts[0].row_no)
    assert (field.row().cover, field.row().lacks_from) == (TaskCover.PARTLY, START + 11 * HOUR)
    assert len(field.order(row.head.id, parts[1].row_no, parts[2].row_no)) == 2
    assert sorted(each.details["task"] for each in field.rows(Mission)) == [
        "task R01第1班",
        "task R01第2班",
        "task R01第3班",
    ]
    assert (field.row().cover, field.row().lacks_from) == (TaskCover.COVERED, None)
    assert [(each.relieves_at, each.relieved_at) for each in field.row().missions] == [
        (None, START + 11 * HOUR),
        (START + 11 * HOUR, START + 19 * HOUR),
        (START + 19 * HOUR, None),
    ]
    assert violated(field.runtime.database) == set()


def test_crews_that_were_ordered_are_relieved_by_the_next_proposal_or_by_the_ladder(field: Field) -> None:
    for code in ("T07-05", "T07-06", "T07-07"):
        field.save(replace(SECOND, code=code, name=f"team {code}"))
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(hours=24))
    row = field.propose()
    first, second = sorted(row.duties, key=lambda each: each.part)[:2]
    field.order(row.head.id, first.row_no)
    (spare,) = {each.team_code for each in row.tasks[0].answer.standby}
    call(field, row, team=spare)
    called = field.read(row.head.id).duties[-1]
    assert (called.part, called.arrives_at, called.arrive_by) == (2, second.arrives_at, second.arrive_by)
    assert (field.row().cover, field.row().lacks_from) == (TaskCover.PARTLY, START + 19 * HOUR)
    again = field.propose()
    (duty,) = again.duties
    assert (duty.part, duty.arrives_at, duty.arrive_by) == (1, START + 19 * HOUR, START + 19 * HOUR)
    assert duty.released_at == field.row().works_until == START + 27 * HOUR
    field.order(again.head.id, duty.row_no)
    assert field.row().cover is TaskCover.COVERED
    field.nothing_changed(Conflict, lambda: field.order(row.head.id, second.row_no), "task_covered")
    assert violated(field.runtime.database) == set()


def test_a_team_of_the_ladder_that_is_not_ready_for_the_hours_of_the_crew_is_refused(field: Field) -> None:
    report_cold(field, 0)
    for code in ("T07-05", "T07-06"):
        field.save(replace(SECOND, code=code, name=f"team {code}"))
    field.save(replace(SECOND, code="T07-07", works_at_night=False))
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(hours=24))
    row = field.propose()
    assert [each.team_code for each in row.tasks[0].answer.standby] == ["T07-07"]
    (first,) = [each.row_no for each in row.duties if each.part == 1]
    field.order(row.head.id, first)
    refused = field.nothing_changed(Conflict, lambda: call(field, row, team="T07-07"), "team_unready")
    assert "夜间" in message(refused)


def test_a_team_that_comes_again_to_the_same_task_counts_for_both_shifts(field: Field) -> None:
    field.save(SECOND)
    rest = ParameterInput("teams.rest_hours", "8", "", "A", START.date())
    field.runtime.run(norms.save_parameters, SYSTEM, [rest])
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(hours=40))
    row = field.propose()
    again = {each.team_code for each in row.duties if each.shift > 1}
    assert again, row.tasks
    field.order(row.head.id, *(each.row_no for each in row.duties))
    assert (field.row().cover, len(field.rows(Mission))) == (TaskCover.COVERED, 2)
    assert len(field.row().missions) == len(row.duties) > 2
    assert violated(field.runtime.database) == set()


def test_who_does_not_work_at_night_is_not_sent_into_it(field: Field, tmp_path: Path, line: Line) -> None:
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(arrive_by=START + 10 * HOUR))
    report_cold(field, -5)
    assert [each.team_code for each in field.propose().duties] == ["T07-01"]
    field.save(replace(READY, works_at_night=False))
    row = field.propose()
    assert (row.duties, row.notes) == ((), ())
    ((reason,),) = [each.answer.reasons for each in row.tasks]
    assert (reason.lack, reason.conditions, reason.available, reason.needed) == ("unready", ("night",), 0, 1)
    assert "夜间" in Site(field.house, tmp_path).browser(Role.COMMANDER).get(f"/deployments/{row.head.number}")
    assert "夜间" in line("deployment", "show", row.head.number, "--as", "commander.654004")
    field.save(replace(SECOND, works_at_night=True))
    assert [each.team_code for each in field.propose().duties] == ["T07-05"]


def test_frost_counts_by_the_newest_report_and_what_nobody_reported_is_said(field: Field) -> None:
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(arrive_by=START + 10 * HOUR))
    assert field.propose().notes == (DeploymentNote("no_temperature"),)
    report_cold(field, -25)
    row = field.propose()
    ((reason,),) = [each.answer.reasons for each in row.tasks]
    assert (reason.lack, reason.conditions, row.notes) == ("unready", ("frost",), ())
    field.save(replace(READY, works_at_minus_30=True))
    assert [each.team_code for each in field.propose().duties] == ["T07-01"]
    field.save(replace(READY, works_at_minus_30=False))
    milder = ParameterInput("teams.frost_below_c", "-30", "", "A", START.date())
    field.runtime.run(norms.save_parameters, SYSTEM, [milder])
    assert len(field.propose().duties) == 1


def test_what_is_not_registered_of_night_and_frost_is_said(field: Field) -> None:
    report_cold(field, -5)
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(arrive_by=START + 10 * HOUR))
    field.save(replace(READY, works_at_night=None, works_at_minus_30=None))
    row = field.propose()
    ((reason,),) = [each.answer.reasons for each in row.tasks]
    assert (row.duties, reason.lack, reason.conditions) == ((), "unready", ("night",))
    assert row.notes == (DeploymentNote("night_unknown", (READY.name,)),)
    report_cold(field, -25)
    row = field.propose()
    assert (row.duties, [each.code for each in row.notes]) == ((), ["night_unknown", "frost_unknown"])
    field.save(replace(READY, works_at_night=True, works_at_minus_30=None))
    assert [each.code for each in field.propose().notes] == ["frost_unknown"]
    field.save(replace(READY, works_at_night=False, works_at_minus_30=False))
    assert field.propose().notes == ()


def test_a_team_of_which_no_limit_is_known_is_named(field: Field) -> None:
    report_cold(field, 0)
    field.save(replace(READY, continuous_hours_max=0))
    row = field.propose()
    assert row.notes == (DeploymentNote("no_duty_limit", (READY.name,)),)
    assert len(row.duties) == 1


def call(field: Field, row: Any, *, role: Role = Role.COMMANDER, **facts: Any) -> Any:
    given = {"task": "R01", "team": "T07-05", "command_relation": "归现场指挥部指挥", **facts}
    return field.runtime.run(commands.order_standby, field.actor(role), row.head.id, StandbyInput(**given))


def test_a_team_of_the_ladder_is_ordered_with_a_paper_and_counts(field: Field) -> None:
    field.save(replace(SECOND, ready_minutes=40, ready_minutes_off_hours=40))
    row = field.propose()
    assert [each.team_code for each in row.duties] == ["T07-01"]
    assert [each.team_code for each in row.tasks[0].answer.standby] == ["T07-05"]
    field.clock.advance(minutes=10)
    mission_id = call(field, row)
    (mission,) = field.rows(Mission)
    (paper,) = field.rows(Paper)
    assert (mission.id, paper.form, paper.content["task"]) == (mission_id, "mobilisation_order", "task R01")
    again = field.read(row.head.id)
    assert [(each.row_no, each.team_code, bool(each.mission_number)) for each in again.duties] == [
        (1, "T07-01", False),
        (2, "T07-05", True),
    ]
    assert again.duties[1].arrives_at == START + timedelta(minutes=110)
    assert (field.row().cover, field.states()["T07-05"]) == (TaskCover.COVERED, TeamState.MOBILISED)
    field.nothing_changed(Conflict, lambda: field.order(row.head.id, 1), "task_covered")
    assert violated(field.runtime.database) == set()


def test_every_refusal_to_call_a_team_changes_nothing(field: Field) -> None:
    field.save(SECOND)
    running = field.ask()
    waiting = field.read(running)
    field.nothing_changed(WrongState, lambda: call(field, waiting))
    row = field.work(running)
    field.nothing_changed(Forbidden, lambda: call(field, row, role=Role.CLERK))
    field.nothing_changed(InvalidInput, lambda: call(field, row, task="R09"), "task")
    refused = field.nothing_changed(InvalidInput, lambda: call(field, row, team="T07-02"), "team")
    assert "不在“task R01”的候补名单上" in sentence(refused.fields[0].code, refused.fields[0].params)
    field.clock.advance(minutes=120)
    field.nothing_changed(Conflict, lambda: call(field, row), "team_would_be_late")
    field.clock.advance(minutes=-120)
    field.runtime.run(teams.set_team_state, SYSTEM, "T07-05", TeamState.REST)
    field.nothing_changed(Conflict, lambda: call(field, row), "team_not_free")
    field.runtime.run(teams.set_team_state, SYSTEM, "T07-05", TeamState.READY)
    field.order(row.head.id, 1)
    field.nothing_changed(Conflict, lambda: call(field, row), "task_covered")
    field.runtime.run(tasks.end_task, SYSTEM, field.row().id, TaskState.DONE, "x")
    field.nothing_changed(WrongState, lambda: call(field, row))
    with pytest.raises(InvalidInput):
        StandbyInput("R01", "T07-05", " ")


def test_the_same_by_page_program_and_command_line(field: Field, tmp_path: Path, line: Line) -> None:
    for code in ("T07-05", "T07-06", "T07-07"):
        field.save(replace(SECOND, code=code, name=f"team {code}"))
    row = field.propose()
    number, site = row.head.number, Site(field.house, tmp_path)
    browser = site.browser(Role.COMMANDER)
    page = browser.get(f"/deployments/{number}")
    for text in ("没有报告夜间气温", "调用", f"/deployments/{number}/standby"):
        assert text in page, text
    given = {"task": "R01", "command_relation": "归现场指挥部指挥"}
    browser.post(f"/deployments/{number}/standby", 422, **given, team="T07-02")
    browser.get(f"/deployments/{number}")
    browser.post(f"/deployments/{number}/standby", 303, **given, team="T07-05")
    assert "已下令" in browser.get(f"/deployments/{number}")
    field.runtime.run(
        teams.report_mission, field.actor(Role.TEAM_LEADER), field.rows(Mission)[0].id, DECLINED, START, "", "车坏"
    )
    program = Program(site, Role.COMMANDER)
    found = program.send("POST", f"/deployments/{number}/standby", {**given, "team": "T07-06"})
    assert (found.status_code, found.json["numbers"]) == (201, ["DD-654004-20260112-0002"])
    late = program.send("POST", f"/deployments/{number}/standby", {**given, "team": "T07-07"}, key="b")
    assert (late.status_code, late.json["code"]) == (409, "task_covered")
    assert Program(site, Role.CLERK).send("POST", f"/deployments/{number}/standby", given, key="c").status_code in {
        403,
        422,
    }
    said = line("deployment", "call", number, "R01", "T07-07", "--relation", "x", "--as", "commander.654004", code=5)
    assert "已" in said


def test_relief_and_second_shifts_are_seen_on_the_page_and_the_command_line(
    field: Field, tmp_path: Path, line: Line
) -> None:
    field.save(SECOND)
    field.save(replace(SECOND, code="T07-06", name="third diggers"))
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task(hours=24))
    row = field.propose()
    page = Site(field.house, tmp_path).browser(Role.COMMANDER).get(f"/deployments/{row.head.number}")
    for text in ("一班干不完:分 3 班轮换,每班 8 小时", "第 2 班", "第 3 班"):
        assert text in page, text
    field.actor(Role.COMMANDER)
    said = line("deployment", "show", row.head.number, "--as", "commander.654004")
    for text in ("分 3 班轮换", "task R01 第2班", "没有报告夜间气温"):
        assert text in said, text
