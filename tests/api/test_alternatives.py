"""Alternatives to a plan over the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.api.test_incident_side import Program
from tests.house import TENT
from tests.planning.test_alternatives import work
from tests.planning.town import STREET, STREET_POINT, Town, build_town
from tests.web.site import Site


@pytest.fixture
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 60))
    town.request((TENT, 20), body=STREET, site=STREET_POINT)
    town.house.stock(town.house.lot(), 50)
    return town


def test_started_compared_and_adopted_by_programs(town: Town, tmp_path: Path) -> None:
    site = Site(town.house, tmp_path)
    program, keeper = Program(site, Role.COMMANDER), Program(site, Role.KEEPER)
    plan_id = town.plan()
    number = town.head(plan_id).number
    where = f"/plans/{number}/alternatives"
    assert program.get(where)["state"] is None
    started = program.send("POST", where, {"iterations": 3})
    assert (started.status_code, started.json["state"]) == (202, "running")
    busy = program.send("POST", where, {"iterations": 3}, key="other")
    assert (busy.status_code, busy.json["code"]) == (409, "alternatives_running")
    assert keeper.send("POST", f"{where}/cancel", key="k").status_code == 403
    both = program.send("POST", where, {"iterations": 3, "seconds": 3}, key="both")
    assert both.status_code == 422
    work(town, plan_id)
    found = program.get(where)
    assert [each["origin"] for each in found["variants"]] == ["fast", "fair", "frugal"]
    fair = found["variants"][1]
    assert (fair["is_feasible"], fair["figures"]["deltas"]["poorest_permille"]) == (True, 116)
    variant = f"/plans/{number}/variants/{fair['id']}"
    assert program.get(variant)["variant"]["id"] == fair["id"]
    assert keeper.send("POST", f"{variant}/adopt", key="k2").status_code == 403
    made = program.send("POST", f"{variant}/adopt", key="a")
    assert (made.status_code, made.json["head"]["options"]["adopted"]["base"]) == (201, number)
    again = program.send("POST", f"{variant}/adopt", key="a")
    assert again.json["head"]["number"] == made.json["head"]["number"], "the same key adopts once"
    late = program.send("POST", f"{variant}/adopt", key="b")
    assert (late.status_code, late.json["code"]) == (409, "variant_adopted")


def test_an_edited_plan_is_judged_for_programs(town: Town, tmp_path: Path) -> None:
    site = Site(town.house, tmp_path)
    program, keeper = Program(site, Role.COMMANDER), Program(site, Role.KEEPER)
    number = town.head(town.plan()).number
    rows = [line["row"] for line in program.get(f"/plans/{number}/sheet")]
    same = program.send("POST", f"/plans/{number}/variants", {"rows": rows}, key="same")
    assert (same.status_code, same.json["variant"]["figures"]["is_same"]) == (201, True)
    wrong = program.send("POST", f"/plans/{number}/variants", {"rows": [{**rows[0], "source": "x"}]}, key="wrong")
    assert (wrong.status_code, wrong.json["errors"][0]["code"]) == (422, "not_in_plan")
    huge = program.send("POST", f"/plans/{number}/variants", {"rows": [{**rows[0], "quantity": 10**18}]}, key="huge")
    assert huge.status_code == 422
    none = program.send("POST", f"/plans/{number}/variants", {"rows": []}, key="none")
    assert (none.status_code, none.json["variant"]["figures"]["reached"]["trips"]) == (201, 0)
    assert keeper.send("POST", f"/plans/{number}/variants", {"rows": rows}, key="k").status_code == 403
    solution = program.get(f"/plans/{number}/solution")
    found = program.send("POST", f"/plans/{number}/variants/solution", {"solution": solution}, key="s")
    assert (found.status_code, found.json["variant"]["is_feasible"]) == (201, True)
    solution["trips"][0]["distance_m"] = 1
    found = program.send("POST", f"/plans/{number}/variants/solution", {"solution": solution}, key="t")
    assert "wrong_distance" in {each["code"] for each in found.json["variant"]["violations"]}
    assert "第 1 车次(" in next(
        each["text"] for each in found.json["variant"]["violations"] if each["code"] == "wrong_distance"
    )
    broken = program.send("POST", f"/plans/{number}/variants/solution", {"solution": {"trips": 1}}, key="u")
    assert (broken.status_code, broken.json["code"]) == (422, "not_a_solution")
    assert "allocations 缺少这一项" in str(broken.json)
    assert "trips 应为列表" in str(broken.json)
    assert "required" not in str(broken.json)
    listed = program.get(f"/plans/{number}/variants")
    assert [each["is_feasible"] for each in listed][-1] is True
