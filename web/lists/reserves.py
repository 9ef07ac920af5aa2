"""Columns of the lists of reserves and purchase plans."""

from __future__ import annotations

from supplyops.exchange.lists import ListFile
from supplyops.reserves.views import AdequacyGroup, AdequacyRow
from web.lists import listing


def _filled(row: AdequacyRow | AdequacyGroup) -> str:
    return "" if row.coverage_permille is None else f"{row.coverage_permille / 10:g}%"


ADVICE = listing(
    "reserve-advice",
    "储备建议",
    "reserve_advised_lines",
    {
        "层级": "level",
        "储备库代码": "site_code",
        "储备库": "site_name",
        "物资编码": "sku",
        "物资名称": "item_name",
        "计量单位": "unit",
        "现有": "today",
        "增储": "more",
        "合计": "total",
        "固定标准": "norm",
        "金额(元)": lambda row: row.cost_fen / 100,
        "体积(m³)": lambda row: row.volume_cm3 / 1_000_000,
        "再多一件的作用": lambda row: row.next_unit_e6 / 1_000_000,
    },
)
ADEQUACY = listing(
    "reserves",
    "储备充足性",
    "reserve_items",
    {
        "层级": "level",
        "地方": "place_name",
        "区划代码": "area_code",
        "物资编码": "sku",
        "物资名称": "item_name",
        "规格型号": "spec",
        "计量单位": "unit",
        "需求类别": "need_class",
        "保障类别": "hazard_tags",
        "目标": "target",
        "底线": "floor",
        "目标人数": "persons",
        "测算方法": "method",
        "来源": "source_marks",
        "可用": "usable",
        "其中代储": "delegated",
        "合同": "contract",
        "社会": "social",
        "满足率": _filled,
        "状态": "colour",
        "缺口": "gap",
        "缺口金额(元)": "gap_cost_fen",
        "缺口体积(m³)": "gap_volume_cm3",
        "托盘位": "gap_pallets",
    },
)
TIERS = listing(
    "reserve-tiers",
    "各级储备",
    "reserves",
    {
        "层级": "name",
        "满足率": _filled,
        "状态": "colour",
        "达标": "green",
        "基本达标": "amber",
        "不足": "red",
        "无目标": "grey",
        "缺口金额(元)": "gap_cost_fen",
        "缺口体积(m³)": "gap_volume_cm3",
        "托盘位": "gap_pallets",
    },
)
METHODS = listing(
    "reserve-methods",
    "储备目标测算",
    "reserve_methods",
    {
        "层级": "level",
        "地方": "place_name",
        "区划代码": "area_code",
        "方法": "method",
        "目标人数": "persons",
        "来源": "source_mark",
        "现用": "is_in_force",
    },
)
PLANS = listing(
    "purchase-plans",
    "采购计划",
    "purchase_plans",
    {
        "编号": "number",
        "单位": "organisation_name",
        "层级": "level",
        "区划代码": "area_code",
        "年度": lambda row: str(row.year),
        "状态": "state",
        "项数": lambda row: len(row.lines),
        "金额(元)": "amount_fen",
        "编制": "created_by",
        "批准": "decided_by",
    },
)
PLAN_LINES = ListFile(
    "purchase-plan-lines",
    "采购计划明细",
    {
        "行号": "line_no",
        "物资编码": "sku",
        "物资名称": "item_name",
        "规格型号": "spec",
        "计量单位": "unit",
        "目标": "target",
        "可用": "usable",
        "年内到期": "expiring",
        "合同": "contract",
        "社会": "social",
        "其他年度计划": "planned",
        "缺口": "gap",
        "测算采购量": "drafted",
        "采购数量": "quantity",
        "单价(元)": "unit_price_fen",
        "金额(元)": "amount_fen",
        "体积(m³)": "volume_cm3",
        "调整原因": "reason",
    },
)
