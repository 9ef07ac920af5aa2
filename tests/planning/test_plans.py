"""A plan from start to draft: what is written, what is refused, and what comes too late."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from optimizer.check import check
from optimizer.codec import from_json
from optimizer.model import Problem
from optimizer.solution import Solution
from supplyops.config import Settings
from supplyops.dispatch.approving import approve, refuse
from supplyops.dispatch.rules import ApprovalInput, StalePlan
from supplyops.jobs import commands as jobs
from supplyops.jobs.rules import LEASE, JobState
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.norms import commands as norms
from supplyops.norms.rules import ReserveNormInput
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import RoadReportInput, RoadStatus
from supplyops.planning import commands as planning
from supplyops.planning import queries
from supplyops.planning.rules import FloorReleaseInput, Lock, LockMode, PartState, PlanState, lot_source
from supplyops.planning.solving import Order, limits_for, solve_and_judge
from supplyops.runtime import Runtime
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.house import CITY, CITY_SHELF, CITY_STORE, PREFECTURE, PREFECTURE_SHELF, QUILT, TENT, VILLAGE
from tests.planning.town import STREET, STREET_POINT, VILLAGE_POINT, Town, build_town

SOLVERS = "tests.planning.solvers:"


@pytest.fixture
def town(runtime: Runtime) -> Town:
    return build_town(runtime)


def stock(town: Town, quantity: int, sku: str = TENT, owner: str = CITY, shelf: str = CITY_SHELF) -> str:
    lot_id = town.house.lot(sku, owner=owner)
    town.house.stock(lot_id, quantity, shelf)
    return lot_source(town.house.locations[shelf], lot_id)


def test_a_draft_says_who_gives_what_on_which_trip(town: Town) -> None:
    (line_id,) = town.request((TENT, 40))
    own, above = stock(town, 25), stock(town, 60, owner=PREFECTURE, shelf=PREFECTURE_SHELF)
    plan = town.read(town.plan())
    assert plan.head.state is PlanState.DRAFT
    assert plan.head.verdict["is_feasible"] is True
    assert [(part.owner_code, part.state) for part in plan.parts] == [
        (PREFECTURE, PartState.PROPOSED),
        (CITY, PartState.PROPOSED),
    ]
    assert {(line.source, line.request_line_id) for line in plan.lines} == {(own, line_id), (above, line_id)}
    assert sum(line.quantity for line in plan.lines if line.source == own) == 25, "own stock first"
    assert sum(line.quantity for line in plan.lines) == 40
    assert plan.gaps == ()
    assert [(row.class_rank, row.class_name, row.served_permille, row.lines_full) for row in plan.coverage] == [
        (1, "生命保障", 1000, 1)
    ]
    trips = {trip.trip_no: trip for trip in plan.trips}
    for line in plan.lines:
        assert line.trip_no is not None
        stops = trips[line.trip_no].stops
        (unloading,) = [
            stop for stop in stops for load in stop["loads"] if load["line_no"] == line.line_no and load["quantity"] < 0
        ]
        assert (unloading["site_code"], unloading["departs_at"]) == (VILLAGE_POINT, line.arrives_at.isoformat())
    first = plan.trips[0]
    assert first.mass_g == 25 * 125_000
    assert first.volume_cm3 == 25 * 480_000
    assert [road for stop in first.stops for road in stop["roads"]] == ["R-FORK", "R-VILLAGE", "R-VILLAGE", "R-FORK"]
    assert set(first.stops[0]) == {
        "site_id",
        "site_code",
        "site_name",
        "arrives_at",
        "departs_at",
        "roads",
        "distance_m",
        "loads",
    }


def test_problem_and_solution_can_be_taken_out_and_checked_by_hand(town: Town) -> None:
    town.request((TENT, 40), (QUILT, 100))
    stock(town, 25)
    plan_id = town.plan()
    problem = from_json(Problem, town.runtime.read(queries.problem_json, town.commander, str(plan_id)))
    solution = from_json(Solution, town.runtime.read(queries.solution_json, town.commander, str(plan_id)))
    assert check(problem, solution).is_feasible
    order = Order(town.runtime.read(queries.problem_json, town.commander, str(plan_id)), None, 3, 0)
    again, _ = solve_and_judge(order, limits_for(order, 60, 2000), lambda _: True)
    assert again.allocations == solution.allocations
    assert again.trips == solution.trips


def test_an_impossible_plan_is_a_plan_with_reasons(town: Town) -> None:
    (line_id,) = town.request((TENT, 40))
    plan = town.read(town.plan())
    assert (plan.head.state, plan.parts, plan.lines, plan.trips) == (PlanState.DRAFT, (), (), ())
    (gap,) = plan.gaps
    assert (gap.request_line_id, gap.asked, gap.quantity, gap.late) == (line_id, 40, 40, 0)
    assert [reason["code"] for reason in gap.reasons] == ["no_stock"]


def test_one_plan_at_a_time_and_a_newer_draft_replaces_the_older(town: Town) -> None:
    town.request((TENT, 40))
    stock(town, 25)
    first = town.start(iterations=3)
    with pytest.raises(Conflict, match="plan_running"):
        town.start()
    town.solve(first)
    second = town.plan()
    assert (town.head(first).state, town.head(second).state) == (PlanState.SUPERSEDED, PlanState.DRAFT)
    with pytest.raises(WrongState):
        town.runtime.run(approve, town.house.actor(Role.APPROVER), ApprovalInput(first, CITY))


def test_a_cancelled_plan_stays_cancelled_whatever_comes_later(town: Town) -> None:
    town.request((TENT, 40))
    stock(town, 25)
    plan_id = town.start(iterations=3)
    job_id, attempt = taken(town)
    solution, verdict = answer(town, plan_id)
    town.runtime.run(planning.cancel_plan, town.commander, plan_id)
    assert town.runtime.run(planning.save_solution, SYSTEM, plan_id, job_id, attempt, solution, verdict) is False
    assert town.runtime.run(planning.fail_plan, SYSTEM, plan_id, job_id, attempt, {"code": "solver_time"}) is False
    plan = town.read(plan_id)
    assert (plan.head.state, plan.lines, plan.head.verdict) == (PlanState.CANCELLED, (), {})
    with pytest.raises(WrongState):
        town.runtime.run(planning.cancel_plan, town.commander, plan_id)


def test_a_worker_that_lost_its_job_saves_nothing(town: Town, clock: Clock) -> None:
    town.request((TENT, 40))
    stock(town, 25)
    plan_id = town.start(iterations=3)
    job_id, attempt = taken(town)
    solution, verdict = answer(town, plan_id)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    again = town.runtime.run(jobs.take, SYSTEM, "another", None)
    assert again == (job_id, attempt + 1)
    assert town.runtime.run(planning.save_solution, SYSTEM, plan_id, job_id, attempt, solution, verdict) is False
    assert town.head(plan_id).state is PlanState.SOLVING
    assert town.runtime.run(planning.save_solution, SYSTEM, plan_id, job_id, attempt + 1, solution, verdict) is True
    assert len(town.read(plan_id).lines) == 1


def taken(town: Town) -> tuple[UUID, int]:
    found = town.runtime.run(jobs.take, SYSTEM, "a worker", None)
    assert found is not None
    return found


def answer(town: Town, plan_id: UUID):  # type: ignore[no-untyped-def]
    order = Order(town.runtime.read(queries.problem_json, SYSTEM, str(plan_id)), None, 3, 0)
    return solve_and_judge(order, limits_for(order, 60, 2000), lambda _: True)


@pytest.mark.parametrize(
    ("solver", "code"), [("crashes", "solver_crash"), ("never_ends", "solver_time"), ("eats_memory", "solver_memory")]
)
def test_a_solver_that_fails_leaves_a_failed_plan_with_the_reason(
    town: Town, solver: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supplyops.planning.solving.GRACE_S", 1.0)
    town.request((TENT, 40))
    plan_id = town.start(seconds=1)
    town.solve(
        plan_id, solver=SOLVERS + solver, settings=Settings(solver_memory_mb=250 if solver == "eats_memory" else 2000)
    )
    head = town.head(plan_id)
    assert (head.state, head.error["code"], head.job_state) == (PlanState.FAILED, code, JobState.FAILED)
    town.start()


def test_a_solver_that_breaks_off_leaves_its_best_plan_for_approval(town: Town) -> None:
    town.request((TENT, 40))
    stock(town, 25)
    plan_id = town.start(iterations=3)
    town.solve(plan_id, solver=SOLVERS + "breaks_off")
    head = town.head(plan_id)
    assert (head.state, head.error["code"], head.job_state) == (PlanState.DRAFT, "solver_crash", JobState.FAILED)
    assert sum(line.quantity for line in town.read(plan_id).lines) == 25
    town.runtime.run(approve, town.house.actor(Role.APPROVER), ApprovalInput(plan_id, CITY))


def test_what_a_solver_handed_over_is_judged_like_any_plan(town: Town) -> None:
    town.request((TENT, 40))
    stock(town, 25)
    plan_id = town.start(iterations=3)
    town.solve(plan_id, solver=SOLVERS + "breaks_off_after_a_lie")
    assert (town.head(plan_id).state, town.head(plan_id).error["code"]) == (PlanState.FAILED, "solver_crash")
    assert town.read(plan_id).lines == ()


def test_what_the_checker_refuses_can_never_be_approved(town: Town) -> None:
    town.request((TENT, 40))
    stock(town, 25)
    plan_id = town.start(iterations=3)
    town.solve(plan_id, solver=SOLVERS + "lies")
    plan = town.read(plan_id)
    assert (plan.head.state, plan.head.error["code"]) == (PlanState.FAILED, "checker")
    assert plan.head.verdict["violations"]
    assert (plan.lines, plan.parts) == ((), ())
    with pytest.raises(NotFound):
        town.runtime.run(approve, town.house.actor(Role.APPROVER), ApprovalInput(plan_id, CITY))


def test_cancel_while_solving_ends_the_job_too(town: Town) -> None:
    import threading
    import time

    town.request((TENT, 40))
    plan_id = town.start(seconds=60)
    worker = threading.Thread(target=town.solve, args=(plan_id,), kwargs={"solver": SOLVERS + "never_ends"})
    worker.start()
    until = time.monotonic() + 30
    while not town.head(plan_id).progress and time.monotonic() < until:
        time.sleep(0.05)
    assert town.head(plan_id).progress["stage"]
    town.runtime.run(planning.cancel_plan, town.commander, plan_id)
    began = time.monotonic()
    worker.join(30)
    assert time.monotonic() - began < 2.5
    assert (town.head(plan_id).state, town.head(plan_id).job_state) == (PlanState.CANCELLED, JobState.CANCELLED)


def test_a_plan_whose_worker_is_lost_does_not_stand_in_the_way(town: Town, clock: Clock) -> None:
    town.request((TENT, 40))
    plan_id = town.start()
    for _ in range(2):
        taken(town)
        clock.advance(minutes=2)
    assert town.runtime.run(jobs.take, SYSTEM, "a worker", None) is None
    assert town.head(plan_id).is_lost
    town.start()
    assert (town.head(plan_id).state, town.head(plan_id).error["code"]) == (PlanState.FAILED, "worker_lost")


def test_locks_are_kept_in_the_plan_and_in_those_based_on_it(town: Town) -> None:
    (line_id,) = town.request((TENT, 40))
    own, above = stock(town, 50), stock(town, 60, owner=PREFECTURE, shelf=PREFECTURE_SHELF)
    exactly = Lock(above, line_id, LockMode.EXACTLY, 12)
    first = town.plan(locks=(exactly,))
    assert given(town, first) == {own: 28, above: 12}
    second = town.plan(based_on=first, locks=(Lock(own, line_id, LockMode.AT_MOST, 10),))
    assert given(town, second) == {own: 10, above: 12}
    assert {lock["source"] for lock in town.head(second).options["locks"]} == {own, above}
    third = town.plan(based_on=second, keep_locks=False)
    assert given(town, third) == {own: 40}
    changed = town.runtime.read(queries.compare, town.commander, str(second), str(third)).changed
    assert {(delta.source, delta.before, delta.after) for delta in changed} == {(own, 10, 40), (above, 12, 0)}


def given(town: Town, plan_id: UUID) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in town.read(plan_id).lines:
        found[line.source] = found.get(line.source, 0) + line.quantity
    return found


def test_a_lock_that_no_longer_makes_sense_is_let_go_in_a_later_plan(town: Town) -> None:
    line_id, _ = town.request((TENT, 40), (QUILT, 10))
    own = stock(town, 50)
    stock(town, 50, QUILT)
    first = town.plan(locks=(Lock(own, line_id, LockMode.EXACTLY, 40),))
    town.runtime.run(approve, town.house.actor(Role.APPROVER), ApprovalInput(first, CITY))
    town.request((QUILT, 5), body=STREET, site=STREET_POINT)
    second = town.plan(based_on=first)
    options = town.head(second).options
    assert (options["locks"], options["let_go"]) == ([], 1)


def test_floors_are_released_by_the_owners_approver_alone(town: Town) -> None:
    town.request((TENT, 40))
    own = stock(town, 50)
    town.runtime.run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("t", TENT, Level.CITY, 100, 200, "A")])
    first = town.plan()
    assert given(town, first) == {own: 30}
    assert town.read(first).gaps[0].reasons[0]["code"] == "floor"
    release = FloorReleaseInput(town.incident, CITY_STORE, TENT, CITY, 20, "市长令")
    for nobody in (
        town.commander,
        town.house.actor(Role.APPROVER, PREFECTURE),
        town.house.actor(Role.APPROVER, VILLAGE),
    ):
        with pytest.raises((Forbidden, NotFound)):
            town.runtime.run(planning.release_floor, nobody, release)
    town.runtime.run(planning.release_floor, town.house.actor(Role.APPROVER), release)
    assert given(town, town.plan()) == {own: 40}


def test_vehicles_that_somebody_approved_goods_for_are_busy(town: Town) -> None:
    town.request((TENT, 40), (QUILT, 10))
    stock(town, 50)
    plan_id = town.plan()
    (trip,) = town.read(plan_id).trips
    assert {v.id: v.available_at for v in town.problem().vehicles}[trip.plate] == 0, "a draft keeps nobody busy"
    plan_id = town.plan()
    town.runtime.run(approve, town.house.actor(Role.APPROVER), ApprovalInput(plan_id, CITY))
    (trip,) = town.read(plan_id).trips
    back = int((trip.returns_at - START - timedelta(minutes=30)).total_seconds())
    assert {v.id: v.available_at for v in town.problem().vehicles}[trip.plate] == back
    town.runtime.run(planning.end_trip, SYSTEM, plan_id, trip.trip_no)
    assert {v.id: v.available_at for v in town.problem().vehicles}[trip.plate] == 0


def test_the_author_and_other_owners_do_not_approve_and_a_stale_plan_names_its_lines(town: Town, clock: Clock) -> None:
    town.request((TENT, 40))
    stock(town, 50)
    plan_id = town.plan()
    for nobody in (town.commander, town.house.actor(Role.APPROVER, PREFECTURE)):
        with pytest.raises(Forbidden):
            town.runtime.run(approve, nobody, ApprovalInput(plan_id, CITY))
    clock.advance(minutes=1)
    town.runtime.run(
        places.report_road, town.house.actor(Role.CLERK), RoadReportInput("R-FORK", RoadStatus.CLOSED, "雪崩")
    )
    with pytest.raises(StalePlan) as stale:
        town.runtime.run(approve, town.house.actor(Role.APPROVER), ApprovalInput(plan_id, CITY))
    assert [(line.line_no, line.code) for line in stale.value.lines] == [(1, "road")]
    assert town.read(plan_id).parts[0].state is PartState.PROPOSED


def test_a_refused_part_leaves_its_need_open(town: Town) -> None:
    (line_id,) = town.request((TENT, 40))
    stock(town, 50)
    plan_id = town.plan()
    town.runtime.run(refuse, town.house.actor(Role.APPROVER), plan_id, CITY, "另有安排")
    assert town.head(plan_id).state is PlanState.DECIDED
    assert [line.quantity for line in town.problem().lines] == [40]
    assert str(line_id)


def test_an_owner_who_refused_is_not_asked_again_for_the_same_goods_where_that_is_wished(town: Town) -> None:
    town.request((TENT, 40))
    stock(town, 50)
    stock(town, 15, owner=PREFECTURE, shelf=PREFECTURE_SHELF)
    first = town.plan()
    town.runtime.run(refuse, town.house.actor(Role.APPROVER), first, CITY, "留作机动")
    assert [(line.owner_code, line.quantity) for line in town.read(town.plan(based_on=first)).lines] == [(CITY, 40)]
    spared = town.plan(based_on=first, without_refused=True)
    plan = town.read(spared)
    assert [(line.owner_code, line.quantity) for line in plan.lines] == [(PREFECTURE, 15)]
    (gap,) = plan.gaps
    assert gap.quantity == 25
    told = next(reason for reason in gap.reasons if reason["code"] == "owner_refused")
    assert (told["params"]["quantity"], told["params"]["site"]) == (50, "霍尔果斯市库")
    assert any("没有批准动用霍尔果斯市库的12m²棉帐篷 50 顶" in sentence for sentence in gap.sentences), gap.sentences
    again = town.read(town.plan(based_on=spared, without_refused=True))
    assert [line.owner_code for line in again.lines] == [PREFECTURE], "the plan before the one before counts too"
    assert {line.owner_code for line in town.read(town.plan()).lines} == {CITY}, "a plan from scratch asks everybody"
    with pytest.raises(InvalidInput):
        town.start(without_refused=True)


def test_plans_are_seen_by_the_body_its_superiors_and_owners_with_a_part(town: Town) -> None:
    town.request((TENT, 40), body=STREET, site=STREET_POINT)
    stock(town, 10)
    plan_id = town.plan()
    for reader in (town.commander, town.house.actor(Role.APPROVER, PREFECTURE), town.house.actor(Role.AUDITOR)):
        assert [head.id for head in town.runtime.read(queries.plans, reader)] == [plan_id]
    village = town.house.actor(Role.APPROVER, VILLAGE)
    assert town.runtime.read(queries.plans, village) == []
    with pytest.raises(NotFound):
        town.runtime.read(queries.plan, village, str(plan_id))
    with pytest.raises(Forbidden):
        town.runtime.read(queries.plans, town.house.actor(Role.KEEPER))
    town.house.stock(town.house.lot(owner=VILLAGE), 30, "village-shelf")
    later = town.plan()
    assert [head.id for head in town.runtime.read(queries.plans, village)] == [later]
    assert all(finding.is_clean or finding.is_vacuous for finding in verify(town.runtime.database))
