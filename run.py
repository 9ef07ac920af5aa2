#!/usr/bin/env python3
"""One entry for everything: makes the environment with nothing but Python's standard library, then hands over.

python3 run.py demo  [--scenario NAME] [--seed N] [--no-serve]   install, load the demo city, play a scenario, serve
python3 run.py test  [--quick|--long] [--require-all] [PYTEST ARGS]   install and run every check
python3 run.py serve | doctor | bench | bundle DIR | cli ARGS...
"""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WHEELHOUSE = ROOT / "wheelhouse"
VENDOR = ROOT / "web" / "static" / "vendor"
ASSETS = ROOT / "web" / "assets.txt"
MINIMUM = (3, 11)

PAPER_PACKAGES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}


def main() -> None:
    """Make what the command needs, then become it."""
    if sys.version_info < MINIMUM:
        stop(f"Python {MINIMUM[0]}.{MINIMUM[1]} or newer is needed, this is {sys.version.split()[0]}")
    os.chdir(ROOT)
    arguments = sys.argv[1:] or ["help"]
    command, rest = arguments[0], arguments[1:]
    if command in {"help", "-h", "--help"}:
        print(__doc__)
        return
    if command not in {"demo", "serve", "doctor", "cli", "test", "bench", "bundle"}:
        stop(f"unknown command {command!r}; see: python3 run.py help")
    for_tests = command in {"test", "bench"}
    system_packages(for_tests)
    make_environment("requirements-dev.lock" if for_tests else "requirements.lock")
    install_assets()
    if command == "bundle":
        bundle(Path(rest[0] if rest else "bundle"))
        return
    module = {"test": ["tests"], "bench": ["tests.bench"]}.get(command, ["supplyops"])
    words = rest if command in {"cli", "test", "bench"} else [command, *rest]
    os.execv(PYTHON, [str(PYTHON), "-m", *module, *words])


def stop(message: str) -> None:
    """Say one line and end."""
    print(f"run.py: {message}", file=sys.stderr)
    raise SystemExit(2)


def say(message: str) -> None:
    """One line of progress, on the error stream so that output stays clean."""
    print(f"run.py: {message}", file=sys.stderr, flush=True)


# --- what must come from the system -------------------------------------------------------------------------------


def system_packages(for_tests: bool) -> None:
    """Install missing system packages where this may be done, else name them in one line and go on."""
    missing = [package for library, package in PAPER_PACKAGES.items() if ctypes.util.find_library(library) is None]
    if for_tests:
        if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
            missing.append("chromium")
        if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and shutil.which("initdb") is None:
            missing.append("postgresql")
    if not missing:
        return
    prefix = apt_prefix()
    if prefix is None:
        say(
            f"missing system packages, install them with: sudo apt-get install -y --no-install-recommends {' '.join(missing)}"
        )
        return
    say(f"installing {' '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    if run(install, env=quiet, quiet=True) and run([*prefix, "apt-get", "update", "-q"], env=quiet, quiet=True):
        say("apt-get update failed")
    if (
        any(
            ctypes.util.find_library(library) is None
            for library, package in PAPER_PACKAGES.items()
            if package in missing
        )
        or for_tests
    ):
        run(install, env=quiet, quiet=True)


def apt_prefix() -> list[str] | None:
    """How apt-get may be called here: as root, through a password-less sudo, or not at all (None)."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and run(["sudo", "-n", "true"], quiet=True) == 0:
        return ["sudo", "-n"]
    return None


def run(command: list[str], *, env: dict[str, str] | None = None, quiet: bool = False) -> int:
    """Run a command; its exit code."""
    output = subprocess.DEVNULL if quiet else sys.stderr
    return subprocess.run(
        command, stdout=output, stderr=subprocess.DEVNULL if quiet else None, env=env, check=False
    ).returncode


# --- the Python environment ---------------------------------------------------------------------------------------


def make_environment(lock: str) -> None:
    """A virtual environment with exactly what the lock file says; nothing to do when its stamp is still right."""
    stamp = VENV / f".stamp-{lock}"
    wanted = hashlib.sha256((ROOT / lock).read_bytes() + sys.version.encode()).hexdigest()
    full = VENV / ".stamp-requirements-dev.lock"
    if PYTHON.exists() and any(s.exists() and s.read_text() == hashlib.sha256((ROOT / name).read_bytes() + sys.version.encode()).hexdigest()
                               for s, name in ((stamp, lock), (full, "requirements-dev.lock"))):  # fmt: skip
        return
    say(f"installing Python packages from {lock} (once; a minute or two)")
    if not PYTHON.exists():
        make_venv()
    uv = None if WHEELHOUSE.is_dir() else shutil.which("uv")
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-q", "--require-hashes", "-r", lock]
    if WHEELHOUSE.is_dir():
        pip += ["--no-index", "--find-links", str(WHEELHOUSE)]
    done = uv and run([uv, "pip", "install", "-q", "--python", str(PYTHON), "--require-hashes", "-r", lock]) == 0
    if not done and run(pip):
        stop(f"could not install the packages of {lock}; is a package index reachable?")
    stamp.write_text(wanted)


def make_venv() -> None:
    """A virtual environment; Debian's Python may need a package for that."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        prefix = apt_prefix()
        if prefix is None:
            stop(f"Python cannot make environments here; install it with: sudo apt-get install -y {package}")
        run([*(prefix or []), "apt-get", "update", "-q"], quiet=True)
        if run([*(prefix or []), "apt-get", "install", "-y", "-q", "--no-install-recommends", package], quiet=True):
            stop(f"could not install {package}")
        if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
            stop(f"could not make {VENV}")
        return
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)


# --- browser libraries --------------------------------------------------------------------------------------------


def install_assets() -> None:
    """Copy the browser libraries that web/assets.txt names, checked by hash, from where npm puts them."""
    wanted = [line.split() for line in ASSETS.read_text().splitlines() if line and not line.startswith("#")]
    if all((VENDOR / name).exists() and digest(VENDOR / name) == sha for sha, _, name in wanted):
        return
    npm = shutil.which("npm") or npm_from_python()
    say("installing browser libraries")
    if run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]):
        stop("npm could not install the browser libraries of package-lock.json")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for sha, source, name in wanted:
        origin = ROOT / "node_modules" / source
        if digest(origin) != sha:
            stop(f"{source} is not the file that web/assets.txt expects")
        (VENDOR / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, VENDOR / name)


def npm_from_python() -> str:
    """npm out of a Python package, where the machine has none."""
    say("no npm here; taking one from a Python package")
    if run(
        [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "-q",
            "--require-hashes",
            "-r",
            "requirements-node.lock",
        ]
    ):
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
    wheels = [
        str(PYTHON),
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "-q",
        "--only-binary",
        ":all:",
        "--require-hashes",
    ]
    if run([*wheels, "-r", "requirements.lock", "-d", str(folder / "wheelhouse")]):
        stop("could not download the wheels")
    say(f"{folder} is ready: copy it to the other machine and run there: python3 run.py demo")


if __name__ == "__main__":
    main()
