"""Scrapping goods, step by step: applied for, appraised, agreed by four bodies, made public, disposed of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.database.registry import References
from supplyops.kernel.access import Permission, Role
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number_or_shipped, text_or_shipped
from supplyops.papers.commands import next_slip_number
from supplyops.people.offices import government_of
from supplyops.people.tables import Organisation
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.scraps import papers
from supplyops.scraps.ending import end, lines_of, step
from supplyops.scraps.rules import (
    AppraisalInput,
    DisposalInput,
    PublicityInput,
    ScrapBody,
    ScrapDecisionInput,
    ScrapInput,
    ScrapState,
    deadline,
)
from supplyops.scraps.tables import Scrap, ScrapDecision, ScrapLine
from supplyops.stock import ledger
from supplyops.stock.rules import Hold, Leg, MoveReason, Posting
from supplyops.stock.tables import Lot, Reservation

KEEPERS = (Role.KEEPER, Role.CUSTODIAN)


@command(Permission.SCRAPS_EDIT)
def apply(ctx: Context, application: ScrapInput, cause_number: str = "") -> UUID:
    """A store applies to scrap goods (F7): they are held from now on and stay in the books until they are disposed of.

    Raises InsufficientStock where less is free, InvalidInput for lots and places that the store does not have.
    """
    site = ctx.session.scalars(select(Site).where(Site.code == application.site_code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": application.site_code}),))
    ctx.require(Permission.SCRAPS_EDIT, site.organisation_id)
    keeper = ctx.session.get(Organisation, site.organisation_id)
    assert keeper is not None
    day = business_day(ctx.now)
    row = Scrap(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "scrap_application", site.area_code),
        state=ScrapState.APPLIED,
        organisation_id=keeper.id,
        government_id=government_of(ctx, keeper).id,
        site_id=site.id,
        note=application.note,
        cause_number=cause_number,
        deadline_on=deadline(text_or_shipped(ctx, "scrap.deadline"), day.year),
        applied_at=ctx.now,
        applied_by_id=ctx.principal.user_id,
        applied_by_name=ctx.principal.name,
        institution="",
        report_number="",
        experts=[],
        conclusion="",
        appraised_on=None,
        appraisal_by_id=None,
        public_place="",
        public_from=None,
        public_to=None,
        method=None,
        buyer="",
        agreement_number="",
        income_fen=0,
        witness="",
        evidence="",
        disposed_at=None,
        ended_because="",
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    _hold(ctx, row, site, application)
    papers.issue_application(ctx, row)
    ctx.about("scrap", row.id, row.number)
    return row.id


def _hold(ctx: Context, row: Scrap, site: Site, application: ScrapInput) -> None:
    lots = References(ctx.session, Lot, [line.lot_number for line in application.lines], column="number")
    places = References(ctx.session, Location, [line.location_code for line in application.lines])
    for place, line in enumerate(application.lines):
        lots.find(f"lines.{place}", "lot_number", line.lot_number)
        shelf = places.find(f"lines.{place}", "location_code", line.location_code)
        if shelf is not None and shelf.site_id != site.id:
            places.errors.append(FieldError(f"lines.{place}.location_code", "other_site", {"value": shelf.code}))
    places.done(lots)
    until = ctx.now + timedelta(days=number_or_shipped(ctx, "scrap.hold_days"))
    for line_no, line in enumerate(application.lines, start=1):
        lot, shelf = lots[line.lot_number], places[line.location_code]
        hold_id = derived_id("scrap_hold", row.id, str(line_no))
        ledger.reserve(ctx, Hold(hold_id, reference(row), shelf.id, lot.id, line.quantity, until))
        ctx.session.add(
            ScrapLine(
                id=ctx.new_id(),
                scrap_id=row.id,
                line_no=line_no,
                item_id=lot.item_id,
                lot_id=lot.id,
                location_id=shelf.id,
                reservation_id=hold_id,
                quantity=line.quantity,
                reason=line.reason,
                note=line.note,
            )
        )
    ctx.session.flush()  # the paper is written from these rows


@command(Permission.SCRAPS_EDIT)
def appraise(ctx: Context, appraisal: AppraisalInput) -> None:
    """Write down the technical appraisal: a qualified body's report, or so many experts as `scrap.experts_min` says."""
    row = _locked(ctx, appraisal.scrap)
    ctx.require(Permission.SCRAPS_EDIT, row.organisation_id)
    check = Checks()
    least = number_or_shipped(ctx, "scrap.experts_min")
    is_enough = bool(appraisal.institution.strip()) or len(appraisal.experts) >= least
    check.that(is_enough, "experts", "too_few_experts", count=len(appraisal.experts), minimum=least)
    check.that(appraisal.appraised_on <= business_day(ctx.now), "appraised_on", "in_the_future")
    check.done()
    step(row, ScrapState.APPRAISED)
    row.institution, row.report_number = appraisal.institution, appraisal.report_number
    row.experts, row.conclusion = list(appraisal.experts), appraisal.conclusion
    row.appraised_on, row.appraisal_by_id = appraisal.appraised_on, ctx.principal.user_id
    papers.issue_application(ctx, row)
    ctx.about("scrap", row.id, row.number)


@command(Permission.SCRAPS_APPROVE)
def decide(ctx: Context, decision: ScrapDecisionInput) -> None:
    """One of the four bodies agrees or not. All four have to; one refusal ends the application and frees the goods.

    Raises Forbidden `own_document`, `keeper_never_approves`, `not_that_body`; Conflict `decided_before` for a body,
    an organisation or a person that has spoken already.
    """
    row = _locked(ctx, decision.scrap)
    if row.state is not ScrapState.APPRAISED:
        raise WrongState("scrap", row.state.value, ScrapState.APPRAISED.value)
    organisation = _signing(ctx, row, decision)
    if ctx.user_id() in {row.applied_by_id, row.appraisal_by_id}:
        raise Forbidden("own_document")
    if ctx.principal.holds_role(*KEEPERS):
        raise Forbidden("keeper_never_approves")
    before = _decisions(ctx, row)
    for each in before:
        if each.body is decision.body or each.organisation_id == organisation.id or each.decided_by_id == ctx.user_id():
            raise Conflict("decided_before", body=each.body.value, by=each.decided_by_name)
    ctx.session.add(
        ScrapDecision(
            scrap_id=row.id,
            body=decision.body,
            organisation_id=organisation.id,
            agrees=decision.agrees,
            note=decision.note,
            decided_at=ctx.now,
            decided_by_id=ctx.user_id(),
            decided_by_name=ctx.principal.name,
        )
    )
    ctx.session.flush()  # the paper names it
    if not decision.agrees:
        end(ctx, row, ScrapState.REFUSED, decision.note)
    elif len(before) + 1 == len(ScrapBody):
        step(row, ScrapState.APPROVED)
        papers.issue_application(ctx, row)
    ctx.about("scrap", row.id, row.number, body=decision.body.value, agrees=decision.agrees)


def _signing(ctx: Context, row: Scrap, decision: ScrapDecisionInput) -> Organisation:
    """The organisation that signs: the store's own, or a bureau of a government that the store stands under."""
    organisation = ctx.session.scalars(
        select(Organisation).where(Organisation.code == decision.organisation_code)
    ).one_or_none()
    if organisation is None:
        raise InvalidInput(
            fields=(FieldError("organisation_code", "unknown_reference", {"value": decision.organisation_code}),)
        )
    stores = {row.organisation_id, row.government_id}
    above = ctx.path_of(row.organisation_id).startswith(government_of(ctx, organisation).path)
    fits = organisation.id in stores if decision.body is ScrapBody.STORE else above
    if not fits or not ctx.principal.decides_for(Permission.SCRAPS_APPROVE, organisation.id):
        raise Forbidden("not_that_body", organisation=organisation.name)
    return organisation


@command(Permission.SCRAPS_EDIT)
def publicise(ctx: Context, publicity: PublicityInput) -> None:
    """Make it public for at least the days of `scrap.publicity_days`, beginning today or later."""
    row = _locked(ctx, publicity.scrap)
    ctx.require(Permission.SCRAPS_EDIT, row.organisation_id)
    least = number_or_shipped(ctx, "scrap.publicity_days")
    check = Checks()
    check.that(publicity.days >= least, "to_on", "publicity_short", minimum=least)
    check.that(publicity.from_on >= business_day(ctx.now), "from_on", "in_the_past")
    check.done()
    step(row, ScrapState.PUBLICISED)
    row.public_place, row.public_from, row.public_to = publicity.place, publicity.from_on, publicity.to_on
    ctx.about("scrap", row.id, row.number)


@command(Permission.SCRAPS_EDIT)
def dispose(ctx: Context, disposal: DisposalInput) -> None:
    """The end: the goods leave the books, before a witness, after they were public. F4 (报废) and the last F7 are written.

    Raises Conflict `still_public`; InsufficientStock where the hold has run out and the goods were used otherwise.
    """
    row = _locked(ctx, disposal.scrap)
    ctx.require(Permission.SCRAPS_EDIT, row.organisation_id)
    step(row, ScrapState.DISPOSED)
    assert row.public_to is not None
    if business_day(ctx.now) <= row.public_to:
        raise Conflict("still_public", until=row.public_to.isoformat())
    check = Checks()
    check.that(disposal.disposed_at <= ctx.now, "disposed_at", "in_the_future")
    check.that(
        business_day(disposal.disposed_at) > row.public_to, "disposed_at", "before_last_step", last=str(row.public_to)
    )
    check.done()
    lines = lines_of(ctx, [row.id])
    lost = virtual_location_id(LocationKind.LOST)
    legs = tuple(Leg(line.lot_id, line.location_id, lost, line.quantity) for line in lines)
    posting = Posting(
        derived_id("scrap", row.id),
        MoveReason.SCRAP,
        legs,
        reference(row),
        disposal.disposed_at,
        note=row.conclusion[:200],
    )
    ledger.post(ctx, posting, _still_held(ctx, lines))
    row.method, row.buyer, row.agreement_number = disposal.method, disposal.buyer, disposal.agreement_number
    row.income_fen, row.witness, row.evidence = disposal.income_fen, disposal.witness, disposal.evidence
    row.disposed_at = disposal.disposed_at
    ctx.session.flush()  # the papers are written from the row
    papers.issue_disposal(ctx, row)
    ctx.about("scrap", row.id, row.number, income_fen=row.income_fen)


def _still_held(ctx: Context, lines: Sequence[ScrapLine]) -> dict[UUID, int]:
    rows = ctx.session.scalars(select(Reservation).where(Reservation.id.in_([line.reservation_id for line in lines])))
    return {row.id: row.open_quantity for row in rows if row.open_quantity}


@command(Permission.SCRAPS_EDIT)
def cancel(ctx: Context, number: str, because: str) -> None:
    """Take an application back before its end: the goods are free again."""
    row = _locked(ctx, number)
    ctx.require(Permission.SCRAPS_EDIT, row.organisation_id)
    check = Checks()
    check.text("because", because)
    check.done()
    end(ctx, row, ScrapState.CANCELLED, because)
    ctx.about("scrap", row.id, row.number)


def _decisions(ctx: Context, row: Scrap) -> list[ScrapDecision]:
    found = select(ScrapDecision).where(ScrapDecision.scrap_id == row.id).order_by(ScrapDecision.seq)
    return list(ctx.session.scalars(found))


def reference(row: Scrap) -> DocumentRef:
    """The application as the document behind its holds and its posting."""
    return DocumentRef("scrap", row.id, row.number)


def _locked(ctx: Context, number: str) -> Scrap:
    statement = select(Scrap).where(Scrap.number == number).with_for_update()
    row = ctx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("scrap", reference=number)
    return row
