"""A late request line and the plan that stands: what is asked, and how long to look."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.kernel.checks import Checks
from supplyops.planning.variant_rules import SECONDS_MAX

INSERTIONS_JOB_KIND = "plan_insertions"
INSERTION_SECONDS_DEFAULT = 20


@dataclass(frozen=True, slots=True)
class InsertionInput:
    """Which line to take along, and how long to look for ways. Seconds or tries, not both: tries replay exactly."""

    request_number: str
    line_no: int
    seconds: int | None = None
    tries: int | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("request_number", self.request_number, length_max=80)
        check.whole("line_no", self.line_no, minimum=1)
        check.that(self.seconds is None or self.tries is None, "seconds", "seconds_or_iterations")
        if self.seconds is not None:
            check.whole("seconds", self.seconds, minimum=1, maximum=SECONDS_MAX)
        if self.tries is not None:
            check.whole("tries", self.tries, minimum=1, maximum=1_000_000)
        check.done()
