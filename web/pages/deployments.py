"""Which teams to send: the tasks of an incident, the proposal, taking it over."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from supplyops.deployments import commands, queries
from supplyops.deployments.rules import OrdersInput, ProposalInput
from supplyops.fleet import queries as fleet
from supplyops.incidents import queries as incidents
from supplyops.places import queries as places
from supplyops.teams.rules import Capability
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.view import signed_in

FIELDS = {
    "tasks": "任务",
    "name": "任务",
    "site_code": "地点",
    "capability": "能力",
    "teams": "队数",
    "second_capability": "另需能力",
    "second_teams": "另需队数",
    "persons": "人数",
    "arrive_by": "到达时限",
    "hours": "时长(小时)",
    "class_rank": "优先级",
    "vehicle_type": "车型",
    "team_codes": "队伍",
    "command_relation": "指挥关系",
    "uninsured_reason": "无有效保险,出动原因",
}
OWN = {"team_codes", "digest", "command_relation", "uninsured_reason", "order"}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/deployments/<number>", view_func=deployments, methods=["GET", "POST"])


@signed_in
def deployments(number: str) -> Any:
    """Tasks in, proposal out; the same form sends the chosen teams."""
    incident = view.read(incidents.incident, number)
    form = Form({"command_relation": _("归现场指挥部指挥")}, FIELDS)
    proposal = None
    if form.is_posted:
        with form.attempt():
            asked = forms.parse(ProposalInput, {"incident": number}, leaving_out=OWN)
            if request.form.get("order"):
                made = view.run(commands.order_teams, _orders(asked))
                return view.back("pages.teams_missions", _("已下达 {count} 份调动命令").format(count=len(made)))
            proposal = view.read(queries.propose, asked)
    return form.page(
        "teams/deployments.html",
        incident=incident,
        proposal=proposal,
        sites=[row for row in view.read(places.sites) if row.road_node],
        types=view.read(fleet.vehicle_types),
        capabilities=list(Capability),
    )


def _orders(asked: ProposalInput) -> OrdersInput:
    given = request.form
    return OrdersInput(
        asked,
        given.get("digest", "")[:40],
        tuple(given.getlist("team_codes")),
        given.get("command_relation", "").strip(),
        given.get("uninsured_reason", "").strip(),
    )
