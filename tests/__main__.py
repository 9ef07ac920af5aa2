"""Everything that says whether the project is sound, in one run: `python3 run.py test`.

    --quick         SQLite only, no browser, nothing slow: for the loop at the desk
    --long          the nightly figures as well
    --require-all   nothing may be skipped for lack of PostgreSQL or a browser
    anything else goes to pytest
"""  # fmt: skip

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
BIN = Path(PYTHON).parent


def done(name: str, command: list[str]) -> bool:
    """Run a step; did it go well?"""
    start = time.monotonic()
    print(f"== {name}", flush=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    print(told(name, code, start), flush=True)
    return code == 0


def told(name: str, code: int, start: float) -> str:
    """How a step ended."""
    return f"== {name}: {'ok' if code == 0 else f'FAILED ({code})'} in {time.monotonic() - start:.0f} s"


class Beside:
    """A step that one processor does while the others go on; what it says is printed when it is through."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name, self._start = name, time.monotonic()
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._waits = threading.Thread(target=self._wait)
        self._waits.start()

    def _wait(self) -> None:
        said, _ = self._process.communicate()
        print(f"\n{said}{told(self.name, self._process.returncode, self._start)}", flush=True)

    def done(self) -> bool:
        """Wait for it; did it go well?"""
        self._waits.join()
        return self._process.returncode == 0


def main() -> int:
    """Run every step; say at the end which ones failed."""
    words = sys.argv[1:]
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return 0
    flags = {word for word in words if word in {"--quick", "--long", "--require-all"}}
    pytest = [PYTHON, "-m", "pytest", *(word for word in words if word not in flags)]
    if "--quick" in flags:
        pytest += ["-m", "not e2e and not slow and not long"]
    else:
        pytest += ["--db", "all", *(["--doors-on-all", "-m", ""] if "--long" in flags else ["-m", "not long"])]
    if "--require-all" in flags:
        pytest += ["--require-postgres", "--require-browser"]
    if not any(word.startswith("-n") for word in words):
        pytest += ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    steps = [
        ("lint", [str(BIN / "ruff"), "check", "--output-format", "concise", "."]),
        ("format", [str(BIN / "ruff"), "format", "--check", "-q", "."]),
        ("floors", [str(BIN / "lint-imports"), "--no-cache"]),
        ("pages", [str(BIN / "djlint"), "--lint", "--quiet", "web/templates", "reports/forms"]),
        ("tests", pytest),
    ]
    beside = Beside("types", [str(BIN / "mypy")])
    failed = [name for name, command in steps if not done(name, command)]
    if not beside.done():
        failed.append(beside.name)
    print(f"\n{'ALL SOUND' if not failed else 'FAILED: ' + ', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
