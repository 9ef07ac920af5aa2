"""What the commands of every noun share: lists, single records, words and times as arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, pass_app, tell_lines_with
from supplyops.cli.failure import Failure
from supplyops.cli.output import as_json, cell, table, width
from supplyops.exchange.columns import Layout
from supplyops.exchange.normalise import narrow, trimmed
from supplyops.exchange.parsers import DAY, MOMENT, Unreadable
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.reading import Reading, problem_of, read_file
from supplyops.exchange.sheets import load
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import FieldError
from supplyops.kernel.oral import OralOrder
from supplyops.runtime import Query
from supplyops.wording.errors import field_message, sentence
from supplyops.wording.labels import LABELS, member

Getter = str | Callable[[Any], Any]
Columns = Sequence[tuple[str, Getter]]
Option = Callable[[Any], Any]
INVALID = 3
ALL = 100_000
"""Rows of a list: the command line does not turn pages."""


class Word(click.ParamType[Any]):
    """A member of an enumeration by its Chinese word or its code."""

    name = "word"

    def __init__(self, kind: type[StrEnum]) -> None:
        self.kind = kind

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The words to choose from."""
        return "|".join(LABELS[self.kind.__name__].values())

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> StrEnum:
        """The member; ends the command with the words to choose from when there is none."""
        if isinstance(value, self.kind):
            return value
        found = member(self.kind, str(value)) or member(self.kind, f"已{value}")  # 到达 is 已到达
        if found is None:
            choices = "、".join(f"{word}({code})" for code, word in LABELS[self.kind.__name__].items())
            raise Failure(f"“{value}”不在可选范围内。可选:{choices}", INVALID)
        return found


class _Read(click.ParamType[Any]):
    """A value read as files have it."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value; ends the command when it cannot be read."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(trimmed(narrow(value)))
        except Unreadable as error:
            raise Failure(sentence(error.code, error.params), INVALID) from None


WHEN: click.ParamType[datetime] = _Read("时间", MOMENT.read)
DAY_TYPE: click.ParamType[date] = _Read("日期", DAY.read)
BECAUSE: Option = click.option("--because", required=True, metavar="TEXT", help="原因")


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a single record."""

    title: str
    rows: Callable[[Any], Sequence[Any]]
    columns: Columns
    cut: bool = True
    """Are long texts cut short?"""


@dataclass(frozen=True, slots=True)
class Record:
    """How a single record is shown: facts line by line, then tables."""

    facts: Columns
    sections: Sequence[Section] = field(default_factory=tuple)


def value_of(row: Any, getter: Getter) -> Any:
    """One value of a row."""
    return getter(row) if callable(getter) else getattr(row, getter)


def viewing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--as USER` and `--json`, and hand the command the app and the actor."""

    @click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
    @click.option("--as", "as_user", metavar="USER", required=True, help="以哪个用户的身份查看")
    @pass_app
    def wrapped(app: App, /, as_user: str, **kwargs: Any) -> Any:
        return function(app, app.actor(as_user), **kwargs)

    wrapped.__doc__ = function.__doc__
    return wrapped


def show_rows(rows: Sequence[Any], columns: Columns, *, json_output: bool) -> None:
    """Print rows as a table, or all of what they hold as JSON."""
    if json_output:
        as_json([_plain(row) for row in rows])
        return
    table([title for title, _ in columns], [[value_of(row, getter) for _, getter in columns] for row in rows])


def show_record(row: Any, record: Record, *, json_output: bool, more: dict[str, Any] | None = None) -> None:
    """Print one record with its tables, or all of it as JSON; `more` are parts that the row itself does not hold."""
    if json_output:
        as_json(_plain(row) | {name: _plain(value) for name, value in (more or {}).items()})
        return
    facts = [(title, cell(value_of(row, getter), cut=False)) for title, getter in record.facts]
    widest = max(width(title) for title, _ in facts)
    for title, text in facts:
        if text != "-":
            click.echo(f"{title}{' ' * (widest - width(title))}  {text}")
    for section in record.sections:
        rows = section.rows(row)
        if rows:
            click.echo(f"\n{section.title}")
            columns = [title for title, _ in section.columns]
            table(
                columns, [[value_of(each, getter) for _, getter in section.columns] for each in rows], cut=section.cut
            )


def _plain(value: Any) -> Any:
    return value if not is_dataclass(value) else {name: getattr(value, name) for name in value.__dataclass_fields__}


def add_list(
    group: click.Group,
    query: Query[Any, Any],
    columns: Columns,
    help_text: str,
    *options: Option,
    name: str = "list",
    arguments: Callable[[App, Actor, dict[str, Any]], dict[str, Any]] | None = None,
) -> None:
    """Add a command that lists what a query gives; options go to the query by name, unless `arguments` turns them."""

    def run(app: App, actor: Actor, json_output: bool, **kwargs: Any) -> None:
        asked = arguments(app, actor, kwargs) if arguments else {k: v for k, v in kwargs.items() if v is not None}
        show_rows(app.runtime.read(query, actor, **asked), columns, json_output=json_output)

    run.__doc__ = help_text
    command = viewing(run)
    for option in reversed(options):
        command = option(command)
    group.command(name)(command)


def add_show(
    group: click.Group,
    find: Callable[[App, Actor, str], Any],
    metavar: str,
    record: Record,
    help_text: str,
) -> None:
    """Add a command that shows one record, found by what people call it."""

    def run(app: App, actor: Actor, json_output: bool, reference: str) -> None:
        show_record(find(app, actor, reference), record, json_output=json_output)

    run.__doc__ = help_text
    group.command("show")(click.argument("reference", metavar=metavar)(viewing(run)))


def by(query: Query[Any, Any]) -> Callable[[App, Actor, str], Any]:
    """Finds a record with a query that takes what people call it."""
    return lambda app, actor, reference: app.runtime.read(query, actor, reference)


def among(query: Query[Any, Any], noun: str, *names: str) -> Callable[[App, Actor, str], Any]:
    """Finds a record among all that a query gives, by any of the fields named. Ends the command when there is none."""

    def find(app: App, actor: Actor, reference: str) -> Any:
        for row in app.runtime.read(query, actor):
            if reference in {str(getattr(row, name)) for name in names}:
                return row
        raise Failure(sentence("not_found", {"noun": noun}), 4)

    return find


def read_part(layout: Layout, path: Path, encoding: str | None = None) -> tuple[Any, ...]:
    """The rows of a CSV or XLSX file that is a part of a document. Ends the command with every problem of the file."""
    try:
        reading = read_file(layout, path.name, load(path), encoding)
    except FileRefused as refused:
        raise Failure("\n".join((*refused.lines, "没有执行任何操作。")), INVALID) from None
    for note in reading.notes:
        click.echo(f"提示:{note}", err=True)
    tell_lines_with(partial(_told, reading))
    return tuple(reading.inputs)


def _told(reading: Reading, error: FieldError) -> str | None:
    """An error about the n-th line of a document as one about the row of the file that it came from."""
    _, _, rest = error.field.partition(".")
    if not rest.partition(".")[0].isdigit():
        return None
    return f"{reading.file} {problem_of(reading, replace(error, field=rest)).text}"


def columns_option(layout: Layout) -> Option:
    """`--columns`: say which columns the command's file has, and end."""

    def tell(context: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            for each in layout.columns:
                click.echo(f"{each.header}{'*' if each.required else ''}  {each.english}  {each.describe}")
            click.echo("带 * 的列必填。文件可为 CSV 或 XLSX,第一行为列名。")
            context.exit()

    return click.option(
        "--columns", is_flag=True, is_eager=True, expose_value=False, callback=tell, help="列出明细文件的列"
    )


def gate_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the state of the seals (F3)."""
    for option in reversed(
        (
            click.option("--seal-intact/--seal-broken", "is_seal_intact", default=None, help="封签完好或破损"),
            click.option("--seal-number", default="", metavar="TEXT", help="封签号"),
        )
    ):
        function = option(function)
    return function


def inspection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what is noted when goods are looked at before they are unloaded (F3)."""
    for option in reversed(
        (
            click.option("--vehicle", default="", metavar="TEXT", help="送货车牌号"),
            click.option(
                "--appearance-good/--appearance-bad", "is_appearance_good", default=True, help="外观完好或有损"
            ),
            click.option("--matches-list/--differs", "matches_list", default=True, help="与清单相符或不符"),
            click.option("--conclusion", default="", metavar="TEXT", help="验收结论"),
            click.option(
                "--shortage-handling", default="", metavar="TEXT", help="短少破损处理(数量不符或有不合格品时必填)"
            ),
            click.option("--delivered-by", default="", metavar="NAME", help="送货人"),
            click.option(
                "--inspected-by",
                default="",
                metavar="NAME",
                help="在纸上签字的质检人(不是入库人);不填则由质检人登录后签字",
            ),
        )
    ):
        function = option(function)
    return function


def arrival_time(app: App, actor: Actor, told: datetime | None) -> datetime:
    """When goods came: as told, or now. A command with a key must say the same every time, so there it has to be told."""
    if told is None and actor.key is not None:
        raise Failure("使用 --key 时请写明到货时间:--arrived-at", INVALID)
    return told or app.runtime.clock()


def oral_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of an order given by word of mouth."""
    for option in reversed(
        (
            click.option("--oral-by", metavar="NAME", help="口头命令:下令人(填了它,其余三项也要填)"),
            click.option("--oral-to", metavar="NAME", help="口头命令:受令人"),
            click.option("--oral-at", type=WHEN, help="口头命令:下令时间"),
            click.option("--oral-witness", metavar="NAME", help="口头命令:在场证明人"),
        )
    ):
        function = option(function)
    return function


def oral_order(
    oral_by: str | None, oral_to: str | None, oral_at: datetime | None, oral_witness: str | None
) -> OralOrder | None:
    """The order, if one was given; ends the command when only some of its parts are there."""
    parts = (oral_by, oral_to, oral_at, oral_witness)
    if all(part is None for part in parts):
        return None
    if oral_by is None or oral_to is None or oral_at is None or oral_witness is None:
        raise Failure(
            "口头命令要写明下令人、受令人、时间和证明人:--oral-by --oral-to --oral-at --oral-witness", INVALID
        )
    return OralOrder(oral_by, oral_to, oral_at, oral_witness)


def line_named(lines: Sequence[Any], name: str, told: str, *fields: str) -> Any | None:
    """The line of which one of the fields says `name`, or None. Ends the command where there are several."""
    named = [line for line in lines if name and name in {str(getattr(line, each)) for each in fields}]
    if len(named) > 1:
        raise Failure(f"{told}有 {len(named)} 行符合,请写行号", INVALID)
    return named[0] if named else None


def quantities(pairs: Sequence[str], lines: Sequence[Any], what: str) -> dict[Any, int]:
    """`行号=数量` or `物资编码=数量` as line id -> quantity; errors about a line are told by its number."""
    found: dict[Any, int] = {}
    called = {str(line.id): f"第 {line.line_no} 行" if hasattr(line, "line_no") else line.sku for line in lines}
    for pair in pairs:
        name, sign, amount = pair.partition("=")
        if not sign or not amount.isdigit():
            raise Failure(f"{what}“{pair}”应写成 行号=数量 或 物资编码=数量,例如 1=120", INVALID)
        row = line_named(lines, name, f"{what}“{pair}”", "line_no", "sku", "id")
        if row is None:
            there = "、".join(called.values()) or "还没有明细(尚未批准)"
            raise Failure(f"{what}“{pair}”:没有“{name}”这一行。可写:{there}", INVALID)
        found[row.id] = int(amount)
    tell_lines_with(partial(_told_by_line, called))
    return found


def _told_by_line(called: Mapping[str, str], error: FieldError) -> str | None:
    """An error whose field ends in a line's id, by what people call the line."""
    line = called.get(error.field.rpartition(".")[2])
    return None if line is None else f"{line}:{field_message(error)}"


def place_name(name: str) -> str:
    """A place's name; those outside the stores are called by what they are."""
    return LABELS["LocationKind"].get(name, name)


def done(text: str, *, json_output: bool = False, **values: Any) -> None:
    """Say what was done, for people or for programs."""
    if json_output:
        as_json(values)
    else:
        click.echo(text)
