"""Files in and out: kinds of files with their data and templates, and imports that are looked at before they are committed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.exchange import commands, queries, sessions
from supplyops.exchange.columns import Kind
from supplyops.exchange.exporting import export_kind
from supplyops.exchange.kinds import ALL, kind_named
from supplyops.exchange.limits import FILE_MAX
from supplyops.exchange.rules import MappingInput, ReadingInput, RowChange, SessionState
from supplyops.exchange.templates import template
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from web import view
from web.forms import Form
from web.language import gettext as _
from web.lists import download
from web.lists.imports import FILES
from web.paging import page_of
from web.view import KEY_FIELD, signed_in

FORMATS = "<any(csv, xlsx):format_name>"
LABELS_OF_FIELDS = {"file": "文件", "kind": "种类", "encoding": "编码"}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/imports", view_func=imports, methods=["GET", "POST"])
    add("/imports/history", view_func=import_history)
    add("/imports/<uuid:session_id>", view_func=import_session)
    add("/imports/<uuid:session_id>/reading", view_func=import_reading, methods=["POST"])
    add("/imports/<uuid:session_id>/mapping", view_func=import_mapping, methods=["POST"])
    add("/imports/<uuid:session_id>/commit", view_func=import_commit, methods=["POST"])
    add("/imports/<uuid:session_id>/discard", view_func=import_discard, methods=["POST"])
    add(f"/imports/<uuid:session_id>/marked.{FORMATS}", view_func=import_marked)
    add(f"/kinds/<kind_name>.{FORMATS}", view_func=kind_file)
    add(f"/kinds/<kind_name>/template.{FORMATS}", view_func=kind_template)


@signed_in
def imports() -> Any:
    """Upload a file; what can go in and out; the sessions that wait."""
    form = Form({"kind": request.args.get("kind", "")}, LABELS_OF_FIELDS, frozenset())
    if form.is_posted:
        with form.attempt():
            file, data = _uploaded()
            found = sessions.start(
                view.runtime(), _actor(), request.form.get("kind", ""), file, data, request.form.get("encoding", "")
            )
            return view.back("pages.import_session", session_id=found)
    waiting = [row for row in view.read(queries.sessions) if row.state is SessionState.OPEN and not row.is_expired]
    kinds = [kind for kind in ALL if view.may(kind.see_permission.value)]
    return form.page("imports/list.html", waiting=waiting, kinds=kinds, can_import=_importable(kinds))


def _importable(kinds: list[Kind]) -> list[tuple[str, str]]:
    return [(kind.name, _(kind.title)) for kind in kinds if view.may(kind.save_permission.value)]


def _uploaded() -> tuple[str, bytes]:
    """The posted file: its bare name, its bytes. Raises InvalidInput."""
    file = request.files.get("file")
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2] if file is not None else ""
    name = "".join(character for character in name if character.isprintable())[-200:]
    if file is None or not name:
        raise InvalidInput(fields=(FieldError("file", "required"),))
    return name, file.stream.read(FILE_MAX + 1)


def _actor() -> Any:
    return view.actor().keyed(request.form.get(KEY_FIELD) or None)


@signed_in
def import_history() -> Any:
    """Files that came in, the newest first."""
    rows = view.read(queries.imported_files)
    if file := FILES.file_of(rows):
        return file
    return view.page("imports/history.html", rows=rows)


@signed_in
def import_session(session_id: UUID) -> Response:
    """One session: how the file is read, what its columns are, what it would do."""
    return _session_page(session_id, Form(labels=LABELS_OF_FIELDS))


def _session_page(session_id: UUID, form: Form) -> Response:
    row = view.read(queries.session, session_id)
    found = view.read(queries.preview, session_id)
    wanted = request.args.get("change", "")
    rows = [each for each in (found or {}).get("rows", ()) if not wanted or each[1] == wanted]
    page, pages = page_of(len(rows))
    return form.page(
        "imports/session.html",
        row=row,
        kind=kind_named(row.kind),
        found=found,
        rows=rows[(page - 1) * 50 : page * 50],
        total=len(rows),
        page=page,
        pages=pages,
        changes=list(RowChange),
        wanted=wanted,
    )


@signed_in
def import_reading(session_id: UUID) -> Any:
    """Another encoding, sheet or header row."""
    form = Form(labels=LABELS_OF_FIELDS)
    with form.attempt():
        number = request.form.get("header_row", "").strip()
        if number and not (number.isdecimal() and len(number) < 7):
            raise InvalidInput(fields=(FieldError("header_row", "not_whole", {"value": number[:40]}),))
        wanted = ReadingInput(request.form.get("encoding", ""), request.form.get("sheet", ""), int(number or 0))
        sessions.read_again(view.runtime(), _actor(), session_id, wanted)
        return view.back("pages.import_session", session_id=session_id)
    return _session_page(session_id, form)


@signed_in
def import_mapping(session_id: UUID) -> Any:
    """Which column is which."""
    form = Form(labels=LABELS_OF_FIELDS)
    with form.attempt():
        chosen = {
            name.removeprefix("column-"): value
            for name, value in request.form.items()
            if name.startswith("column-") and value
        }
        sessions.map_columns(view.runtime(), _actor(), session_id, MappingInput(chosen))
        return view.back("pages.import_session", session_id=session_id)
    return _session_page(session_id, form)


@signed_in
def import_commit(session_id: UUID) -> Any:
    """Import what the preview showed."""
    form = Form(labels=LABELS_OF_FIELDS)
    with form.attempt():
        seen = request.form.get("digest", "")
        row = view.read(queries.session, session_id)
        if row.ended_at is None and seen != row.preview_digest:
            raise Conflict("preview_stale", file=row.file)
        saved = sessions.commit_shown(view.runtime(), _actor(), session_id)
        said = _("已导入:新增 {added} 行,更新 {changed} 行,不变 {unchanged} 行").format(
            added=saved.added, changed=saved.changed, unchanged=saved.unchanged
        )
        return view.back("pages.import_session", said, session_id=session_id)
    return _session_page(session_id, form)


@signed_in
def import_discard(session_id: UUID) -> Any:
    """Forget the file."""
    form = Form(labels=LABELS_OF_FIELDS)
    with form.attempt():
        view.run(commands.discard_session, session_id)
        return view.back("pages.imports", "已放弃,未导入任何一行")
    return _session_page(session_id, form)


@signed_in
def import_marked(session_id: UUID, format_name: str) -> Response:
    """The file with its problems marked."""
    row = view.read(queries.session, session_id)
    body = sessions.marked(view.runtime(), view.actor(), session_id, format_name)
    return download(body, "-".join((row.file.rpartition(".")[0], _("问题标注"))), format_name)


@signed_in
def kind_file(kind_name: str, format_name: str) -> Response:
    """Every row of a kind in reach, as a file that can be taken in again."""
    kind = kind_named(kind_name)
    body = export_kind(view.runtime(), view.actor(), kind.name, format_name)
    moment = beijing(view.runtime().clock())
    return download(body, f"{kind.title}-{moment:%Y%m%d-%H%M}", format_name)


@signed_in
def kind_template(kind_name: str, format_name: str) -> Response:
    """An empty file of a kind."""
    kind = kind_named(kind_name)
    return download(template(kind.name, format_name), "-".join((kind.title, _("模板"))), format_name)
