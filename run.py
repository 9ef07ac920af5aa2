#!/usr/bin/env python3
"""One entry for everything: makes the environment with nothing but Python's standard library, then hands over.

python3 run.py demo  [--scenario NAME] [--seed N] [--no-serve]   install, load the demo city, play a scenario, serve
python3 run.py test  [--quick|--long] [--require-all] [PYTEST ARGS]   install and run every check
python3 run.py serve | doctor | bench | bundle DIR | cli ARGS...
"""

from __future__ import annotations

import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WHEELHOUSE = ROOT / "wheelhouse"
VENDOR = ROOT / "web" / "static" / "vendor"
ASSETS = ROOT / "web" / "assets.txt"
MINIMUM = (3, 11)

COMMANDS = ("demo", "serve", "doctor", "cli", "test", "bench", "bundle")

PAPER_LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 20
"""Every so often a long step says that it is still going on."""


def main() -> None:
    """Make what the command needs, then become it."""
    if sys.version_info < MINIMUM:
        stop(f"Python {MINIMUM[0]}.{MINIMUM[1]} or newer is needed, this is {sys.version.split()[0]}")
    command, rest = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("help", [])
    if command in {"help", "-h", "--help"}:
        print(__doc__)
        return
    if command not in COMMANDS:
        stop(f"unknown command {command!r}; see: python3 run.py help")
    os.chdir(ROOT)
    for_tests = command in {"test", "bench"}
    if command not in {"cli", "doctor"}:
        system_packages(for_tests)
    make_environment("requirements-dev.lock" if for_tests else "requirements.lock")
    install_assets()
    if command == "bundle":
        bundle(Path(rest[0] if rest else "bundle"))
        return
    module = {"test": "tests", "bench": "tests.bench"}.get(command, "supplyops")
    words = rest if command in {"cli", "test", "bench"} else [command, *rest]
    # One command is many processes (server, worker, solver, readers of files): none is to compile all it imports anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execv(PYTHON, [str(PYTHON), "-m", module, *words])


def stop(message: str) -> NoReturn:
    """Say one line and end."""
    print(f"run.py: {message}", file=sys.stderr)
    raise SystemExit(2)


def say(message: str) -> None:
    """One line of progress, on the error stream so that output stays clean."""
    print(f"run.py: {message}", file=sys.stderr, flush=True)


def done(command: list[str], *, shows_failure: bool = True) -> bool:
    """Run a command without a word and say whether it went well; what it printed is shown only when it failed."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **QUIET}
        )
        began = time.monotonic()
        while True:
            try:
                code = process.wait(PATIENCE_S)
                break
            except subprocess.TimeoutExpired:
                say(f"... still at it after {time.monotonic() - began:.0f} s")
            except BaseException:
                process.terminate()
                process.wait()
                raise
        if code and shows_failure:
            output.seek(0)
            lines = output.read().decode(errors="replace").splitlines()
            print("\n".join(lines[-40:]), file=sys.stderr, flush=True)
    return code == 0


QUIET = {"DEBIAN_FRONTEND": "noninteractive", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


# --- what must come from the system -------------------------------------------------------------------------------


def system_packages(for_tests: bool) -> None:
    """Install missing system packages where this may be done, else name them in one line and go on."""
    missing = missing_packages(for_tests)
    if not missing:
        return
    prefix = apt_prefix()
    if prefix is None:
        say(
            f"paper or tests will lack something; install with: sudo apt-get install -y --no-install-recommends {' '.join(missing)}"
        )
        return
    say(f"installing system packages: {' '.join(missing)}")
    install = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    if done(install, shows_failure=False):
        return
    done([*prefix, "apt-get", "update", "-q"])
    if not done(install):
        say("going on without them; see: python3 run.py doctor")


def missing_packages(for_tests: bool) -> list[str]:
    """The packages whose part is not on this machine."""
    missing = [package for library, package in PAPER_LIBRARIES.items() if ctypes.util.find_library(library) is None]
    if for_tests and not any(map(shutil.which, BROWSERS)):
        missing.append("chromium")
    if for_tests and not shutil.which("initdb") and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        missing.append("postgresql")
    return missing


def apt_prefix() -> list[str] | None:
    """How apt-get may be called here: as root, through a password-less sudo, or not at all (None)."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and done(["sudo", "-n", "true"], shows_failure=False):
        return ["sudo", "-n"]
    return None


# --- the Python environment ---------------------------------------------------------------------------------------


def make_environment(lock: str) -> None:
    """A virtual environment with exactly what the lock file says; nothing to do when its stamp is still right."""
    if PYTHON.exists() and any(
        stamp(name).exists() and stamp(name).read_text() == wanted(name) for name in enough(lock)
    ):
        return
    if not PYTHON.exists():
        say("making a Python environment in .venv")
        make_venv()
    say(f"installing Python packages from {lock} (once; a few minutes, about 1 GB)")
    uv = None if WHEELHOUSE.is_dir() else shutil.which("uv")
    by_uv = uv and done(
        [uv, "pip", "install", "--python", str(PYTHON), "--require-hashes", "-r", lock], shows_failure=False
    )
    # What is imported is compiled when it is imported; to compile all there is takes longer than to download it.
    if not by_uv and not done([*PIP, "install", "--no-compile", "--require-hashes", "-r", lock, *from_wheelhouse()]):
        stop(f"could not install the packages of {lock}; is a package index reachable?")
    stamp(lock).write_text(wanted(lock))


PIP = [str(PYTHON), "-m", "pip", "--quiet", "--no-color"]


def stamp(lock: str) -> Path:
    """The file that says which lock file was installed last."""
    return VENV / f".stamp-{lock}"


def wanted(lock: str) -> str:
    """What the stamp says when the environment is right: the lock file and the Python."""
    return hashlib.sha256((ROOT / lock).read_bytes() + sys.version.encode()).hexdigest()


def enough(lock: str) -> tuple[str, ...]:
    """The lock files that hold all that this one does: the one for tests has everything."""
    return tuple(dict.fromkeys((lock, "requirements-dev.lock")))


def from_wheelhouse() -> list[str]:
    """Where pip looks on a machine without a network: in the folder that came with the bundle."""
    return ["--no-index", "--find-links", str(WHEELHOUSE)] if WHEELHOUSE.is_dir() else []


def make_venv() -> None:
    """A virtual environment; Debian's Python needs a package of its own for that."""
    if importlib.util.find_spec("ensurepip") is not None:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    prefix = apt_prefix()
    if prefix is None:
        stop(f"Python cannot make environments here; install it with: sudo apt-get install -y {package}")
    say(f"installing system packages: {package}")
    install = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    if not done(install, shows_failure=False):
        done([*prefix, "apt-get", "update", "-q"])
        if not done(install):
            stop(f"could not install {package}")
    if not done([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        stop(f"could not make {VENV}")


# --- browser libraries --------------------------------------------------------------------------------------------


def install_assets() -> None:
    """Copy the browser libraries that web/assets.txt names, checked by hash, from where npm puts them."""
    assets = [line.split() for line in ASSETS.read_text().splitlines() if line and not line.startswith("#")]
    if all((VENDOR / name).exists() and digest(VENDOR / name) == sha for sha, _, name in assets):
        return
    say("installing browser libraries")
    npm = shutil.which("npm") or npm_from_python()
    if not done([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]):
        stop("npm could not install the browser libraries of package-lock.json")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for sha, source, name in assets:
        origin = ROOT / "node_modules" / source
        if digest(origin) != sha:
            stop(f"{source} is not the file that web/assets.txt expects")
        (VENDOR / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, VENDOR / name)


def npm_from_python() -> str:
    """npm out of a Python package, where the machine has none."""
    say("no npm here; taking one from a Python package")
    if not done([*PIP, "install", "--require-hashes", "-r", "requirements-node.lock"]):
        stop("npm is needed for the browser libraries; install it with: sudo apt-get install -y npm")
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return str(VENV / "bin" / "npm")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- for sites without a network ----------------------------------------------------------------------------------


def bundle(folder: Path) -> None:
    """A folder that installs without a network: the project, every wheel, the browser libraries, the fonts (a wheel too)."""
    if folder.exists() and any(folder.iterdir()):
        stop(f"{folder} is not empty")
    tracked = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=False)
    if tracked.returncode:
        stop("bundle needs a git checkout to know which files belong to the project")
    for name in tracked.stdout.decode().split("\0"):
        if name:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    shutil.copytree(VENDOR, folder / VENDOR.relative_to(ROOT), dirs_exist_ok=True)
    say("downloading the wheels")
    wheels = [*PIP, "download", "--only-binary", ":all:", "--require-hashes"]
    if not done([*wheels, "-r", "requirements.lock", "-d", str(folder / "wheelhouse")]):
        stop("could not download the wheels")
    say(f"{folder} is ready: copy it to the other machine and run there: python3 run.py demo")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("interrupted; run the same command again to go on")
