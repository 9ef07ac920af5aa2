"""What is planted in the books of numbered units is found."""

from __future__ import annotations

from supplyops.assets import commands, lending, upkeep
from supplyops.assets.rules import AssetInput, OutOfOrderInput
from supplyops.catalogue import commands as catalogue
from supplyops.kernel.access import SYSTEM, Role
from supplyops.runtime import Runtime
from supplyops.verify.books import INVARIANTS
from supplyops.verify.report import run
from supplyops.verify.rows import Books
from tests.assets.conftest import GENERATOR, handing, item
from tests.house import CITY_SHELF, House, build_house

PLANTED = {
    "a numbered unit that is elsewhere": ("UPDATE asset SET location_id = (SELECT id FROM location WHERE code = 'village-shelf') WHERE serial_number = 'S2'", {"I80", "I81"}),
    "more numbers than units": ("UPDATE stock_balance SET on_hand = 1, reserved = 1 WHERE lot_id = (SELECT id FROM lot WHERE number = 'G1')", {"I80"}),
    "a unit whose history is gone": ("DELETE FROM asset_event", {"I80"}),
    "a unit that came back by itself": ("UPDATE asset SET state = 'ready' WHERE serial_number = 'S1'", {"I81"}),
    "a slip closed while a unit is out": ("UPDATE asset_loan SET closed_at = handed_out_at", {"I81"}),
    "a unit out that nothing holds": ("UPDATE asset SET hold_id = NULL", {"I81"}),
}  # fmt: skip


def lend(house: House) -> None:
    """Two of three generators have numbers; one is handed out, one is out of order."""
    do, keeper = house.runtime.run, house.actor(Role.KEEPER)
    do(catalogue.save_items, SYSTEM, [item(GENERATOR, "汽油发电机5kW")])
    house.stock(house.lot(GENERATOR, number="G1"), 3)
    do(commands.save_assets, keeper, [AssetInput(GENERATOR, serial, "G1", CITY_SHELF) for serial in ("S1", "S2")])
    do(lending.hand_out, keeper, handing("S1"))
    do(upkeep.put_out_of_order, keeper, OutOfOrderInput("S2", "不能启动"))


def test_each_planted_violation_is_found(runtime: Runtime) -> None:
    from tests.verify.test_documents import take_guards_off

    lend(build_house(runtime))
    own = tuple(invariant for invariant in INVARIANTS if invariant.id in {"I80", "I81"})
    missed = {}
    with runtime.database.writer.connect() as connection:
        assert all(finding.is_clean and finding.checked for finding in run(own, Books(connection)))
        connection.rollback()
        for what, (statement, expected) in PLANTED.items():
            with connection.begin() as transaction:
                take_guards_off(connection)
                connection.exec_driver_sql(statement)
                found = {finding.id for finding in run(own, Books(connection)) if not finding.is_clean}
                transaction.rollback()
            if not expected <= found:
                missed[what] = found
    assert not missed
