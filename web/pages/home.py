"""Signing in and out, the password, the health of the site, checking a paper."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, jsonify, make_response, redirect, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as Answer

from supplyops.database import schema
from supplyops.kernel.errors import InvalidInput, NotFound, Unauthenticated
from supplyops.papers import queries as papers
from supplyops.people import queries as people
from supplyops.people.signing_in import change_password as change
from supplyops.people.signing_in import sign_in as begin
from supplyops.wording.errors import field_message, message
from web import session, view
from web.language import gettext as _


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    pages.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])
    pages.add_url_rule("/password", view_func=change_password, methods=["GET", "POST"])
    pages.add_url_rule("/language", view_func=choose_language, methods=["POST"])
    pages.add_url_rule("/q", view_func=check_paper, defaults={"number": ""})
    pages.add_url_rule("/q/<path:number>", view_func=check_paper)
    pages.add_url_rule("/healthz", view_func=healthz)
    pages.add_url_rule("/readyz", view_func=readyz)


def sign_in() -> Answer:
    """Name and password; the answer never says which was wrong."""
    session.require_guest_token()
    error, status = "", 200
    if request.method == "POST":
        now, address = view.runtime().clock(), request.remote_addr or ""
        wait_s = view.house().throttle.wait_s(address, now)
        if wait_s:
            raise TooManyRequests(retry_after=wait_s)
        client = request.headers.get("User-Agent", "")
        try:
            signed = begin(
                view.runtime(),
                view.house().passwords,
                request.form.get("username", "").strip(),
                request.form.get("password", ""),
                client=client,
            )
        except Unauthenticated as refusal:
            error, status = message(refusal), 401
            view.house().throttle.note_failure(address, now)
        else:
            response = redirect(_local(request.args.get("next", "")), code=303)
            session.begin(response, signed)
            return response
    response = make_response(
        view.page("home/sign_in.html", error=error, username=request.form.get("username", "")), status
    )
    session.guest_token(response)
    return response


def _local(target: str) -> str:
    """Only addresses of this site are followed after signing in."""
    parts = urlsplit(target)
    local = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if local else url_for("pages.home")


def sign_out() -> Answer:
    """End the session."""
    response = redirect(url_for("pages.sign_in"), code=303)
    session.end(response)
    return response


def change_password() -> Answer:
    """A one-time password must be changed before anything else."""
    if view.actor().user_id is None or g.session_token is None:
        return redirect(url_for("pages.sign_in"))
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            change(
                view.runtime(),
                view.house().passwords,
                view.actor(),
                view.read(people.own_username),
                request.form.get("old_password", ""),
                request.form.get("password", ""),
                session_token=g.session_token,
            )
        except InvalidInput as refusal:
            errors = {field.field: field_message(field) for field in refusal.fields}
        else:
            return view.back("pages.home", "密码已修改")
    return make_response(view.page("home/password.html", errors=errors), 422 if errors else 200)


def choose_language() -> Answer:
    """Remember a language for this browser."""
    response = redirect(_local(request.form.get("next", "")), code=303)
    response.set_cookie(
        "language", request.form.get("language", "zh")[:5], max_age=31_536_000, httponly=True, samesite="Lax"
    )
    return response


def check_paper(number: str) -> Answer:
    """Anybody who holds a paper may check it: the address is in its QR mark, number and code are printed on it."""
    asks_number = not number
    number, code = number or request.args.get("number", ""), request.args.get("code", "")
    found, error = None, ""
    if number and code:
        try:
            found = view.read(papers.check, number, code)
        except NotFound:
            error = _("核验码与单据不符,请核对后重新输入;如确认无误,此单据可能不是本单位签发。")
    return make_response(
        view.page("home/check_paper.html", number=number, asks_number=asks_number, code=code, found=found, error=error)
    )


def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


def readyz() -> Answer:
    """The database answers and is at this code's revision."""
    current = schema.current(view.runtime().database)
    ready = current == schema.head()
    response = make_response(jsonify(status="ready" if ready else "not_ready", revision=current))
    response.status_code = 200 if ready else 503
    return response
