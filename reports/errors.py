"""What can keep a paper from being printed, said as a code and particulars."""

from __future__ import annotations

APT_COMMAND = (
    "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1"
)
"""What a Debian machine needs once for paper."""


class PaperError(Exception):
    """Root of everything that keeps a paper from being printed. `code` names the cause, `params` the particulars."""

    code = "paper_error"

    def __init__(self, **params: object) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class PdfEngineMissing(PaperError):
    """The system libraries that WeasyPrint needs are not there; `command` installs them."""

    code = "pdf_engine_missing"

    def __init__(self, because: str) -> None:
        super().__init__(because=because, command=APT_COMMAND)
        self.command = APT_COMMAND


class FontsMissing(PaperError):
    """Not even the packaged fonts are there."""

    code = "fonts_missing"


class GlyphsMissing(PaperError):
    """No font has these characters. A paper with boxes in place of names is not printed."""

    code = "glyphs_missing"

    def __init__(self, characters: list[str]) -> None:
        super().__init__(characters=[f"{character} U+{ord(character):04X}" for character in characters])
        self.characters = tuple(characters)


class UnknownForm(PaperError):
    """No such form, or a content that belongs to another one."""

    code = "unknown_form"


class PaperDataMissing(PaperError):
    """A template asked for something that the content does not say."""

    code = "paper_data_missing"


class AssetRefused(PaperError):
    """A paper asked for something that is not one of its own named assets."""

    code = "asset_refused"
