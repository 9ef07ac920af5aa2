"""Loading an order (装车), and what of it is loaded: other lots, less of a line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from supplyops.cli.app import App, acting, bypass_option
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import BECAUSE, DAY_TYPE, INVALID, quantities, show_rows, viewing
from supplyops.cli.order_parts import act_on
from supplyops.dispatch import commands, queries, relining, standby_queries
from supplyops.dispatch.rules import FetchedGoods, LoadInput, ReliningInput, ShorteningInput
from supplyops.dispatch.views import ConsignmentRow
from supplyops.kernel.access import Actor


@click.command("load")
@click.argument("number")
@click.option("--loaded", multiple=True, metavar="行号=数量", help="实装数量,可多次;不写的行按应发数量")
@click.option("--seal", "seal_number", default="", metavar="NUMBER", help="封签号")
@click.option("--short-reason", default="", metavar="TEXT", help="少装的原因")
@click.option("--turn-reason", default="", metavar="TEXT", help="装了后到期批次的原因(先到期的还有可用量时必填)")
@click.option("--fund", "fund_source", default="", metavar="TEXT", help="到供方自提的:资金来源;不写按“采购”记")
@click.option(
    "--goods",
    multiple=True,
    metavar="行号:名=值,…",
    help="到供方自提的:货上写的,可多次,如 1:produced_on=2025-12-01,maker_batch=Y-12;"
    "名有 lot_number、produced_on、expires_on、manufacturer、maker_batch",
)
@bypass_option
@acting
def load(app: App, actor: Actor, number: str, loaded: tuple[str, ...], goods: tuple[str, ...], **more: str) -> None:
    """装车:物资出库上车,开具出库单;到供方自提的,从供方装车,登记批次。"""

    def act(row: ConsignmentRow) -> None:
        told = tuple(_goods(row, text) for text in goods)
        wanted = LoadInput(row.id, quantities(loaded, row.lines, "--loaded"), goods=told, **more)
        app.runtime.run(commands.load, actor, wanted)

    act_on(app, actor, number, act, "已装车")


_DAYS = ("produced_on", "expires_on")
_WORDS = ("lot_number", "manufacturer", "maker_batch")


def _goods(row: ConsignmentRow, text: str) -> FetchedGoods:
    """`1:produced_on=2025-12-01,maker_batch=Y-12` -> what is written on the goods of line 1."""
    line_no, _, words = text.partition(":")
    pairs = [word.partition("=")[::2] for word in words.split(",") if word.strip()]
    told: dict[str, Any] = {name.strip(): value.strip() for name, value in pairs}
    if not line_no.strip().isdecimal() or not set(told) <= {*_DAYS, *_WORDS}:
        raise Failure(f"--goods {text}:应写成 行号:名=值,名为 {'、'.join((*_WORDS, *_DAYS))}", INVALID)
    for name in set(_DAYS) & set(told):
        told[name] = DAY_TYPE.convert(told[name], None, None)
    return FetchedGoods(_line_id(row, int(line_no)), **told)


@click.command("reline")
@click.argument("number")
@click.option("--line", "line_no", type=click.IntRange(1), required=True, metavar="行号", help="哪一行")
@click.option("--lot", "lot_number", default="", metavar="NUMBER", help="改用的批次;不填为原批次重新占用")
@click.option("--location", "location_code", default="", metavar="CODE", help="库位")
@BECAUSE
@acting
def reline(
    app: App, actor: Actor, number: str, line_no: int, lot_number: str, location_code: str, because: str
) -> None:
    """装车前为一行明细重新占用库存,或改用其他批次(同物资、同物权、本库)。"""

    def act(row: ConsignmentRow) -> None:
        app.runtime.run(
            relining.reline, actor, ReliningInput(_line_id(row, line_no), because, lot_number, location_code)
        )

    act_on(app, actor, number, act, "已重新占用")


@click.command("shorten")
@click.argument("number")
@click.option("--line", "line_no", type=click.IntRange(1), required=True, metavar="行号", help="哪一行")
@click.option("--to", "quantity", type=click.IntRange(0), required=True, metavar="数量", help="减为多少")
@BECAUSE
@acting
def shorten(app: App, actor: Actor, number: str, line_no: int, quantity: int, because: str) -> None:
    """装车前减少一行明细的数量;减少的部分重新参加分配。"""

    def act(row: ConsignmentRow) -> None:
        app.runtime.run(relining.shorten, actor, ShorteningInput(_line_id(row, line_no), quantity, because))

    act_on(app, actor, number, act, f"第{line_no}行已减为 {quantity}")


def _line_id(row: ConsignmentRow, line_no: int) -> UUID:
    """Ends the command where the order has no such line."""
    for line in row.lines:
        if line.line_no == line_no:
            return line.id
    raise Failure(f"{row.number} 没有第 {line_no} 行", INVALID)


@click.command("standby")
@click.argument("number")
@viewing
def standby(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """列出装车前可以顶替的批次,先到期的在前。"""
    row = app.runtime.read(queries.consignment, actor, number)
    rows = app.runtime.read(standby_queries.standby_lots, actor, row.id)
    show_rows(
        rows,
        (
            ("行号", "line_no"),
            ("批次", "lot_number"),
            ("库位", "location_code"),
            ("有效期至", "expires_on"),
            ("可用", "available"),
        ),
        json_output=json_output,
    )


def add_to(group: click.Group) -> None:
    """Add this module's commands to `order`."""
    for command in (load, reline, shorten, standby):
        group.add_command(command)
