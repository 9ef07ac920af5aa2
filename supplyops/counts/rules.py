"""What a count is: its kinds and steps, what is counted, what is too far off, who may decide about it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks

ENTRIES_MAX = 5_000


class CountKind(StrEnum):
    """盘点类型: 日常(循环)、季度、年终、专项."""

    CYCLE = "cycle"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    SPECIAL = "special"


FULL_KINDS = frozenset({CountKind.QUARTERLY, CountKind.ANNUAL})
"""Counts of everything that lies in a store; they are not narrowed."""


class CountState(StrEnum):
    """A count from the first figure to the entry in the books."""

    COUNTING = "counting"
    RECOUNTING = "recounting"
    SUBMITTED = "submitted"
    POSTED = "posted"
    CANCELLED = "cancelled"


OPEN_COUNT = frozenset({CountState.COUNTING, CountState.RECOUNTING, CountState.SUBMITTED})
BEING_COUNTED = frozenset({CountState.COUNTING, CountState.RECOUNTING})
"""While these last, a blind count shows nobody what the books say."""


class CountReason(StrEnum):
    """Why what was found is not what the books say."""

    RECEIVING = "receiving"
    ISSUING = "issuing"
    BOOKING = "booking"
    MISPLACED = "misplaced"
    UNRECORDED = "unrecorded"
    DAMAGE = "damage"
    SPOILAGE = "spoilage"
    NATURAL = "natural"
    THEFT = "theft"
    UNKNOWN = "unknown"
    OTHER = "other"


class GoodsQuality(StrEnum):
    """质量状况 of what was counted."""

    GOOD = "good"
    DAMAGED = "damaged"
    DAMP = "damp"
    MOULDY = "mouldy"
    EXPIRED = "expired"
    OTHER = "other"


class ValueClass(StrEnum):
    """A: the few goods that make up most of a store's value; C: the many that make up little."""

    A = "a"
    B = "b"
    C = "c"


@dataclass(frozen=True, slots=True)
class CountInput:
    """A count to be started. Empty lists do not narrow; a full count takes none of them."""

    kind: CountKind
    site_code: str
    witness: str = ""
    """User name of the second person (监盘人); `witness_name` for one without an account."""
    witness_name: str = ""
    counter: str = ""
    """User name of the first; empty is whoever starts the count."""
    is_blind: bool = True
    is_frozen: bool = False
    base_at: datetime | None = None
    zones: tuple[str, ...] = ()
    shelves: tuple[str, ...] = ()
    location_codes: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    value_classes: tuple[ValueClass, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("site_code", self.site_code, length_max=40)
        check.that(bool(self.witness.strip() or self.witness_name.strip()), "witness", "required")
        for name in ("witness", "witness_name", "counter"):
            check.text(name, getattr(self, name), length_max=40, required=False)
        if self.base_at is not None:
            check.aware("base_at", self.base_at)
        check.text("note", self.note, required=False)
        for name in ("zones", "shelves", "location_codes", "skus"):
            for place, text in enumerate(getattr(self, name)):
                check.text(f"{name}.{place}", text, length_max=60)
        check.that(self.kind not in FULL_KINDS or not self.is_narrowed, "kind", "full_count_narrowed")
        check.done()

    @property
    def is_narrowed(self) -> bool:
        """Does it leave anything of the store out?"""
        return bool(self.zones or self.shelves or self.location_codes or self.skus or self.value_classes)


@dataclass(frozen=True, slots=True)
class EntryInput:
    """What was found of one line of the sheet, and when; empty is now."""

    line_no: int
    quantity: int
    quality: GoodsQuality = GoodsQuality.GOOD
    note: str = ""
    counted_at: datetime | None = None

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with it under `at`."""
        check.whole(f"{at}line_no", self.line_no, minimum=1)
        check.whole(f"{at}quantity", self.quantity)
        check.text(f"{at}note", self.note, length_max=120, required=False)
        if self.counted_at is not None:
            check.aware(f"{at}counted_at", self.counted_at)


@dataclass(frozen=True, slots=True)
class EntriesInput:
    """Figures from the shelves, some lines at a time."""

    entries: tuple[EntryInput, ...]

    def __post_init__(self) -> None:
        check = Checks()
        check.that(bool(self.entries), "entries", "required")
        check.that(
            len(self.entries) <= ENTRIES_MAX, "entries", "too_many", count=len(self.entries), maximum=ENTRIES_MAX
        )
        first: dict[int, int] = {}
        for place, entry in enumerate(self.entries):
            entry.check(check, f"entries.{place}.")
            known = first.setdefault(entry.line_no, place)
            check.that(known == place, f"entries.{place}.line_no", "repeated", value=str(entry.line_no), first=known)
        check.done()


@dataclass(frozen=True, slots=True)
class FoundInput:
    """Goods that are on no line of the sheet. With a lot's number they belong to it; without one they become a lot."""

    location_code: str
    sku: str
    quantity: int
    lot_number: str = ""
    owner_code: str = ""
    """Empty is the body that keeps the store."""
    produced_on: date | None = None
    expires_on: date | None = None
    unit_price_fen: int = 0
    manufacturer: str = ""
    maker_batch: str = ""
    quality: GoodsQuality = GoodsQuality.GOOD
    note: str = ""
    counted_at: datetime | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("location_code", self.location_code, length_max=60)
        check.text("sku", self.sku, length_max=6)
        check.whole("quantity", self.quantity, minimum=1)
        for name in ("lot_number", "owner_code", "maker_batch"):
            check.text(name, getattr(self, name), length_max=40, required=False)
        check.text("manufacturer", self.manufacturer, length_max=80, required=False)
        check.text("note", self.note, length_max=120, required=False)
        check.ordered("expires_on", self.produced_on, self.expires_on, "expires_before_made")
        check.whole("unit_price_fen", self.unit_price_fen, maximum=10**12)
        if self.counted_at is not None:
            check.aware("counted_at", self.counted_at)
        check.done()


@dataclass(frozen=True, slots=True)
class ExplanationInput:
    """Why one line differs."""

    line_no: int
    reason: CountReason
    note: str = ""

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with it under `at`."""
        check.whole(f"{at}line_no", self.line_no, minimum=1)
        check.text(f"{at}note", self.note, length_max=120, required=self.reason is CountReason.OTHER)


@dataclass(frozen=True, slots=True)
class ExplanationsInput:
    """Why lines differ."""

    lines: tuple[ExplanationInput, ...]

    def __post_init__(self) -> None:
        check = Checks()
        check.that(bool(self.lines), "lines", "required")
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
        check.done()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far off a line may be before somebody else counts it again: the larger of the two."""

    permille: int = 0
    absolute: int = 0

    def is_exceeded(self, difference: int, book: int) -> bool:
        """Is this too far off what the books say?"""
        return abs(difference) > max(self.absolute, book * self.permille // 1000)


DEFAULT = "default"
_TOLERANCE = re.compile(r"([a-z_0-9-]{1,20}) *= *([0-9]{1,9})(‰|permille)?")
TOLERANCE_SHAPE = r"{0}( *, *{0})*".format(r"[a-z_0-9-]{1,20} *= *[0-9]{1,9}(‰|permille)?")


def tolerances(text: str) -> dict[str, Tolerance]:
    """`default=0, food=5‰, household=2` by need class; a class may have both kinds."""
    found: dict[str, Tolerance] = {}
    for name, figure, permille in _TOLERANCE.findall(text):
        before = found.get(name, Tolerance())
        found[name] = Tolerance(int(figure), before.absolute) if permille else Tolerance(before.permille, int(figure))
    return found


def tolerance_of(known: Mapping[str, Tolerance], need_class: str) -> Tolerance:
    """The tolerance of a class, or the one for all others."""
    return known.get(need_class, known.get(DEFAULT, Tolerance()))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A line as the decision weighs it."""

    item_id: UUID
    book: int
    difference: int
    unit_price_fen: int


class ApprovalBasis(StrEnum):
    """What a difference is a share of: of the item that is furthest off, or of everything counted by value."""

    ITEM = "item"
    TOTAL = "total"


def share_permille(lines: Iterable[Weighed], basis: ApprovalBasis) -> int:
    """How large the differences are, in thousandths, rounded up. Surplus and shortage add up, they do not cancel out.

    By item: the item that is furthest off, by quantity. By total: value, or quantity where nothing has a price.
    Goods the books do not know at all count as the whole.
    """
    weighed = list(lines)
    if basis is ApprovalBasis.ITEM:
        off: dict[UUID, int] = defaultdict(int)
        book: dict[UUID, int] = defaultdict(int)
        for line in weighed:
            off[line.item_id] += abs(line.difference)
            book[line.item_id] += line.book
        return max((_permille(off[item], book[item]) for item in off), default=0)
    is_priced = any(line.unit_price_fen for line in weighed)
    price = {id(line): line.unit_price_fen if is_priced else 1 for line in weighed}
    return _permille(
        sum(abs(line.difference) * price[id(line)] for line in weighed),
        sum(line.book * price[id(line)] for line in weighed),
    )


def _permille(part: int, whole: int) -> int:
    if part == 0:
        return 0
    return -(-part * 1000 // whole) if whole else 1000


def value_classes(values: Mapping[UUID, int], limits: tuple[int, int]) -> dict[UUID, ValueClass]:
    """Item -> A, B or C: the most valuable goods until `limits[0]` thousandths of all value, then until `limits[1]`, the rest."""
    total = sum(values.values())
    found: dict[UUID, ValueClass] = {}
    before = 0
    for item, value in sorted(values.items(), key=lambda entry: (-entry[1], entry[0])):
        part = before * 1000 // total if total else 1000
        found[item] = ValueClass.A if part < limits[0] else ValueClass.B if part < limits[1] else ValueClass.C
        before += value
    return found


def month_later(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")
