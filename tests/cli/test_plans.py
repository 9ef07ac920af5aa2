"""Plans on the command line: made, read, taken out, approved, compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from optimizer.__main__ import main as optimizer_main
from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.cli.conftest import Line
from tests.house import CITY, PREFECTURE, PREFECTURE_SHELF, TENT
from tests.planning.town import Town, build_town


@pytest.fixture
def town(line: Line, runtime: Runtime) -> Iterator[Town]:
    town = build_town(runtime)
    town.request((TENT, 90))
    town.house.stock(town.house.lot(), 25)
    town.house.stock(town.house.lot(owner=PREFECTURE), 40, PREFECTURE_SHELF)
    for role, body in ((Role.COMMANDER, CITY), (Role.APPROVER, CITY), (Role.APPROVER, PREFECTURE)):
        town.house.actor(role, body)
    yield town


COMMANDER, APPROVER, ABOVE = "commander.654004", "approver.654004", "approver.6540"


def incident(line: Line) -> str:
    (row,) = line.json("incident", "list", "--as", COMMANDER)
    return str(row["number"])


def test_a_plan_is_made_shown_and_approved_part_by_part(town: Town, line: Line) -> None:
    made = line("plan", incident(line), "--iterations", "3", "--as", COMMANDER)
    assert "校核通过" in made
    assert "生命保障" in made
    assert "12m²棉帐篷 → 伊车嘎善乡中学:缺 25 顶" in made
    (head,) = line.json("plan", "list", "--as", COMMANDER)
    number = head["number"]
    assert number in line("plan", "list", "--incident", incident(line), "--as", COMMANDER)
    shown = line("plan", "show", number, "--as", COMMANDER)
    assert "随机种子 0" in shown
    assert "霍尔果斯市库 → 伊车嘎善乡中学" in shown
    line("plan", "approve", number, "--owner", CITY, "--as", COMMANDER, code=6)
    assert "已批准" in line(
        "plan", "approve", number, "--owner", CITY, "--number", "霍应急〔2026〕9号", "--as", APPROVER
    )
    line("plan", "approve", number, "--owner", CITY, "--as", APPROVER, code=5)
    assert "未批准" in line("plan", "refuse", number, "--owner", PREFECTURE, "--note", "另有安排", "--as", ABOVE)
    assert line.json("plan", "show", number, "--as", COMMANDER)["head"]["state"] == "decided"


def test_a_plan_is_based_on_another_with_locks_and_compared(town: Town, line: Line) -> None:
    where = incident(line)
    first = line.json("plan", where, "--iterations", "3", "--as", COMMANDER)["head"]["number"]
    said = line("plan", where, "--lock", "nonsense", "--based-on", first, "--as", COMMANDER, code=3)
    assert "行=方式[:数量]" in said
    second = line.json(
        "plan", where, "--iterations", "3", "--based-on", first, "--lock", "1=不多于:10", "--as", COMMANDER
    )["head"]["number"]
    changed = line.json("plan", "compare", first, second, "--as", COMMANDER)
    assert (25, 10) in {(row["before"], row["after"]) for row in changed}
    assert "已被新方案替代" in line("plan", "list", "--as", COMMANDER)


def test_a_plan_is_made_near_another_and_says_what_changed(town: Town, line: Line) -> None:
    where = incident(line)
    first = line.json("plan", where, "--iterations", "3", "--as", COMMANDER)["head"]["number"]
    line("plan", where, "--near", "--as", COMMANDER, code=3)
    line("plan", "changes", first, "--as", COMMANDER, code=4)
    near = ("plan", where, "--iterations", "3", "--based-on", first, "--near", "--as", COMMANDER)
    second = line.json(*near)["head"]["number"]
    found = line.json("plan", "changes", second, "--as", COMMANDER)
    assert (found["changed"], found["before"]["number"]) == (0, first)
    said = line("plan", "changes", second, "--as", COMMANDER)
    assert "不计改动时可达到" in said
    assert "未变" in said
    assert "其中不得不改" in said
    assert "调整换来" in said
    assert (found["forced"], found["chosen"]) == (0, 0)


def test_the_optimizer_solves_and_checks_what_is_taken_out(town: Town, line: Line, tmp_path: Path) -> None:
    number = line.json("plan", incident(line), "--iterations", "3", "--as", COMMANDER)["head"]["number"]
    problem, solution = tmp_path / "problem.json", tmp_path / "solution.json"
    line("plan", "problem", number, problem, "--as", COMMANDER)
    line("plan", "problem", number, solution, "--solution", "--as", COMMANDER)
    assert json.loads(problem.read_text())["id"] == number
    assert optimizer_main(["check", str(problem), str(solution)]) == 0


def test_what_cannot_be_done_ends_with_its_exit_code(town: Town, line: Line) -> None:
    line("plan", "nowhere", "--as", COMMANDER, code=4)
    line("plan", incident(line), "--seconds", "3", "--iterations", "3", "--as", COMMANDER, code=3)
    number = line.json("plan", incident(line), "--iterations", "3", "--as", COMMANDER)["head"]["number"]
    line("plan", "cancel", number, "--as", COMMANDER, code=5)
    released = ("plan", "release-floor", incident(line), "--site", "city-store", "--sku", TENT, "--owner", CITY)
    line(*released, "--quantity", "5", "--basis", "市长令", "--as", APPROVER, code=3)


def test_what_would_help_is_worked_out_and_shown(town: Town, line: Line) -> None:
    number = line.json("plan", incident(line), "--iterations", "3", "--as", COMMANDER)["head"]["number"]
    assert "尚未试算" in line("plan", "advice", number, "--as", COMMANDER)
    said = line("plan", "advise", number, "--trials", "15", "--as", COMMANDER)
    assert "另行筹措12m²棉帐篷 25 顶  已证实(最少)" in " ".join(said.split(" ")).replace("   ", "  ")
    assert "[已核实]" in said
    found = line.json("plan", "advice", number, "--as", COMMANDER)
    assert (found["state"], found["stopped_by"]) == ("done", "done")
    assert line("plan", "advise", number, "--seconds", "0", "--as", COMMANDER, code=2)
