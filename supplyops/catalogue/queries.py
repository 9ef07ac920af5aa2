"""Reading the catalogue."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.packs import Ladder, Rung, ladder_of
from supplyops.catalogue.rules import GbMajor, LoadGroup, Purpose
from supplyops.catalogue.tables import Item, KitPart, NeedClass, Pack, Substitute
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.kernel.keeping import StorageClass
from supplyops.runtime import Context, query


@dataclass(frozen=True, slots=True)
class NeedClassRow:
    """A rung of the ladder of urgency."""

    code: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A kind of goods."""

    id: UUID
    sku: str
    name: str
    name_en: str
    spec: str
    unit: str
    gb_major: GbMajor
    gb_code: str
    purpose: Purpose
    need_class: str
    hazard_tags: tuple[str, ...]
    pack_quantity: int
    pack_unit: str
    is_splittable: bool
    unit_mass_g: int
    unit_volume_cm3: int
    shelf_life_days: int | None
    service_life_months: int | None
    storage_class: StorageClass
    is_recoverable: bool
    is_halal: bool
    load_group: LoadGroup
    needs_warmth: bool
    needs_refrigeration: bool
    is_towed: bool
    is_serial_tracked: bool
    content_quantity: int
    content_unit: str
    reference_price_fen: int
    standard: str
    source_mark: str
    note: str
    first_moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class PackRow:
    """A rung of an item's ladder of packages."""

    sku: str
    unit: str
    contains: int
    mass_g: int | None
    volume_cm3: int | None


@dataclass(frozen=True, slots=True)
class KitPartRow:
    """So many units of an item in one kit."""

    kit_sku: str
    kit_name: str
    sku: str
    item_name: str
    unit: str
    quantity: int
    note: str

    @property
    def part_sku(self) -> str:
        """The part's code, as files call it."""
        return self.sku


@dataclass(frozen=True, slots=True)
class SubstituteRow:
    """Which item may stand in for which, and how much of it."""

    sku: str
    substitute_sku: str
    item_quantity: int
    substitute_quantity: int
    note: str


def item_row(item: Item) -> ItemRow:
    """A table row as a plain value."""
    values = {name: getattr(item, name) for name in ItemRow.__dataclass_fields__}
    return ItemRow(**values | {"hazard_tags": tuple(item.hazard_tags)})


@query(Permission.SIGNED_IN)
def need_classes(ctx: Context) -> list[NeedClassRow]:
    """The ladder of urgency, first rung first."""
    return [
        NeedClassRow(row.code, row.name, row.rank)
        for row in ctx.session.scalars(select(NeedClass).order_by(NeedClass.rank))
    ]


@query(Permission.SIGNED_IN)
def items(ctx: Context, text: str = "") -> list[ItemRow]:
    """Items whose code, name, pinyin or initials contain `text`, by sku."""
    statement = select(Item).order_by(Item.sku)
    if text:
        folded = text.strip().lower()
        statement = statement.where(
            or_(
                Item.name.contains(text.strip(), autoescape=True),
                Item.sku.contains(text.strip().upper(), autoescape=True),
                Item.pinyin.contains(folded, autoescape=True),
                Item.initials.contains(folded, autoescape=True),
                Item.gb_code.startswith(folded, autoescape=True),
            )
        )
    return [item_row(row) for row in ctx.session.scalars(statement)]


@query(Permission.SIGNED_IN)
def item(ctx: Context, sku: str) -> ItemRow:
    """One item by sku."""
    row = ctx.session.scalars(select(Item).where(Item.sku == sku)).one_or_none()
    if row is None:
        raise NotFound("item", sku=sku)
    return item_row(row)


@query(Permission.SIGNED_IN)
def packs(ctx: Context, sku: str = "") -> list[PackRow]:
    """Rungs above items' own packages, of one item or of all, the smallest first."""
    statement = select(Item.sku, Pack).join(Item, Item.id == Pack.item_id).order_by(Item.sku, Pack.contains)
    if sku:
        statement = statement.where(Item.sku == sku)
    rows = ctx.session.execute(statement)
    return [PackRow(code, row.unit, row.contains, row.mass_g, row.volume_cm3) for code, row in rows]


@query(Permission.SIGNED_IN)
def ladders(ctx: Context) -> dict[str, Ladder]:
    """How every item is packed, by sku."""
    rungs: dict[str, list[Rung]] = defaultdict(list)
    for row in packs(ctx):
        rungs[row.sku].append(Rung(row.unit, row.contains, row.mass_g, row.volume_cm3))
    items_ = ctx.session.execute(select(Item.sku, Item.unit, Item.pack_quantity, Item.pack_unit))
    return {row.sku: ladder_of(row.unit, row.pack_quantity, row.pack_unit, rungs[row.sku]) for row in items_}


@query(Permission.SIGNED_IN)
def kit_parts(ctx: Context, sku: str = "") -> list[KitPartRow]:
    """What kits are made of, of one kit or of all, by kit and part."""
    part = aliased(Item)
    statement = (
        select(Item.sku, Item.name, part.sku, part.name, part.unit, KitPart.quantity, KitPart.note)
        .join(Item, Item.id == KitPart.kit_id)
        .join(part, part.id == KitPart.part_id)
        .order_by(Item.sku, part.sku)
    )
    if sku:
        statement = statement.where(Item.sku == sku)
    return [KitPartRow(*row) for row in ctx.session.execute(statement)]


@query(Permission.SIGNED_IN)
def substitutes(ctx: Context) -> list[SubstituteRow]:
    """Every substitution that is allowed."""
    other = aliased(Item)
    rows = ctx.session.execute(
        select(Item.sku, other.sku, Substitute.item_quantity, Substitute.substitute_quantity, Substitute.note)
        .join(Item, Item.id == Substitute.item_id)
        .join(other, other.id == Substitute.substitute_id)
        .order_by(Item.sku, other.sku)
    )
    return [SubstituteRow(*row) for row in rows]
