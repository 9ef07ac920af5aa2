"""Tables of plans."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.norms.rules import Season
from supplyops.planning.rules import AdviceState, PartState, PlanState, SourceKind
from supplyops.planning.variant_rules import VariantOrigin


class AskedWork:
    """Mark: work that somebody asks for and a worker does, under the job `job_id`; what `asked` can run, stop and end."""

    if TYPE_CHECKING:
        __tablename__: Any

        def __init__(self, **columns: Any) -> None: ...

        id: Mapped[UUID]
        state: Mapped[AdviceState]
        job_id: Mapped[UUID | None]
        options: Mapped[dict[str, Any]]
        error: Mapped[dict[str, Any]]
        created_at: Mapped[datetime]
        created_by_id: Mapped[UUID | None]
        finished_at: Mapped[datetime | None]


class Plan(Base, Sealed, Scoped):
    """One plan for one incident: the problem as it was, the solution as it was found, the verdict of the checker."""

    __tablename__ = "plan"
    __table_args__ = (
        Index("ix_plan_incident_id", "incident_id", "created_at"),
        Index("ix_plan_created_at", "created_at", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[PlanState] = mapped_column(Code(PlanState))
    job_id: Mapped[UUID | None]
    options: Mapped[dict[str, Any]]
    problem: Mapped[dict[str, Any]]
    problem_hash: Mapped[str] = mapped_column(String(80))
    heads: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime]
    solution: Mapped[dict[str, Any]]
    verdict: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]
    error: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    solved_at: Mapped[datetime | None]


class PlanPart(Base, Sealed):
    """What belongs to one owner in a plan; approved or refused as a whole by that owner."""

    __tablename__ = "plan_part"
    __table_args__ = (UniqueConstraint("plan_id", "owner_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[PartState] = mapped_column(Code(PartState))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(String(200))


class PlanTrip(Base, Sealed):
    """One vehicle's trip in a plan."""

    __tablename__ = "plan_trip"
    __table_args__ = (UniqueConstraint("plan_id", "trip_no"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    trip_no: Mapped[int]
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id"))
    departs_at: Mapped[datetime]
    returns_at: Mapped[datetime]
    distance_m: Mapped[int]
    mass_g: Mapped[int] = mapped_column(BigInteger())
    volume_cm3: Mapped[int] = mapped_column(BigInteger())
    stops: Mapped[list[Any]]
    ended_at: Mapped[datetime | None]
    """When dispatch told that the vehicle is free again, or that the trip will not take place."""


class PlanLine(Base, Sealed):
    """So much of one source for one request line, and how it gets there."""

    __tablename__ = "plan_line"
    __table_args__ = (
        UniqueConstraint("plan_id", "line_no"),
        Index("ix_plan_line_request_line_id", "request_line_id"),
        CheckConstraint("quantity > 0 AND serves > 0", name="quantities"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    line_no: Mapped[int]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    source_kind: Mapped[SourceKind] = mapped_column(Code(SourceKind))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    contract_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("contract_line.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    request_line_id: Mapped[UUID] = mapped_column(ForeignKey("supply_request_line.id"))
    origin_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    delivery_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    serves: Mapped[int] = mapped_column(BigInteger())
    """Units of the item asked for that this quantity stands for; differs only for a substitute."""
    trip_no: Mapped[int | None]
    arrives_at: Mapped[datetime]
    is_late: Mapped[bool]


class PlanGap(Base, Sealed):
    """What a plan could not serve of a request line, and why: codes with parameters, the binding ones first."""

    __tablename__ = "plan_gap"
    __table_args__ = (UniqueConstraint("plan_id", "request_line_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    request_line_id: Mapped[UUID] = mapped_column(ForeignKey("supply_request_line.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    late: Mapped[int] = mapped_column(BigInteger())
    """So much of the quantity comes after its latest arrival; the rest does not come."""
    reasons: Mapped[list[Any]]


class PlanAdvice(Base, Sealed, AskedWork):
    """What would help the lines a plan leaves short: worked out when somebody asks for it."""

    __tablename__ = "plan_advice"
    __table_args__ = (Index("ix_plan_advice_plan_id", "plan_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    state: Mapped[AdviceState] = mapped_column(Code(AdviceState))
    job_id: Mapped[UUID | None]
    options: Mapped[dict[str, Any]]
    offers: Mapped[list[Any]]
    """Goods outside the plan that were there when it was asked for."""
    answer: Mapped[dict[str, Any]]
    error: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    finished_at: Mapped[datetime | None]


class PlanAlternatives(Base, Sealed, AskedWork):
    """A plan's problem solved again with other emphases: worked out when somebody asks for it."""

    __tablename__ = "plan_alternatives"
    __table_args__ = (Index("ix_plan_alternatives_plan_id", "plan_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    state: Mapped[AdviceState] = mapped_column(Code(AdviceState))
    job_id: Mapped[UUID | None]
    options: Mapped[dict[str, Any]]
    error: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    finished_at: Mapped[datetime | None]


class PlanInsertions(Base, Sealed, AskedWork):
    """Ways to take a late request line along with a plan that stands: worked out when somebody asks for them."""

    __tablename__ = "plan_insertions"
    __table_args__ = (Index("ix_plan_insertions_plan_id", "plan_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    request_line_id: Mapped[UUID] = mapped_column(ForeignKey("supply_request_line.id"))
    state: Mapped[AdviceState] = mapped_column(Code(AdviceState))
    job_id: Mapped[UUID | None]
    options: Mapped[dict[str, Any]]
    problem: Mapped[dict[str, Any]]
    """The plan's problem with the line in it."""
    since: Mapped[dict[str, Any]]
    """What had changed since the plan was made."""
    offers: Mapped[list[Any]]
    """What each way brings and costs, the best first; the plan it makes is the variant it names."""
    error: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    finished_at: Mapped[datetime | None]


class PlanVariant(Base, Sealed):
    """Another solution of a plan's problem, judged by the checker: found with an emphasis, edited by hand, or with a late line."""

    __tablename__ = "plan_variant"
    __table_args__ = (Index("ix_plan_variant_plan_id", "plan_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    alternatives_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_alternatives.id"))
    insertions_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_insertions.id"))
    """Where it takes a late line along: its problem is the one with that line."""
    origin: Mapped[VariantOrigin] = mapped_column(Code(VariantOrigin))
    solution: Mapped[dict[str, Any]]
    verdict: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(String(200))
    """The file an edited plan came in."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    adopted_as_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan.id"))
    """The plan that was made of it."""


class ReserveScenario(Base, Sealed, Scoped):
    """Something that may come, for which a body weighs its reserve."""

    __tablename__ = "reserve_scenario"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    probability_permille: Mapped[int]
    hazard: Mapped[str] = mapped_column(String(40))
    season: Mapped[Season] = mapped_column(Code(Season))
    within_hours: Mapped[int]
    persons: Mapped[list[Any]]
    lost_site_codes: Mapped[list[Any]]
    closed_road_codes: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(String(200))


class ReserveAdvice(Base, Sealed, Scoped, AskedWork):
    """What a body should hold where for its scenarios, within a budget: worked out when somebody asks for it."""

    __tablename__ = "reserve_advice"
    __table_args__ = (Index("ix_reserve_advice_organisation_id", "organisation_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[AdviceState] = mapped_column(Code(AdviceState))
    job_id: Mapped[UUID | None]
    options: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    error: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    finished_at: Mapped[datetime | None]


class FloorRelease(Base, AppendOnly, Sealed):
    """An order by the owner that lets plans for an incident use stock below a floor."""

    __tablename__ = "floor_release"
    __table_args__ = (Index("ix_floor_release_incident_id", "incident_id"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    basis: Mapped[str] = mapped_column(String(200))
    ordered_at: Mapped[datetime]
    ordered_by_id: Mapped[UUID]
