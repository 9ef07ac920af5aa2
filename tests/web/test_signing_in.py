"""Signing in and out, and what keeps others out."""

from __future__ import annotations

import re

import pytest

from supplyops.kernel.access import SYSTEM, Role
from supplyops.people import commands as people
from tests.conftest import Clock
from tests.house import CITY
from tests.web.site import CHEAP, ORIGIN, PASSWORD, Site


@pytest.fixture
def name(site: Site) -> str:
    """A clerk with a one-time password."""
    site.house.actor(Role.CLERK)
    site.house.runtime.run(people.reset_password, SYSTEM, f"clerk.{CITY}", CHEAP.hash(PASSWORD))
    return f"clerk.{CITY}"


def test_visitors_are_sent_to_the_sign_in_page_and_back(site: Site, name: str) -> None:
    browser = site.browser()
    answer = browser.client.get("/stock?text=zp")
    assert answer.location == "/sign-in?next=/stock?text%3Dzp"
    browser.get(answer.location)
    answer = browser.post(answer.location, username=name, password=PASSWORD)
    assert answer.location == "/stock?text=zp"


@pytest.mark.parametrize(
    "target", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_away(site: Site, name: str, target: str) -> None:
    browser = site.browser()
    browser.get("/sign-in")
    answer = browser.client.post(
        "/sign-in",
        query_string={"next": target},
        data={**_hidden(browser.page), "username": name, "password": PASSWORD},
        headers=ORIGIN,
    )
    assert answer.location == "/"


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(form_token|request_key)" value="([^"]*)"', page))


def test_a_one_time_password_opens_only_the_page_that_changes_it(site: Site, name: str) -> None:
    browser = site.browser()
    browser.sign_in(name, PASSWORD)
    assert browser.client.get("/stock").location == "/password"
    assert browser.client.get("/api/v1/stock/items").status_code == 403
    browser.get("/password")
    page = browser.post("/password", 422, old_password="wrong", password="another long one").get_data(as_text=True)
    assert "原密码不正确" in page
    page = browser.post("/password", 422, old_password=PASSWORD, password="password12").get_data(as_text=True)
    assert "密码过于简单或常见" in page
    browser.post("/password", old_password=PASSWORD, password="another long one")
    browser.get("/stock")


def test_wrong_name_and_wrong_password_are_told_alike(site: Site, name: str) -> None:
    browser = site.browser()
    answers = []
    for username, password in ((name, "wrong"), ("nobody", PASSWORD)):
        browser.get("/sign-in")
        page = browser.post("/sign-in", 401, username=username, password=password).get_data(as_text=True)
        answers.append(re.findall(r'role="alert">(.*?)<', page))
    assert answers[0] == answers[1] == ["用户名或密码不正确,或一次性密码已失效。"]


def test_five_failures_lock_the_account_for_half_an_hour(site: Site, name: str, clock: Clock) -> None:
    browser = site.browser()
    for _ in range(5):
        browser.sign_in(name, "wrong", 401)
    browser.sign_in(name, PASSWORD, 401)
    assert "已临时锁定" in browser.page
    clock.advance(minutes=31)
    browser.sign_in(name, PASSWORD)


def test_a_copied_cookie_is_worth_nothing_after_signing_out(site: Site) -> None:
    browser = site.browser(Role.CLERK)
    browser.get("/stock")
    cookie = browser.client.get_cookie("supplyops")
    assert cookie is not None
    browser.post("/sign-out")
    browser.client.set_cookie("supplyops", cookie.value)
    assert browser.client.get("/stock").status_code == 302


def test_sessions_end_when_idle_and_when_the_account_ends(site: Site, clock: Clock) -> None:
    browser = site.browser(Role.CLERK)
    clock.advance(minutes=29)
    browser.get("/stock")
    clock.advance(minutes=29)
    browser.get("/stock")
    clock.advance(minutes=31)
    assert browser.client.get("/stock").status_code == 302
    other = site.browser(Role.KEEPER)
    site.house.runtime.run(people.disable_user, SYSTEM, f"keeper.{CITY}")
    assert other.client.get("/stock").status_code == 302


def test_a_form_from_elsewhere_or_without_its_token_does_nothing(site: Site) -> None:
    browser = site.browser(Role.CLERK)
    browser.get("/stock")
    hidden = _hidden(browser.page)
    for headers, data in (
        ({"Origin": "http://evil.example"}, hidden),
        ({"Sec-Fetch-Site": "cross-site"}, hidden),
        (ORIGIN, {}),
        (ORIGIN, {"form_token": "guess"}),
    ):
        assert browser.client.post("/sign-out", data=data, headers=headers).status_code == 403
    browser.get("/stock")


def test_every_answer_carries_the_headers_and_no_page_loads_anything_from_outside(site: Site) -> None:
    browser = site.browser(Role.CLERK)
    for address in ("/stock", "/sign-in", "/static/site.css", "/nowhere", "/api/v1/nowhere", "/healthz"):
        answer = browser.client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r'(src|href)="(https?:)?//', answer.get_data(as_text=True))
        assert "style=" not in answer.get_data(as_text=True)


def test_cookies_are_closed_to_scripts_and_other_sites(site: Site, name: str) -> None:
    browser = site.browser()
    browser.sign_in(name, PASSWORD)
    cookie = browser.client.get_cookie("supplyops")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_what_was_shown_of_one_organisation_stays_there(site: Site) -> None:
    house = site.house
    lot = house.lot()
    house.stock(lot, 5)
    keeper = site.browser(Role.KEEPER, "654004200")
    number = site.browser(Role.KEEPER).get("/stock/lots")
    lot_number = re.findall(r"/stock/lots/([A-Z0-9-]+)", number)[0]
    assert lot_number not in keeper.get("/stock/lots")
    keeper.get(f"/stock/lots/{lot_number}", 404)
    absent = keeper.get("/stock/lots/no-such-lot", 404)
    assert "没有找到该批次" in absent
