"""Taking goods back, mending them, and saying how long they may be out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.database.registry import References, Saved, refuse_repeats
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import next_slip_number
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.recoveries import papers
from supplyops.recoveries.dues import Due, dues
from supplyops.recoveries.rules import (
    DueKind,
    RecoveredInput,
    RecoveryCondition,
    RecoveryInput,
    RecoveryLimitInput,
    RepairInput,
)
from supplyops.recoveries.tables import Recovery, RecoveryLimit, RecoveryLine, RecoveryRepair
from supplyops.runtime import Context, command
from supplyops.scraps import commands as scraps
from supplyops.scraps.rules import ScrapInput, ScrapLineInput, ScrapReason
from supplyops.scraps.tables import Scrap
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.stock.tables import Lot
from supplyops.stock.undoing import lock_issues, note_recovered
from supplyops.stock.writing import storage_of

_C = RecoveryCondition


@command(Permission.NORMS_EDIT)
def save_limits(ctx: Context, inputs: Sequence[RecoveryLimitInput]) -> Saved:
    """Say how long items may be out, from a day on. What was said before stays in the books; a limit already in force is not said again."""
    refuse_repeats([(item.sku, item.effective_from) for item in inputs], "effective_from")
    items = References(ctx.session, Item, [item.sku for item in inputs], column="sku")
    for place, item in enumerate(inputs):
        found = items.find(place, "sku", item.sku)
        if found is not None and not found.is_recoverable:
            items.errors.append(FieldError(f"{place}.sku", "not_recoverable", {"value": item.sku}))
    items.done()
    added = changed = 0
    for item in inputs:
        last = ctx.session.scalars(
            select(RecoveryLimit)
            .where(RecoveryLimit.item_id == items[item.sku].id, RecoveryLimit.effective_from == item.effective_from)
            .order_by(RecoveryLimit.seq.desc())
            .limit(1)
        ).one_or_none()
        if last is not None and (last.months, last.source_mark, last.note) == (
            item.months,
            item.source_mark,
            item.note,
        ):
            continue
        ctx.session.add(
            RecoveryLimit(
                item_id=items[item.sku].id,
                months=item.months,
                effective_from=item.effective_from,
                source_mark=item.source_mark,
                note=item.note,
                recorded_at=ctx.now,
                recorded_by_id=ctx.principal.user_id,
            )
        )
        ctx.session.flush()  # limits count in the order in which they were said
        added, changed = added + (last is None), changed + (last is not None)
    return Saved(added, changed, len(inputs) - added - changed)


@command(Permission.RECOVERIES_RECORD)
def recover(ctx: Context, recovery: RecoveryInput) -> UUID:
    """Take goods back into a store. Usable ones go on the shelf; what needs mending or is past it waits in quarantine.

    What is past use starts a scrap application. Raises InvalidInput `more_than_out` for more than is out,
    `no_quarantine` where the store has nowhere to put them.
    """
    site = _site(ctx, recovery.site_code)
    out = {due.id: due for due in dues(ctx, recovery.source_number)}
    if not out:
        raise InvalidInput(
            fields=(FieldError("source_number", "unknown_reference", {"value": recovery.source_number}),)
        )
    issues = lock_issues(ctx, {due.document_id for due in out.values() if due.kind is DueKind.ISSUED})
    _lock(ctx, out.values(), site)
    out = {due.id: due for due in dues(ctx, recovery.source_number)}
    _check(ctx, recovery, out)
    first = next(iter(out.values()))
    row = Recovery(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "recovery_register", site.area_code),
        organisation_id=site.organisation_id,
        site_id=site.id,
        source_kind=first.document_kind,
        source_id=first.document_id,
        source_number=first.document_number,
        holder=first.holder,
        returned_by=recovery.returned_by,
        is_cleaned=recovery.is_cleaned,
        is_disinfected=recovery.is_disinfected,
        note=recovery.note,
        recovered_at=min(recovery.recovered_at, ctx.now),
        recorded_at=ctx.now,
        recorded_by_id=ctx.principal.user_id,
        recorded_by_name=ctx.principal.name,
    )
    ctx.session.add(row)
    note_recovered(issues, row.number)
    ctx.session.flush()  # the lines refer to it
    lines = _write_lines(ctx, row, recovery, out, _places(ctx, site, recovery))
    _post(ctx, row, lines, out)
    number = _condemn(ctx, site, [(line, line.quantity) for line in lines if line.condition is _C.SCRAP], row.number)
    papers.issue_register(ctx, row, site, out, number)
    ctx.about("recovery", row.id, row.number, source=row.source_number)
    return row.id


def _lock(ctx: Context, out: Iterable[Due], site: Site) -> None:
    """Two who take the same goods back at once wait for each other."""
    places = [due.location_id for due in out if due.location_id is not None]
    ledger.lock_places(ctx, [*places, storage_of(ctx, site.id).id])


def _check(ctx: Context, recovery: RecoveryInput, out: Mapping[UUID, Due]) -> None:
    check = Checks()
    check.that(recovery.recovered_at <= ctx.now, "recovered_at", "in_the_future")
    for place, line in enumerate(recovery.lines):
        due = out.get(line.due_id)
        if due is None:
            check.refuse(f"lines.{place}.due_id", "unknown_reference", value=str(line.due_id))
            continue
        check.that(
            line.quantity <= due.outstanding,
            f"lines.{place}.usable",
            "more_than_out",
            value=line.quantity,
            maximum=due.outstanding,
        )
        check.that(
            business_day(recovery.recovered_at) >= due.given_on,
            "recovered_at",
            "before_last_step",
            last=str(due.given_on),
        )
    check.done()


def _places(ctx: Context, site: Site, recovery: RecoveryInput) -> dict[RecoveryCondition, UUID]:
    shelf = _shelf(ctx, site.id, recovery.location_code)
    places = {_C.USABLE: shelf}
    if any(line.repair or line.scrap for line in recovery.lines):
        try:
            quarantine = storage_of(ctx, site.id, LocationKind.QUARANTINE).id
        except NotFound:
            raise InvalidInput(fields=(FieldError("lines", "no_quarantine"),)) from None
        places[_C.REPAIR] = places[_C.SCRAP] = quarantine
    return places


def _shelf(ctx: Context, site_id: UUID, code: str) -> UUID:
    if not code:
        return storage_of(ctx, site_id).id
    found = ctx.session.scalars(select(Location).where(Location.code == code)).one_or_none()
    if found is None or found.site_id != site_id or found.kind is not LocationKind.STORAGE:
        raise InvalidInput(fields=(FieldError("location_code", "other_site", {"value": code}),))
    return found.id


def _write_lines(
    ctx: Context,
    row: Recovery,
    recovery: RecoveryInput,
    out: Mapping[UUID, Due],
    places: Mapping[RecoveryCondition, UUID],
) -> list[RecoveryLine]:
    lines: list[RecoveryLine] = []
    for given in recovery.lines:
        for condition, quantity in _by_condition(given):
            due = out[given.due_id]
            line = RecoveryLine(
                id=ctx.new_id(),
                recovery_id=row.id,
                line_no=len(lines) + 1,
                due_kind=due.kind,
                due_id=due.id,
                item_id=due.item_id,
                lot_id=due.lot_id,
                location_id=places[condition],
                condition=condition,
                quantity=quantity,
                repaired=0,
                condemned=0,
            )
            ctx.session.add(line)
            lines.append(line)
    ctx.session.flush()  # the register is written from these rows
    return lines


def _by_condition(given: RecoveredInput) -> list[tuple[RecoveryCondition, int]]:
    parts = ((_C.USABLE, given.usable), (_C.REPAIR, given.repair), (_C.SCRAP, given.scrap))
    return [(condition, quantity) for condition, quantity in parts if quantity]


def _post(ctx: Context, row: Recovery, lines: Sequence[RecoveryLine], out: Mapping[UUID, Due]) -> None:
    """From use back into the store; goods that lay at a place move from there."""
    consumed = virtual_location_id(LocationKind.CONSUMED)
    parts: dict[MoveReason, list[Leg]] = defaultdict(list)
    for line in lines:
        due = out[line.due_id]
        if due.kind is DueKind.ISSUED or due.location_id is None:
            reason, source = MoveReason.RECOVERY, consumed
        else:
            source = due.location_id
            reason = MoveReason.TRANSFER if line.condition is _C.USABLE else MoveReason.QUARANTINE
        if source == line.location_id:
            raise InvalidInput(fields=(FieldError("site_code", "own_target"),))
        parts[reason].append(Leg(line.lot_id, source, line.location_id, line.quantity))
    for reason, legs in sorted(parts.items()):
        posting_id = derived_id("recovery", row.id, reason.value)
        ledger.post(ctx, Posting(posting_id, reason, tuple(legs), _reference(row), row.recovered_at, note=row.note))


def _reference(row: Recovery) -> DocumentRef:
    return DocumentRef("recovery", row.id, row.number)


def _condemn(ctx: Context, site: Site, parts: Sequence[tuple[RecoveryLine, int]], cause: str) -> str:
    """Apply to scrap what is past use; the application's number, or nothing."""
    if not parts:
        return ""
    lines = []
    for line, quantity in parts:
        lot, place = ctx.session.get(Lot, line.lot_id), ctx.session.get(Location, line.location_id)
        assert lot is not None
        assert place is not None
        lines.append(ScrapLineInput(lot.number, place.code, quantity, ScrapReason.DAMAGED, cause))
    application = ScrapInput(site.code, tuple(lines), f"回收物资不能再用:{cause}")
    made = ctx.session.get(Scrap, scraps.apply(ctx, application, cause))
    assert made is not None
    return made.number


@command(Permission.RECOVERIES_RECORD)
def repair(ctx: Context, mending: RepairInput) -> UUID:
    """Record a repair: what was mended goes from quarantine back on the shelf, what could not be mended is to be scrapped."""
    row = ctx.session.scalars(
        select(Recovery).where(Recovery.number == mending.recovery).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("recovery", reference=mending.recovery)
    ctx.require(Permission.RECOVERIES_RECORD, row.organisation_id)
    if row.taken_back_at is not None:
        raise Conflict("recovery_taken_back", number=row.number)
    line = ctx.session.scalars(
        select(RecoveryLine).where(RecoveryLine.recovery_id == row.id, RecoveryLine.line_no == mending.line_no)
    ).one_or_none()
    if line is None or line.condition is not _C.REPAIR:
        code = "unknown_reference" if line is None else "not_to_repair"
        raise InvalidInput(fields=(FieldError("line_no", code, {"value": str(mending.line_no)}),))
    left = line.quantity - line.repaired - line.condemned
    given = mending.repaired + mending.condemned
    if given > left:
        raise InvalidInput(fields=(FieldError("repaired", "more_than_out", {"value": given, "maximum": left}),))
    site = ctx.session.get(Site, row.site_id, execution_options={"unscoped": True})
    assert site is not None
    done = RecoveryRepair(
        id=ctx.new_id(),
        line_id=line.id,
        repaired=mending.repaired,
        condemned=mending.condemned,
        cost_fen=mending.cost_fen,
        repaired_by=mending.repaired_by,
        note=mending.note,
        recorded_at=ctx.now,
        recorded_by_id=ctx.principal.user_id,
        recorded_by_name=ctx.principal.name,
    )
    ctx.session.add(done)
    line.repaired += mending.repaired
    line.condemned += mending.condemned
    ctx.session.flush()  # the posting is made under the recovery as it is now
    if mending.repaired:
        leg = Leg(line.lot_id, line.location_id, _shelf(ctx, site.id, mending.location_code), mending.repaired)
        posting_id = derived_id("repair", done.id)
        ledger.post(
            ctx, Posting(posting_id, MoveReason.QUARANTINE, (leg,), _reference(row), ctx.now, note=mending.repaired_by)
        )
    if mending.condemned:
        _condemn(ctx, site, [(line, mending.condemned)], row.number)
    ctx.about("recovery", row.id, row.number, repaired=mending.repaired, condemned=mending.condemned)
    return done.id


def _site(ctx: Context, code: str) -> Site:
    site = ctx.session.scalars(select(Site).where(Site.code == code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": code}),))
    ctx.require(Permission.RECOVERIES_RECORD, site.organisation_id)
    return site
