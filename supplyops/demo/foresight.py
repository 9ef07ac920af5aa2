"""What the city looks ahead to when a story is over: scenarios, and advice on what its reserve should hold for them."""

from __future__ import annotations

from collections.abc import Callable

from supplyops.demo.scene import Scene
from supplyops.incidents.rules import Hazard
from supplyops.norms.rules import Season
from supplyops.planning import reserve_advising, reserving
from supplyops.planning.reserving_rules import AreaPersons, ReserveAdviceInput, ReserveScenarioInput

CITY, CLERK = "654004", "clerk.city"
ASKED = ReserveAdviceInput(CITY, 100_000_00, "bedding")
SCENARIOS = (
    ReserveScenarioInput(
        CITY, "DZ-6", "冬季6级地震,伊车嘎善乡、莫乎尔牧场受灾", 200, Season.WINTER, 12,
        (AreaPersons("654004200", 900), AreaPersons("654004901", 450)), Hazard.EARTHQUAKE,
    ),
    ReserveScenarioInput(
        CITY, "HS-1", "夏季山洪,卡拉苏街道受灾,防汛物资库进水", 500, Season.SUMMER, 8, (AreaPersons("654004001", 600),),
        Hazard.FLOOD, ("wh-flood",),
    ),
)  # fmt: skip


def look_ahead(scene: Scene, work: Callable[[], None]) -> None:
    """A clerk puts down what may come and asks what bedding to buy; the worker reckons."""
    for each in SCENARIOS:
        scene.do(reserving.save_reserve_scenario, CLERK, each)
    scene.do(reserve_advising.start_reserve_advice, CLERK, ASKED)
    work()
