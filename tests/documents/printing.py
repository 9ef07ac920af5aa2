"""Looking at a PDF the way a reader does: its text, its picture, where its glyphs stand."""

from __future__ import annotations

import ctypes
import io
import re
from dataclasses import dataclass
from functools import lru_cache

import pikepdf
import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp

MM = 25.4 / 72


@dataclass(frozen=True)
class Glyph:
    """A visible character with its box in millimetres from the page's upper left corner."""

    character: str
    left: float
    top: float
    right: float
    bottom: float
    size_pt: float


@dataclass(frozen=True)
class Stroke:
    """A coloured line or box, in millimetres from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    colour: tuple[int, int, int]

    @property
    def width(self) -> float:
        return self.right - self.left


def page_count(pdf: bytes) -> int:
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def texts(pdf: bytes) -> list[str]:
    """The text of each page, spaces and line breaks left out: only what is said counts."""
    return list(_texts(pdf))


@lru_cache(maxsize=40)
def _texts(pdf: bytes) -> tuple[str, ...]:
    """Several tests read the same sample."""
    return tuple(squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def size_mm(pdf: bytes, page: int = 0) -> tuple[int, int]:
    box = pypdf.PdfReader(io.BytesIO(pdf)).pages[page].mediabox
    return round(float(box.width) * MM), round(float(box.height) * MM)


def outline(pdf: bytes) -> list[tuple[str, int]]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return [(str(item["/Title"]), reader.get_destination_page_number(item)) for item in reader.outline]


def embedded_fonts(pdf: bytes) -> dict[str, bool]:
    """Every font's name, and whether its outlines are in the file."""
    found = {}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                found[str(item.FontName)] = any(key in item for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


def qr_texts(pdf: bytes, page: int = 0, scale: float = 3.0) -> list[tuple[str, tuple[float, float]]]:
    """Each QR mark on a page: what it says, and where its middle is as a share of the page's width and height."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[page].render(scale=scale, grayscale=True).to_pil()
    document.close()
    result = []
    for mark in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
        corners = [mark.position.top_left, mark.position.bottom_right]
        middle = (sum(c.x for c in corners) / 2 / picture.width, sum(c.y for c in corners) / 2 / picture.height)
        result.append((mark.text, middle))
    return result


def glyphs(pdf: bytes, page: int = 0) -> list[Glyph]:
    document = pypdfium2.PdfDocument(pdf)
    sheet = document[page]
    height = sheet.get_height()
    text = sheet.get_textpage()
    result = []
    for index in range(text.count_chars()):
        character = text.get_text_range(index, 1)
        left, bottom, right, top = text.get_charbox(index)
        if character.strip() and right > left:
            matrix = pdfium.FS_MATRIX()
            pdfium.FPDFText_GetMatrix(text.raw, index, matrix)
            size = pdfium.FPDFText_GetFontSize(text.raw, index) * abs(matrix.d)
            result.append(Glyph(character, left * MM, (height - top) * MM, right * MM, (height - bottom) * MM, size))
    document.close()
    return result


def strokes(pdf: bytes, page: int = 0) -> list[Stroke]:
    document = pypdfium2.PdfDocument(pdf)
    sheet = document[page]
    height = sheet.get_height()
    result = []
    for item in sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = item.get_bounds()
        channels = [ctypes.c_uint() for _ in range(4)]
        pdfium.FPDFPageObj_GetFillColor(item.raw, *channels)
        red, green, blue, _ = (channel.value for channel in channels)
        result.append(Stroke(left * MM, (height - top) * MM, right * MM, (height - bottom) * MM, (red, green, blue)))
    document.close()
    return result


@dataclass(frozen=True)
class Rule:
    """A horizontal line as it crosses a column of the page, in millimetres from the top."""

    top: float
    thickness: float


def rules(pdf: bytes, page: int, across_mm: float) -> list[Rule]:
    """The lines met on the way down at some distance from the left edge."""
    document = pypdfium2.PdfDocument(pdf)
    sheet = document[page]
    width, left = sheet.get_width(), across_mm / MM
    picture = sheet.render(scale=20, crop=(left, 0, width - left - 0.3, 0), grayscale=True).to_pil()
    document.close()
    dots = list(picture.crop((0, 0, 1, picture.height)).tobytes())
    found, start = [], None
    for place, shade in enumerate([*dots, 255]):
        if shade < 200 and start is None:
            start = place
        elif shade >= 200 and start is not None:
            found.append(Rule(start / 20 * MM, (place - start) / 20 * MM))
            start = None
    return found
