"""A count, a store's rounds, duty and the morning list, as they are typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import Role
from tests.cli.conftest import Line
from tests.dispatch.world import World
from tests.house import CITY_STORE

Name = Callable[..., str]


def test_a_count_from_start_to_the_books(world: World, line: Line, name_of: Name) -> None:
    complete_parameters(world.runtime)
    world.house.stock(world.house.lot(number="L-COUNTED"), 120)
    keeper, clerk, approver = (name_of(role) for role in (Role.KEEPER, Role.CLERK, Role.APPROVER))
    told = line(
        "count", "start", "--site", CITY_STORE, "--kind", "专项", "--witness-name", "王平", "--freeze", "--as", keeper
    )
    found = re.search(r"PD-\S+?(?=,)", told)
    assert found
    number = found.group()
    shown = line.json("count", "show", number, "--as", approver)
    assert all(each["book"] is None and each["base_quantity"] is None for each in shown["lines"])
    assert "账面" not in line("count", "show", number, "--as", keeper)
    stock = {
        (row["location_code"], row["lot_number"]): row["on_hand"]
        for row in line.json("stock", "list", "--site", CITY_STORE, "--as", keeper)
    }
    figures = {each["line_no"]: stock[each["location_code"], each["lot_number"]] for each in shown["lines"]}
    figures[1] += 3
    assert "1=120" in line("count", "enter", number, "1:5", "--as", keeper, code=3)
    line("count", "enter", number, *(f"{no}={quantity}" for no, quantity in figures.items()), "--as", keeper)
    assert "有 1 行超出允许差异" in line("count", "submit", number, "--as", keeper)
    assert "复盘必须换一个人" in line("count", "enter", number, f"1={figures[1]}", "--as", keeper, code=6)
    line("count", "enter", number, f"1={figures[1]}", "--as", clerk)
    assert line.json("count", "submit", number, "--as", clerk)["state"] == "submitted"
    assert "没有说明原因" in line("count", "approve", number, "--as", approver, code=5)
    line("count", "explain", number, "1", "--reason", "漏记出入库", "--as", clerk)
    assert "没有此项操作的权限" in line("count", "approve", number, "--as", clerk, code=6)
    line("count", "approve", number, "--note", "同意", "--as", approver)
    assert line.json("count", "show", number, "--as", keeper)["row"]["state"] == "posted"
    assert [row["number"] for row in line.json("count", "list", "--as", keeper)] == [number]
    assert line.json("count", "due", "--as", keeper) == []
    line("verify")


def test_rounds_duty_and_the_morning(world: World, line: Line, name_of: Name, tmp_path: Path) -> None:
    complete_parameters(world.runtime)
    keeper, clerk = name_of(Role.KEEPER), name_of(Role.CLERK)
    line("upkeep", "interval", CITY_STORE, "消防检查", "10", "--starts-on", "2026-01-10", "--as", clerk)
    due = line.json("upkeep", "due", "--site", CITY_STORE, "--as", keeper)
    assert [(row["kind"], row["is_overdue"]) for row in due] == [("fire_check", True)]
    assert "必填" in line("upkeep", "record", CITY_STORE, "消防检查", "--finding", "灭火器失压", "--as", keeper, code=3)
    line(
        "upkeep", "record", CITY_STORE, "消防检查", "--finding", "灭火器失压", "--finding-due", "2026-01-15",
        "--responsible", "王平", "--as", keeper,
    )  # fmt: skip
    (finding,) = line.json("upkeep", "findings", "--as", keeper)
    morning = line.json("store", "morning", CITY_STORE, "--as", keeper)
    assert ("finding", "灭火器失压") in {(row["kind"], row["title"]) for row in morning["lines"]}
    assert "灭火器失压" in line("store", "morning", CITY_STORE, "--as", keeper)
    line("upkeep", "mend", finding["id"], "--note", "已换", "--as", keeper)
    assert line.json("upkeep", "findings", "--as", keeper) == []
    assert line.json("upkeep", "list", "--as", keeper)[0]["findings"][0]["closing_note"] == "已换"
    assert line.json("upkeep", "intervals", "--as", keeper)[0]["interval_days"] == 10
    told = line("duty", "hand-over", CITY_STORE, clerk, "--open-matters", "无", "--keys", "6把", "--as", keeper)
    found = re.search(r"JB-[0-9-]+", told)
    assert found
    assert "本人可以接班" in line("duty", "take", found.group(), "--as", keeper, code=6)
    line("duty", "take", found.group(), "--as", clerk)
    assert line.json("duty", "show", found.group(), "--as", keeper)["state"] == "taken"
    assert line.json("duty", "list", "--site", CITY_STORE, "--as", keeper)[0]["incoming_name"] == clerk
    file = tmp_path / "晨会.pdf"
    line("store", "print-morning", CITY_STORE, "-o", str(file), "--as", keeper)
    assert file.read_bytes().startswith(b"%PDF")
