"""What would help a plan: asked for, worked out in a child, kept, read with names; cancelled, refused, asked for once."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from optimizer.remedy import Fix
from supplyops.cli.solving import advice_handler
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.jobs import commands as jobs
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from supplyops.norms import commands as norms
from supplyops.norms.rules import ReserveNormInput
from supplyops.people.rules import Level
from supplyops.planning import advising
from supplyops.planning.advising import PlanAdviceRow
from supplyops.planning.rules import ADVICE_JOB_KIND, AdviceOptions, AdviceState
from supplyops.planning.solving import ADVISER
from supplyops.planning.supply import OPENABLE
from supplyops.planning.tables import PlanAdvice
from supplyops.runtime import Runtime
from supplyops.wording.helps import HELPS, span
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, FARM, TENT
from tests.once import once
from tests.planning.town import Town, build_town


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """Sixty tents lie in the city's store and twenty have to stay; fifty are asked for; others have some more."""
    town = build_town(runtime)
    town.request((TENT, 50))
    for quantity, shelf, owner in ((60, CITY_SHELF, CITY), (12, CITY_SHELF, FARM), (9, CITY_QUARANTINE, CITY)):
        town.house.stock(town.house.lot(owner=owner), quantity, shelf)
    town.runtime.run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("t", TENT, Level.CITY, 100, 200, "A")])
    return town


def ask(town: Town, plan_id: UUID, **options: int) -> UUID:
    return town.runtime.run(advising.start_advice, town.commander, plan_id, AdviceOptions(**({"trials": 40} | options)))


def work(town: Town, plan_id: UUID, *, adviser: str = ADVISER) -> PlanAdviceRow:
    far = town.runtime.read(advising.advice_state, SYSTEM, str(plan_id))
    assert far is not None and far.job_id is not None
    job_id = far.job_id
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), data_dir=Path(folder))
        Worker(town.runtime, settings, {ADVICE_JOB_KIND: advice_handler(adviser)}).work_one(job_id)
    return read(town, plan_id)


def read(town: Town, plan_id: UUID) -> PlanAdviceRow:
    return town.runtime.read(advising.advice, town.commander, str(plan_id))


def test_what_would_help_is_proven_and_named(town: Town) -> None:
    plan_id = town.plan()
    assert read(town, plan_id).state is None
    ask(town, plan_id)
    row = work(town, plan_id)
    assert (row.state, row.stopped_by, row.error) == (AdviceState.DONE, "done", {})
    (gap,) = row.gaps
    assert gap.gap.quantity == 10
    assert [(reason.code, reason.standing) for reason in gap.reasons] == [("floor", "holds")]
    proven = {remedy.text: remedy for remedy in gap.remedies if remedy.proof == "proven"}
    floor = proven["将霍尔果斯市库的12m²棉帐篷储备底线下调 10 顶(由霍尔果斯市人民政府批准)"]
    assert (floor.is_least, [(gain.more, gain.unit) for gain in floor.gains], floor.losses) == (True, [(10, "顶")], ())
    assert floor.persons == 20, "ten tents of the fifty that a hundred persons ask for"
    assert next(iter(proven)) == floor.text
    assert "向兵团六十一团商借霍尔果斯市库的12m²棉帐篷 10 顶" in proven
    assert "尽快检验霍尔果斯市库待检的12m²棉帐篷,放行 9 顶" in proven
    assert any(text.startswith("在") and "另行筹措" in text for text in proven)


def test_one_search_at_a_time_and_another_after_it_ended(town: Town) -> None:
    plan_id = town.plan()
    ask(town, plan_id)
    with pytest.raises(Conflict, match="advice_running"):
        ask(town, plan_id)
    town.runtime.run(advising.cancel_advice, town.commander, plan_id)
    assert read(town, plan_id).state is AdviceState.CANCELLED
    with pytest.raises(NotFound):
        town.runtime.run(advising.cancel_advice, town.commander, plan_id)
    assert work(town, plan_id).state is AdviceState.CANCELLED, "a job that was cancelled is not taken"
    ask(town, plan_id, trials=1)
    assert {each.proof for each in work(town, plan_id).remedies} == {"unproven"}


def test_cancelled_while_it_works_nothing_is_kept(town: Town) -> None:
    plan_id = town.plan()
    ask(town, plan_id)
    far = town.runtime.read(advising.advice_state, SYSTEM, str(plan_id))
    assert far is not None and far.job_id is not None
    job_id = far.job_id
    taken = town.runtime.run(jobs.take, SYSTEM, "w", job_id)
    assert taken is not None
    town.runtime.run(advising.cancel_advice, town.commander, plan_id)
    assert not town.runtime.run(advising.fail_advice, SYSTEM, newest(town), *taken, {"code": "late", "params": {}})
    assert read(town, plan_id).error == {}


def newest(town: Town) -> UUID:
    with town.runtime.database.read() as session:
        return session.scalars(select(PlanAdvice.id)).one()


def test_an_adviser_that_crashes_is_told_and_leaves_no_answer(town: Town) -> None:
    plan_id = town.plan()
    ask(town, plan_id)
    row = work(town, plan_id, adviser="tests.planning.solvers:crashes_advising")
    assert (row.state, row.error["code"], row.remedies) == (AdviceState.FAILED, "solver_crash", ())


def test_refused_where_nothing_is_short_and_to_those_who_may_not(town: Town) -> None:
    plan_id = town.plan()
    with pytest.raises(Forbidden):
        town.runtime.run(advising.start_advice, town.house.actor(Role.KEEPER), plan_id, AdviceOptions())
    with pytest.raises(InvalidInput):
        AdviceOptions(seconds=5, trials=5)
    assert read(town, plan_id).state is None
    town.house.stock(town.house.lot(), 100)
    full = town.plan()
    with pytest.raises(Conflict, match="no_gaps"):
        ask(town, full)


def test_every_change_has_a_sentence() -> None:
    wanted = {code.value for code in Fix if code is not Fix.TAKE_OFFER}
    assert wanted | {f"take_offer.{why.value}" for why in OPENABLE} == set(HELPS)
    assert [span(seconds) for seconds in (1, 3600, 5400)] == ["1 分钟", "1 小时", "1 小时 30 分钟"]
