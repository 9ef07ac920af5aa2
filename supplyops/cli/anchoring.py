"""Anchors outside the database: the newest one and the line of all of them, as files of the data directory."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from supplyops.anchors import commands, queries
from supplyops.anchors.rules import Anchor
from supplyops.config import Settings
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.canonical import plain
from supplyops.papers.seal import SigningKey
from supplyops.runtime import Runtime
from supplyops.verify.anchors import key_id

ANCHOR_FILE = "anchor.json"
"""The newest anchor, whole."""
ANCHOR_LINES = "anchors.jsonl"
"""One line for each anchor, without its heads: small enough to be sent elsewhere line by line."""


def seal_books(runtime: Runtime, settings: Settings) -> Anchor:
    """Make an anchor; write it into the table and the files."""
    made = runtime.run(commands.make_anchor, SYSTEM, SigningKey.from_folder(settings.data_dir))
    line = {name: value for name, value in plain(asdict(made)).items() if name != "heads"}
    with (settings.data_dir / ANCHOR_LINES).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")
        lines.flush()
        os.fsync(lines.fileno())
    replace(settings.data_dir / ANCHOR_FILE, written(made))
    return made


def seal_when_due(runtime: Runtime, settings: Settings) -> bool:
    """The timer's part: make an anchor after ten minutes or a thousand rows, whichever comes first."""
    if not runtime.read(queries.due, SYSTEM).at(runtime.clock()) or runtime.is_copy():
        return False
    seal_books(runtime, settings)
    return True


def written(anchor: Anchor) -> str:
    """An anchor as a file has it: one line of JSON."""
    return json.dumps(plain(asdict(anchor)), ensure_ascii=False) + "\n"


def keys_of(settings: Settings) -> dict[str, str]:
    """The public keys that this machine believes: those lying in the data directory, by name."""
    found = [path.read_text().strip() for path in sorted(settings.data_dir.glob("signing*.pub"))]
    return {key_id(text): text for text in found}


def forget_anchors(folder: Path) -> None:
    """What was sealed of other books says nothing of these: put the newest anchor aside."""
    path = folder / ANCHOR_FILE
    if path.exists():
        path.replace(folder / f"previous-{ANCHOR_FILE}")


def replace(path: Path, text: str) -> None:
    """Write a file in one step, so that a reader never finds half of it."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
