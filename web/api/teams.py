"""Rescue teams and missions over the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supplyops.incidents import commands as incident_commands
from supplyops.incidents import queries as incidents
from supplyops.teams import commands, queries
from supplyops.teams.queries import MissionRow, TeamRow
from supplyops.teams.rules import MissionInput, MissionState, ReadinessInput, TeamState
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, window, writes

teams_blueprint = noun("teams", "救援队伍")
missions_blueprint = noun("missions", "调动命令与任务经过")


@dataclass(frozen=True, slots=True)
class StateWanted:
    """The state a team is to be in."""

    state: TeamState


@dataclass(frozen=True, slots=True)
class Mobilisation:
    """A team sent for an incident."""

    incident: str
    mission: MissionInput


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of a mission, as it was reported."""

    state: MissionState
    happened_at: datetime
    place: str = ""
    note: str = ""


@teams_blueprint.get("/")
@asks(teams_blueprint, state="状态")
@answers(teams_blueprint, TeamRow, many=True)
@authenticated
def teams() -> Any:
    """可见的队伍,按类型。"""
    return view.read(queries.teams, choice(TeamState, "state"))


@teams_blueprint.get("/<code>")
@answers(teams_blueprint, TeamRow)
@authenticated
def team(code: str) -> Any:
    """一支队伍。"""
    return view.read(queries.team, code)


@teams_blueprint.post("/<code>/state")
@writes(teams_blueprint, StateWanted)
@answers(teams_blueprint, TeamRow)
@authenticated
def set_state(code: str) -> Any:
    """更新状态:待命、预警待命、休整、训练、停用。"""
    run(commands.set_team_state, code, body(StateWanted).state)
    return view.read(queries.team, code)


@teams_blueprint.post("/<code>/readiness")
@writes(teams_blueprint, ReadinessInput)
@answers(teams_blueprint, TeamRow)
@authenticated
def set_readiness(code: str) -> Any:
    """登记能否夜间作业、能否零下30度作业:yes 是、no 否、unknown 未登记。派遣建议对未登记的按不能安排,并列出队伍。"""
    run(commands.set_team_readiness, code, body(ReadinessInput))
    return view.read(queries.team, code)


@missions_blueprint.get("/")
@asks(missions_blueprint, state="状态", offset="跳过几行", limit="最多几行")
@answers(missions_blueprint, MissionRow, many=True)
@authenticated
def missions() -> Any:
    """可见的调动命令,新的在前。"""
    offset, limit = window()
    return view.read(queries.missions, state=choice(MissionState, "state"), offset=offset, limit=limit)


@missions_blueprint.post("/")
@writes(missions_blueprint, Mobilisation)
@answers(missions_blueprint, MissionRow, status=201)
@authenticated
def mobilise() -> Any:
    """下达调动命令。"""
    wanted = body(Mobilisation)
    incident = view.read(incidents.incident, wanted.incident)
    return view.read(queries.mission, run(incident_commands.mobilise_team, incident.id, wanted.mission))


@missions_blueprint.get("/<number>")
@answers(missions_blueprint, MissionRow)
@authenticated
def mission(number: str) -> Any:
    """一份调动命令及经过。"""
    return view.read(queries.mission_named, number)


@missions_blueprint.post("/<number>/steps")
@writes(missions_blueprint, Step)
@answers(missions_blueprint, MissionRow, status=201)
@authenticated
def report(number: str) -> Any:
    """报告下一步:确认、集结、出动、到达、作业、撤离、归建、无法出动、取消。"""
    row, step = view.read(queries.mission_named, number), body(Step)
    run(commands.report_mission, row.id, step.state, step.happened_at, step.place, step.note)
    return view.read(queries.mission_named, number)


@missions_blueprint.post("/<number>/sign")
@writes(missions_blueprint)
@answers(missions_blueprint, MissionRow)
@authenticated
def sign(number: str) -> Any:
    """登记口头命令已补签书面手续。"""
    run(commands.sign_mission_paper, view.read(queries.mission_named, number).id)
    return view.read(queries.mission_named, number)
