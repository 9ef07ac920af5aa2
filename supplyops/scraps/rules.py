"""How goods are scrapped (F7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from supplyops.kernel.checks import Checks


class ScrapReason(StrEnum):
    """报废原因 of F7."""

    EXPIRED = "expired"
    DAMAGED = "damaged"
    FAILED_TEST = "failed_test"
    SAMPLED = "sampled"
    DISASTER = "disaster"


class ScrapBody(StrEnum):
    """The four that have to agree."""

    STORE = "store"
    EMERGENCY = "emergency"
    RESERVES = "reserves"
    FINANCE = "finance"


class ScrapState(StrEnum):
    """Applied for, appraised, approved by all four, made public, disposed of."""

    APPLIED = "applied"
    APPRAISED = "appraised"
    APPROVED = "approved"
    PUBLICISED = "publicised"
    DISPOSED = "disposed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class DisposalMethod(StrEnum):
    """销毁 where nothing is worth anything, 公开竞拍 where something is."""

    DESTROY = "destroy"
    AUCTION = "auction"


_S = ScrapState
SCRAP_STEPS: dict[ScrapState, frozenset[ScrapState]] = {
    _S.APPLIED: frozenset({_S.APPRAISED, _S.CANCELLED}),
    _S.APPRAISED: frozenset({_S.APPROVED, _S.REFUSED, _S.CANCELLED}),
    _S.APPROVED: frozenset({_S.PUBLICISED, _S.CANCELLED}),
    _S.PUBLICISED: frozenset({_S.DISPOSED, _S.CANCELLED}),
    _S.DISPOSED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.CANCELLED: frozenset(),
}
HELD = frozenset({_S.APPLIED, _S.APPRAISED, _S.APPROVED, _S.PUBLICISED})
"""States in which the goods are held: nobody can use them, and they are still in the books."""


def deadline(text: str, year: int) -> date:
    """The day of a year from `10-31`."""
    month, day = (int(part) for part in text.split("-"))
    last = {2: 28}.get(month, 31)
    while True:
        try:
            return date(year, month, min(day, last))
        except ValueError:
            last -= 1


DEADLINE = re.compile(r"(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])")


@dataclass(frozen=True, slots=True)
class ScrapLineInput:
    """So much of a lot at a place."""

    lot_number: str
    location_code: str
    quantity: int
    reason: ScrapReason
    note: str = ""

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with the line under `at`."""
        check.text(f"{at}lot_number", self.lot_number, length_max=40)
        check.text(f"{at}location_code", self.location_code, length_max=60)
        check.whole(f"{at}quantity", self.quantity, minimum=1)
        check.text(f"{at}note", self.note, length_max=120, required=False)


@dataclass(frozen=True, slots=True)
class ScrapInput:
    """A store applies to scrap goods."""

    site_code: str
    lines: tuple[ScrapLineInput, ...]
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        check.text("note", self.note, required=False)
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
        check.done()


@dataclass(frozen=True, slots=True)
class AppraisalInput:
    """Looked at by a qualified body with a report, or by so many experts as the house asks for."""

    scrap: str
    conclusion: str
    appraised_on: date
    institution: str = ""
    report_number: str = ""
    experts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check = Checks()
        check.text("conclusion", self.conclusion, length_max=400)
        check.text("institution", self.institution, length_max=80, required=False)
        check.text("report_number", self.report_number, length_max=80, required=bool(self.institution.strip()))
        for place, name in enumerate(self.experts):
            check.text(f"experts.{place}", name, length_max=40)
        names = [name.strip() for name in self.experts]
        check.that(len(set(names)) == len(names), "experts", "expert_twice")
        check.that(bool(self.institution.strip() or names), "institution", "nobody_appraised")
        check.done()


@dataclass(frozen=True, slots=True)
class ScrapDecisionInput:
    """One of the four bodies agrees, or does not. `organisation_code` is the organisation that signs as that body."""

    scrap: str
    body: ScrapBody
    organisation_code: str
    agrees: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("organisation_code", self.organisation_code, length_max=40)
        check.text("note", self.note, required=not self.agrees)
        check.done()


@dataclass(frozen=True, slots=True)
class PublicityInput:
    """Where and how long the scrapping is made public."""

    scrap: str
    place: str
    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        check = Checks()
        check.text("place", self.place, length_max=120)
        check.ordered("to_on", self.from_on, self.to_on)
        check.done()

    @property
    def days(self) -> int:
        """Both days count."""
        return (self.to_on - self.from_on + timedelta(days=1)).days


@dataclass(frozen=True, slots=True)
class DisposalInput:
    """How it ended, before whom, and what it brought in."""

    scrap: str
    method: DisposalMethod
    witness: str
    disposed_at: datetime
    buyer: str = ""
    agreement_number: str = ""
    income_fen: int = 0
    evidence: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        sold = self.method is DisposalMethod.AUCTION
        check.text("witness", self.witness, length_max=80)
        check.text("buyer", self.buyer, length_max=80, required=sold)
        check.text("agreement_number", self.agreement_number, length_max=80, required=sold)
        check.text("evidence", self.evidence, required=False)
        check.aware("disposed_at", self.disposed_at)
        check.whole("income_fen", self.income_fen, maximum=10**15)
        check.that(sold or not self.income_fen, "income_fen", "destroyed_for_money")
        check.done()
