"""Checking, sealing and handing out the books: verify, anchor, export-ledger."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from supplyops.cli.anchoring import ANCHOR_FILE, keys_of, seal_books, written
from supplyops.cli.app import App, database_failure, pass_app
from supplyops.cli.failure import Failure
from supplyops.cli.output import as_json
from supplyops.kernel.clock import beijing
from supplyops.kernel.codec import from_json, to_json
from supplyops.verify.anchors import Given, NoAnchor, read_anchor
from supplyops.verify.books import Verification, examine
from supplyops.verify.export import ledger_lines
from supplyops.verify.report import Finding
from supplyops.verify.rows import Mark

MARK_FILE = "verify.json"
"""A file in the data directory: up to where the last clean verification went."""


@click.command()
@click.option("--full/--tail", default=True, help="全部核对(默认),或只核对上次无误之后新增的")
@click.option("--at", "until", type=click.IntRange(1), metavar="SEQ", help="只核对到第 SEQ 行流水为止的账")
@click.option(
    "--anchor",
    "anchor_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="另外保存的签名锚:账簿不得短于它,也不得与它不同",
)
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@pass_app
def verify(app: App, full: bool, until: int | None, anchor_file: Path | None, json_output: bool) -> None:
    """核对账簿。退出码:0 无误,1 有违反,2 无法核对。"""
    if until is not None and (not full or anchor_file is not None):
        raise Failure("--at 不能与 --tail 或 --anchor 同用。", 2)
    path = app.settings.data_dir / MARK_FILE
    try:
        since = None if full else _read_mark(path)
        given = None if until is not None else _given(app, anchor_file, is_full=since is None)
        found = examine(app.runtime.database, since, until, keys_of(app.settings), given)
    except Failure as failure:
        raise Failure(f"无法核对:{failure.message}", 2) from None
    except NoAnchor as error:
        raise Failure(f"无法核对:{error}", 2) from None
    except Exception as error:
        broken = database_failure(error)
        raise Failure(f"无法核对:{broken.message if broken else f'{type(error).__name__} {error}'}", 2) from error
    if found.is_clean and until is None:
        _write_mark(path, found.mark)
    scope = "at" if until is not None else "tail" if since is not None else "full"
    if json_output:
        _tell_json(found, scope, until, given)
    else:
        if not full and since is None:
            click.echo("没有上次核对的标记,改为全部核对。")
        for finding in found.findings:
            _show(finding)
        click.echo("账簿核对无误。" if found.is_clean else "账簿存在问题,请立即报告审计管理员。")
    sys.exit(0 if found.is_clean else 1)


def _tell_json(found: Verification, scope: str, until: int | None, given: Given | None) -> None:
    as_json(
        {
            "clean": found.is_clean,
            "scope": scope,
            "seq": until,
            "anchor": given.content["number"] if given else None,
            "invariants": [asdict(finding) for finding in found.findings],
        }
    )


def _given(app: App, named: Path | None, *, is_full: bool) -> Given | None:
    """The anchor to hold the books against: the one that was named, else for a full check the newest of this machine."""
    own = app.settings.data_dir / ANCHOR_FILE
    path = named or (own if is_full and own.exists() else None)
    return read_anchor(path.read_text(errors="replace")) if path else None


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


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@pass_app
def anchor(app: App, file: Path | None, json_output: bool) -> None:
    """给账簿打签名锚:各链此刻的末环,用数据库外的密钥签名;FILE 为另存处,请放到别的机器上。"""
    if file is not None and file.exists():
        raise Failure(f"{file} 已存在,不会覆盖。", 5)
    made = seal_books(app.runtime, app.settings)
    if file is not None:
        file.write_text(written(made))
    if json_output:
        told = {name: getattr(made, name) for name in ("number", "made_at", "hash", "moves", "entries", "key_id")}
        as_json({**told, "chains": len(made.heads)})
        return
    at = beijing(made.made_at)
    click.echo(
        f"签名锚 {made.number}({at:%Y-%m-%d %H:%M:%S}):{len(made.heads)} 条链,流水 {made.moves} 行,日志 {made.entries} 行"
    )
    click.echo(f"哈希 {made.hash},密钥号 {made.key_id}")
    click.echo(f"已写入 {app.settings.data_dir / ANCHOR_FILE}{f' 和 {file}' if file else ''}")


@click.command("export-ledger")
@pass_app
def export_ledger(app: App) -> None:
    """逐行输出 JSON:库存流水、预留、调拨单、操作日志,按顺序。"""
    for line in ledger_lines(app.runtime.database):
        click.echo(line)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (verify, anchor, export_ledger):
        group.add_command(each)
