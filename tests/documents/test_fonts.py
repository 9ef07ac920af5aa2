"""Which font plays which role, and what is said of it."""

from __future__ import annotations

from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

from reports.fontfiles import PROBE, face_of, fold, fonts_in
from reports.fonts import Fonts, Grade, Role, font_css, load_fonts, notices
from tests.documents.conftest import BuildFont

COMMON = "".join(map(chr, sorted(PROBE)))


def grades(fonts: Fonts) -> dict[str, str]:
    return {str(casting.role): str(casting.grade) for casting in fonts.cast}


def test_the_packaged_faces_play_every_role_and_say_where_they_stand_in(fonts: Fonts) -> None:
    assert grades(fonts) == {
        "title": "substitute",
        "fang": "substitute",
        "kai": "substitute",
        "hei": "kin",
        "song": "kin",
    }
    assert notices(fonts) == ["小标宋、仿宋、楷体字体未安装，以“Noto Serif SC”代替"]


def test_the_offices_own_fonts_come_first(build_font: BuildFont) -> None:
    folder = build_font("FZXiaoBiaoSong-B05S", COMMON).parent
    build_font("FangSong_GB2312", COMMON)
    build_font("FandolKai-Regular", COMMON)
    fonts = load_fonts(folder, uses_system=False)
    assert grades(fonts) == {"title": "standard", "fang": "standard", "kai": "kin", "hei": "kin", "song": "kin"}
    assert notices(fonts) == []
    assert not fonts.dark_families
    assert '--title: "SO FZXiaoBiaoSong-B05S", "SO NotoSerifSC"' in font_css(fonts)


def test_a_slice_of_a_font_plays_no_role(build_font: BuildFont) -> None:
    folder = build_font("FangSong", COMMON[:20]).parent
    assert grades(load_fonts(folder, uses_system=False))["fang"] == "substitute"


def test_two_files_never_share_a_family(build_font: BuildFont) -> None:
    folder = build_font("FangSong", COMMON, "one.otf").parent
    build_font("KaiTi", COMMON)
    fonts = load_fonts(folder, uses_system=False)
    families = [family for family, _ in fonts.faces.values()]
    assert len(set(families)) == len(families)
    twins = Fonts(fonts.cast, (*fonts.fallbacks, face_of(build_font("KaiTi", COMMON, "twin.otf"))))
    families = [family for family, _ in twins.faces.values()]
    assert len(set(families)) == len(families)


def test_every_role_falls_back_to_every_face(fonts: Fonts) -> None:
    for role in Role:
        assert set(fonts.families(role)) >= {"SO NotoSerifSC", "SO NotoSansSC"}
    assert fonts.families(Role.HEI)[0] == "SO NotoSansSC"


def test_missing_characters_are_found_and_invisible_ones_are_not_missed(fonts: Fonts) -> None:
    assert fonts.missing("王堃\u200b\ufe00\n") == []
    assert fonts.missing("𠮷\x07\u2066\u202e") == ["\x07", "\u202e", "\u2066", "𠮷"]


def test_the_reserve_joins_only_when_needed(build_font: BuildFont) -> None:
    fonts = load_fonts(build_font("Rare", "𠮷").parent, uses_system=False)
    assert fonts.covering("王堃") is fonts
    wider = fonts.covering("𠮷")
    assert wider.missing("𠮷") == []
    assert [file.full_name for file in wider.fallbacks][-1] == "Rare"


def test_a_face_is_taken_out_of_a_collection(build_font: BuildFont, tmp_path: Path) -> None:
    faces = [TTFont(build_font(name, COMMON)) for name in ("SimSun", "NSimSun")]
    collection = TTCollection()
    collection.fonts = faces
    folder = tmp_path / "collection"
    folder.mkdir()
    collection.save(folder / "simsun.ttc")
    found = fonts_in(folder)
    assert [face.full_name for face in found] == ["SimSun", "NSimSun"]
    (tmp_path / "second.otf").write_bytes(found[1].data())
    assert face_of(tmp_path / "second.otf").full_name == "NSimSun"
    assert load_fonts(folder, uses_system=False).casting(Role.SONG).grade is Grade.STANDARD


def test_a_damaged_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font at all")
    assert fonts_in(tmp_path) == ()
    assert fonts_in(tmp_path / "nowhere") == ()


def test_names_are_compared_without_joints_and_case() -> None:
    assert fold("FangSong_GB2312") == fold("fangsong GB2312")
