"""A plan as a sheet that people edit: one row for so much of one source for one request line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supplyops.kernel.checks import Checks

TRIPS_MAX = 9_999
QUANTITY_MAX = 10**15
ROWS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class PlanSheetRow:
    """So much goes from there to that line: on that trip of that vehicle, or brought by the supplier."""

    source: str
    request_number: str
    request_line_no: int
    quantity: int
    at: datetime
    """When the trip's vehicle leaves its base; when the goods are there, where the supplier brings them."""
    trip_no: int | None = None
    plate: str = ""
    stop_no: int = 0

    def __post_init__(self) -> None:
        check = Checks()
        check.text("source", self.source, length_max=90)
        check.text("request_number", self.request_number, length_max=80)
        check.whole("request_line_no", self.request_line_no, minimum=1, maximum=100_000)
        check.whole("quantity", self.quantity, minimum=1, maximum=QUANTITY_MAX)
        if self.trip_no is not None:
            check.whole("trip_no", self.trip_no, minimum=1, maximum=TRIPS_MAX)
        check.that((self.trip_no is None) == (not self.plate), "plate", "trip_and_plate")
        check.whole("stop_no", self.stop_no, minimum=0, maximum=1_000)
        check.done()
