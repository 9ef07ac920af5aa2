"""The Chinese word for every code, by the name of its enumeration. Papers, pages, files and the command line use these."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)

LABELS: dict[str, dict[str, str]] = {
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
    "Terrain": {"urban": "城区", "plain": "平原", "mountain": "山区"},
    "RoadStatus": {"open": "通", "limited": "限", "closed": "阻"},
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
    "StockDocumentState": {"posted": "已记账", "reversed": "已冲销"},
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
    "TeamType": {
        "T01": "消防(综合)应急救援队伍",
        "T02": "安全生产应急救援队伍",
        "T03": "非煤矿山应急救援队伍",
        "T04": "危险化学品应急救援队伍",
        "T05": "重大动物疫情应急队伍",
        "T06": "气象灾害应急队伍",
        "T07": "地震灾害救援队伍",
        "T08": "地质灾害防治队伍",
        "T09": "公用事业保障应急队伍",
        "T10": "乡镇街道社区综合应急队伍",
        "T11": "应急志愿者队伍",
        "T12": "卫生应急队伍",
    },
    "Employment": {"full_time": "专职", "part_time": "兼职", "volunteer": "志愿", "joint": "联合"},
    "Capability": {
        "search": "人员搜索",
        "rescue": "营救破拆",
        "engineering": "工程抢险",
        "roads": "道路桥梁抢修",
        "pollution": "环境污染救援",
        "fire": "灭火",
        "water": "水域救援",
        "medical": "医疗救护",
        "power": "电力抢修",
        "supply": "供水供热供气抢修",
        "communication": "通信保障",
        "animal": "动物防疫",
        "warning": "预警传播",
        "logistics": "物资搬运分发",
    },
    "TeamState": {
        "ready": "待命",
        "alerted": "预警待命",
        "mobilised": "执行任务",
        "rest": "休整",
        "training": "训练",
        "out": "停用",
    },
    "MissionState": {
        "ordered": "已下令",
        "confirmed": "已确认",
        "mustered": "已集结",
        "departed": "已出动",
        "arrived": "已到达",
        "engaged": "作业中",
        "released": "已撤离",
        "returned": "已归建",
        "declined": "无法出动",
        "cancelled": "已取消",
    },
    "UsarClass": {"none": "无", "light": "轻型", "medium": "中型", "heavy": "重型"},
    "EventClass": {"natural": "自然灾害", "accident": "事故灾难", "health": "公共卫生事件", "security": "社会安全事件"},
    "Hazard": {
        "earthquake": "地震",
        "flood": "洪涝",
        "snow": "雪灾",
        "landslide": "地质灾害",
        "fire": "火灾",
        "drought": "旱灾",
        "epidemic": "传染病疫情",
        "animal_disease": "动物疫情",
        "chemical": "危险化学品事故",
        "traffic": "交通事故",
        "other": "其他",
    },
    "ReportKind": {"first": "初报", "follow_up": "续报", "verified": "核报"},
    "IncidentState": {"open": "处置中", "closed": "已结束"},
    "Urgency": {"most_urgent": "特急", "urgent": "加急", "normal": "平急"},
    "RequestState": {
        "draft": "草稿",
        "submitted": "已提交",
        "accepted": "已受理",
        "rejected": "已退回",
        "cancelled": "已撤销",
        "closed": "已办结",
    },
    "LetterState": {
        "sent": "已发函",
        "granted": "同意",
        "partly_granted": "部分同意",
        "declined": "不同意",
        "withdrawn": "已撤回",
    },
    "PlanState": {
        "solving": "求解中",
        "draft": "待审批",
        "decided": "已审批",
        "superseded": "已被新方案替代",
        "failed": "求解失败",
        "cancelled": "已取消",
    },
    "Condition": {"ok": "正常", "notice": "注意", "missing": "缺少"},
    "PartState": {"proposed": "待批准", "approved": "已批准", "refused": "未批准"},
    "SourceKind": {"lot": "库存", "contract": "合同"},
    "LockMode": {"exactly": "固定为", "at_least": "不少于", "at_most": "不多于", "forbid": "不从此处调拨"},
    "InstructionState": {"issued": "已下达", "cancelled": "已取消", "done": "已办结"},
    "ConsignmentState": {
        "ordered": "待接令",
        "accepted": "拣货中",
        "loaded": "已装车",
        "in_transit": "在途",
        "delivered": "已签收",
        "returned": "已退回",
        "cancelled": "已取消",
    },
    "ShipmentState": {
        "planned": "待装车",
        "loading": "装车中",
        "departed": "已发车",
        "closed": "已完成",
        "cancelled": "已取消",
    },
    "DiscrepancyKind": {"short": "短少", "damaged": "破损", "refused": "拒收"},
    "ClockKind": {"confirm": "供方确认", "load": "装车发运", "arrive": "运抵", "paper": "补办书面手续"},
    "ClockState": {"running": "计时中", "overdue": "已超时", "met": "按时", "late": "超时完成"},
    "OrderStep": {
        "accept": "接令",
        "load": "装车",
        "depart": "发车",
        "deliver": "签收",
        "take_back": "退回入库",
        "reroute": "改派",
        "cancel": "取消",
        "sign_paper": "已补签书面手续",
    },
    "Situation": {"not_in_force": "不在有效期", "in_force": "在有效期内"},
    "ReserveForm": {"physical": "实物储备", "social": "社会储备", "capacity": "产能储备"},
    "PaperState": {"valid": "有效", "superseded": "已被新版替代", "void": "已作废"},
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
    "shipment_handover": "运输交接单",
    "calloff_notice": "合同启用通知",
    "mobilisation_order": "救援队伍调动命令",
    "supply_request": "需求申请单",
    "coordination_letter": "协调函",
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

CRITERIA: dict[str, str] = {
    "dead_or_missing": "死亡失踪",
    "moved_or_aid": "紧急转移安置或需紧急生活救助",
    "rooms_collapsed": "倒塌和严重损坏房屋(间)",
}
"""What the thresholds of response levels look at."""

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
TILES: dict[str, str] = {
    "incidents_open": "处置中的突发事件",
    "requests_draft": "待提交的申请草稿",
    "requests_submitted": "待审核的需求申请",
    "requests_to_review": "待我审核的需求申请",
    "lines_unmet": "未落实的需求",
    "letters_waiting": "等待答复的协调函",
    "roads_closed": "阻断的道路",
    "roads_limited": "限行的道路",
    "stock_expiring_30": "30天内到期的库存",
    "stock_expiring_90": "90天内到期的库存",
    "parts_waiting": "待批准的方案部分",
    "oral_unsigned": "口头批准待补手续",
    "orders_to_accept": "待接收的调拨单",
    "orders_to_load": "待装车的调拨单",
    "consignments_underway": "在途的调拨单",
    "consignments_late": "超时的调拨单",
    "calloffs_unconfirmed": "待供方确认的合同启用",
    "calloffs_to_ship": "待发货的合同启用",
    "receipts_due": "待验收的到货",
    "contracts_ending": "90天内到期的合同",
    "missions_unanswered": "待确认的调动命令",
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
