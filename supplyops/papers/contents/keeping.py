"""What a store keeps of its days: the morning list, and duty handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplyops.papers.contents.parts import Signed


@dataclass(frozen=True, slots=True)
class MorningRow:
    """One thing of a day: what it is, by when, and where to look."""

    title: str
    detail: str = ""
    number: str = ""
    due: str = ""
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class MorningSection:
    """Things of one kind; `more` is how many did not fit the sheet."""

    name: str
    rows: tuple[MorningRow, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class MorningSheet:
    """晨会清单: what a store has before it on one day, on one page."""

    organisation: str
    warehouse: str
    day: date
    on_duty: str
    sections: tuple[MorningSection, ...]

    @property
    def overdue(self) -> int:
        """How many of the rows shown are overdue."""
        return sum(row.is_overdue for section in self.sections for row in section.rows)


@dataclass(frozen=True, slots=True)
class DutyNote:
    """值班交接记录: what was open, which keys, which readings; signed by the one who leaves and the one who comes."""

    organisation: str
    warehouse: str
    open_matters: str
    keys: str
    readings: str = ""
    note: str = ""
    taking_note: str = ""
    outgoing: Signed | None = None
    incoming: Signed | None = None
