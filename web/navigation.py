"""The menu, by the day's work. An entry shows when its page exists and the person may see what is on it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from supplyops.kernel.access import Permission
from web import view
from web.language import gettext


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the menu. `endpoints` are pages in order of preference; the first that exists is linked."""

    text: str
    endpoints: tuple[str, ...]
    permission: Permission
    group: str


_P = Permission
ENTRIES = (
    Entry("工作台", ("home",), _P.SIGNED_IN, ""),
    Entry("突发事件", ("incidents",), _P.INCIDENTS_SEE, "应急处置"),
    Entry("需求", ("requests",), _P.REQUESTS_SEE, "应急处置"),
    Entry("协调函", ("letters",), _P.REQUESTS_SEE, "应急处置"),
    Entry("方案", ("plans",), _P.PLANS_SEE, "应急处置"),
    Entry("调度单据", ("orders", "consignments", "papers"), _P.ORDERS_SEE, "应急处置"),
    Entry("库存", ("stock",), _P.STOCK_SEE, "库房"),
    Entry("收发与盘点", ("stock_documents",), _P.STOCK_SEE, "库房"),
    Entry("调剂调拨", ("transfers",), _P.TRANSFERS_SEE, "库房"),
    Entry("回收与报废", ("recoveries_due",), _P.STOCK_SEE, "库房"),
    Entry("资产", ("assets",), _P.STOCK_SEE, "库房"),
    Entry("晨会与养护", ("stores",), _P.STOCK_SEE, "库房"),
    Entry("储备", ("reserves",), _P.STOCK_SEE, "应急资源"),
    Entry("合同", ("contracts",), _P.CONTRACTS_SEE, "应急资源"),
    Entry("队伍", ("teams",), _P.TEAMS_SEE, "应急资源"),
    Entry("车辆", ("vehicles", "fleet"), _P.FLEET_SEE, "应急资源"),
    Entry("道路与场所", ("roads",), _P.SIGNED_IN, "基础资料"),
    Entry("目录与标准", ("items",), _P.SIGNED_IN, "基础资料"),
    Entry("导入与导出", ("imports",), _P.SIGNED_IN, "基础资料"),
    Entry("任务", ("jobs",), _P.JOBS_SEE, "基础资料"),
    Entry("操作日志", ("journal",), _P.JOURNAL_SEE, "基础资料"),
)
SAME_PLACE = {
    "/counts": "stock_documents",
    "/stock/acceptances": "stock_documents",
    "/stock/late": "stock_documents",
    "/stock/receive": "stock_documents",
    "/stock/issue": "stock_documents",
    "/stock/transfer": "stock_documents",
    "/upkeep": "stores",
    "/duty": "stores",
    "/sites": "roads",
    "/areas": "roads",
    "/map": "roads",
    "/networks": "roads",
    "/norms": "items",
    "/shipments": "orders",
    "/instructions": "orders",
    "/papers": "orders",
    "/kinds": "imports",
    "/kits": "stock",
    "/call-offs": "contracts",
    "/obligations": "transfers",
    "/scraps": "recoveries_due",
    "/missions": "teams",
    "/tasks": "incidents",
    "/deployments": "incidents",
    "/arrivals": "stock_documents",
    "/warehouse": "stock_documents",
    "/scan": "stock_documents",
}
"""Addresses that belong to an entry although they do not begin with its own."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as this person sees it."""

    text: str
    address: str
    is_here: bool


def exists(endpoint: str) -> bool:
    """Is there a page of that name?"""
    return f"pages.{endpoint}" in current_app.view_functions


def menu() -> list[tuple[str, list[Link]]]:
    """The groups of the menu with the links this person may follow."""
    found: dict[str, list[tuple[Entry, str]]] = {}
    for entry in ENTRIES:
        endpoint = next((name for name in entry.endpoints if exists(name)), None)
        if endpoint is not None and view.may(entry.permission.value):
            found.setdefault(entry.group, []).append((entry, endpoint))
    here = _here([endpoint for links in found.values() for _, endpoint in links])
    return [
        (
            gettext(group) if group else "",
            [Link(gettext(entry.text), url_for(f"pages.{name}"), name == here) for entry, name in links],
        )
        for group, links in found.items()
    ]


def _here(endpoints: list[str]) -> str | None:
    """The entry the present address lies under: the one with the longest address that it begins with."""
    if request.path == "/":
        return "home"
    for start, endpoint in SAME_PLACE.items():
        if f"{request.path}/".startswith(f"{start}/"):
            return endpoint
    addresses = {name: url_for(f"pages.{name}") for name in endpoints if name != "home"}
    fitting = [name for name, address in addresses.items() if f"{request.path}/".startswith(f"{address}/")]
    return max(fitting, key=lambda name: len(addresses[name]), default=None)


def set_up(app: Flask) -> None:
    """Give templates the menu."""
    app.jinja_env.globals.update(menu=menu, page_exists=exists)
