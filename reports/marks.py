"""The QR mark of a paper, as one-bit PNG, and the marks that say a printing is not the first or no longer holds."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import segno

from supplyops.papers.contents import Ended, PaperStamp

_MODULE_MM = 0.36
"""Wide enough for a phone held over a page from an office printer; a very full mark may go below."""
SIDE_MIN_MM, SIDE_MAX_MM = 20, 25
_QUIET = 2
_SCALE = 6


@dataclass(frozen=True, slots=True)
class QrMark:
    """A QR mark ready to be placed."""

    asset: str
    png: bytes
    side_mm: float


def qr_mark(text: str) -> QrMark:
    """The QR mark of a text, level M, with two modules of its own margin (the page around it is white)."""
    code = segno.make(text, error="m", micro=False, boost_error=False)
    out = io.BytesIO()
    code.save(out, kind="png", scale=_SCALE, border=_QUIET)
    modules = code.symbol_size(border=_QUIET)[0]
    side = min(SIDE_MAX_MM, max(SIDE_MIN_MM, modules * _MODULE_MM))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return QrMark(f"qr-{digest}", out.getvalue(), round(side, 1))


def strip_marks(stamp: PaperStamp) -> list[str]:
    """What the head of every page says of this printing."""
    marks = []
    if stamp.is_exercise:
        marks.append("演练")
    if stamp.version > 1:
        marks.append(f"第{stamp.version}版")
    if stamp.reprint_count:
        marks.append(f"补打 第{stamp.reprint_count}次")
    if stamp.ended is Ended.VOID:
        marks.append("已作废")
    elif stamp.ended is Ended.SUPERSEDED:
        marks.append("已被新版本代替")
    return marks


def watermark(stamp: PaperStamp) -> str:
    """What is printed large and pale across every page, if anything."""
    if stamp.ended is Ended.VOID:
        return "作废"
    if stamp.ended is Ended.SUPERSEDED:
        return "已被代替"
    return "演练" if stamp.is_exercise else ""
