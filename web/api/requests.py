"""Supply requests over the API: drafted, changed, sent, reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.incidents import queries as incidents
from supplyops.kernel.errors import Conflict
from supplyops.requests import commands, queries
from supplyops.requests.queries import RequestRow
from supplyops.requests.rules import RequestInput, RequestState, Review, Urgency
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, version, writes

blueprint = noun("requests", "需求申请:起草、修改、提交、审核")


@dataclass(frozen=True, slots=True)
class DraftFromNeeds:
    """Which incident's missing supplies to draft requests for."""

    incident: str
    urgency: Urgency
    addressee_code: str = ""


def _seen() -> int:
    """The version from If-Match; a step without it is refused before it runs."""
    seen = version()
    if seen is None:
        raise Conflict("version_missing", noun="supply_request")
    return seen


@blueprint.get("/")
@asks(blueprint, incident="突发事件编号", state="状态")
@answers(blueprint, RequestRow, many=True)
@authenticated
def requests() -> Any:
    """可见的需求申请及明细,新的在前。"""
    incident = view.read(incidents.incident, request.args["incident"]).id if request.args.get("incident") else None
    return view.read(queries.requests, incident_id=incident, state=choice(RequestState, "state"))


@blueprint.post("/")
@writes(blueprint, RequestInput)
@answers(blueprint, RequestRow, status=201)
@authenticated
def draft() -> Any:
    """起草需求申请。"""
    return view.read(queries.request, str(run(commands.draft, body(RequestInput))))


@blueprint.post("/from-needs")
@writes(blueprint, DraftFromNeeds)
@answers(blueprint, RequestRow, many=True, status=201)
@authenticated
def draft_from_needs() -> Any:
    """按净需求减去已申请未批准的,为每个受灾地点起草一份申请。都已申请时不起草,返回空表。"""
    wanted = body(DraftFromNeeds)
    incident = view.read(incidents.incident, wanted.incident)
    drafted = run(commands.draft_from_needs, incident.id, wanted.urgency, wanted.addressee_code)
    return [row for row in view.read(queries.requests, incident_id=incident.id) if row.id in drafted]


@blueprint.get("/<number>")
@answers(blueprint, RequestRow)
@authenticated
def request_(number: str) -> Any:
    """一份需求申请。"""
    return view.read(queries.request, number)


@blueprint.put("/<number>")
@writes(blueprint, RequestInput, versioned=True)
@answers(blueprint, RequestRow)
@authenticated
def edit(number: str) -> Any:
    """修改草稿。"""
    row, seen = view.read(queries.request, number), _seen()
    run(commands.edit, row.id, seen, body(RequestInput))
    return view.read(queries.request, number)


@blueprint.post("/<number>/submit")
@writes(blueprint, versioned=True)
@answers(blueprint, RequestRow)
@authenticated
def submit(number: str) -> Any:
    """提交给受理单位,同时出具需求申请单。"""
    row, seen = view.read(queries.request, number), _seen()
    run(commands.submit, row.id, seen)
    return view.read(queries.request, number)


@blueprint.post("/<number>/review")
@writes(blueprint, Review, versioned=True)
@answers(blueprint, RequestRow)
@authenticated
def review(number: str) -> Any:
    """逐行受理;一行都不受理即为退回,须写明原因。"""
    row, seen = view.read(queries.request, number), _seen()
    run(commands.review, row.id, seen, body(Review))
    return view.read(queries.request, number)


@blueprint.post("/<number>/cancel")
@writes(blueprint, versioned=True)
@answers(blueprint, RequestRow)
@authenticated
def cancel(number: str) -> Any:
    """撤销尚未受理的申请。"""
    row, seen = view.read(queries.request, number), _seen()
    run(commands.cancel, row.id, seen)
    return view.read(queries.request, number)
