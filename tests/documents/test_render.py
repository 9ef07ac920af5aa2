"""Rendering: refusals, copies, many papers in one file, long tables, fonts, sameness."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from reports import engine as engines
from reports.engine import engine
from reports.errors import AssetRefused, GlyphsMissing, PaperDataMissing, PdfEngineMissing, UnknownForm
from reports.fonts import Fonts, load_fonts
from reports.forms import form_named
from reports.preview import preview
from reports.render import PaperToPrint, render, render_many, render_shared
from reports.samples import samples
from reports.templates import page_html
from supplyops.kernel.money import figures
from supplyops.papers.contents import AllocationSlip, IssueNote, PaperStamp, allocation_sums, to_plain
from tests.documents.conftest import BuildFont, Printed
from tests.documents.printing import embedded_fonts, outline, page_count, squeezed, texts

HOSTILE = (
    '<img src="file:///etc/passwd"><link rel="attachment" href="file:///etc/hostname">'
    "<script>alert(1)</script>{{ 7 * 7 }}</td></table>&amp;"
)


def issue_note() -> tuple[IssueNote, PaperStamp]:
    paper = samples("issue_note")[1].paper
    assert isinstance(paper.content, IssueNote)
    return paper.content, paper.stamp


def long_slip(lines: int) -> tuple[AllocationSlip, PaperStamp]:
    paper = samples("allocation_slip")[0].paper
    content = paper.content
    assert isinstance(content, AllocationSlip)
    rows = tuple(
        dataclasses.replace(
            content.lines[number % 8],
            quantity=number + 1,
            lot=dataclasses.replace(content.lines[number % 8].lot, number=f"LOT-{number:04d}"),
        )
        for number in range(lines)
    )
    return dataclasses.replace(content, lines=rows), paper.stamp


def test_hostile_content_is_printed_as_text_and_opens_nothing(fonts: Fonts, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a paper reached for the network")

    content, stamp = issue_note()
    engine(fonts)  # fonts are read before the doors are shut
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    [page] = texts(
        render("issue_note", dataclasses.replace(content, note=HOSTILE), stamp, copies=["记账"], fonts=fonts)
    )
    assert squeezed(HOSTILE) in page
    assert "root:" not in page


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://198.51.100.7/x.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="image:qr-of-another-paper">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
    ],
)
def test_a_template_gets_named_assets_only(fonts: Fonts, markup: str) -> None:
    with pytest.raises(AssetRefused):
        engine(fonts).lay_out(f"<body>{markup}</body>", form_named("issue_note"), {}, {})


def test_a_template_attaches_nothing(fonts: Fonts) -> None:
    document = engine(fonts).lay_out(
        '<link rel="attachment" href="file:///etc/passwd"><body>x</body>', form_named("issue_note"), {}, {}
    )
    with pytest.raises(AssetRefused):
        engine(fonts).write([document], b"x" * 16)


def test_what_a_template_asks_for_must_be_there() -> None:
    _, stamp = issue_note()
    with pytest.raises(PaperDataMissing, match="organisation"):
        page_html(form_named("issue_note"), SimpleNamespace(lines=()), stamp, qr=None)


def test_a_content_of_another_form_is_refused(fonts: Fonts) -> None:
    content, stamp = issue_note()
    with pytest.raises(UnknownForm):
        render("receipt_note", content, stamp, fonts=fonts)
    with pytest.raises(UnknownForm):
        render("no_such_form", content, stamp, fonts=fonts)


def test_rare_names_print_right(fonts: Fonts) -> None:
    names = "王堃李镕佟㛃苏芃赵赟李犇马炆李珺陈喆周翀阿依努尔·买买提䶮"
    content, stamp = issue_note()
    [page] = texts(
        render("issue_note", dataclasses.replace(content, recipient=names), stamp, copies=["记账"], fonts=fonts)
    )
    assert names in page


def test_a_character_no_font_writes_is_named_and_nothing_is_printed(fonts: Fonts) -> None:
    content, stamp = issue_note()
    with pytest.raises(GlyphsMissing) as caught:
        render("issue_note", dataclasses.replace(content, recipient="𠮷田\u202e", purpose="😀"), stamp, fonts=fonts)
    assert caught.value.characters == ("\u202e", "😀", "𠮷")
    assert "U+20BB7" in str(caught.value)


def test_a_font_in_the_offices_folder_writes_the_rare_character(build_font: BuildFont) -> None:
    folder = build_font("OfficeRare", "𠮷").parent
    content, stamp = issue_note()
    fonts = load_fonts(folder, uses_system=False)
    pdf = render("issue_note", dataclasses.replace(content, recipient="𠮷田"), stamp, copies=["记账"], fonts=fonts)
    assert "𠮷田" in texts(pdf)[0]
    assert any("OfficeRare" in name for name in embedded_fonts(pdf))
    assert not any(
        "OfficeRare" in name
        for name in embedded_fonts(render("issue_note", content, stamp, copies=["记账"], fonts=fonts))
    )


def test_chosen_copies_are_printed_in_the_order_given(fonts: Fonts) -> None:
    paper = samples("allocation_slip")[0].paper
    pages = texts(render("allocation_slip", paper.content, paper.stamp, copies=["财务(绿)", "出库(红)"], fonts=fonts))
    assert [page.endswith(label) for page, label in zip(pages, ("第五联财务(绿)", "第二联出库(红)"), strict=True)] == [
        True,
        True,
    ]
    with pytest.raises(ValueError, match="at least one copy"):
        render("allocation_slip", paper.content, paper.stamp, copies=[], fonts=fonts)


def test_on_both_sides_every_copy_begins_a_sheet(fonts: Fonts) -> None:
    paper = samples("allocation_slip")[0].paper
    pages = texts(
        render("allocation_slip", paper.content, paper.stamp, copies=["存根(白)", "出库(红)"], fonts=fonts, duplex=True)
    )
    assert [bool(page) for page in pages] == [True, False, True, False]


def test_many_papers_keep_their_own_page_numbers(fonts: Fonts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.render.CHUNK_PAGES", 3)
    papers = [
        dataclasses.replace(samples(form)[0].paper, copies=form_named(form).copies[:count])
        for form, count in (("release_instruction", 1), ("shipment_handover", 2), ("issue_note", 1))
    ]
    told: list[int] = []
    pdf = render_many(papers, fonts=fonts, on_progress=told.append)
    pages = texts(pdf)
    assert len(pages) == 4 + 4 + 1
    assert ["—1—" in pages[0], "—4—" in pages[3]] == [True, True]
    for place, expected in zip(
        range(4, 9), ("第1页共2页", "第2页共2页", "第1页共2页", "第2页共2页", "第1页共1页"), strict=True
    ):
        assert expected in pages[place]
    assert outline(pdf) == [
        ("救灾物资动用指令 霍应急〔2026〕12号", 0),
        ("运输交接单 霍应急〔2026〕12号", 4),
        ("出库单 霍应急〔2026〕12号", 8),
    ]
    assert told[-1] == 3
    with pytest.raises(ValueError, match="no papers"):
        render_many([], fonts=fonts)


def test_papers_shared_out_among_processes_are_the_same_papers(fonts: Fonts) -> None:
    forms = ("release_instruction", "shipment_handover", "issue_note")
    papers = [dataclasses.replace(samples(form)[0].paper, copies=form_named(form).copies[:1]) for form in forms]
    alone, shared = render_many(papers, fonts=fonts), render_shared(papers, processes=2, fonts=fonts)
    assert texts(shared) == texts(alone)
    assert outline(shared) == outline(alone)
    few = papers[1:]
    assert (
        texts(render_shared(few, processes=9, fonts=fonts))
        == texts(alone)[-page_count(render_many(few, fonts=fonts)) :]
    )


def test_a_hundred_lines_flow_over_pages_with_sums_on_each(fonts: Fonts) -> None:
    content, stamp = long_slip(100)
    pages = texts(render("allocation_slip", content, stamp, copies=["存根(白)"], fonts=fonts))
    assert len(pages) > 5
    shown: list[int] = []
    for page in pages:
        here = [number for number in range(100) if f"LOT-{number:04d}" in page]
        assert here, "a page without rows"
        sums = allocation_sums(tuple(content.lines[number] for number in here))
        assert "物资编码" in page, "the head is repeated"
        assert f"本页小计{sums.kinds}种{len(here)}批" in page
        assert figures(sums.amount_fen) in page
        shown += here
    assert shown == list(range(100)), "no row is lost, split or shown twice"
    assert figures(content.sums.amount_fen) in pages[-1]
    assert "批准人" in pages[-1]
    assert not any("合计" in page for page in pages[:-1])


def test_the_same_paper_gives_the_same_bytes_in_another_process(fonts: Fonts) -> None:
    content, stamp = issue_note()
    here = render("issue_note", content, stamp, fonts=fonts)
    assert render("issue_note", content, stamp, fonts=fonts) == here
    assert render("issue_note", content, dataclasses.replace(stamp, reprint_count=3), fonts=fonts) != here
    code = (
        "import hashlib, sys; from reports.fonts import load_fonts; from reports.render import render;"
        "from reports.samples import samples; p = samples('issue_note')[1].paper;"
        "f = load_fonts(uses_system=False);"
        "sys.stdout.write(hashlib.sha256(render('issue_note', p.content, p.stamp, fonts=f)).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == hashlib.sha256(here).hexdigest()


def test_threads_do_not_spoil_each_other(fonts: Fonts) -> None:
    content, stamp = issue_note()
    alone = render("issue_note", content, stamp, copies=["记账"], fonts=fonts)
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda _: render("issue_note", content, stamp, copies=["记账"], fonts=fonts), range(6))
    assert set(together) == {alone}


def test_without_the_engine_the_one_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PdfEngineMissing) as caught:
        engines.weasyprint()
    assert caught.value.command.startswith("apt-get install")
    assert "libpango-1.0-0" in caught.value.command


def test_the_package_is_imported_without_the_engine() -> None:
    code = "import reports, sys; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0


def test_a_preview_boxes_what_is_missing(fonts: Fonts) -> None:
    stored: dict[str, Any] = to_plain(samples("allocation_slip")[0].paper.content)
    del stored["load_by"], stored["to_site"]
    stored["owner"] = ""
    stored["lines"][0]["quantity"] = "many"
    stored["lines"][1]["name"] = "棉被𠮷"
    [page] = texts(preview("allocation_slip", stored, fonts=fonts))
    assert page.count("待填") == 4 + 2  # and of the unissued stamp: by whom, when
    assert "棉被〓" in page
    assert "预览，不得作为正式单据使用" in page
    assert "小标宋、仿宋、楷体字体未安装" in page


@pytest.mark.parametrize("form", ["release_instruction", "mobilisation_order", "supply_request", "coordination_letter"])
def test_a_preview_of_nothing_at_all_still_shows_the_form(fonts: Fonts, form: str) -> None:
    assert "待填" in texts(preview(form, {}, fonts=fonts))[0]


def test_a_preview_of_a_whole_paper_has_no_boxes(fonts: Fonts) -> None:
    paper = samples("issue_note")[0].paper
    [page] = texts(preview("issue_note", paper.content, paper.stamp, fonts=fonts))
    assert "待填" not in page


def test_samples_render_for_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from reports.__main__ import main

    assert main(["sample", "coordination_letter", "-o", str(tmp_path / "out" / "letter.pdf")]) == 0
    assert page_count((tmp_path / "out" / "letter.pdf").read_bytes()) == 4
    assert main(["fonts"]) == 0
    assert "小标宋" in capsys.readouterr().out


def test_printing_many_is_printing_each(fonts: Fonts, printed: Printed) -> None:
    paper = samples("issue_note")[0].paper
    assert texts(render_many([PaperToPrint("issue_note", paper.content, paper.stamp)], fonts=fonts)) == texts(
        printed("issue_note", 0)
    )
