"""Store documents as they are typed: goods taken in, given out, moved, taken back; a supplier's goods at the gate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supplyops.kernel.access import Role
from supplyops.stock.tables import Lot, StockDocument
from tests.cli.conftest import Line
from tests.dispatch.world import CONTRACT, World, number_one_by_one
from tests.exchange.city import csv_of
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, TENT, VILLAGE, VILLAGE_STORE, WATER

Name = Callable[..., str]
AT = "2026-01-12 09:30"


class Desk:
    """A clerk's desk: files to hand over, and a look at whether anything changed."""

    def __init__(self, world: World, line: Line, name_of: Name, folder: Path) -> None:
        self.world, self.line, self.folder = world, line, folder
        self.keeper, self.clerk, self.village = (
            name_of(Role.KEEPER), name_of(Role.CLERK), name_of(Role.CUSTODIAN, VILLAGE),
        )  # fmt: skip
        self.approver = name_of(Role.APPROVER)

    def file(self, *rows: dict[str, str], name: str = "明细.csv") -> str:
        """A file of lines."""
        path = self.folder / name
        path.write_bytes(csv_of(list(rows), "utf-8"))
        return str(path)

    def receive(self, *rows: dict[str, str], code: int = 0, who: str = "", more: tuple[str, ...] = ()) -> str:
        """Take goods in."""
        return self.line(
            "document", "receive", self.file(*rows), "--site", CITY_STORE, "--owner", CITY, "--source", "伊宁帐篷厂", "--fund", "市级财政",
            *more, "--as", who or self.keeper, code=code,
        )  # fmt: skip

    def issue(self, *rows: dict[str, str], code: int = 0, who: str = "", more: tuple[str, ...] = ()) -> str:
        """Give goods out."""
        return self.line(
            "document", "issue", self.file(*rows), "--site", CITY_STORE, "--owner", CITY, "--recipient", "伊车嘎善乡", "--purpose", "安置群众",
            *more, "--as", who or self.keeper, code=code,
        )  # fmt: skip

    def move(self, *rows: dict[str, str], code: int = 0, who: str = "") -> str:
        """Move goods between locations."""
        return self.line(
            "document", "transfer", self.file(*rows), "--site", CITY_STORE, "--reason", "复检合格", "--as", who or self.keeper, code=code
        )  # fmt: skip

    def refused(self, act: Callable[[], str]) -> str:
        """What a refusal says; nothing may have changed."""
        before = self.books()
        said = act()
        assert self.books() == before
        return said

    def books(self) -> tuple[Any, ...]:
        """Everything that a store document may write."""
        return self.world.books(), len(self.world.rows(StockDocument)), len(self.world.rows(Lot))

    def stock(self, sku: str = TENT) -> dict[str, int]:
        """Location -> on hand."""
        rows = self.line.json("stock", "list", "--sku", sku, "--as", self.clerk)
        found: dict[str, int] = {}
        for row in rows:
            found[row["location_code"]] = found.get(row["location_code"], 0) + row["on_hand"]
        return found


@pytest.fixture
def desk(world: World, line: Line, name_of: Name, tmp_path: Path) -> Desk:
    return Desk(world, line, name_of, tmp_path)


def tents(expected: int = 20, accepted: int = 20, rejected: int = 0, **more: str) -> dict[str, str]:
    return {"物资编码": TENT, "应收数量": str(expected), "合格数量": str(accepted), "不合格数量": str(rejected), **more}


def test_goods_are_taken_in_given_out_moved_and_taken_back(desk: Desk, line: Line) -> None:
    said = desk.receive(
        tents(20, 17, 2, 批次号="T-1", 生产日期="2025/11/1"),
        tents(5, 5, 批次号="T-2", 生产日期="2025-12-01", 库位代码=CITY_SHELF),
        more=("--kind", "捐赠", "--shortage-handling", "缺一顶,退换两顶", "--arrived-at", AT, "--seal-broken", "--differs"),
    )  # fmt: skip
    number = said.removeprefix("已入库,入库单编号 ").removesuffix("。\n")
    shown = line.json("document", "show", number, "--as", desk.clerk)
    assert [(each["due"], each["actual"], each["rejected"]) for each in shown["lines"]] == [(20, 17, 2), (5, 5, 0)]
    details = shown["details"]
    assert (details["kind"], details["is_seal_intact"], details["matches_list"]) == ("donation", False, False)
    assert desk.stock() == {CITY_SHELF: 22, CITY_QUARANTINE: 2}
    assert "已移库" in desk.move(
        {"批次号": "T-1", "移出库位代码": CITY_QUARANTINE, "移入库位代码": CITY_SHELF, "数量": "1"}
    )
    assert desk.stock() == {CITY_SHELF: 23, CITY_QUARANTINE: 1}
    assert "应先出" in desk.refused(lambda: desk.issue({"物资编码": TENT, "数量": "4", "批次号": "T-2"}, code=3))
    said = desk.issue({"物资编码": TENT, "数量": "4", "批次号": "T-2", "原因": "同批发放"})
    issued = said.removeprefix("已出库,出库单编号 ").removesuffix("。\n")
    assert desk.stock()[CITY_SHELF] == 19
    assert "可用量不足" in desk.refused(
        lambda: line("document", "reverse", number, "--because", "录错", "--as", desk.keeper, code=5)
    )
    reverse = ("document", "reverse", issued, "--because", "录错", "--as", desk.keeper)
    desk.refused(lambda: line(*reverse[:-1], desk.approver, code=6))
    assert line(*reverse) == f"{issued}:已冲销。\n"
    assert desk.stock()[CITY_SHELF] == 23
    desk.refused(lambda: line(*reverse, code=5))
    for told in (line("stock", "moves", "--as", desk.keeper), line("stock", "statement", "--as", desk.keeper)):
        assert "已发放使用" in told
        assert not {"consumed", "supplier", "donor"} & set(told.split())
    assert "第 1 项:应为大于 0" in line(
        "document", "quick-receive", f"{TENT}=0", "--site", CITY_STORE, "--source", "某厂", "--as", desk.keeper, code=3
    )
    line("document", "reverse", "CK-1", "--because", "录错", "--as", desk.keeper, code=4)
    assert line("verify").endswith("账簿核对无误。\n")


def test_every_refusal_names_the_row_and_changes_nothing(desk: Desk, line: Line) -> None:
    good = tents()
    assert desk.refused(lambda: desk.receive(good, tents(物资编码="A99999"), code=3)).splitlines() == [
        "填写内容有误,请按提示修改。",
        "  明细.csv 第 3 行“物资编码”列(A 列):“A99999”不存在。请核对代码,或先导入它所在的文件。",
    ]
    said = desk.refused(lambda: desk.receive(tents(20, 18, 1), code=3))
    assert "--shortage-handling:明细第 1 条应收与实收不符" in said
    said = desk.refused(lambda: desk.receive(tents(生产日期="2026-01-02", 有效期至="2025-01-01"), code=3))
    assert "明细.csv 第 2 行“有效期至”" in said
    assert "没有执行任何操作" in desk.refused(lambda: desk.receive(tents(应收数量="二十"), code=3))
    assert "第 3 行" in desk.refused(lambda: desk.receive(good, good, code=3))
    said = desk.refused(lambda: desk.receive(good, code=3, who=desk.village))
    assert f"--site:“{CITY_STORE}”不存在" in said  # what is out of reach is not shown to exist
    desk.refused(lambda: desk.receive(good, code=6, who=desk.approver))
    desk.refused(lambda: desk.receive(good, more=("--incident", "SJ-1"), code=4))
    desk.refused(lambda: desk.receive(good, more=("--kind", "偷来"), code=3))
    assert "--arrived-at" in desk.refused(lambda: desk.receive(good, more=("--key", "k"), code=3))
    assert "可用库存不足" in desk.refused(lambda: desk.issue({"物资编码": TENT, "数量": "1"}, code=5))
    desk.refused(lambda: desk.issue({"物资编码": TENT, "数量": "1"}, code=3, who=desk.village))
    there = {"移出库位代码": CITY_SHELF, "移入库位代码": CITY_SHELF, "数量": "1"}
    desk.receive(tents(批次号="T-1"))
    assert "“移入库位代码”列(C 列)为“city-shelf”:来源与去向不能相同" in desk.refused(
        lambda: desk.move({"批次号": "T-1", **there}, code=3)
    )
    away = {**there, "移入库位代码": CITY_QUARANTINE}
    assert "第 2 行“批次号”列(A 列):“T-9”不存在" in desk.refused(lambda: desk.move({"批次号": "T-9", **away}, code=3))
    desk.refused(lambda: desk.move({"批次号": "T-1", **away, "数量": "21"}, code=5))
    desk.refused(lambda: desk.move({"批次号": "T-1", **away}, code=6, who=desk.approver))
    line("document", "receive", code=2)
    assert "第一行为列名" in line("document", "transfer", "--columns")


def test_a_key_takes_goods_in_once(desk: Desk) -> None:
    words = ("--key", "k1", "--arrived-at", AT)
    assert desk.receive(tents(), more=words) == desk.receive(tents(), more=words)
    assert desk.stock() == {CITY_SHELF: 20}
    assert "请求键已用于其他内容" in desk.refused(lambda: desk.receive(tents(21, 21), more=words, code=3))


@pytest.fixture
def called(desk: Desk, line: Line) -> str:
    """A call-off of a hundred cases of water for the village, of which sixty are promised."""
    event = line.json("incident", "list", "--as", desk.clerk)[0]["number"]
    line("call-off", "create", event, CONTRACT, "--site", VILLAGE_STORE, "--due", "2026-01-13 08:00", "--basis", "抗震救灾",
         "--line", f"{WATER}=100", "--as", desk.approver)  # fmt: skip
    number: str = line.json("call-off", "list", "--as", desk.clerk)[0]["number"]
    return number


def brought(accepted: int, rejected: int = 0, **more: str) -> dict[str, str]:
    return {"物资编码": WATER, "合格数量": str(accepted), "不合格数量": str(rejected), **more}


def test_a_suppliers_goods_are_taken_in_at_the_gate(desk: Desk, line: Line, called: str) -> None:
    def arrive(*rows: dict[str, str], code: int = 0, who: str = desk.village, more: tuple[str, ...] = ()) -> str:
        return line("call-off", "receive", called, desk.file(*rows), "--site", VILLAGE_STORE, "--fund", "应急资金", *more,
                    "--as", who, code=code)  # fmt: skip

    assert "需要“供方已确认" in desk.refused(lambda: arrive(brought(10), code=5))
    assert line.json("call-off", "expected", "--as", desk.village) == []
    line("call-off", "confirm", called, "--by", "李强", "--promise", "1=60", "--as", desk.clerk)
    assert line("call-off", "ship", called, "--as", desk.clerk) == f"{called}:已发货。\n"
    (coming,) = line.json("call-off", "expected", "--as", desk.village)
    assert (coming["call_off_number"], coming["promised"], coming["received"]) == (called, 60, 0)
    assert called in line("call-off", "expected", "--as", desk.village)
    said = desk.refused(lambda: arrive(brought(10), {**brought(1), "物资编码": TENT}, code=3))
    assert f"明细.csv 第 3 行“物资编码”列(A 列):“{TENT}”不存在" in said
    assert "第 2 行“合格数量”" in desk.refused(lambda: arrive(brought(61), code=3))
    desk.refused(lambda: arrive(brought(10), code=6, who=desk.approver))
    assert "--shortage-handling" in desk.refused(lambda: arrive(brought(10, 1), code=3))
    missing = ("call-off", "receive", "HT-9", desk.file(brought(1)), "--site", VILLAGE_STORE, "--fund", "应急资金")
    desk.refused(lambda: line(*missing, "--as", desk.village, code=4))
    elsewhere = ("call-off", "receive", called, desk.file(brought(1)), "--site", CITY_STORE, "--fund", "应急资金")
    assert "没有送往" in desk.refused(lambda: line(*elsewhere, "--as", desk.village, code=4))
    keyed = ("--key", "gate-1", "--arrived-at", AT)
    first = arrive(brought(40, 批次号="W-1", 生产日期="2025-12-01"), more=keyed)
    assert first.startswith(f"{called}:已验收入库,入库单编号 ")
    assert arrive(brought(40, 批次号="W-1", 生产日期="2025-12-01"), more=keyed) == first
    assert desk.stock(WATER) == {"village-shelf": 40}
    close = ("call-off", "close", called, "--as", desk.approver)
    desk.refused(lambda: line(*close, code=3))
    arrive(brought(20))
    assert desk.stock(WATER) == {"village-shelf": 60}
    assert line(*close) == f"{called}:已关闭。\n"
    desk.refused(lambda: line("call-off", "ship", called, "--as", desk.clerk, code=5))


def test_a_suppliers_numbered_goods_are_taken_in_from_a_file(desk: Desk, line: Line, called: str) -> None:
    line("call-off", "confirm", called, "--by", "李强", "--as", desk.clerk)
    said = line("call-off", "receive", called, desk.file(brought(1, 序列号="W-1")), "--site", VILLAGE_STORE, "--fund", "应急资金",
                "--as", desk.village, code=3)  # fmt: skip
    assert "第 2 行“序列号”" in said
    number_one_by_one(desk.world)
    line("call-off", "receive", called, desk.file(brought(2, 序列号="W-1、W-2")), "--site", VILLAGE_STORE, "--fund", "应急资金",
         "--as", desk.village)  # fmt: skip
    found = line.json("asset", "list", "--as", desk.village)
    assert sorted(each["serial_number"] for each in found) == ["W-1", "W-2"]


def test_two_orders_of_one_item_are_told_apart_by_their_time(desk: Desk, line: Line, called: str) -> None:
    event = line.json("incident", "list", "--as", desk.clerk)[0]["number"]
    line("call-off", "confirm", called, "--by", "李强", "--as", desk.clerk)
    said = line("call-off", "receive", called, desk.file({**brought(1), "最迟到达时间": "2026-01-14 08:00"}), "--site",
                VILLAGE_STORE, "--fund", "应急资金", "--as", desk.village, code=3)  # fmt: skip
    assert "第 2 行“物资编码”" in said
    line("call-off", "receive", called, desk.file({**brought(1), "最迟到达时间": "2026-01-13 08:00"}), "--site",
         VILLAGE_STORE, "--fund", "应急资金", "--as", desk.village)  # fmt: skip
    assert line.json("call-off", "list", "--incident", event, "--as", desk.clerk)[0]["items"][0]["received"] == 1
