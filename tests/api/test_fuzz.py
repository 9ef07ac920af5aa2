"""The API against its own description: whatever is sent, it answers with a documented status and shape, never with a breakdown.

What is sent is made from the OpenAPI document, so new operations are covered by being described.
"""

from __future__ import annotations

from functools import cache

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from supplyops.kernel.access import Role
from supplyops.verify.books import verify
from tests.api.test_basics import with_token
from tests.house import TENT, WATER
from tests.web.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.every_engine]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES, FEW = 5, 2
"""Requests to each operation; few where what is asked for is whether the other database answers as well."""
ROLES = (Role.COMMANDER, pytest.param(Role.CLERK, marks=pytest.mark.long))


@pytest.fixture
def described(site: Site) -> Site:
    """A site with a little stock; breakdowns answer 500 as they would for real."""
    site.app.testing = False
    for sku in (TENT, WATER):
        site.house.stock(site.house.lot(sku), 20)
    return site


@cache
def made_for(app: Flask) -> dict[str, list[schemathesis.Case]]:
    """What is sent to each operation: making it takes longer than sending it, so it is made once for all sites of an application."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    return {operation.label: examples(operation) for operation in operations}


def examples(operation: schemathesis.APIOperation) -> list[schemathesis.Case]:
    """A few requests an operation's description allows, the same ones each time."""
    made: list[schemathesis.Case] = []

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def keep(case: schemathesis.Case) -> None:
        made.append(case)

    keep()
    return made


@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_sent_the_answer_is_as_documented(described: Site, role: Role) -> None:
    site = described
    headers = with_token(site, role)
    failures: dict[str, str] = {}
    made = made_for(site.app)
    for label, cases in made.items():
        try:
            for case in cases[: EXAMPLES if site.house.runtime.database.is_sqlite else FEW]:
                case.call_and_validate(headers=headers, checks=CHECKS)
        except Exception as failure:
            failures[label] = str(failure)[:1500]
    assert len(made) > 20
    assert all(made.values())
    assert not failures, "\n\n".join(f"{name}: {text}" for name, text in failures.items())
    assert [finding for finding in verify(site.house.runtime.database) if not finding.is_clean] == []
