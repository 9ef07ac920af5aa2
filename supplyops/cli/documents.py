"""Store documents: receipts, issues, transfers between locations, and taking a mistake back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from supplyops.cli.app import App, acting, bypass_option
from supplyops.cli.effects import tell_effect
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import (
    ALL,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    add_show,
    arrival_time,
    by,
    columns_option,
    done,
    gate_options,
    inspection_options,
    read_part,
    show_rows,
    viewing,
)
from supplyops.exchange.parsers import LIST_SEPARATORS
from supplyops.exchange.parts import ISSUE_LINES, RECEIPT_LINES, TRANSFER_LINES
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.stock import commands, document_queries, late_entries, receiving, undoing
from supplyops.stock.document_queries import DocumentFilter
from supplyops.stock.documents import (
    PASSED_OVER,
    IssueInput,
    IssueKind,
    LatePermitInput,
    QuickReceiptInput,
    QuickReceiptLine,
    ReceiptInput,
    ReceiptKind,
    TransferInput,
)
from supplyops.stock.rules import LateKind, LatePermitState, StockDocumentKind
from supplyops.wording.errors import sentence


@click.group()
def document() -> None:
    """库存单据:入库、出库、移库,以及冲销。"""


DOCUMENT: Columns = (
    ("编号", "number"),
    ("种类", "kind"),
    ("状态", "state"),
    ("场所", "site_name"),
    ("往来单位", "counterpart"),
    ("发生时间", "occurred_at"),
    ("补录", "is_late"),
    ("明细", "line_count"),
)


@document.command("list")
@click.option("--kind", type=Word(StockDocumentKind), help="只看这种单据")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所的")
@click.option("--text", default="", metavar="TEXT", help="编号或往来单位的一部分")
@viewing
def list_documents(
    app: App, actor: Actor, json_output: bool, kind: StockDocumentKind | None, site_code: str, text: str
) -> None:
    """列出库存单据,新的在前。"""
    rows = app.runtime.read(document_queries.documents, actor, DocumentFilter(kind, site_code, text), 0, ALL)
    show_rows(rows, DOCUMENT, json_output=json_output)


add_show(
    document,
    by(document_queries.document),
    "NUMBER",
    Record(
        (
            *DOCUMENT[:-1],
            ("登记时间", "created_at"),
            ("冲销时间", "reversed_at"),
            ("盘点冻结,未取用", lambda row: row.details.get(PASSED_OVER, "")),
        ),
        (
            Section(
                "明细",
                lambda row: row.lines,
                (
                    ("行号", "line_no"),
                    ("编码", "sku"),
                    ("物资", "item_name"),
                    ("批次", "lot_number"),
                    ("库位", "location_name"),
                    ("移至", "target_name"),
                    ("应收(发)", "due"),
                    ("实收(发)", "actual"),
                    ("不合格", "rejected"),
                    ("单位", "unit"),
                    ("备注", "note"),
                ),
            ),
        ),
    ),
    "查看一张库存单据。",
)


_LINES_FILE = click.Path(path_type=Path)


@document.command("receive")
@click.argument("file", metavar="FILE", type=_LINES_FILE)
@click.option("--kind", type=Word(ReceiptKind), default=ReceiptKind.PURCHASE, help="入库类型,默认采购")
@click.option("--site", "site_code", required=True, metavar="CODE", help="入库场所代码")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码:物资归谁所有")
@click.option("--source", required=True, metavar="TEXT", help="来源:供货、划转、捐赠单位")
@click.option("--fund", "fund_source", required=True, metavar="TEXT", help="资金来源")
@click.option("--arrived-at", type=WHEN, help="到货时间;不填为现在(用 --key 时必填)")
@click.option("--source-document", default="", metavar="TEXT", help="来源单据号")
@gate_options
@inspection_options
@click.option("--incident", metavar="NUMBER", help="为哪个突发事件")
@click.option("--exercise", "is_exercise", is_flag=True, help="演练物资")
@click.option("--try", "only_try", is_flag=True, help="只试算影响,不记账")
@columns_option(RECEIPT_LINES)
@bypass_option
@acting
def receive(
    app: App, actor: Actor, file: Path, arrived_at: datetime | None, incident: str | None, only_try: bool, **fields: Any
) -> None:
    """验收入库:FILE 一行一个批次,合格的上架,不合格的进待检区。

    \b
      supplyops document receive --columns                       FILE 有哪些列
      supplyops document receive 到货.xlsx --site city-store --owner 654004 \\
          --source 某厂 --fund 市级财政 --as wangjg
    """
    receipt = ReceiptInput(
        arrived_at=arrival_time(app, actor, arrived_at),
        lines=read_part(RECEIPT_LINES, file),
        incident_id=_incident_id(app, actor, incident),
        **fields,
    )
    if only_try:
        tell_effect(app.runtime.rehearse(late_entries.try_receipt, actor, receipt))
        return
    _posted(app, actor, app.runtime.run(commands.receive, actor, receipt), "已入库,入库单编号")


@document.command("quick-receive")
@click.argument("goods", nargs=-1, required=True, metavar="SKU=QUANTITY...")
@click.option("--site", "site_code", required=True, metavar="CODE", help="入库场所代码")
@click.option("--source", required=True, metavar="TEXT", help="来源:供货、划转、捐赠单位")
@click.option("--kind", type=Word(ReceiptKind), default=ReceiptKind.DONATION, help="入库类型,默认捐赠")
@click.option("--owner", "owner_code", default="", metavar="CODE", help="物权单位代码;不填同该场所上一次入库")
@click.option("--fund", "fund_source", default="", metavar="TEXT", help="资金来源;不填同该场所上一次同类入库")
@click.option("--inspected-by", default="", metavar="NAME", help="在纸上签字的质检人;不填则由质检人登录后签字")
@click.option("--arrived-at", type=WHEN, help="到货时间;不填为现在")
@click.option("--serials", multiple=True, metavar="SKU=SN,SN", help="逐件编号的物资的序列号,件数相同,用逗号分开")
@click.option("--try", "only_try", is_flag=True, help="只试算影响,不记账")
@acting
def quick_receive(
    app: App, actor: Actor, goods: tuple[str, ...], serials: Sequence[str], only_try: bool, **fields: Any
) -> None:
    """快速入库:只写来源、物资和数量,全部合格,例如 A01002=20 B01001=50。"""
    numbered = {}
    for pair in serials:
        sku, sign, listed = pair.partition("=")
        if not (sku and sign and listed) or sku not in {each.partition("=")[0] for each in goods}:
            raise Failure(f"--serials “{pair}”应写成 物资编码=序列号,序列号,物资在本次入库中", 3)
        numbered[sku] = tuple(part.strip() for part in LIST_SEPARATORS.split(listed) if part.strip())
    lines = []
    for pair in goods:
        sku, sign, amount = pair.partition("=")
        if not (sku and sign and amount.isdecimal()):
            raise Failure(f"“{pair}”应写成 物资编码=数量,例如 A01002=20", 3)
        lines.append(QuickReceiptLine(sku, int(amount), serial_numbers=numbered.get(sku, ())))
    given = QuickReceiptInput(lines=tuple(lines), **fields)
    if only_try:
        tell_effect(app.runtime.rehearse(late_entries.try_quick_receipt, actor, given))
        return
    _posted(app, actor, app.runtime.run(receiving.receive_quickly, actor, given), "已入库,入库单编号")


@document.command("issue")
@click.argument("file", metavar="FILE", type=_LINES_FILE)
@click.option("--kind", type=Word(IssueKind), default=IssueKind.DISTRIBUTION, help="出库类型,默认发放")
@click.option("--site", "site_code", required=True, metavar="CODE", help="出库场所代码")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码:动用谁的物资")
@click.option("--recipient", required=True, metavar="TEXT", help="领用单位或人")
@click.option("--purpose", required=True, metavar="TEXT", help="用途")
@click.option("--slip-number", default="", metavar="TEXT", help="依据的调拨单号")
@click.option("--vehicle", default="", metavar="TEXT", help="车牌号")
@click.option("--received-by", default="", metavar="NAME", help="领用人")
@click.option("--received-head", default="", metavar="NAME", help="领用部门负责人")
@click.option("--checked-by", default="", metavar="NAME", help="复核人")
@click.option("--incident", metavar="NUMBER", help="为哪个突发事件")
@click.option("--issued-at", type=WHEN, help="补录:实际出库时间;不填为现在")
@click.option("--try", "only_try", is_flag=True, help="只试算影响,不记账")
@columns_option(ISSUE_LINES)
@bypass_option
@acting
def issue(app: App, actor: Actor, file: Path, incident: str | None, only_try: bool, **fields: Any) -> None:
    """出库领用:FILE 一行一种物资,先到期的先出;指定批次要写原因。"""
    wanted = IssueInput(lines=read_part(ISSUE_LINES, file), incident_id=_incident_id(app, actor, incident), **fields)
    if only_try:
        tell_effect(app.runtime.rehearse(late_entries.try_issue, actor, wanted))
        return
    _posted(app, actor, app.runtime.run(commands.issue, actor, wanted), "已出库,出库单编号")


@document.command("transfer")
@click.argument("file", metavar="FILE", type=_LINES_FILE)
@click.option("--site", "site_code", required=True, metavar="CODE", help="场所代码")
@click.option("--reason", required=True, metavar="TEXT", help="移库原因")
@click.option("--moved-at", type=WHEN, help="补录:实际移库时间;不填为现在")
@click.option("--try", "only_try", is_flag=True, help="只试算影响,不记账")
@columns_option(TRANSFER_LINES)
@bypass_option
@acting
def transfer(
    app: App, actor: Actor, file: Path, site_code: str, reason: str, moved_at: datetime | None, only_try: bool
) -> None:
    """移库:同一场所内从一个库位移到另一个,包括进出待检区。"""
    move = TransferInput(site_code, reason, read_part(TRANSFER_LINES, file), moved_at)
    if only_try:
        tell_effect(app.runtime.rehearse(late_entries.try_transfer, actor, move))
        return
    _posted(app, actor, app.runtime.run(commands.transfer, actor, move), "已移库,移库单编号")


def _incident_id(app: App, actor: Actor, reference: str | None) -> UUID | None:
    return None if reference is None else app.runtime.read(incidents.incident, actor, reference).id


def _posted(app: App, actor: Actor, document_id: UUID, said: str) -> None:
    row = app.runtime.read(document_queries.document_by_id, actor, document_id)
    passed = row.details.get(PASSED_OVER)
    done(f"{said} {row.number}。" + (f"盘点冻结,未取用:{passed}。" if passed else ""))


@document.command("undo")
@click.argument("number")
@acting
def undo(app: App, actor: Actor, number: str) -> None:
    """撤销本人刚记的一张单据:限时(参数 undo.minutes),未装车、未被他人动用。"""
    row = app.runtime.read(document_queries.document, actor, number)
    app.runtime.run(undoing.undo_document, actor, row.id)
    done(f"{row.number}:已撤销。")


@click.group()
def late() -> None:
    """补录申请:发生时间过早的记账须先批准。"""


@late.command("list")
@click.option("--state", type=Word(LatePermitState), help="只看这种状态")
@viewing
def list_late(app: App, actor: Actor, json_output: bool, state: LatePermitState | None) -> None:
    """列出补录申请,新的在前。"""
    rows = app.runtime.read(late_entries.late_permits, actor, state)
    show_rows(
        rows,
        (
            ("编号", "number"),
            ("状态", "state"),
            ("场所", "site_name"),
            ("种类", "kind"),
            ("最早发生时间", "earliest_at"),
            ("原因", "reason"),
            ("申请", "asked_by_name"),
            ("批准", "decided_by_name"),
            ("用于", "document_number"),
        ),
        json_output=json_output,
    )


@late.command("ask")
@click.option("--site", "site_code", required=True, metavar="CODE", help="场所代码")
@click.option("--kind", type=Word(LateKind), required=True, help="补录哪种单据")
@click.option("--earliest-at", type=WHEN, required=True, help="最早发生时间")
@click.option("--because", "reason", required=True, metavar="TEXT", help="原因")
@acting
def ask_late(app: App, actor: Actor, **fields: Any) -> None:
    """申请补录一张单据。"""
    permit_id = app.runtime.run(late_entries.ask_late, actor, LatePermitInput(**fields))
    row = next(each for each in app.runtime.read(late_entries.late_permits, actor) if each.id == permit_id)
    done(f"已申请,编号 {row.number}。")


@late.command("approve")
@click.argument("number")
@click.option("--note", default="", metavar="TEXT", help="意见")
@acting
def approve_late(app: App, actor: Actor, number: str, note: str) -> None:
    """批准补录;不能是申请人自己。"""
    _decide(app, actor, number, allowed=True, note=note)


@late.command("refuse")
@click.argument("number")
@click.option("--note", required=True, metavar="TEXT", help="不同意的原因")
@acting
def refuse_late(app: App, actor: Actor, number: str, note: str) -> None:
    """不同意补录。"""
    _decide(app, actor, number, allowed=False, note=note)


def _decide(app: App, actor: Actor, number: str, *, allowed: bool, note: str) -> None:
    rows = app.runtime.read(late_entries.late_permits, actor)
    row = next((each for each in rows if each.number == number), None)
    if row is None:
        raise Failure(sentence("not_found", {"noun": "late_permit"}), 4)
    app.runtime.run(late_entries.decide_late, actor, row.id, allowed, note)
    done(f"{row.number}:{'已批准' if allowed else '已退回'}。")


@document.command("reverse")
@click.argument("number")
@click.option("--because", required=True, metavar="TEXT", help="冲销原因")
@bypass_option
@acting
def reverse(app: App, actor: Actor, number: str, because: str) -> None:
    """冲销一张入库、出库或移库单:记一笔相反的账。"""
    row = app.runtime.read(document_queries.document, actor, number)
    app.runtime.run(commands.reverse_document, actor, row.id, because)
    done(f"{row.number}:已冲销。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(document)
    group.add_command(late)
