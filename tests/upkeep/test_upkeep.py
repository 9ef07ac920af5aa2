"""What a store has to do, that doing it leaves a record, what was found is mended, duty goes from one person to another."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.demo.founding import complete_parameters
from supplyops.insight.morning import morning
from supplyops.insight.morning_papers import ROWS_MAX, issue_morning, sections
from supplyops.insight.morning_rows import MorningKind, MorningLine
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.lots import commands as lots
from supplyops.lots.rules import LotHoldInput
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput, ReserveMethod, ReserveNormInput
from supplyops.papers.tables import Paper
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import AreaInput
from supplyops.runtime import Runtime
from supplyops.stock.opening import open_stock
from supplyops.stock.rules import LotInput, OpeningInput
from supplyops.upkeep import commands, due_queries, queries
from supplyops.upkeep.rules import (
    DutyInput,
    DutyState,
    IntervalInput,
    RoundInput,
    RoundLotInput,
    SamplingGroup,
    UpkeepKind,
    UpkeepResult,
)
from supplyops.upkeep.tables import DutyHandover, UpkeepFinding, UpkeepInterval, UpkeepRound, UpkeepRoundLot
from supplyops.verify.books import verify
from tests.conftest import Clock
from tests.house import (
    CITY,
    CITY_SHELF,
    CITY_STORE,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    VILLAGE_STORE,
    WATER,
    House,
    build_house,
)
from tests.once import once

TABLES = (UpkeepInterval, UpkeepRound, UpkeepRoundLot, UpkeepFinding, DutyHandover, Paper)
K = UpkeepKind


@pytest.fixture
@once
def house(runtime: Runtime) -> House:
    house = build_house(runtime)
    complete_parameters(runtime)
    return house


@pytest.fixture
def keeper(house: House) -> Actor:
    return house.actor(Role.KEEPER)


def rows(runtime: Runtime) -> list[int]:
    with runtime.database.read() as session:
        return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in TABLES]


def due(house: House, kind: UpkeepKind | None = None, site: str = CITY_STORE) -> list[tuple[UpkeepKind, str, date]]:
    found = house.runtime.read(due_queries.due_upkeep, house.actor(Role.KEEPER), site, None, kind)
    return [(row.kind, row.lot_number, row.due_on) for row in found]


def record(house: House, kind: UpkeepKind, who: Actor | None = None, **more: Any) -> UUID:
    given = RoundInput(more.pop("site_code", CITY_STORE), kind, **more)
    return house.runtime.run(commands.record, who or house.actor(Role.KEEPER), given)


def test_rounds_come_due_from_the_day_a_store_first_held_goods_and_again_after_they_were_done(
    house: House, clock: Clock
) -> None:
    assert due(house) == [], "an empty store has nothing to look after"
    house.stock(house.lot(), 10)
    assert due(house) == []
    clock.advance(days=7)
    assert due(house) == [(K.INSPECTION, "", date(2026, 1, 19)), (K.VENTILATION, "", date(2026, 1, 19))]
    record(house, K.INSPECTION)
    assert due(house) == [(K.VENTILATION, "", date(2026, 1, 19))]
    clock.advance(days=30)
    kinds = {kind: day for kind, _, day in due(house)}
    assert kinds[K.INSPECTION] == date(2026, 1, 26)
    assert kinds[K.FIRE_CHECK] == date(2026, 2, 11)
    assert K.FIRE_TRAINING not in kinds
    clock.advance(days=400)
    assert {K.FIRE_TRAINING, K.FIRE_DRILL, K.RODENTS, K.DAMP, K.RESTACK} <= {kind for kind, _, _ in due(house)}


def test_one_store_has_its_own_intervals(house: House, clock: Clock) -> None:
    house.stock(house.lot(), 10)
    clerk = house.actor(Role.CLERK)
    own = [
        IntervalInput(CITY_STORE, K.FIRE_CHECK, 5),
        IntervalInput(CITY_STORE, K.INSPECTION, 0),
        IntervalInput(CITY_STORE, K.VENTILATION, 7, starts_on=date(2026, 3, 1)),
    ]
    house.runtime.run(commands.save_intervals, clerk, own)
    clock.advance(days=8)
    assert due(house) == [(K.FIRE_CHECK, "", date(2026, 1, 17))]
    before = rows(house.runtime)
    with pytest.raises(Forbidden):
        house.runtime.run(commands.save_intervals, house.actor(Role.KEEPER), own)
    with pytest.raises(InvalidInput, match="repeated"):
        house.runtime.run(commands.save_intervals, clerk, [own[0], own[0]])
    with pytest.raises(InvalidInput, match="too_large"):
        IntervalInput(CITY_STORE, K.FIRE_CHECK, 3661)
    assert rows(house.runtime) == before


def test_goods_stored_for_a_year_are_restacked(house: House, clock: Clock) -> None:
    lot = house.lot(number="T-1")
    house.stock(lot, 10)
    clock.advance(days=364)
    assert due(house, K.RESTACK) == []
    clock.advance(days=1)
    assert due(house, K.RESTACK) == [(K.RESTACK, "T-1", date(2027, 1, 12))]
    record(house, K.RESTACK, lots=(RoundLotInput("T-1", CITY_SHELF),))
    assert due(house, K.RESTACK) == []
    clock.advance(days=365)
    assert due(house, K.RESTACK) == [(K.RESTACK, "T-1", date(2028, 1, 12))]


def test_clocks_of_opening_stock_count_from_the_day_it_came_in(house: House, clock: Clock) -> None:
    opened = [
        OpeningInput(LotInput(TENT, CITY, "市级财政", number, produced_on=made, stored_on=stored), CITY_SHELF, 5)
        for number, made, stored in (
            ("BOTH", date(2022, 1, 1), date(2025, 2, 1)),
            ("MADE", date(2025, 3, 1), None),
            ("STORED", None, date(2023, 2, 1)),
            ("NEITHER", None, None),
        )
    ]
    house.runtime.run(open_stock, house.actor(Role.CLERK), opened)
    clock.advance(days=365)
    assert due(house, K.RESTACK) == [
        (K.RESTACK, "STORED", date(2024, 2, 1)),
        (K.RESTACK, "BOTH", date(2026, 2, 1)),
        (K.RESTACK, "MADE", date(2026, 3, 1)),
        (K.RESTACK, "NEITHER", date(2027, 1, 12)),
    ]
    assert due(house, K.SAMPLING) == [
        (K.SAMPLING, "BOTH", date(2024, 12, 31)),
        (K.SAMPLING, "STORED", date(2026, 1, 31)),
    ]


def test_goods_made_three_years_ago_are_sampled_and_a_sample_stands_for_others(house: House, clock: Clock) -> None:
    for number in ("T-1", "T-2"):
        house.stock(house.lot(number=number), 10)
    house.stock(house.lot(sku=WATER, number="W-1"), 10)
    clock.advance(days=1094)
    assert due(house, K.SAMPLING) == []
    clock.advance(days=1)
    assert [lot for _, lot, _ in due(house, K.SAMPLING)] == ["T-1", "T-2", "W-1"]
    sample = (RoundLotInput("T-1", CITY_SHELF, 2),)
    record(
        house, K.SAMPLING, lots=sample, sampling_group=SamplingGroup.LOT, laboratory="自治区质检院", report_number="R-1"
    )
    assert [lot for _, lot, _ in due(house, K.SAMPLING)] == ["T-2", "W-1"]
    record(house, K.SAMPLING, lots=sample, sampling_group=SamplingGroup.CATEGORY)
    assert [lot for _, lot, _ in due(house, K.SAMPLING)] == ["W-1"]
    clock.advance(days=365)
    assert len(due(house, K.SAMPLING)) == 3


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"lots": (RoundLotInput("T-1", CITY_SHELF, 0),)}, "lots.0.sampled", "not_positive"),
        ({"lots": (RoundLotInput("T-1", CITY_SHELF, 11),)}, "lots.0.lot_number", "not_that_much_here"),
        ({"lots": (RoundLotInput("nope", CITY_SHELF, 1),)}, "lots.0.lot_number", "unknown_reference"),
        ({"lots": (RoundLotInput("T-1", VILLAGE_SHELF, 1),)}, "lots.0.location_code", "other_site"),
        ({"lots": ()}, "lots", "lots_of_round"),
        ({"lots": (RoundLotInput("T-1", CITY_SHELF, 1),), "sampling_group": None}, "sampling_group", "required"),
        ({"lots": (RoundLotInput("T-1", CITY_SHELF, 1),), "site_code": "nowhere"}, "site_code", "unknown_reference"),
    ],
)
def test_a_sampling_that_cannot_be_leaves_nothing(house: House, more: dict[str, Any], field: str, code: str) -> None:
    house.stock(house.lot(number="T-1"), 10)
    before = rows(house.runtime)
    with pytest.raises((InvalidInput, NotFound)) as refusal:
        record(house, K.SAMPLING, **({"sampling_group": SamplingGroup.LOT} | more))
    if isinstance(refusal.value, InvalidInput):
        assert [(each.field, each.code) for each in refusal.value.fields] == [(field, code)]
    assert rows(house.runtime) == before


def test_what_a_round_found_is_mended(house: House, keeper: Actor, clock: Clock) -> None:
    found = {
        "result": UpkeepResult.FINDING,
        "finding": "3号灭火器压力不足",
        "finding_due_on": date(2026, 1, 15),
        "responsible": "白明亮",
        "readings": "0.8MPa",
    }
    for missing in ("finding", "finding_due_on", "responsible"):
        with pytest.raises(InvalidInput):
            RoundInput(CITY_STORE, K.FIRE_CHECK, **{name: value for name, value in found.items() if name != missing})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="finding_without_result"):
        RoundInput(CITY_STORE, K.FIRE_CHECK, finding="x")
    record(house, K.FIRE_CHECK, **found)
    (finding,) = house.runtime.read(queries.findings, keeper, CITY_STORE)
    assert (finding.description, finding.is_overdue) == ("3号灭火器压力不足", False)
    clock.advance(days=4)
    assert house.runtime.read(queries.findings, keeper)[0].is_overdue
    with pytest.raises(InvalidInput, match="required"):
        house.runtime.run(commands.close_finding, keeper, finding.id, " ")
    with pytest.raises(NotFound):
        house.runtime.run(commands.close_finding, house.actor(Role.KEEPER, VILLAGE), finding.id, "x")
    house.runtime.run(commands.close_finding, keeper, finding.id, "已更换")
    with pytest.raises(Conflict, match="already_mended"):
        house.runtime.run(commands.close_finding, keeper, finding.id, "又换")
    assert house.runtime.read(queries.findings, keeper) == []
    (done,) = house.runtime.read(queries.rounds, keeper)
    assert (done.done_by_name, done.readings, done.findings[0].closing_note) == ("keeper.654004", "0.8MPa", "已更换")
    assert [each for each in verify(house.runtime.database) if not each.is_clean] == []


def test_a_round_is_of_today_or_before_and_of_ones_own_store(house: House, keeper: Actor, clock: Clock) -> None:
    before = rows(house.runtime)
    with pytest.raises(InvalidInput, match="in_the_future"):
        record(house, K.INSPECTION, done_at=clock.now + timedelta(minutes=1))
    with pytest.raises((Forbidden, InvalidInput)):
        record(house, K.INSPECTION, house.actor(Role.KEEPER, VILLAGE))
    with pytest.raises(Forbidden):
        record(house, K.INSPECTION, house.actor(Role.AUDITOR))
    assert rows(house.runtime) == before
    keyed = keeper.keyed("k")
    assert record(house, K.INSPECTION, keyed) == record(house, K.INSPECTION, keyed)
    assert rows(house.runtime)[1] == 1


def over(house: House, who: Actor, to: Actor, **more: Any) -> UUID:
    name = next(name for name, known in house.people.items() if known == to)
    given = {"open_matters": "棉帐篷待装车", "keys": "库房钥匙6把"} | more
    return house.runtime.run(commands.hand_over, who, DutyInput(CITY_STORE, name, **given))


def test_duty_goes_from_one_person_to_another_and_both_sign(house: House, keeper: Actor, clock: Clock) -> None:
    clerk, custodian = house.actor(Role.CLERK), house.actor(Role.CUSTODIAN)
    handover = over(house, keeper, clerk, readings="6℃")
    assert house.runtime.read(queries.on_duty, keeper, CITY_STORE) is None
    with pytest.raises(Conflict, match="handover_waits"):
        over(house, keeper, custodian)
    for other in (keeper, custodian):
        with pytest.raises(Forbidden, match="not_the_incoming"):
            house.runtime.run(commands.take_over, other, handover)
    clock.advance(minutes=10)
    house.runtime.run(commands.take_over, clerk, handover, "已核对")
    on_duty = house.runtime.read(queries.on_duty, keeper, CITY_STORE)
    assert on_duty is not None
    assert (on_duty.incoming_name, on_duty.state) == ("clerk.654004", DutyState.TAKEN)
    with house.runtime.database.read() as session:
        (paper,) = session.scalars(select(Paper)).all()
        assert (paper.form, paper.content["outgoing"]["name"], paper.content["incoming"]["name"]) == (
            "duty_handover",
            "keeper.654004",
            "clerk.654004",
        )
    with pytest.raises(WrongState):
        house.runtime.run(commands.take_over, clerk, handover)
    with pytest.raises(InvalidInput, match="not_on_duty"):
        over(house, keeper, custodian)
    again = over(house, keeper, custodian, note="值班员突发疾病,由我代交")
    house.runtime.run(commands.withdraw_handover, keeper, again, "她回来了")
    over(house, clerk, custodian)
    assert [each for each in verify(house.runtime.database) if not each.is_clean] == []


def test_nobody_hands_duty_to_themselves_or_to_nobody(house: House, keeper: Actor) -> None:
    before = rows(house.runtime)
    with pytest.raises(InvalidInput, match="own_handover"):
        over(house, keeper, keeper)
    with pytest.raises(InvalidInput, match="unknown_reference"):
        house.runtime.run(commands.hand_over, keeper, DutyInput(CITY_STORE, "nobody", "x", "y"))
    with pytest.raises((Forbidden, InvalidInput)):
        over(house, house.actor(Role.KEEPER, VILLAGE), keeper)
    with pytest.raises(InvalidInput, match="required"):
        DutyInput(CITY_STORE, "a", " ", "y")
    assert rows(house.runtime) == before


def test_the_morning_list_gathers_what_a_store_has_before_it(house: House, keeper: Actor, clock: Clock) -> None:
    norm = ReserveNormInput("r-tent", TENT, Level.CITY, 10, 200, "A")
    house.runtime.run(norms.save_reserve_norms, SYSTEM, [norm])
    persons = ParameterInput("reserve.persons.city", "3000", "人", "A", date(2025, 1, 1))
    house.runtime.run(norms.save_parameters, SYSTEM, [persons])
    house.stock(house.lot(number="T-1"), 5)
    house.stock(house.lot(sku=WATER, number="W-OLD", expires_on=date(2026, 1, 10)), 7)
    house.stock(house.lot(sku=WATER, number="W-SOON", expires_on=date(2026, 2, 1)), 8)
    house.stock(house.lot(sku=WATER, number="W-LATE", expires_on=date(2027, 2, 1)), 9)
    clock.advance(days=8)
    over(house, keeper, house.actor(Role.CLERK))
    found = house.runtime.read(morning, keeper, CITY_STORE)
    told = {(line.kind, line.title, line.detail, line.is_overdue) for line in found.lines}
    assert (MorningKind.FLOOR, "12m²棉帐篷", "可用5顶,底线6顶", False) in told
    assert (MorningKind.EXPIRY, "瓶装饮用水 550ml×24", "7箱", True) in told
    assert (MorningKind.EXPIRY, "瓶装饮用水 550ml×24", "8箱", False) in told
    assert not any("9箱" in detail for _, _, detail, _ in told)
    assert (MorningKind.UPKEEP, "库房巡检", "", True) in told
    assert (MorningKind.DUTY, "keeper.654004 → clerk.654004", "待接班", False) in told
    assert found.overdue == sum(line.is_overdue for line in found.lines)
    with pytest.raises(NotFound):
        house.runtime.read(morning, house.actor(Role.KEEPER, VILLAGE), CITY_STORE)
    village = house.runtime.read(morning, house.actor(Role.KEEPER, VILLAGE), VILLAGE_STORE)
    assert village.lines == ()


def test_the_morning_list_on_paper_is_one_a_day(house: House, keeper: Actor, clock: Clock) -> None:
    house.stock(house.lot(number="T-1"), 5)
    clock.advance(days=8)
    house.runtime.run(issue_morning, keeper, CITY_STORE)
    house.runtime.run(issue_morning, keeper, CITY_STORE)
    clock.advance(days=1)
    house.runtime.run(issue_morning, keeper, CITY_STORE)
    with house.runtime.database.read() as session:
        papers = session.scalars(select(Paper).order_by(Paper.issued_at, Paper.version)).all()
    assert [(paper.number[-13:], paper.version, paper.state.value) for paper in papers] == [
        ("20260120-0001", 1, "superseded"),
        ("20260120-0001", 2, "valid"),
        ("20260121-0001", 1, "valid"),
    ]
    with pytest.raises((NotFound, Forbidden)):
        house.runtime.run(issue_morning, house.actor(Role.KEEPER, VILLAGE), CITY_STORE)
    assert [each for each in verify(house.runtime.database) if not each.is_clean] == []


def test_the_morning_counts_no_lot_on_hold_as_free(house: House, keeper: Actor) -> None:
    norm = ReserveNormInput("r-tent", TENT, Level.CITY, 10, 200, "A")
    house.runtime.run(norms.save_reserve_norms, SYSTEM, [norm])
    persons = ParameterInput("reserve.persons.city", "3000", "人", "A", date(2025, 1, 1))
    house.runtime.run(norms.save_parameters, SYSTEM, [persons])
    house.stock(house.lot(number="T-1"), 5)
    house.stock(house.lot(number="T-2"), 4)

    def short() -> list[str]:
        lines = house.runtime.read(morning, keeper, CITY_STORE).lines
        return [line.detail for line in lines if line.kind is MorningKind.FLOOR]

    assert short() == []
    house.runtime.run(lots.hold_lot, keeper, LotHoldInput("T-2", "抽检不合格"))
    assert short() == ["可用5顶,底线6顶"]


def test_the_morning_goes_without_a_floor_that_cannot_be_reckoned(house: House, keeper: Actor) -> None:
    by_people = ReserveNormInput("r-tent", TENT, Level.CITY, 10, 200, "A", method=ReserveMethod.SHARE)
    fixed = ReserveNormInput("r-water", WATER, Level.CITY, 0, 500, "A", method=ReserveMethod.FIXED, fixed_quantity=20)
    house.runtime.run(norms.save_reserve_norms, SYSTEM, [by_people, fixed])
    share = ParameterInput("reserve.share_permille", "10", "‰", "A", date(2025, 1, 1))
    house.runtime.run(norms.save_parameters, SYSTEM, [share])
    house.stock(house.lot(), 5)
    house.stock(house.lot(sku=WATER, expires_on=date(2027, 1, 1)), 3)
    uncounted = AreaInput("654004", "霍尔果斯市", Level.CITY, "6540")
    house.runtime.run(places.save_areas, SYSTEM, [uncounted])
    lines = house.runtime.read(morning, keeper, CITY_STORE).lines
    assert [line.detail for line in lines if line.kind is MorningKind.FLOOR] == ["可用3箱,底线10箱"]


def test_a_long_morning_is_cut_to_one_page() -> None:
    line = MorningLine(MorningKind.EXPIRY, "水" * 60, "1箱", "W", date(2026, 1, 1), None, True)
    other = MorningLine(MorningKind.FLOOR, "帐篷", "", "T", None, None, False)
    cut = sections((*[line] * 60, *[other] * 3))
    assert sum(len(section.rows) + 1 for section in cut) <= ROWS_MAX
    assert [(section.name, len(section.rows) + section.more) for section in cut] == [("临期过期", 60), ("低于底线", 3)]
    assert len(cut[0].rows[0].title) == 28


def test_who_keeps_the_city_sees_its_villages(house: House, clock: Clock) -> None:
    house.stock(house.lot(owner=VILLAGE), 10, VILLAGE_SHELF)
    clock.advance(days=8)
    found = house.runtime.read(due_queries.due_upkeep, house.actor(Role.KEEPER, CITY))
    assert {row.site_code for row in found} == {VILLAGE_STORE}
    assert house.runtime.read(due_queries.due_upkeep, house.actor(Role.KEEPER, "654004001")) == []
