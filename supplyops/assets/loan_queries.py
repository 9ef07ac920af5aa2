"""Asking after slips: who has what until when."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from supplyops.assets.tables import AssetLoan, AssetLoanLine
from supplyops.assets.views import PAGE, AssetLoanLineRow, AssetLoanRow
from supplyops.catalogue.tables import Item
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query, unscoped
from supplyops.stock.tables import Asset
from supplyops.teams.tables import RescueTeam

_Owner, _Holder = aliased(Organisation), aliased(Organisation)


@query(Permission.STOCK_SEE)
def asset_loans(
    ctx: Context, *, only_open: bool = False, only_overdue: bool = False, offset: int = 0, limit: int = PAGE
) -> list[AssetLoanRow]:
    """Slips in reach, newest first; open ones by the day they are due."""
    statement = _loans()
    if only_open or only_overdue:
        statement = statement.where(AssetLoan.closed_at.is_(None)).order_by(AssetLoan.due_on, AssetLoan.number)
    else:
        statement = statement.order_by(AssetLoan.handed_out_at.desc(), AssetLoan.number.desc())
    if only_overdue:
        statement = statement.where(AssetLoan.due_on < business_day(ctx.now))
    return _loan_rows(ctx, statement.offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def count_asset_loans(ctx: Context, *, only_open: bool = False, only_overdue: bool = False) -> int:
    """How many slips there are."""
    statement = select(func.count()).select_from(AssetLoan)
    if only_open or only_overdue:
        statement = statement.where(AssetLoan.closed_at.is_(None))
    if only_overdue:
        statement = statement.where(AssetLoan.due_on < business_day(ctx.now))
    return int(ctx.session.scalar(statement) or 0)


@query(Permission.STOCK_SEE)
def asset_loan(ctx: Context, number: str) -> AssetLoanRow:
    """One slip by number."""
    found = _loan_rows(ctx, _loans().where(AssetLoan.number == number))
    if not found:
        raise NotFound("asset_loan", number=number)
    return found[0]


@query(Permission.STOCK_SEE)
def asset_loan_by_id(ctx: Context, loan_id: UUID) -> AssetLoanRow:
    """One slip by id."""
    found = _loan_rows(ctx, _loans().where(AssetLoan.id == loan_id))
    if not found:
        raise NotFound("asset_loan")
    return found[0]


def _loans() -> Select[AssetLoan, str, Site, str, RescueTeam]:
    return (
        select(AssetLoan, _Owner.name, Site, _Holder.name, RescueTeam)
        .join(_Owner, _Owner.id == AssetLoan.organisation_id)
        .join(Site, Site.id == AssetLoan.site_id)
        .join(_Holder, _Holder.id == AssetLoan.holder_id)
        .outerjoin(RescueTeam, RescueTeam.id == AssetLoan.team_id)
    )


def _loan_rows(ctx: Context, statement: Select[AssetLoan, str, Site, str, RescueTeam]) -> list[AssetLoanRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Site, RescueTeam)).all())


def _whole(ctx: Context, rows: Sequence[Any]) -> list[AssetLoanRow]:
    lines = _loan_lines(ctx, [row[0].id for row in rows])
    today = business_day(ctx.now)
    taken = {"organisation_name", "site_code", "site_name", "holder_name", "team_code", "team_name", "is_overdue", "lines"}  # fmt: skip
    own = [name for name in AssetLoanRow.__dataclass_fields__ if name not in taken]
    return [
        AssetLoanRow(
            **{name: getattr(loan, name) for name in own},
            organisation_name=lender,
            site_code=site.code,
            site_name=site.name,
            holder_name=holder,
            team_code=team.code if team else "",
            team_name=team.name if team else "",
            is_overdue=loan.closed_at is None and loan.due_on < today,
            lines=tuple(lines.get(loan.id, ())),
        )
        for loan, lender, site, holder, team in rows
    ]


def _loan_lines(ctx: Context, loan_ids: Sequence[UUID]) -> dict[UUID, list[AssetLoanLineRow]]:
    rows = ctx.session.execute(
        unscoped(
            select(AssetLoanLine, Asset, Item.name)
            .join(Asset, Asset.id == AssetLoanLine.asset_id)
            .join(Item, Item.id == Asset.item_id)
            .where(AssetLoanLine.loan_id.in_(loan_ids))
            .order_by(AssetLoanLine.loan_id, AssetLoanLine.line_no),
            "whoever sees a slip sees what is on it",
        )
    )
    own = [name for name in AssetLoanLineRow.__dataclass_fields__ if hasattr(AssetLoanLine, name)]
    found: dict[UUID, list[AssetLoanLineRow]] = {}
    for line, unit, item_name in rows:
        values = {name: getattr(line, name) for name in own}
        found.setdefault(line.loan_id, []).append(
            AssetLoanLineRow(**values, asset_number=unit.number, serial_number=unit.serial_number, item_name=item_name)
        )
    return found
