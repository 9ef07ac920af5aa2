"""The pages of asking: numbers that open their moves, stock at a moment, the search box, over pages, API and command line."""

from __future__ import annotations

import csv
import re

from supplyops.kernel.access import Role
from tests.web.site import Site
from tests.web.story import Story


def test_every_number_of_the_stock_pages_opens_moves_that_agree(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    links: set[tuple[str, str]] = set()
    for address in ("/stock", "/stock/lots"):
        links |= set(re.findall(r'<a href="(/stock/statement\?[^"]*)">([\d,]+)</a>', browser.get(address)))
    assert len(links) > 5
    for link, shown in sorted(links):
        page = browser.get(link.replace("&amp;", "&"))
        assert "相符" in page, link
        assert f"<b>{shown}</b>" in page, (link, shown)


def test_the_statement_of_several_items_says_that_they_have_no_sum(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    page = browser.get("/stock/statement")
    assert "多种物资" in page
    assert "相符" in page
    assert "账面结存" not in page
    text = browser.client.get("/stock/statement?as=csv").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["物资编码"] for row in rows}) > 1
    assert {row["结存"] for row in rows} == {""}


def test_stock_at_a_moment_and_its_files(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    for address in ("/stock/as-of", "/stock/as-of/items"):
        assert "按记账时间" in browser.get(address)
        nothing = browser.get(f"{address}?moment=2000-01-01T00:00&by=occurred")
        assert "那时没有符合条件的库存" in nothing
        assert browser.client.get(f"{address}?moment=yesterday").status_code == 422
    lots = browser.client.get("/api/v1/stock/as-of/rows?limit=500").json
    now = browser.client.get("/api/v1/stock/rows?limit=500").json
    assert {(row["lot_number"], row["location_code"]): row["on_hand"] for row in lots} == {
        (row["lot_number"], row["location_code"]): row["on_hand"] for row in now
    }


def test_the_search_box_works_without_scripts_and_suggests_with_them(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    page = browser.get("/")
    assert 'role="combobox"' in page
    assert 'action="/search"' in page
    assert "12m²棉帐篷" in browser.get("/search?text=zp")
    rows = browser.client.get("/search/suggest?text=zp").json
    assert rows[0]["title"] == "12m²棉帐篷"
    assert rows[0]["address"] == "/items/A01002"
    assert browser.client.get("/api/v1/search/?text=zp").json[0]["key"] == "A01002"
    assert "没有找到" in browser.get("/search?text=没有的东西")
    assert site.browser().client.get("/search/suggest?text=zp").status_code in {302, 303}, "to sign in"
    for row in rows:
        assert browser.client.get(row["address"]).status_code == 200, row


def test_the_moves_page_shows_both_times_and_narrows(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    everything = browser.client.get("/api/v1/stock/moves?limit=500").json
    first = everything[0]
    narrowed = browser.client.get(f"/api/v1/stock/moves?limit=500&document={first['document_number']}").json
    assert [row["seq"] for row in narrowed] == [
        row["seq"] for row in everything if row["document_number"] == first["document_number"]
    ]
    page = browser.get(f"/stock/moves?document={first['document_number']}&sku={first['sku']}")
    assert first["document_number"] in page
    assert "记账" in page
    assert browser.client.get("/stock/moves?from=nonsense").status_code == 422
