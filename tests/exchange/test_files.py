"""What files may be: encodings, separators, workbooks; and hostile ones, refused before anything opens them."""

from __future__ import annotations

import io
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from supplyops.exchange.exporting import write_rows
from supplyops.exchange.kinds import KINDS
from supplyops.exchange.parsers import DAY, Unreadable
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.reading import read_file
from supplyops.exchange.sheets import load
from supplyops.people.rules import Level
from supplyops.places.rules import AreaInput
from supplyops.runtime import Runtime
from tests.exchange import city
from tests.exchange.city import ROWS, csv_of

AREAS = KINDS["areas"]
ROW = {"区划代码": "654004", "区划名称": "霍尔果斯市,口岸", "层级": "市", "人口": "64800", "备注": '第一行\n"引号"'}
EXPECTED = AreaInput("654004", "霍尔果斯市,口岸", Level.CITY, population=64800, note='第一行\n"引号"')


def refused(file: str, data: bytes, encoding: str | None = None) -> tuple[str, ...]:
    with pytest.raises(FileRefused) as caught:
        read_file(AREAS, file, data, encoding)
    return tuple(problem.code for problem in caught.value.problems)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_one_content_in_every_encoding(encoding: str) -> None:
    reading = read_file(AREAS, "areas.csv", csv_of([ROW], encoding))
    assert reading.inputs == [EXPECTED]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_in_both_everyday_encodings(kind: str, encoding: str) -> None:
    reading = read_file(KINDS[kind], f"{kind}.csv", csv_of(ROWS[kind], encoding))
    assert len(reading.inputs) == len(ROWS[kind])


def test_english_headers_leave_the_decision_to_the_text() -> None:
    text = "code,name,level\n654004,霍尔果斯市,city\n"
    for encoding in ("utf-8", "gb18030", "utf-16-le"):
        assert read_file(AREAS, "a.csv", text.encode(encoding)).inputs == [
            AreaInput("654004", "霍尔果斯市", Level.CITY)
        ]
    uyghur = "code,name,level\n654004,قورغاس شەھىرى,city\n"
    assert read_file(AREAS, "a.csv", uyghur.encode()).inputs[0].name == "قورغاس شەھىرى"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"code,name,level\n654004," + "业协十写".encode("gb18030") + b",city\n", "encoding_undecidable"),
        (b"code,name,level\n654004,\xff\xfe\xfd\x80,city\n", "encoding_undecidable"),
        ("code,name,level\n654004,霍爾果斯市人民政府應急物資儲備庫,city\n".encode("big5"), "encoding_undecidable"),
        ("区划代码,区划名称\n".encode() + "654004,霍尔果斯\n".encode("gb18030"), "encoding_undecidable"),
        ("区划代码,区划名称,层级\n654004,霍尔果斯市,市\n".encode()[:-2], "encoding_undecidable"),
        (b"code,name,level\n654004,a\0b,city\n", "encoding_undecidable"),
    ],
    ids=["both", "neither", "big5", "mixed", "truncated", "nul"],
)  # fmt: skip
def test_what_cannot_be_decided_asks_for_the_encoding(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read_file(AREAS, "areas.csv", data)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert "--encoding" in caught.value.lines[0]


def test_a_named_encoding_is_taken_strictly() -> None:
    traditional = "code,name,level\n654004,霍爾果斯市,city\n".encode("big5")
    assert read_file(AREAS, "a.csv", traditional, "Big5").inputs[0].name == "霍爾果斯市"
    assert refused("a.csv", "区划代码\n".encode("gb18030"), "utf-8") == ("encoding_wrong",)
    assert refused("a.csv", b"x", "latin-1") == ("unknown_encoding",)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_separators_and_line_ends(separator: str, ending: str) -> None:
    text = ending.join(
        (
            f"区划代码{separator}区划名称{separator}层级",
            f'1{separator}"甲{separator}乙"{separator}市',
            "",
            f"2{separator}丙{separator}市",
            "",
        )
    )
    reading = read_file(AREAS, "a.csv", text.encode())
    assert [(each.code, each.name) for each in reading.inputs] == [("1", f"甲{separator}乙"), ("2", "丙")]
    assert reading.places == [2, 4]


@pytest.mark.parametrize(
    ("file", "data", "code"),
    [
        ("a.csv", b"", "nothing_in_file"),
        ("a.csv", "区划代码,区划名称,层级\n".encode(), "nothing_in_file"),
        ("a.csv", '区划代码,区划名称,层级\n1,"没有关上,市\n'.encode(), "csv_broken"),
        ("a.csv", "区划代码,区划名称,层级\n1,".encode() + b"x" * 200_000 + b",city\n", "cell_too_long"),
        ("a.csv", "区划代码,区划名称,层级\n".encode() + b"1,x,city\n" * 100_001, "too_many_rows"),
        ("a.csv", "区划代码,区划名称,层级\n".encode() + b"," * 300 + b"x\n", "too_many_columns"),
        ("a.csv", b"x" * 20_000_001, "file_too_large"),
        ("a.csv", b"PK\x03\x04rest", "unknown_format"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "unknown_format"),
        ("a.pdf", b"%PDF", "unknown_format"),
        ("a.xlsx", b"PK\x03\x04rest", "not_a_spreadsheet"),
        ("a.xlsx", "区划代码".encode(), "not_a_spreadsheet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_broken_and_oversized_files(file: str, data: bytes, code: str) -> None:
    started = time.process_time()
    assert refused(file, data) == (code,)
    assert time.process_time() - started < 10


Sheet = Callable[[xlsxwriter.Workbook], None]


def workbook(*fill: Callable[[xlsxwriter.Workbook, object], None]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("数据")
    for place, header in enumerate(("区划代码", "区划名称", "层级", "人口", "备注")):
        sheet.write_string(0, place, header)
    for each in fill:
        each(book, sheet)
    book.close()
    return buffer.getvalue()


def good(_: object, sheet: object) -> None:
    for place, value in enumerate(("654004", "霍尔果斯市", "市")):
        sheet.write_string(1, place, value)  # type: ignore[attr-defined]


def test_numbers_dates_and_truths_of_a_workbook_are_read_as_shown() -> None:
    def cells(_: object, sheet: object) -> None:
        sheet.write_number(1, 0, 654004)  # type: ignore[attr-defined]
        sheet.write_string(1, 1, "市")  # type: ignore[attr-defined]
        sheet.write_string(1, 2, "市")  # type: ignore[attr-defined]
        sheet.write_number(1, 3, 64800.0)  # type: ignore[attr-defined]

    assert read_file(AREAS, "a.xlsx", workbook(cells)).inputs == [
        AreaInput("654004", "市", Level.CITY, population=64800)
    ]


def test_formulas_and_errors_of_a_workbook_are_named() -> None:
    def cells(_: object, sheet: object) -> None:
        sheet.write_formula(1, 3, "=6*7", None, 42)  # type: ignore[attr-defined]
        sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")  # type: ignore[attr-defined]

    with pytest.raises(FileRefused) as caught:
        read_file(AREAS, "a.xlsx", workbook(good, cells))
    assert [(problem.row, problem.header, problem.code) for problem in caught.value.problems] == [
        (2, "人口", "formula"),
        (2, "备注", "formula"),
    ]
    assert (
        caught.value.lines[0]
        == "a.xlsx 第 2 行“人口”列(D 列):“42”是公式,不接受公式。请粘贴为数值;确为文字时在前面加单引号 '。[IMP-030]"
    )


def test_only_the_first_sheet_is_read_and_said_so() -> None:
    reading = read_file(AREAS, "a.xlsx", workbook(good, lambda book, _: book.add_worksheet("说明")))
    assert [str(note) for note in reading.notes] == ["只读取第一个工作表“数据”,未读取:说明。"]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    def late(_: object, sheet: object) -> None:
        sheet.write_string(6, 0, "x")  # type: ignore[attr-defined]

    with pytest.raises(FileRefused) as caught:
        read_file(AREAS, "a.xlsx", workbook(good, late))
    assert {problem.row for problem in caught.value.problems} == {7}


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return buffer.getvalue()


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, part: part.replace(old, new) if name == "xl/worksheets/sheet1.xml" else part


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (in_sheet(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'), "too_many_columns"),
        (in_sheet(b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'), "too_many_rows"),
        (in_sheet(b"</sheetData>", b'<row r="90000"><c r="IV90000"><v>1</v></c></row></sheetData>'), "too_many_rows"),
        (in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'), "not_a_spreadsheet"),
        (in_sheet(b"</sheetData>", b""), "not_a_spreadsheet"),
        (in_sheet(b"</sheetData>", b'<row r="x"/></sheetData>'), "not_a_spreadsheet"),
        (lambda name, part: b"\0" * 200_000_000 if name.endswith("sharedStrings.xml") else part, "unpacks_too_large"),
        (lambda name, part: b"" if name == "xl/workbook.xml" else part, "not_a_spreadsheet"),
    ],
    ids=["XFD1048576", "A1048576", "wide-and-long", "doctype", "truncated", "bad-row", "bomb", "no-book"],
)  # fmt: skip
def test_hostile_workbooks_are_refused_at_once(change: Callable[[str, bytes], bytes], code: str) -> None:
    data = repacked(workbook(good), change)
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused("a.xlsx", data) == (code,)
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_a_workbook_that_lies_about_its_sizes_is_refused() -> None:
    """The directory says 100 bytes, the stream unpacks to 50 MB."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = stream.compress(b"\0" * 50_000_000) + stream.flush()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"\0" * 100)
    data = buffer.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.infolist()[0]
    start = 30 + len("xl/sharedStrings.xml")
    forged = bytearray(data[:start] + packed + data[start + info.compress_size :])
    size = len(packed).to_bytes(4, "little")
    forged[18:22] = size
    directory = bytes(forged).rindex(b"PK\x01\x02")
    forged[directory + 20 : directory + 24] = size
    end = bytes(forged).rindex(b"PK\x05\x06")
    forged[end + 16 : end + 20] = directory.to_bytes(4, "little")
    assert refused("a.xlsx", bytes(forged)) == ("not_a_spreadsheet",)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "=cmd|' /C calc'!A0",
        "'quoted",
        "''",
        " spaced ",
        "\uff11\uff12",
        "多\n行",
        "a,b;c",
    ],
)
@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_formula_like_text_goes_out_harmless_and_comes_back_whole(text: str, format_name: str) -> None:
    row = AreaInput("1", "名", Level.CITY, note=text)
    data = write_rows(AREAS, [row], format_name)
    assert read_file(AREAS, f"a.{format_name}", data).inputs == [row]
    sheet_cells = _cells(data, format_name)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in sheet_cells)


def _cells(data: bytes, format_name: str) -> list[str]:
    if format_name == "csv":
        import csv

        return [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
    from python_calamine import CalamineWorkbook

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return [cell for row in rows for cell in row if isinstance(cell, str)]


def test_a_hundred_thousand_rows_are_read_within_bounds() -> None:
    data = "区划代码,区划名称,层级\n".encode() + b"".join(f"{number},x,city\n".encode() for number in range(100_000))
    started = time.process_time()
    assert len(read_file(AREAS, "a.csv", data).inputs) == 100_000
    assert time.process_time() - started < 30


def test_a_file_that_is_not_there_is_told_in_chinese(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "没有.csv", "没有这个文件"), (tmp_path, "这是一个文件夹")):
        with pytest.raises(FileRefused) as refused:
            load(path)
        assert said in refused.value.problems[0].text


def test_a_unit_that_may_not_change_is_told_with_what_it_was(runtime: Runtime) -> None:
    city.build_city(runtime)
    with pytest.raises(FileRefused) as refusal:
        city.load(runtime, "items", [{**ROWS["items"][1], "计量单位": "件", "每包装数量": "5"}])
    told = "\n".join(problem.text for problem in refusal.value.problems)
    assert "“件”" in told
    assert "原为 顶" in told
    assert "原为 1" in told


@pytest.mark.parametrize("text", ["2024/9/1 0:00", "2024-09-01 00:00:00", "2024/9/1 0:00:00", "2024年9月1日"])
def test_a_day_may_stand_with_midnight(text: str) -> None:
    assert DAY.read(text) == date(2024, 9, 1)


@pytest.mark.parametrize("text", ["2024/9/1 8:30", "2024/9/1 10:00", "2024/9/1 0:00:01"])
def test_a_day_with_another_time_is_no_day(text: str) -> None:
    with pytest.raises(Unreadable):
        DAY.read(text)
