"""Goods that come back, and goods that are scrapped, over the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request

from supplyops.recoveries import commands, queries, undoing
from supplyops.recoveries.dues import Due
from supplyops.recoveries.queries import DueFilter, LimitRow, RecoveryRow
from supplyops.recoveries.rules import RecoveryInput, RecoveryLimitInput, RepairInput
from supplyops.scraps import commands as scrap_commands
from supplyops.scraps import queries as scrap_queries
from supplyops.scraps.queries import ScrapFilter, ScrapRow, ScrapYear
from supplyops.scraps.rules import (
    AppraisalInput,
    DisposalInput,
    DisposalMethod,
    PublicityInput,
    ScrapBody,
    ScrapDecisionInput,
    ScrapInput,
    ScrapState,
)
from supplyops.stock.undoing import UndoRow
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, run, window, writes

recoveries_blueprint = noun("recoveries", "回收:应收回的物资、回收登记、修复、回收期限")
scraps_blueprint = noun("scraps", "报废:申请、鉴定、四方审批、公示、处置")


@dataclass(frozen=True, slots=True)
class Repairing:
    """What became of goods that had to be mended."""

    line_no: int
    repaired_by: str
    repaired: int = 0
    condemned: int = 0
    cost_fen: int = 0
    location_code: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Appraising:
    """A qualified body's report, or the experts."""

    conclusion: str
    appraised_on: date
    institution: str = ""
    report_number: str = ""
    experts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deciding:
    """One of the four bodies agrees, or not."""

    body: ScrapBody
    organisation_code: str
    agrees: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Publicising:
    """Where and how long."""

    place: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Disposing:
    """How it ended."""

    method: DisposalMethod
    witness: str
    disposed_at: datetime
    buyer: str = ""
    agreement_number: str = ""
    income_fen: int = 0
    evidence: str = ""


def _values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


@recoveries_blueprint.get("/due")
@asks(
    recoveries_blueprint,
    document="发放单号、调拨单号",
    text="单号、使用人、物资、批次的一部分",
    sku="物资编码",
    overdue="1 只看逾期",
    within="几天内到期",
    all_="1 包括已收回",
)
@answers(recoveries_blueprint, Due, many=True)
@authenticated
def due() -> Any:
    """应收回的物资,先到期的在前。"""
    within = request.args.get("within", "")
    where = DueFilter(
        request.args.get("document", "")[:80],
        request.args.get("text", "")[:60],
        request.args.get("sku", "")[:6],
        only_overdue=request.args.get("overdue") == "1",
        due_within_days=int(within) if within.isdecimal() and len(within) < 6 else None,
        include_back=request.args.get("all") == "1",
    )
    return view.read(queries.recovery_dues, where)


@recoveries_blueprint.get("/limits")
@answers(recoveries_blueprint, LimitRow, many=True)
@authenticated
def limits() -> Any:
    """各物资的回收期限。"""
    return view.read(queries.recovery_limits)


@recoveries_blueprint.post("/limits")
@writes(recoveries_blueprint, RecoveryLimitInput)
@answers(recoveries_blueprint, LimitRow, many=True, status=201)
@authenticated
def save_limit() -> Any:
    """规定一种物资发放后几个月内收回。"""
    run(commands.save_limits, [body(RecoveryLimitInput)])
    return view.read(queries.recovery_limits)


@recoveries_blueprint.get("/")
@asks(
    recoveries_blueprint, text="编号、使用人的一部分", repair="1 只看有待修物资的", offset="跳过几行", limit="最多几行"
)
@answers(recoveries_blueprint, RecoveryRow, many=True)
@authenticated
def recoveries() -> Any:
    """回收登记表,新的在前。"""
    text, repair = request.args.get("text", "")[:60], request.args.get("repair") == "1"
    return view.read(queries.recoveries, text, repair, *window())


@recoveries_blueprint.post("/")
@writes(recoveries_blueprint, RecoveryInput)
@answers(recoveries_blueprint, RecoveryRow, status=201)
@authenticated
def recover() -> Any:
    """回收登记。"""
    return view.read(queries.recovery_by_id, run(commands.recover, body(RecoveryInput)))


@recoveries_blueprint.get("/<number>")
@answers(recoveries_blueprint, RecoveryRow)
@authenticated
def recovery(number: str) -> Any:
    """一张回收登记表。"""
    return view.read(queries.recovery, number)


@recoveries_blueprint.post("/<number>/repairs")
@writes(recoveries_blueprint, Repairing)
@answers(recoveries_blueprint, RecoveryRow, status=201)
@authenticated
def repair(number: str) -> Any:
    """修复登记。"""
    run(commands.repair, RepairInput(number, **_values(body(Repairing))))
    return view.read(queries.recovery, number)


@recoveries_blueprint.get("/<number>/undo")
@answers(recoveries_blueprint, UndoRow)
@authenticated
def undo_state(number: str) -> Any:
    """本人能否撤销这张回收登记表:截止时间,或不能的原因。"""
    return view.read(undoing.undo_of, number)


@recoveries_blueprint.post("/<number>/undo")
@writes(recoveries_blueprint, moves_stock=True)
@answers(recoveries_blueprint, RecoveryRow)
@authenticated
def undo(number: str) -> Any:
    """本人在时限内撤销。"""
    run(undoing.undo_recovery, number)
    return view.read(queries.recovery, number)


@recoveries_blueprint.post("/<number>/reverse")
@writes(recoveries_blueprint, Reason, moves_stock=True)
@answers(recoveries_blueprint, RecoveryRow)
@authenticated
def reverse(number: str) -> Any:
    """冲销登记错的回收:物资未动用才能冲销。"""
    run(undoing.reverse_recovery, number, body(Reason).because)
    return view.read(queries.recovery, number)


@scraps_blueprint.get("/")
@asks(scraps_blueprint, state="状态", site="场所代码", text="编号、场所的一部分", offset="跳过几行", limit="最多几行")
@answers(scraps_blueprint, ScrapRow, many=True)
@authenticated
def scraps() -> Any:
    """报废申请,新的在前。"""
    where = ScrapFilter(
        choice(ScrapState, "state"), request.args.get("site", "")[:40], request.args.get("text", "")[:60]
    )
    return view.read(scrap_queries.scraps, where, *window())


@scraps_blueprint.get("/year")
@answers(scraps_blueprint, ScrapYear)
@authenticated
def year() -> Any:
    """本年度报废申报的截止日期和要求。"""
    return view.read(scrap_queries.scrap_year)


@scraps_blueprint.post("/")
@writes(scraps_blueprint, ScrapInput)
@answers(scraps_blueprint, ScrapRow, status=201)
@authenticated
def apply() -> Any:
    """申请报废;物资随即预留。"""
    return view.read(scrap_queries.scrap_by_id, run(scrap_commands.apply, body(ScrapInput)))


@scraps_blueprint.get("/<number>")
@answers(scraps_blueprint, ScrapRow)
@authenticated
def scrap(number: str) -> Any:
    """一份报废申请。"""
    return view.read(scrap_queries.scrap, number)


@scraps_blueprint.post("/<number>/appraisal")
@writes(scraps_blueprint, Appraising)
@answers(scraps_blueprint, ScrapRow)
@authenticated
def appraise(number: str) -> Any:
    """登记技术鉴定。"""
    run(scrap_commands.appraise, AppraisalInput(number, **_values(body(Appraising))))
    return view.read(scrap_queries.scrap, number)


@scraps_blueprint.post("/<number>/decisions")
@writes(scraps_blueprint, Deciding)
@answers(scraps_blueprint, ScrapRow, status=201)
@authenticated
def decide(number: str) -> Any:
    """四方之一审批。"""
    run(scrap_commands.decide, ScrapDecisionInput(number, **_values(body(Deciding))))
    return view.read(scrap_queries.scrap, number)


@scraps_blueprint.post("/<number>/publicity")
@writes(scraps_blueprint, Publicising)
@answers(scraps_blueprint, ScrapRow)
@authenticated
def publicise(number: str) -> Any:
    """登记公示。"""
    run(scrap_commands.publicise, PublicityInput(number, **_values(body(Publicising))))
    return view.read(scrap_queries.scrap, number)


@scraps_blueprint.post("/<number>/disposal")
@writes(scraps_blueprint, Disposing)
@answers(scraps_blueprint, ScrapRow)
@authenticated
def dispose(number: str) -> Any:
    """公示期满后处置,物资出账。"""
    run(scrap_commands.dispose, DisposalInput(number, **_values(body(Disposing))))
    return view.read(scrap_queries.scrap, number)


@scraps_blueprint.post("/<number>/cancel")
@writes(scraps_blueprint, Reason)
@answers(scraps_blueprint, ScrapRow)
@authenticated
def cancel(number: str) -> Any:
    """撤回申请。"""
    run(scrap_commands.cancel, number, body(Reason).because)
    return view.read(scrap_queries.scrap, number)
