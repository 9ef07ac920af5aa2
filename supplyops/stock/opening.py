"""Opening the books: stock that was there before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.database.registry import CHUNK, References, Saved, refuse_repeats
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import next_number
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, command, query, unscoped
from supplyops.stock import ledger
from supplyops.stock.lots import make_lot
from supplyops.stock.rules import (
    LEGS_MAX,
    Leg,
    LotInput,
    MoveReason,
    OpeningInput,
    Posting,
    StockDocumentKind,
    StockDocumentState,
    expiry_of,
)
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockMove

_Opposite = aliased(StockMove)


@command(Permission.STOCK_OPEN)
def open_stock(ctx: Context, inputs: Sequence[OpeningInput]) -> Saved:
    """Take opening balances into the books, one document per site, and one for a site's exercise goods. Every row names its lot.

    A lot that lies in several places has a row for each, which say the same of it. A row already in the books with the same
    content is left alone; a lot number taken by other content is refused, and so is a further place for a lot in the books:
    most likely it is a correction, and would count the goods twice. A lot whose opening was reversed is opened anew.
    """
    refuse_repeats([(item.lot.lot_number, item.location_code) for item in inputs], "lot_number")
    _refuse_two_minds(inputs)
    places = References(ctx.session, Location, [item.location_code for item in inputs])
    items = References(ctx.session, Item, [item.lot.sku for item in inputs], column="sku")
    owners = References(ctx.session, Organisation, [item.lot.owner_code for item in inputs])
    for row, item in enumerate(inputs):
        places.find(row, "location_code", item.location_code)
        items.find(row, "sku", item.lot.sku)
        owners.find(row, "owner_code", item.lot.owner_code)
    places.done(items, owners)
    _refuse_to_come(ctx, inputs)
    sites = _sites(ctx, [places[item.location_code] for item in inputs])
    known = _known(ctx, [item.lot.lot_number for item in inputs])
    taken = _taken(ctx, [item.lot.lot_number for item in inputs])
    made = _emptied(ctx, taken - {number for number, _ in known})
    fresh: list[tuple[Site, bool, int, OpeningInput]] = []
    errors: list[FieldError] = []
    for row, item in enumerate(inputs):
        number = item.lot.lot_number
        if not number:
            errors.append(FieldError(f"{row}.lot_number", "required"))
        elif number not in taken or (
            number in made and _is_lot(made[number], item.lot, items[item.lot.sku], owners[item.lot.owner_code])
        ):
            fresh.append((sites[places[item.location_code].id], item.lot.is_exercise, row, item))
        elif not _same(known.get((number, item.location_code)), item, items[item.lot.sku], owners[item.lot.owner_code]):
            errors.append(FieldError(f"{row}.lot_number", "lot_exists", {"value": number}))
    if errors:
        raise InvalidInput(fields=tuple(errors))
    fresh.sort(key=lambda entry: (entry[0].code, *entry[1:3]))
    for (site, _), rows in groupby(fresh, key=lambda entry: entry[:2]):
        _open_site(ctx, site, [row[-1] for row in rows], places, items, owners, made)
    return Saved(len(fresh), 0, len(inputs) - len(fresh))


def _refuse_two_minds(inputs: Sequence[OpeningInput]) -> None:
    """The rows of one lot differ in place and quantity only."""
    check = Checks()
    first: dict[str, tuple[int, LotInput]] = {}
    for row, item in enumerate(inputs):
        place, said = first.setdefault(item.lot.lot_number, (row, item.lot))
        check.that(said == item.lot, f"{row}.lot_number", "lot_of_two_minds", value=item.lot.lot_number, first=place)
    check.done()


def _refuse_to_come(ctx: Context, inputs: Sequence[OpeningInput]) -> None:
    """What lies there was made and stored by today."""
    today = business_day(ctx.now)
    check = Checks()
    for row, item in enumerate(inputs):
        made, stored = item.lot.produced_on, item.lot.stored_on
        check.that(made is None or made <= today, f"{row}.produced_on", "made_later", made=str(made), came="今天")
        check.that(stored is None or stored <= today, f"{row}.stored_on", "in_the_future")
    check.done()


@query(Permission.STOCK_SEE)
def openings(ctx: Context) -> list[OpeningInput]:
    """The opening balances in reach as they were taken into the books, by lot number and place."""
    statement = (
        select(Lot, StockMove.quantity, Item.sku, Organisation.code, Location.code)
        .join(StockMove, StockMove.lot_id == Lot.id)
        .join(Item, Item.id == Lot.item_id)
        .join(Organisation, Organisation.id == Lot.owner_id)
        .join(Location, Location.id == StockMove.target_id)
        .where(Lot.document_kind == "opening", _opened())
        .order_by(Lot.number, Location.code)
    )
    return [
        OpeningInput(
            LotInput(
                sku,
                owner_code,
                lot.fund_source,
                lot.number,
                **{name: getattr(lot, name) for name in _KEPT},
            ),
            location_code,
            quantity,
        )
        for lot, quantity, sku, owner_code, location_code in ctx.session.execute(also_showing(statement, Location))
    ]


_KEPT = (
    "produced_on",
    "expires_on",
    "unit_price_fen",
    "manufacturer",
    "maker_batch",
    "restriction",
    "restricted_area",
    "source_mark",
    "is_exercise",
    "stored_on",
)
"""What a lot's row keeps under the names of its input."""


def _sites(ctx: Context, places: Sequence[Location]) -> dict[UUID, Site]:
    """location id -> its site, each checked for the right to open stock there."""
    wanted = {place.site_id for place in places}
    sites = {
        site.id: site
        for site in ctx.session.scalars(unscoped(select(Site).where(Site.id.in_(wanted)), "checked one by one below"))
    }
    for site in sites.values():
        ctx.require(Permission.STOCK_OPEN, site.organisation_id)
    return {place.id: sites[place.site_id] for place in places if place.site_id is not None}


def _known(ctx: Context, numbers: Sequence[str]) -> dict[tuple[str, str], tuple[Lot, int]]:
    """(lot number, location code) of what was opened before -> the lot, and how much of it."""
    found: dict[tuple[str, str], tuple[Lot, int]] = {}
    for start in range(0, len(numbers), CHUNK):
        statement = (
            select(Lot, Location.code, StockMove.quantity)
            .join(StockMove, StockMove.lot_id == Lot.id)
            .join(Location, Location.id == StockMove.target_id)
            .where(
                Lot.number.in_(numbers[start : start + CHUNK]),
                Lot.document_kind == "opening",
                _opened(),
            )
        )
        found.update(((lot.number, code), (lot, amount)) for lot, code, amount in ctx.session.execute(statement))
    return found


def _opened() -> ColumnElement[bool]:
    """Moves by which stock was opened and that were not taken back."""
    undone = select(_Opposite.seq).where(_Opposite.reverses_id == StockMove.posting_id).exists()
    return and_(StockMove.reason == MoveReason.OPENING, StockMove.reverses_id.is_(None), ~undone)


def _emptied(ctx: Context, numbers: Collection[str]) -> dict[str, Lot]:
    """Those of the numbers whose lots were opened and taken back."""
    wanted, found = sorted(numbers), dict[str, Lot]()
    for start in range(0, len(wanted), CHUNK):
        here = select(StockBalance.lot_id).where(StockBalance.lot_id == Lot.id).exists()  # none of another body's
        statement = select(Lot).where(
            Lot.number.in_(wanted[start : start + CHUNK]), Lot.document_kind == "opening", here
        )
        found.update((lot.number, lot) for lot in ctx.session.scalars(statement))
    return found


def _taken(ctx: Context, numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that some lot has, in reach or not."""
    found: set[str] = set()
    for start in range(0, len(numbers), CHUNK):
        statement = select(Lot.number).where(Lot.number.in_(numbers[start : start + CHUNK]))
        found.update(ctx.session.scalars(unscoped(statement, "a number is taken wherever its lot lies")))
    return found


def _same(before: tuple[Lot, int] | None, item: OpeningInput, goods: Item, owner: Organisation) -> bool:
    return before is not None and before[1] == item.quantity and _is_lot(before[0], item.lot, goods, owner)


def _is_lot(lot: Lot, wanted: LotInput, goods: Item, owner: Organisation) -> bool:
    dated = replace(wanted, expires_on=wanted.expires_on or expiry_of(wanted.produced_on, goods.shelf_life_days))
    own = (lot.item_id, lot.owner_id, lot.fund_source)
    return own == (goods.id, owner.id, wanted.fund_source) and all(
        getattr(lot, name) == getattr(dated, name) for name in _KEPT
    )


def _open_site(
    ctx: Context,
    site: Site,
    inputs: Sequence[OpeningInput],
    places: References[Location],
    items: References[Item],
    owners: References[Organisation],
    made: dict[str, Lot],
) -> None:
    """The opening document of a site. `made` has by number the lots that there are already, and takes those that are made for it."""
    document_id = ctx.new_id()
    document = DocumentRef(
        "opening", document_id, f"QC-{site.code}-{next_number(ctx, 'opening', site.code, 'all'):04d}"
    )
    ctx.session.add(
        StockDocument(
            id=document_id,
            number=document.number,
            kind=StockDocumentKind.OPENING,
            state=StockDocumentState.POSTED,
            organisation_id=site.organisation_id,
            site_id=site.id,
            incident_id=None,
            counterpart="",
            details={"rows": len(inputs)},
            occurred_at=ctx.now,
            is_late=False,
            created_at=ctx.now,
            created_by_id=ctx.principal.user_id,
            reversed_at=None,
        )
    )
    opening = virtual_location_id(LocationKind.OPENING)
    legs = []
    for item in inputs:
        lot = made.get(item.lot.lot_number)
        if lot is None:
            goods, owner = items[item.lot.sku], owners[item.lot.owner_code]
            lot = made[item.lot.lot_number] = make_lot(ctx, goods, owner, item.lot, document, is_number_free=True)
        legs.append(Leg(lot.id, opening, places[item.location_code].id, item.quantity))
    ctx.session.flush()  # the moves refer to the lots
    for start in range(0, len(legs), LEGS_MAX):
        part = tuple(legs[start : start + LEGS_MAX])
        ledger.post(
            ctx, Posting(derived_id("opening", document_id, start), MoveReason.OPENING, part, document, ctx.now)
        )
