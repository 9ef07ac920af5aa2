"""What a team is and how it is called out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from supplyops.kernel.checks import Checks
from supplyops.kernel.oral import OralOrder
from supplyops.people.rules import CODE_PATTERN


class TeamType(StrEnum):
    """The twelve types of the city's plan."""

    FIRE = "T01"
    WORK_SAFETY = "T02"
    MINE = "T03"
    CHEMICAL = "T04"
    ANIMAL_DISEASE = "T05"
    WEATHER = "T06"
    EARTHQUAKE = "T07"
    GEOLOGY = "T08"
    UTILITY = "T09"
    GRASSROOTS = "T10"
    VOLUNTEER = "T11"
    HEALTH = "T12"


class Employment(StrEnum):
    """专职 / 兼职 / 志愿 / 联合."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    VOLUNTEER = "volunteer"
    JOINT = "joint"


class Capability(StrEnum):
    """What a team can do."""

    SEARCH = "search"
    RESCUE = "rescue"
    ENGINEERING = "engineering"
    ROADS = "roads"
    POLLUTION = "pollution"
    FIRE = "fire"
    WATER = "water"
    MEDICAL = "medical"
    POWER = "power"
    SUPPLY = "supply"
    COMMUNICATION = "communication"
    ANIMAL = "animal"
    WARNING = "warning"
    LOGISTICS = "logistics"


class TeamState(StrEnum):
    """待命 and what follows. One active mission per team."""

    READY = "ready"
    ALERTED = "alerted"
    MOBILISED = "mobilised"
    REST = "rest"
    TRAINING = "training"
    OUT = "out"


class MissionState(StrEnum):
    """已下令 → 已确认 → 集结 → 出动 → 到达 → 作业 → 撤离 → 归建, with declined and cancelled beside."""

    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    MUSTERED = "mustered"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    ENGAGED = "engaged"
    RELEASED = "released"
    RETURNED = "returned"
    DECLINED = "declined"
    CANCELLED = "cancelled"


_M = MissionState
MISSION_STEPS: dict[MissionState, frozenset[MissionState]] = {
    _M.ORDERED: frozenset({_M.CONFIRMED, _M.DECLINED, _M.CANCELLED}),
    _M.CONFIRMED: frozenset({_M.MUSTERED, _M.DEPARTED, _M.CANCELLED}),
    _M.MUSTERED: frozenset({_M.DEPARTED, _M.CANCELLED}),
    _M.DEPARTED: frozenset({_M.ARRIVED, _M.RELEASED}),
    _M.ARRIVED: frozenset({_M.ENGAGED, _M.RELEASED}),
    _M.ENGAGED: frozenset({_M.RELEASED}),
    _M.RELEASED: frozenset({_M.RETURNED}),
    _M.RETURNED: frozenset(),
    _M.DECLINED: frozenset(),
    _M.CANCELLED: frozenset(),
}


class UsarClass(StrEnum):
    """INSARAG classes; the criteria are on the team's record."""

    NONE = "none"
    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


class Known(StrEnum):
    """What is registered of something that a team can or cannot do."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def value_kept(self) -> bool | None:
        """As it stands in a row."""
        return None if self is Known.UNKNOWN else self is Known.YES


def known(value: bool | None) -> Known:
    """The word for what stands in a row."""
    return Known.UNKNOWN if value is None else Known.YES if value else Known.NO


@dataclass(frozen=True, slots=True)
class ReadinessInput:
    """Whether a team works by night and in hard frost, as far as that is registered."""

    works_at_night: Known
    works_at_minus_30: Known


@dataclass(frozen=True, slots=True)
class TeamInput:
    """A rescue team."""

    code: str
    name: str
    type: TeamType
    employment: Employment
    organisation_code: str
    area_code: str
    base_site_code: str = ""
    other_owners: str = ""
    leader: str = ""
    deputy: str = ""
    duty_phone: str = ""
    strength_authorised: int = 0
    strength_present: int = 0
    capabilities: tuple[Capability, ...] = ()
    specialities: str = ""
    equipment: str = ""
    vehicles: str = ""
    ready_minutes: int = 60
    ready_minutes_off_hours: int = 120
    self_sufficient_hours: int = 0
    continuous_hours_max: int = 12
    usar_class: UsarClass = UsarClass.NONE
    works_at_night: bool | None = None
    """None: nobody has registered it."""
    works_at_minus_30: bool | None = None
    """None: nobody has registered it."""
    agreement: str = ""
    agreement_valid_to: date | None = None
    insurer: str = ""
    insurance_policy: str = ""
    insurance_valid_to: date | None = None
    last_exercise_on: date | None = None
    assessment_score: int | None = None
    assessed_on: date | None = None
    source_mark: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.text("name", self.name, length_max=60)
        check.whole("strength_authorised", self.strength_authorised, maximum=100_000)
        check.whole("strength_present", self.strength_present, maximum=100_000)
        check.that(
            self.strength_present <= self.strength_authorised,
            "strength_present",
            "too_large",
            value=self.strength_present,
            maximum=self.strength_authorised,
        )
        for name in ("ready_minutes", "ready_minutes_off_hours", "self_sufficient_hours", "continuous_hours_max"):
            check.whole(name, getattr(self, name), maximum=100_000)
        for name, length in (
            ("specialities", 400),
            ("equipment", 1000),
            ("vehicles", 400),
            ("other_owners", 200),
            ("agreement", 200),
        ):
            check.text(name, getattr(self, name), length_max=length, required=False)
        for name in ("leader", "deputy", "duty_phone", "insurer", "insurance_policy", "source_mark"):
            check.text(name, getattr(self, name), length_max=60, required=False)
        if self.assessment_score is not None:
            check.whole("assessment_score", self.assessment_score, maximum=100)
        check.done()


@dataclass(frozen=True, slots=True)
class MissionInput:
    """What a team is sent to do."""

    team_code: str
    persons: int
    task: str
    place: str
    muster_place: str
    muster_at: datetime
    arrive_by: datetime
    command_relation: str
    equipment: str = ""
    vehicles: str = ""
    communication: str = ""
    logistics: str = ""
    safety: str = ""
    duration_hours: int = 24
    oral: OralOrder | None = None
    uninsured_reason: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("persons", self.persons, minimum=1, maximum=100_000)
        check.whole("duration_hours", self.duration_hours, minimum=1, maximum=10_000)
        for name in ("task", "place", "muster_place", "command_relation"):
            check.text(name, getattr(self, name))
        for name in ("equipment", "vehicles", "communication", "logistics", "safety", "uninsured_reason"):
            check.text(name, getattr(self, name), length_max=400, required=False)
        check.aware("muster_at", self.muster_at)
        check.aware("arrive_by", self.arrive_by)
        if self.muster_at.tzinfo and self.arrive_by.tzinfo:
            check.that(self.muster_at <= self.arrive_by, "arrive_by", "ends_before_start")
        check.done()
