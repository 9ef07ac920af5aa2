"""What a plan in the making is doing, in words."""

from __future__ import annotations

STAGES: dict[str, str] = {
    "start": "启动求解",
    "read": "读取数据",
    "travel": "计算道路时间",
    "allocate": "分配物资",
    "route": "安排车辆和路线",
    "routing": "安排车辆和路线",
    "improve": "改进方案",
    "explain": "分析未满足原因",
    "check": "独立校核",
    "prove": "逐项试算补救办法",
    "insert": "试排追加办法",
    "reserve": "测算储备",
    "reasons": "核实未满足原因",
}


def stage_word(stage: str) -> str:
    """The words for a stage; an unknown one is shown as it is."""
    return STAGES.get(stage, stage)
