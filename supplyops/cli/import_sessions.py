"""Imports that are looked at before they are committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure, write_whole
from supplyops.cli.nouns import show_rows, viewing
from supplyops.cli.output import as_json, table
from supplyops.exchange import commands, queries, sessions
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.queries import SessionRow
from supplyops.exchange.rules import MappingInput, ReadingInput, RowChange
from supplyops.exchange.sheets import load
from supplyops.kernel.access import Actor
from supplyops.kernel.codec import to_json
from supplyops.wording.labels import LABELS

REFUSED = 3
ROWS_SHOWN = 50
COLUMNS = (
    ("会话", lambda row: str(row.id)),
    ("种类", "title"),
    ("文件", "file"),
    ("状态", "state"),
    ("建立时间", "created_at"),
    ("保留至", "expires_at"),
)
FILES = (
    ("时间", "imported_at"),
    ("种类", "title"),
    ("文件", "file"),
    ("行数", "rows"),
    ("新增", "added"),
    ("更新", "changed"),
    ("不变", "unchanged"),
    ("导入人", "user_name"),
)
session_argument = click.argument("session", metavar="SESSION", type=click.UUID)


@click.command("start")
@click.argument("kind", metavar="KIND")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--encoding", default="", metavar="ENC", help="CSV 编码;不填时自动判断")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def start(app: App, actor: Actor, kind: str, file: Path, encoding: str, json_output: bool) -> None:
    """上传文件,建立会话:列出各列的对应;列名都认识时直接给出预览。"""
    try:
        session = sessions.start(app.runtime, actor, kind, file.name, load(file), encoding)
    except FileRefused as refused:
        raise Failure("\n".join((*refused.lines, refused.summary)), REFUSED) from None
    _show(app, actor, session, json_output)


@click.command("list")
@viewing
def list_sessions(app: App, actor: Actor, json_output: bool) -> None:
    """列出自己的导入会话,新的在前。"""
    rows = app.runtime.read(queries.sessions, actor)
    show_rows(rows, COLUMNS, json_output=json_output)


@click.command("history")
@viewing
def history(app: App, actor: Actor, json_output: bool) -> None:
    """列出导入过的文件,新的在前。"""
    rows = app.runtime.read(queries.imported_files, actor)
    show_rows(rows, FILES, json_output=json_output)


@click.command("show")
@session_argument
@viewing
def show(app: App, actor: Actor, session: UUID, json_output: bool) -> None:
    """查看一个会话:编码、工作表、各列的对应、将有的变化、全部问题。"""
    _show(app, actor, session, json_output)


@click.command("map")
@session_argument
@click.option(
    "--column", "columns", multiple=True, metavar="LETTER=NAME", help="文件的某列对应系统的哪列,如 A=物资编码;可重复"
)
@click.option("--suggested", is_flag=True, help="其余各列采用建议的对应")
@click.option("--encoding", default="", metavar="ENC", help="改用此编码重新读取")
@click.option("--sheet", default="", metavar="NAME", help="改读此工作表")
@click.option("--header-row", type=click.IntRange(1), default=None, metavar="N", help="列名在第几行")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def map_columns(
    app: App,
    actor: Actor,
    session: UUID,
    columns: tuple[str, ...],
    suggested: bool,
    encoding: str,
    sheet: str,
    header_row: int | None,
    json_output: bool,
) -> None:
    """确定怎样读、各列对应什么;没有列出的列不导入。之后给出预览。"""
    if encoding or sheet or header_row:
        try:
            sessions.read_again(app.runtime, actor.keyed(None), session, ReadingInput(encoding, sheet, header_row or 0))
        except FileRefused as refused:
            raise Failure("\n".join((*refused.lines, refused.summary)), REFUSED) from None
    if columns or suggested:
        wanted = _suggested(app, actor, session) if suggested else {}
        sessions.map_columns(app.runtime, actor, session, MappingInput(wanted | dict(map(_pair, columns))))
    _show(app, actor, session, json_output)


def _pair(text: str) -> tuple[str, str]:
    letter, mark, name = text.partition("=")
    if not mark:
        raise Failure(f"“{text}”应写成 列字母=列名,例如 A=物资编码", REFUSED)
    return letter.strip().upper(), name.strip()


def _suggested(app: App, actor: Actor, session: UUID) -> dict[str, str]:
    row = app.runtime.read(queries.session, actor, session)
    return {column["letter"]: column["name"] for column in row.look["columns"] if column["name"]}


@click.command("commit")
@session_argument
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def commit(app: App, actor: Actor, session: UUID, json_output: bool) -> None:
    """提交:按预览全部写入;账册在预览之后有变化时不写入,重新预览。"""
    saved = sessions.commit_shown(app.runtime, actor, session)
    if json_output:
        as_json(to_json(saved))
        return
    click.echo(f"已导入:新增 {saved.added} 行,更新 {saved.changed} 行,不变 {saved.unchanged} 行。")


@click.command("discard")
@session_argument
@acting
def discard(app: App, actor: Actor, session: UUID) -> None:
    """放弃:不导入,文件内容不再保留。"""
    app.runtime.run(commands.discard_session, actor, session)
    click.echo("已放弃,未导入任何一行。")


@click.command("marked")
@session_argument
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@viewing
def marked(app: App, actor: Actor, session: UUID, file: Path, json_output: bool) -> None:
    """把标注了问题的副本写到 FILE(.xlsx 或 .csv)。"""

    data = sessions.marked(app.runtime, actor, session, file.suffix.lower().removeprefix("."))
    write_whole(file, data)
    if json_output:
        as_json({"file": str(file), "bytes": len(data)})
    else:
        click.echo(f"已写出标注了问题的副本:{file}。")


def _show(app: App, actor: Actor, session: UUID, json_output: bool) -> None:
    row = app.runtime.read(queries.session, actor, session)
    found = app.runtime.read(queries.preview, actor, session)
    if json_output:
        as_json({**to_json(row), "preview": found and {name: found[name] for name in found if name != "marks"}})
        return
    click.echo(f"会话 {row.id}  {row.title}  {row.file}  {LABELS['SessionState'][row.state.value]}")
    if row.look["is_undecided"]:
        click.echo("无法判断文件编码,请用 import map 会话 --encoding 指明:")
        for each in row.look["encodings"]:
            click.echo(f"  {each['name']}:{each['sample'][0] if each['sample'] else ''}")
        return
    _show_columns(row)
    if found is not None:
        _show_preview(found, row)
    elif row.mapped is None:
        click.echo("请用 import map 确定各列的对应(--suggested 采用以上建议),然后查看预览。")


def _show_columns(row: SessionRow) -> None:
    mapped = row.mapped if row.mapped is not None else {}
    lines = []
    for place, column in enumerate(row.look["columns"]):
        name = mapped.get(str(place), "") if row.mapped is not None else column["name"]
        how = (
            "已确定" if row.mapped is not None and name else LABELS["How"].get(column["how"], "") if name else "不导入"
        )
        lines.append((column["letter"], column["header"], name, how))
    table(("列", "文件的列名", "对应", "依据"), lines, count=False)


def _show_preview(found: dict[str, Any], row: SessionRow) -> None:
    for note in found["notes"]:
        click.echo(f"提示:{note}")
    for problem in found["problems"]:
        click.echo(f"{problem['text']}[{problem['number']}]")
    if found["problems"]:
        click.echo(f"本文件共 {found['count']} 处问题,不能提交。")
        return
    shown = [each for each in found["rows"] if each[1] != RowChange.UNCHANGED]
    words = LABELS["RowChange"]
    lines = [
        (
            line,
            words[change],
            key,
            "、".join(f"{header}:{old} → {new}" if old else f"{header}:{new}" for header, old, new in columns),
        )
        for line, change, key, columns in shown[:ROWS_SHOWN]
    ]
    table(("行", "变化", "标识", "内容"), lines, count=False)
    if len(shown) > ROWS_SHOWN:
        click.echo(f"另有 {len(shown) - ROWS_SHOWN} 行,用 --json 查看全部。")
    counts = row.result
    click.echo(f"将新增 {counts['added']} 行,更新 {counts['changed']} 行,不变 {counts['unchanged']} 行。尚未写入。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (start, list_sessions, history, show, map_columns, commit, discard, marked):
        group.add_command(each)
