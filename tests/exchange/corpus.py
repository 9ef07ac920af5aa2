"""Files as people and machines spoil them, made from one seed: each with what reading it must come to."""

from __future__ import annotations

import csv
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import xlsxwriter

SEED = 20260112
HEADERS = (
    "批次号",
    "物资编码",
    "库位代码",
    "数量",
    "物权单位代码",
    "资金来源",
    "生产日期",
    "单价(元)",
    "生产厂家",
    "使用限制",
)
LOT, SKU, PLACE, QUANTITY, OWNER, FUND, MADE, PRICE, MAKER, LIMIT = range(10)
ROWS = 200
TITLE = "市库存盘点表,,\r\n制表:李,,\r\n"
SAME = "same"
"""The file says exactly what the good one says."""
Row = list[str]


@dataclass(frozen=True, slots=True)
class Case:
    """A file. `outcomes` are codes of which one at least is told, or SAME; `make` builds its bytes when they are wanted."""

    name: str
    file: str
    make: Callable[[], bytes]
    outcomes: frozenset[str]
    encoding: str = ""


def case(name: str, file: str, make: Callable[[], bytes], *outcomes: str, encoding: str = "") -> Case:
    return Case(name, file, make, frozenset(outcomes), encoding)


def good_rows() -> list[Row]:
    """Two hundred lots with everything in them that has ever been read wrongly: zeros in front, commas, quotes, line ends."""
    chance = Random(SEED)
    return [
        [
            f"0{number:04d}-QC-{chance.randrange(1000):03d}",
            f"A{chance.randrange(100000):05d}",
            f"city-a-{chance.randrange(100):02d}",
            str(chance.randrange(1, 100_000)),
            "654004",
            chance.choice(("市级财政", "捐赠,定向", "中央,配套")),
            f"20{chance.randrange(20, 26)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
            f"{chance.randrange(1, 9999)}.{chance.randrange(1, 100):02d}".rstrip("0").rstrip("."),
            chance.choice(("新疆帐篷厂", '伊犁"天山"制品', "乌鲁木齐;第二厂")),
            chance.choice(("", "仅用于\n雪灾", "定向捐赠 ؛ قورغاس")),
        ]
        for number in range(ROWS)
    ]


GOOD = good_rows()


def text_of(rows: Sequence[Row], headers: Sequence[str] = HEADERS, separator: str = ",", end: str = "\r\n") -> str:
    buffer = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL  # a line feed within a cell needs its quotes
    writer = csv.writer(buffer, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(headers)
    writer.writerows(rows)
    return buffer.getvalue()


def plain(rows: Sequence[Row]) -> list[Row]:
    """Without the letters that the Chinese encodings of two bytes do not have."""
    return [[cell.replace(" ؛ قورغاس", "") for cell in row] for row in rows]


def texts_good() -> Iterator[Case]:
    """One content in every encoding, separator and line end: always the same."""
    encodings = ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    for encoding in encodings:
        for separator in (",", ";", "\t"):
            for end in ("\r\n", "\n", "\r"):
                name = f"{encoding} {separator!r} {end!r}"
                yield case(
                    name,
                    "a.csv",
                    lambda e=encoding, s=separator, n=end: text_of(plain(GOOD), HEADERS, s, n).encode(e),
                    SAME,
                )  # type: ignore[misc]
    yield case("reordered", "a.csv", lambda: text_of([row[::-1] for row in plain(GOOD)], HEADERS[::-1]).encode(), SAME)
    yield case(
        "blank rows",
        "a.csv",
        lambda: text_of([each for row in plain(GOOD) for each in (row, [""] * 10)]).encode(),
        SAME,
    )
    yield case(
        "empty columns",
        "a.csv",
        lambda: text_of([[*row, "", ""] for row in plain(GOOD)], [*HEADERS, "", ""]).encode(),
        SAME,
    )
    yield case(
        "stars and blanks in headers",
        "a.csv",
        lambda: text_of(plain(GOOD), [f" {name} *" for name in HEADERS]).encode(),
        SAME,
    )
    yield case("a title above", "a.csv", lambda: b"".join((TITLE.encode(), text_of(plain(GOOD)).encode())), SAME)
    yield case("tsv", "a.tsv", lambda: text_of(plain(GOOD), HEADERS, "\t").encode(), SAME)
    traditional = "批次號,物資編碼,庫位代碼\r\nA-1,帳篷與雨衣,臺北\r\n"
    for number in range(4):
        yield case(
            f"big5 {number}",
            "a.csv",
            lambda n=number: (traditional + "乙,貳,參\r\n" * n).encode("big5"),
            "encoding_undecidable",
        )  # type: ignore[misc]


CELLS: tuple[tuple[int, str, str], ...] = (
    (QUANTITY, "120箱", "not_a_number"),
    (QUANTITY, "１２O", "letter_in_number"),
    (QUANTITY, "1l0", "letter_in_number"),
    (QUANTITY, "1.5", "not_whole"),
    (QUANTITY, "1e5", "not_a_number"),
    (QUANTITY, "1_000", "not_a_number"),
    (QUANTITY, "12,00", "not_a_number"),
    (QUANTITY, "", "required"),
    (QUANTITY, "-3", "not_positive"),
    (QUANTITY, "0", "not_positive"),
    (QUANTITY, "9" * 30, "too_many_digits"),
    (QUANTITY, "0." + "0" * 19, "too_many_digits"),
    (QUANTITY, "9" * 18, "too_large"),
    (QUANTITY, "NaN", "not_a_number"),
    (QUANTITY, "二十", "not_a_number"),
    (QUANTITY, "=1+1", "formula"),
    (QUANTITY, "#REF!", "not_a_number"),
    (MADE, "2025.2.30", "no_such_day"),
    (MADE, "2025/13/1", "no_such_day"),
    (MADE, "45123", "excel_serial"),
    (MADE, "民国115年1月5日", "not_a_date"),
    (MADE, "腊月初八", "not_a_date"),
    (MADE, "5/1/2025", "not_a_date"),
    (MADE, "昨天", "not_a_date"),
    (PRICE, "1.005", "too_fine"),
    (PRICE, "¥12", "not_a_number"),
    (PRICE, "-1", "too_small"),
    (LOT, "1.23E+11", "shortened_code"),
    (LOT, "", "required"),
    (LOT, "=A1", "formula"),
    (SKU, "", "required"),
    (MAKER, "长" * 81, "too_long"),
    (MAKER, "长" * 5001, "cell_too_long"),
    (MAKER, "暗\u202e号", "hidden_character"),
    (MAKER, "零\u200b宽", "hidden_character"),
    (MAKER, "左\u200e右", "hidden_character"),
)


def texts_bad() -> Iterator[Case]:
    """One thing wrong in two hundred rows, in a place that chance picks."""
    chance = Random(SEED + 1)
    for times in range(4):
        for place, text, code in CELLS:
            row = chance.randrange(ROWS)
            yield case(
                f"cell {times} {place} {len(text)} {text[:12]!r}",
                "a.csv",
                lambda r=row, p=place, t=text: text_of(changed(r, p, t)).encode(),
                code,
            )  # type: ignore[misc]
    for number in range(8):
        row = chance.randrange(1, ROWS)
        yield case(
            f"totals {number}",
            "a.csv",
            lambda r=row: text_of([*GOOD[:r], ["合计", *[""] * 9], *GOOD[r:]]).encode(),
            "sum_row",
        )  # type: ignore[misc]
        yield case(
            f"ragged {number}",
            "a.csv",
            lambda r=row: text_of([*GOOD[:r], [*GOOD[r], "多"], *GOOD[r + 1 :]]).encode(),
            "extra_cells",
        )  # type: ignore[misc]
        yield case(f"twice {number}", "a.csv", lambda r=row: text_of([*GOOD, GOOD[r]]).encode(), "row_repeated")  # type: ignore[misc]
        yield case(f"unclosed quote {number}", "a.csv", lambda r=row: open_quote(r), "csv_broken")  # type: ignore[misc]
        yield case(
            f"NUL {number}",
            "a.csv",
            lambda r=row: text_of(changed(r, MAKER, "空\0字")).encode(),
            "encoding_undecidable",
            "encoding_wrong",
        )  # type: ignore[misc]
        yield case(f"mixed {number}", "a.csv", lambda r=row: mixed(r), "encoding_undecidable")  # type: ignore[misc]
    for place in (LOT, SKU, PLACE, QUANTITY, OWNER, FUND):
        yield case(
            f"renamed {place}",
            "a.csv",
            lambda p=place: text_of(GOOD, renamed(p, "别的")).encode(),
            "unknown_column",
            "missing_column",
        )  # type: ignore[misc]
        yield case(
            f"missing {place}",
            "a.csv",
            lambda p=place: text_of([without(row, p) for row in GOOD], without(HEADERS, p)).encode(),
            "missing_column",
        )  # type: ignore[misc]
        yield case(
            f"double {place}",
            "a.csv",
            lambda p=place: text_of([[*row, row[p]] for row in GOOD], [*HEADERS, HEADERS[p]]).encode(),
            "duplicate_column",
        )  # type: ignore[misc]
    for cut in range(1, 9):
        yield case(f"cut multibyte {cut}", "a.csv", lambda c=cut: cut_within(c), "encoding_undecidable", "csv_broken")  # type: ignore[misc]


def changed(row: int, place: int, text: str) -> list[Row]:
    rows = [list(each) for each in GOOD]
    rows[row][place] = text
    return rows


def renamed(place: int, name: str) -> list[str]:
    return [name if place == each else header for each, header in enumerate(HEADERS)]


def without(row: Sequence[str], place: int) -> list[str]:
    return [cell for each, cell in enumerate(row) if each != place]


def open_quote(row: int) -> bytes:
    lines = text_of(plain([[*each[:9], ""] for each in GOOD])).split("\r\n")
    lines[row] = '"没有关上' + lines[row].replace('"', "")
    return "\r\n".join(line.replace('"', "") if place != row else line for place, line in enumerate(lines)).encode()


def mixed(row: int) -> bytes:
    lines = text_of(plain([[*each[:9], ""] for each in GOOD])).split("\r\n")
    return b"\r\n".join(line.encode("utf-8" if place < row else "gbk") for place, line in enumerate(lines))


def cut_within(cut: int) -> bytes:
    """The file ends in the middle of a character."""
    whole = text_of([*GOOD, [*GOOD[0][:8], "断" * cut, ""]]).encode()
    return whole[: whole.rindex("断".encode()) + 2]


def workbook(
    rows: Sequence[Sequence[object]] = GOOD,
    headers: Sequence[str] = HEADERS,
    dress: Callable[[xlsxwriter.Workbook, object], None] | None = None,
    first: int = 0,
    **options: object,
) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, **options}
    )
    sheet = book.add_worksheet("库存")
    for place, header in enumerate(headers):
        sheet.write_string(first, place, header)
    for line, row in enumerate(rows, start=first + 1):
        for place, cell in enumerate(row):
            if cell != "":
                sheet.write(line, place, cell)
    if dress is not None:
        dress(book, sheet)
    book.close()
    return buffer.getvalue()


def repacked(
    data: bytes, change: Callable[[str, bytes], bytes | None], more: Sequence[tuple[str, bytes]] = ()
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = change(name, before.read(name))
            if part is not None:
                after.writestr(name, part)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # two parts of one name are what is meant
            for name, part in more:
                after.writestr(name, part)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, part: part.replace(old, new, 1) if name == SHEET else part


def numbers(row: Row) -> list[object]:
    """A row as spreadsheets keep it: what looks like a figure is one."""
    return [*row[:QUANTITY], int(row[QUANTITY]), *row[4:7], float(row[PRICE]), *row[8:]]


BASE = workbook()
END = b"</sheetData>"
NAUGHTY = (
    ("ghost cell XFD1048576", in_sheet(END, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + END), "too_many_columns"),
    ("ghost cell A1048576", in_sheet(END, b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>' + END), "too_many_rows"),
    ("wide and long", in_sheet(END, b'<row r="90000"><c r="IV90000"><v>1</v></c></row>' + END), "too_many_rows"),
    ("internal entity", in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'), "not_a_spreadsheet"),
    ("external entity", in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet'), "not_a_spreadsheet"),
    (
        "billion laughs",
        in_sheet(b"<worksheet", b"<!DOCTYPE x [" + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha") for n in range(10)) + b"]><worksheet"),
        "not_a_spreadsheet",
    ),
    ("sheet cut", in_sheet(END, b""), "not_a_spreadsheet"),
    ("row without a number", in_sheet(END, b'<row r="x"/>' + END), "not_a_spreadsheet"),
    ("cell without a place", in_sheet(END, b'<row r="300"><c r="1A"/></row>' + END), "not_a_spreadsheet"),
    ("no workbook part", lambda name, part: None if name == "xl/workbook.xml" else part, "not_a_spreadsheet"),
    ("no relations", lambda name, part: None if name.endswith("workbook.xml.rels") else part, "not_a_spreadsheet"),
    ("no sheet part", lambda name, part: None if name == SHEET else part, "not_a_spreadsheet"),
    ("empty workbook part", lambda name, part: b"" if name == "xl/workbook.xml" else part, "not_a_spreadsheet"),
    ("binary in the sheet", lambda name, part: b"\x00\x01\x02" * 1000 if name == SHEET else part, "not_a_spreadsheet"),
    ("strings missing", lambda name, part: None if name.endswith("sharedStrings.xml") else part, "not_a_spreadsheet", "missing_column", "nothing_in_file"),
    ("strings with entities", lambda name, part: part.replace(b"<sst", b'<!DOCTYPE x [<!ENTITY a "b">]><sst', 1) if name.endswith("sharedStrings.xml") else part, "not_a_spreadsheet"),
    ("styles with entities", lambda name, part: part.replace(b"<styleSheet", b'<!DOCTYPE x [<!ENTITY a "b">]><styleSheet', 1) if name.endswith("styles.xml") else part, "not_a_spreadsheet"),
    ("everything hidden", lambda name, part: part.replace(b"<sheet name", b'<sheet state="hidden" name', 1) if name == "xl/workbook.xml" else part, "not_a_spreadsheet"),
)  # fmt: skip
HARMLESS = (
    ("../ and absolute names", [("../../etc/cron.d/x", b"x"), ("/etc/passwd", b"x"), ("C:\\x.exe", b"x")]),
    ("nested archive", [("xl/embeddings/inner.xlsx", b"PK\x03\x04" + b"x" * 1000)]),
    ("macros", [("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" * 100)]),
    ("external links", [("xl/externalLinks/externalLink1.xml", b"<externalLink/>")]),
    ("other sheet's bomb", [("xl/worksheets/sheet9.xml", b"<!DOCTYPE x>" * 10)]),
    ("media", [("xl/media/image1.png", b"\x89PNG" + b"\0" * 5000)]),
)


def dressed(book: object, sheet: object) -> None:
    sheet.merge_range(400, 0, 400, 3, "")  # type: ignore[attr-defined]
    sheet.write_comment(3, 3, "批注")  # type: ignore[attr-defined]
    sheet.freeze_panes(1, 1)  # type: ignore[attr-defined]
    sheet.autofilter(0, 0, ROWS, 9)  # type: ignore[attr-defined]
    sheet.conditional_format(1, 3, ROWS, 3, {"type": "data_bar"})  # type: ignore[attr-defined]


def second_sheet(state: str) -> Callable[[object, object], None]:
    def dress(book: object, sheet: object) -> None:
        other = book.add_worksheet("第二")  # type: ignore[attr-defined]
        other.write(0, 0, "别的")
        if state != "visible":
            getattr(other, state)()

    return dress


def workbooks_good() -> Iterator[Case]:
    """The same two hundred rows as different programs write them."""
    yield case("words", "a.xlsx", lambda: BASE, SAME)
    yield case("figures", "a.xlsx", lambda: workbook([numbers(row) for row in GOOD]), SAME)
    yield case("capitals in the name", "A.XLSX", lambda: BASE, SAME)
    yield case("title above", "a.xlsx", lambda: workbook(first=3), SAME)
    yield case("dressed", "a.xlsx", lambda: workbook(dress=dressed), SAME)
    yield case("constant memory", "a.xlsx", lambda: workbook(constant_memory=True, in_memory=False), SAME)
    for state in ("visible", "hide", "very_hidden"):
        yield case(f"second sheet {state}", "a.xlsx", lambda s=state: workbook(dress=second_sheet(s)), SAME)  # type: ignore[misc]
    for year in (False, True):
        yield case(f"days, 1904 {year}", "a.xlsx", lambda y=year: with_days(y), SAME)  # type: ignore[misc]
    for name, more in HARMLESS:
        yield case(name, "a.xlsx", lambda m=more: repacked(BASE, lambda _, part: part, m), SAME)  # type: ignore[misc]
    yield case("reordered", "a.xlsx", lambda: workbook([row[::-1] for row in GOOD], HEADERS[::-1]), SAME)


def with_days(year_1904: bool) -> bytes:
    from datetime import date

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": year_1904, "strings_to_formulas": False})
    sheet, days = book.add_worksheet(), book.add_format({"num_format": "yyyy年m月d日"})
    sheet.write_row(0, 0, HEADERS)
    for line, row in enumerate(GOOD, start=1):
        for place, cell in enumerate(row):
            if place == MADE:
                sheet.write_datetime(line, place, date.fromisoformat(cell), days)
            elif cell:
                sheet.write_string(line, place, cell)
    book.close()
    return buffer.getvalue()


def workbooks_bad() -> Iterator[Case]:
    """Cells, archives and XML that are wrong or meant to do harm; and bytes that were turned over on the way."""
    chance = Random(SEED + 2)
    for name, change, *codes in NAUGHTY:
        yield case(name, "a.xlsx", lambda c=change: repacked(BASE, c), *codes)  # type: ignore[misc]
    for place, text, code in CELLS:
        if text:
            row = chance.randrange(ROWS)
            yield case(
                f"cell {place} {len(text)} {text[:12]!r}",
                "a.xlsx",
                lambda r=row, p=place, t=text: workbook(changed(r, p, t)),
                code,
            )  # type: ignore[misc]
    for value in (None, 42, "#DIV/0!"):
        yield case(f"formula {value}", "a.xlsx", lambda v=value: with_formula(v), "formula")  # type: ignore[misc]
    yield case(
        "error cell",
        "a.xlsx",
        lambda: repacked(
            BASE, in_sheet(END, b'<row r="300"><c r="A300"><v>1</v></c><c r="D300" t="e"><v>#REF!</v></c></row>' + END)
        ),
        "error_cell",
    )
    yield case(
        "digits lost",
        "a.xlsx",
        lambda: workbook([[12345678901234567890, *row[1:]] if not n else row for n, row in enumerate(GOOD)]),
        "digits_lost",
    )
    for number in range(24):
        cut = chance.randrange(1, len(BASE) - 1)
        yield case(f"truncated {number}", "a.xlsx", lambda c=cut: BASE[:c], "not_a_spreadsheet")  # type: ignore[misc]
    for number in range(60):
        at, bit = chance.randrange(len(BASE)), 1 << chance.randrange(8)
        yield case(
            f"bit {number}",
            "a.xlsx",
            lambda a=at, b=bit: flipped(a, b),
            SAME,
            "not_a_spreadsheet",
            "workbook_encrypted",
            "unpacks_too_large",
        )  # type: ignore[misc]
    yield case("encrypted archive", "a.xlsx", encrypted, "workbook_encrypted")
    yield case(
        "two parts of one name",
        "a.xlsx",
        lambda: repacked(BASE, lambda _, part: part, [(SHEET, b"<worksheet/>")]),
        "not_a_spreadsheet",
    )


def with_formula(value: object) -> bytes:
    def dress(_: object, sheet: object) -> None:
        sheet.write_formula(5, QUANTITY, "=6*7", None, value if value is not None else "")  # type: ignore[attr-defined]

    return workbook(dress=dress)


def flipped(at: int, bit: int) -> bytes:
    data = bytearray(BASE)
    data[at] ^= bit
    return bytes(data)


def encrypted() -> bytes:
    """The flag that a part is encrypted, in the directory and before each part."""
    data = bytearray(BASE)
    for sign, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(sign)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(sign, at + 4)
    return bytes(data)


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000
PAGE = "<html><table><tr><td>批次号</td></tr></table></html>".encode()


def others() -> Iterator[Case]:
    """What is handed in by mistake, under any name."""
    picture = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 50_000, 50_000, 8, 6, 0, 0, 0) + b"\0" * 500
    )
    for suffix in ("csv", "xlsx", "txt", "tsv"):
        yield case(f"nothing {suffix}", f"a.{suffix}", lambda: b"", "nothing_in_file", "not_a_spreadsheet")
        yield case(
            f"picture {suffix}",
            f"a.{suffix}",
            lambda: picture,
            "encoding_undecidable",
            "not_a_spreadsheet",
            "encoding_wrong",
        )
        yield case(f"old workbook {suffix}", f"a.{suffix}", lambda: OLD, "workbook_is_old", "unknown_format")
        yield case(
            f"chance {suffix}",
            f"a.{suffix}",
            lambda s=suffix: Random(s).randbytes(5000),
            "encoding_undecidable",
            "not_a_spreadsheet",
            "encoding_wrong",
        )  # type: ignore[misc]
        yield case(
            f"packed {suffix}",
            f"a.{suffix}",
            lambda: b"\x1f\x8b" + zlib.compress(b"x" * 1000),
            "encoding_undecidable",
            "not_a_spreadsheet",
            "encoding_wrong",
        )
    for suffix in ("xls", "xlsm", "ods", "pdf", "zip", "", "csv.exe"):
        yield case(f"suffix {suffix!r}", f"a.{suffix}", lambda: BASE, "unknown_format")
    yield case("page as workbook", "a.xlsx", lambda: PAGE, "workbook_is_page")
    yield case("page with a mark", "a.xlsx", lambda: b"\xef\xbb\xbf\r\n <!DOCTYPE html>" + PAGE, "workbook_is_page")
    yield case("locked workbook", "a.xlsx", lambda: OLD + "EncryptedPackage".encode("utf-16-le"), "workbook_encrypted")
    yield case("workbook as text", "a.csv", lambda: BASE, "unknown_format")
    yield case(
        "archive without a workbook", "a.xlsx", lambda: archive([("word/document.xml", b"<x/>")]), "not_a_spreadsheet"
    )
    yield case("empty archive", "a.xlsx", lambda: archive([]), "not_a_spreadsheet")
    yield case("only a mark", "a.csv", lambda: b"\xef\xbb\xbf", "nothing_in_file")
    yield case("only line ends", "a.csv", lambda: b"\r\n" * 50, "nothing_in_file")
    yield case("only headers", "a.csv", lambda: text_of([]).encode(), "nothing_in_file")
    yield case(
        "json",
        "a.csv",
        lambda: b'{"a": [1, 2, 3]}',
        "unknown_column",
        "missing_column",
        "nothing_in_file",
        "csv_broken",
    )
    yield case("long name", f"{'长' * 300}.csv", lambda: text_of(plain(GOOD)).encode(), SAME)
    yield case("line ends in the name", "a\r\nSet-Cookie: x.csv", lambda: text_of(plain(GOOD)).encode(), SAME)
    yield case(
        "named otherwise", "a.csv", lambda: text_of(plain(GOOD)).encode("gbk"), "encoding_wrong", encoding="utf-8"
    )
    yield case(
        "unknown encoding", "a.csv", lambda: text_of(plain(GOOD)).encode(), "unknown_encoding", encoding="klingon"
    )


def archive(parts: Sequence[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts:
            made.writestr(name, part)
    return buffer.getvalue()


def large() -> Iterator[Case]:
    """Files that cost: none may cost much."""
    head = ",".join(HEADERS).encode() + b"\r\n"
    yield case("a line of ten megabytes", "a.csv", lambda: head + b"x" * 10_000_000, "cell_too_long")
    yield case("a million columns", "a.csv", lambda: head + b"1," * 1_000_000, "too_many_columns")
    yield case("a million headers", "a.csv", lambda: b"x," * 1_000_000 + b"\r\n", "too_many_columns")
    yield case("too many rows", "a.csv", lambda: head + b"1,2,3,4,5,6\r\n" * 100_001, "too_many_rows")
    yield case("too many cells", "a.csv", lambda: head + (b"12," * 250 + b"\r\n") * 20_000, "too_many_cells")
    yield case("only commas", "a.csv", lambda: head + b"," * 19_000_000, "nothing_in_file")
    yield case(
        "only quotes", "a.csv", lambda: head + b'"' * 19_000_000, "cell_too_long", "csv_broken", "nothing_in_file"
    )
    yield case(
        "chinese to the brim",
        "a.csv",
        lambda: head + ("霍尔果斯" * 300 + "\r\n").encode("gbk") * 7_000,
        "encoding_undecidable",
        "required",
    )
    yield case("just too large", "a.csv", lambda: b"x" * 20_000_001, "file_too_large")
    yield case(
        "1000:1",
        "a.xlsx",
        lambda: repacked(BASE, lambda n, p: b"\0" * 150_000_000 if n == SHEET else p),
        "not_a_spreadsheet",
        "unpacks_too_large",
    )
    yield case(
        "bomb",
        "a.xlsx",
        lambda: repacked(BASE, lambda n, p: b" " * 200_000_000 if n == SHEET else p),
        "unpacks_too_large",
    )
    yield case(
        "a hundred thousand entries",
        "a.xlsx",
        lambda: repacked(BASE, lambda _, p: p, [(f"x/{n}", b"") for n in range(100_000)]),
        "unpacks_too_large",
    )
    yield case("a million strings", "a.xlsx", million_strings, SAME)
    yield case(
        "a bomb of styles",
        "a.xlsx",
        lambda: repacked(
            BASE,
            lambda n, p: (
                p.replace(b"</cellXfs>", b'<xf numFmtId="0"/>' * 1_000_000 + b"</cellXfs>")
                if n.endswith("styles.xml")
                else p
            ),
        ),
        SAME,
        "not_a_spreadsheet",
        "file_too_costly",
    )
    yield case(
        "a sheet to the brim",
        "a.xlsx",
        lambda: repacked(BASE, in_sheet(END, brim() + END)),
        "too_many_cells",
        "extra_cells",
    )
    yield case(
        "deep XML", "a.xlsx", lambda: repacked(BASE, in_sheet(END, b"<x>" * 1_000_000 + END)), "not_a_spreadsheet"
    )
    yield case(
        "formulas only",
        "a.xlsx",
        lambda: repacked(
            BASE,
            in_sheet(
                END,
                b"".join(b'<row r="%d"><c r="A%d"><f>1+1</f><v>2</v></c></row>' % (n, n) for n in range(300, 100_000))
                + END,
            ),
        ),
        "formula",
        "too_many_formulas",
    )


def million_strings() -> bytes:
    strings = b"".join(b"<si><t>%d</t></si>" % number for number in range(1_000_000))
    return repacked(
        BASE, lambda n, p: p.replace(b"</sst>", strings + b"</sst>") if n.endswith("sharedStrings.xml") else p
    )


def brim() -> bytes:
    row = b"".join(b"<c><v>%d</v></c>" % number for number in range(200))
    return b"".join(b'<row r="%d">%s</row>' % (number, row) for number in range(300, 12_000))
