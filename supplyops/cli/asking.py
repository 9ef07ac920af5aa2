"""Asking the books on the command line: which moves make a number, what lay where at a moment, finding anything."""

from __future__ import annotations

from typing import Any

import click

from supplyops.cli.app import App
from supplyops.cli.nouns import Columns, Word, place_name, show_rows, viewing
from supplyops.cli.output import as_json
from supplyops.insight.search import SHOWN, SearchKind
from supplyops.insight.search import search as search_everything
from supplyops.kernel.access import Actor
from supplyops.stock import as_of_queries
from supplyops.stock.as_of_queries import AsOf
from supplyops.stock.statement_queries import statement
from supplyops.stock.views import StockFilter


def show_statement(app: App, actor: Actor, where: StockFilter, before: int | None, limit: int, as_text: bool) -> None:
    """A number, the sums of its moves, and the moves with the balance after each."""
    account = app.runtime.read(statement, actor, where, before, limit)
    if not as_text:
        as_json(
            {
                "on_hand": account.on_hand,
                "came": account.came,
                "went": account.went,
                "total": account.total,
                "moves": account.moves,
                "next_before": account.next_before,
                "is_mixed": account.is_mixed,
                "rows": list(account.rows),
            }
        )
        return
    balance = "多种物资,计量单位不同,不合计" if account.is_mixed else f"账面结存 {account.on_hand}"
    if account.total is None:
        click.echo(f"{balance};流水很多,未逐笔加总:按物资、批次或库位缩小范围后即可核对,整账用 verify 核对。")
    else:
        told = "相符" if account.total == account.on_hand else "不符"
        sums = "" if account.is_mixed else f",进 {account.came} 减出 {account.went} 等于 {account.total}"
        click.echo(f"{balance};流水 {account.moves} 笔{sums},{told}。")
    columns: Columns = (
        ("序号", lambda row: row.move.seq),
        ("发生时间", lambda row: row.move.occurred_at),
        ("记账时间", lambda row: row.move.recorded_at),
        ("事由", lambda row: row.move.reason),
        ("批次", lambda row: row.move.lot_number),
        ("来源", lambda row: place_name(row.move.source_name)),
        ("去向", lambda row: place_name(row.move.target_name)),
        ("增减", "change"),
        ("结存", "balance"),
        ("凭证", lambda row: row.move.document_number),
        ("经手", lambda row: row.move.actor_name),
    )
    show_rows(account.rows, columns, json_output=False)
    if account.next_before:
        click.echo(f"更早的:--before {account.next_before}")


def show_as_of(
    app: App, actor: Actor, where: StockFilter, as_of: AsOf, *, by_item: bool, limit: int, json_output: bool
) -> None:
    """What lay where at a moment."""
    if by_item:
        items = app.runtime.read(as_of_queries.item_stock_as_of, actor, where, as_of)
        columns: Columns = (
            ("编码", "sku"),
            ("物资", "name"),
            ("单位", "unit"),
            ("当时在库", "on_hand"),
            ("当时在途", "in_transit"),
            ("当时待检", "quarantined"),
            ("现在在库", "on_hand_now"),
        )
        show_rows(items, columns, json_output=json_output)
        return
    rows = app.runtime.read(as_of_queries.stock_rows_as_of, actor, where, as_of, 0, limit)
    columns = (
        ("编码", "sku"),
        ("物资", "item_name"),
        ("批次", "lot_number"),
        ("场所", "site_name"),
        ("库位", "location_code"),
        ("物权", "owner_name"),
        ("当时结存", "on_hand"),
        ("现在结存", "on_hand_now"),
        ("单位", "unit"),
    )
    show_rows(rows, columns, json_output=json_output)


@click.command("search")
@click.argument("text")
@click.option("--kind", type=Word(SearchKind), help="只看这一类")
@click.option("--limit", type=click.IntRange(1, 1000), default=SHOWN, show_default=True, help="每类最多几条")
@viewing
def search(app: App, actor: Actor, json_output: bool, text: str, kind: SearchKind | None, limit: int) -> None:
    """搜索物资、批次、资产、场所、库位、单据、队伍、人员:名称、编码、单号、拼音或首字母。"""
    hits: Any = app.runtime.read(search_everything, actor, text, limit)
    shown = [hit for hit in hits if kind is None or hit.kind is kind]
    show_rows(
        shown, (("类别", "kind"), ("名称", "title"), ("编号", "key"), ("说明", "detail")), json_output=json_output
    )


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(search)
