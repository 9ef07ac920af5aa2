"""Columns of the lists of kits."""

from __future__ import annotations

from web.lists import listing

KITS = listing(
    "kits",
    "成套物资组成",
    "kits",
    {
        "成套物资编码": "kit_sku",
        "成套物资": "kit_name",
        "组成物资编码": "sku",
        "组成物资": "item_name",
        "每套数量": "quantity",
        "计量单位": "unit",
        "备注": "note",
    },
)
WORKS = listing(
    "kit-works",
    "组拆单",
    "kit_works",
    {
        "单号": "number",
        "类型": "kind",
        "状态": "state",
        "场所": "site_name",
        "成套物资编码": "sku",
        "成套物资": "kit_name",
        "数量": "quantity",
        "计量单位": "unit",
        "物权单位": "owner_name",
        "资金来源": "fund_source",
        "时间": "created_at",
        "说明": "note",
    },
)
