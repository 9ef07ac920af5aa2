"""Every reason is a sentence with its figures, and real gaps read well."""

from __future__ import annotations

import pytest

from optimizer.solution import Why
from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.rules import SubstituteInput
from supplyops.contracts.rules import Carrier
from supplyops.kernel.access import SYSTEM, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import ReserveNormInput
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import RoadReportInput, RoadStatus
from supplyops.planning.rules import Aside, Lock, LockMode, lot_source
from supplyops.runtime import Runtime
from supplyops.wording.why import WHY
from tests.house import CITY_QUARANTINE, CITY_SHELF, FARM, QUILT, TENT
from tests.planning.town import Town, build_town


@pytest.fixture
def town(runtime: Runtime) -> Town:
    return build_town(runtime)


def stock(town: Town, quantity: int, shelf: str = CITY_SHELF, **lot: object) -> str:
    lot_id = town.house.lot(**lot)  # type: ignore[arg-type]
    town.house.stock(lot_id, quantity, shelf)
    return lot_source(town.house.locations[shelf], lot_id)


def why(town: Town, **options: object) -> list[str]:
    (gap,) = town.read(town.plan(**options)).gaps
    return list(gap.sentences)


def test_every_reason_there_is_has_a_sentence() -> None:
    assert {code.value for code in (*Why, *Aside)} <= set(WHY)


def test_nothing_there_and_who_else_has_some(town: Town) -> None:
    town.request((TENT, 40))
    stock(town, 12, owner=FARM)
    stock(town, 3, CITY_QUARANTINE)
    town.contract(carrier=Carrier.FLEET, quantity=70, site="")
    assert why(town) == [
        "指挥体系内没有可用的12m²棉帐篷。",
        "霍尔果斯市库有12m²棉帐篷 3 顶 在待检隔离区,检验合格后才能动用。",
        "兵团六十一团(霍尔果斯市库)有12m²棉帐篷 12 顶,在指挥体系以外,须先发协调函并取得同意。",
        "合同 HT-1 可供12m²棉帐篷 70 顶,但没有登记供货地点,无法计算到货时间。",
    ]


def test_a_floor_a_lock_and_a_closed_road(town: Town) -> None:
    (line,) = town.request((TENT, 40))
    source = stock(town, 50)
    town.runtime.run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("t", TENT, Level.CITY, 100, 200, "A")])
    assert why(town) == ["霍尔果斯市库还有 20 顶,属储备底线,须由物权单位的批准人释放后才能动用。"]
    assert (
        why(town, locks=(Lock(source, line, LockMode.AT_MOST, 5),))[0]
        == "指挥员锁定:霍尔果斯市库不多于 5 顶,方案给了 5 顶。"
    )
    closed = RoadReportInput("R-VILLAGE", RoadStatus.CLOSED, "雪崩")
    town.runtime.run(places.report_road, town.house.actor(Role.CLERK), closed)
    assert why(town) == ["霍尔果斯市库共 50 顶,但没有通往接收点的可用道路。"]


def test_too_late_says_when_it_could_be_there(town: Town) -> None:
    town.request((TENT, 40), hours=1)
    stock(town, 50)
    (sentence,) = why(town)
    assert sentence.startswith("霍尔果斯市库共 50 顶,最早 01-12 ")
    assert sentence.endswith("才能送到,晚于要求的 01-12 11:00。")


def test_goods_of_a_substitute_are_counted_in_their_own_unit(town: Town) -> None:
    town.runtime.run(catalogue.save_substitutes, SYSTEM, [SubstituteInput(TENT, QUILT, 1, 4)])
    town.request((TENT, 40))
    stock(town, 12, CITY_QUARANTINE, sku=QUILT)
    assert why(town)[-1] == "霍尔果斯市库有棉被 12 床 在待检隔离区,检验合格后才能动用。"


def test_kinds_of_goods_are_told_apart(town: Town) -> None:
    town.runtime.run(catalogue.save_substitutes, SYSTEM, [SubstituteInput(TENT, QUILT, 1, 4)])
    town.request((TENT, 40), hours=1)
    stock(town, 30)
    stock(town, 28, sku=QUILT)
    (late,) = why(town)
    assert late.startswith("霍尔果斯市库共 12m²棉帐篷 30 顶、棉被 28 床,最早 01-12 ")


def test_too_few_to_stand_in_for_one(town: Town) -> None:
    town.runtime.run(catalogue.save_substitutes, SYSTEM, [SubstituteInput(TENT, QUILT, 1, 4)])
    town.request((TENT, 40))
    stock(town, 3, sku=QUILT)
    assert why(town) == ["霍尔果斯市库剩下 3 床,少于能用的最小数量 4 床(整包装,或代用品折算所需),不能动用。"]
