"""The catalogue: what each kind of goods is, how it is packed, what may stand in for it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as Answer

from supplyops.catalogue import commands, queries
from supplyops.catalogue.packs import LadderInput
from supplyops.catalogue.queries import ItemRow
from supplyops.catalogue.rules import ItemInput
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.norms import queries as norms
from supplyops.stock import queries as stock
from supplyops.stock.views import StockFilter
from web import forms, view
from web.forms import Form
from web.lists.registers import ITEMS
from web.view import signed_in

FIELDS = {
    "sku": "物资编码",
    "name": "名称",
    "name_en": "英文名称",
    "unit": "计量单位",
    "spec": "规格",
    "gb_major": "国标大类",
    "gb_code": "国标代码",
    "purpose": "用途",
    "need_class": "需求类别",
    "unit_mass_g": "单位质量(g)",
    "unit_volume_cm3": "单位体积(cm³)",
    "pack_quantity": "包装数量",
    "pack_unit": "包装单位",
    "contains": "含计量单位数",
    "mass_g": "毛重(g)",
    "volume_cm3": "体积(cm³)",
    "content_quantity": "内含量",
    "content_unit": "内含量单位",
    "shelf_life_days": "保质期(天)",
    "service_life_months": "使用年限(月)",
    "storage_class": "储存要求",
    "load_group": "配载组",
    "reference_price_fen": "参考单价(分)",
    "standard": "标准",
    "source_mark": "来源",
    "note": "说明",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/items", view_func=items)
    pages.add_url_rule("/items/new", view_func=item_new, methods=["GET", "POST"])
    pages.add_url_rule("/items/<sku>", view_func=item)
    pages.add_url_rule("/items/<sku>/packs", view_func=item_packs, methods=["GET", "POST"])
    pages.add_url_rule("/items/<sku>/edit", view_func=item_edit, methods=["GET", "POST"])


@signed_in
def items() -> Any:
    """The catalogue, narrowed by words and class."""
    text, need_class = request.args.get("text", "").strip()[:60], request.args.get("need_class", "")
    rows = [row for row in view.read(queries.items, text) if not need_class or row.need_class == need_class]
    if file := ITEMS.file_of(rows):
        return file
    classes = view.read(queries.need_classes)
    names = {row.code: row.name for row in classes}
    active = [("text", f"“{text}”")] if text else []
    active += [("need_class", names[need_class])] if need_class in names else []
    return view.page("items/list.html", rows=rows, classes=classes, names=names, active=active, text=text)


@signed_in
def item(sku: str) -> str:
    """One item: packing, keeping, substitutes, the norms that ask for it, what there is of it."""
    row = view.read(queries.item, sku)
    found = view.read(stock.item_stock, StockFilter(sku=sku)) if view.may("stock.see") else []
    return view.page(
        "items/item.html",
        row=row,
        classes={known.code: known.name for known in view.read(queries.need_classes)},
        names={known.sku: known.name for known in view.read(queries.items)},
        substitutes=[pair for pair in view.read(queries.substitutes) if sku in {pair.sku, pair.substitute_sku}],
        need_norms=[norm for norm in view.read(norms.need_norms) if norm.sku == sku],
        reserve_norms=[norm for norm in view.read(norms.reserve_norms) if norm.sku == sku],
        stock=found[0] if found else None,
        ladder=view.read(queries.ladders)[sku],
        kit=view.read(queries.kit_parts, sku),
        in_kits=[part for part in view.read(queries.kit_parts) if part.sku == sku],
    )


@signed_in
def item_packs(sku: str) -> Answer:
    """The rungs above an item's own package: the whole list, saved at once."""
    row = view.read(queries.item, sku)
    rungs = view.read(queries.packs, sku)
    initial = {
        f"rungs-{place}-{name}": "" if getattr(rung, name) is None else str(getattr(rung, name))
        for place, rung in enumerate(rungs)
        for name in ("unit", "contains", "mass_g", "volume_cm3")
    }
    form = Form(initial, FIELDS)
    if form.is_posted:
        with form.attempt():
            view.run(commands.define_ladder, forms.parse(LadderInput, {"sku": sku}))
            return view.back("pages.item", "已保存", sku=sku)
    view.require(view.may("catalogue.edit"))
    return form.page("items/packs.html", row=row)


@signed_in
def item_new() -> Answer:
    """Add an item."""
    initial = {"pack_quantity": "1", "content_quantity": "1", "is_splittable": "1", "reference_price_fen": "0"}
    return _save(Form(initial, FIELDS), None)


@signed_in
def item_edit(sku: str) -> Answer:
    """Change an item. Its code stays, and once stock of it has moved, its units."""
    row = view.read(queries.item, sku)
    same = ItemInput(**{name: getattr(row, name) for name in ItemInput.__dataclass_fields__})
    fields = forms.flatten(same) | {"hazard_tags": " ".join(same.hazard_tags)}
    return _save(Form(fields, FIELDS), row)


def _save(form: Form, row: ItemRow | None) -> Answer:
    if form.is_posted:
        with form.attempt():
            fixed = {"sku": row.sku} if row else {}
            fixed |= {"unit": row.unit} if row and row.first_moved_at else {}
            tags = request.form.get("hazard_tags", "").replace(",", " ").replace(",", " ").split()
            new = forms.parse(ItemInput, {**fixed, "hazard_tags": tags})
            if row is None and any(known.sku == new.sku for known in view.read(queries.items)):
                raise InvalidInput(fields=(FieldError("sku", "already_used", {"value": new.sku}),))
            view.run(commands.save_items, [new])
            return view.back("pages.item", "已保存", sku=new.sku)
    view.require(view.may("catalogue.edit"))
    return form.page("items/edit.html", row=row, classes=view.read(queries.need_classes))
