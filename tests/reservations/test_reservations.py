"""Who holds what; the more urgent takes over, the loser is told and stays consistent; what runs out is told too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from supplyops.dispatch import commands as dispatch
from supplyops.dispatch import relining
from supplyops.dispatch.rules import LoadInput, ReliningInput, ShorteningInput
from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import (
    AreaFigures,
    EventClass,
    Hazard,
    IncidentInput,
    ReportInput,
    ReportKind,
    ResponseInput,
)
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput, Season
from supplyops.notices.rules import NoticeKind
from supplyops.notices.tables import Notice
from supplyops.requests import commands as requests
from supplyops.requests import queries as request_queries
from supplyops.requests.rules import RequestInput, RequestLineInput, Review, Urgency
from supplyops.reservations import commands, queries
from supplyops.reservations.queries import HoldFilter
from supplyops.reservations.rules import HoldState, Rank, RankPart, TakeOverInput, order_of
from supplyops.reservations.tables import TakeOver
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock import ledger
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.rules import Hold
from supplyops.stock.tables import Reservation, StockBalance
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.dispatch.world import World, build_world
from tests.house import CITY, CITY_SHELF, CITY_STORE, PREFECTURE, QUILT, TENT, VILLAGE, VILLAGE_STORE
from tests.once import once
from tests.verify.test_tampering import violated, without_guards
from tests.web.site import Site


@dataclass
class Rivals:
    """An order that holds 40 tents, and a second event whose village asks for 30."""

    world: World
    lot: UUID
    line_id: UUID
    number: str

    @property
    def hold(self) -> Reservation:
        """The order's present hold."""
        wanted = self.world.lines()[0].reservation_id
        return next(row for row in self.world.rows(Reservation) if row.id == wanted)

    def take(self, quantity: int = 30, *, by: Role = Role.APPROVER, at: str = CITY, line: UUID | None = None) -> UUID:
        """Take over as somebody."""
        wish = TakeOverInput(self.hold.id, line or self.line_id, quantity, "伤员过夜")
        return self.world.runtime.run(commands.take_over, self.world.actor(by, at), wish)

    def said(self) -> list[str]:
        """Everything that taking over may change."""
        kinds = (Reservation, StockBalance, Notice, TakeOver)
        return [
            str([getattr(row, column.key) for column in kind.__table__.columns])
            for kind in kinds
            for row in self.world.rows(kind)
        ]

    def refused(self, error: type[Exception], **more: object) -> Exception:
        """What taking over is refused with; nothing has changed."""
        before = self.said()
        with pytest.raises(error) as refusal:
            self.take(**more)  # type: ignore[arg-type]
        assert self.said() == before
        return refusal.value


@pytest.fixture
@once
def rivals(runtime: Runtime) -> Rivals:
    world = build_world(runtime)
    lot = world.house.lot(TENT, number="T1")
    world.house.stock(lot, 50)
    world.approve(world.plan(world.tents(40, lot=lot)))
    return Rivals(world, lot, *second_event(world, level=1))


def second_event(world: World, level: int | None) -> tuple[UUID, str]:
    run, commander = world.runtime.run, world.actor(Role.COMMANDER)
    event = IncidentInput("山洪", EventClass.NATURAL, Hazard.FLOOD, START, "654004", "伊车嘎善乡", CITY)
    incident_id = run(incidents.open_incident, commander, event)
    area = AreaFigures("654004200", VILLAGE_STORE, moved=120)
    run(incidents.report, commander, incident_id, ReportInput(ReportKind.FIRST, Season.WINTER, 3, (area,)))
    if level is not None:
        run(incidents.decide_response, commander, incident_id, ResponseInput(level, "洪峰"))
    lines = tuple(RequestLineInput(sku, 30, START + timedelta(hours=12), persons=120) for sku in (TENT, QUILT))
    asked = RequestInput(
        incident_id,
        VILLAGE,
        CITY,
        Urgency.MOST_URGENT,
        "654004200",
        VILLAGE_STORE,
        "古丽",
        "13900000009",
        "转移安置",
        lines,
    )
    clerk = world.actor(Role.CLERK, VILLAGE)
    request_id = run(requests.draft, clerk, asked)
    run(requests.submit, clerk, request_id, 1)
    row = next(each for each in world.runtime.read(request_queries.requests, SYSTEM) if each.id == request_id)
    run(
        requests.review,
        world.actor(Role.REVIEWER),
        request_id,
        row.version,
        Review({line.id: line.quantity for line in row.lines}),
    )
    return next(line.id for line in row.lines if line.sku == TENT), row.number


def clean(world: World) -> list[str]:
    return [f"{each.id} {each.examples}" for each in verify(world.runtime.database) if not each.is_clean]


def test_rank_is_compared_part_by_part_and_an_equal_takes_nothing() -> None:
    order = order_of("response, class,level")
    assert order == (RankPart.RESPONSE, RankPart.CLASS, RankPart.LEVEL)
    assert Rank(1, 3, 2).outranks(Rank(2, 1, 1), order)
    assert Rank(2, 1, 2).outranks(Rank(2, 2, 1), order)
    assert Rank(2, 2, 1).outranks(Rank(2, 2, 2), order)
    assert not Rank(2, 2, 2).outranks(Rank(2, 2, 2), order)
    assert Rank(4, 1, 2).outranks(Rank(1, 2, 1), order_of("class"))


def test_the_more_urgent_takes_over_and_the_loser_is_told(rivals: Rivals) -> None:
    world = rivals.world
    order = world.consignment()
    rivals.take()
    assert (rivals.hold.open_quantity, rivals.hold.taken) == (10, 30)
    assert world.house.balance(rivals.lot) == (50, 40), "goods stay held, for somebody else"
    (notice,) = [row for row in world.rows(Notice) if row.kind is NoticeKind.HOLD_TAKEN]
    assert (notice.organisation_id, notice.subject_number) == (world.house.organisations[CITY], order.number)
    assert (notice.params["quantity"], notice.params["winner"]) == ("30 顶", rivals.number)
    rows = world.runtime.read(queries.holds, world.actor(Role.KEEPER))
    assert {(row.order_number, row.open_quantity, row.taken) for row in rows} == {
        (order.number, 10, 30),
        (rivals.number, 30, 0),
    }
    assert clean(world) == []
    (taken,) = world.runtime.read(queries.take_overs, world.actor(Role.KEEPER))
    assert (taken.loser_number, taken.winner_number, taken.quantity) == (order.number, rivals.number, 30)


def test_the_loser_reserves_again_or_brings_less(rivals: Rivals) -> None:
    world, keeper = rivals.world, rivals.world.actor(Role.KEEPER)
    rivals.take()
    line = world.lines()[0]
    with pytest.raises(InvalidInput):
        world.runtime.run(relining.reline, keeper, ReliningInput(line.id, "再占"))
    assert rivals.hold.open_quantity == 10, "what is still held is not lost in trying"
    world.runtime.run(relining.shorten, world.actor(Role.DISPATCHER), ShorteningInput(line.id, 20, "其余等补货"))
    world.runtime.run(relining.reline, keeper, ReliningInput(line.id, "库里还有"))
    assert (rivals.hold.open_quantity, world.house.balance(rivals.lot)) == (20, (50, 50))
    world.runtime.run(dispatch.accept, keeper, line.consignment_id)
    world.runtime.run(dispatch.load, keeper, LoadInput(line.consignment_id, {}))
    assert (world.lines()[0].loaded, world.house.balance(rivals.lot)) == (20, (30, 30))
    assert clean(world) == []


def test_the_loser_may_load_what_is_left_to_it(rivals: Rivals) -> None:
    world, keeper = rivals.world, rivals.world.actor(Role.KEEPER)
    rivals.take()
    line = world.lines()[0]
    world.runtime.run(dispatch.accept, keeper, line.consignment_id)
    with pytest.raises(InvalidInput):
        world.runtime.run(dispatch.load, keeper, LoadInput(line.consignment_id, {line.id: 11}, short_reason="x"))
    world.runtime.run(dispatch.load, keeper, LoadInput(line.consignment_id, {}, short_reason="被接管"))
    assert world.lines()[0].loaded == 10
    assert clean(world) == []


def test_the_winner_plans_approves_and_issues_what_is_kept_for_it(rivals: Rivals) -> None:
    world, keeper = rivals.world, rivals.world.actor(Role.KEEPER)
    rivals.take()
    incident_id = next(row.incident_id for row in world.rows(Reservation) if row.document_kind == "supply_request")
    wanted = IssueInput(IssueKind.DISTRIBUTION, CITY_STORE, CITY, "安置点", "过夜", (IssueLineInput(TENT, 20),))
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        world.runtime.run(stock.issue, keeper, wanted)
    mine = IssueInput(
        IssueKind.DISTRIBUTION, CITY_STORE, CITY, "安置点", "过夜", (IssueLineInput(TENT, 20),), incident_id=incident_id
    )
    world.runtime.run(stock.issue, keeper, mine)
    assert world.house.balance(rivals.lot) == (30, 20), "what is kept for the event goes first"
    assert clean(world) == []


def test_who_is_not_more_urgent_takes_nothing(runtime: Runtime) -> None:
    world = build_world(runtime)
    lot = world.house.lot(TENT, number="T1")
    world.house.stock(lot, 50)
    world.approve(world.plan(world.tents(40, lot=lot)))
    rivals = Rivals(world, lot, *second_event(world, level=None))
    refusal = rivals.refused(Conflict)
    assert "not_outranked" in str(refusal)
    (row,) = [
        each
        for each in world.runtime.read(queries.challengers, world.actor(Role.APPROVER), rivals.hold.id)
        if each.request_number == rivals.number
    ]
    assert not row.outranks
    rivals.take(by=Role.APPROVER, at=PREFECTURE)
    assert rivals.hold.taken == 30, "a higher body decides where the rest is equal"


@pytest.mark.parametrize("kind", ["asset", "asset_loan", "scrap"])
def test_what_is_lent_broken_or_given_up_is_taken_by_nobody(rivals: Rivals, kind: str) -> None:
    world, approver = rivals.world, rivals.world.actor(Role.APPROVER)
    shelf, number = world.house.locations[CITY_SHELF], derived_id("a unit", kind)
    world.runtime.run(
        ledger.reserve,
        SYSTEM,
        Hold(number, DocumentRef(kind, number, "ZC-1"), shelf, rivals.lot, 5, START + timedelta(30)),
    )
    before = rivals.said()
    with pytest.raises(Conflict, match="hold_not_for_use"):
        world.runtime.run(commands.take_over, approver, TakeOverInput(number, rivals.line_id, 5, "伤员过夜"))
    assert rivals.said() == before
    assert not world.runtime.read(queries.hold, approver, number).may_take
    assert not any(each.outranks for each in world.runtime.read(queries.challengers, approver, number))


def test_the_office_sets_what_is_compared(rivals: Rivals) -> None:
    by_level = ParameterInput("takeover.order", "level", "", "test", START.date())
    rivals.world.runtime.run(norms.save_parameters, SYSTEM, [by_level])
    rivals.refused(Conflict)
    assert rivals.take(by=Role.APPROVER, at=PREFECTURE)


def test_what_does_not_fit_is_refused(rivals: Rivals) -> None:
    world = rivals.world
    quilts = next(
        line.id
        for row in world.runtime.read(request_queries.requests, SYSTEM)
        if row.number == rivals.number
        for line in row.lines
        if line.sku == QUILT
    )
    rivals.refused(InvalidInput, quantity=31)
    rivals.refused(InvalidInput, line=quilts)
    rivals.refused(NotFound, line=UUID(int=404))
    rivals.refused(Forbidden, by=Role.KEEPER)
    rivals.refused(Forbidden, by=Role.APPROVER, at=VILLAGE)
    with pytest.raises(NotFound):
        world.runtime.run(
            commands.take_over, world.actor(Role.APPROVER), TakeOverInput(UUID(int=404), rivals.line_id, 1, "x")
        )
    request = next(row for row in world.runtime.read(request_queries.requests, SYSTEM) if row.number == rivals.number)
    commander = world.actor(Role.COMMANDER)
    world.runtime.run(incidents.decide_response, commander, request.incident_id, ResponseInput(None, "洪水已退"))
    world.runtime.run(incidents.close_incident, commander, request.incident_id)
    rivals.refused(WrongState)


def test_a_hold_that_runs_out_is_told_once_and_can_be_placed_again(rivals: Rivals, clock: Clock) -> None:
    world = rivals.world
    clock.advance(hours=25)
    assert world.runtime.run(commands.expire, SYSTEM) == 1
    assert world.runtime.run(commands.expire, SYSTEM) == 0
    (notice,) = [row for row in world.rows(Notice) if row.kind is NoticeKind.HOLD_EXPIRED]
    assert (notice.subject_number, notice.params["quantity"]) == (world.consignment().number, "40 顶")
    expired = world.runtime.read(queries.holds, world.actor(Role.KEEPER), HoldFilter(state=HoldState.EXPIRED))
    assert [row.order_number for row in expired] == [world.consignment().number]
    world.runtime.run(relining.reline, world.actor(Role.KEEPER), ReliningInput(world.lines()[0].id, "到期"))
    assert rivals.hold.open_quantity == 40
    assert clean(world) == []


def test_a_take_over_against_rank_is_found(rivals: Rivals) -> None:
    rivals.take()
    assert "I63" not in violated(rivals.world.runtime.database)
    without_guards(rivals.world.runtime.database, "UPDATE take_over SET quantity = 29")
    assert "I63" in violated(rivals.world.runtime.database)


def test_people_see_who_holds_and_take_over(rivals: Rivals, tmp_path: Path) -> None:
    world = rivals.world
    site = Site(world.house, tmp_path)
    approver, keeper = site.browser(Role.APPROVER), site.browser(Role.KEEPER)
    number = world.consignment().number
    assert "/stock/reservations?lot=T1" in keeper.get("/stock/lots")
    assert number in keeper.get("/stock/reservations?lot=T1")
    assert "没有符合条件的占用" in keeper.get("/stock/reservations?state=taken")
    address = f"/stock/reservations/{rivals.hold.id}"
    assert "确认接管" not in keeper.get(address)
    page = approver.get(address)
    assert rivals.number in page
    approver.post(address, 422, request_line_id=str(rivals.line_id), quantity="31", because="伤员过夜")
    approver.post(address, request_line_id=str(rivals.line_id), quantity="30", because="伤员过夜")
    assert "被接管" in keeper.get(f"/orders/consignments/{number}")
    assert "伤员过夜" in keeper.get("/notices")
    assert "伤员过夜" in approver.get("/stock/reservations?state=taken")
    rows = keeper.client.get("/api/v1/reservations/").get_json()
    assert {row["order_number"] for row in rows} == {number, rivals.number}
    assert keeper.client.get("/api/v1/reservations/take-overs").get_json()[0]["quantity"] == 30
    line = world.lines()[0]
    keeper.get(f"/orders/consignments/{number}")
    keeper.post(f"/orders/consignments/{number}/lines/{line.line_no}/reline", 422, lot="T1|city-shelf", because="再占")
