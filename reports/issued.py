"""From a paper as the books keep it to a paper that can be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from reports.fonts import Fonts
from reports.forms import VIEWING_COPY
from reports.render import PaperToPrint, render_many, render_shared
from supplyops.kernel.canonical import plain
from supplyops.papers.contents import Ended, PaperStamp, from_plain
from supplyops.papers.rows import PaperContent
from supplyops.papers.rules import PaperState, check_code
from supplyops.papers.seal import Sealer

_ENDED = {PaperState.VALID: Ended.NO, PaperState.SUPERSEDED: Ended.SUPERSEDED, PaperState.VOID: Ended.VOID}


def to_print(
    paper: PaperContent, sealer: Sealer, *, printed_before: int = 0, copies: Sequence[str] | None = None
) -> PaperToPrint:
    """A paper with its stamp: number, version, mark to scan, code to type, how often it was printed before."""
    row = paper.row
    stamp = PaperStamp(
        number=row.number,
        issued_at=row.issued_at,
        issued_by=row.issued_by_name,
        content_hash=row.content_hash,
        check_code=check_code(row.number, row.content_hash),
        qr_text=sealer.qr_text(row.number, row.version, row.content_hash, plain(row.issued_at)),
        document_number=row.document_number,
        version=row.version,
        reprint_count=printed_before,
        ended=_ENDED[row.state],
        is_exercise=row.is_exercise,
    )
    return PaperToPrint(row.form, from_plain(row.form, paper.content), stamp, copies)


VIEWING = "查阅件，不作交接凭据"
"""What the head of a paper says that was only looked at."""


def to_view(papers: Sequence[PaperContent], sealer: Sealer, *, fonts: Fonts | None = None) -> bytes:
    """Papers to look at, in one copy each, marked so that nobody hands goods over against them."""
    shown = [to_print(each, sealer, printed_before=each.row.prints, copies=(VIEWING_COPY,)) for each in papers]
    marked = [replace(each, stamp=replace(each.stamp, warnings=(VIEWING,))) for each in shown]
    return render_many(marked, fonts=fonts)


def to_hand_out(
    papers: Sequence[PaperContent],
    sealer: Sealer,
    before: Mapping[UUID, int],
    *,
    copies: Sequence[str] = (),
    fonts: Fonts | None = None,
    processes: int = 1,
) -> bytes:
    """Papers as they leave the printer, in the copies asked for or all; those printed before are marked 补打."""
    wanted = [to_print(each, sealer, printed_before=before[each.row.id], copies=copies or None) for each in papers]
    return render_shared(wanted, processes=processes, fonts=fonts)
