"""Issued papers: reading them, and printing them to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure, write_whole
from supplyops.cli.nouns import ALL, Columns, Record, Section, add_list, show_record, viewing
from supplyops.dispatch import printing
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.papers.rows import PaperContent
from supplyops.papers.seal import Sealer
from supplyops.wording.labels import FORMS


@click.group()
def paper() -> None:
    """单据:列出、查看、打印成 PDF。"""


PAPER: Columns = (
    ("编号", "number"),
    ("文号", "document_number"),
    ("种类", lambda row: FORMS.get(row.form, row.form)),
    ("标题", "title"),
    ("版本", "version"),
    ("状态", "state"),
    ("开具时间", "issued_at"),
    ("开具人", "issued_by_name"),
    ("已打印", "prints"),
)


def _narrowed(app: App, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    reference = options.pop("incident")
    if reference is not None:
        options["incident_id"] = app.runtime.read(incidents.incident, actor, reference).id
    return {"limit": ALL, **{name: value for name, value in options.items() if value is not None}}


add_list(
    paper,
    printing.list_papers,
    PAPER,
    "列出单据,新的在前。",
    click.option("--incident", metavar="NUMBER", help="只看这个突发事件的"),
    click.option("--form", type=click.Choice(sorted(FORMS)), help="只看这种单据"),
    click.option("--text", default="", metavar="TEXT", help="编号、文号或标题的一部分"),
    click.option("--valid", "only_valid", is_flag=True, help="只看有效的"),
    arguments=_narrowed,
)


@paper.command("show")
@click.argument("number")
@viewing
def show(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一张单据及其各版本;--json 给出全部内容。"""
    found = app.runtime.read(printing.paper, actor, number)
    versions = [
        row
        for row in app.runtime.read(printing.list_papers, actor, subject_id=found.row.subject_id, form=found.row.form)
        if row.number == found.row.number
    ]
    record = Record((*PAPER, ("结束原因", "ended_because")), (Section("各版本", lambda _: versions, PAPER[4:]),))
    show_record(found.row, record, json_output=json_output, more={"content": found.content, "versions": versions})


@paper.command("print")
@click.argument("number", required=False)
@click.option("--incident", metavar="NUMBER", help="打印这个突发事件的全部有效单据,按办理顺序合成一个 PDF")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="写到哪个文件,默认 编号.pdf")
@click.option("--copy", "copies", multiple=True, metavar="NAME", help="只打印这些联,可多次;不写即全部联")
@click.option("--view", "only_view", is_flag=True, help="只供查阅:标明不作凭据,不计打印次数")
@acting
def print_papers(
    app: App,
    actor: Actor,
    number: str | None,
    incident: str | None,
    output: Path | None,
    copies: tuple[str, ...],
    only_view: bool,
) -> None:
    """打印成 PDF 文件;再次打印的标明“补打”。"""
    if (number is None) == (incident is None):
        raise Failure("请写明一张单据的编号,或 --incident NUMBER 打印全部", 3)
    if number is not None:
        found = [app.runtime.read(printing.paper, actor, number)]
    else:
        event = app.runtime.read(incidents.incident, actor, incident or "")
        found = app.runtime.read(printing.incident_papers, actor, event.id)
    path = output or Path(f"{(number or incident or '').replace('/', '-')}.pdf")
    print_found(app, actor, found, path, copies, only_view=only_view)


@paper.command("print-all")
@click.argument("incident")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@acting
def print_all(app: App, actor: Actor, incident: str, file: Path) -> None:
    """把一个突发事件的全部有效单据打印成一个 PDF:指令、调拨单、出库单、交接单、启用通知、调动命令、申请单,带目录。"""
    event = app.runtime.read(incidents.incident, actor, incident)
    print_found(app, actor, app.runtime.read(printing.incident_papers, actor, event.id), file, ())


def print_found(
    app: App,
    actor: Actor,
    papers: list[PaperContent],
    path: Path,
    copies: tuple[str, ...] = (),
    *,
    only_view: bool = False,
) -> None:
    """Write papers to a file, and say so."""
    if not papers:
        raise NotFound("paper")
    sealer = Sealer.from_folder(app.settings.data_dir, app.settings.public_base_url)
    write_whole(path, _made(papers, sealer, copies, app, actor, only_view=only_view))
    click.echo(f"已写入 {path}:{len(papers)} 张单据。")


def print_issued(app: App, actor: Actor, paper_id: UUID, output: Path | None) -> None:
    """Write a paper that has just been issued to a file, named after its number unless told otherwise."""
    found = app.runtime.read(printing.paper, actor, str(paper_id))
    print_found(app, actor, [found], output or Path(f"{found.row.number}.pdf"))


def _made(
    papers: list[PaperContent], sealer: Sealer, copies: tuple[str, ...], app: App, actor: Actor, *, only_view: bool
) -> bytes:
    """The PDF; a printing is noted only once the paper could be made."""
    from reports.forms import FORMS as PRINTED  # noqa: PLC0415  Pango is needed only where something is printed
    from reports.issued import to_hand_out, to_view  # noqa: PLC0415

    strange = [name for name in copies if any(name not in PRINTED[each.row.form].copies for each in papers)]
    if strange:
        known = "、".join(dict.fromkeys(name for each in papers for name in PRINTED[each.row.form].copies))
        raise Failure(f"没有“{strange[0]}”联;可选:{known}", 3)
    if only_view:
        return _in_words(lambda: to_view(papers, sealer))
    guess = {each.row.id: each.row.prints for each in papers}
    data = _in_words(lambda: to_hand_out(papers, sealer, guess, copies=copies))
    before = app.runtime.run(printing.note_prints, actor, [each.row.id for each in papers], list(copies))
    return data if before == guess else _in_words(lambda: to_hand_out(papers, sealer, before, copies=copies))


def _in_words(make: Callable[[], bytes]) -> bytes:
    from reports.errors import PaperError  # noqa: PLC0415

    try:
        return make()
    except PaperError as error:
        params = {name: "、".join(value) if isinstance(value, list) else value for name, value in error.params.items()}
        raise Conflict(error.code, **params) from error


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(paper)
