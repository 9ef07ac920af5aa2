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
        wrong += _covered(tasks[task_id], [teams[duty.team_id] for duty in duties])
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
    """One team: on time, from where it was, never in two places, home before its shift ends, not too long on duty."""
    wrong: list[str] = []
    duties = sorted(duties, key=lambda duty: (duty.arrives_at, duty.released_at))
    if len({duty.task_id for duty in duties}) < len(duties):
        wrong.append(f"twice {team.id}")
    where, free = team.base, team.ready_at
    for duty in duties:
        task, name = tasks[duty.task_id], f"{team.id} {duty.task_id}"
        drive = _drive(problem, team, where, task.place)
        if duty.from_place != where:
            wrong.append(f"elsewhere {name}")
        if duty.leaves_at < free:
            wrong.append(f"not_free {name}")
        if drive >= NEVER or duty.arrives_at - duty.leaves_at != drive:
            wrong.append(f"drive {name}")
        if duty.arrives_at > task.due_at:
            wrong.append(f"late {name}")
        if duty.released_at != task.due_at + task.duration_s:
            wrong.append(f"released {name}")
        if task.needs and not any(need.skill in team.skills for need in task.needs):
            wrong.append(f"no_skill {name}")
        where, free = task.place, duty.released_at
    wrong += [f"two_places {team.id}" for a, b in pairwise(duties) if b.leaves_at < a.released_at]
    home = free + min(_drive(problem, team, where, team.base), NEVER)
    if team.back_by is not None and home > team.back_by:
        wrong.append(f"shift {team.id}")
    if team.duty_s_max is not None:
        first = tasks[duties[0].task_id]
        left = first.due_at - _drive(problem, team, team.base, first.place)
        if home - left > team.duty_s_max:
            wrong.append(f"duty {team.id}")
    return wrong


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
