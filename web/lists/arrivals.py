"""Columns of the list of deliveries."""

from __future__ import annotations

from web.lists import listing

ARRIVALS = listing(
    "arrivals",
    "到货通知",
    "arrivals",
    {
        "编号": "number",
        "状态": "state",
        "入库类型": "kind",
        "来源": "source",
        "来源单号": "source_document",
        "资金来源": "fund_source",
        "收货场所代码": "site_code",
        "收货场所": "site_name",
        "物权单位": "owner_name",
        "物资(待收/通知)": lambda row: "、".join(
            f"{line.item_name} {line.outstanding}/{line.quantity} {line.unit}" for line in row.lines
        ),
        "预计到货": "expected_on",
        "逾期": "is_late",
        "联系人": "contact",
        "登记时间": "announced_at",
        "登记人": "announced_by_name",
        "终止原因": "ended_because",
        "备注": "note",
    },
)
