"""Reading what is kept of bodies and places."""

from __future__ import annotations

from typing import Any

import click

from supplyops.cli.app import App
from supplyops.cli.nouns import (
    Columns,
    Record,
    Section,
    add_list,
    add_show,
    among,
    show_record,
    viewing,
)
from supplyops.cli.output import m3
from supplyops.kernel.access import Actor
from supplyops.people import queries as people
from supplyops.places import queries as places


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
            ("容积", lambda each: m3(each.capacity_cm3)),
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
            ("容积", lambda row: m3(row.capacity_cm3)),
            ("储存条件", "storage_class"),
            ("收货区", "is_receiving"),
            ("取货次序", "walk_rank"),
        )
    ),
    "查看一个库位。",
)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (
        organisation,
        area,
        site,
        location,
    ):
        group.add_command(each)
