"""A late request and the plan that stands, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.cli.conftest import Line
from tests.house import CITY, QUILT, TENT
from tests.planning.test_inserting import named
from tests.planning.town import STREET, STREET_POINT, Town, build_town

COMMANDER = "commander.654004"


@pytest.fixture
def town(line: Line, runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 20))
    town.house.stock(town.house.lot(), 60)
    town.house.stock(town.house.lot(sku=QUILT), 200)
    town.house.actor(Role.COMMANDER, CITY)
    return town


def test_short_lines_are_listed_ways_are_found_printed_and_adopted(town: Town, line: Line, tmp_path: Path) -> None:
    number = town.head(town.plan()).number
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    request_number, line_no = named(town, late)
    reference = f"{request_number}:{line_no}"
    assert reference in line("plan", "insert", number, "--as", COMMANDER)
    assert "还没有查找过" in line("plan", "insert", number, reference, "--last", "--as", COMMANDER)
    assert "应写成 申请单号:行号" in line("plan", "insert", number, "something", "--as", COMMANDER, code=3)
    line("plan", "insert", number, "XQ-9:1", "--as", COMMANDER, code=4)
    said = line("plan", "insert", number, reference, "--tries", "300", "--as", COMMANDER)
    for text in (
        "顺路绕行",
        "第 1 车次",
        "加开车次",
        "霍尔果斯市库",
        "按时",
        "通过",
        "不影响其他接收点",
        f"plan adopt {number} ",
    ):
        assert text in said, text
    assert "+00:00" not in said
    found = line.json("plan", "insert", number, reference, "--last", "--as", COMMANDER)
    assert (found["state"], found["line"]["asked"], found["offers"][0]["serves"]) == ("done", 40, 40)
    assert line.json("plan", "insert", number, "--as", COMMANDER)[0]["offers"] == len(found["offers"])
    file = tmp_path / "研判.pdf"
    line("plan", "print", number, "alternatives", "-o", file, "--as", COMMANDER, code=4)
    line("plan", "print", number, "changes", "-o", file, "--as", COMMANDER, code=4)
    line("plan", "print", number, "late", "-o", file, "--as", COMMANDER, code=3)
    assert not file.exists()
    line("plan", "print", number, "late", reference, "-o", file, "--as", COMMANDER)
    line("plan", "print", number, "late", reference, "-o", file, "--as", COMMANDER)
    assert file.read_bytes().startswith(b"%PDF")
    papers = [row for row in line.json("paper", "list", "--as", COMMANDER) if row["form"] == "plan_study"]
    assert {row["number"] for row in papers} == {"YP-654004-20260112-0001"}, "one a plan and question, in versions"
    made = line.json("plan", "adopt", number, found["offers"][0]["variant_id"], "--as", COMMANDER)
    assert (made["state"], made["options"]["adopted"]["origin"]) == ("draft", "late")
    line("plan", "insert", made["number"], reference, "--as", COMMANDER, code=5)
