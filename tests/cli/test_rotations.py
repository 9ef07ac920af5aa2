"""Rotation as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from tests.cli.conftest import Line
from tests.dispatch.world import World
from tests.house import CITY_SHELF, CITY_STORE, WATER

Name = Callable[..., str]


@pytest.fixture
def keeper(world: World, name_of: Name) -> str:
    """With fifty crates of water that near their date."""
    world.house.stock(world.house.lot(WATER, number="W1", expires_on=date(2026, 3, 1)), 50)
    return name_of(Role.KEEPER)


def test_advice_proposal_decision_and_carrying_out(line: Line, world: World, keeper: str, name_of: Name) -> None:
    approver = name_of(Role.APPROVER)
    [row] = line.json("rotation", "advice", "--as", keeper)
    assert (row["lot_number"], row["days_left"], row["free"], row["open_rotation"]) == ("W1", 48, 50, "")
    assert "drill" in {each["choice"] for each in row["suggestions"]}
    propose = ("rotation", "propose", "W1", "--location", CITY_SHELF, "--choice", "演练使用", "--because", "临期")
    line(*propose, "--quantity", "20", "--as", keeper, code=3)
    line(*propose, "--quantity", "60", "--target", "防汛演练", "--as", keeper, code=3)
    assert line.json("rotation", "list", "--as", keeper) == []
    said = line(*propose, "--quantity", "20", "--target", "防汛演练", "--as", keeper)
    number = said.removeprefix("已提出,编号 ").removesuffix("。\n")
    line("rotation", "carry-out", number, "--as", keeper, code=5)
    line("rotation", "approve", number, "--as", keeper, code=6)
    assert "已批准" in line("rotation", "approve", number, "--note", "同意", "--as", approver)
    assert "已办理" in line("rotation", "carry-out", number, "--as", keeper)
    shown = line.json("rotation", "show", number, "--as", keeper)
    assert (shown["state"], shown["quantity"], bool(shown["done_document"])) == ("done", 20, True)
    assert line.json("rotation", "advice", "--as", keeper)[0]["free"] == 30


def test_the_advice_of_a_store_on_paper(line: Line, world: World, keeper: str, name_of: Name, tmp_path: Path) -> None:
    file = tmp_path / "建议.pdf"
    line("rotation", "print-advice", "none", "-o", file, "--as", keeper, code=3)
    assert not file.exists()
    line("rotation", "print-advice", CITY_STORE, "-o", file, "--as", keeper)
    assert file.read_bytes().startswith(b"%PDF")
    (paper,) = [row for row in line.json("paper", "list", "--as", keeper) if row["form"] == "rotation_advice"]
    assert (paper["number"], paper["version"]) == ("LJ-654004-20260112-0001", 1)
    line("rotation", "print-advice", CITY_STORE, "-o", file, "--as", keeper)
    papers = [row for row in line.json("paper", "list", "--as", keeper) if row["form"] == "rotation_advice"]
    assert {row["number"] for row in papers} == {"LJ-654004-20260112-0001"}, "one a store and day, in versions"


def test_refusing_and_taking_back(line: Line, world: World, keeper: str, name_of: Name) -> None:
    approver = name_of(Role.APPROVER)
    propose = ("rotation", "propose", "W1", "--location", CITY_SHELF, "--choice", "downgrade", "--because", "临期")
    numbers = []
    for _ in range(2):
        said = line(*propose, "--quantity", "5", "--as", keeper)
        numbers.append(said.removeprefix("已提出,编号 ").removesuffix("。\n"))
    line("rotation", "refuse", numbers[0], "--note", "还能用", "--as", approver)
    line("rotation", "cancel", numbers[1], "--because", "改为调剂", "--as", keeper)
    states = {row["number"]: row["state"] for row in line.json("rotation", "list", "--as", keeper)}
    assert states == dict(zip(numbers, ("refused", "cancelled"), strict=True))
    line("rotation", "show", "LH-none", "--as", keeper, code=4)
