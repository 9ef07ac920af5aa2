"""Plans: started, watched, read with their routes and reasons, changed by locks, approved part by part, compared."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as Answer

from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput, StalePlan
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Permission
from supplyops.places import queries as places
from supplyops.planning import advising, commands, queries, setting_aside
from supplyops.planning import changes as changing
from supplyops.planning.queries import PlanHead, PlanRow
from supplyops.planning.rules import (
    ADVICE_SECONDS_DEFAULT,
    SECONDS_DEFAULT,
    AdviceOptions,
    AdviceState,
    FloorReleaseInput,
    Lock,
    LockMode,
    PartState,
    PlanOptions,
    PlanState,
)
from supplyops.wording.errors import CHANGED, sentence
from supplyops.wording.helps import span
from supplyops.wording.stages import stage_word
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists import ALL_ROWS
from web.lists.orders import PLANS
from web.paging import PAGE, counted
from web.view import signed_in

REFRESH_S = 2


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/plans", view_func=plans)
    add("/plans/new", view_func=plan_new, methods=["GET", "POST"])
    add("/plans/<number>", view_func=plan)
    add("/plans/<number>/again", view_func=plan_again, methods=["POST"])
    add("/plans/<number>/cancel", view_func=plan_cancel, methods=["POST"])
    add("/plans/<number>/advice", view_func=plan_advice, methods=["GET", "POST"])
    add("/plans/<number>/advice/cancel", view_func=plan_advice_cancel, methods=["POST"])
    add("/plans/<number>/set-aside", view_func=plan_set_aside, methods=["POST"])
    add("/plans/<number>/parts/<owner>/approve", view_func=plan_approve, methods=["POST"])
    add("/plans/<number>/parts/<owner>/refuse", view_func=plan_refuse, methods=["POST"])
    add("/plans/<number>/floors", view_func=plan_release_floor, methods=["POST"])
    add("/plans/<number>/compare", view_func=plan_compare)
    add("/plans/<number>/changes", view_func=plan_changes)
    add("/plans/<number>/routes", view_func=plan_routes)
    add("/plans/<number>/problem.json", view_func=plan_problem)
    add("/plans/<number>/solution.json", view_func=plan_solution)


@signed_in
def plans() -> Any:
    """Plans in reach, narrowed by incident and state."""
    args = request.args
    incident = view.read(incidents.incident, args["incident"]) if args.get("incident") else None
    state = PlanState(args["state"]) if args.get("state") in set(PlanState) else None
    incident_id = incident.id if incident else None
    if file := PLANS.file_of(lambda: view.read(queries.plans, incident_id, ALL_ROWS, 0, state)):
        return file
    total, page, pages = counted(queries.count_plans, (incident_id, state))
    active = [("incident", incident.name)] if incident else []
    active += [("state", view.word(state))] if state else []
    return view.page(
        "plans/list.html",
        rows=view.read(queries.plans, incident_id, PAGE, (page - 1) * PAGE, state),
        total=total,
        page=page,
        pages=pages,
        active=active,
        incident=incident,
        incidents=view.read(incidents.incidents),
        states=PlanState,
    )


@signed_in
def plan_new() -> Answer:
    """Start a plan for an incident."""
    form = Form()
    number = request.values.get("incident", "")
    if form.is_posted:
        with form.attempt():
            options = _options(())
            plan_id = view.run(commands.start_plan, view.read(incidents.incident, number).id, options)
            return view.back("pages.plan", "已开始编制", number=view.read(queries.head, str(plan_id)).number)
    view.require(view.may("plans.make"))
    return form.page(
        "plans/new.html",
        number=number,
        incidents=[row for row in view.read(incidents.incidents) if row.state.value == "open"],
        seconds=SECONDS_DEFAULT,
    )


def _options(locks: tuple[Lock, ...], based_on: UUID | None = None) -> PlanOptions:
    """How to plan, from the form: seconds or iterations, seed, locks."""
    return PlanOptions(
        seconds=forms.whole("seconds"),
        iterations=forms.whole("iterations"),
        seed=forms.whole("seed") or 0,
        locks=locks,
        based_on=based_on,
        keep_locks=False,
        near=based_on is not None and bool(request.form.get("near")),
        without_refused=based_on is not None and bool(request.form.get("without_refused")),
    )


@signed_in
def plan(number: str) -> Answer:
    """One plan: how far it is while it is solved, then all that was found."""
    return _plan_page(number, Form())


def _plan_page(number: str, form: Form) -> Answer:
    head = view.read(queries.head, number)
    if head.state is PlanState.SOLVING:
        response = form.page(
            "plans/progress.html",
            row=head,
            stage=_(stage_word(str(head.progress.get("stage", "")))),
            is_lost=head.is_lost,
            may_make=view.may("plans.make"),
        )
        if not head.is_lost and not form.refusal:
            response.headers["Refresh"] = str(REFRESH_S)
        return response
    row = view.read(queries.plan, number)
    locks = {(lock["source"], lock["request_line_id"]): lock for lock in head.options.get("locks", [])}
    shown = {(line.source, str(line.request_line_id)) for line in row.lines}
    others = [
        other
        for other in view.read(queries.plans, head.incident_id)
        if other.id != head.id and other.summary.get("run")
    ]
    return form.page(
        "plans/plan.html",
        row=row,
        head=head,
        told=sentence(str(head.error["code"]), head.error.get("params")) if head.error else "",
        newer=next((other for other in reversed(others) if _made(other) > _made(head)), None),
        locks=locks,
        hidden_locks=[lock for key, lock in locks.items() if key not in shown],
        modes=LockMode,
        others=others,
        stale=form.refused if isinstance(form.refused, StalePlan) else None,
        changed=CHANGED,
        deciding={part.owner_code for part in row.parts if _decides(head, part)},
        releasing={part_code for part_code in _owners_of(row) if _is_approver(part_code)},
        floors=view.read(queries.floors, number),
        roads=_roads(row),
        may_make=view.may("plans.make") and head.state in {PlanState.DRAFT, PlanState.FAILED, PlanState.DECIDED},
        seconds=head.options.get("seconds") or SECONDS_DEFAULT,
    )


def _made(head: PlanHead) -> tuple[datetime, str]:
    return head.created_at, head.number


def _decides(head: PlanHead, part: Any) -> bool:
    return (
        part.state is PartState.PROPOSED
        and head.state in {PlanState.DRAFT, PlanState.DECIDED}
        and head.created_by_id != view.principal().user_id
        and view.principal().decides_for(Permission.PLANS_APPROVE, part.owner_id)
    )


def _owners_of(row: PlanRow) -> set[str]:
    return {floor.owner_code for floor in view.read(queries.floors, row.head.number)}


def _is_approver(owner_code: str) -> bool:
    body = next((each for each in view.bodies().values() if each.code == owner_code), None)
    return body is not None and view.principal().decides_for(Permission.PLANS_APPROVE, body.id)


def _roads(row: PlanRow) -> list[Any]:
    """The roads the plan drives on, as they are now."""
    used = {road for trip in row.trips for stop in trip.stops for road in stop["roads"]}
    return [road for road in view.read(places.road_states) if road.code in used]


@signed_in
def plan_again(number: str) -> Answer:
    """Plan once more with the locks of the form; the older draft is replaced when the new one is ready."""
    row = view.read(queries.plan, number)
    form = Form()
    with form.attempt():
        options = _options(_locks(row), row.head.id)
        plan_id = view.run(commands.start_plan, row.head.incident_id, options)
        return view.back("pages.plan", "已开始重新编制", number=view.read(queries.head, str(plan_id)).number)
    return _plan_page(number, form)


def _locks(row: PlanRow) -> tuple[Lock, ...]:
    """Locks chosen line by line, and older ones without a line that are still ticked."""
    found: dict[tuple[str, str], Lock] = {}
    for line in row.lines:
        mode = request.form.get(f"lock-{line.line_no}-mode", "")
        if mode in set(LockMode):
            quantity = 0 if mode == LockMode.FORBID else forms.whole(f"lock-{line.line_no}-quantity")
            amount = line.quantity if quantity is None else quantity
            key = line.source, str(line.request_line_id)
            found[key] = Lock(line.source, line.request_line_id, LockMode(mode), amount)
    for place, lock in enumerate(row.head.options.get("locks", [])):
        if request.form.get(f"keep-{place}"):
            key = lock["source"], lock["request_line_id"]
            found.setdefault(key, Lock(lock["source"], UUID(key[1]), LockMode(lock["mode"]), lock["quantity"]))
    return tuple(found.values())


@signed_in
def plan_cancel(number: str) -> Answer:
    """Stop solving."""
    view.run(commands.cancel_plan, view.read(queries.head, number).id)
    return view.back("pages.plan", "已取消", number=number)


@signed_in
def plan_advice(number: str) -> Answer:
    """What would help the lines that are short: asked for, watched, read."""
    form = Form()
    if form.is_posted:
        with form.attempt():
            options = AdviceOptions(seconds=forms.whole("seconds"), seed=forms.whole("seed") or 0)
            view.run(advising.start_advice, view.read(queries.head, number).id, options)
            return view.back("pages.plan_advice", "已开始试算", number=number)
    row = view.read(advising.advice, number)
    is_running = row.state is AdviceState.RUNNING and not row.is_lost
    response = form.page(
        "plans/advice.html",
        row=row,
        is_running=is_running,
        stage=_(stage_word(str(row.progress.get("stage", "")))),
        told=sentence(str(row.error["code"]), row.error.get("params")) if row.error else "",
        may_make=view.may("plans.make"),
        seconds=row.options.get("seconds") or ADVICE_SECONDS_DEFAULT,
        span=span,
    )
    if is_running and not form.refusal:
        response.headers["Refresh"] = str(REFRESH_S)
    return response


@signed_in
def plan_advice_cancel(number: str) -> Answer:
    """Stop looking."""
    view.run(advising.cancel_advice, view.read(queries.head, number).id)
    return view.back("pages.plan_advice", "已取消", number=number)


@signed_in
def plan_set_aside(number: str) -> Answer:
    """Put a draft aside that no owner has decided on."""
    form = Form()
    with form.attempt():
        view.run(setting_aside.set_aside, view.read(queries.head, number).id)
        return view.back("pages.plan", "方案已放弃", number=number)
    return _plan_page(number, form)


@signed_in
def plan_approve(number: str, owner: str) -> Answer:
    """Approve one owner's part, by document or by word of mouth first."""
    head = view.read(queries.head, number)
    form = Form()
    with form.attempt():
        view.run(approving.approve, forms.parse(ApprovalInput, {"plan_id": head.id, "owner_code": owner}))
        return view.back("pages.plan", "已批准,动用指令和调拨单已下达", number=number)
    return _plan_page(number, form)


@signed_in
def plan_refuse(number: str, owner: str) -> Answer:
    """Refuse one owner's part, with a reason."""
    head = view.read(queries.head, number)
    form = Form()
    with form.attempt():
        view.run(approving.refuse, head.id, owner, request.form.get("note", ""))
        return view.back("pages.plan", "已登记为不批准", number=number)
    return _plan_page(number, form)


@signed_in
def plan_release_floor(number: str) -> Answer:
    """Release a part of a floor for this incident."""
    head = view.read(queries.head, number)
    form = Form()
    with form.attempt():
        view.run(commands.release_floor, forms.parse(FloorReleaseInput, {"incident_id": head.incident_id}))
        return view.back("pages.plan", "底线已释放,请重新编制方案", number=number)
    return _plan_page(number, form)


@signed_in
def plan_compare(number: str) -> str:
    """This plan beside another one of the incident."""
    found = view.read(queries.compare, request.args.get("with", ""), number)
    return view.page("plans/compare.html", found=found, row=found.after)


@signed_in
def plan_changes(number: str) -> str:
    """What the plan changes in the one it was made from, and what the calm costs."""
    found = view.read(changing.changes, number)
    return view.page("plans/changes.html", found=found)


@signed_in
def plan_routes(number: str) -> Response:
    """The trips for the map."""
    rows = view.read(queries.routes, number)
    return jsonify(
        routes=[
            {
                "name": f"{_('车次')} {row.trip_no} {row.plate}",
                "points": [[lat / 1e6, lon / 1e6] for lat, lon in row.points],
            }
            for row in rows
        ]
    )


@signed_in
def plan_problem(number: str) -> Response:
    """The problem as a file, to solve it again by hand."""
    return _download(view.read(queries.problem_json, number), f"{number}-problem.json")


@signed_in
def plan_solution(number: str) -> Response:
    """The solution as a file, to check it by hand."""
    return _download(view.read(queries.solution_json, number), f"{number}-solution.json")


def _download(value: Any, name: str) -> Response:
    response = jsonify(value)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
