"""`doctor` names each real part, what is missing, and the one command that mends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from supplyops.cli import doctor, probes
from supplyops.cli.doctor import Condition, examine
from supplyops.cli.main import main
from supplyops.cli.worker import BEAT_FILE, Worker
from supplyops.config import Settings, SettingsError
from supplyops.database.engine import Database
from supplyops.papers.seal import Sealer
from supplyops.runtime import Runtime

NAMES = ["Python", "数据库", "数据库版本", "数据目录", "签名密钥", "单据排版", "单据字体", "求解器 ortools", "求解器 highspy", "求解器 pyvrp",
         "Chromium", "后台任务", "运行方式", "对外网址"]  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A site that was set up."""
    monkeypatch.setenv("SUPPLYOPS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SUPPLYOPS_DATABASE_URL", database_url)
    Sealer.from_folder(tmp_path, "http://127.0.0.1")
    return Settings.from_env(os.environ)


def parts_of(settings: Settings) -> dict[str, doctor.Part]:
    """All but the solvers, which take seconds to answer and are asked in tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probes, "QUESTIONS", {})
        return {part.name: part for part in examine(settings)}


def found(settings: Settings, name: str) -> doctor.Part:
    return parts_of(settings)[name]


def test_a_site_that_is_set_up_is_sound(settings: Settings) -> None:
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    said = json.loads(answer.output)
    assert [part["name"] for part in said["parts"]] == NAMES
    assert [part for part in said["parts"] if part["state"] == "missing"] == []
    assert (answer.exit_code, said["ok"]) == (0, True)


def test_one_line_a_part_and_a_remedy_for_each_that_is_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = CliRunner().invoke(main, ["doctor"])
    lines = answer.output.splitlines()
    assert answer.exit_code == 1
    assert len(lines) == len(NAMES) + 1
    broken = [line for line in lines if line.startswith("缺少  ")]
    assert len(broken) == 1
    assert "→ apt-get install -y --no-install-recommends libpango" in broken[0]


def test_nothing_is_set_up_yet(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    parts = parts_of(settings)
    assert parts["数据库版本"].state is Condition.NOTICE
    assert parts["数据库版本"].remedy == "python3 run.py cli init"
    assert parts["签名密钥"].state is Condition.NOTICE
    assert not (tmp_path / "new" / "supplyops.db").exists(), "looking does not make a database"


def test_a_key_that_others_can_read_is_a_fault(settings: Settings) -> None:
    (settings.data_dir / "signing.key").chmod(0o644)
    part = found(settings, "签名密钥")
    assert (part.state, part.remedy) == (Condition.MISSING, f"chmod 600 {settings.data_dir / 'signing.key'}")


def test_a_full_disk_and_an_old_schema_are_faults(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "FREE_MINIMUM_MB", 10**12)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    assert found(settings, "数据目录").state is Condition.MISSING
    part = found(settings, "数据库版本")
    assert (part.state, part.remedy) == (Condition.MISSING, "python3 run.py cli upgrade")


def test_postgresql_that_may_forget_is_a_fault(tmp_path: Path, postgres: object) -> None:
    """The tests' own server runs without fsync: exactly what must never be used for real."""
    settings = Settings(data_dir=tmp_path, database_url=postgres.url("template_supplyops"))  # type: ignore[attr-defined]
    part = found(settings, "数据库")
    assert part.state is Condition.MISSING
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"ALTER SYSTEM SET {name} = on" in part.remedy


def test_a_database_that_does_not_answer_is_a_fault(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    assert found(settings, "数据库").state is Condition.MISSING


def _dies() -> int:
    os.abort()


def _lies() -> int:
    return 8


def test_a_solver_that_dies_or_lies_is_a_fault_and_the_others_are_still_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        probes, "QUESTIONS", {"ortools": _dies, "highspy": _lies, "pyvrp": probes._pyvrp, "no-such-solver": _lies}
    )
    faults = {probe.package: probe.fault for probe in probes.ask_solvers()}
    assert faults == {
        "ortools": "its process died",
        "highspy": "answered 8, not 7",
        "pyvrp": "",
        "no-such-solver": "not installed",
    }


def test_the_worker_leaves_a_sign_of_life(settings: Settings, runtime: Runtime) -> None:
    assert found(settings, "后台任务").state is Condition.NOTICE
    Worker(runtime, settings, {}).run(threading.Event(), once=True)
    assert found(settings, "后台任务").state is Condition.OK
    os.utime(settings.data_dir / BEAT_FILE, (0, 0))
    assert found(settings, "后台任务").state is Condition.NOTICE


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLYOPS_DATABSE_URL", "x")
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 1
    assert "SUPPLYOPS_DATABSE_URL" in answer.output


def test_production_refuses_an_address_without_encryption() -> None:
    with pytest.raises(SettingsError, match="https"):
        Settings.from_env(
            {"SUPPLYOPS_PROFILE": "production", "SUPPLYOPS_PUBLIC_BASE_URL": "http://supplies.example.gov.cn"}
        )
    Settings.from_env({"SUPPLYOPS_PROFILE": "production", "SUPPLYOPS_PUBLIC_BASE_URL": "http://127.0.0.1:9000"})


def test_the_command_line_loads_where_paper_cannot_be_printed() -> None:
    code = "import sys; sys.modules['weasyprint'] = None; import supplyops.cli.main"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
