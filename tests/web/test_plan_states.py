"""A plan's page in each state, with a solution and without: it opens, and says in words what happened."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from supplyops.jobs import commands as jobs
from supplyops.kernel.access import SYSTEM, Role
from supplyops.planning import commands, setting_aside
from supplyops.runtime import Runtime
from tests.house import CITY, TENT
from tests.once import once
from tests.planning.town import Town, build_town
from tests.web.site import Browser, Site


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """Tents are asked for and there are some."""
    town = build_town(runtime)
    town.request((TENT, 120))
    town.house.stock(town.house.lot(), 60)
    return town


@pytest.fixture
def site(town: Town, tmp_path: Path) -> Site:
    """A site on the town."""
    return Site(town.house, tmp_path)


def page_of(town: Town, site: Site, plan: UUID) -> str:
    """The plan's page as two readers see it, and every address it offers answers."""
    number = town.head(plan).number
    site.browser(Role.APPROVER).get(f"/plans/{number}")
    browser: Browser = site.browser(Role.COMMANDER)
    browser.get(f"/plans/{number}/routes")
    browser.get(f"/plans/{number}/problem.json")
    return browser.get(f"/plans/{number}")


def test_solving_and_cancelled_before_anything_was_found(town: Town, site: Site) -> None:
    plan = town.start()
    assert "排队等待" in page_of(town, site, plan)
    town.runtime.run(commands.cancel_plan, town.commander, plan)
    page = page_of(town, site, plan)
    assert "已取消求解,没有得出方案。" in page
    assert "重新编制" in page


def test_failed_says_why(town: Town, site: Site) -> None:
    plan = town.start()
    taken = town.runtime.run(jobs.take, SYSTEM, "worker", town.head(plan).job_id)
    assert taken is not None
    error = {"code": "solver_time", "params": {"seconds": 5}}
    assert town.runtime.run(commands.fail_plan, SYSTEM, plan, *taken, error)
    page = page_of(town, site, plan)
    assert "求解超过 5 秒仍未结束" in page
    assert "重新编制" in page


def test_a_lost_worker_is_said_by_the_plan_that_comes_after(town: Town, site: Site) -> None:
    plan = town.start()
    job = town.head(plan).job_id
    assert job is not None
    town.runtime.run(jobs.cancel, SYSTEM, job)
    assert "后台任务已中断" in page_of(town, site, plan)
    town.start()
    page = page_of(town, site, plan)
    assert "后台任务中断,没有得出方案" in page


def test_superseded_names_the_plan_that_replaced_it(town: Town, site: Site) -> None:
    old, new = town.plan(), town.plan()
    number = town.head(new).number
    page = page_of(town, site, old)
    assert "已被较新的方案取代" in page
    assert f'href="/plans/{number}"' in page
    assert "已被较新的方案取代" not in page_of(town, site, new)


def test_a_draft_put_aside_says_so_and_keeps_what_was_found(town: Town, site: Site) -> None:
    plan = town.plan()
    town.runtime.run(setting_aside.set_aside, town.commander, plan)
    page = page_of(town, site, plan)
    assert "本方案已放弃" in page
    assert "分配明细" in page


def test_decided_shows_what_each_owner_said(town: Town, site: Site) -> None:
    plan = town.plan()
    number = town.head(plan).number
    approver = site.browser(Role.APPROVER)
    approver.get(f"/plans/{number}")
    approver.post(f"/plans/{number}/parts/{CITY}/approve", document_number="")
    page = page_of(town, site, plan)
    assert "已批准" in page
