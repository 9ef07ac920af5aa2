"""Checking and handing out the books: verify, export-ledger."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from supplyops.cli.app import App, Failure, pass_app
from supplyops.verify.books import verify as verify_books
from supplyops.verify.export import ledger_lines


@click.command()
@click.option("--full/--tail", default=True, help="全部核对(默认),或只核对上次之后新增的")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@pass_app
def verify(app: App, full: bool, json_output: bool) -> None:
    """核对账簿。退出码:0 无误,1 有违反,2 无法核对。"""
    try:
        findings = verify_books(app.runtime.database)
    except Failure:
        raise
    except Exception as error:
        raise Failure(f"无法核对:{type(error).__name__} {error}", 2) from error
    clean = all(finding.is_clean for finding in findings)
    if json_output:
        found = {"clean": clean, "full": full, "invariants": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark = (
                "正常"
                if finding.is_clean
                else "未检查到任何记录"
                if finding.is_vacuous
                else f"违反 {finding.violations} 处"
            )
            click.echo(f"{finding.id:<4}{finding.title}:核对 {finding.checked},{mark}")
            for example in finding.examples:
                click.echo(f"      {example}")
        click.echo("账簿核对无误。" if clean else "账簿存在问题,请立即报告审计管理员。")
    sys.exit(0 if clean else 1)


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
