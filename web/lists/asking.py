"""Columns of what the books were asked: a number's moves, stock as it was."""

from __future__ import annotations

from supplyops.wording.labels import LABELS
from web.lists import listing

STATEMENT = listing(
    "stock-statement",
    "结存构成",
    "stock_statement",
    {
        "序号": "move.seq",
        "发生时间": "move.occurred_at",
        "记账时间": "move.recorded_at",
        "事由": "move.reason",
        "物资编码": "move.sku",
        "物资名称": "move.item_name",
        "批次号": "move.lot_number",
        "来源": lambda row: LABELS["LocationKind"].get(row.move.source_name, row.move.source_name),
        "去向": lambda row: LABELS["LocationKind"].get(row.move.target_name, row.move.target_name),
        "增减": "change",
        "结存": "balance",
        "计量单位": "move.unit",
        "凭证": "move.document_number",
        "经手": "move.actor_name",
        "备注": "move.note",
    },
)
LOTS_THEN = listing(
    "stock-as-of",
    "库存批次(某时点)",
    "stock_as_of",
    {
        "批次号": "lot_number",
        "物资编码": "sku",
        "物资名称": "item_name",
        "规格型号": "spec",
        "计量单位": "unit",
        "场所代码": "site_code",
        "场所": "site_name",
        "库位代码": "location_code",
        "库位": "location_name",
        "库位类别": "location_kind",
        "物权单位": "owner_name",
        "当时结存": "on_hand",
        "现在结存": "on_hand_now",
        "单价(元)": "unit_price_fen",
        "生产日期": "produced_on",
        "入库日期": "came_on",
        "有效期至": "expires_on",
    },
)
ITEMS_THEN = listing(
    "stock-items-as-of",
    "库存汇总(某时点)",
    "stock_items_as_of",
    {
        "物资编码": "sku",
        "物资名称": "name",
        "规格型号": "spec",
        "计量单位": "unit",
        "当时在库": "on_hand",
        "当时在途": "in_transit",
        "当时待检": "quarantined",
        "现在在库": "on_hand_now",
    },
)
