"""A plan edited by hand: taken away as a sheet, brought back, judged; the judged ones in a list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from supplyops.exchange.limits import FILE_MAX
from supplyops.exchange.plan_sheets import SHEET_FILE, judge_file
from supplyops.exchange.problems import FileRefused
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.planning import judging, queries, variants
from web import view
from web.forms import Form
from web.lists import download
from web.view import KEY_FIELD, signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/plans/<number>/edited", view_func=plan_edited, methods=["GET", "POST"])
    pages.add_url_rule("/plans/<number>/sheet.<any(csv, xlsx):format_name>", view_func=plan_sheet)


@signed_in
def plan_edited(number: str) -> Any:
    """Take the sheet away, bring it back, see what was judged before."""
    form = Form(labels={"file": "文件"})
    if form.is_posted:
        with form.attempt():
            file = request.files.get("file")
            name = (file.filename or "").replace("\\", "/").rpartition("/")[2] if file is not None else ""
            name = "".join(character for character in name if character.isprintable())[-200:]
            if file is None or not name:
                raise InvalidInput(fields=(FieldError("file", "required"),))
            data = file.stream.read(FILE_MAX + 1)
            head = view.read(queries.head, number)
            view.let_go()
            actor = view.actor().keyed(request.form.get(KEY_FIELD) or None)
            found = judge_file(view.runtime(), actor, head.id, name, data)
            return view.back("pages.plan_variant", number=head.number, variant_id=found)
    return form.page(
        "plans/edited.html",
        head=view.read(queries.head, number),
        rows=view.read(variants.variants, number),
        lines=form.refused.lines if isinstance(form.refused, FileRefused) else (),
        may_make=view.may("plans.make"),
    )


@signed_in
def plan_sheet(number: str, format_name: str) -> Any:
    """The plan as a sheet."""
    head = view.read(queries.head, number)
    rows = view.read(judging.sheet, number)
    return download(SHEET_FILE.write(rows, format_name, [("方案编号", head.number)]), head.number, format_name)
