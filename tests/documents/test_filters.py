"""How values are written, and where lines and pages break."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from reports import filters
from reports.darken import darkened
from reports.forms import FORMS, copy_labels, form_named
from reports.marks import SIDE_MAX_MM, SIDE_MIN_MM, qr_mark
from reports.paging import row_starts
from reports.templates import Paging
from reports.titles import title_lines


def test_dates_are_written_without_padding_and_on_a_beijing_clock() -> None:
    assert filters.day(date(2026, 1, 4)) == "2026年1月4日"
    assert filters.instant(datetime(2026, 1, 13, 21, 5, tzinfo=UTC)) == "2026年1月14日5时5分"
    assert filters.instant(datetime(2026, 1, 13, 16, 0, tzinfo=UTC)) == "2026年1月14日0时"
    assert filters.moment(datetime(2026, 1, 13, 21, 5, tzinfo=UTC)) == "1月14日5:05"


def test_weights_and_volumes_are_exact() -> None:
    assert [filters.kilograms(g) for g in (0, 1, 1_250_500, 15_000_000)] == ["0", "0.001", "1,250.5", "15,000"]
    assert [filters.cubic_metres(v) for v in (300, 57_600_000)] == ["0.0003", "57.6"]


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")])
def test_ordinals(number: int, text: str) -> None:
    assert filters.ordinal(number) == text


def test_a_masthead_fits_the_type_area() -> None:
    assert filters.masthead_size("霍尔果斯市应急管理局文件") * 12 <= 442
    assert filters.masthead_size("市府") == 40


def test_a_long_title_breaks_between_words() -> None:
    title = "关于调拨自治州本级救灾物资支援霍尔果斯市地震抢险救灾工作的通知"
    assert title_lines(title) == ["关于调拨自治州本级救灾物资", "支援霍尔果斯市地震抢险救灾工作的通知"]
    assert title_lines(
        "霍尔果斯市应急管理局关于请求调拨自治州本级救灾物资支援“1·14”伊车嘎善乡6.0级地震抢险救灾的请示"
    ) == [
        "霍尔果斯市应急管理局关于请求调拨",
        "自治州本级救灾物资支援“1·14”",
        "伊车嘎善乡6.0级地震抢险救灾的请示",
    ]


def test_a_title_without_words_to_break_at_breaks_evenly() -> None:
    assert [len(line) for line in title_lines("甲" * 50)] == [16, 17, 17]


def test_a_title_keeps_its_own_breaks_and_a_short_one_stays_whole() -> None:
    assert title_lines("上\n下") == ["上", "下"]
    assert title_lines("关于商请支援救灾物资的函") == ["关于商请支援救灾物资的函"]


def test_a_copy_keeps_its_number_when_printed_alone() -> None:
    slip = form_named("allocation_slip")
    assert copy_labels(slip, ["接收(蓝)"]) == ["第四联 接收(蓝)"]
    assert copy_labels(slip, slip.copies)[:2] == ["第一联 存根(白)", "第二联 出库(红)"]
    assert copy_labels(slip, ["档案"]) == ["第一联 档案"]
    assert copy_labels(slip, ["第六联 档案"]) == ["第六联 档案"]


def test_the_number_of_copies_is_what_the_trade_asks_for() -> None:
    assert {name: len(form.copies) for name, form in FORMS.items()} == {
        "release_instruction": 4,
        "allocation_slip": 5,
        "receipt_note": 3,
        "issue_note": 4,
        "shipment_handover": 3,
        "calloff_notice": 3,
        "mobilisation_order": 3,
        "supply_request": 2,
        "coordination_letter": 2,
        "transfer_slip": 5,
        "recovery_register": 2,
        "scrap_application": 3,
        "count_sheet": 2,
        "morning_list": 1,
        "duty_handover": 2,
        "purchase_plan": 3,
        "adequacy_report": 2,
        "kit_note": 3,
        "rotation_advice": 2,
        "plan_study": 2,
        "reserve_advice": 2,
        "asset_card": 2,
        "asset_handout": 3,
    }


def test_pages_break_where_they_were_seen_to_break() -> None:
    assert row_starts([[1, 2, 3], [4, 5]]) == (4,)
    assert row_starts([[1], [2, 3], [4]]) == (2, 4)


def test_signatures_never_stand_alone() -> None:
    assert row_starts([[1, 2, 3, 4], []]) == (3,)
    assert row_starts([[1, 2], [3, 4, 5], []]) == (3, 4)
    assert row_starts([[1, 2], [3], []]) == (3,)


def test_parts_number_their_rows_through() -> None:
    parts = Paging(starts=(3,)).parts("abcd")
    assert [part.rows for part in parts] == [((1, "a"), (2, "b")), ((3, "c"), (4, "d"))]
    assert [part.is_last for part in parts] == [False, True]
    assert not Paging().parts("abcd")[0].has_subtotal


def test_thick_strokes_end_with_their_text() -> None:
    operators = [
        b"1 0 0 rg",
        b"BT",
        b"/Dark 20 Tf",
        b"[<01>] TJ",
        b"/Thin 20 Tf",
        b"[<02>] TJ",
        b"ET",
        b"BT",
        b"/Thin 9 Tf",
        b"ET",
    ]
    assert darkened(operators, frozenset({b"Dark"})) == [
        b"1 0 0 rg",
        b"q",
        b"BT",
        b"/Dark 20 Tf",
        b"1 0 0 RG",
        b"0.560 w",
        b"2 Tr",
        b"[<01>] TJ",
        b"/Thin 20 Tf",
        b"0 Tr",
        b"[<02>] TJ",
        b"ET",
        b"Q",
        b"BT",
        b"/Thin 9 Tf",
        b"ET",
    ]
    assert darkened(operators, frozenset()) == operators


def test_qr_marks_stay_within_their_corner() -> None:
    assert qr_mark("X").side_mm == SIDE_MIN_MM
    assert qr_mark("X" * 900).side_mm == SIDE_MAX_MM
    assert qr_mark("X").asset != qr_mark("Y").asset
