"""A late request and the plan that stands, over the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.api.test_incident_side import Program
from tests.house import QUILT, TENT
from tests.once import once
from tests.planning.test_inserting import named, work
from tests.planning.town import STREET, STREET_POINT, Town, build_town
from tests.web.site import Site


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 20))
    town.house.stock(town.house.lot(), 60)
    town.house.stock(town.house.lot(sku=QUILT), 200)
    return town


def test_started_watched_and_adopted_by_programs(town: Town, tmp_path: Path) -> None:
    site = Site(town.house, tmp_path)
    program, keeper = Program(site, Role.COMMANDER), Program(site, Role.KEEPER)
    plan_id = town.plan()
    number = town.head(plan_id).number
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    (waiting,) = town.request((QUILT, 5), accept=False)
    request_number, line_no = named(town, late)
    where = f"/plans/{number}/insertions"
    listed = program.get(where)
    assert [(row["request_number"], row["asked"], row["served"]) for row in listed] == [(request_number, 40, 0)]
    wanted = {"request_number": request_number, "line_no": line_no, "tries": 200}
    started = program.send("POST", where, wanted)
    assert (started.status_code, started.json["state"]) == (202, "running")
    busy = program.send("POST", where, wanted, key="other")
    assert (busy.status_code, busy.json["code"]) == (409, "insertions_running")
    closed = program.send("POST", where, {"request_number": named(town, waiting)[0], "line_no": 1}, key="closed")
    assert (closed.status_code, closed.json["code"]) == (409, "wrong_state")
    nobody = program.send("POST", where, {"request_number": "XQ-9", "line_no": 1}, key="nobody")
    assert nobody.status_code == 404
    assert keeper.send("POST", where, wanted, key="k").status_code == 403
    wrong = program.send("POST", where, {**wanted, "line_no": 0}, key="wrong")
    assert wrong.status_code == 422
    work(town, plan_id, late)
    found = program.get(f"{where}/{request_number}/{line_no}")
    assert (found["state"], {offer["way"] for offer in found["offers"]}) == ("done", {"detour", "new_trip"})
    best = found["offers"][0]
    assert (best["is_feasible"], best["serves"], best["late_s"]) == (True, 40, 0)
    assert [piece["origin_site_name"] for piece in best["pieces"]] == ["霍尔果斯市库"]
    variant = f"/plans/{number}/variants/{best['variant_id']}"
    assert program.get(variant)["variant"]["origin"] == "late"
    assert keeper.send("POST", f"{variant}/adopt", key="k2").status_code == 403
    late_paper = {"kind": "late", "request_number": request_number, "line_no": line_no}
    paper = program.send("POST", f"/plans/{number}/papers", late_paper, key="p")
    assert (paper.status_code, paper.json["form"], paper.json["version"]) == (201, "plan_study", 1)
    assert program.send("POST", f"/plans/{number}/papers", {"kind": "alternatives"}, key="p2").status_code == 404
    assert program.send("POST", f"/plans/{number}/papers", {"kind": "late"}, key="p3").status_code == 422
    made = program.send("POST", f"{variant}/adopt", key="a")
    assert (made.status_code, made.json["head"]["options"]["adopted"]["origin"]) == (201, "late")
    again = program.send("POST", f"{variant}/adopt", key="a")
    assert again.json["head"]["number"] == made.json["head"]["number"], "the same key adopts once"
    assert program.send("POST", f"{where}/cancel", key="c").status_code == 404
