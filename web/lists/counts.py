"""Columns of the lists of counts, rounds and duty."""

from __future__ import annotations

from web.lists import listing

COUNTS = listing(
    "counts",
    "盘点单",
    "counts",
    {
        "单号": "number",
        "盘点类型": "kind",
        "状态": "state",
        "场所代码": "site_code",
        "场所": "site_name",
        "盲盘": "is_blind",
        "冻结": "is_frozen",
        "基准时间": "base_at",
        "盘点人": "counter_name",
        "监盘人": "witness_name",
        "行数": "lines",
        "未填": "left",
        "有差异": "differing",
        "审批人": "decided_by_name",
    },
)
COUNTS_DUE = listing(
    "counts-due",
    "应盘点清单",
    "counts_due",
    {
        "场所代码": "site_code",
        "场所": "site_name",
        "盘点类型": "kind",
        "应盘日期": "due_on",
        "上次盘点": "last_on",
        "批次数": "lots",
        "物资": lambda row: "、".join(row.item_names) or "全部",
    },
)
UPKEEP_DUE = listing(
    "upkeep-due",
    "该做的养护",
    "upkeep",
    {
        "场所代码": "site_code",
        "场所": "site_name",
        "事项": "kind",
        "物资": "item_name",
        "批次号": "lot_number",
        "生产厂家": "manufacturer",
        "库位": "location_name",
        "在库": lambda row: row.on_hand if row.lot_number else "",
        "间隔(天)": "interval_days",
        "上次": "last_on",
        "到期": "due_on",
        "超期": "is_overdue",
    },
)
UPKEEP_INTERVALS = listing(
    "upkeep-intervals",
    "养护间隔",
    "upkeep_intervals",
    {
        "场所代码": "site_code",
        "场所": "site_name",
        "事项": "kind",
        "间隔(天)": "interval_days",
        "首次": "starts_on",
        "说明": "note",
    },
)
ROUNDS = listing(
    "upkeep-rounds",
    "养护记录",
    "upkeep_rounds",
    {
        "编号": "number",
        "场所代码": "site_code",
        "场所": "site_name",
        "事项": "kind",
        "结果": "result",
        "时间": "done_at",
        "经办": "done_by_name",
        "同去的人": "helpers",
        "读数": "readings",
        "批次": lambda row: "、".join(lot.lot_number for lot in row.lots),
        "问题": lambda row: "、".join(each.description for each in row.findings),
        "整改": lambda row: "、".join(each.closing_note or "未整改" for each in row.findings),
        "检验报告号": "report_number",
        "备注": "remark",
    },
)
DUTY = listing(
    "duty",
    "值班交接",
    "duty",
    {
        "编号": "number",
        "场所代码": "site_code",
        "场所": "site_name",
        "状态": "state",
        "交班人": "outgoing_name",
        "接班人": "incoming_name",
        "交班时间": "offered_at",
        "接班时间": "taken_at",
        "未办事项": "open_matters",
        "钥匙": "keys",
        "仪表读数": "readings",
    },
)
