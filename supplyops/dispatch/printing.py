"""Papers as the people of an incident see them: whoever sees an order sees its papers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select

from supplyops.contracts.tables import CallOff
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.dispatch.reach import trips_in_reach
from supplyops.dispatch.tables import Consignment, ReleaseInstruction, Shipment
from supplyops.kernel.access import ROLE_PERMISSIONS, Permission, Role
from supplyops.kernel.canonical import digest
from supplyops.kernel.errors import NotFound
from supplyops.papers import commands as papers
from supplyops.papers.rows import PaperContent, PaperRow, papers_where
from supplyops.papers.rules import INCIDENT_ORDER, PaperState
from supplyops.papers.tables import Paper
from supplyops.requests.tables import SupplyRequest
from supplyops.runtime import Context, command, in_reach, query, unscoped
from supplyops.scraps.tables import Scrap
from supplyops.teams.tables import Mission
from supplyops.transfers.tables import Transfer

_ORDERS = (ReleaseInstruction, Consignment, CallOff, Mission, SupplyRequest, Scrap, Transfer)
_LIMIT = 500


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """Which papers are asked for; empty fields do not narrow."""

    incident_id: UUID | None = None
    subject_id: UUID | None = None
    form: str = ""
    text: str = ""
    """A part of the number, the document number, the title."""
    only_valid: bool = False


@query(Permission.PAPERS_SEE)
def list_papers(
    ctx: Context,
    *,
    incident_id: UUID | None = None,
    subject_id: UUID | None = None,
    form: str = "",
    text: str = "",
    only_valid: bool = False,
    limit: int = _LIMIT,
) -> list[PaperRow]:
    """Papers whose reader is named on them or sees what they are about, newest first."""
    return page_of_papers(ctx, PaperFilter(incident_id, subject_id, form, text, only_valid), limit=limit)


@query(Permission.PAPERS_SEE)
def page_of_papers(ctx: Context, where: PaperFilter, offset: int = 0, limit: int = _LIMIT) -> list[PaperRow]:
    """The same, page by page."""
    return [paper.row for paper in papers_where(ctx, _wanted(ctx, where), limit, offset)]


@query(Permission.PAPERS_SEE)
def count_papers(ctx: Context, where: PaperFilter, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = counted(select(Paper.id).where(*_wanted(ctx, where)), most)
    return int(ctx.session.scalar(unscoped(rows, "the conditions say who sees what")) or 0)


def _wanted(ctx: Context, where: PaperFilter) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [_visible(ctx)]
    for column, value in (
        (Paper.incident_id, where.incident_id),
        (Paper.subject_id, where.subject_id),
        (Paper.form, where.form),
    ):
        if value:
            wanted.append(column == value)
    if where.text:
        named = (Paper.number, Paper.document_number, Paper.title)
        wanted.append(or_(*(column.contains(where.text, autoescape=True) for column in named)))
    if where.only_valid:
        wanted.append(Paper.state == PaperState.VALID)
    return wanted


@query(Permission.PAPERS_SEE)
def paper(ctx: Context, reference: str) -> PaperContent:
    """One paper by id, or the newest version of a number or document number."""
    named = or_(Paper.number == reference, Paper.document_number == reference)
    with suppress(ValueError):
        named = or_(named, Paper.id == UUID(reference))
    found = papers_where(ctx, [_visible(ctx), named], 1)
    if not found:
        raise NotFound("paper", reference=reference)
    return found[0]


@query(Permission.PAPERS_SEE)
def incident_papers(ctx: Context, incident_id: UUID) -> list[PaperContent]:
    """Every valid paper of an incident as it is printed: instructions, each with its slips; issue notes; handovers;
    call-offs; mobilisations; requests; letters; receipts."""
    wanted = [_visible(ctx), Paper.incident_id == incident_id, Paper.state == PaperState.VALID]
    found = papers_where(ctx, wanted, None)
    place = {form: position for position, form in enumerate(INCIDENT_ORDER)}
    slips = _instruction_of_slips(ctx, incident_id)
    instructions = {
        each.row.subject_id: (each.row.issued_at, each.row.number)
        for each in found
        if each.row.form == "release_instruction"
    }

    def key(each: PaperContent) -> tuple[object, ...]:
        row = each.row
        own = place.get(row.form, len(place))
        if row.form == "release_instruction":
            return 0, instructions[row.subject_id], own, row.issued_at, row.number
        if row.form == "allocation_slip" and slips.get(row.subject_id) in instructions:
            return 0, instructions[slips[row.subject_id]], own, row.issued_at, row.number
        return own, (row.issued_at, row.number), own, row.issued_at, row.number

    return sorted(found, key=key)


@command(Permission.PAPERS_PRINT)
def note_prints(ctx: Context, paper_ids: list[UUID], copies: list[str]) -> dict[UUID, int]:
    """Note that papers leave the printer, in some copies or (none named) all; how often each had before.

    Raises NotFound for one that is not in reach.
    """
    visible = papers_where(ctx, [_visible(ctx), Paper.id.in_(paper_ids)], None)
    if set(paper_ids) - {each.row.id for each in visible}:
        raise NotFound("paper")
    before = {
        each.row.id: papers.note_print(ctx, each.row.id, digest([each.row.content_hash, copies])) for each in visible
    }
    first = visible[0].row
    ctx.about("paper", first.id, first.number, papers=len(visible))
    return before


def _visible(ctx: Context) -> ColumnElement[bool]:
    """Named on the paper, or seeing what it is about. A supplier sees the papers of its own call-offs, whatever else names it."""
    readers = [grant for grant in ctx.principal.grants if Permission.PAPERS_SEE in ROLE_PERMISSIONS[grant.role]]
    if readers and all(grant.role is Role.SUPPLIER for grant in readers):
        suppliers = {grant.organisation_id for grant in readers}
        return Paper.subject_id.in_(select(CallOff.id).where(CallOff.supplier_id.in_(suppliers)))
    orders = [exists().where(kind.id == Paper.subject_id, in_reach(ctx, kind)) for kind in _ORDERS]
    trips = exists().where(Shipment.id == Paper.subject_id, trips_in_reach(ctx))
    return or_(in_reach(ctx, Paper), *orders, trips)


def _instruction_of_slips(ctx: Context, incident_id: UUID) -> dict[UUID, UUID]:
    rows = select(Consignment.id, Consignment.instruction_id).where(Consignment.incident_id == incident_id)
    return {row.id: row.instruction_id for row in ctx.session.execute(rows)}
