"""`python -m reports`: render the samples, and say which font plays which role."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from reports.errors import GlyphsMissing, PaperError, PdfEngineMissing
from reports.fonts import GRADE_NAMES, ROLE_NAMES, Fonts, load_fonts
from reports.forms import FORMS
from reports.render import render_many
from reports.samples import samples


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when done, 2 when paper cannot be printed here."""
    options = _parser().parse_args(arguments)
    try:
        fonts = load_fonts(options.font_dir)
        if options.command == "fonts":
            _say(_fonts_told(fonts))
        elif options.command == "sample":
            _print_sample(options.form, options.output, fonts)
        else:
            for form in FORMS:
                _print_sample(form, options.folder / f"{form}.pdf", fonts)
    except PdfEngineMissing as fault:
        _say([f"PDF 引擎未安装，请运行：{fault.command}"], sys.stderr)
        return 2
    except GlyphsMissing as fault:
        _say([f"没有字体能显示这些字：{'、'.join(fault.characters)}"], sys.stderr)
        return 2
    except PaperError as fault:
        _say([str(fault)], sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="打印单据：样张与字体")
    parser.add_argument("--font-dir", type=Path, help="本单位的字体文件夹")
    commands = parser.add_subparsers(dest="command", required=True)
    sample = commands.add_parser("sample", help="输出一种单据的样张")
    sample.add_argument("form", choices=list(FORMS))
    sample.add_argument("-o", "--output", type=Path, required=True)
    every = commands.add_parser("samples", help="输出全部样张")
    every.add_argument("folder", type=Path)
    commands.add_parser("fonts", help="各字体由谁担任")
    return parser


def _print_sample(form: str, output: Path, fonts: Fonts) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(render_many([sample.paper for sample in samples(form)], fonts=fonts))
    _say([str(output)])


def _fonts_told(fonts: Fonts) -> list[str]:
    return [
        f"{ROLE_NAMES[casting.role]}\t{GRADE_NAMES[casting.grade]}\t{casting.file.full_name}\t{casting.file.path}"
        for casting in fonts.cast
    ]


def _say(lines: Sequence[str], stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
