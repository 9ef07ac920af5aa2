"""Every write that a test sends to the site, and that is done, is sent once more as it was: the answer is the same and nothing is done.

So does a phone on a bad network, a second tab, a finger that is too quick. It must not meet a page that has gone meanwhile, nor
other content than it sent, because the view looked something up first. What is done twice on purpose has its reason here.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import run_wsgi_app

from supplyops.cli.compose import metadata
from web import view

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ON_PURPOSE = {
    "POST /sign-in": "each sign-in is a session of its own",
    "POST /sign-out": "the session has ended",
    "POST /password": "the old password is no longer right",
    "POST /language": "writes nothing but a cookie",
    "POST /tokens": "a token is shown once; who lost the page revokes it",
    "POST /api/v1/tokens/": "a token is shown once; who lost the answer revokes it",
}
READING = {"GET", "HEAD", "OPTIONS"}
COUNTED = (
    "journal_entry",
    "stock_move",
    "reservation",
    "request_key",
    "number_series",
    "stock_document",
    "job",
    "paper",
)


class Twice:
    """Stands before the application."""

    def __init__(self, app: Flask) -> None:
        self._app, self._below = app, app.wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in READING:
            return self._below(environ, start_response)
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        first = self._send(environ, content)
        key, endpoint = self._key(environ, content)
        if int(first[1][:3]) < 400 and key and endpoint not in ON_PURPOSE:
            before = self._rows()
            second = self._send(environ, content)
            assert self._told(second) == self._told(first), f"{endpoint} sent again"
            assert self._rows() == before, f"{endpoint} sent again did something"
        start_response(first[1], list(first[2]))
        return [first[0]]

    def _send(self, environ: WSGIEnvironment, content: bytes) -> tuple[bytes, str, Any]:
        again = {**environ, "wsgi.input": io.BytesIO(content)}
        body, status, headers = run_wsgi_app(self._below, again, buffered=True)
        return b"".join(body), status, headers

    @staticmethod
    def _told(answer: tuple[bytes, str, Any]) -> tuple[str, str | None, bytes]:
        """What an answer says; a page that is shown again has a fresh key in its form."""
        body, status, headers = answer
        is_page = headers.get("Content-Type", "").startswith("text/html")
        return status, headers.get("Location"), b"" if is_page else body

    def _key(self, environ: WSGIEnvironment, content: bytes) -> tuple[str, str]:
        with self._app.request_context({**environ, "wsgi.input": io.BytesIO(content)}) as context:
            context.match_request()
            request = context.request
            key = request.headers.get("Idempotency-Key") or request.form.get(view.KEY_FIELD, "")
            return key, f"{request.method} {request.url_rule}"

    def _rows(self) -> list[int]:
        tables = metadata().tables
        with self._app.extensions["house"].runtime.database.read() as session:
            counted = [select(func.count()).select_from(tables[name]).scalar_subquery() for name in COUNTED]
            return list(session.execute(select(*counted)).one())
