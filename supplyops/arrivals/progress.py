"""How far a delivery has come, told from its loads, the receipts that still stand, and their reports."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from supplyops.arrivals.rules import ArrivalState
from supplyops.arrivals.tables import Arrival, ArrivalLine, ArrivalLoad, ArrivalReceipt
from supplyops.runtime import Context, unscoped
from supplyops.stock.rules import StockDocumentState
from supplyops.stock.tables import Acceptance, StockDocument, StockDocumentLine

_WHY = "what was taken in for a delivery belongs to it, whoever looks"


def taken_in(column: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    """Of one announced line: the sum of a column of the receipt lines that still stand."""
    statement = (
        select(func.coalesce(func.sum(column), 0))
        .select_from(ArrivalReceipt)
        .join(StockDocumentLine, StockDocumentLine.id == ArrivalReceipt.document_line_id)
        .join(StockDocument, StockDocument.id == StockDocumentLine.document_id)
        .where(ArrivalReceipt.arrival_line_id == ArrivalLine.id, StockDocument.state == StockDocumentState.POSTED)
    )
    return statement.correlate(ArrivalLine).scalar_subquery()


def _receipts() -> Select[UUID]:
    """Receipts of the delivery at hand that still stand."""
    return (
        select(StockDocument.id)
        .join(ArrivalLoad, ArrivalLoad.document_id == StockDocument.id)
        .where(ArrivalLoad.arrival_id == Arrival.id, StockDocument.state == StockDocumentState.POSTED)
        .correlate(Arrival)
    )


def _value(state: ArrivalState) -> ColumnElement[str]:
    return literal(state.value)


def _state() -> ColumnElement[str]:
    waits = exists().where(ArrivalLoad.arrival_id == Arrival.id, ArrivalLoad.ended_at.is_(None)).correlate(Arrival)
    lacks = (
        exists()
        .where(
            ArrivalLine.arrival_id == Arrival.id,
            ArrivalLine.quantity > taken_in(StockDocumentLine.actual),
        )
        .correlate(Arrival)
    )
    receipts = _receipts()
    silent = receipts.join(Acceptance, Acceptance.id == StockDocument.id).where(Acceptance.reported_at.is_(None))
    return case(
        (Arrival.cancelled_at.is_not(None), _value(ArrivalState.CANCELLED)),
        (waits, _value(ArrivalState.INSPECTED)),
        (and_(lacks, Arrival.closed_at.is_(None), receipts.exists()), _value(ArrivalState.PARTLY)),
        (and_(lacks, Arrival.closed_at.is_(None)), _value(ArrivalState.ANNOUNCED)),
        (silent.exists(), _value(ArrivalState.ACCEPTED)),
        (receipts.exists(), _value(ArrivalState.REPORTED)),
        else_=_value(ArrivalState.CANCELLED),
    )


state = _state()
"""The state of the arrival at hand, as a column of any select on `arrival`."""


def state_of(ctx: Context, arrival_id: UUID) -> ArrivalState:
    """The state of one delivery now."""
    return ArrivalState(ctx.session.scalars(unscoped(select(state).where(Arrival.id == arrival_id), _WHY)).one())


def accepted_of(ctx: Context, arrival_id: UUID) -> dict[UUID, int]:
    """Announced line -> what was accepted of it so far."""
    statement = select(ArrivalLine.id, taken_in(StockDocumentLine.actual)).where(ArrivalLine.arrival_id == arrival_id)
    return {line_id: int(quantity) for line_id, quantity in ctx.session.execute(unscoped(statement, _WHY))}


def has_receipts(ctx: Context, arrival_id: UUID) -> bool:
    """Was anything taken in that was not taken back?"""
    statement = select(Arrival.id).where(Arrival.id == arrival_id, _receipts().exists())
    return ctx.session.scalar(unscoped(statement, _WHY)) is not None


def open_load(ctx: Context, arrival_id: UUID) -> ArrivalLoad | None:
    """The load that waits at the gate."""
    statement = select(ArrivalLoad).where(ArrivalLoad.arrival_id == arrival_id, ArrivalLoad.ended_at.is_(None))
    return ctx.session.scalars(statement).one_or_none()
