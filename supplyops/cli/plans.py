"""Plans: made, watched, read, approved part by part."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from supplyops.cli import alternatives, edited, insertions, plan_advice, plan_changes
from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.following import FAILED, STOPPED, follow
from supplyops.cli.nouns import (
    ALL,
    INVALID,
    Columns,
    Record,
    Section,
    add_list,
    done,
    oral_options,
    oral_order,
    show_record,
    show_rows,
    viewing,
)
from supplyops.cli.output import percent
from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.planning import commands, queries
from supplyops.planning.queries import PlanHead, PlanRow
from supplyops.planning.rules import (
    FloorReleaseInput,
    Lock,
    LockMode,
    PlanOptions,
    PlanState,
)
from supplyops.wording.errors import sentence
from supplyops.wording.labels import label, member
from supplyops.wording.stages import stage_word


class PlanGroup(click.Group):
    """`plan INCIDENT` makes a plan: a first word that is no command of the group is an incident."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the unwritten command in its place."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(cls=PlanGroup, subcommand_metavar="INCIDENT [OPTIONS] | COMMAND [ARGS]...")
def plan() -> None:
    """分配方案:plan INCIDENT 编制并等待结果;其余为子命令。"""


HEAD: Columns = (
    ("编号", "number"),
    ("突发事件", "incident_name"),
    ("状态", "state"),
    ("编制人", "created_by"),
    ("编制时间", "created_at"),
    ("完成时间", "solved_at"),
)
COVERAGE: Columns = (
    ("类别", lambda row: f"{row.class_rank} {row.class_name}"),
    ("需求行", "lines"),
    ("全部满足", "lines_full"),
    ("人数", "persons"),
    ("满足率", lambda row: percent(row.served_permille)),
    ("最低一行", lambda row: percent(row.least_fill_permille)),
    ("理论上限", lambda row: percent(row.bound_permille)),
)
LINES: Columns = (
    ("行", "line_no"),
    ("物权单位", "owner_name"),
    ("来源", lambda row: row.lot_number or f"合同 {row.contract_number}{' 自提' if row.is_fetched else ''}"),
    ("物资", "item_name"),
    ("数量", "quantity"),
    ("单位", "unit"),
    ("从", "origin_site_name"),
    ("到", "delivery_site_name"),
    ("车次", "trip_no"),
    ("到达", "arrives_at"),
    ("迟到", "is_late"),
)
TRIPS: Columns = (
    ("车次", "trip_no"),
    ("车辆", "plate"),
    ("出发", "departs_at"),
    ("返回", "returns_at"),
    ("公里", lambda row: f"{row.distance_m / 1000:.1f}"),
    ("载重", lambda row: f"{row.mass_g / 1e6:.2f}/{row.payload_g / 1e6:.2f} 吨"),
    ("容积", lambda row: f"{row.volume_cm3 / 1e6:.1f}/{row.capacity_cm3 / 1e6:.1f} m³"),
    ("停靠", lambda row: " → ".join(stop["site_name"] for stop in row.stops)),
)
GAPS: Columns = (
    ("需求", lambda row: f"{row.request_number} 第{row.request_line_no}行"),
    ("物资", "item_name"),
    ("接收点", "delivery_site_name"),
    ("需要", "asked"),
    ("未按时满足", "quantity"),
    ("其中迟到", "late"),
    ("单位", "unit"),
)
PARTS: Columns = (
    ("物权单位代码", "owner_code"),
    ("物权单位", "owner_name"),
    ("明细", "lines"),
    ("状态", "state"),
    ("批准人", "decided_by"),
    ("意见", "note"),
)
SHOWN = Record(
    (
        ("编号", lambda row: row.head.number),
        ("突发事件", lambda row: f"{row.head.incident_number} {row.head.incident_name}"),
        ("状态", lambda row: row.head.state),
        ("编制人", lambda row: row.head.created_by),
        ("校核", lambda row: _verdict(row.head)),
        ("求解", lambda row: _run(row.head)),
        ("失败或中断原因", lambda row: _error(row.head)),
    ),
    (
        Section("校核发现", lambda row: row.findings, (("不符之处", "text"),)),
        Section("各类需求满足情况", lambda row: row.coverage, COVERAGE),
        Section("分物权单位", lambda row: row.parts, PARTS),
        Section("分配明细", lambda row: row.lines, LINES),
        Section("车次", lambda row: row.trips, TRIPS),
        Section("未满足", lambda row: row.gaps, GAPS),
    ),
)


def _verdict(head: PlanHead) -> str:
    if not head.verdict:
        return ""
    return "通过" if head.verdict["is_feasible"] else f"不通过({len(head.verdict['violations'])} 处)"


def _run(head: PlanHead) -> str:
    run = head.summary.get("run")
    if not run:
        return ""
    ended = {"seconds": "时间用完,取已找到的最好方案", "iterations": "次数用完", "done": "已求尽"}.get(
        run["stopped_by"], run["stopped_by"]
    )
    return f"{run['milliseconds'] / 1000:.1f} 秒,{run['iterations']} 次,随机种子 {run['seed']},{ended}"


def _error(head: PlanHead) -> str:
    return sentence(head.error["code"], head.error.get("params", {})) if head.error else ""


def _of_incident(app: App, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    reference = options.pop("incident")
    of = {} if reference is None else {"incident_id": app.runtime.read(incidents.incident, actor, reference).id}
    return {"limit": ALL, **of}


add_list(
    plan,
    queries.plans,
    HEAD,
    "列出分配方案,新的在前。",
    click.option("--incident", metavar="NUMBER", help="只看这个突发事件的"),
    arguments=_of_incident,
)


@plan.command("show")
@click.argument("number", metavar="PLAN")
@viewing
def show(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一个方案:满足情况、明细、车次、未满足的原因。"""
    row = app.runtime.read(queries.plan, actor, number)
    show_record(row, SHOWN, json_output=json_output)
    if not json_output:
        _say_why(row)


def _say_why(row: PlanRow) -> None:
    for gap in row.gaps:
        click.echo(f"\n{gap.item_name} → {gap.delivery_site_name}:缺 {gap.quantity} {gap.unit}")
        for text in gap.sentences:
            click.echo(f"  · {text}")


@plan.command("make", hidden=True)
@click.argument("incident", metavar="INCIDENT")
@click.option("--seconds", type=click.IntRange(1), help="求解秒数(默认 8)")
@click.option("--iterations", type=click.IntRange(1), help="迭代次数:同样的次数和种子得出同样的方案")
@click.option("--seed", default=0, type=click.IntRange(0), show_default=True, help="随机种子")
@click.option("--based-on", metavar="PLAN", help="以一个旧方案为底:保留其锁定")
@click.option(
    "--lock", "locks", multiple=True, metavar="行=方式[:数量]", help="锁定旧方案的一行,如 3=固定为:40、5=不从此处调拨"
)
@click.option("--drop-locks", is_flag=True, help="不保留旧方案的锁定")
@click.option("--near", is_flag=True, help="尽量不变:即将出发的车次不动,其余只改必须改的(须同时给出 --based-on)")
@click.option("--without-refused", is_flag=True, help="旧方案中物权单位没有批准的物资不再提请(须同时给出 --based-on)")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def make(
    app: App,
    actor: Actor,
    incident: str,
    seconds: int | None,
    iterations: int | None,
    seed: int,
    based_on: str | None,
    locks: tuple[str, ...],
    drop_locks: bool,
    near: bool,
    without_refused: bool,
    json_output: bool,
) -> None:
    """编制分配方案并等待结果。退出码:0 得出方案,1 没有得出,130 已取消。"""
    event = app.runtime.read(incidents.incident, actor, incident)
    older = app.runtime.read(queries.plan, actor, based_on) if based_on else None
    options = PlanOptions(
        seconds,
        iterations,
        seed,
        _locks(older, locks),
        older.head.id if older else None,
        keep_locks=not drop_locks,
        near=near,
        without_refused=without_refused,
    )
    plan_id = app.runtime.run(commands.start_plan, actor, event.id, options)
    try:
        job_id = app.runtime.read(queries.head, actor, str(plan_id)).job_id
        follow(app, job_id, lambda: _look(app, actor, plan_id), quiet=json_output)
    except KeyboardInterrupt:
        app.runtime.run(commands.cancel_plan, actor.keyed(None), plan_id)
        raise Failure("已取消。", STOPPED) from None
    row = app.runtime.read(queries.plan, actor, str(plan_id))
    if json_output:
        show_record(row, SHOWN, json_output=True)
    elif row.head.state is PlanState.DRAFT:
        _summary(row)
        if row.head.error:
            click.echo(_error(row.head) + "以上是中断前已找到并经独立校核的最好方案。", err=True)
    if row.head.state is not PlanState.DRAFT:
        ended = STOPPED if row.head.state is PlanState.CANCELLED else FAILED
        raise Failure(_error(row.head) or f"{row.head.number}:{label(row.head.state)}。", ended)


def _locks(older: PlanRow | None, locks: tuple[str, ...]) -> tuple[Lock, ...]:
    """`行=方式[:数量]`, with lines of the plan that this one is based on."""
    found = []
    for text in locks:
        line_text, _, rest = text.partition("=")
        mode_text, _, amount = rest.partition(":")
        mode = member(LockMode, mode_text)
        line = next((each for each in older.lines if str(each.line_no) == line_text.strip()), None) if older else None
        if line is None or mode is None or not (amount.isdecimal() or not amount):
            raise Failure(f"--lock“{text}”应写成 行=方式[:数量],行号见 --based-on 方案的明细,例如 3=不多于:40", INVALID)
        quantity = int(amount) if amount else 0 if mode is LockMode.FORBID else line.quantity
        found.append(Lock(line.source, line.request_line_id, mode, quantity))
    return tuple(found)


def _look(app: App, actor: Actor, plan_id: UUID) -> tuple[bool, str]:
    head = app.runtime.read(queries.head, actor, str(plan_id))
    return head.state is not PlanState.SOLVING or head.is_lost, _progress(head)


def _progress(head: PlanHead) -> str:
    progress = head.progress
    if not progress:
        return ""
    done_of = f" {progress['done']}/{progress['total']}" if progress.get("total") else ""
    best = f",最优先一类满足 {percent(progress['incumbent'])}" if progress.get("incumbent") is not None else ""
    return f"{head.number}:{stage_word(progress['stage'])}{done_of}{best}"


def _summary(row: PlanRow) -> None:
    summary = row.head.summary
    click.echo(
        f"{row.head.number}:用车 {summary['vehicles_used']} 辆 {summary['trips']} 车次,行驶 {summary['distance_m'] / 1000:.1f} 公里;"
        f"校核{_verdict(row.head)}。\n"
    )
    show_rows(row.coverage, COVERAGE, json_output=False)
    click.echo("")
    show_rows(row.parts, PARTS, json_output=False)
    if row.gaps:
        click.echo("\n未按时满足:")
        show_rows(row.gaps, GAPS, json_output=False)
        _say_why(row)


@plan.command("cancel")
@click.argument("number", metavar="PLAN")
@acting
def cancel(app: App, actor: Actor, number: str) -> None:
    """停止求解。"""
    row = app.runtime.read(queries.head, actor, number)
    app.runtime.run(commands.cancel_plan, actor, row.id)
    done(f"{row.number}:已取消。")


@plan.command("problem")
@click.argument("number", metavar="PLAN")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--solution", is_flag=True, help="导出求得的解,而不是问题")
@viewing
def problem(app: App, actor: Actor, json_output: bool, number: str, file: Path, solution: bool) -> None:
    """导出方案的问题(或解)为 JSON,可用 python -m optimizer solve|check 复算。"""
    found = app.runtime.read(queries.solution_json if solution else queries.problem_json, actor, number)
    file.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    done(f"已写入 {file}", json_output=json_output, file=str(file))


@plan.command("approve")
@click.argument("number", metavar="PLAN")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码")
@click.option("--number", "document_number", default="", metavar="NUMBER", help="机关发文字号;不填时自动取号")
@click.option("--note", default="", metavar="TEXT", help="批准意见")
@oral_options
@acting
def approve(
    app: App,
    actor: Actor,
    number: str,
    owner_code: str,
    document_number: str,
    note: str,
    oral_by: str | None,
    oral_to: str | None,
    oral_at: datetime | None,
    oral_witness: str | None,
) -> None:
    """批准方案中一个物权单位的部分:预留库存、启用合同、下达动用指令和调拨单。"""
    row = app.runtime.read(queries.head, actor, number)
    oral = oral_order(oral_by, oral_to, oral_at, oral_witness)
    app.runtime.run(approving.approve, actor, ApprovalInput(row.id, owner_code, document_number, oral, note))
    done(f"{row.number}:{owner_code} 的部分已批准。")


@plan.command("refuse")
@click.argument("number", metavar="PLAN")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码")
@click.option("--note", required=True, metavar="TEXT", help="不批准的原因")
@acting
def refuse(app: App, actor: Actor, number: str, owner_code: str, note: str) -> None:
    """不批准方案中一个物权单位的部分。"""
    row = app.runtime.read(queries.head, actor, number)
    app.runtime.run(approving.refuse, actor, row.id, owner_code, note)
    done(f"{row.number}:{owner_code} 的部分未批准。")


@plan.command("release-floor")
@click.argument("incident", metavar="INCIDENT")
@click.option("--site", "site_code", required=True, metavar="CODE", help="储备库代码")
@click.option("--sku", required=True, metavar="SKU", help="物资编码")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码")
@click.option("--quantity", required=True, type=int, help="释放数量")
@click.option("--basis", required=True, metavar="TEXT", help="依据")
@acting
def release_floor(app: App, actor: Actor, incident: str, **fields: Any) -> None:
    """由物权单位的批准人释放储备底线,供本事件的后续方案使用。"""
    event = app.runtime.read(incidents.incident, actor, incident)
    app.runtime.run(commands.release_floor, actor, FloorReleaseInput(incident_id=event.id, **fields))
    done(f"{event.number}:已释放 {fields['site_code']} {fields['sku']} {fields['quantity']}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for part in (plan_advice, plan_changes, alternatives, edited, insertions):
        part.add_to(plan)
    group.add_command(plan)
