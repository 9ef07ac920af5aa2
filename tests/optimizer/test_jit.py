"""Compiled code is kept for the sources it was made from: what it depends on is found, whatever is written anew."""

from __future__ import annotations

import ast
import os
import time
from pathlib import Path

import numpy as np
import pytest

from optimizer import jit
from optimizer.primitives import sort_by

PARTS = ("bulk", "primitives", "route", "vrp")


def imports(file: Path) -> set[str]:
    """Names that a module imports from the optimizer, `optimizer.x.y` for each."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: imports are written out in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] == "optimizer"}


def test_every_module_with_compiled_functions_is_among_the_sources_of_its_part() -> None:
    using = {
        file
        for file in jit.ROOT.rglob("*.py")
        if imports(file) & {"optimizer.jit.compiled", "optimizer.jit.inlined", "optimizer.jit.inner", "optimizer.jit"}
    }
    assert {file.relative_to(jit.ROOT).with_suffix("").parts[0] for file in using} == set(PARTS)
    assert using <= {file for part in PARTS for file in jit.sources_of(part)}


@pytest.mark.parametrize("part", PARTS)
def test_what_compiled_modules_import_is_among_the_sources(part: str) -> None:
    sources = jit.sources_of(part)
    assert sources
    for file in sources:
        for name in imports(file):
            module = jit.ROOT.joinpath(*name.split(".")[1:-1]).with_suffix(".py")
            assert module in sources, f"{file} imports {name}: from a module, not a package"


def test_an_edit_compiles_anew_what_depends_on_it_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = "@compiled\ndef f(): ...\n"
    files = {
        "shared.py": shared,
        "one/columns.py": "A = 1\n",
        "one/kernel.py": f"from optimizer.one.columns import A\nfrom optimizer.shared import f\n{shared}",
        "one/engine.py": "from optimizer.one.kernel import f\n",
        "two/kernel.py": f"from optimizer.shared import f\n{shared}",
    }
    monkeypatch.setattr(jit, "ROOT", tmp_path)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def kept() -> list[Path]:
        jit.kept_in.cache_clear()
        return [jit.kept_in(part) for part in ("one", "two")]

    before = kept()
    assert before[0] != before[1]
    for name, changed in (
        ("shared.py", [True, True]),
        ("one/columns.py", [True, False]),
        ("two/kernel.py", [False, True]),
        ("one/engine.py", [False, False]),
    ):
        (tmp_path / name).write_text(files[name] + "# edited\n")
        assert [now != then for now, then in zip(kept(), before, strict=True)] == changed, name
        (tmp_path / name).write_text(files[name])
    jit.kept_in.cache_clear()


def test_of_several_that_compile_the_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "kept_in", lambda part: tmp_path / part)
    with pytest.raises(ZeroDivisionError), jit.compiling("one"):
        raise ZeroDivisionError
    assert not (tmp_path / "one" / "compiled").exists(), "what broke off is not done"
    with jit.compiling("one"):
        assert not (tmp_path / "one" / "compiled").exists()
    assert (tmp_path / "one" / "compiled").exists()


def test_what_was_compiled_from_other_sources_goes_when_it_has_not_been_used_for_long(tmp_path: Path) -> None:
    now, state = tmp_path / "one-0123456789abcdef", "fedcba9876543210"
    long_ago = time.time() - (jit.UNUSED_DAYS + 1) * 86_400
    for name, used_at in (
        (now.name, long_ago),
        (f"one-{state}", long_ago),
        ("one-00112233445566ff", time.time() - (jit.UNUSED_DAYS - 1) * 86_400),
        (f"two-{state}", long_ago),
        (f"one-more-{state}", long_ago),
        ("one-and-another", long_ago),
    ):
        (tmp_path / name / "kernel_1").mkdir(parents=True)
        (tmp_path / name / "kernel_1" / "kernel.f-1.nbi").touch()
        os.utime(tmp_path / name, (used_at, used_at))
    jit.remove_unused(now)
    left = {now.name, "one-00112233445566ff", f"two-{state}", f"one-more-{state}", "one-and-another"}
    assert {folder.name for folder in tmp_path.iterdir()} == left


def test_whoever_loads_what_was_compiled_says_that_it_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {part: tmp_path / f"{part}-0123456789abcdef" for part in ("one", "two")}
    other = tmp_path / "two-00112233445566ff"
    for folder in (folders["one"], other):
        folder.mkdir()
        os.utime(folder, (0, 0))
    monkeypatch.setattr(jit, "kept_in", folders.__getitem__)
    assert [jit._in_use.__wrapped__(part) for part in folders] == list(folders.values())
    assert all(folder.stat().st_mtime > time.time() - 60 for folder in folders.values())
    assert not other.exists(), "the part's state is new"


@pytest.mark.parametrize("mode", [0o700, 0o720, 0o702])
def test_nothing_is_loaded_from_a_folder_in_which_others_may_write(
    mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit.tempfile, "gettempdir", lambda: str(tmp_path))
    own = jit._private()
    assert own.stat().st_mode & 0o777 == 0o700
    own.chmod(mode)
    if mode == 0o700:
        assert jit._private() == own
        own.rmdir()
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        own.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="others may write there"):
        jit._private()


def test_python_is_told_that_a_function_is_for_compiled_callers() -> None:
    with pytest.raises(TypeError, match="sort_by is compiled for compiled functions only"):
        sort_by(np.zeros(2), np.zeros(2, np.int64), 2)
