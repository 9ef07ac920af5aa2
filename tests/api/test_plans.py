"""Plans over the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import SYSTEM, Role
from supplyops.planning import queries
from supplyops.runtime import Runtime
from tests.api.test_incident_side import Program
from tests.house import CITY, TENT
from tests.once import once
from tests.planning.town import Town, build_town
from tests.web.site import Site


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 40))
    town.house.stock(town.house.lot(), 60)
    return town


@pytest.fixture
def site(town: Town, tmp_path: Path) -> Site:
    return Site(town.house, tmp_path)


def test_started_solved_and_approved_by_programs(town: Town, site: Site) -> None:
    program, approver = Program(site, Role.COMMANDER), Program(site, Role.APPROVER)
    (incident,) = program.get("/incidents/")
    order = {"incident": incident["number"], "iterations": 3, "seed": 4}
    answer = program.send("POST", "/plans/", order)
    assert (answer.status_code, answer.json["state"]) == (202, "solving")
    number = answer.json["number"]
    assert program.send("POST", "/plans/", order).json["number"] == number, "the same key gives the same plan"
    busy = program.send("POST", "/plans/", order, key="other")
    assert (busy.status_code, busy.json["code"]) == (409, "plan_running")
    town.solve(town.runtime.read(queries.head, SYSTEM, number).id)
    found = program.get(f"/plans/{number}")
    assert (found["head"]["state"], found["lines"][0]["quantity"], found["gaps"]) == ("draft", 40, [])
    assert found["coverage"][0]["served_permille"] == 1000
    assert program.get(f"/plans/{number}/problem")["id"] == number
    assert program.get(f"/plans/{number}/solution")["run"]["seed"] == 4
    own = program.send("POST", f"/plans/{number}/parts/{CITY}/approve", key="a")
    assert own.status_code == 403
    done = approver.send("POST", f"/plans/{number}/parts/{CITY}/approve", {"note": "同意"})
    assert (done.status_code, done.json["head"]["state"], done.json["parts"][0]["note"]) == (200, "decided", "同意")


def test_made_near_another_and_read_beside_it(town: Town, site: Site) -> None:
    program = Program(site, Role.COMMANDER)
    (incident,) = program.get("/incidents/")
    first = town.head(town.plan()).number
    town.request((TENT, 5))
    order = {"incident": incident["number"], "iterations": 3, "near": True}
    alone = program.send("POST", "/plans/", order, key="alone")
    assert (alone.status_code, alone.json["code"]) == (422, "invalid_input")
    number = program.send("POST", "/plans/", {**order, "based_on": first}, key="near").json["number"]
    town.solve(town.runtime.read(queries.head, SYSTEM, number).id)
    found = program.get(f"/plans/{number}/changes")
    assert (found["before"]["number"], found["changed"], found["counts"]["added"]) == (first, 0, 1)
    assert found["reached"]["served_permille"] == {"1": 1000}
    assert (found["forced"], found["forced_permille"], found["chosen"], found["chosen_permille"]) == (0, 0, 0, 0)
    assert found["gains"]["served_permille"]["1"] > 0
    assert {row["is_forced"] for row in found["goods"]} == {False}


def test_cancel_locks_and_refusals(town: Town, site: Site) -> None:
    program = Program(site, Role.COMMANDER)
    (incident,) = program.get("/incidents/")
    number = program.send("POST", "/plans/", {"incident": incident["number"]}).json["number"]
    assert program.send("POST", f"/plans/{number}/cancel", key="c").json["state"] == "cancelled"
    lock = {
        "source": "nothing:there",
        "request_line_id": "01900000-0000-7000-8000-000000000001",
        "mode": "exactly",
        "quantity": 3,
    }
    refused = program.send("POST", "/plans/", {"incident": incident["number"], "locks": [lock]}, key="d")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "lock_line_not_open")
    number = town.head(town.plan()).number
    approver = Program(site, Role.APPROVER)
    refused = approver.send("POST", f"/plans/{number}/parts/{CITY}/refuse", {"note": " "})
    assert (refused.status_code, refused.json["code"]) == (422, "reason_required")
    floor = {"site_code": "city-store", "sku": TENT, "owner_code": CITY, "quantity": 5, "basis": "市长令"}
    refused = approver.send("POST", f"/plans/{number}/floors", floor, key="f")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "above_floor")
    assert program.get(f"/plans/{number}/floors") == []


def test_what_would_help_is_asked_for_and_read(town: Town, site: Site) -> None:
    program, keeper = Program(site, Role.COMMANDER), Program(site, Role.KEEPER)
    town.request((TENT, 50))
    number = town.head(town.plan()).number
    assert program.get(f"/plans/{number}/advice")["state"] is None
    order = {"trials": 12}
    started = program.send("POST", f"/plans/{number}/advice", order)
    assert (started.status_code, started.json["state"]) == (202, "running")
    busy = program.send("POST", f"/plans/{number}/advice", order, key="other")
    assert (busy.status_code, busy.json["code"]) == (409, "advice_running")
    assert keeper.send("POST", f"/plans/{number}/advice/cancel", key="k").status_code == 403
    assert program.send("POST", f"/plans/{number}/advice/cancel", key="c").json["state"] == "cancelled"
    program.send("POST", f"/plans/{number}/advice", order, key="again")
    town.advise(number)
    found = program.get(f"/plans/{number}/advice")
    assert (found["state"], found["gaps"][0]["reasons"][0]["standing"]) == ("done", "holds")
    assert [each["code"] for each in found["remedies"] if each["proof"] == "proven"] == ["add_stock"]
