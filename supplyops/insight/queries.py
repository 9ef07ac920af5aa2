"""The numbers on the boards, each with the list that stands behind it; what the map shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from supplyops.assets import due_queries as due_assets
from supplyops.catalogue.tables import Item
from supplyops.counts.queries import CountFilter, number_of_counts
from supplyops.counts.rules import CountState
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.insight.decision_rows import DECISIONS
from supplyops.insight.rows import WORK as ORDERS
from supplyops.insight.rows import Found, WorkRow
from supplyops.kernel.access import Permission, Role
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.places import queries as places
from supplyops.places.rules import LocationKind, RoadStatus
from supplyops.places.tables import Location, Site
from supplyops.recoveries import queries as recoveries
from supplyops.recoveries.queries import DueFilter
from supplyops.requests.rules import LetterState, RequestState
from supplyops.requests.tables import CoordinationLetter, SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, query
from supplyops.stock import queries as stock
from supplyops.stock.tables import Lot, StockBalance
from supplyops.stock.views import StockFilter
from supplyops.upkeep import due_queries as due_upkeep
from supplyops.upkeep.rules import OF_LOTS

WORK_MAX = 500
WORK = ORDERS | DECISIONS


@dataclass(frozen=True, slots=True)
class Tile:
    """A number, the list behind it and how to narrow that list; `of` names a part of what is counted (a need class)."""

    code: str
    number: int
    noun: str
    where: dict[str, str] = field(default_factory=dict)
    tone: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The tiles of one duty."""

    duty: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class SiteStock:
    """So much of one item on the shelves of one site."""

    site_id: UUID
    sku: str
    item_name: str
    unit: str
    quantity: int


Count = Callable[[Context], list[Tile]]


def _count(ctx: Context, statement: Found) -> int:
    options = statement.get_execution_options()
    counting = select(func.count()).select_from(statement.order_by(None).subquery())
    return int(ctx.session.scalar(counting.execution_options(**options)) or 0)


def _work(code: str, tone: str = "") -> Count:
    def tiles(ctx: Context) -> list[Tile]:
        if not ctx.principal.holds(WORK[code].permission):
            return []
        return [Tile(code, _count(ctx, WORK[code].statement(ctx)), "work", {"code": code}, tone)]

    return tiles


def _incidents_open(ctx: Context) -> list[Tile]:
    if not ctx.principal.holds(Permission.INCIDENTS_SEE):
        return []
    found = incidents.incidents(ctx, IncidentState.OPEN)
    return [Tile("incidents_open", len(found), "incidents", {"state": "open"}, "red")]


def _requests(code: str, state: RequestState, tone: str = "") -> Count:
    def tiles(ctx: Context) -> list[Tile]:
        if not ctx.principal.holds(Permission.REQUESTS_SEE):
            return []
        number = _count(ctx, select(SupplyRequest.id).where(SupplyRequest.state == state))
        return [Tile(code, number, "requests", {"state": state.value}, tone)]

    return tiles


def _requests_to_review(ctx: Context) -> list[Tile]:
    """Submitted by somebody else to a body the reader reviews for."""
    rows = ctx.session.execute(
        select(SupplyRequest.addressee_id, SupplyRequest.submitted_by_id).where(
            SupplyRequest.state == RequestState.SUBMITTED
        )
    )
    waiting = [
        body for body, sender in rows if sender != ctx.principal.user_id and ctx.may(Permission.REQUESTS_REVIEW, body)
    ]
    where = {"state": RequestState.SUBMITTED.value, "review": "1"}
    return [Tile("requests_to_review", len(waiting), "requests", where, "amber")]


def _lines_unmet(ctx: Context) -> list[Tile]:
    """Accepted lines that no owner has approved in full yet, by class."""
    if not ctx.principal.holds(Permission.REQUESTS_SEE):
        return []
    rows = ctx.session.execute(
        select(SupplyRequestLine.class_rank, func.count())
        .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
        .where(SupplyRequest.state == RequestState.ACCEPTED, SupplyRequestLine.accepted > SupplyRequestLine.approved)
        .group_by(SupplyRequestLine.class_rank)
        .order_by(SupplyRequestLine.class_rank)
    )
    return [
        Tile(
            "lines_unmet",
            number,
            "request_lines",
            {"rank": str(rank), "unmet": "1"},
            "red" if rank == 1 else "",
            str(rank),
        )
        for rank, number in rows
    ]


def _letters(ctx: Context) -> list[Tile]:
    if not ctx.principal.holds(Permission.REQUESTS_SEE):
        return []
    number = _count(ctx, select(CoordinationLetter.id).where(CoordinationLetter.state == LetterState.SENT))
    return [Tile("letters_waiting", number, "letters", {"state": "sent"})]


def _roads(ctx: Context) -> list[Tile]:
    states = [road.status for road in places.road_states(ctx)]
    return [
        Tile(f"roads_{status.value}", states.count(status), "roads", {"status": status.value}, tone)
        for status, tone in ((RoadStatus.CLOSED, "red"), (RoadStatus.LIMITED, "amber"))
    ]


def _recoveries_overdue(ctx: Context) -> list[Tile]:
    if not ctx.principal.holds(Permission.STOCK_SEE):
        return []
    late = recoveries.recovery_dues(ctx, DueFilter(only_overdue=True))
    return [Tile("recoveries_overdue", len(late), "recoveries_due", {"overdue": "1"}, "red")]


def _expiring(ctx: Context) -> list[Tile]:
    if not ctx.principal.holds(Permission.STOCK_SEE):
        return []
    today = business_day(ctx.now)
    return [
        Tile(
            f"stock_expiring_{days}",
            stock.count_stock_rows(ctx, StockFilter(expires_by=today + timedelta(days=days))),
            "stock_lots",
            {"expires_in": str(days)},
            tone,
        )
        for days, tone in ((30, "red"), (90, "amber"))
    ]


def _putaway(ctx: Context) -> list[Tile]:
    """Lots that lie in receiving areas in reach."""
    if not ctx.principal.holds(Permission.STOCK_SEE):
        return []
    lying = (
        select(StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Site, Site.id == Location.site_id)
        .where(Location.is_receiving.is_(True), StockBalance.on_hand > 0)
    )
    return [Tile("putaway_waiting", _count(ctx, lying), "putaway", {}, "amber")]


_RECEIVING: tuple[Count, ...] = (
    _work("arrivals_open"),
    _work("arrivals_inspected", "amber"),
    _work("arrivals_late", "red"),
    _putaway,
    _work("acceptances_unsigned", "amber"),
    _work("acceptances_unreported"),
    _work("acceptances_overdue", "red"),
)


def _counts_open(ctx: Context) -> list[Tile]:
    """Counts that somebody is at."""
    if not ctx.principal.holds(Permission.STOCK_SEE):
        return []
    number = number_of_counts(ctx, CountFilter(only_open=True))
    return [Tile("counts_open", number, "counts", {"open": "1"})]


def _counts_to_decide(ctx: Context) -> list[Tile]:
    """Counts whose differences wait for a decision."""
    if not ctx.principal.holds(Permission.COUNTS_APPROVE):
        return []
    number = number_of_counts(ctx, CountFilter(state=CountState.SUBMITTED))
    return [Tile("counts_to_decide", number, "counts", {"state": CountState.SUBMITTED.value}, "amber")]


def _assets_overdue(ctx: Context) -> list[Tile]:
    """Units that should be back, or worked on, by now."""
    if not ctx.principal.holds(Permission.ASSETS_KEEP):
        return []
    number = len(due_assets.assets_due(ctx, only_overdue=True))
    return [Tile("assets_overdue", number, "assets_due", {"overdue": "1"}, "red")]


def _upkeep_due(ctx: Context) -> list[Tile]:
    """Rounds that stores have to do; lots to be restacked or sampled are on the same page."""
    if not ctx.principal.holds(Permission.UPKEEP_RECORD):
        return []
    number = sum(row.kind not in OF_LOTS for row in due_upkeep.due_upkeep(ctx))
    return [Tile("upkeep_due", number, "upkeep", {"of": "site"}, "amber")]


_COMMAND: tuple[Count, ...] = (
    _incidents_open,
    _requests("requests_submitted", RequestState.SUBMITTED, "amber"),
    _lines_unmet,
    _work("parts_waiting", "amber"),
    _work("oral_unsigned", "red"),
    _work("consignments_underway"),
    _work("consignments_late", "red"),
    _work("transfers_late", "red"),
    _work("obligations_overdue", "amber"),
    _work("missions_unanswered"),
    _letters,
    _roads,
    _work("acceptances_overdue", "red"),
    _expiring,
)
DUTIES: dict[str, tuple[frozenset[Role], tuple[Count, ...]]] = {
    "command": (frozenset({Role.COMMANDER, Role.AUDITOR, Role.EVALUATOR}), _COMMAND),
    "approve": (
        frozenset({Role.APPROVER}),
        (
            _work("parts_waiting", "red"),
            _work("transfers_to_approve", "red"),
            _work("scraps_to_approve", "amber"),
            _work("oral_unsigned", "red"),
            _counts_to_decide,
            _work("rotations_to_decide"),
            _work("late_to_decide", "amber"),
            _work("purchase_plans_to_decide"),
            _incidents_open,
            _work("consignments_underway"),
        ),
    ),
    "review": (frozenset({Role.REVIEWER}), (_requests_to_review, _counts_to_decide, _incidents_open)),
    "dispatch": (
        frozenset({Role.DISPATCHER}),
        (
            _lines_unmet,
            _work("orders_to_accept"),
            _work("orders_to_load", "amber"),
            _work("consignments_underway"),
            _work("consignments_late", "red"),
            _work("transfers_late", "red"),
            _work("calloffs_unconfirmed", "amber"),
            _roads,
        ),
    ),
    "desk": (
        frozenset({Role.CLERK}),
        (
            _requests("requests_draft", RequestState.DRAFT, "amber"),
            _requests("requests_submitted", RequestState.SUBMITTED),
            _incidents_open,
            _letters,
            _expiring,
            _work("transfers_to_approve"),
            _work("transfers_late", "red"),
            _work("obligations_overdue", "amber"),
            _recoveries_overdue,
            _work("contracts_ending", "amber"),
            _work("calloffs_unconfirmed", "red"),
            _work("receipts_due", "amber"),
            *_RECEIVING,
        ),
    ),
    "store": (
        frozenset({Role.KEEPER, Role.CUSTODIAN}),
        (
            _work("orders_to_accept", "red"),
            _work("orders_to_load", "amber"),
            _work("consignments_underway"),
            *_RECEIVING,
            _work("transfers_to_send", "amber"),
            _work("transfers_underway"),
            _work("transfers_late", "red"),
            _recoveries_overdue,
            _work("scraps_open"),
            _expiring,
            _work("rotations_to_carry_out"),
            _assets_overdue,
            _counts_open,
            _upkeep_due,
        ),
    ),
    "team": (frozenset({Role.TEAM_LEADER}), (_work("missions_unanswered", "red"), _incidents_open)),
    "supply": (
        frozenset({Role.SUPPLIER}),
        (_work("calloffs_unconfirmed", "red"), _work("calloffs_to_ship", "amber"), _work("contracts_ending")),
    ),
}
"""What each duty's board counts. Somebody with two duties sees both; what two of them count is shown once."""


@query(Permission.SIGNED_IN)
def board(ctx: Context) -> list[Section]:
    """The boards of the reader's duties."""
    seen: set[tuple[str, str]] = set()
    sections = []
    for duty, (roles, counts) in DUTIES.items():
        if not ctx.principal.holds_role(*roles):
            continue
        tiles = [tile for count in counts for tile in count(ctx) if (tile.code, tile.of) not in seen]
        seen |= {(tile.code, tile.of) for tile in tiles}
        sections.append(Section(duty, tuple(tiles)))
    return sections


@query(Permission.SIGNED_IN)
def work(ctx: Context, code: str) -> list[WorkRow]:
    """The rows behind a number: what waits, the first to be due first."""
    if code not in WORK or not ctx.principal.holds(WORK[code].permission):
        raise NotFound("noun")
    rows = ctx.session.execute(WORK[code].statement(ctx).limit(WORK_MAX))
    return [WORK[code].row(row) for row in rows]


@query(Permission.STOCK_SEE)
def site_stock(ctx: Context) -> list[SiteStock]:
    """What lies on the shelves of every site in reach, by site and item."""
    rows = ctx.session.execute(
        select(StockBalance.site_id, Item.sku, Item.name, Item.unit, func.sum(StockBalance.on_hand))
        .join(Item, Item.id == StockBalance.item_id)
        .join(Location, Location.id == StockBalance.location_id)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .where(
            StockBalance.site_id.is_not(None),
            StockBalance.on_hand > 0,
            Location.kind == LocationKind.STORAGE,
            Lot.is_exercise.is_(False),
        )
        .group_by(StockBalance.site_id, Item.sku, Item.name, Item.unit)
        .order_by(StockBalance.site_id, Item.sku)
    )
    return [
        SiteStock(site_id, sku, name, unit, int(quantity)) for site_id, sku, name, unit, quantity in rows if site_id
    ]
