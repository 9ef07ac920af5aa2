"""Files of areas, sites, storage locations, roads and what is reported of them."""

from __future__ import annotations

from supplyops.exchange.columns import column, make_kind, rebuilt
from supplyops.exchange.parsers import KILOMETRES, TONNES
from supplyops.places import commands, queries
from supplyops.places.rules import AreaInput, LocationInput, RoadInput, RoadNodeInput, RoadReportInput, SiteInput

_LATITUDE = column("纬度", "lat_e6", "44.2155", "WGS 84,度", english="latitude")
_LONGITUDE = column("经度", "lon_e6", "80.4203", "WGS 84,度", english="longitude")

AREAS = make_kind(
    "areas",
    "行政区划",
    AreaInput,
    (
        column("区划代码", "code", "654004"),
        column("区划名称", "name", "霍尔果斯市"),
        column("层级", "level", "市"),
        column("上级区划代码", "parent_code", "6540", "可以在同一文件内"),
        column("人口", "population", "64800"),
        column("海拔(m)", "elevation_m", "780"),
        _LATITUDE,
        _LONGITUDE,
        column("来源标记", "source_mark", "P30"),
        column("备注", "note", ""),
    ),
    key=("code",),
    save=commands.save_areas,
    read=lambda ctx: [rebuilt(AreaInput, row) for row in queries.areas(ctx)],
    see=queries.areas,
)

SITES = make_kind(
    "sites",
    "场所",
    SiteInput,
    (
        column("场所代码", "code", "city-store"),
        column("场所名称", "name", "霍尔果斯市应急物资储备库"),
        column("场所类别", "kind", "储备库"),
        column("管理单位代码", "organisation_code", "654004-yj"),
        column("区划代码", "area_code", "654004"),
        column("层级", "level", "市"),
        column("路网节点", "road_node", "n-city", "所在路网节点的代码"),
        column("地址", "address", "亚欧路 1 号"),
        _LATITUDE,
        _LONGITUDE,
        column("容积(m³)", "capacity_cm3", "3500"),
        column("装卸位数", "loading_bays", "2"),
        column("最大车型级别", "vehicle_class_max", "9", "能进入的最大车型级别,1 至 9"),
        column("有采暖", "is_heated", "是"),
        column("联系人", "contact", "李库管"),
        column("联系电话", "phone", "0999-8796120"),
        column("可安置人数", "shelter_capacity", "0"),
        column("有水", "has_water", "是"),
        column("有电", "has_power", "是"),
        column("有排水", "has_sewage", "是"),
        column("有厕所", "has_toilets", "是"),
        column("来源标记", "source_mark", "A"),
        column("启用", "is_active", "是"),
    ),
    key=("code",),
    save=commands.save_sites,
    read=lambda ctx: [rebuilt(SiteInput, row) for row in queries.sites(ctx)],
    see=queries.sites,
)

LOCATIONS = make_kind(
    "locations",
    "库位",
    LocationInput,
    (
        column("库位代码", "code", "city-a-01"),
        column("库位名称", "name", "市库 A 区 1 架"),
        column("场所代码", "site_code", "city-store", "库位不能改到其他场所"),
        column("库位类别", "kind", "存储", "存储、待检隔离或队伍携行"),
        column("分区", "zone", "A"),
        column("货架", "shelf", "01"),
        column("货位", "bin", ""),
        column("容积(m³)", "capacity_cm3", ""),
        column("储存条件", "storage_class", "", "库位提供的条件;同一分区须相同;不填为未注明,不放冷藏品和危险品"),
        column("收货区", "is_receiving", "否", "到货先放在这里,再上架"),
        column("取货次序", "walk_rank", "", "离出入口越近数字越小"),
    ),
    key=("code",),
    save=commands.save_locations,
    read=lambda ctx: [rebuilt(LocationInput, row) for row in queries.locations(ctx)],
    see=queries.locations,
)

ROAD_NODES = make_kind(
    "road-nodes",
    "路网节点",
    RoadNodeInput,
    (
        column("节点代码", "code", "n-city"),
        column("节点名称", "name", "霍尔果斯市区"),
        _LATITUDE,
        _LONGITUDE,
        column("来源标记", "source_mark", "A"),
    ),
    key=("code",),
    save=commands.save_road_nodes,
    read=lambda ctx: [rebuilt(RoadNodeInput, row) for row in queries.road_nodes(ctx)],
    see=queries.road_nodes,
)

ROADS = make_kind(
    "roads",
    "道路",
    RoadInput,
    (
        column("道路代码", "code", "r-city-61"),
        column("道路名称", "name", "市区至六十一团"),
        column("起点节点", "from_code", "n-city"),
        column("终点节点", "to_code", "n-61"),
        column("里程(km)", "length_m", "15", parser=KILOMETRES, english="length_km"),
        column("地形", "terrain", "平原"),
        column("双向通行", "is_two_way", "是"),
        column("冬季速度系数", "winter_factor_permille", "70%", "冬季速度为平时的百分之几"),
        column("易积雪", "is_snow_prone", "否"),
        column("最大车型级别", "vehicle_class_max", "9", "1 至 9"),
        column("桥梁限重(t)", "bridge_limit_kg", "", parser=TONNES, english="bridge_limit_t"),
        column("封闭月份", "closed_months", "11、12、1", "每年例行封闭的月份"),
        column("限高(cm)", "height_limit_cm", "", "不填为不限"),
        column("涉水", "is_ford", "否", "过水路段,只有能涉水的车型可走"),
        column("禁止牵引", "is_towing_barred", "否"),
        column("仅限编队", "is_convoy_only", "否", "只有编队通行的车辆可走"),
        column("线形", "shape", "", "起止点之间经过的点:纬度,经度(百万分之一度),空格分隔"),
        column("来源标记", "source_mark", "A"),
        column("备注", "note", ""),
    ),
    key=("code",),
    save=commands.save_roads,
    read=lambda ctx: [rebuilt(RoadInput, row) for row in queries.roads(ctx)],
    see=queries.road_states,
)

ROAD_REPORTS = make_kind(
    "road-reports",
    "路况报告",
    RoadReportInput,
    (
        column("道路代码", "road_code", "r-city-61"),
        column("路况", "status", "限", "通、限或阻"),
        column("原因", "reason", "积雪 20 厘米", "路况为“通”时可以不填", required=False),
        column("限行车型级别", "vehicle_class_max", "5", "路况为“限”时,能通过的最大车型级别"),
        column("仅限雪地车辆", "snow_vehicles_only", "否"),
        column("生效时间", "valid_from", "2026-01-12 08:30", "不填为导入时刻"),
        column("失效时间", "valid_to", "", "不填为另有报告为止"),
    ),
    key=("road_code", "valid_from"),
    save=commands.save_road_reports,
    read=lambda ctx: [rebuilt(RoadReportInput, row) for row in queries.road_reports(ctx)],
    see=queries.road_states,
    note="路况报告只增不改;内容相同的不会重复登记。",
)
