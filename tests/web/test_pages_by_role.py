"""Every page, by everybody: who may, who may not, in both languages, with nothing inline and nothing from outside."""

from __future__ import annotations

import re

import pytest

from supplyops.kernel.access import Role
from tests.house import TENT
from tests.web.site import Site
from tests.web.story import SQUARE, Story


def addresses(story: Story) -> dict[str, frozenset[Role]]:
    """Each page and who of the four below may open it; the others are refused."""
    everybody = frozenset({Role.CLERK, Role.COMMANDER, Role.KEEPER, Role.SYSTEM_ADMIN})
    office = frozenset({Role.CLERK, Role.COMMANDER})
    events = office | {Role.KEEPER}
    clerk = frozenset({Role.CLERK})
    incident, draft = f"/incidents/{story.incident_number}", f"/requests/{story.drafts[0]}"
    return {
        "/": everybody,
        "/tokens": everybody,
        "/incidents": events,
        "/incidents/new": office,
        incident: events,
        f"{incident}/reports": events,
        f"{incident}/reports?from=1&to=2": events,
        f"{incident}/reports/new": office,
        f"{incident}/response": events,
        f"{incident}/needs": events,
        f"{incident}/map": events,
        "/requests": office,
        f"/requests?incident={story.incident_number}": office,
        "/requests/lines?unmet=1": office,
        f"/requests/new?incident={story.incident_number}": office,
        f"/requests/new?from={story.accepted}": office,
        draft: office,
        f"{draft}/edit": office,
        f"/requests/{story.submitted}": office,
        "/letters": office,
        "/letters/new": office,
        "/roads": everybody,
        "/roads/r-village": everybody,
        "/map": everybody,
        "/map/data": everybody,
        "/sites": everybody,
        "/sites/new": clerk,
        "/areas": everybody,
        "/items": everybody,
        "/items/new": clerk,
        f"/items/{TENT}": everybody,
        f"/items/{TENT}/edit": clerk,
        "/norms": everybody,
        "/norms/reserve": everybody,
        "/norms/thresholds": everybody,
        "/norms/parameters": everybody,
        "/norms/need/edit": clerk,
        "/norms/reserve/edit?code=R1": clerk,
        "/norms/threshold/edit?code=3-moved_or_aid": clerk,
        "/norms/parameter/edit?code=household_size": clerk,
        f"/sites/{SQUARE}": everybody,
        f"/sites/{SQUARE}/edit": clerk,
        f"/sites/{SQUARE}/locations": clerk,
        "/duties/consignments_late": events,
    }


INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:|(?:src|href)=\"(?:https?:)?//")


@pytest.mark.every_engine
def test_every_page_opens_for_those_who_may_and_for_nobody_else(site: Site, story: Story) -> None:
    for role in (Role.CLERK, Role.COMMANDER, Role.KEEPER, Role.SYSTEM_ADMIN):
        browser = site.browser(role)
        for address, allowed in addresses(story).items():
            answer = browser.client.get(address)
            text = answer.get_data(as_text=True)
            wanted = {200} if role in allowed else {403, 404}
            assert answer.status_code in wanted, f"{role} {address}: {answer.status_code}"
            assert not INLINE.search(text), f"{address}: {INLINE.search(text)}"


def test_every_page_is_there_in_english_too(site: Site, story: Story) -> None:
    left = {address for address in addresses(story) if not address.startswith("/map/")} | plain_addresses(site)
    told: dict[str, set[str]] = {}
    for role in (Role.CLERK, Role.KEEPER, Role.SYSTEM_ADMIN, Role.AUDITOR):
        browser = site.browser(role)
        browser.client.set_cookie("language", "en")
        answers = {address: browser.client.get(address) for address in left}
        shown = {address: answer for address, answer in answers.items() if answer.status_code == 200}
        left -= set(shown)
        for address, answer in shown.items():
            page = answer.get_data(as_text=True)
            if answer.mimetype != "text/html" or "<html" not in page:
                continue
            assert '<html lang="en">' in page, address
            menu = re.findall(r'<nav class="site-nav".*?</nav>', page, re.DOTALL)[0]
            assert not re.search("[\u4e00-\u9fff]", menu), address
            heads = re.findall(r"<th(?![^>]*lang=)[^>]*>([^<]*)</th>|<label[^>]*>([^<]*)</label>", page)
            chinese = {text for parts in heads for text in parts if re.search("[\u4e00-\u9fff]", text)}
            if chinese:
                told[address] = chinese
    assert told == {}


def plain_addresses(site: Site) -> set[str]:
    """Pages that need no number and no choice."""
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.endpoint.startswith("pages.")]
    found = {rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments}
    return {address for address in found if not address.endswith(".pdf")}


@pytest.mark.every_engine
def test_every_address_without_a_number_is_a_page_for_somebody(site: Site, story: Story) -> None:
    """Nothing has to be added here for a new page; its questions are asked of each database."""
    left = plain_addresses(site)
    assert len(left) > 60
    for role in (
        Role.CLERK,
        Role.KEEPER,
        Role.COMMANDER,
        Role.SYSTEM_ADMIN,
        Role.AUDITOR,
        Role.APPROVER,
        Role.DISPATCHER,
    ):
        browser = site.browser(role)
        answers = {address: browser.client.get(address).status_code for address in left}
        assert {code for code in answers.values() if code >= 500} == set(), answers
        left = {address for address, code in answers.items() if code not in {200, 302, 303}}
    assert left == set()


def test_visitors_see_none_of_it(site: Site, story: Story) -> None:
    browser = site.browser()
    for address in addresses(story):
        answer = browser.client.get(address)
        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in"), address


def test_what_does_not_exist_is_not_found(site: Site, story: Story) -> None:
    browser = site.browser(Role.CLERK)
    for address in (
        "/incidents/none",
        "/incidents/none/needs",
        "/requests/none",
        "/letters/none",
        "/roads/none",
        "/sites/none",
        "/items/none",
        "/duties/none",
        "/norms/none/edit",
        "/norms/need/edit?code=none",
    ):
        browser.get(address, 404)
        assert "请核对地址" in browser.page
        assert "重新提交" not in browser.page, "nothing was sent"
