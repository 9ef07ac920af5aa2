"""What papers say: round trips, strictness, sums."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime

import pytest

from reports.forms import FORMS
from reports.samples import samples
from supplyops.papers.contents import (
    CONTENTS,
    AllocationLine,
    BadContent,
    DeliveryPoint,
    Goods,
    HandoverStop,
    IssueLine,
    LoadLine,
    PaperStamp,
    ReceiptLine,
    ShipmentHandover,
    allocation_sums,
    from_plain,
    issue_sums,
    plain,
    receipt_sums,
    structured,
    to_plain,
)
from supplyops.papers.contents.parts import Contact, goods_phrase

EVERY_SAMPLE = [(form, place) for form in FORMS for place in range(len(samples(form)))]


def test_every_content_has_a_form_and_every_form_a_content() -> None:
    assert set(CONTENTS) == set(FORMS)


@pytest.mark.parametrize(("form", "place"), EVERY_SAMPLE)
def test_contents_survive_json(form: str, place: int) -> None:
    content = samples(form)[place].paper.content
    stored = json.loads(json.dumps(to_plain(content)))
    assert from_plain(form, stored) == content
    assert to_plain(from_plain(form, stored)) == stored


def test_stamps_survive_json() -> None:
    stamp = samples("allocation_slip")[1].paper.stamp
    assert structured(PaperStamp, json.loads(json.dumps(plain(stamp)))) == stamp


@pytest.mark.parametrize("kind", CONTENTS.values())
def test_contents_are_frozen_and_slotted(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert hasattr(kind, "__slots__")


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("surprise",), 1, "surprise"),
        (("lines", 0, "quantity"), "120", "int expected"),
        (("lines", 0, "quantity"), 120.0, "int expected"),
        (("lines", 0, "quantity"), True, "int expected"),
        (("owner",), 5, "str expected"),
        (("load_by",), "2026-01-14T05:30:00", "offset"),
        (("allocated_on",), "14.1.2026", "allocated_on"),
        (("lines",), 7, "lines"),
    ],
)
def test_a_wrong_shape_is_named_and_refused(path: tuple[str | int, ...], value: object, told: str) -> None:
    stored = json.loads(json.dumps(to_plain(samples("allocation_slip")[0].paper.content)))
    place = stored
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(BadContent, match=told):
        from_plain("allocation_slip", stored)


def test_a_missing_field_is_refused() -> None:
    stored = to_plain(samples("allocation_slip")[0].paper.content)
    del stored["owner"]
    with pytest.raises(BadContent, match="owner"):
        from_plain("allocation_slip", stored)


def test_instants_are_stored_in_utc() -> None:
    stored = to_plain(samples("allocation_slip")[0].paper.content)
    assert stored["load_by"] == "2026-01-13T21:30:00+00:00"


def test_allocation_sums_are_of_the_lines() -> None:
    lines = (
        AllocationLine(
            "A02003", "棉被", "床", 1500, packages=300, mass_g=4_800_000, volume_cm3=33_000_000, unit_price_fen=9850
        ),
        AllocationLine("A02003", "棉被", "床", 10, packages=2, mass_g=32_000, volume_cm3=220_000),
    )
    sums = allocation_sums(lines)
    assert (sums.kinds, sums.packages, sums.mass_g, sums.volume_cm3) == (1, 302, 4_832_000, 33_220_000)
    assert (sums.amount_fen, sums.unpriced) == (14_775_000, 1)


def test_receipt_sums_wait_for_the_count() -> None:
    counted = ReceiptLine("棉被", "床", 2000, received=2000, accepted=1996, rejected=4, unit_price_fen=9850)
    open_line = ReceiptLine("毛毯", "床", 100, unit_price_fen=100)
    assert counted.amount_fen == 1996 * 9850
    assert receipt_sums((counted,)).accepted == 1996
    both = receipt_sums((counted, open_line))
    assert (both.expected, both.accepted, both.is_counted) == (2100, None, False)
    assert both.amount_fen == 1996 * 9850 + 100 * 100


def test_quantities_of_different_units_are_not_added() -> None:
    lines = (IssueLine("棉被", "床", 5, issued=5), IssueLine("帐篷", "顶", 2, issued=2))
    assert (issue_sums(lines).ordered, issue_sums(lines).issued, issue_sums(lines).is_picked) == (None, None, True)
    assert issue_sums(lines[:1]).issued == 5


def test_a_vehicle_carries_what_its_stops_receive() -> None:
    def stop(*lines: LoadLine, slip: str) -> HandoverStop:
        return HandoverStop(DeliveryPoint("点"), lines, slip_number=slip)

    trip = ShipmentHandover(
        "库",
        "队",
        "新F·A1316",
        "厢货",
        Contact("李犇"),
        "库",
        (
            stop(LoadLine("棉被", "床", 400, lot="a", packages=80, mass_g=1_280_000), slip="DB-1"),
            stop(
                LoadLine("棉被", "床", 200, lot="b", packages=40, mass_g=640_000), LoadLine("水", "箱", 5), slip="DB-1"
            ),
            stop(LoadLine("水", "箱", 7), slip="DB-2"),
        ),
    )
    assert [(line.name, line.quantity) for line in trip.load] == [("棉被", 600), ("水", 12)]
    assert (trip.packages, trip.mass_g, trip.slip_numbers) == (120, 1_920_000, ("DB-1", "DB-2"))


def test_goods_are_named_up_to_four_kinds() -> None:
    goods = tuple(Goods(name, "个", number) for number, name in enumerate("甲乙丙丁戊", start=1))
    assert goods_phrase(goods[:2]) == "甲1个、乙2个"
    assert Goods("饮用水550ml×24", "箱", 20).phrase == "饮用水550ml×24（20箱）"
    assert goods_phrase(goods) == "甲1个、乙2个、丙3个、丁4个等5种物资"


def test_dates_in_contents_keep_their_kind() -> None:
    content = samples("release_instruction")[0].paper.content
    assert type(getattr(content, "signed_on")) is date  # noqa: B009
    assert getattr(content, "load_by") == datetime(2026, 1, 13, 21, 30, tzinfo=UTC)  # noqa: B009
    assert dataclasses.is_dataclass(content)
