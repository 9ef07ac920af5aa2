"""Which font plays which role on paper, and whether it is the one the standard asks for.

The office's own folder comes first, then what is installed, then the packaged Noto faces. One file is one family name:
two files under one name would print wrong characters without a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from reports.errors import FontsMissing
from reports.fontfiles import FontFile, face_of, fold, fonts_in, system_fonts


class Role(StrEnum):
    """The five typefaces of an official document, by the names of their CSS variables."""

    TITLE = "title"
    FANG = "fang"
    KAI = "kai"
    HEI = "hei"
    SONG = "song"


class Grade(StrEnum):
    """How near a font comes to the role."""

    STANDARD = "standard"  # the typeface offices use
    KIN = "kin"  # another cut of the same style
    SUBSTITUTE = "substitute"  # another style


ROLE_NAMES = {Role.TITLE: "小标宋", Role.FANG: "仿宋", Role.KAI: "楷体", Role.HEI: "黑体", Role.SONG: "宋体"}
GRADE_NAMES = {Grade.STANDARD: "标准字体", Grade.KIN: "同类字体", Grade.SUBSTITUTE: "替代字体"}

_STANDARD = {
    Role.TITLE: (
        "方正小标宋简体 方正小标宋_GBK 方正小标宋_GB18030 方正公文小标宋 "
        "FZXiaoBiaoSong-B05S FZXiaoBiaoSong-B05 FZXBSJW--GB1-0 FZXBSK--GBK1-0 FZXBSK FZGWXBSJW--GB1-0"
    ),
    Role.FANG: (
        "仿宋_GB2312 FangSong_GB2312 仿宋 FangSong 方正仿宋_GB2312 方正仿宋_GBK 方正仿宋简体 方正公文仿宋 "
        "FZFSJW--GB1-0 FZFSK--GBK1-0 FZFangSong-Z02S 华文仿宋 STFangsong"
    ),
    Role.KAI: (
        "楷体_GB2312 KaiTi_GB2312 楷体 KaiTi 方正楷体_GB2312 方正楷体_GBK 方正楷体简体 方正公文楷体 "
        "FZKTJW--GB1-0 FZKTK--GBK1-0 FZKai-Z03S 华文楷体 STKaiti"
    ),
    Role.HEI: (
        "黑体 SimHei 方正黑体_GBK 方正黑体简体 方正公文黑体 FZHTJW--GB1-0 FZHTK--GBK1-0 FZHei-B01S 华文黑体 STHeiti"
    ),
    Role.SONG: ("宋体 SimSun 方正书宋_GBK 方正书宋简体 FZSSJW--GB1-0 FZSSK--GBK1-0 FZShuSong-Z01S 华文宋体 STSong"),
}
_KIN = {
    Role.TITLE: (
        "FandolSong-Bold NotoSerifCJKsc-Bold NotoSerifSC-Bold SourceHanSerifSC-Bold SourceHanSerifCN-Bold "
        "华文中宋 STZhongsong"
    ),
    Role.FANG: "FandolFang-Regular ZhuqueFangsong-Regular 朱雀仿宋",
    Role.KAI: "FandolKai-Regular LXGWWenKai-Regular LXGWWenKaiGB-Regular 霞鹜文楷",
    Role.HEI: "NotoSansSC-Regular NotoSansCJKsc-Regular SourceHanSansSC-Regular SourceHanSansCN-Regular",
    Role.SONG: "NotoSerifSC-Regular NotoSerifCJKsc-Regular SourceHanSerifSC-Regular SourceHanSerifCN-Regular",
}
_DARK = "dark"
# What Pango draws as nothing: joiners, variation selectors, the soft hyphen, the mark of byte order.
_INVISIBLE = frozenset(
    {0x09, 0x0A, 0x0D, 0xAD, 0xFEFF}
    | set(range(0x200B, 0x2010))
    | set(range(0x2060, 0x2065))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
# Marks that turn the order of what is read; none belongs on an order that people act on.
_REORDERING = frozenset({*range(0x202A, 0x202F), *range(0x2066, 0x206A)})


@dataclass(frozen=True, slots=True)
class Casting:
    """The font chosen for a role."""

    role: Role
    file: FontFile
    grade: Grade


@dataclass(frozen=True, slots=True)
class Fonts:
    """A cast of fonts. `fallbacks` write what the role's own font cannot, in this order; `reserve` is searched when
    neither can."""

    cast: tuple[Casting, ...]
    fallbacks: tuple[FontFile, ...]
    reserve: tuple[FontFile, ...] = field(default=(), compare=False, repr=False)

    def casting(self, role: Role) -> Casting:
        """Who plays a role."""
        return next(casting for casting in self.cast if casting.role is role)

    @property
    def substitutes(self) -> tuple[Casting, ...]:
        """The roles played by a font of another style."""
        return tuple(casting for casting in self.cast if casting.grade is Grade.SUBSTITUTE)

    @property
    def faces(self) -> dict[str, tuple[str, FontFile]]:
        """Every family to be made known: asset id -> family name, file."""
        return _faces(self)

    @property
    def dark_families(self) -> frozenset[str]:
        """Families whose strokes are thickened in print, because a text weight stands in for a title face."""
        return frozenset(family for asset, (family, _) in self.faces.items() if asset == _DARK)

    def families(self, role: Role) -> tuple[str, ...]:
        """The family names to try for a role, in order."""
        names = {file: family for asset, (family, file) in self.faces.items() if asset != _DARK}
        own = self.faces[_DARK][0] if role is Role.TITLE and _DARK in self.faces else names[self.casting(role).file]
        return tuple(dict.fromkeys([own, *(names[file] for file in self.fallbacks), *names.values()]))

    def missing(self, text: Iterable[str]) -> list[str]:
        """The characters of a text that no font of the cast can write, and those that must not be written."""
        wanted = {ord(character) for character in text} - _INVISIBLE
        lacking = {code for code in wanted if unicodedata.category(chr(code)) in {"Cc", "Cs"}} | (wanted & _REORDERING)
        wanted -= lacking
        for _, file in self.faces.values():
            wanted -= file.characters
            if not wanted:
                break
        return sorted(map(chr, wanted | lacking))

    def covering(self, text: Iterable[str]) -> Fonts:
        """This cast, joined by those of the reserve that write what it cannot."""
        lacking = set(map(ord, self.missing(text))) - _REORDERING
        extra: list[FontFile] = []
        for file in self.reserve if lacking else ():
            if found := lacking & file.characters:
                extra.append(file)
                lacking -= found
        return replace(self, fallbacks=(*self.fallbacks, *extra)) if extra else self


def load_fonts(office_folder: Path | None = None, *, uses_system: bool = True) -> Fonts:
    """Choose a font for each role: the office's folder, then installed ones, then the packaged faces.

    Every other font of the folder and the machine is kept in reserve for rare characters. Raises FontsMissing when the
    packaged faces are not there.
    """
    serif, sans = _packaged()
    own = fonts_in(office_folder) if office_folder is not None else ()
    installed = system_fonts() if uses_system else ()
    cast = tuple(_cast(role, own, installed, sans if role is Role.HEI else serif) for role in Role)
    reserve = dict.fromkeys([*own, *sorted(installed, key=lambda file: not file.is_regular)])
    return Fonts(cast, tuple(dict.fromkeys([serif, sans])), tuple(reserve))


def default_fonts() -> Fonts:
    """The cast without an office's folder."""
    return load_fonts()


def notices(fonts: Fonts) -> list[str]:
    """What a clerk should know about the cast, a sentence for each stand-in; empty when every style is right."""
    roles: dict[str, list[str]] = {}
    for casting in fonts.substitutes:
        roles.setdefault(casting.file.full_name, []).append(ROLE_NAMES[casting.role])
    return [f"{'、'.join(names)}字体未安装，以“{stand_in}”代替" for stand_in, names in roles.items()]


def font_css(fonts: Fonts) -> str:
    """The faces, and one CSS variable for each role."""
    faces = "\n".join(
        f'@font-face {{ font-family: "{family}"; src: url("font:{asset}"); }}'
        for asset, (family, _) in fonts.faces.items()
    )
    roles = " ".join("--{}: {};".format(role, ", ".join(map(_quoted, fonts.families(role)))) for role in Role)
    return f"{faces}\n:root {{ {roles} }}\n"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _cast(role: Role, own: Sequence[FontFile], installed: Sequence[FontFile], packaged: FontFile) -> Casting:
    for files in (own, installed):
        for grade, wanted in ((Grade.STANDARD, _STANDARD), (Grade.KIN, _KIN)):
            if file := _named(files, wanted[role]):
                return Casting(role, file, grade)
    return Casting(role, packaged, Grade.KIN if role in {Role.HEI, Role.SONG} else Grade.SUBSTITUTE)


def _named(files: Sequence[FontFile], names: str) -> FontFile | None:
    for name in map(fold, names.split()):
        for file in files:
            if name in file.names and file.is_whole:
                return file
    return None


@cache
def _packaged() -> tuple[FontFile, FontFile]:
    try:
        import pylopdf_fonts_zh_cn as package  # noqa: PLC0415  (a machine without it must still be able to say so)
    except ImportError as error:
        raise FontsMissing(package="pylopdf-fonts-zh-cn") from error
    return face_of(package.serif_path()), face_of(package.sans_path())


@lru_cache(maxsize=8)
def _faces(fonts: Fonts) -> dict[str, tuple[str, FontFile]]:
    faces: dict[str, tuple[str, FontFile]] = {}
    files = dict.fromkeys([*(casting.file for casting in fonts.cast), *fonts.fallbacks])
    for place, file in enumerate(files):
        # A name no installed font has, which still tells in the PDF what was embedded; namesakes are told apart.
        name = "SO " + re.sub(r"[^0-9A-Za-z-]", "", file.postscript_name).removesuffix("-Regular")
        taken = {family for family, _ in faces.values()}
        faces[f"face{place}"] = (f"{name} {place}" if name in taken else name, file)
    title = fonts.casting(Role.TITLE)
    if title.grade is Grade.SUBSTITUTE:
        faces[_DARK] = ("SO TitleSubstitute", title.file)
    return faces
