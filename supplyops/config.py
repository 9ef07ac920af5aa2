"""Settings: one frozen value, read from the environment by the composition root only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "SUPPLYOPS_"
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """A setting is unknown or cannot be used. The text says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set from outside. Each field is the environment variable SUPPLYOPS_<FIELD>."""

    data_dir: Path = Path("var")
    """Where the SQLite file, the signing key and printed papers live."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in the data directory. PostgreSQL: postgresql+psycopg://..."""
    public_base_url: str = "http://127.0.0.1:8080"
    """The address people open; it is printed in QR codes, and its scheme decides whether cookies are secure."""
    profile: Literal["demo", "production"] = "demo"
    """`production` refuses a public address without encryption; `demo` says on every page that it is a demonstration."""
    font_dir: Path | None = None
    """A folder with the office's own fonts for papers."""
    solver_memory_mb: int = 2000
    """A plan's child process is ended above this resident size."""
    solver_seconds_max: int = 600
    """Longest time a plan may be asked to take."""
    upload_max_mb: int = 20
    """Largest file or form the web site accepts."""
    proxy_count: int = 0
    """How many trusted reverse proxies stand in front; their X-Forwarded-* headers are believed, no others."""

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'supplyops.db').absolute()}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read SUPPLYOPS_* names. Raises SettingsError for an unknown name or a value that cannot be used."""
        known = {PREFIX + field.name.upper(): field.name for field in fields(cls)}
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise SettingsError(f"没有设置项 {'、'.join(unknown)};可用的有 {'、'.join(sorted(known))}")
        values = {known[name]: _parsed(name, known[name], value) for name, value in given.items() if value != ""}
        settings = cls(**values)  # type: ignore[arg-type]
        settings.check()
        return settings

    def check(self) -> None:
        """Raise SettingsError for settings that contradict each other."""
        parts = urlsplit(self.public_base_url)
        if self.profile == "production" and parts.scheme != "https" and parts.hostname not in LOCAL_HOSTS:
            raise SettingsError(f"{PREFIX}PUBLIC_BASE_URL:正式运行需要 https 网址,而不是 {self.public_base_url}")


def _parsed(name: str, field: str, value: str) -> object:
    if field in {"data_dir", "font_dir"}:
        path = Path(value).expanduser()
        if field == "font_dir" and not path.is_dir():
            raise SettingsError(f"{name}:{value} 不是目录")
        return path
    if field in {"solver_memory_mb", "solver_seconds_max", "upload_max_mb", "proxy_count"}:
        if not value.isascii() or not value.isdigit() or len(value) > 9:
            raise SettingsError(f"{name}:“{value}”不是整数")
        if int(value) < (0 if field == "proxy_count" else 1):
            raise SettingsError(f"{name}:必须大于 0")
        return int(value)
    if field == "profile" and value not in {"demo", "production"}:
        raise SettingsError(f"{name}:“{value}”既不是 demo 也不是 production")
    if field == "public_base_url":
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise SettingsError(f"{name}:“{value}”不是网址,应如 https://supplies.example.gov.cn")
        return value.rstrip("/")
    if field == "database_url":
        return _database_url(name, value)
    return value


def _database_url(name: str, value: str) -> str:
    try:
        url = make_url(value)
    except ArgumentError:
        raise SettingsError(f"{name}:不是数据库地址,应如 postgresql+psycopg://用户:密码@主机/库名") from None
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise SettingsError(f"{name}:不支持 {url.drivername},请用 sqlite 或 postgresql")
    if url.drivername == "sqlite" and not url.database:
        raise SettingsError(f"{name}:SQLite 需要写明文件")
    return url.render_as_string(hide_password=False)
