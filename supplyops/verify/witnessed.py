"""Invariants of rows that leave no seal of their own: the journal tells by whom and when they came to be what they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from supplyops.verify.custody import IMPORTS
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

NAME_KEPT = 80
"""So much of a file's name stands in the journal."""


def files_and_copies(books: Books, finding: Finding) -> None:
    """I37: each file that was noted as imported is one that the journal knows of; a restored copy was confirmed by somebody."""
    _files(books, finding)
    _copies(books, finding)


def _files(books: Books, finding: Finding) -> None:
    told: dict[Any, list[datetime]] = defaultdict(list)

    def importing(entries: Any) -> Any:
        return (
            entries.c.command.in_(IMPORTS) & (entries.c.outcome == "done") & (entries.c.subject_kind == "import_file")
        )

    columns = (
        "actor_id",
        "organisation_id",
        "subject_number",
        "detail",
        "recorded_at",
        "command",
        "outcome",
        "subject_kind",
    )
    for row in books.rows("journal_entry", *columns, where=importing):
        said = row.detail
        key = (said.get("rows_of"), said.get("sha256"), said.get("rows"), said.get("added"), said.get("changed"))
        told[*key, row.subject_number, row.actor_id, row.organisation_id].append(row.recorded_at)
    noted: Counter[Any] = Counter()
    for row in books.rows("import_file"):
        counts = (row.rows, row.added, row.changed)
        note = (row.kind, row.sha256, *counts, row.file[:NAME_KEPT], row.user_id, row.organisation_id)
        noted[note] += 1
        right = row.rows == row.added + row.changed + row.unchanged and any(
            row.imported_at <= at for at in told.get(note, ())
        )
        finding.see(right, f"导入记录 {row.file}({row.kind},{row.rows} 行):与日志不符")
    for key, times in told.items():
        finding.see(
            noted[key] == len(times), f"导入记录 {key[5]}({key[0]}):日志记 {len(times)} 次,在册 {noted[key]} 次"
        )


def _copies(books: Books, finding: Finding) -> None:
    confirmed = [
        row.recorded_at
        for row in books.rows(
            "journal_entry", "recorded_at", where=lambda entries: entries.c.subject_kind == "restored_copy"
        )
    ]
    for row in books.rows("restored_copy", "restored_at", "confirmed_at"):
        if row.confirmed_at is not None:
            vouched = any(row.restored_at <= row.confirmed_at <= at for at in confirmed)
            finding.see(vouched, f"{row.restored_at:%Y-%m-%d %H:%M} 恢复的副本:记为已确认,日志中没有")
