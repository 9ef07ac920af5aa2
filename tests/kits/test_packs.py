"""The ladder of packages: both ways, exactly, and frozen once stock has moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplyops.catalogue import commands, queries
from supplyops.catalogue.packs import Ladder, LadderInput, PackInput, Rung, RungInput, ladder_of
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Forbidden, InvalidInput, NotFound
from supplyops.runtime import Runtime
from supplyops.stock.tables import StockMove
from tests.api.test_basics import with_token
from tests.cli.conftest import Line, line, settings
from tests.house import CITY, CITY_STORE, QUILT, TENT, House, build_house
from tests.kits.store import KIT, Store
from tests.reserves.shelves import change_item
from tests.web.site import Site

__all__ = ["line", "settings"]
TENTS = Ladder("顶", (Rung("箱", 10), Rung("托", 300)))


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
def site(house: House, tmp_path: Path) -> Site:
    return Site(house, tmp_path)


def test_a_quantity_reads_both_ways() -> None:
    assert TENTS.says(340) == "340 顶 = 34 箱 = 1 托 + 4 箱"
    assert TENTS.says(345) == "345 顶 = 34 箱 + 5 顶 = 1 托 + 4 箱 + 5 顶"
    assert TENTS.says(9) == "9 顶"
    assert TENTS.says(0) == "0 顶"
    assert TENTS.says(300) == "300 顶 = 30 箱 = 1 托"
    for text in ("340", "34箱", "1托4箱", "1 托 + 4 箱", "1托+40", "1托40顶", "３４箱", "1托,4箱", "340 顶"):
        assert TENTS.read(text) == 340, text


@pytest.mark.parametrize("text", ["", "箱", "1桶", "1.5箱", "-1箱", "一箱", "1箱箱", "3 4x"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        TENTS.read(text)
    assert refused.value.fields[0].field == "quantity"


@given(st.integers(1, 10**9), st.lists(st.integers(2, 50), max_size=4))
def test_what_is_said_reads_back(quantity: int, factors: list[int]) -> None:
    rungs, size = [], 1
    for place, factor in enumerate(factors):
        size *= factor
        rungs.append(Rung("包箱托柜"[place], size))
    ladder = Ladder("件", tuple(rungs))
    for said in ladder.says(quantity).split(" = "):
        assert ladder.read(said.replace(",", "")) == quantity


def test_an_items_own_package_is_the_lowest_rung() -> None:
    assert ladder_of("床", 5, "包", [Rung("托", 150)]) == Ladder("床", (Rung("包", 5), Rung("托", 150)))
    assert ladder_of("床", 5, "", []).rungs == (Rung("件", 5),)
    assert ladder_of("顶", 1, "顶", []).rungs == ()


@pytest.mark.parametrize(
    ("packs", "field"),
    [
        ([PackInput(QUILT, "托", 151)], "0.contains"),
        ([PackInput(QUILT, "箱", 20), PackInput(QUILT, "托", 150)], "1.contains"),
        ([PackInput(QUILT, "箱", 5)], "0.contains"),
        ([PackInput(QUILT, "床", 10)], "0.contains"),
        ([PackInput("Z99999", "托", 10)], "0.sku"),
        ([PackInput(QUILT, "托", 10), PackInput(QUILT, "托", 10)], "1.unit"),
    ],
)
def test_ladders_that_do_not_add_up_are_refused(house: House, packs: list[PackInput], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.runtime.run(commands.save_packs, SYSTEM, packs)
    assert refused.value.fields[0].field == field
    assert house.runtime.read(queries.packs, SYSTEM) == []


@pytest.mark.parametrize("more", [{"unit": "1托"}, {"unit": ""}, {"contains": 1}, {"mass_g": 0}])
def test_rungs_without_sense(more: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        PackInput(**{"sku": QUILT, "unit": "托", "contains": 10} | more)  # type: ignore[arg-type]


def test_units_change_until_stock_moves_and_then_no_more(house: House) -> None:
    run = house.runtime.run
    run(commands.save_packs, SYSTEM, [PackInput(QUILT, "托", 150)])
    change_item(house, QUILT, unit="条", pack_quantity=10)
    with pytest.raises(InvalidInput) as refused:
        change_item(house, QUILT, pack_quantity=40)
    assert [(each.field, each.code) for each in refused.value.fields] == [("0.pack_quantity", "pack_not_multiple")]
    run(commands.save_packs, SYSTEM, [PackInput(QUILT, "托", 200)])
    house.lot(QUILT)
    change_item(house, QUILT, unit="床")
    house.stock(house.lot(QUILT), 1)
    for change in ({"unit": "条"}, {"pack_quantity": 5}, {"content_quantity": 2}, {"content_unit": "ml"}):
        with pytest.raises(InvalidInput) as refused:
            change_item(house, QUILT, **change)
        assert [(each.field, each.code) for each in refused.value.fields] == [
            (f"0.{next(iter(change))}", "unit_frozen")
        ]
    change_item(house, QUILT, name="加厚棉被", unit_mass_g=4_000)
    with pytest.raises(InvalidInput) as refused:
        run(commands.save_packs, SYSTEM, [PackInput(QUILT, "箱", 50), PackInput(QUILT, "托", 250)])
    assert ("1.contains", "unit_frozen") in [(each.field, each.code) for each in refused.value.fields]
    run(commands.save_packs, SYSTEM, [PackInput(QUILT, "箱", 50), PackInput(QUILT, "托", 200, 700_000, 3_600_000)])
    assert (
        house.runtime.read(queries.ladders, SYSTEM)[QUILT].says(260)
        == "260 床 = 26 件 = 5 箱 + 1 件 = 1 托 + 1 箱 + 1 件"
    )
    with pytest.raises(InvalidInput) as refused:
        run(commands.define_ladder, SYSTEM, LadderInput(QUILT, (RungInput("箱", 50),)))
    assert refused.value.fields[0].code == "unit_frozen"
    row = house.runtime.read(queries.item, SYSTEM, QUILT)
    assert (row.unit, row.pack_quantity, row.name) == ("床", 10, "加厚棉被")


def test_a_ladder_is_said_whole(house: House) -> None:
    run, clerk = house.runtime.run, house.actor(Role.CLERK)
    run(commands.define_ladder, clerk, LadderInput(TENT, (RungInput("箱", 10), RungInput("托", 300))))
    run(commands.define_ladder, clerk, LadderInput(TENT, (RungInput("托", 4),)))
    assert [(row.unit, row.contains) for row in house.runtime.read(queries.packs, SYSTEM)] == [("托", 4)]
    with pytest.raises(NotFound):
        run(commands.define_ladder, clerk, LadderInput("Z99999"))
    with pytest.raises(Forbidden):
        run(commands.define_ladder, house.actor(Role.KEEPER), LadderInput(TENT))
    with pytest.raises(InvalidInput) as refused:
        LadderInput(TENT, (RungInput("箱", 1),))
    assert refused.value.fields[0].field == "rungs.0.contains"


def test_forms_take_packages_and_refuse_what_they_do_not_know(site: Site) -> None:
    house = site.house
    house.runtime.run(commands.save_packs, SYSTEM, [PackInput(TENT, "箱", 10), PackInput(TENT, "托", 300)])
    keeper = site.browser(Role.KEEPER)
    keeper.get("/stock/receive")
    receipt = {
        "site_code": CITY_STORE, "kind": "purchase", "owner_code": CITY, "source": "某厂", "fund_source": "市级财政",
        "arrived_at": "2026-01-12T09:00", "is_appearance_good": "1", "matches_list": "1",
        "lines-0-sku": "", "lines-1-sku": TENT, "lines-1-expected": "1托4箱", "lines-1-accepted": "34箱", "lines-1-location_code": "city-shelf",
    }  # fmt: skip
    wrong = keeper.post("/stock/receive", 422, **{**receipt, "lines-1-accepted": "34桶"}).get_data(as_text=True)
    assert "“桶”不是该物资的单位;可用:顶、箱、托。" in wrong
    assert 'value="34桶"' in wrong, "what was typed stays"
    keeper.get("/stock/receive")
    keeper.post("/stock/receive", **receipt)
    with house.runtime.database.read() as session:
        (move,) = session.query(StockMove).all()
        lot, quantity = move.lot_id, move.quantity
    assert quantity == 340
    shown = keeper.get("/stock")
    assert "= 34 箱 = 1 托 + 4 箱" in shown
    assert "= 34 箱 = 1 托 + 4 箱" in keeper.get("/stock/lots")
    keeper.get("/stock/issue")
    issue = {
        "site_code": CITY_STORE, "kind": "distribution", "owner_code": CITY, "recipient": "群众", "purpose": "安置",
        "lines-0-sku": TENT, "lines-0-quantity": "1 托",
    }  # fmt: skip
    keeper.post("/stock/issue", **issue)
    assert house.balance(lot) == (40, 0)


def test_ladders_on_pages_the_api_and_the_command_line(site: Site, line: Line) -> None:
    clerk = site.browser(Role.CLERK)
    clerk.get(f"/items/{TENT}/packs")
    refused = clerk.post(f"/items/{TENT}/packs", 422, **{"rungs-0-unit": "箱", "rungs-0-contains": "10", "rungs-1-unit": "托", "rungs-1-contains": "15"})  # fmt: skip
    assert "整数倍" in refused.get_data(as_text=True)
    clerk.get(f"/items/{TENT}/packs")
    clerk.post(f"/items/{TENT}/packs", **{"rungs-0-unit": "箱", "rungs-0-contains": "10"})
    assert "箱" in clerk.get(f"/items/{TENT}")
    site.browser(Role.KEEPER).get(f"/items/{TENT}/packs", 403)
    client, headers = site.app.test_client(), with_token(site)
    body = {"rungs": [{"unit": "箱", "contains": 10}, {"unit": "托", "contains": 300, "mass_g": 9}]}
    saved = client.put(f"/api/v1/items/{TENT}/packs", json=body, headers={**headers, "Idempotency-Key": "p"})
    assert [row["contains"] for row in saved.json or []] == [10, 300], saved.json
    assert len(client.get("/api/v1/items/packs", headers=headers).json or []) == 2
    assert line("pack", "say", TENT, "1托4箱", "--as", "clerk.654004") == "340 顶 = 34 箱 = 1 托 + 4 箱\n"
    assert [row["unit"] for row in line.json("pack", "list", "--sku", TENT, "--as", "clerk.654004")] == ["箱", "托"]


def test_a_kit_has_a_ladder_like_any_item(runtime: Runtime) -> None:
    assert Store(runtime).runtime.read(queries.ladders, SYSTEM)[KIT].says(10) == "10 套 = 2 箱 + 2 套"
