"""Papers say a quantity in packages as well as in base units."""

from __future__ import annotations

from supplyops.catalogue import commands
from supplyops.catalogue.packs import Rung, ladder_of
from supplyops.catalogue.rules import ItemInput
from supplyops.counts import commands as counts
from supplyops.counts.rules import CountInput, CountKind
from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import SYSTEM, Role
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput, ReceiptInput, ReceiptKind, ReceiptLineInput
from supplyops.transfers import commands as transfers
from tests.conftest import START
from tests.house import ITEMS, TENT, VILLAGE
from tests.transfers.town import STREET, STREET_STORE, Town, order


def test_papers_say_a_quantity_both_ways(runtime: Runtime) -> None:
    """入库单, 出库单 and 调剂调拨单 in packages as well; a blind sheet says only what the packages hold."""
    ladder = ladder_of("条", 20, "箱", (Rung("托", 160),))
    assert ladder.both_ways(240) == "240 条 = 12 箱 = 1 托 + 4 箱"
    assert (ladder.both_ways(7), ladder.both_ways(None)) == ("", "")
    assert ladder.told() == "1 箱 = 20 条,1 托 = 160 条"
    town = Town(runtime)
    complete_parameters(runtime)
    tent = next(item for item in ITEMS if item.sku == TENT)
    own = {name: getattr(tent, name) for name in ItemInput.__dataclass_fields__}
    runtime.run(commands.save_items, SYSTEM, [ItemInput(**{**own, "pack_quantity": 2, "pack_unit": "包"})])
    keeper = town.actor(Role.KEEPER, STREET)
    receipt = ReceiptInput(
        ReceiptKind.DONATION, STREET_STORE, STREET, "红十字会", "捐赠", START, (ReceiptLineInput(TENT, 30, 30),)
    )
    runtime.run(stock.receive, keeper, receipt)
    issue = IssueInput(IssueKind.DISTRIBUTION, STREET_STORE, STREET, "居民", "安置", (IssueLineInput(TENT, 6),))
    runtime.run(stock.issue, keeper, issue)
    number = town.draft(order(), town.actor(Role.CLERK, VILLAGE))
    runtime.run(transfers.approve, town.actor(Role.APPROVER), number)
    counted = CountInput(CountKind.SPECIAL, STREET_STORE, witness_name="王平")
    runtime.run(counts.start, keeper, counted)
    said = {paper.form: paper.content["lines"][0]["packed"] for paper in town.rows(Paper)}
    assert said == {
        "receipt_note": "30 顶 = 15 包",
        "issue_note": "6 顶 = 3 包",
        "transfer_slip": "12 顶 = 6 包",
        "count_sheet": "1 包 = 2 顶",
    }
