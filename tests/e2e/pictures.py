"""Pictures of the product for the README: `python -m tests.e2e.pictures` writes docs/images/*.png anew.

The story is told as `demo` tells it and looked at through the browser; Chinese is drawn with the fonts that papers use.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

import pylopdf_fonts_zh_cn
import pypdfium2
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from supplyops.dispatch import queries as orders
from supplyops.dispatch.views import OrderFilter
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import SYSTEM
from supplyops.planning import queries as plans
from tests.browser import ARGUMENTS, CHROMIUM
from tests.e2e.chapters import APPROVED, PLANNED, TOLD, Chapters
from tests.e2e.town import CHEAP, PHONE, Town, running

IMAGES = Path(__file__).parents[2] / "docs" / "images"
BYTES_MAX = 250_000
COLOURS = 200
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias></fontconfig>"""


def main() -> None:
    """Tell the story, look at it, keep the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        settings = folder / "fonts.conf"
        settings.write_text(FONTS.format(fonts=Path(pylopdf_fonts_zh_cn.__file__).parent, cache=folder / "cache"))
        environment = {**os.environ, "FONTCONFIG_FILE": str(settings)}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=environment)
        chapters = Chapters(folder, CHEAP)
        for chapter, look in ((PLANNED, look_at_plan), (APPROVED, look_at_orders), (TOLD, look_at_boards)):
            place = folder / f"town-{chapter}"
            place.mkdir()
            with running(*chapters.open(chapter, place), browser) as town:
                look(town)
                for context in browser.contexts:
                    context.close()
        browser.close()


def look_at_plan(town: Town) -> None:
    """The plan before anybody decided on it: coverage, why not, the map; what an owner sees."""
    number = town.runtime.read(plans.plans, SYSTEM)[0].number
    page = town.sign_in("dispatcher.city")
    page.goto(f"/plans/{number}")
    page.wait_for_selector(".leaflet-overlay-pane path[stroke-dasharray]", state="attached")
    keep("plan", page.screenshot(clip=around(page, "h2:has-text('各类需求满足情况')", 900), full_page=True))
    keep("plan-map", page.screenshot(clip=around(page, "h2:has-text('路线')", 760), full_page=True))
    owner = town.sign_in("approver.city")
    owner.goto(f"/plans/{number}")
    keep("approve", owner.screenshot(clip=around(owner, "h2:has-text('分物权单位审批')", 700), full_page=True))


def look_at_orders(town: Town) -> None:
    """An order in the keeper's hand, and the papers that came of the approval."""
    rows = town.runtime.read(orders.consignments, SYSTEM, OrderFilter(), limit=1000)
    row = max((row for row in rows if row.origin_code == "wh-city"), key=lambda row: len(row.lines))
    page = town.sign_in("keeper.city", PHONE)
    page.goto(f"/orders/consignments/{row.number}")
    keep("order-phone", page.screenshot())
    keep("allocation-slip", first_page(town, page, f"/orders/consignments/{row.number}"))
    office = town.sign_in("approver.city")
    keep("release-instruction", first_page(town, office, f"/orders/instructions/{row.instruction_number}"))


def look_at_boards(town: Town) -> None:
    """The commander's first page and the incident, while goods are on the road."""
    number = town.runtime.read(incidents.incidents, SYSTEM)[0].number
    page = town.sign_in("commander.city")
    keep("board", page.screenshot())
    page.goto(f"/incidents/{number}")
    keep("incident", page.screenshot())


def around(page: Page, heading: str, height: int) -> dict[str, float]:
    """The part of a long page that begins just above a heading."""
    box = page.locator(heading).first.bounding_box()
    assert box is not None, heading
    size = page.viewport_size
    assert size is not None
    return {"x": 180, "y": max(box["y"] - 16, 0), "width": size["width"] - 180, "height": height}


def first_page(town: Town, page: Page, address: str) -> bytes:
    """The first sheet of the first paper on a page, as the printer gets it."""
    page.goto(address)
    paper = page.get_by_role("link", name="查看").first.get_attribute("href") or ""
    sheet = pypdfium2.PdfDocument(page.request.get(f"{town.address}{paper}").body())[0]
    shown = io.BytesIO()
    sheet.render(scale=1.5).to_pil().save(shown, "PNG")
    return shown.getvalue()


def keep(name: str, picture: bytes) -> None:
    """Save a picture with few colours, small enough for a repository."""
    path = IMAGES / f"{name}.png"
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    assert size < BYTES_MAX, f"{path}: {size} bytes"
    print(f"{path.name} {image.width}×{image.height} {size // 1000} kB")


if __name__ == "__main__":
    main()
