"""Every form with what printers dread: long names, rare characters, and lines enough for three pages."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from reports.fonts import Fonts
from reports.forms import FORMS, form_named
from reports.render import render
from reports.samples import samples
from tests.documents.printing import page_count, squeezed, texts

NAME = "镕木㭎𫖯"
"""Characters of the national list that common fonts lack; the packaged ones have them."""
LONG = "伊犁哈萨克自治州霍尔果斯市伊车嘎善锡伯族乡加尔苏村综合减灾与应急物资储备服务中心(村民委员会)第二分库"
LINES = {form.name: form.lines for form in FORMS.values() if form.lines}
FIRST_TRY = {"shipment_handover": 16, "recovery_register": 45, "supply_request": 45}
"""So many lines have filled three pages; where they do not, more are printed."""


def hardened(form: str) -> Any:
    """A sample with one long name, and rare characters in the first line of text it has."""
    content = samples(form)[0].paper.content
    texts_of = [each.name for each in dataclasses.fields(content) if isinstance(getattr(content, each.name), str)]
    changes: dict[str, Any] = dict.fromkeys(texts_of[:1], LONG)
    changes |= dict.fromkeys(texts_of[1:2], NAME)
    return dataclasses.replace(content, **changes), texts_of


@pytest.mark.parametrize("form", list(FORMS))
def test_long_names_and_rare_characters_are_printed_whole(form: str, fonts: Fonts) -> None:
    content, names = hardened(form)
    stamp = samples(form)[0].paper.stamp
    said = "".join(texts(render(form, content, stamp, copies=form_named(form).copies[:1], fonts=fonts)))
    printed = [value for value in (LONG, NAME) if value in {getattr(content, name) for name in names}]
    assert squeezed(printed[0]) in said or squeezed(printed[0])[:12] in said, said[:400]
    assert all(character in said for character in NAME) or len(names) < 2, said[:400]


@pytest.mark.parametrize("form", list(LINES))
def test_many_lines_run_over_three_pages_each_with_its_own_number(form: str, fonts: Fonts) -> None:
    content = samples(form)[0].paper.content
    lines = getattr(content, LINES[form])
    count, pages_of = FIRST_TRY.get(form, 32), 0
    while pages_of < 3:
        many = dataclasses.replace(content, **{LINES[form]: tuple(lines[place % len(lines)] for place in range(count))})
        body = render(form, many, samples(form)[0].paper.stamp, copies=form_named(form).copies[:1], fonts=fonts)
        pages_of = page_count(body)
        assert count < 300
        count = count * 3 // pages_of + 5
    pages = texts(body)
    assert len(pages) >= 3
    for place, page in enumerate(pages, start=1):
        assert f"第{place}页共{len(pages)}页" in page


@pytest.mark.parametrize("count", [5, 7, 9, 11])
def test_a_first_stop_that_does_not_fit_takes_the_head_of_its_table_along(count: int, fonts: Fonts) -> None:
    paper = samples("shipment_handover")[0].paper
    stop = paper.content.stops[0]
    lines = tuple(dataclasses.replace(stop.lines[0], name=f"物资{number}号") for number in range(count))
    content = dataclasses.replace(paper.content, stops=(dataclasses.replace(stop, lines=lines),))
    pages = texts(
        render(
            "shipment_handover", content, paper.stamp, copies=form_named("shipment_handover").copies[:1], fonts=fonts
        )
    )
    assert sum("站序" in page for page in pages) >= 1
    assert all(stop.point.name in page for page in pages if "站序" in page)
