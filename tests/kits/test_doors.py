"""Kits on pages, over the API, on the command line, in files and on paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from supplyops.exchange.importing import import_data
from supplyops.kernel.access import SYSTEM, Role
from supplyops.runtime import Runtime
from tests.api.test_basics import with_token
from tests.cli.conftest import Line, line, settings
from tests.documents.printing import texts
from tests.house import CITY, CITY_SHELF, CITY_STORE, QUILT, TENT
from tests.kits.store import KIT, Store
from tests.once import once
from tests.web.site import Site

__all__ = ["line", "settings"]


@pytest.fixture
@once
def store(runtime: Runtime) -> Store:
    found = Store(runtime)
    found.part(TENT, 10)
    found.part(QUILT, 20, date(2027, 1, 1))
    return found


@pytest.fixture
def site(store: Store, tmp_path: Path) -> Site:
    return Site(store.house, tmp_path)


def test_a_keeper_builds_breaks_prints_and_takes_back(site: Site, store: Store) -> None:
    keeper = site.browser(Role.KEEPER)
    listed = keeper.get("/kits")
    assert "家庭应急包" in listed
    assert f"/kits/build?sku={KIT}" in listed
    keeper.get(f"/kits/build?sku={KIT}&site_code={CITY_STORE}&owner_code={CITY}&fund_source=市级财政")
    build = {"sku": KIT, "site_code": CITY_STORE, "owner_code": CITY, "fund_source": "市级财政", "quantity": "11"}
    refused = keeper.post("/kits/build", 409, **build).get_data(as_text=True)
    assert "12m²棉帐篷 10/11 顶" in refused
    assert "棉被 20/22 床" in refused
    keeper.get("/kits/build")
    keeper.post("/kits/build", **{**build, "quantity": "８"})
    (lot,) = store.kit_lots()
    work = keeper.get("/kits/works/ZT-654004-20260112-0001")
    assert "物资组拆单 ZT-654004-20260112-0001" in work
    assert lot.number in keeper.get("/kits/break")
    assert lot.number in keeper.get("/kits/works/ZT-654004-20260112-0001")
    keeper.get("/kits/break")
    chosen = {"lot": f"{lot.number}|{CITY_SHELF}", "quantity": "9", "because": "单件急用"}
    assert "可用 8" in keeper.post("/kits/break", 409, **chosen).get_data(as_text=True)
    keeper.get("/kits/break")
    keeper.post("/kits/break", **{**chosen, "quantity": "3"})
    assert store.on_hand(lot.id) == 5
    keeper.get("/kits/works")
    keeper.post("/kits/works/ZT-654004-20260112-0002/reverse", because="拆错")
    assert store.on_hand(lot.id) == 8
    keeper.get("/kits/works")
    keeper.post("/kits/works/ZT-654004-20260112-0002/reverse", 409, because="再次")
    site.browser(Role.CLERK).get("/kits/build", 403)
    clerk = site.browser(Role.CLERK)
    clerk.get(f"/kits/{KIT}/edit")
    clerk.post(f"/kits/{KIT}/edit", 422, **{"parts-0-sku": TENT, "parts-0-quantity": "0"})
    clerk.get(f"/kits/{KIT}/edit")
    clerk.post(f"/kits/{KIT}/edit", **{"parts-0-sku": TENT, "parts-0-quantity": "2"})
    assert "×2" in clerk.get(f"/items/{TENT}")


def test_over_the_api_and_on_paper(site: Site, store: Store) -> None:
    client, headers = site.app.test_client(), with_token(site, Role.KEEPER)
    api = "/api/v1/kits"
    body = {"sku": KIT, "site_code": CITY_STORE, "owner_code": CITY, "fund_source": "市级财政", "quantity": 4}
    once = {**headers, "Idempotency-Key": "k1"}
    built = client.post(f"{api}/builds", json=body, headers=once)
    assert built.status_code == 201, built.json
    assert client.post(f"{api}/builds", json=body, headers=once).json == built.json
    number = (built.json or {})["number"]
    (lot,) = store.kit_lots()
    assert [(row["sku"], row["quantity"]) for row in client.get(f"{api}/lots/{lot.number}/contents", headers=headers).json or []] == [
        (TENT, 1), (QUILT, 2),
    ]  # fmt: skip
    assert [row["quantity"] for row in client.get(f"{api}/buildable", headers=headers).json or []] == [6]
    apart = {"lot_number": lot.number, "location_code": CITY_SHELF, "quantity": 1, "because": "急用"}
    assert client.post(f"{api}/breaks", json=apart, headers={**headers, "Idempotency-Key": "k2"}).status_code == 201
    assert len(client.get(f"{api}/works", headers=headers).json or []) == 2
    parts = client.put(
        f"{api}/{KIT}/parts",
        json={"parts": [{"sku": TENT, "quantity": 3}]},
        headers={**with_token(site), "Idempotency-Key": "k3"},
    )
    assert [(row["sku"], row["quantity"]) for row in parts.json or []] == [(TENT, 3)]
    back = client.post(
        f"{api}/works/{number}/reverse", json={"because": "错"}, headers={**headers, "Idempotency-Key": "k4"}
    )
    assert back.status_code == 409, "one of the kits has been taken apart"
    paper = client.get(f"/api/v1/papers/{number}/pdf", headers=headers)
    assert paper.status_code == 200, paper.data[:300]
    printed = "".join(texts(paper.data))
    for said in ("物资组拆单", "组装", "家庭应急包", lot.number, "领用", "产出"):
        assert said in printed, said


def test_on_the_command_line(store: Store, line: Line) -> None:
    keeper = store.keeper
    assert keeper
    user = f"keeper.{CITY}"
    assert [row["quantity"] for row in line.json("kit", "buildable", "--as", user)] == [10]
    build = ("kit", "build", "--site", CITY_STORE, "--owner", CITY, "--fund", "市级财政", "--sku", KIT, "--as", user)
    assert "ZT-654004-20260112-0001" in line(*build, "--quantity", "2")
    assert "10/11" not in line(*build, "--quantity", "9", code=5)
    (lot,) = store.kit_lots()
    assert len(line.json("kit", "contents", lot.number, "--as", user)) == 2
    line("kit", "break", lot.number, "--location", CITY_SHELF, "--quantity", "1", "--because", "急用", "--as", user)
    assert [row["kind"] for row in line.json("kit", "works", "--as", user)] == ["break", "build"]
    assert "家庭应急包" in line("kit", "show", "ZT-654004-20260112-0001", "--as", user)
    line("kit", "reverse", "ZT-654004-20260112-0002", "--because", "错", "--as", user)
    assert store.on_hand(lot.id) == 2
    assert "棉被" in line("kit", "parts", KIT, "--as", user)


def test_kits_and_packs_come_from_files(store: Store, runtime: Runtime) -> None:
    text = f"成套物资编码,组成物资编码,每套数量\n{KIT},{TENT},5\n"
    saved = import_data(runtime, SYSTEM, "kits", "kits.csv", text.encode()).saved
    assert (saved.added, saved.changed, saved.unchanged) == (0, 1, 0), "the tent changed, the quilt went"
    assert import_data(runtime, SYSTEM, "kits", "kits.csv", text.encode()).saved.unchanged == 1
    packs = f"物资编码,包装单位,含计量单位数,毛重(kg)\n{QUILT},托,150,500\n"
    assert import_data(runtime, SYSTEM, "packs", "packs.csv", packs.encode()).saved.added == 1
