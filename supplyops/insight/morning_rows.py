"""A store's morning as flat rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.clock import beijing


class MorningKind(StrEnum):
    """What a store looks at in the morning, in this order."""

    DUTY = "duty"
    OUT = "out"
    IN = "in"
    ACCEPTANCE = "acceptance"
    UPKEEP = "upkeep"
    FINDING = "finding"
    ASSET = "asset"
    COUNT = "count"
    COUNT_DUE = "count_due"
    EXPIRY = "expiry"
    FLOOR = "floor"
    RECOVERY = "recovery"
    OWED = "owed"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class MorningLine:
    """One thing of the day. `number` is what its page is called by."""

    kind: MorningKind
    title: str
    detail: str
    number: str
    due_on: date | None
    due_at: datetime | None
    is_overdue: bool
    code: str = ""
    """What is to be done, where the line is a round."""


@dataclass(frozen=True, slots=True)
class MorningList:
    """A store's day."""

    site_id: UUID
    site_code: str
    site_name: str
    organisation_id: UUID
    organisation_name: str
    day: date
    on_duty: str
    lines: tuple[MorningLine, ...]

    @property
    def overdue(self) -> int:
        """How many things are overdue."""
        return sum(line.is_overdue for line in self.lines)


def due_text(line: MorningLine) -> str:
    """By when, as a list says it: the minute where it is known, else the day."""
    if line.due_at is not None:
        return f"{beijing(line.due_at):%m-%d %H:%M}"
    return f"{line.due_on:%Y-%m-%d}" if line.due_on else ""
