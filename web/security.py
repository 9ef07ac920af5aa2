"""Headers on every answer, and where unsafe requests may come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from supplyops.config import LOCAL_HOSTS, Settings
from supplyops.kernel.errors import FieldError, Forbidden, InvalidInput
from web import view

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SAFE = {"GET", "HEAD", "OPTIONS"}
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def set_up(app: Flask) -> None:
    """Believe only the proxies that the settings count; refuse unsafe requests from elsewhere; set the headers."""
    names = trusted_hosts(app.extensions["house"].settings)
    if names is not None:
        app.wsgi_app = _answering_to(app.wsgi_app, names)  # type: ignore[method-assign, assignment]
    proxies = app.extensions["house"].settings.proxy_count
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    @app.before_request
    def from_here() -> None:
        if request.method not in SAFE and not _is_own_origin():
            raise Forbidden("not_acceptable_origin")

    @app.before_request
    def in_letters() -> None:
        """No database keeps a NUL; one in an address or a form is refused before anything is looked up by it."""
        words = [("", request.path), *request.args.items(multi=True)]
        if request.mimetype in FORMS:
            words += request.form.items(multi=True)
        for name, value in words:
            if "\0" in value or "\0" in name:
                raise InvalidInput(
                    fields=(FieldError(name.replace("\0", ""), "hidden_character", {"codepoint": "U+0000"}),)
                )

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "geolocation=(), microphone=(), camera=(self)"
        if view.house().settings.public_base_url.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-Id"] = g.request_id
        return response


def trusted_hosts(settings: Settings) -> list[str] | None:
    """The names this site answers to; None, any, only where it is a demonstration without an address of its own."""
    name = urlsplit(settings.public_base_url).hostname or ""
    if settings.profile == "demo" and name in LOCAL_HOSTS:
        return None
    return [name, *sorted(LOCAL_HOSTS)]


def _answering_to(application: WSGIApplication, names: list[str]) -> WSGIApplication:
    """Refuse requests sent to another name before anything looks at them: links are made from that name."""

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if host_is_trusted(environ.get("HTTP_HOST", ""), names):
            return application(environ, start_response)
        refusal = Response("网址与本系统不符。\n", status=400, mimetype="text/plain")
        return refusal(environ, start_response)

    return guarded


def _is_own_origin() -> bool:
    """Browsers say where a request comes from; programs with a token say nothing and have no cookie to steal."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin in {None, "null"} or urlsplit(origin).netloc == request.host
