"""Bins, putting away, scanning, labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure, write_whole
from supplyops.cli.nouns import ALL, Columns, Record, Section, add_list, done, show_record, show_rows, viewing
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.stock import document_queries
from supplyops.stock import queries as stock
from supplyops.stock.views import StockFilter
from supplyops.warehouse import commands, label_queries, queries
from supplyops.warehouse.queries import BinRow, WaitingRow
from supplyops.warehouse.rules import PutAwayInput

SIZES = ("a4", "60x40")


@click.group()
def warehouse() -> None:
    """货位:库容、上架、扫码、标签和货位卡。"""


def _m3(volume_cm3: int | None) -> str:
    return "" if volume_cm3 is None else f"{volume_cm3 / 1_000_000:.3f}"


BIN: Columns = (
    ("代码", "code"),
    ("名称", "name"),
    ("类别", "kind"),
    ("区架位", "position"),
    ("收货区", "is_receiving"),
    ("储存条件", "storage_class"),
    ("容积(m³)", lambda row: _m3(row.capacity_cm3)),
    ("已用(m³)", lambda row: _m3(row.used_cm3)),
    ("剩余(m³)", lambda row: _m3(row.free_cm3)),
    ("超容", "is_over"),
)
CONTENTS: Columns = (
    ("编码", "sku"),
    ("物资", "item_name"),
    ("批次", "lot_number"),
    ("物权", "owner_name"),
    ("有效期至", "expires_on"),
    ("在库", "on_hand"),
    ("预留", "reserved"),
    ("单位", "unit"),
)

add_list(
    warehouse,
    queries.bins,
    BIN,
    "列出一个场所的库位和库容。",
    click.option("--site", "site_code", required=True, metavar="CODE", help="场所代码"),
    name="bins",
)


@warehouse.command("bin")
@click.argument("code")
@viewing
def show_bin(app: App, actor: Actor, json_output: bool, code: str) -> None:
    """查看一个库位:库容和里面的物资。"""
    row = app.runtime.read(queries.bin_named, actor, code)
    where = StockFilter(location_id=row.id, include_exercise=True)
    contents = app.runtime.read(stock.stock_rows, actor, where, 0, ALL)
    record = Record((*BIN, ("场所", "site_name")), (Section("物资", lambda _: contents, CONTENTS),))
    show_record(row, record, json_output=json_output, more={"contents": contents})


WAITING: Columns = (
    ("批次", lambda row: row.stock.lot_number),
    ("物资", lambda row: row.stock.item_name),
    ("数量", lambda row: row.stock.on_hand),
    ("单位", lambda row: row.stock.unit),
    ("收货区", lambda row: row.stock.location_code),
    ("到货", "since"),
    ("储存条件", "storage_class"),
    ("周转", "turnover"),
    ("建议货位", lambda row: " ".join(f"{each.code}={each.quantity}" for each in row.placements)),
    ("放不下", lambda row: row.unplaced or ""),
)

add_list(
    warehouse,
    queries.waiting,
    WAITING,
    "列出收货区里待上架的批次和建议货位,等得久的在前。",
    click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所的"),
    name="waiting",
)


@warehouse.command("put-away")
@click.argument("lot")
@click.argument("bin_code", metavar="BIN")
@click.option("--quantity", type=click.IntRange(1), metavar="N", help="数量;不填为收货区里的全部可用数量")
@click.option("--from", "from_code", metavar="CODE", help="收货区代码;批次在几个收货区时必填")
@click.option("--reason", default="", metavar="TEXT", help="放进容积不够或储存条件不符的货位时必填")
@acting
def put_away(
    app: App, actor: Actor, lot: str, bin_code: str, quantity: int | None, from_code: str | None, reason: str
) -> None:
    """上架:把一个批次从收货区移到货位。"""
    row = _waiting(app, actor, lot, from_code) if quantity is None or from_code is None else None
    amount = quantity or (row.stock.available if row else 0)
    move = PutAwayInput(lot, from_code or (row.stock.location_code if row else ""), bin_code, amount, reason)
    document_id = app.runtime.run(commands.put_away, actor, move)
    document = app.runtime.read(document_queries.document_by_id, actor, document_id)
    done(f"{lot}:已上架 {amount} 到 {bin_code},移库单编号 {document.number}。")


def _waiting(app: App, actor: Actor, lot: str, from_code: str | None) -> WaitingRow:
    if actor.key is not None:
        raise Failure("使用 --key 时请写明 --quantity 和 --from", 3)
    rows = [
        row
        for row in app.runtime.read(queries.waiting, actor, lot_number=lot)
        if from_code in (None, row.stock.location_code)
    ]
    if len(rows) > 1:
        raise Failure(f"批次 {lot} 在几个收货区都有,请用 --from 写明", 3)
    if not rows:
        raise NotFound("lot", number=lot)
    return rows[0]


@warehouse.command("scan")
@click.argument("code")
@viewing
def scan(app: App, actor: Actor, json_output: bool, code: str) -> None:
    """查一个码是什么:库位、批次、物资。标签上二维码的网址也可以。"""
    kind = {"location": "库位", "lot": "批次", "item": "物资"}
    rows = app.runtime.read(queries.scan, actor, queries.code_of(code))
    if not rows:
        raise NotFound("noun")
    show_rows(rows, (("是", lambda row: kind[row.kind]), ("代码", "code"), ("名称", "title")), json_output=json_output)


def _output(function: Callable[..., None]) -> Callable[..., None]:
    option = click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="写到哪个 PDF;不写文件则列出上面的内容",
    )
    return option(function)


_size = click.option(
    "--size", type=click.Choice(SIZES), default="a4", show_default=True, help="A4 一页 21 张,或单张 60×40 毫米"
)


_LOT: Columns = (
    ("批次", "number"),
    ("物资", "item_name"),
    ("规格", "spec"),
    ("单位", "unit"),
    ("物权", "owner_name"),
    ("生产日期", "produced_on"),
    ("有效期至", "expires_on"),
    ("厂家", "manufacturer"),
    ("限制", "restriction"),
)
_CARD: Columns = (
    ("库位", "location_code"),
    ("区架位", "position"),
    ("批次", lambda row: row.lot.number),
    ("物资", lambda row: row.lot.item_name),
    ("数量", "quantity"),
    ("单位", lambda row: row.lot.unit),
    ("生产日期", lambda row: row.lot.produced_on),
    ("有效期至", lambda row: row.lot.expires_on),
    ("入库时间", lambda row: row.stored_on or row.stored_at),
)


@warehouse.command("bin-labels")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--site", "site_code", default="", metavar="CODE", help="这个场所的全部库位")
@_size
@_output
@viewing
def bin_labels(
    app: App, actor: Actor, json_output: bool, codes: tuple[str, ...], site_code: str, size: str, output: Path | None
) -> None:
    """库位标签:可以扫的二维码、区架位、代码。"""
    rows = bins_of(app, actor, codes, site_code)

    def made() -> bytes:
        from reports.labels import LabelSize, bin_labels_pdf  # noqa: PLC0415  Pango is needed only where something is printed

        return bin_labels_pdf(rows, app.settings.public_base_url, LabelSize(size))

    _give(rows, BIN, made, output, json_output=json_output)


def bins_of(app: App, actor: Actor, codes: tuple[str, ...], site_code: str) -> list[BinRow]:
    """The bins named, or all of a site."""
    if bool(codes) == bool(site_code):
        raise Failure("请写明库位代码,或用 --site 打印一个场所的全部库位", 3)
    if site_code:
        return app.runtime.read(queries.bins, actor, site_code)
    return [app.runtime.read(queries.bin_named, actor, code) for code in codes]


@warehouse.command("lot-labels")
@click.argument("lot", required=False, default="")
@click.option("--document", "document_number", default="", metavar="NUMBER", help="一张入库单上的全部批次")
@click.option("--site", "site_code", default="", metavar="CODE", help="这个场所在库的全部批次")
@_size
@_output
@viewing
def lot_labels(
    app: App,
    actor: Actor,
    json_output: bool,
    lot: str,
    document_number: str,
    site_code: str,
    size: str,
    output: Path | None,
) -> None:
    """批次标签:可以扫的二维码、品名、批次号、日期。"""
    if not (lot or document_number or site_code):
        raise Failure("请写明批次号、--document 或 --site", 3)
    rows = app.runtime.read(label_queries.lot_labels, actor, lot, document_number, site_code)

    def made() -> bytes:
        from reports.labels import LabelSize, lot_labels_pdf  # noqa: PLC0415

        return lot_labels_pdf(rows, app.settings.public_base_url, LabelSize(size))

    _give(rows, _LOT, made, output, json_output=json_output)


@warehouse.command("cards")
@click.argument("code", required=False, default="")
@click.option("--site", "site_code", default="", metavar="CODE", help="这个场所的全部货位")
@_output
@viewing
def cards(app: App, actor: Actor, json_output: bool, code: str, site_code: str, output: Path | None) -> None:
    """货位卡(A4 一页 4 张):品名、规格、编号、数量、生产日期、生产厂家、入库时间。"""
    if not (code or site_code):
        raise Failure("请写明库位代码或 --site", 3)
    rows = app.runtime.read(label_queries.bin_cards, actor, site_code, code)

    def made() -> bytes:
        from reports.labels import bin_cards_pdf  # noqa: PLC0415

        return bin_cards_pdf(rows, app.settings.public_base_url)

    _give(rows, _CARD, made, output, json_output=json_output)


def _give(
    rows: Sequence[Any], columns: Columns, make: Callable[[], bytes], output: Path | None, *, json_output: bool
) -> None:
    """What stands on labels: into a PDF, or listed where no file was named."""
    if not rows:
        raise NotFound("noun")
    if output is None or json_output:
        show_rows(rows, columns, json_output=json_output)
    if output is None:
        return
    from reports.errors import PaperError  # noqa: PLC0415

    try:
        data = make()
    except PaperError as error:
        params = {name: "、".join(value) if isinstance(value, list) else value for name, value in error.params.items()}
        raise Conflict(error.code, **params) from error
    write_whole(output, data)
    if not json_output:
        done(f"已写入 {output}:{len(rows)} 张。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(warehouse)
