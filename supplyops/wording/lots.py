"""The words of lots kept back, holds, late entries and rotation; a part of `labels.LABELS`."""

from __future__ import annotations

LOTS: dict[str, dict[str, str]] = {
    "RotationChoice": {
        "transfer": "调剂",
        "drill": "演练使用",
        "return": "退厂",
        "swap": "代储企业轮换",
        "downgrade": "降级使用",
        "scrap": "报废",
    },
    "RotationState": {
        "proposed": "待批准",
        "approved": "已批准,待办理",
        "refused": "不同意",
        "done": "已办理",
        "cancelled": "已取消",
    },
    "NextStep": {
        "issue": "演练出库",
        "send_back": "轮换出库",
        "regrade": "转为降级批次",
        "transfer_order": "办理调剂移库",
        "scrap_application": "办理报废申请",
    },
    "HoldState": {
        "open": "占用中",
        "used": "已装车或发出",
        "released": "已释放",
        "expired": "已到期",
        "taken": "被接管",
    },
    "RankPart": {"response": "响应级别", "class": "需求类别", "level": "批准单位层级"},
    "LateKind": {"receipt": "入库", "issue": "出库", "transfer": "移库", "count": "盘点"},
    "LatePermitState": {"asked": "待批准", "approved": "已批准", "refused": "不同意", "used": "已使用"},
    "RecallState": {"open": "召回中", "ended": "已结束"},
    "Whereabouts": {"in_store": "在库", "in_transit": "在途", "issued": "已发出", "gone": "已报损、退厂等"},
    "NoticeKind": {
        "lot_blocked": "批次停用",
        "lot_freed": "批次恢复",
        "lot_recalled_elsewhere": "同批物资被召回",
        "hold_taken": "占用被接管",
        "hold_expired": "占用到期",
    },
    "LotState": {"normal": "正常", "held": "封存", "recalled": "召回", "damaged": "破损"},
}
