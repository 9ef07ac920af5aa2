"""A register that was a mistake is taken back by opposite entries, as long as nothing was done on the strength of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput
from supplyops.papers.rules import PaperState
from supplyops.papers.tables import Paper
from supplyops.recoveries import commands, queries, undoing
from supplyops.recoveries.rules import RepairInput
from supplyops.scraps import commands as scrap_commands
from supplyops.scraps import queries as scraps
from supplyops.scraps.rules import AppraisalInput, ScrapState
from supplyops.stock import commands as stock
from supplyops.stock import document_queries
from supplyops.stock import undoing as documents
from tests.house import VILLAGE
from tests.recoveries.conftest import give_out
from tests.recoveries.test_recoveries import back, out, recovered, shelf
from tests.scraps.city import EXPERTS, City
from tests.verify.test_tampering import without_guards


def undone(city: City, number: str) -> None:
    city.runtime.run(undoing.undo_recovery, city.keeper, number)


def to_repair(city: City) -> list[queries.RecoveryRow]:
    return city.runtime.read(queries.recoveries, city.keeper, "", True)


def test_it_is_as_if_nothing_had_come_back(city: City, note: str) -> None:
    number = recovered(city, back(city, note, usable=6, repair=3, scrap=1))
    assert city.runtime.read(undoing.undo_of, city.keeper, number).is_possible
    assert [row.number for row in to_repair(city)] == [number]
    undone(city, number)
    assert to_repair(city) == []
    assert city.runtime.read(queries.count_recoveries, city.keeper, "", True) == 0
    assert shelf(city) == (28, 0)
    [due] = out(city)
    assert (due.recovered, due.outstanding) == (0, 12)
    row = city.runtime.read(queries.recovery, city.keeper, number)
    assert (row.taken_back_at, row.taken_back_because, row.to_repair) == (city.clock.now, "本人撤销", 0)
    [application] = city.runtime.read(scraps.scraps, SYSTEM)
    assert application.state is ScrapState.CANCELLED
    ended = {paper.state for paper in city.rows(Paper) if paper.form in {"recovery_register", "scrap_application"}}
    assert ended == {PaperState.VOID}
    assert city.unclean() == []
    recovered(city, back(city, note, usable=12))
    assert (shelf(city), out(city)) == ((40, 0), [])
    assert city.unclean() == []


def test_the_issue_may_be_taken_back_after_its_last_register_was(city: City, note: str) -> None:
    first, second = recovered(city, back(city, note, usable=2)), recovered(city, back(city, note, usable=3))
    issue = city.runtime.read(document_queries.document, SYSTEM, note)
    undone(city, second)
    with pytest.raises(Conflict, match="issue_recovered") as refusal:
        city.runtime.run(documents.undo_document, city.keeper, issue.id)
    assert refusal.value.params["document"] == first
    undone(city, first)
    city.runtime.run(documents.undo_document, city.keeper, issue.id)
    assert shelf(city) == (40, 0)
    assert city.unclean() == []


def test_after_ten_minutes_it_is_reversed_with_a_reason(city: City, note: str) -> None:
    number = recovered(city, back(city, note, usable=6))
    city.clock.advance(minutes=11)
    before = city.books()
    with pytest.raises(Conflict, match="undo_too_late"):
        undone(city, number)
    with pytest.raises(InvalidInput):
        city.runtime.run(undoing.reverse_recovery, city.keeper, number, " ")
    assert city.books() == before
    city.runtime.run(undoing.reverse_recovery, city.keeper, number, "清点有误")
    assert shelf(city) == (28, 0)
    with pytest.raises(Conflict, match="recovery_taken_back"):
        city.runtime.run(undoing.reverse_recovery, city.keeper, number, "清点有误")
    assert city.unclean() == []


def test_it_stands_once_something_was_done_on_the_strength_of_it(city: City, note: str) -> None:
    mended = recovered(city, back(city, note, repair=2))
    city.runtime.run(commands.repair, city.keeper, RepairInput(mended, 1, 1, 0, "帐篷厂"))
    condemned = recovered(city, back(city, note, scrap=1))
    [application] = [row for row in city.runtime.read(scraps.scraps, SYSTEM) if row.cause_number == condemned]
    appraisal = AppraisalInput(application.number, "不可修复", city.clock.now.date(), experts=EXPERTS)
    city.runtime.run(scrap_commands.appraise, city.keeper, appraisal)
    other = city.house.actor(Role.CLERK)
    before = city.books()
    for number, code in ((mended, "recovery_repaired"), (condemned, "recovery_scrapped")):
        with pytest.raises(Conflict, match=code):
            undone(city, number)
        with pytest.raises(Conflict, match=code):
            city.runtime.run(undoing.reverse_recovery, city.keeper, number, "清点有误")
        assert city.runtime.read(undoing.undo_of, city.keeper, number).code == code
    with pytest.raises(Forbidden, match="undo_not_yours"):
        city.runtime.run(undoing.undo_recovery, other, mended)
    with pytest.raises(Exception, match="not_found"):
        city.runtime.run(undoing.undo_recovery, city.house.actor(Role.KEEPER, VILLAGE), mended)
    assert city.books() == before
    city.runtime.run(scrap_commands.cancel, city.keeper, application.number, "登记错了")
    undone(city, condemned)
    with pytest.raises(Conflict, match="recovery_taken_back"):
        city.runtime.run(commands.repair, city.keeper, RepairInput(condemned, 1, 1, 0, "帐篷厂"))
    assert city.unclean() == []


def test_goods_that_went_out_again_stay_out(city: City, note: str) -> None:
    number = recovered(city, back(city, note, usable=6))
    second = give_out(city, 30, "另一处")
    with pytest.raises(Conflict, match="undo_used"):
        undone(city, number)
    with pytest.raises(Conflict, match="insufficient_stock"):
        city.runtime.run(undoing.reverse_recovery, city.keeper, number, "清点有误")
    issue = city.runtime.read(document_queries.document, SYSTEM, second)
    city.runtime.run(stock.reverse_document, city.keeper, issue.id, "发错")
    undone(city, number)
    assert city.unclean() == []


@pytest.mark.parametrize(
    "planted",
    [
        "UPDATE recovery SET taken_back_at = NULL",
        "UPDATE recovery SET taken_back_at = recorded_at WHERE taken_back_at IS NULL",
    ],
)
def test_a_register_that_says_otherwise_than_the_ledger_is_found(city: City, note: str, planted: str) -> None:
    undone(city, recovered(city, back(city, note, usable=2)))
    recovered(city, back(city, note, usable=3))
    assert city.unclean() == []
    without_guards(city.runtime.database, planted)
    assert "I52" in {finding.id for finding in city.unclean()}


def test_what_is_sent_twice_is_taken_back_once(city: City, note: str) -> None:
    number = recovered(city, back(city, note, usable=6))
    once = replace(city.keeper, key="u1")
    city.runtime.run(undoing.undo_recovery, once, number)
    city.runtime.run(undoing.undo_recovery, once, number)
    assert shelf(city) == (28, 0)
