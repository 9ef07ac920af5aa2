"""Teams that rest and come again, crews that relieve each other, readiness for night and frost, first proposals made better."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.bench.teams import drawn
from optimizer.budget import Budget
from optimizer.check.teams import check_teams
from optimizer.model import ProblemError
from optimizer.passing import NEVER
from optimizer.teams import (
    Condition,
    Lack,
    Need,
    Task,
    Team,
    TeamPlan,
    TeamProblem,
    matter_of,
    proposed,
    relieved,
    solve,
)
from optimizer.teams.draft import TRIALS_SHORT, Draft
from optimizer.teams.exact import Exact
from optimizer.teams.linear import Linear

HOUR = 3600
PLACES = ("base", "a", "b")
HOURS = [[0, 1, 2], [1, 0, 1], [2, 1, 0]]


def asked(teams: list[Team], tasks: list[Task], **more: object) -> TeamProblem:
    travel = {"": [[hours * HOUR for hours in row] for row in HOURS]}
    return TeamProblem("p", PLACES, travel, tuple(teams), tuple(tasks), **more)  # type: ignore[arg-type]


def team(name: str, **more: object) -> Team:
    return Team(name, name, ("dig",), 5, **{"base": "base", "duty_s_max": 12 * HOUR, "rest_s": 8 * HOUR, **more})  # type: ignore[arg-type]


def task(name: str, due: int, hours: int, **more: object) -> Task:
    return Task(name, name, "a", (Need("dig", 1),), due * HOUR, hours * HOUR, **more)  # type: ignore[arg-type]


def plan_of(problem: TeamProblem, kind: type[Linear] | type[Exact] | None = None, iterations: int = 10**6) -> TeamPlan:
    budget = Budget(iterations=iterations)
    plan = solve(problem, budget) if kind is None else proposed(matter_of(problem), kind, budget, 0)
    assert check_teams(problem, plan) == ()
    return plan


def test_a_team_rests_at_its_base_and_comes_again() -> None:
    """Work from 2 to 8, home at 9, rested at 17: it leaves again then and is there at 18."""
    problem = asked([team("t")], [task("one", 2, 6), task("two", 18, 6)])
    plan = plan_of(problem)
    assert [(d.task_id, d.shift, d.from_place, d.leaves_at) for d in plan.duties] == [
        ("one", 1, "base", HOUR),
        ("two", 2, "base", 17 * HOUR),
    ]
    sooner = replace(problem, tasks=(problem.tasks[0], replace(problem.tasks[1], due_at=18 * HOUR - 60)))
    assert len(plan_of(sooner).duties) == 1
    never = replace(problem, teams=(replace(problem.teams[0], rest_s=None),))
    assert len(plan_of(never).duties) == 1
    assert len(plan_of(replace(problem, teams=(replace(problem.teams[0], back_by=20 * HOUR),))).duties) == 1


def test_two_neighbours_are_in_one_shift_and_no_task_between_two_shifts_spoils_the_rest() -> None:
    """One and three can lie in two shifts, each can be in one with two: all three cannot be done without a rest between."""
    problem = asked([team("t")], [task("one", 2, 4), task("two", 9, 4), task("three", 18, 4)])
    plan = plan_of(problem)
    assert len(plan.duties) == 2
    assert plan.is_optimal
    early = replace(
        problem,
        tasks=(
            problem.tasks[0],
            replace(problem.tasks[1], due_at=7 * HOUR),
            replace(problem.tasks[2], due_at=22 * HOUR),
        ),
    )
    assert [(d.task_id, d.shift) for d in plan_of(early).duties] == [("one", 1), ("two", 1), ("three", 2)]


def test_crews_relieve_each_other_where_no_shift_is_long_enough_and_all_of_them_are_there_or_none() -> None:
    long_one = task("long", 4, 24)
    problem = asked([team("t"), team("u"), team("v")], [long_one])
    (lost,) = plan_of(problem).uncovered
    assert [reason.lack for reason in lost.reasons] == [Lack.SHIFT]
    shared = relieved(problem)
    assert shared.tasks[0].relief_s == 8 * HOUR
    plan = plan_of(shared)
    assert sorted((d.part, d.arrives_at // HOUR, d.released_at // HOUR) for d in plan.duties) == [
        (1, 4, 12),
        (2, 12, 20),
        (3, 20, 28),
    ]
    two = replace(shared, teams=problem.teams[:2])
    assert plan_of(two).duties == (), "nobody has rested when the third crew is due"
    rested = replace(two, teams=tuple(replace(t, rest_s=6 * HOUR) for t in two.teams))
    assert {d.shift for d in plan_of(rested).duties} == {1, 2}
    assert relieved(asked([team("t")], [task("short", 4, 8)])).tasks[0].relief_s is None
    assert relieved(asked([team("t", ready_at=9 * HOUR)], [long_one])).tasks[0].relief_s is None


def test_crews_that_nobody_is_left_to_relieve_are_said_to_be_too_few() -> None:
    """Two teams of four hours with eight of rest cannot be all the crews of a day."""
    several = [team(name, duty_s_max=4 * HOUR) for name in ("t1", "t2")]
    problem = relieved(asked(several, [task("long", 4, 24)]))
    plan = plan_of(problem)
    (uncovered,) = plan.uncovered
    (reason,) = uncovered.reasons
    assert problem.tasks[0].relief_s > 0
    assert (reason.lack, reason.available, reason.needed > 2, reason.tasks) == (Lack.RELIEF, 2, True, ())


def test_who_is_not_ready_for_the_night_works_by_day() -> None:
    night = Condition("night", 20 * HOUR, 32 * HOUR)
    tasks = [task("day", 10, 8), task("late", 18, 8)]
    problem = asked([team("t"), team("owl", ready_for=("night",), base="b")], tasks, conditions=(night,))
    assert {(d.team_id, d.task_id) for d in plan_of(problem).duties} == {("t", "day"), ("owl", "late")}
    none = replace(problem, teams=problem.teams[:1])
    (lost,) = plan_of(none).uncovered
    (reason,) = lost.reasons
    assert (reason.lack, reason.conditions, reason.available) == (Lack.UNREADY, ("night",), 0)
    assert {name for one in plan_of(none).standby for name, _ in one.teams if one.task_id == "late"} == set()
    edge = replace(none, tasks=(task("until", 10, 10),))
    assert len(plan_of(edge).duties) == 1, "the night begins when the work is over"


def test_the_check_finds_missing_rest_wrong_parts_and_who_is_not_ready() -> None:
    problem = asked([team("t")], [task("one", 2, 6), task("two", 18, 6)])
    plan = plan_of(problem)
    tired = replace(problem, teams=(replace(problem.teams[0], rest_s=9 * HOUR),))
    assert any("not_free" in fault for fault in check_teams(tired, plan))
    restless = replace(problem, teams=(replace(problem.teams[0], rest_s=None),))
    assert any("no_rest" in fault for fault in check_teams(restless, plan))
    merged = replace(plan, duties=tuple(replace(d, shift=1) for d in plan.duties))
    assert any("duty" in fault for fault in check_teams(problem, merged))
    skipped = replace(plan, duties=(plan.duties[0], replace(plan.duties[1], shift=3)))
    assert any("shifts" in fault for fault in check_teams(problem, skipped))
    wrong = replace(plan, duties=(replace(plan.duties[0], part=2), plan.duties[1]))
    assert any("part" in fault for fault in check_teams(problem, wrong))
    dark = replace(problem, conditions=(Condition("frost", 0, HOUR * 3),))
    assert any("unready" in fault for fault in check_teams(dark, plan))
    halves = replace(problem, tasks=(replace(problem.tasks[0], relief_s=3 * HOUR), problem.tasks[1]))
    assert any("skill one" in fault for fault in check_teams(halves, plan)), "the second half has no crew"


def test_what_makes_no_sense_is_refused() -> None:
    good = asked([team("t")], [task("one", 2, 6)])
    for change, words in (
        ({"teams": (replace(good.teams[0], rest_s=-1),)}, "rest is below zero"),
        ({"tasks": (replace(good.tasks[0], relief_s=0),)}, "relieve each other"),
        ({"tasks": (replace(good.tasks[0], relief_s=60),)}, "relieve each other"),
        ({"conditions": (Condition("night", 5, 4),)}, "condition night"),
        ({"conditions": (Condition("night", 0, NEVER),)}, "condition night"),
    ):
        with pytest.raises(ProblemError, match=words):
            solve(replace(good, **change), Budget(iterations=5))  # type: ignore[arg-type]


def random_shifts(seed: int) -> TeamProblem:
    dice = random.Random(seed)
    teams = [
        Team(
            f"t{n}", "", tuple(dice.sample("xy", dice.randint(1, 2))), 4, dice.choice(PLACES), dice.choice([0, HOUR]),
            dice.choice([None, 30 * HOUR]), dice.choice([7 * HOUR, 10 * HOUR]), "", dice.choice([None, 3 * HOUR, 6 * HOUR]),
            dice.choice([(), ("night",)]),
        )
        for n in range(3)
    ]  # fmt: skip
    tasks = [
        Task(
            f"j{n}", "", dice.choice(PLACES), tuple(Need(s, 1) for s in dice.sample("xy", dice.randint(1, 2))),
            dice.randint(2, 22) * HOUR, dice.randint(1, 7) * HOUR, dice.randint(1, 2), dice.randint(1, 3),
            relief_s=dice.choice([None, None, 3 * HOUR]),
        )
        for n in range(4)
    ]  # fmt: skip
    return asked(teams, tasks, conditions=(Condition("night", 12 * HOUR, 18 * HOUR),))


def best(problem: TeamProblem) -> tuple[int, ...]:
    """Weights by class, less minutes of approach, of the best of all proposals: every day of every team is tried."""
    works = [(j, part, *span) for j, task in enumerate(problem.tasks) for part, span in enumerate(task.parts)]
    days = [
        [chosen for count in range(len(works) + 1) for chosen in itertools.combinations(works, count) if able(problem, each, chosen)]
        for each in problem.teams
    ]  # fmt: skip
    found: tuple[int, ...] = ()
    for day in itertools.product(*days):
        crews: dict[tuple[int, int], list[int]] = {}
        for u, chosen in enumerate(day):
            for j, part, *_ in chosen:
                crews.setdefault((j, part), []).append(u)
        whole = {
            key
            for key, crew in crews.items()
            if all(
                sum(need.skill in problem.teams[u].skills for u in crew) >= need.teams
                for need in problem.tasks[key[0]].needs
            )
        }
        covered = {
            j for j, task in enumerate(problem.tasks) if all((j, part) in whole for part in range(len(task.parts)))
        }
        if any(j not in covered for j, _ in crews):
            continue
        minutes = sum(
            HOURS[PLACES.index(problem.teams[u].base)][PLACES.index(problem.tasks[j].place)] * 60 + 1
            for (j, _), crew in crews.items()
            for u in crew
        )
        weights = [
            sum(problem.tasks[j].weight for j in covered if problem.tasks[j].class_rank == rank) for rank in (1, 2)
        ]
        found = max(found, (*weights, -minutes))
    return found


def able(problem: TeamProblem, one: Team, chosen: tuple[tuple[int, int, int, int], ...]) -> bool:
    """Can a team do these, for some choice of where it rests?"""
    rows = sorted(chosen, key=lambda row: row[2])
    for row in rows:
        needs = problem.tasks[row[0]].needs
        if not any(need.skill in one.skills for need in needs):
            return False
        night = problem.conditions[0]
        if row[2] < night.until and night.since < row[3] and "night" not in one.ready_for:
            return False
    for rests in itertools.product((False, True), repeat=max(0, len(rows) - 1)):
        if (one.rest_s is not None or not any(rests)) and day_goes(problem, one, rows, rests):
            return True
    return not rows


def day_goes(problem: TeamProblem, one: Team, rows: list[tuple[int, int, int, int]], rests: tuple[bool, ...]) -> bool:
    def drive(a: str, b: str) -> int:
        return HOURS[PLACES.index(a)][PLACES.index(b)] * HOUR

    where, free, left = one.base, one.ready_at, None
    for place, (j, _, start, end) in enumerate(rows):
        if place and rests[place - 1]:
            free += drive(where, one.base) + (one.rest_s or 0)
            where, left = one.base, None
        there = problem.tasks[j].place
        if free + drive(where, there) > start:
            return False
        left = start - drive(one.base, there) if left is None else left
        where, free = there, end
        home = end + drive(there, one.base)
        if home - left > (one.duty_s_max or NEVER) or home > (one.back_by or NEVER):
            return False
    return True


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_shifts_relief_and_nights_are_planned_as_well_as_can_be(seed: int) -> None:
    problem = random_shifts(seed)
    wanted = best(problem)
    for kind in (Linear, Exact):
        plan = plan_of(problem, kind)
        assert plan.is_optimal
        value = {stage.name: stage.value for stage in plan.stages}
        assert (value.get("class 1", 0), value.get("class 2", 0), -value["approach"]) == wanted


def test_a_first_proposal_is_made_better_before_anything_is_proven() -> None:
    for seed in range(3):
        matter = matter_of(drawn(60, 50, seed))
        draft = Draft(matter, matter.may)
        taken = draft.extended()
        better = draft.improved(taken, seed, TRIALS_SHORT)
        assert draft.worth(better) > draft.worth(taken)
        assert draft.sound(better) <= better
        assert better == draft.improved(taken, seed, TRIALS_SHORT)
