"""Pages for people, in Simplified Chinese. This file is their table of contents."""

from __future__ import annotations

from flask import Blueprint, Flask

from web.pages import (
    acceptances,
    arrivals,
    asking,
    assets,
    boards,
    catalogue,
    contracts,
    counts,
    documents,
    fleet,
    handling,
    home,
    imports,
    incidents,
    jobs,
    journal,
    kits,
    late,
    letters,
    lots,
    networks,
    norms,
    notices,
    obligations,
    orders,
    papers,
    places,
    plans,
    purchase_plans,
    recoveries,
    requests,
    reservations,
    reserves,
    rotations,
    scraps,
    search,
    stock,
    teams,
    tokens,
    transfers,
    upkeep,
    warehouse,
)

NOUNS = (
    home,
    boards,
    incidents,
    requests,
    letters,
    plans,
    orders,
    handling,
    papers,
    stock,
    lots,
    reservations,
    rotations,
    late,
    notices,
    documents,
    acceptances,
    arrivals,
    counts,
    upkeep,
    reserves,
    transfers,
    obligations,
    recoveries,
    scraps,
    warehouse,
    purchase_plans,
    kits,
    asking,
    assets,
    contracts,
    teams,
    fleet,
    imports,
    jobs,
    journal,
    places,
    networks,
    catalogue,
    norms,
    tokens,
    search,
)
"""One module a noun; each adds its addresses to the blueprint."""


def set_up(app: Flask) -> None:
    """Register every page."""
    blueprint = Blueprint("pages", "web.pages", template_folder="../templates")
    for noun in NOUNS:
        noun.register(blueprint)
    app.register_blueprint(blueprint)
