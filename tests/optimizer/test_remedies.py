"""What would help a plan: each kind of fix by itself with its exact smallest amount, and proofs and reasons on random problems."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optimizer.__main__ import main
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.codec import from_json, to_json
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
    ProblemError,
    Step,
    Vehicle,
)
from optimizer.remedies import Advice, Fix, Offer, Proof, Remedy, Standing, advise
from optimizer.remedies.candidates import candidates
from optimizer.remedies.change import apply
from optimizer.remedies.reasons import without
from optimizer.remedies.trial import STEPS, fare_of
from optimizer.solution import Reason, Solution, Why
from optimizer.solve import solve
from optimizer.travel import Roads
from optimizer.validate import validate
from tests.optimizer.make import HOUR, random_problem, small, truck, with_rows
from tests.optimizer.oracle import draw
from tests.optimizer.test_explain import one_line, planned


def advised(problem: Problem, *offers: Offer, trials: int = 60) -> Advice:
    return advise(problem, planned(problem), Budget(iterations=trials), offers=offers)


def the(advice: Advice, code: Fix) -> Remedy:
    (found,) = (remedy for remedy in advice.remedies if remedy.code is code)
    return found


def said(remedy: Remedy) -> tuple[Proof, int, bool, list[tuple[str, int]]]:
    return remedy.proof, remedy.amount, remedy.is_least, [(each.line_id, each.more) for each in remedy.effects]


def test_a_plan_without_gaps_needs_nothing() -> None:
    advice = advised(one_line())
    assert (advice.remedies, advice.reasons, advice.trials) == ((), (), 0)


def test_a_floor_is_lowered_by_exactly_what_the_line_lacks() -> None:
    """Twenty tents lie there, twelve have to stay, ten are asked for: two below the floor are enough, one is not."""
    problem = one_line(lots=(Lot("L", "S0", "tent", "city", 20),), floors=(Floor("S0", "tent", "city", 12),))
    advice = advised(problem)
    remedy = the(advice, Fix.LOWER_FLOOR)
    assert said(remedy) == (Proof.PROVEN, 2, True, [("W", 2)])
    assert remedy.persons == 6
    assert [(one.code, one.standing) for one in advice.reasons] == [(Why.FLOOR, Standing.HOLDS)]
    assert advice.remedies[0] == remedy, "what asks for least stands first"


def test_two_lines_that_lack_the_same_share_one_remedy() -> None:
    lines = (DemandLine("W", "D0", "tent", 6, 1, 30, 4 * HOUR), DemandLine("X", "D1", "tent", 6, 1, 30, 4 * HOUR))
    problem = one_line(
        lots=(Lot("L", "S0", "tent", "city", 20),), floors=(Floor("S0", "tent", "city", 14),), lines=lines
    )
    remedy = the(advised(problem), Fix.LOWER_FLOOR)
    assert said(remedy) == (Proof.PROVEN, 6, True, [("W", 3), ("X", 3)])


def test_a_deadline_is_moved_by_the_minute() -> None:
    """The earliest arrival is minute 57; the line is due at minute 30."""
    problem = with_rows(one_line(), "lines", W={"due_at": HOUR // 2})
    remedy = the(advised(problem), Fix.MOVE_DEADLINE)
    assert said(remedy) == (Proof.PROVEN, 27 * 60, True, [("W", 10)])


def test_a_closed_road_is_opened_and_only_that_one() -> None:
    problem = with_rows(one_line(), "edges", eD0={"is_open": False}, eD1={"is_open": False})
    remedy = the(advised(problem), Fix.OPEN_ROADS)
    assert (remedy.params["edge_ids"], remedy.proof) == (["eD0"], Proof.PROVEN)


@pytest.mark.parametrize(
    ("site", "limit", "fix", "amount"),
    [("S0", {"sends_g_max": 200_000}, Fix.ADD_CREWS, 300), ("D0", {"takes_cm3_max": 800_000}, Fix.ADD_ROOM, 1_200)],
)
def test_crews_and_room_are_added_as_far_as_the_line_needs(
    site: str, limit: dict[str, int], fix: Fix, amount: int
) -> None:
    """Ten tents of 50 kg and 200 litres each, of which four may leave or enter."""
    items = (Item("tent", "tent", 50_000, 200_000),)
    problem = with_rows(one_line(items=items), "sites", **{site: limit})
    assert said(the(advised(problem), fix)) == (Proof.PROVEN, amount, True, [("W", 6)])


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"is_open": False}, Why.NO_ROAD),
        ({"height_limit_cm": 100}, Why.ROAD_LIMIT),
        ({"is_ford": True}, Why.ROAD_LIMIT),
        ({"is_convoy_only": True}, Why.ROAD_LIMIT),
        ({"bridge_limit_kg": 1}, Why.ROAD_LIMIT),
        ({"snow_vehicles_only": True}, Why.ROAD_LIMIT),
        ({"size_class_max": 1}, Why.ROAD_LIMIT),
    ],
)
def test_whatever_bars_a_road_goes_when_it_is_opened(limit: dict[str, Any], reason: Why) -> None:
    """Both what would help and whether the reason holds."""
    problem = with_rows(
        one_line(vehicle_types=(truck(height_cm=300, size_class=3),)), "edges", eD0=limit, eD1={"is_open": False}
    )
    advice = advised(problem)
    remedy = the(advice, Fix.OPEN_ROADS)
    assert (remedy.params["edge_ids"], remedy.proof) == (["eD0"], Proof.PROVEN)
    assert {check.standing for check in advice.reasons if check.code in {reason, Why.NO_ROAD}} == {Standing.HOLDS}


def test_vehicles_are_added_one_by_one_until_the_line_is_served() -> None:
    """A truck holds three tents and cannot come twice in time; ten tents need three trucks more where bays suffice."""
    problem = one_line(
        items=(Item("tent", "tent", 1_000_000, 1_000),),
        vehicle_types=(truck(payload_g=3_000_000),),
        vehicles=(Vehicle("V0", "truck", "S0"),),
    )
    problem = with_rows(with_rows(problem, "lines", W={"due_at": 2 * HOUR}), "sites", S0={"loading_bays": 4})
    given = planned(problem).gaps[0].quantity
    remedy = the(advised(problem), Fix.ADD_VEHICLE)
    assert (remedy.proof, remedy.amount, remedy.effects[0].more) == (Proof.PROVEN, -(-given // 3), given)


def test_a_smallest_order_a_ramp_a_donor_and_a_lock() -> None:
    contract = Contract("C", "tent", "city", "S1", (Step(HOUR, 50),), Carriage.SUPPLIER, minimum_order=20)
    order = the(advised(one_line(lots=(), contracts=(contract,))), Fix.ORDER_MINIMUM)
    assert (order.proof, order.params["quantity"]) == (Proof.PROVEN, 20), "ten are needed, twenty have to be ordered"
    late = replace(contract, minimum_order=0, steps=(Step(2 * HOUR, 4), Step(9 * HOUR, 20)))
    ramp = the(advised(one_line(lots=(), contracts=(late,))), Fix.BRING_FORWARD)
    assert said(ramp) == (Proof.PROVEN, 5 * HOUR, True, [("W", 6)])
    kept = Lot("L", "S0", "tent", "city", 30, only_sites=("D1",))
    donor = the(advised(one_line(lots=(kept,))), Fix.LIFT_RESTRICTION)
    assert (donor.proof, donor.params["quantity"]) == (Proof.PROVEN, 10)
    locked = the(advised(one_line(locks=(Lock("L", "W", LockMode.AT_MOST, 3),))), Fix.LIFT_LOCK)
    assert said(locked) == (Proof.PROVEN, 1, True, [("W", 7)])


def test_a_line_that_takes_less_and_packs_that_are_opened() -> None:
    problem = with_rows(one_line(lots=(Lot("L", "S0", "tent", "city", 6),)), "lines", W={"minimum_fill": 8})
    less = the(advised(problem), Fix.ACCEPT_LESS)
    assert (less.proof, less.params["minimum_fill"], less.is_least) == (Proof.PROVEN, 6, True)
    packs = one_line(
        items=(Item("tent", "tent", 1_000, 1_000, pack_quantity=4, is_splittable=False),),
        lots=(Lot("L", "S0", "tent", "city", 11),),
    )
    opened = the(advised(packs), Fix.UNPACK)
    assert said(opened) == (Proof.PROVEN, 1, True, [("W", 2)])


def test_goods_outside_the_plan_are_named_before_goods_that_nobody_has() -> None:
    problem = one_line(lots=(Lot("L", "S0", "tent", "city", 4),))
    offer = Offer("outside_chain", Lot("farm", "S1", "tent", "farm", 50), params={"owner": "farm"})
    advice = advised(problem, offer)
    borrowed, more = the(advice, Fix.TAKE_OFFER), the(advice, Fix.ADD_STOCK)
    assert said(borrowed) == (Proof.PROVEN, 6, True, [("W", 6)])
    assert said(more) == (Proof.PROVEN, 6, True, [("W", 6)])
    assert advice.remedies.index(borrowed) < advice.remedies.index(more)


def test_who_took_it_is_put_to_the_test() -> None:
    lines = (DemandLine("W", "D0", "tent", 10, 2, 500, 4 * HOUR), DemandLine("life", "D1", "tent", 7, 1, 1, 4 * HOUR))
    (reason,) = advised(one_line(lines=lines)).reasons
    assert (reason.code, reason.standing, reason.alone) == (Why.HIGHER_CLASS, Standing.HOLDS, 7)


def test_reasons_that_explain_too_little_are_said_to_and_the_rest_is_named() -> None:
    """A donor's single tent would come too late: neither the donor's word nor the date alone is what is missing."""
    lots = (Lot("L", "S0", "tent", "city", 1, only_sites=("D1",)),)
    lines = (DemandLine("W", "D0", "tent", 10, 1, 30, 4 * HOUR, minimum_fill=5),)
    reasons = advised(one_line(lots=lots, lines=lines)).reasons
    assert [(one.place, one.code, one.standing) for one in reasons] == [
        (0, Why.RESTRICTED, Standing.NO_EFFECT),
        (1, Why.NO_STOCK, Standing.HOLDS),
    ]
    assert reasons[1].together == 10


def test_a_budget_that_ends_says_unproven_and_untried() -> None:
    problem = one_line(lots=(Lot("L", "S0", "tent", "city", 20),), floors=(Floor("S0", "tent", "city", 12),))
    advice = advised(problem, trials=1)
    assert {remedy.proof for remedy in advice.remedies} == {Proof.UNPROVEN}
    assert {reason.standing for reason in advice.reasons} == {Standing.UNTRIED}
    assert advice.run.stopped_by == "iterations"


def test_cancel_ends_it_and_another_problems_plan_is_refused() -> None:
    problem = one_line(lots=(Lot("L", "S0", "tent", "city", 4),))
    stopped = advise(problem, planned(problem), Budget(seconds=60, keep_going=lambda: False))
    assert (stopped.run.stopped_by, stopped.trials) == ("cancel", 0)
    with pytest.raises(ProblemError):
        advise(problem, planned(one_line()), Budget(iterations=1))


@pytest.mark.parametrize("seed", (0, 1, 2, 4, 6, 7, 10, 15, 22, 44))
def test_proofs_and_reasons_hold_on_tiny_problems(seed: int) -> None:
    """Each proof is solved again from nothing; each gap has a reason that holds; takers are what they are said to be."""
    _holds(draw(random.Random(seed), plain=seed % 2 == 0))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_proofs_and_reasons_hold_on_random_problems(seed: int) -> None:
    _holds(random_problem(seed, plenty=0.7, stores=2, villages=2, items=2, vehicles=2))


def _holds(problem: Problem) -> None:
    solution = solve(problem, Budget(iterations=STEPS))
    advice = advise(problem, solution, Budget(iterations=150))
    assert advice.run.stopped_by == "done"
    plan, lines = fare_of(problem, solution), {line.id: line for line in problem.lines}
    changes = {change.key: change for change in candidates(problem, solution, (), Roads(problem))}
    for remedy in [remedy for remedy in advice.remedies if remedy.proof is Proof.PROVEN][:3]:
        change = next(one for one in changes.values() if one.code is remedy.code and _same(one.params, remedy.params))
        changed = apply(problem, change, remedy.amount)
        again = solve(changed, Budget(iterations=STEPS))
        assert check(changed, again).is_feasible
        fare = fare_of(changed, again)
        for effect in remedy.effects:
            assert fare.in_time[effect.line_id] >= plan.in_time[effect.line_id] + effect.more
    for gap in [gap for gap in solution.gaps if gap.quantity]:
        mine = [reason for reason in advice.reasons if reason.line_id == gap.line_id]
        assert [reason.code for reason in mine][: len(gap.reasons)] == [reason.code for reason in gap.reasons]
        assert any(reason.standing is Standing.HOLDS for reason in mine), (gap, mine)
        for reason in gap.reasons:
            for taker in reason.params.get("lines", ()):
                higher = lines[taker["line_id"]].class_rank < lines[gap.line_id].class_rank
                assert higher == (reason.code is Why.HIGHER_CLASS)
                named = {each["source_id"] for each in reason.params["sources"]}
                given = sum(
                    a.quantity for a in solution.allocations if a.line_id == taker["line_id"] and a.source_id in named
                )
                assert given == taker["quantity"]


def _same(asked: dict[str, object], told: dict[str, object]) -> bool:
    return all(told.get(name) == value for name, value in asked.items())


def test_a_deadline_after_the_end_of_planning_is_not_brought_forward() -> None:
    problem = with_rows(small(), "lines", A_tent={"opens_at": 20 * HOUR, "due_at": 30 * HOUR})
    problem = replace(problem, rules=replace(problem.rules, horizon_s=10 * HOUR))
    validate(without(problem, "A-tent", Reason(Why.DEADLINE)))


def test_goods_laid_beside_a_line_that_nobody_reaches_are_laid_there_once() -> None:
    problem = one_line(lots=())
    problem = replace(problem, edges=tuple(replace(edge, is_open=False) for edge in problem.edges))
    advice = advise(problem, planned(problem), Budget(iterations=20))
    assert advice.run.stopped_by == "done"
    assert {(check.code, check.standing) for check in advice.reasons} == {(Why.NO_STOCK, Standing.NO_EFFECT)}


def test_the_command_says_it_in_json_and_in_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = one_line(lots=(Lot("L", "S0", "tent", "city", 4),))
    solution: Solution = planned(problem)
    offers = (Offer("outside_chain", Lot("farm", "S1", "tent", "farm", 50)),)
    for name, value in (("p", problem), ("s", solution), ("o", offers)):
        (tmp_path / name).write_text(json.dumps(to_json(value)), encoding="utf-8")
    words = ["why", str(tmp_path / "p"), str(tmp_path / "s"), "--offers", str(tmp_path / "o"), "--trials", "40"]
    assert main([*words, "--json"]) == 0
    advice = from_json(Advice, json.loads(capsys.readouterr().out))
    assert {Fix.TAKE_OFFER, Fix.ADD_STOCK} <= {remedy.code for remedy in advice.remedies}
    assert main(words) == 0
    assert "proven take_offer" in capsys.readouterr().out
    strange: Any = to_json(solution)
    strange["gaps"][0]["reasons"][0]["params"] = {"sources": ["nothing"], "lines": 5}
    (tmp_path / "s").write_text(json.dumps(strange), encoding="utf-8")
    assert main(words) == 0
    assert "proven take_offer" in capsys.readouterr().out, "reasons are worked out anew"
    strange["allocations"][0]["quantity"] = 99
    (tmp_path / "s").write_text(json.dumps(strange), encoding="utf-8")
    assert main(words) == 2
    assert "the plan is wrong" in capsys.readouterr().err
    (tmp_path / "s").write_text(json.dumps(to_json(solution)), encoding="utf-8")
    (tmp_path / "o").write_text('[{"code": "outside_chain"}]', encoding="utf-8")
    assert main(words) == 2
