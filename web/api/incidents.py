"""Incidents over the API: reports, responses, needs."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.incidents import commands, queries
from supplyops.incidents.queries import GrossNeed, IncidentRow, ReportRow, ResponseRow
from supplyops.incidents.rules import IncidentInput, IncidentState, ReportInput, ResponseInput
from supplyops.requests import queries as requests
from supplyops.requests.queries import NetNeed
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, writes

blueprint = noun("incidents", "突发事件:登记、灾情报告、应急响应、需求测算")


@blueprint.get("/")
@asks(blueprint, state="状态:open 或 closed")
@answers(blueprint, IncidentRow, many=True)
@authenticated
def incidents() -> Any:
    """可见的突发事件,新的在前。"""
    return view.read(queries.incidents, choice(IncidentState, "state"))


@blueprint.post("/")
@writes(blueprint, IncidentInput)
@answers(blueprint, IncidentRow, status=201)
@authenticated
def open_incident() -> Any:
    """登记突发事件。"""
    return view.read(queries.incident, str(run(commands.open_incident, body(IncidentInput))))


@blueprint.get("/<number>")
@answers(blueprint, IncidentRow)
@authenticated
def incident(number: str) -> Any:
    """一个突发事件。"""
    return view.read(queries.incident, number)


@blueprint.get("/<number>/reports")
@answers(blueprint, ReportRow, many=True)
@authenticated
def reports(number: str) -> Any:
    """灾情报告各版本,新的在前。"""
    return view.read(queries.reports, view.read(queries.incident, number).id)


@blueprint.post("/<number>/reports")
@writes(blueprint, ReportInput)
@answers(blueprint, ReportRow, status=201)
@authenticated
def report(number: str) -> Any:
    """提交新一版灾情报告;没有统计的数据不填。"""
    row = view.read(queries.incident, number)
    version = run(commands.report, row.id, body(ReportInput))
    return view.read(queries.report, row.id, version)


@blueprint.get("/<number>/responses")
@answers(blueprint, ResponseRow, many=True)
@authenticated
def responses(number: str) -> Any:
    """应急响应的决定,新的在前。"""
    return view.read(queries.responses, view.read(queries.incident, number).id)


@blueprint.post("/<number>/responses")
@writes(blueprint, ResponseInput)
@answers(blueprint, IncidentRow, status=201)
@authenticated
def decide_response(number: str) -> Any:
    """启动、调整应急响应;level 为 null 时终止。"""
    row = view.read(queries.incident, number)
    run(commands.decide_response, row.id, body(ResponseInput))
    return view.read(queries.incident, number)


@blueprint.post("/<number>/close")
@writes(blueprint)
@answers(blueprint, IncidentRow)
@authenticated
def close(number: str) -> Any:
    """结束突发事件;应急响应应已终止。"""
    row = view.read(queries.incident, number)
    run(commands.close_incident, row.id)
    return view.read(queries.incident, number)


@blueprint.get("/<number>/needs")
@asks(blueprint, version="灾情报告的版本;不填为最新")
@answers(blueprint, GrossNeed, many=True)
@authenticated
def needs(number: str) -> Any:
    """按标准测算的总需求:测算量 raw 和整包装 packed。"""
    text = request.args.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 9 else None
    return view.read(queries.gross_need, view.read(queries.incident, number).id, version)


@blueprint.get("/<number>/net-needs")
@answers(blueprint, NetNeed, many=True)
@authenticated
def net_needs(number: str) -> Any:
    """净需求:总需求减已送达和已批准在途。"""
    return view.read(requests.net_needs, view.read(queries.incident, number).id)
