"""Numbered units: registering, handing out, taking back, keeping fit."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from supplyops.assets import commands, due_queries, lending, loan_queries, queries, upkeep
from supplyops.assets.papers import issue_card
from supplyops.assets.rules import (
    UNFIT,
    AssetCondition,
    AssetInput,
    AssetWorkInput,
    AssetWorkKind,
    HandBackInput,
    HandBackLine,
    HandOutInput,
    OutOfOrderInput,
)
from supplyops.assets.views import AssetFilter
from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import (
    ALL,
    DAY_TYPE,
    INVALID,
    Columns,
    Record,
    Section,
    Word,
    add_list,
    done,
    place_name,
    show_record,
    show_rows,
    viewing,
)
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures
from supplyops.stock.rules import AssetState


@click.group()
def asset() -> None:
    """资产:逐件编号的装备,登记、领用、归还、保养、检定。"""


ASSET: Columns = (
    ("资产编号", "number"),
    ("物资", "item_name"),
    ("序列号", "serial_number"),
    ("状态", "state"),
    ("场所", "site_name"),
    ("库位", lambda row: place_name(row.location_name)),
    ("领用人", lambda row: " ".join(part for part in (row.team_name or row.holder_name, row.received_by) if part)),
    ("应还", "due_on"),
    ("批次", "lot_number"),
)


@asset.command("list")
@click.option("--text", default="", metavar="TEXT", help="序列号、编号、物资名称、拼音首字母、领用人")
@click.option("--sku", default="", metavar="SKU", help="只看这种物资")
@click.option("--lot", "lot_number", default="", metavar="NUMBER", help="只看这个批次")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--team", "team_code", default="", metavar="CODE", help="只看这支队伍领用的")
@click.option("--state", type=Word(AssetState), help="只看这种状态")
@click.option("--include-gone", is_flag=True, help="包括已消耗、损失、报废的")
@viewing
def list_assets(app: App, actor: Actor, json_output: bool, **narrowing: Any) -> None:
    """列出所辖资产:在哪里、谁领用、何时应还。"""
    rows = app.runtime.read(queries.assets, actor, AssetFilter(**narrowing), 0, ALL)
    show_rows(rows, ASSET, json_output=json_output)


@asset.command("show")
@click.argument("number", metavar="NUMBER")
@viewing
def show_asset(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一件资产(资产编号或序列号):所在、领用、计划、工作记录、经过。"""
    read = app.runtime.read
    row = read(queries.asset, actor, number)
    due = read(queries.asset_upkeep, actor, row.number)
    works = read(queries.asset_works, actor, row.number)
    events = read(queries.asset_history, actor, row.number)
    record = Record(
        (
            *ASSET,
            ("物权单位", "owner_name"),
            ("出厂编号", "maker_number"),
            ("启用日期", "in_service_on"),
            ("保修期至", "warranty_until"),
            ("运行小时", "meter_hours"),
            ("故障", "defect"),
            ("处理期限", "follow_up_on"),
            ("备货", "picked_for"),
            ("备注", "note"),
        ),
        (
            Section(
                "计划",
                lambda _: due,
                (
                    ("类别", "kind"),
                    ("名称", "name"),
                    ("上次", "last_on"),
                    ("到期", "due_on"),
                    ("到期小时", "due_at_hours"),
                    ("逾期", "is_overdue"),
                ),
            ),
            Section(
                "工作记录",
                lambda _: works,
                (
                    ("日期", "done_on"),
                    ("类别", "kind"),
                    ("计划", "plan_name"),
                    ("单位", "done_by"),
                    ("合格", "is_passed"),
                    ("运行小时", "meter_hours"),
                    ("费用(元)", lambda each: figures(each.cost_fen)),
                    ("证书", "certificate"),
                ),
            ),
            Section(
                "经过",
                lambda _: events,
                (
                    ("时间", "happened_at"),
                    ("事项", "kind"),
                    ("所在", lambda row: place_name(row.location_name)),
                    ("单据", "document_number"),
                    ("经手人", "actor_name"),
                    ("说明", "note"),
                ),
            ),
        ),
    )
    show_record(row, record, json_output=json_output, more={"upkeep": due, "works": works, "history": events})


@asset.command("due")
@click.option("--overdue", "only_overdue", is_flag=True, help="只看已逾期的")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@viewing
def list_due(app: App, actor: Actor, json_output: bool, only_overdue: bool, site_code: str) -> None:
    """列出该办的事:待归还、保养、检定、检查到期、待维修;逾期的在前。"""
    rows = app.runtime.read(due_queries.assets_due, actor, only_overdue=only_overdue, site_code=site_code)
    columns = (
        ("事项", "kind"),
        ("物资", "item_name"),
        ("序列号", "serial_number"),
        ("内容", "what"),
        ("期限", "due_on"),
        ("到期小时", "due_at_hours"),
        ("已运行", "meter_hours"),
        ("逾期", "is_overdue"),
        ("场所", "site_name"),
    )
    show_rows(rows, columns, json_output=json_output)


@asset.command("unregistered")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@viewing
def list_unregistered(app: App, actor: Actor, json_output: bool, site_code: str) -> None:
    """列出还没有登记序列号的库存:逐件编号的物资,结存多于登记数的。"""
    columns = (
        ("编码", "sku"),
        ("物资", "item_name"),
        ("批次", "lot_number"),
        ("场所", "site_name"),
        ("库位", "location_code"),
        ("结存", "on_hand"),
        ("已登记", "registered"),
        ("待登记", "missing"),
    )
    rows = app.runtime.read(due_queries.unregistered, actor, site_code)
    show_rows(rows, columns, json_output=json_output)


@asset.command("register")
@click.argument("serials", metavar="SERIAL...", nargs=-1, required=True)
@click.option("--sku", required=True, metavar="SKU", help="物资编码")
@click.option("--lot", "lot_number", required=True, metavar="NUMBER", help="批次号")
@click.option("--location", "location_code", required=True, metavar="CODE", help="所在库位")
@click.option("--in-service-on", type=DAY_TYPE, metavar="DAY", help="启用日期")
@click.option("--warranty-until", type=DAY_TYPE, metavar="DAY", help="保修期至")
@acting
def register_assets(app: App, actor: Actor, serials: tuple[str, ...], **fields: Any) -> None:
    """给库位上某批次的物资逐件登记序列号;很多件时用 import assets。"""
    saved = app.runtime.run(
        commands.save_assets, actor, [AssetInput(serial_number=serial, **fields) for serial in serials]
    )
    done(f"已登记 {saved.added} 件,更正 {saved.changed} 件,未变 {saved.unchanged} 件。")


@asset.command("pick")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option("--for", "purpose", default="", metavar="TEXT", help="随什么单据走")
@click.option("--put-back", is_flag=True, help="取消备货")
@acting
def pick(app: App, actor: Actor, numbers: tuple[str, ...], purpose: str, put_back: bool) -> None:
    """备货:选定随下一张出库、移库、调拨单走的资产。"""
    if put_back:
        count = app.runtime.run(commands.put_back_assets, actor, list(numbers))
        done(f"已取消备货 {count} 件。")
    else:
        done(f"已备货 {app.runtime.run(commands.pick_assets, actor, list(numbers), purpose)} 件。")


@asset.command("hand-out")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option("--organisation", "organisation_code", required=True, metavar="CODE", help="领用单位代码")
@click.option("--team", "team_code", default="", metavar="CODE", help="领用队伍代码")
@click.option("--received-by", required=True, metavar="NAME", help="领用人")
@click.option("--phone", default="", metavar="TEXT", help="领用人电话")
@click.option("--purpose", required=True, metavar="TEXT", help="用途")
@click.option("--due-on", type=DAY_TYPE, required=True, metavar="DAY", help="应还日期")
@click.option("--condition", type=Word(AssetCondition), default=AssetCondition.GOOD, help="领用时状况,默认完好")
@click.option("--approved-by", default="", metavar="NAME", help="领用部门负责人")
@click.option("--despite", default="", metavar="TEXT", help="检定已到期仍需领用的原因")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def hand_out(app: App, actor: Actor, numbers: tuple[str, ...], **fields: Any) -> None:
    """领用:把同一场所的资产交给个人或队伍,开具领用单。"""
    loan_id = app.runtime.run(lending.hand_out, actor, HandOutInput(asset_numbers=numbers, **fields))
    done(f"已领用,领用单编号 {app.runtime.read(loan_queries.asset_loan_by_id, actor, loan_id).number}。")


@asset.command("hand-back")
@click.argument("loan_number", metavar="LOAN")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option("--returned-by", required=True, metavar="NAME", help="归还人")
@click.option("--condition", type=Word(AssetCondition), default=AssetCondition.GOOD, help="归还时状况,默认完好")
@click.option("--defects", default="", metavar="TEXT", help="损坏情况(损坏、丢失时必填)")
@click.option("--meter-hours", type=click.IntRange(0), help="运行小时(一次归还一件时填)")
@click.option("--location", "location_code", default="", metavar="CODE", help="放回的库位,默认原处")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def hand_back(
    app: App,
    actor: Actor,
    loan_number: str,
    numbers: tuple[str, ...],
    condition: AssetCondition,
    defects: str,
    meter_hours: int | None,
    **fields: Any,
) -> None:
    """归还:NUMBER 是归还的资产编号或序列号;状况不同的分几次办理。"""
    if meter_hours is not None and len(numbers) > 1:
        raise Failure("--meter-hours 只能在归还一件时填写。", INVALID)
    lines = tuple(HandBackLine(number, condition, defects, meter_hours) for number in numbers)
    app.runtime.run(lending.take_back, actor, HandBackInput(loan_number=loan_number, lines=lines, **fields))
    row = app.runtime.read(loan_queries.asset_loan, actor, loan_number)
    said = "已停用待修," if condition in UNFIT else ""
    done(f"{row.number}:已归还 {len(lines)} 件,{said}还有 {row.out} 件未还。")


@asset.command("loans")
@click.option("--open", "only_open", is_flag=True, help="只看未还清的")
@click.option("--overdue", "only_overdue", is_flag=True, help="只看逾期未还的")
@viewing
def list_loans(app: App, actor: Actor, json_output: bool, only_open: bool, only_overdue: bool) -> None:
    """列出领用单。"""
    rows = app.runtime.read(loan_queries.asset_loans, actor, only_open=only_open, only_overdue=only_overdue, limit=ALL)
    columns = (
        ("领用单", "number"),
        ("领用单位", "holder_name"),
        ("队伍", "team_name"),
        ("领用人", "received_by"),
        ("用途", "purpose"),
        ("领用时间", "handed_out_at"),
        ("应还", "due_on"),
        ("未还", "out"),
        ("逾期", "is_overdue"),
    )
    show_rows(rows, columns, json_output=json_output)


@asset.command("work")
@click.argument("asset_number", metavar="NUMBER")
@click.argument("kind", type=Word(AssetWorkKind))
@click.option("--done-on", type=DAY_TYPE, required=True, metavar="DAY", help="完成日期")
@click.option("--done-by", required=True, metavar="TEXT", help="承办单位或人")
@click.option("--plan", "plan_name", default="", metavar="TEXT", help="哪一项计划(只有一项时可不填)")
@click.option("--passed/--failed", "is_passed", default=True, help="合格或不合格")
@click.option("--defect", default="", metavar="TEXT", help="问题(不合格时必填)")
@click.option("--meter-hours", type=click.IntRange(0), help="运行小时")
@click.option("--cost-fen", type=click.IntRange(0), default=0, help="费用(分)")
@click.option("--certificate", default="", metavar="TEXT", help="证书号")
@click.option("--valid-until", type=DAY_TYPE, metavar="DAY", help="证书有效期至")
@click.option("--back-in-service", is_flag=True, help="停用的恢复使用")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def record_work(app: App, actor: Actor, **fields: Any) -> None:
    """登记保养、检定、检查、维修。"""
    app.runtime.run(upkeep.record_work, actor, AssetWorkInput(**fields))
    done("已登记。")


@asset.command("out-of-order")
@click.argument("asset_number", metavar="NUMBER")
@click.option("--defect", required=True, metavar="TEXT", help="故障")
@click.option("--follow-up-on", type=DAY_TYPE, metavar="DAY", help="处理期限")
@acting
def out_of_order(app: App, actor: Actor, asset_number: str, defect: str, follow_up_on: date | None) -> None:
    """停用:修好之前不再发放。"""
    app.runtime.run(upkeep.put_out_of_order, actor, OutOfOrderInput(asset_number, defect, follow_up_on))
    done("已停用。")


@asset.command("restore")
@click.argument("asset_number", metavar="NUMBER")
@click.option("--because", required=True, metavar="TEXT", help="怎样修好的")
@acting
def restore(app: App, actor: Actor, asset_number: str, because: str) -> None:
    """恢复使用。"""
    app.runtime.run(upkeep.put_back_in_service, actor, asset_number, because)
    done("已恢复使用。")


@asset.command("card")
@click.argument("asset_number", metavar="NUMBER")
@acting
def card(app: App, actor: Actor, asset_number: str) -> None:
    """签发资产卡(带二维码标签);用 paper print 打印。"""
    app.runtime.run(issue_card, actor, asset_number)
    row = app.runtime.read(queries.asset, actor, asset_number)
    done(f"资产卡 {row.number} 已签发,打印:supplyops paper print {row.number}")


add_list(
    asset,
    queries.asset_plans,
    (
        ("编码", "sku"),
        ("物资", "item_name"),
        ("类别", "kind"),
        ("名称", "name"),
        ("每几个月", "every_months"),
        ("每几小时", "every_hours"),
        ("做法", "instructions"),
        ("来源", "source_mark"),
    ),
    "列出维护计划;用 import asset-plans 修改。",
    click.option("--sku", default="", metavar="SKU", help="只看这种物资"),
    name="plans",
)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(asset)
