"""What stores do regularly, duty, and the morning list, over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from supplyops.database.registry import Saved
from supplyops.insight.morning import morning
from supplyops.insight.morning_papers import issue_morning
from supplyops.insight.morning_rows import MorningList
from supplyops.upkeep import commands, due_queries, queries
from supplyops.upkeep.due_queries import DueUpkeep
from supplyops.upkeep.queries import DutyRow, FindingRow, IntervalRow, RoundRow
from supplyops.upkeep.rules import DutyInput, DutyState, IntervalInput, RoundInput, UpkeepKind
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, run, window, writes
from web.api.counts import day_of

blueprint = noun("upkeep", "巡检养护:到期、登记、整改、间隔")
duty_blueprint = noun("duty", "值班交接")
stores_blueprint = noun("stores", "储备库每天的清单")


@dataclass(frozen=True, slots=True)
class Note:
    """A word to go with a step."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class IntervalsInput:
    """Intervals of single stores."""

    intervals: tuple[IntervalInput, ...]


@dataclass(frozen=True, slots=True)
class Issued:
    """The paper that was issued."""

    paper_id: UUID


@blueprint.get("/due")
@asks(blueprint, site="场所代码", kind="事项", by="到哪一天为止(2026-01-31);不写即今天")
@answers(blueprint, DueUpkeep, many=True)
@authenticated
def due() -> Any:
    """该做的,超期最久的在前。"""
    return view.read(
        due_queries.due_upkeep, request.args.get("site", "")[:40], day_of("by"), choice(UpkeepKind, "kind")
    )


@blueprint.get("/rounds")
@asks(blueprint, site="场所代码", kind="事项", offset="跳过几行", limit="最多几行")
@answers(blueprint, RoundRow, many=True)
@authenticated
def rounds() -> Any:
    """做过的,新的在前。"""
    return view.read(queries.rounds, request.args.get("site", "")[:40], choice(UpkeepKind, "kind"), *window())


@blueprint.post("/rounds")
@writes(blueprint, RoundInput)
@answers(blueprint, RoundRow, status=201)
@authenticated
def record() -> Any:
    """登记做过的一次。"""
    return view.read(queries.round_by_id, run(commands.record, body(RoundInput)))


@blueprint.get("/findings")
@asks(blueprint, site="场所代码", all_="写 1 包括已整改的")
@answers(blueprint, FindingRow, many=True)
@authenticated
def findings() -> Any:
    """待整改的问题,先到期的在前。"""
    return view.read(queries.findings, request.args.get("site", "")[:40], request.args.get("all") != "1")


@blueprint.post("/findings/<uuid:finding_id>/mend")
@writes(blueprint, Note)
@answers(blueprint, FindingRow)
@authenticated
def mend(finding_id: UUID) -> Any:
    """登记问题已整改。"""
    run(commands.close_finding, finding_id, body(Note).note)
    return next(row for row in view.read(queries.findings, "", False) if row.id == finding_id)


@blueprint.get("/intervals")
@asks(blueprint, site="场所代码")
@answers(blueprint, IntervalRow, many=True)
@authenticated
def intervals() -> Any:
    """各库另定的间隔;没有列出的按参数。"""
    return view.read(queries.intervals, request.args.get("site", "")[:40])


@blueprint.put("/intervals")
@writes(blueprint, IntervalsInput)
@answers(blueprint, Saved)
@authenticated
def save_intervals() -> Any:
    """给一些库另定间隔。"""
    return run(commands.save_intervals, list(body(IntervalsInput).intervals))


@duty_blueprint.get("/")
@asks(duty_blueprint, site="场所代码", state="状态", offset="跳过几行", limit="最多几行")
@answers(duty_blueprint, DutyRow, many=True)
@authenticated
def handovers() -> Any:
    """交接记录,新的在前。"""
    return view.read(queries.handovers, request.args.get("site", "")[:40], choice(DutyState, "state"), *window())


@duty_blueprint.post("/")
@writes(duty_blueprint, DutyInput)
@answers(duty_blueprint, DutyRow, status=201)
@authenticated
def hand_over() -> Any:
    """交班。"""
    given: DutyInput = body(DutyInput)
    made = run(commands.hand_over, given)
    return view.read(queries.handover, str(made))


@duty_blueprint.get("/<number>")
@answers(duty_blueprint, DutyRow)
@authenticated
def handover(number: str) -> Any:
    """一次交接。"""
    return view.read(queries.handover, number)


@duty_blueprint.post("/<number>/take")
@writes(duty_blueprint, Note)
@answers(duty_blueprint, DutyRow)
@authenticated
def take(number: str) -> Any:
    """接班。"""
    run(commands.take_over, view.read(queries.handover, number).id, body(Note).note)
    return view.read(queries.handover, number)


@duty_blueprint.post("/<number>/withdraw")
@writes(duty_blueprint, Reason)
@answers(duty_blueprint, DutyRow)
@authenticated
def withdraw(number: str) -> Any:
    """撤回还没有人接的交班。"""
    run(commands.withdraw_handover, view.read(queries.handover, number).id, body(Reason).because)
    return view.read(queries.handover, number)


@stores_blueprint.get("/<site>/morning")
@answers(stores_blueprint, MorningList)
@authenticated
def morning_list(site: str) -> Any:
    """晨会清单。"""
    return view.read(morning, site)


@stores_blueprint.post("/<site>/morning/papers")
@writes(stores_blueprint)
@answers(stores_blueprint, Issued, status=201)
@authenticated
def issue_list(site: str) -> Any:
    """开具今天的晨会清单(一页),再按单据接口打印。"""
    return Issued(run(issue_morning, site))
