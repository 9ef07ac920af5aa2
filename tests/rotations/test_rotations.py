"""Goods that near their date: what is advised, who proposes, who decides, what carries it out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import Forbidden, InvalidInput, NotFound, WrongState
from supplyops.lots import commands as lots
from supplyops.lots.rules import LotHoldInput
from supplyops.papers.tables import Paper
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.rotations import commands, queries
from supplyops.rotations.rules import RotationChoice, RotationInput, RotationState
from supplyops.rotations.tables import Rotation
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.tables import Lot, StockMove
from supplyops.verify.books import verify
from tests.api.test_basics import with_token
from tests.dispatch.world import World, build_world
from tests.house import CITY_SHELF, CITY_STORE, QUILT, VILLAGE, VILLAGE_SHELF, VILLAGE_STORE, WATER
from tests.once import once
from tests.web.site import Site


@pytest.fixture
@once
def world(runtime: Runtime) -> World:
    world = build_world(runtime)
    world.house.stock(world.house.lot(WATER, number="W1", expires_on=date(2026, 3, 1)), 50)
    return world


@pytest.fixture
def keeper(world: World) -> Actor:
    return world.actor(Role.KEEPER)


def wish(choice: RotationChoice = RotationChoice.DRILL, quantity: int = 20, **more: Any) -> RotationInput:
    return RotationInput(**{"lot_number": "W1", "location_code": CITY_SHELF, "quantity": quantity, "choice": choice, "reason": "临期", "target": "防汛演练", **more})  # fmt: skip


def approved(world: World, keeper: Actor, choice: RotationChoice) -> UUID:
    rotation_id = world.runtime.run(commands.propose, keeper, wish(choice))
    world.runtime.run(commands.decide, world.actor(Role.APPROVER), rotation_id, True)
    return rotation_id


def clean(world: World) -> bool:
    return [f"{each.id} {each.examples}" for each in verify(world.runtime.database) if not each.is_clean] == []


def test_advice_names_what_nears_its_date_and_where_it_is_used(world: World, keeper: Actor) -> None:
    house = world.house
    house.stock(house.lot(WATER, number="FAR", expires_on=date(2027, 3, 1)), 5)
    house.stock(house.lot(QUILT, number="GONE", expires_on=date(2026, 1, 1)), 5)
    house.stock(house.lot(WATER, number="V1", owner=VILLAGE, expires_on=date(2027, 1, 1)), 9, VILLAGE_SHELF)
    out = IssueInput(IssueKind.DISTRIBUTION, VILLAGE_STORE, VILLAGE, "村民", "饮水", (IssueLineInput(WATER, 4),))
    world.runtime.run(stock.issue, world.actor(Role.KEEPER, VILLAGE), out)
    rows = world.runtime.read(queries.advice, keeper)
    assert [(row.lot_number, row.days_left, row.free) for row in rows] == [("GONE", -11, 5), ("W1", 48, 50)]
    assert [each.choice.value for each in rows[0].suggestions] == ["scrap", "downgrade"]
    assert [(each.choice.value, each.target) for each in rows[1].suggestions] == [
        ("swap", "伊犁甘泉饮品有限公司 HT-2026-01"),
        ("transfer", "伊车嘎善乡储备点"),
        ("drill", ""),
        ("downgrade", ""),
    ]


def test_somebody_else_decides_and_never_a_storekeeper(world: World, keeper: Actor) -> None:
    run = world.runtime.run
    rotation_id = run(commands.propose, keeper, wish())
    with pytest.raises(Forbidden):
        run(commands.decide, keeper, rotation_id, True)
    with pytest.raises(WrongState):
        run(commands.carry_out, keeper, rotation_id)
    with pytest.raises(InvalidInput):
        run(commands.decide, world.actor(Role.APPROVER), rotation_id, False)
    with pytest.raises(NotFound):
        run(commands.decide, world.actor(Role.APPROVER, VILLAGE), rotation_id, True)
    assert [row.state for row in world.rows(Rotation)] == [RotationState.PROPOSED]
    run(commands.decide, world.actor(Role.APPROVER), rotation_id, False, "留作储备")
    with pytest.raises(WrongState):
        run(commands.decide, world.actor(Role.APPROVER), rotation_id, True)
    assert clean(world)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"quantity": 51}, InvalidInput),
        ({"lot_number": "NONE"}, NotFound),
        ({"location_code": VILLAGE_SHELF}, NotFound),
    ],
)
def test_what_cannot_be_proposed_leaves_nothing(
    world: World, keeper: Actor, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        world.runtime.run(commands.propose, keeper, wish(**given))
    assert world.rows(Rotation) == []


def test_a_target_is_named_where_there_is_one() -> None:
    with pytest.raises(InvalidInput):
        wish(RotationChoice.RETURN, target=" ")
    assert wish(RotationChoice.SCRAP, target="")


def test_a_drill_and_a_return_are_issue_notes_with_their_own_ways(world: World, keeper: Actor) -> None:
    run = world.runtime.run
    number = run(commands.carry_out, keeper, approved(world, keeper, RotationChoice.DRILL))
    assert world.rows(StockMove)[-1].target_id == virtual_location_id(LocationKind.CONSUMED)
    assert number.startswith("CK-")
    run(commands.carry_out, keeper, approved(world, keeper, RotationChoice.RETURN))
    move = world.rows(StockMove)[-1]
    assert (move.target_id, move.quantity) == (virtual_location_id(LocationKind.SUPPLIER), 20)
    assert [paper.content["issue_kind"] for paper in world.papers("issue_note")] == ["演练", "轮换"]
    assert clean(world)


def test_lower_use_is_a_lot_of_its_own(world: World, keeper: Actor) -> None:
    number = world.runtime.run(commands.carry_out, keeper, approved(world, keeper, RotationChoice.DOWNGRADE))
    lot = next(row for row in world.rows(Lot) if row.number == number)
    parent = next(row for row in world.rows(Lot) if row.number == "W1")
    assert (lot.parent_lot_id, lot.expires_on, lot.restriction[:4]) == (parent.id, parent.expires_on, "降级使用")
    assert (world.house.balance(parent.id), world.house.balance(lot.id)) == ((30, 0), (20, 0))
    assert clean(world)


@pytest.mark.parametrize("choice", [RotationChoice.SCRAP, RotationChoice.TRANSFER])
def test_what_has_a_document_of_its_own_is_ended_by_its_number(
    world: World, keeper: Actor, choice: RotationChoice
) -> None:
    run = world.runtime.run
    rotation_id = approved(world, keeper, choice)
    with pytest.raises(InvalidInput):
        run(commands.carry_out, keeper, rotation_id)
    assert run(commands.carry_out, keeper, rotation_id, "BF-2026-1") == "BF-2026-1"
    with pytest.raises(WrongState):
        run(commands.carry_out, keeper, rotation_id, "BF-2026-2")
    other = approved(world, keeper, choice)
    with pytest.raises(InvalidInput):
        run(commands.carry_out, keeper, other, "BF-2026-1")
    run(commands.cancel, keeper, other, "不办了")
    assert {row.state for row in world.rows(Rotation)} == {RotationState.DONE, RotationState.CANCELLED}


def test_goods_on_hold_go_to_no_drill_but_back_to_their_maker(world: World, keeper: Actor) -> None:
    run = world.runtime.run
    drill, back = approved(world, keeper, RotationChoice.DRILL), approved(world, keeper, RotationChoice.RETURN)
    run(lots.hold_lot, keeper, LotHoldInput("W1", "变味"))
    before = world.books()
    with pytest.raises(Exception, match="lot_blocked"):
        run(commands.carry_out, keeper, drill)
    assert world.books() == before
    run(commands.carry_out, keeper, back)
    assert clean(world)


def test_the_advice_is_printed_and_asked_for_store_by_store(world: World, tmp_path: Path) -> None:
    site = Site(world.house, tmp_path)
    keeper = site.browser(Role.KEEPER)
    assert ">W1<" not in keeper.get(f"/stock/rotations?site={VILLAGE_STORE}")
    listed = keeper.get(f"/stock/rotations?site={CITY_STORE}")
    assert ">W1<" in listed
    assert "打印轮换建议表" in listed
    answer = keeper.post("/stock/rotations/advice.pdf", 200, site_code=CITY_STORE)
    assert answer.data.startswith(b"%PDF")
    (paper,) = [paper for paper in world.rows(Paper) if paper.form == "rotation_advice"]
    (line,) = paper.content["lines"]
    assert (line["lot"]["number"], line["quantity"], line["days_left"]) == ("W1", 50, 48)
    assert "演练使用" in line["advice"]
    client, headers = site.app.test_client(), {**with_token(site, Role.KEEPER), "Idempotency-Key": "a1"}
    rows = client.get(f"/api/v1/rotations/advice?site={CITY_STORE}", headers=headers).get_json()
    assert [(row["lot_number"], row["site_code"]) for row in rows] == [("W1", CITY_STORE)]
    made = client.post("/api/v1/rotations/advice/papers", json={"site_code": CITY_STORE}, headers=headers)
    assert (made.status_code, made.get_json()["version"]) == (201, 2)
    stranger = {**with_token(site, Role.KEEPER, VILLAGE), "Idempotency-Key": "a2"}
    refused = client.post("/api/v1/rotations/advice/papers", json={"site_code": CITY_STORE}, headers=stranger)
    assert refused.status_code == 422, "a store out of reach is not shown to exist"
    assert len([paper for paper in world.rows(Paper) if paper.form == "rotation_advice"]) == 2


def test_people_do_it_on_pages(world: World, tmp_path: Path) -> None:
    site = Site(world.house, tmp_path)
    keeper, approver = site.browser(Role.KEEPER), site.browser(Role.APPROVER)
    assert "W1" in keeper.get("/stock/rotations")
    keeper.get(f"/stock/rotations/new?lot_number=W1&location_code={CITY_SHELF}&quantity=5&choice=drill")
    form = {"lot_number": "W1", "location_code": CITY_SHELF, "choice": "drill", "reason": "临期"}
    keeper.post("/stock/rotations/new", 422, quantity="5", target="", **form)
    address = keeper.post("/stock/rotations/new", quantity="5", target="演练", **form).headers["Location"]
    assert "不同意" not in keeper.get(address)
    assert "不同意" in approver.get(address)
    approver.post(f"{address}/decide", allowed="1")
    assert "演练出库" in keeper.get(address)
    keeper.post(f"{address}/carry_out")
    assert "CK-" in keeper.get(address)
    rows = keeper.client.get("/api/v1/rotations/").get_json()
    assert [(row["state"], row["choice"]) for row in rows] == [("done", "drill")]
    assert keeper.client.get("/api/v1/rotations/advice").get_json()[0]["free"] == 45
