"""Counts: what is due, starting, entering, explaining, deciding."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.effects import tell_effect
from supplyops.cli.failure import Failure
from supplyops.cli.money import yuan_option
from supplyops.cli.nouns import (
    ALL,
    BECAUSE,
    DAY_TYPE,
    INVALID,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    done,
    show_record,
    show_rows,
    value_of,
    viewing,
)
from supplyops.cli.output import as_json
from supplyops.counts import commands, deciding, due_queries, late, queries
from supplyops.counts.queries import CountDetail, CountFilter
from supplyops.counts.rules import (
    CountInput,
    CountKind,
    CountReason,
    CountState,
    EntriesInput,
    EntryInput,
    ExplanationInput,
    ExplanationsInput,
    FoundInput,
    GoodsQuality,
    ValueClass,
)
from supplyops.kernel.access import Actor
from supplyops.wording.labels import label


@click.group()
def count() -> None:
    """盘点:到期提示、开始、填报、复盘、差异审批。"""


COUNT: Columns = (
    ("编号", "number"),
    ("类型", "kind"),
    ("状态", "state"),
    ("场所", "site_name"),
    ("盲盘", "is_blind"),
    ("冻结", "is_frozen"),
    ("基准时间", "base_at"),
    ("盘点人", "counter_name"),
    ("监盘人", "witness_name"),
    ("行数", "lines"),
    ("未填", "left"),
    ("有差异", "differing"),
)


@count.command("list")
@click.option("--kind", type=Word(CountKind), help="只看这种盘点")
@click.option("--state", type=Word(CountState), help="只看这种状态")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--open", "only_open", is_flag=True, help="只看未结束的")
@viewing
def list_counts(app: App, actor: Actor, json_output: bool, **narrowing: Any) -> None:
    """列出盘点单,新的在前。"""
    rows = app.runtime.read(queries.counts, actor, CountFilter(**narrowing), 0, ALL)
    show_rows(rows, COUNT, json_output=json_output)


@count.command("due")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--by", type=DAY_TYPE, metavar="DAY", help="到这一天为止到期的;不写即今天")
@viewing
def list_due(app: App, actor: Actor, json_output: bool, site_code: str, by: date | None) -> None:
    """该盘点了:食品药品每月,全库每季度,年终;间隔是参数。"""
    rows = app.runtime.read(due_queries.due_counts, actor, site_code, by)
    show_rows(
        rows,
        (
            ("场所", "site_name"),
            ("代码", "site_code"),
            ("类型", "kind"),
            ("到期", "due_on"),
            ("已超期", "is_overdue"),
            ("上次", "last_on"),
            ("批次数", "lots"),
            ("物资", lambda row: "、".join(row.item_names) or "全部"),
        ),
        json_output=json_output,
    )


LINES: Columns = (
    ("行", "line_no"),
    ("库位", "location_code"),
    ("物资", "item_name"),
    ("批次", lambda row: row.lot_number or "账外"),
    ("单位", "unit"),
    ("实盘", "counted"),
    ("复盘", "recounted"),
    ("需复盘", "needs_recount"),
    ("质量", "quality"),
)
BOOKS: Columns = (
    ("基准账面", "base_quantity"),
    ("期间变动", "moved"),
    ("账面", "book"),
    ("盈亏", "difference"),
    ("原因", "reason"),
)
SHOWN: Columns = (
    *COUNT,
    ("差异(‰)", "share_permille"),
    ("监盘确认", "witnessed_at"),
    ("提交时间", "submitted_at"),
    ("审批人", "decided_by_name"),
    ("审批时间", "decided_at"),
    ("意见", "decision_note"),
    ("说明", "note"),
)


@count.command("show")
@click.argument("number")
@viewing
def show(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一次盘点:库位、逐行、被影响的单据、紧急放行。盲盘在提交前不显示账面数。"""
    found = app.runtime.read(queries.count, actor, number)
    record = Record(
        tuple((title, _of_row(getter)) for title, getter in SHOWN),
        (
            Section("库位", lambda each: each.places, (("代码", "code"), ("名称", "name"), ("行数", "lines"), ("未填", "left"))),
            Section("明细", lambda each: each.lines, LINES if found.row.hides_books else (*LINES, *BOOKS)),
            Section("被削减的预留", lambda each: each.hits, (("行", "line_no"), ("单据", "document_number"), ("减少", "quantity"))),
            Section(
                "紧急放行",
                lambda each: each.bypasses,
                (("单据", "posting_number"), ("原因", "because"), ("放行人", "bypassed_by_name"), ("时间", "bypassed_at")),
            ),
        ),
    )  # fmt: skip
    show_record(found, record, json_output=json_output)


def _of_row(getter: Any) -> Any:
    return lambda each: value_of(each.row, getter)


@count.command("start")
@click.option("--kind", type=Word(CountKind), default=CountKind.CYCLE, help="盘点类型,默认日常")
@click.option("--site", "site_code", required=True, metavar="CODE", help="场所代码")
@click.option("--counter", default="", metavar="USER", help="盘点人登录名;不写即本人")
@click.option("--witness", default="", metavar="USER", help="监盘人登录名")
@click.option("--witness-name", default="", metavar="NAME", help="监盘人姓名(没有账号的)")
@click.option("--blind/--open-books", "is_blind", default=True, help="盲盘(默认)或明盘")
@click.option("--freeze", "is_frozen", is_flag=True, help="盘点期间冻结库位")
@click.option("--base-at", type=WHEN, help="基准时间;不写即现在")
@click.option("--zone", "zones", multiple=True, metavar="ZONE", help="只盘这些分区")
@click.option("--shelf", "shelves", multiple=True, metavar="SHELF", help="只盘这些货架")
@click.option("--location", "location_codes", multiple=True, metavar="CODE", help="只盘这些库位")
@click.option("--sku", "skus", multiple=True, metavar="SKU", help="只盘这些物资")
@click.option("--value-class", "value_classes", multiple=True, type=Word(ValueClass), help="只盘这类金额的物资")
@click.option("--note", default="", metavar="TEXT", help="说明")
@acting
def start(app: App, actor: Actor, **fields: Any) -> None:
    """开始一次盘点,开具盘点表(盲盘表不列账面数)。"""
    made = app.runtime.run(commands.start, actor, CountInput(**fields))
    row = app.runtime.read(queries.count_by_id, actor, made).row
    done(f"已开始,盘点单 {row.number},共 {row.lines} 行。打印空表:supplyops paper print {row.number}")


@count.command("enter")
@click.argument("number")
@click.argument("figures", nargs=-1, required=True, metavar="行号=数量...")
@click.option("--quality", type=Word(GoodsQuality), default=GoodsQuality.GOOD, help="质量状况,默认完好")
@click.option("--note", default="", metavar="TEXT", help="备注")
@click.option("--counted-at", type=WHEN, help="清点时间;不写即现在")
@acting
def enter(
    app: App,
    actor: Actor,
    number: str,
    figures: tuple[str, ...],
    quality: GoodsQuality,
    note: str,
    counted_at: datetime | None,
) -> None:
    """填写实盘数,例如 count enter PD-... 1=120 2=36;复盘时由另一人填写。"""
    found = app.runtime.read(queries.count, actor, number)
    entries = tuple(EntryInput(line, quantity, quality, note, counted_at) for line, quantity in map(_figure, figures))
    left = app.runtime.run(commands.enter, actor, found.row.id, EntriesInput(entries))
    done(f"已填写 {len(entries)} 行,还有 {left} 行。")


def _figure(text: str) -> tuple[int, int]:
    line, sign, quantity = text.partition("=")
    if not sign or not line.isdecimal() or not quantity.isdecimal():
        raise Failure(f"“{text}”应写成 行号=数量,例如 1=120", INVALID)
    return int(line), int(quantity)


@count.command("found")
@click.argument("number")
@click.option("--location", "location_code", required=True, metavar="CODE", help="在哪个库位发现")
@click.option("--sku", required=True, metavar="SKU", help="物资编码")
@click.option("--quantity", type=click.IntRange(1), required=True, help="数量")
@click.option("--lot", "lot_number", default="", metavar="NUMBER", help="看得出批次的,写批次号")
@click.option("--owner", "owner_code", default="", metavar="CODE", help="物权单位;不写即保管单位")
@click.option("--produced-on", type=DAY_TYPE, help="生产日期")
@click.option("--expires-on", type=DAY_TYPE, help="有效期至")
@yuan_option("--price", "unit_price_fen", "单价")
@click.option("--manufacturer", default="", metavar="TEXT", help="厂家")
@click.option("--maker-batch", default="", metavar="TEXT", help="厂家批号")
@click.option("--quality", type=Word(GoodsQuality), default=GoodsQuality.GOOD, help="质量状况,默认完好")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def found(app: App, actor: Actor, number: str, **fields: Any) -> None:
    """登记盘点表上没有的物资;没有批次的,过账时立为新批次。"""
    row = app.runtime.read(queries.count, actor, number).row
    line = app.runtime.run(commands.add_found, actor, row.id, FoundInput(**fields))
    done(f"已登记为第 {line} 行。")


@count.command("witness")
@click.argument("number")
@acting
def witness(app: App, actor: Actor, number: str) -> None:
    """监盘人确认在场。"""
    app.runtime.run(commands.witness, actor, _id(app, actor, number))
    done(f"{number}:监盘人已确认。")


@count.command("submit")
@click.argument("number")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def submit(app: App, actor: Actor, number: str, json_output: bool) -> None:
    """与账面比对:超出允许差异的转复盘,有差异的转审批,没有差异的即结束。"""
    state = app.runtime.run(commands.submit, actor, _id(app, actor, number))
    row = app.runtime.read(queries.count, actor, number).row
    if json_output:
        as_json({"state": state, "left": row.left, "differing": row.differing, "share_permille": row.share_permille})
        return
    told = {
        CountState.RECOUNTING: f"有 {row.left} 行超出允许差异,请另一人复盘。",
        CountState.SUBMITTED: f"有 {row.differing} 行差异,请说明原因后报审批。",
        CountState.POSTED: "账实相符,盘点结束。",
    }
    done(f"{number}:{label(state)}。{told[state]}")


@count.command("explain")
@click.argument("number")
@click.argument("line_no", type=click.IntRange(1), metavar="LINE")
@click.option("--reason", type=Word(CountReason), required=True, help="原因")
@click.option("--note", default="", metavar="TEXT", help="说明(“其他”必填)")
@acting
def explain(app: App, actor: Actor, number: str, line_no: int, reason: CountReason, note: str) -> None:
    """说明一行差异的原因。"""
    lines = ExplanationsInput((ExplanationInput(line_no, reason, note),))
    left = app.runtime.run(deciding.explain, actor, _id(app, actor, number), lines)
    done(f"第 {line_no} 行:{label(reason)}。还有 {left} 行待说明。")


@count.command("approve")
@click.argument("number")
@click.option("--note", default="", metavar="TEXT", help="审批意见")
@click.option("--cut-holds", is_flag=True, help="同意削减盘亏后不足的预留")
@click.option("--try", "only_try", is_flag=True, help="只试算影响,不过账")
@acting
def approve(app: App, actor: Actor, number: str, note: str, cut_holds: bool, only_try: bool) -> None:
    """批准差异并过账;1% 以内科长一级,超过的局长一级(比例是参数)。"""
    if only_try:
        tell_effect(app.runtime.rehearse(late.try_approve, actor, _id(app, actor, number), note, cut_holds))
        return
    app.runtime.run(deciding.approve, actor, _id(app, actor, number), note, cut_holds)
    done(f"{number}:已批准,差异已过账。")


@count.command("send-back")
@click.argument("number")
@BECAUSE
@acting
def send_back(app: App, actor: Actor, number: str, because: str) -> None:
    """退回复盘:有差异的行由另一人重新清点。"""
    app.runtime.run(deciding.send_back, actor, _id(app, actor, number), because)
    done(f"{number}:已退回复盘。")


@count.command("cancel")
@click.argument("number")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """取消盘点,解除冻结,不过账。"""
    app.runtime.run(commands.cancel, actor, _id(app, actor, number), because)
    done(f"{number}:已取消。")


def _id(app: App, actor: Actor, number: str) -> Any:
    found: CountDetail = app.runtime.read(queries.count, actor, number)
    return found.row.id


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(count)
