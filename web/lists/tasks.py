"""Columns of the list of rescue tasks."""

from __future__ import annotations

from typing import Any

from supplyops.wording.skills import skills_text
from web.lists import listing


def needs_text(row: Any) -> str:
    """人员搜索 2、医疗救护 1."""
    return skills_text((need.skill, need.teams) for need in row.needs)


def lacks_text(row: Any) -> str:
    """What is still lacking, people at last."""
    return skills_text(((each.skill, each.teams) for each in row.lacks), row.lacks_persons)


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
