"""Which office writes a body's documents."""

from __future__ import annotations

from sqlalchemy import select

from supplyops.people.rules import OrganisationKind
from supplyops.people.tables import Organisation
from supplyops.runtime import Context


def issuing_office(ctx: Context, body: Organisation) -> Organisation:
    """The department under a government that has a document prefix of its own, first by code; else the body itself.

    Which department that is, is data: bureaus are renamed and merged, the code is not.
    """
    if body.document_prefix and body.parent_id is not None and body.kind == "department":
        return body
    offices = select(Organisation).where(
        Organisation.parent_id == body.id, Organisation.document_prefix != "", Organisation.kind == "department"
    )
    return ctx.session.scalars(offices.order_by(Organisation.code).limit(1)).one_or_none() or body


def government_of(ctx: Context, body: Organisation) -> Organisation:
    """The body itself, or the government whose department it is."""
    if body.kind is not OrganisationKind.DEPARTMENT or body.parent_id is None:
        return body
    parent = ctx.session.get(Organisation, body.parent_id)
    return body if parent is None or parent.kind is not OrganisationKind.GOVERNMENT else parent
