"""Whether a second vehicle drives out so that people wait less is a question of what waiting is worth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import Rules, Vehicle
from optimizer.solve import solve
from tests.optimizer.make import small, with_rows


@pytest.mark.parametrize(("price", "trips"), [(None, 2), (0, 1), (100, 1), (1_000_000, 2)])
def test_vehicles_drive_out_for_minutes_only_where_waiting_is_dear(price: int | None, trips: int) -> None:
    """One truck would do for both villages; B waits 35 minutes less where a second one goes straight there.

    The second trip costs 100 yuan for the vehicle and 40 km at 3 yuan more or less; 160 people waiting 35 minutes at
    1 yuan an hour are 93 yuan.
    """
    problem = with_rows(small(), "sites", S={"loading_bays": 2})
    problem = with_rows(problem, "lots", tent_new={"quantity": 60})
    problem = replace(
        problem,
        vehicles=(*problem.vehicles, Vehicle("V2", "truck", "S")),
        rules=Rules(waiting_fen_per_person_hour=price),
    )
    solution = solve(problem, Budget(iterations=40), seed=1)
    assert check(problem, solution).violations == ()
    assert solution.gaps == ()
    assert len(solution.trips) == trips
