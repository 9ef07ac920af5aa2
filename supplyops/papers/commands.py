"""Numbering, issuing and ending papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from supplyops.database.upsert import insert_missing
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import digest
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import beijing, business_day
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.rules import SERIES_OF_FORM, PaperState, document_number, slip_number
from supplyops.papers.tables import NumberSeries, Paper, PaperPrint
from supplyops.runtime import Context, command, unscoped


@dataclass(frozen=True, slots=True)
class PaperInput:
    """A paper to be issued. `content` is JSON; `document_number` is the office's own (发文字号), if it has one."""

    form: str
    number: str
    title: str
    content: dict[str, Any]
    subject: DocumentRef
    organisation_id: UUID
    addressee_id: UUID | None = None
    incident_id: UUID | None = None
    document_number: str = ""
    is_exercise: bool = False


@command(Permission.INTERNAL)
def next_slip_number(ctx: Context, form: str, area_code: str) -> str:
    """Take the next number of a form for an area and the present business day. No number is skipped."""
    return _next_of_day(ctx, SERIES_OF_FORM[form], area_code)


@command(Permission.INTERNAL)
def next_in_series(ctx: Context, series: str, area_code: str) -> str:
    """The same for what has a series and is not printed under it: an incident, a plan, an arrival."""
    return _next_of_day(ctx, series, area_code)


def _next_of_day(ctx: Context, series: str, area_code: str) -> str:
    day = business_day(ctx.now)
    return slip_number(series, area_code, day, _next(ctx, series, area_code, f"{day:%Y%m%d}"))


@command(Permission.INTERNAL)
def next_number(ctx: Context, series: str, scope: str, period: str) -> int:
    """Take the next number of any series."""
    return _next(ctx, series, scope, period)


@command(Permission.INTERNAL)
def take_document_number(ctx: Context, prefix: str, entered: str = "") -> str:
    """The office's own number: the one entered by hand, if free, else the next of the year for the office's prefix.

    Raises InvalidInput for a malformed and Conflict `document_number_taken` for a used number.
    """
    if not entered:
        year = beijing(ctx.now).year
        while True:
            number = document_number(prefix, year, _next(ctx, "document", prefix, str(year)))
            if not _is_taken(ctx, number):
                return number
    check = Checks()
    check.text("document_number", entered, length_max=60)
    check.done()
    if _is_taken(ctx, entered):
        raise Conflict("document_number_taken", number=entered)
    return entered


def _is_taken(ctx: Context, number: str) -> bool:
    taken = unscoped(
        select(Paper.id).where(Paper.document_number == number).limit(1), "a number is used once, wherever"
    )
    return ctx.session.scalar(taken) is not None


def _next(ctx: Context, series: str, scope: str, period: str) -> int:
    insert_missing(ctx.session, NumberSeries, [{"series": series, "scope": scope, "period": period, "last": 0}])
    taken = ctx.session.execute(
        update(NumberSeries)
        .where(NumberSeries.series == series, NumberSeries.scope == scope, NumberSeries.period == period)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    )
    return int(taken.scalar_one())


@command(Permission.INTERNAL)
def issue(ctx: Context, paper: PaperInput) -> UUID:
    """Store a paper as it is to be printed. The same number again makes a new version and ends the one before."""
    before = ctx.session.scalars(
        unscoped(
            select(Paper).where(Paper.number == paper.number).order_by(Paper.version.desc()).limit(1),
            "numbers are unique everywhere",
        )
    ).one_or_none()
    if before is not None and before.state is PaperState.VALID:
        before.state, before.ended_at, before.ended_because = PaperState.SUPERSEDED, ctx.now, "new_version"
    row = Paper(
        id=ctx.new_id(),
        form=paper.form,
        number=paper.number,
        version=before.version + 1 if before is not None else 1,
        document_number=paper.document_number,
        title=paper.title,
        state=PaperState.VALID,
        organisation_id=paper.organisation_id,
        addressee_id=paper.addressee_id,
        subject_kind=paper.subject.kind,
        subject_id=paper.subject.id,
        incident_id=paper.incident_id,
        content=paper.content,
        content_hash=digest(paper.content),
        is_exercise=paper.is_exercise,
        issued_at=ctx.now,
        issued_by_id=ctx.principal.user_id,
        issued_by_name=ctx.principal.name,
        ended_at=None,
        ended_because="",
    )
    ctx.session.add(row)
    ctx.session.flush()  # the next version of the same command must find it
    return row.id


@command(Permission.INTERNAL)
def void(ctx: Context, subject_id: UUID, because: str) -> int:
    """End every valid paper of a document that was cancelled; returns how many."""
    rows = ctx.session.scalars(
        unscoped(
            select(Paper).where(Paper.subject_id == subject_id, Paper.state == PaperState.VALID), "the document decides"
        )
    ).all()
    for row in rows:
        row.state, row.ended_at, row.ended_because = PaperState.VOID, ctx.now, because
    return len(rows)


@command(Permission.INTERNAL)
def note_print(ctx: Context, paper_id: UUID, pdf_hash: str) -> int:
    """Note that a paper was printed; returns how often it had been before."""
    statement = unscoped(select(Paper).where(Paper.id == paper_id), "whoever prints it was found to see it")
    paper = ctx.session.scalars(statement).one_or_none()
    if paper is None:
        raise NotFound("paper")
    before = int(
        ctx.session.scalar(select(func.count()).select_from(PaperPrint).where(PaperPrint.paper_id == paper_id)) or 0
    )
    ctx.session.add(
        PaperPrint(paper_id=paper_id, printed_at=ctx.now, printed_by_id=ctx.principal.user_id, pdf_hash=pdf_hash)
    )
    ctx.about("paper", paper.id, paper.number, printed_before=before)
    return before
