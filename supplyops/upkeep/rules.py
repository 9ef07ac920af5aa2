"""The clocks a store lives by: what has to be done how often, what a round found, how duty is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from supplyops.kernel.checks import Checks

LOTS_MAX = 2_000


class UpkeepKind(StrEnum):
    """What a store does regularly (DOMAIN words): 巡检、通风、防潮、防鼠防虫、消防检查/培训/演练、倒垛、质量抽检."""

    INSPECTION = "inspection"
    VENTILATION = "ventilation"
    DAMP = "damp"
    RODENTS = "rodents"
    FIRE_CHECK = "fire_check"
    FIRE_TRAINING = "fire_training"
    FIRE_DRILL = "fire_drill"
    RESTACK = "restack"
    SAMPLING = "sampling"


OF_LOTS = frozenset({UpkeepKind.RESTACK, UpkeepKind.SAMPLING})
"""Done to lots of a certain age, not to the store as a whole."""


class UpkeepResult(StrEnum):
    """What a round found."""

    GOOD = "good"
    FINDING = "finding"


class SamplingGroup(StrEnum):
    """By what a sample stands for other goods: 类别、批次、生产厂家."""

    CATEGORY = "category"
    LOT = "lot"
    MAKER = "maker"


class DutyState(StrEnum):
    """Duty is handed over by one person and taken by another."""

    OFFERED = "offered"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class IntervalInput:
    """How often a store does something, where it differs from the house's figure. Zero days: never there."""

    site_code: str
    kind: UpkeepKind
    interval_days: int
    starts_on: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        check.whole("interval_days", self.interval_days, maximum=3660)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class RoundLotInput:
    """A lot that was restacked or sampled, at its place; samples are used up."""

    lot_number: str
    location_code: str
    sampled: int = 0


@dataclass(frozen=True, slots=True)
class RoundInput:
    """Something that was done: when, by whom else, what was read, what was found and who mends it by when."""

    site_code: str
    kind: UpkeepKind
    result: UpkeepResult = UpkeepResult.GOOD
    done_at: datetime | None = None
    helpers: str = ""
    readings: str = ""
    """What instruments said: temperature, humidity, pressure of extinguishers."""
    remark: str = ""
    finding: str = ""
    finding_due_on: date | None = None
    responsible: str = ""
    lots: tuple[RoundLotInput, ...] = ()
    sampling_group: SamplingGroup | None = None
    laboratory: str = ""
    report_number: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        if self.done_at is not None:
            check.aware("done_at", self.done_at)
        for name in ("helpers", "readings", "remark"):
            check.text(name, getattr(self, name), required=False)
        for name in ("laboratory", "report_number"):
            check.text(name, getattr(self, name), length_max=80, required=False)
        is_finding = self.result is UpkeepResult.FINDING
        check.text("finding", self.finding, length_max=400, required=is_finding)
        check.text("responsible", self.responsible, length_max=40, required=is_finding)
        check.that(not is_finding or self.finding_due_on is not None, "finding_due_on", "required")
        check.that(is_finding or not self.finding.strip(), "result", "finding_without_result")
        check.that((self.kind in OF_LOTS) == bool(self.lots), "lots", "lots_of_round", kind=self.kind.value)
        check.that(len(self.lots) <= LOTS_MAX, "lots", "too_many", count=len(self.lots), maximum=LOTS_MAX)
        check.that(
            self.kind is not UpkeepKind.SAMPLING or self.sampling_group is not None, "sampling_group", "required"
        )
        first: dict[tuple[str, str], int] = {}
        for place, lot in enumerate(self.lots):
            check.text(f"lots.{place}.lot_number", lot.lot_number, length_max=40)
            check.text(f"lots.{place}.location_code", lot.location_code, length_max=60)
            check.whole(f"lots.{place}.sampled", lot.sampled)
            check.that(self.kind is not UpkeepKind.SAMPLING or lot.sampled > 0, f"lots.{place}.sampled", "not_positive")
            known = first.setdefault((lot.lot_number, lot.location_code), place)
            check.that(known == place, f"lots.{place}.lot_number", "repeated", value=lot.lot_number[:40], first=known)
        check.done()


@dataclass(frozen=True, slots=True)
class DutyInput:
    """Duty handed over: what is open, which keys, which readings; to whom."""

    site_code: str
    incoming: str
    open_matters: str
    keys: str
    readings: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        check.text("incoming", self.incoming, length_max=40)
        check.text("open_matters", self.open_matters, length_max=1000)
        check.text("keys", self.keys, length_max=200)
        check.text("readings", self.readings, length_max=400, required=False)
        check.text("note", self.note, length_max=400, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class Clock:
    """When something is due: `interval_days` after it was last done, or on the first day where it never was."""

    interval_days: int
    first_on: date
    last_on: date | None

    @property
    def due_on(self) -> date:
        """The day by which it should be done."""
        return self.first_on if self.last_on is None else self.last_on + timedelta(days=self.interval_days)
