"""Plans over the API: started, watched, cancelled, decided on part by part; locks, floors, problem and solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import jsonify, request

from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput
from supplyops.incidents import queries as incidents
from supplyops.kernel.oral import OralOrder
from supplyops.planning import advising, commands, queries, setting_aside
from supplyops.planning import changes as changing
from supplyops.planning.advising import PlanAdviceRow
from supplyops.planning.changes import PlanChanges
from supplyops.planning.queries import Comparison, FloorRow, PlanHead, PlanRow
from supplyops.planning.rules import AdviceOptions, FloorReleaseInput, Lock, PlanOptions
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, writes

blueprint = noun("plans", "分配方案:编制、进度、审批、锁定、底线、导出")


@dataclass(frozen=True, slots=True)
class NewPlan:
    """Which incident to plan for, and how."""

    incident: str
    seconds: int | None = None
    iterations: int | None = None
    seed: int = 0
    locks: tuple[Lock, ...] = ()
    based_on: str = ""
    keep_locks: bool = True
    near: bool = False
    without_refused: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """An owner's approval of its part."""

    document_number: str = ""
    oral: OralOrder | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PartRefusal:
    """Why an owner refuses its part."""

    note: str


@dataclass(frozen=True, slots=True)
class FloorOrder:
    """An order that releases a part of a floor for the plan's incident."""

    site_code: str
    sku: str
    owner_code: str
    quantity: int
    basis: str


@blueprint.get("/")
@asks(blueprint, incident="突发事件编号")
@answers(blueprint, PlanHead, many=True)
@authenticated
def plans() -> Any:
    """可见的方案,新的在前。"""
    incident = view.read(incidents.incident, request.args["incident"]).id if request.args.get("incident") else None
    return view.read(queries.plans, incident)


@blueprint.post("/")
@writes(blueprint, NewPlan)
@answers(blueprint, PlanHead, status=202)
@authenticated
def start() -> Any:
    """开始编制方案;进度见返回的方案。locks 为锁定,based_on 为底稿方案编号。

    near 为尽量不变,without_refused 为底稿中物权单位没有批准的物资不再提请;两者须有底稿。
    """
    wanted: NewPlan = body(NewPlan)
    older = view.read(queries.head, wanted.based_on).id if wanted.based_on else None
    options = PlanOptions(
        wanted.seconds,
        wanted.iterations,
        wanted.seed,
        wanted.locks,
        older,
        keep_locks=wanted.keep_locks,
        near=wanted.near,
        without_refused=wanted.without_refused,
    )
    incident = view.read(incidents.incident, wanted.incident)
    return view.read(queries.head, str(run(commands.start_plan, incident.id, options)))


@blueprint.get("/<number>")
@answers(blueprint, PlanRow)
@authenticated
def plan(number: str) -> Any:
    """一个方案:状态和进度、满足情况、明细、车次、未满足的原因、分单位审批。"""
    return view.read(queries.plan, number)


@blueprint.post("/<number>/cancel")
@writes(blueprint)
@answers(blueprint, PlanHead)
@authenticated
def cancel(number: str) -> Any:
    """停止求解。"""
    run(commands.cancel_plan, view.read(queries.head, number).id)
    return view.read(queries.head, number)


@blueprint.post("/<number>/set-aside")
@writes(blueprint)
@answers(blueprint, PlanHead)
@authenticated
def set_aside(number: str) -> Any:
    """放弃尚无单位决定的方案。"""
    run(setting_aside.set_aside, view.read(queries.head, number).id)
    return view.read(queries.head, number)


@blueprint.post("/<number>/parts/<owner>/approve")
@writes(blueprint, Approval)
@answers(blueprint, PlanRow)
@authenticated
def approve(number: str, owner: str) -> Any:
    """批准一个物权单位的部分;情况有变时返回 409 stale_plan,params.lines 列出每一行。"""
    wanted: Approval = body(Approval)
    head = view.read(queries.head, number)
    run(approving.approve, ApprovalInput(head.id, owner, wanted.document_number, wanted.oral, wanted.note))
    return view.read(queries.plan, number)


@blueprint.post("/<number>/parts/<owner>/refuse")
@writes(blueprint, PartRefusal)
@answers(blueprint, PlanRow)
@authenticated
def refuse(number: str, owner: str) -> Any:
    """不批准一个物权单位的部分,须写明原因。"""
    wanted: PartRefusal = body(PartRefusal)
    run(approving.refuse, view.read(queries.head, number).id, owner, wanted.note)
    return view.read(queries.plan, number)


@blueprint.get("/<number>/advice")
@answers(blueprint, PlanAdviceRow)
@authenticated
def advice(number: str) -> Any:
    """怎样才能满足:每条未满足需求的原因是否核实,以及重新求解证实的补救办法;求解中返回进度。"""
    return view.read(advising.advice, number)


@blueprint.post("/<number>/advice")
@writes(blueprint, AdviceOptions)
@answers(blueprint, PlanAdviceRow, status=202)
@authenticated
def start_advice(number: str) -> Any:
    """开始试算补救办法;seconds 为时间,trials 为求解次数(同样的次数得出同样的结果)。"""
    run(advising.start_advice, view.read(queries.head, number).id, body(AdviceOptions))
    return view.read(advising.advice, number)


@blueprint.post("/<number>/advice/cancel")
@writes(blueprint)
@answers(blueprint, PlanAdviceRow)
@authenticated
def cancel_advice(number: str) -> Any:
    """停止试算。"""
    run(advising.cancel_advice, view.read(queries.head, number).id)
    return view.read(advising.advice, number)


@blueprint.get("/<number>/floors")
@answers(blueprint, FloorRow, many=True)
@authenticated
def floors(number: str) -> Any:
    """方案遵守的储备底线。"""
    return view.read(queries.floors, number)


@blueprint.post("/<number>/floors")
@writes(blueprint, FloorOrder)
@answers(blueprint, FloorRow, many=True)
@authenticated
def release_floor(number: str) -> Any:
    """由物权单位批准人释放底线,供本事件以后的方案使用。"""
    wanted: FloorOrder = body(FloorOrder)
    head = view.read(queries.head, number)
    order = FloorReleaseInput(
        head.incident_id, wanted.site_code, wanted.sku, wanted.owner_code, wanted.quantity, wanted.basis
    )
    run(commands.release_floor, order)
    return view.read(queries.floors, number)


@blueprint.get("/<number>/compare")
@asks(blueprint, **{"with": "另一个方案的编号"})
@answers(blueprint, Comparison)
@authenticated
def compare(number: str) -> Any:
    """与另一个方案比较:逐行列出变化。"""
    return view.read(queries.compare, request.args.get("with", ""), number)


@blueprint.get("/<number>/changes")
@answers(blueprint, PlanChanges)
@authenticated
def changes(number: str) -> Any:
    """与其底稿方案的变更对照:锁定、未变、改动、新增、取消的明细和到点,以及少变动的代价。"""
    return view.read(changing.changes, number)


@blueprint.get("/<number>/problem")
@answers(blueprint, None)
@authenticated
def problem(number: str) -> Any:
    """求解的问题,可用 python -m optimizer solve 复算。"""
    return jsonify(view.read(queries.problem_json, number))


@blueprint.get("/<number>/solution")
@answers(blueprint, None)
@authenticated
def solution(number: str) -> Any:
    """求得的解,可用 python -m optimizer check 核对。"""
    return jsonify(view.read(queries.solution_json, number))
