"""Recovery and scrapping as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from supplyops.scraps.rules import ScrapBody
from supplyops.wording.labels import label
from tests.cli.conftest import Line
from tests.conftest import Clock
from tests.exchange.city import csv_of
from tests.house import CITY, CITY_SHELF, CITY_STORE, TENT
from tests.recoveries.conftest import give_out
from tests.scraps.city import EXPERTS, SIGNING, City


@pytest.fixture
def city(line: Line, runtime: Runtime, clock: Clock) -> City:
    """With forty tents on the shelf."""
    city = City(runtime, clock)
    city.house.stock(city.house.lot(number="T-1"), 40, CITY_SHELF)
    return city


def name(city: City, role: Role, organisation: str = CITY) -> str:
    city.house.actor(role, organisation)
    return f"{role.value}.{organisation}".replace("_", "-")


def test_goods_come_back(line: Line, city: City) -> None:
    keeper, clerk = name(city, Role.KEEPER), name(city, Role.CLERK)
    note = give_out(city, 12, "中心学校")
    line("recovery", "limit", TENT, "12", "--from", "2026-01-01", "--source", "P14", "--as", clerk)
    assert line.json("recovery", "limits", "--as", clerk)[0]["months"] == 12
    [due] = line.json("recovery", "due", "--as", keeper)
    assert (due["document_number"], due["outstanding"], due["due_on"]) == (note, 12, "2027-01-12")
    assert "中心学校" in line("recovery", "due", "--as", keeper)
    assert line.json("recovery", "due", "--overdue", "--as", keeper) == []
    record = ("recovery", "record", note, "--site", CITY_STORE, "--returned-by", "王校长")
    line(*record, "--usable", f"{TENT}=13", "--cleaned", "--as", keeper, code=3)
    line(*record, "--usable", "nonsense", "--cleaned", "--as", keeper, code=3)
    said = line(
        *record, "--usable", f"{TENT}=6", "--repair", "T-1=3", "--scrap", f"{TENT}=1", "--cleaned", "--as", keeper
    )
    number = said.removeprefix("已收回,编号 ").split(",")[0]
    assert "报废申请 BF-" in said
    said = line("recovery", "repair", number, "2", "--repaired", "2", "--by", "帐篷厂", "--cost", "150", "--as", keeper)
    assert said == f"{number}:已登记,待修 1。\n"
    shown = line.json("recovery", "show", number, "--as", keeper)
    assert (shown["lines"][1]["repaired"], shown["repairs"][0]["cost_fen"]) == (2, 15_000)
    assert [row["number"] for row in line.json("recovery", "list", "--to-repair", "--as", keeper)] == [number]
    assert "帐篷厂" in line("recovery", "show", number, "--as", keeper)
    line("recovery", "undo", number, "--as", keeper, code=5)
    said = line(*record, "--usable", f"{TENT}=1", "--cleaned", "--as", keeper)
    second = said.removeprefix("已收回,编号 ").split("。")[0].split(",")[0]
    assert line("recovery", "undo", second, "--as", keeper) == f"{second}:已撤销。\n"
    said = line(*record, "--usable", f"{TENT}=1", "--cleaned", "--as", keeper)
    third = said.removeprefix("已收回,编号 ").split("。")[0].split(",")[0]
    assert line("recovery", "reverse", third, "--because", "清点有误", "--as", keeper) == f"{third}:已冲销。\n"
    assert "清点有误" in line("recovery", "show", third, "--as", keeper)


def test_goods_are_scrapped(line: Line, city: City, tmp_path: Path) -> None:
    keeper = name(city, Role.KEEPER)
    file = tmp_path / "报废.csv"
    file.write_bytes(csv_of([{"批次号": "T-1", "库位代码": CITY_SHELF, "数量": "4", "报废原因": "到期"}], "utf-8"))
    said = line("scrap", "apply", file, "--site", CITY_STORE, "--as", keeper)
    number = said.removeprefix("已申请,编号 ").removesuffix("。\n")
    look = ("scrap", "appraise", number, "--conclusion", "不可修复", "--on", "2026-01-12", "--as", keeper)
    line(*look, code=3)
    line(*look, *(part for expert in EXPERTS for part in ("--expert", expert)))
    for body in ScrapBody:
        who = name(city, Role.APPROVER, SIGNING[body])
        said = line("scrap", "decide", number, label(body), "--organisation", SIGNING[body], "--as", who)
    assert said == f"{number}:待公示。\n"
    public = ("--place", "公告栏", "--from", "2026-01-12", "--to", "2026-01-16")
    line("scrap", "publicise", number, *public, "--as", keeper)
    end = ("scrap", "dispose", number, "--method", "销毁", "--witness", "周某", "--as", keeper)
    assert "公示" in line(*end, code=5)
    shown = line.json("scrap", "show", number, "--as", keeper)
    assert (shown["state"], len(shown["decisions"]), shown["lines"][0]["quantity"]) == ("publicised", 4, 4)
    assert "财政局" in line("scrap", "show", number, "--as", keeper)
    line("scrap", "cancel", number, "--because", "另有安排", "--as", keeper)
    assert [row["state"] for row in line.json("scrap", "list", "--as", keeper)] == ["cancelled"]
