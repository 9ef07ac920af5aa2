"""Beside the truck, on a phone: accepted, loaded short, sent, signed for; and the same without scripts."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from supplyops.dispatch import queries as orders
from supplyops.dispatch.rules import ConsignmentState
from supplyops.dispatch.views import ConsignmentRow, OrderFilter
from supplyops.kernel.access import SYSTEM
from tests.e2e.chapters import APPROVED
from tests.e2e.town import PHONE, Town

Start = Callable[..., Town]
STORE, VILLAGE = "wh-city", "dp-c-yiche3"


def one_load(town: Town) -> ConsignmentRow:
    """A consignment from the city's store to the village that is alone on its vehicle there."""
    rows = town.runtime.read(orders.consignments, SYSTEM, OrderFilter(), limit=1000)
    from_store = [row for row in rows if row.origin_code == STORE]
    return next(
        row
        for row in from_store
        if row.delivery_code == VILLAGE
        and row.lines[0].quantity > 5
        and sum(1 for other in rows if other.shipment_id == row.shipment_id) == 1
    )


def carry(town: Town, *, with_scripts: bool) -> None:
    """From the order to the signature, two short at the gate, one damaged at the other end."""
    row = one_load(town)
    line = row.lines[0]
    keeper = town.sign_in("keeper.city", PHONE, java_script_enabled=with_scripts)
    keeper.locator("[data-tile=orders_to_accept]").click()
    keeper.get_by_role("link", name=row.number).click()
    keeper.get_by_role("button", name="接令,开始拣货").click()
    keeper.get_by_role("link", name="登记装车").click()
    amount = keeper.get_by_label("实装").first
    amount.fill(str(line.quantity - 2))
    keeper.get_by_role("button", name="确认装车").click()
    expect(keeper.locator("#short_reason-error")).to_be_visible()
    expect(amount).to_have_value(str(line.quantity - 2))
    keeper.get_by_label("少装原因").fill("两件包装破损,留库待检")
    keeper.get_by_label("封签号").fill("HF0007")
    keeper.get_by_role("button", name="确认装车").click()
    expect(keeper.get_by_role("status")).to_contain_text("已装车")
    keeper.get_by_role("link", name="去发车").click()
    keeper.once("dialog", lambda dialog: dialog.accept())
    keeper.get_by_role("button", name="发车").click()
    expect(keeper.locator("h1")).to_contain_text("已发车")
    assert town.runtime.read(orders.consignment, SYSTEM, row.number).state is ConsignmentState.IN_TRANSIT

    town.clock.move_on(minutes=50)
    village = town.sign_in("custodian.yiche3", PHONE, java_script_enabled=with_scripts)
    village.goto("/orders/consignments?open=1")
    village.get_by_role("link", name=row.number).click()
    village.get_by_role("link", name="登记签收").click()
    village.get_by_label("完好").first.fill(str(line.quantity - 3))
    village.get_by_label("破损").first.fill("1")
    village.get_by_label("差异原因").fill("一件淋湿")
    village.get_by_label("签收人").fill("钟兰花")
    village.get_by_label("职务").fill("村专干")
    village.get_by_role("button", name="确认签收").click()
    expect(village.locator("h1")).to_contain_text("已签收")
    expect(village.locator("main")).to_contain_text("一件淋湿")
    done = town.runtime.read(orders.consignment, SYSTEM, row.number).lines[0]
    assert (done.loaded, done.good, done.damaged, done.short) == (line.quantity - 2, line.quantity - 3, 1, 0)
    town.assert_books_are_right()


def test_loaded_short_and_signed_for_on_a_phone(start: Start) -> None:
    carry(start(APPROVED), with_scripts=True)


def test_the_same_without_scripts(start: Start) -> None:
    carry(start(APPROVED), with_scripts=False)
