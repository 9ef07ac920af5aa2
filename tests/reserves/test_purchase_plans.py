"""Purchase plans: drafted from gaps and expiries, changed with reasons, decided by another; the report on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.contracts.rules import ContractLineInput
from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.papers.tables import NumberSeries, Paper
from supplyops.people.rules import Level
from supplyops.reserves import commands, plan_queries
from supplyops.reserves.plan_queries import PurchasePlanRow
from supplyops.reserves.plan_rules import (
    PurchasePlanDecision,
    PurchasePlanEdit,
    PurchasePlanInput,
    PurchasePlanLineInput,
    PurchasePlanState,
)
from supplyops.reserves.tables import PurchasePlan, PurchasePlanLine
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import ReceiptLineInput
from supplyops.verify.books import verify
from tests.api.test_basics import with_token
from tests.cli.conftest import Line, line, settings
from tests.documents.printing import texts
from tests.house import CITY, QUILT, TENT, VILLAGE, WATER, House
from tests.once import once
from tests.reserves.shelves import build_reserves, change_item, contract
from tests.stock.test_store_documents import receipt
from tests.verify.test_tampering import violated, without_guards
from tests.web.site import Site

__all__ = ["line", "settings"]
WANTED = PurchasePlanInput(Level.CITY, "654004", 2026)
APPROVED = PurchasePlanDecision(True)


@pytest.fixture
@once
def house(runtime: Runtime) -> House:
    """70 tents of 100, 8 of them good to the end of the year's last day; 2,000 boxes of water, all of which expire."""
    found = build_reserves(runtime)
    change_item(found, TENT, pack_quantity=4, pack_unit="包")
    found.stock(found.lot(), 62)
    found.stock(found.lot(expires_on=date(2026, 12, 31)), 8)
    found.stock(found.lot(WATER, expires_on=date(2026, 6, 1)), 2000)
    return found


@pytest.fixture
def clerk(house: House) -> Actor:
    return house.actor(Role.CLERK)


@pytest.fixture
def site(house: House, tmp_path: Path) -> Site:
    return Site(house, tmp_path)


def row(house: House, plan: UUID) -> PurchasePlanRow:
    return house.runtime.read(plan_queries.purchase_plan_by_id, house.actor(Role.CLERK), plan)


def counts(house: House) -> list[Any]:
    kinds = (PurchasePlan, PurchasePlanLine, Paper)
    with house.runtime.database.read() as session:
        found: list[Any] = [session.scalar(select(func.count()).select_from(kind)) for kind in kinds]
        return [
            *found,
            session.scalar(select(func.sum(PurchasePlan.version))),
            session.scalar(select(func.sum(NumberSeries.last))),
        ]


def draft(house: House, clerk: Actor) -> UUID:
    return house.runtime.run(commands.draft_purchase_plan, clerk, WANTED)


def edited(house: House, clerk: Actor, plan: UUID, *lines: PurchasePlanLineInput) -> int:
    return house.runtime.run(
        commands.edit_purchase_plan, clerk, plan, row(house, plan).version, PurchasePlanEdit(lines)
    )


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "gap"),
    [
        (date(2026, 1, 1), date(2026, 12, 30), 2000),
        (date(2026, 1, 1), date(2026, 12, 31), 1500),
        (date(2026, 7, 1), date(2027, 6, 30), 1500),
        (date(2027, 1, 1), date(2027, 12, 31), 2000),
    ],
)
def test_a_plan_counts_on_contracts_that_are_in_force_at_its_end(
    house: House, clerk: Actor, valid_from: date, valid_to: date, gap: int
) -> None:
    contract(house, [ContractLineInput("HT-1", 1, 1000, 28_00, sku=WATER)], valid_from=valid_from, valid_to=valid_to)
    plan = house.runtime.run(commands.draft_purchase_plan, clerk, WANTED)
    assert {line.sku: line.drafted for line in row(house, plan).lines}[WATER] == gap


def drafted(house: House, clerk: Actor, year: int) -> dict[str, tuple[int, int, int]]:
    """Item -> (what others mean to buy, gap, drafted) of a fresh plan; the plan stays."""
    plan = house.runtime.run(commands.draft_purchase_plan, clerk, replace(WANTED, year=year))
    return {line.sku: (line.planned, line.gap, line.drafted) for line in row(house, plan).lines}


@pytest.mark.every_engine
def test_plans_of_two_years_do_not_count_the_same_gap(house: House, clerk: Actor) -> None:
    first = draft(house, clerk)
    assert {line.sku: line.drafted for line in row(house, first).lines} == {TENT: 40, WATER: 2000}
    assert drafted(house, clerk, 2027) == {WATER: (0, 2000, 2000)}, "tents are planned; water of 2026 is gone by then"
    edited(house, clerk, first, PurchasePlanLineInput(TENT, 20, reason="分两年采购"))
    assert drafted(house, clerk, 2028)[TENT] == (20, 18, 20)
    keeper = house.actor(Role.KEEPER)
    arrived = ReceiptLineInput(TENT, 16, 16, unit_price_fen=1)
    house.runtime.run(stock.receive, keeper, replace(receipt(arrived), arrived_at=house.runtime.clock()))
    assert TENT not in drafted(house, clerk, 2029), "16 lie there, 4 are left of 2026, 20 are planned for 2028"
    house.runtime.run(commands.cancel_purchase_plan, clerk, first, row(house, first).version, "另行采购")
    assert drafted(house, clerk, 2030)[TENT] == (4, 18, 20), "what came in is now of what 2028 wanted"
    assert draft(house, clerk) != first
    assert [each.id for each in verify(house.runtime.database) if not each.is_clean] == []


def test_what_one_plan_leaves_another_one_says_on_paper(house: House, clerk: Actor) -> None:
    edited(house, clerk, draft(house, clerk), PurchasePlanLineInput(TENT, 20, reason="分两年采购"))
    plan = house.runtime.run(commands.draft_purchase_plan, clerk, replace(WANTED, year=2027))
    house.runtime.run(commands.submit_purchase_plan, clerk, plan, row(house, plan).version)
    approver = house.actor(Role.APPROVER)
    house.runtime.run(commands.decide_purchase_plan, approver, plan, row(house, plan).version, APPROVED)
    with house.runtime.database.read() as session:
        (paper,) = session.scalars(select(Paper).where(Paper.form == "purchase_plan"))
        assert paper.content["basis"].endswith("其他年度计划待采购的数量不再计入缺口")


def test_gaps_and_what_expires_in_the_year_are_drafted_in_whole_packages(house: House, clerk: Actor) -> None:
    plan = row(house, draft(house, clerk))
    assert (plan.number, plan.state, plan.year, plan.version) == (
        "CG-654004-20260112-0001",
        PurchasePlanState.DRAFT,
        2026,
        1,
    )
    found = {each.sku: each for each in plan.lines}
    tent, water = found[TENT], found[WATER]
    assert (tent.target, tent.usable, tent.expiring, tent.gap, tent.drafted, tent.quantity) == (100, 62, 8, 38, 40, 40)
    assert (water.target, water.usable, water.expiring, water.gap, water.quantity) == (2000, 0, 2000, 2000, 2000)
    assert plan.amount_fen == 40 * 3_200_00 + 2000 * 28_00
    assert QUILT not in found, "nothing without a target"
    with pytest.raises(Conflict) as refused:
        draft(house, clerk)
    assert refused.value.code == "purchase_plan_exists"


def test_from_draft_to_paper(house: House, clerk: Actor) -> None:
    run = house.runtime.run
    plan = draft(house, clerk)
    edited(
        house,
        clerk,
        plan,
        PurchasePlanLineInput(TENT, 20, 3_000_00, "分两年补足"),
        PurchasePlanLineInput(QUILT, 10, reason="新增"),
    )
    found = {each.sku: each for each in row(house, plan).lines}
    assert (found[TENT].quantity, found[TENT].unit_price_fen, found[TENT].drafted) == (20, 3_000_00, 40)
    assert (found[QUILT].quantity, found[QUILT].drafted, found[QUILT].line_no) == (10, 0, 3)
    run(commands.submit_purchase_plan, clerk, plan, 2)
    approver = house.actor(Role.APPROVER)
    with pytest.raises(InvalidInput):
        PurchasePlanDecision(False)
    run(commands.decide_purchase_plan, approver, plan, 3, PurchasePlanDecision(False, "压减"))
    assert row(house, plan).state is PurchasePlanState.DRAFT
    run(commands.submit_purchase_plan, clerk, plan, 4)
    run(commands.decide_purchase_plan, approver, plan, 5, APPROVED)
    done = row(house, plan)
    assert (done.state, done.decided_by, done.version) == (PurchasePlanState.APPROVED, "approver.654004", 6)
    with house.runtime.database.read() as session:
        (paper,) = session.scalars(select(Paper))
        assert (paper.form, paper.number, [each["quantity"] for each in paper.content["lines"]]) == (
            "purchase_plan", done.number, [20, 2000, 10],
        )  # fmt: skip
    with pytest.raises(WrongState):
        edited(house, clerk, plan, PurchasePlanLineInput(TENT, 40))
    assert [each for each in verify(house.runtime.database) if not each.is_clean] == []


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda h, c, p: edited(h, c, p, PurchasePlanLineInput(TENT, 39)), InvalidInput),
        (lambda h, c, p: edited(h, c, p, PurchasePlanLineInput(QUILT, 1)), InvalidInput),
        (lambda h, c, p: edited(h, c, p, PurchasePlanLineInput("Z99999", 1, reason="x")), InvalidInput),
        (lambda h, c, p: h.runtime.run(commands.submit_purchase_plan, c, p, 7), Conflict),
        (lambda h, c, p: h.runtime.run(commands.submit_purchase_plan, c, p, None), Conflict),
        (lambda h, c, p: h.runtime.run(commands.submit_purchase_plan, h.actor(Role.APPROVER), p, 1), Forbidden),
        (lambda h, c, p: h.runtime.run(commands.decide_purchase_plan, h.actor(Role.APPROVER), p, 1, APPROVED), WrongState),
        (lambda h, c, p: h.runtime.run(commands.decide_purchase_plan, c, p, 1, APPROVED), Forbidden),
        (lambda h, c, p: h.runtime.run(commands.cancel_purchase_plan, c, p, 1, " "), InvalidInput),
        (lambda h, c, p: h.runtime.run(commands.cancel_purchase_plan, h.actor(Role.CLERK, VILLAGE), p, 1, "x"), NotFound),
        (lambda h, c, p: h.runtime.run(commands.draft_purchase_plan, c, PurchasePlanInput(Level.CITY, "654004", 2025)), InvalidInput),
        (lambda h, c, p: h.runtime.run(commands.draft_purchase_plan, c, PurchasePlanInput(Level.CITY, "1", 2027)), NotFound),
        (lambda h, c, p: h.runtime.run(commands.draft_purchase_plan, h.actor(Role.CLERK, VILLAGE), WANTED), NotFound),
    ],
)  # fmt: skip
def test_a_refusal_leaves_nothing(
    house: House, clerk: Actor, spoil: Callable[[House, Actor, UUID], object], error: type[Exception]
) -> None:
    plan = draft(house, clerk)
    before = counts(house)
    with pytest.raises(error):
        spoil(house, clerk, plan)
    assert counts(house) == before


def test_nobody_approves_what_they_prepared_and_no_keeper_does(house: House, clerk: Actor) -> None:
    from supplyops.kernel.access import SYSTEM
    from supplyops.people import commands as people
    from supplyops.people.rules import RoleInput

    run = house.runtime.run
    plan = draft(house, clerk)
    other = house.actor(Role.APPROVER)
    for name, role in (("clerk.654004", Role.APPROVER), ("approver.654004", Role.KEEPER)):
        run(people.grant_role, SYSTEM, RoleInput(name, role, CITY))
    run(commands.submit_purchase_plan, clerk, plan, 1)
    for actor, code in ((clerk, "own_document"), (other, "keeper_decides")):
        with pytest.raises(Forbidden) as refused:
            run(commands.decide_purchase_plan, actor, plan, 2, APPROVED)
        assert refused.value.code == code


def test_a_plan_that_was_given_up_makes_room(house: House, clerk: Actor) -> None:
    plan = draft(house, clerk)
    house.runtime.run(commands.cancel_purchase_plan, clerk, plan, 1, "重新测算")
    assert row(house, plan).state is PurchasePlanState.CANCELLED
    assert draft(house, clerk) != plan


def test_planted_violations_are_found(house: House, clerk: Actor) -> None:
    plan = draft(house, clerk)
    house.runtime.run(commands.submit_purchase_plan, clerk, plan, 1)
    house.runtime.run(commands.decide_purchase_plan, house.actor(Role.APPROVER), plan, 2, APPROVED)
    assert violated(house.runtime.database) == set()
    without_guards(house.runtime.database, "UPDATE purchase_plan SET decided_by_id = created_by_id")
    assert "I72" in violated(house.runtime.database)


def test_on_pages_as_files_and_on_paper(site: Site) -> None:
    clerk, approver = site.browser(Role.CLERK), site.browser(Role.APPROVER)
    clerk.get("/reserves/plans/new")
    clerk.post("/reserves/plans/new", place="city:654004", year="2026", note="列入预算")
    number = "CG-654004-20260112-0001"
    page = f"/reserves/plans/{number}"
    assert "年内到期" in clerk.get(page)
    fields = {"version": "1", "lines-0-sku": TENT, "lines-0-quantity": "9包", "lines-0-reason": ""}
    assert "请写明原因" in clerk.post(page, 422, **fields).get_data(as_text=True)
    clerk.get(page)
    clerk.post(page, **{**fields, "lines-0-reason": "少买一包"})
    clerk.get(page)
    assert "已被他人修改" in clerk.post(f"{page}/submit", 409, version="1").get_data(as_text=True)
    clerk.get(page)
    clerk.post(f"{page}/submit", version="2")
    approver.get(page)
    approver.post(f"{page}/decide", 422, version="3", verdict="return", note="")
    approver.get(page)
    approver.post(f"{page}/decide", version="3", verdict="approve", note="同意")
    assert "已批准" in approver.get(page)
    workbook = clerk.client.get(f"{page}/file/xlsx")
    assert (workbook.status_code, workbook.data[:2]) == (200, b"PK")
    clerk.get("/reserves/items?level=city&area=654004")
    clerk.post("/reserves/report", level="city", area="654004")
    client, headers = site.app.test_client(), with_token(site)
    printed = "".join(texts(client.get(f"/api/v1/papers/{number}/pdf", headers=headers).data))
    for said in ("应急物资年度采购计划", "少买一包", "36", "人民币"):
        assert said in printed, said
    report = "".join(texts(client.get("/api/v1/papers/CB-654004-20260112-0001/pdf", headers=headers).data))
    for said in ("应急物资储备充足性报告", "70.0%", "冬季"):
        assert said in report, said
    site.browser(Role.KEEPER).post("/reserves/report", 403, level="city", area="654004")


def test_over_the_api_and_the_command_line(site: Site, line: Line) -> None:
    client, headers = site.app.test_client(), with_token(site)
    made = client.post(
        "/api/v1/purchase-plans/",
        json={"level": "city", "area_code": "654004", "year": 2026},
        headers={**headers, "Idempotency-Key": "a"},
    )
    assert made.status_code == 201, made.json
    number = (made.json or {})["number"]
    address = f"/api/v1/purchase-plans/{number}"
    edit = {"lines": [{"sku": TENT, "quantity": 44, "reason": "多备一包"}]}
    changed = client.patch(address, json=edit, headers={**headers, "Idempotency-Key": "b", "If-Match": "1"})
    assert (changed.json or {})["version"] == 2, changed.json
    assert (
        client.post(f"{address}/submit", headers={**headers, "Idempotency-Key": "c", "If-Match": "1"}).status_code
        == 409
    )
    assert (
        client.post(f"{address}/submit", headers={**headers, "Idempotency-Key": "d", "If-Match": "2"}).status_code
        == 200
    )
    site.house.actor(Role.APPROVER)
    assert "已退回" in line("reserve", "plan", "return", number, "--note", "再算", "--as", "approver.654004")
    line("reserve", "plan", "edit", number, TENT, "--quantity", "40", "--as", "clerk.654004")
    line("reserve", "plan", "submit", number, "--as", "clerk.654004")
    line("reserve", "plan", "approve", number, "--as", "clerk.654004", code=6)
    line("reserve", "plan", "approve", number, "--as", "approver.654004")
    assert [each["state"] for each in line.json("reserve", "plan", "list", "--as", "clerk.654004")] == ["approved"]
    assert "12m²棉帐篷" in line("reserve", "plan", "show", number, "--as", "clerk.654004")
    assert "CB-654004" in line("reserve", "report", "--level", "市", "--area", "654004", "--as", "clerk.654004")
    body = {"level": "city", "area_code": "654004"}
    told = client.post("/api/v1/purchase-plans/reports", json=body, headers={**headers, "Idempotency-Key": "e"})
    assert (told.status_code, (told.json or {}).get("number", "")[:3]) == (201, "CB-")
