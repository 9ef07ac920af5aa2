"""Stock and lots: by tier, by item, lot by lot, with history and holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.asking import show_as_of, show_statement
from supplyops.cli.nouns import (
    ALL,
    BECAUSE,
    DAY_TYPE,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    done,
    place_name,
    show_record,
    show_rows,
    viewing,
)
from supplyops.cli.output import as_json
from supplyops.kernel.access import Actor
from supplyops.kernel.clock import business_day
from supplyops.kernel.money import figures
from supplyops.lots import commands as lots
from supplyops.lots import queries as lot_queries
from supplyops.lots.rules import LotHoldInput
from supplyops.people.rules import Level
from supplyops.stock import expiry_queries, queries
from supplyops.stock.as_of_queries import AsOf, StockClock
from supplyops.stock.rules import LotState, MoveReason
from supplyops.stock.views import MoveFilter, StockFilter
from supplyops.wording.labels import label


def _narrowing(function: Any) -> Any:
    """Options that narrow which stock is asked for."""
    for option in reversed(
        (
            click.option("--text", default="", metavar="TEXT", help="物资名称、编码、拼音或首字母"),
            click.option("--sku", default="", metavar="SKU", help="只看这种物资"),
            click.option("--owner-level", type=Word(Level), help="物权单位的层级"),
            click.option("--site-level", type=Word(Level), help="存放场所的层级"),
            click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所"),
            click.option("--owner", "owner_code", default="", metavar="CODE", help="只看这个物权单位"),
            click.option("--expires-by", type=DAY_TYPE, metavar="DAY", help="在这一天或之前到期"),
            click.option("--band", default="", metavar="BAND", help="到期分段:expired、30、90、180、later、none"),
            click.option("--state", "lot_state", type=Word(LotState), help="批次状态"),
            click.option("--include-empty", is_flag=True, help="包括已用完的批次"),
            click.option("--include-exercise", is_flag=True, help="包括演练物资"),
        )
    ):
        function = option(function)
    return function


@click.group()
def stock() -> None:
    """库存:按层级、物资、批次查看。"""


STOCK: Columns = (
    ("编码", "sku"),
    ("物资", "item_name"),
    ("批次", "lot_number"),
    ("场所", "site_name"),
    ("库位", "location_code"),
    ("物权", "owner_name"),
    ("有效期至", "expires_on"),
    ("在库", "on_hand"),
    ("预留", "reserved"),
    ("可用", "available"),
    ("单位", "unit"),
    ("状态", "lot_state"),
)


@stock.command("list")
@_narrowing
@click.option("--offset", type=click.IntRange(0), default=0, help="从第几行开始")
@click.option("--limit", type=click.IntRange(1, ALL), default=1000, show_default=True, help="最多几行")
@viewing
def list_stock(app: App, actor: Actor, json_output: bool, offset: int, limit: int, **narrowing: Any) -> None:
    """逐批次列出库存:哪里、谁的、多少、到期日。"""
    rows = app.runtime.read(queries.stock_rows, actor, StockFilter(**narrowing), offset, limit)
    show_rows(rows, STOCK, json_output=json_output)


@stock.command("items")
@_narrowing
@viewing
def items_of_stock(app: App, actor: Actor, json_output: bool, **narrowing: Any) -> None:
    """按物资汇总库存,分存放层级。"""
    rows = app.runtime.read(queries.item_stock, actor, StockFilter(**narrowing))
    levels = (Level.PREFECTURE, Level.CITY, Level.TOWNSHIP, Level.COMMUNITY, Level.OUTSIDE)
    columns = [
        ("编码", "sku"),
        ("物资", "name"),
        ("单位", "unit"),
        ("在库", "on_hand"),
        ("预留", "reserved"),
        ("可用", "available"),
        ("在途", "in_transit"),
        ("待检", "quarantined"),
        *((f"{label(level)}存放", _at(level)) for level in levels),
    ]
    show_rows(rows, columns, json_output=json_output)


def _at(level: Level) -> Any:
    return lambda row: row.by_place.get(level, 0)


@stock.command("tiers")
@_narrowing
@viewing
def tiers_of_stock(app: App, actor: Actor, json_output: bool, **narrowing: Any) -> None:
    """按层级汇总库存:各级各有几种物资、多少数量,分物权与存放。"""
    rows = app.runtime.read(queries.item_stock, actor, StockFilter(**narrowing))
    tiers = [
        {
            "level": level,
            "kinds_kept": sum(1 for row in rows if row.by_place.get(level)),
            "kinds_owned": sum(1 for row in rows if row.by_owner.get(level)),
        }
        for level in Level
    ]
    if json_output:
        as_json({"tiers": tiers, "items": [_split(row) for row in rows]})
        return
    show_rows(
        tiers,
        (("层级", _key("level")), ("存放物资种类", _key("kinds_kept")), ("所有物资种类", _key("kinds_owned"))),
        json_output=False,
    )


def _key(name: str) -> Any:
    return lambda row: row[name]


def _split(row: Any) -> dict[str, Any]:
    return {"sku": row.sku, "by_place": row.by_place, "by_owner": row.by_owner}


@click.group()
def lot() -> None:
    """批次:来历、存放、流水、预留。"""


@lot.command("list")
@_narrowing
@viewing
def list_lots(app: App, actor: Actor, json_output: bool, **narrowing: Any) -> None:
    """逐批次列出库存(同 stock list)。"""
    rows = app.runtime.read(queries.stock_rows, actor, StockFilter(**narrowing), 0, ALL)
    show_rows(rows, STOCK, json_output=json_output)


MOVES: Columns = (
    ("序号", "seq"),
    ("时间", "occurred_at"),
    ("原因", "reason"),
    ("从", lambda row: place_name(row.source_name)),
    ("到", lambda row: place_name(row.target_name)),
    ("数量", "quantity"),
    ("单据", "document_number"),
    ("经办", "actor_name"),
    ("备注", "note"),
)


@lot.command("show")
@click.argument("number")
@click.option("--limit", type=click.IntRange(1, ALL), default=200, show_default=True, help="最多几条流水")
@viewing
def show_lot(app: App, actor: Actor, json_output: bool, number: str, limit: int) -> None:
    """查看一个批次:来历、存放在哪里、流水、预留。"""
    row = app.runtime.read(queries.lot, actor, number)
    where = app.runtime.read(
        queries.stock_rows,
        actor,
        StockFilter(lot_number=row.number, include_empty=True, include_exercise=True),
        0,
        ALL,
    )
    moves = app.runtime.read(queries.history, actor, MoveFilter(lot_id=row.id, limit=limit))
    holds = app.runtime.read(queries.reservations, actor, lot_id=row.id)
    statuses = app.runtime.read(lot_queries.lot_statuses, actor, row.number)
    record = Record(
        (
            ("批次号", "number"),
            ("物资", lambda each: f"{each.sku} {each.item_name} {each.spec}".strip()),
            ("物权单位", "owner_name"),
            ("资金来源", "fund_source"),
            ("生产日期", "produced_on"),
            ("入库日期", "came_on"),
            ("有效期至", "expires_on"),
            ("剩余天数", lambda each: _days_left(app, each)),
            ("单价(元)", lambda each: figures(each.unit_price_fen)),
            ("生产厂家", "manufacturer"),
            ("厂家批号", "maker_batch"),
            ("使用限制", "restriction"),
            ("限用区划", "restricted_area"),
            ("演练物资", "is_exercise"),
            ("入账单据", "document_number"),
            ("状态", "state"),
            ("状态原因", "state_reason"),
        ),
        (
            Section(
                "状态记录(新的在前)",
                lambda _: statuses,
                (
                    ("时间", "recorded_at"),
                    ("状态", "state"),
                    ("原因", "reason"),
                    ("经办", "actor_name"),
                    ("单据", "document_number"),
                ),
            ),
            Section("存放", lambda _: where, STOCK[3:]),
            Section("流水(新的在前)", lambda _: moves, MOVES),
            Section(
                "预留",
                lambda _: holds,
                (
                    ("单据", "document_number"),
                    ("库位", "location_name"),
                    ("数量", "quantity"),
                    ("未用", "open_quantity"),
                    ("到期", "expires_at"),
                ),
            ),
        ),
    )
    show_record(
        row,
        record,
        json_output=json_output,
        more={"places": where, "moves": moves, "reservations": holds, "statuses": statuses},
    )


@lot.command("hold")
@click.argument("number")
@BECAUSE
@click.option("--damaged", is_flag=True, help="整批破损(不写为封存待查)")
@acting
def hold_lot(app: App, actor: Actor, number: str, because: str, damaged: bool) -> None:
    """封存一个批次:不再参加方案、拣货、装车,并告知占用它的单据。"""
    state = LotState.DAMAGED if damaged else LotState.HELD
    app.runtime.run(lots.hold_lot, actor, LotHoldInput(number, because, state))
    done(f"{number}:已{label(state)}。")


@lot.command("release")
@click.argument("number")
@click.option("--because", required=True, metavar="TEXT", help="解除原因,例如检验合格及报告号")
@acting
def release_lot(app: App, actor: Actor, number: str, because: str) -> None:
    """解除封存或破损:由物权单位批准人办理,不能是封存人自己。"""
    app.runtime.run(lots.release_lot, actor, number, because)
    done(f"{number}:已恢复可用。")


@stock.command("expiry")
@_narrowing
@viewing
def expiry_of_stock(app: App, actor: Actor, json_output: bool, **narrowing: Any) -> None:
    """按到期分段统计库存(分段见参数 expiry.band_days)。"""
    rows = app.runtime.read(expiry_queries.expiry_bands, actor, StockFilter(**narrowing))
    show_rows(
        rows,
        (("分段", "code"), ("从", "first"), ("至", "last"), ("行数", "rows")),
        json_output=json_output,
    )


def _days_left(app: App, row: Any) -> int | str:
    return "" if row.expires_on is None else (row.expires_on - business_day(app.runtime.clock())).days


@stock.command("holds")
@viewing
def list_holds(app: App, actor: Actor, json_output: bool) -> None:
    """列出所辖库存上的预留,先到期的在前。"""
    rows = app.runtime.read(queries.reservations, actor)
    show_rows(
        rows,
        (
            ("单据", "document_number"),
            ("物资", "item_name"),
            ("批次", "lot_number"),
            ("库位", "location_name"),
            ("未用", "open_quantity"),
            ("到期", "expires_at"),
        ),
        json_output=json_output,
    )


@stock.command("moves")
@click.option("--sku", default="", metavar="SKU", help="只看这种物资")
@click.option("--lot", "lot_number", default="", metavar="NUMBER", help="只看这个批次")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所的库位")
@click.option("--location", "location_code", default="", metavar="CODE", help="只看这个库位")
@click.option("--actor", "actor_name", default="", metavar="NAME", help="只看这个经手人")
@click.option("--document", "document_number", default="", metavar="NUMBER", help="只看这张凭证")
@click.option("--reason", type=Word(MoveReason), help="只看这种事由")
@click.option("--since", type=WHEN, help="从什么时间起")
@click.option("--until", type=WHEN, help="到什么时间止")
@click.option("--by-occurred", is_flag=True, help="时间按发生时间,默认按记账时间")
@click.option("--before", "before_seq", type=click.IntRange(1), metavar="SEQ", help="只看此序号之前的,用于翻页")
@click.option("--limit", type=click.IntRange(1, ALL), default=50, show_default=True, help="最多几条")
@viewing
def list_moves(app: App, actor: Actor, json_output: bool, actor_name: str, **narrowing: Any) -> None:
    """列出库存流水,新的在前;条件可以合用。"""
    rows = app.runtime.read(queries.history, actor, MoveFilter(actor=actor_name, **narrowing))
    show_rows(rows, (("批次", "lot_number"), ("物资", "item_name"), *MOVES), json_output=json_output)


@stock.command("statement")
@_narrowing
@click.option("--lot", "lot_number", default="", metavar="NUMBER", help="只看这个批次")
@click.option("--location", "location_code", default="", metavar="CODE", help="只看这个库位")
@click.option("--before", "before_seq", type=click.IntRange(1), metavar="SEQ", help="只看此序号之前的,用于翻页")
@click.option("--limit", type=click.IntRange(1, ALL), default=50, show_default=True, help="最多几条")
@viewing
def statement_of_stock(
    app: App, actor: Actor, json_output: bool, before_seq: int | None, limit: int, **narrowing: Any
) -> None:
    """一个结存由哪些流水构成:进、出、合计与账面核对,逐笔列出结存。"""
    show_statement(app, actor, StockFilter(**narrowing), before_seq, limit, not json_output)


@stock.command("as-of")
@click.argument("moment", type=WHEN)
@_narrowing
@click.option("--by", type=Word(StockClock), default=StockClock.RECORDED, help="按哪个时间,默认按记账时间")
@click.option("--items", "by_item", is_flag=True, help="按物资汇总")
@click.option("--limit", type=click.IntRange(1, ALL), default=1000, show_default=True, help="最多几行")
@viewing
def stock_as_of(
    app: App,
    actor: Actor,
    json_output: bool,
    moment: datetime,
    by: StockClock,
    by_item: bool,
    limit: int,
    **narrowing: Any,
) -> None:
    """某一时点的库存:MOMENT 是北京时间,例如 "2026-01-12 08:00"。"""
    show_as_of(
        app, actor, StockFilter(**narrowing), AsOf(moment, by), by_item=by_item, limit=limit, json_output=json_output
    )


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(stock)
    group.add_command(lot)
