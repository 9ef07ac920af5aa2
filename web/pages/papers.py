"""Papers: the list, one paper with its copies, one PDF or all of an incident."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from reports.forms import FORMS as PRINTED_FORMS
from reports.forms import copy_labels
from supplyops.dispatch import printing
from supplyops.dispatch.printing import PaperFilter
from supplyops.incidents import queries as incidents
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.papers.rows import PaperContent
from supplyops.wording.labels import FORMS
from web import view
from web.language import gettext as _
from web.lists import ALL_ROWS
from web.lists.orders import PAPERS
from web.paging import one_page
from web.printing import handed_out, viewed
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/papers", view_func=papers)
    pages.add_url_rule("/papers/<reference>", view_func=paper)
    pages.add_url_rule("/papers/<reference>.pdf", view_func=paper_pdf)
    pages.add_url_rule("/papers/<reference>/print", view_func=print_paper, methods=["POST"])
    pages.add_url_rule("/incidents/<number>/papers.pdf", view_func=incident_papers_pdf)
    pages.add_url_rule("/incidents/<number>/papers/print", view_func=print_incident_papers, methods=["POST"])


@signed_in
def papers() -> Any:
    """Papers by incident, kind and number."""
    args = request.args
    incident = view.read(incidents.incident, args["incident"]) if args.get("incident") else None
    form, text = args.get("form", ""), args.get("text", "").strip()[:60]
    only_valid = args.get("all") != "1"
    where = PaperFilter(
        incident.id if incident else None, form=form if form in FORMS else "", text=text, only_valid=only_valid
    )
    if file := PAPERS.file_of(lambda: view.read(printing.page_of_papers, where, limit=ALL_ROWS)):
        return file
    active = [("incident", incident.name)] if incident else []
    active += [("form", _(FORMS[form]))] if form in FORMS else []
    active += [("text", f"“{text}”")] if text else []
    return view.page(
        "papers/list.html",
        **one_page(printing.page_of_papers, printing.count_papers, where),
        incident=incident,
        incidents=view.read(incidents.incidents) if view.may("incidents.see") else [],
        active=active,
        only_valid=only_valid,
    )


@signed_in
def paper(reference: str) -> str:
    """One paper: what it is, whether it holds, how often it was printed; its copies."""
    found = view.read(printing.paper, reference)
    versions = [
        row
        for row in view.read(printing.list_papers, subject_id=found.row.subject_id, form=found.row.form)
        if row.number == found.row.number
    ]
    names = PRINTED_FORMS[found.row.form].copies
    copies = list(zip(names, copy_labels(PRINTED_FORMS[found.row.form], names), strict=True))
    return view.page("papers/paper.html", paper=found.row, versions=versions, copies=copies)


@signed_in
def paper_pdf(reference: str) -> Response:
    """A paper to look at; marked as such."""
    found = view.read(printing.paper, reference)
    return viewed([found], found.row.number)


@signed_in
def print_paper(reference: str) -> Response:
    """A paper as it leaves the printer; the second time and later it is marked 补打."""
    found = view.read(printing.paper, reference)
    return handed_out([found], found.row.number, view.run, chosen_copies(found, request.form.getlist("copies")))


def chosen_copies(paper: PaperContent, wanted: list[str]) -> tuple[str, ...]:
    """The copies asked for, in the form's order; none named is all. Raises InvalidInput for a copy it has not."""
    known = PRINTED_FORMS[paper.row.form].copies
    strange = [name for name in wanted if name not in known]
    if strange:
        raise InvalidInput(fields=(FieldError("copies", "unknown_choice", {"value": strange[0][:40]}),))
    return tuple(name for name in known if name in wanted)


@signed_in
def incident_papers_pdf(number: str) -> Response:
    """Every valid paper of an incident to look at, in one file."""
    return viewed(_of_incident(number), f"{number}-papers")


@signed_in
def print_incident_papers(number: str) -> Response:
    """Every valid paper of an incident as it leaves the printer, in one file with an outline."""
    return handed_out(_of_incident(number), f"{number}-papers", view.run)


def _of_incident(number: str) -> Any:
    return view.read(printing.incident_papers, view.read(incidents.incident, number).id)
