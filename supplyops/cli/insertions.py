"""A late request line and the plan that stands: which lines are short, the ways to take one along."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.offered import Way
from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.following import FAILED, STOPPED, follow
from supplyops.cli.nouns import INVALID, Columns, Record, show_record, show_rows
from supplyops.cli.output import cell
from supplyops.kernel.access import Actor
from supplyops.planning import inserting, queries
from supplyops.planning import insertions as planning
from supplyops.planning.insertion_rules import InsertionInput
from supplyops.planning.insertions import OfferRow, PlanInsertionsRow
from supplyops.planning.rules import AdviceState
from supplyops.planning.studies import StudyInput, StudyKind, issue_study
from supplyops.wording.errors import sentence
from supplyops.wording.labels import label
from supplyops.wording.offers import delayed_stops, late_word
from supplyops.wording.stages import stage_word

LINES: Columns = (
    ("需求", lambda row: f"{row.request_number}:{row.request_line_no}"),
    ("接收点", "delivery_site_name"),
    ("物资", "item_name"),
    ("需要", "asked"),
    ("方案已安排", "served"),
    ("单位", "unit"),
    ("最晚到达", "latest_arrival_at"),
    ("追加办法", lambda row: "" if row.state is None else f"{row.offers} 个" if row.offers else label(row.state)),
)
PIECES: Columns = (
    ("办法", "way"),
    ("车次", lambda row: f"第 {row.detour_of} 车次" if row.detour_of else ""),
    ("车辆", "plate"),
    (
        "从",
        lambda row: (
            f"{row.origin_site_name} 合同 {row.contract_number}{' 自提' if row.plate else ''}"
            if row.contract_number
            else row.origin_site_name
        ),
    ),
    ("物资", "item_name"),
    ("数量", "quantity"),
    ("单位", "unit"),
    ("出发", "departs_at"),
    ("到达", "arrives_at"),
    ("是否按时", lambda row: late_word(row.late_s)),
)


@click.command("insert")
@click.argument("number", metavar="PLAN")
@click.argument("line", metavar="[LINE]", required=False)
@click.option("--last", is_flag=True, help="只查看最近一次的结果,不重新查找")
@click.option("--seconds", type=click.IntRange(1), help="查找秒数(默认 20)")
@click.option("--tries", type=click.IntRange(1), help="试排次数:同样的次数得出同样的结果")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def insert(
    app: App,
    actor: Actor,
    number: str,
    line: str | None,
    last: bool,
    seconds: int | None,
    tries: int | None,
    json_output: bool,
) -> None:
    """把方案之后才来的需求追加进方案:LINE 写“申请单号:行号”,不写则列出方案没有满足的需求。

    不改动任何方案;采用其中一个办法用 plan adopt。退出码:0 有结果,1 没有得出,130 已取消。
    """
    if line is None:
        rows = app.runtime.read(planning.late_lines, actor, number)
        show_rows(rows, LINES, json_output=json_output)
        return
    request_number, line_no = _named(line)
    if not last:
        _look_for(app, actor, number, InsertionInput(request_number, line_no, seconds, tries), quiet=json_output)
    _say(app.runtime.read(planning.insertions, actor, number, request_number, line_no), json_output=json_output)


def _named(text: str) -> tuple[str, int]:
    """`申请单号:行号`."""
    number, _, line_no = text.replace("\uff1a", ":").rpartition(":")
    if not number or not line_no.isdecimal() or int(line_no) < 1:
        raise Failure(
            f"“{text}”应写成 申请单号:行号,例如 XQ-654004200-20260112-0001:1;不写则列出可追加的需求。", INVALID
        )
    return number.strip(), int(line_no)


def _look_for(app: App, actor: Actor, number: str, wanted: InsertionInput, *, quiet: bool) -> None:
    plan_id = app.runtime.read(queries.head, actor, number).id
    app.runtime.run(inserting.start_insertions, actor, plan_id, wanted)
    line = (number, wanted.request_number, wanted.line_no)
    try:
        far = app.runtime.read(planning.insertions_state, actor, *line)
        follow(app, far.job_id if far else None, lambda: _look(app, actor, line), quiet=quiet)
    except KeyboardInterrupt:
        app.runtime.run(inserting.cancel_insertions, actor.keyed(None), plan_id)
        raise Failure("已取消。", STOPPED) from None
    row = app.runtime.read(planning.insertions, actor, *line)
    if row.state is not AdviceState.DONE:
        told = sentence(row.error["code"], row.error.get("params", {})) if row.error else ""
        ended = STOPPED if row.state is AdviceState.CANCELLED else FAILED
        raise Failure(told or label(row.state or AdviceState.FAILED), ended)


def _look(app: App, actor: Actor, line: tuple[str, str, int]) -> tuple[bool, str]:
    far = app.runtime.read(planning.insertions_state, actor, *line)
    if far is None:
        return True, ""
    said = f"{stage_word(far.progress['stage'])} {far.progress['done']}" if far.progress else ""
    return far.state is not AdviceState.RUNNING or far.is_lost, said


def _say(row: PlanInsertionsRow, *, json_output: bool) -> None:
    if json_output:
        show_record(row, Record((), ()), json_output=True)
        return
    line = row.line
    click.echo(
        f"{row.plan.number} 追加 {line.request_number} 第{line.request_line_no}行:{line.delivery_site_name} {line.item_name}"
        f",需要 {line.asked:,} {line.unit},方案已安排 {line.served:,},最晚 {cell(line.latest_arrival_at)} 前到达"
    )
    if row.state is None:
        click.echo(f"还没有查找过,请运行 plan insert {row.plan.number} {line.request_number}:{line.request_line_no}。")
        return
    click.echo(f"{label(row.state)}。\n")
    if row.state is AdviceState.DONE and not row.offers:
        click.echo("没有找到办法:没有可用的物资、车辆或道路能把它送到。")
    for place, offer in enumerate(row.offers, start=1):
        _say_offer(row, place, offer)
    if any(offer.way is Way.PIECES for offer in row.offers):
        click.echo(
            "分批送达:每批在前几批已定的情况下,取当时按时送得最多、最早或最省的一批,整个方案一起校核;不一定是最好的。"
        )
    if not row.may_adopt and row.may_ask and line.served < line.asked:
        again = f"plan make {row.plan.incident_number} --based-on {row.plan.number} --near"
        click.echo(f"本方案已有物权单位作出决定,办法只供参考。下一步:{again}(这条需求一并编入,其余尽量不变)。")


def _say_offer(row: PlanInsertionsRow, place: int, offer: OfferRow) -> None:
    judged = "独立校核通过" if offer.is_feasible else f"独立校核 {len(offer.violations)} 处不符"
    batches = f",{len(offer.pieces)} 批" if len(offer.pieces) > 1 else ""
    click.echo(
        f"办法 {place}:{label(offer.way)}{batches},满足 {offer.serves:,} {row.line.unit},{cell(offer.arrives_at)} 到齐"
        f"({late_word(offer.late_s)}),多行 {offer.more_m / 1000:+.1f} km,运费 {offer.more_fen / 100:+,.2f} 元,{judged}"
    )
    show_rows(offer.pieces, PIECES, json_output=False)
    left = row.line.asked - row.line.served - offer.serves
    if left > 0:
        click.echo(f"  · 只能满足 {offer.serves:,},还缺 {left:,} {row.line.unit}")
    for stop in delayed_stops(offer.delays):
        click.echo(f"  · {stop.site_name} 的{stop.items}晚到 {stop.wait}{',超过最晚到达时间' if stop.is_late else ''}")
    if not offer.delays:
        click.echo("  · 不影响其他接收点")
    for finding in offer.violations:
        click.echo(f"  · 不符:{finding.text}")
    if offer.adopted_as:
        click.echo(f"  已采用为 {offer.adopted_as}")
    elif offer.is_feasible and row.may_adopt:
        click.echo(f"  采用:plan adopt {row.plan.number} {offer.variant_id}")
    click.echo("")


@click.command("print")
@click.argument("number", metavar="PLAN")
@click.argument("what", metavar="WHAT", type=click.Choice([each.value for each in StudyKind]))
@click.argument("line", metavar="LINE", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="写到哪个文件,默认 编号.pdf")
@acting
def print_study(app: App, actor: Actor, number: str, what: str, line: str | None, output: Path | None) -> None:
    """把研判结果打印成 PDF:alternatives 备选方案、changes 变更对照、late 追加需求(LINE 写“申请单号:行号”)。"""
    from supplyops.cli.papers import print_issued  # noqa: PLC0415  Pango is needed only where something is printed

    named = _named(line or "") if what == StudyKind.LATE else ("", 0)
    print_issued(app, actor, app.runtime.run(issue_study, actor, number, StudyInput(StudyKind(what), *named)), output)


def add_to(group: click.Group) -> None:
    """Add this module's commands to `plan`."""
    for command in (insert, print_study):
        group.add_command(command)
