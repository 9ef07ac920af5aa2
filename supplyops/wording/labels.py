"""The Chinese word for every code, by the name of its enumeration. Papers, pages, files and the command line use these."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from supplyops.wording.labels_of_asking import ASKING, ASSETS
from supplyops.wording.labels_of_counts import COUNTS
from supplyops.wording.labels_of_response import RESPONSE
from supplyops.wording.labels_of_roads import ROADS
from supplyops.wording.labels_of_stock import STOCK
from supplyops.wording.labels_of_variants import VARIANT_LABELS
from supplyops.wording.lots import LOTS

E = TypeVar("E", bound=StrEnum)

LABELS: dict[str, dict[str, str]] = {
    **LOTS,
    "Role": {
        "clerk": "业务员",
        "keeper": "库管员",
        "custodian": "村社区保管员",
        "dispatcher": "调度员",
        "reviewer": "审核人",
        "approver": "批准人",
        "commander": "指挥员",
        "team_leader": "救援队长",
        "auditor": "审计员",
        "evaluator": "评估员",
        "supplier": "供应商",
        "system_admin": "系统管理员",
        "security_admin": "安全管理员",
        "audit_admin": "审计管理员",
    },
    "OrganisationKind": {
        "government": "政府",
        "department": "部门",
        "township": "乡镇街道",
        "community": "村社区",
        "xpcc": "兵团",
        "military": "军队",
        "enterprise": "企业",
        "social": "社会组织",
    },
    "Level": {
        "region": "自治区",
        "prefecture": "自治州",
        "city": "市",
        "township": "乡场街道",
        "community": "村社区",
        "outside": "体系外",
    },
    "UserState": {"active": "启用", "disabled": "停用"},
    "GbMajor": {"1": "基本生活保障物资", "2": "应急装备及配套物资", "3": "工程材料与机械加工设备"},
    "Purpose": {"rescue": "抢险救援保障", "forces": "应急救援力量保障", "people": "受灾人员基本生活保障"},
    "StorageClass": {
        "dry": "常温干燥",
        "frost_free": "防冻",
        "cool": "阴凉",
        "refrigerated": "冷藏",
        "hazardous": "危险品",
        "open_air": "露天",
    },
    "LoadGroup": {"general": "普通", "food": "食品", "chemical": "化学品", "fuel": "燃料"},
    "SiteKind": {
        "warehouse": "储备库",
        "reserve_point": "储备点",
        "delivery_point": "接收安置点",
        "supplier_store": "供应商库",
        "team_base": "队伍驻地",
        "vehicle_yard": "车场",
    },
    "LocationKind": {
        "storage": "存储",
        "quarantine": "待检隔离",
        "transit": "在途",
        "team": "队伍携行",
        "supplier": "供应商",
        "donor": "捐赠人",
        "opening": "期初",
        "owner": "被征用人",
        "consumed": "已发放使用",
        "lost": "损失报废",
        "count_difference": "盘点差异",
        "conversion": "转换",
    },
    "PurchasePlanState": {"draft": "草稿", "submitted": "待批准", "approved": "已批准", "cancelled": "已作废"},
    "KitWorkKind": {"build": "组装", "break": "拆解"},
    "KitWorkState": {"posted": "已记账", "reversed": "已冲销"},
    "ReserveMethod": {
        "set": "设定人数",
        "moved": "转移安置人口(建标121)",
        "share": "人口比例",
        "response": "响应级别",
        "fixed": "固定数量",
    },
    "Adequacy": {"green": "达标", "amber": "基本达标", "red": "不足", "grey": "无目标"},
    "NotCounted": {"quarantined": "待检", "expired": "已过期", "expiring": "近期到期", "held": "已封存"},
    "Grouping": {
        "tier": "层级",
        "place": "地方",
        "tag": "保障类别",
        "need_class": "需求类别",
        "gb_major": "国标大类",
    },
    "Season": {"summer": "夏季", "winter": "冬季", "all": "全年"},
    "Driver": {
        "persons": "人",
        "households": "户",
        "sheltered": "集中安置人数",
        "tents": "帐篷数",
        "infants": "婴幼儿",
        "elderly": "老人",
        "women": "育龄妇女",
        "livestock": "牲畜",
        "sites": "安置点",
    },
    **STOCK,
    **ASSETS,
    **ASKING,
    **VARIANT_LABELS,
    **ROADS,
    **COUNTS,
    "VehicleState": {"ready": "待命", "on_trip": "在途", "out": "停用"},
    "ContractType": {"C1": "预签合同", "C2": "协议储备", "C3": "产能储备", "C4": "运输保障协议", "C5": "救援服务协议"},
    "Carrier": {"supplier": "供方送货", "fleet": "我方提货"},
    "CallOffState": {
        "notified": "已通知",
        "confirmed": "供方已确认",
        "refused": "供方拒绝",
        "shipped": "已发货",
        "received": "已到货",
        "closed": "已关闭",
        "cancelled": "已取消",
    },
    **RESPONSE,
    "ReserveForm": {"physical": "实物储备", "social": "社会储备", "capacity": "产能储备"},
    "PaperState": {"valid": "有效", "superseded": "已被新版替代", "void": "已作废"},
    "JobKind": {
        "plan": "编制分配方案",
        "deployment": "队伍派遣建议",
        "reserve": "储备建议",
        "import": "导入",
        "print": "打印",
    },
    "JournalOutcome": {"done": "完成", "refused": "被拒绝"},
    "PostingStanding": {"posting": "记账", "reversal": "冲销"},
    "SessionState": {"open": "待提交", "committed": "已导入", "discarded": "已放弃"},
    "How": {
        "exact": "列名相同",
        "remembered": "上次的选择",
        "alias": "别名",
        "similar": "相近,请确认",
        "chosen": "手工选择",
    },
    "RowChange": {"added": "新增", "changed": "更新", "unchanged": "不变"},
    "JobState": {
        "queued": "排队中",
        "running": "进行中",
        "done": "完成",
        "failed": "失败",
        "cancelled": "已取消",
        "interrupted": "中断",
    },
}

FORMS: dict[str, str] = {
    "release_instruction": "救灾物资动用指令",
    "allocation_slip": "救灾物资调拨单",
    "receipt_note": "入库单(验收单)",
    "issue_note": "出库单",
    "kit_note": "物资组拆单",
    "purchase_plan": "应急物资年度采购计划",
    "adequacy_report": "应急物资储备充足性报告",
    "rotation_advice": "轮换建议表",
    "plan_study": "方案研判表",
    "reserve_advice": "储备建议书",
    "shipment_handover": "运输交接单",
    "transfer_slip": "物资调剂调拨单",
    "recovery_register": "回收登记表",
    "scrap_application": "报废申请单",
    "calloff_notice": "合同启用通知",
    "mobilisation_order": "救援队伍调动命令",
    "supply_request": "需求申请单",
    "coordination_letter": "协调函",
    "count_sheet": "盘点表",
    "morning_list": "晨会清单",
    "duty_handover": "值班交接记录",
    "asset_card": "资产卡",
    "asset_handout": "资产领用归还单",
}

CRITERIA: dict[str, str] = {
    "dead_or_missing": "死亡失踪人数",
    "moved_or_aid": "紧急转移安置或需救助人数",
    "rooms_collapsed": "倒塌和严重损坏房屋间数",
}
"""What response thresholds count."""

RESPONSE_LEVELS = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}

FIGURES: dict[str, str] = {
    "affected": "受灾人口",
    "dead": "死亡",
    "missing": "失踪",
    "injured": "伤病",
    "moved": "紧急转移安置",
    "evacuated": "避险转移",
    "urgent_aid": "需紧急生活救助",
    "sheltered": "集中安置",
    "households": "户数",
    "infants": "婴幼儿",
    "elderly": "老人",
    "women": "育龄妇女",
    "disabled": "残疾人",
    "livestock": "牲畜(头只)",
    "rooms_collapsed": "倒塌房屋(间)",
    "rooms_badly_damaged": "严重损坏(间)",
    "rooms_damaged": "一般损坏(间)",
}
"""What is counted of an incident, place by place."""

DUTIES: dict[str, str] = {
    "command": "指挥",
    "approve": "审批",
    "review": "审核",
    "dispatch": "调度",
    "desk": "业务",
    "store": "库房",
    "team": "队伍",
    "supply": "供应",
}
PUT_AWAY = "上架"
"""Why goods were moved from the receiving area to a bin."""
TILES: dict[str, str] = {
    "incidents_open": "处置中的突发事件",
    "requests_draft": "待提交的申请草稿",
    "requests_submitted": "待审核的需求申请",
    "requests_to_review": "待我审核的需求申请",
    "lines_unmet": "未落实的需求",
    "letters_waiting": "等待答复的协调函",
    "roads_closed": "阻断的道路",
    "roads_limited": "限行的道路",
    "putaway_waiting": "待上架的批次",
    "arrivals_open": "待收的到货",
    "arrivals_inspected": "已验货待入库的到货",
    "arrivals_late": "逾期未到的到货",
    "acceptances_unsigned": "待质检签字的入库单",
    "acceptances_unreported": "待报告的验收结果",
    "acceptances_overdue": "逾期未报的验收结果",
    "stock_expiring_30": "30天内到期的库存",
    "stock_expiring_90": "90天内到期的库存",
    "parts_waiting": "待批准的方案部分",
    "oral_unsigned": "口头批准待补手续",
    "orders_to_accept": "待接收的调拨单",
    "orders_to_load": "待装车的调拨单",
    "consignments_underway": "在途的调拨单",
    "consignments_late": "超时的调拨单",
    "transfers_to_approve": "待批准的调剂调拨",
    "transfers_to_send": "待发运的调剂调拨",
    "transfers_underway": "在途的调剂调拨",
    "transfers_late": "逾期未到的调剂调拨",
    "recoveries_overdue": "逾期未收回的物资",
    "scraps_to_approve": "待审批的报废申请",
    "scraps_open": "未办结的报废申请",
    "obligations_overdue": "逾期的归还义务",
    "calloffs_unconfirmed": "待供方确认的合同启用",
    "calloffs_to_ship": "待发货的合同启用",
    "receipts_due": "待验收的到货",
    "contracts_ending": "90天内到期的合同",
    "missions_unanswered": "待确认的调动命令",
    "counts_open": "未完盘点",
    "counts_to_decide": "待审批的盘点差异",
    "rotations_to_decide": "待批准的轮换",
    "rotations_to_carry_out": "待办理的轮换",
    "late_to_decide": "待批准的补录申请",
    "purchase_plans_to_decide": "待批准的采购计划",
    "assets_overdue": "逾期的资产事项",
    "upkeep_due": "到期的巡检养护",
}
"""What the boards count."""


def label(member: StrEnum) -> str:
    """The word for a code."""
    return LABELS[type(member).__name__][member.value]


def member(kind: type[E], word: str) -> E | None:
    """The code for a word, or for the code itself; None when it is neither."""
    text = word.strip()
    for value, known in LABELS[kind.__name__].items():
        if text in (known, value):
            return kind(value)
    return None


def response_level(level: int | None) -> str:
    """`二级响应`, or nothing."""
    return f"{RESPONSE_LEVELS[level]}响应" if level else ""
