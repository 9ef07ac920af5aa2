"""Files of the catalogue: need classes, items, substitutes."""

from __future__ import annotations

from supplyops.catalogue import commands, queries
from supplyops.catalogue.kits import KitPartInput
from supplyops.catalogue.packs import PackInput
from supplyops.catalogue.rules import ItemInput, NeedClassInput, SubstituteInput
from supplyops.exchange.columns import column, make_kind, rebuilt
from supplyops.exchange.parsers import CODE

NEED_CLASSES = make_kind(
    "need-classes",
    "需求类别",
    NeedClassInput,
    (
        column("类别代码", "code", "life"),
        column("类别名称", "name", "生命保障"),
        column("优先顺序", "rank", "1", "1 最先,逐级严格优先"),
    ),
    key=("code",),
    save=commands.save_need_classes,
    read=lambda ctx: [rebuilt(NeedClassInput, row) for row in queries.need_classes(ctx)],
    see=queries.need_classes,
)

ITEMS = make_kind(
    "items",
    "物资",
    ItemInput,
    (
        column("物资编码", "sku", "A01002", "一个大写字母加五位数字"),
        column("物资名称", "name", "12m²棉帐篷"),
        column("英文名称", "name_en", "Cotton-lined tent 12 m²"),
        column("规格型号", "spec", "MZ/T 011.4"),
        column("计量单位", "unit", "顶", "一经入账不能修改"),
        column("国标大类", "gb_major", "1", "1 基本生活保障、2 应急装备、3 工程材料(GB/T 38565),填数字或名称"),
        column("国标代码", "gb_code", "1010201", "GB/T 38565 七位代码"),
        column("用途分类", "purpose", "受灾人员基本生活保障"),
        column("需求类别", "need_class", "life", "需求类别代码"),
        column("适用灾害", "hazard_tags", "内涝、生活保障", "用于哪类保障,多个用“、”分开"),
        column("每包装数量", "pack_quantity", "5", "一个运输包装内的计量单位数"),
        column("包装单位", "pack_unit", "包"),
        column("可拆零", "is_splittable", "是"),
        column("单位毛重(kg)", "unit_mass_g", "125", "一个计量单位含包装的重量"),
        column("单位体积(m³)", "unit_volume_cm3", "0.48", "一个计量单位含包装的体积"),
        column("保质期(天)", "shelf_life_days", "365", "长期物资不填"),
        column("使用年限(月)", "service_life_months", "96"),
        column("储存条件", "storage_class", "常温干燥"),
        column("回收类", "is_recoverable", "是"),
        column("清真", "is_halal", "否"),
        column("装载类别", "load_group", "普通"),
        column("需防冻运输", "needs_warmth", "否"),
        column("需冷藏", "needs_refrigeration", "否"),
        column("拖挂装备", "is_towed", "否"),
        column("逐件编号", "is_serial_tracked", "否", "每件有序列号,登记为资产"),
        column("单位内含量", "content_quantity", "13200", "一个计量单位内含多少,例如一箱水 13200 ml"),
        column("含量单位", "content_unit", "ml"),
        column("参考单价(元)", "reference_price_fen", "1800"),
        column("执行标准", "standard", "MZ/T 011.4-2010"),
        column("来源标记", "source_mark", "P40"),
        column("备注", "note", "冬季默认帐篷"),
    ),
    key=("sku",),
    save=commands.save_items,
    read=lambda ctx: [rebuilt(ItemInput, row) for row in queries.items(ctx)],
    see=queries.items,
)

PACKS = make_kind(
    "packs",
    "包装",
    PackInput,
    (
        column("物资编码", "sku", "A02003"),
        column("包装单位", "unit", "托", "物资本身的包装之上的一级,例如 箱、托"),
        column("含计量单位数", "contains", "150", "必须是下一级包装的整数倍;一经入账不能修改"),
        column("毛重(kg)", "mass_g", "500", "一个满包装的重量;没有称过不填"),
        column("体积(m³)", "volume_cm3", "3.6", "一个满包装的体积;没有量过不填"),
    ),
    key=("sku", "unit"),
    save=commands.save_packs,
    read=lambda ctx: [rebuilt(PackInput, row) for row in queries.packs(ctx)],
    see=queries.packs,
)

KITS = make_kind(
    "kits",
    "成套物资组成",
    KitPartInput,
    (
        column("成套物资编码", "kit_sku", "A03004", parser=CODE),
        column("组成物资编码", "part_sku", "C01005", parser=CODE),
        column("每套数量", "quantity", "1"),
        column("备注", "note", ""),
    ),
    key=("kit_sku", "part_sku"),
    save=commands.save_kits,
    read=lambda ctx: [rebuilt(KitPartInput, row) for row in queries.kit_parts(ctx)],
    see=queries.kit_parts,
    note="一种成套物资的各行就是它的全部组成:没有列出的物资不再属于它。",
)

SUBSTITUTES = make_kind(
    "substitutes",
    "可替代物资",
    SubstituteInput,
    (
        column("物资编码", "sku", "A01002"),
        column("替代物资编码", "substitute_sku", "A01001"),
        column("原物资数量", "item_quantity", "1"),
        column("替代数量", "substitute_quantity", "1", "多少替代物资抵得上“原物资数量”"),
        column("备注", "note", "仅夏季"),
    ),
    key=("sku", "substitute_sku"),
    save=commands.save_substitutes,
    read=lambda ctx: [rebuilt(SubstituteInput, row) for row in queries.substitutes(ctx)],
    see=queries.substitutes,
)
