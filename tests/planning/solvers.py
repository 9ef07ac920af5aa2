"""Solvers that misbehave, for the watch over the child process. Named by `tests.planning.solvers:<function>`."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from optimizer.budget import Budget
from optimizer.model import DemandLine, Problem
from optimizer.solution import Solution

if TYPE_CHECKING:
    from optimizer.insertions import Insertion


def crashes(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """Ends the process, as a fault in native code would."""
    print("about to end")
    sys.stdout.flush()
    os._exit(11)


def never_ends(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """Goes on and on, and does not look at its budget."""
    turn = 0
    while True:
        turn += 1
        budget.say("route", turn, 100, incumbent=500)
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass


def eats_memory(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """Takes 20 MB more every tenth of a second."""
    held = []
    while True:
        held.append(bytearray(20_000_000))
        budget.say("allocate", len(held), 100)
        time.sleep(0.1)


def breaks_off(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """Hands a plan over, as a search does that goes on, and ends the process after that."""
    from optimizer.solve import solve

    solve(problem, budget, seed=seed)
    budget.say("route", 1, 2)
    os._exit(11)


def breaks_off_after_a_lie(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """The plan it hands over claims a shorter way than there is."""
    told = budget.on_found
    assert told is not None
    budget.on_found = lambda found: told(
        replace(found, trips=tuple(replace(trip, distance_m=1) for trip in found.trips))
    )
    return breaks_off(problem, budget, seed=seed)


def lies(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """Gives a plan and claims a shorter way than there is."""
    from optimizer.solve import solve

    found = solve(problem, budget, seed=seed)
    trips = tuple(replace(trip, distance_m=1) for trip in found.trips)
    return replace(found, trips=trips)


def starts_another(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """Starts a process of its own and waits for it."""
    import subprocess

    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    budget.say("route", child.pid, 0)
    child.wait()
    raise AssertionError


def sleeps(problem: Problem, budget: Budget, *, seed: int = 0) -> Solution:
    """Waits for something that never comes, without working."""
    time.sleep(600)
    raise AssertionError


def crashes_advising(problem: Problem, plan: Solution, budget: Budget, *, offers: object, seed: int = 0) -> Solution:
    """Ends the process while it looks for what would help."""
    os._exit(11)


def lies_about_the_way(problem: Problem, budget: Budget, *, seed: int = 0, emphasis: object = None) -> Solution:
    """Whatever is stressed, the plan claims a shorter way than there is."""
    from optimizer.solve import solve

    found = solve(problem, budget, seed=seed)
    return replace(found, trips=tuple(replace(trip, distance_m=1) for trip in found.trips))


def moves_other_goods(problem: Problem, plan: Solution, line: DemandLine, **options: Any) -> tuple[Insertion, ...]:
    """Takes the late line along and leaves something else behind."""
    from optimizer.insertions import insertions

    found = insertions(problem, plan, line, **options)
    return tuple(
        replace(one, solution=replace(one.solution, allocations=one.solution.allocations[1:])) for one in found
    )


def shortens_the_way(problem: Problem, plan: Solution, line: DemandLine, **options: Any) -> tuple[Insertion, ...]:
    """Claims a shorter way than there is."""
    from optimizer.insertions import insertions

    found = insertions(problem, plan, line, **options)
    return tuple(
        replace(
            one,
            solution=replace(one.solution, trips=tuple(replace(trip, distance_m=1) for trip in one.solution.trips)),
        )
        for one in found
    )


def refuses_own_times(problem: Problem, plan: Solution, line: DemandLine, **options: Any) -> tuple[Insertion, ...]:
    """Finds the plan's trips otherwise than they have to be."""
    from optimizer.insertions import insertions

    trips = tuple(replace(trip, returns_at=trip.returns_at + 60) for trip in plan.trips)
    return insertions(problem, replace(plan, trips=trips), line, **options)


def ends(problem: Problem, plan: Solution, line: DemandLine, **options: Any) -> tuple[Insertion, ...]:
    """Ends the process."""
    os._exit(11)


def reserve_breaks_off(problem: object) -> None:
    """Ends the process in the middle of advice on a reserve."""
    os._exit(12)


def reserve_never_ends(problem: object) -> None:
    """Goes on and on."""
    while True:
        time.sleep(0.05)
