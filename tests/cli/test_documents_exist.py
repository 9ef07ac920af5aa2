"""Documents point at files that are there, and the README begins with what it is and the two commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_are_there(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_first_screen_of_the_readme_has_the_two_commands() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:25]
    assert first_screen[0] == "# SupplyOps"
    for command in ("python3 run.py demo", "python3 run.py test"):
        assert any(line.startswith(command) for line in first_screen)


def test_every_setting_named_in_a_document_exists() -> None:
    known = set(re.findall(r"`(SUPPLYOPS_\w+)`", (ROOT / "docs/settings.md").read_text(encoding="utf-8")))
    for path in DOCUMENTS:
        named = set(re.findall(r"SUPPLYOPS_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
        assert named <= known, f"{path.name} names settings that do not exist: {named - known}"
