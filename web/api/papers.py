"""Papers over the API: what was issued, and as PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from supplyops.dispatch import printing
from supplyops.incidents import queries as incidents
from supplyops.papers.rows import PaperContent, PaperRow
from supplyops.wording.labels import FORMS
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, writes
from web.pages.papers import chosen_copies
from web.printing import handed_out, viewed

blueprint = noun("papers", "单据:清单、内容、PDF")
PDF = {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies (联) wanted, by name; none named is all."""

    copies: tuple[str, ...] = ()


@blueprint.get("/")
@asks(blueprint, incident="事件编号", form="单据种类", text="编号、文号、事由的一部分", valid="1 只看有效的")
@answers(blueprint, PaperRow, many=True)
@authenticated
def papers() -> Any:
    """可见的单据,新的在前。"""
    args = request.args
    incident = view.read(incidents.incident, args["incident"]) if args.get("incident") else None
    form = args.get("form", "")
    return view.read(
        printing.list_papers,
        incident_id=incident.id if incident else None,
        form=form if form in FORMS else "",
        text=args.get("text", "")[:60],
        only_valid=args.get("valid") == "1",
    )


@blueprint.get("/<reference>")
@answers(blueprint, PaperContent)
@authenticated
def paper(reference: str) -> Any:
    """一份单据及其内容(id、编号或文号;编号给出最新版)。"""
    return view.read(printing.paper, reference)


@blueprint.get("/<reference>/pdf")
@blueprint.doc(responses={200: PDF})
@answers(blueprint, None)
@authenticated
def pdf(reference: str) -> Response:
    """查阅件,标明不作交接凭据。"""
    found = view.read(printing.paper, reference)
    return viewed([found], found.row.number)


@blueprint.post("/<reference>/print")
@writes(blueprint, Copies)
@blueprint.doc(responses={200: PDF})
@answers(blueprint, None)
@authenticated
def print_paper(reference: str) -> Response:
    """打印件,登记打印次数;再次打印标明补打。"""
    found = view.read(printing.paper, reference)
    copies = chosen_copies(found, list(body(Copies).copies))
    return handed_out([found], found.row.number, run, copies)


@blueprint.get("/incidents/<number>/pdf")
@blueprint.doc(responses={200: PDF})
@answers(blueprint, None)
@authenticated
def incident_pdf(number: str) -> Response:
    """一个事件的全部有效单据,一个文件,带目录;查阅件。"""
    return viewed(_of_incident(number), f"{number}-papers")


@blueprint.post("/incidents/<number>/print")
@writes(blueprint)
@blueprint.doc(responses={200: PDF})
@answers(blueprint, None)
@authenticated
def print_incident(number: str) -> Response:
    """一个事件的全部有效单据,一个文件,带目录;登记打印次数。"""
    return handed_out(_of_incident(number), f"{number}-papers", run)


def _of_incident(number: str) -> list[PaperContent]:
    return view.read(printing.incident_papers, view.read(incidents.incident, number).id)
