"""Transfers and obligations over the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.api.test_basics import with_token
from tests.conftest import START
from tests.house import CITY, TENT, VILLAGE, VILLAGE_STORE
from tests.transfers.town import STREET, STREET_SHELF, STREET_STORE, Town
from tests.web.site import Site


@pytest.fixture
def site(runtime: Runtime, tmp_path: Path) -> Site:
    """A site on the town, with twenty tents at the street's store."""
    town = Town(runtime)
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), 20, STREET_SHELF)
    return Site(town.house, tmp_path)


def at(hours: int) -> str:
    return (START + timedelta(hours=hours)).isoformat()


def test_a_transfer_and_what_is_owed(site: Site) -> None:
    client = site.app.test_client()
    count = iter(range(100))
    tokens: dict[tuple[Role, str], dict[str, str]] = {}

    def token(role: Role, organisation: str) -> dict[str, str]:
        if (role, organisation) not in tokens:
            tokens[role, organisation] = with_token(site, role, organisation)
        return tokens[role, organisation]

    def post(path: str, role: Role, organisation: str, status: int = 200, **body: Any) -> Any:
        headers = {**token(role, organisation), "Idempotency-Key": f"k{next(count)}"}
        answer = client.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.get_json()
        return answer.get_json()

    def get(path: str, role: Role = Role.CLERK, organisation: str = VILLAGE) -> Any:
        return client.get(f"/api/v1{path}", headers=token(role, organisation)).get_json()

    order = {
        "kind": "peer", "from_site_code": STREET_STORE, "to_site_code": VILLAGE_STORE, "owner_code": STREET, "reason": "不足",
        "send_by": at(6), "arrive_by": at(12), "lines": [{"sku": TENT, "quantity": 12}],
    }  # fmt: skip
    made = post("/transfers/", Role.CLERK, VILLAGE, 201, **order)
    own = f"/transfers/{made['number']}"
    refused = post(f"{own}/approve", Role.APPROVER, STREET, 403)
    assert refused["code"] == "not_approver_of_transfer"
    line = post(f"{own}/approve", Role.APPROVER, CITY)["lots"][0]["id"]
    sending = {"carrier": "车队", "vehicle": "新F1", "driver": "马", "expected_at": at(4)}
    refused = post(f"{own}/send", Role.KEEPER, STREET, 422, **sending, loaded={line: 13})
    assert refused["errors"][0]["field"] == f"loaded.{line}"
    post(f"{own}/send", Role.KEEPER, STREET, **sending)
    assert [row["quantity"] for row in get("/transfers/road")] == [12]
    arrived = {"receiver": "古丽", "arrived_at": at(0), "lines": [{"line_id": line, "good": 5}]}
    row = post(f"{own}/arrive", Role.KEEPER, VILLAGE, **arrived, more_follows=True)
    assert (row["state"], row["lots"][0]["on_the_road"], row["arrivals"][0]["lines"][0]["good"]) == ("partly", 7, 5)
    refused = post(f"{own}/arrive", Role.KEEPER, VILLAGE, 422, **arrived)
    assert [each["field"] for each in refused["errors"]] == ["cause"]
    row = post(f"{own}/arrive", Role.KEEPER, VILLAGE, receiver="古丽", arrived_at=at(0))
    assert [one["is_last"] for one in row["arrivals"]] == [False, True]
    debt = row["obligation"]
    settled = {"sku": TENT, "quantity": 12, "kind": "money", "amount_fen": 100, "voucher": "v"}
    assert get("/obligations/ageing")[0]["total_fen"] == 120_000
    row = post(f"/obligations/{debt}/settlements", Role.CLERK, STREET, 201, **settled)
    assert row["standing"] == "settled"
    assert get("/obligations/?open=1") == []
    assert get(f"/obligations/{debt}")["lines"][0]["outstanding"] == 0
    assert [row["state"] for row in get("/transfers/?state=received")] == ["received"]
    assert get("/transfers/?overdue=1") == []
