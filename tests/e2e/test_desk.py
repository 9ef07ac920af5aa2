"""Signing in, boards, and forms that work without a mouse and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from supplyops.incidents import queries as incidents
from supplyops.kernel.access import SYSTEM
from tests.e2e.chapters import LOADED, TOLD
from tests.e2e.town import PASSWORD, Town

Start = Callable[..., Town]


def rows_of(page: Page) -> int:
    """How many rows a list says or shows it has."""
    told = page.locator(".pager span").first
    if told.count():
        return int("".join(filter(str.isdigit, told.inner_text())))
    return page.locator("[data-row]").count()


def test_a_one_time_password_is_changed_and_the_board_opened(start: Start) -> None:
    town = start(TOLD)
    town.set_password("commander.city", once=True)
    page = town.page()
    page.goto("/incidents")
    page.get_by_label("用户名").fill("commander.city")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    page.goto("/stock")
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    page.get_by_label("原密码").fill(PASSWORD)
    page.get_by_label("新密码").fill("a brand-new saddle")
    page.get_by_role("button", name="保存").click()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
    page.get_by_text("崔月明").click()
    page.get_by_role("button", name="退出登录").click()
    page.goto("/stock")
    expect(page.get_by_role("button", name="登录")).to_be_visible()


MORE = [pytest.param(username, marks=pytest.mark.long) for username in ("clerk.city", "approver.city")]


@pytest.mark.parametrize("username", ["commander.city", "keeper.city", *MORE])
def test_every_number_opens_as_many_rows(start: Start, username: str) -> None:
    page = start(TOLD).sign_in(username)
    tiles = [
        (tile.get_attribute("href") or "", tile.inner_text(), int(tile.locator("b").inner_text().replace(",", "")))
        for tile in page.locator("[data-tile]").all()
    ]
    assert sum(number for _, _, number in tiles) > 0
    for address, words, number in tiles:
        page.goto(address)
        assert rows_of(page) == number, f"{words} at {address}"


FAULTY = """<!doctype html><html lang="zh"><head><title>x</title></head><body><main><h1>一</h1><h3>三</h3>
<input name="a"><img src="data:,"><button></button><i id="b"></i><i id="b"></i><div style="width:5000px">宽</div><div class="wide" style="overflow:auto;width:9px"><p style="width:99px">长</p></div></main></body></html>"""


def test_the_watch_sees_what_is_wrong(start: Start) -> None:
    town = start(LOADED)
    page = town.page()
    page.route("**/faulty", lambda route: route.fulfill(body=FAULTY, content_type="text/html; charset=utf-8"))
    page.goto("/faulty")
    page.evaluate("fetch('http://localhost:9/outside').catch(function () {})")
    page.goto("/sign-in")
    page.evaluate("document.body.appendChild(document.createElement('script')).src = 'https://outside.invalid/x.js'")
    page.evaluate("new Promise(function (done) { window.setTimeout(done, 0); })")
    seen = "\n".join(town.complaints)
    for word in ("field without a name", "picture without words", "nothing to read on", "the id twice", "left out before", "wider than", "rows longer than"):  # fmt: skip
        assert word in seen, word
    assert "outside: http://localhost:9/outside" in seen
    assert "policy script-src" in seen
    town.complaints.clear()


def test_parameters_that_are_long_lists_of_days_have_room(start: Start) -> None:
    page = start(LOADED).sign_in("keeper.city")
    page.goto("/norms/parameters")
    expect(page.get_by_text("2026-02-15..2026-02-23,")).to_be_visible()


def test_a_form_is_filled_in_with_the_keyboard_alone(start: Start) -> None:
    town = start(LOADED)
    page = town.sign_in("commander.city")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    reach(page, "登记突发事件")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("登记突发事件")
    for label, words in (("名称", "开干社区洪水"), ("事件类别", "自然灾害"), ("灾种", "洪涝"), ("行政区", "霍尔果斯市"), ("具体地点", "开干河边")):  # fmt: skip
        reach(page, label)
        page.keyboard.type(words) if label in {"名称", "具体地点"} else choose(page, words)
    reach(page, "登记")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("突发事件已登记")
    assert [row.name for row in town.runtime.read(incidents.incidents, SYSTEM)] == ["开干社区洪水"]


def reach(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus, and can be seen to have it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(NAME_OF_FOCUS) == name:
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard")


def choose(page: Page, words: str) -> None:
    """Go down a list until the words are chosen."""
    for _ in range(40):
        if page.evaluate("document.activeElement.selectedOptions[0].text") == words:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{words} cannot be chosen with the keyboard")


NAME_OF_FOCUS = """() => {
  const focused = document.activeElement;
  const label = focused.labels && focused.labels[0];
  return (label ? label.textContent : focused.textContent).trim();
}"""
