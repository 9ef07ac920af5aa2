"""Proposals for teams measured: a region drawn by seed, the solver's time, gap and bound, the checker's verdict."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from optimizer.budget import Budget
from optimizer.check.teams import check_teams
from optimizer.teams import Need, Task, Team, TeamProblem, solve

SKILLS = tuple("abcdefgh")
CLASSES = (1, 2, 3, 4)
HOUR = 3600


def drawn(tasks: int, teams: int, seed: int) -> TeamProblem:
    """Teams of eight skills and tasks that need some of them, 200 km across, over a day; teams work one shift of twelve hours."""
    draw = np.random.default_rng(seed)
    spots = draw.random((teams + tasks, 2)) * 200
    seconds = np.ceil(np.linalg.norm(spots[:, None] - spots[None], axis=2) / 40 * HOUR).astype(np.int64)
    names = [f"t{n}" for n in range(teams)] + [f"j{n}" for n in range(tasks)]
    skilled = draw.random((teams, len(SKILLS))) < 0.35
    needs = (draw.random((tasks, len(SKILLS))) < 0.25) * draw.integers(1, 3, (tasks, len(SKILLS)))
    needs[needs.sum(1) == 0, 0] = 1
    ranks = draw.choice(CLASSES, tasks, p=[0.1, 0.25, 0.4, 0.25])
    due = (draw.uniform(2, 12, tasks) * HOUR).astype(int)
    work = (draw.uniform(6, 14, tasks) * HOUR).astype(int)
    return TeamProblem(
        f"drawn-{tasks}-{teams}-{seed}",
        tuple(names),
        {"": seconds.tolist()},
        tuple(
            Team(
                f"t{n}", f"t{n}", tuple(s for s, has in zip(SKILLS, skilled[n], strict=True) if has), int(draw.integers(4, 20)),
                f"t{n}", ready_at=HOUR // 2, back_by=30 * HOUR, duty_s_max=16 * HOUR,
            )
            for n in range(teams)
        ),
        tuple(
            Task(
                f"j{n}", f"j{n}", f"j{n}", tuple(Need(s, int(k)) for s, k in zip(SKILLS, needs[n], strict=True) if k),
                int(due[n]), int(work[n]), class_rank=int(ranks[n]),
            )
            for n in range(tasks)
        ),
    )  # fmt: skip


def measured(tasks: int, teams: int, seed: int, seconds: float) -> dict[str, Any]:
    """The figures of one problem."""
    problem = drawn(tasks, teams, seed)
    began, cpu = time.perf_counter(), time.process_time()
    plan = solve(problem, Budget(seconds=seconds, clock=time.process_time), seed=seed)
    wall, spent = time.perf_counter() - began, time.process_time() - cpu
    return {
        "tasks": tasks, "teams": teams, "seed": seed, "seconds": round(wall, 3), "cpu_seconds": round(spent, 3),
        "covered": tasks - len(plan.uncovered), "duties": len(plan.duties),
        "stages": [[stage.name, stage.value, stage.bound] for stage in plan.stages],
        "gap_percent": round(plan.gap_percent, 4), "is_optimal": plan.is_optimal, "considers_all": plan.considers_all,
        "violations": list(check_teams(problem, plan)), "load": round(os.getloadavg()[0], 2),
    }  # fmt: skip
