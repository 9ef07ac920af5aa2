"""Keeping a lot back and letting it go; recalls of a maker's batch, with where the goods went."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.lots import commands, queries
from supplyops.lots.queries import Whereabouts
from supplyops.lots.rules import KEPT_BY_HAND, LotHoldInput, RecallInput
from supplyops.people import queries as people
from supplyops.stock.rules import LotState
from web import forms, view
from web.forms import Form
from web.pages.stock import lot_page
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/stock/lots/<number>/hold", view_func=hold_lot, methods=["POST"])
    add("/stock/lots/<number>/release", view_func=release_lot, methods=["POST"])
    add("/stock/recalls", view_func=recalls)
    add("/stock/recalls/new", view_func=recall_new, methods=["GET", "POST"])
    add("/stock/recalls/<number>", view_func=recall)
    add("/stock/recalls/<number>/end", view_func=recall_end, methods=["POST"])


@signed_in
def hold_lot(number: str) -> Response:
    """Put a lot on hold, or say that it is damaged."""
    form = Form()
    with form.attempt():
        state = request.form.get("state", "held")
        kept = LotState(state) if state in {each.value for each in KEPT_BY_HAND} else LotState.HELD
        view.run(commands.hold_lot, LotHoldInput(number, request.form.get("because", "").strip(), kept))
        return view.back("pages.stock_lot", "已停用,占用它的单据已收到提醒", number=number)
    return lot_page(number, form)


@signed_in
def release_lot(number: str) -> Response:
    """Let a lot be used again."""
    form = Form()
    with form.attempt():
        view.run(commands.release_lot, number, request.form.get("because", "").strip())
        return view.back("pages.stock_lot", "已恢复可用", number=number)
    return lot_page(number, form)


@signed_in
def recalls() -> str:
    """Recalls, the newest first."""
    return view.page("stock/recalls.html", rows=view.read(queries.recalls))


@signed_in
def recall_new() -> Response:
    """Order a recall."""
    view.require(view.may("lots.recall"))
    initial: dict[str, Any] = {name: request.args.get(name, "") for name in ("sku", "manufacturer", "maker_batch")}
    form = Form(initial, {"sku": "物资", "manufacturer": "生产厂家", "maker_batch": "厂家批号", "reason": "原因"})
    if form.is_posted:
        with form.attempt():
            recall_id = view.run(commands.recall_batch, forms.parse(RecallInput))
            row = next(each for each in view.read(queries.recalls) if each.id == recall_id)
            return view.back("pages.recall", "已召回,同批物资已停用", number=row.number)
    items = [(item.sku, f"{item.sku} {item.name} {item.spec}") for item in view.read(catalogue.items)]
    own = [
        body
        for body in view.read(people.organisations)
        if view.principal().holds_at(commands.recall_batch.permission, body.path)
    ]
    return form.page("stock/recall_new.html", items=items, bodies=own)


@signed_in
def recall(number: str) -> Response:
    """One recall, with where the goods are and to whom they went."""
    return _recall_page(number, Form())


def _recall_page(number: str, form: Form) -> Response:
    return form.page("stock/recall.html", row=view.read(queries.recall, number), whereabouts=list(Whereabouts))


@signed_in
def recall_end(number: str) -> Response:
    """End a recall."""
    form = Form()
    with form.attempt():
        row = view.read(queries.recall, number)
        view.run(commands.end_recall, row.id, request.form.get("because", "").strip())
        return view.back("pages.recall", "召回已结束", number=number)
    return _recall_page(number, form)
