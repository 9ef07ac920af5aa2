"""Alternatives to a plan from the command line: worked out, read, one adopted."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.cli.conftest import Line
from tests.house import CITY, TENT
from tests.planning.town import STREET, STREET_POINT, Town, build_town

COMMANDER = "commander.654004"


@pytest.fixture
def town(line: Line, runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 60))
    town.request((TENT, 20), body=STREET, site=STREET_POINT)
    town.house.stock(town.house.lot(), 50)
    town.house.actor(Role.COMMANDER, CITY)
    return town


def test_alternatives_are_worked_out_read_and_adopted(town: Town, line: Line) -> None:
    number = town.head(town.plan()).number
    assert "还没有备选方案" in line("plan", "alternatives", number, "--as", COMMANDER)
    line("plan", "adopt", number, "均衡", "--as", COMMANDER, code=3)
    said = line("plan", "alternatives", number, "--solve", "--iterations", "3", "--as", COMMANDER)
    for text in ("满足最差的接收点", "61.6 伊车嘎善乡中学 +11.6", "均衡:独立校核通过", "节约:独立校核通过"):
        assert text in said, text
    found = line.json("plan", "alternatives", number, "--as", COMMANDER)
    assert (found["state"], len(found["variants"])) == ("done", 3)
    fair = found["variants"][1]["id"]
    assert "独立校核通过" in line("plan", "variant", number, fair, "--as", COMMANDER)
    assert line.json("plan", "variant", number, fair, "--as", COMMANDER)["variant"]["origin"] == "fair"
    line("plan", "adopt", number, "nonsense", "--as", COMMANDER, code=3)
    made = line.json("plan", "adopt", number, "均衡", "--as", COMMANDER)
    assert (made["state"], made["options"]["adopted"]["base"]) == ("draft", number)
    line("plan", "adopt", number, fair, "--as", COMMANDER, code=5)


def test_a_plan_is_written_to_a_sheet_edited_and_judged(town: Town, line: Line, tmp_path: Path) -> None:
    number = town.head(town.plan()).number
    file = tmp_path / "方案.csv"
    line("plan", "sheet", number, file, "--as", COMMANDER)
    said = line("plan", "judge", number, file, "--as", COMMANDER)
    assert "手工修改:独立校核通过,与本方案完全相同" in said
    text = file.read_text(encoding="utf-8-sig")
    file.write_text(text.replace(",40,", ",4000,").replace(",30,", ",3000,"), encoding="utf-8")
    said = line("plan", "judge", number, file, "--as", COMMANDER, code=1)
    assert "用量超过现有数量" in said
    listed = line.json("plan", "variants", number, "--as", COMMANDER)
    assert [(row["note"], row["is_feasible"]) for row in listed] == [("方案.csv", False), ("方案.csv", True)]
    assert "通过" in line("plan", "variants", number, "--as", COMMANDER)
    file.write_text(text.replace("新F1", "新X9"), encoding="utf-8")
    assert "方案.csv 第 2 行“车牌”列" in line("plan", "judge", number, file, "--as", COMMANDER, code=3)
    problem = tmp_path / "解.json"
    line("plan", "problem", number, problem, "--solution", "--as", COMMANDER)
    assert line.json("plan", "judge", number, problem, "--as", COMMANDER)["variant"]["is_feasible"] is True
