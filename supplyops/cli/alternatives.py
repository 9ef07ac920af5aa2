"""Alternatives to a plan: asked for, watched, laid side by side, adopted."""

from __future__ import annotations

from uuid import UUID

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.following import FAILED, STOPPED, follow
from supplyops.cli.nouns import INVALID, Columns, Record, show_record, show_rows, viewing
from supplyops.kernel.access import Actor
from supplyops.planning import alternatives as planning
from supplyops.planning import queries, variants
from supplyops.planning.alternatives import PlanAlternativesRow
from supplyops.planning.rules import AdviceState
from supplyops.planning.variant_rules import AlternativesOptions, VariantOrigin
from supplyops.planning.variants import VariantPage, VariantRow
from supplyops.wording.errors import sentence
from supplyops.wording.labels import label, member
from supplyops.wording.measures import MeasureRow, measure_rows
from supplyops.wording.stages import stage_word

LINES: Columns = (
    ("需求", lambda row: f"{row.request_number} 第{row.request_line_no}行"),
    ("接收点", "delivery_site_name"),
    ("物资", "item_name"),
    ("原按时数量", "before"),
    ("新按时数量", "after"),
    ("单位", "unit"),
    ("原到达", "arrives_before"),
    ("新到达", "arrives_after"),
)


@click.command("alternatives")
@click.argument("number", metavar="PLAN")
@click.option("--solve", is_flag=True, help="现在求解(否则只查看最近一次的结果)")
@click.option("--seconds", type=click.IntRange(1), help="每个备选方案的求解秒数(默认 8)")
@click.option("--iterations", type=click.IntRange(1), help="迭代次数:同样的次数和种子得出同样的方案")
@click.option("--seed", default=0, type=click.IntRange(0), show_default=True, help="随机种子")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def alternatives(
    app: App,
    actor: Actor,
    number: str,
    solve: bool,
    seconds: int | None,
    iterations: int | None,
    seed: int,
    json_output: bool,
) -> None:
    """备选方案:快速、均衡、节约与本方案逐项比较。退出码:0 有结果,1 没有得出,130 已取消。"""
    if solve:
        plan_id = app.runtime.read(queries.head, actor, number).id
        app.runtime.run(planning.start_alternatives, actor, plan_id, AlternativesOptions(seconds, iterations, seed))
        try:
            far = app.runtime.read(planning.alternatives_state, actor, number)
            follow(app, far.job_id if far else None, lambda: _look(app, actor, number), quiet=json_output)
        except KeyboardInterrupt:
            app.runtime.run(planning.cancel_alternatives, actor.keyed(None), plan_id)
            raise Failure("已取消。", STOPPED) from None
        row = app.runtime.read(planning.alternatives, actor, number)
        if row.state is not AdviceState.DONE:
            told = sentence(row.error["code"], row.error.get("params", {})) if row.error else ""
            ended = STOPPED if row.state is AdviceState.CANCELLED else FAILED
            raise Failure(told or label(row.state or AdviceState.FAILED), ended)
    _say(app.runtime.read(planning.alternatives, actor, number), json_output=json_output)


@click.command("adopt")
@click.argument("number", metavar="PLAN")
@click.argument("which", metavar="VARIANT")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def adopt(app: App, actor: Actor, number: str, which: str, json_output: bool) -> None:
    """采用一个备选方案(快速、均衡、节约)或 plan judge 给出的编号,成为新的待审批方案。"""
    head = app.runtime.read(queries.head, actor, number)
    made = app.runtime.run(variants.adopt, actor, head.id, _named(app, actor, number, which))
    row = app.runtime.read(queries.head, actor, str(made))
    show_record(
        row,
        Record((("编号", "number"), ("状态", "state"), ("改自", lambda found: found.options["adopted"]["base"])), ()),
        json_output=json_output,
    )


def _named(app: App, actor: Actor, number: str, which: str) -> UUID:
    origin = member(VariantOrigin, which)
    if origin is None or origin is VariantOrigin.EDITED:
        try:
            return UUID(which)
        except ValueError:
            raise Failure(f"“{which}”应为 快速、均衡、节约,或 plan judge 给出的编号。", INVALID) from None
    row = app.runtime.read(planning.alternatives, actor, number)
    found = next((each.id for each in row.variants if each.origin is origin), None)
    if found is None:
        raise Failure(
            f"{row.plan.number} 还没有备选方案,请先运行 plan alternatives {row.plan.number} --solve。", INVALID
        )
    return found


def _look(app: App, actor: Actor, number: str) -> tuple[bool, str]:
    far = app.runtime.read(planning.alternatives_state, actor, number)
    if far is None:
        return True, ""
    said = ""
    if far.progress.get("emphasis"):
        which = label(VariantOrigin(far.progress["emphasis"]))
        said = f"{which}({far.progress['place']}/{far.progress['places']}):{stage_word(far.progress['stage'])}"
    return far.state is not AdviceState.RUNNING or far.is_lost, said


def _say(row: PlanAlternativesRow, *, json_output: bool) -> None:
    if json_output:
        show_record(row, Record((), ()), json_output=True)
        return
    if row.state is None:
        click.echo(f"{row.plan.number}:还没有备选方案,请先运行 plan alternatives {row.plan.number} --solve。")
        return
    click.echo(f"{row.plan.number}:{label(row.state)}\n")
    if not row.variants:
        return
    titles = [row.plan.number, *(label(each.origin) for each in row.variants)]
    say_measures(measure_rows(row.base, [each.figures for each in row.variants]), titles)
    if row.all_equal:
        click.echo("\n三个备选方案与本方案各项指标全部相同。")
    for each in row.variants:
        say_variant(each)


def say_measures(rows: tuple[MeasureRow, ...], titles: list[str]) -> None:
    """The table of figures."""
    columns: list[tuple[str, object]] = [("指标", lambda row: f"{row.prefix}{row.label}"), (titles[0], "base")]
    for place, title in enumerate(titles[1:]):
        columns.append((title, _cell(place)))
    show_rows(rows, tuple(columns), json_output=False)  # type: ignore[arg-type]


def _cell(place: int) -> object:
    return lambda row: f"{row.cells[place].text} {row.cells[place].delta}".strip()


def say_variant(row: VariantRow) -> None:
    """What one variant is, and who gains or loses by it."""
    said = f"\n{label(row.origin)}:{'独立校核通过' if row.is_feasible else '独立校核不通过'}"
    if row.figures is not None and row.figures.is_same:
        said += ",与本方案完全相同"
    elif row.figures is not None and row.figures.is_equal:
        said += ",与本方案各项指标相同"
    if row.equals:
        said += f",结果与{'、'.join(map(label, row.equals))}相同"
    if row.adopted_as:
        said += f",已采用为 {row.adopted_as}"
    click.echo(said)
    for finding in row.violations:
        click.echo(f"  · {finding.text}")
    if row.figures is not None and row.figures.lines:
        show_rows(row.figures.lines, LINES, json_output=False)


def say_page(found: VariantPage, *, json_output: bool) -> None:
    """One variant beside its plan."""
    if json_output:
        show_record(found, Record((), ()), json_output=True)
        return
    if found.variant.figures is not None:
        titles = [found.plan.number, label(found.variant.origin)]
        say_measures(measure_rows(found.base, [found.variant.figures]), titles)
    say_variant(found.variant)


@click.command("variant")
@click.argument("number", metavar="PLAN")
@click.argument("variant_id", metavar="ID", type=click.UUID)
@viewing
def variant(app: App, actor: Actor, json_output: bool, number: str, variant_id: UUID) -> None:
    """查看一个备选或手工修改的方案:校核结果、与原方案的比较。"""
    say_page(app.runtime.read(variants.variant, actor, number, variant_id), json_output=json_output)


def add_to(group: click.Group) -> None:
    """Add this module's commands to `plan`."""
    for command in (alternatives, adopt, variant):
        group.add_command(command)
