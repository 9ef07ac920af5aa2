"""Bins, putting away, labels and the quick receipt as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import SYSTEM
from supplyops.places import commands as places
from tests.cli.conftest import Line
from tests.cli.test_store_documents import Desk, desk  # noqa: F401  the desk is a fixture
from tests.house import CITY_SHELF, CITY_STORE, TENT
from tests.warehouse.test_putting_away import BINS, DRY_1, DRY_2, RECEIVING


@pytest.fixture
def lot(desk: Desk, line: Line) -> str:  # noqa: F811
    """Twenty tents in the receiving area."""
    desk.world.runtime.run(places.save_locations, SYSTEM, BINS)
    quick = ("document", "quick-receive", f"{TENT}=9", "--site", CITY_STORE, "--as", desk.keeper)
    assert "--source" in line(*quick, code=2)
    assert "应写成" in line("document", "quick-receive", TENT, *quick[3:], "--source", "红十字会", code=3)
    assert "入库单编号 RK-" in line(*quick, "--source", "红十字会", "--kind", "捐赠")
    (row,) = line.json("warehouse", "waiting", "--site", CITY_STORE, "--as", desk.keeper)
    assert row["stock"]["on_hand"] == 9
    return str(row["stock"]["lot_number"])


def test_goods_are_put_away(desk: Desk, line: Line, lot: str) -> None:  # noqa: F811
    keeper = ("--as", desk.keeper)
    assert f"{DRY_2}=9" in line("warehouse", "waiting", *keeper)
    put = ("warehouse", "put-away", lot)
    assert "剩余容积" in desk.refused(lambda: line(*put, DRY_1, *keeper, code=3))
    desk.refused(lambda: line(*put, DRY_2, "--as", desk.clerk, code=6))
    assert f"已上架 2 到 {DRY_1}" in line(*put, DRY_1, "--quantity", "2", *keeper)
    assert f"已上架 7 到 {DRY_2}" in line(*put, DRY_2, *keeper)
    assert desk.stock() == {DRY_1: 2, DRY_2: 7}
    line(*put, DRY_2, *keeper, code=4)
    line(*put, DRY_2, *keeper, "--key", "k1", code=3)
    shown = line.json("warehouse", "bin", DRY_2, *keeper)
    assert (shown["used_cm3"], shown["contents"][0]["lot_number"]) == (7 * 480_000, lot)
    assert "B-01-2" in line("warehouse", "bins", "--site", CITY_STORE, *keeper)
    assert {row["code"] for row in line.json("warehouse", "bins", "--site", CITY_STORE, *keeper)} >= {
        RECEIVING,
        CITY_SHELF,
    }
    assert line.json("warehouse", "scan", f"https://x/scan/lot/{lot}", *keeper)[0]["code"] == lot
    line("warehouse", "scan", "nothing", *keeper, code=4)


def test_labels_are_written_to_a_file(desk: Desk, line: Line, lot: str, tmp_path: Path) -> None:  # noqa: F811
    keeper, file = ("--as", desk.keeper), tmp_path / "标签.pdf"
    for words in (
        ("bin-labels", "--site", CITY_STORE),
        ("bin-labels", DRY_1, DRY_2, "--size", "60x40"),
        ("lot-labels", lot),
        ("lot-labels", "--site", CITY_STORE, "--size", "60x40"),
        ("cards", "--site", CITY_STORE),
    ):
        file.unlink(missing_ok=True)
        assert "已写入" in line("warehouse", *words, "-o", str(file), *keeper)
        assert file.read_bytes().startswith(b"%PDF-")
    file.unlink()
    assert [row["number"] for row in line.json("warehouse", "lot-labels", lot, *keeper)] == [lot]
    assert {row["code"] for row in line.json("warehouse", "bin-labels", DRY_1, DRY_2, *keeper)} == {DRY_1, DRY_2}
    [card] = [
        row for row in line.json("warehouse", "cards", "--site", CITY_STORE, *keeper) if row["lot"]["number"] == lot
    ]
    assert card["quantity"] > 0
    assert lot in line("warehouse", "cards", "--site", CITY_STORE, *keeper)
    for words, code in (
        (("bin-labels",), 3),
        (("lot-labels", "x"), 4),
        (("cards",), 3),
        (("cards", DRY_1), 4),
        (("bin-labels", "x"), 4),
    ):
        line("warehouse", *words, "-o", str(file), *keeper, code=code)
    assert not file.exists()
