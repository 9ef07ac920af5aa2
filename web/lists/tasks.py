"""Columns of the list of rescue tasks."""

from __future__ import annotations

from typing import Any

from supplyops.wording.skills import lacks_text, skills_text
from web.lists import listing


def needs_text(row: Any) -> str:
    """人员搜索 2、医疗救护 1."""
    return skills_text((need.skill, need.teams) for need in row.needs)


TASKS = listing(
    "tasks",
    "救援任务",
    "tasks",
    {
        "事件编号": "incident",
        "任务编号": "code",
        "任务": "name",
        "地点": "site_name",
        "优先级": "class_rank",
        "力量需求": needs_text,
        "需要人数": "persons",
        "需要装备": "equipment",
        "最早到达": "not_before",
        "到达时限": "arrive_by",
        "预计时长(小时)": "hours",
        "状态": "state",
        "安排": "cover",
        "尚缺": lacks_text,
        "已派队伍": lambda row: "、".join(each.team_name for each in row.missions if each.counts),
        "说明": "note",
        "终止原因": "ended_because",
    },
)
DEPLOYMENTS = listing(
    "deployments",
    "队伍派遣建议",
    "deployments",
    {
        "编号": "number",
        "事件编号": "incident",
        "事件": "incident_name",
        "状态": "state",
        "提出人": "created_by",
        "提出时间": "created_at",
        "可安排任务": "covered",
        "无法安排任务": "uncovered",
        "派遣": "duties",
        "已下令": "ordered",
    },
)
DUTIES = listing(
    "deployment-duties",
    "队伍派遣表",
    "deployment_duties",
    {
        "行号": "row_no",
        "队伍代码": "team_code",
        "队伍": "team_name",
        "人数": "persons",
        "班次": "shift",
        "任务编号": "task_code",
        "任务": "task_name",
        "第几班": "part",
        "地点": "site_name",
        "出发": "leaves_at",
        "最晚出发": "leaves_by",
        "到达": "arrives_at",
        "到达时限": "arrive_by",
        "晚到": "is_late",
        "完成": "released_at",
        "调动命令": "mission_number",
        "命令状态": "mission_state",
    },
)
