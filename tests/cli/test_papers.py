"""Papers on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from supplyops.kernel.access import Role
from tests.cli.conftest import Line
from tests.dispatch.world import World
from tests.documents.printing import outline
from tests.house import FARM


def test_all_papers_of_an_incident_in_one_file(
    line: Line, world: World, name_of: Callable[..., str], tmp_path: Path
) -> None:
    world.approve(world.plan(world.tents(40), world.water(20)))
    commander = name_of(Role.COMMANDER)
    (row,) = line.json("incident", "list", "--as", commander)
    file = tmp_path / "all.pdf"
    said = line("paper", "print-all", row["number"], str(file), "--as", commander)
    assert "4 张单据" in said
    titles = [title.split()[0] for title, _ in outline(file.read_bytes())]
    assert titles == ["救灾物资动用指令", "救灾物资调拨单", "合同启用通知", "应急物资需求申请单"]
    line("paper", "print-all", row["number"], str(file), "--as", name_of(Role.CLERK, FARM), code=4)
