"""Scrapping goods: apply, appraise, agree, make public, dispose of."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.money import yuan_option
from supplyops.cli.nouns import (
    BECAUSE,
    DAY_TYPE,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    add_list,
    add_show,
    arrival_time,
    by,
    columns_option,
    done,
    read_part,
)
from supplyops.exchange.parts import SCRAP_LINES
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures
from supplyops.scraps import commands, queries
from supplyops.scraps.queries import ScrapFilter
from supplyops.scraps.rules import (
    AppraisalInput,
    DisposalInput,
    DisposalMethod,
    PublicityInput,
    ScrapBody,
    ScrapDecisionInput,
    ScrapInput,
    ScrapState,
)
from supplyops.wording.labels import label


@click.group()
def scrap() -> None:
    """报废:申请、鉴定、四方审批、公示、处置。"""


SCRAP: Columns = (
    ("编号", "number"),
    ("状态", "state"),
    ("单位", "organisation_name"),
    ("仓库", "site_name"),
    ("原值(元)", lambda row: figures(row.value_fen)),
    ("申请时间", "applied_at"),
    ("逾期申报", "is_late"),
)


def _filter(_app: App, _actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    return {"where": ScrapFilter(**{name: value for name, value in options.items() if value is not None})}


add_list(
    scrap,
    queries.scraps,
    SCRAP,
    "列出报废申请,新的在前。",
    click.option("--state", type=Word(ScrapState), help="只看这种状态"),
    click.option("--site", "site_code", metavar="CODE", help="只看这个场所的"),
    click.option("--text", metavar="TEXT", help="编号、场所的一部分"),
    arguments=_filter,
)
add_show(
    scrap,
    by(queries.scrap),
    "NUMBER",
    Record(
        (
            *SCRAP,
            ("由来", "cause_number"),
            ("检验机构", "institution"),
            ("报告编号", "report_number"),
            ("专家", lambda row: "、".join(row.experts)),
            ("鉴定结论", "conclusion"),
            ("尚未签署", lambda row: "、".join(label(body) for body in row.missing)),
            ("公示起", "public_from"),
            ("公示止", "public_to"),
            ("处置方式", "method"),
            ("回收企业", "buyer"),
            ("残值收入(元)", lambda row: figures(row.income_fen)),
            ("见证人", "witness"),
            ("处置时间", "disposed_at"),
            ("终止原因", "ended_because"),
        ),
        (
            Section(
                "明细",
                lambda row: row.lines,
                (
                    ("行号", "line_no"),
                    ("物资", "item_name"),
                    ("批次", "lot_number"),
                    ("库位", "location_name"),
                    ("数量", "quantity"),
                    ("单位", "unit"),
                    ("原因", "reason"),
                ),
            ),
            Section(
                "审批",
                lambda row: row.decisions,
                (
                    ("审批方", "body"),
                    ("单位", "organisation_name"),
                    ("同意", "agrees"),
                    ("意见", "note"),
                    ("审批人", "decided_by_name"),
                    ("时间", "decided_at"),
                ),
            ),
        ),
    ),
    "查看一份报废申请。",
)


@scrap.command("apply")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--site", "site_code", required=True, metavar="CODE", help="场所代码")
@click.option("--note", default="", metavar="TEXT", help="备注")
@columns_option(SCRAP_LINES)
@acting
def apply(app: App, actor: Actor, file: Path, site_code: str, note: str) -> None:
    """申请报废:FILE 一行一个批次;物资随即预留,处置完成才出账。"""
    made = app.runtime.run(commands.apply, actor, ScrapInput(site_code, read_part(SCRAP_LINES, file), note))
    done(f"已申请,编号 {app.runtime.read(queries.scrap_by_id, actor, made).number}。")


@scrap.command("appraise")
@click.argument("number")
@click.option("--conclusion", required=True, metavar="TEXT", help="鉴定结论")
@click.option("--on", "appraised_on", type=DAY_TYPE, required=True, help="鉴定日期")
@click.option("--institution", default="", metavar="TEXT", help="检验机构")
@click.option("--report", "report_number", default="", metavar="TEXT", help="检验报告编号")
@click.option(
    "--expert",
    "experts",
    multiple=True,
    metavar="NAME",
    help="专家姓名,每人写一次;没有检验机构时的人数见参数 scrap.experts_min",
)
@acting
def appraise(app: App, actor: Actor, number: str, **fields: Any) -> None:
    """登记技术鉴定。"""
    app.runtime.run(commands.appraise, actor, AppraisalInput(number, **fields))
    done(f"{number}:已登记鉴定。")


@scrap.command("decide")
@click.argument("number")
@click.argument("body", type=Word(ScrapBody))
@click.option("--organisation", "organisation_code", required=True, metavar="CODE", help="签署单位代码")
@click.option("--refuse", "refuses", is_flag=True, help="不同意")
@click.option("--note", default="", metavar="TEXT", help="意见(不同意时必填)")
@acting
def decide(
    app: App, actor: Actor, number: str, body: ScrapBody, organisation_code: str, refuses: bool, note: str
) -> None:
    """审批:储备单位、应急、粮储、财政四方各由不同的人签署一次。"""
    decision = ScrapDecisionInput(number, body, organisation_code, agrees=not refuses, note=note)
    app.runtime.run(commands.decide, actor, decision)
    row = app.runtime.read(queries.scrap, actor, number)
    waiting = "、".join(label(each) for each in row.missing)
    rest = f",尚待 {waiting}" if waiting and row.state is ScrapState.APPRAISED else ""
    done(f"{number}:{label(row.state)}{rest}。")


@scrap.command("publicise")
@click.argument("number")
@click.option("--place", required=True, metavar="TEXT", help="公示地点")
@click.option("--from", "from_on", type=DAY_TYPE, required=True, help="公示开始日期")
@click.option("--to", "to_on", type=DAY_TYPE, required=True, help="公示结束日期")
@acting
def publicise(app: App, actor: Actor, number: str, place: str, from_on: date, to_on: date) -> None:
    """登记公示。"""
    app.runtime.run(commands.publicise, actor, PublicityInput(number, place, from_on, to_on))
    done(f"{number}:公示中。")


@scrap.command("dispose")
@click.argument("number")
@click.option("--method", type=Word(DisposalMethod), required=True, help="处置方式")
@click.option("--witness", required=True, metavar="NAME", help="见证人")
@click.option("--at", "disposed_at", type=WHEN, help="处置时间;不填为现在(用 --key 时必填)")
@click.option("--buyer", default="", metavar="TEXT", help="回收企业(竞拍时必填)")
@click.option("--agreement", "agreement_number", default="", metavar="TEXT", help="协议号(竞拍时必填)")
@yuan_option("--income", "income_fen", "残值收入")
@click.option("--evidence", default="", metavar="TEXT", help="照片、资料的名称或编号")
@acting
def dispose(app: App, actor: Actor, number: str, disposed_at: datetime | None, **fields: Any) -> None:
    """处置完成:公示期满后销毁或公开竞拍,物资出账。"""
    when = arrival_time(app, actor, disposed_at)
    app.runtime.run(commands.dispose, actor, DisposalInput(number, disposed_at=when, **fields))
    done(f"{number}:已处置出账。")


@scrap.command("cancel")
@click.argument("number")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """撤回申请,释放预留。"""
    app.runtime.run(commands.cancel, actor, number, because)
    done(f"{number}:已撤回。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(scrap)
