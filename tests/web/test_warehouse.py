"""Scanning, putting away, labels and the quick receipt on the pages; the same over the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.places.tables import Location
from supplyops.runtime import Runtime
from supplyops.stock.tables import Lot, StockDocument
from tests.api.test_basics import with_token
from tests.api.test_incident_side import Program
from tests.house import CITY, FARM, TENT, VILLAGE_STORE, build_house
from tests.once import once
from tests.stock.test_store_documents import rows
from tests.warehouse.test_putting_away import DRY_1, DRY_2, RECEIVING, Store
from tests.web.site import Site


@pytest.fixture
@once
def store(runtime: Runtime) -> Store:
    return Store(build_house(runtime))


@pytest.fixture
def site(store: Store, tmp_path: Path) -> Site:
    return Site(store.house, tmp_path)


def test_a_lot_is_put_away_with_a_scanner(site: Site, store: Store) -> None:
    lot = store.take_in()
    keeper = site.browser(Role.KEEPER)
    assert "/warehouse/putaway" in keeper.get("/")
    page = keeper.get("/warehouse/putaway")
    assert lot.number in page and DRY_2 in page
    address = f"/warehouse/putaway/{lot.number}/{RECEIVING}"
    assert f'value="{DRY_2}"' in keeper.get(address)
    full = keeper.post(address, 422, to_code=DRY_1, quantity="5").get_data(as_text=True)
    assert "剩余容积 1.000 m³" in full and 'value="5"' in full
    keeper.post(address, to_code=f"http://localhost/scan/location/{DRY_1}", quantity="2")
    assert store.house.balance(lot.id, DRY_1) == (2, 0)
    keeper.get(address)
    keeper.post(address, to_code=f" {DRY_2} ", quantity="8")
    assert store.house.balance(lot.id, DRY_2) == (8, 0)
    keeper.get(address, 404)
    assert "没有待上架" in keeper.get("/warehouse/putaway")
    assert "8 顶" in keeper.get(f"/warehouse/bins/{DRY_2}")
    site.browser(Role.KEEPER, FARM).get(f"/warehouse/bins/{DRY_2}", 404)


def test_a_scanned_code_opens_its_page(site: Site, store: Store) -> None:
    lot = store.take_in()
    keeper = site.browser(Role.KEEPER)
    page = keeper.get("/scan")
    assert 'name="code"' in page and "autofocus" in page
    for text, target in (
        (DRY_1, f"/warehouse/bins/{DRY_1}"),
        (f"http://localhost/scan/location/{DRY_1}", f"/warehouse/bins/{DRY_1}"),
        (lot.number, f"/stock/lots/{lot.number}"),
        (f" {TENT.lower()}", f"/stock/lots?sku={TENT}"),
        ("https://wz.example/q/RK-1?code=ABCD", "/q/RK-1?code=ABCD"),
    ):
        answer = keeper.client.get("/scan", query_string={"code": text})
        assert (answer.status_code, answer.headers["Location"]) == (303, target), text
    assert "没有找到这个码" in keeper.get("/scan?code=nothing")
    assert keeper.client.get(f"/scan/lot/{lot.number}").headers["Location"] == f"/stock/lots/{lot.number}"
    keeper.get(f"/scan/location/{lot.number}", 404)
    assert "没有找到" in site.browser(Role.KEEPER, FARM).get(f"/scan?code={DRY_1}")
    assert (
        site.app.test_client().get(f"/scan/lot/{lot.number}").headers["Location"].startswith("/sign-in?next=/scan/lot/")
    )


def test_labels_and_cards_are_printed_from_the_pages(site: Site, store: Store) -> None:
    lot = store.take_in()
    keeper = site.browser(Role.KEEPER)
    for address in (
        "/warehouse/labels/bins.pdf?site=city-store",
        f"/warehouse/labels/bins.pdf?code={DRY_1}&size=60x40",
        f"/warehouse/labels/lots.pdf?lot={lot.number}",
        f"/warehouse/labels/lots.pdf?document={lot.document_number}&size=60x40",
        "/warehouse/cards.pdf?site=city-store",
        f"/warehouse/cards.pdf?code={RECEIVING}",
    ):
        answer = keeper.client.get(address)
        assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-"), address
    for address in (
        "/warehouse/labels/lots.pdf",
        "/warehouse/cards.pdf",
        f"/warehouse/cards.pdf?code={DRY_1}",
        "/warehouse/labels/bins.pdf?code=x",
    ):
        keeper.get(address, 404)
    site.browser(Role.KEEPER, FARM).get(f"/warehouse/labels/lots.pdf?lot={lot.number}", 404)
    page = keeper.get("/warehouse?site=city-store")
    assert DRY_1 in page and "/warehouse/cards.pdf" in page
    page = keeper.get(f"/warehouse?site={VILLAGE_STORE}")
    assert "/warehouse/labels/bins.pdf" in page
    assert "/warehouse/labels/lots.pdf" not in page, "nothing lies there"
    assert "/warehouse/cards.pdf" not in page


def test_labels_and_cards_over_the_api(site: Site, store: Store) -> None:
    lot = store.take_in()
    keeper, stranger = Program(site, Role.KEEPER), Program(site, Role.KEEPER, FARM)
    [label] = keeper.get(f"/warehouse/labels/lots?lot={lot.number}")
    assert (label["number"], label["sku"], label["is_exercise"]) == (lot.number, TENT, False)
    [card] = keeper.get(f"/warehouse/cards?bin={RECEIVING}")
    assert (card["location_code"], card["lot"]["number"], card["stored_on"]) == (RECEIVING, lot.number, None)
    assert card["quantity"] > 0
    assert keeper.get("/warehouse/cards?site=city-store") == [card]
    assert stranger.get(f"/warehouse/cards?bin={RECEIVING}") == []
    for address in (
        "/warehouse/labels/bins/site/city-store/pdf",
        f"/warehouse/labels/bins/bin/{DRY_1}/pdf?size=60x40",
        f"/warehouse/labels/lots/document/{lot.document_number}/pdf?size=60x40",
        f"/warehouse/labels/lots/lot/{lot.number}/pdf",
        "/warehouse/cards/site/city-store/pdf",
    ):
        answer = keeper.send("GET", address)
        assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-"), address
    for address, status in (
        (f"/warehouse/labels/lots/lot/{lot.number}/pdf?size=a5", 422),
        ("/warehouse/labels/lots/sku/A01002/pdf", 404),
        ("/warehouse/labels/lots/lot/none/pdf", 404),
        (f"/warehouse/cards/bin/{DRY_1}/pdf", 404),
    ):
        assert keeper.send("GET", address).status_code == status, address
    assert stranger.send("GET", "/warehouse/cards/site/city-store/pdf").status_code == 404


def test_a_location_is_described_on_its_site(site: Site, store: Store) -> None:
    clerk = site.browser(Role.CLERK)
    address = f"/sites/city-store/locations/{DRY_1}"
    assert 'value="1000000"' in clerk.get(address)
    fields = {
        "name": "B区1架1位",
        "kind": "storage",
        "zone": "B",
        "shelf": "01",
        "bin": "1",
        "capacity_cm3": "2000000",
        "walk_rank": "3",
    }
    assert "储存条件不一致" in clerk.post(address, 422, **fields, storage_class="cool").get_data(as_text=True)
    clerk.post(address, **fields, storage_class="dry")
    found = next(row for row in rows(store.runtime, Location) if row.code == DRY_1)
    assert (found.capacity_cm3, found.walk_rank, found.is_receiving) == (2_000_000, 3, False)
    site.browser(Role.KEEPER).get(address, 403)


def test_goods_are_received_quickly(site: Site, store: Store) -> None:
    keeper = site.browser(Role.KEEPER)
    fields = {"site_code": "city-store", "kind": "donation", "source": "", "lines-0-sku": TENT, "lines-0-quantity": "5"}
    keeper.get("/stock/receive/quick")
    assert "必填" in keeper.post("/stock/receive/quick", 422, **fields).get_data(as_text=True)
    assert rows(store.runtime, StockDocument) == []
    keeper.post("/stock/receive/quick", **{**fields, "source": "个体户王某"})
    (lot,) = rows(store.runtime, Lot)
    assert (store.house.balance(lot.id, RECEIVING), lot.owner_id) == ((5, 0), store.house.organisations[CITY])


def test_a_program_receives_puts_away_and_scans(site: Site, store: Store) -> None:
    client, headers = site.app.test_client(), with_token(site, Role.KEEPER)
    send = lambda address, key, **body: client.post(f"/api/v1/{address}", json=body, headers={**headers, "Idempotency-Key": key})  # noqa: E731 # fmt: skip
    ask = lambda address: client.get(f"/api/v1/{address}", headers=headers)  # noqa: E731
    made = send(
        "stock-documents/quick-receipts",
        "q1",
        site_code="city-store",
        source="红十字会",
        lines=[{"sku": TENT, "quantity": 5}],
    )
    assert made.status_code == 201
    (row,) = ask("warehouse/waiting?site=city-store").get_json()
    lot = row["stock"]["lot_number"]
    assert row["placements"][0]["code"] == DRY_2
    move = {"lot_number": lot, "from_code": RECEIVING, "to_code": DRY_1, "quantity": 5}
    refused = send("warehouse/putaways", "p0", **move)
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "reason")
    assert send("warehouse/putaways", "p1", **move, reason="库满").status_code == 201
    assert ask(f"warehouse/bins/{DRY_1}").get_json()["is_over"] is True
    assert ask(f"warehouse/bins/{DRY_1}/contents").get_json()[0]["on_hand"] == 5
    assert ask(f"warehouse/scan?code={lot}").get_json() == [{"kind": "lot", "code": lot, "title": "12m²棉帐篷"}]
    clerk = {**with_token(site), "Idempotency-Key": "l1"}
    bin_ = {
        "name": "B区1架3位",
        "zone": "B",
        "shelf": "01",
        "bin": "3",
        "capacity_cm3": 1_000_000,
        "storage_class": "dry",
    }
    saved = client.put("/api/v1/sites/city-store/locations/city-b-01-3", json=bin_, headers=clerk)
    assert "city-b-01-3" in {each["code"] for each in saved.get_json()}
    assert {each["code"] for each in ask("warehouse/bins?site=city-store").get_json()} >= {DRY_1, DRY_2, RECEIVING}
