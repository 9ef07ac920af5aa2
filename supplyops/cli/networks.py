"""Map files, regions and travel times on the command line."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import WHEN, Columns, Word, done, show_rows, viewing
from supplyops.cli.output import as_json
from supplyops.kernel.access import Actor
from supplyops.networks import commands, queries
from supplyops.networks.rules import Detail, RegionInput, RoadFileInput, Snap, TravelInput
from supplyops.places.rules import RoadStatus
from supplyops.wording.labels import LABELS, label

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
TOUCHED: Columns = (("代码", "code"), ("名称", "name"), ("路况", "status"), ("原因", "reason"))


@click.group()
def network() -> None:
    """路网:导入地图文件、按区域报告路况、行车时间。"""


def file_options(function: Any) -> Any:
    """How a map file is taken over."""
    for option in (
        click.option("--prefix", default="osm", show_default=True, metavar="TEXT", help="节点和道路编码的前缀"),
        click.option("--detail", type=Word(Detail), default=Detail.TOWN, help="取哪些道路,默认到村镇道路"),
        click.option("--snap", type=Word(Snap), default=Snap.MISSING, help="哪些场所落到最近的路网点,默认未落点的"),
        click.option(
            "--snap-metres",
            "snap_metres_max",
            type=click.IntRange(10, 50_000),
            default=2_000,
            show_default=True,
            metavar="METRES",
            help="最多落到多少米以内的路网点",
        ),
        click.option("--dry-run", is_flag=True, help="只说明会有什么变化,不写入"),
    ):
        function = option(function)
    return function


def take_over(app: App, actor: Actor, file: Path, *, dry_run: bool, json_output: bool = False, **how: Any) -> None:
    """Read a map file and write what it gives, or say what it would."""
    given = RoadFileInput(file.name, base64.b64encode(file.read_bytes()).decode(), **how)
    do = app.runtime.rehearse if dry_run else app.runtime.run
    effect = do(commands.import_roads, actor, given)
    if json_output:
        as_json(effect)
        return
    lost = [one for one in effect.snapped if not one.node_code]
    text = (
        f"{'检查通过,未写入' if dry_run else '已导入'}:路段 {effect.stretches} 段,合并后道路新增 {effect.roads.added}、"
        f"更新 {effect.roads.changed}、不变 {effect.roads.unchanged};节点新增 {effect.nodes.added}、更新 {effect.nodes.changed};场所落点"
        f" {len(effect.snapped) - len(lost)} 处,附近无路 {len(lost)} 处;不与主网相连的部分 {effect.islands} 处。"
    )
    done(text)
    for one in lost:
        done(f"附近无路:{one.site_code} {one.site_name},最近的路在 {one.metres} 米外。")


@network.command("import")
@click.argument("file", type=FILE)
@file_options
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def import_file(app: App, actor: Actor, file: Path, dry_run: bool, json_output: bool, **how: Any) -> None:
    """导入 .osm.pbf、.osm 或 .geojson 的道路,并把场所落到路网上。"""
    take_over(app, actor, file, dry_run=dry_run, json_output=json_output, **how)


@network.command("region")
@click.argument("status", type=Word(RoadStatus))
@click.option("--corner", "corners", multiple=True, metavar="LAT,LON", help="角点,可重复")
@click.option("--file", type=FILE, help="GeoJSON 面,代替角点")
@click.option("--reason", default="", metavar="TEXT", help="原因(限、阻时必填)")
@click.option("--vehicle-class-max", type=click.IntRange(1, 9), help="限行时能通过的最大车型级别")
@click.option("--from", "valid_from", type=WHEN, help="生效时间;不填为现在")
@click.option("--until", "valid_to", type=WHEN, help="失效时间;不填为另有报告为止")
@click.option("--dry-run", is_flag=True, help="只列出碰到的道路,不报告")
@acting
def region(
    app: App,
    actor: Actor,
    status: RoadStatus,
    corners: tuple[str, ...],
    file: Path | None,
    dry_run: bool,
    reason: str,
    vehicle_class_max: int | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> None:
    """报告一个区域碰到的全部道路。"""
    text = file.read_text(encoding="utf-8") if file else "\n".join(corners)
    if dry_run:
        touched = app.runtime.read(queries.region_roads, actor, text)
        show_rows(touched, TOUCHED, json_output=False)
        return
    given = RegionInput(text, status, reason, vehicle_class_max, valid_from, valid_to)
    codes = app.runtime.run(commands.report_region, actor, given)
    done(f"{label(status)}:已报告 {len(codes)} 条道路:{'、'.join(codes[:20])}{' 等' if len(codes) > 20 else ''}。")


@network.command("times")
@click.argument("vehicle_type", metavar="TYPE")
@click.option("--from", "from_codes", multiple=True, required=True, metavar="SITE", help="出发场所,可重复")
@click.option("--to", "to_codes", multiple=True, required=True, metavar="SITE", help="目的场所,可重复")
@click.option("--in-convoy", is_flag=True, help="编队通行")
@click.option("--towing", "is_towing", is_flag=True, help="带牵引")
@click.option("--at", type=WHEN, help="这一时刻的路况;不填为现在")
@viewing
def times(app: App, actor: Actor, json_output: bool, **asked: Any) -> None:
    """一种车型在场所之间的行车时间;到不了的说明原因。"""
    table = app.runtime.read(queries.travel_times, actor, TravelInput(**asked))
    if json_output:
        as_json(table)
        return
    why = {(one.from_code, one.to_code): one for one in table.unreached}
    rows = []
    for start, line in zip(table.from_codes, table.seconds, strict=True):
        for end, seconds in zip(table.to_codes, line, strict=True):
            barriers = why[start, end].barriers if (start, end) in why else ()
            said = "、".join(f"{LABELS['Cause'][one.cause]} {one.name or one.code}" for one in barriers)
            rows.append((start, end, f"{seconds / 60:.0f} 分钟" if seconds is not None else f"不通:{said}"))
    show_rows(rows, (("出发", lambda r: r[0]), ("到达", lambda r: r[1]), ("行车", lambda r: r[2])), json_output=False)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(network)
