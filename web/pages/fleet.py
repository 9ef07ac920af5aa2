"""Vehicles, their types, and whether they can go."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from supplyops.fleet import commands, queries
from supplyops.fleet.rules import VehicleState
from supplyops.kernel.errors import FieldError, InvalidInput
from web import view
from web.forms import Form
from web.language import gettext as _
from web.lists.means import VEHICLE_TYPES, VEHICLES
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/fleet", view_func=fleet)
    pages.add_url_rule("/fleet/types", view_func=fleet_types)
    pages.add_url_rule("/fleet/<plate>/state", view_func=set_vehicle_state, methods=["POST"])


@signed_in
def fleet() -> Any:
    """Vehicles by plate."""
    return _page(Form())


def _page(form: Form) -> Any:
    args = request.args
    state, kind, text = args.get("state", ""), args.get("type", ""), args.get("text", "").strip()[:60]
    rows = [
        row
        for row in view.read(queries.vehicles)
        if (not state or row.state.value == state)
        and (not kind or row.type_code == kind)
        and (
            not text or any(text in word for word in (row.plate, row.driver, row.base_site_name, row.organisation_name))
        )
    ]
    if file := VEHICLES.file_of(rows):
        return file
    return form.page("fleet/list.html", rows=rows, states=list(VehicleState), types=view.read(queries.vehicle_types))


@signed_in
def fleet_types() -> Any:
    """What each type of vehicle carries and how fast it goes."""
    rows = view.read(queries.vehicle_types)
    if file := VEHICLE_TYPES.file_of(rows):
        return file
    return view.page("fleet/types.html", rows=rows)


@signed_in
def set_vehicle_state(plate: str) -> Any:
    """Ready, or out of service."""
    form = Form()
    with form.attempt():
        wanted = request.form.get("state", "")
        if wanted not in set(VehicleState):
            raise InvalidInput(fields=(FieldError("state", "unknown_choice", {"value": wanted[:40]}),))
        view.run(commands.set_availability, plate, VehicleState(wanted))
        return view.back("pages.fleet", _("{plate} 已更新状态").format(plate=plate))
    return _page(form)
