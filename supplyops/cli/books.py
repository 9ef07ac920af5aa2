"""Checking and handing out the books: verify, export-ledger."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from supplyops.cli.app import App, Failure, database_failure, pass_app
from supplyops.cli.output import as_json
from supplyops.kernel.codec import from_json, to_json
from supplyops.verify.books import examine
from supplyops.verify.export import ledger_lines
from supplyops.verify.report import Finding
from supplyops.verify.rows import Mark

MARK_FILE = "verify.json"
"""A file in the data directory: up to where the last clean verification went."""


@click.command()
@click.option("--full/--tail", default=True, help="全部核对(默认),或只核对上次无误之后新增的")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@pass_app
def verify(app: App, full: bool, json_output: bool) -> None:
    """核对账簿。退出码:0 无误,1 有违反,2 无法核对。"""
    path = app.settings.data_dir / MARK_FILE
    try:
        since = None if full else _read_mark(path)
        found = examine(app.runtime.database, since)
    except Failure as failure:
        raise Failure(f"无法核对:{failure.message}", 2) from None
    except Exception as error:
        broken = database_failure(error)
        raise Failure(f"无法核对:{broken.message if broken else f'{type(error).__name__} {error}'}", 2) from error
    if found.is_clean:
        _write_mark(path, found.mark)
    if json_output:
        scope = "tail" if since is not None else "full"
        invariants = [asdict(finding) for finding in found.findings]
        as_json({"clean": found.is_clean, "scope": scope, "invariants": invariants})
    else:
        if not full and since is None:
            click.echo("没有上次核对的标记,改为全部核对。")
        for finding in found.findings:
            _show(finding)
        click.echo("账簿核对无误。" if found.is_clean else "账簿存在问题,请立即报告审计管理员。")
    sys.exit(0 if found.is_clean else 1)


def _show(finding: Finding) -> None:
    said = "未检查到任何记录" if finding.is_vacuous else f"违反 {finding.violations} 处"
    click.echo(f"{finding.id:<4}{finding.title}:核对 {finding.checked},{'正常' if finding.is_clean else said}")
    for example in finding.examples:
        click.echo(f"      {example}")


def _read_mark(path: Path) -> Mark | None:
    return from_json(Mark, json.loads(path.read_text())) if path.exists() else None


def _write_mark(path: Path, mark: Mark) -> None:
    """In one step, so that a reader never finds half a mark."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(to_json(mark)))
    fresh.replace(path)


@click.command("export-ledger")
@pass_app
def export_ledger(app: App) -> None:
    """逐行输出 JSON:库存流水、预留、调拨单、操作日志,按顺序。"""
    for line in ledger_lines(app.runtime.database):
        click.echo(line)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(verify)
    group.add_command(export_ledger)
