"""Building and breaking kits. Parts go into conversion and kits come out, or the other way; owner and fund source stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.queries import kit_parts
from supplyops.catalogue.tables import Item
from supplyops.database.registry import References
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.kits import papers
from supplyops.kits.parts import candidates_for
from supplyops.kits.rules import Batch, KitBreakInput, KitBuildInput, KitWorkKind, KitWorkState, batches, earliest
from supplyops.kits.tables import KitContent, KitWork, KitWorkLine
from supplyops.papers.commands import next_slip_number, void
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.freezing import passing_over
from supplyops.stock.lots import make_lot
from supplyops.stock.rules import Leg, LotInput, MoveReason, Pick, Posting, free_at, pick
from supplyops.stock.tables import Lot

FORM = "kit_note"
Taken = tuple[UUID, UUID, int]
"""Lot, place, quantity."""


@command(Permission.STOCK_MOVE)
def build_kits(ctx: Context, wanted: KitBuildInput) -> UUID:
    """Put kits together at one store. Kits of equal contents are one lot, good until its first part expires.

    Raises InvalidInput for an item that is no kit; Conflict `kit_parts_missing` where a part does not do.
    """
    site = _site(ctx, wanted.site_code)
    owner = _owner(ctx, wanted.owner_code)
    kits = References(ctx.session, Item, [wanted.sku], column="sku")
    kits.find("0", "sku", wanted.sku)
    kits.done()
    kit = kits[wanted.sku]
    shelf = _shelf(ctx, site.id, wanted.location_code, "location_code")
    picked = _picked(ctx, site, owner, wanted)
    made = batches(wanted.quantity, [(per_kit, picks) for _, per_kit, picks in picked])
    work = _work(ctx, KitWorkKind.BUILD, site, owner.id, wanted.fund_source, kit, wanted.quantity, wanted.note)
    reference = _reference(work)
    lots = {lot.id: lot for lot in ctx.session.scalars(select(Lot).where(Lot.id.in_(_lot_ids(made))))}
    into: list[Taken] = []
    for batch in made:
        lot = _kit_lot(ctx, kit, owner, wanted.fund_source, batch, lots, reference)
        into.append((lot.id, shelf.id, batch.quantity))
    out = _merged([(each.lot_id, each.location_id, each.quantity) for _, _, picks in picked for each in picks])
    _post(ctx, work, out, into)
    return work.id


def _picked(
    ctx: Context, site: Site, owner: Organisation, wanted: KitBuildInput
) -> list[tuple[Item, int, Sequence[Pick]]]:
    """Every part with what of it is in a kit and which lots it is taken from."""
    parts = kit_parts(ctx, wanted.sku)
    if not parts:
        raise InvalidInput(fields=(FieldError("sku", "not_a_kit", {"value": wanted.sku}),))
    items = {item.sku: item for item in ctx.session.scalars(select(Item).where(Item.sku.in_([p.sku for p in parts])))}
    today = business_day(ctx.now)
    found: list[tuple[Item, int, Sequence[Pick]]] = []
    missing: list[str] = []
    for part in parts:
        item, needed = items[part.sku], part.quantity * wanted.quantity
        lying = candidates_for(ctx, site.id, owner.id, wanted.fund_source, item.id)
        candidates, _ = passing_over(ctx, lying, needed, today)
        free = free_at(candidates, today)
        if free < needed:
            missing.append(f"{item.name} {free:,}/{needed:,} {item.unit}")
            continue
        found.append((item, part.quantity, pick(candidates, needed, today)))
    if missing:
        raise Conflict("kit_parts_missing", parts=";".join(missing), fund=wanted.fund_source)
    return found


def _kit_lot(
    ctx: Context,
    kit: Item,
    owner: Organisation,
    fund_source: str,
    batch: Batch,
    lots: Mapping[UUID, Lot],
    reference: DocumentRef,
) -> Lot:
    """The lot of one batch, with what is in it written down."""
    parts = [(lots[lot_id], amount) for lot_id, amount in sorted(batch.contents.items())]
    price = sum(part.unit_price_fen * amount for part, amount in parts)
    lot = make_lot(
        ctx,
        kit,
        owner,
        LotInput(
            kit.sku,
            owner.code,
            fund_source,
            expires_on=earliest([part.expires_on for part, _ in parts]),
            unit_price_fen=price,
        ),
        reference,
    )
    ctx.session.flush()  # contents and lines refer to it
    for part, amount in parts:
        ctx.session.add(KitContent(kit_lot_id=lot.id, part_lot_id=part.id, quantity=amount))
    return lot


@command(Permission.STOCK_MOVE)
def break_kits(ctx: Context, wanted: KitBreakInput) -> UUID:
    """Take kits of a lot apart: each part goes back to the very lot it came from.

    Raises InvalidInput for a lot whose parts are not known, because it was not built here; InsufficientStock.
    """
    places = References(ctx.session, Location, [wanted.location_code, wanted.to_code])
    lots = References(ctx.session, Lot, [wanted.lot_number], column="number")
    place = places.find("0", "location_code", wanted.location_code)
    lot = lots.find("0", "lot_number", wanted.lot_number)
    target = places.find("0", "to_code", wanted.to_code) if wanted.to_code else place
    places.done(lots)
    assert place is not None
    assert lot is not None
    assert target is not None
    site = _site_of(ctx, place, "location_code")
    if target.site_id != site.id:
        raise InvalidInput(fields=(FieldError("to_code", "other_site", {"value": target.code}),))
    contents = ctx.session.scalars(
        select(KitContent).where(KitContent.kit_lot_id == lot.id).order_by(KitContent.part_lot_id)
    ).all()
    if not contents:
        raise InvalidInput(fields=(FieldError("lot_number", "kit_parts_unknown", {"value": lot.number}),))
    kit = ctx.session.get(Item, lot.item_id)
    assert kit is not None
    work = _work(ctx, KitWorkKind.BREAK, site, lot.owner_id, lot.fund_source, kit, wanted.quantity, wanted.because)
    back = [(each.part_lot_id, target.id, each.quantity * wanted.quantity) for each in contents]
    _post(ctx, work, [(lot.id, place.id, wanted.quantity)], back)
    return work.id


@command(Permission.STOCK_REVERSE)
def reverse_kit_work(ctx: Context, work_id: UUID, because: str) -> None:
    """Take back building or breaking by opposite entries; refused when the goods have moved on. Its paper no longer holds."""
    work = ctx.get(KitWork, work_id, lock=True)
    ctx.require(Permission.STOCK_REVERSE, work.organisation_id)
    if not because.strip():
        raise InvalidInput(fields=(FieldError("because", "required"),))
    if work.state is KitWorkState.REVERSED:
        raise WrongState("kit_work", work.state.value, KitWorkState.POSTED.value)
    posting = derived_id("kit_work", work.id)
    ledger.reverse(ctx, posting, derived_id("reverse", posting), because)
    work.state, work.reversed_at = KitWorkState.REVERSED, ctx.now
    void(ctx, work.id, because)
    ctx.about("kit_work", work.id, work.number)


def _post(ctx: Context, work: KitWork, out: Sequence[Taken], into: Sequence[Taken]) -> None:
    """Write the lines down, move the goods through conversion, issue the paper."""
    conversion = virtual_location_id(LocationKind.CONVERSION)
    for line_no, (lot_id, place_id, quantity) in enumerate((*out, *into), start=1):
        ctx.session.add(
            KitWorkLine(
                id=ctx.new_id(), kit_work_id=work.id, line_no=line_no, lot_id=lot_id, location_id=place_id, quantity=quantity
            )
        )  # fmt: skip
    legs = [Leg(lot_id, place_id, conversion, quantity) for lot_id, place_id, quantity in out]
    legs += [Leg(lot_id, conversion, place_id, quantity) for lot_id, place_id, quantity in into]
    posting = Posting(
        derived_id("kit_work", work.id), MoveReason.CONVERSION, tuple(legs), _reference(work), ctx.now, note=work.note
    )
    ledger.post(ctx, posting)
    papers.issue_kit_note(ctx, work)
    ctx.about("kit_work", work.id, work.number)


def _work(
    ctx: Context, kind: KitWorkKind, site: Site, owner_id: UUID, fund_source: str, kit: Item, quantity: int, note: str
) -> KitWork:
    row = KitWork(
        id=ctx.new_id(),
        number=next_slip_number(ctx, FORM, site.area_code),
        kind=kind,
        state=KitWorkState.POSTED,
        organisation_id=site.organisation_id,
        site_id=site.id,
        owner_id=owner_id,
        fund_source=fund_source,
        item_id=kit.id,
        quantity=quantity,
        note=note,
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        reversed_at=None,
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    return row


def _reference(work: KitWork) -> DocumentRef:
    return DocumentRef("kit_work", work.id, work.number)


def _site(ctx: Context, code: str) -> Site:
    site = ctx.session.scalars(select(Site).where(Site.code == code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": code}),))
    ctx.require(Permission.STOCK_MOVE, site.organisation_id)
    return site


def _site_of(ctx: Context, place: Location, field: str) -> Site:
    """The reader's own site that a place belongs to; a place elsewhere is as unknown as one that is not there."""
    site = ctx.session.scalars(select(Site).where(Site.id == place.site_id)).one_or_none() if place.site_id else None
    if site is None:
        raise InvalidInput(fields=(FieldError(field, "unknown_reference", {"value": place.code}),))
    ctx.require(Permission.STOCK_MOVE, site.organisation_id)
    return site


def _owner(ctx: Context, code: str) -> Organisation:
    row = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if row is None:
        raise InvalidInput(fields=(FieldError("owner_code", "unknown_reference", {"value": code}),))
    return row


def _shelf(ctx: Context, site_id: UUID, code: str, field: str) -> Location:
    """The storage place named, or the site's first."""
    statement = select(Location).where(Location.site_id == site_id, Location.kind == LocationKind.STORAGE)
    found = ctx.session.scalars(statement.order_by(Location.code)).all()
    chosen = next((place for place in found if not code or place.code == code), None)
    if chosen is None:
        raise InvalidInput(fields=(FieldError(field, "unknown_reference", {"value": code}),))
    return chosen


def _lot_ids(made: Sequence[Batch]) -> set[UUID]:
    return {lot_id for batch in made for lot_id in batch.contents}


def _merged(taken: Sequence[Taken]) -> list[Taken]:
    """One line for each lot and place."""
    sums: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for lot_id, place_id, quantity in taken:
        sums[lot_id, place_id] += quantity
    return [(lot_id, place_id, quantity) for (lot_id, place_id), quantity in sums.items()]
