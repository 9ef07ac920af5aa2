"""Who is asking: a session cookie or an API token, looked up in the books at each request."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from supplyops.kernel.access import ANONYMOUS, Actor
from supplyops.kernel.errors import Forbidden, Unauthenticated
from supplyops.people import commands, queries
from supplyops.people.rules import SESSION_LENGTH
from supplyops.people.signing_in import SignedIn
from web import view

SAFE = {"GET", "HEAD", "OPTIONS"}
TOUCH_AFTER = timedelta(minutes=1)
GUEST_COOKIE = "supplyops_guest"


def set_up(app: Flask) -> None:
    """Find out who asks before each request; check the form token of unsafe ones."""

    @app.before_request
    def identify() -> None:
        g.request_id = secrets.token_hex(8)
        g.actor, g.session_token, g.form_token = ANONYMOUS, None, ""
        if request.endpoint == "static":
            return
        header = request.headers.get("Authorization", "")
        if header:
            _by_token(header)
        else:
            _by_cookie()
            if request.method not in SAFE:
                _check_form_token()


def _by_token(header: str) -> None:
    kind, _, value = header.partition(" ")
    user_id = (
        view.runtime().read(queries.user_of_token, ANONYMOUS, value) if kind.lower() == "bearer" and value else None
    )
    if user_id is None:
        raise Unauthenticated("sign_in_required")
    g.actor = Actor(user_id, via="api")


def _by_cookie() -> None:
    token = request.cookies.get(cookie_name())
    found = view.runtime().read(queries.session_of, ANONYMOUS, token) if token else None
    if found is None or token is None:
        g.form_token = request.cookies.get(GUEST_COOKIE, "")
        return
    g.actor, g.session_token, g.form_token = Actor(found.user_id, via="web"), token, found.form_token
    if view.runtime().clock() - found.seen_at > TOUCH_AFTER:
        view.runtime().run(commands.keep_session, ANONYMOUS, token)


def _check_form_token() -> None:
    given = request.headers.get("X-Form-Token") or request.form.get("form_token", "")
    if not g.form_token or not hmac.compare_digest(given.encode(), g.form_token.encode()):
        raise Forbidden("form_expired")


def cookie_name() -> str:
    """Under https the name itself forbids setting it from elsewhere or without encryption."""
    return "__Host-supplyops" if _is_secure() else "supplyops"


def _is_secure() -> bool:
    return bool(current_app.extensions["house"].settings.public_base_url.startswith("https:"))


def begin(response: Response, signed_in: SignedIn) -> None:
    """Give the browser its new session; the guest's token ends."""
    response.set_cookie(
        cookie_name(),
        signed_in.token,
        max_age=SESSION_LENGTH,
        httponly=True,
        samesite="Lax",
        secure=_is_secure(),
        path="/",
    )
    response.delete_cookie(GUEST_COOKIE, path="/")


def end(response: Response) -> None:
    """Sign out: the row ends, the cookie goes, the browser forgets what it kept."""
    if g.session_token:
        view.runtime().run(commands.end_session, ANONYMOUS, g.session_token)
    response.delete_cookie(cookie_name(), path="/", secure=_is_secure(), httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def guest_token(response: Response) -> None:
    """A visitor's own token for the sign-in form, so that nobody else can sign them in."""
    response.set_cookie(GUEST_COOKIE, g.form_token, httponly=True, samesite="Lax", secure=_is_secure(), path="/")


def require_guest_token() -> None:
    """Make a visitor's token before the sign-in form is written."""
    g.form_token = g.form_token or secrets.token_urlsafe(24)
