"""What would help a plan: worked out, read."""

from __future__ import annotations

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.following import FAILED, STOPPED, follow
from supplyops.cli.nouns import Columns, Record, show_record, show_rows, viewing
from supplyops.kernel.access import Actor
from supplyops.planning import advising, queries
from supplyops.planning.advising import PlanAdviceRow
from supplyops.planning.rules import AdviceOptions, AdviceState
from supplyops.wording.errors import sentence
from supplyops.wording.helps import span
from supplyops.wording.labels import LABELS, label
from supplyops.wording.stages import stage_word


@click.command("advise")
@click.argument("number", metavar="PLAN")
@click.option("--seconds", type=click.IntRange(1), help="试算秒数(默认 60)")
@click.option("--trials", type=click.IntRange(1), help="求解次数:同样的次数和种子得出同样的结果")
@click.option("--seed", default=0, type=click.IntRange(0), show_default=True, help="随机种子")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def advise(
    app: App, actor: Actor, number: str, seconds: int | None, trials: int | None, seed: int, json_output: bool
) -> None:
    """试算怎样才能满足方案的缺口并等待结果。退出码:0 得出结果,1 没有得出,130 已取消。"""
    plan_id = app.runtime.read(queries.head, actor, number).id
    app.runtime.run(advising.start_advice, actor, plan_id, AdviceOptions(seconds, trials, seed))
    try:
        far = app.runtime.read(advising.advice_state, actor, number)
        follow(app, far.job_id if far else None, lambda: _look(app, actor, number), quiet=json_output)
    except KeyboardInterrupt:
        app.runtime.run(advising.cancel_advice, actor.keyed(None), plan_id)
        raise Failure("已取消。", STOPPED) from None
    row = app.runtime.read(advising.advice, actor, number)
    if row.state is not AdviceState.DONE:
        told = (
            sentence(row.error["code"], row.error.get("params", {}))
            if row.error
            else label(row.state or AdviceState.FAILED)
        )
        raise Failure(told, STOPPED if row.state is AdviceState.CANCELLED else FAILED)
    _say_advice(row, json_output=json_output)


@click.command("advice")
@click.argument("number", metavar="PLAN")
@viewing
def advice(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看怎样才能满足方案的缺口:原因是否核实,哪些办法经重新求解证实。"""
    _say_advice(app.runtime.read(advising.advice, actor, number), json_output=json_output)


def _look(app: App, actor: Actor, number: str) -> tuple[bool, str]:
    far = app.runtime.read(advising.advice_state, actor, number)
    if far is None:
        return True, ""
    said = f"{stage_word(far.progress['stage'])} {far.progress['done']}/{far.progress['total']}" if far.progress else ""
    return far.state is not AdviceState.RUNNING or far.is_lost, said


REMEDIES: Columns = (
    ("办法", "text"),
    (
        "证实",
        lambda row: LABELS["RemedyProof"][row.proof] + ("(最少)" if row.is_least and row.proof == "proven" else ""),
    ),
    ("多受益人数", "persons"),
    ("接收点", "places"),
    ("最多提前", lambda row: span(row.sooner_s) if row.sooner_s >= 60 else ""),
    ("减少的", lambda row: "、".join(f"{each.delivery_site_name} {each.item_name} {each.more}" for each in row.losses)),
)


def _say_advice(row: PlanAdviceRow, *, json_output: bool) -> None:
    if json_output:
        show_record(row, Record((), ()), json_output=True)
        return
    if row.state is None:
        click.echo(f"{row.plan.number}:尚未试算,请先运行 plan advise {row.plan.number}。")
        return
    ended = "" if row.stopped_by in {"", "done"} else ",时间或次数用完,未及试算的没有证实"
    click.echo(f"{row.plan.number}:{label(row.state)},重新求解 {row.trials} 次{ended}。\n")
    show_rows([each for each in row.remedies if each.proof != "no_gain"], REMEDIES, json_output=False)
    for each in row.gaps:
        click.echo(f"\n{each.gap.item_name} → {each.gap.delivery_site_name}:缺 {each.gap.quantity} {each.gap.unit}")
        for reason in each.reasons:
            click.echo(f"  · [{LABELS['ReasonStanding'][reason.standing]}] {reason.text}")
        for remedy in each.remedies:
            click.echo(f"  → [{LABELS['RemedyProof'][remedy.proof]}] {remedy.text}")


def add_to(group: click.Group) -> None:
    """Add this module's commands to `plan`."""
    for command in (advise, advice):
        group.add_command(command)
