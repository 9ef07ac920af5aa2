"""The project speaks of itself alone: no path of a machine, no package registry, anywhere in what is tracked."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGISTRY = re.compile(r"(pypi\.(org|python)|pythonhosted|registry\.npmjs|npmjs\.org|deb\.debian\.org)", re.IGNORECASE)
MACHINE = re.compile(r"(/home/\w+/|/root/|/Users/\w+/)")


def test_no_registry_and_no_machine_is_named() -> None:
    names = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    offenders = []
    for name in filter(None, names):
        path = ROOT / name
        if path == Path(__file__) or path.suffix in {".png", ".pdf", ".otf", ".woff2"} or not path.exists():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        offenders += [f"{name}: {match.group()}" for pattern in (REGISTRY, MACHINE) for match in pattern.finditer(text)]
    assert not offenders, offenders
