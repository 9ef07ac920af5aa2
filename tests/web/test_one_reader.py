"""A page reads through one connection: a second one would wait for a writer who waits until the first one is done."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from supplyops.kernel.access import Role
from tests.web.site import Site

PAGES = (
    "/",
    "/stock",
    "/stock/lots",
    "/stock/moves",
    "/stock/documents",
    "/orders/consignments",
    "/notices",
    "/search?text=a",
)


def test_a_page_reads_through_one_connection(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplyops.runtime.OWN_FOR_NS", 0)  # whether the books are a copy is asked for each page
    browser = site.browser(Role.KEEPER)
    pool = site.house.runtime.database.reader.pool
    in_use: list[int] = []
    event.listen(pool, "checkout", lambda *_: in_use.append(pool.checkedout()))  # type: ignore[attr-defined]
    for address in PAGES:
        in_use.clear()
        browser.get(address)
        assert set(in_use) == {1}, address
