"""The commands of every noun, on a house after an earthquake."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from supplyops.cli.main import main
from supplyops.kernel.access import SYSTEM, Role
from supplyops.teams.commands import save_teams
from supplyops.teams.rules import Employment, TeamInput, TeamType
from tests.cli.conftest import Line
from tests.dispatch.world import CONTRACT, PLATE, ROAD, World
from tests.exchange.city import csv_of
from tests.house import CITY, FARM, TENT, VILLAGE, VILLAGE_STORE, WATER

Name = Callable[..., str]


def groups(above: click.Group = main) -> dict[str, click.Group]:
    found = {name: command for name, command in above.commands.items() if isinstance(command, click.Group)}
    return found | {f"{name} {key}": below for name, group in found.items() for key, below in groups(group).items()}


def test_every_list_and_show_speaks_chinese_and_json(world: World, line: Line, name_of: Name) -> None:
    lot = world.house.lot(TENT, number="A01002-TEST-1")
    world.house.stock(lot, 20)
    clerk = name_of(Role.CLERK)
    shown = {"item": TENT, "organisation": CITY, "area": "654004", "site": "city-store", "location": "city-shelf",
             "road": ROAD, "vehicle": PLATE, "contract": CONTRACT, "lot": "A01002-TEST-1", "parameter": "hold.hours"}  # fmt: skip
    for noun, reference in shown.items():
        as_text = line(noun, "show", reference, "--as", clerk)
        assert reference in as_text, noun
        assert isinstance(line.json(noun, "show", reference, "--as", clerk), dict), noun
        listed = line.json(noun, "list", "--as", clerk)
        assert listed, noun
        assert f"共 {len(listed)} 行" in line(noun, "list", "--as", clerk), noun
        if noun != "road":
            line(noun, "show", "missing", "--as", clerk, code=4)
    for noun in (
        "need-class",
        "substitute",
        "norm",
        "team",
        "mission",
        "call-off",
        "letter",
        "job",
        "incident",
        "request",
        "stock",
    ):
        assert isinstance(line.json(noun, "list", "--as", clerk), list), noun


def test_every_command_that_acts_asks_who_acts() -> None:
    """Every command of a noun takes --as; every one that writes takes --key too; all speak Chinese."""
    for noun, group in groups().items():
        assert group.help, noun
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                continue
            options = {option for parameter in command.params for option in parameter.opts}
            assert "--as" in options, (noun, name)
            writes = ".run(" in inspect.getsource(inspect.unwrap(command.callback))  # type: ignore[arg-type]
            assert "--key" in options or not writes, (noun, name)
            assert any("\u4e00" <= character <= "\u9fff" for character in command.help or ""), (noun, name)
            for parameter in command.params:
                if isinstance(parameter, click.Option):
                    assert parameter.help, (noun, name, parameter.name)


def test_from_incident_to_accepted_request(world: World, line: Line, name_of: Name, tmp_path: Path) -> None:
    commander, clerk, reviewer = name_of(Role.COMMANDER), name_of(Role.CLERK, VILLAGE), name_of(Role.REVIEWER)
    number = line(
        "incident", "create", "--name", "山洪", "--hazard", "洪涝", "--at", "2026-01-12 09:00", "--area", "654004",
        "--place", "伊车嘎善乡", "--organisation", CITY, "--as", commander,
    ).strip()  # fmt: skip
    figures = tmp_path / "快报.csv"
    figures.write_bytes(
        csv_of(
            [{"区划代码": VILLAGE, "接收点代码": VILLAGE_STORE, "紧急转移安置人数": "1,200", "死亡人数": "0"}],
            "gb18030",
        )
    )
    said = line(
        "incident",
        "report",
        number,
        "--kind",
        "初报",
        "--season",
        "冬季",
        "--days",
        "3",
        "--areas",
        str(figures),
        "--as",
        commander,
    )
    assert f"{number}:已登记第 1 版报告。" in said
    assert (
        line("incident", "respond", number, "--level", "3", "--basis", "达到三级条件", "--as", commander)
        == f"{number}:三级响应。\n"
    )
    shown = line("incident", "show", number, "--as", commander)
    assert "三级响应" in shown
    assert "1200" in shown
    assert line.json("incident", "show", number, "--as", commander)["reports"][0]["areas"][0]["moved"] == 1200

    wanted = tmp_path / "明细.csv"
    wanted.write_bytes(
        csv_of([{"物资编码": TENT, "数量": "240", "最迟到达时间": "2026-01-13 08:00", "保障人数": "1200"}])
    )
    draft = ("request", "draft", number, "--organisation", VILLAGE, "--to", CITY, "--urgency", "特急", "--area", VILLAGE,
             "--site", VILLAGE_STORE, "--receiver", "古丽", "--receiver-phone", "13900000009", "--as", clerk)  # fmt: skip
    assert "--reason、--lines" in line(*draft, code=3)
    asked = line(*draft, "--reason", "转移安置", "--lines", str(wanted)).strip()
    assert line("request", "edit", asked, "--reason", "转移安置 1200 人", "--as", clerk) == f"{asked}:已修改,版本 2。\n"
    line("request", "edit", asked, "--version", "1", "--reason", "旧", "--as", clerk, code=5)
    assert line("request", "submit", asked, "--as", clerk) == f"{asked}:已提交。\n"
    line("request", "review", asked, "--as", reviewer, code=3)
    line("request", "review", asked, "--accept-all", "--as", clerk, code=6)
    assert line("request", "review", asked, "--accept", f"{TENT}=200", "--as", reviewer) == f"{asked}:已受理。\n"
    row = line.json("request", "show", asked, "--as", clerk)
    assert (row["reason"], row["lines"][0]["quantity"], row["lines"][0]["accepted"]) == ("转移安置 1200 人", 240, 200)
    line("request", "cancel", asked, "--as", clerk, code=5)


def test_a_bad_file_of_lines_is_told_and_nothing_is_drafted(
    world: World, line: Line, name_of: Name, tmp_path: Path
) -> None:
    wanted = tmp_path / "明细.csv"
    wanted.write_bytes(csv_of([{"物资编码": TENT, "数量": "2.5", "最迟到达时间": "明天", "保障人数": "1200"}]))
    clerk = name_of(Role.CLERK, VILLAGE)
    number = line.json("incident", "list", "--as", clerk)[0]["number"]
    before = len(line.json("request", "list", "--as", clerk))
    said = line("request", "draft", number, "--organisation", VILLAGE, "--to", CITY, "--urgency", "urgent", "--area", VILLAGE,
                "--site", VILLAGE_STORE, "--receiver", "古丽", "--receiver-phone", "1", "--reason", "x", "--lines", str(wanted),
                "--as", clerk, code=3)  # fmt: skip
    assert said.splitlines() == [
        "明细.csv 第 2 行“数量”列(B 列):“2.5”不是整数。请填整数,不带单位和小数。[IMP-002]",
        "明细.csv 第 2 行“最迟到达时间”列(C 列):“明天”不是时间,例如 2026-01-12 08:30。请写成 2026-01-12 08:30(北京时间)。[IMP-017]",
        "没有执行任何操作。",
    ]
    assert len(line.json("request", "list", "--as", clerk)) == before


def test_a_key_makes_a_repeat_harmless(world: World, line: Line, name_of: Name) -> None:
    words = ("road", "report", ROAD, "阻", "--reason", "雪崩", "--as", name_of(Role.DISPATCHER), "--key", "k1")
    assert line(*words) == line(*words) == f"{ROAD}:阻,报告序号 1。\n"
    shown = line.json("road", "show", ROAD, "--as", name_of(Role.DISPATCHER))
    assert [(each["status"], each["reason"]) for each in shown["reports"]] == [("closed", "雪崩")]
    line(*words[:3], "通", "--as", name_of(Role.DISPATCHER), "--key", "k1", code=3)
    assert "限行" in line("road", "report", ROAD, "限", "--reason", "积雪", "--as", name_of(Role.DISPATCHER), code=3)
    assert "可选:通(open)" in line("road", "report", ROAD, "慢", "--as", name_of(Role.DISPATCHER), code=3)


def test_calling_off_a_contract(world: World, line: Line, name_of: Name) -> None:
    approver, clerk = name_of(Role.APPROVER), name_of(Role.CLERK)
    number = line.json("incident", "list", "--as", clerk)[0]["number"]
    words = (
        "call-off",
        "create",
        number,
        CONTRACT,
        "--site",
        VILLAGE_STORE,
        "--due",
        "2026-01-13 08:00",
        "--basis",
        "抗震救灾",
        "--as",
        approver,
    )
    assert "没有“9”这一行" in line(*words, "--line", "9=1", code=3)
    assert "余" in line(*words, "--line", "1=500", code=5)
    said = line(*words, "--line", f"{WATER}=100")
    called = line.json("call-off", "list", "--incident", number, "--as", clerk)[0]["number"]
    assert called in said
    assert "第 1 行通知了 100 箱" in line(
        "call-off", "confirm", called, "--by", "李强", "--promise", "1=101", "--as", clerk, code=3
    )
    assert (
        line("call-off", "confirm", called, "--by", "李强", "--promise", "1=60", "--as", clerk)
        == f"{called}:供方已确认。\n"
    )
    row = line.json("call-off", "show", called, "--as", clerk)
    assert (row["items"][0]["quantity"], row["items"][0]["promised"]) == (100, 60)
    assert line.json("contract", "show", CONTRACT, "--as", clerk)["lines"][0]["called"] == 60
    assert line("call-off", "cancel", called, "--because", "不再需要", "--as", approver) == f"{called}:已取消。\n"


def test_stock_by_tier_item_and_lot(world: World, line: Line, name_of: Name) -> None:
    city, prefecture = world.house.lot(TENT, number="T-1"), world.house.lot(TENT, owner="6540", number="T-2")
    world.house.stock(city, 20)
    world.house.stock(prefecture, 7)
    clerk = name_of(Role.CLERK)
    assert [
        (row["lot_number"], row["on_hand"]) for row in line.json("stock", "list", "--sku", TENT, "--as", clerk)
    ] == [("T-1", 20), ("T-2", 7)]
    assert [row["lot_number"] for row in line.json("stock", "list", "--owner-level", "自治州", "--as", clerk)] == [
        "T-2"
    ]
    (item,) = line.json("stock", "items", "--as", clerk)
    assert (item["on_hand"], item["by_owner"], item["by_place"]) == (27, {"city": 20, "prefecture": 7}, {"city": 27})
    assert "市存放" in line("stock", "items", "--as", clerk)
    tiers = {row["level"]: row for row in line.json("stock", "tiers", "--as", clerk)["tiers"]}
    assert (tiers["prefecture"]["kinds_owned"], tiers["prefecture"]["kinds_kept"], tiers["city"]["kinds_kept"]) == (
        1,
        0,
        1,
    )
    shown = line.json("lot", "show", "T-1", "--as", clerk)
    assert [(move["reason"], move["quantity"]) for move in shown["moves"]] == [("opening", 20)]
    assert shown["places"][0]["location_code"] == "city-shelf"
    assert [row["lot_number"] for row in line.json("stock", "moves", "--site", "city-store", "--as", clerk)] == [
        "T-2",
        "T-1",
    ]
    line("stock", "list", "--as", name_of(Role.SYSTEM_ADMIN), code=6)


def test_a_team_is_ordered_out_and_reports(world: World, line: Line, name_of: Name) -> None:
    commander, clerk = name_of(Role.COMMANDER), name_of(Role.CLERK)
    team = TeamInput(
        "T10-1", "伊车嘎善乡救援队", TeamType.GRASSROOTS, Employment.PART_TIME, CITY, "654004200", strength_authorised=30, strength_present=26,
        insurance_valid_to=date(2026, 12, 31),
    )  # fmt: skip
    world.runtime.run(save_teams, SYSTEM, [team])
    event = line.json("incident", "list", "--as", clerk)[0]["number"]
    assert "T10-1" in line("team", "list", "--state", "待命", "--as", clerk)
    assert line("team", "show", "T10-1", "--as", clerk).count("未登记") == 2
    assert "夜间作业 是,零下30度作业 未登记" in line("team", "readiness", "T10-1", "--night", "是", "--as", clerk)
    assert "是(yes)、否(no)、未登记(unknown)" in line(
        "team", "readiness", "T10-1", "--frost", "x", "--as", clerk, code=3
    )
    line("team", "readiness", "T10-1", "--frost", "否", "--as", clerk)
    shown = line.json("team", "show", "T10-1", "--as", clerk)
    assert (shown["works_at_night"], shown["works_at_minus_30"]) == (True, False)
    words = (
        "mission", "order", event, "T10-1", "--task", "搜救", "--place", "伊车嘎善乡", "--muster-place", "乡政府", "--muster-at", "2026-01-12 10:30",
        "--arrive-by", "2026-01-12 12:00", "--relation", "归市指挥部", "--as", commander,
    )  # fmt: skip
    assert "口头命令要写明" in line(*words, "--persons", "20", "--oral-by", "市长", code=3)
    assert "--persons:不能大于 26" in line(*words, "--persons", "27", code=3)
    said = line(
        *words,
        "--persons",
        "20",
        "--oral-by",
        "市长",
        "--oral-to",
        "队长",
        "--oral-at",
        "2026-01-12 09:50",
        "--oral-witness",
        "值班员",
    )
    number = line.json("mission", "list", "--incident", event, "--as", clerk)[0]["number"]
    assert number in said
    line("mission", "report", number, "到达", "--at", "2026-01-12 10:00", "--as", clerk, code=5)
    line("mission", "report", number, "确认", "--at", "2026-01-12 09:59", "--as", clerk, code=3)
    assert "已补签" in line("mission", "sign", number, "--as", commander)
    shown = line("mission", "show", number, "--as", clerk)
    assert "搜救" in shown
    assert "已下令" in shown
    line("team", "state", "T10-1", "休整", "--as", clerk, code=5)


def test_a_letter_is_sent_and_answered(world: World, line: Line, name_of: Name) -> None:
    clerk = name_of(Role.CLERK)
    event = line.json("incident", "list", "--as", clerk)[0]["number"]
    words = ("letter", "send", event, "--organisation", CITY, "--subject", "商请支援", "--body", "请支援帐篷", "--reply-by", "2026-01-12 18:00",
             "--contact", "王建国", "--phone", "1", "--as", clerk)  # fmt: skip
    line(*words, "--to", VILLAGE, code=3)
    number = line(*words, "--to", FARM).strip()
    assert (
        line("letter", "answer", number, "部分同意", "--answer", "可支援 20 顶", "--as", clerk)
        == f"{number}:部分同意。\n"
    )
    assert "可支援 20 顶" in line("letter", "show", number, "--as", clerk)


def test_vehicles_documents_and_the_journal(world: World, line: Line, name_of: Name) -> None:
    clerk = name_of(Role.CLERK)
    assert line("vehicle", "state", PLATE, "停用", "--as", clerk) == f"{PLATE}:停用。\n"
    assert [row["plate"] for row in line.json("vehicle", "list", "--state", "停用", "--as", clerk)] == [PLATE]
    assert line.json("document", "list", "--as", clerk) == []
    line("document", "show", "RK-1", "--as", clerk, code=4)
    auditor = name_of(Role.AUDIT_ADMIN)
    entry = line.json("journal", "list", "--command", "fleet.", "--as", auditor)[0]
    shown = line("journal", "show", str(entry["seq"]), "--as", auditor)
    assert "fleet.set_availability" in shown
    assert PLATE in shown
    line("journal", "show", "999999", "--as", auditor, code=4)
