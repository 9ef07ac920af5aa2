"""A running site on a copy of the city's books, and browsers of the people in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, Request, Response

from supplyops.cli.serve import make_server
from supplyops.cli.solving import HANDLERS
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.database.engine import Database
from supplyops.demo.city import actor
from supplyops.kernel.access import SYSTEM
from supplyops.papers.seal import Sealer
from supplyops.people import commands as people
from supplyops.people import queries
from supplyops.people.secret import Passwords
from supplyops.runtime import Runtime, system_clock
from supplyops.verify.books import verify
from tests.serving import close_in_its_own_thread
from web import create_app

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "thirteen grey horses"
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
WATCH = (Path(__file__).parent / "watch.js").read_text(encoding="utf-8")
PATIENCE_MS = 15_000
REFUSED = "the server responded with a status of 4"
"""The browser says so of every refused form; what pages are made of is looked at apart."""


class RunningClock:
    """A clock that goes on from a moment of the story, and can be moved on."""

    def __init__(self, now: datetime) -> None:
        self._shift = now - system_clock()

    def __call__(self) -> datetime:
        return system_clock() + self._shift

    def move_on(self, **parts: float) -> None:
        """Time passes: hours, minutes."""
        self._shift += timedelta(**parts)


@dataclass
class Town:
    """The site, its books, and everything that browsers complained of."""

    runtime: Runtime
    clock: RunningClock
    settings: Settings
    address: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    def set_password(self, username: str, *, once: bool = False) -> None:
        """Give a person the password of the tests: as their own, or one that must be changed."""
        hashed = CHEAP.hash(PASSWORD)
        self.runtime.run(people.reset_password, SYSTEM, username, hashed)
        if not once:
            self.runtime.run(people.set_own_password, actor(self.runtime, username), hashed, "")

    def page(self, size: dict[str, int] = DESK, **options: Any) -> Page:
        """A page of a new browser that knows nobody, watched."""
        context = self.browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            base_url=self.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            has_touch=size is PHONE,
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(WATCH)
        context.on("console", lambda said: self._complain(said.type == "error" and REFUSED not in said.text, said.text))
        context.on("weberror", lambda error: self._complain(True, str(error.error)))
        context.on("request", self._look_at)
        context.on("response", self._check_status)
        return context.new_page()

    def sign_in(self, username: str, size: dict[str, int] = DESK, **options: Any) -> Page:
        """A page of a person's browser, signed in through the form."""
        self.set_password(username)
        page = self.page(size, **options)
        page.goto("/")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{self.address}/")
        return page

    def _complain(self, is_wrong: bool, text: str) -> None:
        if is_wrong:
            self.complaints.append(text)

    def _check_status(self, answer: Response) -> None:
        """A form may be refused; nothing that a page is made of may be missing, nothing may break."""
        is_page = answer.request.resource_type == "document"
        self._complain(answer.status >= (500 if is_page else 400), f"{answer.status} {answer.url}")

    def _look_at(self, sent: Request) -> None:
        self._complain(not sent.url.startswith((f"{self.address}/", "data:", "blob:")), f"outside: {sent.url}")

    def assert_books_are_right(self) -> None:
        """Every invariant holds, and there was something to check."""
        found = verify(self.runtime.database)
        assert [f"{each.id} {each.title}" for each in found if not each.is_clean] == []
        assert sum(each.checked for each in found) > 0


@contextmanager
def running(settings: Settings, now: datetime, browser: Browser, *, with_worker: bool = False) -> Iterator[Town]:
    """Serve the books of a data directory whose clock goes on from `now`."""
    clock = RunningClock(now)
    database = Database(settings.url)
    runtime = Runtime(database, queries.principal, clock=clock)
    app = create_app(runtime, settings, Sealer.from_folder(settings.data_dir, settings.public_base_url), CHEAP)
    server = make_server(app, "127.0.0.1", 0)
    stop = threading.Event()
    threads = [threading.Thread(target=server.run, name="site")]
    if with_worker:
        worker = Worker(runtime, settings, HANDLERS)
        threads.append(threading.Thread(target=worker.run, args=(stop,), name="worker"))
    for thread in threads:
        thread.start()
    try:
        yield Town(runtime, clock, settings, f"http://127.0.0.1:{server.effective_port}", browser)
    finally:
        stop.set()
        server.trigger.pull_trigger(lambda: close_in_its_own_thread(server))
        for thread in threads:
            thread.join(30)
        server.task_dispatcher.shutdown()
        database.dispose()
