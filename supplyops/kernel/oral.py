"""Orders given by word of mouth first: recorded at once, on paper by a deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supplyops.kernel.checks import Checks


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
