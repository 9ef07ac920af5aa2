"""Alternatives to a plan: asked for, solved three ways in a child, compared, one of them adopted as the plan to work by."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from supplyops.cli.solving import alternatives_handler
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput
from supplyops.jobs import commands as jobs
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.planning import alternatives, queries, setting_aside, variants
from supplyops.planning.alternatives import PlanAlternativesRow
from supplyops.planning.rules import AdviceState, PlanState
from supplyops.planning.solving import SOLVER
from supplyops.planning.tables import Plan, PlanLine, PlanVariant
from supplyops.planning.variant_rules import ALTERNATIVES_JOB_KIND, AlternativesOptions, VariantOrigin
from supplyops.runtime import Runtime
from supplyops.wording.measures import clock_delta, measure_rows
from tests.house import CITY, PREFECTURE, PREFECTURE_SHELF, TENT
from tests.once import once
from tests.planning.town import STREET, STREET_POINT, Town, build_town


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """Fewer tents than two places ask for: many persons share few tents in the street, few persons many in the village."""
    town = build_town(runtime)
    town.request((TENT, 60))
    town.request((TENT, 20), body=STREET, site=STREET_POINT)
    town.house.stock(town.house.lot(), 30)
    town.house.stock(town.house.lot(owner=PREFECTURE), 20, PREFECTURE_SHELF)
    return town


def ask(town: Town, plan_id: UUID, **options: int) -> UUID:
    wanted = AlternativesOptions(**({"iterations": 4} | options))
    return town.runtime.run(alternatives.start_alternatives, town.commander, plan_id, wanted)


def work(town: Town, plan_id: UUID, *, solver: str = SOLVER) -> PlanAlternativesRow:
    far = town.runtime.read(alternatives.alternatives_state, SYSTEM, str(plan_id))
    assert far is not None and far.job_id is not None
    job_id = far.job_id
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), data_dir=Path(folder))
        Worker(town.runtime, settings, {ALTERNATIVES_JOB_KIND: alternatives_handler(solver)}).work_one(job_id)
    return read(town, plan_id)


def read(town: Town, plan_id: UUID) -> PlanAlternativesRow:
    return town.runtime.read(alternatives.alternatives, town.commander, str(plan_id))


def counts(town: Town) -> tuple[int, ...]:
    with town.runtime.database.read() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Plan, PlanLine, PlanVariant)
        )


def test_three_plans_lie_beside_the_plan_and_one_is_adopted(town: Town) -> None:
    plan_id = town.plan()
    assert (read(town, plan_id).state, read(town, plan_id).base) == (None, None)
    ask(town, plan_id)
    row = work(town, plan_id)
    assert (row.state, row.error) == (AdviceState.DONE, {})
    assert [each.origin for each in row.variants] == [VariantOrigin.FAST, VariantOrigin.FAIR, VariantOrigin.FRUGAL]
    assert all(each.is_feasible and each.violations == () for each in row.variants)
    fair = row.variants[1]
    assert fair.figures is not None
    assert row.base is not None and row.base.poorest_permille is not None
    assert (row.base.poorest_permille, fair.figures.reached.poorest_permille) == (500, 616)
    assert fair.figures.deltas.poorest_permille == 116
    assert {(each.before, each.after) for each in fair.figures.lines if each.before != each.after} == {
        (20, 13),
        (30, 37),
    }
    assert [place.site_name for place in fair.figures.places] == ["卡拉苏体育馆", "伊车嘎善乡中学"]
    adopted = town.runtime.run(variants.adopt, town.commander, plan_id, fair.id)
    found = town.read(adopted)
    assert (found.head.state, found.head.options["adopted"]["origin"]) == (PlanState.DRAFT, "fair")
    assert sum(line.serves for line in found.lines if line.delivery_site_name == "伊车嘎善乡中学") == 37
    assert {part.owner_code for part in found.parts} == {CITY, PREFECTURE}
    assert town.head(plan_id).state is PlanState.SUPERSEDED
    assert read(town, plan_id).variants[1].adopted_as == found.head.number
    approver = town.house.actor(Role.APPROVER)
    town.runtime.run(approving.approve, approver, ApprovalInput(adopted, CITY, "", None, ""))
    assert town.runtime.read(queries.compare, town.commander, str(plan_id), str(adopted)).changed


def test_what_was_adopted_or_overtaken_cannot_be_adopted_again(town: Town) -> None:
    plan_id = town.plan()
    ask(town, plan_id)
    row = work(town, plan_id)
    fair = row.variants[1].id
    with pytest.raises(Forbidden):
        town.runtime.run(variants.adopt, town.house.actor(Role.APPROVER), plan_id, fair)
    with pytest.raises(NotFound):
        town.runtime.run(variants.adopt, town.commander, uuid4(), fair)
    with pytest.raises(NotFound):
        town.runtime.run(variants.adopt, town.commander, plan_id, uuid4())
    before = counts(town)
    for each in row.variants:
        if each.figures is not None and each.figures.is_same:
            with pytest.raises(Conflict, match="variant_no_change"):
                town.runtime.run(variants.adopt, town.commander, plan_id, each.id)
    assert counts(town) == before
    town.runtime.run(variants.adopt, town.commander, plan_id, fair)
    before = counts(town)
    with pytest.raises(Conflict, match="variant_adopted"):
        town.runtime.run(variants.adopt, town.commander, plan_id, fair)
    with pytest.raises(WrongState):
        town.runtime.run(variants.adopt, town.commander, plan_id, row.variants[0].id)
    assert counts(town) == before


def test_a_plan_on_which_an_owner_has_decided_stands(town: Town) -> None:
    plan_id = town.plan()
    ask(town, plan_id)
    fair = work(town, plan_id).variants[1].id
    approver = town.house.actor(Role.APPROVER)
    town.runtime.run(approving.approve, approver, ApprovalInput(plan_id, CITY, "", None, ""))
    assert not read(town, plan_id).may_adopt
    before = counts(town)
    with pytest.raises(WrongState):
        town.runtime.run(variants.adopt, town.commander, plan_id, fair)
    assert counts(town) == before


def test_where_there_is_nothing_to_choose_it_says_so(town: Town) -> None:
    with town.runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PlanVariant)) == 0
    incident = town.open_incident()
    town.request((TENT, 5), incident=incident, body=STREET, site=STREET_POINT)
    plan_id = town.plan(incident=incident)
    ask(town, plan_id)
    row = work(town, plan_id)
    assert row.all_equal
    assert {each.equals for each in row.variants} >= {(VariantOrigin.FAIR, VariantOrigin.FRUGAL)}
    table = {measure.code: measure for measure in measure_rows(row.base, [each.figures for each in row.variants])}
    assert {cell.delta for cell in table["cost"].cells} == {""}
    assert table["lines_full"].base == "1/1"


def test_one_search_at_a_time_cancelled_and_never_saved_late(town: Town) -> None:
    plan_id = town.plan()
    ask(town, plan_id)
    with pytest.raises(Conflict, match="alternatives_running"):
        ask(town, plan_id)
    far = town.runtime.read(alternatives.alternatives_state, SYSTEM, str(plan_id))
    assert far is not None and far.job_id is not None
    job_id = far.job_id
    taken = town.runtime.run(jobs.take, SYSTEM, "w", job_id)
    assert taken is not None
    town.runtime.run(alternatives.cancel_alternatives, town.commander, plan_id)
    row_id = read(town, plan_id).id
    assert row_id is not None
    assert not town.runtime.run(alternatives.save_alternatives, SYSTEM, row_id, *taken, ())
    assert read(town, plan_id).state is AdviceState.CANCELLED
    with pytest.raises(NotFound):
        town.runtime.run(alternatives.cancel_alternatives, town.commander, plan_id)
    with pytest.raises(Forbidden):
        town.runtime.run(alternatives.start_alternatives, town.house.actor(Role.KEEPER), plan_id, AlternativesOptions())
    with pytest.raises(InvalidInput):
        AlternativesOptions(seconds=5, iterations=5)


@pytest.mark.parametrize(("solver", "code"), [("crashes", "solver_crash"), ("lies_about_the_way", "checker")])
def test_a_solver_that_crashes_or_is_wrong_leaves_nothing(town: Town, solver: str, code: str) -> None:
    plan_id = town.plan()
    ask(town, plan_id)
    row = work(town, plan_id, solver=f"tests.planning.solvers:{solver}")
    assert (row.state, row.error["code"], row.variants) == (AdviceState.FAILED, code, ())


def test_a_plan_without_result_has_no_alternatives(town: Town) -> None:
    plan_id = town.start()
    with pytest.raises(WrongState):
        ask(town, plan_id)
    with pytest.raises(NotFound):
        read(town, plan_id)


def test_huge_quantities_are_compared_like_any_and_a_plan_put_aside_is_only_compared(town: Town) -> None:
    incident = town.open_incident()
    town.request((TENT, 10**9), incident=incident)
    plan_id = town.plan(incident=incident)
    ask(town, plan_id)
    row = work(town, plan_id)
    assert row.state is AdviceState.DONE
    assert row.base is not None and row.base.asked_persons == 100
    town.runtime.run(setting_aside.set_aside, town.commander, plan_id)
    assert not read(town, plan_id).may_adopt


def test_times_are_told_in_hours_and_minutes() -> None:
    assert [clock_delta(seconds) for seconds in (3900, -1200, 30)] == ["+1:05", "-0:20", "+30s"]
