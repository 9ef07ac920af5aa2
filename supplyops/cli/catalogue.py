"""Reading the catalogue: classes of need, goods, packs, substitutes."""

from __future__ import annotations

import click

from supplyops.catalogue import queries as catalogue
from supplyops.cli.app import App
from supplyops.cli.nouns import (
    Columns,
    Record,
    add_list,
    add_show,
    by,
    viewing,
)
from supplyops.cli.output import as_json, kg, m3
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures


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
        ("毛重", lambda row: kg(row.mass_g) if row.mass_g else ""),
        ("体积", lambda row: m3(row.volume_cm3)),
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
    ("毛重", lambda row: kg(row.unit_mass_g)),
    ("体积", lambda row: m3(row.unit_volume_cm3)),
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


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (
        need_class,
        pack,
        item,
        substitute,
    ):
        group.add_command(each)
