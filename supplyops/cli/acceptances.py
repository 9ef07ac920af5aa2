"""Acceptances: who signed for a receipt, and the report of its result."""

from __future__ import annotations

from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import ALL, Columns, Record, Word, add_list, add_show, by, done
from supplyops.kernel.access import Actor
from supplyops.stock import acceptance, acceptance_queries
from supplyops.stock.acceptance_queries import AcceptanceFilter
from supplyops.stock.documents import AcceptanceReport, AcceptanceState

ACCEPTANCE: Columns = (
    ("入库单", "number"),
    ("状态", "state"),
    ("逾期", "is_overdue"),
    ("场所", "site_name"),
    ("来源", "source"),
    ("库管员", "keeper_name"),
    ("验收时间", "accepted_at"),
    ("质检", "inspector_name"),
    ("质检时间", "inspected_at"),
    ("报告期限", "report_due_on"),
)


@click.group("acceptance")
def acceptances() -> None:
    """验收:入库单的质检、库管两人签字,验收结果的报告和期限。"""


add_list(
    acceptances,
    acceptance_queries.acceptances,
    ACCEPTANCE,
    "列出验收记录,未报告的在前,先到期的在前。",
    click.option("--state", type=Word(AcceptanceState), help="只看这种状态"),
    click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所的"),
    click.option("--text", default="", metavar="TEXT", help="单号或来源的一部分"),
    click.option("--overdue", "only_overdue", is_flag=True, help="只看逾期未报的"),
    arguments=lambda _app, _actor, given: {"where": AcceptanceFilter(**given), "limit": ALL},
)

add_show(
    acceptances,
    by(acceptance_queries.acceptance),
    "NUMBER",
    Record(
        (
            *ACCEPTANCE,
            ("报告时间", "reported_at"),
            ("报告人", "reported_by_name"),
            ("报告单位", "reported_to"),
            ("报告文号", "report_number"),
            ("备注", "note"),
        )
    ),
    "查看一张入库单的验收记录。",
)


@acceptances.command("sign")
@click.argument("number")
@acting
def sign(app: App, actor: Actor, number: str) -> None:
    """以质检人身份签字;办理入库的库管员不能再签。"""
    row = app.runtime.read(acceptance_queries.acceptance, actor, number)
    app.runtime.run(acceptance.sign_inspection, actor, row.id)
    done(f"{row.number}:质检已签字,入库单已更新。")


@acceptances.command("report")
@click.argument("number")
@click.option("--to", "reported_to", required=True, metavar="TEXT", help="报告给哪个单位")
@click.option("--report-number", default="", metavar="TEXT", help="报告文号")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def report(app: App, actor: Actor, number: str, **fields: Any) -> None:
    """登记验收结果已报告;两人签字后才能报告。"""
    row = app.runtime.read(acceptance_queries.acceptance, actor, number)
    app.runtime.run(acceptance.report_acceptance, actor, row.id, AcceptanceReport(**fields))
    done(f"{row.number}:验收结果已报告。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(acceptances)
