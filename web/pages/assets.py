"""Numbered units: where they are, who has them, what is due; handing out, taking back, keeping fit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.assets import commands, due_queries, lending, loan_queries, queries, upkeep
from supplyops.assets.papers import issue_card
from supplyops.assets.rules import (
    AssetCondition,
    AssetDueKind,
    AssetInput,
    AssetWorkInput,
    AssetWorkKind,
    HandBackInput,
    HandBackLine,
    HandOutInput,
    OutOfOrderInput,
)
from supplyops.assets.views import PAGE, AssetFilter, AssetRow
from supplyops.dispatch import printing
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.people import queries as people
from supplyops.places import queries as places
from supplyops.stock.rules import AssetState
from supplyops.teams import queries as teams
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists import ALL_ROWS
from web.lists.assets import ASSETS, DUE, LOANS
from web.paging import page_of
from web.schemas.from_dataclass import load
from web.view import signed_in

LABELS = {
    "asset_numbers": "资产",
    "organisation_code": "领用单位",
    "team_code": "领用队伍",
    "received_by": "领用人",
    "purpose": "用途",
    "due_on": "应还日期",
    "returned_by": "归还人",
    "location_code": "库位",
    "serial_number": "序列号",
    "lot_number": "批次",
    "done_on": "完成日期",
    "done_by": "承办单位",
    "plan_name": "计划",
    "meter_hours": "运行小时",
    "defect": "问题",
    "defects": "损坏情况",
    "valid_until": "有效期至",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/assets", view_func=assets)
    add("/assets/due", view_func=assets_due)
    add("/assets/plans", view_func=asset_plans)
    add("/assets/register", view_func=assets_register, methods=["GET", "POST"])
    add("/assets/hand-out", view_func=assets_hand_out, methods=["GET", "POST"])
    add("/assets/pick", view_func=pick_assets, methods=["POST"])
    add("/assets/loans", view_func=asset_loans)
    add("/assets/loans/<number>", view_func=asset_loan, methods=["GET", "POST"])
    add("/assets/<number>", view_func=asset)
    add("/assets/<number>/work", view_func=asset_work, methods=["GET", "POST"])
    add("/assets/<number>/out-of-order", view_func=asset_out_of_order, methods=["POST"])
    add("/assets/<number>/restore", view_func=asset_restore, methods=["POST"])
    add("/assets/<number>/card", view_func=asset_card, methods=["POST"])


def filter_from_query() -> AssetFilter:
    """The filter that the address names; a word that is no state does not narrow."""
    args = request.args
    state = args.get("state", "")
    return AssetFilter(
        text=args.get("text", "").strip()[:60],
        sku=args.get("sku", "")[:6],
        lot_number=args.get("lot", "")[:40],
        site_code=args.get("site", "")[:40],
        team_code=args.get("team", "")[:40],
        state=AssetState(state) if state in set(AssetState) else None,
        include_gone=bool(args.get("gone")),
    )


@signed_in
def assets() -> Any:
    """Units, fifty a page."""
    where = filter_from_query()
    if file := ASSETS.file_of(lambda: view.read(queries.assets, where, limit=ALL_ROWS)):
        return file
    total = view.read(queries.count_assets, where)
    page, pages = page_of(total, PAGE)
    return view.page(
        "assets/list.html",
        rows=view.read(queries.assets, where, offset=(page - 1) * PAGE),
        where=where,
        states=list(AssetState),
        counts=view.read(queries.count_by_state),
        sites=view.read(places.sites),
        active=_active(where),
        total=total,
        page=page,
        pages=pages,
    )


def _active(where: AssetFilter) -> list[tuple[str, str]]:
    found = [("text", f"“{where.text}”")] if where.text else []
    found += [("sku", where.sku)] if where.sku else []
    found += [("lot", where.lot_number)] if where.lot_number else []
    found += [("site", _("场所:{code}").format(code=where.site_code))] if where.site_code else []
    found += [("team", _("队伍:{code}").format(code=where.team_code))] if where.team_code else []
    found += [("state", view.word(where.state))] if where.state else []
    return found


@signed_in
def assets_due() -> Any:
    """What is to be done about units: overdue first."""
    kind = request.args.get("kind", "")
    rows = view.read(
        due_queries.assets_due,
        only_overdue=bool(request.args.get("overdue")),
        site_code=request.args.get("site", "")[:40],
    )
    shown = [row for row in rows if not kind or row.kind.value == kind]
    if file := DUE.file_of(shown):
        return file
    return view.page("assets/due.html", rows=shown, kinds=list(AssetDueKind), sites=view.read(places.sites))


@signed_in
def asset_plans() -> str:
    """How often units are worked on."""
    return view.page("assets/plans.html", rows=view.read(queries.asset_plans))


@signed_in
def assets_register() -> Response:
    """Give numbers to units that have none yet, place by place."""
    view.require(view.may("assets.keep"))
    form = Form(labels=LABELS)
    if form.is_posted:
        with form.attempt():
            given = request.form
            serials = [line.strip() for line in given.get("serials", "").splitlines() if line.strip()]
            if not serials:
                raise InvalidInput(fields=(FieldError("serials", "required"),))
            shared = forms.parse(AssetInput, {"serial_number": serials[0]}, leaving_out={"serials"})
            inputs = [
                AssetInput(
                    shared.sku,
                    serial,
                    shared.lot_number,
                    shared.location_code,
                    in_service_on=shared.in_service_on,
                    warranty_until=shared.warranty_until,
                )
                for serial in serials
            ]
            view.run(commands.save_assets, inputs)
            return view.back("pages.assets", "已登记", lot=shared.lot_number)
    return form.page("assets/register.html", rows=view.read(due_queries.unregistered))


@signed_in
def assets_hand_out() -> Response:
    """Hand units out on a slip; those ticked on the list, or numbers typed or scanned."""
    view.require(view.may("assets.keep"))
    ticked = "\n".join(request.args.getlist("number"))
    form = Form({"asset_numbers": ticked}, LABELS)
    if form.is_posted:
        with form.attempt():
            numbers = tuple(request.form.get("asset_numbers", "").split())
            given = forms.parse(HandOutInput, {"asset_numbers": numbers}, leaving_out={"asset_numbers"})
            loan_id = view.run(lending.hand_out, given)
            number = view.read(loan_queries.asset_loan_by_id, loan_id).number
            return view.back("pages.asset_loan", "已领用,请打印领用单签字", number=number)
    bodies = [body for body in view.read(people.organisations) if body.code != "root"]
    return form.page(
        "assets/hand_out.html",
        bodies=bodies,
        teams=view.read(teams.teams) if view.may("teams.see") else [],
        conditions=[AssetCondition.GOOD, AssetCondition.WORN],
    )


@signed_in
def pick_assets() -> Response:
    """Units that go with the next goods of their lots, or that stay after all."""
    number = request.form.get("number", "")
    form = Form(labels=LABELS)
    with form.attempt():
        if request.form.get("put_back"):
            view.run(commands.put_back_assets, [number])
            return view.back("pages.asset", "已取消备货", number=number)
        view.run(commands.pick_assets, [number], request.form.get("because", ""))
        return view.back("pages.asset", "已备货,随下一张单据移动", number=number)
    return _asset_page(view.read(queries.asset, number), form)


@signed_in
def asset_loans() -> Any:
    """Slips: those open first asked for, or all."""
    shown = request.args.get("show", "open")
    narrowed = {"only_open": shown == "open", "only_overdue": shown == "overdue"}
    if file := LOANS.file_of(lambda: view.read(loan_queries.asset_loans, **narrowed, limit=ALL_ROWS)):
        return file
    total = view.read(loan_queries.count_asset_loans, **narrowed)
    page, pages = page_of(total, PAGE)
    rows = view.read(loan_queries.asset_loans, **narrowed, offset=(page - 1) * PAGE)
    return view.page("assets/loans.html", rows=rows, shown=shown, total=total, page=page, pages=pages)


@signed_in
def asset_loan(number: str) -> Response:
    """One slip; what comes back is ticked."""
    row = view.read(loan_queries.asset_loan, number)
    form = Form(labels=LABELS, wrappers=frozenset())
    if form.is_posted:
        with form.attempt():
            view.run(lending.take_back, _returned(number))
            return view.back("pages.asset_loan", "已归还", number=number)
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    shelves = [
        place
        for place in (view.read(places.locations, view.read(places.site, row.site_code).id) if row.out else [])
        if place.kind.value == "storage"
    ]
    return form.page(
        "assets/loan.html",
        row=row,
        papers=papers,
        conditions=list(AssetCondition),
        shelves=shelves,
        may_keep=view.may_at("assets.keep", row.organisation_id),
    )


def _returned(number: str) -> HandBackInput:
    """The ticked lines of the form, each with how the unit came back."""
    chosen = []
    for place in forms.filled_rows("lines"):
        at = f"lines-{place}-"
        if not request.form.get(f"{at}is_back"):
            continue
        condition = request.form.get(f"{at}condition", "")
        chosen.append(
            load(
                HandBackLine,
                {
                    "asset_number": request.form.get(f"{at}asset_number", ""),
                    "condition": condition,
                    "defects": request.form.get(f"{at}defects", "").strip(),
                    "meter_hours": forms.whole(f"{at}meter_hours"),
                },
            )
        )
    text = {name: request.form.get(name, "").strip() for name in ("returned_by", "location_code", "note")}
    return HandBackInput(loan_number=number, lines=tuple(chosen), **text)


@signed_in
def asset(number: str) -> Response:
    """One unit: what it is, where, who has it, what is due, what happened."""
    return _asset_page(view.read(queries.asset, number), Form(labels=LABELS))


def _asset_page(row: AssetRow, form: Form) -> Response:
    return form.page(
        "assets/asset.html",
        row=row,
        upkeep=view.read(queries.asset_upkeep, row.number),
        works=view.read(queries.asset_works, row.number),
        events=view.read(queries.asset_history, row.number),
        papers=view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else [],
        may_keep=row.custodian_id is not None and view.may_at("assets.keep", row.custodian_id),
    )


@signed_in
def asset_work(number: str) -> Response:
    """Write down work done on a unit."""
    row = view.read(queries.asset, number)
    kind = request.args.get("kind", "")
    form = Form({"kind": kind, "plan_name": request.args.get("plan", "")}, LABELS)
    if form.is_posted:
        with form.attempt():
            given = forms.parse(
                AssetWorkInput,
                {"asset_number": row.number, "is_passed": request.form.get("result") != "failed"},
                leaving_out={"result"},
            )
            view.run(upkeep.record_work, given)
            return view.back("pages.asset", "已登记", number=row.number)
    plans = view.read(queries.asset_plans, row.sku)
    return form.page("assets/work.html", row=row, kinds=list(AssetWorkKind), plans=plans)


@signed_in
def asset_out_of_order(number: str) -> Response:
    """A unit is broken."""
    row = view.read(queries.asset, number)
    form = Form(labels=LABELS)
    with form.attempt():
        given = forms.parse(OutOfOrderInput, {"asset_number": row.number})
        view.run(upkeep.put_out_of_order, given)
        return view.back("pages.asset", "已停用", number=row.number)
    return _asset_page(row, form)


@signed_in
def asset_restore(number: str) -> Response:
    """A unit is mended."""
    row = view.read(queries.asset, number)
    form = Form(labels=LABELS)
    with form.attempt():
        view.run(upkeep.put_back_in_service, row.number, request.form.get("because", ""))
        return view.back("pages.asset", "已恢复使用", number=row.number)
    return _asset_page(row, form)


@signed_in
def asset_card(number: str) -> Response:
    """Issue a unit's card and show it."""
    row = view.read(queries.asset, number)
    paper_id = view.run(issue_card, row.number)
    return view.back("pages.paper", "已签发资产卡,请打印", reference=str(paper_id))
