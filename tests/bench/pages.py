"""Measures on books with a million moves: verification, and pages beside the same pages over a hundredth of the moves."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from supplyops.kernel.access import Role
from tests.bench import million
from tests.bench.books import make_house, verify_measures
from tests.bench.report import Measure
from tests.house import House
from tests.web.site import Browser, Site

TURNS = 25
ADDRESSES = (
    "/stock",
    "/stock/lots",
    "/stock/lots/M-000007",
    "/stock/moves",
    "/stock/moves?reason=opening",
    "/stock/moves?sku=A01002",
    "/stock/documents",
    "/search?text=zp",
    "/search/suggest?text=M-0000",
)
"""Lists, searches, one lot with its history, and moves by a reason that few have. All have as many rows to show in both books."""


def a_million(folder: Path, moves: int = 1_000_000) -> list[Measure]:
    """Every invariant on very many moves, then pages over them; the same 1,000 lots lie in both books."""
    many, few = make_house(folder, "many.db"), make_house(folder, "few.db")
    start = time.perf_counter()
    million.fill(many, moves)
    filled_s = time.perf_counter() - start
    million.fill(few, moves // 100)
    measures = [Measure(f"{moves:,} moves made for these measures", filled_s, "s"), *verify_measures(many, moves)]
    quick, slow = (browser_on(house, folder / f"site-{name}") for name, house in (("few", few), ("many", many)))
    said = f"{moves // 100:,} moves", f"{moves:,}"
    return [*measures, *(ratio(address, quick, slow, address, said=said) for address in ADDRESSES)]


def browser_on(house: House, folder: Path, role: Role = Role.KEEPER) -> Browser:
    """A browser on a site of its own."""
    folder.mkdir()
    return Site(house, folder, shares=False).browser(role)


def ratio(
    name: str, few: Browser, many: Browser, address: str, *, said: tuple[str, str], turns: int = TURNS
) -> Measure:
    """Asked for in turn, so that whatever else the machine does meets both; the first turns warm up."""
    times: dict[Browser, list[float]] = {few: [], many: []}
    for turn in range(turns + 5):
        for browser, taken in times.items():
            start = time.perf_counter()
            browser.get(address)
            if turn >= 5:
                taken.append(time.perf_counter() - start)
    slow, quick = (statistics.median(times[browser]) * 1000 for browser in (many, few))
    return Measure(
        f"{name}: {quick:.1f} ms with {said[0]}, {slow:.1f} ms with {said[1]}", slow / quick, "x", maximum=1.5
    )
