"""The API against its own description: whatever is sent, it answers with a documented status and shape, never with a breakdown.

What is sent is made from the OpenAPI document, so new operations are covered by being described.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
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

pytestmark = pytest.mark.slow
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 8
ROLES = (Role.COMMANDER, Role.CLERK)


@pytest.fixture
def schema(site: Site) -> Iterator[schemathesis.BaseSchema]:
    """The description of a site with a little stock; breakdowns answer 500 as they would for real."""
    site.app.testing = False
    for sku in (TENT, WATER):
        site.house.stock(site.house.lot(sku), 20)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site.app)


@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_sent_the_answer_is_as_documented(site: Site, schema: schemathesis.BaseSchema, role: Role) -> None:
    headers = with_token(site, role)
    failures: dict[str, str] = {}
    names = []
    for result in schema.get_all_operations():
        operation = result.ok()
        names.append(operation.label)

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def send(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            send()
        except Exception as failure:
            failures[operation.label] = str(failure)[:1500]
    assert len(names) > 20
    assert not failures, "\n\n".join(f"{name}: {text}" for name, text in failures.items())
    assert [finding for finding in verify(site.house.runtime.database) if not finding.is_clean] == []
