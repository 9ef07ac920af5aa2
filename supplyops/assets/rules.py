"""What a numbered unit is, and what is asked of whoever hands it out, takes it back or works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from supplyops.kernel.checks import Checks

METER_MAX = 1_000_000
MONTHS_MAX = 600
ASSETS_MAX = 200
"""On one slip."""


class AssetWorkKind(StrEnum):
    """What is done to keep a unit fit."""

    MAINTENANCE = "maintenance"
    CALIBRATION = "calibration"
    INSPECTION = "inspection"
    REPAIR = "repair"


class AssetCondition(StrEnum):
    """How a unit looks when it changes hands."""

    GOOD = "good"
    WORN = "worn"
    DAMAGED = "damaged"
    LOST = "lost"


UNFIT = frozenset({AssetCondition.DAMAGED, AssetCondition.LOST})
"""Comes back as out of order."""


class AssetDueKind(StrEnum):
    """Why a unit is on the list of what is due."""

    LOAN = "loan"
    MAINTENANCE = "maintenance"
    CALIBRATION = "calibration"
    INSPECTION = "inspection"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class AssetInput:
    """A numbered unit of a lot at a place."""

    sku: str
    serial_number: str
    lot_number: str
    location_code: str
    maker_number: str = ""
    in_service_on: date | None = None
    warranty_until: date | None = None
    meter_hours: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        check.text("serial_number", self.serial_number, length_max=60)
        check.text("lot_number", self.lot_number, length_max=40)
        check.text("location_code", self.location_code, length_max=60)
        check.text("maker_number", self.maker_number, length_max=60, required=False)
        check.text("note", self.note, length_max=200, required=False)
        check.whole("meter_hours", self.meter_hours, maximum=METER_MAX)
        check.ordered("warranty_until", self.in_service_on, self.warranty_until)
        check.done()


@dataclass(frozen=True, slots=True)
class AssetPlanInput:
    """How often units of an item are worked on: by months, by hours of running, or whichever comes first."""

    sku: str
    kind: AssetWorkKind
    name: str
    every_months: int | None = None
    every_hours: int | None = None
    instructions: str = ""
    source_mark: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        check.text("name", self.name, length_max=40)
        check.that(self.kind is not AssetWorkKind.REPAIR, "kind", "repair_not_planned")
        check.that(bool(self.every_months or self.every_hours), "every_months", "no_interval")
        if self.every_months is not None:
            check.whole("every_months", self.every_months, minimum=1, maximum=MONTHS_MAX)
        if self.every_hours is not None:
            check.whole("every_hours", self.every_hours, minimum=1, maximum=METER_MAX)
        check.text("instructions", self.instructions, length_max=400, required=False)
        check.text("source_mark", self.source_mark, length_max=20, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class HandOutInput:
    """Units given to a person or a team of a body, to be brought back (领用)."""

    asset_numbers: tuple[str, ...]
    organisation_code: str
    received_by: str
    purpose: str
    due_on: date
    team_code: str = ""
    condition: AssetCondition = AssetCondition.GOOD
    phone: str = ""
    approved_by: str = ""
    despite: str = ""
    """Why a unit whose calibration has run out goes all the same."""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        numbers = [number for number in self.asset_numbers if number.strip()]
        check.that(bool(numbers), "asset_numbers", "required")
        check.that(
            len(numbers) <= ASSETS_MAX, "asset_numbers", "too_many", count=len(self.asset_numbers), maximum=ASSETS_MAX
        )
        check.that(len(set(numbers)) == len(numbers), "asset_numbers", "named_twice")
        check.text("organisation_code", self.organisation_code, length_max=40)
        check.text("received_by", self.received_by, length_max=40)
        check.text("purpose", self.purpose, length_max=120)
        check.that(self.condition not in UNFIT, "condition", "unfit_goes_nowhere")
        for name, length in (("team_code", 40), ("phone", 40), ("approved_by", 40), ("despite", 120), ("note", 200)):
            check.text(name, getattr(self, name), length_max=length, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class HandBackLine:
    """One unit as it came back."""

    asset_number: str
    condition: AssetCondition = AssetCondition.GOOD
    defects: str = ""
    meter_hours: int | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("asset_number", self.asset_number, length_max=80)
        check.text("defects", self.defects, required=self.condition in UNFIT)
        if self.meter_hours is not None:
            check.whole("meter_hours", self.meter_hours, maximum=METER_MAX)
        check.done()


@dataclass(frozen=True, slots=True)
class HandBackInput:
    """Units of a slip brought back (归还), all of them or some."""

    loan_number: str
    returned_by: str
    lines: tuple[HandBackLine, ...]
    location_code: str = ""
    """Where they are put; empty is where they came from."""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("loan_number", self.loan_number, length_max=80)
        check.text("returned_by", self.returned_by, length_max=40)
        check.that(bool(self.lines), "lines", "required")
        numbers = [line.asset_number for line in self.lines]
        check.that(len(set(numbers)) == len(numbers), "lines", "named_twice")
        check.text("location_code", self.location_code, length_max=60, required=False)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class AssetWorkInput:
    """Work done on one unit: what, when, by whom, what it cost, and whether it is fit now."""

    asset_number: str
    kind: AssetWorkKind
    done_on: date
    done_by: str
    plan_name: str = ""
    """Which plan it answers; may be left out where the item has one plan of the kind."""
    is_passed: bool = True
    defect: str = ""
    meter_hours: int | None = None
    cost_fen: int = 0
    certificate: str = ""
    valid_until: date | None = None
    """A certificate's own last day; without one the plan's months count."""
    back_in_service: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("asset_number", self.asset_number, length_max=80)
        check.text("done_by", self.done_by, length_max=80)
        check.text("plan_name", self.plan_name, length_max=40, required=False)
        check.text("defect", self.defect, required=not self.is_passed)
        check.that(self.is_passed or not self.back_in_service, "back_in_service", "not_passed")
        if self.meter_hours is not None:
            check.whole("meter_hours", self.meter_hours, maximum=METER_MAX)
        check.whole("cost_fen", self.cost_fen, maximum=10**12)
        check.text("certificate", self.certificate, length_max=60, required=False)
        check.ordered("valid_until", self.done_on, self.valid_until)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class OutOfOrderInput:
    """A unit that must not be given out until it is mended."""

    asset_number: str
    defect: str
    follow_up_on: date | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("asset_number", self.asset_number, length_max=80)
        check.text("defect", self.defect)
        check.done()


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@dataclass(frozen=True, slots=True)
class Due:
    """When work comes up again: by the calendar, by the meter, or both."""

    on: date | None
    at_hours: int | None

    def is_overdue(self, today: date, meter_hours: int) -> bool:
        """The day has passed, or the meter has gone past."""
        by_day = self.on is not None and self.on < today
        return by_day or (self.at_hours is not None and meter_hours >= self.at_hours)

    def is_near(self, today: date, meter_hours: int, days: int, hours: int) -> bool:
        """Due within so many days or hours of running, or overdue."""
        by_day = self.on is not None and (self.on - today).days <= days
        return by_day or (self.at_hours is not None and meter_hours + hours >= self.at_hours)


def next_due(
    last_on: date,
    last_hours: int,
    every_months: int | None,
    every_hours: int | None,
    valid_until: date | None = None,
) -> Due:
    """When the work is due after it was last done; a certificate's own date goes before the plan's months."""
    on = valid_until or (months_after(last_on, every_months) if every_months else None)
    return Due(on, last_hours + every_hours if every_hours else None)
