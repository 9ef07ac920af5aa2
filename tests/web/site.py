"""A site on a small house, and browsers signed in to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from supplyops.config import Settings
from supplyops.kernel.access import ANONYMOUS, Actor, Role
from supplyops.papers.seal import Sealer
from supplyops.people import commands as people
from supplyops.people.secret import Passwords, token, token_digest
from tests.house import CITY, House
from tests.web.twice import Twice
from web import House as Behind
from web import create_app
from web.session import cookie_name

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "correct horse battery"
ORIGIN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


class Site:
    """An application and its house. One after another they share an application: its addresses take seconds to register."""

    _app: ClassVar[Flask | None] = None

    def __init__(self, house: House, folder: Path, *, shares: bool = True) -> None:
        self.house = house
        self.settings = Settings(data_dir=folder, public_base_url="http://localhost")
        self.sealer = Sealer.from_folder(folder, self.settings.public_base_url)
        if not shares or Site._app is None:
            self.app: Flask = create_app(house.runtime, self.settings, self.sealer, CHEAP)
            Site._app = self.app if shares else Site._app
        else:
            self.app = Site._app
            self.app.extensions["house"] = Behind(house.runtime, self.settings, CHEAP, self.sealer)
        if not isinstance(self.app.wsgi_app, Twice):
            self.app.wsgi_app = Twice(self.app)  # type: ignore[method-assign, assignment]
        self.app.testing = True

    def browser(self, role: Role | None = None, organisation: str = CITY) -> Browser:
        """A browser, signed in as a person with that role, or nobody."""
        browser = Browser(self.app.test_client())
        if role is not None:
            browser.open_session(self.house, self.house.actor(role, organisation))
        return browser


class Browser:
    """A browser that fills in forms: it sends the form token of the page it last saw."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = ""

    def get(self, address: str, status: int = 200) -> str:
        """Open a page; fails unless it answers with that status."""
        return self._seen(self.client.get(address), status)

    def post(self, address: str, status: int = 303, /, **fields: str) -> TestResponse:
        """Send a form with the token and key of the page last seen."""
        hidden = dict(re.findall(r'name="(form_token|request_key)" value="([^"]*)"', self.page))
        response = self.client.post(address, data={**hidden, **fields}, headers=ORIGIN)
        self._seen(response, status)
        return response

    def open_session(self, house: House, actor: Actor) -> None:
        """A session as signing in with a password of one's own begins it, without the pages for it."""
        assert actor.user_id is not None
        fresh, form_token = token(), token()
        house.runtime.run(people.set_own_password, actor, CHEAP.hash(PASSWORD + " staple"), "")
        house.runtime.run(people.open_session, ANONYMOUS, actor.user_id, token_digest(fresh), form_token, "")
        with self.client.application.app_context():
            self.client.set_cookie(cookie_name(), fresh)
        self.page = f'<input name="form_token" value="{form_token}">'

    def sign_in(self, username: str, password: str, status: int = 303) -> None:
        """Through the form, as people do."""
        self.get("/sign-in")
        self.post("/sign-in", status, username=username, password=password)

    def change_password(self, old: str, new: str) -> None:
        """A one-time password must be changed first."""
        self.get("/password")
        self.post("/password", old_password=old, password=new)

    def _seen(self, response: TestResponse, status: int) -> str:
        text = "" if response.mimetype == "application/pdf" else response.get_data(as_text=True)
        assert response.status_code == status, f"{response.status_code} instead of {status}: {text[:2000]}"
        if response.mimetype == "text/html":
            self.page = text
        return text
