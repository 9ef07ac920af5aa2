"""Notices: what a body was told and has not taken note of yet."""

from __future__ import annotations

from uuid import UUID

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import ALL, done, show_rows, viewing
from supplyops.kernel.access import Actor
from supplyops.notices import commands, queries
from supplyops.notices.queries import NoticeFilter
from supplyops.wording.notices import NOTICES, notice_sentence


@click.group()
def notice() -> None:
    """提醒:占用被接管、批次停用等,确认后不再显示。"""


@notice.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已确认的")
@click.option("--below", is_flag=True, help="包括发给下级单位的")
@viewing
def list_notices(app: App, actor: Actor, json_output: bool, everything: bool, below: bool) -> None:
    """列出提醒,新的在前。"""
    rows = app.runtime.read(queries.notices, actor, NoticeFilter(not everything, not below), 0, ALL)
    show_rows(
        rows,
        (
            ("编号", "id"),
            ("时间", "created_at"),
            ("单位", "organisation_name"),
            ("事项", "kind"),
            ("内容", lambda row: notice_sentence(NOTICES[row.kind], row.params)),
            ("确认", "acknowledged_at"),
        ),
        json_output=json_output,
    )


@notice.command("acknowledge")
@click.argument("notice_id", metavar="ID", type=click.UUID)
@acting
def acknowledge(app: App, actor: Actor, notice_id: UUID) -> None:
    """确认一条提醒:表示本单位已知道。"""
    app.runtime.run(commands.acknowledge, actor, notice_id)
    done("已确认。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(notice)
