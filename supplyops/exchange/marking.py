"""The copy of a refused file in which the wrong cells are coloured and what is wrong stands in a column of its own."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from supplyops.exchange.normalise import MARKS_HEADER, VERBATIM, needs_mark
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.sheet import Sheet
from supplyops.exchange.writing import Head, csv_bytes, new_workbook, write_facts, write_text
from supplyops.kernel.errors import Conflict, InvalidInput

Mark = tuple[int | None, int, str]
"""Row, column from 1 or 0 for the whole row, what is wrong."""
WRONG = "#FFC7CE"
WIDTH = 16


def marked_refusal(refused: FileRefused, format_name: str) -> bytes:
    """The marked copy of a file that was refused. Raises Conflict when nothing of it could be read."""
    if refused.sheet is None:
        raise Conflict("nothing_to_mark", file=refused.file)
    marks = [(problem.row, problem.place, problem.text) for problem in refused.marked]
    return marked_copy(refused.sheet, marks, format_name)


def marked_copy(sheet: Sheet, marks: Sequence[Mark], format_name: str, header_row: int = 0) -> bytes:
    """Every row of the sheet in its place with its own values, the marks beside them. Raises InvalidInput for another format."""
    if format_name not in {"csv", "xlsx"}:
        raise InvalidInput("unknown_format", value=format_name[:40])
    said: dict[int | None, list[str]] = defaultdict(list)
    for row, _, text in marks:
        said[row].append(text)
    last = max((len(cells) for _, cells in sheet.rows), default=0)
    header = header_row or min((row for row, _ in sheet.rows), default=1)
    notes = {row: "\n".join(texts) for row, texts in said.items() if row is not None}
    notes[header] = "\n".join([MARKS_HEADER, *said.get(header, [])]) if said.get(header) else MARKS_HEADER
    if format_name == "csv":
        return _csv(sheet, notes, header, last)
    return _workbook(sheet, marks, notes, header, last)


def _csv(sheet: Sheet, notes: dict[int, str], header: int, last: int) -> bytes:
    """Rows keep their numbers, so empty lines stay; nothing in it can be computed."""
    lines: dict[int, list[str]] = {row: [_harmless(cell) for cell in cells] for row, cells in sheet.rows}
    end = max(lines, default=header)
    rows = []
    for row in range(1, end + 1):
        cells = lines.get(row, [])
        note = MARKS_HEADER if row == header else notes.get(row, "").replace("\n", " ")
        rows.append([*cells, *[""] * (last - len(cells)), note] if cells else [])
    return csv_bytes([Head(cell) for cell in rows[0]], rows[1:], mark=True) if rows else b""


def _harmless(cell: str) -> str:
    return VERBATIM + cell if cell and needs_mark(cell, is_free_text=True) and not cell.startswith(VERBATIM) else cell


def _workbook(sheet: Sheet, marks: Sequence[Mark], notes: dict[int, str], header: int, last: int) -> bytes:
    buffer = io.BytesIO()
    book = new_workbook(buffer)
    page = book.add_worksheet("数据")
    formats = {
        (kind, is_wrong): book.add_format({"num_format": shown, **({"bg_color": WRONG} if is_wrong else {})})
        for kind, shown in (("s", "@"), ("n", "General"), ("d", "yyyy-mm-dd hh:mm"))
        for is_wrong in (False, True)
    }
    wrap = book.add_format({"text_wrap": True, "font_color": "#9C0006", "num_format": "@"})
    wrong = {(row, place) for row, place, _ in marks if row is not None and place}
    whole = {row for row, place, _ in marks if row is not None and not place}
    page.set_column(0, last, WIDTH)
    page.set_column(last, last, 80)
    for row, cells in sheet.rows:
        kinds = sheet.types.get(row, "")
        for place, cell in enumerate(cells):
            is_wrong = (row, place + 1) in wrong or row in whole
            _write(page, row - 1, place, cell, kinds[place : place + 1] or "s", is_wrong, formats)
        if row in notes:
            page.write_string(row - 1, last, MARKS_HEADER if row == header else notes[row], wrap)
    rows = dict(sheet.rows)
    for row, place in wrong:  # what is missing has no cell of its own
        if place > len(rows.get(row, ())) or not rows[row][place - 1]:
            page.write_blank(row - 1, place - 1, None, formats["s", True])
    general = [text for row, _, text in marks if row is None or row == header]
    if general:
        head = book.add_format({"bold": True})
        write_facts(
            book, [(f"{number}", text) for number, text in enumerate(general, start=1)], head, formats["s", False]
        )
    book.close()
    return buffer.getvalue()


def _write(page: Any, line: int, place: int, cell: str, kind: str, is_wrong: bool, formats: dict[Any, Any]) -> None:
    wanted = formats[kind, is_wrong]
    if kind == "n":
        write_text(page, line, place, cell, wanted, wanted)
    elif kind == "d" and cell:
        page.write_datetime(line, place, _moment(cell), wanted)
    elif cell:
        page.write_string(line, place, cell, wanted)
    elif is_wrong:
        page.write_blank(line, place, None, wanted)


def _moment(text: str) -> datetime | date:
    return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
