"""Reading the journal."""

from __future__ import annotations

from datetime import datetime

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import Record, Section, show_record, viewing
from supplyops.cli.output import as_json, table
from supplyops.insight.journal import LIMIT_MAX, JournalFilter
from supplyops.insight.journal import journal as journal_query
from supplyops.kernel.access import Actor
from supplyops.kernel.clock import BEIJING
from supplyops.wording.errors import sentence


@click.group()
def journal() -> None:
    """操作日志:谁、何时、做了什么。"""


@journal.command("list")
@click.option("--user", "username", default="", metavar="USER", help="只看这个用户")
@click.option("--command", "command_name", default="", metavar="NAME", help="只看以此开头的操作,如 stock.")
@click.option("--subject", default="", metavar="NUMBER", help="只看涉及这个编号的操作")
@click.option("--outcome", type=click.Choice(("done", "refused")), help="只看已完成或被拒绝的")
@click.option("--since", type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M")), help="自何时起(北京时间)")
@click.option("--until", type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M")), help="到何时止(北京时间)")
@click.option("--before", type=click.IntRange(1), metavar="SEQ", help="只看此序号之前的,用于翻页")
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=50, show_default=True, help="最多几条")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def list_entries(
    app: App,
    actor: Actor,
    username: str,
    command_name: str,
    subject: str,
    outcome: str | None,
    since: datetime | None,
    until: datetime | None,
    before: int | None,
    limit: int,
    json_output: bool,
) -> None:
    """列出操作日志,新的在前。"""
    wanted = JournalFilter(
        username, command_name, subject, outcome or "", _beijing(since), _beijing(until), before, limit
    )
    rows = app.runtime.read(journal_query, actor, wanted)
    if json_output:
        as_json(rows)
        return
    table(
        ("序号", "时间", "姓名", "单位", "途径", "操作", "结果", "对象"),
        [
            (
                row.seq,
                row.recorded_at,
                row.actor_name,
                row.organisation_name,
                row.via,
                row.command,
                OUTCOMES.get(row.outcome, row.outcome),
                row.subject_number,
            )
            for row in rows
        ],
    )


OUTCOMES = {"done": "完成", "refused": "拒绝"}


@journal.command("show")
@click.argument("seq", type=click.IntRange(1))
@viewing
def show_entry(app: App, actor: Actor, json_output: bool, seq: int) -> None:
    """按序号查看一条操作日志的全部内容。"""
    rows = app.runtime.read(journal_query, actor, JournalFilter(before_seq=seq + 1, limit=1))
    if not rows or rows[0].seq != seq:
        raise Failure(sentence("not_found", {"noun": "journal_entry"}), 4)
    record = Record(
        (
            ("序号", "seq"),
            ("时间", "recorded_at"),
            ("姓名", "actor_name"),
            ("用户名", "username"),
            ("单位", "organisation_name"),
            ("角色", "roles"),
            ("途径", "via"),
            ("操作", "command"),
            ("结果", lambda row: OUTCOMES.get(row.outcome, row.outcome)),
            ("对象", "subject_number"),
            ("请求键", "request_key"),
        ),
        (Section("细节", lambda row: sorted(row.detail.items()), (("项目", _first), ("内容", _second))),),
    )
    show_record(rows[0], record, json_output=json_output)


def _first(pair: tuple[str, object]) -> str:
    return pair[0]


def _second(pair: tuple[str, object]) -> str:
    return str(pair[1])


def _beijing(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=BEIJING) if value else None


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(journal)
