"""What an import session is made of: a file, how it is read, which of its columns is which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from supplyops.exchange.limits import ROWS_MAX
from supplyops.kernel.checks import Checks

KEPT_FOR = timedelta(hours=24)
"""So long a session waits to be committed; then its file is forgotten."""
OPEN_MAX = 10
"""So many sessions a person may have open at once."""


class SessionState(StrEnum):
    """Where a session stands."""

    OPEN = "open"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class How(StrEnum):
    """How a file's column was found to be one of ours."""

    EXACT = "exact"
    REMEMBERED = "remembered"
    ALIAS = "alias"
    SIMILAR = "similar"
    CHOSEN = "chosen"


class RowChange(StrEnum):
    """What a row of a file does to the books."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ReadingInput:
    """How the file of a session is to be read; what is empty stays as it is."""

    encoding: str = ""
    sheet: str = ""
    header_row: int = 0

    def __post_init__(self) -> None:
        check = Checks()
        check.text("encoding", self.encoding, length_max=20, required=False)
        check.text("sheet", self.sheet, length_max=80, required=False)
        check.whole("header_row", self.header_row, maximum=ROWS_MAX + 1)
        check.done()


@dataclass(frozen=True, slots=True)
class MappingInput:
    """Which of the file's columns is which: its letter -> our name for it; columns left out are not imported."""

    columns: Mapping[str, str] = field(default_factory=dict)
