"""Files of stock that was there before the books were opened."""

from __future__ import annotations

from typing import Any

from supplyops.exchange.columns import column, make_kind
from supplyops.stock import opening
from supplyops.stock.rules import LotInput, OpeningInput

_OWN = ("location_code", "quantity")


def _make(values: dict[str, Any]) -> OpeningInput:
    own = {name: values.pop(name) for name in _OWN if name in values}
    return OpeningInput(lot=LotInput(**values), **own)


def _show(row: OpeningInput) -> dict[str, Any]:
    lot = {name: getattr(row.lot, name) for name in LotInput.__dataclass_fields__}
    return lot | {name: getattr(row, name) for name in _OWN}


LOTS = make_kind(
    "lots",
    "期初批次",
    OpeningInput,
    (
        column(
            "批次号",
            "lot_number",
            "A01002-QC-001",
            "一个批次在一个库位一行,放在几个库位就写几行,其余各列相同;已入账的批次号不能再用于其他内容",
            required=True,
        ),
        column("物资编码", "sku", "A01002"),
        column("库位代码", "location_code", "city-a-01"),
        column("数量", "quantity", "120", "按物资的计量单位,大于 0 的整数"),
        column("物权单位代码", "owner_code", "654004", "物资归谁所有"),
        column("资金来源", "fund_source", "市级财政"),
        column("生产日期", "produced_on", "2024-09-01"),
        column("有效期至", "expires_on", "", "不填时按物资保质期推算"),
        column("入库日期", "stored_on", "2024-10-15", "原来入库的日子,不得早于生产日期;倒垛从这天算起,先进先出也看它"),
        column("单价(元)", "unit_price_fen", "1800"),
        column("生产厂家", "manufacturer", ""),
        column("厂家批号", "maker_batch", ""),
        column("使用限制", "restriction", ""),
        column("限用区划代码", "restricted_area", ""),
        column("来源标记", "source_mark", "A"),
        column("演练物资", "is_exercise", "否"),
    ),
    key=("lot_number", "location_code"),
    save=opening.open_stock,
    read=opening.openings,
    see=opening.openings,
    make=_make,
    show=_show,
    parts=(LotInput,),
)
