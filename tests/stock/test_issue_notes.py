"""What an issue note says (F4): who takes the goods, what was approved, and that less needs a reason and more is refused."""

from __future__ import annotations

import pytest

from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import InvalidInput
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.stock import commands
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.tables import StockDocumentLine
from supplyops.verify.books import verify
from tests.house import CITY, CITY_STORE, TENT, House, build_house
from tests.stock.test_store_documents import rows


@pytest.fixture
def house(runtime: Runtime) -> House:
    """With two lots of tents."""
    house = build_house(runtime)
    for number in ("T-1", "T-2"):
        house.stock(house.lot(number=number), 10)
    return house


@pytest.fixture
def keeper(house: House) -> Actor:
    return house.actor(Role.KEEPER)


def note(line: IssueLineInput, **more: str) -> IssueInput:
    return IssueInput(IssueKind.DISTRIBUTION, CITY_STORE, CITY, "伊车嘎善乡", "安置群众", (line,), **more)


def test_less_than_approved_is_issued_with_a_reason(house: House, runtime: Runtime, keeper: Actor) -> None:
    line = IssueLineInput(TENT, 13, reason="两顶受潮", approved=15)
    wanted = note(line, received_by="古丽", received_head="马乡长", checked_by="苏芃")
    runtime.run(commands.issue, keeper, wanted)
    assert [(each.due, each.actual) for each in rows(runtime, StockDocumentLine)] == [(12, 10), (3, 3)]
    (paper,) = rows(runtime, Paper)
    assert [(each["ordered"], each["issued"]) for each in paper.content["lines"]] == [(12, 10), (3, 3)]
    signed = {name: paper.content[name]["name"] for name in ("received", "received_head", "checked")}
    assert signed == {"received": "古丽", "received_head": "马乡长", "checked": "苏芃"}
    assert [finding for finding in verify(runtime.database) if not finding.is_clean] == []


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        (IssueLineInput(TENT, 16, approved=15), "lines.0.quantity", "more_than_approved"),
        (IssueLineInput(TENT, 14, approved=15), "lines.0.reason", "required"),
        (IssueLineInput(TENT, 1, approved=0), "lines.0.approved", "not_positive"),
    ],
)
def test_more_than_approved_never_and_less_not_without_a_reason(line: IssueLineInput, field: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        note(line)
    assert (field, code) in [(each.field, each.code) for each in refusal.value.fields]


def test_goods_are_not_scrapped_by_an_issue() -> None:
    with pytest.raises(InvalidInput, match="scrap_by_application"):
        IssueInput(IssueKind.SCRAP, CITY_STORE, CITY, "x", "y", (IssueLineInput(TENT, 1),))


def test_a_note_of_goods_for_exercises_says_so(house: House, runtime: Runtime, keeper: Actor) -> None:
    house.stock(house.lot(number="E-1", is_exercise=True), 5)
    line = IssueLineInput(TENT, 2, "E-1", "演练专用")
    runtime.run(commands.issue, keeper, note(line))
    assert [paper.is_exercise for paper in rows(runtime, Paper)] == [True]
