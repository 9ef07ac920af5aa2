"""A plan edited by hand: written to a sheet, brought back and judged."""

from __future__ import annotations

from pathlib import Path

import click

from supplyops.cli.alternatives import say_page
from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import INVALID, Columns, columns_option, done, show_rows, viewing
from supplyops.exchange.plan_sheets import PLAN_SHEET, SHEET_FILE, judge_file
from supplyops.exchange.problems import FileRefused
from supplyops.kernel.access import Actor
from supplyops.planning import judging, queries, variants

WRONG = 1


@click.command("sheet")
@click.argument("number", metavar="PLAN")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@viewing
def sheet(app: App, actor: Actor, json_output: bool, number: str, file: Path) -> None:
    """导出方案明细(.csv 或 .xlsx),改好后用 plan judge 导回校核。"""
    rows = app.runtime.read(judging.sheet, actor, number)
    file.write_bytes(SHEET_FILE.write(rows, file.suffix.lower().lstrip("."), [("方案编号", number)]))
    done(f"已写入 {file}", json_output=json_output, file=str(file))


@click.command("judge")
@click.argument("number", metavar="PLAN")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@columns_option(PLAN_SHEET)
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def judge(app: App, actor: Actor, number: str, file: Path, json_output: bool) -> None:
    """校核改过的方案(CSV、XLSX 明细或 JSON 解),不改动任何方案。退出码:0 通过,1 不通过,3 文件有误。"""
    head = app.runtime.read(queries.head, actor, number)
    try:
        made = judge_file(app.runtime, actor, head.id, file.name, file.read_bytes())
    except FileRefused as refused:
        raise Failure("\n".join((*refused.lines, "没有执行任何操作。")), INVALID) from None
    found = app.runtime.read(variants.variant, actor, number, made)
    say_page(found, json_output=json_output)
    if not found.variant.is_feasible:
        raise Failure(f"独立校核不通过({len(found.variant.violations)} 处不符),没有改动任何方案。", WRONG)
    figures = found.variant.figures
    if found.may_adopt and figures is not None and not figures.is_same and not json_output:
        click.echo(f"\n采用为新方案:plan adopt {head.number} {made}")


EDITED: Columns = (
    ("编号", "id"),
    ("文件", "note"),
    ("结果", lambda row: "通过" if row.is_feasible else f"{row.violations} 处不符"),
    ("导入人", "created_by"),
    ("时间", "created_at"),
    ("采用为", "adopted_as"),
)


@click.command("variants")
@click.argument("number", metavar="PLAN")
@viewing
def edited(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """列出已校核的手工修改的方案,新的在前;逐个查看用 plan variant。"""
    rows = app.runtime.read(variants.variants, actor, number)
    show_rows(rows, EDITED, json_output=json_output)


def add_to(group: click.Group) -> None:
    """Add this module's commands to `plan`."""
    for command in (sheet, judge, edited):
        group.add_command(command)
