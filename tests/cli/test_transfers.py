"""Transfers and obligations as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.cli.conftest import Line
from tests.exchange.city import csv_of
from tests.house import CITY, TENT, VILLAGE, VILLAGE_STORE
from tests.transfers.town import STREET, STREET_SHELF, STREET_STORE, Town


@pytest.fixture
def town(line: Line, runtime: Runtime) -> Town:
    """With twenty tents at the street's store."""
    town = Town(runtime)
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), 20, STREET_SHELF)
    return town


def name(town: Town, role: Role, organisation: str = CITY) -> str:
    town.actor(role, organisation)
    return f"{role.value}.{organisation}".replace("_", "-")


def test_a_transfer_from_the_command_line(line: Line, town: Town, tmp_path: Path) -> None:
    clerk, approver = name(town, Role.CLERK, VILLAGE), name(town, Role.APPROVER)
    sender, receiver = name(town, Role.KEEPER, STREET), name(town, Role.KEEPER, VILLAGE)
    creditor = name(town, Role.CLERK, STREET)
    file = tmp_path / "明细.csv"
    file.write_bytes(csv_of([{"物资编码": TENT, "数量": "12"}], "utf-8"))
    times = ("--send-by", "2026-01-12 16:00", "--arrive-by", "2026-01-12 22:00")
    ends = ("--from", STREET_STORE, "--to", VILLAGE_STORE, "--owner", STREET, "--reason", "帐篷不足")
    assert "先到期的先出" in line("transfer", "draft", "--columns")
    said = line("transfer", "draft", file, "--kind", "调剂", *ends, *times, "--as", clerk)
    number = said.removeprefix("已起草,编号 ").removesuffix("。\n")
    too_early = (
        "--carrier",
        "市车队",
        "--vehicle",
        "新F10001",
        "--driver",
        "马师傅",
        "--expected-at",
        "2026-01-12 14:00",
    )
    assert "尚未批准" in line("transfer", "send", number, *too_early, "--loaded", "1=11", "--as", sender, code=3)
    before = town.books()
    assert "共同的上级" in line("transfer", "approve", number, "--as", name(town, Role.APPROVER, VILLAGE), code=6)
    assert town.books() == before
    line("transfer", "approve", number, "--as", approver)
    sent = ("--carrier", "市车队", "--vehicle", "新F10001", "--driver", "马师傅", "--expected-at", "2026-01-12 14:00")
    assert "--short-reason" in line("transfer", "send", number, *sent, "--loaded", "1=11", "--as", sender, code=3)
    for typed, told in (("1=13", "第 1 行:不能大于 12"), ("9=1", "没有“9”这一行。可写:第 1 行"), ("1", "应写成")):
        said = line("transfer", "send", number, *sent, "--loaded", typed, "--as", sender, code=3)
        assert told in said
        assert "loaded." not in said
    line("transfer", "send", number, *sent, "--loaded", "1=11", "--short-reason", "一顶霉变", "--as", sender)
    assert "马师傅" in line("transfer", "road", "--as", receiver)
    [going] = line.json("transfer", "road", "--as", receiver)
    assert (going["number"], going["quantity"], going["is_overdue"]) == (number, 11, False)
    assert line.json("transfer", "road", "--overdue", "--as", receiver) == []
    too_many = ("transfer", "arrive", number, "--receiver", "古丽", "--good", "1=12", "--as", receiver)
    assert "第 1 行:签收合计 12 超过在途数 11" in line(*too_many, code=3)
    line(
        "transfer", "arrive", number, "--receiver", "古丽", "--damaged", "1=1", "--cause", "淋雨", "--as", receiver
    )  # fmt: skip
    shown = line.json("transfer", "show", number, "--as", clerk)
    assert (shown["state"], shown["lots"][0]["good"], shown["lots"][0]["damaged"]) == ("received", 10, 1)
    assert "破损" in line("transfer", "show", number, "--as", clerk)
    debt = shown["obligation"]
    assert [row["number"] for row in line.json("obligation", "list", "--open", "--as", creditor)] == [debt]
    said = line("obligation", "settle", debt, TENT, "4", "--amount", "360.50", "--voucher", "记-1", "--as", creditor)
    assert said == f"{debt}:已登记,尚欠 7。\n"
    line("obligation", "settle", debt, TENT, "8", "--amount", "360", "--voucher", "记-2", "--as", creditor, code=3)
    free = line("obligation", "settle", debt, TENT, "1", "--amount", "0", "--voucher", "记-3", "--as", creditor, code=3)
    assert "--amount:应为大于 0" in free
    shown = line.json("obligation", "show", debt, "--as", creditor)
    assert (shown["settlements"][0]["amount_fen"], shown["standing"]) == (36050, "partly")
    assert "700.00" in line("obligation", "ageing", "--as", creditor)
    assert line.json("obligation", "list", "--overdue", "--as", creditor) == []
    assert line.json("transfer", "list", "--open", "--as", clerk) == []


def test_calling_off_refusing_and_taking_back(line: Line, town: Town, tmp_path: Path) -> None:
    clerk, approver, sender = (
        name(town, Role.CLERK, VILLAGE),
        name(town, Role.APPROVER),
        name(town, Role.KEEPER, STREET),
    )
    file = tmp_path / "明细.csv"
    file.write_bytes(csv_of([{"物资编码": TENT, "数量": "2"}], "utf-8"))
    ends = ("--from", STREET_STORE, "--to", VILLAGE_STORE, "--owner", STREET, "--reason", "帐篷不足")
    times = ("--send-by", "2026-01-12 16:00", "--arrive-by", "2026-01-12 22:00")
    for _ in range(3):
        line("transfer", "draft", file, "--kind", "peer", *ends, *times, "--as", clerk)
    third, second, first = [row["number"] for row in line.json("transfer", "list", "--as", clerk)]
    line("transfer", "refuse", first, "--because", "紧张", "--as", approver)
    line("transfer", "cancel", second, "--because", "不需要", "--as", clerk)
    line("transfer", "approve", third, "--as", approver)
    sent = ("--carrier", "市车队", "--vehicle", "新F10001", "--driver", "马师傅", "--expected-at", "2026-01-12 14:00")
    line("transfer", "send", third, *sent, "--as", sender)
    line("transfer", "take-back", third, "--because", "断路", "--as", sender)
    states = {row["number"]: row["state"] for row in line.json("transfer", "list", "--as", clerk)}
    assert states == {first: "refused", second: "cancelled", third: "returned"}
    line("transfer", "change-owner", third, "--as", sender, code=5)


def test_a_transfer_that_comes_in_two_parts(line: Line, town: Town, tmp_path: Path) -> None:
    clerk, sender, receiver = (
        name(town, Role.CLERK, VILLAGE),
        name(town, Role.KEEPER, STREET),
        name(town, Role.KEEPER, VILLAGE),
    )
    file = tmp_path / "明细.csv"
    file.write_bytes(csv_of([{"物资编码": TENT, "数量": "12"}], "utf-8"))
    ends = ("--from", STREET_STORE, "--to", VILLAGE_STORE, "--owner", STREET, "--reason", "帐篷不足")
    times = ("--send-by", "2026-01-12 16:00", "--arrive-by", "2026-01-12 22:00")
    said = line("transfer", "draft", file, "--kind", "调剂", *ends, *times, "--as", clerk)
    number = said.removeprefix("已起草,编号 ").removesuffix("。\n")
    line("transfer", "approve", number, "--as", name(town, Role.APPROVER))
    sent = ("--vehicle", "新F10001", "--driver", "马师傅", "--expected-at", "2026-01-12 14:00")
    both = ("--carrier", "车队", "--carrier-code", CITY)
    assert "只用一种" in line("transfer", "send", number, *sent, *both, "--as", sender, code=3)
    line("transfer", "send", number, *sent, "--carrier-code", CITY, "--as", sender)
    arrive = ("transfer", "arrive", number, "--receiver", "古丽", "--as", receiver)
    line(*arrive, "--more", code=3)
    assert line(*arrive, "--more", "--good", "1=7") == f"{number}:部分到货。\n"
    shown = line.json("transfer", "show", number, "--as", clerk)
    assert (shown["state"], shown["carrier_code"], shown["lots"][0]["on_the_road"]) == ("partly", CITY, 5)
    [going] = line.json("transfer", "road", "--as", receiver)
    assert going["quantity"] == 5
    line(*arrive)
    shown = line.json("transfer", "show", number, "--as", clerk)
    assert [(one["is_last"], one["lines"][0]["good"]) for one in shown["arrivals"]] == [(False, 7), (True, 5)]
    assert shown["arrivals"][1]["receipt_number"] in line("transfer", "show", number, "--as", clerk)
