"""A late request line and the plan that stands, over the API. The ways found are variants: adopted as those are."""

from __future__ import annotations

from typing import Any

from supplyops.dispatch import printing
from supplyops.papers.rows import PaperRow
from supplyops.planning import inserting, insertions, queries
from supplyops.planning.insertion_rules import InsertionInput
from supplyops.planning.insertions import LateLineRow, PlanInsertionsRow
from supplyops.planning.studies import StudyInput, issue_study
from web import view
from web.api.alternatives import blueprint
from web.api.base import answers, authenticated, body, run, writes

__all__ = ["blueprint"]


@blueprint.get("/<number>/insertions")
@answers(blueprint, LateLineRow, many=True)
@authenticated
def late_lines(number: str) -> Any:
    """方案没有全部满足、可以追加的需求行,及各行最近一次查找的情况。"""
    rows = view.read(insertions.late_lines, number)
    return list(rows)


@blueprint.post("/<number>/insertions")
@writes(blueprint, InsertionInput)
@answers(blueprint, PlanInsertionsRow, status=202)
@authenticated
def start_insertions(number: str) -> Any:
    """开始查找把一条需求追加进方案的办法;不改动任何方案。"""
    wanted: InsertionInput = body(InsertionInput)
    run(inserting.start_insertions, view.read(queries.head, number).id, wanted)
    return view.read(insertions.insertions, number, wanted.request_number, wanted.line_no)


@blueprint.post("/<number>/insertions/cancel")
@writes(blueprint)
@answers(blueprint, LateLineRow, many=True)
@authenticated
def cancel_insertions(number: str) -> Any:
    """停止查找。"""
    run(inserting.cancel_insertions, view.read(queries.head, number).id)
    rows = view.read(insertions.late_lines, number)
    return list(rows)


@blueprint.get("/<number>/insertions/<request_number>/<int:line_no>")
@answers(blueprint, PlanInsertionsRow)
@authenticated
def insertions_of_line(number: str, request_number: str, line_no: int) -> Any:
    """一条需求的追加办法:车次、车辆、出库仓库、到达时间、影响、增加的里程和运费、独立校核;查找中返回进度。"""
    return view.read(insertions.insertions, number, request_number, line_no)


@blueprint.post("/<number>/papers")
@writes(blueprint, StudyInput)
@answers(blueprint, PaperRow, status=201)
@authenticated
def study(number: str) -> Any:
    """签发研判表:备选方案比较、变更对照或一条追加需求的办法;用单据接口取 PDF。"""
    return view.read(printing.paper, str(run(issue_study, number, body(StudyInput)))).row
