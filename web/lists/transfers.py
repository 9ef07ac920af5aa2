"""Columns of the lists of transfers, of what is owed, of what comes back and of what is scrapped."""

from __future__ import annotations

from supplyops.kernel.money import figures
from web.lists import listing

TRANSFERS = listing(
    "transfers",
    "调剂调拨单",
    "transfers",
    {
        "单号": "number",
        "类型": "kind",
        "状态": "state",
        "调出": "from_site_name",
        "调入": "to_site_name",
        "物权单位": "owner_name",
        "新物权单位": "new_owner_name",
        "明细": lambda row: "、".join(f"{line.item_name} {line.quantity} {line.unit}" for line in row.lines),
        "承运": "carrier",
        "车牌": "vehicle",
        "驾驶员": "driver",
        "发车时间": "sent_at",
        "预计到达": "expected_at",
        "逾期": "is_overdue",
    },
)
ROAD = listing(
    "transfers-road",
    "在途物资",
    "transfers_road",
    {
        "单号": "number",
        "物资编码": "sku",
        "物资": "item_name",
        "批次号": "lot_number",
        "数量": "quantity",
        "计量单位": "unit",
        "物权单位": "owner_name",
        "从": "from_site_name",
        "到": "to_site_name",
        "车牌": "vehicle",
        "驾驶员": "driver",
        "电话": "driver_phone",
        "发车时间": "left_at",
        "应到时间": "expected_at",
        "逾期": "is_overdue",
    },
)
OBLIGATIONS = listing(
    "obligations",
    "归还义务",
    "obligations",
    {
        "编号": "number",
        "债权单位": "creditor_name",
        "欠物单位": "debtor_name",
        "依据": "basis_number",
        "尚欠": lambda row: "、".join(f"{line.item_name} {line.outstanding} {line.unit}" for line in row.lines),
        "尚欠金额(元)": lambda row: figures(row.outstanding_fen),
        "期限": "due_on",
        "账龄(天)": "age_days",
        "逾期": "band",
        "状态": "standing",
    },
)
DUES = listing(
    "recovery-dues",
    "应收回物资",
    "recoveries_due",
    {
        "发放单号": "document_number",
        "使用人、点": "holder",
        "物资编码": "sku",
        "物资": "item_name",
        "批次号": "lot_number",
        "计量单位": "unit",
        "发放": "quantity",
        "已收回": "recovered",
        "在外": "outstanding",
        "发放日期": "given_on",
        "应收回": "due_on",
        "逾期": "is_overdue",
    },
)
RECOVERIES = listing(
    "recoveries",
    "回收登记",
    "recoveries",
    {
        "编号": "number",
        "发放单号": "source_number",
        "使用人、点": "holder",
        "仓库": "site_name",
        "明细": lambda row: "、".join(f"{line.item_name} {line.quantity} {line.unit}" for line in row.lines),
        "待修": "to_repair",
        "交回人": "returned_by",
        "收回时间": "recovered_at",
        "冲销时间": "taken_back_at",
    },
)
LIMITS = listing(
    "recovery-limits",
    "回收期限",
    "recovery_limits",
    {
        "物资编码": "sku",
        "物资": "item_name",
        "月数": "months",
        "生效日期": "effective_from",
        "来源标记": "source_mark",
        "备注": "note",
    },
)
SCRAPS = listing(
    "scraps",
    "报废申请",
    "scraps",
    {
        "编号": "number",
        "状态": "state",
        "单位": "organisation_name",
        "仓库": "site_name",
        "明细": lambda row: "、".join(f"{line.item_name} {line.quantity} {line.unit}" for line in row.lines),
        "原值(元)": lambda row: figures(row.value_fen),
        "申请时间": "applied_at",
        "逾期申报": "is_late",
    },
)
