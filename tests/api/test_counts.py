"""Counts, rounds, duty and the morning list over the API: blind there too, keyed, refused in words with codes."""

from __future__ import annotations

from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import Role
from tests.api.test_incident_side import REFUSED, Program
from tests.conftest import Clock
from tests.house import CITY_STORE, TENT
from tests.web.site import Site


def test_a_count_by_programs(site: Site) -> None:
    complete_parameters(site.house.runtime)
    lot = site.house.lot(number="L-1")
    site.house.stock(lot, 1_237)
    keeper, clerk, approver, auditor = (
        Program(site, role) for role in (Role.KEEPER, Role.CLERK, Role.APPROVER, Role.AUDITOR)
    )
    wanted = {"kind": "special", "site_code": CITY_STORE, "witness": "auditor.654004", "is_frozen": True}
    assert keeper.send("POST", "/counts/", {**wanted, "witness": "keeper.654004"}, key="x").status_code == 422
    made = keeper.send("POST", "/counts/", wanted)
    assert made.status_code == 201, made.get_data(as_text=True)
    assert keeper.send("POST", "/counts/", wanted).json == made.json, "the same key is the same count"
    number = made.json["row"]["number"]
    for program in (keeper, clerk, approver, auditor):
        assert "1237" not in str(program.get(f"/counts/{number}"))
    issue = {
        "kind": "distribution", "site_code": CITY_STORE, "owner_code": "654004", "recipient": "x", "purpose": "y",
        "lines": [{"sku": TENT, "quantity": 7}],
    }  # fmt: skip
    refused = keeper.send("POST", "/stock-documents/issues", issue, key="i1")
    assert (refused.status_code, refused.json["code"], refused.content_type) == (409, "place_frozen", REFUSED)
    assert keeper.send("POST", "/stock-documents/issues?freeze_bypass=雪中转移", issue, key="i1").status_code == 201
    entries = {"entries": [{"line_no": 1, "quantity": 1_228}]}
    assert auditor.send("POST", f"/counts/{number}/entries", entries).status_code == 403
    keeper.send("POST", f"/counts/{number}/entries", entries, key="e1")
    assert keeper.send("POST", f"/counts/{number}/submit", key="s1").json["code"] == "witness_missing"
    assert auditor.send("POST", f"/counts/{number}/witness").status_code == 200
    again = keeper.send("POST", f"/counts/{number}/submit", key="s1").json
    assert (again["row"]["state"], again["lines"][0]["book"], again["row"]["left"]) == ("recounting", None, 1)
    clerk.send("POST", f"/counts/{number}/entries", entries, key="e2")
    told = clerk.send("POST", f"/counts/{number}/submit", key="s2").json
    line = told["lines"][0]
    assert (line["base_quantity"], line["moved"], line["book"], line["difference"]) == (1_237, -7, 1_230, -2)
    assert told["bypasses"][0]["because"] == "雪中转移"
    clerk.send("POST", f"/counts/{number}/explanations", {"lines": [{"line_no": 1, "reason": "issuing"}]}, key="x1")
    assert approver.send("POST", f"/counts/{number}/approve", {"note": "同意"}).json["row"]["state"] == "posted"
    assert site.house.balance(lot) == (1_228, 0)
    assert keeper.get("/counts/due") == []
    assert keeper.send("GET", "/counts/due?by=morgen").status_code == 422
    assert [row["number"] for row in auditor.get("/counts/")] == [number]


def test_a_stores_day_by_programs(site: Site, clock: Clock) -> None:
    complete_parameters(site.house.runtime)
    site.house.stock(site.house.lot(number="L-1"), 10)
    clock.advance(days=8)
    keeper, clerk = Program(site, Role.KEEPER), Program(site, Role.CLERK)
    assert {row["kind"] for row in keeper.get("/upkeep/due")} == {"inspection", "ventilation"}
    done = {
        "site_code": CITY_STORE, "kind": "inspection", "result": "finding", "finding": "漏雨", "responsible": "王平",
        "finding_due_on": "2026-01-25",
    }  # fmt: skip
    made = keeper.send("POST", "/upkeep/rounds", done)
    assert made.status_code == 201, made.get_data(as_text=True)
    assert (
        keeper.send(
            "POST", "/upkeep/rounds", {**done, "lots": [{"lot_number": "L-1", "location_code": "x"}]}, key="2"
        ).status_code
        == 422
    )
    (finding,) = keeper.get("/upkeep/findings")
    mended = keeper.send("POST", f"/upkeep/findings/{finding['id']}/mend", {"note": "已补"}, key="m")
    assert mended.json["closing_note"] == "已补"
    saved = clerk.send(
        "PUT", "/upkeep/intervals", {"intervals": [{"site_code": CITY_STORE, "kind": "damp", "interval_days": 9}]}
    )
    assert saved.json["added"] == 1
    over = {"site_code": CITY_STORE, "incoming": "clerk.654004", "open_matters": "无", "keys": "6把"}
    number = keeper.send("POST", "/duty/", over, key="d").json["number"]
    assert keeper.send("POST", f"/duty/{number}/take", {}, key="t").status_code == 403
    assert clerk.send("POST", f"/duty/{number}/take", {}, key="t").json["state"] == "taken"
    assert keeper.get(f"/stores/{CITY_STORE}/morning")["on_duty"] == "clerk.654004"
    assert keeper.send("POST", f"/stores/{CITY_STORE}/morning/papers", key="p").status_code == 201
