"""Deliveries as they are typed."""

from __future__ import annotations

from tests.cli.conftest import Line
from tests.cli.test_store_documents import AT, Desk, desk  # noqa: F401  the desk is a fixture
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, TENT, WATER


def announce(desk: Desk, line: Line) -> str:  # noqa: F811
    file = desk.file({"物资编码": TENT, "数量": "20"}, {"物资编码": WATER, "数量": "30"}, name="通知.csv")
    said = line(
        "arrival", "announce", file, "--kind", "上级划转", "--site", CITY_STORE, "--owner", CITY, "--source", "州储备局", "--fund", "州级财政",
        "--expected-on", "2026-01-13", "--as", desk.clerk,
    )  # fmt: skip
    return said.removeprefix("已登记,到货通知编号 ").removesuffix("。\n")


def test_a_delivery_comes_in_two_goes(desk: Desk, line: Line) -> None:  # noqa: F811
    number = announce(desk, line)
    first = desk.file({"行号": "1", "清单数量": "20", "合格数量": "15", "不合格数量": "5"}, name="车次.csv")
    accept = ("arrival", "accept", number, "--as", desk.keeper)
    assert "需要“已验货待入库”" in line(*accept, code=5)
    line("arrival", "inspect", number, "--arrived-at", AT, "--seal-broken", "--as", desk.clerk, code=3)
    assert "已验货" in line(
        "arrival", "inspect", number, "--arrived-at", AT, "--seal-intact", "--seal-number", "F1", "--as", desk.clerk
    )
    said = desk.refused(lambda: line("arrival", "accept", number, first, "--as", desk.keeper, code=3))
    assert "短少破损" in said
    line("arrival", "accept", number, first, "--shortage-handling", "退换", "--as", desk.keeper)
    assert desk.stock() == {CITY_SHELF: 15, CITY_QUARANTINE: 5}
    shown = line.json("arrival", "show", number, "--as", desk.clerk)
    assert (shown["state"], [each["accepted"] for each in shown["lines"]]) == ("partly", [15, 0])
    line("arrival", "inspect", number, "--arrived-at", AT, "--as", desk.clerk)
    assert "入库单编号 RK-" in line(*accept)
    assert [row["state"] for row in line.json("arrival", "list", "--site", CITY_STORE, "--as", desk.keeper)] == [
        "accepted"
    ]
    assert "帐篷" in line("arrival", "show", number, "--as", desk.clerk)
    assert line.json("arrival", "list", "--open", "--as", desk.clerk) == []
    line("arrival", "close", number, "--because", "x", "--as", desk.clerk, code=5)
    assert line("verify").endswith("账簿核对无误。\n")


def test_an_announcement_is_cancelled_or_closed(desk: Desk, line: Line) -> None:  # noqa: F811
    first, second = announce(desk, line), announce(desk, line)
    assert line("arrival", "cancel", first, "--because", "改期", "--as", desk.clerk) == f"{first}:已取消。\n"
    line("arrival", "inspect", second, "--arrived-at", AT, "--as", desk.clerk)
    part = desk.file({"行号": "2", "清单数量": "30", "合格数量": "30"}, name="车次.csv")
    line("arrival", "accept", second, part, "--as", desk.keeper)
    assert line("arrival", "close", second, "--because", "不再来", "--as", desk.clerk) == f"{second}:已办结。\n"
    assert "行号" in line("arrival", "accept", "x", "--columns")
