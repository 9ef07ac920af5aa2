"""Tokens, problems, the OpenAPI document."""

from __future__ import annotations

from openapi_spec_validator import validate

from supplyops.kernel.access import Role
from supplyops.people import commands as people
from supplyops.people.secret import token, token_digest
from tests.house import CITY
from tests.web.site import Site


def with_token(site: Site, role: Role = Role.CLERK, at: str = CITY) -> dict[str, str]:
    """Headers of a program that acts as a person with that role."""
    fresh = token()
    site.house.runtime.run(people.issue_token, site.house.actor(role, at), "test", token_digest(fresh), 30)
    return {"Authorization": f"Bearer {fresh}"}


def test_a_program_needs_a_token_and_loses_it(site: Site) -> None:
    client = site.app.test_client()
    refused = client.get("/api/v1/stock/items")
    assert (refused.status_code, refused.content_type) == (401, "application/problem+json")
    assert refused.json is not None
    assert refused.json["code"] == "sign_in_required"
    headers = with_token(site)
    site.house.stock(site.house.lot(), 7)
    found = client.get("/api/v1/stock/items", headers=headers)
    assert found.status_code == 200
    assert [(row["sku"], row["on_hand"], row["by_owner"]) for row in found.json or []] == [("A01002", 7, {"city": 7})]
    assert client.get("/api/v1/stock/items", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_what_is_not_there_is_a_problem_too(site: Site) -> None:
    client, headers = site.app.test_client(), with_token(site)
    for address, status, code in (
        ("/api/v1/stock/lots/none", 404, "not_found"),
        ("/api/v1/nowhere", 404, "not_found"),
    ):
        answer = client.get(address, headers=headers)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert answer.json is not None
        assert answer.json["code"] == code
        assert answer.json["title"]
    answer = client.delete("/api/v1/stock/items", headers=headers)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_the_openapi_document_is_valid(site: Site) -> None:
    document = site.app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    validate(document)
    assert "/api/v1/stock/items" in document["paths"]


def test_text_that_no_database_can_keep_is_refused_with_its_character(site: Site) -> None:
    headers = with_token(site, Role.KEEPER) | {"Idempotency-Key": "k1"}
    for hidden, told in (("\0", "U+0000"), ("\ud800", "U+D800")):
        given = {"asset_numbers": ["x" * 50 + hidden], "purpose": "备用"}
        answer = site.app.test_client().post("/api/v1/assets/pick", headers=headers, json=given)
        assert answer.status_code == 422
        assert answer.json is not None
        assert [error["field"] for error in answer.json["errors"]] == ["asset_numbers.0"]
        assert told in answer.json["errors"][0]["message"]
