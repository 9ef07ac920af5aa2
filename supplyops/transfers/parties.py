"""Who takes part in a transfer: sites, owners, and who has the say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from supplyops.kernel.checks import Checks
from supplyops.obligations.tables import Obligation
from supplyops.people.offices import government_of
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, unscoped
from supplyops.transfers.rules import CHANGES_OWNER, TransferKind, TransferOrderInput

_BECAUSE = "a transfer goes to sites and bodies outside the reach of who drafts it"


@dataclass(frozen=True, slots=True)
class Parties:
    """Everybody a transfer concerns."""

    from_site: Site
    to_site: Site
    owner: Organisation
    new_owner: Organisation | None
    approver: Organisation
    obligation: Obligation | None


def find_parties(ctx: Context, order: TransferOrderInput) -> Parties:
    """The sites and bodies that an order names. Raises InvalidInput naming what does not exist or does not fit the kind."""
    check = Checks()
    sites = {name: _site(ctx, check, name, getattr(order, name)) for name in ("from_site_code", "to_site_code")}
    owner = _body(ctx, check, "owner_code", order.owner_code)
    obligation = _obligation(ctx, check, order)
    check.done()
    from_site, to_site = sites["from_site_code"], sites["to_site_code"]
    assert from_site is not None
    assert to_site is not None
    assert owner is not None
    new_owner = _new_owner(ctx, check, order, to_site, obligation)
    check.done()
    _fitting(ctx, check, order, owner, new_owner, to_site, obligation)
    check.done()
    return Parties(from_site, to_site, owner, new_owner, approver_of(ctx, order.kind, owner, new_owner), obligation)


def approver_of(ctx: Context, kind: TransferKind, owner: Organisation, new_owner: Organisation | None) -> Organisation:
    """Who has the say: the owner; between neighbours the body that is next above both; for a draw the level that draws."""
    if kind is TransferKind.DRAW and new_owner is not None:
        return government_of(ctx, new_owner)
    if kind is TransferKind.PEER and new_owner is not None:
        return _above_both(ctx, owner, new_owner) or owner
    return owner


def _above_both(ctx: Context, one: Organisation, other: Organisation) -> Organisation | None:
    shared = ctx.session.scalars(
        select(Organisation).where(Organisation.in_chain.is_(True), Organisation.parent_id.is_not(None))
    )
    root_children = [body for body in shared if one.path.startswith(body.path) and other.path.startswith(body.path)]
    found = max(root_children, key=lambda body: len(body.path), default=None)
    return None if found is None or found.id in {one.id, other.id} else found


def _site(ctx: Context, check: Checks, field: str, code: str) -> Site | None:
    found = ctx.session.scalars(unscoped(select(Site).where(Site.code == code), _BECAUSE)).one_or_none()
    check.that(found is not None and found.is_active, field, "unknown_reference", value=code)
    return found


def _body(ctx: Context, check: Checks, field: str, code: str) -> Organisation | None:
    found = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    check.that(found is not None, field, "unknown_reference", value=code)
    return found


def _obligation(ctx: Context, check: Checks, order: TransferOrderInput) -> Obligation | None:
    if order.kind is not TransferKind.GIVE_BACK:
        return None
    found = ctx.session.scalars(select(Obligation).where(Obligation.number == order.settles)).one_or_none()
    check.that(found is not None, "settles", "unknown_reference", value=order.settles)
    return found


def _new_owner(
    ctx: Context, check: Checks, order: TransferOrderInput, to_site: Site, obligation: Obligation | None
) -> Organisation | None:
    if order.kind not in CHANGES_OWNER:
        return None
    if order.new_owner_code:
        return _body(ctx, check, "new_owner_code", order.new_owner_code)
    return ctx.session.get(Organisation, obligation.creditor_id if obligation else to_site.organisation_id)


def _fitting(
    ctx: Context,
    check: Checks,
    order: TransferOrderInput,
    owner: Organisation,
    new_owner: Organisation | None,
    to_site: Site,
    obligation: Obligation | None,
) -> None:
    kind = order.kind
    if kind is TransferKind.AGENCY:
        check.that(to_site.organisation_id != owner.id, "to_site_code", "agency_with_itself")
    if new_owner is None:
        return
    check.that(new_owner.id != owner.id, "new_owner_code", "same_owner")
    above, below = government_of(ctx, owner).path, government_of(ctx, new_owner).path
    if kind is TransferKind.ALLOCATION:
        check.that(below.startswith(above), "new_owner_code", "not_below_owner", owner=owner.name)
    if kind is TransferKind.DRAW:
        check.that(above.startswith(below) and above != below, "new_owner_code", "not_above_owner", owner=owner.name)
    if kind is TransferKind.PEER:
        beside = not above.startswith(below) and not below.startswith(above)
        check.that(beside, "new_owner_code", "not_beside_owner", owner=owner.name)
    if obligation is not None:
        check.that(obligation.debtor_id == owner.id, "owner_code", "not_the_debtor")
        check.that(obligation.creditor_id == new_owner.id, "new_owner_code", "not_the_creditor")
