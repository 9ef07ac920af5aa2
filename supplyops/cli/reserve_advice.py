"""What a reserve should hold where: scenarios, advice asked for, followed and read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.following import FAILED, STOPPED, follow
from supplyops.cli.money import yuan_option
from supplyops.cli.nouns import INVALID, Columns, Record, Word, done, show_record, show_rows, viewing
from supplyops.cli.output import percent
from supplyops.demo import scenarios as stories
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures
from supplyops.norms.rules import Season
from supplyops.planning import reserve_advising as advising
from supplyops.planning import reserving
from supplyops.planning.reserve_advising import ReserveAdviceRow
from supplyops.planning.reserve_papers import issue_reserve_advice
from supplyops.planning.reserving_rules import AreaPersons, ReserveAdviceInput, ReserveScenarioInput
from supplyops.planning.rules import AdviceState
from supplyops.wording.errors import sentence
from supplyops.wording.labels import label
from supplyops.wording.stages import stage_word

SCENARIOS: Columns = (
    ("单位", "organisation_name"),
    ("编号", "code"),
    ("名称", "name"),
    ("权重", "probability_permille"),
    ("占比", lambda row: percent(row.share_permille)),
    ("季节", "season"),
    ("人数", "people"),
    ("时限(小时)", "within_hours"),
)
ADVISED: Columns = (
    ("层级", "level"),
    ("储备库", "site_name"),
    ("编码", "sku"),
    ("物资", "item_name"),
    ("单位", "unit"),
    ("现有", "today"),
    ("增储", "more"),
    ("合计", "total"),
    ("固定标准", "norm"),
    ("金额(元)", lambda row: figures(row.cost_fen)),
    ("再多一件的作用", lambda row: f"{row.next_unit_e6 / 1_000_000:.3f}"),
)


@click.command("scenarios")
@click.option("--organisation", "organisation_code", default="", metavar="CODE", help="只看这个单位的")
@viewing
def scenarios(app: App, actor: Actor, json_output: bool, organisation_code: str) -> None:
    """储备情景:可能性、人数、时限。"""
    rows = app.runtime.read(reserving.reserve_scenarios, actor, organisation_code)
    show_rows(rows, SCENARIOS, json_output=json_output)


@click.command("save-scenario")
@click.argument("organisation_code", metavar="ORGANISATION")
@click.argument("code")
@click.option("--name", default="", metavar="TEXT", help="名称")
@click.option("--story", metavar="NAME", help="从既有情景起草:winter-earthquake、flash-flood、snow-cutoff")
@click.option("--weight", "probability_permille", default=100, show_default=True, type=int, help="可能性(权重,1-1000)")
@click.option("--season", type=Word(Season), default=Season.WINTER, help="季节")
@click.option("--hours", "within_hours", default=24, show_default=True, type=int, help="多少小时内送到")
@click.option("--persons", multiple=True, metavar="AREA=N", help="各区划需保障人数")
@click.option("--lost", "lost_site_codes", multiple=True, metavar="CODE", help="损失的储备库")
@click.option("--closed", "closed_road_codes", multiple=True, metavar="CODE", help="中断的道路")
@acting
def save_scenario(
    app: App, actor: Actor, organisation_code: str, code: str, name: str, story: str | None, probability_permille: int,
    season: Season, within_hours: int, persons: tuple[str, ...], **codes: Any,
) -> None:  # fmt: skip
    """新增情景,或修改同一单位同一编号的情景。"""
    if story:
        drafted = stories.reserve_scenario_of(story, organisation_code)
        wanted = replace(drafted, code=code, name=name or drafted.name, probability_permille=probability_permille)
    else:
        people = []
        for text in persons:
            area, _, count = text.partition("=")
            if not count.isdecimal():
                raise Failure(f"--persons“{text}”应写成 区划代码=人数,例如 654004=1200", INVALID)
            people.append(AreaPersons(area, int(count)))
        wanted = ReserveScenarioInput(
            organisation_code, code, name, probability_permille, season, within_hours, tuple(people), **codes
        )
    app.runtime.run(reserving.save_reserve_scenario, actor, wanted)
    done(f"{code}:已保存。")


@click.command("remove-scenario")
@click.argument("organisation_code", metavar="ORGANISATION")
@click.argument("code")
@acting
def remove_scenario(app: App, actor: Actor, organisation_code: str, code: str) -> None:
    """删除情景。"""
    app.runtime.run(reserving.remove_reserve_scenario, actor, organisation_code, code)
    done(f"{code}:已删除。")


ADVICE: Columns = (
    ("编号", "number"),
    ("单位", "organisation_name"),
    ("状态", "state"),
    ("预算(元)", lambda row: figures(row.budget_fen)),
    ("花费(元)", lambda row: figures(row.cost_fen) if row.cost_fen is not None else ""),
    ("现有库存", lambda row: _unmet(row.today_e6) if row.today_e6 is not None else ""),
    ("按建议", lambda row: _unmet(row.unmet_e6) if row.unmet_e6 is not None else ""),
    ("提出人", "created_by"),
    ("提出时间", "created_at"),
)


def _unmet(value_e6: int) -> str:
    return f"{value_e6 / 1e6:,.1f}"


@click.command("advise")
@click.argument("organisation_code", metavar="ORGANISATION")
@yuan_option("--budget", "budget_fen", "预算", required=True, default=None)
@click.option("--need-class", default="", metavar="CODE", help="只看这一需求类别")
@click.option("--rounds", type=click.IntRange(1), help="车辆往返次数;不填不考虑车辆")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def advise(
    app: App,
    actor: Actor,
    organisation_code: str,
    budget_fen: int,
    need_class: str,
    rounds: int | None,
    json_output: bool,
) -> None:
    """测算储备建议并等待结果:在预算内各储备库增储什么,使各情景下未保障的人最少。退出码:0 得出结果,1 没有得出,130 已取消。"""
    wanted = ReserveAdviceInput(organisation_code, budget_fen, need_class, rounds)
    reference = str(app.runtime.run(advising.start_reserve_advice, actor, wanted))
    try:
        far = app.runtime.read(advising.reserve_advice_state, actor, reference)
        follow(app, far.job_id, lambda: _look(app, actor, reference), quiet=json_output)
    except KeyboardInterrupt:
        row = app.runtime.read(advising.reserve_advice, actor, reference)
        app.runtime.run(advising.cancel_reserve_advice, actor.keyed(None), row.id)
        raise Failure("已取消。", STOPPED) from None
    row = app.runtime.read(advising.reserve_advice, actor, reference)
    if row.state is not AdviceState.DONE:
        told = sentence(row.error["code"], row.error.get("params", {})) if row.error else label(row.state)
        raise Failure(told, STOPPED if row.state is AdviceState.CANCELLED else FAILED)
    _say(row, json_output=json_output)


@click.command("advices")
@click.option("--organisation", "organisation_code", default="", metavar="CODE", help="只看这个单位的")
@viewing
def advices(app: App, actor: Actor, json_output: bool, organisation_code: str) -> None:
    """列出历次储备建议,新的在前。"""
    rows = app.runtime.read(advising.reserve_advices, actor, organisation_code)
    show_rows(rows, ADVICE, json_output=json_output)


@click.command("advice")
@click.argument("number")
@viewing
def advice(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一次储备建议:增储什么、花费、效果、与固定标准比较。"""
    _say(app.runtime.read(advising.reserve_advice, actor, number), json_output=json_output)


def _look(app: App, actor: Actor, reference: str) -> tuple[bool, str]:
    far = app.runtime.read(advising.reserve_advice_state, actor, reference)
    said = f"{stage_word(far.progress['stage'])} {far.progress['done']}/{far.progress['total']}" if far.progress else ""
    return far.state is not AdviceState.RUNNING or far.is_lost, said


def _say(row: ReserveAdviceRow, *, json_output: bool) -> None:
    if json_output:
        show_record(row, Record((), ()), json_output=True)
        return
    found = row.answer
    click.echo(f"{row.number} {row.organisation_name}:{label(row.state)},预算 {figures(row.options.budget_fen)} 元。")
    if found is None:
        if row.error:
            click.echo(sentence(row.error["code"], row.error.get("params", {})))
        return
    click.echo(
        f"期望加权未保障人数:现有库存 {_unmet(found.today_e6)},按建议 {_unmet(found.unmet_e6)}(花费 {figures(found.cost_fen)} 元),"
        f"补足固定标准 {_unmet(found.norm_e6)}(花费 {figures(found.norm_cost_fen)} 元),只看平均情景 {_unmet(found.mean_e6)};"
        f"理论下限 {_unmet(found.bound_e6)},差距 {percent(found.gap_permille)}。\n"
    )
    show_rows([line for line in found.lines if line.more], ADVISED, json_output=False)


@click.command("print-advice")
@click.argument("number", metavar="NUMBER")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="写到哪个文件,默认 编号.pdf")
@acting
def print_advice(app: App, actor: Actor, number: str, output: Path | None) -> None:
    """把一份储备建议打印成 PDF(储备建议书)。"""
    from supplyops.cli.papers import print_issued  # noqa: PLC0415  Pango is needed only where something is printed

    print_issued(app, actor, app.runtime.run(issue_reserve_advice, actor, number), output)


def add_to(group: click.Group) -> None:
    """Add this module's commands to `reserve`."""
    for command in (scenarios, save_scenario, remove_scenario, advise, advices, advice, print_advice):
        group.add_command(command)
