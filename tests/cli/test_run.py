"""run.py: standard library only, quiet while things go well, plain when they do not."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
RUN = ROOT / "run.py"


@pytest.fixture
def run() -> ModuleType:
    """The launcher as a module."""
    spec = importlib.util.spec_from_file_location("run", RUN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_needs_nothing_but_python() -> None:
    imported = set()
    for node in ast.walk(ast.parse(RUN.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= sys.stdlib_module_names


def test_it_names_its_commands_and_refuses_others() -> None:
    told = subprocess.run([sys.executable, "-S", str(RUN), "help"], capture_output=True, text=True)
    assert told.returncode == 0
    for command in ("demo", "test", "serve", "doctor", "bench", "bundle", "cli"):
        assert command in told.stdout
    refused = subprocess.run([sys.executable, str(RUN), "dmeo"], capture_output=True, text=True)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "run.py: unknown command 'dmeo'; see: python3 run.py help\n"


def test_what_goes_well_is_quiet_and_what_fails_shows_its_last_words(
    run: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run.done([sys.executable, "-c", "print('noise')"])
    assert capfd.readouterr() == ("", "")
    assert not run.done([sys.executable, "-c", "print('why it failed'); raise SystemExit(3)"])
    assert capfd.readouterr() == ("", "why it failed\n")
    assert not run.done([sys.executable, "-c", "print('expected'); raise SystemExit(3)"], shows_failure=False)
    assert capfd.readouterr() == ("", "")


def test_a_long_step_says_that_it_goes_on(
    run: ModuleType, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "PATIENCE_S", 0.01)
    assert run.done([sys.executable, "-c", "import zipfile, json, email, asyncio"])
    assert "run.py: ... still at it after" in capfd.readouterr().err


def test_an_environment_that_is_right_is_left_alone(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(run, "PIP", ["/no/such/pip"])
    run.stamp("requirements.lock").write_text(run.wanted("requirements.lock"))
    run.make_environment("requirements.lock")
    run.stamp("requirements.lock").write_text("of another lock file")
    with pytest.raises(FileNotFoundError, match="pip"):
        run.make_environment("requirements.lock")


def test_the_environment_for_tests_serves_everything(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(run, "PIP", ["/no/such/pip"])
    run.stamp("requirements-dev.lock").write_text(run.wanted("requirements-dev.lock"))
    run.make_environment("requirements.lock")
