"""The release instruction and the letter against GB/T 9704-2012, measured on the page."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from reports.samples import samples
from supplyops.papers.contents import ReleaseInstruction
from tests.documents.conftest import Printed
from tests.documents.printing import Glyph, glyphs, rules, strokes, texts

RED = (230, 0, 18)


@pytest.fixture
def first(printed: Printed) -> list[Glyph]:
    return glyphs(printed("release_instruction", 0), 0)


def body(page: list[Glyph]) -> list[Glyph]:
    return [glyph for glyph in page if abs(glyph.size_pt - 15.75) < 0.2]


def test_the_type_area_has_the_margins_of_the_standard(printed: Printed) -> None:
    pdf = printed("release_instruction", 0)
    pages = [body(glyphs(pdf, number)) for number in (0, 1)]
    assert min(glyph.left for page in pages for glyph in page) == pytest.approx(28, abs=1)
    assert 210 - max(glyph.right for page in pages for glyph in page) == pytest.approx(26, abs=1)
    assert min(glyph.top for glyph in pages[0]) == pytest.approx(37, abs=1)
    assert min(glyph.top for glyph in pages[1]) == pytest.approx(37, abs=1)
    assert max(glyph.bottom for page in pages for glyph in page) <= 262.5


def test_the_imprint_ends_with_the_type_area(printed: Printed) -> None:
    lines = [line for line in rules(printed("release_instruction", 0), 3, 29.5) if line.top > 180]
    assert [line.thickness for line in lines] == pytest.approx([0.35, 0.25, 0.25, 0.35], abs=0.06)
    assert lines[-1].top + lines[-1].thickness == pytest.approx(262, abs=0.5)


def test_lines_are_a_character_and_seven_eighths_apart(printed: Printed) -> None:
    page = body(glyphs(printed("release_instruction", 0), 1))
    tops = sorted({round(glyph.bottom, 1) for glyph in page if glyph.character in "的到前"})
    steps = [b - a for a, b in pairwise(tops) if b - a > 5]
    assert steps
    for step in steps:
        assert step / (15.75 * 1.875 * 25.4 / 72) == pytest.approx(round(step / 10.42), abs=0.06)


def test_a_full_line_holds_28_characters(printed: Printed) -> None:
    page = body(glyphs(printed("release_instruction", 0), 1))
    by_line: dict[int, int] = {}
    for glyph in page:
        if re.match(r"[\u4e00-\u9fff，。、；]", glyph.character):
            by_line[round((glyph.top + glyph.bottom) / 2 / 10.42)] = (
                by_line.get(round((glyph.top + glyph.bottom) / 2 / 10.42), 0) + 1
            )
    assert 26 <= max(by_line.values()) <= 28


def test_one_red_line_of_156_mm_stands_4_mm_below_the_number(printed: Printed, first: list[Glyph]) -> None:
    [line] = [stroke for stroke in strokes(printed("release_instruction", 0), 0) if stroke.colour == RED]
    assert line.width == pytest.approx(156, abs=0.5)
    assert 0.35 <= line.bottom - line.top <= 0.5
    number = max(glyph.bottom for glyph in body(first) if glyph.character in "霍应急号" and 95 < glyph.top < 115)
    assert line.top - number == pytest.approx(4, abs=0.5)


def test_the_red_mark_stands_35_mm_below_the_top_of_the_type_area(first: list[Glyph]) -> None:
    mark = [glyph for glyph in first if glyph.size_pt > 30]
    assert "".join(glyph.character for glyph in mark) == "霍尔果斯市应急管理局文件"
    assert min(glyph.top for glyph in mark) == pytest.approx(37 + 35, abs=0.7)
    left, right = min(glyph.left for glyph in mark), max(glyph.right for glyph in mark)
    assert (left + right) / 2 == pytest.approx(28 + 78, abs=0.7)


def test_the_title_is_size_two_and_centred(first: list[Glyph]) -> None:
    title = [glyph for glyph in first if glyph.size_pt == pytest.approx(22, abs=0.2)]
    assert "".join(glyph.character for glyph in title) == "关于调拨救灾物资支援伊车嘎善乡的通知"
    assert (min(g.left for g in title) + max(g.right for g in title)) / 2 == pytest.approx(106, abs=0.7)


def test_page_numbers_stand_7_mm_below_the_type_area_odd_right_even_left(printed: Printed) -> None:
    pdf = printed("release_instruction", 0)
    for number in range(4):
        foot = [glyph for glyph in glyphs(pdf, number) if glyph.top > 266]
        assert "".join(glyph.character for glyph in foot) == f"—{number + 1}—"
        assert foot[1].top == pytest.approx(262 + 7, abs=0.6)
        if number % 2:
            assert foot[0].left == pytest.approx(28 + 4.9, abs=1)
        else:
            assert foot[-1].right == pytest.approx(184 - 4.9, abs=1)


def test_the_day_stands_four_characters_in_under_the_office(printed: Printed) -> None:
    page = glyphs(printed("release_instruction", 0), 1)
    lines: dict[int, list[Glyph]] = {}
    for glyph in body(page):
        lines.setdefault(round(glyph.bottom / 3), []).append(glyph)
    rows = {"".join(g.character for g in row): row for row in lines.values()}
    office, day = rows["霍尔果斯市应急管理局"], rows["2026年1月14日"]
    assert min(g.top for g in day) > max(g.bottom for g in office)
    middle = [(min(g.left for g in row) + max(g.right for g in row)) / 2 for row in (office, day)]
    assert middle[0] == pytest.approx(middle[1], abs=0.7)
    assert max(g.right for g in office) == pytest.approx(184 - 4 * 5.56, abs=1)


def test_numbers_and_days_are_written_as_the_standard_asks(printed: Printed) -> None:
    text = "".join(texts(printed("release_instruction", 0))[:4])
    assert "霍应急〔2026〕12号" in text
    assert "[2026]" not in text
    assert "2026年1月14日" in text
    assert "2026年01月" not in text
    assert "北京时间，下同" in text


def test_the_body_says_who_what_when_and_what_goes_with_it(printed: Printed) -> None:
    content = samples("release_instruction")[0].paper.content
    assert isinstance(content, ReleaseInstruction)
    pages = texts(printed("release_instruction", 0))
    text = "".join(pages[:2])
    assert "12m²棉帐篷300顶、棉被1500床、折叠床600张、取暖炉(含烟筒)300套等7种物资" in text
    assert "请于2026年1月14日5时30分（北京时间，下同）前完成装车发运，2026年1月14日9时前运抵伊车嘎善乡" in text
    assert "附件：1.救灾物资调拨单（DB-654004-20260114-0003）2.运输计划3.接收点名单" in text
    assert pages[2].startswith("附件2运输计划")
    assert pages[3].startswith("附件3接收点名单")
    assert "抄送：市人民政府办公室，市财政局，市交通运输局，市公安局交警大队。" in pages[3]
    assert "2026年1月14日印发" in pages[3]


def test_an_oral_order_is_named_as_such(printed: Printed) -> None:
    text = "".join(texts(printed("release_instruction", 1))[:2])
    assert "口头下达指令（值班员李珺在场）后补办的书面手续" in text


def test_the_imprint_does_not_fill_a_page_alone(printed: Printed) -> None:
    last = texts(printed("release_instruction", 1))[1]
    assert "四、交接与回收" in last
    assert "印发" in last


def test_the_letter_keeps_the_letter_format(printed: Printed) -> None:
    pdf = printed("coordination_letter", 0)
    page = glyphs(pdf, 0)
    mark = [glyph for glyph in page if glyph.size_pt > 30]
    assert "".join(glyph.character for glyph in mark) == "霍尔果斯市应急管理局"
    assert min(glyph.top for glyph in mark) == pytest.approx(30, abs=0.7)
    assert {round(stroke.width) for stroke in strokes(pdf, 0) if stroke.colour == RED} == {170}
    upper_thick, upper_thin, lower_thin, lower_thick = rules(pdf, 0, 22)
    assert upper_thick.top - max(glyph.bottom for glyph in mark) == pytest.approx(4, abs=1)
    assert upper_thick.thickness > 2 * upper_thin.thickness
    assert lower_thick.thickness > 2 * lower_thin.thickness
    assert 297 - lower_thick.top - lower_thick.thickness == pytest.approx(20, abs=0.7)
    assert not [glyph for glyph in page if glyph.top > 278]
    assert "—2—" in texts(pdf)[1]
