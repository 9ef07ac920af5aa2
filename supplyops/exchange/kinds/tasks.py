"""Files of rescue tasks: what has to be done where for an incident."""

from __future__ import annotations

from supplyops.exchange.columns import column, make_kind, rebuilt
from supplyops.exchange.parsers import NEEDS
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.runtime import Context
from supplyops.tasks import commands, queries
from supplyops.tasks.rules import TaskInput


def _of_open_incidents(ctx: Context) -> list[TaskInput]:
    numbers = {row.number for row in incidents.incidents(ctx, IncidentState.OPEN)}
    return [rebuilt(TaskInput, row) for row in queries.tasks(ctx) if row.incident in numbers]


TASKS = make_kind(
    "tasks",
    "救援任务",
    TaskInput,
    (
        column("事件编号", "incident", "SJ-654004-20260112-0001", "已登记、未结束的突发事件"),
        column("任务编号", "code", "R01", "同一事件内不重复;再次导入同一编号即为修改"),
        column("任务名称", "name", "伊车嘎善村废墟搜救"),
        column("任务地点代码", "site_code", "654004200-dp"),
        column("力量需求", "needs", "人员搜索:2、医疗救护:1", parser=NEEDS),
        column("需要人数", "persons", "40", "各队合计"),
        column(
            "需要装备", "equipment", "生命探测仪、发电机", "至少一支队伍的装备、车辆或专长中写有该名称;多件用“、”分开"
        ),
        column("最早到达", "not_before", "", "不填为越早越好"),
        column("到达时限", "arrive_by", "2026-01-12 18:00"),
        column("预计时长(小时)", "hours", "6"),
        column("优先级", "class_rank", "1", "1 至 9,1 最先"),
        column("说明", "note", ""),
    ),
    key=("incident", "code"),
    save=commands.save_tasks,
    read=_of_open_incidents,
    see=queries.tasks,
)
