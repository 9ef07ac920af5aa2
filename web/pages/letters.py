"""Coordination letters to bodies outside the chain of command, and what they answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as Answer

from supplyops.dispatch import printing
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.requests import commands, letter_queries
from supplyops.requests.letter_queries import LetterFilter
from supplyops.requests.rules import LetterInput, LetterState
from supplyops.wording.labels import LABELS
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists import ALL_ROWS
from web.lists.requests import LETTERS
from web.paging import one_page
from web.view import signed_in

FIELDS = {
    "incident_id": "突发事件",
    "organisation_code": "发函单位",
    "addressee_code": "收函单位",
    "subject": "事由",
    "body": "正文",
    "reply_by": "请于何时前答复",
    "contact": "联系人",
    "phone": "联系电话",
    "document_number": "发文字号",
    "answer": "答复内容",
    "state": "答复结果",
    "by": "下达人",
    "to": "受话人",
    "at": "时间",
    "witness": "见证人",
}
ANSWERS = (LetterState.GRANTED, LetterState.PARTLY_GRANTED, LetterState.DECLINED, LetterState.WITHDRAWN)


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/letters", view_func=letters)
    pages.add_url_rule("/letters/new", view_func=letter_new, methods=["GET", "POST"])
    pages.add_url_rule("/letters/<number>", view_func=letter, methods=["GET", "POST"])


@signed_in
def letters() -> Any:
    """Letters in reach, narrowed by incident and state."""
    args = request.args
    found = view.read(incidents.incident, args["incident"]) if args.get("incident") else None
    where = LetterFilter(
        found.id if found else None, LetterState(args["state"]) if args.get("state") in set(LetterState) else None
    )
    if file := LETTERS.file_of(lambda: view.read(letter_queries.letters, where, limit=ALL_ROWS)):
        return file
    words = LABELS["LetterState"]
    active = [("state", _(words[where.state]))] if where.state else []
    active += [("incident", found.name)] if found else []
    return view.page(
        "letters/list.html",
        active=active,
        incident=found,
        **one_page(letter_queries.letters, letter_queries.count_letters, where),
    )


@signed_in
def letter_new() -> Answer:
    """Write to a body outside the chain of command."""
    now = view.runtime().clock()
    found = view.read(incidents.incident, request.args["incident"]) if request.args.get("incident") else None
    home = view.principal().organisation_id
    own = view.bodies().get(home) if home else None
    initial = {
        "incident_id": found.id if found else "",
        "organisation_code": own.code if own else "",
        "addressee_code": request.args.get("to", ""),
        "reply_by": view.local(now + timedelta(hours=2)),
        "contact": view.principal().name,
        "phone": (own.duty_phone or own.phone) if own else "",
    }
    form = Form(initial, FIELDS, wrappers=frozenset({"0", "letter"}))
    if form.is_posted:
        with form.attempt():
            letter_id = view.run(commands.send_letter, forms.parse(LetterInput))
            sent = view.read(letter_queries.letter, str(letter_id))
            return view.back("pages.letter", "协调函已发出", number=sent.number)
    view.require(view.may("requests.coordinate"))
    bodies = view.bodies().values()
    return form.page(
        "letters/new.html",
        incidents=view.read(incidents.incidents, IncidentState.OPEN),
        senders=[body for body in bodies if body.in_chain and view.may_at("requests.coordinate", body.id)],
        addressees=[body for body in bodies if not body.in_chain],
    )


@signed_in
def letter(number: str) -> Answer:
    """One letter; its answer is noted here."""
    row = view.read(letter_queries.letter, number)
    form = Form(labels=FIELDS)
    if form.is_posted:
        with form.attempt():
            given = request.form.get("state", "")
            if given not in {state.value for state in ANSWERS}:
                raise InvalidInput(fields=(FieldError("state", "required"),))
            view.run(commands.answer_letter, row.id, LetterState(given), request.form.get("answer", ""))
            return view.back("pages.letter", "答复已登记", number=row.number)
        row = view.read(letter_queries.letter, number)
    return form.page(
        "letters/detail.html",
        row=row,
        answers=ANSWERS,
        papers=view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else [],
    )
