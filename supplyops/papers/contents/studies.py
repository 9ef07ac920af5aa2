"""Plans laid side by side for the table at which it is decided: alternatives, what changed, ways for a late request."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.papers.contents.parts import Signed


@dataclass(frozen=True, slots=True)
class PlanStudyRow:
    """One row, as people read it. `is_bad` is set in bold."""

    cells: tuple[str, ...]
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class PlanStudyPaper:
    """方案研判表: one table of a plan; `kind` (alternatives, changes, late) says which columns it has."""

    title: str
    organisation: str
    incident: str
    plan: str
    kind: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[PlanStudyRow, ...]
    note: str = ""
    prepared: Signed | None = None
