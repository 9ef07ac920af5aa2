"""Acceptances as they are typed."""

from __future__ import annotations

from supplyops.kernel.access import Role
from tests.cli.conftest import Line
from tests.cli.test_store_documents import Desk, desk, tents  # noqa: F401  the desk is a fixture
from tests.house import VILLAGE


def test_a_receipt_is_signed_and_reported(desk: Desk, line: Line) -> None:  # noqa: F811
    said = desk.receive(tents(), more=("--appearance-good",))
    number = said.removeprefix("已入库,入库单编号 ").removesuffix("。\n")
    assert "不能签两次" in line("acceptance", "sign", number, "--as", desk.keeper, code=5)
    assert "尚无质检签字" in line("acceptance", "report", number, "--to", "应急局", "--as", desk.clerk, code=5)
    line("acceptance", "sign", number, "--as", desk.village, code=4)
    assert line("acceptance", "sign", number, "--as", desk.clerk) == f"{number}:质检已签字,入库单已更新。\n"
    assert [row["state"] for row in line.json("acceptance", "list", "--as", desk.keeper)] == ["unreported"]
    assert line.json("acceptance", "list", "--overdue", "--as", desk.keeper) == []
    assert "待报告" in line("acceptance", "list", "--state", "待报告", "--as", desk.keeper)
    line("acceptance", "report", number, "--to", "应急管理局", "--report-number", "3号", "--as", desk.keeper)
    shown = line.json("acceptance", "show", number, "--as", desk.clerk)
    assert (shown["state"], shown["reported_to"], shown["report_number"]) == ("reported", "应急管理局", "3号")
    assert "应急管理局" in line("acceptance", "show", number, "--as", desk.clerk)
    assert desk.world.actor(Role.CUSTODIAN, VILLAGE)
    assert line("verify").endswith("账簿核对无误。\n")
