"""Files in and out: import and export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from supplyops.cli import import_sessions as sessions
from supplyops.cli.app import App, pass_app
from supplyops.cli.failure import Failure, write_whole
from supplyops.cli.networks import take_over
from supplyops.cli.output import as_json, table
from supplyops.exchange.exporting import export_kind
from supplyops.exchange.importing import Imported, import_file
from supplyops.exchange.kinds import ALL, kind_named
from supplyops.exchange.marking import marked_refusal
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.sheet import letters
from supplyops.exchange.templates import template

REFUSED = 3
MAP_FILES = {".pbf", ".osm", ".geojson", ".json"}


class ImportGroup(click.Group):
    """`import KIND FILE` without a subcommand is the whole way at once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Words that begin with no subcommand are those of `import file`."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["file", *args]
        return super().parse_args(ctx, args or ["file"])


@click.group("import", cls=ImportGroup)
def import_command() -> None:
    """导入 CSV 或 XLSX 文件:全部合格才写入,有一处问题就一行也不写。

    文件里没有的行和列保持原样;有这一列而单元格为空的,清空。

    \b
    一步完成(import file 中的 file 可以省略):
      supplyops import --list                                  有哪些种类
      supplyops import items --list                            物资文件有哪些列
      supplyops import items 物资.xlsx --dry-run --as wangjg   先检查
      supplyops import items 物资.xlsx --as wangjg             再导入
    地图文件(.osm.pbf、.osm、.geojson)一步完成,细节选项见 supplyops network import:
      supplyops import roads 霍尔果斯.osm.pbf --as wangjg
    先看后提交,列名可以与系统不同:
      supplyops import start items 物资.xlsx --as wangjg       得到会话编号和各列的对应
      supplyops import map 会话 --column A=物资编码 --as wangjg
      supplyops import show 会话 --as wangjg                   将有什么变化、有哪些问题
      supplyops import commit 会话 --as wangjg                 或 import discard
    """


@import_command.command("file")
@click.argument("kind", metavar="[KIND]", required=False)
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--list", "list_kinds", is_flag=True, help="列出文件种类及其列(带 KIND 时只列该种)")
@click.option("--dry-run", is_flag=True, help="只检查并说明会有什么变化,不写入")
@click.option("--encoding", metavar="ENC", help="CSV 编码:utf-8、gb18030、utf-16、big5;不填时自动判断")
@click.option(
    "--marked",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="有问题时,把标注了问题的副本写到此文件(.xlsx 或 .csv)",
)
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@click.option("--as", "as_user", metavar="USER", help="以哪个用户的身份导入")
@click.option("--key", metavar="KEY", help="请求键:同一键重复执行只生效一次")
@pass_app
def import_whole(
    app: App,
    kind: str | None,
    file: Path | None,
    list_kinds: bool,
    dry_run: bool,
    encoding: str | None,
    marked: Path | None,
    json_output: bool,
    as_user: str | None,
    key: str | None,
) -> None:
    """一步导入:检查、写入。

    列名(中文列名或英文字段名)在前 20 行之内,其下为数据。
    同一文件可以反复导入:已有且相同的行不变,有改动的行按文件更新。
    """
    if list_kinds:
        _list(kind, json_output)
        return
    if kind is None or file is None:
        raise Failure("请写明种类和文件:supplyops import KIND FILE --as USER(种类见 supplyops import --list)", REFUSED)
    if as_user is None:
        raise Failure("请写明以谁的身份导入:--as USER", REFUSED)
    kind_named(kind)
    if kind == "roads" and file.suffix.lower() in MAP_FILES:
        take_over(app, app.actor(as_user).keyed(key), file, dry_run=dry_run, json_output=json_output)
        return
    try:
        done = import_file(app.runtime, app.actor(as_user).keyed(key), kind, file, encoding=encoding, dry_run=dry_run)
    except FileRefused as refused:
        _write_marked(refused, marked)
        if json_output:
            as_json(
                {"imported": False, "count": refused.count, "problems": [_problem(each) for each in refused.problems]}
            )
        raise Failure("\n".join((*refused.lines, refused.summary)), REFUSED) from None
    if json_output:
        as_json({"imported": not dry_run, **_plain(done)})
        return
    for note in done.notes:
        click.echo(f"提示:{note}")
    click.echo(_told(done))


def _write_marked(refused: FileRefused, path: Path | None) -> None:
    if path is None:
        return
    if refused.sheet is None:
        click.echo("提示:文件内容无法读取,没有可以标注的副本。", err=True)
        return
    write_whole(path, marked_refusal(refused, path.suffix.lower().removeprefix(".")))
    click.echo(f"提示:标注了问题的副本已写到 {path}。", err=True)


def _problem(problem: Any) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.header,
        "letter": letters(problem.place),
        "number": problem.number,
        "value": problem.value,
        "code": problem.code,
        "message": problem.text,
    }


def _plain(done: Imported) -> dict[str, Any]:
    return {
        "kind": done.kind,
        "file": done.file,
        "rows": done.rows,
        "added": done.saved.added,
        "changed": done.saved.changed,
        "unchanged": done.saved.unchanged,
        "dry_run": done.dry_run,
        "sha256": done.sha256,
        "notes": list(done.notes),
    }


def _told(done: Imported) -> str:
    title = kind_named(done.kind).title
    counts = f"新增 {done.saved.added} 行,更新 {done.saved.changed} 行,不变 {done.saved.unchanged} 行"
    if done.is_no_op:
        said = f"{title}:{done.rows} 行均已在册,内容相同,没有改动。"
    elif done.dry_run:
        said = f"{title}:将{counts}。"
    else:
        said = f"{title}:已导入 {done.rows} 行,{counts}。"
    if done.dry_run:
        said += "仅为检查,未写入任何内容。"
    note = kind_named(done.kind).note
    return f"{said}\n{note}" if note and done.saved.added else said


def _list(kind: str | None, json_output: bool) -> None:
    kinds = [kind_named(kind)] if kind else list(ALL)
    if json_output:
        as_json(
            [
                {
                    "kind": each.name,
                    "title": each.title,
                    "columns": [
                        {
                            "header": column.header,
                            "field": column.english,
                            "required": column.required,
                            "example": column.example,
                            "help": column.describe,
                        }
                        for column in each.columns
                    ],
                }
                for each in kinds
            ]
        )
        return
    for each in kinds:
        click.echo(f"{each.name}  {each.title}")
        if each.note:
            click.echo(f"  {each.note}")
        rows = [
            (f"  {column.header}{'*' if column.required else ''}", column.english, column.example, column.describe)
            for column in each.columns
        ]
        table(("  列名", "英文字段", "示例", "填写说明"), rows, count=False, cut=False)
        click.echo()
    click.echo("带 * 的列必填。文件可为 CSV(UTF-8、GB18030、UTF-16)或 XLSX;顺序即空系统的导入顺序。")
    click.echo("以 ' 开头的单元格按原文读入,例如 '=A1。用 supplyops export KIND FILE 可得到带列名的现有数据。")


@click.command("export")
@click.argument("kind", metavar="KIND")
@click.argument("file", metavar="FILE")
@click.option("--as", "as_user", metavar="USER", help="以哪个用户的身份导出(只导出其所辖内容)")
@click.option("--template", "is_template", is_flag=True, help="不导出数据,只给出空白模板:列名、示例、填写说明")
@pass_app
def export_command(app: App, kind: str, file: str, as_user: str | None, is_template: bool) -> None:
    """导出一种数据;格式看后缀(.csv 或 .xlsx),FILE 为 - 时输出 CSV。

    \b
    导出的文件可以原样导回,内容不变。
      supplyops export items 物资.xlsx --as wangjg
      supplyops export lots - --as wangjg > lots.csv
      supplyops export lots 模板.xlsx --template
    """
    found = kind_named(kind)
    if is_template:
        write_whole(Path(file), template(found.name, Path(file).suffix.lower().removeprefix(".")))
        click.echo(f"已写出{found.title}的空白模板:{file}。")
        return
    if as_user is None:
        raise Failure("请写明以谁的身份导出:--as USER", REFUSED)
    if file == "-":
        data = export_kind(app.runtime, app.actor(as_user), found.name, "csv", mark=False)
        sys.stdout.buffer.write(data)
        return
    path = Path(file)
    data = export_kind(app.runtime, app.actor(as_user), found.name, path.suffix.lower().removeprefix("."))
    write_whole(path, data)
    click.echo(f"已导出{found.title}到 {file}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    sessions.register(import_command)
    group.add_command(import_command)
    group.add_command(export_command)
