"""Where a document is shown, by the letters that its number begins with."""

from __future__ import annotations

from flask import Flask, url_for
from markupsafe import Markup

from web import view

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


def set_up(app: Flask) -> None:
    """Give templates the links."""
    app.jinja_env.filters["document_link"] = document_link
