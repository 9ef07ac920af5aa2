"""Notices: what the reader's body was told, until somebody there has taken note."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from supplyops.notices import commands, queries
from supplyops.notices.queries import NoticeFilter, NoticeRow
from supplyops.wording.notices import NOTICES, notice_sentence
from web import view
from web.language import gettext as _
from web.paging import page_of
from web.view import signed_in

ADDRESSES = {"consignment": "orders_consignment", "lot": "stock_lot", "recall": "recall"}
"""The page of what a notice is about, found by its number."""


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/notices", view_func=notices)
    pages.add_url_rule("/notices/<uuid:notice_id>/acknowledge", view_func=acknowledge_notice, methods=["POST"])


@signed_in
def notices() -> str:
    """Notices that nobody has acknowledged yet, or all of them."""
    where = NoticeFilter(not request.args.get("all"), not request.args.get("below"))
    total = view.read(queries.count_notices, where)
    page, pages = page_of(total, queries.PAGE)
    rows = view.read(queries.notices, where, (page - 1) * queries.PAGE)
    return view.page("home/notices.html", rows=told(rows), where=where, total=total, page=page, pages=pages)


def told(rows: list[NoticeRow]) -> list[tuple[NoticeRow, str, str]]:
    """Notices with their sentence and the address of what they are about."""
    return [(row, notice_sentence(_(NOTICES[row.kind]), row.params), _address(row)) for row in rows]


def _address(row: NoticeRow) -> str:
    endpoint = ADDRESSES.get(row.subject_kind)
    return url_for(f"pages.{endpoint}", number=row.subject_number) if endpoint else ""


@signed_in
def acknowledge_notice(notice_id: UUID) -> Response:
    """Take note of a notice for the body it was told to."""
    view.run(commands.acknowledge, notice_id)
    return view.back("pages.notices", "已确认")
