"""Reserves: how full they are, how long they last, what to buy in a year."""

from __future__ import annotations

from typing import Any

import click

from supplyops.catalogue.rules import GbMajor
from supplyops.cli import reserve_advice
from supplyops.cli.app import App, acting
from supplyops.cli.money import yuan_option
from supplyops.cli.nouns import (
    Columns,
    Record,
    Section,
    Word,
    add_show,
    by,
    done,
    show_record,
    show_rows,
    viewing,
)
from supplyops.cli.output import as_json, percent
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures
from supplyops.norms.rules import Season
from supplyops.people.rules import Level
from supplyops.reserves import commands, plan_queries, queries
from supplyops.reserves.cover import CoverInput, cover
from supplyops.reserves.plan_rules import (
    PurchasePlanDecision,
    PurchasePlanEdit,
    PurchasePlanInput,
    PurchasePlanLineInput,
)
from supplyops.reserves.rules import Adequacy, Grouping
from supplyops.reserves.views import AdequacyFilter
from supplyops.wording.labels import LABELS


def _m3(cm3: int) -> str:
    return f"{cm3 / 1_000_000:,.2f}"


@click.group()
def reserve() -> None:
    """储备:充足性、保障时长、年度采购计划。"""


ADEQUACY: Columns = (
    ("层级", "level"),
    ("地方", "place_name"),
    ("编码", "sku"),
    ("物资", "item_name"),
    ("单位", "unit"),
    ("目标", "target"),
    ("可用", "usable"),
    ("其中代储", "delegated"),
    ("合同", "contract"),
    ("社会", "social"),
    ("满足率", lambda row: percent(row.coverage_permille)),
    ("状态", "colour"),
    ("缺口", "gap"),
    ("缺口金额(元)", lambda row: figures(row.gap_cost_fen)),
    ("缺口体积(m³)", lambda row: _m3(row.gap_volume_cm3)),
    ("托盘位", "gap_pallets"),
    ("测算方法", "method"),
    ("来源", lambda row: " ".join(row.source_marks)),
)
GROUP: Columns = (
    ("分组", "name"),
    ("满足率", lambda row: percent(row.coverage_permille)),
    ("状态", "colour"),
    ("达标", "green"),
    ("基本达标", "amber"),
    ("不足", "red"),
    ("无目标", "grey"),
    ("缺口金额(元)", lambda row: figures(row.gap_cost_fen)),
    ("缺口体积(m³)", lambda row: _m3(row.gap_volume_cm3)),
    ("托盘位", "gap_pallets"),
)


_season = click.option("--season", type=Word(Season), help="按哪个季节的目标;不填为当天所在季节")


def _narrowing(function: Any) -> Any:
    """Options that narrow which reserves are asked for."""
    for option in reversed(
        (
            click.option("--level", type=Word(Level), help="只看这一层级"),
            click.option("--area", "area_code", default="", metavar="CODE", help="只看这个区划的储备"),
            click.option("--tag", default="", metavar="TEXT", help="保障类别:内涝、生命线抢修、应急供水、生活保障等"),
            click.option("--need-class", default="", metavar="CODE", help="需求类别代码"),
            click.option("--gb-major", type=Word(GbMajor), help="国标大类"),
            click.option("--sku", default="", metavar="SKU", help="只看这种物资"),
            click.option("--colour", type=Word(Adequacy), help="只看这种状态"),
            _season,
        )
    ):
        function = option(function)
    return function


@reserve.command("adequacy")
@_narrowing
@click.option("--by", type=Word(Grouping), help="汇总:按层级、地方、保障类别、需求类别或国标大类")
@viewing
def show_adequacy(app: App, actor: Actor, json_output: bool, by: Grouping | None, **narrowing: Any) -> None:
    """储备充足性:目标、可用、合同与社会储备、满足率、缺口。"""
    where = AdequacyFilter(**narrowing)
    if by is not None:
        groups = app.runtime.read(queries.groups, actor, by, where)
        show_rows(groups, GROUP, json_output=json_output)
        _tell_why_none(app, actor, json_output=json_output)
        return
    rows = app.runtime.read(queries.adequacy, actor, where)
    show_rows(rows, ADEQUACY, json_output=json_output)
    _tell_why_none(app, actor, json_output=json_output)


@reserve.command("below")
@viewing
def show_below(app: App, actor: Actor, json_output: bool) -> None:
    """低于储备目标的物资,最缺的在前;低于底线的另行标明。"""
    columns = (*ADEQUACY, ("底线", "floor"), ("低于底线", "is_below_floor"))
    rows = app.runtime.read(queries.below, actor)
    show_rows(rows, columns, json_output=json_output)
    _tell_why_none(app, actor, json_output=json_output)


def _tell_why_none(app: App, actor: Actor, *, json_output: bool) -> None:
    """Whoever sees no place at all is told what makes one."""
    if not json_output and not app.runtime.read(queries.visible_places, actor):
        click.echo("您没有可以查看储备的地方:须在当地政府或其上级单位任职,且单位登记了行政区划代码。", err=True)


@reserve.command("show")
@click.argument("level", type=Word(Level))
@click.argument("area_code", metavar="AREA")
@click.argument("sku")
@_season
@viewing
def show_detail(
    app: App, actor: Actor, json_output: bool, level: Level, area_code: str, sku: str, season: Season | None
) -> None:
    """一个数字的由来:目标怎样测算、哪些批次计入或不计入、社会储备、合同、代用品。"""
    found = app.runtime.read(queries.detail, actor, level, area_code, sku, season)
    if json_output:
        as_json(found)
        return
    record = Record(
        (
            *((title, _of_row(getter)) for title, getter in ADEQUACY),
            ("目标人数", lambda each: each.row.persons),
            ("季节", "season"),
        ),
        (
            Section("库存", lambda each: each.stock, _BEHIND),
            Section("社会储备(需协商)", lambda each: each.society, _BEHIND),
            Section(
                "合同",
                lambda each: each.contracts,
                (("合同", "number"), ("供方", "supplier_name"), ("余量", "remaining"), ("按时可到", "deliverable")),
            ),
            Section("可用什么代替它", lambda each: each.stand_ins, _STAND_IN),
            Section("它可以代替什么", lambda each: each.stands_in_for, _STAND_IN),
        ),
    )
    show_record(found, record, json_output=False)


_BEHIND: Columns = (
    ("批次", "lot_number"),
    ("场所", "site_name"),
    ("库位", "location_name"),
    ("物权", "owner_name"),
    ("有效期至", "expires_on"),
    ("在库", "on_hand"),
    ("预留", "reserved"),
    ("计入", "counted"),
    ("不计入原因", lambda each: LABELS["NotCounted"].get(each.why_not, each.why_not)),
)
_STAND_IN: Columns = (
    ("编码", "sku"),
    ("物资", "item_name"),
    ("原物资数量", "item_quantity"),
    ("代用数量", "substitute_quantity"),
    ("可用", "usable"),
    ("说明", "note"),
)


def _of_row(getter: Any) -> Any:
    return lambda each: getter(each.row) if callable(getter) else getattr(each.row, getter)


@reserve.command("methods")
@viewing
def show_methods(app: App, actor: Actor, json_output: bool) -> None:
    """各种测算方法得出的目标人数,以及现用的方法。"""
    columns: Columns = (
        ("层级", "level"),
        ("地方", "place_name"),
        ("方法", "method"),
        ("目标人数", "persons"),
        ("来源", "source_mark"),
        ("现用", "is_in_force"),
    )
    rows = app.runtime.read(queries.methods, actor)
    show_rows(rows, columns, json_output=json_output)


@reserve.command("cover")
@click.option("--level", type=Word(Level), required=True, help="哪一层级的储备")
@click.option("--area", "area_code", required=True, metavar="CODE", help="哪个区划的储备")
@click.option("--persons", type=int, metavar="N", help="需要保障的人数")
@click.option("--season", type=Word(Season), help="季节:夏季或冬季")
@click.option("--scenario", metavar="NAME", help="改用演示情景的人数和季节")
@click.option("--hazard", default="", metavar="CODE", help="灾种代码")
@click.option("--sheltered", type=int, metavar="N", help="集中安置人数,不填为全部")
@click.option("--livestock", type=int, default=0, metavar="N", help="牲畜数")
@click.option("--only-this", is_flag=True, help="只算本级,不算下级的储备")
@viewing
def show_cover(
    app: App,
    actor: Actor,
    json_output: bool,
    scenario: str | None,
    persons: int | None,
    season: Season | None,
    only_this: bool,
    **fields: Any,
) -> None:
    """现有库存能保障多少小时,逐项列出。

    \b
      supplyops reserve cover --level 市 --area 654004 --persons 1516 --season 冬季 --as clerk.city
      supplyops reserve cover --level 市 --area 654004 --scenario winter-earthquake --as clerk.city
    """
    if scenario is not None:
        from supplyops.demo.scenarios import people_of  # noqa: PLC0415  only where a story is named

        told = people_of(scenario)
        persons, season = persons or told.persons, season or told.season
        fields |= {
            "hazard": fields["hazard"] or told.hazard,
            "sheltered": told.sheltered if fields["sheltered"] is None else fields["sheltered"],
        }
    if persons is None or season is None:
        raise click.UsageError("请给出 --persons 和 --season,或 --scenario。")
    wanted = CoverInput(persons=persons, season=season, with_below=not only_this, **fields)
    columns: Columns = (
        ("编码", "sku"),
        ("物资", "item_name"),
        ("单位", "unit"),
        ("可用", "usable"),
        ("立即需要", "needed_at_once"),
        ("首日需要", "needed_first_day"),
        ("可保障(小时)", lambda row: "不限" if row.hours is None else row.hours),
    )
    rows = app.runtime.read(cover, actor, wanted)
    show_rows(rows, columns, json_output=json_output)


@reserve.command("report")
@click.option("--level", type=Word(Level), required=True, help="哪一层级的储备")
@click.option("--area", "area_code", required=True, metavar="CODE", help="哪个区划的储备")
@_season
@acting
def report(app: App, actor: Actor, level: Level, area_code: str, season: Season | None) -> None:
    """出具储备充足性报告(单据);用 paper print 打印。"""
    done(f"已出具报告 {app.runtime.run(commands.issue_adequacy_report, actor, level, area_code, season)}。")


@reserve.group("plan")
def plan() -> None:
    """年度采购计划:起草、修改、提交、批准、导出。"""


PLAN: Columns = (
    ("编号", "number"),
    ("单位", "organisation_name"),
    ("年度", lambda row: str(row.year)),
    ("状态", "state"),
    ("项数", lambda row: len(row.lines)),
    ("金额(元)", lambda row: figures(row.amount_fen)),
    ("编制", "created_by"),
    ("批准", "decided_by"),
)
PLAN_LINE: Columns = (
    ("行号", "line_no"),
    ("编码", "sku"),
    ("物资", "item_name"),
    ("单位", "unit"),
    ("目标", "target"),
    ("可用", "usable"),
    ("年内到期", "expiring"),
    ("其他年度计划", "planned"),
    ("缺口", "gap"),
    ("测算", "drafted"),
    ("采购数量", "quantity"),
    ("单价(元)", lambda row: figures(row.unit_price_fen)),
    ("金额(元)", lambda row: figures(row.amount_fen)),
    ("调整原因", "reason"),
)


@plan.command("list")
@viewing
def list_plans(app: App, actor: Actor, json_output: bool) -> None:
    """列出采购计划。"""
    rows = app.runtime.read(plan_queries.purchase_plans, actor)
    show_rows(rows, PLAN, json_output=json_output)


add_show(
    plan,
    by(plan_queries.purchase_plan),
    "NUMBER",
    Record(
        (*PLAN, ("版本", "version"), ("说明", "note"), ("意见", "decision_note")),
        (Section("明细", lambda row: row.lines, PLAN_LINE),),
    ),
    "查看一份采购计划。",
)


@plan.command("draft")
@click.option("--level", type=Word(Level), required=True, help="哪一层级的储备")
@click.option("--area", "area_code", required=True, metavar="CODE", help="哪个区划的储备")
@click.option("--year", type=int, required=True, help="年度")
@click.option("--note", default="", metavar="TEXT", help="说明")
@acting
def draft_plan(app: App, actor: Actor, **fields: Any) -> None:
    """按缺口和年内到期起草采购计划。"""
    plan_id = app.runtime.run(commands.draft_purchase_plan, actor, PurchasePlanInput(**fields))
    done(f"已起草 {app.runtime.read(plan_queries.purchase_plan_by_id, actor, plan_id).number}。")


@plan.command("edit")
@click.argument("number")
@click.argument("sku")
@click.option("--quantity", type=int, required=True, help="采购数量,按计量单位")
@yuan_option("--price", "unit_price_fen", "不填为不改;单价", default=None)
@click.option("--reason", default="", metavar="TEXT", help="与测算不同的原因")
@acting
def edit_plan(
    app: App, actor: Actor, number: str, sku: str, quantity: int, unit_price_fen: int | None, reason: str
) -> None:
    """修改草稿的一行,或增加一种物资。"""
    row = app.runtime.read(plan_queries.purchase_plan, actor, number)
    edit = PurchasePlanEdit((PurchasePlanLineInput(sku, quantity, unit_price_fen, reason),))
    app.runtime.run(commands.edit_purchase_plan, actor, row.id, row.version, edit)
    done(f"{number}:已修改。")


@plan.command("submit")
@click.argument("number")
@acting
def submit_plan(app: App, actor: Actor, number: str) -> None:
    """提交采购计划。"""
    row = app.runtime.read(plan_queries.purchase_plan, actor, number)
    app.runtime.run(commands.submit_purchase_plan, actor, row.id, row.version)
    done(f"{number}:已提交。")


@plan.command("approve")
@click.argument("number")
@click.option("--note", default="", metavar="TEXT", help="意见")
@acting
def approve_plan(app: App, actor: Actor, number: str, note: str) -> None:
    """批准采购计划;编制、修改、提交过的人不能批准。"""
    _decide(app, actor, number, PurchasePlanDecision(True, note))


@plan.command("return")
@click.argument("number")
@click.option("--note", required=True, metavar="TEXT", help="要改什么")
@acting
def return_plan(app: App, actor: Actor, number: str, note: str) -> None:
    """退回采购计划,重新修改。"""
    _decide(app, actor, number, PurchasePlanDecision(False, note))


def _decide(app: App, actor: Actor, number: str, decision: PurchasePlanDecision) -> None:
    row = app.runtime.read(plan_queries.purchase_plan, actor, number)
    app.runtime.run(commands.decide_purchase_plan, actor, row.id, row.version, decision)
    done(f"{number}:{'已批准' if decision.is_approved else '已退回'}。")


@plan.command("cancel")
@click.argument("number")
@click.option("--because", required=True, metavar="TEXT", help="作废原因")
@acting
def cancel_plan(app: App, actor: Actor, number: str, because: str) -> None:
    """作废采购计划。"""
    row = app.runtime.read(plan_queries.purchase_plan, actor, number)
    app.runtime.run(commands.cancel_purchase_plan, actor, row.id, row.version, because)
    done(f"{number}:已作废。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    reserve_advice.add_to(reserve)
    group.add_command(reserve)
