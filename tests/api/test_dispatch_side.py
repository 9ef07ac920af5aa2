"""Orders, papers, contracts, teams, vehicles and store documents over the API."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from supplyops.stock.tables import StockMove
from supplyops.teams import commands as teams
from tests.api.test_basics import with_token
from tests.conftest import Clock
from tests.dispatch.world import CONTRACT, PLATE, SUPPLIER, World, build_world, number_one_by_one
from tests.documents.printing import outline, texts
from tests.house import CITY, FARM, TENT, VILLAGE
from tests.teams.test_missions import TEAM
from tests.web.site import Site


@pytest.fixture
def world(runtime: Runtime) -> World:
    return build_world(runtime)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    return Site(world.house, tmp_path)


class Program:
    """A program with a token of its own; each write has a fresh key unless one is given."""

    def __init__(self, site: Site, role: Role, at: str = CITY) -> None:
        self._client, self._headers = site.app.test_client(), with_token(site, role, at)
        self._keys = itertools.count()

    def get(self, address: str, status: int = 200) -> Any:
        answer = self._client.get(f"/api/v1{address}", headers=self._headers)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.json if answer.mimetype.endswith("json") else answer.data

    def post(self, address: str, data: Any = None, status: int = 200, key: str | None = "") -> Any:
        headers = dict(self._headers)
        if key is not None:
            headers["Idempotency-Key"] = key or f"k{next(self._keys)}-{address}"
        answer = self._client.post(f"/api/v1{address}", json=data, headers=headers)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.json if answer.mimetype.endswith("json") else answer.data


def test_an_order_from_acceptance_to_signature(site: Site, world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(40)))
    keeper, village = Program(site, Role.KEEPER), Program(site, Role.CUSTODIAN, VILLAGE)
    (row,) = keeper.get("/consignments/?open=1")
    assert (row["state"], row["steps"], row["plate"]) == ("ordered", ["accept"], PLATE)
    address, line = f"/consignments/{row['number']}", row["lines"][0]["id"]
    assert keeper.post(f"{address}/accept")["state"] == "accepted"
    short = keeper.post(f"{address}/load", {"loaded": {line: 30}}, 422)
    assert [error["field"] for error in short["errors"]] == ["short_reason"]
    loaded = keeper.post(f"{address}/load", {"loaded": {line: 30}, "short_reason": "破损"}, key="once")
    assert loaded["lines"][0]["loaded"] == 30
    assert (
        keeper.post(f"{address}/load", {"loaded": {line: 30}, "short_reason": "破损"}, key="once")["state"] == "loaded"
    )
    assert len([move for move in world.rows(StockMove) if move.reason.value == "dispatch"]) == 1
    assert keeper.post(f"/shipments/{row['shipment_number']}/depart")["state"] == "departed"
    clock.advance(hours=1)
    handover = {
        "receiver": "古丽", "position": "", "phone": "", "arrived_at": "2026-01-12T10:55:00+08:00",
        "lines": [{"line_id": line, "good": 29}], "cause": "丢失",
    }  # fmt: skip
    assert village.post(f"{address}/deliver", handover)["state"] == "delivered"
    assert [found["quantity"] for found in village.get(f"{address}/discrepancies")] == [1]
    assert [found["number"] for found in village.get(f"/shipments/{row['shipment_number']}/consignments")] == [
        row["number"]
    ]
    (instruction,) = Program(site, Role.CLERK).get("/instructions/")
    assert (instruction["state"], instruction["delivered"]) == ("done", 1)


def test_a_write_needs_its_key_and_a_foreigner_sees_nothing(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    number, trip = world.consignment().number, world.shipment().number
    keeper, farm = Program(site, Role.KEEPER), Program(site, Role.CUSTODIAN, FARM)
    before = world.books()
    assert keeper.post(f"/consignments/{number}/accept", status=400, key=None)["code"] == "key_missing"
    assert farm.get("/consignments/") == []
    for address in (f"/consignments/{number}", f"/shipments/{trip}", f"/papers/{number}", f"/papers/{number}/pdf"):
        assert farm.get(address, 404)["code"] == "not_found"
    farm.post(f"/consignments/{number}/accept", status=404)
    assert Program(site, Role.CUSTODIAN, VILLAGE).post(f"/consignments/{number}/accept", status=403)["title"]
    assert keeper.post(f"/shipments/{trip}/depart", status=409)["code"] == "wrong_state"
    assert world.books() == before
    dispatcher = Program(site, Role.DISPATCHER)
    assert dispatcher.post(f"/consignments/{number}/cancel", {"because": ""}, 422)["errors"][0]["field"] == "because"
    assert dispatcher.post(f"/consignments/{number}/cancel", {"because": "不需要"})["state"] == "cancelled"


def test_papers_are_listed_read_and_printed(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    clerk = Program(site, Role.CLERK)
    rows = clerk.get("/papers/?valid=1")
    assert sorted(row["form"] for row in rows) == ["allocation_slip", "release_instruction", "supply_request"]
    number = world.consignment().number
    assert clerk.get(f"/papers/{number}")["content"]["lines"][0]["quantity"] == 40
    assert "查阅件" in texts(clerk.get(f"/papers/{number}/pdf"))[0]
    first = clerk.post(f"/papers/{number}/print", {"copies": ["接收(蓝)"]}, key="p1")
    assert clerk.post(f"/papers/{number}/print", {"copies": ["接收(蓝)"]}, key="p1") == first
    assert "补打" not in texts(first)[0]
    assert "补打" in texts(clerk.post(f"/papers/{number}/print", {}))[0]
    assert clerk.post(f"/papers/{number}/print", {"copies": ["粉"]}, 422)["errors"][0]["code"] == "unknown_choice"
    incident = rows[0]["incident_id"]
    number = next(row["number"] for row in clerk.get("/incidents/") if row["id"] == incident)
    assert len(outline(clerk.get(f"/papers/incidents/{number}/pdf"))) == 3
    clerk.get("/papers/incidents/none/pdf", 404)


def test_a_contract_is_called_answered_and_settled(site: Site, world: World) -> None:
    approver, supplier = Program(site, Role.APPROVER), Program(site, Role.SUPPLIER, SUPPLIER)
    contract = approver.get(f"/contracts/{CONTRACT}")
    order = {
        "contract_id": contract["id"], "basis": "抗震", "incident_id": str(world.incident_id),
        "cause": {"kind": "incident", "id": str(world.incident_id), "number": "SJ"},
        "lines": [{
            "contract_line_id": contract["lines"][0]["id"], "quantity": 50, "due_at": "2026-01-13T10:00:00+08:00",
            "delivery_site_id": str(world.house.sites["village-store"]),
        }],
    }  # fmt: skip
    row = approver.post("/call-offs/", order, 201)
    item = row["items"][0]["id"]
    assert approver.get(f"/contracts/{CONTRACT}")["lines"][0]["called"] == 50
    assert [found["number"] for found in supplier.get("/call-offs/?state=notified")] == [row["number"]]
    address = f"/call-offs/{row['number']}"
    assert supplier.post(f"{address}/confirm", {"by": "李", "promised": {item: 51}}, 422)["errors"]
    assert supplier.post(f"{address}/confirm", {"by": "李", "promised": {item: 40}})["state"] == "confirmed"
    assert supplier.post(f"{address}/ship")["state"] == "shipped"
    village = Program(site, Role.CUSTODIAN, VILLAGE)
    assert [found["promised"] for found in village.get("/expected/")] == [40]
    arrival = {
        "call_off_id": row["id"], "site_code": "village-store", "fund_source": "应急资金",
        "arrived_at": "2026-01-12T09:59:00+08:00", "lines": [{"item_id": item, "accepted": 30}],
    }  # fmt: skip
    number_one_by_one(world)
    refused = village.post("/call-offs/arrivals", with_serials(arrival, 29), 422)
    assert [error["field"] for error in refused["errors"]] == ["lines.0.serial_numbers"]
    receipt = village.post("/call-offs/arrivals", with_serials(arrival, 30), 201)
    assert (receipt["kind"], receipt["lines"][0]["actual"]) == ("receipt", 30)
    assert len(village.get("/assets/?text=W-")) == 30
    assert approver.post(f"{address}/cancel", {"because": "x"}, 409)["code"] == "wrong_state"
    assert approver.post(f"{address}/close", {"because": "停产"})["state"] == "closed"
    Program(site, Role.CLERK, FARM).get(address, 404)


def with_serials(arrival: dict[str, Any], count: int) -> dict[str, Any]:
    """The same goods, so many of them with their numbers."""
    return {
        **arrival,
        "lines": [{**line, "serial_numbers": [f"W-{n}" for n in range(count)]} for line in arrival["lines"]],
    }


def test_a_team_is_sent_and_reports(site: Site, world: World) -> None:
    world.runtime.run(teams.save_teams, world.actor(Role.CLERK), [TEAM])
    commander = Program(site, Role.COMMANDER)
    number = commander.get("/incidents/")[0]["number"]
    mission = {
        "team_code": TEAM.code, "persons": 20, "task": "搜救", "place": "伊车嘎善乡", "muster_place": "院内",
        "muster_at": "2026-01-12T10:30:00+08:00", "arrive_by": "2026-01-12T12:00:00+08:00", "command_relation": "归现场指挥部指挥",
    }  # fmt: skip
    row = commander.post("/missions/", {"incident": number, "mission": mission}, 201)
    leader = Program(site, Role.TEAM_LEADER)
    step = {"state": "confirmed", "happened_at": "2026-01-12T10:00:00+08:00"}
    assert leader.post(f"/missions/{row['number']}/steps", step, 201)["state"] == "confirmed"
    assert leader.post(f"/missions/{row['number']}/steps", {**step, "state": "engaged"}, 409)["code"] == "wrong_state"
    assert commander.get(f"/teams/{TEAM.code}")["state"] == "mobilised"
    clerk, readiness = Program(site, Role.CLERK), f"/teams/{TEAM.code}/readiness"
    assert clerk.post(f"/teams/{TEAM.code}/state", {"state": "rest"}, 409)
    known = clerk.post(readiness, {"works_at_night": "unknown", "works_at_minus_30": "yes"})
    assert (known["works_at_night"], known["works_at_minus_30"]) == (None, True)
    for bad in ({"works_at_night": "yes"}, {"works_at_night": "maybe", "works_at_minus_30": "no"}):
        clerk.post(readiness, bad, 422)
    commander.post(readiness, {"works_at_night": "no", "works_at_minus_30": "no"}, 403)
    assert commander.get(f"/teams/{TEAM.code}") == known


def test_vehicles_and_store_documents(site: Site, world: World) -> None:
    clerk, keeper = Program(site, Role.CLERK), Program(site, Role.KEEPER)
    assert clerk.post(f"/vehicles/{PLATE}/state", {"state": "out"})["state"] == "out"
    assert [row["plate"] for row in clerk.get("/vehicles/?state=out")] == [PLATE]
    assert clerk.post(f"/vehicles/{PLATE}/state", {"state": "on_trip"}, 409)
    clerk.get("/vehicles/?state=flying", 422)
    receipt = {
        "kind": "purchase", "site_code": "city-store", "owner_code": CITY, "source": "帐篷厂", "fund_source": "市级财政",
        "arrived_at": "2026-01-12T09:00:00+08:00", "lines": [{"sku": TENT, "expected": 10, "accepted": 10}],
    }  # fmt: skip
    row = keeper.post("/stock-documents/receipts", receipt, 201)
    lot = row["lines"][0]["lot_number"]
    move = {"site_code": "city-store", "reason": "抽检", "lines": [{"lot_number": lot, "from_code": "city-shelf", "to_code": "city-quarantine", "quantity": 4}]}  # fmt: skip
    assert keeper.post("/stock-documents/transfers", move, 201)["lines"][0]["target_name"] == "市库待检区"
    issue = {
        "kind": "distribution", "site_code": "city-store", "owner_code": CITY, "recipient": "群众", "purpose": "安置",
        "lines": [{"sku": TENT, "quantity": 7}],
    }  # fmt: skip
    assert keeper.post("/stock-documents/issues", issue, 409)["code"] == "not_enough_to_pick"
    issue["lines"][0]["quantity"] = 6  # type: ignore[index]
    issued = keeper.post("/stock-documents/issues", issue, 201)
    back = keeper.post(f"/stock-documents/{issued['number']}/reverse", {"because": "录错"})
    assert back["state"] == "reversed"
    assert {found["kind"] for found in keeper.get("/stock-documents/")} == {"receipt", "transfer", "issue"}


def test_every_address_is_in_the_document(site: Site) -> None:
    document = site.app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    validate(document)
    for path in ("consignments/{number}/load", "papers/{reference}/pdf", "call-offs/arrivals", "missions/{number}/steps", "vehicles/{plate}/state", "jobs/{job_id}/cancel", "stock-documents/receipts"):  # fmt: skip
        assert f"/api/v1/{path}" in document["paths"], path
    writes = [
        operation
        for operations in document["paths"].values()
        for verb, operation in operations.items()
        if verb in {"post", "put", "patch", "delete"}
    ]
    assert all(any(p.get("name") == "Idempotency-Key" for p in each["parameters"]) for each in writes)
