"""Backups: backup, restore."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime
from pathlib import Path

import click

from supplyops.anchors import commands
from supplyops.backups.archive import Contents, Damaged, read_archive
from supplyops.backups.restoring import NotEmpty, Restored, restore_backup
from supplyops.backups.taking import NotClean, take_backup
from supplyops.cli.anchoring import ANCHOR_FILE, forget_anchors, keys_of, seal_books, written
from supplyops.cli.app import App, pass_app
from supplyops.cli.books import MARK_FILE
from supplyops.cli.compose import open_database
from supplyops.cli.failure import Failure
from supplyops.cli.output import as_json
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.clock import beijing
from supplyops.papers.seal import PUBLIC_KEY_FILE, SigningKey, is_signed
from supplyops.runtime import system_clock
from supplyops.verify.anchors import Given, key_id, read_anchor
from supplyops.verify.books import examine

EXISTS, DAMAGED = 5, 3


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@pass_app
def backup(app: App, file: Path, json_output: bool) -> None:
    """备份数据库到 FILE(不停机、前后一致、先核对账簿);已有的文件不会覆盖。"""
    if file.exists():
        raise Failure(f"{file} 已存在,不会覆盖。", EXISTS)
    if not file.absolute().parent.is_dir():
        raise Failure(f"没有文件夹 {file.absolute().parent}。", DAMAGED)
    settings, key = app.settings, SigningKey.from_folder(app.settings.data_dir)
    anchor = read_anchor((settings.data_dir / ANCHOR_FILE).read_text()) if app.runtime.is_copy() else _sealed(app)
    extra = {ANCHOR_FILE: _written(anchor), PUBLIC_KEY_FILE: key.public_key + "\n"}
    try:
        taken = take_backup(
            app.runtime.database, file.absolute(), system_clock(), anchor, keys_of(settings), key.sign, extra
        )
    except FileExistsError:
        raise Failure(f"{file} 已存在,不会覆盖。", EXISTS) from None
    except NotClean as error:
        raise Failure(f"账簿核对不通过,没有写出备份:\n{_told(error)}", 1) from None
    rows = sum(taken.manifest["tables"].values())
    if json_output:
        as_json({"file": str(file), "sha256": taken.sha256, "anchor": anchor.content["number"], "rows": rows})
        return
    click.echo(f"已备份到 {file}:{rows} 行,账簿核对无误,签名锚 {anchor.content['number']}")
    click.echo(f"校验值 {taken.sha256}")
    click.echo("签名密钥 signing.key 不在备份里,请另行妥善保管。")


def _sealed(app: App) -> Given:
    return read_anchor(written(seal_books(app.runtime, app.settings)))


def _written(anchor: Given) -> str:
    """An anchor as a file has it."""
    heads = {shard: list(end) for shard, end in anchor.heads.items()}
    return json.dumps({**anchor.content, "heads": heads}, ensure_ascii=False) + "\n"


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", "replaces", is_flag=True, help="库中已有数据也恢复;SQLite 的原文件改名保留")
@click.option("--confirm", is_flag=True, help="核对后启用恢复的副本,从此可以办理业务")
@pass_app
def restore(app: App, file: Path | None, replaces: bool, confirm: bool) -> None:
    """从备份 FILE 恢复,先只读;核对后用 --confirm 启用。"""
    if (file is None) != confirm:
        raise Failure("写明备份文件,或者用 --confirm 启用已恢复的副本,二者选一。", DAMAGED)
    if file is None:
        _confirm(app)
        return
    settings = app.settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings)
    near = Path(str(database.url.database)).parent if database.is_sqlite else settings.data_dir
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=near) as name:
        folder = Path(name)
        try:
            contents = read_archive(file, folder)
            _check_signature(app, contents, folder)
            done = restore_backup(
                database, contents, folder, system_clock(), {**keys_of(settings), **_key_in(folder)}, replaces=replaces
            )
        except Damaged as error:
            raise Failure(f"没有恢复:{error}。现有数据没有改动。", DAMAGED) from None
        except NotEmpty:
            raise Failure("没有恢复:目标数据库里已有数据。确要替换请加 --replace。", EXISTS) from None
        except NotClean as error:
            raise Failure(f"没有恢复:备份里的账簿核对不通过。现有数据没有改动。\n{_told(error)}", 1) from None
        finally:
            database.dispose()
        _keep_key(app, folder)
    (settings.data_dir / MARK_FILE).unlink(missing_ok=True)
    _say(app, done)


def _say(app: App, done: Restored) -> None:
    anchor = done.manifest["anchor"]
    made = beijing(datetime.fromisoformat(done.manifest["made_at"]))
    click.echo(f"已恢复 {made:%Y-%m-%d %H:%M}(北京时间)的备份:账簿核对无误,签名锚 {anchor['number']}。所有登录已失效。")
    if done.previous is not None:
        click.echo(f"原数据库改名为 {done.previous}")
    own = app.settings.data_dir / ANCHOR_FILE
    if own.exists():
        last = int(read_anchor(own.read_text()).content["number"])
        if last > anchor["number"]:
            click.echo(f"注意:本机最后的签名锚是 {last},备份只到 {anchor['number']},其间的记录不在此副本里。")
    click.echo("此副本只能查看。确认启用请执行:supplyops restore --confirm")


def _confirm(app: App) -> None:
    found = examine(app.runtime.database, keys=keys_of(app.settings))
    if not found.is_clean:
        raise Failure("账簿核对不通过,不能启用。请执行 supplyops verify 查看。", 1)
    backup_hash = app.runtime.run(commands.confirm_copy, SYSTEM)
    forget_anchors(app.settings.data_dir)
    made = seal_books(app.runtime, app.settings)
    click.echo(f"已启用从备份 {backup_hash[:16]} 恢复的数据库,签名锚 {made.number}。")


def _key_in(folder: Path) -> dict[str, str]:
    path = folder / PUBLIC_KEY_FILE
    text = path.read_text().strip() if path.exists() else ""
    return {key_id(text): text} if text else {}


def _check_signature(app: App, contents: Contents, folder: Path) -> None:
    """The manifest is signed by the key it names; a key that this machine does not know yet is said so."""
    named = str(contents.manifest.get("key_id"))
    known, inside = keys_of(app.settings), _key_in(folder)
    public_key = known.get(named) or inside.get(named)
    if public_key is None or not is_signed(contents.manifest_text, contents.signature, public_key):
        raise Damaged("清单的签名不对")
    if named not in known:
        click.echo(f"注意:备份由本机不知道的密钥 {named} 签名,请核对其来历。", err=True)


def _keep_key(app: App, folder: Path) -> None:
    """What was sealed with the other machine's key can still be checked."""
    for name, text in _key_in(folder).items():
        if name not in keys_of(app.settings):
            (app.settings.data_dir / f"signing-{name}.pub").write_text(text + "\n")


def _told(error: NotClean) -> str:
    return "\n".join(
        f"  {finding.id} {finding.title}:{finding.examples[0] if finding.examples else '未检查到任何记录'}"
        for finding in error.findings
    )


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (backup, restore):
        group.add_command(each)
