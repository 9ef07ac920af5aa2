"""What a norm is, and what people need by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction

from supplyops.kernel.checks import Checks
from supplyops.kernel.quantity import whole_packages
from supplyops.norms.meanings import MEANINGS
from supplyops.people.rules import Level


class Season(StrEnum):
    """Winter is October to April, or a forecast below 5 °C; a report says which holds."""

    SUMMER = "summer"
    WINTER = "winter"
    ALL = "all"


class Driver(StrEnum):
    """What a need grows with."""

    PERSONS = "persons"
    HOUSEHOLDS = "households"
    SHELTERED = "sheltered"
    TENTS = "tents"
    INFANTS = "infants"
    ELDERLY = "elderly"
    WOMEN = "women"
    LIVESTOCK = "livestock"
    SITES = "sites"


class DayRule(StrEnum):
    """How the days of cover enter: not at all, all of them, the first three, those after the third, per thirty."""

    ONCE = "once"
    EVERY_DAY = "every_day"
    FIRST_THREE = "first_three"
    AFTER_THREE = "after_three"


class ReserveMethod(StrEnum):
    """How the people are counted that a reserve is kept for; a fixed quantity counts none."""

    SET = "set"
    MOVED = "moved"
    SHARE = "share"
    RESPONSE = "response"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class NeedNormInput:
    """How much of an item one unit of a driver needs.

    amount = amount_numerator / amount_denominator, in the item's content unit where it has one (ml, meal, g), else in base units.
    `round_each` rounds the number of driver units up before use (tents are whole: ceil(sheltered / persons_per_tent)).
    """

    code: str
    sku: str
    season: Season
    driver: Driver
    amount_numerator: int
    amount_denominator: int
    day_rule: DayRule
    hazards: tuple[str, ...] = ()
    minimum: int = 0
    elevation_min_m: int | None = None
    source_mark: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("code", self.code, length_max=40)
        check.text("sku", self.sku, length_max=6)
        check.whole("amount_numerator", self.amount_numerator)
        check.whole("amount_denominator", self.amount_denominator, minimum=1)
        check.whole("minimum", self.minimum, maximum=1_000_000)
        check.ordered("valid_to", self.valid_from, self.valid_to)
        check.text("source_mark", self.source_mark, length_max=20)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ReserveNormInput:
    """How much of an item a place of some level should keep, and what part of it plans may not touch.

    For each thousand people that the place plans for, or, by the fixed method, as a quantity of its own. `method` None
    is the method that the level is counted by (parameter `reserve.method.<level>`).
    """

    code: str
    sku: str
    level: Level
    quantity_per_thousand: int
    floor_permille: int = 200
    source_mark: str = ""
    note: str = ""
    method: ReserveMethod | None = None
    fixed_quantity: int = 0
    summer_permille: int = 1000
    winter_permille: int = 1000

    def __post_init__(self) -> None:
        check = Checks()
        check.text("code", self.code, length_max=40)
        check.text("sku", self.sku, length_max=6)
        check.whole("quantity_per_thousand", self.quantity_per_thousand)
        check.whole("floor_permille", self.floor_permille, maximum=1000)
        check.whole("fixed_quantity", self.fixed_quantity, minimum=1 if self.method is ReserveMethod.FIXED else 0)
        check.that(
            self.method is ReserveMethod.FIXED or self.fixed_quantity == 0, "fixed_quantity", "fixed_without_method"
        )
        for name in ("summer_permille", "winter_permille"):
            check.whole(name, getattr(self, name), maximum=10_000)
        check.text("source_mark", self.source_mark, length_max=20)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class ThresholdInput:
    """One criterion of a response level: reaching `minimum` is enough (以上 includes the number)."""

    response_level: int
    criterion: str
    minimum: int
    source_mark: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("response_level", self.response_level, minimum=1, maximum=4)
        check.one_of("criterion", self.criterion, CRITERIA)
        check.whole("minimum", self.minimum, minimum=1)
        check.text("source_mark", self.source_mark, length_max=20)
        check.done()


CRITERIA = ("dead_or_missing", "moved_or_aid", "rooms_collapsed")


@dataclass(frozen=True, slots=True)
class ParameterInput:
    """A figure used by a rule, with its unit and where it comes from."""

    key: str
    value: str
    unit: str
    source_mark: str
    effective_from: date
    name: str = ""
    editable_by: str = "clerk"
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("key", self.key, length_max=60)
        check.text("value", self.value, length_max=200)
        meaning = MEANINGS.get(self.key)
        if meaning is None:
            check.refuse("key", "unknown_parameter", value=self.key[:60], alike=_alike(self.key))
        elif self.value.strip() and not meaning.allows(self.value):
            check.refuse("value", "parameter_value", value=self.value[:40], allowed=meaning.allowed)
        check.text("unit", self.unit, length_max=20, required=False)
        check.text("source_mark", self.source_mark, length_max=20)
        check.text("name", self.name, length_max=60, required=False)
        check.text("editable_by", self.editable_by, length_max=40, required=False)
        check.text("note", self.note, required=False)
        check.done()


def _alike(key: str) -> str:
    """Names that were perhaps meant, or all of them."""
    return "、".join(get_close_matches(key, MEANINGS, n=3) or sorted(MEANINGS))


@dataclass(frozen=True, slots=True)
class Drivers:
    """What needs grow with, at one place."""

    persons: int
    households: int
    sheltered: int
    infants: int
    elderly: int
    women: int
    livestock: int = 0
    sites: int = 1
    elevation_m: int = 0

    def count(self, driver: Driver, persons_per_tent: Fraction) -> Fraction:
        """How many units of a driver there are. Tents are whole ones."""
        if driver is Driver.TENTS:
            return Fraction(-(-Fraction(self.sheltered) // persons_per_tent))
        return Fraction(getattr(self, driver.value))


@dataclass(frozen=True, slots=True)
class Norm:
    """A need norm ready for use, with what is needed to turn content into base units and packages."""

    sku: str
    driver: Driver
    amount: Fraction
    day_rule: DayRule
    minimum: int
    elevation_min_m: int | None
    content_quantity: int
    pack_quantity: int
    source_mark: str


@dataclass(frozen=True, slots=True)
class Need:
    """What is needed of one item at one place: as computed (`raw`, base units, rounded up) and in whole packages."""

    sku: str
    raw: int
    packed: int
    source_marks: tuple[str, ...]


def days_counted(rule: DayRule, days: int) -> int:
    """How many days of cover a norm is multiplied with."""
    return {
        DayRule.ONCE: 1,
        DayRule.EVERY_DAY: days,
        DayRule.FIRST_THREE: min(days, 3),
        DayRule.AFTER_THREE: max(days - 3, 0),
    }[rule]


def needs(norms: list[Norm], drivers: Drivers, days: int, persons_per_tent: Fraction) -> list[Need]:
    """What one place needs for `days` of cover, by sku.

    Amounts of one item add up before rounding; rounding is up, first to base units, then to whole packages, once per place.
    """
    content: dict[str, Fraction] = {}
    chosen: dict[str, list[Norm]] = {}
    for norm in norms:
        if norm.elevation_min_m is not None and drivers.elevation_m < norm.elevation_min_m:
            continue
        amount = drivers.count(norm.driver, persons_per_tent) * norm.amount * days_counted(norm.day_rule, days)
        if drivers.count(norm.driver, persons_per_tent) > 0:
            amount = max(amount, Fraction(norm.minimum * norm.content_quantity))
        content[norm.sku] = content.get(norm.sku, Fraction(0)) + amount
        chosen.setdefault(norm.sku, []).append(norm)
    result = []
    for sku, amount in sorted(content.items()):
        raw = -(-amount // chosen[sku][0].content_quantity)
        if raw:
            marks = tuple(sorted({norm.source_mark for norm in chosen[sku]}))
            result.append(Need(sku, int(raw), whole_packages(int(raw), chosen[sku][0].pack_quantity), marks))
    return result
