"""Which of a file's columns is which of ours: by its name, by what it was last time, by other words for it, by likeness."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from supplyops.exchange.columns import Layout
from supplyops.exchange.normalise import MARKS_HEADER, plain_header
from supplyops.exchange.reading import names_of
from supplyops.exchange.rules import How

LIKENESS_MIN = 0.6
ALIASES: Mapping[str, tuple[str, ...]] = {
    "sku": ("编码", "代码", "物资代码", "物料编码", "物料代码", "品目编码", "货号", "存货编码", "sku"),
    "name": ("名称", "品名", "物品名称", "物料名称", "货物名称"),
    "item_name": ("名称", "品名", "物品名称"),
    "unit": ("单位", "计量", "单位名称"),
    "spec": ("规格", "型号", "规格参数"),
    "quantity": ("数目", "库存数量", "实有数量", "库存量", "结存数量", "件数", "数量合计"),
    "lot_number": ("批号", "批次", "批次编号", "批次代码"),
    "location_code": ("库位", "货位", "库位编码", "货位编码", "存放库位", "储位"),
    "owner_code": ("物权单位", "所有权单位", "权属单位", "权属单位代码"),
    "fund_source": ("资金渠道", "经费来源", "来源渠道"),
    "produced_on": ("生产时间", "出厂日期", "制造日期", "生产年月"),
    "expires_on": ("有效期", "失效日期", "到期日期", "保质期至", "有效日期"),
    "stored_on": ("入库时间", "入库日"),
    "unit_price_fen": ("单价", "采购单价", "价格"),
    "manufacturer": ("厂家", "生产单位", "生产商", "制造商"),
    "maker_batch": ("生产批号", "厂家批次"),
    "restriction": ("限制", "定向用途", "用途限制"),
    "site_code": ("场所", "仓库代码", "库房代码", "仓库编码"),
    "organisation_code": ("单位", "单位编码", "机构代码", "所属单位", "管理单位"),
    "plate": ("车牌", "车牌号码", "牌照", "号牌"),
    "driver": ("司机", "驾驶人", "司机姓名"),
    "driver_phone": ("司机电话", "驾驶员手机", "联系电话"),
    "phone": ("电话", "手机", "联系方式", "电话号码"),
    "contact": ("负责人", "联系人姓名"),
    "leader": ("负责人", "队长姓名"),
    "population": ("人口数", "常住人口"),
    "note": ("说明", "备考", "附注"),
    "latitude": ("北纬",),
    "longitude": ("东经",),
}  # fmt: skip
"""Field -> what people call its column elsewhere."""
_UNIT = re.compile(r"\(([^)]*)\)$")


@dataclass(frozen=True, slots=True)
class Suggested:
    """A column of a file and what it was taken for; `name` is empty where it was not recognised."""

    place: int
    """From 0."""
    header: str
    name: str = ""
    how: How | None = None

    @property
    def is_sure(self) -> bool:
        """May it be used without anybody looking at it?"""
        return self.how in {How.EXACT, How.REMEMBERED}


def suggested(kind: Layout, headers: Sequence[str], remembered: Mapping[int, str] | None = None) -> list[Suggested]:
    """What each column is taken for. No two columns are taken for the same one of ours; sure ones come first."""
    names = names_of(kind)
    found: dict[int, Suggested] = {}
    taken: set[str] = set()

    def take(place: int, name: str, how: How) -> None:
        field = names[plain_header(name)][0].field
        if place not in found and field not in taken:
            taken.add(field)
            found[place] = Suggested(place, headers[place], name, how)

    if remembered is not None:
        for place, name in sorted(remembered.items()):
            if place < len(headers) and plain_header(name) in names:
                take(place, name, How.REMEMBERED)
        return [found.get(place, Suggested(place, header)) for place, header in enumerate(headers)]
    for place, header in enumerate(headers):
        if plain_header(header) in names:
            column, _ = names[plain_header(header)]
            is_raw = column.raw is not None and plain_header(header) == plain_header(column.field)
            take(place, column.field if is_raw else column.header, How.EXACT)
    for place, header in enumerate(headers):
        for column in kind.columns:
            if plain_header(header) in map(plain_header, ALIASES.get(column.english, ALIASES.get(column.field, ()))):
                take(place, column.header, How.ALIAS)
    for _, place, name in sorted(_alike(kind, headers), reverse=True):
        take(place, name, How.SIMILAR)
    return [found.get(place, Suggested(place, header)) for place, header in enumerate(headers)]


def _alike(kind: Layout, headers: Sequence[str]) -> list[tuple[float, int, str]]:
    """(likeness, place, our name) for columns that are alike enough. A different unit is a different column."""
    found = []
    for place, header in enumerate(headers):
        theirs, their_unit = _parted(header)
        if not theirs or plain_header(header) == plain_header(MARKS_HEADER):
            continue
        for column in kind.columns:
            ours, our_unit = _parted(column.header)
            if their_unit and our_unit and their_unit != our_unit:
                continue
            likeness = SequenceMatcher(None, theirs, ours, autojunk=False).ratio()
            if min(len(theirs), len(ours)) >= 2 and (theirs in ours or ours in theirs):
                likeness = max(likeness, LIKENESS_MIN + likeness / 10)
            if likeness >= LIKENESS_MIN:
                found.append((likeness, -place, column.header))
    return [(likeness, -place, name) for likeness, place, name in found]


def _parted(header: str) -> tuple[str, str]:
    """A header without its unit, and the unit."""
    plain = plain_header(header)
    unit = _UNIT.search(plain)
    return (plain[: unit.start()], unit[1]) if unit else (plain, "")


def headers_hash(headers: Sequence[str]) -> str:
    """What is remembered by: the headers of a file, in their order."""
    return hashlib.sha256("\n".join(plain_header(header) for header in headers).encode()).hexdigest()


def is_complete(kind: Layout, columns: Sequence[Suggested]) -> bool:
    """Is every column of the file known for sure, and every one that we need there?"""
    names = names_of(kind)
    given = {names[plain_header(each.name)][0].field for each in columns if each.name}
    needed = {column.field for column in kind.columns if column.required}
    rest = [each for each in columns if not each.name and each.header.strip()]
    marks = plain_header(MARKS_HEADER)
    return (
        needed <= given
        and all(each.is_sure for each in columns if each.name)
        and all(plain_header(each.header) == marks for each in rest)
    )
