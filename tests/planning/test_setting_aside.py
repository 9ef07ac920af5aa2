"""A draft is put aside by whoever may plan, until an owner has decided on a part of it."""

from __future__ import annotations

from uuid import UUID

import pytest

from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import EventClass, Hazard, IncidentInput
from supplyops.kernel.access import SYSTEM, Permission, Role
from supplyops.kernel.errors import Forbidden, NotFound, WrongState
from supplyops.planning.rules import PartState, PlanState
from supplyops.planning.setting_aside import drafts, set_aside
from supplyops.planning.tables import Plan, PlanPart
from supplyops.runtime import Context, Runtime, command
from tests.conftest import START
from tests.house import CITY, PREFECTURE, House, build_house


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
def incident(house: House) -> UUID:
    event = IncidentInput("地震", EventClass.NATURAL, Hazard.EARTHQUAKE, START, "654004", "霍尔果斯", CITY)
    return house.runtime.run(incidents.open_incident, house.actor(Role.COMMANDER), event)


@command(Permission.INTERNAL)
def made(ctx: Context, incident_id: UUID, organisation_id: UUID, state: PlanState, part: PartState) -> UUID:
    plan_id = ctx.new_id()
    plan = Plan(
        id=plan_id, number=f"P{plan_id.int % 1000}", incident_id=incident_id, organisation_id=organisation_id, state=state, options={}, problem={},
        problem_hash="", heads={}, starts_at=ctx.now, solution={}, verdict={}, summary={}, error={}, created_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(plan)
    ctx.session.flush()
    ctx.session.add(PlanPart(id=ctx.new_id(), plan_id=plan_id, owner_id=organisation_id, state=part, note=""))
    return plan_id


def state(house: House, plan_id: UUID) -> PlanState:
    with house.runtime.database.read() as session:
        found = session.get(Plan, plan_id)
        assert found is not None
        return found.state


def test_a_draft_is_put_aside_once(house: House, incident: UUID) -> None:
    plan_id = house.runtime.run(made, SYSTEM, incident, house.organisations[CITY], PlanState.DRAFT, PartState.PROPOSED)
    dispatcher = house.actor(Role.DISPATCHER)
    assert [row.id for row in house.runtime.read(drafts, dispatcher, incident)] == [plan_id]
    house.runtime.run(set_aside, dispatcher, plan_id)
    assert state(house, plan_id) is PlanState.CANCELLED
    assert house.runtime.read(drafts, dispatcher, incident) == ()
    with pytest.raises(WrongState):
        house.runtime.run(set_aside, dispatcher, plan_id)


def test_a_plan_that_an_owner_decided_on_stays(house: House, incident: UUID) -> None:
    plan_id = house.runtime.run(made, SYSTEM, incident, house.organisations[CITY], PlanState.DRAFT, PartState.APPROVED)
    with pytest.raises(WrongState):
        house.runtime.run(set_aside, house.actor(Role.COMMANDER), plan_id)
    assert state(house, plan_id) is PlanState.DRAFT


def test_clerks_do_not_plan_and_others_plans_are_not_there(house: House, incident: UUID) -> None:
    plan_id = house.runtime.run(
        made, SYSTEM, incident, house.organisations[PREFECTURE], PlanState.DRAFT, PartState.PROPOSED
    )
    with pytest.raises(Forbidden):
        house.runtime.run(set_aside, house.actor(Role.CLERK), plan_id)
    with pytest.raises(NotFound):
        house.runtime.run(set_aside, house.actor(Role.COMMANDER), plan_id)
    assert state(house, plan_id) is PlanState.DRAFT
