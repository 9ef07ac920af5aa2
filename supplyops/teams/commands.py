"""Keeping teams and sending them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.database.registry import References, Saved, refuse_repeats, save_rows
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import beijing, business_day, told_after
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import Conflict, InvalidInput, NotFound, WrongState
from supplyops.kernel.oral import recorded
from supplyops.norms.figures import number
from supplyops.papers.commands import next_slip_number
from supplyops.papers.contents import IncidentRef
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area, Site
from supplyops.runtime import Context, command
from supplyops.teams import papers
from supplyops.teams.rules import MISSION_STEPS, MissionInput, MissionState, ReadinessInput, TeamInput, TeamState
from supplyops.teams.tables import Mission, MissionStep, RescueTeam

_ENDED = (MissionState.RETURNED, MissionState.DECLINED, MissionState.CANCELLED)


@command(Permission.TEAMS_EDIT)
def save_teams(ctx: Context, inputs: Sequence[TeamInput]) -> Saved:
    """Add or change teams by code."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    owners = References(ctx.session, Organisation, [item.organisation_code for item in inputs])
    areas = References(ctx.session, Area, [item.area_code for item in inputs])
    bases = References(ctx.session, Site, [item.base_site_code for item in inputs])
    for place, item in enumerate(inputs):
        owners.find(place, "organisation_code", item.organisation_code)
        areas.find(place, "area_code", item.area_code)
        if item.base_site_code:
            bases.find(place, "base_site_code", item.base_site_code)
    owners.done(areas, bases)
    rows = []
    for item in inputs:
        row = asdict(item) | {"capabilities": [capability.value for capability in item.capabilities]}
        row["organisation_id"] = owners[row.pop("organisation_code")].id
        base = row.pop("base_site_code")
        row["base_site_id"] = bases[base].id if base else None
        ctx.require(Permission.TEAMS_EDIT, row["organisation_id"])
        rows.append(row)
    return save_rows(
        ctx.session, RescueTeam, rows, by=("code",), new_id=ctx.new_id, defaults={"state": TeamState.READY}
    )


@command(Permission.INTERNAL)
def mobilise(
    ctx: Context,
    incident_id: UUID,
    incident: IncidentRef,
    organisation_id: UUID,
    mission: MissionInput,
    *,
    is_exercise: bool = False,
) -> UUID:
    """Order a team out, on paper (F9). One active mission per team; an uninsured team goes only with a reason given.

    Raises WrongState when the team is busy or out, Conflict `team_uninsured`, InvalidInput for more people than are there.
    """
    ctx.require(Permission.TEAMS_MOBILISE, organisation_id)
    team = ctx.session.scalars(
        select(RescueTeam).where(RescueTeam.code == mission.team_code).with_for_update()
    ).one_or_none()
    if team is None:
        raise NotFound("rescue_team")
    if team.state not in {TeamState.READY, TeamState.ALERTED}:
        raise WrongState("rescue_team", team.state.value, TeamState.READY.value)
    insured = team.insurance_valid_to is not None and team.insurance_valid_to >= business_day(ctx.now)
    if not insured and not mission.uninsured_reason.strip():
        raise Conflict("team_uninsured", team=team.name)
    check = Checks()
    check.whole("persons", mission.persons, minimum=1, maximum=team.strength_present)
    check.done()
    issuer = ctx.session.get(Organisation, organisation_id)
    assert issuer is not None
    row = Mission(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "mobilisation_order", issuer.area_code),
        team_id=team.id,
        team_organisation_id=team.organisation_id,
        ordered_by_organisation_id=organisation_id,
        incident_id=incident_id,
        incident_number=incident.number,
        state=MissionState.ORDERED,
        details=plain(to_json(mission)),
        oral=recorded(mission.oral, ctx.now),
        ordered_at=ctx.now,
        ordered_by_id=ctx.user_id(),
        paper_due_at=ctx.now + timedelta(hours=number(ctx, "oral.paper_hours")) if mission.oral else None,
        paper_signed_at=None,
    )
    team.state = TeamState.MOBILISED
    ctx.session.add(row)
    ctx.session.flush()  # the step refers to it
    _note_step(ctx, row, MissionState.ORDERED, ctx.now, mission.place, "")
    papers.issue_order(ctx, row, team, issuer, incident, mission, is_exercise=is_exercise)
    ctx.about("mission", row.id, row.number, team=team.code)
    return row.id


@command(Permission.TEAMS_ANSWER)
def report_mission(
    ctx: Context, mission_id: UUID, state: MissionState, happened_at: datetime, place: str, note: str = ""
) -> None:
    """Report the next step of a mission. Times do not run backwards; arriving needs a place; declining a reason."""
    row = ctx.get(Mission, mission_id, lock=True)
    if not (
        ctx.may(Permission.TEAMS_ANSWER, row.team_organisation_id)
        or ctx.may(Permission.TEAMS_ANSWER, row.ordered_by_organisation_id)
    ):
        ctx.require(Permission.TEAMS_ANSWER, row.team_organisation_id)
    if state not in MISSION_STEPS[row.state]:
        raise WrongState("mission", row.state.value, becomes=state.value)
    last = ctx.session.scalars(
        select(MissionStep).where(MissionStep.mission_id == row.id).order_by(MissionStep.seq.desc()).limit(1)
    ).one()
    check = Checks()
    check.aware("happened_at", happened_at)
    happened_at = told_after(happened_at, last.happened_at)
    check.that(
        happened_at >= last.happened_at,
        "happened_at",
        "before_last_step",
        last=f"{beijing(last.happened_at):%m-%d %H:%M}",
    )
    check.that(happened_at <= ctx.now, "happened_at", "in_the_future")
    check.text("place", place, length_max=80, required=state is MissionState.ARRIVED)
    check.text("note", note, required=state in {MissionState.DECLINED, MissionState.CANCELLED})
    check.done()
    row.state = state
    _note_step(ctx, row, state, happened_at, place, note)
    if state in _ENDED:
        team = ctx.session.get(RescueTeam, row.team_id, execution_options={"unscoped": True})
        assert team is not None
        team.state = TeamState.REST if state is MissionState.RETURNED else TeamState.READY
    ctx.about("mission", row.id, row.number, state=state.value)


@command(Permission.TEAMS_EDIT)
def set_team_state(ctx: Context, team_code: str, state: TeamState) -> None:
    """Say that a team is ready, on alert, resting, training or out. A team on a mission stays on it."""
    team = _team_to_edit(ctx, team_code)
    if state is TeamState.MOBILISED or team.state is TeamState.MOBILISED:
        raise WrongState("rescue_team", team.state.value, becomes=state.value)
    team.state = state
    ctx.about("rescue_team", team.id, team.code, state=state.value)


@command(Permission.TEAMS_EDIT)
def set_team_readiness(ctx: Context, team_code: str, readiness: ReadinessInput) -> None:
    """Register whether a team works by night and in hard frost, or that it is not known. Raises NotFound."""
    team = _team_to_edit(ctx, team_code)
    team.works_at_night = readiness.works_at_night.value_kept
    team.works_at_minus_30 = readiness.works_at_minus_30.value_kept
    ctx.about("rescue_team", team.id, team.code)


def _team_to_edit(ctx: Context, code: str) -> RescueTeam:
    team = ctx.session.scalars(select(RescueTeam).where(RescueTeam.code == code).with_for_update()).one_or_none()
    if team is None:
        raise NotFound("rescue_team")
    ctx.require(Permission.TEAMS_EDIT, team.organisation_id)
    return team


@command(Permission.TEAMS_MOBILISE)
def sign_mission_paper(ctx: Context, mission_id: UUID) -> None:
    """The paper of an oral order was signed."""
    row = ctx.get(Mission, mission_id, lock=True)
    ctx.require(Permission.TEAMS_MOBILISE, row.ordered_by_organisation_id)
    if row.paper_due_at is None or row.paper_signed_at is not None:
        raise InvalidInput("nothing_to_sign")
    row.paper_signed_at = ctx.now
    ctx.about("mission", row.id, row.number)


def _note_step(ctx: Context, row: Mission, state: MissionState, happened_at: datetime, place: str, note: str) -> None:
    ctx.session.add(
        MissionStep(
            mission_id=row.id,
            state=state,
            happened_at=happened_at,
            recorded_at=ctx.now,
            place=place,
            note=note,
            actor_id=ctx.principal.user_id,
        )
    )
