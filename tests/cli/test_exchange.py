"""`supplyops import` and `export` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supplyops.exchange.kinds import ALL
from tests.cli.conftest import Line
from tests.exchange.city import ROWS, csv_of

UNCLEAR = "业协十写"
"""Common characters whose GB18030 bytes are Cyrillic letters in UTF-8: nobody can tell which was meant."""
NEW = {**ROWS["items"][1], "物资编码": "A01009"}


@pytest.fixture
def items_file(tmp_path: Path) -> Path:
    path = tmp_path / "物资.csv"
    path.write_bytes(csv_of([NEW], "gb18030"))
    return path


def test_list_shows_every_kind_with_its_columns(line: Line) -> None:
    said = line("import", "--list")
    for kind in ALL:
        assert f"{kind.name}  {kind.title}" in said
        for column in kind.columns:
            assert column.header in said
    only = line("import", "lots", "--list")
    assert "批次号*" in only
    assert "车牌号" not in only
    listed = json.loads(line("import", "need_norms", "--list", "--json"))
    assert listed[0]["kind"] == "need-norms"
    assert listed[0]["columns"][4] == {
        "header": "每单位用量", "field": "amount", "required": True, "example": "1/5",
        "help": "每一个依据单位需要多少;数字或分数。有内含量的物资按含量单位(如 ml)",
    }  # fmt: skip


def test_import_rehearses_imports_and_then_has_nothing_to_do(city: Line, items_file: Path) -> None:
    words = ("import", "items", str(items_file), "--as", "wangjg")
    assert city(*words, "--dry-run") == (
        "提示:文件编码为 GB18030,已转换。\n物资:将新增 1 行,更新 0 行,不变 0 行。仅为检查,未写入任何内容。\n"
    )
    city("item", "show", "A01009", "--as", "wangjg", code=4)
    assert city(*words).endswith("物资:已导入 1 行,新增 1 行,更新 0 行,不变 0 行。\n")
    assert city(*words).endswith("物资:1 行均已在册,内容相同,没有改动。\n")
    assert "12m²棉帐篷" in city("item", "show", "A01009", "--as", "wangjg")
    entry = city.json("journal", "list", "--command", "exchange.", "--as", "auditadmin")[0]
    assert entry["subject_number"] == "物资.csv"


def test_a_refused_file_ends_with_3_and_names_the_places(city: Line, tmp_path: Path) -> None:
    path = tmp_path / "lots.csv"
    path.write_bytes(csv_of([{**ROWS["lots"][0], "批次号": "L-9", "数量": "1.5", "库位代码": ""}]))
    said = city("import", "lots", str(path), "--as", "wangjg", code=3)
    assert said == (
        "lots.csv 第 2 行“库位代码”列(C 列):必填。请填写。[IMP-001]\n"
        "lots.csv 第 2 行“数量”列(D 列):“1.5”不是整数。请填整数,不带单位和小数。[IMP-002]\n"
        "本文件共 2 处问题,未导入任何一行。\n"
    )
    told = city.run("import", "lots", str(path), "--as", "wangjg", "--json")
    assert told.exit_code == 3
    assert json.loads(told.stdout)["problems"][1]["column"] == "数量"


def test_exit_codes(city: Line, items_file: Path, tmp_path: Path) -> None:
    path = str(items_file)
    assert "没有“things”这种文件" in city("import", "things", path, "--as", "wangjg", code=3)
    assert "--as USER" in city("import", "items", path, code=3)
    city("import", "items", path, "--as", "nobody", code=4)
    city("import", "items", path, "--as", "likg", code=6)
    city("import", "items", path, "--dry-run", "--as", "likg", code=6)
    assert "无法读取" in city("import", "items", str(tmp_path / "none.csv"), "--as", "wangjg", code=3)
    assert "没有“things”" in city("export", "things", "-", "--as", "wangjg", code=3)
    assert "不认识的文件类型“ods”" in city("export", "items", "x.ods", "--as", "wangjg", code=3)
    city("export", "users", "-", "--as", "likg", code=6)
    assert "没有这个文件夹" in city("export", "items", "/nowhere/at/all.csv", "--as", "wangjg", code=5)
    assert "--encoding" in city("import", "need-classes", str(_ambiguous(tmp_path)), "--as", "wangjg", code=3)


def _ambiguous(folder: Path) -> Path:
    path = folder / "unclear.csv"
    path.write_bytes(b"code,name,rank\nx," + UNCLEAR.encode("gb18030") + b",9\n")
    return path


def test_a_named_encoding_settles_what_is_unclear(city: Line, tmp_path: Path) -> None:
    path = str(_ambiguous(tmp_path))
    city("import", "need-classes", path, "--as", "wangjg", code=3)
    city("import", "need-classes", path, "--encoding", "gbk", "--as", "wangjg")
    assert {row["code"]: row["name"] for row in city.json("need-class", "list", "--as", "wangjg")}["x"] == UNCLEAR


def test_export_to_files_and_to_the_screen(city: Line, tmp_path: Path) -> None:
    for kind in (
        ALL
    ):  # as workbooks two of them, each of which is read by a process: that every kind is taken in so has its own test
        for suffix in (".csv", ".xlsx") if kind.name in {"items", "users"} else (".csv",):
            path = tmp_path / f"{kind.name}{suffix}"
            user = {"users": "sysadmin", "roles": "secadmin"}.get(kind.name, "wangjg")
            assert city("export", kind.name, str(path), "--as", user) == f"已导出{kind.title}到 {path}。\n"
            if kind.name not in {"users", "roles"}:
                assert "没有改动" in city("import", kind.name, str(path), "--as", user), kind.name
    assert (
        city("export", "need-classes", "-", "--as", "wangjg")
        == "类别代码,类别名称,优先顺序\nlife,生命保障,1\nfood,应急食品,2\n"
    )
    assert list(tmp_path.glob(".*.part")) == []


def test_a_session_from_start_to_commit(city: Line, tmp_path: Path) -> None:
    path = tmp_path / "物资.csv"
    strange = {("货号" if name == "物资编码" else "品名" if name == "物资名称" else name): NEW[name] for name in NEW}
    path.write_bytes(csv_of([strange]))
    said = city("import", "start", "items", str(path), "--as", "wangjg")
    session = said.split()[1]
    assert "别名" in said
    assert "import map" in said
    city("import", "commit", session, "--as", "wangjg", code=5)
    said = city("import", "map", session, "--suggested", "--as", "wangjg")
    assert "将新增 1 行,更新 0 行,不变 0 行。尚未写入。" in said
    city("item", "show", "A01009", "--as", "wangjg", code=4)
    city("import", "show", session, "--as", "likg", code=4)
    shown = city.json("import", "show", session, "--as", "wangjg")
    assert shown["preview"]["rows"][0][1:3] == ["added", "A01009"]
    assert "新增 1 行" in city("import", "commit", session, "--as", "wangjg")
    assert "12m²棉帐篷" in city("item", "show", "A01009", "--as", "wangjg")
    city("import", "discard", session, "--as", "wangjg", code=5)
    assert "物资.csv" in city("import", "history", "--as", "wangjg")
    assert "已导入" in city("import", "list", "--as", "wangjg")


def test_a_refused_session_gives_a_marked_copy_and_can_be_discarded(city: Line, tmp_path: Path) -> None:
    path, out = tmp_path / "物资.csv", tmp_path / "标注.xlsx"
    path.write_bytes(csv_of([{**NEW, "单位毛重(kg)": "12O"}]))
    said = city("import", "start", "items", str(path), "--as", "wangjg")
    assert "IMP-037" in said
    session = said.split()[1]
    city("import", "marked", session, str(out), "--as", "wangjg")
    assert out.read_bytes().startswith(b"PK")
    assert "已放弃" in city("import", "discard", session, "--as", "wangjg")
    copy = tmp_path / "标注.csv"
    city("import", "items", str(path), "--marked", str(copy), "--as", "wangjg", code=3)
    assert "第 3 个字符" in copy.read_text(encoding="utf-8-sig")


def test_templates_are_written(city: Line, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    assert "空白模板" in city("export", "lots", str(path), "--template")
    assert path.read_bytes().startswith(b"PK")
    city("export", "lots", str(path), code=3)
