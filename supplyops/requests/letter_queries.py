"""Reading coordination letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import aliased

from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.registry import named
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.requests.rules import LetterState
from supplyops.requests.tables import CoordinationLetter
from supplyops.runtime import Context, query

_Addressee = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A coordination letter and its answer."""

    id: UUID
    number: str
    document_number: str
    state: LetterState
    incident_id: UUID
    organisation_id: UUID
    organisation_name: str
    addressee_name: str
    subject: str
    body: str
    reply_by: datetime
    contact: str
    phone: str
    sent_at: datetime
    answered_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters are asked for; empty fields do not narrow."""

    incident_id: UUID | None = None
    state: LetterState | None = None


@query(Permission.REQUESTS_SEE)
def letters(
    ctx: Context, where: LetterFilter = LetterFilter(), offset: int = 0, limit: int | None = None
) -> list[LetterRow]:
    """Coordination letters in reach, newest first; all of them where no limit is said."""
    order = CoordinationLetter.sent_at.desc(), CoordinationLetter.number.desc()
    return _rows(ctx, _statement().where(*_conditions(where)).order_by(*order).offset(offset).limit(limit))


@query(Permission.REQUESTS_SEE)
def count_letters(ctx: Context, where: LetterFilter = LetterFilter(), most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return int(ctx.session.scalar(counted(select(CoordinationLetter.id).where(*_conditions(where)), most)) or 0)


@query(Permission.REQUESTS_SEE)
def letter(ctx: Context, reference: str) -> LetterRow:
    """One letter by number, the office's document number or id."""
    wanted = or_(named(CoordinationLetter, reference), CoordinationLetter.document_number == reference)
    found = _rows(ctx, _statement().where(wanted).order_by(CoordinationLetter.sent_at.desc()).limit(1))
    if not found or not reference:
        raise NotFound("coordination_letter", reference=reference)
    return found[0]


def _conditions(where: LetterFilter) -> list[ColumnElement[bool]]:
    wanted = ((CoordinationLetter.incident_id, where.incident_id), (CoordinationLetter.state, where.state))
    return [column == value for column, value in wanted if value is not None]


def _statement() -> Select[*tuple[Any, ...]]:
    return (
        select(CoordinationLetter, Organisation.name, _Addressee.name)
        .join(Organisation, Organisation.id == CoordinationLetter.organisation_id)
        .join(_Addressee, _Addressee.id == CoordinationLetter.addressee_id)
    )


def _rows(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[LetterRow]:
    taken = {"organisation_name", "addressee_name"}
    own = [name for name in LetterRow.__dataclass_fields__ if name not in taken]
    return [
        LetterRow(**{name: getattr(row, name) for name in own}, organisation_name=sender, addressee_name=addressee)
        for row, sender, addressee in ctx.session.execute(statement)
    ]
