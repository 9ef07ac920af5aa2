"""What a reserve should hold: scenarios of a body, the same advice on page, API and command line, into a purchase plan."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supplyops.catalogue import queries as catalogue
from supplyops.cli.solving import reserve_handler
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.demo.founding import complete_parameters
from supplyops.demo.scenarios import names, reserve_scenario_of
from supplyops.dispatch import printing
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.norms import commands as norms
from supplyops.norms.rules import DayRule, Driver, NeedNormInput, ReserveNormInput, Season
from supplyops.papers.tables import Paper
from supplyops.people.rules import Level
from supplyops.planning import reserve_advising as advising
from supplyops.planning import reserving
from supplyops.planning.asked import WorkState
from supplyops.planning.looking_reserve import RESERVE_SOLVER
from supplyops.planning.reserve_advising import ReserveAdviceRow
from supplyops.planning.reserve_answers import ReserveAnswer
from supplyops.planning.reserve_papers import issue_reserve_advice
from supplyops.planning.reserving_rules import (
    RESERVE_JOB_KIND,
    AreaPersons,
    ReserveAdviceInput,
    ReserveScenarioInput,
)
from supplyops.planning.rules import AdviceState
from supplyops.reserves import commands as reserves
from supplyops.reserves import plan_queries
from supplyops.reserves.plan_rules import PurchasePlanInput
from supplyops.runtime import Runtime
from supplyops.wording.errors import sentence
from tests.api.test_incident_side import Program
from tests.cli.conftest import Line, line, settings
from tests.house import CITY, CITY_STORE, TENT, VILLAGE
from tests.once import once
from tests.planning.town import Town, build_town
from tests.reserves.shelves import change_item
from tests.verify.test_tampering import violated, without_guards
from tests.web.site import Site

__all__ = ["line", "settings"]

QUAKE = ReserveScenarioInput(
    CITY, "quake", "地震", 100, Season.WINTER, 24, (AreaPersons("654004200", 120),), lost_site_codes=()
)
FLOOD = replace(QUAKE, code="flood", name="洪水", probability_permille=300, persons=(AreaPersons("654004200", 40),))


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """A tent for each four people; ten tents lie in the city's store; a tent costs 3,200 yuan."""
    town = build_town(runtime)
    complete_parameters(runtime)
    tent = NeedNormInput("tent", TENT, Season.ALL, Driver.PERSONS, 1, 4, DayRule.ONCE, source_mark="[A]")
    town.runtime.run(norms.save_need_norms, SYSTEM, [tent])
    town.runtime.run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("t", TENT, Level.CITY, 12, 200, "[A]")])
    town.parameter("reserve.persons.city", "1000")
    change_item(town.house, TENT, reference_price_fen=3_200_00)
    town.house.stock(town.house.lot(), 10)
    for one in (QUAKE, FLOOD):
        town.runtime.run(reserving.save_reserve_scenario, town.house.actor(Role.CLERK, CITY), one)
    return town


def ask(town: Town, yuan: int, role: Role = Role.CLERK) -> UUID:
    asked = ReserveAdviceInput(CITY, yuan * 100)
    return town.runtime.run(advising.start_reserve_advice, town.house.actor(role, CITY), asked)


def work(town: Town, advice_id: UUID, solver: str = RESERVE_SOLVER) -> ReserveAdviceRow:
    job_id = read(town, advice_id).job_id
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        Worker(town.runtime, settings, {RESERVE_JOB_KIND: reserve_handler(solver)}).work_one(job_id)
    return town.runtime.read(advising.reserve_advice, town.house.actor(Role.CLERK, CITY), str(advice_id))


def read(town: Town, advice_id: UUID) -> WorkState:
    return town.runtime.read(advising.reserve_advice_state, town.house.actor(Role.CLERK, CITY), str(advice_id))


def advice(town: Town, yuan: int) -> ReserveAnswer:
    row = work(town, ask(town, yuan))
    assert (row.state, row.error) == (AdviceState.DONE, {})
    assert row.answer is not None
    return row.answer


def test_the_advice_spends_what_helps_and_says_what_it_saves(town: Town) -> None:
    """Ten tents serve the flood; the quake needs thirty: a quarter of the time 20 of 30 tents are missing."""
    row = advice(town, 5 * 3_200)
    (line_,) = [each for each in row.lines if each.more]
    assert (line_.today, line_.more, line_.total, line_.norm) == (
        10,
        5,
        15,
        12 if line_.site_code == CITY_STORE else None,
    )
    weight = row.outcomes[1].today_e6 / 1e6 / (120 * 20 / 30)
    assert [each.code for each in row.outcomes] == ["flood", "quake"]
    assert [each.share_permille for each in row.outcomes] == [750, 250]
    assert row.today_e6 == pytest.approx(0.25 * 80 * weight * 1e6, abs=2)
    assert row.unmet_e6 == pytest.approx(0.25 * 60 * weight * 1e6, abs=2)
    assert (row.cost_fen, row.is_whole_proven, row.gap_permille) == (5 * 3_200_00, True, 0)
    assert line_.next_unit_e6 == pytest.approx(0.25 * 4 * weight * 1e6, abs=2)
    assert row.norm_cost_fen in {0, 2 * 3_200_00}
    more = advice(town, 1_000_000)
    assert (more.unmet_e6, sum(each.more for each in more.lines)) == (0, 20), "no more is bought than helps"


def test_a_lost_store_and_a_closed_road_count(town: Town) -> None:
    actor = town.house.actor(Role.CLERK, CITY)
    town.runtime.run(reserving.save_reserve_scenario, actor, replace(QUAKE, lost_site_codes=(CITY_STORE,)))
    row = advice(town, 5 * 3_200)
    assert all(each.site_code != CITY_STORE for each in row.lines if each.more)
    shut = replace(QUAKE, closed_road_codes=("R-VILLAGE",))
    town.runtime.run(reserving.save_reserve_scenario, actor, shut)
    assert CITY_STORE not in {each.site_code for each in advice(town, 5 * 3_200).lines if each.more}


def test_scenarios_are_the_bodys_own_and_codes_have_to_be_known(town: Town) -> None:
    actor = town.house.actor(Role.CLERK, CITY)
    with pytest.raises(Forbidden):
        town.runtime.run(reserving.save_reserve_scenario, town.house.actor(Role.KEEPER), QUAKE)
    with pytest.raises(InvalidInput) as refused:
        town.runtime.run(
            reserving.save_reserve_scenario, actor, replace(QUAKE, code="new", closed_road_codes=("NOWHERE",))
        )
    assert [each.field for each in refused.value.fields] == ["closed_road_codes.0"]
    with pytest.raises(InvalidInput):
        replace(QUAKE, persons=())
    rows = town.runtime.read(reserving.reserve_scenarios, actor)
    assert [(each.code, each.share_permille) for each in rows] == [("flood", 750), ("quake", 250)]
    assert town.runtime.read(reserving.reserve_scenarios, town.house.actor(Role.KEEPER, VILLAGE)) == []
    for code in ("flood", "quake"):
        town.runtime.run(reserving.remove_reserve_scenario, actor, CITY, code)
    with pytest.raises(NotFound):
        town.runtime.run(reserving.remove_reserve_scenario, actor, CITY, "flood")
    with pytest.raises(Conflict, match="no_reserve_scenarios"):
        ask(town, 1)
    assert town.runtime.read(advising.reserve_advices, actor) == []


def test_stories_of_the_house_are_a_start() -> None:
    drafted = [reserve_scenario_of(name, CITY) for name in names()]
    assert len(drafted) >= 3
    assert all(each.persons for each in drafted)


def test_one_at_a_time_stopped_and_asked_by_those_who_plan(town: Town) -> None:
    with pytest.raises(Forbidden):
        ask(town, 1, Role.KEEPER)
    with pytest.raises(InvalidInput):
        town.runtime.run(
            advising.start_reserve_advice, town.house.actor(Role.CLERK, CITY), ReserveAdviceInput("nowhere", 1)
        )
    with pytest.raises(InvalidInput, match="unknown_reference"):
        town.runtime.run(
            advising.start_reserve_advice, town.house.actor(Role.CLERK, CITY), ReserveAdviceInput(CITY, 1, "nothing")
        )
    first = ask(town, 1)
    with pytest.raises(Conflict, match="reserve_advice_running"):
        ask(town, 1)
    actor = town.house.actor(Role.CLERK, CITY)
    town.runtime.run(advising.cancel_reserve_advice, actor, first)
    with pytest.raises(NotFound):
        town.runtime.run(advising.cancel_reserve_advice, actor, first)
    row = work(town, first)
    assert (row.state, row.answer) == (AdviceState.CANCELLED, None)
    assert [each.state for each in town.runtime.read(advising.reserve_advices, actor)] == [AdviceState.CANCELLED]
    assert town.runtime.read(advising.reserve_advices, town.house.actor(Role.KEEPER, VILLAGE)) == []
    with pytest.raises(NotFound):
        town.runtime.read(advising.reserve_advice, town.house.actor(Role.KEEPER, VILLAGE), str(first))


def test_a_class_that_no_scenario_needs_is_told_from_a_solver_that_fell(town: Town) -> None:
    asked = ReserveAdviceInput(CITY, 100, spare_class(town))
    made = town.runtime.run(advising.start_reserve_advice, town.house.actor(Role.CLERK, CITY), asked)
    row = work(town, made)
    assert (row.state, row.error["code"], row.answer) == (AdviceState.FAILED, "no_reserve_needs", None)
    assert "换一个需求类别" in sentence(row.error["code"], row.error["params"])


def spare_class(town: Town) -> str:
    """A class of needs of which nothing is needed."""
    tent = town.runtime.read(catalogue.item, SYSTEM, TENT)
    return next(row.code for row in town.runtime.read(catalogue.need_classes, SYSTEM) if row.code != tent.need_class)


def test_a_solver_that_breaks_off_leaves_its_reason(town: Town) -> None:
    broken = work(town, ask(town, 1), "tests.planning.solvers:reserve_breaks_off")
    assert (broken.state, broken.error["code"], broken.answer) == (AdviceState.FAILED, "solver_crash", None)
    assert broken.error["params"]["exit_code"] == "12"
    assert advice(town, 5 * 3_200).cost_fen == 5 * 3_200_00


def test_what_is_kept_is_what_was_found(town: Town) -> None:
    advice(town, 5 * 3_200)
    town.house.stock(town.house.lot(), 50)
    (row,) = town.runtime.read(advising.reserve_advices, town.house.actor(Role.CLERK, CITY))
    assert row.today_e6 is not None and row.today_e6 > 0, "stock that came later does not change it"


@pytest.mark.parametrize(
    "tampering", ["state = 'failed'", "finished_at = NULL", "options = '{\"budget_fen\": 1}'", "answer = '{}'"]
)
def test_verify_finds_what_cannot_be(town: Town, tampering: str) -> None:
    advice(town, 5 * 3_200)
    assert violated(town.runtime.database) == set()
    without_guards(town.runtime.database, f"UPDATE reserve_advice SET {tampering}")
    assert "I93" in violated(town.runtime.database)


def test_the_same_advice_on_page_api_and_command_line_and_in_the_purchase_plan(
    town: Town, tmp_path: Path, line: Line
) -> None:
    site = Site(town.house, tmp_path / "site")
    browser, program = site.browser(Role.CLERK, CITY), Program(site, Role.CLERK)
    assert "地震" in browser.get(f"/reserves/advice?organisation={CITY}")
    browser.post("/reserves/advice", organisation=CITY, budget="16000")
    (asked,) = town.runtime.read(advising.reserve_advices, SYSTEM)
    assert "页面每 2 秒自动更新" in browser.get(f"/reserves/advice/{asked.number}")
    work(town, asked.id)
    page = browser.get(f"/reserves/advice/{asked.number}")
    assert "增储建议" in page
    assert "整包装最优已证明" in page
    assert asked.number in browser.get(f"/reserves/advice?organisation={CITY}")
    assert "帐篷" in browser.get(f"/reserves/advice/lines?number={asked.number}")
    assert "地震" in browser.get(f"/reserves/scenarios/edit?organisation={CITY}&code=quake")
    assert "winter-earthquake" in browser.get(f"/reserves/scenarios/edit?organisation={CITY}&story=winter-earthquake")
    found = program.get(f"/reserves/advice/{asked.number}")["answer"]
    (added,) = [each for each in found["lines"] if each["more"]]
    assert added["more"] == 5
    name = "clerk.654004"
    said = line.json("reserve", "advise", CITY, "--budget", "16000", "--as", name)
    assert said["answer"]["unmet_e6"] == found["unmet_e6"]
    assert said["number"] in line("reserve", "advices", "--as", name)
    assert "理论下限" in line("reserve", "advice", said["number"], "--as", name)
    queued = program.send("POST", "/reserves/advice", {"organisation_code": CITY, "budget_fen": 100})
    assert (queued.status_code, queued.json["state"]) == (202, "running")
    stopped = program.send("POST", f"/reserves/advice/{queued.json['number']}/cancel", key="stop")
    assert (stopped.status_code, stopped.json["state"]) == (200, "cancelled")
    assert "理论下限" in line("reserve", "advise", CITY, "--budget", "16000", "--as", name)
    line("reserve", "save-scenario", CITY, "snow", "--name", "雪灾", "--persons", "654004200=80", "--as", name)
    assert "雪灾" in line("reserve", "scenarios", "--as", name)
    line("reserve", "remove-scenario", CITY, "snow", "--as", name)
    level, area = Level(added["level"]), added["area_code"]
    plan_id = town.runtime.run(
        reserves.draft_purchase_plan, town.house.actor(Role.CLERK, CITY), PurchasePlanInput(level, area, 2026)
    )
    plan = town.runtime.read(plan_queries.purchase_plan_by_id, SYSTEM, plan_id)
    browser.get(f"/reserves/advice/{asked.number}")
    browser.post(f"/reserves/advice/{asked.number}/plan", plan=f"{plan.number}@{plan.version}")
    (bought,) = [
        each for each in town.runtime.read(plan_queries.purchase_plan_by_id, SYSTEM, plan_id).lines if each.sku == TENT
    ]
    assert (bought.quantity, bought.reason) == (5, f"按储备建议 {asked.number}")


def test_it_goes_on_paper_under_its_own_number_by_page_program_and_command_line(
    town: Town, tmp_path: Path, line: Line
) -> None:
    row = work(town, ask(town, 5 * 3_200))
    clerk = town.house.actor(Role.CLERK, CITY)
    made = town.runtime.run(issue_reserve_advice, clerk, row.number)
    paper = town.runtime.read(printing.paper, clerk, str(made))
    assert (paper.row.form, paper.row.number, paper.row.version) == ("reserve_advice", row.number, 1)
    found = contents(town)[0]
    assert (found["budget_fen"], found["cost_fen"]) == (16_000_00, 16_000_00)
    assert [(each["name"], each["share_permille"]) for each in found["cases"]] == [("洪水", 750), ("地震", 250)]
    (own,) = [each for each in found["lines"] if each["more"]]
    assert (own["today"], own["more"], own["next_unit_e6"] > 0) == (10, 5, True)
    browser = Site(town.house, tmp_path).browser(Role.CLERK)
    where = f"/reserves/advice/{row.number}"
    assert "打印储备建议书" in browser.get(where)
    printed = browser.post(f"{where}/paper.pdf", 200)
    assert printed.data.startswith(b"%PDF")
    program = Program(Site(town.house, tmp_path), Role.CLERK)
    again = program.send("POST", f"{where}/paper", key="p")
    assert (again.status_code, again.json["version"]) == (201, 3)
    file = tmp_path / "建议.pdf"
    line("reserve", "print-advice", row.number, "-o", file, "--as", "clerk.654004")
    assert file.read_bytes().startswith(b"%PDF")


def test_what_has_no_answer_has_no_paper_and_who_may_not_print_does_not(town: Town) -> None:
    made = ask(town, 5 * 3_200)
    clerk = town.house.actor(Role.CLERK, CITY)
    with pytest.raises(WrongState):
        town.runtime.run(issue_reserve_advice, clerk, str(made))
    with pytest.raises(NotFound):
        town.runtime.run(issue_reserve_advice, clerk, "CJ-0")
    with pytest.raises((Forbidden, NotFound)):
        town.runtime.run(issue_reserve_advice, town.house.actor(Role.CLERK, VILLAGE), str(made))
    assert contents(town) == []


def contents(town: Town) -> list[dict[str, Any]]:
    with town.runtime.database.read() as session:
        return [paper.content for paper in session.scalars(select(Paper).where(Paper.form == "reserve_advice"))]
