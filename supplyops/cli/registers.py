"""Reading what is kept: organisations, places, the catalogue, norms, vehicles."""

from __future__ import annotations

from typing import Any

import click

from supplyops.catalogue import queries as catalogue
from supplyops.cli.app import App, acting
from supplyops.cli.nouns import (
    Columns,
    Record,
    Section,
    Word,
    add_list,
    add_show,
    among,
    by,
    done,
    show_record,
    viewing,
)
from supplyops.cli.output import as_json
from supplyops.fleet import commands as fleet_commands
from supplyops.fleet import queries as fleet
from supplyops.fleet.rules import VehicleState
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures
from supplyops.norms import queries as norms
from supplyops.people import queries as people
from supplyops.places import queries as places
from supplyops.wording.labels import CRITERIA, RESPONSE_LEVELS, label


def _kg(grams: int) -> str:
    return f"{grams / 1000:g} kg"


def _m3(cm3: int | None) -> str:
    return "" if cm3 is None else f"{cm3 / 1_000_000:g} m³"


def _point(row: Any) -> str:
    return "" if row.lat_e6 is None else f"{row.lat_e6 / 1e6:g},{row.lon_e6 / 1e6:g}"


@click.group()
def organisation() -> None:
    """单位:政府、部门、乡场街道、村社区、兵团、企业。"""


ORGANISATION: Columns = (
    ("代码", "code"),
    ("名称", "name"),
    ("类别", "kind"),
    ("层级", "level"),
    ("指挥体系内", "in_chain"),
    ("值班电话", "duty_phone"),
)
add_list(organisation, people.organisations, ORGANISATION, "按隶属关系列出全部单位。")
add_show(
    organisation,
    among(people.organisations, "organisation", "code", "name", "short_name", "id"),
    "CODE",
    Record(
        (
            *ORGANISATION[:5],
            ("简称", "short_name"),
            ("区划代码", "area_code"),
            ("机关代字", "document_prefix"),
            ("信用代码", "credit_code"),
            ("联系人", "contact"),
            ("电话", "phone"),
            ("值班电话", "duty_phone"),
            ("启用", "is_active"),
            ("来源标记", "source_mark"),
        )
    ),
    "查看一个单位。",
)


@click.group()
def area() -> None:
    """行政区划。"""


AREA: Columns = (
    ("代码", "code"),
    ("名称", "name"),
    ("层级", "level"),
    ("上级", "parent_code"),
    ("人口", "population"),
    ("海拔(m)", "elevation_m"),
    ("坐标", _point),
)
add_list(area, places.areas, AREA, "列出全部区划。")
add_show(
    area,
    among(places.areas, "area", "code", "name"),
    "CODE",
    Record((*AREA, ("来源标记", "source_mark"), ("备注", "note"))),
    "查看一个区划。",
)


@click.group()
def site() -> None:
    """场所:储备库、储备点、接收安置点、供应商库、队伍驻地、车场。"""


SITE: Columns = (
    ("代码", "code"),
    ("名称", "name"),
    ("类别", "kind"),
    ("层级", "level"),
    ("管理单位", "organisation_name"),
    ("区划", "area_code"),
)
add_list(site, places.sites, SITE, "列出所辖场所。")


@site.command("show")
@click.argument("code")
@viewing
def show_site(app: App, actor: Actor, json_output: bool, code: str) -> None:
    """查看一个场所及其库位。"""
    row = app.runtime.read(places.site, actor, code)
    locations = app.runtime.read(places.locations, actor, row.id)
    record = Record(
        (
            *SITE,
            ("地址", "address"),
            ("坐标", _point),
            ("路网节点", "road_node"),
            ("容积", lambda each: _m3(each.capacity_cm3)),
            ("装卸位", "loading_bays"),
            ("最大车型级别", "vehicle_class_max"),
            ("有采暖", "is_heated"),
            ("可安置人数", "shelter_capacity"),
            ("联系人", "contact"),
            ("电话", "phone"),
            ("启用", "is_active"),
            ("来源标记", "source_mark"),
        ),
        (Section("库位", lambda _: locations, LOCATION),),
    )
    show_record(row, record, json_output=json_output, more={"locations": locations})


@click.group()
def location() -> None:
    """库位:场所里能放物资的位置。"""


LOCATION: Columns = (
    ("代码", "code"),
    ("名称", "name"),
    ("类别", "kind"),
    ("场所", "site_code"),
    ("分区", "zone"),
    ("货架", "shelf"),
    ("货位", "bin"),
)
add_list(location, places.locations, LOCATION, "列出所辖库位。")
add_show(
    location,
    among(places.locations, "location", "code", "id"),
    "CODE",
    Record(
        (
            *LOCATION,
            ("容积", lambda row: _m3(row.capacity_cm3)),
            ("储存条件", "storage_class"),
            ("收货区", "is_receiving"),
            ("取货次序", "walk_rank"),
        )
    ),
    "查看一个库位。",
)


@click.group("need-class")
def need_class() -> None:
    """需求类别:优先满足的顺序。"""


add_list(need_class, catalogue.need_classes, (("顺序", "rank"), ("代码", "code"), ("名称", "name")), "按优先顺序列出。")


@click.group()
def pack() -> None:
    """包装:物资本身的包装之上的各级,例如 箱、托。"""


add_list(
    pack,
    catalogue.packs,
    (
        ("编码", "sku"),
        ("包装单位", "unit"),
        ("含计量单位数", "contains"),
        ("毛重", lambda row: _kg(row.mass_g) if row.mass_g else ""),
        ("体积", lambda row: _m3(row.volume_cm3)),
    ),
    "列出各级包装;写 --sku 只看一种物资。",
    click.option("--sku", default="", metavar="SKU", help="只看这种物资"),
)


@pack.command("say")
@click.argument("sku")
@click.argument("quantity")
@viewing
def say_quantity(app: App, actor: Actor, json_output: bool, sku: str, quantity: str) -> None:
    """一个数量的两种写法:340 或 1托4箱。"""
    row = app.runtime.read(catalogue.item, actor, sku)
    ladder = app.runtime.read(catalogue.ladders, actor)[row.sku]
    base = ladder.read(quantity)
    if json_output:
        as_json({"sku": row.sku, "quantity": base, "unit": row.unit, "packed": ladder.packed(base)})
        return
    click.echo(ladder.says(base))


@click.group()
def item() -> None:
    """物资目录。"""


ITEM: Columns = (
    ("编码", "sku"),
    ("名称", "name"),
    ("规格", "spec"),
    ("单位", "unit"),
    ("需求类别", "need_class"),
    ("每包装", "pack_quantity"),
    ("毛重", lambda row: _kg(row.unit_mass_g)),
    ("体积", lambda row: _m3(row.unit_volume_cm3)),
)
add_list(
    item,
    catalogue.items,
    ITEM,
    "列出物资。",
    click.option("--text", default="", metavar="TEXT", help="名称、编码、拼音、拼音首字母或国标代码"),
)
add_show(
    item,
    by(catalogue.item),
    "SKU",
    Record(
        (
            *ITEM,
            ("英文名称", "name_en"),
            ("国标大类", "gb_major"),
            ("国标代码", "gb_code"),
            ("用途", "purpose"),
            ("包装单位", "pack_unit"),
            ("可拆零", "is_splittable"),
            ("内含量", lambda row: f"{row.content_quantity} {row.content_unit}" if row.content_unit else ""),
            ("保质期(天)", "shelf_life_days"),
            ("使用年限(月)", "service_life_months"),
            ("储存条件", "storage_class"),
            ("装载类别", "load_group"),
            ("适用灾害", lambda row: "、".join(row.hazard_tags)),
            ("回收类", "is_recoverable"),
            ("清真", "is_halal"),
            ("防冻运输", "needs_warmth"),
            ("冷藏", "needs_refrigeration"),
            ("拖挂", "is_towed"),
            ("逐件编号", "is_serial_tracked"),
            ("参考单价(元)", lambda row: figures(row.reference_price_fen)),
            ("执行标准", "standard"),
            ("来源标记", "source_mark"),
            ("备注", "note"),
        )
    ),
    "查看一种物资。",
)


@click.group()
def substitute() -> None:
    """可替代物资。"""


add_list(
    substitute,
    catalogue.substitutes,
    (
        ("物资", "sku"),
        ("替代物资", "substitute_sku"),
        ("原数量", "item_quantity"),
        ("替代数量", "substitute_quantity"),
        ("备注", "note"),
    ),
    "列出允许的替代关系。",
)


@click.group()
def norm() -> None:
    """需求标准、储备标准、响应启动条件。"""


add_list(
    norm,
    norms.need_norms,
    (
        ("代码", "code"),
        ("物资", "item_name"),
        ("季节", "season"),
        ("依据", "driver"),
        ("用量", lambda row: f"{row.amount_numerator}/{row.amount_denominator}".removesuffix("/1")),
        ("天数", "day_rule"),
        ("最低", "minimum"),
        ("来源", "source_mark"),
    ),
    "列出需求标准。",
)
add_list(
    norm,
    norms.reserve_norms,
    (
        ("代码", "code"),
        ("物资", "item_name"),
        ("层级", "level"),
        ("每千人", "quantity_per_thousand"),
        ("底线", lambda row: f"{row.floor_permille / 10:g}%"),
        ("来源", "source_mark"),
    ),
    "列出储备标准。",
    name="reserve",
)
add_list(
    norm,
    norms.thresholds,
    (
        ("级别", lambda row: RESPONSE_LEVELS[row.response_level]),
        ("条件", lambda row: CRITERIA[row.criterion]),
        ("下限(含)", "minimum"),
        ("来源", "source_mark"),
    ),
    "列出响应启动条件。",
    name="threshold",
)
NEED_NORM: Columns = (
    ("代码", "code"),
    ("物资", lambda row: f"{row.sku} {row.item_name}"),
    ("季节", "season"),
    ("依据", "driver"),
    ("每单位用量", lambda row: f"{row.amount_numerator}/{row.amount_denominator}".removesuffix("/1")),
    ("天数规则", "day_rule"),
    ("适用灾种", lambda row: "、".join(row.hazards)),
    ("最低数量", "minimum"),
    ("最低海拔(m)", "elevation_min_m"),
    ("生效", "valid_from"),
    ("截止", "valid_to"),
    ("来源标记", "source_mark"),
    ("备注", "note"),
)
add_show(norm, among(norms.need_norms, "norm", "code"), "CODE", Record(NEED_NORM), "查看一条需求标准。")


@click.group()
def parameter() -> None:
    """参数:规则用到的数值及其来源。"""


PARAMETER: Columns = (
    ("参数", "key"),
    ("名称", "name"),
    ("数值", "value"),
    ("单位", "unit"),
    ("来源", "source_mark"),
    ("生效", "effective_from"),
)
add_list(parameter, norms.parameters, PARAMETER, "列出现行参数。")
add_show(
    parameter,
    among(norms.parameters, "parameter", "key"),
    "KEY",
    Record((*PARAMETER, ("备注", "note"))),
    "查看一个参数的现行值。",
)


@click.group()
def vehicle() -> None:
    """车辆与车型。"""


VEHICLE: Columns = (
    ("车牌", "plate"),
    ("车型", "type_name"),
    ("状态", "state"),
    ("单位", "organisation_name"),
    ("驻地", "base_site_name"),
    ("驾驶员", "driver"),
    ("电话", "driver_phone"),
)
add_list(
    vehicle,
    fleet.vehicles,
    VEHICLE,
    "列出所辖车辆。",
    click.option("--state", type=Word(VehicleState), help="只看这种状态"),
)
add_show(
    vehicle,
    among(fleet.vehicles, "vehicle", "plate", "id"),
    "PLATE",
    Record(
        (
            *VEHICLE,
            ("第二驾驶员", "second_driver"),
            ("出车准备(分钟)", "ready_minutes"),
            ("合同", "contract_number"),
            ("备注", "note"),
        )
    ),
    "查看一辆车。",
)


@vehicle.command("state")
@click.argument("plate")
@click.argument("state", type=Word(VehicleState))
@acting
def set_state(app: App, actor: Actor, plate: str, state: VehicleState) -> None:
    """改变车辆状态:待命或停用。在途的车辆先要返回。"""
    app.runtime.run(fleet_commands.set_availability, actor, plate, state)
    done(f"{plate}:{label(state)}。")


add_list(
    vehicle,
    fleet.vehicle_types,
    (
        ("代码", "code"),
        ("名称", "name"),
        ("级别", "size_class"),
        ("载重", lambda row: _kg(row.payload_g)),
        ("容积", lambda row: _m3(row.volume_cm3)),
        ("平原", "speed_plain_kmh"),
        ("山区", "speed_mountain_kmh"),
        ("冰雪", "speed_snow_kmh"),
        ("雪地", "is_snow_capable"),
    ),
    "列出车型(时速 km/h)。",
    name="types",
)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (
        organisation,
        area,
        site,
        location,
        need_class,
        item,
        pack,
        substitute,
        norm,
        parameter,
        vehicle,
    ):
        group.add_command(each)
