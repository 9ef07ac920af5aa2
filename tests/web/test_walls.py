"""What keeps others out: names of the site, too many tries from one place, secrets that stay out of logs, silent connections."""

from __future__ import annotations

import dataclasses
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from supplyops.cli.serve import make_server
from supplyops.exchange.parsers import MOMENT, Unreadable
from supplyops.kernel.access import Role
from supplyops.people import commands as people
from supplyops.people import queries as people_queries
from supplyops.people.secret import token, token_digest
from tests.api.test_basics import with_token
from tests.conftest import START, Clock
from tests.house import CITY, House
from tests.serving import close_in_its_own_thread
from tests.web.site import CHEAP, PASSWORD, Site
from web import create_app
from web.security import trusted_hosts
from web.throttle import ADDRESSES_MAX, FAILURES_MAX, WINDOW, Throttle


@pytest.mark.parametrize(
    ("profile", "address", "host", "status"),
    [
        ("production", "https://supplies.example", "supplies.example", 200),
        ("production", "https://supplies.example", "127.0.0.1:8080", 200),
        ("production", "https://supplies.example", "evil.example", 400),
        ("demo", "https://supplies.example", "evil.example", 400),
        ("demo", "http://127.0.0.1:8080", "192.168.1.7:8080", 200),
    ],
)
def test_the_site_answers_to_its_own_name(
    house: House, tmp_path: Path, profile: str, address: str, host: str, status: int
) -> None:
    site = Site(house, tmp_path)
    settings = dataclasses.replace(site.settings, profile=profile, public_base_url=address)
    app = create_app(house.runtime, settings, site.sealer, CHEAP)
    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == status
    assert (trusted_hosts(settings) is None) == (profile == "demo" and "127.0.0.1" in address)


def test_an_address_that_failed_too_often_waits_and_others_do_not(site: Site, clock: Clock) -> None:
    browser = site.browser()
    browser.get("/sign-in")
    for _ in range(FAILURES_MAX):
        browser.post("/sign-in", 401, username="nobody", password="wrong")
    hidden = browser.post("/sign-in", 429, username="nobody", password="wrong")
    assert 0 < int(hidden.headers["Retry-After"]) <= WINDOW.total_seconds() + 1
    assert "请求过于频繁" in hidden.get_data(as_text=True)
    clock.advance(minutes=6)
    browser.get("/sign-in")
    browser.post("/sign-in", 401, username="nobody", password="wrong")


def test_the_throttle_forgets_and_does_not_grow() -> None:
    throttle = Throttle()
    for number in range(ADDRESSES_MAX + 5):
        throttle.note_failure(str(number), START)
    assert len(throttle._failures) == ADDRESSES_MAX
    for _ in range(FAILURES_MAX):
        throttle.note_failure("a", START)
    assert throttle.wait_s("a", START) > 0
    assert throttle.wait_s("b", START) == 0
    assert throttle.wait_s("a", START + WINDOW + timedelta(seconds=1)) == 0


def test_a_revoked_token_ends_at_once_and_so_does_a_disabled_accounts(site: Site) -> None:
    runtime, actor = site.house.runtime, site.house.actor(Role.CLERK)
    client = site.app.test_client()
    secrets = [token(), token()]
    for number, secret in enumerate(secrets):
        runtime.run(people.issue_token, actor, f"t{number}", token_digest(secret), 30)
    headers = [{"Authorization": f"Bearer {secret}"} for secret in secrets]
    assert [client.get("/api/v1/stock/items", headers=each).status_code for each in headers] == [200, 200]
    first = runtime.read(people_queries.my_tokens, actor)[0]
    revoked = secrets.index(next(secret for n, secret in enumerate(secrets) if first.name == f"t{n}"))
    runtime.run(people.revoke_token, actor, first.id)
    codes = [client.get("/api/v1/stock/items", headers=each).status_code for each in headers]
    assert (codes[revoked], codes[1 - revoked]) == (401, 200)
    runtime.run(people.disable_user, site.house.actor(Role.SYSTEM_ADMIN, "root"), f"clerk.{CITY}")
    assert [client.get("/api/v1/stock/items", headers=each).status_code for each in headers] == [401, 401]


def test_secrets_are_kept_as_hashes_and_out_of_errors(site: Site) -> None:
    secret = token()
    site.house.runtime.run(people.issue_token, site.house.actor(Role.CLERK), "t", token_digest(secret), 30)
    with site.house.runtime.database.reader.connect() as connection:
        for table in ("api_token", "app_user", "journal_entry", "request_key", "user_session"):
            assert secret not in str(connection.execute(text(f"SELECT * FROM {table}")).all())
        with pytest.raises(DBAPIError) as error:
            connection.execute(text("SELECT * FROM nowhere WHERE x = :secret"), {"secret": secret})
        assert secret not in str(error.value)


def test_an_unexpected_error_is_an_apology_and_a_log_line_without_what_was_sent(house: House, tmp_path: Path) -> None:
    site = Site(house, tmp_path, shares=False)
    site.app.testing = False

    @site.app.post("/break")
    def break_down() -> str:
        raise RuntimeError("broken")

    browser = site.browser()
    browser.get("/sign-in")
    with capture_logs() as lines:
        page = browser.post("/break", 500, password=PASSWORD).get_data(as_text=True)
    assert "RuntimeError" not in page
    assert "Traceback" not in page
    (line,) = [line for line in lines if line["event"] == "unexpected"]
    assert "RuntimeError: broken" in line["trace"]
    assert PASSWORD not in str(line)
    assert line["request_id"] in page


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    """The site behind the real server, as `serve` starts it."""
    server = make_server(site.app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.trigger.pull_trigger(lambda: close_in_its_own_thread(server))
    thread.join(30)
    assert not thread.is_alive()
    server.task_dispatcher.shutdown()


def test_silent_and_half_sent_connections_do_not_keep_anybody_out(port: int) -> None:
    with ExitStack() as stack:
        for number in range(1100):  # more than select() could look at
            silent = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            if number % 2:
                silent.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nuser")
        for _ in range(20):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                assert answer.status == 200


def test_what_no_database_keeps_is_refused_before_it_is_looked_up(site: Site) -> None:
    keeper = site.browser(Role.KEEPER)
    program = with_token(site, Role.KEEPER)
    for address in ("/stock?text=%00", "/search?q=a%00b", "/stock/lots/%00", "/stock/documents?text=%00&page=1"):
        assert "U+0000" in keeper.get(address, 422)
    for address in ("search/?text=%00", "stock-documents/?text=%00", "stock-documents/%00"):
        answer = keeper.client.get(f"/api/v1/{address}", headers=program)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "hidden_character")
    keeper.get("/stock/receive")
    keeper.post("/stock/receive", 422, site_code="\0")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:00-08:00", "1899-12-31T00:00:00Z"])
def test_moments_that_no_clock_shows_are_refused(site: Site, moment: str) -> None:
    keeper = site.browser(Role.KEEPER)
    program = with_token(site, Role.KEEPER)
    at = quote(moment)
    answer = keeper.client.get(f"/api/v1/stock/as-of/rows?moment={at}", headers=program)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "not_a_moment")
    for address in (f"/stock/as-of?moment={at}", f"/stock/as-of?moment={moment[:16]}", f"/stock/moves?from={at}"):
        assert keeper.client.get(address).status_code == 422
    with pytest.raises(Unreadable, match="not_a_moment"):
        MOMENT.read(moment)
