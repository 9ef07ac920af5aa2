"""Two plans beside each other: line by line, and a plan made near an older one."""

from __future__ import annotations

import click

from supplyops.cli.app import App
from supplyops.cli.nouns import Columns, Record, Section, show_record, show_rows, viewing
from supplyops.cli.output import percent
from supplyops.kernel.access import Actor
from supplyops.planning import changes as changing
from supplyops.planning import queries
from supplyops.planning.changes import Calm, Gains

CHANGES = Record(
    (
        ("原方案", lambda row: row.before.number),
        ("新方案", lambda row: row.after.number),
        ("改动", lambda row: f"{row.changed}/{row.assignments} 项({percent(row.changed_permille)})"),
        ("其中不得不改", lambda row: _part(row.forced, row.forced_permille)),
        ("其中主动调整", lambda row: _part(row.chosen, row.chosen_permille)),
        ("调整换来", lambda row: _bought(row.gains)),
        ("已下达、继续执行", lambda row: "、".join(row.issued)),
        ("原方案仍可行的部分", lambda row: _calm(row.left)),
        ("本方案", lambda row: _calm(row.reached)),
        ("不计改动时可达到", lambda row: _calm(row.free)),
    ),
    (
        Section(
            "物资",
            lambda row: row.goods,
            (
                ("变化", "what"),
                ("不得不改", "is_forced"),
                ("需求", lambda row: f"{row.request_number} 第{row.request_line_no}行"),
                ("物资", "item_name"),
                ("从", "origin_site_name"),
                ("到", "delivery_site_name"),
                ("原数量", "quantity_before"),
                ("新数量", "quantity_after"),
                ("单位", "unit"),
                ("原车", "plate_before"),
                ("新车", "plate_after"),
                ("原到达", "arrives_before"),
                ("新到达", "arrives_after"),
            ),
        ),
        Section(
            "车辆到点",
            lambda row: row.visits,
            (
                ("变化", "what"),
                ("车辆", "plate"),
                ("接收点", "site_name"),
                ("原到达", "arrives_before"),
                ("新到达", "arrives_after"),
            ),
        ),
    ),
)


def _part(count: int | None, permille: int | None) -> str:
    return "" if count is None or permille is None else f"{count} 项({percent(permille)})"


def _bought(gains: Gains | None) -> str:
    """What the changes by choice buy, beside changing only what has to be."""
    if gains is None:
        return ""
    served = [f"{rank} 类按时满足 {change / 10:+.1f} 个百分点" for rank, change in gains.served_permille.items()]
    rest = [f"等待 {gains.waiting_person_h:+,} 人·小时", f"运费 {gains.cost_fen / 100:+,.2f} 元"]
    return ",".join([*served, *rest])


def _calm(row: Calm | None) -> str:
    if row is None:
        return ""
    served = "、".join(f"{rank}类 {percent(found)}" for rank, found in sorted(row.served_permille.items()))
    return f"{served};等待 {row.waiting_person_h} 人·小时;运费 {row.cost_fen / 100:.2f} 元"


@click.command("compare")
@click.argument("before", metavar="PLAN")
@click.argument("after", metavar="PLAN")
@viewing
def compare(app: App, actor: Actor, json_output: bool, before: str, after: str) -> None:
    """比较两个方案:逐行列出变化。"""
    found = app.runtime.read(queries.compare, actor, before, after)
    columns: Columns = (
        ("需求", "request_number"),
        ("物资", "item_name"),
        ("从", "origin_site_name"),
        ("到", "delivery_site_name"),
        ("原数量", "before"),
        ("新数量", "after"),
        ("单位", "unit"),
        ("原到达", "arrived_at"),
        ("新到达", "arrives_at"),
    )
    show_rows(found.changed, columns, json_output=json_output)


@click.command("changes")
@click.argument("number", metavar="PLAN")
@viewing
def changes(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """与底稿方案的变更对照:锁定、未变、改动、新增、取消,以及少变动的代价。"""
    found = app.runtime.read(changing.changes, actor, number)
    show_record(found, CHANGES, json_output=json_output)


def add_to(group: click.Group) -> None:
    """Add this module's commands to `plan`."""
    for command in (compare, changes):
        group.add_command(command)
