"""Supply requests and coordination letters."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import (
    INVALID,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    add_list,
    add_show,
    by,
    columns_option,
    done,
    oral_options,
    oral_order,
    quantities,
    read_part,
)
from supplyops.exchange.parts import REQUEST_LINES
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.requests import commands, letter_queries, queries
from supplyops.requests.letter_queries import LetterFilter
from supplyops.requests.queries import RequestRow
from supplyops.requests.rules import (
    LetterInput,
    LetterState,
    RequestInput,
    RequestLineInput,
    RequestState,
    Review,
    Urgency,
)
from supplyops.wording.labels import label


@click.group()
def request() -> None:
    """需求申请单:起草、修改、提交、审核。"""


REQUEST: Columns = (
    ("编号", "number"),
    ("状态", "state"),
    ("紧急程度", "urgency"),
    ("申请单位", "organisation_name"),
    ("受理单位", "addressee_name"),
    ("接收点", "delivery_site_name"),
    ("提交时间", "submitted_at"),
    ("明细", lambda row: len(row.lines)),
)
LINES: Columns = (
    ("行号", "line_no"),
    ("编码", "sku"),
    ("物资", "item_name"),
    ("测算", "computed_need"),
    ("已满足", "already_met"),
    ("申请", "quantity"),
    ("受理", "accepted"),
    ("已批准", "approved"),
    ("已装车", "loaded"),
    ("已送达", "delivered"),
    ("单位", "unit"),
    ("最迟到达", "latest_arrival_at"),
)


def _of_incident(app: App, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    reference = options.pop("incident")
    if reference is not None:
        options["incident_id"] = app.runtime.read(incidents.incident, actor, reference).id
    return {name: value for name, value in options.items() if value is not None}


add_list(
    request,
    queries.requests,
    REQUEST,
    "列出需求申请单,新的在前。",
    click.option("--incident", metavar="NUMBER", help="只看这个突发事件的"),
    click.option("--state", type=Word(RequestState), help="只看这种状态"),
    arguments=_of_incident,
)
add_show(
    request,
    by(queries.request),
    "NUMBER",
    Record(
        (
            *REQUEST[:-1],
            ("版本", "version"),
            ("突发事件", lambda row: f"{row.incident_number} {row.incident_name}"),
            ("地区", "area_name"),
            ("接收人", "receiver"),
            ("接收电话", "receiver_phone"),
            ("最大车型级别", "vehicle_class_max"),
            ("道路情况", "road_note"),
            ("可接收时间起", "receives_from"),
            ("申请理由", "reason"),
            ("本级物资情况", "own_stock_note"),
            ("审核时间", "reviewed_at"),
            ("审核意见", "review_note"),
        ),
        (Section("明细", lambda row: row.lines, LINES),),
    ),
    "查看一张需求申请单。",
)

_FIELDS = (
    click.option("--organisation", "organisation_code", metavar="CODE", help="申请单位代码"),
    click.option("--to", "addressee_code", metavar="CODE", help="受理单位代码"),
    click.option("--urgency", type=Word(Urgency), help="紧急程度"),
    click.option("--area", "area_code", metavar="CODE", help="受灾地区划代码"),
    click.option("--site", "delivery_site_code", metavar="CODE", help="接收点场所代码"),
    click.option("--receiver", metavar="NAME", help="接收人"),
    click.option("--receiver-phone", metavar="PHONE", help="接收电话"),
    click.option("--reason", metavar="TEXT", help="申请理由"),
    click.option("--lines", type=click.Path(path_type=Path), metavar="FILE", help="明细(CSV 或 XLSX,列见 --columns)"),
    click.option("--vehicle-class-max", type=click.IntRange(1, 9), help="能到达的最大车型级别"),
    click.option("--road-note", metavar="TEXT", help="道路情况"),
    click.option("--receives-from", type=WHEN, metavar="TIME", help="接收点几时起可以接收(不填为随时)"),
    click.option("--own-stock-note", metavar="TEXT", help="本级物资情况(向上级申请而未动用本级物资时必填)"),
    columns_option(REQUEST_LINES),
)
_REQUIRED = {
    "organisation_code": "--organisation",
    "addressee_code": "--to",
    "urgency": "--urgency",
    "area_code": "--area",
    "delivery_site_code": "--site",
    "receiver": "--receiver",
    "receiver_phone": "--receiver-phone",
    "reason": "--reason",
    "lines": "--lines",
}


def _with_fields(function: Any) -> Any:
    for option in reversed(_FIELDS):
        function = option(function)
    return function


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields named on the command line, the lines read from their file."""
    given = {name: value for name, value in fields.items() if value is not None}
    if "lines" in given:
        given["lines"] = read_part(REQUEST_LINES, given["lines"])
    return given


@request.command("draft")
@click.argument("incident", metavar="INCIDENT")
@click.option(
    "--from-needs",
    is_flag=True,
    help="按测算的净需求、减去已申请未批准的,为每个受灾地起草一张(只需 --urgency,可加 --to)",
)
@_with_fields
@acting
def draft(app: App, actor: Actor, incident: str, from_needs: bool, **fields: Any) -> None:
    """起草需求申请单,打印编号。"""
    event = app.runtime.read(incidents.incident, actor, incident)
    if from_needs:
        if fields["urgency"] is None:
            raise Failure("请写明紧急程度:--urgency 特急|加急|平急", INVALID)
        made = app.runtime.run(
            commands.draft_from_needs, actor, event.id, fields["urgency"], fields["addressee_code"] or ""
        )
        for each in made:
            done(app.runtime.read(queries.request, actor, str(each)).number)
        if not made:
            done("没有起草:需求都已满足,或已经申请。")
        return
    missing = [option for name, option in _REQUIRED.items() if fields[name] is None]
    if missing:
        raise Failure(f"还需要:{'、'.join(missing)}(或用 --from-needs 按测算起草)", INVALID)
    one = app.runtime.run(commands.draft, actor, RequestInput(incident_id=event.id, **_given(fields)))
    done(app.runtime.read(queries.request, actor, str(one)).number)


@request.command("edit")
@click.argument("number")
@click.option("--version", type=click.IntRange(1), help="您看到的版本;不填为最新")
@_with_fields
@acting
def edit(app: App, actor: Actor, number: str, version: int | None, **fields: Any) -> None:
    """修改草稿:只改写明的各项;--lines 换掉全部明细。"""
    row = app.runtime.read(queries.request, actor, number)
    changed = RequestInput(**_input_of(row) | _given(fields))
    now = app.runtime.run(commands.edit, actor, row.id, version or row.version, changed)
    done(f"{row.number}:已修改,版本 {now}。")


def _input_of(row: RequestRow) -> dict[str, Any]:
    own = {
        name: getattr(row, name)
        for name in RequestInput.__dataclass_fields__
        if name not in {"lines"} and hasattr(row, name)
    }
    lines = tuple(
        RequestLineInput(**{name: getattr(line, name) for name in RequestLineInput.__dataclass_fields__})
        for line in row.lines
    )
    return own | {"lines": lines}


@request.command("submit")
@click.argument("number")
@click.option("--version", type=click.IntRange(1), help="您看到的版本;不填为最新")
@acting
def submit(app: App, actor: Actor, number: str, version: int | None) -> None:
    """提交给受理单位,同时开具需求申请单。"""
    row = app.runtime.read(queries.request, actor, number)
    app.runtime.run(commands.submit, actor, row.id, version or row.version)
    done(f"{row.number}:已提交。")


@request.command("review")
@click.argument("number")
@click.option("--accept-all", is_flag=True, help="按申请数量全部受理")
@click.option("--accept", "accepted", multiple=True, metavar="行号=数量", help="受理数量,可多次;未写的行为 0")
@click.option("--refuse", is_flag=True, help="全部退回(须写 --note)")
@click.option("--note", default="", metavar="TEXT", help="审核意见")
@click.option("--version", type=click.IntRange(1), help="您看到的版本;不填为最新")
@acting
def review(
    app: App,
    actor: Actor,
    number: str,
    accept_all: bool,
    accepted: tuple[str, ...],
    refuse: bool,
    note: str,
    version: int | None,
) -> None:
    """审核:全部受理、部分受理或退回。"""
    if accept_all + bool(accepted) + refuse != 1:
        raise Failure("请选一种:--accept-all、--accept 行号=数量 或 --refuse", INVALID)
    row = app.runtime.read(queries.request, actor, number)
    wanted = {line.id: line.quantity if accept_all else 0 for line in row.lines}
    verdict = Review(wanted | quantities(accepted, row.lines, "--accept"), note)
    state = app.runtime.run(commands.review, actor, row.id, version or row.version, verdict)
    done(f"{row.number}:{label(state)}。")


@request.command("cancel")
@click.argument("number")
@click.option("--version", type=click.IntRange(1), help="您看到的版本;不填为最新")
@acting
def cancel(app: App, actor: Actor, number: str, version: int | None) -> None:
    """撤销尚未受理的申请单。"""
    row = app.runtime.read(queries.request, actor, number)
    app.runtime.run(commands.cancel, actor, row.id, version or row.version)
    done(f"{row.number}:已撤销。")


@click.group()
def letter() -> None:
    """协调函:致指挥体系以外的单位。"""


LETTER: Columns = (
    ("编号", "number"),
    ("文号", "document_number"),
    ("状态", "state"),
    ("发函单位", "organisation_name"),
    ("收函单位", "addressee_name"),
    ("事由", "subject"),
    ("答复期限", "reply_by"),
)
_find_letter = by(letter_queries.letter)


def _of_letters(app: App, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    return {"where": LetterFilter(**_of_incident(app, actor, options))}


add_list(
    letter,
    letter_queries.letters,
    LETTER,
    "列出协调函,新的在前。",
    click.option("--incident", metavar="NUMBER", help="只看这个突发事件的"),
    arguments=_of_letters,
)
add_show(
    letter,
    _find_letter,
    "NUMBER",
    Record(
        (
            *LETTER,
            ("正文", "body"),
            ("联系人", "contact"),
            ("电话", "phone"),
            ("发出时间", "sent_at"),
            ("答复时间", "answered_at"),
            ("答复", "answer"),
        )
    ),
    "查看一份协调函。",
)


@letter.command("send")
@click.argument("incident", metavar="INCIDENT")
@click.option("--organisation", "organisation_code", required=True, metavar="CODE", help="发函单位代码")
@click.option("--to", "addressee_code", required=True, metavar="CODE", help="收函单位代码")
@click.option("--subject", required=True, metavar="TEXT", help="事由")
@click.option("--body", required=True, metavar="TEXT", help="正文")
@click.option("--reply-by", type=WHEN, required=True, help="答复期限")
@click.option("--contact", required=True, metavar="NAME", help="联系人")
@click.option("--phone", required=True, metavar="PHONE", help="联系电话")
@click.option("--document-number", default="", metavar="NUMBER", help="机关发文字号;不填时自动取号")
@oral_options
@acting
def send(
    app: App,
    actor: Actor,
    incident: str,
    oral_by: str | None,
    oral_to: str | None,
    oral_at: datetime | None,
    oral_witness: str | None,
    **fields: Any,
) -> None:
    """发出协调函,打印编号。"""
    event = app.runtime.read(incidents.incident, actor, incident)
    wanted = LetterInput(event.id, **fields, oral=oral_order(oral_by, oral_to, oral_at, oral_witness))
    made = app.runtime.run(commands.send_letter, actor, wanted)
    done(_find_letter(app, actor, str(made)).number)


@letter.command("answer")
@click.argument("number")
@click.argument("state", type=Word(LetterState))
@click.option("--answer", "text", default="", metavar="TEXT", help="答复内容")
@acting
def answer(app: App, actor: Actor, number: str, state: LetterState, text: str) -> None:
    """登记答复:同意、部分同意、不同意、已撤回。"""
    row = _find_letter(app, actor, number)
    app.runtime.run(commands.answer_letter, actor, row.id, state, text)
    done(f"{row.number}:{label(state)}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(request)
    group.add_command(letter)
