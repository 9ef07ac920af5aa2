"""What an item is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from supplyops.kernel.checks import Checks
from supplyops.kernel.keeping import StorageClass

SKU_PATTERN = re.compile(r"[A-Z]\d{5}")
GB_CODE_PATTERN = re.compile(r"[123](0[1-9]|[1-9]\d){3}")
"""GB/T 38565-2020: four levels in seven digits; 99 at any level gathers the rest."""
MASS_MAX_G = 100_000_000
VOLUME_MAX_CM3 = 1_000_000_000


class GbMajor(StrEnum):
    """First level of GB/T 38565-2020."""

    BASIC_LIVING = "1"
    EQUIPMENT = "2"
    ENGINEERING = "3"


class Purpose(StrEnum):
    """Whom the goods serve, after the 14th five-year plan for emergency supplies."""

    RESCUE = "rescue"
    FORCES = "forces"
    PEOPLE = "people"


class LoadGroup(StrEnum):
    """Goods of one group may share a vehicle; which groups may not meet is a parameter of the plan."""

    GENERAL = "general"
    FOOD = "food"
    CHEMICAL = "chemical"
    FUEL = "fuel"


@dataclass(frozen=True, slots=True)
class NeedClassInput:
    """A rung of the ladder of urgency; rank 1 comes first, strictly."""

    code: str
    name: str
    rank: int

    def __post_init__(self) -> None:
        check = Checks()
        check.text("code", self.code, length_max=20)
        check.text("name", self.name, length_max=40)
        check.whole("rank", self.rank, minimum=1, maximum=20)
        check.done()


@dataclass(frozen=True, slots=True)
class ItemInput:
    """A kind of goods with one base unit. Mass and volume are of one base unit, packed."""

    sku: str
    name: str
    unit: str
    gb_major: GbMajor
    purpose: Purpose
    need_class: str
    unit_mass_g: int
    unit_volume_cm3: int
    name_en: str = ""
    spec: str = ""
    gb_code: str = ""
    hazard_tags: tuple[str, ...] = ()
    pack_quantity: int = 1
    pack_unit: str = ""
    is_splittable: bool = True
    shelf_life_days: int | None = None
    service_life_months: int | None = None
    storage_class: StorageClass = StorageClass.DRY
    is_recoverable: bool = False
    is_halal: bool = False
    load_group: LoadGroup = LoadGroup.GENERAL
    needs_warmth: bool = False
    needs_refrigeration: bool = False
    is_towed: bool = False
    is_serial_tracked: bool = False
    content_quantity: int = 1
    content_unit: str = ""
    reference_price_fen: int = 0
    standard: str = ""
    source_mark: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(SKU_PATTERN.fullmatch(self.sku) is not None, "sku", "bad_sku", value=self.sku[:40])
        check.text("name", self.name, length_max=60)
        check.text("unit", self.unit, length_max=10)
        check.text("need_class", self.need_class, length_max=20)
        if self.gb_code:
            check.that(
                GB_CODE_PATTERN.fullmatch(self.gb_code) is not None, "gb_code", "bad_gb_code", value=self.gb_code[:40]
            )
            check.that(self.gb_code[:1] == self.gb_major.value, "gb_code", "gb_major_differs", value=self.gb_code[:40])
        check.whole("unit_mass_g", self.unit_mass_g, minimum=1, maximum=MASS_MAX_G)
        check.whole("unit_volume_cm3", self.unit_volume_cm3, minimum=1, maximum=VOLUME_MAX_CM3)
        check.whole("pack_quantity", self.pack_quantity, minimum=1, maximum=1_000_000)
        check.whole("content_quantity", self.content_quantity, minimum=1)
        check.whole("reference_price_fen", self.reference_price_fen, maximum=10**12)
        for name in ("shelf_life_days", "service_life_months"):
            if getattr(self, name) is not None:
                check.whole(name, getattr(self, name), minimum=1, maximum=36_500)
        for name, length in (
            ("name_en", 80),
            ("spec", 80),
            ("pack_unit", 10),
            ("content_unit", 20),
            ("standard", 40),
            ("source_mark", 20),
            ("note", 200),
        ):
            check.text(name, getattr(self, name), length_max=length, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class SubstituteInput:
    """Another item may stand in: `substitute_quantity` of it serve as well as `item_quantity` of the one asked for."""

    sku: str
    substitute_sku: str
    item_quantity: int
    substitute_quantity: int
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(self.sku != self.substitute_sku, "substitute_sku", "own_substitute")
        check.whole("item_quantity", self.item_quantity, minimum=1, maximum=10_000)
        check.whole("substitute_quantity", self.substitute_quantity, minimum=1, maximum=10_000)
        check.text("note", self.note, required=False)
        check.done()
