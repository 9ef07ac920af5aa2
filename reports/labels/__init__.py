"""Labels to scan and bin cards: sheets of A4, or one label a page for a label printer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.engine import engine
from reports.errors import GlyphsMissing
from reports.fonts import Fonts, default_fonts, font_css
from reports.marks import QrMark, qr_mark
from supplyops.kernel.clock import beijing
from supplyops.warehouse.label_queries import BinCardRow, LotLabelRow
from supplyops.warehouse.queries import BinRow
from supplyops.wording.labels import LABELS

FOLDER = Path(__file__).parent
_BASE = FOLDER.parent / "forms" / "base.css"
_MARKUP = re.compile(r"<[^>]*>")


class LabelSize(StrEnum):
    """How labels are printed: many on a sheet of A4 (3 x 7), or each on a page of 60 x 40 mm."""

    A4 = "a4"
    SINGLE = "60x40"


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of sheet: its name, its template, how many labels stand beside and below each other, and how far apart."""

    name: str
    template: str
    columns: int
    rows: int
    width_mm: float
    height_mm: float

    @property
    def per_sheet(self) -> int:
        """How many labels a sheet takes."""
        return self.columns * self.rows

    def left_mm(self, place: int) -> float:
        """Where the n-th label of a sheet begins, from the left."""
        return round(place % self.columns * self.width_mm, 2)

    def top_mm(self, place: int) -> float:
        """Where the n-th label of a sheet begins, from the top."""
        return round(place // self.columns * self.height_mm, 2)

    @property
    def styles(self) -> tuple[Path, ...]:
        """What every sheet shares, and its own."""
        return _BASE, FOLDER / "labels.css", FOLDER / f"{self.name}.css"


_LAYOUTS = {
    LabelSize.A4: Layout("sheet", "labels.html", 3, 7, 70, 297 / 7),
    LabelSize.SINGLE: Layout("single", "labels.html", 1, 1, 60, 40),
}
_CARDS = Layout("cards", "cards.html", 2, 2, 105, 148.5)


@dataclass(frozen=True, slots=True)
class Label:
    """One label: what is scanned, what is read from afar, what stands below."""

    qr: QrMark
    title: str
    code: str
    facts: tuple[tuple[str, str], ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One bin card: the facts that must be in sight, with the codes of bin and lot."""

    qr: QrMark
    site: str
    position: str
    location_code: str
    facts: tuple[tuple[str, str], ...]
    mark: str = ""


def scan_address(base_url: str, kind: str, code: str) -> str:
    """What a QR mark says: an address that a phone opens and that the scan page understands without the network."""
    return f"{base_url.rstrip('/')}/scan/{kind}/{quote(code, safe='')}"


def bin_labels_pdf(
    rows: Sequence[BinRow], base_url: str, size: LabelSize = LabelSize.A4, *, fonts: Fonts | None = None
) -> bytes:
    """Labels of bins. Raises ValueError without any, GlyphsMissing, PdfEngineMissing."""
    return _pdf(_LAYOUTS[size], [_bin_label(row, base_url) for row in rows], fonts)


def lot_labels_pdf(
    rows: Sequence[LotLabelRow], base_url: str, size: LabelSize = LabelSize.A4, *, fonts: Fonts | None = None
) -> bytes:
    """Labels of lots. Raises as `bin_labels_pdf`."""
    return _pdf(_LAYOUTS[size], [_lot_label(row, base_url) for row in rows], fonts)


def bin_cards_pdf(rows: Sequence[BinCardRow], base_url: str, *, fonts: Fonts | None = None) -> bytes:
    """Bin cards (货位卡), four on a sheet of A4. Raises as `bin_labels_pdf`."""
    return _pdf(_CARDS, [_card(row, base_url) for row in rows], fonts)


def _bin_label(row: BinRow, base_url: str) -> Label:
    offers = LABELS["StorageClass"][row.storage_class.value] if row.storage_class else ""
    facts = [("库房", row.site_name), ("库位", row.name)]
    facts += [("条件", offers)] if offers else []
    facts += [("容积", f"{row.capacity_cm3 / 1_000_000:,.2f} m³")] if row.capacity_cm3 else []
    mark = "收货区" if row.is_receiving else "待检" if row.kind.value == "quarantine" else ""
    return Label(
        qr_mark(scan_address(base_url, "location", row.code)), row.position or row.name, row.code, tuple(facts), mark
    )


def _lot_label(row: LotLabelRow, base_url: str) -> Label:
    facts = [(word, day.isoformat()) for word, day in (("生产", row.produced_on), ("有效期至", row.expires_on)) if day]
    facts += [("限制", row.restriction)] if row.restriction else []
    facts += [("物权", row.owner_name)]
    facts += [("厂家", row.manufacturer)] if row.manufacturer else []
    title = row.item_name if row.spec in row.item_name else f"{row.item_name} {row.spec}"
    return Label(qr_mark(scan_address(base_url, "lot", row.number)), title, row.number, tuple(facts), _mark_of(row))


def _mark_of(row: LotLabelRow) -> str:
    if row.is_exercise:
        return "演练"
    return "" if row.storage_class.value in {"dry", "open_air"} else LABELS["StorageClass"][row.storage_class.value]


def _card(row: BinCardRow, base_url: str) -> Card:
    lot = row.lot
    facts = (
        ("品名", lot.item_name),
        ("规格", lot.spec or "—"),
        ("编号", f"{lot.sku}　{lot.number}"),
        ("数量", f"{row.quantity:,} {lot.unit}"),
        ("生产日期", lot.produced_on.isoformat() if lot.produced_on else "—"),
        ("有效期至", lot.expires_on.isoformat() if lot.expires_on else "—"),
        ("生产厂家", lot.manufacturer or "—"),
        ("入库时间", _stored(row)),
        ("物权单位", lot.owner_name),
    )
    qr = qr_mark(scan_address(base_url, "lot", lot.number))
    return Card(qr, row.site_name, row.position or row.location_name, row.location_code, facts, _mark_of(lot))


def _stored(row: BinCardRow) -> str:
    if row.stored_on is not None:
        return row.stored_on.isoformat()
    return f"{beijing(row.stored_at):%Y-%m-%d %H:%M}" if row.stored_at else "—"


def _pdf(layout: Layout, labels: Sequence[Label | Card], fonts: Fonts | None) -> bytes:
    if not labels:
        raise ValueError("no labels to print")
    sheets = [labels[start : start + layout.per_sheet] for start in range(0, len(labels), layout.per_sheet)]
    html = _environment().get_template(layout.template).render(sheets=sheets, layout=layout)
    cast = fonts or default_fonts()
    text = set(unescape(_MARKUP.sub("", html)))
    if cast.missing(text):
        cast = cast.covering(text)
        if lacking := cast.missing(text):
            raise GlyphsMissing(lacking)
    press = engine(cast)
    images = {label.qr.asset: label.qr.png for label in labels}
    identifier = hashlib.sha256((html + font_css(cast)).encode()).digest()[:16]
    return press.write([press.lay_out(html, layout, images, {})], identifier)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
