"""The front of the command line: its list of commands, its library's own words in Chinese, what it imports."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

from supplyops.cli import app
from supplyops.cli.main import TABLE, main

WORDS = Path(app.__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES"


def test_the_list_of_commands_says_what_the_commands_say() -> None:
    listed = {name: text for group in TABLE.values() for name, (_, text) in group.items()}
    assert sorted(main.commands) == sorted(listed)
    assert listed == {name: (main.commands[name].help or "").splitlines()[0] for name in listed}
    shown = CliRunner().invoke(main, ["--help"]).output
    for subject, group in TABLE.items():
        assert f"{subject}:" in shown
        for name, (_, text) in group.items():
            assert re.search(rf"^  {name} +{re.escape(text)}$", shown, re.MULTILINE), name


@pytest.mark.parametrize("words", [["--help"], ["item", "--help"], ["nonsense"], ["item", "list"]])
def test_help_and_wrong_words_import_no_house(words: list[str]) -> None:
    """What needs no database is told at once: without the composition root, and without other commands' modules."""
    code = """
import sys
from supplyops.cli import main
try:
    main(sys.argv[1:], prog_name="supplyops")
except SystemExit:
    print("heavy:", *{"alembic", "supplyops.cli.compose", "supplyops.cli.plans", "weasyprint", "flask", "pypinyin"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy:"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("item", "list"), "错误:缺少选项 '--as'."),
        (("item", "list", "--as"), "错误:选项“--as”后面缺少值。"),
        (("item", "list", "--az", "x"), "错误:没有“--az”这个选项。 是不是:'--as'?"),
        (("item", "lst"), "错误:没有“lst”这个命令。 是不是:'list'?"),
        (("stock", "list", "--limit", "0", "--as", "x"), "错误:'--limit' 填写有误:0 超出范围(应为 1<=x<=100000)。"),
        (("stock", "list", "--limit", "x", "--as", "x"), "错误:'--limit' 填写有误:“x”不是合规的数字。"),
        (("item", "list", "a", "--as", "x"), "错误:多出的参数:a"),
        (("demo", "--scenario", "x"), "错误:'--scenario' 填写有误:“x”不在可选范围内。可选:"),
        (("document", "receive", "--as", "x"), "错误:缺少参数 'FILE'."),
        (("verify", "--json=3"), "错误:选项“--json”后面不填值。"),
        (("item",), "命令:"),
    ],
)
def test_wrong_usage_is_told_in_chinese_and_ends_with_2(words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert said in result.output
    assert not re.search(r"Usage|Error|Try|Options|Commands|Missing|Did you", result.output), result.output


def test_no_help_speaks_english() -> None:
    def helps(command: click.Command, *words: str) -> list[tuple[str, ...]]:
        deeper = command.commands.items() if isinstance(command, click.Group) else ()
        return [words, *(found for name, inner in deeper for found in helps(inner, *words, name))]

    for words in helps(main):
        result = CliRunner().invoke(main, [*words, "--help"])
        assert result.exit_code == 0, words
        assert result.output.startswith("用法:"), words
        assert not re.search(r"Options:|Commands:|Show|\[default|required", result.output), words


def test_the_translation_is_compiled_and_fits_the_library() -> None:
    with (WORDS / "messages.po").open("rb") as handle:
        catalogue = read_po(handle, locale="zh_CN")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert compiled.getvalue() == (WORDS / "messages.mo").read_bytes(), "pybabel compile -d supplyops/cli/locale"
    spoken = {found[2] for found in extract_from_dir(str(Path(click.__file__).parent))}
    unknown = [message.id for message in catalogue if message.id and message.id not in spoken]
    assert not unknown, f"the library no longer says this: {unknown}"
    for message in catalogue:
        if message.id:
            fields = set(re.findall(r"{(\w+)", str(message.id)))
            assert set(re.findall(r"{(\w+)", str(message.string))) <= fields, message.id


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("sqlite:///{folder}/broken.db", 70, "file is not a database"),
        ("postgresql://nobody@127.0.0.1:1/nothing", 75, "数据库不能使用"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, code: int, words: str
) -> None:
    (tmp_path / "broken.db").write_bytes(b"not a database, but long enough to be looked at as one" * 20)
    monkeypatch.setenv("SUPPLYOPS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SUPPLYOPS_DATABASE_URL", url.format(folder=tmp_path))
    told = CliRunner().invoke(main, ["item", "list", "--as", "clerk"])
    assert told.exit_code == code, told.output
    assert words in told.output
    assert "sqlalche.me" not in told.output
    checked = CliRunner().invoke(main, ["verify"])
    assert checked.exit_code == 2
    assert checked.output.startswith("无法核对:")


def test_books_that_were_never_made_cannot_be_verified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUPPLYOPS_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SUPPLYOPS_DATABASE_URL", raising=False)
    told = CliRunner().invoke(main, ["verify"])
    assert told.exit_code == 2
    assert "init" in told.output
