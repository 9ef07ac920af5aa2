"""Goods that come back and goods that are scrapped, over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from supplyops.scraps.rules import ScrapBody
from tests.api.test_basics import with_token
from tests.conftest import START, Clock
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, TENT, VILLAGE
from tests.once import once
from tests.recoveries.conftest import give_out
from tests.scraps.city import EXPERTS, SIGNING, City
from tests.web.site import Site

Send = Callable[..., Any]


@pytest.fixture
@once
def city(runtime: Runtime, clock: Clock) -> City:
    """With forty tents on the shelf and twenty spoiled ones in quarantine."""
    city = City(runtime, clock)
    city.house.stock(city.house.lot(number="T-1"), 40, CITY_SHELF)
    city.house.stock(city.house.lot(number="T-2"), 20, CITY_QUARANTINE)
    return city


@pytest.fixture
def send(city: City, tmp_path: Path) -> Send:
    """GET without a body, else POST, as somebody; fails unless it answers with that status."""
    site = Site(city.house, tmp_path)
    client, keys, tokens = site.app.test_client(), count(), {}

    def call(path: str, status: int = 200, role: Role = Role.KEEPER, at: str = CITY, **body: Any) -> Any:
        if (role, at) not in tokens:
            tokens[role, at] = with_token(site, role, at)
        headers = tokens[role, at]
        if body or status == 201 or body.pop("post", False):
            answer = client.post(f"/api/v1{path}", json=body, headers={**headers, "Idempotency-Key": f"k{next(keys)}"})
        else:
            answer = client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == status, answer.get_json()
        return answer.get_json()

    return call


def test_what_was_given_out_comes_back(city: City, send: Send) -> None:
    note = give_out(city, 12, "中心学校")
    limit = {"sku": TENT, "months": 6, "effective_from": "2026-01-01", "source_mark": "P14"}
    send("/recoveries/limits", 403, **limit)
    assert send("/recoveries/limits", 201, Role.CLERK, **limit)[0]["months"] == 6
    assert [row["months"] for row in send("/recoveries/limits")] == [6]
    [due] = send(f"/recoveries/due?document={note}")
    assert (due["outstanding"], due["due_on"], due["is_overdue"]) == (12, "2026-07-12", False)
    assert send("/recoveries/due?overdue=1") == []
    assert send("/recoveries/due", at=VILLAGE) == []
    found = {"due_id": due["id"], "usable": 6, "repair": 3, "scrap": 1}
    given: dict[str, Any] = {
        "source_number": note, "site_code": CITY_STORE, "returned_by": "王校长", "recovered_at": START.isoformat(),
        "is_cleaned": True, "is_disinfected": True,
    }  # fmt: skip
    before = city.books()
    refused = send("/recoveries/", 422, **given, lines=[{**found, "usable": 60}])
    assert refused["errors"]
    send("/recoveries/", 403, Role.APPROVER, **given, lines=[found])
    assert city.books() == before
    row = send("/recoveries/", 201, **given, lines=[found])
    assert sum(line["quantity"] for line in row["lines"]) == 10
    number = row["number"]
    assert [each["number"] for each in send("/recoveries/?repair=1")] == [number]
    assert send(f"/recoveries/due?document={note}")[0]["outstanding"] == 2
    waiting = next(line["line_no"] for line in row["lines"] if line["condition"] == "repair")
    mended = {"line_no": waiting, "repaired_by": "帐篷厂", "repaired": 2, "cost_fen": 15_000}
    send(f"/recoveries/{number}/repairs", 422, **{**mended, "repaired": 9})
    assert send(f"/recoveries/{number}/repairs", 201, **mended)["repairs"][0]["cost_fen"] == 15_000
    assert send("/recoveries/HS-none", 404)["code"] == "not_found"
    assert send(f"/recoveries/{number}/undo")["code"] == "recovery_repaired"
    assert send(f"/recoveries/{number}/undo", 409, post=True)["code"] == "recovery_repaired"
    second = send("/recoveries/", 201, **given, lines=[{"due_id": due["id"], "usable": 2}])["number"]
    assert send(f"/recoveries/{second}/undo")["is_possible"]
    assert send(f"/recoveries/{second}/undo", post=True)["taken_back_because"] == "本人撤销"
    third = send("/recoveries/", 201, **given, lines=[{"due_id": due["id"], "usable": 2}])["number"]
    assert send(f"/recoveries/{third}/reverse", because="清点有误")["taken_back_because"] == "清点有误"
    assert send(f"/recoveries/due?document={note}")[0]["outstanding"] == 2
    assert city.unclean() == []


def test_goods_are_scrapped_by_four(city: City, send: Send) -> None:
    line = {"lot_number": "T-2", "location_code": CITY_QUARANTINE, "quantity": 5, "reason": "damaged"}
    wish: dict[str, Any] = {"site_code": CITY_STORE, "lines": [line], "note": "帐篷霉烂"}
    before = city.books()
    assert send("/scraps/", 409, **{**wish, "lines": [{**line, "quantity": 50}]})["code"] == "insufficient_stock"
    send("/scraps/", 403, Role.APPROVER, **wish)
    assert city.books() == before
    row = send("/scraps/", 201, **wish)
    own = f"/scraps/{row['number']}"
    assert city.books()[2] != before[2], "what is to be scrapped is held"
    send(f"{own}/decisions", 409, Role.APPROVER, body="store", organisation_code=CITY)
    assert (
        send(f"{own}/appraisal", conclusion="不可修复", appraised_on="2026-01-12", experts=EXPERTS)["state"]
        == "appraised"
    )
    for body in ScrapBody:
        said = {"body": body.value, "organisation_code": SIGNING[body]}
        row = send(f"{own}/decisions", 201, Role.APPROVER, SIGNING[body], **said)
    assert (row["state"], len(row["decisions"])) == ("approved", 4)
    public = {"place": "公告栏", "from_on": "2026-01-12", "to_on": "2026-01-16"}
    assert send(f"{own}/publicity", **public)["state"] == "publicised"
    end = {"method": "destroy", "witness": "纪委 周某", "disposed_at": START.isoformat()}
    assert send(f"{own}/disposal", 409, **end)["code"] == "still_public"
    city.clock.advance(days=6)
    end["disposed_at"] = (START + timedelta(days=6)).isoformat()
    assert send(f"{own}/disposal", **end)["state"] == "disposed"
    assert [each["state"] for each in send("/scraps/?state=disposed")] == ["disposed"]
    assert send("/scraps/year")
    other = send("/scraps/", 201, **wish)["number"]
    send(f"/scraps/{other}/cancel", 422, because=" ")
    assert send(f"/scraps/{other}/cancel", because="另有安排")["state"] == "cancelled"
    assert city.unclean() == []
