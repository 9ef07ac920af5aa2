"""Labels and bin cards as they come out of the printer: the right size, every mark readable, every fact in sight."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pypdfium2
import pytest
import zxingcpp

from reports.labels import LabelSize, bin_cards_pdf, bin_labels_pdf, lot_labels_pdf, scan_address
from supplyops.kernel.access import Role
from supplyops.kernel.errors import InvalidInput
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import ReceiptLineInput
from supplyops.warehouse import label_queries, queries
from tests.house import CITY_STORE, FARM, QUILT, TENT, WATER, build_house
from tests.once import once
from tests.stock.test_store_documents import receipt
from tests.warehouse.test_putting_away import DRY_2, PETROL, RECEIVING, Store

BASE = "https://wz.example.gov.cn"
LONG = "新疆维吾尔自治区伊犁哈萨克自治州霍尔果斯市应急救灾帐篷制造有限责任公司"


@pytest.fixture
@once
def store(runtime: Runtime) -> Store:
    return Store(build_house(runtime))


def pages(pdf: bytes) -> list[pypdfium2.PdfPage]:
    return list(pypdfium2.PdfDocument(io.BytesIO(pdf)))


def size_mm(page: pypdfium2.PdfPage) -> tuple[int, int]:
    return round(page.get_width() / 72 * 25.4), round(page.get_height() / 72 * 25.4)


def words(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_range()


def marks(page: pypdfium2.PdfPage) -> set[str]:
    """What a phone reads on the page, printed at 200 dpi."""
    return {found.text for found in zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())}


def test_bins_on_a_sheet_and_one_by_one(store: Store) -> None:
    rows = store.runtime.read(queries.bins, store.keeper, CITY_STORE)
    (sheet,) = pages(bin_labels_pdf(rows, BASE))
    assert size_mm(sheet) == (210, 297)
    assert marks(sheet) == {f"{BASE}/scan/location/{row.code}" for row in rows}
    assert all(row.code in words(sheet) for row in rows)
    assert {"B-01-2", "危险品", "收货区", "霍尔果斯市库"} <= set(words(sheet).split()), words(sheet)
    singles = pages(bin_labels_pdf(rows, BASE, LabelSize.SINGLE))
    assert [size_mm(page) for page in singles] == [(60, 40)] * len(rows)
    assert [marks(page) for page in singles] == [{f"{BASE}/scan/location/{row.code}"} for row in rows]


def test_twenty_one_to_a_sheet(store: Store) -> None:
    (row, *_) = store.runtime.read(queries.bins, store.keeper, CITY_STORE)
    found = pages(bin_labels_pdf([row] * 22, BASE))
    assert len(found) == 2
    assert [len(zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())) for page in found] == [21, 1]
    with pytest.raises(ValueError, match="no labels"):
        bin_labels_pdf([], BASE)


@pytest.mark.parametrize("size", list(LabelSize))
def test_a_lot_label_names_the_lot_however_long_its_words(store: Store, size: LabelSize) -> None:
    line = ReceiptLineInput(TENT, 2, 2, manufacturer=LONG, produced_on=date(2025, 11, 1), expires_on=date(2030, 1, 1))
    store.runtime.run(stock.receive, store.keeper, receipt(line, ReceiptLineInput(PETROL, 1, 1)))
    document = "RK-654004-20260112-0001"
    rows = store.runtime.read(label_queries.lot_labels, store.keeper, document_number=document)
    found = pages(lot_labels_pdf(rows, BASE, size))
    assert set().union(*map(marks, found)) == {scan_address(BASE, "lot", row.number) for row in rows}
    text = "".join("".join(words(page).split()) for page in found)
    for said in (
        *(row.number for row in rows),
        "12m²棉帐篷",
        "2025-11-01",
        "2030-01-01",
        "霍尔果斯市人民政府",
        "危险品",
        LONG[:8],
    ):
        assert said in text
    assert len(found) == (1 if size is LabelSize.A4 else len(rows))
    named = [replace(rows[0], item_name="清真牛肉罐头340g×24", spec="340g×24")]
    (once,) = pages(lot_labels_pdf(named, BASE, size))
    assert "".join(words(once).split()).count("340g×24") == 1, "what the name says already is not said again"


def test_a_bin_card_says_what_must_be_in_sight(store: Store) -> None:
    lot = store.take_in(TENT, 4, manufacturer="伊犁帐篷厂", produced_on=date(2025, 11, 1))
    store.put(lot, DRY_2, 4)
    store.take_in(WATER, 7)
    (card,) = store.runtime.read(label_queries.bin_cards, store.keeper, location_code=DRY_2)
    assert (card.quantity, card.position) == (4, "B-01-2")
    (page,) = pages(bin_cards_pdf([card], BASE))
    text = words(page)
    for said in (
        "品名",
        "12m²棉帐篷",
        "规格",
        "编号",
        lot.number,
        "数量",
        "4 顶",
        "生产日期",
        "2025-11-01",
        "生产厂家",
        "伊犁帐篷厂",
        "入库时间",
        "2026-01-12 10:00",
        "B-01-2",
    ):
        assert said in text, said
    assert marks(page) == {f"{BASE}/scan/lot/{lot.number}"}
    cards = store.runtime.read(label_queries.bin_cards, store.keeper, site_code=CITY_STORE)
    assert [each.location_code for each in cards] == [DRY_2, RECEIVING]
    assert all(a.location_code <= b.location_code for a, b in pairwise(cards))


def test_labels_are_of_what_is_in_reach(store: Store) -> None:
    lot = store.take_in(QUILT)
    ask = store.runtime.read
    stranger = store.house.actor(Role.KEEPER, FARM)
    assert [row.number for row in ask(label_queries.lot_labels, store.keeper, lot.number)] == [lot.number]
    assert [row.number for row in ask(label_queries.lot_labels, store.keeper, site_code=CITY_STORE)] == [lot.number]
    for named in ({"lot_number": lot.number}, {"site_code": CITY_STORE}, {"document_number": lot.document_number}):
        assert ask(label_queries.lot_labels, stranger, **named) == []
    assert ask(label_queries.bin_cards, stranger, site_code=CITY_STORE) == []


def test_a_file_holds_no_more_than_a_printer_takes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.take_in(TENT, 1)
    store.take_in(QUILT, 1)
    monkeypatch.setattr(label_queries, "LABELS_MAX", 1)
    for question in (label_queries.bin_cards, label_queries.lot_labels):
        with pytest.raises(InvalidInput) as refusal:
            store.runtime.read(question, store.keeper, site_code=CITY_STORE)
        assert [each.code for each in refusal.value.fields] == ["too_many"]


def test_a_code_with_any_sign_comes_back_from_its_address() -> None:
    for code in ("B-01/2", "A01002-260112-001", "批 1%"):
        assert queries.code_of(scan_address(BASE, "lot", code)) == code
        assert queries.code_of(f" {code} ") == code
    assert queries.code_of("http://[") == "http://["
