"""Alternatives, what changed, and ways for a late request on paper, for the table at which it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import NotFound
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue, next_slip_number
from supplyops.papers.contents import PlanStudyPaper, Signed, to_plain
from supplyops.papers.tables import Paper
from supplyops.people.tables import Organisation
from supplyops.planning import study_words as words
from supplyops.planning.alternatives import alternatives
from supplyops.planning.changes import changes
from supplyops.planning.insertions import insertions
from supplyops.planning.queries import head
from supplyops.planning.tables import Plan
from supplyops.runtime import Context, command, unscoped

FORM = "plan_study"


class StudyKind(StrEnum):
    """What is laid side by side."""

    ALTERNATIVES = "alternatives"
    CHANGES = "changes"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class StudyInput:
    """What to print; for a late request, of which line."""

    kind: StudyKind
    request_number: str = ""
    line_no: int = 0

    def __post_init__(self) -> None:
        check = Checks()
        is_late = self.kind is StudyKind.LATE
        check.text("request_number", self.request_number, length_max=80, required=is_late)
        check.whole("line_no", self.line_no, minimum=1 if is_late else 0)
        check.done()


@command(Permission.PAPERS_PRINT)
def issue_study(ctx: Context, reference: str, wanted: StudyInput) -> UUID:
    """Issue what is known of a plan; issued again it is a new version of the same paper.

    Raises NotFound where nothing was worked out yet.
    """
    plan_head = head(ctx, reference)
    plan = ctx.session.get_one(Plan, plan_head.id, execution_options={"unscoped": True})
    ctx.require(Permission.PAPERS_PRINT, plan.organisation_id)
    incident = ctx.session.get_one(Incident, plan.incident_id, execution_options={"unscoped": True})
    subject = derived_id(FORM, plan.id, wanted.kind.value, wanted.request_number, wanted.line_no)
    known = ctx.session.scalars(
        unscoped(
            select(Paper.number).where(Paper.subject_id == subject).order_by(Paper.version.desc()).limit(1),
            "one such paper a plan and question, whoever printed it",
        )
    ).one_or_none()
    number = known or next_slip_number(ctx, FORM, incident.area_code)
    found = _found(ctx, plan_head.number, wanted)
    content = PlanStudyPaper(
        kind=wanted.kind.value,
        title=found.title,
        organisation=ctx.session.get_one(Organisation, plan.organisation_id).name,
        incident=incident.name,
        plan=found.plan,
        facts=found.facts,
        columns=found.columns,
        lines=found.lines,
        note=found.note,
        prepared=Signed(ctx.principal.name, ctx.now),
    )
    made = issue(
        ctx,
        PaperInput(
            form=FORM,
            number=number,
            title=f"{plan_head.number} {found.title}",
            content=to_plain(content),
            subject=DocumentRef(FORM, subject, number),
            organisation_id=plan.organisation_id,
        ),
    )
    ctx.about("plan", plan.id, plan.number, paper=number)
    return made


def _found(ctx: Context, number: str, wanted: StudyInput) -> words.Study:
    if wanted.kind is StudyKind.CHANGES:
        return words.of_changes(changes(ctx, number))
    if wanted.kind is StudyKind.LATE:
        row = insertions(ctx, number, wanted.request_number, wanted.line_no)
        if not row.offers:
            raise NotFound("plan_insertions", reference=number)
        return words.of_late(row)
    compared = alternatives(ctx, number)
    if not compared.variants:
        raise NotFound("plan_alternatives", reference=number)
    return words.of_alternatives(compared)
