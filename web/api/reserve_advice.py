"""What a reserve should hold where, over the API: scenarios, advice asked for and read."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.dispatch import printing
from supplyops.papers.rows import PaperRow
from supplyops.planning import reserve_advising as advising
from supplyops.planning import reserving
from supplyops.planning.reserve_advising import ReserveAdviceHead, ReserveAdviceRow
from supplyops.planning.reserve_papers import issue_reserve_advice
from supplyops.planning.reserving import ReserveScenarioRow
from supplyops.planning.reserving_rules import ReserveAdviceInput, ReserveScenarioInput
from web import view
from web.api.base import answers, asks, authenticated, body, run, writes
from web.api.reserves import blueprint

__all__ = ["blueprint"]


@blueprint.get("/scenarios")
@asks(blueprint, organisation="单位代码;不填为可见的全部")
@answers(blueprint, ReserveScenarioRow, many=True)
@authenticated
def scenarios() -> Any:
    """储备情景:可能性、人数、损失的储备库和中断的道路。"""
    return view.read(reserving.reserve_scenarios, request.args.get("organisation", "")[:40])


@blueprint.post("/scenarios")
@writes(blueprint, ReserveScenarioInput)
@answers(blueprint, ReserveScenarioRow)
@authenticated
def save_scenario() -> Any:
    """新增情景,或修改同一单位同一编号的情景。"""
    wanted: ReserveScenarioInput = body(ReserveScenarioInput)
    saved = run(reserving.save_reserve_scenario, wanted)
    return next(row for row in view.read(reserving.reserve_scenarios, wanted.organisation_code) if row.id == saved)


@blueprint.delete("/scenarios/<organisation>/<code>")
@writes(blueprint)
@answers(blueprint, ReserveScenarioRow, many=True)
@authenticated
def remove_scenario(organisation: str, code: str) -> Any:
    """删除情景;返回其余情景。"""
    run(reserving.remove_reserve_scenario, organisation, code)
    return view.read(reserving.reserve_scenarios, organisation)


@blueprint.get("/advice")
@asks(blueprint, organisation="单位代码;不填为可见的全部")
@answers(blueprint, ReserveAdviceHead, many=True)
@authenticated
def advices() -> Any:
    """历次储备建议,新的在前。"""
    return view.read(advising.reserve_advices, request.args.get("organisation", "")[:40])


@blueprint.post("/advice")
@writes(blueprint, ReserveAdviceInput)
@answers(blueprint, ReserveAdviceRow, status=202)
@authenticated
def start_advice() -> Any:
    """开始测算储备建议。"""
    return view.read(advising.reserve_advice, str(run(advising.start_reserve_advice, body(ReserveAdviceInput))))


@blueprint.get("/advice/<number>")
@answers(blueprint, ReserveAdviceRow)
@authenticated
def advice(number: str) -> Any:
    """储备建议:各储备库各种物资增储多少,效果、下限、与固定标准和现有库存比较;测算中返回进度。"""
    return view.read(advising.reserve_advice, number)


@blueprint.post("/advice/<number>/cancel")
@writes(blueprint)
@answers(blueprint, ReserveAdviceRow)
@authenticated
def cancel_advice(number: str) -> Any:
    """停止测算。"""
    row = view.read(advising.reserve_advice, number)
    run(advising.cancel_reserve_advice, row.id)
    return view.read(advising.reserve_advice, number)


@blueprint.post("/advice/<number>/paper")
@writes(blueprint)
@answers(blueprint, PaperRow, status=201)
@authenticated
def advice_paper(number: str) -> Any:
    """签发储备建议书;用单据接口取 PDF。"""
    return view.read(printing.paper, str(run(issue_reserve_advice, number))).row
