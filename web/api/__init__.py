"""The API under /api/v1. This file is its table of contents; the OpenAPI document is made from it."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from flask_smorest import Api

from web.api import (
    acceptances,
    arrivals,
    assets,
    catalogue,
    contracts,
    counts,
    deployments,
    documents,
    fleet,
    imports,
    incidents,
    insertions,
    jobs,
    kits,
    letters,
    lists,
    networks,
    norms,
    notices,
    orders,
    papers,
    people,
    places,
    purchase_plans,
    recalls,
    recoveries,
    requests,
    reservations,
    reserve_advice,
    rotations,
    search,
    stock,
    tasks,
    teams,
    transfers,
    upkeep,
    warehouse,
)

BLUEPRINTS = (
    incidents.blueprint,
    requests.blueprint,
    letters.blueprint,
    insertions.blueprint,
    orders.instructions_blueprint,
    orders.consignments_blueprint,
    orders.shipments_blueprint,
    orders.expected_blueprint,
    papers.blueprint,
    stock.blueprint,
    search.blueprint,
    documents.blueprint,
    acceptances.blueprint,
    arrivals.blueprint,
    counts.blueprint,
    upkeep.blueprint,
    upkeep.duty_blueprint,
    upkeep.stores_blueprint,
    reserve_advice.blueprint,
    transfers.transfers_blueprint,
    transfers.obligations_blueprint,
    recoveries.recoveries_blueprint,
    recoveries.scraps_blueprint,
    warehouse.blueprint,
    documents.late_blueprint,
    recalls.blueprint,
    reservations.blueprint,
    rotations.blueprint,
    notices.blueprint,
    purchase_plans.blueprint,
    kits.blueprint,
    assets.blueprint,
    contracts.contracts_blueprint,
    contracts.call_offs_blueprint,
    teams.teams_blueprint,
    teams.missions_blueprint,
    fleet.blueprint,
    jobs.blueprint,
    places.sites_blueprint,
    places.areas_blueprint,
    places.roads_blueprint,
    networks.networks_blueprint,
    tasks.tasks_blueprint,
    deployments.deployments_blueprint,
    catalogue.blueprint,
    norms.blueprint,
    lists.blueprint,
    imports.imports_blueprint,
    imports.kinds_blueprint,
    people.organisations_blueprint,
    people.me_blueprint,
    people.tokens_blueprint,
)
PREFIX = "/api/v1"


class _Api(Api):  # type: ignore[misc]
    """Errors are answered in web.errors, for the API as for the pages."""

    def _register_error_handlers(self) -> None:
        pass


def set_up(app: Flask) -> None:
    """Register every noun; write the OpenAPI document."""
    app.config.update(
        API_TITLE="SupplyOps",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}],
        },
    )
    api = app.extensions["api"] = _Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    return cast("dict[str, Any]", app.extensions["api"].spec.to_dict())
