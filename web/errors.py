"""Errors become answers here and nowhere else: a page for people, problem+json for programs."""

from __future__ import annotations

import traceback

import structlog
from flask import Flask, Response, g, jsonify, redirect, request, url_for
from werkzeug.exceptions import HTTPException

from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import Busy, InvalidInput, SupplyError
from supplyops.wording.errors import field_message, message, sentence
from web import view

log = structlog.get_logger("web")

STATUS = {
    "invalid_input": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "busy": 503,
}
HTTP_CODES = {
    400: "malformed_json",
    404: "not_found",
    405: "method_not_allowed",
    406: "unsupported_media",
    413: "too_large_upload",
    415: "unsupported_media",
    429: "too_many_requests",
}


def status_of(error: SupplyError) -> int:
    """The HTTP status of a domain error."""
    return 428 if error.code == "version_missing" else 400 if error.code == "key_missing" else STATUS[error.family]


def wants_json() -> bool:
    """Programs live under /api/."""
    return request.path.startswith("/api/")


def problem(status: int, code: str, title: str, **more: object) -> Response:
    """An application/problem+json answer (RFC 9457)."""
    body = {
        "type": f"urn:supplyops:error:{code}",
        "status": status,
        "code": code,
        "title": title,
        "request_id": g.request_id,
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def set_up(app: Flask) -> None:
    """One handler a family."""

    @app.errorhandler(SupplyError)
    def domain(error: SupplyError) -> Response:
        status = status_of(error)
        if wants_json():
            fields = [
                {
                    "field": field.field,
                    "code": field.code,
                    "message": field_message(field),
                    "params": plain(dict(field.params)),
                }
                for field in (error.fields if isinstance(error, InvalidInput) else ())
            ]
            response = problem(status, error.code, message(error), params=plain(error.params), errors=fields)
        elif status == 401:
            return redirect(
                url_for("pages.sign_in", next=request.full_path if request.method == "GET" else None), code=303
            )  # type: ignore[return-value]
        else:
            response = _page(status, message(error), error)
        if isinstance(error, Busy):
            response.headers["Retry-After"] = str(error.params.get("retry_after_s", 2))
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        if 300 <= status < 400:
            return error.get_response()  # type: ignore[return-value]
        code = HTTP_CODES.get(status, "internal")
        text = sentence(code, {"noun": "页面" if not wants_json() else "接口", "request_id": g.get("request_id", "")})
        response = problem(status, code, text) if wants_json() else _page(status, text, None)
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        if app.testing:
            raise error
        log.error(
            "unexpected",
            request_id=g.get("request_id"),
            path=request.path,
            method=request.method,
            trace=traceback.format_exc(),
        )
        text = sentence("internal", {"request_id": g.request_id})
        return problem(500, "internal", text) if wants_json() else _page(500, text, None)


def _page(status: int, text: str, error: SupplyError | None) -> Response:
    fields = [(field.field, field_message(field)) for field in error.fields] if isinstance(error, InvalidInput) else []
    body = view.page("error.html", status=status, text=text, fields=fields, request_id=g.get("request_id", ""))
    return Response(body, status=status, mimetype="text/html")
