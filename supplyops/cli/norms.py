"""Reading norms and parameters."""

from __future__ import annotations

import click

from supplyops.cli.nouns import (
    Columns,
    Record,
    add_list,
    add_show,
    among,
)
from supplyops.norms import queries as norms
from supplyops.wording.labels import CRITERIA, RESPONSE_LEVELS


@click.group()
def norm() -> None:
    """需求标准、储备标准、响应启动条件。"""


add_list(
    norm,
    norms.need_norms,
    (
        ("代码", "code"),
        ("物资", "item_name"),
        ("季节", "season"),
        ("依据", "driver"),
        ("用量", lambda row: f"{row.amount_numerator}/{row.amount_denominator}".removesuffix("/1")),
        ("天数", "day_rule"),
        ("最低", "minimum"),
        ("来源", "source_mark"),
    ),
    "列出需求标准。",
)
add_list(
    norm,
    norms.reserve_norms,
    (
        ("代码", "code"),
        ("物资", "item_name"),
        ("层级", "level"),
        ("每千人", "quantity_per_thousand"),
        ("底线", lambda row: f"{row.floor_permille / 10:g}%"),
        ("来源", "source_mark"),
    ),
    "列出储备标准。",
    name="reserve",
)
add_list(
    norm,
    norms.thresholds,
    (
        ("级别", lambda row: RESPONSE_LEVELS[row.response_level]),
        ("条件", lambda row: CRITERIA[row.criterion]),
        ("下限(含)", "minimum"),
        ("来源", "source_mark"),
    ),
    "列出响应启动条件。",
    name="threshold",
)
NEED_NORM: Columns = (
    ("代码", "code"),
    ("物资", lambda row: f"{row.sku} {row.item_name}"),
    ("季节", "season"),
    ("依据", "driver"),
    ("每单位用量", lambda row: f"{row.amount_numerator}/{row.amount_denominator}".removesuffix("/1")),
    ("天数规则", "day_rule"),
    ("适用灾种", lambda row: "、".join(row.hazards)),
    ("最低数量", "minimum"),
    ("最低海拔(m)", "elevation_min_m"),
    ("生效", "valid_from"),
    ("截止", "valid_to"),
    ("来源标记", "source_mark"),
    ("备注", "note"),
)
add_show(norm, among(norms.need_norms, "norm", "code"), "CODE", Record(NEED_NORM), "查看一条需求标准。")


@click.group()
def parameter() -> None:
    """参数:规则用到的数值及其来源。"""


PARAMETER: Columns = (
    ("参数", "key"),
    ("名称", "name"),
    ("数值", "value"),
    ("单位", "unit"),
    ("来源", "source_mark"),
    ("生效", "effective_from"),
)
add_list(parameter, norms.parameters, PARAMETER, "列出现行参数。")
add_show(
    parameter,
    among(norms.parameters, "parameter", "key"),
    "KEY",
    Record((*PARAMETER, ("备注", "note"))),
    "查看一个参数的现行值。",
)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (
        norm,
        parameter,
    ):
        group.add_command(each)
