"""Which teams to send: asked for, watched, read, ordered row by row."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.deployments import commands, queries
from supplyops.deployments.queries import DeploymentRow
from supplyops.deployments.rules import SECONDS_DEFAULT, DeploymentInput, OrdersInput, StandbyInput
from supplyops.fleet import queries as fleet
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Permission
from supplyops.planning.rules import AdviceState
from supplyops.tasks.rules import COVERING
from supplyops.teams import queries as teams
from supplyops.wording.errors import sentence
from supplyops.wording.helps import span
from supplyops.wording.skills import skill_word
from supplyops.wording.stages import stage_word
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists.tasks import DEPLOYMENTS, DUTIES
from web.view import signed_in

REFRESH_S = 2
FIELDS = {
    "vehicle_type": "行车时间按车型",
    "seconds": "求解秒数",
    "rows": "队伍",
    "task": "任务",
    "team": "队伍",
    "command_relation": "指挥关系",
    "uninsured_reason": "无有效保险,出动原因",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/deployments", view_func=deployments)
    add("/deployments/new", view_func=deployment_new, methods=["GET", "POST"])
    add("/deployments/duties", view_func=deployment_duties)
    add("/deployments/<number>", view_func=deployment, methods=["GET", "POST"])
    add("/deployments/<number>/standby", view_func=deployment_standby, methods=["POST"])
    add("/deployments/<number>/cancel", view_func=deployment_cancel, methods=["POST"])


@signed_in
def deployments() -> Any:
    """Proposals, the newest first."""
    number = request.args.get("incident", "")
    head = view.read(incidents.incident, number) if number else None
    rows = view.read(queries.deployments, head.number if head else "")
    return DEPLOYMENTS.file_of(rows) or view.page("deployments/list.html", rows=rows, incident=head)


@signed_in
def deployment_new() -> Any:
    """Ask for a proposal."""
    if not request.values.get("incident"):
        return view.back("pages.incidents", "请先选择突发事件")
    head = view.read(incidents.incident, request.values["incident"])
    form = Form({"incident": head.number, "may_be_late": "1", "seconds": str(SECONDS_DEFAULT)}, FIELDS)
    if form.is_posted:
        with form.attempt():
            made = view.run(commands.propose, forms.parse(DeploymentInput))
            number = view.read(queries.deployment, str(made)).head.number
            return view.back("pages.deployment", "已开始求解派遣建议", number=number)
    view.require(view.may_at("plans.make", head.organisation_id))
    return form.page("deployments/new.html", incident=head, types=view.read(fleet.vehicle_types))


@signed_in
def deployment_duties() -> Any:
    """Which team goes where when: the rows of one proposal, or of all in reach."""
    number = request.args.get("number", "")
    rows = view.read(queries.duties, number)
    return DUTIES.file_of(rows) or view.page("deployments/duties.html", rows=rows, number=number)


@signed_in
def deployment(number: str) -> Any:
    """One proposal: watched while it is worked out; then the rows, of which some are ordered."""
    row = view.read(queries.deployment, number)
    form = Form({"command_relation": _("归现场指挥部指挥")}, FIELDS)
    if form.is_posted:
        with form.attempt():
            made = view.run(commands.order_teams, row.head.id, _orders())
            told = _("已下达 {count} 份调动命令").format(count=len(made))
            return view.back("pages.deployment", told, number=row.head.number)
    return _page(row, form)


def _orders() -> OrdersInput:
    given = request.form
    return OrdersInput(
        tuple(int(text) for text in given.getlist("rows") if text.isdecimal() and len(text) < 6),
        given.get("command_relation", "").strip(),
        given.get("uninsured_reason", "").strip(),
        accept_late=bool(given.get("accept_late")),
    )


@signed_in
def deployment_standby(number: str) -> Any:
    """Order a team of a task's ladder out."""
    row = view.read(queries.deployment, number)
    form = Form({"command_relation": _("归现场指挥部指挥")}, FIELDS)
    with form.attempt():
        given = request.form
        wanted = StandbyInput(
            given.get("task", ""),
            given.get("team", ""),
            given.get("command_relation", "").strip(),
            given.get("uninsured_reason", "").strip(),
            accept_late=bool(given.get("accept_late")),
        )
        made = view.read(teams.mission, view.run(commands.order_standby, row.head.id, wanted))
        told = _("已下达调动命令 {number}").format(number=made.number)
        return view.back("pages.deployment", told, number=row.head.number)
    return _page(row, form)


def _page(row: DeploymentRow, form: Form) -> Response:
    is_running = row.head.state is AdviceState.RUNNING and not row.is_lost
    response = form.page(
        "deployments/deployment.html",
        row=row,
        is_running=is_running,
        stage=_(stage_word(str(row.progress.get("stage", "")))),
        told=sentence(str(row.error["code"]), row.error.get("params")) if row.error else "",
        may_make=view.may_at(Permission.PLANS_MAKE.value, row.head.organisation_id),
        may_order=view.may_at(Permission.TEAMS_MOBILISE.value, row.head.organisation_id),
        free=[duty.row_no for duty in row.duties if not duty.mission_number],
        names={each.answer.task.code: each.answer.task.name for each in row.tasks},
        skill_word=skill_word,
        span=span,
        relieved={each.answer.task.code for each in row.tasks if each.answer.task.crews > 1},
        called=_called(row),
    )
    if is_running and not form.refusal:
        response.headers["Refresh"] = str(REFRESH_S)
    return response


def _called(row: DeploymentRow) -> dict[str, set[str]]:
    """Teams with an order that still counts, by task."""
    found: dict[str, set[str]] = {}
    for duty in row.duties:
        if duty.mission_state in COVERING:
            found.setdefault(duty.task_code, set()).add(duty.team_code)
    return found


@signed_in
def deployment_cancel(number: str) -> Response:
    """Stop the search."""
    row = view.read(queries.deployment, number)
    view.run(commands.cancel, row.head.id)
    return view.back("pages.deployment", "已取消", number=row.head.number)
