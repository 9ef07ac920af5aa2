"""Contracts and what is drawn on them: the buyer calls, the supplier answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.contracts import queries
from supplyops.contracts.queries import CallOffRow
from supplyops.contracts.rules import CallOffInput, CallOffState, ContractType
from supplyops.dispatch import printing, supplying
from supplyops.dispatch import queries as orders
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.kernel.clock import business_day
from supplyops.places import queries as places
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.means import CALL_OFFS, CONTRACTS
from web.paging import one_page
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/contracts", view_func=contracts)
    add("/contracts/<number>", view_func=contracts_contract)
    add("/contracts/<number>/call", view_func=call_contract, methods=["GET", "POST"])
    add("/call-offs", view_func=contracts_call_offs)
    add("/call-offs/<number>", view_func=contracts_call_off)
    add("/call-offs/<number>/confirm", view_func=confirm_call_off, methods=["POST"])
    add("/call-offs/<number>/<any(ship, cancel, close):step>", view_func=step_call_off, methods=["POST"])


@signed_in
def contracts() -> Any:
    """Contracts by number; those in force unless all are asked for."""
    text, kind, every = request.args.get("text", "").strip()[:60], request.args.get("type", ""), request.args.get("all")
    today = business_day(view.runtime().clock())
    rows = [
        row
        for row in view.read(queries.contracts, None if every == "1" else today)
        if (not kind or row.type.value == kind)
        and (not text or any(text in word for word in (row.number, row.title, row.supplier_name)))
    ]
    if file := CONTRACTS.file_of(rows):
        return file
    return view.page("contracts/list.html", rows=rows, types=list(ContractType), kind=kind, text=text, every=every)


@signed_in
def contracts_contract(number: str) -> str:
    """One contract: its terms, what it guarantees, what was drawn."""
    row = view.read(queries.contract, number)
    return view.page("contracts/contract.html", row=row, call_offs=view.read(queries.call_offs, contract_id=row.id))


@signed_in
def call_contract(number: str) -> Response:
    """Draw on a contract by hand."""
    row = view.read(queries.contract, number)
    form = Form()
    open_incidents = view.read(incidents.incidents, IncidentState.OPEN)
    if form.is_posted:
        with form.attempt():
            view.run(supplying.call_off, _order(row.id))
            return view.back("pages.contracts_contract", "已下达启用通知,请打印并通知供应商", number=number)
    sites = view.read(places.sites)
    return form.page("contracts/call.html", row=row, incidents=open_incidents, sites=sites)


def _order(contract_id: UUID) -> CallOffInput:
    incident_id = request.form.get("incident_id", "")
    number = next(
        (row.number for row in view.read(incidents.incidents) if str(row.id) == incident_id), incident_id[:80]
    )
    order: CallOffInput = forms.parse(
        CallOffInput,
        {
            "contract_id": str(contract_id),
            "cause": {"kind": "incident", "id": incident_id or str(contract_id), "number": number},
        },
    )
    return order


@signed_in
def contracts_call_offs() -> Any:
    """Orders drawn on contracts, newest first; a supplier sees its own."""
    asked = request.args.get("state", "")
    state = CallOffState(asked) if asked in set(CallOffState) else None
    if file := CALL_OFFS.file_of(lambda: view.read(queries.call_offs, state=state, limit=ALL_ROWS)):
        return file
    return view.page(
        "contracts/call_offs.html",
        states=list(CallOffState),
        state_wanted=state,
        **one_page(queries.call_offs, queries.count_call_offs, state=state),
    )


@signed_in
def contracts_call_off(number: str) -> Response:
    """One order: its lines, its deadline, the answer."""
    return _call_off_page(number, Form())


def _call_off_page(number: str, form: Form) -> Response:
    row = view.read(queries.call_off_named, number)
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    pickup = view.read(orders.pickup_of, row.id) if row.is_fetched and view.may("orders.see") else None
    return form.page("contracts/call_off.html", row=row, papers=papers, steps=_steps(row), pickup=pickup)


def _steps(row: CallOffRow) -> set[str]:
    """What the reader may do now; the commands decide again."""
    found = set()
    if view.may("contracts.confirm"):
        found |= {"confirm"} if row.state is CallOffState.NOTIFIED else set()
        found |= {"ship"} if row.state is CallOffState.CONFIRMED and not row.is_fetched else set()
    if view.may("contracts.call"):
        came = any(item.received for item in row.items)
        cancellable = row.state in {CallOffState.NOTIFIED, CallOffState.CONFIRMED} and not came
        found |= {"cancel"} if cancellable else set()
        closable = row.state in {CallOffState.SHIPPED, CallOffState.RECEIVED} or (
            row.state is CallOffState.CONFIRMED and came
        )
        found |= {"close"} if closable else set()
    return found


@signed_in
def confirm_call_off(number: str) -> Response:
    """The supplier's answer, or what the office heard from the supplier."""
    row = view.read(queries.call_off_named, number)
    form = Form()
    with form.attempt():
        promised = {
            item.id: int(text) if (text := request.form.get(f"promised-{item.id.hex}", "").strip()).isdecimal() else -1
            for item in row.items
        }
        if request.form.get("refuse"):
            promised = {}
        state = view.run(supplying.confirm_call_off, row.id, promised, request.form.get("by", "").strip())
        told = "已登记拒绝,数量已退回合同" if state is CallOffState.REFUSED else "已确认"
        return view.back("pages.contracts_call_off", told, number=row.number)
    return _call_off_page(number, form)


@signed_in
def step_call_off(number: str, step: str) -> Response:
    """Shipped, cancelled, settled."""
    row = view.read(queries.call_off_named, number)
    because = request.form.get("because", "").strip()
    steps: dict[str, tuple[Callable[[], None], str]] = {
        "ship": (lambda: view.run(supplying.ship_call_off, row.id), "已登记发货"),
        "cancel": (lambda: view.run(supplying.cancel_call_off, row.id, because), "已取消,数量已退回合同"),
        "close": (lambda: view.run(supplying.close_call_off, row.id, because), "已办结"),
    }
    do, told = steps[step]
    form = Form()
    with form.attempt():
        do()
        return view.back("pages.contracts_call_off", told, number=row.number)
    return _call_off_page(number, form)
