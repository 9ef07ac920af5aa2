"""Teams go where they count most: against every possible proposal, judged by a checker that planted faults try to deceive."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.bench.__main__ import main
from optimizer.bench.teams import drawn
from optimizer.budget import Budget
from optimizer.check.teams import check_teams
from optimizer.model import ProblemError
from optimizer.passing import NEVER
from optimizer.teams import (
    Duty,
    Lack,
    Need,
    Reason,
    Task,
    Team,
    TeamPlan,
    TeamProblem,
    Uncovered,
    clash,
    matter_of,
    proposed,
    solve,
)
from optimizer.teams.exact import Exact
from optimizer.teams.linear import Linear
from optimizer.teams.problem import LARGEST

HOUR = 3600


def team(name: str, *skills: str, base: str = "base", **facts: object) -> Team:
    return Team(name, name, skills, **{"size": 10, "base": base, **facts})  # type: ignore[arg-type]


def task(name: str, *needs: tuple[str, int], place: str = "a", due: int = 4, hours: int = 2, **facts: object) -> Task:
    return Task(name, name, place, tuple(Need(*need) for need in needs), due * HOUR, hours * HOUR, **facts)  # type: ignore[arg-type]


PLACES = ("base", "a", "b", "far")
LINE = {"base": 0, "a": 1, "b": 2, "far": 30}


def asked(teams: list[Team], tasks: list[Task], **facts: object) -> TeamProblem:
    """Places on one road, hours apart."""
    hours = [[abs(LINE[x] - LINE[y]) * HOUR for y in PLACES] for x in PLACES]
    return TeamProblem("p", PLACES, {"": hours}, tuple(teams), tuple(tasks), **facts)  # type: ignore[arg-type]


def plan_of(problem: TeamProblem, **how: object) -> TeamPlan:
    plan = solve(problem, Budget(**{"iterations": 400, **how}))  # type: ignore[arg-type]
    assert check_teams(problem, plan) == ()
    return plan


def plan_by(kind: type[Linear] | type[Exact], problem: TeamProblem) -> TeamPlan:
    """What one of the two searches proposes, whatever the numbers are like."""
    plan = proposed(matter_of(problem), kind, Budget(iterations=400), 0)
    assert check_teams(problem, plan) == ()
    return plan


def who(plan: TeamPlan) -> set[tuple[str, str]]:
    return {(duty.team_id, duty.task_id) for duty in plan.duties}


def test_the_nearest_that_can_goes_and_the_others_stand_by() -> None:
    problem = asked(
        [team("near", "dig", base="a"), team("later", "dig", ready_at=HOUR), team("next", "dig"), team("cook", "cook")],
        [task("t", ("dig", 1))],
    )
    plan = plan_of(problem)
    assert who(plan) == {("near", "t")}
    assert plan.standby[0].teams == (("next", HOUR), ("later", 2 * HOUR))
    assert (plan.is_optimal, plan.gap_percent, plan.considers_all) == (True, 0.0, True)


def test_one_team_works_at_several_places_one_after_the_other() -> None:
    tasks = [task("one", ("dig", 1), due=2), task("two", ("dig", 1), place="b", due=5, hours=1)]
    plan = plan_of(asked([team("t", "dig")], tasks))
    assert plan.duties == (
        Duty("t", "one", "base", HOUR, 2 * HOUR, 4 * HOUR),
        Duty("t", "two", "a", 4 * HOUR, 5 * HOUR, 6 * HOUR),
    )
    late = plan_of(asked([team("t", "dig")], [tasks[0], replace(tasks[1], due_at=5 * HOUR - 1)]))
    assert len(late.duties) == 1
    assert late.uncovered[0].reasons == (Reason(Lack.NEEDED_ELSEWHERE, tasks=(late.duties[0].task_id,)),)


def test_several_teams_work_at_one_place_at_once() -> None:
    teams = [team("d1", "dig"), team("d2", "dig"), team("m", "medic", size=3)]
    problem = asked(teams, [task("t", ("dig", 2), ("medic", 1), persons=23)])
    assert len(plan_of(problem).duties) == 3
    more = asked(teams, [task("t", ("dig", 2), ("medic", 1), persons=24)])
    assert plan_of(more).uncovered == (Uncovered("t", (Reason(Lack.PERSONS, needed=24, available=23),)),)


def test_a_class_goes_before_any_number_of_the_next() -> None:
    first = task("first", ("dig", 2), class_rank=1)
    rest = [task(f"r{n}", ("dig", 1), class_rank=2, weight=1000) for n in range(2)]
    plan = plan_of(asked([team("a", "dig"), team("b", "dig")], [first, *rest]))
    assert {duty.task_id for duty in plan.duties} == {"first"}


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        ({"ready_at": 3 * HOUR}, True),
        ({"ready_at": 3 * HOUR + 1}, False),
        ({"back_by": 7 * HOUR}, True),
        ({"back_by": 7 * HOUR - 1}, False),
        ({"duty_s_max": 4 * HOUR}, True),
        ({"duty_s_max": 4 * HOUR - 1}, False),
    ],
)
def test_shifts_and_rest_to_the_second(facts: dict[str, int], fits: bool) -> None:
    assert bool(plan_of(asked([team("t", "dig", **facts)], [task("t", ("dig", 1))])).duties) is fits


def test_duty_is_counted_from_leaving_for_the_first_to_coming_home_from_the_last() -> None:
    tasks = [task("one", ("dig", 1), due=2), task("two", ("dig", 1), due=10)]
    assert len(plan_of(asked([team("t", "dig", duty_s_max=12 * HOUR)], tasks)).duties) == 2
    assert len(plan_of(asked([team("t", "dig", duty_s_max=12 * HOUR - 1)], tasks)).duties) == 1


@pytest.mark.parametrize(
    ("teams", "need", "reason"),
    [
        ([team("t", "cook")], ("dig", 1), Reason(Lack.NOBODY_CAN, "dig", 1, 0)),
        ([team("t", "dig", ready_at=9 * HOUR)], ("dig", 1), Reason(Lack.TOO_LATE, "dig", 1, 0, 10 * HOUR)),
        ([team("t", "dig", back_by=HOUR)], ("dig", 1), Reason(Lack.SHIFT, "dig", 1, 0, HOUR)),
        ([team("t", "dig")], ("dig", 2), Reason(Lack.TOO_FEW, "dig", 2, 1, HOUR)),
    ],
)
def test_why_nobody_is_sent(teams: list[Team], need: tuple[str, int], reason: Reason) -> None:
    assert plan_of(asked(teams, [task("t", need)])).uncovered == (Uncovered("t", (reason,)),)


def test_what_is_ordered_already_is_kept_or_refused() -> None:
    teams = [team("near", "dig", base="a"), team("far", "dig")]
    tasks = [task("t", ("dig", 1))]
    assert ("far", "t") in who(plan_of(asked(teams, tasks, fixed=(("far", "t"),))))
    for wrong in (
        asked([team("x", "cook"), *teams], tasks, fixed=(("x", "t"),)),
        asked(teams, tasks, fixed=(("no", "t"),)),
    ):
        with pytest.raises(ProblemError, match="fixed"):
            solve(wrong, Budget(iterations=10))
    both = [task("t", ("dig", 1)), task("u", ("dig", 1), place="b")]
    with pytest.raises(ProblemError, match="everywhere"):
        solve(asked(teams, both, fixed=(("far", "t"), ("far", "u"))), Budget(iterations=10))


def test_what_makes_no_sense_is_refused_in_words() -> None:
    good = asked([team("t", "dig")], [task("t", ("dig", 1))])
    for change, words in (
        ({"tasks": (task("t", ("dig", 0)),)}, "less than once"),
        ({"tasks": (task("t"),)}, "needs nobody"),
        ({"tasks": (task("t", ("dig", 1), place="moon"),)}, "no place moon"),
        ({"teams": (team("t", "dig"), team("t", "dig"))}, "stands for two"),
        ({"teams": (team("t", "dig", size=0),)}, "size"),
        ({"travel": {}}, "no driving times"),
        ({"travel": {"": [[0]]}}, "row and column"),
        ({"travel": {"": [[NEVER + 1] * 4] * 4}}, "a time is out of range"),
        ({"travel": {"": [[NEVER - 1] * 4] * 4}}, "a time is out of range"),
        ({"teams": (team("t", "dig", ready_at=-(10**18) - 1),)}, "team t: a time is out of range"),
        ({"teams": (team("t", "dig", back_by=10**30),)}, "team t: a time is out of range"),
        ({"tasks": (replace(good.tasks[0], due_at=10**18 + 1),)}, "task t: a number is out of range"),
        ({"tasks": (replace(good.tasks[0], weight=10**30),)}, "task t: a number is out of range"),
    ):
        with pytest.raises(ProblemError, match=words):
            solve(replace(good, **change), Budget(iterations=10))  # type: ignore[arg-type]


def test_nothing_to_do_and_nobody_to_do_it() -> None:
    assert plan_of(asked([team("t", "dig")], [])).duties == ()
    assert len(plan_of(asked([], [task("t", ("dig", 1))])).uncovered) == 1


@pytest.mark.parametrize(
    ("facts", "duties"),
    [
        ({"due_at": LARGEST}, 1),
        ({"duration_s": LARGEST}, 1),
        ({"due_at": LARGEST, "duration_s": LARGEST}, 1),
        ({"due_at": -LARGEST}, 0),
        ({"weight": LARGEST}, 1),
        ({"persons": LARGEST}, 0),
        ({"needs": (Need("dig", LARGEST),)}, 0),
    ],
)
def test_the_largest_numbers_are_reckoned_with(facts: dict[str, object], duties: int) -> None:
    good = asked([team("t", "dig")], [task("t", ("dig", 1))])
    plan = plan_of(replace(good, tasks=(replace(good.tasks[0], **facts),)))  # type: ignore[arg-type]
    assert (len(plan.duties), plan.is_optimal) == (duties, True)


def test_one_more_than_much_is_told_from_much() -> None:
    tasks = [task(name, ("dig", 1), weight=LARGEST - less) for name, less in (("one", 1), ("two", 0), ("three", 2))]
    assert who(plan_of(asked([team("t", "dig")], tasks))) == {("t", "two")}
    halves = [team("a", "dig", size=LARGEST // 2), team("b", "dig", size=LARGEST // 2 - 1)]
    assert plan_of(asked(halves, [task("t", ("dig", 1), persons=LARGEST)])).duties == ()
    assert len(plan_of(asked(halves, [task("t", ("dig", 1), persons=LARGEST - 1)])).duties) == 2


def test_faults_of_many_are_found_at_once() -> None:
    many = tuple(team(f"t{n % 20_000}", "dig") for n in range(20_001))
    with pytest.raises(ProblemError, match="team t0: the id stands for two of them"):
        solve(asked(list(many), []), Budget(iterations=1))


def test_a_cancelled_search_gives_what_it_has() -> None:
    problem = drawn_problem(5, tasks=6, teams=5)
    plan = solve(problem, Budget(seconds=60, keep_going=lambda: False))
    assert plan.stopped_by == "cancel"
    assert check_teams(problem, plan) == ()


def drawn_problem(seed: int, *, tasks: int = 4, teams: int = 4) -> TeamProblem:
    dice = random.Random(seed)
    places = tuple(f"p{n}" for n in range(5))
    spots = [(dice.randrange(5), dice.randrange(5)) for _ in places]
    hours = [[(abs(a - c) + abs(b - d)) * HOUR // 2 for c, d in spots] for a, b in spots]
    if dice.random() < 0.3:
        lost = dice.randrange(5)
        hours = [[NEVER if (x == lost) != (y == lost) else v for y, v in enumerate(row)] for x, row in enumerate(hours)]
    return TeamProblem(
        "drawn", places, {"": hours},
        tuple(
            Team(
                f"t{n}", "", tuple(dice.sample("xyz", dice.randint(1, 2))), dice.randint(2, 9), dice.choice(places),
                dice.choice([0, HOUR]), dice.choice([None, 9 * HOUR]), dice.choice([None, 7 * HOUR]),
            )
            for n in range(teams)
        ),
        tuple(
            Task(
                f"j{n}", "", dice.choice(places), tuple(Need(s, dice.randint(1, 2)) for s in dice.sample("xyz", dice.randint(1, 2))),
                dice.randint(1, 8) * HOUR, dice.randint(0, 3) * HOUR, dice.randint(1, 2), dice.randint(1, 3), dice.choice([0, 0, 8]),
            )
            for n in range(tasks)
        ),
    )  # fmt: skip


def best(problem: TeamProblem) -> tuple[int, ...]:
    """Weights by class, less minutes of approach, of the best of all proposals: everything is tried."""
    matter = matter_of(problem)
    days = []
    for u in range(len(problem.teams)):
        able = [j for j in range(len(problem.tasks)) if matter.may[u, j]]
        days.append([
            chosen
            for count in range(len(able) + 1)
            for chosen in itertools.combinations(able, count)
            if not any(clash(matter, u, a, b) for a, b in itertools.combinations(chosen, 2))
        ])  # fmt: skip
    found: tuple[int, ...] = ()
    for day in itertools.product(*days):
        crews: dict[int, list[int]] = {}
        for u, chosen in enumerate(day):
            for j in chosen:
                crews.setdefault(j, []).append(u)
        if not all(
            all(
                sum(need.skill in problem.teams[u].skills for u in crew) >= need.teams
                for need in problem.tasks[j].needs
            )
            and sum(problem.teams[u].size for u in crew) >= problem.tasks[j].persons
            for j, crew in crews.items()
        ):
            continue
        weights = [
            sum(problem.tasks[j].weight for j in crews if problem.tasks[j].class_rank == rank) for rank in (1, 2)
        ]
        minutes = sum(int(matter.approach[u, j]) // 60 + 1 for j, crew in crews.items() for u in crew)
        found = max(found, (*weights, -minutes))
    return found


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_proposals_are_as_good_as_the_best_of_all(seed: int) -> None:
    problem = drawn_problem(seed)
    plan = plan_of(problem)
    assert plan.is_optimal
    value = {stage.name: stage.value for stage in plan.stages}
    assert (value.get("class 1", 0), value.get("class 2", 0), -value["approach"]) == best(problem)
    assert plan == plan_of(problem), "the same iterations give the same proposal"


@pytest.mark.parametrize("seed", range(5))
def test_both_searches_prove_the_same(seed: int) -> None:
    """Cuts and prices on one side, whole numbers on the other: a cut that goes too far would show."""
    problem = drawn(24, 14, seed)
    linear, exact = plan_by(Linear, problem), plan_by(Exact, problem)
    assert linear.is_optimal
    assert exact.is_optimal
    assert linear.stages == exact.stages


def test_a_hundred_tasks_are_proven_over_all_pairs() -> None:
    plan = plan_of(drawn(100, 80, 11))
    assert (plan.is_optimal, plan.considers_all, plan.stopped_by) == (True, True, "")


@pytest.mark.parametrize("iterations", [1, 4, 9])
def test_a_search_that_ends_early_says_what_is_not_proven_and_replays(iterations: int) -> None:
    problem = drawn(60, 50, 3)
    best_known = {stage.name: stage for stage in plan_of(problem).stages}
    plan = plan_of(problem, iterations=iterations)
    assert plan == plan_of(problem, iterations=iterations)
    assert plan.stopped_by == "iterations"
    higher_ones_are_reached = True
    for stage in plan.stages[:-1]:
        if higher_ones_are_reached:
            assert stage.value <= best_known[stage.name].value <= stage.bound
        higher_ones_are_reached &= stage.value == best_known[stage.name].value


@pytest.mark.parametrize("kind", [Linear, Exact])
def test_what_is_fixed_may_be_possible_one_by_one_and_not_together(kind: type[Linear] | type[Exact]) -> None:
    tasks = [task("t", ("dig", 1), ("cook", 1)), task("u", ("dig", 1), ("cook", 1), place="b")]
    teams = [team("one", "dig"), team("two", "dig"), team("kitchen", "cook")]
    problem = asked(teams, tasks, fixed=(("one", "t"), ("two", "u")))
    with pytest.raises(ProblemError, match="no way was found"):
        plan_by(kind, problem)
    enough = replace(problem, teams=(*problem.teams, team("second kitchen", "cook")))
    assert len(plan_by(kind, enough).duties) == 4


def test_a_cancel_in_the_middle_keeps_the_best_so_far() -> None:
    problem, asks = drawn(100, 80, 1), itertools.count()
    plan = solve(problem, Budget(seconds=60, keep_going=lambda: next(asks) < 12))
    assert plan.stopped_by == "cancel"
    assert check_teams(problem, plan) == ()


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_the_checker_finds_planted_faults(seed: int) -> None:
    problem, dice = drawn_problem(seed, tasks=3, teams=4), random.Random(seed)
    plan = plan_of(problem)
    if not plan.duties:
        return
    place = dice.randrange(len(plan.duties))
    duty = plan.duties[place]
    spoiled = {
        "late": replace(duty, leaves_at=duty.leaves_at + 9 * HOUR, arrives_at=duty.arrives_at + 9 * HOUR),
        "drive": replace(duty, leaves_at=duty.leaves_at - 1),
        "released": replace(duty, released_at=duty.released_at - 1),
        "elsewhere": replace(duty, from_place="nowhere"),
        "unknown": replace(duty, team_id="nobody"),
    }
    for code, wrong in spoiled.items():
        duties = (*plan.duties[:place], wrong, *plan.duties[place + 1 :])
        assert any(code in fault for fault in check_teams(problem, replace(plan, duties=duties))), code
    fewer = replace(plan, duties=plan.duties[:place] + plan.duties[place + 1 :])
    assert check_teams(problem, fewer) or len([d for d in plan.duties if d.task_id == duty.task_id]) > 1
    assert any("twice" in fault for fault in check_teams(problem, replace(plan, duties=(*plan.duties, duty))))
    silent = replace(plan, uncovered=(*plan.uncovered, Uncovered(duty.task_id, ())))
    assert any("no_reason" in fault for fault in check_teams(problem, silent))
    stages = (replace(plan.stages[0], value=plan.stages[0].value + 1, bound=99), *plan.stages[1:])
    assert any("value" in fault for fault in check_teams(problem, replace(plan, stages=stages)))
    rested = replace(problem, teams=tuple(replace(t, duty_s_max=0, back_by=0) for t in problem.teams))
    faults = check_teams(rested, plan)
    assert any("shift" in fault for fault in faults)


def test_the_bench_measures_and_checks(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert main(["teams", "--tasks", "8", "--teams", "8", "--seconds", "20", "--json", str(out)]) == 0
    row = json.loads(out.read_text())
    assert (row["violations"], row["is_optimal"], row["considers_all"]) == ([], True, True)
