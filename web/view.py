"""What every view uses: the house, the actor, running commands, showing values."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import quote, unquote, urlencode

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from supplyops.kernel.access import Actor, Permission, Principal
from supplyops.kernel.clock import beijing, business_day
from supplyops.kernel.money import figures
from supplyops.runtime import Command, Query, Runtime
from supplyops.wording.labels import FORMS, LABELS, RESPONSE_LEVELS

if TYPE_CHECKING:
    from web import House

P = ParamSpec("P")
R = TypeVar("R")
KEY_FIELD = "request_key"


def house() -> House:
    """What this application works with."""
    return cast("House", current_app.extensions["house"])


def runtime() -> Runtime:
    """The runtime of this application."""
    return house().runtime


def actor() -> Actor:
    """Who asks."""
    return cast(Actor, g.actor)


def principal() -> Principal:
    """What the books say about who asks; looked up once a request."""
    if "principal" not in g:
        g.principal = runtime().principal(actor())
    return cast(Principal, g.principal)


def may(permission: str) -> bool:
    """May who asks do this anywhere? Pages show only what can be done."""
    return principal().holds(Permission(permission))


def read(query: Query[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Ask a question as who asks."""
    return runtime().read(query, actor(), *args, **kwargs)


def run(command: Command[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a command as who asks, under the form's request key: a double click does it once."""
    return runtime().run(command, actor().keyed(request.form.get(KEY_FIELD) or None), *args, **kwargs)


def signed_in(view: Callable[P, Any]) -> Callable[P, Any]:
    """Send visitors to the sign-in page and one-time passwords to the change page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if actor().user_id is None:
            return redirect(url_for("pages.sign_in", next=request.full_path if request.method == "GET" else None))
        if principal().must_change_password:
            return redirect(url_for("pages.change_password"))
        return view(*args, **kwargs)

    return guarded


def page(template: str, /, **values: Any) -> str:
    """Render a page."""
    return render_template(template, **values)


def back(endpoint: str, /, message: str = "", **values: Any) -> Response:
    """After a post: redirect, with a line to show there."""
    response = redirect(url_for(endpoint, **values), code=303)
    if message:
        response.set_cookie("notice", quote(message), max_age=60, httponly=True, samesite="Lax")
    return response


def moment(value: datetime | None) -> str:
    """`2026-01-12 08:30`, Beijing time."""
    return f"{beijing(value):%Y-%m-%d %H:%M}" if value else ""


def day(value: date | None) -> str:
    """`2026-01-12`."""
    return value.isoformat() if value else ""


def quantity(value: int | None) -> str:
    """With thousands separated; zero is shown as 0."""
    return "" if value is None else f"{value:,}"


def kilograms(grams: int) -> str:
    """Grams as kg."""
    return f"{grams / 1000:,.1f}"


def cubic_metres(cm3: int) -> str:
    """cm³ as m³."""
    return f"{cm3 / 1_000_000:,.2f}"


def kilometres(metres: int) -> str:
    """Metres as km."""
    return f"{metres / 1000:,.1f}"


def word(value: Any, kind: str = "") -> str:
    """The word for a code."""
    if isinstance(value, StrEnum):
        return LABELS.get(type(value).__name__, {}).get(value.value, value.value)
    return LABELS.get(kind, {}).get(str(value), str(value))


def form_token_field() -> Markup:
    """The hidden fields of every form that posts: whose page it is, and a key so that twice is once."""
    return Markup(
        '<input type="hidden" name="form_token" value="{}"><input type="hidden" name="{}" value="{}">'
    ).format(g.get("form_token", ""), KEY_FIELD, secrets.token_hex(16))


def here_with(**changes: Any) -> str:
    """The present address with some query fields changed; None takes one away."""
    query = {name: value for name, value in {**request.args.to_dict(), **changes}.items() if value not in (None, "")}
    return f"{request.path}?{urlencode(query)}" if query else request.path


def set_up(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        moment=moment,
        day=day,
        quantity=quantity,
        kg=kilograms,
        m3=cubic_metres,
        km=kilometres,
        word=word,
        yuan=figures,
    )
    app.jinja_env.globals.update(
        form_token_field=form_token_field,
        here_with=here_with,
        may=may,
        principal=principal,
        forms=FORMS,
        labels=LABELS,
        response_levels=RESPONSE_LEVELS,
        new_key=lambda: secrets.token_hex(16),
    )

    @app.context_processor
    def common() -> dict[str, Any]:
        notice = request.cookies.get("notice", "")
        g.shown_notice = bool(notice)
        now = runtime().clock()
        return {
            "form_token": g.get("form_token", ""),
            "notice": unquote(notice),
            "now": now,
            "today": business_day(now),
            "is_signed_in": actor().user_id is not None,
            "house_profile": house().settings.profile,
        }

    @app.after_request
    def forget_notice(response: Response) -> Response:
        if g.get("shown_notice") and response.status_code == 200:
            response.delete_cookie("notice")
        return response
