"""Words for moves of goods and the documents behind them; `labels` puts them with the others."""

from __future__ import annotations

STOCK: dict[str, dict[str, str]] = {
    "DayRule": {"once": "一次", "every_day": "按天", "first_three": "前三天", "after_three": "三天以后"},
    "MoveReason": {
        "opening": "期初",
        "receipt": "入库",
        "donation": "捐赠入库",
        "requisition": "征用",
        "transfer": "移库",
        "quarantine": "隔离",
        "dispatch": "装车发运",
        "delivery": "送达签收",
        "return": "退回",
        "recovery": "回收",
        "issue": "发放",
        "loss": "损失",
        "scrap": "报废",
        "count": "盘点",
        "conversion": "转换",
    },
    "ReceiptKind": {
        "purchase": "采购",
        "allocation": "上级划转",
        "donation": "捐赠",
        "recovery": "回收",
        "transfer": "调入",
        "count": "盘盈",
        "rotation": "轮换",
    },
    "IssueKind": {
        "allocation": "调拨",
        "distribution": "发放",
        "rotation": "轮换",
        "scrap": "报废",
        "agency": "代储转出",
        "drill": "演练",
    },
    "StockDocumentKind": {"opening": "期初", "receipt": "入库单", "issue": "出库单", "transfer": "移库单"},
    "Turnover": {"fast": "常用", "normal": "一般", "slow": "不常用"},
    "ArrivalState": {
        "announced": "已通知",
        "inspected": "已验货待入库",
        "partly": "部分入库",
        "accepted": "已入库",
        "reported": "已报告",
        "cancelled": "已取消",
    },
    "AcceptanceState": {
        "unsigned": "待质检签字",
        "unreported": "待报告",
        "reported": "已报告",
        "reversed": "已冲销",
    },
}
