"""Columns of the lists of numbered units."""

from __future__ import annotations

from supplyops.wording.labels import LABELS
from web.lists import listing

ASSETS = listing(
    "assets",
    "资产",
    "assets",
    {
        "资产编号": "number",
        "物资编码": "sku",
        "物资名称": "item_name",
        "规格型号": "spec",
        "序列号": "serial_number",
        "出厂编号": "maker_number",
        "批次号": "lot_number",
        "状态": "state",
        "故障": "defect",
        "场所": "site_name",
        "库位代码": "location_code",
        "库位": lambda row: LABELS["LocationKind"].get(row.location_name, row.location_name),
        "物权单位": "owner_name",
        "领用单位": "holder_name",
        "领用队伍": "team_name",
        "领用人": "received_by",
        "领用单": "loan_number",
        "应还日期": "due_on",
        "运行小时": "meter_hours",
        "启用日期": "in_service_on",
        "保修期至": "warranty_until",
        "备注": "note",
    },
)
DUE = listing(
    "assets-due",
    "资产到期与逾期",
    "assets_due",
    {
        "事项": "kind",
        "逾期": "is_overdue",
        "资产编号": "asset_number",
        "物资名称": "item_name",
        "序列号": "serial_number",
        "内容": "what",
        "期限": "due_on",
        "到期运行小时": "due_at_hours",
        "运行小时": "meter_hours",
        "场所": "site_name",
        "库位": "location_name",
        "领用单": "loan_number",
    },
)
LOANS = listing(
    "asset-loans",
    "资产领用单",
    "asset_loans",
    {
        "领用单": "number",
        "仓库": "site_name",
        "领用单位": "holder_name",
        "领用队伍": "team_name",
        "领用人": "received_by",
        "电话": "phone",
        "用途": "purpose",
        "资产": lambda row: "、".join(f"{line.item_name} {line.serial_number}" for line in row.lines),
        "未还": "out",
        "应还日期": "due_on",
        "逾期": "is_overdue",
        "领用时间": "handed_out_at",
        "还清时间": "closed_at",
    },
)
