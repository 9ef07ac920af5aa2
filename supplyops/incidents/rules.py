"""What an incident and its reports are, and how people are counted from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from supplyops.kernel.checks import Checks
from supplyops.norms.rules import Drivers, Season

PERSONS_MAX = 100_000_000


class EventClass(StrEnum):
    """The four classes of the Emergency Response Law."""

    NATURAL = "natural"
    ACCIDENT = "accident"
    HEALTH = "health"
    SECURITY = "security"


RESTRICTED_CLASSES = frozenset({EventClass.SECURITY})
"""Seen only by those whose role names the class."""


class Hazard(StrEnum):
    """What happened."""

    EARTHQUAKE = "earthquake"
    FLOOD = "flood"
    SNOW = "snow"
    LANDSLIDE = "landslide"
    FIRE = "fire"
    DROUGHT = "drought"
    EPIDEMIC = "epidemic"
    ANIMAL_DISEASE = "animal_disease"
    CHEMICAL = "chemical"
    TRAFFIC = "traffic"
    OTHER = "other"


class ReportKind(StrEnum):
    """初报 / 续报 / 核报."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"
    VERIFIED = "verified"


class IncidentState(StrEnum):
    """An incident is open until it is closed."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class IncidentInput:
    """An event as first heard of."""

    name: str
    event_class: EventClass
    hazard: Hazard
    occurred_at: datetime
    area_code: str
    place: str
    organisation_code: str
    lat_e6: int | None = None
    lon_e6: int | None = None
    is_exercise: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.text("name", self.name, length_max=80)
        check.text("place", self.place, length_max=80)
        check.text("area_code", self.area_code, length_max=20)
        check.text("organisation_code", self.organisation_code, length_max=40)
        check.aware("occurred_at", self.occurred_at)
        check.done()


FIGURES = (
    "affected", "dead", "missing", "injured", "moved", "evacuated", "urgent_aid", "sheltered", "households", "infants", "elderly", "women",
    "disabled", "livestock", "rooms_collapsed", "rooms_badly_damaged", "rooms_damaged",
)  # fmt: skip
"""What is counted per township or village (快报). 避险转移 (evacuated) is its own count and never adds to the need for tents."""


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """The figures of one place. None where nobody has counted; zero is a count."""

    area_code: str
    delivery_site_code: str = ""
    affected: int | None = None
    dead: int | None = None
    missing: int | None = None
    injured: int | None = None
    moved: int | None = None
    evacuated: int | None = None
    urgent_aid: int | None = None
    sheltered: int | None = None
    households: int | None = None
    infants: int | None = None
    elderly: int | None = None
    women: int | None = None
    disabled: int | None = None
    livestock: int | None = None
    rooms_collapsed: int | None = None
    rooms_badly_damaged: int | None = None
    rooms_damaged: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("area_code", self.area_code, length_max=20)
        for name in FIGURES:
            value = getattr(self, name)
            if value is not None:
                check.whole(name, value, maximum=PERSONS_MAX)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ReportInput:
    """One version of the report. Its time is the server's; a correction is a new version."""

    kind: ReportKind
    season: Season
    days_of_cover: int
    areas: tuple[AreaFigures, ...]
    is_forecast: bool = False
    night_temperature_c: int | None = None
    source: str = ""
    summary: str = ""
    measures: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(bool(self.areas), "areas", "required")
        codes = [area.area_code for area in self.areas]
        for place, code in enumerate(codes):
            check.that(
                codes.index(code) == place, f"areas.{place}.area_code", "repeated", value=code, first=codes.index(code)
            )
        check.whole("days_of_cover", self.days_of_cover, minimum=1, maximum=90)
        check.that(
            self.season is not Season.ALL,
            "season",
            "unknown_choice",
            value=self.season.value,
            allowed=["summer", "winter"],
        )
        if self.night_temperature_c is not None:
            check.whole("night_temperature_c", self.night_temperature_c, minimum=-60, maximum=50)
        for name in ("source", "summary", "measures"):
            check.text(name, getattr(self, name), length_max=80 if name == "source" else 1000, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ResponseInput:
    """Starting, changing or ending a response (L:应对法 art. 72: matter, level, expected end, measures)."""

    level: int | None
    basis: str
    measures: str = ""
    expected_until: datetime | None = None
    is_on_forecast: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        if self.level is not None:
            check.whole("level", self.level, minimum=1, maximum=4)
        check.text("basis", self.basis)
        check.text("measures", self.measures, length_max=1000, required=False)
        if self.expected_until is not None:
            check.aware("expected_until", self.expected_until)
        check.done()


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Shares used where nobody has counted; parameters, not law."""

    household_size: Fraction
    infant_permille: int
    elderly_permille: int
    women_permille: int


def drivers_of(figures: AreaFigures, assumptions: Assumptions, elevation_m: int) -> Drivers:
    """What needs grow with at one place: people moved and needing urgent aid, and shares of them where nobody has counted."""
    persons = (figures.moved or 0) + (figures.urgent_aid or 0)

    def counted(value: int | None, share: Fraction) -> int:
        return value if value is not None else int(-(-Fraction(persons) * share // 1))

    return Drivers(
        persons=persons,
        households=counted(figures.households, 1 / assumptions.household_size),
        sheltered=figures.sheltered if figures.sheltered is not None else (figures.moved or 0),
        infants=counted(figures.infants, Fraction(assumptions.infant_permille, 1000)),
        elderly=counted(figures.elderly, Fraction(assumptions.elderly_permille, 1000)),
        women=counted(figures.women, Fraction(assumptions.women_permille, 1000)),
        livestock=figures.livestock or 0,
        sites=1 if persons or figures.livestock else 0,
        elevation_m=elevation_m,
    )


def protected_permille(figures: AreaFigures, drivers: Drivers) -> int:
    """Share of people the law protects first (minors counted as infants, the elderly, the disabled), capped at all."""
    if drivers.persons == 0:
        return 0
    return min(1000, 1000 * (drivers.infants + drivers.elderly + (figures.disabled or 0)) // drivers.persons)


def level_of(thresholds: dict[int, dict[str, int]], totals: dict[str, int]) -> int | None:
    """The gravest response level one criterion of which is reached (以上 includes the number); None when none is."""
    for level in sorted(thresholds):
        if any(totals.get(criterion, 0) >= minimum for criterion, minimum in thresholds[level].items()):
            return level
    return None


def criteria_totals(areas: tuple[AreaFigures, ...]) -> dict[str, int]:
    """A report's figures in the thresholds' terms."""
    return {
        "dead_or_missing": sum((area.dead or 0) + (area.missing or 0) for area in areas),
        "moved_or_aid": sum((area.moved or 0) + (area.urgent_aid or 0) for area in areas),
        "rooms_collapsed": sum((area.rooms_collapsed or 0) + (area.rooms_badly_damaged or 0) for area in areas),
    }
