"""How an item is packed: its base unit and, above it, the packages that hold it, each a whole number of the one below."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.quantity import QUANTITY_MAX

PACKAGE = "件"
"""What a package is called that has no name of its own."""
PALLET = "托"
"""The rung that pallet places are counted in."""
_PART = re.compile(r"(?P<count>\d{1,12})\s*(?P<unit>[^\d\s+,，、]*)\s*[+,，、]?\s*")


@dataclass(frozen=True, slots=True)
class PackInput:
    """One rung above an item's own package: a carton, a pallet. `contains` is in base units; mass and volume of one, full."""

    sku: str
    unit: str
    contains: int
    mass_g: int | None = None
    volume_cm3: int | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        check.text("unit", self.unit, length_max=10)
        check.that(not re.search(r"[\d\s+]", self.unit), "unit", "bad_pack_unit", value=self.unit[:40])
        check.whole("contains", self.contains, minimum=2, maximum=QUANTITY_MAX)
        for name in ("mass_g", "volume_cm3"):
            if getattr(self, name) is not None:
                check.whole(name, getattr(self, name), minimum=1, maximum=10**12)
        check.done()


@dataclass(frozen=True, slots=True)
class RungInput:
    """One rung, inside a ladder."""

    unit: str
    contains: int
    mass_g: int | None = None
    volume_cm3: int | None = None


@dataclass(frozen=True, slots=True)
class LadderInput:
    """Every rung above an item's own package; none for an item that travels in single packages."""

    sku: str
    rungs: tuple[RungInput, ...] = ()

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        for place, rung in enumerate(self.rungs):
            try:
                PackInput(self.sku, rung.unit, rung.contains, rung.mass_g, rung.volume_cm3)
            except InvalidInput as error:
                check.include(f"rungs.{place}.", error)
        check.done()


@dataclass(frozen=True, slots=True)
class Rung:
    """A package and how many base units it holds; mass and volume where they were measured."""

    unit: str
    contains: int
    mass_g: int | None = None
    volume_cm3: int | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """An item's base unit and its packages, the smallest first."""

    unit: str
    rungs: tuple[Rung, ...]

    @property
    def per_pallet(self) -> int | None:
        """Base units on a pallet, where the item has such a rung."""
        return next((rung.contains for rung in self.rungs if rung.unit.startswith(PALLET)), None)

    def split(self, quantity: int, rungs: Sequence[Rung] | None = None) -> list[tuple[int, str]]:
        """A quantity in as few packages as possible, the largest first; what fills no package stays in base units."""
        parts, left = [], quantity
        for rung in sorted(self.rungs if rungs is None else rungs, key=lambda each: -each.contains):
            count, left = divmod(left, rung.contains)
            if count:
                parts.append((count, rung.unit))
        return [*parts, (left, self.unit)] if left or not parts else parts

    def packed(self, quantity: int) -> tuple[str, ...]:
        """The same quantity in packages, rung by rung: `34 箱`, `1 托 + 4 箱`. Rungs that it does not fill say nothing."""
        said = []
        for place, rung in enumerate(self.rungs, start=1):
            if quantity >= rung.contains:
                parts = self.split(quantity, self.rungs[:place])
                said.append(" + ".join(f"{count:,} {unit}" for count, unit in parts))
        return tuple(said)

    def says(self, quantity: int) -> str:
        """A quantity both ways: `340 顶 = 34 箱 = 1 托 + 4 箱`."""
        return " = ".join((f"{quantity:,} {self.unit}", *self.packed(quantity)))

    def both_ways(self, quantity: int | None) -> str:
        """`240 条 = 12 箱`, for the line of a paper; nothing where the quantity is not known or fills no package."""
        return self.says(quantity) if quantity is not None and self.packed(quantity) else ""

    def told(self) -> str:
        """What the packages hold, without a quantity: `1 箱 = 20 条,1 托 = 160 条`."""
        return ",".join(f"1 {rung.unit} = {rung.contains:,} {self.unit}" for rung in self.rungs)

    def read(self, text: str, field: str = "quantity") -> int:
        """Base units of a quantity written in packages: `34箱`, `1托4箱`, `1托+4箱+3`. Exact; a bare number is base units.

        Raises InvalidInput under `field` for what is no quantity, or for a unit that the item is not packed in.
        """
        bare = unicodedata.normalize("NFKC", text).strip()
        sizes = {self.unit: 1, "": 1, **{rung.unit: rung.contains for rung in self.rungs}}
        total, at = 0, 0
        while at < len(bare):
            part = _PART.match(bare, at)
            if part is None:
                raise InvalidInput(fields=(FieldError(field, "not_a_quantity", {"value": text[:40]}),))
            unit = part["unit"]
            if unit not in sizes:
                units = "、".join(name for name in sizes if name)
                raise InvalidInput(fields=(FieldError(field, "unknown_pack", {"value": unit[:20], "units": units}),))
            total, at = total + int(part["count"]) * sizes[unit], part.end()
        if not bare:
            raise InvalidInput(fields=(FieldError(field, "required"),))
        return total


def ladder_of(unit: str, pack_quantity: int, pack_unit: str, rungs: Sequence[Rung]) -> Ladder:
    """An item's ladder: its own package, where that holds more than one, is the lowest rung."""
    own = [Rung(pack_unit or PACKAGE, pack_quantity)] if pack_quantity > 1 else []
    return Ladder(unit, tuple(sorted([*own, *rungs], key=lambda rung: rung.contains)))


def faults(ladder: Ladder) -> list[tuple[str, str, dict[str, object]]]:
    """What is wrong with a ladder, as (unit, code, params): each package holds a whole number of the next smaller one."""
    found: list[tuple[str, str, dict[str, object]]] = []
    seen = {ladder.unit}
    below = Rung(ladder.unit, 1)
    for rung in ladder.rungs:
        if rung.unit in seen:
            found.append((rung.unit, "pack_unit_taken", {"value": rung.unit}))
        if rung.contains % below.contains or rung.contains == below.contains:
            params: dict[str, object] = {"value": rung.contains, "below": below.unit, "contains": below.contains}
            found.append((rung.unit, "pack_not_multiple", params))
        seen.add(rung.unit)
        below = rung
    return found
