"""What was given out comes back: due by its limit, counted by condition, mended or scrapped, never more than was out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from supplyops.database.registry import Saved
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from supplyops.papers.tables import Paper
from supplyops.recoveries import commands, queries
from supplyops.recoveries.dues import Due
from supplyops.recoveries.queries import DueFilter
from supplyops.recoveries.rules import (
    RecoveredInput,
    RecoveryInput,
    RecoveryLimitInput,
    RepairInput,
    months_later,
    shared_out,
)
from supplyops.recoveries.tables import Recovery
from supplyops.scraps import queries as scraps
from supplyops.scraps.rules import ScrapState
from supplyops.stock import commands as stock
from supplyops.stock import document_queries, undoing
from supplyops.stock.documents import IssueKind
from supplyops.stock.rules import MoveReason
from supplyops.stock.tables import StockMove
from tests.conftest import START
from tests.house import CITY_QUARANTINE, CITY_SHELF, CITY_STORE, QUILT, TENT, VILLAGE, VILLAGE_STORE
from tests.recoveries.conftest import give_out
from tests.scraps.city import City
from tests.verify.test_tampering import without_guards


def out(city: City, **where: Any) -> list[Due]:
    return city.runtime.read(queries.recovery_dues, city.keeper, DueFilter(**where))


def back(city: City, note: str, usable: int = 0, repair: int = 0, scrap: int = 0, **more: Any) -> RecoveryInput:
    [due] = out(city, document_number=note, include_back=True)
    line = RecoveredInput(due.id, usable, repair, scrap)
    own: dict[str, Any] = {"is_cleaned": True, "is_disinfected": True, **more}
    return RecoveryInput(note, CITY_STORE, "校长 王某", city.clock.now, (line,), **own)


def recovered(city: City, given: RecoveryInput) -> str:
    made = city.runtime.run(commands.recover, city.keeper, given)
    return city.runtime.read(queries.recovery_by_id, SYSTEM, made).number


def shelf(city: City) -> tuple[int, int]:
    """(on the shelf, in quarantine)."""
    lot = next(iter({move.lot_id for move in city.rows(StockMove)}))
    return city.house.balance(lot, CITY_SHELF)[0], city.house.balance(lot, CITY_QUARANTINE)[0]


def test_what_was_given_out_is_due_by_its_limit(city: City, note: str) -> None:
    [due] = out(city)
    assert (due.document_number, due.holder, due.outstanding, due.due_on) == (
        note,
        "中心学校安置点",
        12,
        date(2026, 7, 12),
    )
    assert out(city, only_overdue=True) == []
    city.clock.advance(days=(date(2026, 7, 12) - date(2026, 1, 12)).days)
    assert out(city, only_overdue=True) == [], "the last day is not late"
    city.clock.advance(days=1)
    assert [due.days_left for due in out(city, only_overdue=True)] == [-1]


def test_an_items_own_limit_holds_for_what_is_given_out_from_its_day_on(city: City, note: str) -> None:
    clerk = city.house.actor(Role.CLERK)
    limit = RecoveryLimitInput(TENT, 12, date(2026, 2, 1), "P14")
    assert city.runtime.run(commands.save_limits, clerk, [limit]) == Saved(added=1)
    assert city.runtime.run(commands.save_limits, clerk, [limit]) == Saved(unchanged=1)
    city.clock.advance(days=30)
    second = give_out(city, 8, "伊车嘎善乡")
    assert {due.document_number: due.due_on for due in out(city)} == {
        note: date(2026, 7, 12),
        second: date(2027, 2, 11),
    }
    for wrong, code in ((RecoveryLimitInput(QUILT, 6, date(2026, 2, 1), "A"), "not_recoverable"),
                        (RecoveryLimitInput("Z99999", 6, date(2026, 2, 1), "A"), "unknown_reference")):  # fmt: skip
        with pytest.raises(InvalidInput, match=code):
            city.runtime.run(commands.save_limits, clerk, [wrong])
    with pytest.raises(Forbidden):
        city.runtime.run(commands.save_limits, city.keeper, [limit])


def test_they_come_back_by_condition(city: City, note: str) -> None:
    number = recovered(city, back(city, note, usable=6, repair=3, scrap=1))
    assert shelf(city) == (34, 4)
    [due] = out(city)
    assert (due.recovered, due.outstanding) == (10, 2)
    row = city.runtime.read(queries.recovery, city.keeper, number)
    assert [(line.condition.value, line.quantity) for line in row.lines] == [("usable", 6), ("repair", 3), ("scrap", 1)]
    [application] = city.runtime.read(scraps.scraps, SYSTEM)
    assert (application.cause_number, application.state, row.scraps) == (
        number,
        ScrapState.APPLIED,
        (application.number,),
    )
    assert [(line.quantity, line.lot_number) for line in application.lines] == [(1, "T-1")]
    assert {move.reason for move in city.rows(StockMove)} >= {MoveReason.RECOVERY}
    paper = next(paper for paper in city.rows(Paper) if paper.form == "recovery_register")
    assert [(line["due"], line["quantity"], line["condition"]) for line in paper.content["lines"]] == [
        (12, 6, "可用"),
        (12, 3, "需修"),
        (12, 1, "报废"),
    ]
    recovered(city, back(city, note, usable=2))
    assert out(city) == []
    assert [due.outstanding for due in out(city, include_back=True)] == [0]
    assert city.unclean() == []


def test_mended_goods_go_back_on_the_shelf_others_are_to_be_scrapped(city: City, note: str) -> None:
    number = recovered(city, back(city, note, repair=5))
    assert shelf(city) == (28, 5)
    city.runtime.run(commands.repair, city.keeper, RepairInput(number, 1, 3, 1, "帐篷厂", cost_fen=15_000))
    assert shelf(city) == (31, 2)
    row = city.runtime.read(queries.recovery, city.keeper, number)
    assert (row.to_repair, len(row.scraps), row.repairs[0].cost_fen) == (1, 1, 15_000)
    before = city.books()
    with pytest.raises(InvalidInput, match="more_than_out"):
        city.runtime.run(commands.repair, city.keeper, RepairInput(number, 1, 2, 0, "帐篷厂"))
    with pytest.raises(InvalidInput):
        city.runtime.run(commands.repair, city.keeper, RepairInput(number, 2, 1, 0, "帐篷厂"))
    with pytest.raises(NotFound):
        city.runtime.run(commands.repair, city.keeper, RepairInput("HS-none", 1, 1, 0, "帐篷厂"))
    assert city.books() == before
    assert city.unclean() == []


REFUSED: dict[str, tuple[Callable[[City, str], RecoveryInput], str]] = {
    "more than is out": (lambda city, note: back(city, note, usable=13), "more_than_out"),
    "used again unwashed": (lambda city, note: back(city, note, usable=1, is_cleaned=False), "not_cleaned"),
    "nothing": (back, "nothing_recovered"),
    "tomorrow": (
        lambda city, note: RecoveryInput(
            note, CITY_STORE, "x", city.clock.now + timedelta(days=1), back(city, note, usable=1).lines, is_cleaned=True
        ),
        "in_the_future",
    ),
    "before it was given out": (
        lambda city, note: RecoveryInput(
            note, CITY_STORE, "x", START - timedelta(days=2), back(city, note, usable=1).lines, is_cleaned=True
        ),
        "before_last_step",
    ),
    "of another note": (
        lambda city, note: RecoveryInput(
            "CK-none", CITY_STORE, "x", START, back(city, note, usable=1).lines, is_cleaned=True
        ),
        "unknown_reference",
    ),
    "nowhere": (
        lambda city, note: RecoveryInput(note, "none", "x", START, back(city, note, usable=1).lines, is_cleaned=True),
        "unknown_reference",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_come_back_leaves_nothing(city: City, note: str, case: str) -> None:
    make, code = REFUSED[case]
    before = city.books()
    with pytest.raises(InvalidInput) as refusal:
        city.runtime.run(commands.recover, city.keeper, make(city, note))
    assert code in {each.code for each in refusal.value.fields}
    assert city.books() == before
    assert city.rows(Recovery) == []


def test_only_the_store_takes_goods_back(city: City, note: str) -> None:
    given = back(city, note, usable=1)
    for role in (Role.CLERK, Role.APPROVER):
        with pytest.raises(Forbidden):
            city.runtime.run(commands.recover, city.house.actor(role), given)
    with pytest.raises((Forbidden, InvalidInput)):
        city.runtime.run(commands.recover, city.house.actor(Role.KEEPER, VILLAGE), given)
    assert city.rows(Recovery) == []


def test_only_what_was_put_down_for_repair_is_mended(city: City, note: str) -> None:
    number = recovered(city, back(city, note, usable=2, repair=1))
    for line_no, code in ((1, "not_to_repair"), (9, "unknown_reference")):
        with pytest.raises(InvalidInput) as refusal:
            city.runtime.run(commands.repair, city.keeper, RepairInput(number, line_no, 1, 0, "帐篷厂"))
        assert [(each.field, each.code) for each in refusal.value.fields] == [("line_no", code)]


def test_a_store_without_quarantine_takes_back_only_what_is_usable(city: City, note: str) -> None:
    keeper = city.house.actor(Role.KEEPER)
    lines = back(city, note, repair=1).lines
    with pytest.raises(InvalidInput, match="no_quarantine"):
        city.runtime.run(commands.recover, keeper, RecoveryInput(note, VILLAGE_STORE, "x", START, lines))


def test_only_goods_in_use_are_due(city: City, note: str) -> None:
    give_out(city, 3, "轮换", IssueKind.ROTATION)
    give_out(city, 3, "州库", IssueKind.AGENCY)
    drill = give_out(city, 3, "演练队", IssueKind.DRILL)
    assert {due.document_number for due in out(city)} == {note, drill}


def test_a_note_taken_back_is_no_longer_due(city: City, note: str) -> None:
    document = city.runtime.read(document_queries.document, SYSTEM, note)
    city.runtime.run(stock.reverse_document, city.keeper, document.id, "录错")
    assert out(city, include_back=True) == []


def test_a_note_whose_goods_came_back_is_not_taken_back_as_well(city: City, note: str) -> None:
    """They would lie in the store twice."""
    document = city.runtime.read(document_queries.document, SYSTEM, note)
    number = recovered(city, back(city, note, usable=5))
    before = city.books()
    with pytest.raises(Conflict, match="issue_recovered") as refusal:
        city.runtime.run(stock.reverse_document, city.keeper, document.id, "录错")
    assert refusal.value.params == {"number": note, "document": number}
    with pytest.raises(Conflict, match="issue_recovered"):
        city.runtime.run(undoing.undo_document, city.keeper, document.id)
    assert not city.runtime.read(undoing.undo_of, city.keeper, document.id).is_possible
    assert city.books() == before
    assert shelf(city) == (33, 0)


def test_others_do_not_see_it(city: City, note: str) -> None:
    assert city.runtime.read(queries.recovery_dues, city.house.actor(Role.KEEPER, VILLAGE)) == []


def test_months_end_on_days_that_exist() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 1, 12), 12) == date(2027, 1, 12)


def test_what_lies_at_a_place_is_of_the_newest_deliveries() -> None:
    assert shared_out([10, 5, 8], 11) == [0, 3, 8]
    assert shared_out([10, 5, 8], 23) == [10, 5, 8]
    assert shared_out([10], 0) == [0]


PLANTED = {
    "more back than given out": "UPDATE stock_document_line SET actual = 3 WHERE actual = 12",
    "a repair nobody recorded": "UPDATE recovery_line SET repaired = 2 WHERE condition = 'repair'",
    "an issue taken back after goods of it came back": "UPDATE stock_document SET state = 'reversed' WHERE kind = 'issue'",
    "more written than moved": "UPDATE recovery_line SET quantity = quantity + 1 WHERE condition = 'usable'",
}


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_found(city: City, note: str, violation: str) -> None:
    recovered(city, back(city, note, usable=6, repair=3))
    assert city.unclean() == []
    without_guards(city.runtime.database, PLANTED[violation])
    assert "I52" in {finding.id for finding in city.unclean()}
