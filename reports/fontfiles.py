"""Font files on disk: found, named, and asked what they can write."""

from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError  # type: ignore[import-untyped]

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
PROBE = frozenset(
    map(
        ord,
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经",
    )
)
"""A font without all of these is a slice of one, made for web pages: slices print wrong characters."""
_REGULAR = frozenset({"regular", "normal", "book", "roman", "常规", "标准"})
_NAME_FAMILY, _NAME_STYLE, _NAME_FULL, _NAME_POSTSCRIPT, _NAME_FAMILY_TYPO, _NAME_STYLE_TYPO = 1, 2, 4, 6, 16, 17


@dataclass(frozen=True, slots=True)
class FontFile:
    """One face in one file. `names` are folded, so that 仿宋_GB2312 and FangSong GB2312 can be looked up."""

    path: Path
    index: int
    full_name: str
    postscript_name: str
    names: frozenset[str]
    is_regular: bool

    @property
    def characters(self) -> frozenset[int]:
        """The code points this face has a glyph for."""
        return _characters(self.path, self.index)

    @property
    def is_whole(self) -> bool:
        """Whether the face can write common Chinese at all."""
        return self.characters >= PROBE

    def data(self) -> bytes:
        """The face as a font file of its own; a face inside a collection is taken out of it."""
        if self.path.suffix.lower() not in {".ttc", ".otc"}:
            return self.path.read_bytes()
        out = io.BytesIO()
        with TTFont(self.path, fontNumber=self.index, lazy=True, recalcTimestamp=False) as font:
            font.save(out, reorderTables=False)
        return out.getvalue()


def fold(name: str) -> str:
    """A font name without case, width, spaces and joints."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c not in " -_")


@cache
def fonts_in(folder: Path) -> tuple[FontFile, ...]:
    """Every readable, static font face below a folder, in the order of the paths."""
    if not folder.is_dir():
        return ()
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return tuple(face for path in paths for face in _faces(path))


@cache
def system_fonts() -> tuple[FontFile, ...]:
    """Every font face installed on this machine."""
    return tuple(face for folder in _system_folders() for face in fonts_in(folder))


def face_of(path: Path) -> FontFile:
    """The first face of a font file."""
    return next(_faces(path))


def _system_folders() -> tuple[Path, ...]:
    home = Path.home()
    if sys.platform == "win32":
        return (Path("C:/Windows/Fonts"), home / "AppData/Local/Microsoft/Windows/Fonts")
    if sys.platform == "darwin":
        return (home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    return (
        home / ".local/share/fonts",
        home / ".fonts",
        Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
        Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"),
    )


def _faces(path: Path) -> Iterator[FontFile]:
    try:
        with path.open("rb") as stream:
            count = 1
            if path.suffix.lower() in {".ttc", ".otc"}:
                count = len(TTCollection(stream, lazy=True).fonts)
            for index in range(count):
                stream.seek(0)
                font = TTFont(stream, fontNumber=index, lazy=True)
                if "fvar" not in font and "name" in font and "cmap" in font:
                    yield _described(path, index, font)
    except (OSError, TTLibError, ValueError, KeyError, IndexError, AssertionError):
        return  # a damaged file in a font folder is no reason to print nothing


def _described(path: Path, index: int, font: TTFont) -> FontFile:
    table = font["name"]
    texts: dict[int, list[str]] = {}
    for record in table.names:
        text = record.toUnicode(errors="replace").strip()
        if text:
            texts.setdefault(record.nameID, []).append(text)
    names = [*texts.get(_NAME_FULL, []), *texts.get(_NAME_POSTSCRIPT, [])]
    styles = texts.get(_NAME_STYLE_TYPO) or texts.get(_NAME_STYLE, [])
    is_regular = not styles or any(fold(style) in _REGULAR for style in styles)
    if is_regular:
        names += [*texts.get(_NAME_FAMILY, []), *texts.get(_NAME_FAMILY_TYPO, [])]
    return FontFile(
        path=path,
        index=index,
        full_name=table.getBestFullName() or path.stem,
        postscript_name=(texts.get(_NAME_POSTSCRIPT) or [path.stem])[0],
        names=frozenset(map(fold, names)),
        is_regular=is_regular,
    )


@lru_cache(maxsize=64)
def _characters(path: Path, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or {})
