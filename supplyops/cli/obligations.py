"""What is owed back for goods taken."""

from __future__ import annotations

from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.money import yuan_option
from supplyops.cli.nouns import Columns, Record, Section, Word, add_list, add_show, by, done
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures
from supplyops.obligations import commands, queries
from supplyops.obligations.queries import ObligationFilter
from supplyops.obligations.rules import AgeBand, SettlementInput, SettlementKind


@click.group()
def obligation() -> None:
    """归还义务:调剂、上级调用后欠谁、欠什么、何时结清。"""


OBLIGATION: Columns = (
    ("编号", "number"),
    ("债权单位", "creditor_name"),
    ("欠物单位", "debtor_name"),
    ("依据", "basis_number"),
    ("期限", "due_on"),
    ("账龄(天)", "age_days"),
    ("逾期", "band"),
    ("状态", "standing"),
    ("尚欠(元)", lambda row: figures(row.outstanding_fen)),
)


def _filter(_app: App, _actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    return {"where": ObligationFilter(**{name: value for name, value in options.items() if value is not None})}


add_list(
    obligation,
    queries.obligations,
    OBLIGATION,
    "列出归还义务,先到期的在前。",
    click.option("--open", "only_open", is_flag=True, help="只看未结清的"),
    click.option("--overdue", "only_overdue", is_flag=True, help="只看逾期的"),
    click.option("--creditor", "creditor_code", metavar="CODE", help="债权单位代码"),
    click.option("--debtor", "debtor_code", metavar="CODE", help="欠物单位代码"),
    click.option("--band", type=Word(AgeBand), help="只看这个账龄段"),
    click.option("--text", metavar="TEXT", help="编号、单位的一部分"),
    arguments=_filter,
)
add_list(
    obligation,
    queries.ageing,
    (
        ("债权单位", "creditor_name"),
        ("欠物单位", "debtor_name"),
        ("笔数", "count"),
        ("未到期(元)", lambda row: figures(row.not_due_fen)),
        ("30天内", lambda row: figures(row.to_30_fen)),
        ("31至90天", lambda row: figures(row.to_90_fen)),
        ("90天以上", lambda row: figures(row.over_90_fen)),
        ("合计(元)", lambda row: figures(row.total_fen)),
    ),
    "账龄:谁欠谁多少,逾期多久。",
    name="ageing",
)
add_show(
    obligation,
    by(queries.obligation),
    "NUMBER",
    Record(
        (*OBLIGATION, ("说明", "note")),
        (
            Section(
                "明细",
                lambda row: row.lines,
                (
                    ("行号", "line_no"),
                    ("编码", "sku"),
                    ("物资", "item_name"),
                    ("所欠", "quantity"),
                    ("已结清", "settled"),
                    ("尚欠", "outstanding"),
                    ("单位", "unit"),
                ),
            ),
            Section(
                "结清记录",
                lambda row: row.settlements,
                (
                    ("编码", "sku"),
                    ("方式", "kind"),
                    ("数量", "quantity"),
                    ("金额(元)", lambda row: figures(row.amount_fen)),
                    ("单据", "document_number"),
                    ("凭证", "voucher"),
                    ("有效", "counts"),
                    ("登记人", "recorded_by_name"),
                ),
            ),
        ),
    ),
    "查看一笔归还义务。",
)


@obligation.command("settle")
@click.argument("number")
@click.argument("sku")
@click.argument("quantity", type=click.IntRange(1))
@click.option("--receipt", "receipt_number", default="", metavar="NUMBER", help="归还实物:债权单位的入库单号")
@yuan_option("--amount", "amount_fen", "补偿资金:金额", default=None)
@click.option("--voucher", default="", metavar="TEXT", help="补偿资金:凭证号")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def settle(app: App, actor: Actor, number: str, sku: str, quantity: int, amount_fen: int | None, **fields: Any) -> None:
    """登记结清:由债权单位凭入库单或付款凭证登记;可分几次。"""
    by_money = amount_fen is not None or fields["voucher"]
    kind = SettlementKind.MONEY if by_money else SettlementKind.IN_KIND
    settlement = SettlementInput(number, sku, quantity, kind, amount_fen=amount_fen or 0, **fields)
    app.runtime.run(commands.settle, actor, settlement)
    row = app.runtime.read(queries.obligation, actor, number)
    done(f"{number}:已登记,尚欠 {sum(line.outstanding for line in row.lines)}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(obligation)
