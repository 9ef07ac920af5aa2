"""Alternatives to a plan over the API: started, watched, compared, adopted. They share the address of plans."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from supplyops.planning import alternatives, judging, queries, variants
from supplyops.planning.alternatives import PlanAlternativesRow
from supplyops.planning.judging import SheetLine
from supplyops.planning.queries import PlanRow
from supplyops.planning.sheet_rules import PlanSheetRow
from supplyops.planning.variant_rules import AlternativesOptions
from supplyops.planning.variants import EditedRow, VariantPage
from web import view
from web.api.base import answers, authenticated, body, run, writes
from web.api.plans import blueprint

__all__ = ["blueprint"]


@dataclass(frozen=True, slots=True)
class EditedRows:
    """A plan as rows of its sheet."""

    rows: tuple[PlanSheetRow, ...]


@dataclass(frozen=True, slots=True)
class EditedSolution:
    """A plan as a solution of its problem."""

    solution: dict[str, Any]


@blueprint.get("/<number>/alternatives")
@answers(blueprint, PlanAlternativesRow)
@authenticated
def alternatives_(number: str) -> Any:
    """备选方案:快速、均衡、节约三个方案与本方案的各项指标、差值、谁多得谁少得;求解中返回进度。"""
    return view.read(alternatives.alternatives, number)


@blueprint.post("/<number>/alternatives")
@writes(blueprint, AlternativesOptions)
@answers(blueprint, PlanAlternativesRow, status=202)
@authenticated
def start_alternatives(number: str) -> Any:
    """开始求解备选方案;seconds 为每个方案的时间,iterations 为次数(同样的次数得出同样的结果)。"""
    run(alternatives.start_alternatives, view.read(queries.head, number).id, body(AlternativesOptions))
    return view.read(alternatives.alternatives, number)


@blueprint.post("/<number>/alternatives/cancel")
@writes(blueprint)
@answers(blueprint, PlanAlternativesRow)
@authenticated
def cancel_alternatives(number: str) -> Any:
    """停止求解备选方案。"""
    run(alternatives.cancel_alternatives, view.read(queries.head, number).id)
    return view.read(alternatives.alternatives, number)


@blueprint.get("/<number>/sheet")
@answers(blueprint, SheetLine, many=True)
@authenticated
def sheet(number: str) -> Any:
    """方案明细:可修改后以 rows 送回校核。"""
    rows = view.read(judging.sheet, number)
    return list(rows)


@blueprint.get("/<number>/variants")
@answers(blueprint, EditedRow, many=True)
@authenticated
def edited(number: str) -> Any:
    """已校核的手工修改的方案,新的在前。"""
    rows = view.read(variants.variants, number)
    return list(rows)


@blueprint.post("/<number>/variants")
@writes(blueprint, EditedRows)
@answers(blueprint, VariantPage, status=201)
@authenticated
def judge(number: str) -> Any:
    """校核修改过的方案:rows 为明细各行;答复为不符之处和与原方案的比较。没有改动任何方案。"""
    wanted: EditedRows = body(EditedRows)
    found = run(judging.judge_rows, view.read(queries.head, number).id, wanted.rows, "")
    return view.read(variants.variant, number, found)


@blueprint.post("/<number>/variants/solution")
@writes(blueprint, EditedSolution)
@answers(blueprint, VariantPage, status=201)
@authenticated
def judge_solution(number: str) -> Any:
    """校核一个解(solution 接口的格式),原样校核。"""
    wanted: EditedSolution = body(EditedSolution)
    found = run(judging.judge_solution, view.read(queries.head, number).id, json.dumps(wanted.solution), "")
    return view.read(variants.variant, number, found)


@blueprint.get("/<number>/variants/<uuid:variant_id>")
@answers(blueprint, VariantPage)
@authenticated
def variant(number: str, variant_id: UUID) -> Any:
    """一个备选或手工修改的方案:校核结果、与原方案的比较。"""
    return view.read(variants.variant, number, variant_id)


@blueprint.post("/<number>/variants/<uuid:variant_id>/adopt")
@writes(blueprint)
@answers(blueprint, PlanRow, status=201)
@authenticated
def adopt(number: str, variant_id: UUID) -> Any:
    """采用为新的待审批方案;校核不通过的、原方案已有决定的不能采用。"""
    made = run(variants.adopt, view.read(queries.head, number).id, variant_id)
    return view.read(queries.plan, str(made))
