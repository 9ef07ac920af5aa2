"""What waits on people's desks when a story is over: goods on the road and on the receiving floor, a count, permits, duty."""

from __future__ import annotations

from datetime import timedelta

from supplyops.counts import commands as counts
from supplyops.counts import deciding
from supplyops.counts import queries as count_queries
from supplyops.counts.rules import (
    CountInput,
    CountKind,
    CountReason,
    EntriesInput,
    EntryInput,
    ExplanationInput,
    ExplanationsInput,
)
from supplyops.demo.scene import Scene
from supplyops.stock import late_entries, receiving
from supplyops.stock.documents import LatePermitInput, ReceiptInput, ReceiptKind, ReceiptLineInput
from supplyops.stock.rules import LateKind
from supplyops.transfers import carrying
from supplyops.transfers import commands as transfers
from supplyops.transfers import queries as transfer_queries
from supplyops.transfers.rules import SendInput, TransferGoods, TransferKind, TransferOrderInput
from supplyops.upkeep import commands as upkeep
from supplyops.upkeep.rules import DutyInput

CITY, STORE = "654004", "wh-city"
KEEPER, SECOND = "keeper.city", "keeper2.city"


def fill(scene: Scene) -> None:
    """Leave something to do for the keeper, the receiver and each approver."""
    _goods_to_put_away(scene)
    _on_the_road(scene)
    _held_for_a_transfer(scene)
    _asked_of_a_neighbour(scene)
    _count_to_decide(scene)
    wish = LatePermitInput(
        STORE, LateKind.TRANSFER, scene.now - timedelta(days=5), "上周三倒垛未及时登记,现补录库内移位"
    )
    scene.do(late_entries.ask_late, KEEPER, wish)
    duty = DutyInput(STORE, KEEPER, "两批毛毯待上架;发往莫乎尔牧场的车在途", "大门2把、危险品间1把", "恒温区11℃")
    scene.do(upkeep.hand_over, SECOND, duty)


def _goods_to_put_away(scene: Scene) -> None:
    """Blankets were taken in at the receiving area; nobody has signed for their quality or put them away."""
    today = scene.day(0)
    lines = tuple(
        ReceiptLineInput(
            "A02005",
            quantity,
            quantity,
            produced_on=today - timedelta(days=age),
            expires_on=today + timedelta(days=2_800),
            unit_price_fen=92_00,
            manufacturer="示例纺织厂",
            maker_batch=batch,
            certificate=f"合字{batch}",
        )
        for quantity, age, batch in ((40, 60, "202511-07"), (20, 45, "202511-21"))
    )
    receipt = ReceiptInput(
        ReceiptKind.PURCHASE,
        STORE,
        CITY,
        "伊犁示例纺织有限公司",
        "市级应急专项",
        scene.now,
        lines,
        source_document="霍应急采〔2026〕3号",
        vehicle="新F00063",
        is_seal_intact=True,
        conclusion="数量相符,外观完好",
        delivered_by="方佳音",
    )
    scene.do(receiving.receive, KEEPER, receipt)


def _order(scene: Scene, by: str, order: TransferOrderInput) -> str:
    row = scene.read(transfer_queries.transfer_by_id, scene.make(transfers.draft, by, order))
    return str(row.number)


def _on_the_road(scene: Scene) -> None:
    """Pickaxes are on their way to the pasture; nobody has received them yet."""
    order = TransferOrderInput(
        TransferKind.ALLOCATION,
        STORE,
        "rp-mohuer",
        CITY,
        "充实牧场储备点抢险工具",
        scene.now + timedelta(hours=1),
        scene.now + timedelta(hours=5),
        (TransferGoods("D01006", 10), TransferGoods("D01007", 5)),
    )
    number = _order(scene, "clerk.city", order)
    scene.do(transfers.approve, "approver.city", number)
    sending = SendInput(
        number,
        "新F00078",
        "别克·努尔",
        scene.now + timedelta(hours=3),
        "霍尔果斯示例物流有限公司",
        driver_phone="100-0000-0102",
        escort="白明亮",
        seal_number="HSZ-0203",
    )
    scene.do(carrying.send, KEEPER, sending)


def _held_for_a_transfer(scene: Scene) -> None:
    """Goods of the city are to be kept by 卡拉苏 on its behalf: approved, held, waiting to be loaded."""
    order = TransferOrderInput(
        TransferKind.AGENCY,
        STORE,
        "rp-kalasu",
        CITY,
        "前置代储,缩短河谷片区到达时间",
        scene.now + timedelta(hours=12),
        scene.now + timedelta(hours=20),
        (TransferGoods("A02006", 40), TransferGoods("D03005", 2)),
    )
    scene.do(transfers.approve, "approver.city", _order(scene, "clerk.city", order))


def _asked_of_a_neighbour(scene: Scene) -> None:
    """伊车嘎善 asks 莫乎尔 for snow chains; the city's approver has not decided yet."""
    order = TransferOrderInput(
        TransferKind.PEER,
        "rp-mohuer",
        "rp-yiche",
        "654004901",
        "乡道巡查车辆缺防滑链,向牧场调剂",
        scene.now + timedelta(hours=6),
        scene.now + timedelta(hours=12),
        (TransferGoods("D03003", 2),),
    )
    _order(scene, "clerk.yiche", order)


def _count_to_decide(scene: Scene) -> None:
    """Two lots of tablets were counted, one of them twice by two people; the shortage waits for an approver."""
    wanted = CountInput(
        CountKind.CYCLE,
        "wh-health",
        witness_name="夏卫东",
        is_blind=False,
        skus=("E01003", "E01005"),
        note="防疫物资月度循环盘点",
    )
    count_id = scene.make(counts.start, "keeper.health", wanted)
    lines = scene.read(count_queries.count_by_id, count_id).lines
    found = {line.line_no: line.book or 0 for line in lines}
    short = next(line.line_no for line in lines if line.sku == "E01005")
    found[short] -= 6
    entries = EntriesInput(tuple(EntryInput(line_no, quantity) for line_no, quantity in found.items()))
    scene.do(counts.enter, "keeper.health", count_id, entries)
    scene.do(counts.submit, "keeper.health", count_id)
    scene.do(counts.enter, "clerk.health", count_id, EntriesInput((EntryInput(short, found[short]),)))
    scene.do(counts.submit, "clerk.health", count_id)
    why = ExplanationInput(short, CountReason.ISSUING, "上月发放一箱未登记零散6瓶")
    scene.do(deciding.explain, "keeper.health", count_id, ExplanationsInput((why,)))
