"""Lists as files: the rows shown on all pages of a list are the rows of its file, for every list that is declared."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from supplyops.audit.tables import JournalEntry
from supplyops.exchange.lists import LISTED_MAX, ListFile
from supplyops.kernel.access import Role
from supplyops.kernel.errors import Conflict
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from tests.web.site import Browser, Site
from tests.web.story import Story
from web.lists import LISTINGS

NEXT = re.compile(r'<a href="([^"]+)">(?:下一页|更早的流水|更早的记录)</a>')


def address_of(site: Site, name: str) -> str:
    with site.app.test_request_context():
        from flask import url_for

        return url_for(f"pages.{LISTINGS[name].page}")


def rows_shown(browser: Browser, address: str) -> int:
    """How many rows the list has on all its pages."""
    count = 0
    for _ in range(100):
        page = browser.get(address)
        table = re.search(r'<table class="list.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
        count += table[1].count("<tr") if table else 0
        further = NEXT.search(page)
        if not further or not table:
            return count
        address = further[1].replace("&amp;", "&")
    raise AssertionError("a list without end")


def csv_rows(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def xlsx_rows(answer: TestResponse) -> tuple[list[list[object]], dict[object, object]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    facts = {row[0]: row[1] for row in book.get_sheet_by_name("说明").to_python()}
    return book.get_sheet_by_index(0).to_python(), facts


@pytest.mark.every_engine
def test_what_is_shown_is_what_is_exported_in_every_list(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    filled = 0
    for name, known in LISTINGS.items():
        if name == "journal":  # who may see it sees nothing else; it has a test of its own
            continue
        address = address_of(site, name)
        shown = rows_shown(browser, address)
        file = csv_rows(browser.client.get(f"{address}?as=csv"))
        assert (file[0], len(file) - 1) == (list(known.headers), shown), name
        sheet, facts = xlsx_rows(browser.client.get(f"{address}?as=xlsx"))
        assert (facts["行数"], max(len(sheet) - 1, 0)) == (str(shown), shown), name
        if shown:
            filled += 1
            assert f"{address}?as=xlsx" in browser.get(address), f"{name}: its page has no export_links()"
    assert filled >= 15


def test_the_journal_goes_out_with_every_entry(site: Site, story: Story) -> None:
    browser = site.browser(Role.AUDITOR)
    clerk = site.house.actor(Role.CLERK)
    for number in range(50):
        row = ParameterInput("hold.hours", str(24 + number), "小时", "U", date(2026, 1, 1))
        site.house.runtime.run(norms.save_parameters, clerk, [row])
    shown = rows_shown(browser, "/journal?outcome=done")
    file = csv_rows(browser.client.get("/journal?outcome=done&as=csv"))
    assert len(file) - 1 == shown > 50
    assert {row[8] for row in file[1:]} == {"完成"}
    assert site.browser(Role.CLERK).client.get("/journal?as=csv").status_code == 403


def test_every_list_page_can_be_taken_away(site: Site, story: Story) -> None:
    """A page that is a list, and has no number in its address, declares it; what is left out has a reason."""
    known = {listing.page for listing in LISTINGS.values()}
    rest = {"home", "tokens", "imports"}  # work, secrets, several lists on one page
    with site.app.test_request_context():
        rules = [rule for rule in site.app.url_map.iter_rules() if rule.endpoint.startswith("pages.")]
    browser, missing = site.browser(Role.CLERK), []
    for rule in rules:
        name = rule.endpoint.removeprefix("pages.")
        if rule.arguments or "GET" not in (rule.methods or ()) or name in known | rest:
            continue
        answer = browser.client.get(rule.rule)
        text = answer.get_data(as_text=True) if answer.mimetype == "text/html" and answer.status_code == 200 else ""
        if re.search(r'<table class="list', text) and not text.count('<form method="post"') > 2:
            missing.append(rule.rule)
    assert not missing, (
        f"declare a listing (web/lists), call file_of in the view and export_links in the page: {missing}"
    )


@pytest.mark.every_engine
def test_filters_narrow_the_file_as_they_narrow_the_page(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    everything = csv_rows(browser.client.get("/stock/lots?as=csv"))
    some = csv_rows(browser.client.get("/stock/lots?as=csv&text=帐篷&page=3"))
    assert 1 < len(some) < len(everything)
    assert {row[2] for row in some[1:]} == {row[2] for row in everything[1:] if "帐篷" in row[2]}
    assert len(some) - 1 == rows_shown(browser, "/stock/lots?text=帐篷")
    _, facts = xlsx_rows(browser.client.get("/stock/lots?as=xlsx&text=帐篷"))
    assert facts["筛选条件"] == "text=帐篷"


def test_taking_a_list_away_is_kept_in_the_journal(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    rows = len(csv_rows(browser.client.get("/sites?as=csv&level=city"))) - 1
    with site.house.runtime.database.read() as session:
        entry = session.query(JournalEntry).filter_by(command="exchange.note_export").one()
    assert entry.subject_number == "sites"
    assert (entry.detail["rows"], entry.detail["format"], entry.detail["narrowed_by"]) == (rows, "csv", ["level=city"])


def test_who_may_not_see_a_page_gets_no_file(site: Site, story: Story) -> None:
    assert site.browser().client.get("/stock/lots?as=csv").status_code == 302
    refused = site.browser(Role.SYSTEM_ADMIN).client.get("/stock/lots?as=csv")
    assert refused.status_code == 403
    assert refused.mimetype == "text/html"


def test_an_unknown_format_is_the_page(site: Site, story: Story) -> None:
    assert "<table" in site.browser(Role.CLERK).get("/sites?as=pdf")


def test_lists_over_the_api(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    known = browser.client.get("/api/v1/lists/").json
    assert {row["name"] for row in known} == set(LISTINGS)
    assert csv_rows(browser.client.get("/api/v1/lists/stock-lots/csv?text=帐篷")) == csv_rows(
        browser.client.get("/stock/lots?as=csv&text=帐篷")
    )
    assert browser.client.get("/api/v1/lists/things/csv").status_code == 404
    assert browser.client.get("/api/v1/lists/sites/pdf").status_code == 404
    assert site.browser().client.get("/api/v1/lists/sites/csv").status_code == 401
    assert site.browser(Role.SYSTEM_ADMIN).client.get("/api/v1/lists/stock-lots/csv").status_code == 403


def test_cells_cannot_be_computed_and_a_long_list_is_not_cut() -> None:
    columns = {"甲": lambda row: row, "乙": lambda row: 1_800_50}
    list_file = ListFile("x", "试", columns)
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\0=1", "\uff1d1+1", "'quoted"):
        rows = list(csv.reader(io.StringIO(list_file.write([text], "csv").decode("utf-8-sig"), newline="")))
        assert rows[1][0] == "'" + text
    assert list_file.write(["-5"], "csv").decode("utf-8-sig").splitlines()[1].startswith("'-5")
    with pytest.raises(Conflict) as caught:
        list_file.write(range(LISTED_MAX + 1), "csv")  # type: ignore[arg-type]
    assert caught.value.code == "list_too_long"
