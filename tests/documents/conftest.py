"""Papers rendered once per test process, with fonts that do not depend on what the machine has installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen

from reports.fonts import Fonts, load_fonts
from reports.render import render
from reports.samples import samples

Printed = Callable[[str, int], bytes]
BuildFont = Callable[..., Path]


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    """The packaged faces alone."""
    return load_fonts(uses_system=False)


@pytest.fixture(scope="session")
def printed(fonts: Fonts) -> Printed:
    """All copies of a form's sample, rendered when first asked for."""
    kept: dict[tuple[str, int], bytes] = {}

    def print_sample(form: str, place: int = 0) -> bytes:
        if (form, place) not in kept:
            paper = samples(form)[place].paper
            kept[form, place] = render(form, paper.content, paper.stamp, fonts=fonts)
        return kept[form, place]

    return print_sample


@pytest.fixture
def build_font(tmp_path: Path) -> BuildFont:
    """Write a small font of square glyphs under a name of one's choice."""

    def build(name: str, characters: str, file: str = "") -> Path:
        glyph_names = {ord(character): f"uni{ord(character):05X}" for character in characters}
        pen = T2CharStringPen(1000, None)
        for step, point in (
            (pen.moveTo, (100, 0)),
            (pen.lineTo, (900, 0)),
            (pen.lineTo, (900, 800)),
            (pen.lineTo, (100, 800)),
        ):
            step(point)
        pen.closePath()
        square = pen.getCharString()
        builder = FontBuilder(1000, isTTF=False)
        order = [".notdef", *glyph_names.values()]
        builder.setupGlyphOrder(order)
        builder.setupCharacterMap(glyph_names)
        builder.setupCFF(name, {"FullName": name}, dict.fromkeys(order, square), {})
        builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 100)))
        builder.setupHorizontalHeader(ascent=880, descent=-120)
        builder.setupNameTable({"familyName": name, "styleName": "Regular", "fullName": name, "psName": name})
        builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
        builder.setupPost()
        path = tmp_path / "fonts" / (file or f"{name}.otf")
        path.parent.mkdir(exist_ok=True)
        builder.save(path)
        return path

    return build
