"""Who holds what, until when, for which order; taking it over for what is more urgent."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.places import queries as places
from supplyops.reservations import commands, queries
from supplyops.reservations.queries import HoldFilter
from supplyops.reservations.rules import HoldState, TakeOverInput
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.paging import one_page
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/stock/reservations", view_func=reservations)
    pages.add_url_rule("/stock/reservations/<uuid:reservation_id>", view_func=reservation, methods=["GET", "POST"])


def filter_from_query() -> HoldFilter:
    """The filter that the address names."""
    args = request.args
    state = args.get("state", "")
    return HoldFilter(
        state=HoldState(state) if state in set(HoldState) else HoldState.OPEN,
        text=args.get("text", "").strip()[:60],
        lot_number=args.get("lot", "")[:40],
        sku=args.get("sku", "")[:6],
        site_code=args.get("site", "")[:40],
        only_soon=args.get("soon") == "1",
    )


@signed_in
def reservations() -> str:
    """Holds, the first to end first."""
    where = filter_from_query()
    active = [("text", f"“{where.text}”")] if where.text else []
    active += [("lot", where.lot_number)] if where.lot_number else []
    active += [("sku", where.sku)] if where.sku else []
    active += [("site", _("场所:{code}").format(code=where.site_code))] if where.site_code else []
    return view.page(
        "stock/reservations.html",
        taken=view.read(queries.take_overs) if where.state is HoldState.TAKEN else [],
        where=where,
        states=list(HoldState),
        sites=view.read(places.sites),
        active=active,
        **one_page(queries.holds, queries.count_holds, where),
    )


@signed_in
def reservation(reservation_id: UUID) -> Response:
    """One hold, what else wants its goods, and the form that takes it over."""
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(commands.take_over, forms.parse(TakeOverInput, {"reservation_id": str(reservation_id)}))
            return view.back("pages.reservation", "已接管,失去占用的单位已收到提醒", reservation_id=reservation_id)
    row = view.read(queries.hold, reservation_id)
    rivals = view.read(queries.challengers, reservation_id) if row.may_take else []
    return form.page("stock/reservation.html", row=row, rivals=rivals)
