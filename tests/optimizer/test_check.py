"""The checker: a right plan passes, and every kind of wrong is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.codec import problem_hash
from optimizer.model import (
    Carriage,
    Contract,
    DemandLine,
    Floor,
    Lock,
    LockMode,
    Problem,
    Rules,
    Step,
    Substitute,
    Vehicle,
)
from optimizer.solution import (
    Allocation,
    ClassFigures,
    Figures,
    Gap,
    Load,
    Reason,
    Run,
    Solution,
    Stop,
    Trip,
    Why,
)
from optimizer.solve import solve
from tests.optimizer.make import HOUR, small, truck, with_rows

MINUTE = 60

# One trip by hand. Loading 40 + 20 tents and 10 + 6 packs of quilts: 76 packs, 20 min + 8 min = 28 min at the store.
# Drive 10 km: 10 min. Unload 40 tents and 10 packs at A: 50 packs, 25 min. Drive 10 min. Unload 20 tents and 6 packs
# at B: 26 packs, 23 min. Drive 20 min back.
AT_A = 28 * MINUTE + 10 * MINUTE
FROM_A = AT_A + 25 * MINUTE
AT_B = FROM_A + 10 * MINUTE
FROM_B = AT_B + 23 * MINUTE
BACK = FROM_B + 20 * MINUTE


def plan(problem: Problem) -> Solution:
    """The right plan for `small()`: A's tents in full, half of B's, all quilts."""
    allocations = (
        Allocation("tent-new", "A-tent", "tent", 40, 40, 1, FROM_A, False),
        Allocation("tent-old", "B-tent", "tent", 20, 20, 1, FROM_B, False),
        Allocation("quilt-1", "A-quilt", "quilt", 100, 100, 1, FROM_A, False),
        Allocation("quilt-1", "B-quilt", "quilt", 60, 60, 1, FROM_B, False),
    )
    stops = (
        Stop("S", 0, 28 * MINUTE, loads=(Load(0, 40), Load(1, 20), Load(2, 100), Load(3, 60))),
        Stop("A", AT_A, FROM_A, ("sa",), 10_000, (Load(0, -40), Load(2, -100))),
        Stop("B", AT_B, FROM_B, ("ab",), 10_000, (Load(1, -20), Load(3, -60))),
        Stop("S", BACK, BACK, ("ab", "sa"), 20_000),
    )
    figures = Figures(
        classes=(ClassFigures(1, 2, 1, 200, 750, 500, 750), ClassFigures(3, 2, 2, 160, 1000, 1000, 1000)),
        late_lines=0,
        vehicles_used=1,
        trips=1,
        distance_m=40_000,
        drive_s=40 * MINUTE,
        cost_fen=10_000 + 40 * 300 + BACK * 6_000 // 3600,
        goods_fen=0,
        last_arrival_at=FROM_B,
        by_precedence={0: 1000 * 100 + 500 * 100 + 1000 * 100 + 1000 * 60},
    )
    return Solution(
        problem_hash(problem),
        allocations,
        (Trip(1, "V1", 0, BACK, 40_000, stops),),
        (Gap("B-tent", 20, 0, (Reason(Why.NO_STOCK),)),),
        figures,
        Run(0, 1, 0.1, "done"),
    )


def codes(problem: Problem, solution: Solution) -> set[str]:
    """What the checker finds wrong."""
    return {violation.code for violation in check(problem, solution).violations}


def test_a_right_plan_passes_and_its_figures_are_confirmed() -> None:
    problem = small()
    verdict = check(problem, plan(problem))
    assert verdict.violations == ()
    assert verdict.is_feasible
    assert verdict.figures == plan(problem).figures
    assert verdict.checked["oversold"] == 3
    assert verdict.checked["wrong_loading"] == 4


def changed_allocation(place: int, **changes: Any) -> Callable[[Solution], Solution]:
    """A plan with one allocation changed."""

    def change(solution: Solution) -> Solution:
        rows = list(solution.allocations)
        rows[place] = replace(rows[place], **changes)
        return replace(solution, allocations=tuple(rows))

    return change


def changed_stop(place: int, **changes: Any) -> Callable[[Solution], Solution]:
    """A plan with one stop changed."""

    def change(solution: Solution) -> Solution:
        stops = list(solution.trips[0].stops)
        stops[place] = replace(stops[place], **changes)
        return replace(solution, trips=(replace(solution.trips[0], stops=tuple(stops)),))

    return change


def changed_trip(**changes: Any) -> Callable[[Solution], Solution]:
    """A plan with its trip changed."""
    return lambda solution: replace(solution, trips=(replace(solution.trips[0], **changes),))


def changed_figures(**changes: Any) -> Callable[[Solution], Solution]:
    """A plan that states another figure."""
    return lambda solution: replace(solution, figures=replace(solution.figures, **changes))


WRONG_PLANS: dict[str, Callable[[Solution], Solution]] = {
    "other_problem": lambda solution: replace(solution, problem_hash="0" * 64),
    "unknown_source": changed_allocation(0, source_id="nobody"),
    "unknown_line": changed_allocation(0, line_id="nobody"),
    "unknown_trip": changed_allocation(0, trip_no=7),
    "unknown_vehicle": changed_trip(vehicle_id="nobody"),
    "unknown_site": changed_stop(1, site_id="nowhere"),
    "unknown_edge": changed_stop(1, edges=("nowhere",)),
    "unknown_allocation": changed_stop(0, loads=(Load(9, 1),)),
    "trip_number_twice": lambda solution: replace(solution, trips=solution.trips * 2),
    "trip_without_stops": changed_trip(stops=()),
    "wrong_item": changed_allocation(0, item_id="quilt"),
    "item_not_wanted": changed_allocation(0, source_id="quilt-1", item_id="quilt"),
    "broken_pack": lambda solution: solution,  # see below: the problem changes
    "wrong_serves": changed_allocation(0, serves=39),
    "wrong_lateness": changed_allocation(0, is_late=True),
    "too_late": changed_allocation(1, arrives_at=100 * HOUR, is_late=True),
    "lot_without_trip": changed_allocation(0, trip_no=None),
    "oversold": changed_allocation(0, quantity=41, serves=41),
    "overserved": changed_allocation(0, quantity=41, serves=41),
    "gap_missing": lambda solution: replace(solution, gaps=()),
    "wrong_gap": lambda solution: replace(solution, gaps=(replace(solution.gaps[0], quantity=19),)),
    "wrong_late": lambda solution: replace(solution, gaps=(replace(solution.gaps[0], late=1),)),
    "gap_without_reason": lambda solution: replace(solution, gaps=(replace(solution.gaps[0], reasons=()),)),
    "gap_of_served_line": lambda solution: replace(
        solution, gaps=(*solution.gaps, Gap("A-tent", 1, 0, (Reason(Why.NO_STOCK),)))
    ),
    "gap_twice": lambda solution: replace(solution, gaps=solution.gaps * 2),
    "not_from_base": changed_stop(0, site_id="A"),
    "not_back_to_base": changed_stop(3, site_id="A"),
    "loads_at_the_end": changed_stop(3, loads=(Load(0, -1),)),
    "wrong_departure": changed_trip(departs_at=1),
    "wrong_return": changed_trip(returns_at=BACK - 1),
    "handling_too_short": changed_stop(1, departs_at=FROM_A - 1),
    "wrong_distance": changed_stop(1, distance_m=9_999),
    "roads_do_not_join": changed_stop(1, edges=("ab",)),
    "faster_than_the_road": changed_stop(1, arrives_at=AT_A - 1),
    "empty_trip": lambda solution: replace(
        solution,
        trips=(replace(solution.trips[0], stops=tuple(replace(stop, loads=()) for stop in solution.trips[0].stops)),),
    ),
    "unloads_before_loading": changed_stop(0, loads=(Load(0, -40),)),
    "loads_twice": changed_stop(1, loads=(Load(0, 40), Load(2, -100))),
    "site_twice": changed_stop(2, site_id="A"),
    "stop_without_work": changed_stop(1, loads=()),
    "wrong_loading": changed_stop(0, loads=(Load(0, 39), Load(1, 20), Load(2, 100), Load(3, 60))),
    "wrong_unloading": changed_stop(1, loads=(Load(0, -39), Load(2, -100))),
    "delivered_elsewhere": changed_stop(1, loads=(Load(1, -20), Load(2, -100))),
    "wrong_figure": changed_figures(cost_fen=1),
    "bound_below_plan": changed_figures(
        classes=(ClassFigures(1, 2, 1, 200, 750, 500, 749), ClassFigures(3, 2, 2, 160, 1000, 1000, 1000))
    ),
}


@pytest.mark.parametrize("code", [code for code in WRONG_PLANS if code != "broken_pack"])
def test_a_wrong_plan_is_found_out(code: str) -> None:
    problem = small()
    assert code in codes(problem, WRONG_PLANS[code](plan(problem)))


def judged(problem: Problem) -> set[str]:
    """What is wrong with the plan for `small()` where the problem is another one."""
    return codes(problem, replace(plan(small()), problem_hash=problem_hash(problem)))


SMALL = small()
HIGH = with_rows(SMALL, "vehicle_types", truck={"height_cm": 400, "is_towing": True})
OTHER_PROBLEMS: dict[str, Problem] = {
    "broken_pack": with_rows(SMALL, "items", tent={"pack_quantity": 30, "is_splittable": False}),
    "oversold": with_rows(SMALL, "lots", tent_new={"quantity": 39}),
    "below_floor": replace(SMALL, floors=(Floor("S", "quilt", "city", 341),)),
    "expired": with_rows(SMALL, "lots", tent_new={"expires_at": FROM_A}),
    "restricted": with_rows(SMALL, "lots", tent_new={"only_sites": ("B",)}),
    "below_minimum_fill": with_rows(SMALL, "lines", B_tent={"minimum_fill": 21}),
    "closed_road": with_rows(SMALL, "edges", ab={"is_open": False}),
    "too_large_for_road": with_rows(SMALL, "edges", ab={"size_class_max": 3}),
    "too_heavy_for_bridge": with_rows(SMALL, "edges", ab={"bridge_limit_kg": 14_999}),
    "too_high_for_road": with_rows(HIGH, "edges", ab={"height_limit_cm": 399}),
    "cannot_ford": with_rows(SMALL, "edges", ab={"is_ford": True}),
    "towing_barred": with_rows(HIGH, "edges", ab={"is_towing_barred": True}),
    "not_in_convoy": with_rows(SMALL, "edges", ab={"is_convoy_only": True}),
    "store_overloaded": with_rows(SMALL, "sites", S={"sends_g_max": 60 * 50_000 + 160 * 2_500 - 1}),
    "place_overloaded": with_rows(SMALL, "sites", A={"takes_cm3_max": 40 * 200_000 + 100 * 20_000 - 1}),
    "before_window_opens": with_rows(SMALL, "lines", A_tent={"opens_at": AT_A + 1}),
    "not_for_snow": with_rows(SMALL, "edges", ab={"snow_vehicles_only": True}),
    "too_large_for_site": with_rows(SMALL, "sites", B={"size_class_max": 3}),
    "too_large_for_request": with_rows(SMALL, "lines", B_tent={"size_class_max": 3}),
    "vehicle_not_there_yet": with_rows(SMALL, "vehicles", V1={"available_at": 1}),
    "vehicle_not_free": with_rows(SMALL, "vehicles", V1={"free_until": BACK - 1}),
    "drives_too_long": replace(SMALL, rules=Rules(drive_s_max_single=40 * MINUTE - 1)),
    "overloaded": with_rows(SMALL, "vehicle_types", truck={"payload_g": 60 * 50_000 + 160 * 2_500 - 1}),
    "does_not_fit": with_rows(SMALL, "vehicle_types", truck={"volume_cm3": 60 * 200_000 + 160 * 20_000 - 1}),
    "not_refrigerated": with_rows(SMALL, "items", tent={"needs_refrigeration": True}),
    "not_heated": replace(
        with_rows(SMALL, "items", tent={"needs_warmth": True}), rules=Rules(is_freezing=True)
    ),
    "cannot_tow": with_rows(SMALL, "items", tent={"is_towed": True}),
    "incompatible_load": replace(
        with_rows(SMALL, "items", tent={"load_group": "fuel"}), rules=Rules(incompatible_groups=(("general", "fuel"),))
    ),
    "loaded_before_available": with_rows(SMALL, "lots", tent_new={"available_at": 1}),
    "loaded_elsewhere": with_rows(SMALL, "lots", tent_new={"site_id": "A"}),
    "handling_too_short": replace(SMALL, rules=Rules(stop_fixed_s=1201)),
    "wrong_lateness": with_rows(SMALL, "lines", A_tent={"due_at": FROM_A - 1}),
    "too_late": replace(with_rows(SMALL, "lines", B_tent={"due_at": HOUR}), rules=Rules(late_s_max=60)),
    "lock_broken": replace(SMALL, locks=(Lock("tent-new", "A-tent", LockMode.AT_MOST, 39),)),
}  # fmt: skip


@pytest.mark.parametrize("code", list(OTHER_PROBLEMS))
def test_one_unit_past_a_limit_is_found_out(code: str) -> None:
    assert code in judged(OTHER_PROBLEMS[code])


def test_exactly_at_each_limit_is_right() -> None:
    problem = replace(
        SMALL,
        floors=(Floor("S", "quilt", "city", 340),),
        rules=Rules(drive_s_max_single=40 * MINUTE),
        locks=(Lock("tent-new", "A-tent", LockMode.EXACTLY, 40), Lock("tent-old", "A-tent", LockMode.FORBID)),
    )
    problem = with_rows(problem, "vehicles", V1={"free_until": BACK})
    limits = {"bridge_limit_kg": 15_000, "size_class_max": 4, "height_limit_cm": 400, "is_ford": True}
    problem = with_rows(problem, "edges", ab={**limits, "is_convoy_only": True, "is_towing_barred": True})
    kind = {"height_cm": 400, "can_ford": True, "is_in_convoy": True}
    problem = with_rows(problem, "sites", S={"sends_g_max": 3_400_000}, A={"takes_cm3_max": 10_000_000})
    problem = with_rows(
        problem,
        "vehicle_types",
        truck={**kind, "payload_g": 60 * 50_000 + 160 * 2_500, "volume_cm3": 60 * 200_000 + 160 * 20_000},
    )
    problem = with_rows(problem, "lots", tent_new={"expires_at": FROM_A + 1})
    problem = with_rows(
        problem, "lines", A_tent={"due_at": FROM_A, "opens_at": AT_A}, B_tent={"due_at": FROM_B, "minimum_fill": 20}
    )
    assert judged(problem) == set()


@pytest.mark.parametrize(
    ("lock", "given"),
    [
        (Lock("tent-new", "A-tent", LockMode.EXACTLY, 41), "short"),
        (Lock("tent-new", "A-tent", LockMode.EXACTLY, 39), "over"),
        (Lock("tent-new", "A-tent", LockMode.AT_LEAST, 41), "short"),
        (Lock("tent-new", "A-tent", LockMode.FORBID), "over"),
    ],
)
def test_a_lock_is_kept_or_said_to_be_impossible(lock: Lock, given: str) -> None:
    problem = replace(SMALL, locks=(lock,))
    assert "lock_broken" in judged(problem)
    if given == "short":
        gap = Gap("A-tent", 1, 0, (Reason(Why.LOCKED, {"source_id": "tent-new"}),))
        excused = replace(plan(SMALL), gaps=(*plan(SMALL).gaps, gap), problem_hash=problem_hash(problem))
        assert "lock_broken" not in codes(problem, excused)


def test_what_the_commander_has_brought_late_leaves_nothing_that_others_took() -> None:
    """All that A asks for comes from one lot by the commander's word, and late; the other tents may go to a lower class at A."""
    lines = (
        DemandLine("A-word", "A", "tent", 40, 1, 100, HOUR),
        DemandLine("A-rest", "A", "tent", 20, 3, 10, 9 * HOUR),
    )
    problem = with_rows(replace(SMALL, lines=lines), "lots", tent_new={"available_at": 3 * HOUR})
    assert "higher_class_passed_over" in codes(problem, solve(replace(problem, lines=lines[1:]), Budget(iterations=3)))
    problem = replace(problem, locks=(Lock("tent-new", "A-word", LockMode.EXACTLY, 40),))
    solution = solve(problem, Budget(iterations=3))
    assert {(row.source_id, row.line_id, row.is_late) for row in solution.allocations} == {
        ("tent-new", "A-word", True),
        ("tent-old", "A-rest", False),
    }
    assert codes(problem, solution) == set()


def second_trip(solution: Solution, departs_at: int, vehicle_id: str = "V1") -> Solution:
    """The same trip again, with 10 quilts for nobody else's sake."""
    allocation = Allocation("quilt-1", "A-quilt", "quilt", 10, 10, 2, departs_at + 52 * MINUTE, False)
    back = departs_at + 62 * MINUTE
    stops = (
        Stop("S", departs_at, departs_at + 21 * MINUTE, loads=(Load(4, 10),)),
        Stop("A", departs_at + 31 * MINUTE, departs_at + 52 * MINUTE, ("sa",), 10_000, (Load(4, -10),)),
        Stop("S", back, back, ("sa",), 10_000),
    )
    trip = Trip(2, vehicle_id, departs_at, back, 20_000, stops)
    return replace(solution, allocations=(*solution.allocations, allocation), trips=(*solution.trips, trip))


def test_a_vehicle_goes_one_way_at_a_time() -> None:
    assert "two_trips_at_once" in codes(SMALL, second_trip(plan(SMALL), BACK - 1))
    assert "two_trips_at_once" not in codes(SMALL, second_trip(plan(SMALL), BACK))


def test_a_bay_takes_one_vehicle_at_a_time() -> None:
    problem = replace(SMALL, vehicles=(*SMALL.vehicles, Vehicle("V2", "truck", "S")))
    assert "too_many_at_the_bays" in codes(problem, second_trip(plan(problem), 28 * MINUTE - 1, "V2"))
    assert "too_many_at_the_bays" not in codes(problem, second_trip(plan(problem), 28 * MINUTE, "V2"))
    wider = with_rows(problem, "sites", S={"loading_bays": 2})
    assert "too_many_at_the_bays" not in codes(wider, second_trip(plan(wider), 0, "V2"))


def with_contract(quantity: int = 20, arrives_at: int = 6 * HOUR, **changes: Any) -> tuple[Problem, Solution]:
    """B's other 20 tents come from a supplier who brings them at hour 6."""
    values: dict[str, Any] = {"steps": (Step(6 * HOUR, 20),), "vehicle_type_id": "truck", "precedence": 4}
    contract = Contract("C", "tent", "city", "S", **values | changes)
    problem = replace(SMALL, contracts=(contract,))
    allocation = Allocation("C", "B-tent", "tent", quantity, quantity, None, arrives_at, False)
    missing = 20 - quantity
    gaps = (Gap("B-tent", missing, 0, (Reason(Why.NO_STOCK),)),) if missing else ()
    solution = plan(problem)
    return problem, replace(solution, allocations=(*solution.allocations, allocation), gaps=gaps)


def test_a_contract_gives_what_its_steps_say() -> None:
    assert codes(*with_contract()) == {"wrong_figure"}  # the figures are of the plan without it
    assert "before_contract_gives" in codes(*with_contract(arrives_at=6 * HOUR - 1))
    assert "oversold" in codes(*with_contract(steps=(Step(6 * HOUR, 19),)))
    assert "below_minimum_order" in codes(*with_contract(minimum_order=21, steps=(Step(6 * HOUR, 30),)))
    assert "before_contract_gives" in codes(*with_contract(steps=(Step(6 * HOUR, 19), Step(7 * HOUR, 20))))
    assert "wrong_carriage" in codes(*with_contract(carriage=Carriage.FLEET))


def test_a_supplier_needs_a_road_too() -> None:
    problem, solution = with_contract()
    for change in (
        {"is_open": False},
        {"size_class_max": 3},
        {"bridge_limit_kg": 14_999},
        {"snow_vehicles_only": True},
    ):
        assert "supplier_cannot_drive_there" in codes(with_rows(problem, "edges", ab=change), solution)
    assert "supplier_cannot_drive_there" in codes(with_rows(problem, "sites", B={"size_class_max": 3}), solution)


def test_goods_of_a_lower_class_may_not_ride_past_a_higher_one() -> None:
    """B's tents are of class 5 now, A asks for 60 in class 1: the 20 tents to B should have stayed at A."""
    problem = with_rows(SMALL, "lines", B_tent={"class_rank": 5}, A_tent={"quantity": 60})
    problem = replace(problem, rules=Rules(packs_per_minute=100))  # so that no stop takes longer for it
    solution = replace(plan(problem), gaps=(*plan(problem).gaps, Gap("A-tent", 20, 0, (Reason(Why.NO_STOCK),))))
    found = [v for v in check(problem, solution).violations if v.code == "higher_class_passed_over"]
    assert [(v.where, v.params["served_line"]) for v in found] == [("line A-tent", "B-tent")]
    same_class = with_rows(problem, "lines", B_tent={"class_rank": 1})
    assert "higher_class_passed_over" not in codes(same_class, solution)
    small_need = with_rows(problem, "lines", A_tent={"quantity": 60, "minimum_fill": 60, "due_at": FROM_A - 1})
    assert "higher_class_passed_over" not in codes(small_need, solution)  # it could not be in time


def test_free_goods_go_before_lower_class_goods_and_empty_room() -> None:
    """Twenty more tents lie free in the store while the truck goes to B: with quilts in the way, or without."""
    problem = with_rows(SMALL, "lots", tent_new={"quantity": 60})
    assert "room_left_unused" in codes(problem, plan(problem))
    full = with_rows(problem, "vehicle_types", truck={"payload_g": 60 * 50_000 + 160 * 2_500})
    assert "higher_class_left_behind" in codes(full, plan(full))
    first = with_rows(full, "lines", A_quilt={"class_rank": 1}, B_quilt={"class_rank": 1})
    assert not {"higher_class_left_behind", "room_left_unused"} & codes(first, plan(first))
    floor = replace(full, floors=(Floor("S", "tent", "city", 20),))
    assert not {"higher_class_left_behind", "room_left_unused"} & codes(floor, plan(floor))
    light = truck(payload_g=60 * 50_000 + 160 * 2_500, volume_cm3=60 * 200_000 + 160 * 20_000)
    narrow = replace(full, vehicle_types=(light,), rules=Rules(packs_per_minute=1))
    assert "room_left_unused" not in codes(narrow, plan(narrow))


def test_an_item_that_nobody_knows_is_found_out_and_breaks_nothing() -> None:
    assert codes(SMALL, changed_allocation(0, item_id="nothing")(plan(SMALL))) == {"wrong_item"}


def test_a_lot_that_nobody_brings_is_found_out_where_a_higher_class_could_use_it_too() -> None:
    problem = with_rows(SMALL, "lines", B_tent={"substitutes": (Substitute("quilt", 1, 1),)})
    assert "lot_without_trip" in codes(problem, changed_allocation(3, trip_no=None)(plan(problem)))
