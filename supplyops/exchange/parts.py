"""Lists that come as files but are a part of one document: places of a report, lines of a request or a store document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.arrivals.rules import ArrivalAcceptanceLine, ArrivalNoticeLine
from supplyops.exchange.columns import column, layout
from supplyops.exchange.parsers import CODE, ListOf
from supplyops.incidents.rules import AreaFigures
from supplyops.requests.rules import RequestLineInput
from supplyops.scraps.rules import ScrapLineInput
from supplyops.stock.documents import IssueLineInput, ReceiptLineInput, TransferLineInput
from supplyops.transfers.rules import TransferGoods

REPORT_AREAS = layout(
    "report-areas",
    "灾情分地区数字",
    AreaFigures,
    (
        column("区划代码", "area_code", "654004200"),
        column("接收点代码", "delivery_site_code", "village-store", "物资送到哪里"),
        column("受灾人数", "affected", "1200", "没有统计的留空,统计为零的填 0"),
        column("死亡人数", "dead", "0"),
        column("失踪人数", "missing", "0"),
        column("受伤人数", "injured", "3"),
        column("紧急转移安置人数", "moved", "420"),
        column("避险转移人数", "evacuated", "0"),
        column("需紧急生活救助人数", "urgent_aid", "180"),
        column("集中安置人数", "sheltered", "300"),
        column("户数", "households", "130"),
        column("婴幼儿人数", "infants", ""),
        column("老人人数", "elderly", ""),
        column("育龄妇女人数", "women", ""),
        column("残疾人人数", "disabled", ""),
        column("牲畜头数", "livestock", ""),
        column("倒塌房屋间数", "rooms_collapsed", "12"),
        column("严重损坏房屋间数", "rooms_badly_damaged", "40"),
        column("一般损坏房屋间数", "rooms_damaged", "90"),
        column("备注", "note", ""),
    ),
    key=("area_code",),
)

REQUEST_LINES = layout(
    "request-lines",
    "需求明细",
    RequestLineInput,
    (
        column("物资编码", "sku", "A01002"),
        column("数量", "quantity", "120", "按物资的计量单位"),
        column("最迟到达时间", "latest_arrival_at", "2026-01-13 08:00"),
        column("保障人数", "persons", "600"),
        column("测算需求", "computed_need", "", "按标准测算的数量"),
        column("类别优先级", "class_rank", "", "不填时按物资类别和紧急程度"),
        column("严重程度", "severity", "1", "1 至 10"),
        column("特需人群比例", "protected_permille", "20%", "婴幼儿、老人、残疾人所占比例"),
        column("最低满足数量", "minimum_fill", ""),
        column("可用替代物资", "allows_substitutes", "是"),
        column("备注", "note", ""),
    ),
    key=("sku",),
)

_GOODS = (
    column("生产日期", "produced_on", "2025-11-01"),
    column("有效期至", "expires_on", "", "不填时按物资保质期推算"),
    column("生产厂家", "manufacturer", ""),
    column("厂家批号", "maker_batch", ""),
    column("合格证号", "certificate", "", parser=CODE),
    column(
        "库位代码", "location_code", "city-a-01", "合格品放在哪里;不填时为该场所的收货区,没有收货区时为第一个存放库位"
    ),
)
_PLACING = column("放置原因", "placing_reason", "", "放进容积不够或储存条件不符的库位时必填")
_SERIALS = column(
    "序列号", "serial_numbers", "", "逐件编号的物资填合格品的序列号,件数相同,用“、”分开", parser=ListOf(CODE)
)
_PARTED = ("lot_number", "produced_on", "expires_on", "maker_batch", "location_code")
"""Together with the item: what tells lots of one delivery apart."""

RECEIPT_LINES = layout(
    "receipt-lines",
    "入库明细",
    ReceiptLineInput,
    (
        column("物资编码", "sku", "A01002"),
        column("应收数量", "expected", "120", "按物资的计量单位"),
        column("合格数量", "accepted", "118", "验收合格的数量"),
        column("不合格数量", "rejected", "2", "进待检区"),
        column("批次号", "lot_number", "", "不填时自动编号"),
        *_GOODS,
        column("单价(元)", "unit_price_fen", "1800"),
        column("使用限制", "restriction", ""),
        _PLACING,
        _SERIALS,
    ),
    key=("sku", *_PARTED),
)

NOTICE_LINES = layout(
    "notice-lines",
    "到货通知明细",
    ArrivalNoticeLine,
    (
        column("物资编码", "sku", "A01002"),
        column("数量", "quantity", "120", "按物资的计量单位"),
        column("单价(元)", "unit_price_fen", "1800"),
        column("生产厂家", "manufacturer", ""),
        column("备注", "note", ""),
    ),
    key=("sku", "manufacturer", "note"),
)

LOAD_LINES = layout(
    "load-lines",
    "到货入库明细",
    ArrivalAcceptanceLine,
    (
        column("行号", "line_no", "1", "到货通知的第几行"),
        column("清单数量", "listed", "60", "本车随货清单上的数量"),
        column("合格数量", "accepted", "58", "验收合格的数量"),
        column("不合格数量", "rejected", "2", "进待检区"),
        column("批次号", "lot_number", "", "不填时自动编号"),
        *_GOODS,
        _PLACING,
        _SERIALS,
    ),
    key=("line_no", *_PARTED),
)

ISSUE_LINES = layout(
    "issue-lines",
    "出库明细",
    IssueLineInput,
    (
        column("物资编码", "sku", "A01002"),
        column("数量", "quantity", "20", "按物资的计量单位"),
        column("批次号", "lot_number", "", "不填时先到期的先出"),
        column("原因", "reason", "", "指定的不是应先出的批次,或实发少于应发时必填"),
        column("应发数量", "approved", "", "批准的数量;实发不得超过,不填即等于实发"),
    ),
    key=("sku", "lot_number"),
)

TRANSFER_LINES = layout(
    "transfer-lines",
    "移库明细",
    TransferLineInput,
    (
        column("批次号", "lot_number", "A01002-260112-001"),
        column("移出库位代码", "from_code", "city-quarantine"),
        column("移入库位代码", "to_code", "city-a-01"),
        column("数量", "quantity", "2", "按物资的计量单位"),
    ),
    key=("lot_number", "from_code", "to_code"),
)

TRANSFER_ORDER_LINES = layout(
    "transfer-order-lines",
    "调剂调拨明细",
    TransferGoods,
    (
        column("物资编码", "sku", "A01002"),
        column("数量", "quantity", "20", "按物资的计量单位"),
        column("批次号", "lot_number", "", "不填时先到期的先出"),
        column("原因", "reason", "", "指定的不是应先出的批次时必填"),
    ),
    key=("sku", "lot_number"),
)


SCRAP_LINES = layout(
    "scrap-lines",
    "报废明细",
    ScrapLineInput,
    (
        column("批次号", "lot_number", "A01002-260112-001"),
        column("库位代码", "location_code", "city-quarantine"),
        column("数量", "quantity", "2", "按物资的计量单位"),
        column("报废原因", "reason", "到期"),
        column("备注", "note", ""),
    ),
    key=("lot_number", "location_code"),
)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a supplier brought of one item, by the item's code; `due_at` tells two orders of one item apart."""

    sku: str
    accepted: int
    rejected: int = 0
    lot_number: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    manufacturer: str = ""
    maker_batch: str = ""
    certificate: str = ""
    location_code: str = ""
    placing_reason: str = ""
    serial_numbers: tuple[str, ...] = ()
    due_at: datetime | None = None


ARRIVAL_LINES = layout(
    "arrival-lines",
    "供方到货明细",
    Brought,
    (
        column("物资编码", "sku", "B01001"),
        column("合格数量", "accepted", "60", "验收合格的数量"),
        column("不合格数量", "rejected", "0", "进待检区"),
        column("批次号", "lot_number", "", "不填时自动编号"),
        *_GOODS,
        _PLACING,
        _SERIALS,
        column("最迟到达时间", "due_at", "", "同一物资通知了两次送达时间时填写,用于区分"),
    ),
    key=("sku", *_PARTED, "due_at"),
)
