"""Where a document is shown, by the letters that its number begins with; and how numbers stand in addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import Flask, url_for
from markupsafe import Markup
from werkzeug.routing import UnicodeConverter

from web import view

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGES: dict[str, tuple[str, str]] = {
    "DB": ("orders_consignment", "orders.see"),
    "DL": ("orders_instruction", "orders.see"),
    "YS": ("orders_shipment", "orders.see"),
    "XQ": ("request_", "requests.see"),
    "XT": ("letter", "requests.see"),
    "QY": ("contracts_call_off", "contracts.see"),
    "DD": ("teams_mission", "teams.see"),
    "RK": ("stock_document", "stock.see"),
    "CK": ("stock_document", "stock.see"),
    "YK": ("stock_document", "stock.see"),
    "QC": ("stock_document", "stock.see"),
    "DH": ("arrival", "stock.see"),
    "TJ": ("transfer", "transfers.see"),
    "QH": ("obligation", "transfers.see"),
    "HS": ("recovery", "stock.see"),
    "BF": ("scrap", "stock.see"),
    "PD": ("counts_count", "stock.see"),
    "ZT": ("kit_work", "stock.see"),
    "LH": ("rotation", "stock.see"),
    "ZH": ("recall", "stock.see"),
    "ZC": ("asset", "stock.see"),
    "LY": ("asset_loan", "stock.see"),
    "CG": ("purchase_plan", "stock.see"),
    "JB": ("duty_handover", "stock.see"),
}
"""Letters -> the page, and what its reader must be allowed."""


def endpoint_of(number: str) -> str:
    """The page on which this reader sees the document of a number; empty where there is none."""
    endpoint, permission = PAGES.get(number.partition("-")[0], ("", ""))
    return endpoint if endpoint and view.may(permission) else ""


def document_link(number: str) -> Markup:
    """The number of a document as a link to its page, where there is one for this reader; else the number alone."""
    endpoint = endpoint_of(number)
    if not endpoint:
        return Markup("{}").format(number)
    return Markup('<a href="{}">{}</a>').format(url_for(f"pages.{endpoint}", number=number), number)


_SLASH = "\x1f"
"""Stands for a slash inside a part of an address until the view has it; no text of the house may hold it."""


class Part(UnicodeConverter):
    """One part of an address. The numbers that people give to contracts and lots may hold slashes, written %2F."""

    def to_python(self, value: str) -> str:
        """As it is kept."""
        return value.replace(_SLASH, "/")

    def to_url(self, value: str) -> str:
        """As it stands in an address."""
        return super().to_url(value).replace("/", "%2F")


def _keeping_slashes(app: WSGIApplication) -> WSGIApplication:
    """A server hands over its path with %2F made a slash already: what was one part would be two, and nothing be found."""

    def answering(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("REQUEST_URI", "").partition("?")[0]
        if "%2f" in path.lower() and path.startswith("/"):
            parts = [unquote_to_bytes(part).decode("latin-1").replace("/", _SLASH) for part in path.split("/")]
            environ["PATH_INFO"] = "/".join(parts)
        return app(environ, start_response)

    return answering


def set_up(app: Flask) -> None:
    """Give templates the links, and addresses their parts."""
    app.jinja_env.filters["document_link"] = document_link
    app.url_map.converters["default"] = Part
    app.wsgi_app = _keeping_slashes(app.wsgi_app)  # type: ignore[method-assign, assignment]
