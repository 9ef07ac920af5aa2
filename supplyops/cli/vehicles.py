"""Reading vehicles and their types, and saying in what state a vehicle is."""

from __future__ import annotations

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import (
    Columns,
    Record,
    Word,
    add_list,
    add_show,
    among,
    done,
)
from supplyops.cli.output import kg, m3
from supplyops.fleet import commands as fleet_commands
from supplyops.fleet import queries as fleet
from supplyops.fleet.rules import VehicleState
from supplyops.kernel.access import Actor
from supplyops.wording.labels import label


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
        ("载重", lambda row: kg(row.payload_g)),
        ("容积", lambda row: m3(row.volume_cm3)),
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
    group.add_command(vehicle)
