"""The journal: who did what when, the newest first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, request

from supplyops.insight.journal import LIMIT_MAX, JournalFilter, JournalRow
from supplyops.insight.journal import journal as journal_query
from web import view
from web.lists import ALL_ROWS
from web.lists.journal import JOURNAL
from web.view import signed_in

PAGE = 50
OUTCOMES = ("done", "refused")


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/journal", view_func=journal)


@signed_in
def journal() -> Any:
    """Entries in reach, narrowed by person, command, subject and outcome; paged backwards by sequence."""
    args = request.args
    before = args.get("before", "")
    where = JournalFilter(
        username=args.get("user", "").strip()[:40],
        command=args.get("command", "").strip()[:80],
        subject_number=args.get("subject", "").strip()[:80],
        outcome=args["outcome"] if args.get("outcome") in OUTCOMES else "",
        before_seq=int(before) if before.isdecimal() and len(before) < 16 else None,
        limit=PAGE,
    )
    if file := JOURNAL.file_of(lambda: _every(replace(where, before_seq=None, limit=LIMIT_MAX))):
        return file
    return view.page(
        "journal/list.html", rows=view.read(journal_query, where), where=where, outcomes=OUTCOMES, size=PAGE
    )


def _every(where: JournalFilter) -> list[JournalRow]:
    """Every entry that the filter leaves, asked for in parts; one more than a file may hold at most."""
    found: list[JournalRow] = []
    while len(found) < ALL_ROWS:
        part = view.read(journal_query, where)
        found += part
        if len(part) < LIMIT_MAX:
            break
        where = replace(where, before_seq=part[-1].seq)
    return found
