"""What a kit is made of."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.kernel.checks import Checks

PART_MAX = 10_000


@dataclass(frozen=True, slots=True)
class KitPartInput:
    """So many units of an item in one kit; a row of the file of kits."""

    kit_sku: str
    part_sku: str
    quantity: int
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("kit_sku", self.kit_sku, length_max=6)
        check.text("part_sku", self.part_sku, length_max=6)
        check.that(self.kit_sku != self.part_sku, "part_sku", "own_part")
        check.whole("quantity", self.quantity, minimum=1, maximum=PART_MAX)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class PartInput:
    """So many units of an item, inside a kit."""

    sku: str
    quantity: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class KitInput:
    """Everything that is in one kit of an item."""

    sku: str
    parts: tuple[PartInput, ...]

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        check.that(bool(self.parts), "parts", "required")
        seen: set[str] = set()
        for place, part in enumerate(self.parts):
            check.text(f"parts.{place}.sku", part.sku, length_max=6)
            check.that(part.sku != self.sku, f"parts.{place}.sku", "own_part")
            check.that(part.sku not in seen, f"parts.{place}.sku", "repeated", value=part.sku[:40])
            check.whole(f"parts.{place}.quantity", part.quantity, minimum=1, maximum=PART_MAX)
            check.text(f"parts.{place}.note", part.note, required=False)
            seen.add(part.sku)
        check.done()
