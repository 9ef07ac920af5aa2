"""Goods leave the books only at the end: held, appraised, agreed by four, public, disposed of before a witness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.papers.rules import PaperState
from supplyops.papers.tables import Paper
from supplyops.people import commands as people
from supplyops.people.rules import RoleInput
from supplyops.scraps import commands, queries
from supplyops.scraps.rules import (
    AppraisalInput,
    DisposalInput,
    DisposalMethod,
    PublicityInput,
    ScrapBody,
    ScrapDecisionInput,
    ScrapInput,
    ScrapLineInput,
    ScrapReason,
    ScrapState,
    deadline,
)
from supplyops.stock import commands as stock
from supplyops.stock.documents import TransferInput, TransferLineInput
from supplyops.stock.rules import InsufficientStock, MoveReason
from supplyops.stock.tables import StockMove
from tests.conftest import START
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, OFFICE, VILLAGE, VILLAGE_SHELF
from tests.scraps.city import EXPERTS, FINANCE, RESERVES, City
from tests.verify.test_tampering import without_guards


def balance(city: City, location: str = CITY_QUARANTINE) -> tuple[int, int]:
    lot = next(iter({move.lot_id for move in city.rows(StockMove)}))
    return city.house.balance(lot, location)


def test_from_application_to_the_end(city: City) -> None:
    number = city.apply(5)
    assert balance(city) == (20, 5), "held and still in the books"
    city.appraise(number)
    city.agree(number)
    assert city.scrap(number).state is ScrapState.APPROVED
    city.publicise(number)
    before = city.books()
    with pytest.raises(Conflict, match="still_public"):
        city.dispose(number)
    assert city.books() == before
    city.clock.advance(days=5)
    city.dispose(number, DisposalMethod.AUCTION, buyer="伊犁再生资源公司", agreement_number="XY-1", income_fen=30_000)
    assert balance(city) == (15, 0)
    last = city.rows(StockMove)[-1]
    assert (last.reason, last.quantity, last.document_number) == (MoveReason.SCRAP, 5, number)
    assert (city.scrap(number).income_fen, city.scrap(number).state) == (30_000, ScrapState.DISPOSED)
    valid = [paper for paper in city.rows(Paper) if paper.state is PaperState.VALID]
    assert sorted(paper.form for paper in valid) == ["issue_note", "scrap_application"]
    note = next(paper.content for paper in valid if paper.form == "issue_note")
    assert (note["issue_kind"], note["recipient"]) == ("报废", "伊犁再生资源公司")
    form = next(paper.content for paper in valid if paper.form == "scrap_application")
    assert [word["body"] for word in form["words"]] == ["储备单位", "应急管理局", "粮食和物资储备局", "财政局"]
    assert (form["witness"], form["income_fen"], tuple(form["experts"])) == ("纪委 周某", 30_000, EXPERTS)
    assert city.unclean() == []


def test_held_goods_cannot_be_used(city: City) -> None:
    number = city.apply(18)
    move = TransferInput(CITY_STORE, "复检合格", (TransferLineInput("T-1", CITY_QUARANTINE, CITY_SHELF, 3),))
    before = city.books()
    with pytest.raises(InsufficientStock):
        city.runtime.run(stock.transfer, city.keeper, move)
    with pytest.raises(InsufficientStock):
        city.apply(3)
    assert city.books() == before
    city.runtime.run(commands.cancel, city.keeper, number, "可以修复")
    assert balance(city) == (20, 0)
    assert [paper.state for paper in city.rows(Paper)] == [PaperState.VOID]
    city.runtime.run(stock.transfer, city.keeper, move)
    assert city.unclean() == []


def test_experts_are_enough_and_different_or_there_is_a_report(city: City) -> None:
    number = city.apply()
    for experts, code in ((EXPERTS[:4], "too_few_experts"),):
        with pytest.raises(InvalidInput) as refusal:
            city.appraise(number, *experts)
        assert [each.code for each in refusal.value.fields] == [code]
    with pytest.raises(InvalidInput, match="expert_twice"):
        city.appraise(number, *EXPERTS[:4], EXPERTS[0])
    with pytest.raises(InvalidInput):
        city.appraise(number, institution="新疆质检院")
    with pytest.raises(InvalidInput, match="nobody_appraised"):
        AppraisalInput(number, "x", date(2026, 1, 12))
    city.appraise(number, institution="新疆质检院", report="ZJ-1")
    with pytest.raises(WrongState):
        city.appraise(number)


def test_each_body_each_organisation_and_each_person_once(city: City) -> None:
    number = city.apply()
    with pytest.raises(WrongState):
        city.decide(number, ScrapBody.STORE)
    city.appraise(number)
    city.decide(number, ScrapBody.EMERGENCY)
    office = city.house.actor(Role.APPROVER, OFFICE)
    city.runtime.run(people.grant_role, SYSTEM, RoleInput(f"approver.{OFFICE}", Role.APPROVER, RESERVES))
    before = city.books()
    refused: list[tuple[Callable[[], None], type[SupplyError], str]] = [
        (lambda: city.decide(number, ScrapBody.EMERGENCY), Conflict, "decided_before"),
        (lambda: city.decide(number, ScrapBody.RESERVES, office), Conflict, "decided_before"),
        (lambda: city.decide(number, ScrapBody.FINANCE, office, OFFICE), Conflict, "decided_before"),
        (lambda: city.decide(number, ScrapBody.FINANCE, city.house.actor(Role.APPROVER, RESERVES)), Forbidden, "not_that_body"),
        (lambda: city.decide(number, ScrapBody.STORE, None, FINANCE), Forbidden, "not_that_body"),
        (lambda: city.decide(number, ScrapBody.FINANCE, city.keeper), Forbidden, "not_permitted"),
        (lambda: city.decide(number, ScrapBody.FINANCE, None, VILLAGE), Forbidden, "not_that_body"),
        (lambda: city.decide(number, ScrapBody.FINANCE, agrees=False), InvalidInput, "required"),
    ]  # fmt: skip
    for act, kind, code in refused:
        with pytest.raises(kind) as refusal:
            act()
        found = {each.code for each in getattr(refusal.value, "fields", ())} | {refusal.value.code}
        assert code in found, (code, found)
        assert city.books() == before
    for body in (ScrapBody.STORE, ScrapBody.RESERVES, ScrapBody.FINANCE):
        city.decide(number, body)
    assert city.scrap(number).state is ScrapState.APPROVED


def test_who_applied_or_keeps_a_store_does_not_agree(city: City) -> None:
    for role in (Role.CLERK, Role.APPROVER):
        city.house.actor(role, FINANCE)
    city.runtime.run(people.grant_role, SYSTEM, RoleInput(f"approver.{FINANCE}", Role.CLERK, CITY))
    both = city.house.actor(Role.APPROVER, FINANCE)
    line = ScrapLineInput("T-1", CITY_QUARANTINE, 2, ScrapReason.EXPIRED)
    made = city.runtime.run(commands.apply, both, ScrapInput(CITY_STORE, (line,)))
    number = city.runtime.read(queries.scrap_by_id, SYSTEM, made).number
    city.appraise(number)
    with pytest.raises(Forbidden, match="own_document"):
        city.decide(number, ScrapBody.FINANCE, both)
    city.house.actor(Role.APPROVER, OFFICE)
    city.runtime.run(people.grant_role, SYSTEM, RoleInput(f"approver.{OFFICE}", Role.KEEPER, OFFICE))
    with pytest.raises(Forbidden, match="keeper_never_approves"):
        city.decide(number, ScrapBody.EMERGENCY)


def test_one_refusal_ends_it_and_frees_the_goods(city: City) -> None:
    number = city.apply()
    city.appraise(number)
    city.decide(number, ScrapBody.STORE)
    city.decide(number, ScrapBody.FINANCE, agrees=False, note="还可调剂使用")
    row = city.scrap(number)
    assert (row.state, row.ended_because, balance(city)) == (ScrapState.REFUSED, "还可调剂使用", (20, 0))
    with pytest.raises(WrongState):
        city.decide(number, ScrapBody.EMERGENCY)
    assert city.unclean() == []


def test_it_is_public_long_enough_and_not_in_the_past(city: City) -> None:
    number = city.apply()
    city.appraise(number)
    with pytest.raises(WrongState):
        city.publicise(number)
    city.agree(number)
    with pytest.raises(InvalidInput, match="publicity_short"):
        city.publicise(number, days=4)
    past = PublicityInput(number, "x", date(2026, 1, 1), date(2026, 1, 30))
    with pytest.raises(InvalidInput, match="in_the_past"):
        city.runtime.run(commands.publicise, city.keeper, past)
    with pytest.raises(WrongState):
        city.dispose(number)
    city.publicise(number)
    city.clock.advance(days=5)
    early = DisposalInput(number, DisposalMethod.DESTROY, "w", START)
    with pytest.raises(InvalidInput, match="before_last_step"):
        city.runtime.run(commands.dispose, city.keeper, early)
    assert balance(city) == (20, 5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: DisposalInput("BF-1", DisposalMethod.AUCTION, "w", START),
        lambda: DisposalInput("BF-1", DisposalMethod.DESTROY, "w", START, income_fen=1),
        lambda: DisposalInput("BF-1", DisposalMethod.DESTROY, " ", START),
        lambda: ScrapInput(CITY_STORE, ()),
        lambda: ScrapInput(CITY_STORE, (ScrapLineInput("T-1", CITY_SHELF, 0, ScrapReason.EXPIRED),)),
        lambda: PublicityInput("BF-1", "x", date(2026, 2, 2), date(2026, 2, 1)),
        lambda: ScrapDecisionInput("BF-1", ScrapBody.STORE, ""),
    ],
)
def test_inputs_that_contradict_themselves(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput):
        make()


def test_a_store_scraps_only_what_it_has(city: City) -> None:
    for line in (
        ScrapLineInput("none", CITY_QUARANTINE, 1, ScrapReason.EXPIRED),
        ScrapLineInput("T-1", "none", 1, ScrapReason.EXPIRED),
        ScrapLineInput("T-1", VILLAGE_SHELF, 1, ScrapReason.EXPIRED),
    ):
        before = city.books()
        with pytest.raises(InvalidInput):
            city.runtime.run(commands.apply, city.keeper, ScrapInput(CITY_STORE, (line,)))
        assert city.books() == before
    village = city.house.actor(Role.KEEPER, VILLAGE)
    with pytest.raises((Forbidden, InvalidInput)):
        city.runtime.run(
            commands.apply, village, ScrapInput(CITY_STORE, (ScrapLineInput("T-1", CITY_QUARANTINE, 1, ScrapReason.EXPIRED),))
        )  # fmt: skip


def test_the_years_last_day(city: City) -> None:
    assert (deadline("10-31", 2026), deadline("02-30", 2026)) == (date(2026, 10, 31), date(2026, 2, 28))
    year = city.runtime.read(queries.scrap_year, city.keeper)
    assert (year.deadline_on, year.days_left, year.experts_min, year.publicity_days) == (date(2026, 10, 31), 292, 5, 5)
    assert not city.scrap(city.apply(1)).is_late
    city.clock.advance(days=293)
    assert city.scrap(city.apply(1)).is_late


def test_others_see_nothing(city: City) -> None:
    number = city.apply()
    assert city.runtime.read(queries.scraps, city.house.actor(Role.CLERK, VILLAGE)) != []
    assert city.runtime.read(queries.scraps, city.house.actor(Role.KEEPER, VILLAGE)) == []
    with pytest.raises(NotFound):
        city.runtime.run(commands.cancel, city.house.actor(Role.KEEPER, VILLAGE), number, "x")


PLANTED = {
    "gone before the end": "UPDATE scrap SET state = 'approved' WHERE state = 'disposed'",
    "the applicant among them": "UPDATE scrap SET applied_by_id = (SELECT decided_by_id FROM scrap_decision LIMIT 1)",
    "a body left out": "DELETE FROM scrap_decision WHERE body = 'finance'",
    "less than was written off": "UPDATE scrap_line SET quantity = quantity - 1",
    "a hold that never was": "UPDATE scrap_line SET reservation_id = lot_id",
}


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_found(city: City, violation: str) -> None:
    number = city.apply()
    city.appraise(number)
    city.agree(number)
    city.publicise(number)
    city.clock.advance(days=6)
    city.dispose(number)
    assert city.unclean() == []
    without_guards(city.runtime.database, PLANTED[violation])
    assert "I53" in {finding.id for finding in city.unclean()}


def test_timedelta_of_publicity() -> None:
    assert PublicityInput("BF-1", "x", date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=4)).days == 5
