"""Tasks of an incident are kept, changed, ended; missions cover them while they last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from supplyops.audit.tables import JournalEntry
from supplyops.incidents import commands as incidents
from supplyops.incidents import queries as incident_queries
from supplyops.incidents.rules import EventClass, Hazard, IncidentInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.tasks import commands, queries
from supplyops.tasks.rules import Crew, Going, TaskCover, TaskNeed, TaskState, coverage_of, lacking, skills_of, wanted
from supplyops.tasks.tables import RescueTask, RescueTaskMission
from supplyops.teams import commands as teams
from supplyops.teams import queries as team_queries
from supplyops.teams.rules import MissionState
from tests.api.test_incident_side import Program
from tests.cli.conftest import Line, line, settings
from tests.conftest import START
from tests.house import CITY, VILLAGE
from tests.tasks.ground import Ground, ground
from tests.teams.test_missions import MISSION
from tests.verify.test_tampering import violated, without_guards
from tests.web.site import Site

__all__ = ["ground", "line", "settings"]


def test_what_is_lacking_is_what_no_crew_brings() -> None:
    needs = wanted((TaskNeed("search", 2), TaskNeed("T04")), "生命探测仪、发电机;生命探测仪")
    assert needs == {"search": 2, "T04": 1, "gear:生命探测仪": 1, "gear:发电机": 1}
    one = Crew(skills_of(("search", "medical"), "T07", "生命探测仪2套", needs), 20)
    assert one.skills == {"search", "medical", "T07", "gear:生命探测仪"}
    assert lacking(needs, 30, [one]) == ({"search": 1, "T04": 1, "gear:发电机": 1}, 10)
    other = Crew(skills_of(("search",), "T04", "发电机", needs), 12)
    assert lacking(needs, 30, [one, other]) == ({}, 0)
    assert [coverage_of(needs, 30, crews, START).cover for crews in ([], [one], [one, other])] == list(TaskCover)
    assert coverage_of({"fire": 1}, 0, [one], START).cover is TaskCover.UNCOVERED


def test_a_task_is_covered_when_somebody_is_there_from_the_beginning_to_the_end() -> None:
    noon, night, ends = (START + timedelta(hours=hours) for hours in (4, 12, 20))
    search = frozenset({"search"})
    first, second = Crew(search, 8, None, noon), Crew(search, 8, noon, night)
    third, whole = Crew(search, 8, night, None), Crew(search, 8)

    def told(*crews: Crew, until: datetime = ends) -> tuple[TaskCover, datetime | None]:
        found = coverage_of({"search": 1}, 8, crews, until)
        assert (found.teams, found.persons) == (({}, 0) if found.cover is TaskCover.COVERED else ({"search": 1}, 8))
        return found.cover, found.lacks_from

    assert told(first) == (TaskCover.PARTLY, noon)
    assert told(first, second) == (TaskCover.PARTLY, night)
    assert told(first, third) == (TaskCover.PARTLY, noon)
    assert told(second, third) == (TaskCover.PARTLY, None)
    assert told(first, second, third) == told(first, whole) == (TaskCover.COVERED, None)
    assert told(first, until=noon) == (TaskCover.COVERED, None), "who leaves when the work is done needs no relief"
    assert told(first, replace(second, relieves_at=noon + timedelta(minutes=1))) == (TaskCover.PARTLY, noon)


def test_a_task_is_added_seen_changed_and_ended(ground: Ground) -> None:
    (task_id,) = ground.add()
    row = ground.row()
    assert (row.id, row.site_name, row.state, row.cover, row.version) == (
        task_id, "site a", TaskState.OPEN, TaskCover.UNCOVERED, 1,
    )  # fmt: skip
    assert [(each.skill, each.teams) for each in row.lacks] == [("search", 1)]
    commander = ground.actor(Role.COMMANDER)
    more = ground.task(persons=60, equipment="发电机", hours=8)
    assert ground.runtime.run(commands.change_task, commander, task_id, 1, more) == 2
    assert (ground.row().persons, ground.row().hours, ground.row().lacks_persons) == (60, 8, 60)
    assert ground.runtime.run(commands.change_task, commander, task_id, 2, more) == 2
    ground.runtime.run(commands.end_task, commander, task_id, TaskState.DONE, "全部救出")
    assert (ground.row().state, ground.row().ended_because, ground.row().version) == (TaskState.DONE, "全部救出", 3)
    entry = max(ground.rows(JournalEntry), key=lambda each: each.seq)
    assert (entry.command, entry.subject_id) == ("tasks.end_task", task_id)


def test_every_refusal_changes_nothing(ground: Ground) -> None:
    (task_id,) = ground.add()
    run, commander = ground.runtime.run, ground.actor(Role.COMMANDER)
    past = START - timedelta(minutes=1)
    for code, task in {
        "already_used": ground.task(),
        "in_the_past": ground.task("R02", arrive_by=past),
        "unknown_reference": ground.task("R02", "nowhere"),
    }.items():
        refusal = ground.nothing_changed(InvalidInput, lambda task=task: run(commands.add_task, commander, task), code)
        assert "0." not in str(refusal)
    elsewhere = replace(ground.task("R02"), incident="SJ-000000-20260112-0001")
    ground.nothing_changed(InvalidInput, lambda: run(commands.add_task, commander, elsewhere), "incident")
    change = commands.change_task
    ground.nothing_changed(Conflict, lambda: run(change, commander, task_id, 7, ground.task(hours=9)), "stale")
    ground.nothing_changed(
        InvalidInput, lambda: run(change, commander, task_id, 1, ground.task("R09")), "cannot_change"
    )
    ground.nothing_changed(
        InvalidInput, lambda: run(change, commander, task_id, 1, ground.task(arrive_by=past)), "in_the_past"
    )
    end = commands.end_task
    ground.nothing_changed(InvalidInput, lambda: run(end, commander, task_id, TaskState.DONE, " "), "because")
    ground.nothing_changed(InvalidInput, lambda: run(end, commander, task_id, TaskState.OPEN, "x"), "state")
    run(end, commander, task_id, TaskState.CANCELLED, "误报")
    ground.nothing_changed(WrongState, lambda: run(end, commander, task_id, TaskState.DONE, "x"))
    ground.nothing_changed(WrongState, lambda: run(change, commander, task_id, 2, ground.task(hours=9)))
    ground.nothing_changed(WrongState, lambda: run(commands.save_tasks, commander, [ground.task(hours=9)]))
    run(incidents.close_incident, SYSTEM, ground.incident_id)
    ground.nothing_changed(WrongState, lambda: run(commands.add_task, commander, ground.task("R05")))


def test_a_task_that_is_left_open_ends_after_its_incident_too(ground: Ground) -> None:
    (task_id,) = ground.add(ground.task())
    ground.runtime.run(incidents.close_incident, SYSTEM, ground.incident_id)
    ground.runtime.run(commands.end_task, ground.house.actor(Role.COMMANDER), task_id, TaskState.DONE, "随事件结束")
    (task,) = ground.rows(RescueTask)
    assert (task.state, task.ended_because) == (TaskState.DONE, "随事件结束")


def test_what_makes_no_sense_is_no_task(ground: Ground) -> None:
    for facts in (
        {"needs": ()},
        {"hours": 0},
        {"class_rank": 10},
        {"needs": (TaskNeed("search"), TaskNeed("search", 2))},
        {"not_before": START + timedelta(hours=4)},
        {"arrive_by": START.replace(tzinfo=None)},
        {"equipment": "一、二、三、四、五、六、七"},
        {"persons": -1},
    ):
        with pytest.raises(InvalidInput):
            ground.task(**facts)
    with pytest.raises(InvalidInput):
        TaskNeed("juggling")
    with pytest.raises(InvalidInput):
        TaskNeed("search", 0)
    assert ground.task(needs=(), persons=5).persons == 5


def test_who_may_say_what_has_to_be_done(ground: Ground) -> None:
    """The body that commands, and each body at its own places; others neither say nor see it."""
    ground.add(ground.task("B01", "b"), role=Role.CLERK, at=VILLAGE)
    ground.add()
    ground.nothing_changed(Forbidden, lambda: ground.add(ground.task("B02", "a"), role=Role.CLERK, at=VILLAGE))
    ground.nothing_changed(Forbidden, lambda: ground.add(ground.task("B03"), role=Role.DISPATCHER))
    seen = {
        at: {row.code for row in ground.runtime.read(queries.tasks, ground.actor(Role.CLERK, at))}
        for at in (CITY, VILLAGE, "654004001")
    }
    assert seen == {CITY: {"B01", "R01"}, VILLAGE: {"B01"}, "654004001": set()}
    with pytest.raises(NotFound):
        ground.runtime.read(queries.task, ground.actor(Role.CLERK, VILLAGE), ground.number, "R01")


def test_tasks_of_a_restricted_incident_are_seen_by_nobody_else(ground: Ground) -> None:
    riot = IncidentInput("x", EventClass.SECURITY, Hazard.OTHER, START, "654004", "x", CITY)
    number = ground.runtime.run(incidents.open_incident, SYSTEM, riot)
    task = replace(ground.task(), incident=_number(ground, number))
    ground.runtime.run(commands.add_task, SYSTEM, task)
    commander = ground.actor(Role.COMMANDER)
    assert ground.runtime.read(queries.tasks, commander) == []
    with pytest.raises(NotFound):
        ground.runtime.read(queries.tasks, commander, task.incident)
    ground.nothing_changed(
        InvalidInput,
        lambda: ground.runtime.run(commands.add_task, commander, replace(task, code="R02")),
        "unknown_reference",
    )


def _number(ground: Ground, incident_id: object) -> str:
    return ground.runtime.read(incident_queries.incident, SYSTEM, str(incident_id)).number


def test_missions_cover_a_task_until_they_end(ground: Ground) -> None:
    ground.add(ground.task("R01", "a", TaskNeed("search"), TaskNeed("medical")))
    mission_id = ground.send_for()
    row = ground.row()
    assert (row.cover, [each.skill for each in row.lacks]) == (TaskCover.PARTLY, ["medical"])
    assert [(each.team_code, each.persons, each.counts) for each in row.missions] == [("T07-01", 20, True)]
    ground.assign("R01", mission_id)
    assert len(ground.row().missions) == 1
    ground.send_for(team_code="T07-02", persons=5)
    assert ground.row().cover is TaskCover.COVERED
    medics = next(each for each in ground.row().missions if each.team_code == "T07-02")
    medics_id = ground.runtime.read(team_queries.mission_named, SYSTEM, medics.number).id
    leader = ground.actor(Role.TEAM_LEADER)
    ground.runtime.run(teams.report_mission, leader, medics_id, MissionState.DECLINED, START, "", "车坏")
    row = ground.row()
    assert (row.cover, [each.counts for each in row.missions]) == (TaskCover.PARTLY, [True, False])


def test_missions_that_do_not_belong_are_not_counted(ground: Ground) -> None:
    (task_id,) = ground.add()
    flood = IncidentInput("洪水", EventClass.NATURAL, Hazard.FLOOD, START, "654004", "x", CITY)
    other = ground.runtime.run(incidents.open_incident, SYSTEM, flood)
    commander = ground.actor(Role.COMMANDER)
    mission_id = ground.runtime.run(
        incidents.mobilise_team, commander, other, replace(MISSION, team_code="T07-02", persons=5)
    )
    ground.nothing_changed(Conflict, lambda: ground.assign("R01", mission_id), "mission_of_another_incident")
    ended = ground.send()
    leader = ground.actor(Role.TEAM_LEADER)
    ground.runtime.run(teams.report_mission, leader, ended, MissionState.DECLINED, START, "", "x")
    ground.nothing_changed(WrongState, lambda: ground.assign("R01", ended))
    ground.nothing_changed(Forbidden, lambda: ground.assign("R01", mission_id, Role.CLERK))
    ground.runtime.run(commands.end_task, commander, task_id, TaskState.CANCELLED, "x")
    ground.nothing_changed(WrongState, lambda: ground.assign("R01", ended))


@pytest.mark.parametrize("relieves_at", [None, START + timedelta(hours=9)])
def test_the_database_takes_a_mission_once_for_each_of_its_shifts(ground: Ground, relieves_at: datetime | None) -> None:
    (task_id,) = ground.add()
    going = Going(START + timedelta(hours=1), relieves_at)
    ground.runtime.run(commands.assign_mission, ground.actor(Role.COMMANDER), task_id, ground.send(), going)
    (row,) = ground.rows(RescueTaskMission)
    table = RescueTaskMission.__table__
    again = {each.key: getattr(row, each.key) for each in table.columns if each.key != "seq"}
    before = ground.everything()
    with pytest.raises(IntegrityError, match=r"(?i)unique"), ground.runtime.database.write() as session:
        session.execute(insert(table).values(again))
    assert ground.everything() == before
    other = again | {"relieves_at": START + timedelta(hours=5)}
    with ground.runtime.database.write() as session:
        session.execute(insert(table).values(other))
    assert len(ground.rows(RescueTaskMission)) == 2


def test_sent_twice_it_is_one_task(ground: Ground) -> None:
    actor = ground.actor(Role.COMMANDER).keyed("k1")
    first = ground.runtime.run(commands.add_task, actor, ground.task())
    assert ground.runtime.run(commands.add_task, actor, ground.task()) == first
    assert len(ground.rows(RescueTask)) == 1


def test_a_sheet_of_tasks_adds_changes_and_leaves_alone(ground: Ground) -> None:
    commander = ground.actor(Role.COMMANDER)
    sheet = [ground.task("R01"), ground.task("R02", "b")]
    saved = ground.runtime.run(commands.save_tasks, commander, sheet)
    assert (saved.added, saved.changed, saved.unchanged) == (2, 0, 0)
    ground.clock.advance(hours=4)  # the deadlines are over: what stands in the books is no reason to refuse the sheet
    sheet[1] = ground.task("R02", "b", hours=9)
    saved = ground.runtime.run(commands.save_tasks, commander, sheet)
    assert (saved.added, saved.changed, saved.unchanged) == (0, 1, 1)
    ground.nothing_changed(
        InvalidInput, lambda: ground.runtime.run(commands.save_tasks, commander, [sheet[0], ground.task("R03")]), "1.arrive_by"
    )  # fmt: skip
    ground.nothing_changed(
        InvalidInput, lambda: ground.runtime.run(commands.save_tasks, commander, [sheet[0], sheet[0]]), "repeated"
    )


def test_more_tasks_than_a_proposal_takes_are_refused(ground: Ground) -> None:
    commander = ground.actor(Role.COMMANDER)
    ground.runtime.run(commands.save_tasks, commander, [ground.task(f"R{n:03}") for n in range(100)])
    ground.nothing_changed(Conflict, ground.add, "too_many_tasks")


def test_through_the_page(ground: Ground, tmp_path: Path) -> None:
    browser = Site(ground.house, tmp_path).browser(Role.COMMANDER)
    browser.get(f"/tasks/new?incident={ground.number}")
    fields = {
        "incident": ground.number, "code": "R01", "name": "废墟搜救", "site_code": "a", "arrive_by": "2026-01-12T13:00",
        "needs-0-skill": "search", "needs-0-teams": "2", "needs-1-skill": "T12", "needs-1-teams": "1", "hours": "6",
        "class_rank": "1", "equipment": "发电机",
    }  # fmt: skip
    browser.post("/tasks/new", 422, **{**fields, "site_code": "", "incident": ground.number})
    browser.post("/tasks/new", 303, **fields)
    page = browser.get(f"/tasks?incident={ground.number}")
    assert "废墟搜救" in page
    assert "人员搜索 2、卫生应急队伍 1" in page
    assert "未安排" in page
    address = f"/tasks/{ground.number}/R01"
    assert 'value="2026-01-12T13:00"' in browser.get(address)
    change = {name: value for name, value in fields.items() if name not in {"incident", "code"}} | {"version": "1"}
    browser.post(address, 303, **{**change, "hours": "8"})
    assert ground.row().hours == 8
    browser.get(address)
    browser.post(address, 409, **{**change, "hours": "9"})
    browser.get(address)
    browser.post(f"{address}/end", 422, state="done", because="")
    browser.post(f"{address}/end", 303, state="done", because="全部救出")
    assert "全部救出" in browser.get(f"/tasks?incident={ground.number}&state=done")
    assert "救援任务" in browser.get(f"/incidents/{ground.number}")
    listed = browser.get(f"/tasks?incident={ground.number}&as=csv")
    assert "人员搜索 2" in listed


def test_over_the_api(ground: Ground, tmp_path: Path) -> None:
    program = Program(Site(ground.house, tmp_path), Role.COMMANDER)
    body = {
        "incident": ground.number, "code": "R01", "name": "dig", "site_code": "a", "arrive_by": "2026-01-12T05:00:00Z",
        "needs": [{"skill": "search", "teams": 1}],
    }  # fmt: skip
    made = program.send("POST", "/tasks/", body)
    assert (made.status_code, made.json["cover"]) == (201, "uncovered")
    assert program.send("POST", "/tasks/", body).json["id"] == made.json["id"]
    assert program.send("POST", "/tasks/", body, key="2").json["errors"][0]["field"] == "code"
    address = f"/tasks/{ground.number}/R01"
    changed = program.send("PUT", address, {**body, "hours": 9}, key="3", **{"If-Match": '"1"'})
    assert (changed.status_code, changed.json["hours"]) == (200, 9)
    assert program.send("PUT", address, body, key="4").json["code"] == "version_missing"
    sent = program.send("POST", f"{address}/missions", {"mission": str(ground.send())}, key="5")
    assert (sent.status_code, sent.json["cover"]) == (201, "covered")
    ended = program.send("POST", f"{address}/end", {"state": "cancelled", "because": "误报"}, key="6")
    assert ended.json["state"] == "cancelled"
    assert [row["code"] for row in program.get("/tasks/?state=cancelled")] == ["R01"]
    assert program.get(address)["missions"][0]["counts"] is True


def test_on_the_command_line(ground: Ground, line: Line, tmp_path: Path) -> None:
    commander = ground.actor(Role.COMMANDER)
    as_user = ("--as", next(name for name, actor in ground.house.people.items() if actor == commander))
    how = ("--name", "dig", "--site", "a", "--arrive-by", "2026-01-12 13:00", "--needs", "人员搜索:2、T12", *as_user)
    line("task", "add", ground.number, "R01", *how)
    line("task", "add", ground.number, "R01", *how, code=3)
    assert "人员搜索 2、卫生应急队伍 1" in line("task", "list", "--incident", ground.number, *as_user)
    line("task", "change", ground.number, "R01", "--persons", "40", "--needs", "搜索", *as_user, code=3)
    line("task", "change", ground.number, "R01", "--persons", "40", *as_user)
    found = line.json("task", "show", ground.number, "R01", *as_user)
    assert (found["persons"], found["needs"][0], found["version"]) == (40, {"skill": "search", "teams": 2}, 2)
    mission = ground.send()
    line("task", "assign", ground.number, "R01", str(mission), *as_user)
    assert "已撤销" in line("task", "cancel", ground.number, "R01", "--because", "误报", *as_user)
    line("task", "close", ground.number, "R01", "--because", "x", *as_user, code=5)
    sheet = tmp_path / "tasks.csv"
    sheet.write_text(
        "事件编号,任务编号,任务名称,任务地点代码,力量需求,到达时限\n"
        f"{ground.number},R02,搜救,a,人员搜索:2、医疗救护×1,2026-01-12 13:00\n",
        encoding="utf-8",
    )
    line("import", "tasks", str(sheet), *as_user)
    row = ground.row("R02")
    assert [(need.skill, need.teams) for need in row.needs] == [("search", 2), ("medical", 1)]
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("×1", ":0"), encoding="utf-8")
    refused = line("import", "tasks", str(sheet), *as_user, code=3)
    assert "医疗救护:0" in refused
    assert ground.row("R02").version == 1


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE rescue_task SET state = 'done' WHERE code = 'R01'",
        "UPDATE rescue_task SET ended_because = '' WHERE code = 'R02'",
        "UPDATE rescue_task SET organisation_id = place_organisation_id WHERE code = 'B01'",
        "UPDATE mission SET incident_id = id",
    ],
)
def test_verify_finds_what_cannot_be(ground: Ground, tampering: str) -> None:
    ids = ground.add(ground.task(), ground.task("R02"), ground.task("B01", "b"))
    ground.send_for()
    ground.runtime.run(commands.end_task, ground.actor(Role.COMMANDER), ids[1], TaskState.DONE, "全部救出")
    assert violated(ground.runtime.database) == set()
    without_guards(ground.runtime.database, tampering)
    assert "I90" in violated(ground.runtime.database)
