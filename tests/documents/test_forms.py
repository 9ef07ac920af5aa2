"""Each form as printed: what it says, how many pages, whose copy, its QR mark, its fonts."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from reports import filters
from reports.fonts import Fonts
from reports.forms import FORMS, copy_labels, default_copies, form_named
from reports.render import render
from reports.samples import samples
from supplyops.kernel.money import capitals, figures
from supplyops.papers.contents import AllocationSlip, CallOffNotice, IssueNote, ReceiptNote
from supplyops.papers.rules import SERIES_OF_FORM
from tests.documents.conftest import Printed
from tests.documents.printing import embedded_fonts, glyphs, page_count, qr_texts, size_mm, squeezed, texts

EVERY_SAMPLE = [(form, place) for form in FORMS for place in range(len(samples(form)))]
PAGES_OF_A_COPY = {
    ("release_instruction", 0): 4,
    ("release_instruction", 1): 2,
    ("allocation_slip", 0): 1,
    ("allocation_slip", 1): 4,
    ("receipt_note", 0): 1,
    ("receipt_note", 1): 1,
    ("issue_note", 0): 1,
    ("issue_note", 1): 1,
    ("kit_note", 0): 1,
    ("rotation_advice", 0): 1,
    ("plan_study", 0): 1,
    ("plan_study", 1): 1,
    ("plan_study", 2): 1,
    ("reserve_advice", 0): 2,
    ("purchase_plan", 0): 1,
    ("adequacy_report", 0): 1,
    ("shipment_handover", 0): 2,
    ("calloff_notice", 0): 1,
    ("mobilisation_order", 0): 1,
    ("supply_request", 0): 1,
    ("supply_request", 1): 1,
    ("coordination_letter", 0): 2,
    ("morning_list", 0): 1,
    ("duty_handover", 0): 1,
    ("count_sheet", 0): 1,
    ("count_sheet", 1): 1,
    ("transfer_slip", 0): 1,
    ("recovery_register", 0): 1,
    ("scrap_application", 0): 1,
    ("scrap_application", 1): 1,
    ("asset_card", 0): 1,
    ("asset_handout", 0): 1,
    ("asset_handout", 1): 1,
}
# What stands in a content for a reckoning and is not printed as it is.
UNPRINTED = {
    "release_instruction": {"masthead", "title", "occurred_at", "goods"},
    "coordination_letter": {"subject"},
    "plan_study": {"kind"},
}
NOT_SHOWN = {"kind", "level", "number", "place", "occurred_at", "response_level"}  # of an incident, form by form


def said(value: object, skip: set[str] = frozenset()) -> Iterator[str]:  # type: ignore[assignment]
    """Every text that a content holds."""
    if isinstance(value, str):
        if value and "\n" not in value:
            yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from said(part, skip)
    elif dataclasses.is_dataclass(value):
        hidden = skip | (NOT_SHOWN if type(value).__name__ == "IncidentRef" else set())
        for field in dataclasses.fields(value):
            if field.name not in hidden:
                yield from said(getattr(value, field.name), skip)


def counted(value: object) -> Iterator[int]:
    """Every quantity that a content holds."""
    if isinstance(value, tuple):
        for part in value:
            yield from counted(part)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if field.name in {
                "quantity",
                "requested",
                "needed",
                "satisfied",
                "ordered",
                "issued",
                "expected",
                "received",
                "accepted",
            }:
                if inner is not None:
                    yield inner
            elif not isinstance(inner, date | datetime):
                yield from counted(inner)


@pytest.mark.parametrize(("form", "place"), EVERY_SAMPLE)
def test_each_copy_has_its_pages(printed: Printed, form: str, place: int) -> None:
    content = samples(form)[place].paper.content
    copies = default_copies(form_named(form), content)
    assert page_count(printed(form, place)) == PAGES_OF_A_COPY[form, place] * len(copies)


@pytest.mark.parametrize(("form", "place"), EVERY_SAMPLE)
def test_the_page_says_what_the_content_says(printed: Printed, form: str, place: int) -> None:
    content = samples(form)[place].paper.content
    page = "".join(texts(printed(form, place))[: PAGES_OF_A_COPY[form, place]])
    for text in said(content, UNPRINTED.get(form, set())):
        assert squeezed(text) in page, text
    for quantity in counted(content) if form != "release_instruction" else ():
        assert filters.number(quantity) in page or str(quantity) in page, quantity


@pytest.mark.parametrize(("form", "place"), EVERY_SAMPLE)
def test_each_copy_is_named_and_counts_its_own_pages(printed: Printed, form: str, place: int) -> None:
    kind = form_named(form)
    pages = texts(printed(form, place))
    length = PAGES_OF_A_COPY[form, place]
    labels = copy_labels(kind, default_copies(kind, samples(form)[place].paper.content))
    for number, page in enumerate(pages):
        assert page.endswith(squeezed(labels[number // length])), page[-40:]
        if kind.sheet == "slip":
            assert f"第{number % length + 1}页共{length}页" in page
        elif form == "release_instruction" or number % length:
            assert f"—{number % length + 1}—" in page


@pytest.mark.parametrize(("form", "place"), EVERY_SAMPLE)
def test_the_qr_mark_in_the_lower_right_says_what_the_stamp_says(printed: Printed, form: str, place: int) -> None:
    stamp = samples(form)[place].paper.stamp
    pdf = printed(form, place)
    last = PAGES_OF_A_COPY[form, place] - 1
    (text, (across, down)), *labels = sorted(qr_texts(pdf, last), key=lambda mark: -mark[1][1])
    assert {label for label, _ in labels} <= {text}, "a label to cut out says the same"
    assert text == stamp.qr_text
    assert across > 0.75
    assert down > 0.8
    assert squeezed(stamp.check_code) in texts(pdf)[last]


@pytest.mark.parametrize(("form", "place"), EVERY_SAMPLE)
def test_every_font_is_embedded(printed: Printed, form: str, place: int) -> None:
    found = embedded_fonts(printed(form, place))
    assert found
    assert all(found.values())
    assert all("+SO-" in name for name in found), found


@pytest.mark.parametrize(("form", "place"), EVERY_SAMPLE)
def test_nothing_leaves_the_printable_page(printed: Printed, form: str, place: int) -> None:
    pdf = printed(form, place)
    width, height = size_mm(pdf)
    for number in range(PAGES_OF_A_COPY[form, place]):
        for glyph in glyphs(pdf, number):
            assert 10 <= glyph.left < glyph.right <= width - 10, glyph
            assert 8 <= glyph.top < glyph.bottom <= height - 8, glyph


@pytest.mark.parametrize("form", FORMS)
def test_paper_is_a4(printed: Printed, form: str) -> None:
    upright = form not in {
        "allocation_slip",
        "transfer_slip",
        "scrap_application",
        "receipt_note",
        "issue_note",
        "shipment_handover",
        "count_sheet",
        "morning_list",
        "duty_handover",
        "asset_handout",
        "kit_note",
        "rotation_advice",
        "plan_study",
        "reserve_advice",
        "adequacy_report",
        "purchase_plan",
    }
    assert size_mm(printed(form, 0)) == ((210, 297) if upright else (297, 210))


@pytest.mark.parametrize("form", ["allocation_slip", "receipt_note", "issue_note", "calloff_notice"])
def test_totals_equal_the_lines_in_figures_and_capitals(printed: Printed, form: str) -> None:
    content = samples(form)[0].paper.content
    assert isinstance(content, AllocationSlip | ReceiptNote | IssueNote | CallOffNotice)
    total = sum(line.amount_fen or 0 for line in content.lines)
    page = texts(printed(form, 0))[0]
    assert f"人民币{capitals(total)}" in page
    assert figures(total) in page


def test_a_slip_without_carrier_has_no_copy_for_it(printed: Printed) -> None:
    pages = texts(printed("issue_note", 1))
    assert len(pages) == 3
    assert not any(page.endswith("承运") for page in pages)
    assert "本单一式三联：" in pages[0]
    assert texts(printed("issue_note", 0))[3].endswith("第四联承运")


def test_a_reprint_says_so_and_how_often(printed: Printed) -> None:
    assert "补打第2次" in texts(printed("issue_note", 1))[0]
    assert "补打" not in texts(printed("issue_note", 0))[0]


def test_an_exercise_is_marked_on_every_page(printed: Printed) -> None:
    assert all("演练" in page for page in texts(printed("allocation_slip", 1)))
    assert not any("演练" in page for page in texts(printed("allocation_slip", 0)))


def test_a_later_version_and_its_warnings_are_marked(printed: Printed) -> None:
    first = texts(printed("allocation_slip", 1))[0]
    assert "第2版" in first
    assert "注意：审批为口头下达" in first


@pytest.mark.parametrize(
    ("ended", "mark", "large"), [("void", "已作废", "作废"), ("superseded", "已被新版本代替", "已被代替")]
)
def test_a_paper_that_no_longer_holds_says_so(fonts: Fonts, ended: str, mark: str, large: str) -> None:
    paper = samples("receipt_note")[0].paper
    stamp = dataclasses.replace(paper.stamp, ended=type(paper.stamp.ended)(ended))
    [page] = texts(render("receipt_note", paper.content, stamp, copies=["财务"], fonts=fonts))
    assert mark in page
    assert page.count(large) >= 2 or large in page.replace(mark, "")


def test_rendering_gives_nothing_to_complain_of(fonts: Fonts, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        for form in ("release_instruction", "supply_request"):
            paper = samples(form)[0].paper
            render(form, paper.content, paper.stamp, copies=form_named(form).copies[:1], fonts=fonts)
    assert [message for message in caplog.messages if "HarfBuzz-Subset" not in message] == []


def test_every_form_has_letters_of_its_own() -> None:
    assert len(set(SERIES_OF_FORM.values())) == len(SERIES_OF_FORM), "a number says by its letters what it is"
