"""Teams are proposed for the tasks of an incident by a worker; a person orders rows of the proposal, and orders go out on paper."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from optimizer.budget import Budget
from optimizer.check.teams import check_teams
from optimizer.teams import solve
from supplyops.cli.solving import deployment_handler
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.deployments import commands, queries
from supplyops.deployments.facts import facts
from supplyops.deployments.rules import DEPLOYMENT_JOB_KIND, DeploymentInput, OrdersInput
from supplyops.deployments.tables import Deployment, DeploymentDuty
from supplyops.incidents import commands as incidents
from supplyops.jobs import commands as jobs
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.papers.tables import Paper
from supplyops.planning.rules import AdviceState
from supplyops.runtime import Runtime
from supplyops.tasks import commands as tasks
from supplyops.tasks.rules import TaskCover, TaskNeed, TaskState
from supplyops.teams import commands as teams
from supplyops.teams.rules import Capability, MissionState, TeamState
from supplyops.teams.tables import Mission, RescueTeam
from tests.api.test_incident_side import Program
from tests.cli.conftest import Line, line, settings
from tests.conftest import START, Clock
from tests.house import VILLAGE
from tests.once import once
from tests.tasks.ground import READY, Ground
from tests.verify.test_tampering import violated, without_guards
from tests.web.site import Site

__all__ = ["line", "settings"]

SOLVERS = "tests.planning.solvers:"
HOUR = timedelta(hours=1)
DIG, CARE = TaskNeed("search"), TaskNeed("medical")


class Field(Ground):
    """The ground, with somebody who asks, a worker, and somebody who orders."""

    def ask(self, role: Role = Role.COMMANDER, **facts_: Any) -> UUID:
        """Ask for a proposal."""
        wanted = DeploymentInput(self.number, "V4", **{"iterations": 300, **facts_})
        return self.runtime.run(commands.propose, self.actor(role), wanted)

    def work(self, deployment_id: UUID) -> queries.DeploymentRow:
        """What a worker does, without a process of its own for the search."""
        (row,) = [each for each in self.rows(Deployment) if each.id == deployment_id]
        taken = self.runtime.run(jobs.take, SYSTEM, "test", row.job_id)
        assert taken is not None
        found = self.runtime.read(facts, self.actor(Role.COMMANDER), deployment_id)
        plan = solve(found.problem, Budget(iterations=300))
        assert check_teams(found.problem, plan) == ()
        assert self.runtime.run(commands.save_deployment, SYSTEM, deployment_id, *taken, found, plan)
        return self.read(deployment_id)

    def propose(self, **facts_: Any) -> queries.DeploymentRow:
        """Ask and work."""
        return self.work(self.ask(**facts_))

    def read(self, deployment_id: UUID, role: Role = Role.COMMANDER) -> queries.DeploymentRow:
        """The proposal as the role sees it."""
        return self.runtime.read(queries.deployment, self.actor(role), str(deployment_id))

    def order(self, deployment_id: UUID, *rows: int, role: Role = Role.COMMANDER, **facts_: Any) -> tuple[UUID, ...]:
        """Order rows."""
        orders = OrdersInput(rows, "归现场指挥部指挥", **facts_)
        return self.runtime.run(commands.order_teams, self.actor(role), deployment_id, orders)

    def states(self) -> dict[str, TeamState]:
        """State of each team."""
        return {row.code: row.state for row in self.rows(RescueTeam)}

    def worker(self, folder: Path, solver: str | None = None) -> None:
        """A worker with a process for the search."""
        handler = deployment_handler(solver) if solver else deployment_handler()
        kept = Settings(data_dir=folder)
        Worker(self.runtime, kept, {DEPLOYMENT_JOB_KIND: handler}).work_one()


@once
def _laid_out(runtime: Runtime) -> Field:
    field = Field(runtime, runtime.clock)  # type: ignore[arg-type]
    field.add(field.task(), field.task("R02", "b", CARE, class_rank=2))
    return field


@pytest.fixture
def field(runtime: Runtime, clock: Clock) -> Field:
    """Two tasks: a search at `a`, care at `b`."""
    return _laid_out(runtime)


def test_a_proposal_says_who_goes_when_who_stands_by_and_who_was_left_out(field: Field) -> None:
    row = field.propose()
    first, second = row.duties
    assert (first.team_code, first.task_code, second.team_code, second.task_code) == ("T07-01", "R01", "T07-02", "R02")
    assert (first.leaves_at, first.leaves_by) == (START + HOUR / 2, START + 2 * HOUR)
    assert (first.arrives_at, first.released_at, first.is_late) == (START + 1.5 * HOUR, START + 9 * HOUR, False)
    assert [(one.team_code, one.why) for one in row.left_out] == [("T07-03", "uninsured")]
    assert (row.is_optimal, row.head.covered, row.head.uncovered) == (True, 2, 0)
    assert field.rows(Mission) == []
    with_all = field.propose(with_uninsured=True)
    assert [team.team_code for team in with_all.tasks[0].answer.standby] == ["T07-03"]
    assert [each.number for each in field.runtime.read(queries.deployments, field.actor(Role.CLERK))] == [
        "PQ-654004-20260112-0002", "PQ-654004-20260112-0001",
    ]  # fmt: skip


def test_what_cannot_be_covered_says_why(field: Field) -> None:
    field.add(
        field.task("R03", "moor"),
        field.task("R04", "a", TaskNeed("search", 2)),
        field.task("R05", "a", TaskNeed("fire")),
        field.task("R06", "a", equipment="潜水服"),
        field.task("R07", "a", DIG, arrive_by=START + timedelta(minutes=89)),
    )
    row = field.propose(may_be_late=False)
    why = {each.answer.task.code: [(one.lack, one.skill) for one in each.answer.reasons] for each in row.tasks}
    assert why["R03"] == [("no_way", "")]
    assert why["R04"] == [("too_few", "search")]
    assert why["R05"] == [("nobody_can", "fire")]
    assert ("nobody_can", "gear:潜水服") in why["R06"]
    assert why["R07"][0][0] == "too_late"
    late = next(each.answer for each in row.tasks if each.answer.task.code == "R07")
    assert late.reasons[0].earliest_at == START + timedelta(minutes=90)


def test_a_task_that_nobody_reaches_in_time_is_reached_as_soon_as_may_be(field: Field) -> None:
    soon = START + timedelta(minutes=10)
    field.add(field.task("R03", "a", DIG, arrive_by=soon, class_rank=1))
    row = field.propose()
    duty = next(each for each in row.duties if each.task_code == "R03")
    task = next(each.answer.task for each in row.tasks if each.answer.task.code == "R03")
    assert (duty.is_late, duty.arrives_at, task.late_until) == (True, START + 1.5 * HOUR, START + 1.5 * HOUR)
    made = field.order(row.head.id, duty.row_no)
    (mission,) = field.rows(Mission)
    assert (mission.id, mission.details["arrive_by"][:16]) == (made[0], "2026-01-12T03:30")


def test_equipment_and_types_of_teams_are_needs_like_others(field: Field) -> None:
    field.save(replace(READY, code="T04-01", name="chemists", capabilities=(), equipment="堵漏工具、发电机"))
    field.add(field.task("R03", "b", TaskNeed("T07"), equipment="发电机", class_rank=1))
    row = field.propose()
    assert {each.team_code for each in row.duties if each.task_code == "R03"} & {"T04-01"}


def test_nobody_is_there_before_a_task_begins_nor_longer_than_a_shift(field: Field) -> None:
    field.save(replace(READY, continuous_hours_max=9))
    field.runtime.run(tasks.end_task, SYSTEM, field.row("R02").id, TaskState.DONE, "x")
    changed = field.task(not_before=START + 2.75 * HOUR)
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, changed)
    (duty,) = field.propose().duties
    assert (duty.leaves_at, duty.arrives_at) == (START + 1.75 * HOUR, START + 2.75 * HOUR)
    field.save(replace(READY, continuous_hours_max=8))
    (duty,) = field.propose().duties
    assert (duty.leaves_at, duty.released_at) == (START + 2 * HOUR, START + 9 * HOUR)


def test_chosen_rows_are_ordered_on_paper_and_cover_their_tasks(field: Field) -> None:
    row = field.propose()
    (mission_id,) = field.order(row.head.id, 1)
    (mission,) = field.rows(Mission)
    (paper,) = field.rows(Paper)
    assert (mission.id, mission.state, paper.form) == (mission_id, MissionState.ORDERED, "mobilisation_order")
    assert (paper.content["task"], paper.content["task_place"]) == ("task R01", "site a")
    assert field.states()["T07-01"] is TeamState.MOBILISED
    assert (field.row("R01").cover, field.row("R02").cover) == (TaskCover.COVERED, TaskCover.UNCOVERED)
    again = field.read(row.head.id)
    assert [(each.row_no, bool(each.mission_number)) for each in again.duties] == [(1, True), (2, False)]
    assert [each.ordered for each in again.tasks] == [1, 0]
    field.order(row.head.id, 2)
    assert field.row("R02").cover is TaskCover.COVERED
    assert violated(field.runtime.database) == set()


def test_a_mission_that_ends_frees_the_team_and_uncovers_the_task(field: Field) -> None:
    (mission_id,) = field.order(field.propose().head.id, 1)
    leader = field.actor(Role.TEAM_LEADER)
    field.runtime.run(teams.report_mission, leader, mission_id, MissionState.DECLINED, START, "", "车坏")
    assert (field.row().cover, field.states()["T07-01"]) == (TaskCover.UNCOVERED, TeamState.READY)
    assert next((each.team_code, each.task_code) for each in field.propose().duties) == ("T07-01", "R01")


def test_a_team_with_two_tasks_gets_one_order_that_counts_for_both(field: Field) -> None:
    field.add(field.task("R03", "b", DIG, arrive_by=START + 12 * HOUR, hours=1))
    row = field.propose()
    mine = [each for each in row.duties if each.team_code == "T07-01"]
    assert [each.task_code for each in mine] == ["R01", "R03"]
    assert mine[1].leaves_at == mine[0].released_at
    (mission_id,) = field.order(row.head.id, *(each.row_no for each in mine))
    (mission,) = field.rows(Mission)
    assert (mission.id, "task R01" in mission.details["task"], "task R03" in mission.details["task"]) == (
        mission_id, True, True,
    )  # fmt: skip
    assert (field.row("R01").cover, field.row("R03").cover) == (TaskCover.COVERED, TaskCover.COVERED)


def test_only_the_later_of_two_rows_leaves_from_the_base(field: Field) -> None:
    field.add(field.task("R03", "b", DIG, arrive_by=START + 12 * HOUR, hours=1))
    row = field.propose()
    later = next(each for each in row.duties if each.task_code == "R03")
    field.order(row.head.id, later.row_no)
    (mission,) = field.rows(Mission)
    assert (mission.details["task"], mission.details["muster_at"][:16]) == ("task R03", "2026-01-12T04:00")
    assert (field.row("R01").cover, field.row("R03").cover) == (TaskCover.UNCOVERED, TaskCover.COVERED)


def test_what_missions_cover_is_taken_as_given(field: Field) -> None:
    field.runtime.run(tasks.change_task, SYSTEM, field.row().id, 1, field.task("R01", "a", DIG, CARE))
    field.order(field.propose().head.id, 1)
    assert field.row().cover is TaskCover.PARTLY
    row = field.propose()
    assert [(each.team_code, each.task_code) for each in row.duties] == [("T07-02", "R01")]
    task = row.tasks[0].answer.task
    assert (task.given, task.is_given) == ((MISSION_TEAM,), False)
    field.order(row.head.id, 1)
    last = field.propose()
    assert [each.answer.task.is_given for each in last.tasks] == [True, False]
    assert [one.lack for one in last.tasks[1].answer.reasons] == ["nobody_can"]


MISSION_TEAM = READY.name


def test_every_refusal_to_order_changes_nothing(field: Field) -> None:
    row = field.propose()
    made, order = row.head.id, field.order
    field.nothing_changed(Forbidden, lambda: order(made, 1, role=Role.CLERK))
    field.nothing_changed(InvalidInput, lambda: order(made, 1, 9), "rows")
    with pytest.raises(InvalidInput):
        OrdersInput((), "x")
    with pytest.raises(InvalidInput):
        OrdersInput((1, 1), "x")
    with pytest.raises(InvalidInput):
        OrdersInput((1,), " ")
    field.clock.advance(
        minutes=61
    )  # 30 minutes to get ready and an hour's drive: two hours and a half, the hour is three
    field.clock.advance(minutes=30)
    refusal = field.nothing_changed(Conflict, lambda: order(made, 1, 2), "team_would_be_late")
    assert refusal.params["at"] == "01-12 13:01"
    field.clock.advance(minutes=-91)
    field.runtime.run(teams.set_team_state, SYSTEM, "T07-02", TeamState.REST)
    refusal = field.nothing_changed(Conflict, lambda: order(made, 1, 2), "team_not_free")
    assert refusal.params["team"] == "medics"
    order(made, 1)
    field.nothing_changed(Conflict, lambda: order(made, 1), "duty_ordered")
    field.runtime.run(teams.set_team_state, SYSTEM, "T07-02", TeamState.READY)
    care = field.task("R02", "b", CARE, class_rank=2, hours=7)
    field.runtime.run(tasks.change_task, SYSTEM, field.row("R02").id, 1, care)
    field.nothing_changed(Conflict, lambda: order(made, 2), "task_changed")
    second = field.propose().head.id
    field.save(replace(READY, code="T12-01", name="more medics", capabilities=(Capability.MEDICAL,)))
    field.send_for("R02", team_code="T12-01")
    field.nothing_changed(Conflict, lambda: order(second, 1), "task_covered")
    field.runtime.run(tasks.end_task, SYSTEM, field.row("R02").id, TaskState.CANCELLED, "x")
    field.nothing_changed(WrongState, lambda: order(second, 1))
    field.add(field.task("R09"))
    running = field.ask()
    field.nothing_changed(WrongState, lambda: order(running, 1))


def test_a_late_team_goes_when_that_is_accepted(field: Field) -> None:
    row = field.propose()
    field.clock.advance(hours=2)
    field.order(row.head.id, 1, accept_late=True)
    (mission,) = field.rows(Mission)
    assert mission.details["arrive_by"][:16] == "2026-01-12T05:30"


def test_an_uninsured_team_goes_only_with_a_reason(field: Field) -> None:
    field.add(field.task("R03", "a", TaskNeed("search", 2), class_rank=1))
    field.runtime.run(tasks.end_task, SYSTEM, field.row().id, TaskState.DONE, "x")
    row = field.propose(with_uninsured=True)
    rows = [each.row_no for each in row.duties if each.task_code == "R03"]
    assert len(rows) == 2
    field.nothing_changed(Conflict, lambda: field.order(row.head.id, *rows), "team_uninsured")
    assert len(field.order(row.head.id, *rows, uninsured_reason="人命关天")) == 2


def test_every_refusal_to_propose_changes_nothing(field: Field) -> None:
    field.nothing_changed(Forbidden, lambda: field.ask(Role.CLERK))
    field.nothing_changed(
        InvalidInput,
        lambda: field.runtime.run(commands.propose, field.actor(Role.COMMANDER), DeploymentInput(field.number, "V0")),
        "vehicle_type",
    )
    elsewhere = DeploymentInput("SJ-000000-20260112-0001", "V4")
    field.nothing_changed(NotFound, lambda: field.runtime.run(commands.propose, SYSTEM, elsewhere))
    first = field.ask()
    field.nothing_changed(Conflict, field.ask, "deployment_running")
    field.runtime.run(commands.cancel, field.actor(Role.COMMANDER), first)
    assert field.read(first).head.state is AdviceState.CANCELLED
    field.nothing_changed(NotFound, lambda: field.runtime.run(commands.cancel, field.actor(Role.COMMANDER), first))
    for code in ("R01", "R02"):
        field.runtime.run(tasks.end_task, SYSTEM, field.row(code).id, TaskState.DONE, "x")
    field.nothing_changed(Conflict, field.ask, "nothing_to_cover")
    field.runtime.run(incidents.close_incident, SYSTEM, field.incident_id)
    field.nothing_changed(WrongState, field.ask)
    for facts_ in ({"seconds": 0}, {"seconds": 1, "iterations": 1}, {"seed": -1}):
        with pytest.raises(InvalidInput):
            DeploymentInput(field.number, "V4", **facts_)


def test_others_neither_see_nor_stop_a_proposal(field: Field) -> None:
    made = field.ask()
    village = field.actor(Role.COMMANDER, VILLAGE)
    with pytest.raises(NotFound):
        field.runtime.read(queries.deployment, village, str(made))
    assert field.runtime.read(queries.deployments, village) == []
    field.nothing_changed(NotFound, lambda: field.runtime.run(commands.cancel, village, made))


def test_orders_sent_twice_are_orders_once(field: Field) -> None:
    made = field.propose().head.id
    actor = field.actor(Role.COMMANDER).keyed("k")
    orders = OrdersInput((1,), "x")
    first = field.runtime.run(commands.order_teams, actor, made, orders)
    assert field.runtime.run(commands.order_teams, actor, made, orders) == first
    assert len(field.rows(Mission)) == 1


def test_a_worker_works_it_out_in_a_process(field: Field, tmp_path: Path) -> None:
    made = field.ask()
    field.worker(tmp_path)
    row = field.read(made)
    assert (row.head.state, row.head.duties, row.is_optimal) == (AdviceState.DONE, 2, True)


def test_a_search_that_breaks_off_says_so(field: Field, tmp_path: Path) -> None:
    made = field.ask()
    field.worker(tmp_path, SOLVERS + "crashes")
    row = field.read(made)
    assert (row.head.state, row.error["code"], row.duties) == (AdviceState.FAILED, "solver_crash", ())
    assert field.read(field.ask()).head.state is AdviceState.RUNNING


def test_a_search_is_stopped(field: Field, tmp_path: Path) -> None:
    made = field.ask()
    worker = threading.Thread(target=field.worker, args=(tmp_path, SOLVERS + "never_ends"))
    worker.start()
    time.sleep(0.3)
    field.runtime.run(commands.cancel, field.actor(Role.COMMANDER), made)
    worker.join(30)
    assert not worker.is_alive()
    assert field.read(made).head.state is AdviceState.CANCELLED
    assert field.rows(DeploymentDuty) == []


def test_what_comes_after_the_job_is_lost_is_not_kept(field: Field) -> None:
    made = field.ask()
    (row,) = field.rows(Deployment)
    taken = field.runtime.run(jobs.take, SYSTEM, "test", row.job_id)
    found = field.runtime.read(facts, field.actor(Role.COMMANDER), made)
    plan = solve(found.problem, Budget(iterations=50))
    field.runtime.run(commands.cancel, field.actor(Role.COMMANDER), made)
    assert not field.runtime.run(commands.save_deployment, SYSTEM, made, *taken, found, plan)
    assert field.rows(DeploymentDuty) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE deployment_duty SET team_id = (SELECT id FROM rescue_team WHERE code = 'T07-02') WHERE row_no = 1",
        "DELETE FROM rescue_task_mission",
        "UPDATE deployment SET state = 'running'",
        "UPDATE deployment_duty SET arrives_at = leaves_at, leaves_at = arrives_at",
    ],
)
def test_verify_finds_what_cannot_be(field: Field, tampering: str) -> None:
    field.order(field.propose().head.id, 1)
    assert violated(field.runtime.database) == set()
    without_guards(field.runtime.database, tampering)
    assert "I91" in violated(field.runtime.database)


def test_through_the_pages(field: Field, tmp_path: Path) -> None:
    browser = Site(field.house, tmp_path).browser(Role.COMMANDER)
    assert "提出建议" in browser.get(f"/tasks?incident={field.number}")
    browser.get(f"/deployments/new?incident={field.number}")
    given = {"incident": field.number, "vehicle_type": "V4", "may_be_late": "1", "seconds": "5"}
    browser.post("/deployments/new", 303, **given)
    (row,) = field.rows(Deployment)
    page = browser.get(f"/deployments/{row.number}")
    assert "排队等待" in page
    browser.post("/deployments/new", 409, **given)
    field.work(row.id)
    page = browser.get(f"/deployments/{row.number}")
    assert "已证明最优" in page
    assert "medics" in page
    browser.post(f"/deployments/{row.number}", 422, command_relation="x")
    browser.get(f"/deployments/{row.number}")
    browser.post(f"/deployments/{row.number}", 303, rows="1", command_relation="归现场指挥部指挥")
    assert len(field.rows(Mission)) == 1
    assert "DD-654004-20260112-0001" in browser.get(f"/deployments/{row.number}")
    assert "已安排" in browser.get(f"/tasks?incident={field.number}")
    assert row.number in browser.get(f"/deployments?incident={field.number}")
    assert "medics" in browser.get(f"/deployments/duties?number={row.number}&as=csv")


def test_over_the_api(field: Field, tmp_path: Path) -> None:
    program = Program(Site(field.house, tmp_path), Role.COMMANDER)
    asked = program.send("POST", "/deployments/", {"incident": field.number, "vehicle_type": "V4", "iterations": 300})
    assert (asked.status_code, asked.json["head"]["state"]) == (202, "running")
    number = asked.json["head"]["number"]
    field.work(UUID(asked.json["head"]["id"]))
    assert program.get(f"/deployments/{number}")["head"]["duties"] == 2
    ordered = program.send(
        "POST", f"/deployments/{number}/orders", {"rows": [1], "command_relation": "归现场指挥部指挥"}, key="2"
    )
    assert (ordered.status_code, ordered.json["numbers"]) == (201, ["DD-654004-20260112-0001"])
    assert [each["number"] for each in program.get(f"/deployments/?incident={field.number}")] == [number]
    assert program.send("POST", f"/deployments/{number}/cancel", key="3").status_code == 404


def test_on_the_command_line(field: Field, line: Line) -> None:
    commander = field.actor(Role.COMMANDER)
    as_user = ("--as", next(name for name, actor in field.house.people.items() if actor == commander))
    found = line.json("deployment", "propose", field.number, "--type", "V4", "--iterations", "300", *as_user)
    number = found["head"]["number"]
    assert [duty["team_code"] for duty in found["duties"]] == ["T07-01", "T07-02"]
    assert "已证明最优" in line("deployment", "show", number, *as_user)
    assert number in line("deployment", "list", "--incident", field.number, *as_user)
    how = ("--relation", "归现场指挥部指挥", *as_user)
    line("deployment", "order", number, "--row", "9", *how, code=3)
    assert "已下达 2 份" in line("deployment", "order", number, "--row", "1", "--row", "2", *how)
    line("deployment", "propose", field.number, "--type", "V4", *as_user, code=5)
    line("deployment", "cancel", number, *as_user, code=4)
