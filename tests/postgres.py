"""A throw-away PostgreSQL server: started by whoever needs one, as an unprivileged user, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


class NoPostgres(Exception):
    """No PostgreSQL server programs are on this machine, or they would not start."""


class Server:
    """A cluster in a temporary folder, reached through a Unix socket only; in memory, or on a disk where every commit is synced."""

    def __init__(self, durable_in: Path | None = None) -> None:
        self._bin = _programs()
        self._user = _unprivileged() if os.geteuid() == 0 else None
        fast = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="supplyops-pg-", dir=durable_in or fast))
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        data = self.folder / "data"
        self._run(
            "initdb", "--no-sync", "-A", "trust", "-U", "supplyops", "-E", "UTF8", "--locale=C.UTF-8", "-D", str(data)
        )
        careless = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        options = f"-k {self.folder} -c listen_addresses='' {'' if durable_in else careless} -c max_connections=60"
        self._run("pg_ctl", "-D", str(data), "-o", options, "-l", str(self.folder / "log"), "-w", "-t", "60", "start")

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one database of this server."""
        return f"postgresql+psycopg://supplyops@/{database}?host={self.folder}"

    def stop(self) -> None:
        """End the server and remove its files."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        identity = (
            {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        )
        # The server keeps its parent's output open, so output goes to a file, never to a pipe that would be waited for.
        with (self.folder / f"{program}.out").open("wb") as output:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.folder, timeout=120, env=_plain_words(), **identity,
            )  # fmt: skip
        if done.returncode:
            raise NoPostgres(f"{program}: {(self.folder / f'{program}.out').read_text(errors='replace')[-500:]}")


def _plain_words() -> dict[str, str]:
    """The environment without a language: the server's messages are read by tests."""
    return {name: value for name, value in os.environ.items() if name != "LANGUAGE"} | {"LC_ALL": "C.UTF-8"}


def _programs() -> Path:
    candidates = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0
    )
    on_path = shutil.which("pg_ctl")
    if candidates:
        return candidates[-1]
    if on_path:
        return Path(on_path).resolve().parent
    raise NoPostgres("initdb and pg_ctl not found; on Debian: apt-get install postgresql")


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("initdb refuses to run as root and there is no other user")


if __name__ == "__main__":
    server = Server()
    sys.stdout.write(server.url("postgres") + "\n")
    server.stop()
