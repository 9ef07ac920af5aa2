"""What may come and what a reserve is advised with: scenarios with their probabilities, a budget."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.incidents.rules import Hazard
from supplyops.kernel.checks import Checks
from supplyops.norms.rules import Season

RESERVE_JOB_KIND = "reserve"
PERSONS_MAX = 10_000_000
HOURS_MAX = 24 * 30
NAMED_MAX = 500
BUDGET_MAX_FEN = 10**13


@dataclass(frozen=True, slots=True)
class AreaPersons:
    """So many people of an area have to be looked after."""

    area_code: str
    persons: int


@dataclass(frozen=True, slots=True)
class ReserveScenarioInput:
    """Something that may come: how likely, to whom, what is lost and closed, and how soon goods must be there.

    Probabilities are weights against those of the other scenarios of the body; they need not add up to 1000.
    """

    organisation_code: str
    code: str
    name: str
    probability_permille: int
    season: Season
    within_hours: int
    persons: tuple[AreaPersons, ...]
    hazard: Hazard | None = None
    lost_site_codes: tuple[str, ...] = ()
    closed_road_codes: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("code", self.code, length_max=40)
        check.text("name", self.name, length_max=60)
        check.whole("probability_permille", self.probability_permille, minimum=1, maximum=1000)
        check.that(self.season is not Season.ALL, "season", "unknown_choice", value=self.season.value)
        check.whole("within_hours", self.within_hours, minimum=1, maximum=HOURS_MAX)
        check.that(bool(self.persons), "persons", "required")
        seen: set[str] = set()
        for place, row in enumerate(self.persons):
            check.text(f"persons.{place}.area_code", row.area_code, length_max=20)
            check.whole(f"persons.{place}.persons", row.persons, minimum=1, maximum=PERSONS_MAX)
            check.that(row.area_code not in seen, f"persons.{place}.area_code", "repeated", value=row.area_code[:20])
            seen.add(row.area_code)
        for name, codes in (("lost_site_codes", self.lost_site_codes), ("closed_road_codes", self.closed_road_codes)):
            check.that(len(codes) <= NAMED_MAX, name, "too_many", count=len(codes), maximum=NAMED_MAX)
            for place, code in enumerate(codes):
                check.text(f"{name}.{place}", code, length_max=40)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ReserveAdviceInput:
    """Whose scenarios, how much may be spent, and on which class of needs. `rounds`: how often the vehicles of a store can
    go out in time; None does not look at vehicles."""

    organisation_code: str
    budget_fen: int
    need_class: str = ""
    rounds: int | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("budget_fen", self.budget_fen, maximum=BUDGET_MAX_FEN)
        check.text("need_class", self.need_class, required=False, length_max=20)
        if self.rounds is not None:
            check.whole("rounds", self.rounds, minimum=1, maximum=100)
        check.done()
