"""Papers on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from supplyops.kernel.access import Role
from tests.cli.conftest import Line
from tests.dispatch.world import World
from tests.documents.printing import outline, texts
from tests.house import FARM


def test_papers_are_listed_shown_and_printed(
    line: Line, world: World, name_of: Callable[..., str], tmp_path: Path
) -> None:
    world.approve(world.plan(world.tents(40)))
    clerk, number = name_of(Role.CLERK), world.consignment().number
    rows = line.json("paper", "list", "--valid", "--as", clerk)
    assert sorted(row["form"] for row in rows) == ["allocation_slip", "release_instruction", "supply_request"]
    assert "救灾物资调拨单" in line("paper", "list", "--form", "allocation_slip", "--as", clerk)
    assert line.json("paper", "show", number, "--as", clerk)["content"]["lines"][0]["quantity"] == 40
    file = tmp_path / "out" / "slip.pdf"
    line("paper", "print", number, str(file), "--copy", "接收(蓝)", "--as", clerk)
    (page,) = texts(file.read_bytes())
    assert "第四联接收(蓝)" in page
    assert "补打" not in page
    line("paper", "print", number, str(file), "--as", clerk)
    assert all("补打" in page for page in texts(file.read_bytes()))
    assert "可选:存根(白)" in line("paper", "print", number, str(file), "--copy", "粉", "--as", clerk, code=3)
    line("paper", "show", number, "--as", name_of(Role.CLERK, FARM), code=4)


def test_all_papers_of_an_incident_in_one_file(
    line: Line, world: World, name_of: Callable[..., str], tmp_path: Path
) -> None:
    world.approve(world.plan(world.tents(40), world.water(20)))
    commander = name_of(Role.COMMANDER)
    (row,) = line.json("incident", "list", "--as", commander)
    file = tmp_path / "all.pdf"
    said = line("paper", "print-all", row["number"], str(file), "--as", commander)
    assert said.startswith("已打印 4 份单据")
    titles = [title.split()[0] for title, _ in outline(file.read_bytes())]
    assert titles == ["救灾物资动用指令", "救灾物资调拨单", "合同启用通知", "应急物资需求申请单"]
    line("paper", "print-all", row["number"], str(file), "--as", name_of(Role.CLERK, FARM), code=4)
