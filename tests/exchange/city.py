"""A small city as files: a few rows of every KIND, in the order in which an empty system is filled."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from supplyops.exchange.importing import Imported, import_data
from supplyops.exchange.kinds import ALL
from supplyops.kernel.access import SYSTEM, Actor
from supplyops.people import commands as people
from supplyops.places import commands as places
from supplyops.runtime import Runtime

Cells = Mapping[str, str]

ROWS: dict[str, list[Cells]] = {
    "areas": [
        {"区划代码": "6540", "区划名称": "伊犁州", "层级": "自治州"},
        {"区划代码": "654004", "区划名称": "霍尔果斯市", "层级": "市", "上级区划代码": "6540", "人口": "64800", "海拔(m)": "-154", "纬度": "44.2155", "经度": "80.4203"},
        {"区划代码": "654004200", "区划名称": "伊车嘎善乡", "层级": "township", "上级区划代码": "654004", "备注": "多行\n备注,带逗号"},
    ],
    "organisations": [
        {"单位代码": "654004", "单位名称": "霍尔果斯市人民政府", "单位类别": "政府", "层级": "市", "行政区划代码": "654004", "发文机关代字": "霍政"},
        {"单位代码": "654004-yj", "单位名称": "霍尔果斯市应急管理局", "单位类别": "部门", "层级": "市", "上级单位代码": "654004", "联系电话": "0999-8796110", "行政区划代码": "654004"},
        {"单位代码": "gs-water", "单位名称": "天山水业有限公司", "单位类别": "企业", "层级": "体系外", "在指挥体系内": "否", "统一社会信用代码": "91350100M000100Y43"},
    ],
    "users": [
        {"用户名": "wangjg", "姓名": "王建国", "单位代码": "654004-yj", "职务": "物资科科长"},
        {"用户名": "likg", "姓名": "李库管", "单位代码": "654004-yj"},
    ],
    "roles": [
        {"用户名": "wangjg", "角色": "业务员", "单位代码": "654004", "生效日期": "2026/1/5", "事件类别": "自然灾害、事故灾难"},
        {"用户名": "likg", "角色": "keeper", "单位代码": "654004"},
    ],
    "need-classes": [{"类别代码": "life", "类别名称": "生命保障", "优先顺序": "1"}, {"类别代码": "food", "类别名称": "应急食品", "优先顺序": "2"}],
    "items": [
        {"物资编码": "A01001", "物资名称": "12m²单帐篷", "计量单位": "顶", "国标大类": "1", "用途分类": "受灾人员基本生活保障", "需求类别": "life", "单位毛重(kg)": "62", "单位体积(m³)": "0.20"},
        {"物资编码": "A01002", "物资名称": "12m²棉帐篷", "计量单位": "顶", "国标大类": "1", "用途分类": "people", "需求类别": "life", "单位毛重(kg)": "125", "单位体积(m³)": "0.48", "使用年限(月)": "96", "回收类": "是", "参考单价(元)": "1,800.50"},
        {"物资编码": "B01001", "物资名称": "瓶装饮用水 550ml×24", "计量单位": "箱", "国标大类": "1", "用途分类": "people", "需求类别": "food", "单位毛重(kg)": "13.8", "单位体积(m³)": "0.021", "保质期(天)": "365", "单位内含量": "13200", "含量单位": "ml", "可拆零": "否", "装载类别": "食品", "适用灾害": "应急供水、生活保障"},
    ],
    "substitutes": [{"物资编码": "A01002", "替代物资编码": "A01001", "原物资数量": "1", "替代数量": "1", "备注": "仅夏季"}],
    "need-norms": [
        {"标准代码": "tent-winter", "物资编码": "A01002", "季节": "冬季", "测算依据": "集中安置人数", "每单位用量": "1/5", "天数规则": "一次", "适用灾种": "地震、雪灾", "来源标记": "A"},
        {"标准代码": "water", "物资编码": "B01001", "季节": "全年", "测算依据": "人", "每单位用量": "2500", "天数规则": "前三天", "最低海拔(m)": "500", "来源标记": "P26", "截止日期": "2027年12月31日"},
    ],
    "reserve-norms": [{"标准代码": "tent-city", "物资编码": "A01002", "层级": "市", "每千人储备数量": "40", "储备底线": "12.5%", "来源标记": "A"}],
    "thresholds": [{"响应级别": "2", "条件": "死亡失踪人数", "下限(含)": "10", "来源标记": "H"}, {"响应级别": "2", "条件": "moved_or_aid", "下限(含)": "1000", "来源标记": "H"}],
    "parameters": [{"参数": "oral.paper_hours", "数值": "24", "单位": "小时", "来源标记": "A", "生效日期": "2025-01-01"}, {"参数": "oral.paper_hours", "数值": "12", "单位": "小时", "来源标记": "A", "生效日期": "2027-01-01"}],
    "road-nodes": [{"节点代码": "n-city", "节点名称": "市区", "纬度": "44.2155", "经度": "80.4203"}, {"节点代码": "n-61", "节点名称": "六十一团", "纬度": "44.2", "经度": "80.55"}],
    "roads": [{"道路代码": "r-61", "道路名称": "市区至六十一团", "起点节点": "n-city", "终点节点": "n-61", "里程(km)": "15.25", "地形": "平原", "冬季速度系数": "70%", "易积雪": "是", "桥梁限重(t)": "20.5", "封闭月份": "11、12、1"}],
    "road-reports": [
        {"道路代码": "r-61", "路况": "限", "原因": "积雪 20 厘米", "限行车型级别": "5", "生效时间": "2026-01-12 08:30"},
        {"道路代码": "r-61", "路况": "通", "原因": "", "生效时间": "2026-01-13 08:30", "失效时间": "2026-02-01 00:00"},
    ],
    "sites": [
        {"场所代码": "city-store", "场所名称": "市储备库", "场所类别": "储备库", "管理单位代码": "654004-yj", "区划代码": "654004", "层级": "市", "路网节点": "n-city", "容积(m³)": "3500.5", "有采暖": "是"},
        {"场所代码": "water-store", "场所名称": "水厂仓库", "场所类别": "供应商库", "管理单位代码": "654004-yj", "区划代码": "654004", "层级": "体系外"},
    ],
    "locations": [{"库位代码": "city-a-01", "库位名称": "A 区 1 架", "场所代码": "city-store", "分区": "A", "货架": "01"}, {"库位代码": "city-q", "库位名称": "待检区", "场所代码": "city-store", "库位类别": "待检隔离"}],
    "lots": [
        {"批次号": "A01002-QC-001", "物资编码": "A01002", "库位代码": "city-a-01", "数量": "120", "物权单位代码": "654004", "资金来源": "市级财政", "生产日期": "2024-09-01", "单价(元)": "1800"},
        {"批次号": "B01001-QC-001", "物资编码": "B01001", "库位代码": "city-a-01", "数量": "2,000", "物权单位代码": "654004", "资金来源": "捐赠", "生产日期": "2025-09-01", "厂家批号": "007", "使用限制": "=定向捐赠", "限用区划代码": "654004200"},
    ],
    "vehicle-types": [{"车型代码": "V4", "车型名称": "6.8米厢货", "车型级别": "5", "载重(kg)": "9000", "容积(m³)": "38", "总质量(kg)": "16000", "城区时速(km/h)": "40", "平原时速(km/h)": "70", "山区时速(km/h)": "45", "冰雪时速(km/h)": "30", "每公里费用(元)": "3.2"}],
    "vehicles": [{"车牌号": "新F12345", "车型代码": "V4", "所属单位代码": "654004-yj", "驻地场所代码": "city-store", "驾驶员": "马志强", "驾驶员电话": "13900000000"}],
    "contracts": [{"合同编号": "HEGS〔2025〕1号", "合同名称": "饮用水预签合同", "合同类型": "C1", "供方单位代码": "gs-water", "需方单位代码": "654004-yj", "生效日期": "2025-07-01", "截止日期": "2026-06-30", "供货场所代码": "water-store", "逾期违约金": "0.5%", "条款": "+按批验收"}],
    "contract-lines": [
        {"合同编号": "HEGS〔2025〕1号", "行号": "1", "物资编码": "B01001", "保证数量": "5000", "最小起订量": "100", "单价(元)": "28", "供应进度": "24h:20%、48h:50%、72h:100%"},
        {"合同编号": "HEGS〔2025〕1号", "行号": "2", "车型代码": "V4", "保证数量": "3", "单价(元)": "600"},
    ],
    "teams": [{"队伍代码": "T10-1", "队伍名称": "伊车嘎善乡综合应急救援队", "队伍类别": "T10", "用人方式": "兼职", "所属单位代码": "654004", "区划代码": "654004200", "编制人数": "30", "在位人数": "26", "能力": "人员搜索、物资搬运分发", "保险有效期至": "2026-12-31", "考核得分": "88"}],
}  # fmt: skip
"""KIND -> rows by Chinese header."""
for _row in ROWS["lots"]:
    if _row.get("使用限制", "").startswith("="):
        ROWS["lots"][ROWS["lots"].index(_row)] = {**_row, "使用限制": "'" + _row["使用限制"]}


def csv_of(rows: Sequence[Cells], encoding: str = "utf-8", headers: Sequence[str] | None = None) -> bytes:
    """Rows as a CSV file."""
    names = list(headers or dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return buffer.getvalue().encode(encoding)


def load(
    runtime: Runtime, kind: str, rows: Sequence[Cells], actor: Actor = SYSTEM, *, dry_run: bool = False
) -> Imported:
    """Import rows of a KIND."""
    return import_data(runtime, actor, kind, f"{kind}.csv", csv_of(rows), dry_run=dry_run)


def build_city(runtime: Runtime) -> None:
    """Fill an empty database with the whole city."""
    runtime.run(people.found_house, SYSTEM, dict.fromkeys(people.ADMINISTRATORS, "unused"))
    runtime.run(places.make_virtual_locations, SYSTEM)
    for kind in ALL:
        done = load(runtime, kind.name, ROWS[kind.name])
        assert done.saved.added == len(ROWS[kind.name]), kind.name
