"""Every reason a plan gives is true: shown on problems in which it is the only one, and by lifting it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import (
    Carriage,
    Contract,
    DemandLine,
    Floor,
    Item,
    Lock,
    LockMode,
    Lot,
    Problem,
    Step,
    Substitute,
    Vehicle,
)
from optimizer.solution import Gap, Reason, Solution, Why
from optimizer.solve import solve
from tests.optimizer.make import HOUR, small, truck, with_rows
from tests.optimizer.oracle import star


def planned(problem: Problem) -> Solution:
    solution = solve(problem, Budget(iterations=10))
    assert check(problem, solution).violations == ()
    return solution


def only_gap(problem: Problem) -> Gap:
    (gap,) = planned(problem).gaps
    return gap


def only_reason(problem: Problem) -> Reason:
    (reason,) = only_gap(problem).reasons
    return reason


def one_line(**changes: Any) -> Problem:
    """Ten tents asked for at D0 by hour 4; ten lie in S0."""
    values: dict[str, Any] = {
        "lots": (Lot("L", "S0", "tent", "city", 10),),
        "lines": (DemandLine("W", "D0", "tent", 10, 1, 30, 4 * HOUR),),
    }
    return star(**values | changes)


def test_enough_goods_in_reach_leave_no_gap() -> None:
    assert planned(one_line()).gaps == ()


def test_nothing_in_the_chain() -> None:
    assert only_reason(one_line(lots=())) == Reason(Why.NO_STOCK, {"item_ids": ["tent"]})


def test_a_line_that_has_all_there_is_is_told_so_and_not_that_vehicles_are_missing() -> None:
    problem = one_line()
    (lot,) = problem.lots
    (line,) = problem.lines
    short = replace(problem, lines=(replace(line, quantity=lot.quantity + 50),))
    gap = only_gap(short)
    assert gap.quantity == 50
    assert gap.reasons == (Reason(Why.ALL_GIVEN, {"item_ids": ["tent"], "given": lot.quantity}),)


def test_less_than_a_pack_is_not_said_to_be_nothing() -> None:
    whole = (
        Item("tent", "tent", 1_000, 1_000, pack_quantity=4, is_splittable=False),
        Item("quilt", "quilt", 1_000, 1_000),
    )
    called = Contract("C", "tent", "city", "S1", (Step(0, 2),))
    problem = one_line(items=whole, lots=(Lot("L", "S0", "tent", "city", 3),), contracts=(called,))
    reason = only_reason(problem)
    assert reason.code is Why.PACKS
    rows = [(row["source_id"], row["quantity"], row["pack"]) for row in reason.params["sources"]]
    assert rows == [("L", 3, 4), ("C", 2, 4)]
    lots = (Lot("L", "S0", "tent", "city", 7),)
    assert [each.code for each in only_gap(replace(problem, lots=lots, contracts=())).reasons] == [Why.PACKS]


def test_a_last_pack_that_would_count_for_less_stays_for_another_reason_than_its_size() -> None:
    """It may go, as the last one always may; what keeps it is the store."""
    whole = (
        Item("tent", "tent", 1_000, 1_000, pack_quantity=4, is_splittable=False),
        Item("quilt", "quilt", 1_000, 1_000),
    )
    (line,) = one_line().lines
    problem = one_line(items=whole, lots=(Lot("L", "S0", "tent", "city", 100),), lines=(replace(line, quantity=5),))
    assert planned(problem).gaps == ()
    busy = with_rows(problem, "sites", S0={"sends_g_max": 4_000})
    assert (only_gap(busy).quantity, only_reason(busy).code) == (1, Why.STORE_BUSY)


def test_too_few_of_what_stands_in_for_one_are_too_little_and_wait_for_no_vehicle() -> None:
    (line,) = one_line().lines
    pair = replace(line, substitutes=(Substitute("quilt", 1, 3),), quantity=30)
    lots = (Lot("L", "S0", "tent", "city", 10), Lot("Q", "S0", "quilt", "city", 5))
    reason = only_reason(one_line(lots=lots, lines=(pair,)))
    assert reason.code is Why.PACKS
    assert reason.params["sources"] == [{"source_id": "Q", "site_id": "S0", "quantity": 2, "pack": 3}]


def test_a_place_that_is_too_small_anyway_is_named_beside_who_has_the_goods() -> None:
    (line,) = one_line().lines
    first = replace(line, id="W1", site_id="D1", class_rank=1)
    second = replace(line, class_rank=2)
    problem = with_rows(one_line(lines=(first, second)), "sites", D0={"takes_cm3_max": 500})
    assert [each.code for each in only_gap(problem).reasons] == [Why.PLACE_FULL, Why.HIGHER_CLASS]


def test_what_a_contract_gives_others_too_late_for_a_line_was_not_shared_out_with_them() -> None:
    (line,) = one_line().lines
    steps = (Step(HOUR, 4), Step(9 * HOUR, 8))
    early, later = replace(line, quantity=8), replace(line, id="W1", site_id="D1", quantity=4, due_at=20 * HOUR)
    problem = one_line(lots=(), contracts=(Contract("C", "tent", "city", "S1", steps),), lines=(early, later))
    gap = only_gap(replace(problem, rules=replace(problem.rules, late_s_max=0)))
    assert (gap.line_id, gap.quantity, [each.code for each in gap.reasons]) == ("W", 4, [Why.CONTRACT_RAMP])


def test_goods_of_several_kinds_are_not_added_up() -> None:
    (line,) = one_line().lines
    pair = replace(line, substitutes=(Substitute("quilt", 1, 2),))
    lots = (Lot("L", "S0", "tent", "city", 2), Lot("Q", "S0", "quilt", "city", 6))
    reason = only_reason(one_line(lots=lots, lines=(pair,), vehicles=()))
    assert (reason.code, reason.params["by_item"]) == (Why.VEHICLES, {"quilt": 6, "tent": 2})


def test_goods_that_expire_on_the_way() -> None:
    reason = only_reason(one_line(lots=(Lot("L", "S0", "tent", "city", 10, expires_at=HOUR // 2),)))
    # 15 minutes of road, and 21 minutes of loading and of unloading
    source = {"source_id": "L", "site_id": "S0", "quantity": 10, "earliest_at": 57 * 60, "expires_at": HOUR // 2}
    assert reason == Reason(Why.EXPIRED, {"quantity": 10, "sources": [source], "earliest_at": 57 * 60})


def test_goods_kept_for_others_by_a_donor() -> None:
    reason = only_reason(one_line(lots=(Lot("L", "S0", "tent", "city", 10, only_sites=("D1",)),)))
    assert reason == Reason(
        Why.RESTRICTED, {"quantity": 10, "sources": [{"source_id": "L", "site_id": "S0", "quantity": 10}]}
    )


def test_a_floor_and_lifting_it_serves_exactly_that_much() -> None:
    problem = one_line(floors=(Floor("S0", "tent", "city", 4),))
    gap = only_gap(problem)
    assert (gap.quantity, gap.reasons) == (
        4,
        (Reason(Why.FLOOR, {"quantity": 4, "sources": [{"source_id": "L", "site_id": "S0", "quantity": 4}]}),),
    )
    assert planned(replace(problem, floors=(Floor("S0", "tent", "city", 3),))).gaps[0].quantity == 3
    assert planned(replace(problem, floors=())).gaps == ()


def test_no_open_road() -> None:
    closed = with_rows(one_line(), "edges", eD0={"is_open": False})
    assert only_reason(closed).code is Why.NO_ROAD


def test_a_road_too_narrow_for_every_vehicle() -> None:
    narrow = with_rows(one_line(), "edges", eD0={"size_class_max": 3})
    assert only_reason(narrow).code is Why.ROAD_LIMIT
    smaller = replace(narrow, vehicle_types=(truck(size_class=3),))
    assert planned(smaller).gaps == ()


def test_too_late_and_the_earliest_arrival_is_true() -> None:
    problem = with_rows(one_line(), "lines", W={"due_at": HOUR // 2})
    gap = only_gap(problem)
    (reason,) = gap.reasons
    assert (reason.code, reason.params["earliest_at"], gap.late) == (Why.DEADLINE, 57 * 60, 10)
    assert planned(with_rows(problem, "lines", W={"due_at": 57 * 60})).gaps == ()
    assert planned(with_rows(problem, "lines", W={"due_at": 57 * 60 - 1})).gaps != ()


def test_a_contract_that_gives_too_late() -> None:
    contract = Contract("C", "tent", "city", "S1", (Step(2 * HOUR, 4), Step(9 * HOUR, 20)), Carriage.SUPPLIER)
    gap = only_gap(one_line(lots=(), contracts=(contract,)))
    assert (gap.quantity, gap.late) == (6, 6)
    assert [reason.code for reason in gap.reasons] == [Why.CONTRACT_RAMP]
    assert gap.reasons[0].params["earliest_at"] == 9 * HOUR


def test_too_little_for_the_contracts_smallest_order() -> None:
    contract = Contract("C", "tent", "city", "S1", (Step(HOUR, 50),), Carriage.SUPPLIER, minimum_order=20)
    reason = only_reason(one_line(lots=(), contracts=(contract,)))
    assert (reason.code, reason.params["quantity"]) == (Why.CONTRACT_MINIMUM, 50)
    assert planned(one_line(lots=(), contracts=(replace(contract, minimum_order=10),))).gaps == ()


def test_a_higher_class_took_it_and_which() -> None:
    lines = (
        DemandLine("W", "D0", "tent", 10, 2, 500, 4 * HOUR),
        DemandLine("life", "D1", "tent", 7, 1, 1, 4 * HOUR),
    )
    gap = only_gap(one_line(lines=lines))
    assert (gap.line_id, gap.quantity, [reason.code for reason in gap.reasons]) == ("W", 7, [Why.HIGHER_CLASS])
    assert gap.reasons[0].params["lines"] == [{"line_id": "life", "quantity": 7}]


def test_shared_within_the_class() -> None:
    lines = (DemandLine("W", "D0", "tent", 10, 1, 30, 4 * HOUR), DemandLine("X", "D1", "tent", 10, 1, 30, 4 * HOUR))
    gaps = planned(one_line(lines=lines)).gaps
    assert [(gap.line_id, gap.quantity, gap.reasons[0].code) for gap in gaps] == [
        ("W", 5, Why.SAME_CLASS),
        ("X", 5, Why.SAME_CLASS),
    ]


def test_less_than_the_line_can_use() -> None:
    problem = one_line(lots=(Lot("L", "S0", "tent", "city", 6),))
    reason = only_reason(with_rows(problem, "lines", W={"minimum_fill": 8}))
    assert (reason.code, reason.params["quantity"], reason.params["minimum_fill"]) == (Why.MINIMUM_FILL, 6, 8)
    assert only_gap(with_rows(problem, "lines", W={"minimum_fill": 6})).quantity == 4


def test_a_vehicle_too_small_for_everything_in_time() -> None:
    heavy = (Item("tent", "tent", 1_000_000, 1_000),)
    problem = one_line(
        items=heavy, vehicle_types=(truck(payload_g=3_000_000),), vehicles=(Vehicle("V0", "truck", "S0"),)
    )
    gap = only_gap(with_rows(problem, "lines", W={"due_at": 2 * HOUR}))
    assert gap.reasons[0].code is Why.VEHICLES
    assert gap.quantity + 3 <= 10
    more = tuple(Vehicle(f"V{n}", "truck", "S0") for n in range(4))
    bays = with_rows(replace(problem, vehicles=more), "sites", S0={"loading_bays": 4})
    assert planned(with_rows(bays, "lines", W={"due_at": 2 * HOUR})).gaps == ()


@pytest.mark.parametrize("need", [{"needs_refrigeration": True}, {"is_towed": True}])
def test_no_vehicle_with_the_equipment(need: dict[str, bool]) -> None:
    problem = one_line(items=(Item("tent", "tent", 1_000, 1_000, **need),))
    assert only_reason(problem).code is Why.EQUIPMENT
    fit = replace(problem, vehicle_types=(truck(is_refrigerated=True, tow_capacity_g=10_000),))
    assert planned(fit).gaps == ()


def test_the_commanders_word() -> None:
    for mode, quantity, given in ((LockMode.FORBID, 0, 0), (LockMode.AT_MOST, 3, 3), (LockMode.EXACTLY, 4, 4)):
        gap = only_gap(one_line(locks=(Lock("L", "W", mode, quantity),)))
        params = {"source_id": "L", "mode": mode.value, "quantity": quantity, "given": given}
        assert (gap.quantity, gap.reasons) == (10 - given, (Reason(Why.LOCKED, params),))


def test_a_lock_that_cannot_be_kept_is_told_even_where_the_line_is_served() -> None:
    """The commander wants 30 of the old lot of 20 for A; A gets its 40 tents all the same, and is told."""
    problem = with_rows(small(), "lots", tent_new={"quantity": 60})
    problem = replace(problem, locks=(Lock("tent-old", "A-tent", LockMode.AT_LEAST, 30),))
    solution = solve(problem, Budget(iterations=5))
    assert check(problem, solution).violations == ()
    told = {gap.line_id: gap for gap in solution.gaps}["A-tent"]
    assert (told.quantity, told.late) == (0, 0)
    assert [(reason.code, reason.params["given"]) for reason in told.reasons] == [(Why.LOCKED, 20)]
