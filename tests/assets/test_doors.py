"""Numbered units on the pages, over the API and as they are typed: in with a receipt, out and back, worked on, out of order."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from supplyops.kernel.access import Role
from supplyops.stock import commands as store
from supplyops.stock.documents import IssueLineInput
from supplyops.stock.rules import AssetState
from supplyops.stock.tables import Asset, StockDocument
from tests.api.test_basics import with_token
from tests.assets.conftest import GENERATOR, TODAY, Depot
from tests.cli.conftest import Line, line, settings  # noqa: F401  fixtures
from tests.conftest import START
from tests.house import CITY, CITY_STORE, OFFICE
from tests.stock.test_store_documents import issue
from tests.web.site import Site


@pytest.fixture
def site(depot: Depot, tmp_path: Path) -> Site:
    return Site(depot, tmp_path)


def units(depot: Depot) -> dict[str, Asset]:
    with depot.runtime.database.read() as session:
        return {row.serial_number: row for row in session.scalars(select(Asset))}


def documents(depot: Depot) -> int:
    with depot.runtime.database.read() as session:
        return len(session.scalars(select(StockDocument)).all())


RECEIPT = {
    "site_code": CITY_STORE, "kind": "purchase", "owner_code": CITY, "source": "某厂", "fund_source": "市级财政",
    "arrived_at": "2026-01-12T10:00", "is_appearance_good": "1", "matches_list": "1", "lines-0-sku": GENERATOR,
    "lines-0-expected": "2", "lines-0-accepted": "2",
}  # fmt: skip


def test_the_receipt_pages_take_serial_numbers(site: Site, depot: Depot) -> None:
    keeper = site.browser(Role.KEEPER)
    keeper.get("/stock/receive")
    refused = keeper.post("/stock/receive", 422, **RECEIPT, **{"lines-0-serial_numbers": "G-1"})
    assert "序列号 1 个,合格 2 件" in refused.get_data(as_text=True)
    assert 'value="G-1"' in keeper.page
    assert (units(depot), documents(depot)) == ({}, 0)
    keeper.post("/stock/receive", **RECEIPT, **{"lines-0-serial_numbers": "G-1、G-2"})
    assert sorted(units(depot)) == ["G-1", "G-2"]
    quick = {"site_code": CITY_STORE, "kind": "donation", "source": "红十字会", "lines-0-sku": GENERATOR,
             "lines-0-quantity": "2", "lines-0-serial_numbers": "G-3,G-4"}  # fmt: skip
    keeper.get("/stock/receive/quick")
    keeper.post("/stock/receive/quick", **quick)
    assert sorted(units(depot)) == ["G-1", "G-2", "G-3", "G-4"]


def test_a_late_quick_receipt_is_shown_before_it_counts(site: Site, depot: Depot) -> None:
    keeper = site.browser(Role.KEEPER)
    given = {"site_code": CITY_STORE, "kind": "donation", "source": "红十字会", "lines-0-sku": GENERATOR,
             "lines-0-quantity": "2", "arrived_at": "2026-01-12T02:00"}  # fmt: skip
    keeper.get("/stock/receive/quick")
    keeper.post("/stock/receive/quick", 200, **given)
    assert "这是补录,请先核对影响" in keeper.page
    assert documents(depot) == 0
    keeper.post("/stock/receive/quick", **given, step="confirm")
    assert "补录" in keeper.get("/stock/documents?late=1")
    assert documents(depot) == 1


def test_out_back_worked_on_and_out_of_order_on_the_pages(site: Site, depot: Depot) -> None:
    depot.lot_of(2)
    depot.register("G-1", "G-2")
    numbers = {serial: row.number for serial, row in units(depot).items()}
    keeper = site.browser(Role.KEEPER)
    page = keeper.get(f"/assets/hand-out?number={numbers['G-1']}&number={numbers['G-2']}")
    assert all(number in page for number in numbers.values())
    slip = {"asset_numbers": "G-1\nG-2", "organisation_code": OFFICE, "received_by": "马志强", "purpose": "抗洪值守",
            "due_on": f"{TODAY + timedelta(days=7)}", "condition": "good"}  # fmt: skip
    assert "不存在" in keeper.post("/assets/hand-out", 422, **{**slip, "asset_numbers": "G-9"}).get_data(as_text=True)
    loan = str(keeper.post("/assets/hand-out", **slip).location.rsplit("/", 1)[1])
    assert {row.state for row in units(depot).values()} == {AssetState.LENT}
    assert "领用单" in keeper.get(f"/assets/loans/{loan}")
    line_of = {
        number: place for place, number in re.findall(r'name="lines-(\d+)-asset_number" value="([^"]+)"', keeper.page)
    }
    at = f"lines-{line_of[numbers['G-1']]}-"
    back = {
        "returned_by": "马志强",
        f"{at}asset_number": numbers["G-1"],
        f"{at}is_back": "1",
        f"{at}condition": "damaged",
    }
    keeper.post(f"/assets/loans/{loan}", 422, **back)
    assert units(depot)["G-1"].state is AssetState.LENT, "what is damaged says how"
    keeper.post(f"/assets/loans/{loan}", **back, **{f"{at}defects": "漏油"})
    found = units(depot)
    assert (found["G-1"].state, found["G-1"].defect, found["G-2"].state) == (
        AssetState.OUT_OF_ORDER, "漏油", AssetState.LENT,
    )  # fmt: skip
    assert "漏油" in keeper.get(f"/assets/{numbers['G-1']}")
    work = {"kind": "repair", "done_on": f"{TODAY}", "done_by": "维修站", "result": "passed", "back_in_service": "1"}
    keeper.get(f"/assets/{numbers['G-1']}/work")
    keeper.post(f"/assets/{numbers['G-1']}/work", 422, **{**work, "result": "failed"})
    keeper.post(f"/assets/{numbers['G-1']}/work", **work)
    assert units(depot)["G-1"].state is AssetState.READY
    keeper.get(f"/assets/{numbers['G-1']}")
    keeper.post(f"/assets/{numbers['G-1']}/out-of-order", 422, defect=" ")
    keeper.post(f"/assets/{numbers['G-1']}/out-of-order", defect="起动困难", follow_up_on=f"{TODAY}")
    assert "起动困难" in keeper.get("/assets/due")
    keeper.get(f"/assets/{numbers['G-1']}")
    keeper.post(f"/assets/{numbers['G-1']}/restore", because="换火花塞")
    assert "换火花塞" in keeper.get(f"/assets/{numbers['G-1']}")
    auditor = site.browser(Role.AUDITOR)
    assert "领用选中的资产" not in auditor.get("/assets")
    auditor.get("/assets/hand-out", 403)
    auditor.post(f"/assets/{numbers['G-1']}/out-of-order", 403, defect="x")


def test_a_unit_that_was_given_out_is_said_to_be_where_it_is_in_chinese(site: Site, depot: Depot) -> None:
    depot.lot_of(1)
    depot.register("G-1")
    depot.runtime.run(store.issue, depot.actor(Role.KEEPER), issue(IssueLineInput(GENERATOR, 1)))
    keeper = site.browser(Role.KEEPER)
    told = [keeper.get("/assets?gone=1"), keeper.get(f"/assets/{units(depot)['G-1'].number}")]
    told.append(keeper.client.get("/api/v1/lists/assets/csv?gone=1").get_data(as_text=True))
    for page in told:
        assert "已发放使用" in page
        assert not re.search(r">\s*consumed|,consumed", page.replace("virtual-consumed,", ""))


def test_maintenance_and_calibration_that_are_due_stand_in_the_morning_list(site: Site, depot: Depot) -> None:
    depot.lot_of(1)
    depot.register("G-1")
    keeper = site.browser(Role.KEEPER)
    page = keeper.get(f"/stores/{CITY_STORE}/morning")
    assert "更换机油" not in page
    with depot.runtime.database.write() as session:
        session.scalars(select(Asset)).one().in_service_on = TODAY - timedelta(days=400)
    page = keeper.get(f"/stores/{CITY_STORE}/morning")
    assert all(text in page for text in ("更换机油", "绝缘检定"))


def test_a_program_does_the_same(site: Site, depot: Depot) -> None:
    client, keeper = site.app.test_client(), with_token(site, Role.KEEPER)
    keys = count()

    def post(path: str, status: int = 200, **body: Any) -> Any:
        headers = {**keeper, "Idempotency-Key": f"k{next(keys)}"}
        answer = client.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.get_json()
        return answer.get_json()

    receipt = {
        "kind": "purchase", "site_code": CITY_STORE, "owner_code": CITY, "source": "某厂", "fund_source": "市级财政",
        "arrived_at": START.isoformat(),
    }  # fmt: skip
    goods = {"sku": GENERATOR, "expected": 2, "accepted": 2, "serial_numbers": ["G-1", "G-2"]}
    post("/stock-documents/receipts", 201, **receipt, lines=[goods])
    refused = post("/stock-documents/receipts", 422, **receipt, lines=[goods])
    assert next((each["field"], each["code"]) for each in refused["errors"]) == (
        "lines.0.serial_numbers",
        "serial_taken",
    )
    quick = {"site_code": CITY_STORE, "source": "红十字会", "arrived_at": (START - timedelta(hours=6)).isoformat(),
             "lines": [{"sku": GENERATOR, "quantity": 1, "serial_numbers": ["G-3"]}]}  # fmt: skip
    effect = post("/stock-documents/quick-receipts/effect", **quick)
    assert (effect["is_late"], effect["rows"][0]["now_after"], sorted(units(depot))) == (True, 1, ["G-1", "G-2"])
    post("/stock-documents/quick-receipts", 201, **quick)
    assert sorted(units(depot)) == ["G-1", "G-2", "G-3"]
    loan = post(
        "/assets/loans", 201, asset_numbers=["G-1"], organisation_code=OFFICE, received_by="马志强", purpose="值守",
        due_on=f"{TODAY + timedelta(days=3)}",
    )  # fmt: skip
    number = units(depot)["G-1"].number
    post("/assets/loans", 409, asset_numbers=["G-1"], organisation_code=OFFICE, received_by="马", purpose="值守",
         due_on=f"{TODAY + timedelta(days=3)}")  # fmt: skip
    back = {"returned_by": "马志强", "lines": [{"asset_number": number, "condition": "worn", "meter_hours": 120}]}
    assert post(f"/assets/loans/{loan['number']}/return", **back)["closed_at"]
    done = {
        "kind": "maintenance",
        "done_on": f"{TODAY}",
        "done_by": "维修站",
        "plan_name": "更换机油",
        "meter_hours": 120,
    }
    assert post("/assets/G-1/works", 201, **done)["meter_hours"] == 120
    assert post("/assets/G-1/out-of-order", defect="漏油")["state"] == "out_of_order"
    due = client.get("/api/v1/assets/due", headers=keeper).get_json()
    assert ("repair", "G-1") in {(row["kind"], row["serial_number"]) for row in due}
    assert post("/assets/G-1/restore", because="换垫圈")["state"] == "ready"
    history = client.get("/api/v1/assets/G-1/history", headers=keeper).get_json()
    assert [event["kind"] for event in history][-1] == "registered"
    clerk = {**with_token(site, Role.AUDITOR), "Idempotency-Key": "a1"}
    refused = client.post("/api/v1/assets/G-1/out-of-order", json={"defect": "x"}, headers=clerk)
    assert refused.status_code == 403


def test_the_same_from_the_command_line(line: Line, depot: Depot, tmp_path: Path) -> None:  # noqa: F811
    depot.actor(Role.KEEPER)
    keeper = ("--as", f"keeper.{CITY}")
    file = tmp_path / "到货.csv"
    file.write_text(f"物资编码,应收数量,合格数量,序列号\n{GENERATOR},2,2,G-1、G-2\n", encoding="utf-8")
    receive = (
        "document",
        "receive",
        str(file),
        "--site",
        CITY_STORE,
        "--owner",
        CITY,
        "--source",
        "某厂",
        "--fund",
        "财政",
    )
    line(*receive, *keeper)
    assert "序列号 G-1、G-2 已在册" in line(*receive, *keeper, code=3)
    quick = ("document", "quick-receive", f"{GENERATOR}=1", "--site", CITY_STORE, "--source", "红十字会", *keeper)
    line(*quick, "--serials", "X=G-3", code=3)
    assert "序列号 2 个,合格 1 件" in line(*quick, "--serials", f"{GENERATOR}=G-3,G-4", code=3)
    late = ("--serials", f"{GENERATOR}=G-3", "--arrived-at", "2026-01-12 02:00")
    assert "以上为试算" in line(*quick, *late, "--try")
    assert documents(depot) == 1
    line(*quick, *late)
    assert sorted(units(depot)) == ["G-1", "G-2", "G-3"]
    out = ("asset", "hand-out", "G-1", "--organisation", OFFICE, "--received-by", "马志强", "--purpose", "值守")
    said = line(*out, "--due-on", f"{TODAY + timedelta(days=3)}", *keeper)
    loan = said.removeprefix("已领用,领用单编号 ").removesuffix("。\n")
    assert "还有 0 件未还" in line("asset", "hand-back", loan, "G-1", "--returned-by", "马志强", *keeper)
    work = ("asset", "work", "G-1", "保养", "--done-on", f"{TODAY}", "--done-by", "维修站", "--plan", "更换机油")
    line(*work, *keeper)
    line("asset", "out-of-order", "G-1", "--defect", "漏油", *keeper)
    assert next(row["kind"] for row in line.json("asset", "due", *keeper) if row["serial_number"] == "G-1") == "repair"
    line("asset", "restore", "G-1", "--because", "换垫圈", *keeper)
    assert line.json("asset", "show", "G-1", *keeper)["state"] == "ready"
