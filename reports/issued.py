"""From a paper as the books keep it to a paper that can be printed."""

from __future__ import annotations

from collections.abc import Sequence

from reports.render import PaperToPrint
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
