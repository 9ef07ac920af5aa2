"""Incidents, requests, letters, places, catalogue, norms and people over the API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from click.testing import CliRunner
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from supplyops.cli.main import main
from supplyops.kernel.access import Role
from tests.api.test_basics import with_token
from tests.house import CITY, FARM, TENT
from tests.web.site import Site
from tests.web.story import SQUARE, Story
from web import api

REFUSED = "application/problem+json"


class Program:
    """A program that acts for somebody."""

    def __init__(self, site: Site, role: Role, organisation: str = CITY) -> None:
        self.client = site.app.test_client()
        self.headers = with_token(site, role, organisation)

    def get(self, address: str) -> Any:
        answer = self.client.get(f"/api/v1{address}", headers=self.headers)
        assert answer.status_code == 200, (address, answer.get_data(as_text=True))
        return answer.json

    def send(
        self, method: str, address: str, body: Any = None, *, key: str | None = "k", **headers: str
    ) -> TestResponse:
        more = {"Idempotency-Key": key} if key else {}
        return self.client.open(
            f"/api/v1{address}", method=method, json=body or {}, headers={**self.headers, **more, **headers}
        )


GIVEN = {
    "level": "city", "area": "654004", "persons": "100", "season": "winter", "organisation": CITY,
}  # fmt: skip
"""What is said to questions that need to be told of what."""


def test_every_list_of_the_document_answers_as_it_says(site: Site, story: Story) -> None:
    """Each GET without a name in its address answers 200 with a JSON list or object; the document is valid."""
    document = api.document(site.app)
    validate(document)
    program = Program(site, Role.CLERK)
    plain = [path for path, item in document["paths"].items() if "get" in item and "{" not in path]
    assert len(plain) >= 18
    for path in plain:
        needed = [each["name"] for each in document["paths"][path]["get"].get("parameters", ()) if each["required"]]
        address = path.removeprefix("/api/v1") + "?" * bool(needed) + urlencode({name: GIVEN[name] for name in needed})
        program.get(address)
    for path, item in document["paths"].items():
        for method in set(item) & {"post", "put", "delete"}:
            names = {each["name"] for each in item[method]["parameters"] if each["in"] == "header"}
            assert "Idempotency-Key" in names, (method, path)


def test_the_command_line_prints_the_same_document(site: Site) -> None:
    printed = CliRunner().invoke(main, ["openapi"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.output) == json.loads(json.dumps(api.document(site.app)))


def test_an_incident_from_the_first_call_to_net_needs(site: Site, story: Story) -> None:
    program = Program(site, Role.CLERK)
    incident = {
        "name": "莫乎尔牧场雪灾", "event_class": "natural", "hazard": "snow", "occurred_at": "2026-01-12T01:00:00+00:00",
        "area_code": "654004200", "place": "三队", "organisation_code": CITY,
    }  # fmt: skip
    made = program.send("POST", "/incidents/", incident)
    assert made.status_code == 201
    again = program.send("POST", "/incidents/", incident)
    assert again.json == made.json
    assert len(program.get("/incidents/")) == 2
    number = (made.json or {})["number"]
    report = {
        "kind": "first", "season": "winter", "days_of_cover": 3,
        "areas": [{"area_code": "654004200", "delivery_site_code": SQUARE, "moved": 80, "dead": None}],
    }  # fmt: skip
    reported = program.send("POST", f"/incidents/{number}/reports", report)
    assert reported.status_code == 201, reported.json
    assert (reported.json or {})["areas"][0]["dead"] is None
    needs = {row["sku"]: row["packed"] for row in program.get(f"/incidents/{number}/needs")}
    assert needs == {TENT: 10, "A02003": 160, "B01001": 55}
    net = {row["need"]["sku"]: row["net"] for row in program.get(f"/incidents/{number}/net-needs")}
    assert net == needs


def test_what_is_wrong_is_named_field_by_field(site: Site, story: Story) -> None:
    program = Program(site, Role.CLERK)
    body = {
        "kind": "first", "season": "winter", "days_of_cover": 0,
        "areas": [{"area_code": "nowhere", "moved": -1, "dead": 1.5, "unknown": 1}],
    }  # fmt: skip
    answer = program.send("POST", f"/incidents/{story.incident_number}/reports", body)
    assert (answer.status_code, answer.content_type) == (422, REFUSED)
    named = {error["field"]: error["message"] for error in (answer.json or {})["errors"]}
    assert named["areas.0.dead"] == "“1.5”不是整数。"
    assert "areas.0.unknown" in named


def test_a_write_needs_its_key_and_a_change_its_version(site: Site, story: Story) -> None:
    commander = Program(site, Role.COMMANDER)
    draft = f"/requests/{story.drafts[0]}"
    answer = commander.send("POST", f"{draft}/submit", key=None, **{"If-Match": '"1"'})
    assert (answer.status_code, (answer.json or {})["code"]) == (400, "key_missing")
    answer = commander.send("POST", f"{draft}/submit")
    assert (answer.status_code, (answer.json or {})["code"]) == (428, "version_missing")
    answer = commander.send("POST", f"{draft}/submit", **{"If-Match": '"7"'})
    assert (answer.status_code, (answer.json or {})["code"]) == (409, "stale")
    assert commander.get(draft)["state"] == "draft"
    answer = commander.send("POST", f"{draft}/submit", **{"If-Match": '"1"'})
    assert (answer.status_code, (answer.json or {})["state"]) == (200, "submitted")


def test_a_request_is_reviewed_line_by_line_by_somebody_else(site: Site, story: Story) -> None:
    commander, reviewer = Program(site, Role.COMMANDER), Program(site, Role.REVIEWER)
    row = reviewer.get(f"/requests/{story.submitted}")
    tents = next(line for line in row["lines"] if line["sku"] == TENT)
    match = {"If-Match": str(row["version"])}
    body = {"accepted": {tents["id"]: tents["quantity"] - 1}, "note": "先保障帐篷"}
    refused = commander.send("POST", f"/requests/{story.submitted}/review", body, **match)
    assert refused.status_code == 403
    done = reviewer.send("POST", f"/requests/{story.submitted}/review", body, **match)
    assert (done.status_code, (done.json or {})["state"]) == (200, "accepted")
    after = {line["sku"]: line["outstanding"] for line in (done.json or {})["lines"]}
    assert after[TENT] == tents["quantity"] - 1
    assert sum(after.values()) == tents["quantity"] - 1


def test_letters_roads_sites_items_norms(site: Site, story: Story) -> None:
    clerk, commander = Program(site, Role.CLERK), Program(site, Role.COMMANDER)
    letter = commander.get("/letters/?state=sent")[0]
    answered = commander.send("POST", f"/letters/{letter['number']}/answer", {"state": "granted", "answer": "同意"})
    assert (answered.json or {})["state"] == "granted"
    inside = commander.send(
        "POST", "/letters/",
        {"incident_id": str(story.incident_id), "organisation_code": CITY, "addressee_code": "654004200", "subject": "x", "body": "y",
         "reply_by": "2026-01-12T12:00:00+08:00", "contact": "a", "phone": "1"}, key="l2",
    )  # fmt: skip
    assert inside.status_code == 422
    assert {road["code"] for road in clerk.get("/roads/?status=closed")} == {"r-village", "r-high"}
    opened = commander.send("POST", "/roads/r-village/reports", {"status": "open", "reason": ""})
    assert (opened.status_code, (opened.json or {})["status"]) == (201, "open")
    assert commander.send("POST", "/roads/none/reports", {"status": "open", "reason": ""}, key="r2").status_code == 422
    item = clerk.get(f"/items/{TENT}")
    del item["id"], item["first_moved_at"]
    changed = clerk.send("PUT", f"/items/{TENT}", {**item, "note": "冬季用"})
    assert (changed.status_code, (changed.json or {})["note"]) == (200, "冬季用")
    assert commander.send("PUT", f"/items/{TENT}", item).status_code == 403
    norm = next(row for row in clerk.get("/norms/needs") if row["code"] == "N-TENT")
    del norm["item_name"]
    assert clerk.send("PUT", "/norms/needs/N-TENT", {**norm, "amount_numerator": 2}).status_code == 200
    assert FARM in {row["code"] for row in clerk.get("/organisations/")}


def test_a_token_is_shown_once_and_ends_when_revoked(site: Site) -> None:
    program = Program(site, Role.CLERK)
    made = program.send("POST", "/tokens/", {"name": "报表程序", "days": 10})
    assert made.status_code == 201
    fresh = made.json or {}
    assert fresh["token"] not in json.dumps(program.get("/tokens/"))
    client, headers = site.app.test_client(), {"Authorization": f"Bearer {fresh['token']}"}
    who = client.get("/api/v1/me/", headers=headers).json or {}
    assert (who["organisation_code"], who["roles"]) == (CITY, [{"role": "clerk", "organisation_code": CITY}])
    assert program.send("DELETE", f"/tokens/{fresh['id']}").status_code == 204
    assert client.get("/api/v1/me/", headers=headers).status_code == 401
