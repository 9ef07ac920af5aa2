"""Papers as PDF answers: to look at, or to hand out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response

from reports.errors import PaperError
from reports.issued import to_hand_out, to_view
from supplyops.dispatch import printing
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.papers.rows import PaperContent
from web import view

PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

Run = Callable[..., dict[UUID, int]]


def viewed(papers: Sequence[PaperContent], name: str) -> Response:
    """Papers to look at. Raises NotFound without papers, Conflict where paper cannot be made."""
    _need(papers)
    return pdf(_made(lambda: to_view(papers, view.house().sealer)), name)


def handed_out(papers: Sequence[PaperContent], name: str, run: Run, copies: Sequence[str] = ()) -> Response:
    """Papers to print: noted under the request's key, so that twice is the same file; only once they could be made."""
    _need(papers)
    guess = {each.row.id: each.row.prints for each in papers}
    body = _made(lambda: to_hand_out(papers, view.house().sealer, guess, copies=copies))
    before = run(printing.note_prints, [each.row.id for each in papers], list(copies))
    if before != guess:
        body = _made(lambda: to_hand_out(papers, view.house().sealer, before, copies=copies))
    return pdf(body, name)


def labels(rows: Sequence[Any], make: Callable[[], bytes], name: str) -> Response:
    """Labels or bin cards to look at. Raises NotFound where there are none, Conflict where paper cannot be made."""
    if not rows:
        raise NotFound("lot")
    return pdf(_made(make), name)


def base_address() -> str:
    """Where the marks on labels lead to."""
    return view.house().settings.public_base_url


def pdf(body: bytes, name: str) -> Response:
    """A PDF shown in the browser, under a name to save it by."""
    response = Response(body, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename=\"paper.pdf\"; filename*=UTF-8''{quote(name)}.pdf"
    response.headers["Content-Security-Policy"] = PDF_POLICY
    return response


def _need(papers: Sequence[PaperContent]) -> None:
    if not papers:
        raise NotFound("paper")


def _made(make: Callable[[], bytes]) -> bytes:
    try:
        return make()
    except PaperError as error:
        params = {name: "、".join(value) if isinstance(value, list) else value for name, value in error.params.items()}
        raise Conflict(error.code, **params) from error
