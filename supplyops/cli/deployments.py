"""Proposals for teams on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, Failure, acting
from supplyops.cli.nouns import done, viewing
from supplyops.cli.output import as_json, table
from supplyops.deployments import commands, queries
from supplyops.deployments.rules import OrdersInput, ProposalInput
from supplyops.kernel.access import Actor
from supplyops.kernel.clock import beijing
from supplyops.kernel.codec import from_json
from supplyops.teams import queries as teams
from supplyops.wording.labels import LABELS

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def deployment() -> None:
    """队伍派遣:为任务建议队伍,按建议下达调动命令。"""


def _asked(file: Path, incident: str) -> ProposalInput:
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise Failure("文件不是完整的 JSON。", 3) from None
    if not isinstance(given, dict):
        raise Failure("文件应为一个对象:vehicle_type 和 tasks。", 3)
    found: ProposalInput = from_json(ProposalInput, {**given, "incident": incident})
    return found


@deployment.command("propose")
@click.argument("incident", metavar="INCIDENT")
@click.argument("file", type=FILE)
@viewing
def propose(app: App, actor: Actor, json_output: bool, incident: str, file: Path) -> None:
    """为 FILE(JSON:vehicle_type、tasks)中的任务建议队伍。"""
    proposal = app.runtime.read(queries.propose, actor, _asked(file, incident))
    if json_output:
        as_json(proposal)
        return
    rows = [
        (d.team_code, d.team_name, d.task_name, d.site_name, f"{beijing(d.arrives_at):%m-%d %H:%M}")
        for d in proposal.duties
    ]
    table(("队伍", "名称", "任务", "地点", "到达"), rows)
    for one in proposal.tasks:
        said = "、".join(
            f"{LABELS['Lack'][reason.lack]} {LABELS['Capability'].get(reason.capability, '')}".strip()
            for reason in one.reasons
        )
        standby = f";候补:{'、'.join(one.standby)}" if one.standby else ""
        click.echo(f"{one.no} {one.name}:{'已安排' if one.is_covered else f'无法安排({said})'}{standby}")
    proven = "已证明最优" if proposal.is_optimal else f"与最优最多相差 {proposal.gap_percent}%"
    click.echo(f"{proven}。建议编号 {proposal.digest}。")


@deployment.command("order")
@click.argument("incident", metavar="INCIDENT")
@click.argument("file", type=FILE)
@click.option("--proposal", "digest", required=True, metavar="DIGEST", help="建议编号")
@click.option("--team", "team_codes", multiple=True, required=True, metavar="CODE", help="下达给哪些队伍,可重复")
@click.option("--relation", "command_relation", required=True, metavar="TEXT", help="指挥关系")
@click.option("--uninsured-reason", default="", metavar="TEXT", help="无有效保险仍需出动的原因")
@acting
def order(app: App, actor: Actor, incident: str, file: Path, **given: Any) -> None:
    """按看到的建议下达调动命令,每队一份。"""
    made = app.runtime.run(commands.order_teams, actor, OrdersInput(_asked(file, incident), **given))
    numbers = [app.runtime.read(teams.mission, actor, mission_id).number for mission_id in made]
    done(f"已下达 {len(numbers)} 份调动命令:{'、'.join(numbers)}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(deployment)
