"""Who plays whom: user names of the demo city by what they answer for. The files give each of them the roles for it."""

from __future__ import annotations

ADMINISTRATORS = ("sysadmin", "secadmin", "auditadmin")
MAIN = (
    "clerk.city",
    "reviewer.city",
    "dispatcher.city",
    "commander.city",
    "approver.city",
    "keeper.city",
    "keeper2.city",
    "approver.emergency",
    "approver.reserves",
    "approver.finance",
    "approver.prefecture",
    "keeper.prefecture",
    "clerk.yiche",
    "approver.yiche",
    "custodian.yiche3",
    "supplier.market",
    "auditor.city",
)
"""Who is told a one-time password when the story is over: one of each duty."""

APPROVERS = {
    "654000": "approver.prefecture",
    "654004": "approver.city",
    "654004001": "approver.kalasu",
    "654004002": "approver.yaoudong",
    "654004003": "approver.yaouxi",
    "654004004": "approver.yuanqu",
    "654004200": "approver.yiche",
    "654004901": "approver.mohuer",
}
"""Owner of goods -> who decides on them."""

SUPPLIERS = {
    "sup-01": "supplier.market",
    "sup-02": "supplier.naan",
    "sup-03": "supplier.coal",
    "sup-04": "supplier.fodder",
    "sup-05": "supplier.grain",
    "sup-06": "supplier.medicine",
    "sup-07": "supplier.water",
    "sup-08": "supplier.textile",
    "sup-09": "supplier.hardware",
    "sup-10": "supplier.tents",
    "sup-11": "supplier.trucks",
    "sup-12": "supplier.haulage",
}
"""Supplier -> who confirms its call-offs."""

_STORES = {
    "wh-pref": "keeper.prefecture",
    "wh-city": "keeper.city",
    "wh-health": "keeper.health",
    "wh-flood": "keeper.flood",
}


def keeper_of(site_code: str) -> str:
    """Who accepts, loads and receives at a store, a reserve point or a delivery point."""
    if site_code in _STORES:
        return _STORES[site_code]
    kind, _, place = site_code.partition("-")
    if kind not in {"rp", "dp"} or not place:
        raise KeyError(site_code)
    return f"custodian.{place.removeprefix('c-')}" if place.startswith("c-") else f"keeper.{place}"
