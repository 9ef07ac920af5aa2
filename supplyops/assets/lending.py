"""Handing units out (领用) and taking them back (归还).

A team with a place of its own, kept by the store's body, gets the goods themselves: the ledger moves them there. For anybody
else the goods stay in the store's books and are held for the slip, so that nobody else can have them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.assets import papers
from supplyops.assets.finding import numbered_units
from supplyops.assets.keeping import overdue_calibration
from supplyops.assets.rules import UNFIT, HandBackInput, HandBackLine, HandOutInput
from supplyops.assets.tables import AssetLoan, AssetLoanLine
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import next_slip_number
from supplyops.people.tables import Organisation
from supplyops.places.rules import REAL_KINDS, LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command, unscoped
from supplyops.stock import ledger
from supplyops.stock.numbering import note
from supplyops.stock.rules import AssetEventKind, AssetState, Leg, MoveReason, Posting
from supplyops.stock.tables import Asset
from supplyops.teams.tables import RescueTeam
from supplyops.wording.labels import label


@command(Permission.ASSETS_KEEP)
def hand_out(ctx: Context, given: HandOutInput) -> UUID:
    """Give units of one store to a person or a team of a body, on a slip.

    Raises WrongState for a unit that is handed out or out of order, Conflict `calibration_overdue` without a reason,
    InvalidInput for units of different stores or a day that has passed.
    """
    if given.due_on < business_day(ctx.now):
        raise InvalidInput(fields=(FieldError("due_on", "in_the_past", {"value": given.due_on.isoformat()}),))
    assets = numbered_units(ctx, given.asset_numbers, "asset_numbers")
    site = _store_of(ctx, assets)
    ctx.require(Permission.ASSETS_KEEP, site.organisation_id)
    for asset in assets:
        if asset.state is not AssetState.READY:
            raise WrongState("asset", asset.state.value, AssetState.READY.value)
        if not given.despite.strip() and (due := overdue_calibration(ctx, asset)) is not None:
            raise Conflict("calibration_overdue", asset=asset.number, day=due.isoformat())
    holder, team = _receiver(ctx, given)
    loan = AssetLoan(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "asset_handout", site.area_code),
        organisation_id=site.organisation_id,
        site_id=site.id,
        holder_id=holder.id,
        team_id=team.id if team else None,
        received_by=given.received_by,
        phone=given.phone,
        approved_by=given.approved_by,
        purpose=given.purpose,
        due_on=given.due_on,
        note=given.note,
        despite=given.despite,
        handed_out_at=ctx.now,
        handed_out_by=ctx.principal.name,
        closed_at=None,
    )
    ctx.session.add(loan)
    ctx.session.flush()  # its lines refer to it
    document = DocumentRef("asset_loan", loan.id, loan.number)
    for line_no, asset in enumerate(assets, start=1):
        ctx.session.add(_line(ctx, loan, line_no, asset, given))
    _give(ctx, assets, _place_of(ctx, team, site), document)
    for asset in assets:
        asset.state, asset.holder_id = AssetState.LENT, holder.id
        asset.picked_at, asset.picked_for = None, ""
        note(ctx, asset, AssetEventKind.HANDED_OUT, f"{holder.name} {given.received_by}:{given.purpose}", document)
    ctx.session.flush()  # the slip is written from the rows
    papers.issue_slip(ctx, loan)
    ctx.about("asset_loan", loan.id, loan.number, assets=len(assets))
    return loan.id


def _store_of(ctx: Context, assets: Sequence[Asset]) -> Site:
    """The one site where all of them lie."""
    places = ctx.session.scalars(select(Location).where(Location.id.in_({asset.location_id for asset in assets}))).all()
    gone = next((place for place in places if place.kind not in REAL_KINDS or place.site_id is None), None)
    if gone is not None:
        raise InvalidInput(fields=(FieldError("asset_numbers", "not_in_a_store", {"value": gone.name}),))
    sites = {place.site_id for place in places}
    if len(sites) != 1:
        raise InvalidInput(fields=(FieldError("asset_numbers", "several_stores"),))
    return ctx.session.scalars(
        unscoped(select(Site).where(Site.id.in_(sites)), "the right to hand out there is checked next")
    ).one()


def _receiver(ctx: Context, given: HandOutInput) -> tuple[Organisation, RescueTeam | None]:
    holder = ctx.session.scalars(select(Organisation).where(Organisation.code == given.organisation_code)).one_or_none()
    if holder is None:
        value = {"value": given.organisation_code}
        raise InvalidInput(fields=(FieldError("organisation_code", "unknown_reference", value),))
    if not given.team_code:
        return holder, None
    named = unscoped(
        select(RescueTeam).where(RescueTeam.code == given.team_code), "a store lends to teams of other bodies"
    )
    team = ctx.session.scalars(named).one_or_none()
    if team is None:
        raise InvalidInput(fields=(FieldError("team_code", "unknown_reference", {"value": given.team_code}),))
    if team.organisation_id != holder.id:
        raise InvalidInput(fields=(FieldError("team_code", "team_of_other_body", {"value": team.name}),))
    return holder, team


def _place_of(ctx: Context, team: RescueTeam | None, store: Site) -> Location | None:
    """The place for goods that a team takes along, at its base; none where the base has none or another body keeps it:

    what goes from keeper to keeper needs an order, and a hand-out is none.
    """
    if team is None or team.base_site_id is None:
        return None
    places = (
        select(Location)
        .join(Site, Site.id == Location.site_id)
        .where(
            Site.id == team.base_site_id,
            Site.organisation_id == store.organisation_id,
            Location.kind == LocationKind.TEAM,
        )
    )
    return ctx.session.scalars(
        unscoped(places.order_by(Location.code).limit(1), "kept by the store's own body")
    ).one_or_none()


def _line(ctx: Context, loan: AssetLoan, line_no: int, asset: Asset, given: HandOutInput) -> AssetLoanLine:
    return AssetLoanLine(
        id=ctx.new_id(),
        loan_id=loan.id,
        line_no=line_no,
        asset_id=asset.id,
        from_location_id=asset.location_id,
        condition_out=given.condition,
        meter_out=asset.meter_hours,
        handed_back_at=None,
        returned_by="",
        taken_back_by="",
        condition_in=None,
        defects="",
        meter_in=None,
    )


def _give(ctx: Context, assets: Sequence[Asset], team_place: Location | None, document: DocumentRef) -> None:
    moving = [asset for asset in assets if team_place is not None and asset.location_id != team_place.id]
    if team_place is not None and moving:
        _move(ctx, moving, team_place.id, document, derived_id("asset_loan", document.id))
    for asset in assets:
        if not ledger.hold_unit(ctx, asset, document):
            raise Conflict("unit_spoken_for", asset=asset.number)


def _move(ctx: Context, assets: Sequence[Asset], target_id: UUID, document: DocumentRef, posting_id: UUID) -> None:
    """Move the units themselves, by one posting."""
    amounts = Counter((asset.lot_id, asset.location_id) for asset in assets)
    legs = tuple(Leg(lot_id, source, target_id, amount) for (lot_id, source), amount in sorted(amounts.items()))
    named = tuple(sorted(asset.id for asset in assets))
    ledger.post(ctx, Posting(posting_id, MoveReason.TRANSFER, legs, document, ctx.now, asset_ids=named))


@command(Permission.ASSETS_KEEP)
def take_back(ctx: Context, given: HandBackInput) -> UUID:
    """Take units of a slip back, all or some; what comes back damaged or not at all is out of order from then on.

    Raises InvalidInput for a unit that is back already, that is named twice or that the slip does not name, and for a meter
    that ran backwards.
    """
    loan = _loan(ctx, given.loan_number)
    ctx.require(Permission.ASSETS_KEEP, loan.organisation_id)
    document = DocumentRef("asset_loan", loan.id, loan.number)
    lines = _lines_of(ctx, loan)
    chosen = [_line_named(lines, place, line) for place, line in enumerate(given.lines)]
    if len({row.id for row, _ in chosen}) < len(chosen):
        raise InvalidInput(fields=(FieldError("lines", "named_twice"),))
    for place, ((row, asset), line) in enumerate(zip(chosen, given.lines, strict=True)):
        if line.meter_hours is not None and line.meter_hours < asset.meter_hours:
            raise InvalidInput(
                fields=(FieldError(f"lines.{place}.meter_hours", "meter_backwards", {"minimum": asset.meter_hours}),)
            )
        row.handed_back_at, row.returned_by, row.taken_back_by = ctx.now, given.returned_by, ctx.principal.name
        row.condition_in, row.defects = line.condition, line.defects
        row.meter_in = asset.meter_hours = asset.meter_hours if line.meter_hours is None else line.meter_hours
    _bring(ctx, loan, chosen, given, document)
    for (_, asset), line in zip(chosen, given.lines, strict=True):
        _settle(ctx, asset, line, document, given)
    if all(row.handed_back_at is not None for row, _ in lines):
        loan.closed_at = ctx.now
    ctx.session.flush()  # the slip is written from the rows
    papers.issue_slip(ctx, loan)
    ctx.about("asset_loan", loan.id, loan.number, assets=len(chosen))
    return loan.id


def _loan(ctx: Context, number: str) -> AssetLoan:
    statement = select(AssetLoan).where(AssetLoan.number == number).with_for_update()
    loan = ctx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if loan is None:
        raise NotFound("asset_loan", number=number)
    return loan


def _lines_of(ctx: Context, loan: AssetLoan) -> list[tuple[AssetLoanLine, Asset]]:
    statement = (
        select(AssetLoanLine, Asset)
        .join(Asset, Asset.id == AssetLoanLine.asset_id)
        .where(AssetLoanLine.loan_id == loan.id)
        .order_by(AssetLoanLine.line_no)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = ctx.session.execute(unscoped(statement, "the slip names them, wherever they are now"))
    return [(row[0], row[1]) for row in rows]


def _line_named(
    lines: Sequence[tuple[AssetLoanLine, Asset]], place: int, line: HandBackLine
) -> tuple[AssetLoanLine, Asset]:
    wanted = line.asset_number.strip()
    named = [each for each in lines if each[1].number == wanted] or [
        each for each in lines if each[1].serial_number == wanted
    ]
    if len(named) != 1:
        code = "serial_not_unique" if named else "not_on_slip"
        raise InvalidInput(fields=(FieldError(f"lines.{place}.asset_number", code, {"value": wanted[:60]}),))
    (found,) = named
    if found[0].handed_back_at is not None:
        error = FieldError(f"lines.{place}.asset_number", "handed_back_already", {"value": wanted[:60]})
        raise InvalidInput(fields=(error,))
    return found


def _bring(
    ctx: Context,
    loan: AssetLoan,
    chosen: Sequence[tuple[AssetLoanLine, Asset]],
    given: HandBackInput,
    document: DocumentRef,
) -> None:
    """Put the units where they are to lie: the place named, else each where it came from."""
    named = None
    if given.location_code:
        named = ctx.session.scalars(select(Location).where(Location.code == given.location_code)).one_or_none()
        if named is None or named.site_id != loan.site_id or named.kind is not LocationKind.STORAGE:
            value = {"value": given.location_code}
            raise InvalidInput(fields=(FieldError("location_code", "unknown_reference", value),))
    targets: dict[UUID, list[Asset]] = {}
    for row, asset in chosen:
        ledger.free_unit(ctx, asset)
        target = named.id if named else row.from_location_id
        if asset.location_id != target:
            targets.setdefault(target, []).append(asset)
    for target, assets in sorted(targets.items()):
        first = min(asset.number for asset in assets)
        _move(ctx, assets, target, document, derived_id("asset_back", document.id, target, first))


def _settle(ctx: Context, asset: Asset, line: HandBackLine, document: DocumentRef, given: HandBackInput) -> None:
    """What a unit is after it came back."""
    asset.holder_id = None
    if line.condition in UNFIT:
        asset.defect = line.defects
    asset.state = AssetState.OUT_OF_ORDER if asset.defect else AssetState.READY
    text = "。".join(part for part in (label(line.condition), line.defects, given.note) if part)
    note(ctx, asset, AssetEventKind.HANDED_BACK, text, document)
    if asset.state is AssetState.OUT_OF_ORDER:
        ledger.hold_unit(ctx, asset, DocumentRef("asset", asset.id, asset.number))
