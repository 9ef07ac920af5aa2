"""Orders and papers as they are typed: from an approved plan to goods signed for, on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from supplyops.kernel.access import Role
from tests.cli.conftest import Line
from tests.dispatch.world import OTHER_PLATE, PLATE, World
from tests.house import TENT, VILLAGE, VILLAGE_STORE

Name = Callable[..., str]


@pytest.fixture
def ordered(world: World) -> World:
    """Sixty tents ordered from the city's shelf to the village."""
    world.approve(world.plan(world.tents(60)))
    return world


def test_an_order_is_accepted_loaded_sent_and_signed_for(ordered: World, line: Line, name_of: Name) -> None:
    keeper, receiver, clerk = name_of(Role.KEEPER), name_of(Role.CUSTODIAN, VILLAGE), name_of(Role.CLERK)
    (row,) = line.json("order", "list", "--open", "--as", clerk)
    number = row["number"]
    assert number in line("order", "list", "--as", clerk)
    line("order", "load", number, "--as", keeper, code=5)
    line("order", "accept", number, "--as", name_of(Role.KEEPER, VILLAGE), code=6)
    assert line("order", "accept", number, "--as", keeper) == f"{number}:已接令。\n"
    assert "没有“9”这一行" in line("order", "load", number, "--loaded", "9=1", "--as", keeper, code=3)
    assert (
        line(
            "order",
            "load",
            number,
            "--loaded",
            f"{TENT}=58",
            "--short-reason",
            "两顶破损",
            "--seal",
            "F-1",
            "--as",
            keeper,
        )
        == f"{number}:已装车。\n"
    )
    trip = line.json("shipment", "list", "--open", "--as", clerk)[0]["number"]
    assert line("shipment", "depart", trip, "--as", keeper) == f"{trip}:已发车。\n"
    arrive = ("order", "deliver", number, "--receiver", "古丽", "--as", receiver)
    assert "行号=完好" in line(*arrive, "--line", "1=x", code=3)
    assert "--at:时间早于上一步" in line(*arrive, "--at", "2026-01-12 09:00", code=3)
    assert line(*arrive, "--line", "1=55,2", "--cause", "运输颠簸") == f"{number}:已签收。\n"
    shown = line.json("order", "show", number, "--as", clerk)
    assert [(each["loaded"], each["good"], each["damaged"], each["short"]) for each in shown["lines"]] == [
        (58, 55, 2, 1)
    ]
    assert "古丽" in line("order", "show", number, "--as", clerk)
    assert {(each["kind"], each["quantity"]) for each in line.json("order", "differences", "--as", clerk)} == {
        ("damaged", 2),
        ("short", 1),
    }
    assert line.json("order", "list", "--open", "--as", clerk) == []
    assert line.json("shipment", "show", trip, "--as", clerk)["consignments"][0]["number"] == number


def test_goods_of_two_lots_are_handed_over_by_line_or_lot(world: World, line: Line, name_of: Name) -> None:
    world.approve(world.plan(world.tents(5), world.tents(7)))
    keeper, receiver = name_of(Role.KEEPER), name_of(Role.CUSTODIAN, VILLAGE)
    number, trip = world.consignment().number, world.shipment().number
    line("order", "accept", number, "--as", keeper)
    line("order", "load", number, "--as", keeper)
    line("shipment", "depart", trip, "--as", keeper)
    before = world.books()
    arrive = ("order", "deliver", number, "--receiver", "古丽", "--cause", "颠簸", "--as", receiver)
    assert "有 2 行符合,请写行号" in line(*arrive, "--line", f"{TENT}=4,1", code=3)
    assert "行号=完好" in line(*arrive, "--line", "=4,1", code=3)
    assert "同一批次只填一行" in line(*arrive, "--line", "2=6,1", "--line", "2=7", code=3)
    assert world.books() == before
    shown = line.json("order", "show", number, "--as", receiver)
    line(*arrive, "--line", f"{shown['lines'][1]['lot_number']}=6,1")
    assert [(each.good, each.damaged) for each in world.lines()] == [(5, 0), (6, 1)]


def test_an_order_is_cancelled_rerouted_and_brought_back(ordered: World, line: Line, name_of: Name) -> None:
    keeper, dispatcher, clerk = name_of(Role.KEEPER), name_of(Role.DISPATCHER), name_of(Role.CLERK)
    number = line.json("order", "list", "--as", clerk)[0]["number"]
    line("order", "accept", number, "--as", keeper)
    line("order", "load", number, "--as", keeper)
    line("order", "cancel", number, "--because", "不需要", "--as", dispatcher, code=5)
    assert line("order", "return", number, "--because", "道路中断", "--as", keeper) == f"{number}:已退回。\n"
    ordered.approve(ordered.plan(ordered.tents(10), plate=OTHER_PLATE))
    other = next(row["number"] for row in line.json("order", "list", "--open", "--as", clerk))
    assert line("order", "cancel", other, "--because", "不需要", "--as", dispatcher) == f"{other}:已取消。\n"
    line("order", "reroute", other, VILLAGE_STORE, "--because", "改去", "--as", dispatcher, code=5)
    assert ordered.asked() == (0, 0, 0)


def test_instructions_show_their_orders_and_oral_approval_is_signed(world: World, line: Line, name_of: Name) -> None:
    from supplyops.kernel.oral import OralOrder
    from tests.conftest import START

    world.approve(world.plan(world.tents(60)), oral=OralOrder("市长", "局长", START, "值班员"))
    clerk = name_of(Role.CLERK)
    (row,) = line.json("instruction", "list", "--as", clerk)
    assert "市长 对 局长" in line("instruction", "show", row["number"], "--as", clerk)
    assert line.json("instruction", "show", row["number"], "--as", clerk)["consignments"][0]["plate"] == PLATE
    line("instruction", "sign", row["number"], "--as", clerk, code=6)
    assert line("instruction", "sign", row["number"], "--as", name_of(Role.APPROVER)) == f"{row['number']}:已补签。\n"


def test_papers_are_listed_shown_and_printed(ordered: World, line: Line, name_of: Name, tmp_path: Path) -> None:
    clerk = name_of(Role.CLERK)
    event = line.json("incident", "list", "--as", clerk)[0]["number"]
    (slip,) = line.json("paper", "list", "--incident", event, "--form", "allocation_slip", "--as", clerk)
    assert slip["number"] in line("paper", "list", "--valid", "--as", clerk)
    assert line.json("paper", "show", slip["number"], "--as", clerk)["content"]
    path = tmp_path / "slip.pdf"
    words = ("paper", "print", slip["number"], "-o", str(path), "--as", clerk)
    assert line(*words, "--view") == f"已写入 {path}:1 张单据。\n"
    assert line.json("paper", "show", slip["number"], "--as", clerk)["prints"] == 0
    line(*words)
    assert "补打" not in text_of(path)
    line(*words)
    assert "补打" in text_of(path)
    assert slip["number"] in text_of(path)
    assert line.json("paper", "show", slip["number"], "--as", clerk)["prints"] == 2
    assert "可选:" in line(*words, "--copy", "第九联", code=3)
    line("paper", "print", "--as", clerk, code=3)
    line("paper", "print", "NO-1", "--as", clerk, code=4)
    whole = tmp_path / "all.pdf"
    assert "张单据" in line("paper", "print", "--incident", event, "--view", "-o", str(whole), "--as", clerk)
    assert "关于调拨救灾物资" in text_of(whole)
    assert slip["number"] in text_of(whole)


def text_of(path: Path) -> str:
    pdf = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()
