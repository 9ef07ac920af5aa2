"""The sheet of a plan that people edit and bring back: its columns, out and in; a file brought back and judged."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from supplyops.exchange.columns import Layout, column, columns_of
from supplyops.exchange.limits import FILE_MAX
from supplyops.exchange.lists import ListFile
from supplyops.exchange.parsers import CODE, MOMENT
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.reading import problem_of, read_file
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import InvalidInput
from supplyops.planning import judging
from supplyops.planning.sheet_rules import PlanSheetRow
from supplyops.runtime import Runtime

JSON_MAX = 8 * 2**20
_FIELDS = frozenset(PlanSheetRow.__dataclass_fields__)
_COLUMNS = (
    column("车次", "trip_no", "1", "同一车次的各行写同一编号;供方送货的不填"),
    column("车牌", "plate", "新F10001", "方案里的车辆;供方送货的不填"),
    column("出发或送达时间", "at", "2026-01-12 08:00", "有车次的写车辆出发时间,供方送货的写送达时间"),
    column("停靠次序", "stop_no", "1", "先送的小"),
    column("来源", "source", "", "导出时的来源编号,原样保留;换来源时抄别行的编号", parser=CODE),
    column("需求单", "request_number", "XQ-654004-20260112-0001", parser=CODE),
    column("需求行", "request_line_no", "1"),
    column("数量", "quantity", "40", "按物资的计量单位"),
    column("物资", "item_name", "", "只供查看"),
    column("单位", "unit", "", "只供查看"),
    column("发出", "origin_name", "", "只供查看"),
    column("送达", "delivery_name", "", "只供查看"),
    column("预计到达", "arrives_at", "", "只供查看"),
)
PLAN_SHEET = Layout(
    "plan-sheet",
    "方案明细",
    columns_of(_COLUMNS, PlanSheetRow),
    ("trip_no", "source", "request_number", "request_line_no", "at"),
    lambda values: PlanSheetRow(**{name: value for name, value in values.items() if name in _FIELDS}),
)
SHEET_FILE = ListFile(
    "plan-sheet",
    "方案明细",
    {
        "车次": "row.trip_no",
        "车牌": "row.plate",
        "出发或送达时间": lambda line: MOMENT.write(line.row.at),
        "停靠次序": "row.stop_no",
        "来源": "row.source",
        "需求单": "row.request_number",
        "需求行": "row.request_line_no",
        "数量": "row.quantity",
        "物资": "item_name",
        "单位": "unit",
        "发出": "origin_name",
        "送达": "delivery_name",
        "预计到达": "arrives_at",
    },
)


def judge_file(runtime: Runtime, actor: Actor, plan_id: UUID, file: str, data: bytes) -> UUID:
    """Have an edited plan judged: a sheet (CSV or XLSX) or a solution (JSON). Returns the variant's id.

    Raises FileRefused naming file, row, column and what to do; InvalidInput for JSON that is no solution.
    """
    if Path(file).suffix.lower() == ".json":
        return runtime.run(judging.judge_solution, actor, plan_id, _solution(data), file)
    reading = read_file(PLAN_SHEET, file, data)
    try:
        return runtime.run(judging.judge_rows, actor, plan_id, tuple(reading.inputs), file)
    except InvalidInput as error:
        if not error.fields:
            raise
        raise FileRefused(file, [problem_of(reading, each) for each in error.fields], sheet=reading.sheet) from None


def _solution(data: bytes) -> str:
    if len(data) > min(JSON_MAX, FILE_MAX):
        raise InvalidInput("not_a_solution", faults=f"超过 {JSON_MAX // 2**20} MB")
    try:
        return data.decode("utf-8-sig")
    except ValueError:
        raise InvalidInput("not_a_solution", faults="不是 UTF-8 编码") from None
