"""Orders given by word of mouth first: recorded at once, on paper by a deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from supplyops.kernel.canonical import plain
from supplyops.kernel.checks import Checks
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import FieldError, InvalidInput

CLOCKS_DIFFER = timedelta(minutes=5)
"""A watch may be so much ahead of the books."""


@dataclass(frozen=True, slots=True)
class OralOrder:
    """Who gave the order, to whom, when, before whom."""

    by: str
    to: str
    at: datetime
    witness: str

    def __post_init__(self) -> None:
        check = Checks()
        for name in ("by", "to", "witness"):
            check.text(name, getattr(self, name), length_max=40)
        check.aware("at", self.at)
        check.done()


def recorded(order: OralOrder | None, now: datetime) -> dict[str, Any]:
    """An order as rows keep it; empty where none was given by word of mouth. Raises InvalidInput for one not given yet."""
    if order is None:
        return {}
    if order.at > now + CLOCKS_DIFFER:
        raise InvalidInput(fields=(FieldError("oral.at", "in_the_future"),))
    kept: dict[str, Any] = plain(to_json(order))
    return kept
