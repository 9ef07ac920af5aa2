"""Background work."""

from __future__ import annotations

import json
from typing import Any

import click

from supplyops.cli.app import App, acting, parse_id
from supplyops.cli.nouns import Columns, Record, add_list, add_show, done
from supplyops.jobs import commands, queries
from supplyops.kernel.access import Actor
from supplyops.wording.errors import sentence
from supplyops.wording.labels import label


@click.group()
def job() -> None:
    """后台任务:求解、打印等。"""


def _because(row: Any) -> str:
    return sentence(row.error["code"], row.error.get("params", {})) if row.error.get("code") else ""


JOB: Columns = (
    ("编号", "id"),
    ("种类", "kind"),
    ("状态", "state"),
    ("提交时间", "created_at"),
    ("开始时间", "started_at"),
    ("结束时间", "finished_at"),
)
add_list(
    job,
    queries.jobs,
    JOB,
    "列出后台任务,新的在前。",
    click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="最多几个"),
)
add_show(
    job,
    lambda app, actor, reference: app.runtime.read(queries.job, actor, parse_id(reference)),
    "ID",
    Record(
        (
            *JOB,
            ("第几次", "attempt"),
            ("进度", lambda row: json.dumps(row.progress, ensure_ascii=False) if row.progress else ""),
            ("结果", lambda row: json.dumps(row.result, ensure_ascii=False) if row.result else ""),
            ("失败原因", _because),
            ("要求停止", "cancel_requested_at"),
        )
    ),
    "查看一个任务。",
)


@job.command("cancel")
@click.argument("job_id", metavar="ID")
@acting
def cancel(app: App, actor: Actor, job_id: str) -> None:
    """要求停止一个任务;尚未开始的立即取消。"""
    state = app.runtime.run(commands.cancel, actor, parse_id(job_id))
    done("已要求停止,任务将尽快结束。" if state.value == "running" else f"任务状态:{label(state)}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(job)
