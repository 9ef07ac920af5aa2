"""Imports over the API: a file comes in, its columns are decided, its effect is shown, it is committed or discarded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from supplyops.exchange import commands, queries, sessions
from supplyops.exchange.exporting import FORMATS, export_kind
from supplyops.exchange.kinds import ALL, kind_named
from supplyops.exchange.limits import FILE_MAX
from supplyops.exchange.queries import ImportFileRow, SessionRow
from supplyops.exchange.rules import MappingInput, ReadingInput
from supplyops.exchange.templates import template
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from web import view
from web.api.base import KEY_PARAMETER, answers, asks, authenticated, body, noun, run, writes
from web.lists import TYPES, download

imports_blueprint = noun("imports", "导入:上传、对应、预览、提交")
kinds_blueprint = noun("kinds", "文件种类:列、数据、模板")
FILE_BODY = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
FILE_ANSWER = {"200": {"description": "文件", "content": {kind.partition(";")[0]: {} for kind in TYPES.values()}}}
NAMED = [
    {"name": name, "in": "query", "required": required, "description": text, "schema": {"type": "string"}}
    for name, required, text in (
        ("kind", True, "种类,见 /api/v1/kinds/"),
        ("file", True, "文件名,后缀 .csv 或 .xlsx"),
        ("encoding", False, "CSV 编码;不填时自动判断"),
    )
]


@dataclass(frozen=True, slots=True)
class Change:
    """A column's value before and after."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What a row of the file does."""

    row: int
    change: str
    key: str
    columns: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class PreviewProblem:
    """What stands against committing."""

    row: int | None
    column: str
    header: str
    value: str
    code: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What committing would do, or why it cannot be done."""

    rows: tuple[PreviewRow, ...]
    total: int
    others: int
    problems: tuple[PreviewProblem, ...]
    count: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedCounts:
    """What was done."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class KindColumn:
    """A column of a kind of file."""

    header: str
    field: str
    required: bool
    example: str
    help: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of file."""

    name: str
    title: str
    columns: tuple[KindColumn, ...]


def _keyed() -> Actor:
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise InvalidInput("key_missing")
    return view.actor().keyed(key)


@imports_blueprint.get("/")
@answers(imports_blueprint, SessionRow, many=True)
@authenticated
def imports() -> Any:
    """自己的导入会话,新的在前。"""
    return view.read(queries.sessions)


@imports_blueprint.post("/")
@imports_blueprint.doc(parameters=[KEY_PARAMETER, *NAMED], requestBody=FILE_BODY)
@answers(imports_blueprint, SessionRow, status=201)
@imports_blueprint.alt_response(413, description="内容过大")
@authenticated
def start() -> Any:
    """上传文件(请求体即文件内容),建立会话。"""
    actor = _keyed()
    args = request.args
    missing = [FieldError(name, "required") for name in ("kind", "file") if not args.get(name)]
    if missing:
        raise InvalidInput(fields=tuple(missing))
    data = request.stream.read(FILE_MAX + 1)
    found = sessions.start(view.runtime(), actor, args["kind"], args["file"][-200:], data, args.get("encoding", ""))
    return view.read(queries.session, found)


@imports_blueprint.get("/files")
@answers(imports_blueprint, ImportFileRow, many=True)
@authenticated
def files() -> Any:
    """导入过的文件,新的在前。"""
    return view.read(queries.imported_files)


@imports_blueprint.get("/<uuid:session_id>")
@answers(imports_blueprint, SessionRow)
@authenticated
def session(session_id: UUID) -> Any:
    """一个会话:编码、工作表、列名行、各列的建议。"""
    return view.read(queries.session, session_id)


@imports_blueprint.get("/<uuid:session_id>/preview")
@asks(imports_blueprint, change="added、changed 或 unchanged", offset="从第几行起", limit="最多几行")
@answers(imports_blueprint, Preview)
@authenticated
def preview(session_id: UUID) -> Any:
    """预览:逐行的变化,或全部问题。"""
    found = view.read(queries.preview, session_id)
    if found is None:
        raise NotFound("import_session")
    change, offset, limit = request.args.get("change", ""), _whole("offset", 0), min(_whole("limit", 100), 1000)
    rows = [each for each in found["rows"] if not change or each[1] == change]
    shown = [
        PreviewRow(number, kind, key, tuple(Change(*column) for column in columns))
        for number, kind, key, columns in rows[offset : offset + limit]
    ]
    problems = tuple(PreviewProblem(**each) for each in found["problems"])
    return Preview(tuple(shown), len(rows), found["others"], problems, found["count"], tuple(found["notes"]))


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else default


@imports_blueprint.post("/<uuid:session_id>/reading")
@writes(imports_blueprint, ReadingInput)
@answers(imports_blueprint, SessionRow)
@authenticated
def read_again(session_id: UUID) -> Any:
    """改用别的编码、工作表或列名行。"""
    sessions.read_again(view.runtime(), _keyed(), session_id, body(ReadingInput))
    return view.read(queries.session, session_id)


@imports_blueprint.post("/<uuid:session_id>/mapping")
@writes(imports_blueprint, MappingInput)
@answers(imports_blueprint, SessionRow)
@authenticated
def map_columns(session_id: UUID) -> Any:
    """确定各列的对应({"columns": {"A": "物资编码"}}),并预览。"""
    sessions.map_columns(view.runtime(), _keyed(), session_id, body(MappingInput))
    return view.read(queries.session, session_id)


@imports_blueprint.post("/<uuid:session_id>/commit")
@writes(imports_blueprint)
@answers(imports_blueprint, SavedCounts)
@authenticated
def commit(session_id: UUID) -> Any:
    """提交:全部写入,或一行也不写。"""
    saved = sessions.commit_shown(view.runtime(), _keyed(), session_id)
    return SavedCounts(saved.added, saved.changed, saved.unchanged)


@imports_blueprint.post("/<uuid:session_id>/discard")
@writes(imports_blueprint)
@answers(imports_blueprint, SessionRow)
@authenticated
def discard(session_id: UUID) -> Any:
    """放弃。"""
    run(commands.discard_session, session_id)
    return view.read(queries.session, session_id)


@imports_blueprint.get("/<uuid:session_id>/marked/<format_name>")
@imports_blueprint.doc(responses=FILE_ANSWER)
@answers(imports_blueprint, None)
@authenticated
def marked(session_id: UUID, format_name: str) -> Any:
    """标注了问题的副本(csv 或 xlsx)。"""
    _known(format_name)
    return download(sessions.marked(view.runtime(), view.actor(), session_id, format_name), "marked", format_name)


def _known(format_name: str) -> None:
    if format_name not in FORMATS:
        raise NotFound("list")


@kinds_blueprint.get("/")
@answers(kinds_blueprint, KindRow, many=True)
@authenticated
def kinds() -> Any:
    """文件种类及其列。"""
    return [
        KindRow(
            kind.name,
            kind.title,
            tuple(
                KindColumn(column.header, column.english, column.required, column.example, column.describe)
                for column in kind.columns
            ),
        )
        for kind in ALL
    ]


@kinds_blueprint.get("/<name>/<format_name>")
@kinds_blueprint.doc(responses=FILE_ANSWER)
@answers(kinds_blueprint, None)
@authenticated
def kind_file(name: str, format_name: str) -> Any:
    """一种数据的全部行(csv 或 xlsx),可以原样导回。"""
    _known(format_name)
    return download(export_kind(view.runtime(), view.actor(), name, format_name), kind_named(name).title, format_name)


@kinds_blueprint.get("/<name>/template/<format_name>")
@kinds_blueprint.doc(responses=FILE_ANSWER)
@answers(kinds_blueprint, None)
@authenticated
def kind_template(name: str, format_name: str) -> Any:
    """空白模板(csv 或 xlsx)。"""
    _known(format_name)
    return download(template(name, format_name), kind_named(name).title, format_name)
