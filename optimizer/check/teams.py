"""Is a proposal for teams what it says? Reads the problem and the finished plan alone; shares no code with the search."""

from __future__ import annotations

from itertools import pairwise

from optimizer.passing import NEVER
from optimizer.teams.problem import Duty, Task, Team, TeamPlan, TeamProblem


def check_teams(problem: TeamProblem, plan: TeamPlan) -> tuple[str, ...]:
    """Everything wrong, a code and where; empty where nothing is."""
    wrong: list[str] = []
    teams, tasks = {team.id: team for team in problem.teams}, {task.id: task for task in problem.tasks}
    by_team: dict[str, list[Duty]] = {}
    by_task: dict[str, list[Duty]] = {}
    if plan.problem_id != problem.id:
        wrong.append("other_problem")
    for duty in plan.duties:
        if duty.team_id not in teams or duty.task_id not in tasks:
            wrong.append(f"unknown {duty.team_id} {duty.task_id}")
            continue
        by_team.setdefault(duty.team_id, []).append(duty)
        by_task.setdefault(duty.task_id, []).append(duty)
    for team_id, duties in by_team.items():
        wrong += _day(problem, teams[team_id], duties, tasks)
    for task_id, duties in by_task.items():
        for part, _ in enumerate(_parts(tasks[task_id]), start=1):
            wrong += _covered(tasks[task_id], [teams[duty.team_id] for duty in duties if duty.part == part])
    said = [one.task_id for one in plan.uncovered]
    if sorted([*by_task, *said]) != sorted(tasks):
        wrong.append("not every task is either covered or not")
    wrong += [f"no_reason {one.task_id}" for one in plan.uncovered if not one.reasons]
    wrong += [f"fixed {a} {b}" for a, b in problem.fixed if (a, b) not in {(d.team_id, d.task_id) for d in plan.duties}]
    wrong += _ladder(plan, teams, by_team)
    for stage in plan.stages[:-1]:
        reached = sum(
            task.weight for name, task in tasks.items() if name in by_task and f"class {task.class_rank}" == stage.name
        )
        if reached != stage.value or stage.value > stage.bound:
            wrong.append(f"value {stage.name}")
    if plan.stages and plan.stages[-1].bound > plan.stages[-1].value:
        wrong.append("value approach")
    return tuple(wrong)


def _day(problem: TeamProblem, team: Team, duties: list[Duty], tasks: dict[str, Task]) -> list[str]:
    """One team: shift after shift on time, from where it was, never in two places, ready for night and frost, rested in between,
    home before it has to be."""
    wrong: list[str] = []
    duties = sorted(duties, key=lambda duty: (duty.arrives_at, duty.released_at))
    if len({(duty.task_id, duty.part) for duty in duties}) < len(duties):
        wrong.append(f"twice {team.id}")
    shifts = [duty.shift for duty in duties]
    if shifts != sorted(shifts) or sorted(set(shifts)) != list(range(1, len(set(shifts)) + 1)):
        wrong.append(f"shifts {team.id}")
    free = team.ready_at
    for shift in sorted(set(shifts)):
        if shift > 1 and team.rest_s is None:
            wrong.append(f"no_rest {team.id}")
        home, faults = _shift(problem, team, [duty for duty in duties if duty.shift == shift], tasks, free)
        wrong += faults
        free = home + (team.rest_s or 0)
    wrong += [f"two_places {team.id}" for a, b in pairwise(duties) if b.leaves_at < a.released_at]
    if team.back_by is not None and free - (team.rest_s or 0) > team.back_by:
        wrong.append(f"shift {team.id}")
    return wrong


def _shift(
    problem: TeamProblem, team: Team, duties: list[Duty], tasks: dict[str, Task], free: int
) -> tuple[int, list[str]]:
    """One shift, which begins at the base: when the team is home, and what is wrong with it."""
    wrong: list[str] = []
    where = team.base
    for duty in duties:
        task, name = tasks[duty.task_id], f"{team.id} {duty.task_id}"
        parts = _parts(task)
        if not 1 <= duty.part <= len(parts):
            wrong.append(f"part {name}")
            continue
        start, end = parts[duty.part - 1]
        drive = _drive(problem, team, where, task.place)
        if duty.from_place != where:
            wrong.append(f"elsewhere {name}")
        if duty.leaves_at < free:
            wrong.append(f"not_free {name}")
        if drive >= NEVER or duty.arrives_at - duty.leaves_at != drive:
            wrong.append(f"drive {name}")
        if duty.arrives_at > start:
            wrong.append(f"late {name}")
        if duty.released_at != end:
            wrong.append(f"released {name}")
        if task.needs and not any(need.skill in team.skills for need in task.needs):
            wrong.append(f"no_skill {name}")
        for condition in problem.conditions:
            works = start < condition.until and condition.since < max(end, start + 1)
            if works and condition.name not in team.ready_for:
                wrong.append(f"unready {name} {condition.name}")
        where, free = task.place, duty.released_at
    home = free + min(_drive(problem, team, where, team.base), NEVER)
    if team.duty_s_max is not None and duties:
        first = duties[0]
        parts = _parts(tasks[first.task_id])
        start = parts[min(max(first.part, 1), len(parts)) - 1][0]
        if home - (start - _drive(problem, team, team.base, tasks[first.task_id].place)) > team.duty_s_max:
            wrong.append(f"duty {team.id}")
    return home, wrong


def _parts(task: Task) -> list[tuple[int, int]]:
    """From when to when each crew of a task works."""
    length = task.relief_s or max(task.duration_s, 1)
    count = max(1, -(-task.duration_s // length))
    ends = task.due_at + task.duration_s
    return [(task.due_at + n * length, min(task.due_at + (n + 1) * length, ends)) for n in range(count)]


def _covered(task: Task, teams: list[Team]) -> list[str]:
    wrong = [
        f"skill {task.id} {need.skill}"
        for need in task.needs
        if sum(need.skill in team.skills for team in teams) < need.teams
    ]
    if sum(team.size for team in teams) < task.persons:
        wrong.append(f"persons {task.id}")
    return wrong


def _ladder(plan: TeamPlan, teams: dict[str, Team], by_team: dict[str, list[Duty]]) -> list[str]:
    wrong = []
    for one in plan.standby:
        arrivals = [at for _, at in one.teams]
        if arrivals != sorted(arrivals) or any(name in by_team or name not in teams for name, _ in one.teams):
            wrong.append(f"standby {one.task_id}")
    return wrong


def _drive(problem: TeamProblem, team: Team, a: str, b: str) -> int:
    return problem.travel[team.profile][problem.places.index(a)][problem.places.index(b)]
