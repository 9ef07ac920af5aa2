"""What every view uses: the house, the actor, running commands, showing values."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import quote, unquote, urlencode
from uuid import UUID

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.kernel.access import Actor, Permission, Principal
from supplyops.kernel.clock import beijing, business_day
from supplyops.kernel.errors import Busy, Forbidden, SupplyError
from supplyops.kernel.money import figures
from supplyops.people import queries as people
from supplyops.people.queries import OrganisationRow
from supplyops.runtime import Command, Query, Reading, Runtime
from supplyops.wording.labels import FORMS, LABELS, RESPONSE_LEVELS
from supplyops.wording.violations import violation_words
from web.language import gettext
from web.tones import tone_of

if TYPE_CHECKING:
    from web import House

P = ParamSpec("P")
R = TypeVar("R")
KEY_FIELD = "request_key"
BYPASS_FIELD = "freeze_bypass"
"""Why stock moves at a place that stands still for a count."""
UNCONFIRMED = frozenset({"U", "A"})
"""Source marks of figures taken from experience or assumed: shown as waiting to be confirmed."""


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
        g.principal = _reading().principal if _only_reads() else runtime().principal(actor())
    return cast(Principal, g.principal)


def may(permission: str) -> bool:
    """May who asks do this anywhere? Pages show only what can be done."""
    return principal().holds(Permission(permission))


def bodies() -> dict[UUID, OrganisationRow]:
    """Every organisation by id; read once a request."""
    if "bodies" not in g:
        g.bodies = {row.id: row for row in read(people.organisations)}
    return cast("dict[UUID, OrganisationRow]", g.bodies)


def may_at(permission: str, organisation_id: UUID) -> bool:
    """May who asks do this at that organisation? A button that would be refused is not shown."""
    body = bodies().get(organisation_id)
    return body is not None and principal().holds_at(Permission(permission), body.path)


def require(allowed: bool) -> None:
    """A form that would be refused is not shown either. Raises Forbidden."""
    if not allowed:
        raise Forbidden("not_permitted")


def organisation_name() -> str:
    """Where who asks works."""
    home = principal().organisation_id
    if home is None or principal().must_change_password:
        return ""
    return bodies()[home].name if home in bodies() else ""


def read(query: Query[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Ask a question as who asks. All that a page shows is of one moment; after a write each answer is of its own."""
    if _only_reads():
        return _reading().ask(query, *args, **kwargs)
    return runtime().read(query, actor(), *args, **kwargs)


def _only_reads() -> bool:
    return request.method in {"GET", "HEAD"}


def _reading() -> Reading:
    if "reading" not in g:
        g.reading_until = ExitStack()
        g.reading = g.reading_until.enter_context(runtime().reading(actor()))
    return cast(Reading, g.reading)


def let_go(_: BaseException | None = None) -> None:
    """End the moment that a page shows: at its end, and before the few pages that note being asked for write."""
    g.pop("reading", None)
    if (until := g.pop("reading_until", None)) is not None:
        until.close()


def run(command: Command[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a command as who asks, under the form's request key: a double click does it once."""
    let_go()
    sender = actor().keyed(request.form.get(KEY_FIELD) or None).bypassing(request.form.get(BYPASS_FIELD, "").strip())
    return runtime().run(command, sender, *args, **kwargs)


def foreseen(attempt: Command[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
    """What a write would do, to show before it is done. None where it would be refused: the write itself then says why, or
    gives the answer it gave before. Raises Busy: what could not be shown must not be done unseen."""
    try:
        return runtime().rehearse(attempt, actor(), *args, **kwargs)
    except Busy:
        raise
    except SupplyError:
        return None


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
    """After a post: redirect, with a line to show there, in the reader's language."""
    response = redirect(url_for(endpoint, **values), code=303)
    if message:
        response.set_cookie("notice", quote(gettext(message)), max_age=60, httponly=True, samesite="Lax")
    return response


def moment(value: datetime | None) -> str:
    """`2026-01-12 08:30`, Beijing time."""
    return f"{beijing(value):%Y-%m-%d %H:%M}" if value else ""


def iso_moment(text: str) -> str:
    """An instant kept as text, in Beijing time."""
    return moment(datetime.fromisoformat(text))


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


def source(mark: str) -> Markup:
    """Where a figure comes from; one that nobody has confirmed says so."""
    if mark.strip("[]") in UNCONFIRMED:
        return Markup('<span class="badge bg-yellow-lt" title="{}">{}</span>').format(mark, gettext("待核"))
    return Markup('<span class="sub">{}</span>').format(mark)


def packed(value: int | None, sku: str) -> str:
    """The same quantity in packages: `= 34 箱 = 1 托 + 4 箱`; nothing where it fills none. Ladders are read once a request."""
    if "ladders" not in g:
        g.ladders = read(catalogue.ladders)
    ladder = g.ladders.get(sku)
    said = ladder.packed(value) if ladder is not None and value else ()
    return "".join(f"= {each} " for each in said).strip()


def road_reason(reason: str) -> str:
    """Why a road is as it is; the season's rule is a code, anything else what somebody wrote."""
    return gettext("季节性封闭") if reason == "season" else reason


def kilometres(metres: int) -> str:
    """Metres as km."""
    return f"{metres / 1000:,.1f}"


def word(value: Any, kind: str = "") -> str:
    """The word for a code, in the reader's language."""
    if isinstance(value, StrEnum):
        return gettext(LABELS.get(type(value).__name__, {}).get(value.value, value.value))
    return gettext(LABELS.get(kind, {}).get(str(value), str(value)))


def local(value: datetime | None) -> str:
    """A moment as a date-and-time field wants it: `2026-01-12T08:30`, Beijing time."""
    return f"{beijing(value):%Y-%m-%dT%H:%M}" if value else ""


def span(length: timedelta) -> str:
    """`2 天 3 小时`, `2 小时 10 分`, `5 分`: the two largest parts that matter."""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} {gettext('天')} {hours} {gettext('小时')}" if hours else f"{days} {gettext('天')}"
    if hours:
        return f"{hours} {gettext('小时')} {rest} {gettext('分')}" if rest else f"{hours} {gettext('小时')}"
    return f"{max(rest, 0)} {gettext('分')}"


def due(value: datetime | None) -> Markup:
    """How long until a deadline, or how long past it; the moment itself stands in the title."""
    if value is None:
        return Markup("")
    left = value - runtime().clock()
    late = left < timedelta(0)
    tone = "red" if late else "amber" if left <= timedelta(hours=2) else ""
    text = f"{gettext('超时')} {span(-left)}" if late else f"{gettext('还剩')} {span(left)}"
    return Markup('<time class="due {}" datetime="{}" title="{}">{}</time>').format(
        tone, value.isoformat(), moment(value), text
    )


def ago(value: datetime | None) -> Markup:
    """How long ago something happened."""
    if value is None:
        return Markup("")
    text = f"{span(runtime().clock() - value)}{gettext('前')}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), moment(value), text)


def badge(value: StrEnum) -> Markup:
    """A state as a coloured word."""
    return Markup('<span class="badge bg-{}-lt">{}</span>').format(tone_of(value), word(value))


def level_badge(level: int | None) -> Markup:
    """The response level, or that there is none."""
    if level is None:
        return Markup('<span class="badge bg-secondary-lt">{}</span>').format(gettext("未启动响应"))
    tone = {1: "red", 2: "orange", 3: "yellow", 4: "azure"}[level]
    return Markup('<span class="badge bg-{}-lt">{}{}</span>').format(
        tone, gettext(RESPONSE_LEVELS[level]), gettext("响应")
    )


def options(rows: Iterable[Any], value: str = "code", text: str = "name") -> list[tuple[str, str]]:
    """Rows as choices of a form: what is sent, what is read."""
    return [(str(getattr(row, value)), str(getattr(row, text))) for row in rows]


def words(members: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Codes as choices of a form."""
    return [(member.value, word(member)) for member in members]


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
        iso_moment=iso_moment,
        day=day,
        quantity=quantity,
        packed=packed,
        kg=kilograms,
        m3=cubic_metres,
        km=kilometres,
        word=word,
        local=local,
        due=due,
        ago=ago,
        badge=badge,
        level_badge=level_badge,
        source=source,
        road_reason=road_reason,
        words=words,
        options=options,
        yuan=figures,
        violation=lambda finding: violation_words(finding, gettext),
    )
    app.jinja_env.globals.update(
        form_token_field=form_token_field,
        here_with=here_with,
        may=may,
        may_at=may_at,
        organisation_name=organisation_name,
        principal=principal,
        forms=FORMS,
        labels=LABELS,
        response_levels=RESPONSE_LEVELS,
        new_key=lambda: secrets.token_hex(16),
        request_id=lambda: g.request_id,
    )

    def _is_copy() -> bool:
        try:
            return runtime().is_copy(g.get("reading"))
        except DBAPIError:
            return False  # the page that says that the database is gone must not ask it

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
            "is_copy": _is_copy(),
        }

    app.teardown_request(let_go)

    @app.after_request
    def forget_notice(response: Response) -> Response:
        if g.get("shown_notice") and response.status_code == 200:
            response.delete_cookie("notice")
        return response
