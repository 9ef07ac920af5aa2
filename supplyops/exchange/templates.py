"""An empty file of a KIND: headers, one example, and what may be written in each column."""

from __future__ import annotations

import io

from supplyops.exchange.columns import Column, Kind
from supplyops.exchange.exporting import FORMATS
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.parsers import Choice, ListOf, Scaled, YesNo
from supplyops.exchange.writing import Head, csv_bytes, new_workbook, width
from supplyops.kernel.errors import InvalidInput

ROWS_READY = 1_000
"""So many rows are formatted for what belongs in them."""
LIST_MAX = 255
"""A spreadsheet offers a choice no longer than this."""
NOTES = "填写说明"


def template(kind_name: str, format_name: str) -> bytes:
    """The template of a KIND as CSV or XLSX. Raises InvalidInput for another format."""
    kind = kind_named(kind_name)
    if format_name not in FORMATS:
        raise InvalidInput("unknown_format", value=format_name[:40])
    if format_name == "csv":
        heads = [Head(column.header) for column in kind.columns]
        return csv_bytes(heads, [[column.example for column in kind.columns]], mark=True)
    return _workbook(kind)


def _workbook(kind: Kind) -> bytes:
    buffer = io.BytesIO()
    book = new_workbook(buffer)
    sheet = book.add_worksheet(kind.title)
    must = book.add_format({"bold": True, "bg_color": "#FFE9B8", "bottom": 1, "text_wrap": True, "valign": "top"})
    may = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"})
    words, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "General"})
    for place, column in enumerate(kind.columns):
        is_number = isinstance(column.parser, Scaled)
        sheet.set_column(
            place, place, max(width(column.header), width(column.example), 8) + 2, None if is_number else words
        )
        sheet.write_string(0, place, column.header, must if column.required else may)
        if column.example and is_number:
            sheet.write_number(1, place, float(column.example.replace(",", "")), number)
        elif column.example:
            sheet.write_string(1, place, column.example, words)
        choices = _choices(column)
        if choices and width("".join(choices)) + len(choices) <= LIST_MAX and not isinstance(column.parser, ListOf):
            sheet.data_validation(
                1, place, ROWS_READY, place, {"validate": "list", "source": choices, "error_type": "warning"}
            )
    sheet.freeze_panes(1, 1)
    _notes(book, kind, may, words)
    book.close()
    return buffer.getvalue()


def _notes(book: object, kind: Kind, head: object, words: object) -> None:
    sheet = book.add_worksheet(NOTES)  # type: ignore[attr-defined]
    rows = [("列名", "必填", "示例", "填写说明", "可选值")]
    rows += [
        (column.header, "是" if column.required else "", column.example, column.describe, "、".join(_choices(column)))
        for column in kind.columns
    ]
    lines = [
        "第二行是示例,请改成自己的内容;底色为黄色的列必填,列的顺序可以调整,不需要的选填列可以删去。",
        "编号、电话、代码所在的列已设为文本格式,开头的 0 不会丢失;请不要改成常规格式。",
        "以 = + - @ 开头的文字前面加一个单引号,例如 '=A1;不接受公式。",
    ] + ([kind.note] if kind.note else [])
    for place, size in enumerate((24, 6, 28, 50, 60)):
        sheet.set_column(place, place, size)
    for line, text in enumerate(lines):
        sheet.write_string(line, 0, text)
    for line, row in enumerate(rows, start=len(lines) + 1):
        for place, text in enumerate(row):
            sheet.write_string(line, place, text, head if line == len(lines) + 1 else words)


def _choices(column: Column) -> list[str]:
    parser = column.parser.inner if isinstance(column.parser, ListOf) else column.parser
    if isinstance(parser, YesNo):
        return ["是", "否"]
    return list(parser.words.values()) if isinstance(parser, Choice) else []
