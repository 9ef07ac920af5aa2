"""Reading scrap applications, and how long is left to apply this year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from supplyops.catalogue.tables import Item
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.norms.figures import number_or_shipped, text_or_shipped
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.scraps.rules import DisposalMethod, ScrapBody, ScrapReason, ScrapState, deadline
from supplyops.scraps.tables import Scrap, ScrapDecision, ScrapLine
from supplyops.stock.tables import Lot


@dataclass(frozen=True, slots=True)
class ScrapLineRow:
    """One lot to be scrapped."""

    line_no: int
    sku: str
    item_name: str
    spec: str
    unit: str
    lot_number: str
    location_name: str
    quantity: int
    reason: ScrapReason
    unit_price_fen: int
    note: str

    @property
    def value_fen(self) -> int:
        """What it cost."""
        return self.quantity * self.unit_price_fen


@dataclass(frozen=True, slots=True)
class ScrapDecisionRow:
    """The word of one of the four bodies."""

    body: ScrapBody
    organisation_name: str
    agrees: bool
    note: str
    decided_at: datetime
    decided_by_name: str


@dataclass(frozen=True, slots=True)
class ScrapRow:
    """A scrap application with everything that was said on it."""

    id: UUID
    number: str
    state: ScrapState
    organisation_id: UUID
    organisation_name: str
    government_id: UUID
    site_code: str
    site_name: str
    note: str
    cause_number: str
    deadline_on: date | None
    applied_at: datetime
    applied_by_id: UUID | None
    applied_by_name: str
    institution: str
    report_number: str
    experts: tuple[str, ...]
    conclusion: str
    appraised_on: date | None
    public_place: str
    public_from: date | None
    public_to: date | None
    method: DisposalMethod | None
    buyer: str
    agreement_number: str
    income_fen: int
    witness: str
    evidence: str
    disposed_at: datetime | None
    ended_because: str
    lines: tuple[ScrapLineRow, ...]
    decisions: tuple[ScrapDecisionRow, ...]

    @property
    def is_late(self) -> bool:
        """Applied for after the year's last day."""
        return self.deadline_on is not None and business_day(self.applied_at) > self.deadline_on

    @property
    def missing(self) -> tuple[ScrapBody, ...]:
        """Who has not spoken yet."""
        said = {each.body for each in self.decisions}
        return tuple(body for body in ScrapBody if body not in said)

    @property
    def value_fen(self) -> int:
        """What everything cost."""
        return sum(line.value_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class ScrapYear:
    """What the house asks for: until when to apply, how many experts, how many days public."""

    deadline_on: date
    days_left: int
    experts_min: int
    publicity_days: int


@dataclass(frozen=True, slots=True)
class ScrapFilter:
    """Which applications are asked for; empty fields do not narrow."""

    state: ScrapState | None = None
    site_code: str = ""
    text: str = ""


@query(Permission.STOCK_SEE)
def scraps(
    ctx: Context, where: ScrapFilter = ScrapFilter(), offset: int = 0, limit: int | None = None
) -> list[ScrapRow]:
    """Scrap applications in reach, newest first; all of them where no limit is said."""
    order = Scrap.applied_at.desc(), Scrap.number.desc()
    return _rows(ctx, _statement().where(*_conditions(where)).order_by(*order).offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def count_scraps(ctx: Context, where: ScrapFilter = ScrapFilter(), most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return int(ctx.session.scalar(also_showing(counted(_statement().where(*_conditions(where)), most), Site)) or 0)


def _conditions(where: ScrapFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.state is not None:
        conditions.append(Scrap.state == where.state)
    if where.site_code:
        conditions.append(Site.code == where.site_code)
    if where.text:
        named = (Scrap.number, Site.name, Scrap.cause_number)
        conditions.append(or_(*(column.contains(where.text, autoescape=True) for column in named)))
    return conditions


@query(Permission.STOCK_SEE)
def scrap(ctx: Context, number: str) -> ScrapRow:
    """One scrap application by number."""
    found = _rows(ctx, _statement().where(Scrap.number == number))
    if not found:
        raise NotFound("scrap", reference=number)
    return found[0]


@query(Permission.STOCK_SEE)
def scrap_by_id(ctx: Context, scrap_id: UUID) -> ScrapRow:
    """One scrap application by id."""
    found = _rows(ctx, _statement().where(Scrap.id == scrap_id))
    if not found:
        raise NotFound("scrap")
    return found[0]


@query(Permission.STOCK_SEE)
def scrap_year(ctx: Context) -> ScrapYear:
    """Until when stores apply this year, and what else the house asks for."""
    today = business_day(ctx.now)
    last = deadline(text_or_shipped(ctx, "scrap.deadline"), today.year)
    return ScrapYear(
        last,
        (last - today).days,
        number_or_shipped(ctx, "scrap.experts_min"),
        number_or_shipped(ctx, "scrap.publicity_days"),
    )


def _statement() -> Any:
    return (
        select(Scrap, Organisation.name, Site)
        .join(Organisation, Organisation.id == Scrap.organisation_id)
        .join(Site, Site.id == Scrap.site_id)
    )


def _rows(ctx: Context, statement: Any) -> list[ScrapRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Site)).all())


def _whole(ctx: Context, found: Sequence[Any]) -> list[ScrapRow]:
    ids = [row[0].id for row in found]
    lines, decisions = _lines(ctx, ids), _decisions(ctx, ids)
    taken = {"organisation_name", "site_code", "site_name", "experts", "lines", "decisions"}
    own = [name for name in ScrapRow.__dataclass_fields__ if name not in taken]
    return [
        ScrapRow(
            **{name: getattr(row, name) for name in own},
            organisation_name=keeper,
            site_code=site.code,
            site_name=site.name,
            experts=tuple(row.experts),
            lines=tuple(lines.get(row.id, ())),
            decisions=tuple(decisions.get(row.id, ())),
        )
        for row, keeper, site in found
    ]


def _lines(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[ScrapLineRow]]:
    found: dict[UUID, list[ScrapLineRow]] = {}
    for line, lot, item, place in ctx.session.execute(
        select(ScrapLine, Lot, Item, Location.name)
        .join(Lot, Lot.id == ScrapLine.lot_id)
        .join(Item, Item.id == ScrapLine.item_id)
        .join(Location, Location.id == ScrapLine.location_id)
        .where(ScrapLine.scrap_id.in_(ids))
        .order_by(ScrapLine.scrap_id, ScrapLine.line_no)
    ):
        found.setdefault(line.scrap_id, []).append(
            ScrapLineRow(
                line.line_no,
                item.sku,
                item.name,
                item.spec,
                item.unit,
                lot.number,
                place,
                line.quantity,
                line.reason,
                lot.unit_price_fen,
                line.note,
            )
        )
    return found


def _decisions(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[ScrapDecisionRow]]:
    found: dict[UUID, list[ScrapDecisionRow]] = {}
    for row, organisation in ctx.session.execute(
        select(ScrapDecision, Organisation.name)
        .join(Organisation, Organisation.id == ScrapDecision.organisation_id)
        .where(ScrapDecision.scrap_id.in_(ids))
        .order_by(ScrapDecision.seq)
    ):
        found.setdefault(row.scrap_id, []).append(
            ScrapDecisionRow(row.body, organisation, row.agrees, row.note, row.decided_at, row.decided_by_name)
        )
    return found
