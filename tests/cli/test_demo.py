"""The demonstration as a newcomer meets it: one command, a summary, papers on disk, clean books; nobody's real books are touched.

It runs in a process of its own; what is done before and after it need not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from supplyops.cli import compose
from supplyops.cli.compose import demo_clock, set_demo_clock
from supplyops.cli.main import main
from supplyops.config import Settings

_ROOT = Path(__file__).parents[2]


def supplyops(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, on SQLite in that folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SUPPLYOPS_")}
    return subprocess.run(
        [sys.executable, "-m", "supplyops", *words],
        capture_output=True, text=True, cwd=_ROOT, env=clean | {"SUPPLYOPS_DATA_DIR": str(folder)}, timeout=280,
    )  # fmt: skip


def here(folder: Path, *words: str) -> Result:
    """A command in this process."""
    clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("SUPPLYOPS_")}
    return CliRunner().invoke(main, list(words), env=clean | {"SUPPLYOPS_DATA_DIR": str(folder)})


@pytest.mark.slow
def test_a_story_is_told_printed_and_checked_where_one_was_told_before(tmp_path: Path) -> None:
    assert here(tmp_path, "init").exit_code == 0
    assert here(tmp_path, "verify").exit_code == 0
    set_demo_clock(Settings(data_dir=tmp_path), datetime(2026, 1, 1, tzinfo=UTC))  # these were a demonstration's books
    older = (tmp_path / "supplyops.db").read_bytes()
    done = supplyops(tmp_path, "demo", "--no-serve", "--scenario", "snow-cutoff", "--seed", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("事件", "需求", "车辆", "动用指令", "单据", "已核对", "保障率"):
        assert word in done.stdout
    (paper,) = (tmp_path / "papers").glob("*.pdf")
    reader = PdfReader(paper)
    assert str(len(reader.pages)) in done.stdout
    assert "救灾物资动用指令" in str(reader.outline[0])
    assert (tmp_path / "previous-supplyops.db").read_bytes() == older
    for words in (("verify", "--tail"), ("verify",)):
        checked = here(tmp_path, *words)
        assert checked.exit_code == 0, checked.output
    (tmp_path / "supplyops.db").write_bytes(b"yesterday")
    assert here(tmp_path, "demo", "--scenario", "unheard-of").exit_code == 2
    assert (tmp_path / "supplyops.db").read_bytes() == b"yesterday"


def test_real_books_are_left_alone(tmp_path: Path) -> None:
    assert here(tmp_path, "init").exit_code == 0
    before = (tmp_path / "supplyops.db").read_bytes()
    refused = here(tmp_path, "demo", "--no-serve")
    assert refused.exit_code == 5
    assert "正式数据库" in refused.stderr
    assert (tmp_path / "supplyops.db").read_bytes() == before


def test_the_clock_never_shows_a_moment_before_the_one_it_goes_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, told = Settings(data_dir=tmp_path), datetime(2026, 1, 1, tzinfo=UTC)
    for microsecond in (0, 1, 400_000, 600_000, 999_999):
        now = datetime(2026, 11, 30, 4, 5, 6, microsecond, tzinfo=UTC)
        monkeypatch.setattr(compose, "system_clock", lambda now=now: now)
        set_demo_clock(settings, told)
        assert timedelta() <= demo_clock(settings)() - told < timedelta(seconds=1), microsecond
