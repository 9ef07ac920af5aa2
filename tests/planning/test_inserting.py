"""A late request and the plan that stands: asked for, found in a child, told with names, one way adopted as a draft."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from optimizer.offered import Way
from supplyops.cli.solving import insertions_handler
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput, StalePlan
from supplyops.jobs import commands as jobs
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.places import commands as places
from supplyops.places.rules import RoadReportInput, RoadStatus
from supplyops.planning import inserting, insertions, setting_aside, variants
from supplyops.planning.insertion_rules import INSERTIONS_JOB_KIND, InsertionInput
from supplyops.planning.insertions import OfferRow, PlanInsertionsRow
from supplyops.planning.rules import AdviceState, PlanState
from supplyops.planning.solving import INSERTER
from supplyops.planning.tables import Plan, PlanInsertions, PlanLine, PlanVariant
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Runtime
from supplyops.verify.books import INVARIANTS
from supplyops.verify.report import run
from supplyops.verify.rows import Books
from tests.conftest import START, Clock
from tests.house import CITY, PREFECTURE, QUILT, TENT
from tests.once import once
from tests.planning.town import STREET, STREET_POINT, Town, build_town
from tests.verify.test_documents import take_guards_off
from tests.verify.test_tampering import violated


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """Tents for the village are planned; there are more of them, and quilts that nobody has asked for yet."""
    town = build_town(runtime)
    town.request((TENT, 20))
    town.house.stock(town.house.lot(), 60)
    town.house.stock(town.house.lot(sku=QUILT), 200)
    return town


def named(town: Town, line_id: UUID) -> tuple[str, int]:
    with town.runtime.database.read() as session:
        line = session.get_one(SupplyRequestLine, line_id)
        return session.get_one(SupplyRequest, line.request_id).number, line.line_no


def ask(town: Town, plan_id: UUID, line_id: UUID, **options: int) -> UUID:
    number, line_no = named(town, line_id)
    wanted = InsertionInput(number, line_no, **({"tries": 500} | options))
    return town.runtime.run(inserting.start_insertions, town.commander, plan_id, wanted)


def read(town: Town, plan_id: UUID, line_id: UUID) -> PlanInsertionsRow:
    return town.runtime.read(insertions.insertions, town.commander, str(plan_id), *named(town, line_id))


def work(town: Town, plan_id: UUID, line_id: UUID, *, inserter: str = INSERTER) -> PlanInsertionsRow:
    far = town.runtime.read(insertions.insertions_state, SYSTEM, str(plan_id), *named(town, line_id))
    assert far is not None and far.job_id is not None
    job_id = far.job_id
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), data_dir=Path(folder))
        Worker(town.runtime, settings, {INSERTIONS_JOB_KIND: insertions_handler(inserter)}).work_one(job_id)
    return read(town, plan_id, line_id)


def found(town: Town, plan_id: UUID, line_id: UUID) -> tuple[OfferRow, ...]:
    ask(town, plan_id, line_id)
    row = work(town, plan_id, line_id)
    assert (row.state, row.error) == (AdviceState.DONE, {})
    return row.offers


def counts(town: Town) -> tuple[int, ...]:
    kinds = (Plan, PlanLine, PlanVariant, PlanInsertions)
    with town.runtime.database.read() as session:
        return tuple(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds)


PLANTED = (
    "UPDATE plan_variant SET origin = 'fast' WHERE adopted_as_id IS NULL",
    "UPDATE plan_variant SET insertions_id = NULL",
    "UPDATE plan_variant SET adopted_as_id = NULL",
    "UPDATE plan_variant SET adopted_as_id = plan_id WHERE adopted_as_id IS NOT NULL",
    "UPDATE plan_insertions SET problem = '{}'",
    "UPDATE plan_insertions SET offers = '[]'",
    'UPDATE plan_variant SET verdict = \'{"is_feasible": false, "violations": []}\'',
)
"""Each makes a variant something else than what was found or adopted."""


def test_goods_the_plan_did_not_know_are_offered_by_detour_and_by_a_trip_of_their_own_and_adopted(town: Town) -> None:
    plan_id = town.plan()
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    listed = town.runtime.read(insertions.late_lines, town.commander, str(plan_id))
    assert [(row.item_name, row.asked, row.served, row.state) for row in listed] == [("棉被", 40, 0, None)]
    offers = found(town, plan_id, late)
    assert {offer.way for offer in offers} == {Way.DETOUR, Way.NEW_TRIP}
    assert all(offer.is_feasible and offer.violations == () for offer in offers)
    detour = next(offer for offer in offers if offer.way is Way.DETOUR)
    (piece,) = detour.pieces
    assert (piece.detour_of, piece.origin_site_name, piece.item_name, detour.serves) == (1, "霍尔果斯市库", "棉被", 40)
    assert detour.late_s == 0
    assert [(each.delivery_site_name, each.is_late) for each in detour.delays] in ([], [("伊车嘎善乡中学", False)])
    new = next(offer for offer in offers if offer.way is Way.NEW_TRIP)
    assert new.pieces[0].detour_of is None and new.delays == () and new.more_fen > 0 and new.more_m == 8_000
    assert town.runtime.read(insertions.late_lines, town.commander, str(plan_id))[0].offers == len(offers)

    made = town.runtime.run(variants.adopt, town.commander, plan_id, detour.variant_id)
    plan = town.read(made)
    assert (plan.head.state, plan.head.options["adopted"]["origin"]) == (PlanState.DRAFT, "late")
    assert sorted((line.item_name, line.serves, line.delivery_site_name) for line in plan.lines) == [
        ("12m²棉帐篷", 20, "伊车嘎善乡中学"),
        ("棉被", 40, "卡拉苏体育馆"),
    ]
    assert len(plan.trips) == 1
    assert town.head(plan_id).state is PlanState.SUPERSEDED
    adopted = read(town, plan_id, late)
    assert {offer.adopted_as for offer in adopted.offers} == {"", plan.head.number}
    page = town.runtime.read(variants.variant, town.commander, str(plan_id), detour.variant_id)
    assert page.variant.figures is not None
    assert [(line.before, line.after) for line in page.variant.figures.lines if line.item_name == "棉被"] == [(0, 40)]
    town.runtime.run(approving.approve, town.house.actor(Role.APPROVER), ApprovalInput(made, CITY, "", None, ""))
    with town.runtime.database.read() as session:
        assert session.get_one(SupplyRequestLine, late).approved == 40
    assert violated(town.runtime.database) == set()
    with town.runtime.database.writer.connect() as connection:
        for statement in PLANTED:
            with connection.begin() as transaction:
                take_guards_off(connection)
                connection.exec_driver_sql(statement)
                assert "I92" in {each.id for each in run(INVARIANTS, Books(connection)) if not each.is_clean}, statement
                transaction.rollback()
    assert town.runtime.read(insertions.late_lines, town.commander, str(made)) == ()


def test_a_line_that_is_short_in_the_plan_is_asked_for_with_goods_that_came_since(town: Town) -> None:
    """The plan had sixty tents for eighty; thirty more are received, and the line is helped by them."""
    (short,) = town.request((TENT, 60), body=STREET, site=STREET_POINT)
    plan_id = town.plan()
    before = {line.request_line_id: line.serves for line in town.read(plan_id).lines}
    assert sum(before.values()) == 60
    row = town.runtime.read(insertions.late_lines, town.commander, str(plan_id))
    late = next(
        line for line in (short, *before) if before.get(line, 0) < 60 and named(town, line)[0] == row[0].request_number
    )
    assert found(town, plan_id, late) == ()
    town.house.stock(town.house.lot(), 30)
    offers = found(town, plan_id, late)
    assert max(offer.serves for offer in offers) == row[0].asked - row[0].served


def test_goods_that_have_gone_since_are_not_offered_and_a_closed_road_is_not_driven(town: Town, clock: Clock) -> None:
    """Another incident's plan takes thirty of the sixty tents; twenty are this plan's, so ten are left to offer."""
    plan_id = town.plan()
    (late,) = town.request((TENT, 30), body=STREET, site=STREET_POINT)
    other = town.open_incident()
    town.request((TENT, 30), incident=other)
    taking = town.plan(incident=other)
    town.runtime.run(approving.approve, town.house.actor(Role.APPROVER), ApprovalInput(taking, CITY, "", None, ""))
    offers = found(town, plan_id, late)
    assert {offer.serves for offer in offers} == {10}
    clock.advance(seconds=60)
    report = RoadReportInput("R-STREET", RoadStatus.CLOSED, reason="塌方")
    town.runtime.run(places.report_road, town.commander, report)
    assert found(town, plan_id, late) == ()


def test_a_road_closed_before_the_offer_was_taken_up_is_noticed_at_approval(town: Town, clock: Clock) -> None:
    """The adopted plan is younger than the road's closing; its roads were read before."""
    plan_id = town.plan()
    (late,) = town.request((TENT, 30), body=STREET, site=STREET_POINT)
    offers = found(town, plan_id, late)
    clock.advance(seconds=60)
    town.runtime.run(places.report_road, town.commander, RoadReportInput("R-STREET", RoadStatus.CLOSED, reason="塌方"))
    clock.advance(seconds=60)
    made = town.runtime.run(variants.adopt, town.commander, plan_id, offers[0].variant_id)
    with pytest.raises(StalePlan) as stale:
        town.runtime.run(approving.approve, town.house.actor(Role.APPROVER), ApprovalInput(made, CITY, "", None, ""))
    assert "road" in {line.code for line in stale.value.lines}


def test_nothing_is_loaded_before_it_was_asked_for_and_an_offer_overtaken_by_time_is_refused(
    town: Town, clock: Clock
) -> None:
    plan_id = town.plan()
    (late,) = town.request((TENT, 10), body=STREET, site=STREET_POINT)
    early = found(town, plan_id, late)
    clock.now = START + timedelta(hours=6)
    offers = found(town, plan_id, late)
    assert all(each.departs_at is None or each.departs_at >= clock.now for offer in offers for each in offer.pieces)
    assert {offer.way for offer in offers} == {Way.NEW_TRIP}
    before = counts(town)
    with pytest.raises(Conflict, match="offer_overtaken"):
        town.runtime.run(variants.adopt, town.commander, plan_id, early[0].variant_id)
    assert counts(town) == before
    assert town.head(plan_id).state is PlanState.DRAFT


def test_each_refusal_says_why_and_leaves_nothing(town: Town) -> None:
    plan_id = town.plan()
    (served,) = [line.request_line_id for line in town.read(plan_id).lines]
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    (waiting,) = town.request((QUILT, 10), accept=False)
    other = town.open_incident()
    (elsewhere,) = town.request((QUILT, 10), incident=other)
    (above,) = town.request((QUILT, 10), body=CITY, addressee=PREFECTURE)
    before = counts(town)
    with pytest.raises(Conflict, match="line_served"):
        ask(town, plan_id, served)
    with pytest.raises(WrongState):
        ask(town, plan_id, waiting)
    with pytest.raises(NotFound):
        ask(town, plan_id, elsewhere)
    with pytest.raises(Conflict, match="line_elsewhere"):
        ask(town, plan_id, above)
    start = inserting.start_insertions
    for wanted in (InsertionInput("XQ-0", 1), InsertionInput(named(town, late)[0], 9)):
        with pytest.raises(NotFound):
            town.runtime.run(start, town.commander, plan_id, wanted)
    for actor in (town.house.actor(Role.KEEPER), town.house.actor(Role.APPROVER)):
        with pytest.raises(Forbidden):
            town.runtime.run(start, actor, plan_id, InsertionInput(*named(town, late)))
    with pytest.raises(NotFound):
        town.runtime.run(start, town.commander, uuid4(), InsertionInput(*named(town, late)))
    with pytest.raises(InvalidInput):
        InsertionInput("XQ-1", 1, seconds=3, tries=3)
    assert counts(town) == before
    town.runtime.run(setting_aside.set_aside, town.commander, plan_id)
    with pytest.raises(WrongState):
        ask(town, plan_id, late)
    assert counts(town) == before


def test_one_search_at_a_time_cancelled_and_never_saved_late(town: Town) -> None:
    plan_id = town.plan()
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    row_id = ask(town, plan_id, late)
    with pytest.raises(Conflict, match="insertions_running"):
        ask(town, plan_id, late)
    far = town.runtime.read(insertions.insertions_state, SYSTEM, str(plan_id), *named(town, late))
    assert far is not None and far.job_id is not None
    taken = town.runtime.run(jobs.take, SYSTEM, "w", far.job_id)
    assert taken is not None
    town.runtime.run(inserting.cancel_insertions, town.commander, plan_id)
    assert not town.runtime.run(inserting.save_insertions, SYSTEM, row_id, *taken, ())
    assert read(town, plan_id, late).state is AdviceState.CANCELLED
    with pytest.raises(NotFound):
        town.runtime.run(inserting.cancel_insertions, town.commander, plan_id)


def test_a_search_sent_twice_with_one_key_is_one_search(town: Town) -> None:
    plan_id = town.plan()
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    actor = town.commander.keyed("once")
    wanted = InsertionInput(*named(town, late), tries=50)
    first = town.runtime.run(inserting.start_insertions, actor, plan_id, wanted)
    assert town.runtime.run(inserting.start_insertions, actor, plan_id, wanted) == first
    offers = work(town, plan_id, late).offers
    adopting = town.commander.keyed("adopt-once")
    made = town.runtime.run(variants.adopt, adopting, plan_id, offers[0].variant_id)
    assert town.runtime.run(variants.adopt, adopting, plan_id, offers[0].variant_id) == made
    assert counts(town)[0] == 2


@pytest.mark.parametrize(
    ("inserter", "code"),
    [("ends", "solver_crash"), ("moves_other_goods", "checker"), ("refuses_own_times", "plan_own_times")],
)
def test_a_search_that_crashes_or_is_wrong_leaves_nothing(town: Town, inserter: str, code: str) -> None:
    plan_id = town.plan()
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    ask(town, plan_id, late)
    row = work(town, plan_id, late, inserter=f"tests.planning.solvers:{inserter}")
    assert (row.state, row.error["code"], row.offers) == (AdviceState.FAILED, code, ())


def test_what_the_checker_does_not_pass_or_was_seen_to_since_is_not_adopted(town: Town) -> None:
    plan_id = town.plan()
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    ask(town, plan_id, late)
    dirty = work(town, plan_id, late, inserter="tests.planning.solvers:shortens_the_way").offers
    assert dirty and not any(offer.is_feasible for offer in dirty)
    before = counts(town)
    with pytest.raises(Conflict, match="variant_not_clean"):
        town.runtime.run(variants.adopt, town.commander, plan_id, dirty[0].variant_id)
    assert counts(town) == before
    offers = found(town, plan_id, late)
    made = town.runtime.run(variants.adopt, town.commander, plan_id, offers[0].variant_id)
    town.runtime.run(approving.approve, town.house.actor(Role.APPROVER), ApprovalInput(made, CITY, "", None, ""))
    before = counts(town)
    with pytest.raises(WrongState):
        town.runtime.run(variants.adopt, town.commander, plan_id, offers[1].variant_id)
    with pytest.raises(Conflict, match="line_served"):
        ask(town, made, late)
    assert counts(town) == before


def test_what_no_vehicle_takes_alone_comes_in_pieces_and_is_adopted_as_one_draft(town: Town) -> None:
    """A truck takes nine tonnes; what is asked for is more than two trucks take, and lies in two stores and with a supplier."""
    plan_id = town.plan()
    town.house.stock(town.house.lot(), 150)
    town.contract(quantity=40)
    (late,) = town.request((TENT, 215), body=STREET, site=STREET_POINT, hours=36)
    offers = found(town, plan_id, late)
    best = offers[0]
    assert (best.way, best.is_feasible, best.serves, best.serves_in_time) == (Way.PIECES, True, 215, 215)
    assert sum(piece.serves for piece in best.pieces) == 215
    assert {"", "HT-1"} == {piece.contract_number for piece in best.pieces}
    assert len({(piece.plate, piece.departs_at) for piece in best.pieces}) > 1
    assert best.arrives_at == max(piece.arrives_at for piece in best.pieces)
    assert all(offer.serves < 215 for offer in offers if offer.way is not Way.PIECES)
    made = town.runtime.run(variants.adopt, town.commander, plan_id, best.variant_id)
    plan = town.read(made)
    assert sum(line.serves for line in plan.lines if line.delivery_site_name == "卡拉苏体育馆") == 215
    assert sum(line.serves for line in plan.lines if line.delivery_site_name == "伊车嘎善乡中学") == 20
    assert plan.head.verdict["is_feasible"]


def test_one_piece_overtaken_by_time_is_enough_for_an_offer_to_be_refused(town: Town, clock: Clock) -> None:
    plan_id = town.plan()
    town.house.stock(town.house.lot(), 150)
    (late,) = town.request((TENT, 180), body=STREET, site=STREET_POINT, hours=36)
    best = found(town, plan_id, late)[0]
    assert best.way is Way.PIECES
    first, last = best.pieces[0].departs_at, best.pieces[-1].departs_at
    assert first is not None and last is not None and first < last
    clock.now = first + timedelta(seconds=1)
    before = counts(town)
    with pytest.raises(Conflict, match="offer_overtaken"):
        town.runtime.run(variants.adopt, town.commander, plan_id, best.variant_id)
    assert counts(town) == before


def test_on_a_decided_plan_planning_again_near_it_takes_the_line_along(town: Town, clock: Clock) -> None:
    plan_id = town.plan()
    town.runtime.run(approving.approve, town.house.actor(Role.APPROVER), ApprovalInput(plan_id, CITY, "", None, ""))
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    offers = found(town, plan_id, late)
    row = read(town, plan_id, late)
    assert offers and (row.may_adopt, row.may_ask) == (False, True)
    with pytest.raises(WrongState):
        town.runtime.run(variants.adopt, town.commander, plan_id, offers[0].variant_id)
    again = town.plan(based_on=plan_id, near=True)
    assert ("棉被", 40) in {(line.item_name, line.serves) for line in town.read(again).lines}
