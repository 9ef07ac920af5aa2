"""Ways to take a late request line along, in names people know: which lines are short, and what was found for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from optimizer.codec import rebuilt_from
from optimizer.offered import Offer, Piece, Way
from supplyops.catalogue.tables import Item
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.planning import asked
from supplyops.planning.asked import WorkState
from supplyops.planning.demand import demand_of
from supplyops.planning.findings import Finding, findings_of
from supplyops.planning.late_lines import line_named, open_of
from supplyops.planning.naming import Names
from supplyops.planning.queries import PlanHead, head
from supplyops.planning.rules import WORKED_BY, AdviceState
from supplyops.planning.tables import Plan, PlanInsertions, PlanLine, PlanVariant
from supplyops.planning.variants import is_open
from supplyops.planning.whynot import Explainer
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, query, unscoped

BECAUSE = "who may see a plan sees what could be added to it"


@dataclass(frozen=True, slots=True)
class DelayRow:
    """A line that waits longer for the late one's sake."""

    request_number: str
    request_line_no: int
    delivery_site_name: str
    item_name: str
    seconds: int
    is_late: bool
    """Something of it comes after its latest arrival then."""


@dataclass(frozen=True, slots=True)
class PieceRow:
    """So much of one source, by which trip, from which store, when."""

    way: Way
    source: str
    origin_site_name: str
    contract_number: str
    item_name: str
    unit: str
    plate: str
    detour_of: int | None
    """Number of the plan's trip that makes the detour."""
    trip_no: int | None
    """Number of the trip in the plan with the line."""
    departs_at: datetime | None
    quantity: int
    serves: int
    arrives_at: datetime
    late_s: int
    """Seconds after the latest arrival; 0 for in time."""


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One way to serve the line, in one piece or several, at whose and what cost."""

    variant_id: UUID
    way: Way
    pieces: tuple[PieceRow, ...]
    """In the order in which they leave."""
    serves: int
    serves_in_time: int
    arrives_at: datetime
    """When the last of it is there."""
    late_s: int
    """Seconds after the latest arrival that the last of it is; 0 for in time."""
    more_fen: int
    more_m: int
    delays: tuple[DelayRow, ...]
    is_feasible: bool
    violations: tuple[Finding, ...]
    adopted_as: str


@dataclass(frozen=True, slots=True)
class LateLineRow:
    """A line that the plan does not serve wholly."""

    request_number: str
    request_line_no: int
    item_name: str
    unit: str
    delivery_site_name: str
    latest_arrival_at: datetime
    asked: int
    served: int
    """What the plan brings of it, early or late."""
    state: AdviceState | None
    """How the newest search for ways ended; None where nobody has asked."""
    offers: int


@dataclass(frozen=True, slots=True)
class PlanInsertionsRow:
    """The newest ways for a line, or how far the search is."""

    plan: PlanHead
    line: LateLineRow
    id: UUID | None
    state: AdviceState | None
    created_by: str
    created_at: datetime | None
    finished_at: datetime | None
    options: dict[str, Any]
    progress: dict[str, Any]
    error: dict[str, Any]
    is_lost: bool
    offers: tuple[OfferRow, ...]
    """The best first."""
    may_adopt: bool
    may_ask: bool
    """Is it a plan that people may adopt or work by?"""


@query(Permission.PLANS_SEE)
def insertions(ctx: Context, reference: str, request_number: str, line_no: int) -> PlanInsertionsRow:
    """The ways for a line in a plan: the newest, or how far the search is. Raises NotFound."""
    plan_head = head(ctx, reference)
    plan = ctx.session.get_one(Plan, plan_head.id, execution_options={"unscoped": True})
    line = line_named(ctx, plan, request_number, line_no, must_be_open=False)
    row = _newest(ctx, plan.id, line.id)
    (shown,) = _line_rows(ctx, plan, [line], {line.id: row} if row else {})
    may_adopt, may_ask = is_open(ctx, plan), plan.state in WORKED_BY
    if row is None:
        return PlanInsertionsRow(
            plan=plan_head, line=shown, **asked.NOBODY_ASKED, offers=(), may_adopt=may_adopt, may_ask=may_ask
        )
    return PlanInsertionsRow(
        plan=plan_head,
        line=shown,
        **asked.told(ctx, row),
        offers=_offers(ctx, plan, line, row) if row.offers else (),
        may_adopt=may_adopt,
        may_ask=may_ask,
    )


@query(Permission.PLANS_SEE)
def insertions_state(ctx: Context, reference: str, request_number: str, line_no: int) -> WorkState | None:
    """How far the newest search for ways for a line is; None where nobody has asked for any."""
    plan = ctx.session.get_one(Plan, head(ctx, reference).id, execution_options={"unscoped": True})
    line = line_named(ctx, plan, request_number, line_no, must_be_open=False)
    row = _newest(ctx, plan.id, line.id)
    return asked.state_of(ctx, row) if row else None


@query(Permission.PLANS_SEE)
def late_lines(ctx: Context, reference: str) -> tuple[LateLineRow, ...]:
    """Open lines of the incident that the plan's body has to serve and the plan does not serve wholly, the most urgent first."""
    plan = ctx.session.get_one(Plan, head(ctx, reference).id, execution_options={"unscoped": True})
    incident = ctx.session.get_one(Incident, plan.incident_id, execution_options={"unscoped": True})
    demand = demand_of(ctx, incident, ctx.session.get_one(Organisation, plan.organisation_id))
    newest = _newest_by_line(ctx, plan.id)
    rows = _line_rows(ctx, plan, [wanted.line for wanted in demand.lines], newest)
    short = [row for row in rows if row.served < row.asked]
    return tuple(sorted(short, key=lambda row: (row.latest_arrival_at, row.request_number, row.request_line_no)))


def _line_rows(
    ctx: Context, plan: Plan, lines: Sequence[SupplyRequestLine], newest: Mapping[UUID, PlanInsertions]
) -> list[LateLineRow]:
    ids = [line.id for line in lines]
    names = {
        row[0]: row[1:]
        for row in ctx.session.execute(
            unscoped(
                select(SupplyRequestLine.id, Item.name, Item.unit, SupplyRequest.number, Site.name)
                .join(Item, Item.id == SupplyRequestLine.item_id)
                .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
                .join(Site, Site.id == SupplyRequest.delivery_site_id)
                .where(SupplyRequestLine.id.in_(ids)),
                BECAUSE,
            )
        )
    }
    serving = (
        select(PlanLine.request_line_id, func.sum(PlanLine.serves))
        .where(PlanLine.plan_id == plan.id, PlanLine.request_line_id.in_(ids))
        .group_by(PlanLine.request_line_id)
    )
    served = {line_id: int(serves) for line_id, serves in ctx.session.execute(unscoped(serving, BECAUSE))}
    open_now = open_of(ctx, plan, lines)
    found = []
    for line in lines:
        item, unit, number, site = names[line.id]
        asked_for = newest.get(line.id)
        found.append(
            LateLineRow(
                request_number=number,
                request_line_no=line.line_no,
                item_name=item,
                unit=unit,
                delivery_site_name=site,
                latest_arrival_at=line.latest_arrival_at,
                asked=open_now[line.id],
                served=served.get(line.id, 0),
                state=asked_for.state if asked_for else None,
                offers=len(asked_for.offers) if asked_for else 0,
            )
        )
    return found


def _newest(ctx: Context, plan_id: UUID, line_id: UUID) -> PlanInsertions | None:
    return ctx.session.scalars(
        select(PlanInsertions)
        .where(PlanInsertions.plan_id == plan_id, PlanInsertions.request_line_id == line_id)
        .order_by(PlanInsertions.created_at.desc(), PlanInsertions.id.desc())
        .limit(1)
    ).one_or_none()


def _newest_by_line(ctx: Context, plan_id: UUID) -> dict[UUID, PlanInsertions]:
    rows = select(PlanInsertions).where(PlanInsertions.plan_id == plan_id).options(defer(PlanInsertions.problem))
    ordered = rows.order_by(PlanInsertions.created_at, PlanInsertions.id)
    return {row.request_line_id: row for row in ctx.session.scalars(ordered)}


def _offers(ctx: Context, plan: Plan, line: SupplyRequestLine, row: PlanInsertions) -> tuple[OfferRow, ...]:
    """What was found, with names."""
    teller = _Teller(ctx, plan, line, row)
    variants = {
        str(variant.id): variant
        for variant in ctx.session.scalars(
            select(PlanVariant).where(PlanVariant.insertions_id == row.id).options(defer(PlanVariant.solution))
        )
    }
    adopted = _numbers(ctx, [variant.adopted_as_id for variant in variants.values()])
    return tuple(teller.row(plain, variants[plain["variant_id"]], adopted) for plain in row.offers)


def _numbers(ctx: Context, plan_ids: list[UUID | None]) -> dict[UUID, str]:
    rows = select(Plan.id, Plan.number).where(Plan.id.in_([each for each in plan_ids if each is not None]))
    return dict(ctx.session.execute(unscoped(rows, BECAUSE)).all())


class _Teller:
    """Knows the names of one search's problem."""

    def __init__(self, ctx: Context, plan: Plan, line: SupplyRequestLine, row: PlanInsertions) -> None:
        self._ctx, self._problem = ctx, row.problem
        self._starts_at, self._due_at = plan.starts_at, line.latest_arrival_at
        self._names = Names(ctx, row.problem)
        self._explainer = Explainer(ctx, row.problem, plan.starts_at)
        self._origins = {each["id"]: each for kind in ("lots", "contracts") for each in row.problem[kind]}

    def row(self, plain: dict[str, Any], variant: PlanVariant, adopted: dict[UUID, str]) -> OfferRow:
        """One way."""
        offer = rebuilt_from(Offer, {name: value for name, value in plain.items() if name != "variant_id"})
        return OfferRow(
            variant_id=variant.id,
            way=offer.way,
            pieces=tuple(map(self._piece, offer.pieces)),
            serves=offer.serves,
            serves_in_time=offer.serves_in_time,
            arrives_at=self._at(offer.arrives_at),
            late_s=self._late(offer.arrives_at),
            more_fen=offer.more_fen,
            more_m=offer.more_m,
            delays=tuple(
                DelayRow(
                    *self._names.request(each.line_id), self._names.delivery(each.line_id), self._names.asked(each.line_id)[0],
                    each.seconds, each.is_late,
                )
                for each in offer.delays
            ),
            is_feasible=variant.verdict["is_feasible"],
            violations=self._findings(variant),
            adopted_as=adopted[variant.adopted_as_id] if variant.adopted_as_id else "",
        )  # fmt: skip

    def _piece(self, piece: Piece) -> PieceRow:
        source = self._origins[piece.source_id]
        return PieceRow(
            way=piece.way,
            source=piece.source_id,
            origin_site_name=self._names.site(source["site_id"]),
            contract_number=self._explainer.contract_number(piece.source_id),
            item_name=self._names.item(source["item_id"]),
            unit=self._names.unit(source["item_id"]),
            plate=piece.vehicle_id,
            detour_of=piece.detour_of,
            trip_no=piece.trip_no,
            departs_at=None if piece.departs_at is None else self._at(piece.departs_at),
            quantity=piece.quantity,
            serves=piece.serves,
            arrives_at=self._at(piece.arrives_at),
            late_s=self._late(piece.arrives_at),
        )

    def _late(self, seconds: int) -> int:
        return max(0, int((self._at(seconds) - self._due_at).total_seconds()))

    def _findings(self, variant: PlanVariant) -> tuple[Finding, ...]:
        wrong = variant.verdict["violations"]
        solution = variant.solution if wrong else {}
        return findings_of(self._ctx, self._problem, solution, self._starts_at, wrong)

    def _at(self, seconds: int) -> datetime:
        return self._starts_at + timedelta(seconds=seconds)
