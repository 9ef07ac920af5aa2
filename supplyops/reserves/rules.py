"""How full a reserve is, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

FOUR_TAGS = ("内涝", "生命线抢修", "应急供水", "生活保障")
"""The four groups of supplies a city has to strengthen, as the city's plan names them; items carry others besides."""


class Adequacy(StrEnum):
    """How full a reserve is; grey has no target to be measured by."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class Grouping(StrEnum):
    """What reserves are looked at by."""

    TIER = "tier"
    PLACE = "place"
    TAG = "tag"
    NEED_CLASS = "need_class"
    GB_MAJOR = "gb_major"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The figures that coverage is reckoned with; every one is a parameter."""

    horizon_days: int
    contract_hours: int
    contract_permille: int
    social_permille: int
    green_permille: int
    amber_permille: int
    pallet_cm3: int

    def weighted(self, contract: int, social: int) -> Fraction:
        """What contracts and social stock count for."""
        return Fraction(contract * self.contract_permille + social * self.social_permille, 1000)

    def colour(self, coverage: Fraction | None) -> Adequacy:
        """The colour of a coverage, judged before rounding."""
        if coverage is None:
            return Adequacy.GREY
        if coverage * 1000 >= self.green_permille:
            return Adequacy.GREEN
        return Adequacy.AMBER if coverage * 1000 >= self.amber_permille else Adequacy.RED


def coverage_of(counted: Fraction, target: int) -> Fraction | None:
    """What counts of a target; None without a target."""
    return counted / target if target > 0 else None


def gap_of(counted: Fraction, target: int) -> int:
    """Whole units that are missing to the target."""
    return max(0, int(-(-(target - counted) // 1)))


def permille_of(coverage: Fraction | None) -> int | None:
    """Coverage in whole permille, rounded down: what is not full does not read 100 %."""
    return None if coverage is None else int(coverage * 1000 // 1)


def pallets_of(quantity: int, per_pallet: int | None, unit_volume_cm3: int, pallet_cm3: int) -> int:
    """Pallet places a quantity takes: by the item's own pallet where it has one, else by volume."""
    if quantity <= 0:
        return 0
    if per_pallet:
        return -(-quantity // per_pallet)
    return -(-quantity * unit_volume_cm3 // pallet_cm3)


class Measured(Protocol):
    """A row that a group is made of."""

    @property
    def colour(self) -> Adequacy:
        """How full."""
        ...

    @property
    def coverage_permille(self) -> int | None:
        """How full in figures."""
        ...


def together(rows: Iterable[Measured]) -> int | None:
    """How full a group is: the mean over the items that have a target, what one has too much of fills no other's gap."""
    found = [min(row.coverage_permille, 1000) for row in rows if row.coverage_permille is not None]
    return sum(found) // len(found) if found else None


@dataclass(frozen=True, slots=True)
class Use:
    """What people take of an item: at once, and by the day over three spans. Content units, before rounding."""

    once: Fraction
    every_day: Fraction
    first_three: Fraction
    after_three: Fraction

    def by_hour(self, hours: Fraction) -> Fraction:
        """What has been taken after so many hours; days are used up evenly."""
        first, later = min(hours, Fraction(72)), max(hours - 72, Fraction(0))
        return self.once + (self.every_day * hours + self.first_three * first + self.after_three * later) / 24

    def hours(self, stock: Fraction) -> int | None:
        """Whole hours that a stock lasts; 0 where it does not do for what is needed at once, None where it never ends."""
        if stock < self.once:
            return 0
        left = stock - self.once
        early, late = (self.every_day + self.first_three) / 24, (self.every_day + self.after_three) / 24
        if early * 72 > left:
            return int(left // early)
        if late == 0:
            return None
        return 72 + int((left - early * 72) // late)
