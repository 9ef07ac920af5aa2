"""Doing what a store has to do, mending what was found, handing duty over."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.database.registry import References, Saved, refuse_repeats, save_rows
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, WrongState
from supplyops.papers.commands import next_slip_number
from supplyops.people.rules import UserState
from supplyops.people.tables import User
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command
from supplyops.stock.tables import Lot, StockBalance
from supplyops.upkeep import papers
from supplyops.upkeep.rules import DutyInput, DutyState, IntervalInput, RoundInput, UpkeepResult
from supplyops.upkeep.tables import DutyHandover, UpkeepFinding, UpkeepInterval, UpkeepRound, UpkeepRoundLot


@command(Permission.UPKEEP_EDIT)
def save_intervals(ctx: Context, inputs: Sequence[IntervalInput]) -> Saved:
    """Set how often single stores do something."""
    refuse_repeats([(item.site_code, item.kind.value) for item in inputs], "kind")
    sites = References(ctx.session, Site, [item.site_code for item in inputs])
    for place, item in enumerate(inputs):
        sites.find(place, "site_code", item.site_code)
    sites.done()
    rows = []
    for item in inputs:
        site = sites[item.site_code]
        ctx.require(Permission.UPKEEP_EDIT, site.organisation_id)
        rows.append(
            {
                "site_id": site.id,
                "organisation_id": site.organisation_id,
                "kind": item.kind,
                "interval_days": item.interval_days,
                "starts_on": item.starts_on,
                "note": item.note,
            }
        )
    return save_rows(ctx.session, UpkeepInterval, rows, by=("site_id", "kind"), new_id=ctx.new_id)


@command(Permission.UPKEEP_RECORD)
def record(ctx: Context, done: RoundInput) -> UUID:
    """Write down that something was done, and what is to be mended."""
    site = _site(ctx, done.site_code)
    done_at = done.done_at or ctx.now
    if done_at > ctx.now:
        raise InvalidInput(fields=(FieldError("done_at", "in_the_future"),))
    row = UpkeepRound(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "upkeep_round", site.area_code),
        site_id=site.id,
        organisation_id=site.organisation_id,
        kind=done.kind,
        result=done.result,
        done_at=done_at,
        recorded_at=ctx.now,
        done_by_id=ctx.principal.user_id,
        done_by_name=ctx.principal.name,
        helpers=done.helpers,
        readings=done.readings,
        remark=done.remark,
        sampling_group=done.sampling_group,
        laboratory=done.laboratory,
        report_number=done.report_number,
    )
    ctx.session.add(row)
    ctx.session.flush()  # lots and the finding refer to it
    for location, lot, sampled in _lots(ctx, site, done):
        ctx.session.add(UpkeepRoundLot(round_id=row.id, location_id=location.id, lot_id=lot.id, sampled=sampled))
    if done.result is UpkeepResult.FINDING:
        assert done.finding_due_on is not None
        ctx.session.add(
            UpkeepFinding(
                id=ctx.new_id(),
                round_id=row.id,
                site_id=site.id,
                organisation_id=site.organisation_id,
                description=done.finding,
                responsible=done.responsible,
                due_on=done.finding_due_on,
                closed_at=None,
                closed_by_id=None,
                closed_by_name="",
                closing_note="",
            )
        )
    ctx.about("upkeep_round", row.id, row.number, what=done.kind.value, result=done.result.value)
    return row.id


def _site(ctx: Context, code: str) -> Site:
    site = ctx.session.scalars(select(Site).where(Site.code == code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": code}),))
    ctx.require(Permission.UPKEEP_RECORD, site.organisation_id)
    return site


def _lots(ctx: Context, site: Site, done: RoundInput) -> list[tuple[Location, Lot, int]]:
    """The lots of a round with their places; each must lie there, and no more of it be taken as samples than lies there."""
    lots = References(ctx.session, Lot, [each.lot_number for each in done.lots], column="number")
    places = References(ctx.session, Location, [each.location_code for each in done.lots])
    for place, each in enumerate(done.lots):
        lots.find(f"lots.{place}", "lot_number", each.lot_number)
        places.find(f"lots.{place}", "location_code", each.location_code)
    lots.done(places)
    found = []
    for place, each in enumerate(done.lots):
        location, lot = places[each.location_code], lots[each.lot_number]
        if location.site_id != site.id:
            raise InvalidInput(
                fields=(FieldError(f"lots.{place}.location_code", "other_site", {"value": location.code}),)
            )
        balance = ctx.session.scalars(
            select(StockBalance).where(StockBalance.location_id == location.id, StockBalance.lot_id == lot.id)
        ).one_or_none()
        if balance is None or balance.on_hand < max(each.sampled, 1):
            raise InvalidInput(
                fields=(
                    FieldError(
                        f"lots.{place}.lot_number",
                        "not_that_much_here",
                        {"value": lot.number, "on_hand": balance.on_hand if balance else 0},
                    ),
                )
            )
        found.append((location, lot, each.sampled))
    return found


@command(Permission.UPKEEP_RECORD)
def close_finding(ctx: Context, finding_id: UUID, note: str) -> None:
    """What was found has been mended."""
    row = ctx.get(UpkeepFinding, finding_id, lock=True)
    ctx.require(Permission.UPKEEP_RECORD, row.organisation_id)
    if not note.strip():
        raise InvalidInput(fields=(FieldError("note", "required"),))
    if row.closed_at is not None:
        raise Conflict("already_mended")
    row.closed_at, row.closed_by_id, row.closed_by_name = ctx.now, ctx.principal.user_id, ctx.principal.name
    row.closing_note = note.strip()[:200]
    ctx.about("upkeep_finding", row.id)


@command(Permission.UPKEEP_RECORD)
def hand_over(ctx: Context, handover: DutyInput) -> UUID:
    """Hand duty over; it goes on until the other person takes it. Who was not on duty says why in the note."""
    site = _site(ctx, handover.site_code)
    incoming = ctx.session.scalars(select(User).where(User.username == handover.incoming.strip())).one_or_none()
    if incoming is None or incoming.state is not UserState.ACTIVE:
        raise InvalidInput(fields=(FieldError("incoming", "unknown_reference", {"value": handover.incoming}),))
    outgoing_id = ctx.user_id()
    if incoming.id == outgoing_id:
        raise InvalidInput(fields=(FieldError("incoming", "own_handover"),))
    waiting = ctx.session.scalars(
        select(DutyHandover)
        .where(DutyHandover.site_id == site.id, DutyHandover.state == DutyState.OFFERED)
        .with_for_update()
    ).first()
    if waiting is not None:
        raise Conflict("handover_waits", number=waiting.number, person=waiting.incoming_name)
    last = _last_taken(ctx, site.id)
    if last is not None and last.incoming_id != outgoing_id and not handover.note.strip():
        raise InvalidInput(fields=(FieldError("note", "not_on_duty", {"person": last.incoming_name}),))
    row = DutyHandover(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "duty_handover", site.area_code),
        state=DutyState.OFFERED,
        site_id=site.id,
        organisation_id=site.organisation_id,
        outgoing_id=outgoing_id,
        outgoing_name=ctx.principal.name,
        incoming_id=incoming.id,
        incoming_name=incoming.display_name,
        open_matters=handover.open_matters,
        keys=handover.keys,
        readings=handover.readings,
        note=handover.note,
        offered_at=ctx.now,
        taken_at=None,
        taking_note="",
        ended_because="",
    )
    ctx.session.add(row)
    ctx.about("duty_handover", row.id, row.number)
    return row.id


def _last_taken(ctx: Context, site_id: UUID) -> DutyHandover | None:
    """The handover that made the present person responsible, if there was one."""
    return ctx.session.scalars(
        select(DutyHandover)
        .where(DutyHandover.site_id == site_id, DutyHandover.state == DutyState.TAKEN)
        .order_by(DutyHandover.taken_at.desc(), DutyHandover.number.desc())
        .limit(1)
    ).one_or_none()


@command(Permission.UPKEEP_RECORD)
def take_over(ctx: Context, handover_id: UUID, note: str = "") -> None:
    """Take duty: only the person it is handed to. The paper is signed by both."""
    row = _offered(ctx, handover_id)
    ctx.require(Permission.UPKEEP_RECORD, row.organisation_id)
    if ctx.user_id() != row.incoming_id:
        raise Forbidden("not_the_incoming", person=row.incoming_name)
    row.state, row.taken_at, row.taking_note = DutyState.TAKEN, ctx.now, note.strip()[:400]
    ctx.session.flush()  # the paper is written from the row
    papers.issue_handover(ctx, row)
    ctx.about("duty_handover", row.id, row.number)


@command(Permission.UPKEEP_RECORD)
def withdraw_handover(ctx: Context, handover_id: UUID, because: str) -> None:
    """Take a handover back that nobody has taken yet."""
    row = _offered(ctx, handover_id)
    ctx.require(Permission.UPKEEP_RECORD, row.organisation_id)
    if not because.strip():
        raise InvalidInput(fields=(FieldError("because", "required"),))
    row.state, row.ended_because = DutyState.WITHDRAWN, because.strip()[:200]
    ctx.about("duty_handover", row.id, row.number)


def _offered(ctx: Context, handover_id: UUID) -> DutyHandover:
    row = ctx.get(DutyHandover, handover_id, lock=True)
    if row.state is not DutyState.OFFERED:
        raise WrongState("duty_handover", row.state.value, DutyState.OFFERED.value)
    return row
