"""Columns of the lists of stock."""

from __future__ import annotations

from supplyops.wording.labels import LABELS
from web.lists import listing

ITEMS = listing(
    "stock-items",
    "库存汇总",
    "stock",
    {
        "物资编码": "sku",
        "物资名称": "name",
        "规格型号": "spec",
        "计量单位": "unit",
        "需求类别": "need_class",
        "在库": "on_hand",
        "已预留": "reserved",
        "可用": "available",
        "在途": "in_transit",
        "待检": "quarantined",
    },
)
LOTS = listing(
    "stock-lots",
    "库存批次",
    "stock_lots",
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
        "物权单位代码": "owner_code",
        "物权单位": "owner_name",
        "资金来源": "fund_source",
        "在库": "on_hand",
        "已预留": "reserved",
        "可用": "available",
        "单价(元)": "unit_price_fen",
        "生产日期": "produced_on",
        "有效期至": "expires_on",
        "使用限制": "restriction",
    },
)
MOVES = listing(
    "stock-moves",
    "库存流水",
    "stock_moves",
    {
        "序号": "seq",
        "发生时间": "occurred_at",
        "记账时间": "recorded_at",
        "事由": "reason",
        "物资编码": "sku",
        "物资名称": "item_name",
        "批次号": "lot_number",
        "来源": lambda move: LABELS["LocationKind"].get(move.source_name, move.source_name),
        "去向": lambda move: LABELS["LocationKind"].get(move.target_name, move.target_name),
        "数量": "quantity",
        "计量单位": "unit",
        "凭证": "document_number",
        "经手": "actor_name",
        "冲销": lambda move: move.reverses_id is not None,
        "备注": "note",
    },
)
DOCUMENTS = listing(
    "documents",
    "出入库单",
    "stock_documents",
    {
        "单号": "number",
        "种类": "kind",
        "状态": "state",
        "场所代码": "site_code",
        "场所": "site_name",
        "单位": "organisation_name",
        "往来单位": "counterpart",
        "明细": lambda row: "、".join(f"{line.item_name} {line.actual} {line.unit}" for line in row.lines),
        "发生时间": "occurred_at",
        "登记时间": "created_at",
        "冲销时间": "reversed_at",
    },
)
