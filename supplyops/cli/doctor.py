"""Is everything here that the system needs? One line for each real part, with the one command that mends it."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from supplyops.cli.app import App, pass_app
from supplyops.cli.compose import open_database
from supplyops.cli.failure import Failure
from supplyops.cli.output import as_json, width
from supplyops.cli.probes import ask_solvers
from supplyops.cli.worker import BEAT_FILE, BEAT_STALE_S
from supplyops.config import LOCAL_HOSTS, Settings
from supplyops.database import schema
from supplyops.database.engine import Database, sqlite_mode
from supplyops.papers.seal import KEY_FILE
from supplyops.runtime import system_clock
from supplyops.wording.labels import label

PYTHON_MINIMUM = (3, 11)
FREE_MINIMUM_MB = 500
PACKAGES_COMMAND = "python3 run.py doctor"
"""run.py installs the Python packages before it hands over."""


class Condition(StrEnum):
    """How a part is."""

    OK = "ok"
    NOTICE = "notice"  # works, but somebody should know
    MISSING = "missing"  # does not work


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the system, how it is, and what mends it."""

    name: str
    state: Condition
    text: str
    remedy: str = ""


def _ok(name: str, saying: str) -> Part:
    return Part(name, Condition.OK, saying)


def examine(settings: Settings) -> Iterator[Part]:
    """Look at every part in turn; a part that cannot even be looked at is missing, and the next one is looked at."""
    for name, look in PARTS.items():
        try:
            yield from look(settings)
        except Exception as error:
            yield Part(name, Condition.MISSING, f"检查时出错:{type(error).__name__} {error}")


def python(_: Settings) -> Iterator[Part]:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_MINIMUM:
        yield Part("Python", Condition.MISSING, f"{version},需要 3.11 或更新", "apt-get install -y python3.11")
    else:
        yield _ok("Python", version)


def database(settings: Settings) -> Iterator[Part]:
    """Which database, in which mode, at which revision."""
    opened = open_database(settings)
    try:
        if opened.is_sqlite and not Path(opened.url.database or "").exists():
            yield _ok("数据库", f"SQLite,{_sqlite_rule()}")
            yield Part("数据库版本", Condition.NOTICE, "尚未建立数据库", "python3 run.py cli init")
            return
        yield from _sqlite(opened) if opened.is_sqlite else _postgresql(opened)
        current = schema.current(opened)
        if current is None:
            yield Part("数据库版本", Condition.NOTICE, "数据库是空的", "python3 run.py cli init")
        elif current != schema.head():
            yield Part(
                "数据库版本", Condition.MISSING, f"{current},程序需要 {schema.head()}", "python3 run.py cli upgrade"
            )
        else:
            yield _ok("数据库版本", current)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield Part("数据库", Condition.MISSING, f"无法连接:{reason}", "检查 SUPPLYOPS_DATABASE_URL 和数据库服务")
    finally:
        opened.dispose()


def _sqlite_rule() -> str:
    import sqlite3  # noqa: PLC0415  only its version is wanted here

    rule = {"wal": "WAL,synchronous=FULL", "persist": "回滚日志 PERSIST,synchronous=EXTRA(此版本的 WAL 有损坏隐患)"}
    return f"{sqlite3.sqlite_version},{rule[sqlite_mode()]}"


def _sqlite(opened: Database) -> Iterator[Part]:
    with opened.writer.connect() as connection:
        mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar()).lower()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    wanted = ("wal", 2) if sqlite_mode() == "wal" else ("persist", 3)
    if (mode, synchronous) == wanted:
        yield _ok("数据库", f"SQLite {_sqlite_rule()}")
    else:
        yield Part("数据库", Condition.MISSING, f"SQLite 日志方式为 {mode}、同步级别 {synchronous},断电可能丢失记录")


def _postgresql(opened: Database) -> Iterator[Part]:
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "server_encoding")
    with opened.reader.connect() as connection:
        found = {name: str(connection.execute(text(f"SHOW {name}")).scalar()) for name in names}
    unsafe = [name for name in ("fsync", "full_page_writes") if found[name] != "on"]
    if found["synchronous_commit"] in {"off", "local"}:
        unsafe.append("synchronous_commit")
    version = f"PostgreSQL {found['server_version']}"
    if unsafe:
        command = ";".join(f"ALTER SYSTEM SET {name} = on" for name in unsafe)
        yield Part(
            "数据库",
            Condition.MISSING,
            f"{version},{'、'.join(unsafe)} 未打开,断电可能丢失记录",
            f'psql -c "{command}"',
        )
    elif found["server_encoding"] != "UTF8":
        yield Part(
            "数据库", Condition.MISSING, f"{version},编码为 {found['server_encoding']}", "createdb -E UTF8 -T template0"
        )
    else:
        yield _ok("数据库", f"{version},fsync、synchronous_commit、full_page_writes 均已打开")


def data_directory(settings: Settings) -> Iterator[Part]:
    """Where the books and the key lie: writable, with room left, the key closed to others."""
    folder = settings.data_dir
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Part("数据目录", Condition.MISSING, f"{existing} 不可写", f"chown {_me()} {existing}")
        return
    free_mb = shutil.disk_usage(existing).free // 1_000_000
    if free_mb < FREE_MINIMUM_MB:
        yield Part(
            "数据目录", Condition.MISSING, f"{folder} 只剩 {free_mb} MB,至少需要 {FREE_MINIMUM_MB} MB", "清理磁盘"
        )
    else:
        yield _ok(
            "数据目录", f"{folder} 可写,剩余 {free_mb / 1000:,.0f} GB" if free_mb >= 1000 else f"剩余 {free_mb} MB"
        )
    key = folder / KEY_FILE
    if not key.exists():
        yield Part("签名密钥", Condition.NOTICE, "尚未建立,首次启动时自动生成", "python3 run.py cli init")
    elif stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Part("签名密钥", Condition.MISSING, f"{key} 其他用户可读", f"chmod 600 {key}")
    elif key.stat().st_size != KEY_SIZE:
        yield Part("签名密钥", Condition.MISSING, f"{key} 不是 Ed25519 密钥", "从备份恢复该文件")
    else:
        yield _ok("签名密钥", "Ed25519,仅本用户可读")


KEY_SIZE = 32


def _me() -> str:
    return str(os.getuid())


def paper(settings: Settings) -> Iterator[Part]:
    """The library that lays out papers, what it needs from the system, and a font for each role."""
    from reports.engine import weasyprint  # noqa: PLC0415  a machine without Pango must still get this far
    from reports.errors import APT_COMMAND, FontsMissing, PdfEngineMissing  # noqa: PLC0415
    from reports.fonts import load_fonts, notices  # noqa: PLC0415

    try:
        library = weasyprint()
    except PdfEngineMissing:
        yield Part("单据排版", Condition.MISSING, "缺少系统库 Pango,无法生成 PDF", APT_COMMAND)
    else:
        if ctypes.util.find_library("harfbuzz-subset") is None:
            yield Part("单据排版", Condition.MISSING, "缺少系统库 harfbuzz-subset,中文字体无法嵌入", APT_COMMAND)
        else:
            yield _ok("单据排版", f"WeasyPrint {library.__version__},Pango、harfbuzz-subset 齐全")
    try:
        stand_ins = notices(load_fonts(settings.font_dir))
    except FontsMissing:
        yield Part("单据字体", Condition.MISSING, "随程序安装的字体不在", PACKAGES_COMMAND)
        return
    if stand_ins:
        folder = settings.font_dir or "一个目录"
        advice = f"把方正小标宋、仿宋_GB2312、楷体_GB2312 字体文件放入{folder},并设置 SUPPLYOPS_FONT_DIR"
        yield Part("单据字体", Condition.NOTICE, ";".join(stand_ins), advice)
    else:
        yield _ok("单据字体", "标题、仿宋、楷体、黑体、宋体齐全")


def solvers(_: Settings) -> Iterator[Part]:
    """Each solver solves something tiny."""
    for probe in ask_solvers():
        name = f"求解器 {probe.package}"
        if probe.fault:
            yield Part(name, Condition.MISSING, f"{probe.version} 不可用:{probe.fault}".strip(), PACKAGES_COMMAND)
        else:
            yield _ok(name, f"{probe.version},试算正确")


def browser(_: Settings) -> Iterator[Part]:
    """Only the tests drive a browser."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        yield Part(
            "Chromium",
            Condition.NOTICE,
            "未安装;只有自动测试需要",
            "apt-get install -y --no-install-recommends chromium",
        )
    else:
        yield _ok("Chromium", f"{found}(仅自动测试使用)")


def worker(settings: Settings) -> Iterator[Part]:
    """The process that does the work in the background."""
    beat = settings.data_dir / BEAT_FILE
    if not beat.exists():
        yield Part("后台任务", Condition.NOTICE, "没有运行过;serve 会一并启动", "python3 run.py cli worker")
        return
    age_s = (system_clock() - datetime.fromtimestamp(beat.stat().st_mtime, UTC)).total_seconds()
    if age_s > BEAT_STALE_S:
        yield Part(
            "后台任务",
            Condition.NOTICE,
            f"没有在运行,最后一次在 {_span(age_s)}前;serve 会一并启动",
            "python3 run.py cli worker",
        )
    else:
        yield _ok("后台任务", f"正在运行,{max(age_s, 0):.0f} 秒前有动静")


def _span(seconds: float) -> str:
    return (
        f"{seconds / 86400:.0f} 天"
        if seconds >= 172_800
        else f"{seconds / 3600:.0f} 小时"
        if seconds >= 7200
        else f"{seconds / 60:.0f} 分钟"
    )


def address(settings: Settings) -> Iterator[Part]:
    """What is printed in QR codes, and whether cookies are secure."""
    parts = urlsplit(settings.public_base_url)
    is_local = parts.hostname in LOCAL_HOSTS
    if settings.profile == "demo":
        yield Part("运行方式", Condition.NOTICE, "demo:演示,不是正式系统", "设置 SUPPLYOPS_PROFILE=production")
    else:
        yield _ok("运行方式", settings.profile)
    if is_local:
        yield Part(
            "对外网址",
            Condition.NOTICE,
            f"{settings.public_base_url} 只在本机有效,单据上的二维码别人打不开",
            "设置 SUPPLYOPS_PUBLIC_BASE_URL",
        )
    elif parts.scheme != "https":
        yield Part(
            "对外网址",
            Condition.NOTICE,
            f"{settings.public_base_url} 未加密,登录信息可能被截取",
            "改用 https 并置于反向代理之后",
        )
    else:
        yield _ok("对外网址", settings.public_base_url)


PARTS: dict[str, Callable[[Settings], Iterator[Part]]] = {
    "Python": python,
    "数据库": database,
    "数据目录": data_directory,
    "单据": paper,
    "求解器": solvers,
    "Chromium": browser,
    "后台任务": worker,
    "对外网址": address,
}


@click.command()
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@pass_app
def doctor(app: App, json_output: bool) -> None:
    """逐项检查运行条件。退出码:0 齐全,1 有缺少。"""
    try:
        settings = app.settings
    except Failure as failure:
        found: Iterable[Part] = [Part("设置", Condition.MISSING, failure.message)]
    else:
        found = examine(settings)
    parts = []
    for part in found:
        parts.append(part)
        if not json_output:
            _show(part)
    broken = [part for part in parts if part.state is Condition.MISSING]
    if json_output:
        as_json({"ok": not broken, "parts": [asdict(part) for part in parts]})
    else:
        click.echo("齐全,可以运行。" if not broken else f"缺少 {len(broken)} 项,请按“→”后的办法处理。")
    sys.exit(1 if broken else 0)


def _show(part: Part) -> None:
    name = part.name + " " * max(0, 18 - width(part.name))
    remedy = f"  → {part.remedy}" if part.remedy else ""
    click.echo(f"{label(part.state)}  {name}{part.text}{remedy}")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(doctor)
