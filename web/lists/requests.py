"""Columns of the lists of requests and letters."""

from __future__ import annotations

from web.lists import listing

REQUESTS = listing(
    "requests",
    "需求申请单",
    "requests",
    {
        "申请单号": "number",
        "状态": "state",
        "紧急程度": "urgency",
        "事件编号": "incident_number",
        "事件": "incident_name",
        "申请单位": "organisation_name",
        "受理单位": "addressee_name",
        "区划": "area_name",
        "送达地点": "delivery_site_name",
        "收货人": "receiver",
        "收货电话": "receiver_phone",
        "最早时限": lambda row: min((line.latest_arrival_at for line in row.lines), default=None),
        "明细": lambda row: "、".join(f"{line.item_name} {line.quantity} {line.unit}" for line in row.lines),
        "事由": "reason",
        "编制时间": "created_at",
        "提交时间": "submitted_at",
        "审核时间": "reviewed_at",
        "审核意见": "review_note",
    },
)
LINES = listing(
    "request-lines",
    "需求明细",
    "request_lines",
    {
        "申请单号": lambda row: row[0].number,
        "行号": lambda row: row[1].line_no,
        "物资编码": lambda row: row[1].sku,
        "物资名称": lambda row: row[1].item_name,
        "规格型号": lambda row: row[1].spec,
        "计量单位": lambda row: row[1].unit,
        "优先级": lambda row: row[1].class_rank,
        "送往": lambda row: row[0].delivery_site_name,
        "最晚到达": lambda row: row[1].latest_arrival_at,
        "保障人数": lambda row: row[1].persons,
        "申请": lambda row: row[1].quantity,
        "受理": lambda row: row[1].accepted,
        "已批准": lambda row: row[1].approved,
        "已装车": lambda row: row[1].loaded,
        "已送达": lambda row: row[1].delivered,
        "未落实": lambda row: row[1].outstanding,
    },
)
LETTERS = listing(
    "letters",
    "协调函",
    "letters",
    {
        "文号": "document_number",
        "编号": "number",
        "状态": "state",
        "发函单位": "organisation_name",
        "收函单位": "addressee_name",
        "事由": "subject",
        "发函时间": "sent_at",
        "答复时限": "reply_by",
        "答复时间": "answered_at",
        "答复": "answer",
        "联系人": "contact",
        "电话": "phone",
    },
)
