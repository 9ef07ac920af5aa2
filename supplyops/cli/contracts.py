"""Contracts and what is drawn on them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting, bypass_option
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import (
    BECAUSE,
    DAY_TYPE,
    INVALID,
    WHEN,
    Columns,
    Record,
    Section,
    add_list,
    add_show,
    arrival_time,
    by,
    columns_option,
    done,
    inspection_options,
    oral_options,
    oral_order,
    quantities,
    read_part,
    show_rows,
    viewing,
)
from supplyops.contracts import queries
from supplyops.contracts.rules import CallOffInput, CallOffLine
from supplyops.dispatch import queries as orders
from supplyops.dispatch import supplying
from supplyops.dispatch.rules import ArrivalInput, ArrivalLine
from supplyops.dispatch.views import ExpectedRow
from supplyops.exchange.parts import ARRIVAL_LINES, Brought
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.money import figures
from supplyops.kernel.reference import DocumentRef
from supplyops.places import queries as places
from supplyops.stock.document_queries import document_by_id
from supplyops.wording.labels import label


@click.group()
def contract() -> None:
    """预签合同:保证数量、余量、时限。"""


CONTRACT: Columns = (
    ("编号", "number"),
    ("名称", "title"),
    ("类型", "type"),
    ("供方", "supplier_name"),
    ("需方", "buyer_name"),
    ("生效", "valid_from"),
    ("截止", "valid_to"),
    ("供货(小时)", "lead_time_hours"),
)
LINES: Columns = (
    ("行号", "line_no"),
    ("编码", lambda row: row.sku or row.vehicle_type),
    ("名称", lambda row: row.item_name or "车辆"),
    ("规格", "spec"),
    ("保证数量", "guaranteed_quantity"),
    ("已启用", "called"),
    ("余量", "remaining"),
    ("起订量", "minimum_order"),
    ("单价(元)", lambda row: figures(row.unit_price_fen)),
    ("供应进度", lambda row: "、".join(f"{step.hours}h:{step.permille / 10:g}%" for step in row.ramp)),
)
add_list(
    contract,
    queries.contracts,
    CONTRACT,
    "列出所辖合同。",
    click.option("--in-force-on", type=DAY_TYPE, metavar="DAY", help="只看这一天有效的"),
)
add_show(
    contract,
    by(queries.contract),
    "NUMBER",
    Record(
        (
            *CONTRACT,
            ("签订日期", "signed_on"),
            ("确认时限(分钟)", "confirm_minutes"),
            ("运输方式", "carrier"),
            ("供货场所", "supply_site_code"),
            ("联系人", "contact"),
            ("值班电话", "duty_phone"),
            ("备用联系人", "second_contact"),
            ("验收期限(天)", "acceptance_days"),
            ("逾期违约金", lambda row: f"{row.late_penalty_permille / 10:g}%"),
            ("核验日期", "verified_on"),
            ("条款", "terms"),
            ("演练", "is_exercise"),
        ),
        (Section("明细", lambda row: row.lines, LINES),),
    ),
    "查看一份合同及其明细和余量。",
)


@click.group("call-off")
def call_off() -> None:
    """合同启用:通知供方供货,直到收货结清。"""


CALL_OFF: Columns = (
    ("编号", "number"),
    ("合同", "contract_number"),
    ("供方", "supplier_name"),
    ("状态", "state"),
    ("自提", "is_fetched"),
    ("通知时间", "notified_at"),
    ("确认期限", "confirm_by"),
)
ITEMS: Columns = (
    ("行号", "line_no"),
    ("编码", "sku"),
    ("物资", "item_name"),
    ("数量", "quantity"),
    ("承诺", "promised"),
    ("已到", "received"),
    ("单位", "unit"),
    ("送达", "delivery_site_name"),
    ("最迟", "due_at"),
)
_find = by(queries.call_off_named)


def _incident_id(app: App, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    reference = options.pop("incident")
    return {} if reference is None else {"incident_id": app.runtime.read(incidents.incident, actor, reference).id}


add_list(
    call_off,
    queries.call_offs,
    CALL_OFF,
    "列出合同启用通知,新的在前。",
    click.option("--incident", metavar="NUMBER", help="只看这个突发事件的"),
    arguments=_incident_id,
)
add_show(
    call_off,
    _find,
    "NUMBER",
    Record(
        (
            *CALL_OFF,
            ("依据", "basis"),
            ("起因", "cause_number"),
            ("确认时间", "confirmed_at"),
            ("确认人", "confirmed_by"),
            ("结束原因", "ended_because"),
        ),
        (Section("明细", lambda row: row.items, ITEMS),),
    ),
    "查看一张合同启用通知。",
)


@call_off.command("create")
@click.argument("incident", metavar="INCIDENT")
@click.argument("contract", metavar="CONTRACT")
@click.option("--line", "lines", multiple=True, required=True, metavar="行号=数量", help="启用的明细,可多次")
@click.option("--site", "site_code", required=True, metavar="CODE", help="送达场所")
@click.option("--due", "due_at", type=WHEN, required=True, help="最迟到达时间,例如 2026-01-13 08:00")
@click.option("--basis", required=True, metavar="TEXT", help="启用依据")
@click.option("--method", "notice_method", default="system", metavar="TEXT", help="通知方式")
@oral_options
@acting
def create(
    app: App,
    actor: Actor,
    incident: str,
    contract: str,
    lines: tuple[str, ...],
    site_code: str,
    due_at: Any,
    basis: str,
    notice_method: str,
    **oral: Any,
) -> None:
    """为突发事件启用一份合同。"""
    event = app.runtime.read(incidents.incident, actor, incident)
    drawn = app.runtime.read(queries.contract, actor, contract)
    site = app.runtime.read(places.site, actor, site_code)
    wanted = quantities(lines, drawn.lines, "--line")
    order = CallOffInput(
        drawn.id,
        basis,
        tuple(CallOffLine(line_id, amount, site.id, due_at) for line_id, amount in wanted.items()),
        DocumentRef("incident", event.id, event.number),
        event.id,
        notice_method,
        oral_order(**oral),
    )
    made = app.runtime.run(supplying.call_off, actor, order)
    row = app.runtime.read(queries.call_off, actor, made)
    done(f"已启用合同 {drawn.number},通知编号 {row.number}。")


@call_off.command("confirm")
@click.argument("number")
@click.option("--by", "by_name", required=True, metavar="NAME", help="供方答复人")
@click.option("--promise", "promises", multiple=True, metavar="行号=数量", help="承诺数量;不填即全部承诺,0 为不供")
@acting
def confirm(app: App, actor: Actor, number: str, by_name: str, promises: tuple[str, ...]) -> None:
    """登记供方答复:承诺供多少。全部为 0 即拒绝。"""
    row = _find(app, actor, number)
    promised = {each.id: each.quantity for each in row.items} | quantities(promises, row.items, "--promise")
    for each in row.items:
        if promised[each.id] > each.quantity:
            raise Failure(f"--promise:第 {each.line_no} 行通知了 {each.quantity:,} {each.unit},承诺不能更多", INVALID)
    state = app.runtime.run(supplying.confirm_call_off, actor, row.id, promised, by_name)
    done(f"{row.number}:{label(state)}。")


@call_off.command("ship")
@click.argument("number")
@acting
def ship(app: App, actor: Actor, number: str) -> None:
    """登记供方已发货。"""
    row = _find(app, actor, number)
    app.runtime.run(supplying.ship_call_off, actor, row.id)
    done(f"{row.number}:已发货。")


@call_off.command("expected")
@viewing
def expected(app: App, actor: Actor, json_output: bool) -> None:
    """列出供方已承诺、还没送到所辖场所的物资,先到期的在前。"""
    columns: Columns = (
        ("通知", "call_off_number"),
        ("状态", "state"),
        ("供方", "supplier_name"),
        ("编码", "sku"),
        ("物资", "item_name"),
        ("承诺", "promised"),
        ("已到", "received"),
        ("单位", "unit"),
        ("送达", "site_code"),
        ("场所", "site_name"),
        ("最迟", "due_at"),
    )
    rows = app.runtime.read(orders.expected, actor)
    show_rows(rows, columns, json_output=json_output)


@call_off.command("receive")
@click.argument("number")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--site", "site_code", required=True, metavar="CODE", help="收货场所代码")
@click.option("--fund", "fund_source", required=True, metavar="TEXT", help="资金来源")
@click.option("--arrived-at", type=WHEN, help="到货时间;不填为现在(用 --key 时必填)")
@inspection_options
@columns_option(ARRIVAL_LINES)
@bypass_option
@acting
def receive(
    app: App, actor: Actor, number: str, file: Path, site_code: str, arrived_at: datetime | None, **fields: Any
) -> None:
    """供方到货验收入库:FILE 一行一个批次;合格的才算收到。待收的见 call-off expected。"""
    rows = [row for row in app.runtime.read(orders.expected_of, actor, number) if row.site_code == site_code]
    if not rows:
        raise Failure(f"通知 {number} 没有送往 {site_code} 的物资;待收的见 supplyops call-off expected", 4)
    brought = read_part(ARRIVAL_LINES, file)
    arrival = ArrivalInput(
        call_off_id=rows[0].call_off_id,
        site_code=site_code,
        arrived_at=arrival_time(app, actor, arrived_at),
        lines=tuple(_arrived(rows, each, place) for place, each in enumerate(brought)),
        **fields,
    )
    made = app.runtime.run(supplying.receive_call_off, actor, arrival)
    done(f"{number}:已验收入库,入库单编号 {app.runtime.read(document_by_id, actor, made).number}。")


def _arrived(rows: list[ExpectedRow], line: Brought, place: int) -> ArrivalLine:
    """A line of the file as one of the call-off."""
    found = [row for row in rows if row.sku == line.sku and line.due_at in (None, row.due_at)]
    if len(found) != 1:
        error = (
            FieldError(f"lines.{place}.due_at", "required")
            if found
            else FieldError(f"lines.{place}.sku", "unknown_reference", {"value": line.sku})
        )
        raise InvalidInput(fields=(error,))
    same = {name: getattr(line, name) for name in ArrivalLine.__dataclass_fields__ if name != "item_id"}
    return ArrivalLine(item_id=found[0].item_id, **same)


@call_off.command("cancel")
@click.argument("number")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """供货前取消:合同余量和需求恢复原状。"""
    row = _find(app, actor, number)
    app.runtime.run(supplying.cancel_call_off, actor, row.id, because)
    done(f"{row.number}:已取消。")


@call_off.command("close")
@click.argument("number")
@click.option("--because", default="", metavar="TEXT", help="未到齐而结清时的原因")
@acting
def close(app: App, actor: Actor, number: str, because: str) -> None:
    """结清:承诺而未到的部分重新成为需求。"""
    row = _find(app, actor, number)
    app.runtime.run(supplying.close_call_off, actor, row.id, because)
    done(f"{row.number}:已关闭。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(contract)
    group.add_command(call_off)
