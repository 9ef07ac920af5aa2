"""Columns of the lists of places, items, norms and jobs."""

from __future__ import annotations

from supplyops.exchange.parsers import RATIO
from supplyops.wording.labels import CRITERIA, LABELS
from web.lists import listing

ROADS = listing(
    "roads",
    "道路",
    "roads",
    {
        "道路代码": "code",
        "道路": "name",
        "起点节点": "from_code",
        "终点节点": "to_code",
        "里程(m)": "length_m",
        "地形": "terrain",
        "状态": "status",
        "限行车型级别": "vehicle_class_max",
        "仅限雪地车辆": "snow_vehicles_only",
        "原因": lambda row: "季节性封闭" if row.reason == "season" else row.reason,
        "报告时间": "reported_at",
    },
)
SITES = listing(
    "sites",
    "场所",
    "sites",
    {
        "场所代码": "code",
        "场所": "name",
        "类别": "kind",
        "层级": "level",
        "保管单位": "organisation_name",
        "区划代码": "area_code",
        "地址": "address",
        "纬度": "lat_e6",
        "经度": "lon_e6",
        "容积(m³)": "capacity_cm3",
        "装卸位数": "loading_bays",
        "最大车型级别": "vehicle_class_max",
        "有采暖": "is_heated",
        "联系人": "contact",
        "电话": "phone",
        "可安置人数": "shelter_capacity",
        "启用": "is_active",
    },
)
AREAS = listing(
    "areas",
    "行政区划",
    "areas",
    {
        "区划代码": "code",
        "区划": "name",
        "层级": "level",
        "上级区划代码": "parent_code",
        "人口": "population",
        "海拔(m)": "elevation_m",
        "纬度": "lat_e6",
        "经度": "lon_e6",
        "来源标记": "source_mark",
        "备注": "note",
    },
)
ITEMS = listing(
    "items",
    "物资目录",
    "items",
    {
        "物资编码": "sku",
        "物资名称": "name",
        "规格型号": "spec",
        "计量单位": "unit",
        "国标大类": "gb_major",
        "国标代码": "gb_code",
        "用途分类": "purpose",
        "需求类别": "need_class",
        "每包装数量": "pack_quantity",
        "包装单位": "pack_unit",
        "单位毛重(kg)": "unit_mass_g",
        "单位体积(m³)": "unit_volume_cm3",
        "保质期(天)": "shelf_life_days",
        "使用年限(月)": "service_life_months",
        "储存条件": "storage_class",
        "回收类": "is_recoverable",
        "参考单价(元)": "reference_price_fen",
        "执行标准": "standard",
        "来源标记": "source_mark",
        "备注": "note",
    },
)
NEED_NORMS = listing(
    "need-norms",
    "需求标准",
    "norms",
    {
        "标准代码": "code",
        "物资编码": "sku",
        "物资名称": "item_name",
        "季节": "season",
        "测算依据": "driver",
        "每单位用量": lambda row: RATIO.write((row.amount_numerator, row.amount_denominator)),
        "天数规则": "day_rule",
        "适用灾种": lambda row: [LABELS["Hazard"].get(hazard, hazard) for hazard in row.hazards],
        "最低数量": "minimum",
        "最低海拔(m)": "elevation_min_m",
        "来源标记": "source_mark",
        "生效日期": "valid_from",
        "截止日期": "valid_to",
        "备注": "note",
    },
)
RESERVE_NORMS = listing(
    "reserve-norms",
    "储备标准",
    "reserve_norms",
    {
        "标准代码": "code",
        "物资编码": "sku",
        "物资名称": "item_name",
        "层级": "level",
        "每千人储备数量": "quantity_per_thousand",
        "储备底线": "floor_permille",
        "来源标记": "source_mark",
        "备注": "note",
    },
)
THRESHOLDS = listing(
    "thresholds",
    "响应启动条件",
    "thresholds",
    {
        "响应级别": "response_level",
        "条件": lambda row: CRITERIA.get(row.criterion, row.criterion),
        "下限(含)": "minimum",
        "来源标记": "source_mark",
    },
)
PARAMETERS = listing(
    "parameters",
    "参数",
    "parameters",
    {
        "参数": "key",
        "名称": "name",
        "数值": "value",
        "单位": "unit",
        "来源标记": "source_mark",
        "生效日期": "effective_from",
        "可修改角色": lambda row: LABELS["Role"].get(row.editable_by, row.editable_by),
        "备注": "note",
    },
)
JOBS = listing(
    "jobs",
    "后台任务",
    "jobs",
    {
        "任务": lambda row: LABELS.get("JobKind", {}).get(row.kind, row.kind),
        "状态": "state",
        "次数": "attempt",
        "提交时间": "created_at",
        "开始时间": "started_at",
        "结束时间": "finished_at",
    },
)
