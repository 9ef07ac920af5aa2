"""Under every filter of every list: the rows shown are the rows taken away, in the city with its diary and its story."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from supplyops.demo import city, desks, diary
from supplyops.demo.scene import Scene
from supplyops.runtime import Runtime
from tests.conftest import Clock
from tests.demo.test_diary import Moving
from tests.house import House
from tests.web.site import Browser, Site
from tests.web.test_lists import NEXT, csv_rows, xlsx_rows
from web.lists import LISTINGS

OPTIONS_MAX = 5
"""So many of a long choice are tried."""
SET_APART = {"journal", "restock-advice"}


@pytest.fixture
def site(peopled: Runtime, clock: Clock, tmp_path: Path) -> Site:
    starts_at = clock.now + diary.LEAD
    diary.keep(Scene(peopled, Moving(clock), starts_at))
    clock.now = max(clock.now, starts_at)
    desks.fill(Scene(peopled, Moving(clock), starts_at))
    return Site(House(peopled), tmp_path)


def choices(page: str) -> Iterator[tuple[str, str]]:
    """(field, value) of everything that the filter form of a page offers."""
    form = re.search(r'<form class="filters.*?</form>', page, re.DOTALL)
    if form is None:
        return
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        values = [html.unescape(value) for value in re.findall(r'<option value="([^"]+)"', options)]
        yield from ((name, value) for value in values[:OPTIONS_MAX])
        yield from ((name, value) for value in values[OPTIONS_MAX:][-1:])
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name = re.search(r'name="(\w+)"', tag)
        kind = re.search(r'type="(\w+)"', tag)
        if name is None or (kind and kind[1] == "hidden"):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        if name[1] in {"from", "to", "moment"}:
            yield from ((name[1], day) for day in ("2026-01-10 08:00", "2026-01-02"))
        elif kind and kind[1] == "checkbox":
            yield name[1], value[1] if value else "1"
        elif kind and kind[1] in {"date", "datetime"}:
            yield name[1], "2026-01-10"
        elif kind and kind[1] == "number":
            yield name[1], "30"
        else:
            yield from ((name[1], word) for word in ("帐篷", "A0", "无此物", "%"))


def shown_under(browser: Browser, address: str) -> tuple[int, str]:
    """How many rows the list has on all its pages, and how many its page says that there are."""
    count, said = 0, ""
    for _ in range(100):
        page = browser.get(address)
        links = re.search(r'<div class="exports">(.*?):', page)
        if links is None:
            return count, said
        said = said or re.sub(r"[^0-9+]", "", links[1])
        table = re.search(r'<table class="list.*?<tbody>(.*?)</tbody>', page[links.end() :], re.DOTALL)
        count += table[1].count("<tr") if table else 0
        further = NEXT.search(page)
        if not further:
            return count, said
        address = html.unescape(further[1])
    raise AssertionError("a list without end")


@pytest.mark.long
def test_rows_shown_are_rows_taken_away_under_every_filter(site: Site) -> None:
    browser = Browser(site.app.test_client())
    browser.open_session(site.house, city.actor(site.house.runtime, "clerk.city"))
    wrong, tried, narrowing = [], 0, 0
    for name, known in LISTINGS.items():
        if name in SET_APART:
            continue
        with site.app.test_request_context():
            from flask import url_for

            address = url_for(f"pages.{known.page}")
        first = browser.client.get(address)
        if first.status_code != 200:
            wrong.append(f"{name}: {first.status_code}")
            continue
        whole = None
        for field, value in [("", ""), *choices(first.get_data(as_text=True))]:
            asked = f"{address}?{field}={quote(value)}" if field else f"{address}?"
            answer = browser.client.get(asked)
            if answer.status_code != 200:
                wrong.append(f"{name} {asked}: {answer.status_code}")
                continue
            shown, said = shown_under(browser, asked)
            file = browser.client.get(f"{asked}&as=csv")
            if file.status_code != 200:
                wrong.append(f"{name} {asked}: CSV {file.status_code}")
                continue
            out = max(len(csv_rows(file)) - 1, 0)
            sheet, _ = xlsx_rows(browser.client.get(f"{asked}&as=xlsx"))
            tried += 1
            whole = shown if whole is None else whole
            narrowing += shown < whole
            if not shown == out == max(len(sheet) - 1, 0) or said not in {"", str(shown)}:
                wrong.append(f"{name} {asked}: shown {shown}, said {said}, CSV {out}, XLSX {max(len(sheet) - 1, 0)}")
    assert not wrong, "\n".join(wrong)
    assert tried > 100
    assert narrowing > 50
