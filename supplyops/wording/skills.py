"""Words for what a task needs of teams: an ability, teams of a type, a piece of equipment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from supplyops.kernel.clock import beijing
from supplyops.wording.labels import LABELS


def skill_word(code: str) -> str:
    """人员搜索, 危险化学品应急救援队伍; a piece of equipment by its own name."""
    words = LABELS["Capability"] | LABELS["TeamType"]
    return words.get(code) or code.partition(":")[2] or code


def skills_text(needed: Iterable[tuple[str, int]], persons: int = 0) -> str:
    """人员搜索 2、医疗救护 1、12 人."""
    said = [f"{skill_word(code)} {count}" for code, count in needed]
    return "、".join([*said, *([f"{persons} 人"] if persons else [])])


def lacks_text(row: Any) -> str:
    """What a task still lacks; from when, where a crew leaves then that nobody relieves."""
    since = f"{beijing(row.lacks_from):%m-%d %H:%M} 起 " if row.lacks_from else ""
    return since + skills_text(((each.skill, each.teams) for each in row.lacks), row.lacks_persons)
