"""Words for the codes of road networks and of teams on them; `labels` puts them with the others."""

from __future__ import annotations

ROADS: dict[str, dict[str, str]] = {
    "RoadStatus": {"open": "通", "limited": "限", "closed": "阻"},
    "Terrain": {"urban": "城区", "plain": "平原", "mountain": "山区"},
    "Lack": {
        "nobody_can": "没有队伍具备此能力:",
        "too_late": "有能力的队伍赶不到:",
        "shift": "超过连续作业时限:",
        "unready": "有能力的队伍不能在当时作业:",
        "too_few": "有能力的队伍不够:",
        "persons": "人数不够:",
        "needed_elsewhere": "队伍已用于:",
        "relief": "能轮换的队伍不够(队伍数/班数):",
        "no_way": "没有道路可通:地点不在路网上,或道路阻断",
    },
    "WhyLeftOut": {"nobody_present": "无人在位", "uninsured": "无有效保险", "no_base_on_network": "驻地不在路网上"},
    "WorkCondition": {"night": "夜间", "frost": "严寒"},
    "DeploymentNote": {
        "no_temperature": "没有报告夜间气温,没有按严寒筛选队伍;请在灾情报告中填写夜间气温后重新提出建议",
        "no_duty_limit": "没有登记连续作业时限,按可一直作业安排,也不排休整后再出动:",
        "night_unknown": "没有登记能否夜间作业,按不能安排;核实后在队伍资料中登记,再重新提出建议:",
        "frost_unknown": "没有登记能否在严寒中作业,按不能安排;核实后在队伍资料中登记,再重新提出建议:",
    },
    "TaskState": {"open": "进行中", "done": "已完成", "cancelled": "已撤销"},
    "TaskCover": {"uncovered": "未安排", "partly": "部分安排", "covered": "已安排"},
    "RoadFileState": {"open": "待导入", "taken": "已导入", "discarded": "已放弃"},
    "Detail": {"main": "主要道路", "town": "到村镇道路", "all": "全部道路"},
    "Snap": {"missing": "未落点的场所", "every": "全部场所", "none": "不落点"},
    "Cause": {
        "no_node": "不在路网上",
        "yard_too_small": "场地进不去",
        "no_road": "没有道路相连",
        "one_way": "单行方向不对",
        "closed": "道路阻断",
        "size": "车型级别超限",
        "mass": "超过桥梁限重",
        "height": "超过限高",
        "snow": "仅限雪地车辆",
        "ford": "涉水路段",
        "towing": "禁止牵引",
        "convoy": "仅限编队",
    },
}
