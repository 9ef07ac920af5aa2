"""The stores' diary: what keepers, clerks and approvers did in the eleven days before a story, so that every room has something in it.

Goods that the stories draw on are left alone but for a few: what a story has to come to does not depend on these days.
"""

from __future__ import annotations

from datetime import timedelta

from supplyops.arrivals import commands as arrivals
from supplyops.arrivals.rules import (
    ArrivalAcceptance,
    ArrivalAcceptanceLine,
    ArrivalInspection,
    ArrivalNotice,
    ArrivalNoticeLine,
)
from supplyops.assets import lending
from supplyops.assets import queries as assets
from supplyops.assets import upkeep as asset_upkeep
from supplyops.assets.rules import AssetWorkInput, AssetWorkKind, HandOutInput, OutOfOrderInput
from supplyops.assets.views import AssetFilter
from supplyops.counts import commands as counts
from supplyops.counts.rules import CountInput, CountKind, EntriesInput, EntryInput
from supplyops.demo.scene import Scene
from supplyops.kits import commands as kits
from supplyops.kits.rules import KitBuildInput
from supplyops.lots import commands as lots
from supplyops.lots.rules import LotHoldInput, RecallInput
from supplyops.recoveries import commands as recoveries
from supplyops.recoveries import queries as recovery_queries
from supplyops.recoveries.queries import DueFilter
from supplyops.recoveries.rules import RecoveredInput, RecoveryInput
from supplyops.rotations import commands as rotations
from supplyops.rotations.rules import RotationChoice, RotationInput
from supplyops.scraps import commands as scraps
from supplyops.scraps import queries as scrap_queries
from supplyops.scraps.rules import (
    AppraisalInput,
    ScrapBody,
    ScrapDecisionInput,
    ScrapInput,
    ScrapLineInput,
    ScrapReason,
)
from supplyops.stock import acceptance, late_entries, receiving, undoing
from supplyops.stock import commands as stock
from supplyops.stock import document_queries as documents
from supplyops.stock.document_queries import DocumentFilter
from supplyops.stock.documents import (
    AcceptanceReport,
    IssueInput,
    IssueKind,
    IssueLineInput,
    LatePermitInput,
    QuickReceiptInput,
    QuickReceiptLine,
    ReceiptKind,
)
from supplyops.stock.rules import LateKind
from supplyops.transfers import arriving, carrying
from supplyops.transfers import commands as transfers
from supplyops.transfers import queries as transfer_queries
from supplyops.transfers.rules import ArriveInput, SendInput, TransferGoods, TransferKind, TransferOrderInput
from supplyops.upkeep import commands as upkeep
from supplyops.upkeep.rules import DutyInput, RoundInput, UpkeepKind, UpkeepResult
from supplyops.warehouse import commands as warehouse
from supplyops.warehouse.rules import PutAwayInput

LEAD = timedelta(days=11)
"""So long before a story the city is in the books."""
CITY, STORE, FLOOD_STORE = "654004", "wh-city", "wh-flood"
CLERK, KEEPER, SECOND, APPROVER = "clerk.city", "keeper.city", "keeper2.city", "approver.city"


def keep(scene: Scene) -> None:
    """Live through these days, one after the other."""
    for day in (
        _neighbours_help,
        _a_delivery_comes,
        _a_drill,
        _units_are_lent,
        _kits_and_rotation,
        _goods_are_past_use,
        _goods_come_back,
        _rounds_and_duty,
    ):
        day(scene)


def _neighbours_help(scene: Scene) -> None:
    """亚欧东路 needs torches; 卡拉苏 helps out and is owed them, which nobody has seen to since."""
    scene.move_to(-10, 9)
    order = TransferOrderInput(
        TransferKind.PEER,
        "rp-kalasu",
        "rp-yaoudong",
        "654004001",
        "冬季夜间巡查手电筒不足,向卡拉苏街道调剂",
        scene.moment(-10, 16),
        scene.moment(-10, 18),
        (TransferGoods("C01005", 30),),
        due_on=scene.day(-4),
    )
    number = scene.read(transfer_queries.transfer_by_id, scene.make(transfers.draft, "clerk.yaoudong", order)).number
    scene.move_to(-10, 11)
    scene.do(transfers.approve, APPROVER, number)
    scene.move_to(-10, 15)
    sending = SendInput(
        number,
        "新F00021",
        "赵师傅",
        scene.moment(-10, 16),
        "亚欧东路街道",
        driver_phone="100-0000-0101",
        escort="努尔兰·哈山",
    )
    scene.do(carrying.send, "keeper.kalasu", sending)
    scene.move_to(-10, 16)
    scene.do(arriving.arrive, "keeper.yaoudong", ArriveInput(number, "努尔兰·哈山", scene.now))


def _a_delivery_comes(scene: Scene) -> None:
    """A purchase is announced, inspected, taken in with a crate spoilt, put away and reported; a village is given biscuits."""
    scene.move_to(-9, 10)
    notice = ArrivalNotice(
        kind=ReceiptKind.PURCHASE,
        site_code=STORE,
        owner_code=CITY,
        source="霍尔果斯示例粮油有限公司",
        fund_source="市级财政",
        expected_on=scene.day(-8),
        lines=(ArrivalNoticeLine("B01005", 24, 205_00, "示例食品厂"),),
        source_document="霍应急采〔2025〕31号",
        contact="魏海涛 0999-0000117",
    )
    arrival_id = scene.make(arrivals.announce, CLERK, notice)
    scene.move_to(-8, 9, 30)
    seen = ArrivalInspection(scene.now, "新F00035", "示例司机", True, "HSZ-0117")
    scene.do(arrivals.inspect, SECOND, arrival_id, seen)
    scene.move_to(-8, 10)
    made = scene.day(-40)
    lot = ArrivalAcceptanceLine(
        1, 24, 23, 1, "", made, made + timedelta(days=730), "示例食品厂", "202512-31", "检字第0231号"
    )
    taken = ArrivalAcceptance((lot,), "除一箱外验收合格", "一箱外包装浸湿,隔离待退换")
    receipt_id = scene.make(arrivals.accept, KEEPER, arrival_id, taken)
    receipt = scene.read(documents.documents, DocumentFilter(site_code=STORE))[0]
    number = receipt.lines[0].lot_number
    scene.move_to(-8, 11)
    scene.do(warehouse.put_away, KEEPER, PutAwayInput(number, "wh-city-r", "wh-city-c", 23))
    scene.move_to(-7, 16)
    report = AcceptanceReport("霍尔果斯市应急管理局", "霍粮储报〔2026〕2号")
    scene.do(acceptance.report_acceptance, KEEPER, receipt_id, report)
    given = QuickReceiptInput(
        "rp-c-yiche3",
        "示例粮油门市部",
        (QuickReceiptLine("B01005", 2, scene.day(-60), scene.day(670)),),
        owner_code="654004200",
        fund_source="社会捐赠",
    )
    scene.do(receiving.receive_quickly, "custodian.yiche3", given)


def _a_drill(scene: Scene) -> None:
    """Life jackets go to a drill and have to come back; tents are lent to families; a slip is undone, another written up late."""
    scene.move_to(-7, 17)
    drill = IssueInput(
        IssueKind.DRILL,
        FLOOD_STORE,
        CITY,
        "霍尔果斯市示例应急救援协会",
        "冬季水域救援演练",
        (IssueLineInput("D02001", 6),),
        received_by="韦秀英",
    )
    scene.do(stock.issue, "keeper.flood", drill)
    tents = IssueInput(
        IssueKind.DISTRIBUTION,
        STORE,
        CITY,
        "卡拉苏街道办事处",
        "两户危房改造期间过渡安置",
        (IssueLineInput("A01001", 2),),
        received_by="卢伟民",
        received_head="范志刚",
        checked_by="尹兰花",
    )
    scene.do(stock.issue, KEEPER, tents)
    wrong = IssueInput(
        IssueKind.DISTRIBUTION, STORE, CITY, "卡拉苏街道办事处", "登记有误", (IssueLineInput("A02005", 5),)
    )
    slip = scene.make(stock.issue, KEEPER, wrong)
    scene.move_to(-7, 17, 5)
    scene.do(undoing.undo_document, KEEPER, slip)
    scene.move_to(-6, 9)
    happened_at = scene.moment(-10, 14)
    wish = LatePermitInput(STORE, LateKind.ISSUE, happened_at, "当日停电,纸质出库单已签,补录入账")
    permit = scene.make(late_entries.ask_late, KEEPER, wish)
    scene.do(late_entries.decide_late, APPROVER, permit, True, "已核对纸质单据")
    late = IssueInput(
        IssueKind.DISTRIBUTION,
        STORE,
        CITY,
        "祥和社区居民委员会",
        "困难群众临时救助",
        (IssueLineInput("A02005", 10),),
        received_by="胡文斌",
        issued_at=happened_at,
    )
    scene.do(stock.issue, KEEPER, late)


def _units_are_lent(scene: Scene) -> None:
    """A life detector and a boat are lent, one of them too long; a generator waits for repair; a batch is recalled, a lot held."""
    scene.move_to(-6, 14)
    detector, tested = _unit(scene, "TC-2205-01"), _unit(scene, "TC-2205-02")
    for number, certificate in ((detector, "伊检2025-0411"), (tested, "伊检2025-0412")):
        work = AssetWorkInput(
            number,
            AssetWorkKind.CALIBRATION,
            scene.day(-90),
            "伊犁州计量检定所",
            certificate=certificate,
            cost_fen=600_00,
        )
        scene.do(asset_upkeep.record_work, KEEPER, work)
    generator = _unit(scene, "FD30-2306-01")
    oiled = AssetWorkInput(
        generator, AssetWorkKind.MAINTENANCE, scene.day(-150), "示例五金机电维修部", meter_hours=86, cost_fen=320_00
    )
    scene.do(asset_upkeep.record_work, KEEPER, oiled)
    boats = [_unit(scene, f"XPT-2306-0{each}") for each in (1, 2, 3)]
    for number in boats:
        tested_on = AssetWorkInput(number, AssetWorkKind.INSPECTION, scene.day(-70), "吴德胜", note="气室气阀完好")
        scene.do(asset_upkeep.record_work, "keeper.flood", tested_on)
    lent = HandOutInput(
        (detector,), "654004-13", "于志远", "地震救援队冬训", scene.day(-2), "T07-01", phone="100-0000-0023"
    )
    scene.do(lending.hand_out, KEEPER, lent)
    boat = HandOutInput((boats[0],), "654004-12", "彭长青", "冰面救援训练", scene.day(20), "T01-01")
    scene.do(lending.hand_out, "keeper.flood", boat)
    broken = OutOfOrderInput(generator, "低温启动困难,喷油嘴待检", scene.day(5))
    scene.do(asset_upkeep.put_out_of_order, KEEPER, broken)
    scene.move_to(-6, 16)
    scene.do(lots.hold_lot, KEEPER, LotHoldInput("B01010-230520-002", "抽查发现两箱外包装胀罐,整批待检"))
    recall = RecallInput(
        "E01004", "示例医疗用品厂", "202402-02", "厂家通知:该批密封条不合格", "示医召〔2026〕1号", CITY
    )
    scene.do(lots.recall_batch, CLERK, recall)


def _unit(scene: Scene, serial_number: str) -> str:
    """The asset number of a unit."""
    (row,) = scene.read(assets.assets, AssetFilter(text=serial_number))
    return str(row.number)


def _kits_and_rotation(scene: Scene) -> None:
    """Family kits are put together; old torches are used up in a drill, more of them wait for a decision."""
    scene.move_to(-5, 10)
    kit = KitBuildInput(STORE, CITY, "市级财政", "A03004", 12, "wh-city-b", "春节前补充家庭应急包")
    scene.do(kits.build_kits, KEEPER, kit)
    used = RotationInput(
        "C01005-220518-001", "wh-city-d", 20, RotationChoice.DRILL, "临近年限,先用于演练", "消防救援大队夜间演练"
    )
    rotation = scene.make(rotations.propose, KEEPER, used)
    scene.do(rotations.decide, APPROVER, rotation, True)
    scene.do(rotations.carry_out, KEEPER, rotation)
    given = RotationInput(
        "C01005-220518-001", "wh-city-d", 15, RotationChoice.TRANSFER, "转给用量大的储备点", "莫乎尔牧场储备点"
    )
    scene.do(rotations.propose, KEEPER, given)


def _goods_are_past_use(scene: Scene) -> None:
    """Life buoys are to be scrapped: appraised, two of the four bodies have agreed. A count finds what the books say."""
    scene.move_to(-4, 10)
    line = ScrapLineInput("D02002-220518-002", "wh-flood-a", 3, ScrapReason.DAMAGED, "外层开裂,浮力不足")
    application = scene.make(scraps.apply, "keeper.flood", ScrapInput(FLOOD_STORE, (line,), "年度清查"))
    number = scene.read(scrap_queries.scrap_by_id, application).number
    experts = ("何春华", "谢玉梅", "彭长青", "龚丽娜", "叶尔兰·加尔肯")
    scene.do(
        scraps.appraise, "clerk.water", AppraisalInput(number, "无修复价值,同意报废", scene.day(-4), experts=experts)
    )
    scene.move_to(-3, 9)
    for body, organisation, by in (
        (ScrapBody.EMERGENCY, "654004-01", "approver.emergency"),
        (ScrapBody.RESERVES, "654004-02", "approver.reserves"),
    ):
        scene.do(scraps.decide, by, ScrapDecisionInput(number, body, organisation))
    count = CountInput(CountKind.CYCLE, STORE, witness=SECOND, skus=("E02001",), note="兽药月度循环盘点")
    count_id = scene.make(counts.start, KEEPER, count)
    scene.do(counts.enter, KEEPER, count_id, EntriesInput((EntryInput(1, 12), EntryInput(2, 12))))
    scene.do(counts.witness, SECOND, count_id)
    scene.do(counts.submit, KEEPER, count_id)


def _goods_come_back(scene: Scene) -> None:
    """The life jackets come back: most are good, one has to be mended, one is past use; one is still out."""
    scene.move_to(-3, 15)
    (due,) = (row for row in scene.read(recovery_queries.recovery_dues, DueFilter()) if row.sku == "D02001")
    back = RecoveryInput(
        due.document_number,
        FLOOD_STORE,
        "韦秀英",
        scene.now,
        (RecoveredInput(due.id, 3, 1, 1),),
        is_cleaned=True,
        is_disinfected=True,
        note="一件拉链损坏待修,一件浮料外露",
    )
    scene.do(recoveries.recover, "keeper.flood", back)


def _rounds_and_duty(scene: Scene) -> None:
    """Rounds are made, an extinguisher is found empty, duty changes hands."""
    scene.move_to(-2, 9)
    scene.do(upkeep.record, KEEPER, RoundInput(STORE, UpkeepKind.INSPECTION, readings="库温11℃ 湿度46%"))
    scene.do(upkeep.record, KEEPER, RoundInput(STORE, UpkeepKind.VENTILATION, readings="通风40分钟"))
    fire = RoundInput(
        STORE,
        UpkeepKind.FIRE_CHECK,
        UpkeepResult.FINDING,
        helpers="尹兰花",
        finding="C区2号灭火器压力低于绿区",
        finding_due_on=scene.day(5),
        responsible="白明亮",
    )
    scene.do(upkeep.record, KEEPER, fire)
    scene.move_to(-2, 18)
    duty = DutyInput(STORE, SECOND, "一台发电机待修;一批牛肉罐头暂存待检", "大门2把、危险品间1把", "恒温区12℃")
    handover = scene.make(upkeep.hand_over, KEEPER, duty)
    scene.do(upkeep.take_over, SECOND, handover, "已清点")
