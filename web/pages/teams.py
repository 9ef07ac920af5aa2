"""Rescue teams and where they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.dispatch import printing
from supplyops.incidents import commands as incident_commands
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.kernel.clock import instant
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.teams import commands, queries
from supplyops.teams.queries import TeamRow
from supplyops.teams.rules import (
    MISSION_STEPS,
    Capability,
    Known,
    MissionInput,
    MissionState,
    ReadinessInput,
    TeamState,
    TeamType,
    known,
)
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.means import MISSIONS, TEAMS
from web.paging import one_page
from web.view import signed_in

READINESS = {"works_at_night": "可夜间作业", "works_at_minus_30": "可零下30度作业"}
SETTABLE = (TeamState.READY, TeamState.ALERTED, TeamState.REST, TeamState.TRAINING, TeamState.OUT)


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/teams", view_func=teams)
    add("/teams/<code>", view_func=teams_team)
    add("/teams/<code>/state", view_func=set_team_state, methods=["POST"])
    add("/teams/<code>/readiness", view_func=set_team_readiness, methods=["POST"])
    add("/teams/<code>/mobilise", view_func=mobilise_team, methods=["GET", "POST"])
    add("/missions", view_func=teams_missions)
    add("/missions/<number>", view_func=teams_mission)
    add("/missions/<number>/report", view_func=report_mission, methods=["POST"])
    add("/missions/<number>/sign", view_func=sign_mission, methods=["POST"])


@signed_in
def teams() -> Any:
    """Teams by type, readiness and what they can do."""
    args = request.args
    kind, state, capability = args.get("type", ""), args.get("state", ""), args.get("capability", "")
    text = args.get("text", "").strip()[:60]
    rows = [
        row
        for row in view.read(queries.teams)
        if (not kind or row.type.value == kind)
        and (not state or row.state.value == state)
        and (not capability or capability in row.capabilities)
        and (not text or any(text in word for word in (row.code, row.name, row.organisation_name, row.leader)))
    ]
    if file := TEAMS.file_of(rows):
        return file
    return view.page(
        "teams/list.html", rows=rows, types=list(TeamType), states=list(TeamState), capabilities=list(Capability)
    )


@signed_in
def teams_team(code: str) -> Response:
    """One team: people, what it can do, equipment, missions."""
    return _team_page(view.read(queries.team, code), None)


def _team_page(row: TeamRow, form: Form | None) -> Response:
    form = form or Form({name: known(getattr(row, name)).value for name in READINESS}, READINESS)
    return form.page(
        "teams/team.html",
        row=row,
        missions=view.read(queries.missions, team_id=row.id),
        settable=SETTABLE,
        readiness=view.words(Known),
        incident_names=_incident_names(),
    )


def _incident_names() -> dict[str, str]:
    """Incidents in reach are called by their names, others by their numbers."""
    return {row.number: row.name for row in view.read(incidents.incidents)} if view.may("incidents.see") else {}


@signed_in
def set_team_state(code: str) -> Response:
    """Ready, on alert, resting, training, out."""
    row = view.read(queries.team, code)
    form = Form({name: known(getattr(row, name)).value for name in READINESS}, READINESS)
    with form.attempt():
        wanted = request.form.get("state", "")
        if wanted not in set(TeamState):
            raise InvalidInput(fields=(FieldError("state", "unknown_choice", {"value": wanted[:40]}),))
        view.run(commands.set_team_state, code, TeamState(wanted))
        return view.back("pages.teams_team", "已更新状态", code=code)
    return _team_page(row, form)


@signed_in
def set_team_readiness(code: str) -> Response:
    """Register whether it works by night and in hard frost."""
    row = view.read(queries.team, code)
    form = Form({}, READINESS)
    with form.attempt():
        view.run(commands.set_team_readiness, code, forms.parse(ReadinessInput))
        return view.back("pages.teams_team", "已登记", code=code)
    return _team_page(row, form)


@signed_in
def mobilise_team(code: str) -> Response:
    """Order a team out for an incident."""
    row = view.read(queries.team, code)
    form = Form()
    open_incidents = view.read(incidents.incidents, IncidentState.OPEN)
    if form.is_posted:
        with form.attempt():
            wanted = request.form.get("incident", "")
            chosen = next((each for each in open_incidents if each.number == wanted), None)
            if chosen is None:
                raise InvalidInput(fields=(FieldError("incident", "unknown_reference", {"value": wanted[:40]}),))
            mission = forms.parse(MissionInput, {"team_code": code}, leaving_out={"incident"})
            mission_id = view.run(incident_commands.mobilise_team, chosen.id, mission)
            number = view.read(queries.mission, mission_id).number
            return view.back("pages.teams_mission", "已下达调动命令,请打印并通知队伍", number=number)
    return form.page("teams/mobilise.html", row=row, incidents=open_incidents)


@signed_in
def teams_missions() -> Any:
    """Missions, newest first."""
    asked = request.args.get("state", "")
    state = MissionState(asked) if asked in set(MissionState) else None
    if file := MISSIONS.file_of(lambda: view.read(queries.missions, state=state, limit=ALL_ROWS)):
        return file
    return view.page(
        "teams/missions.html",
        **one_page(queries.missions, queries.count_missions, state=state),
        states=list(MissionState),
        state_wanted=state,
        incident_names=_incident_names(),
    )


@signed_in
def teams_mission(number: str) -> Response:
    """One mission: its order, its steps, what comes next."""
    return _mission_page(number, Form())


def _mission_page(number: str, form: Form) -> Response:
    row = view.read(queries.mission_named, number)
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    upcoming = sorted(MISSION_STEPS[row.state], key=list(MissionState).index)
    names = _incident_names()
    return form.page("teams/mission.html", row=row, papers=papers, upcoming=upcoming, incident_names=names)


@signed_in
def report_mission(number: str) -> Response:
    """The next step of a mission, as it was reported."""
    row = view.read(queries.mission_named, number)
    form = Form()
    with form.attempt():
        wanted = request.form.get("state", "")
        if wanted not in set(MissionState):
            raise InvalidInput(fields=(FieldError("state", "unknown_choice", {"value": wanted[:40]}),))
        place, note = (request.form.get(name, "").strip() for name in ("place", "note"))
        view.run(commands.report_mission, row.id, MissionState(wanted), _happened_at(), place, note)
        return view.back("pages.teams_mission", "已登记", number=row.number)
    return _mission_page(number, form)


def _happened_at() -> datetime:
    """When it happened, in Beijing time; now, if nothing was filled in."""
    text = request.form.get("happened_at", "").strip()
    if not text:
        return view.runtime().clock()
    try:
        return instant(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidInput(fields=(FieldError("happened_at", "not_a_moment", {"value": text[:40]}),)) from None


@signed_in
def sign_mission(number: str) -> Response:
    """The paper of an oral order was signed."""
    row = view.read(queries.mission_named, number)
    form = Form()
    with form.attempt():
        view.run(commands.sign_mission_paper, row.id)
        return view.back("pages.teams_mission", "已登记补签的书面手续", number=row.number)
    return _mission_page(number, form)
