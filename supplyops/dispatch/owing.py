"""A plan that takes a neighbour's or a lower level's goods owes them back: told to the room that keeps what is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from supplyops.dispatch.consignments import reference_of
from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.obligations import commands as obligations
from supplyops.obligations.rules import Debt, Owed, owes_for
from supplyops.people.rules import OrganisationKind
from supplyops.people.tables import Organisation
from supplyops.runtime import Context
from supplyops.stock.tables import Lot


def note_owed(ctx: Context, row: Consignment, lines: Sequence[ConsignmentLine]) -> None:
    """Once goods are handed over: the body that commands the incident owes their owner what left its hands for others."""
    owner, taker, receiver = (
        _body(ctx, body) for body in (row.owner_id, row.incident_organisation_id, row.receiver_organisation_id)
    )
    if not owes_for(
        owner.level, owner.path, taker.level, taker.path, receiver.path, same_house=_same_house(owner, taker)
    ):
        return
    debt = Debt(owner.id, taker.id, reference_of(row), _taken(ctx, lines), incident_id=row.incident_id)
    obligations.owe(ctx, debt)


def _body(ctx: Context, body_id: UUID) -> Organisation:
    found = ctx.session.get(Organisation, body_id)
    assert found is not None
    return found


def _same_house(one: Organisation, other: Organisation) -> bool:
    """One government and its department, or two departments of one government."""
    homes = {body.parent_id if body.kind is OrganisationKind.DEPARTMENT else body.id for body in (one, other)}
    return len(homes) == 1


def _taken(ctx: Context, lines: Sequence[ConsignmentLine]) -> tuple[Owed, ...]:
    """Item by item what does not come back: good, damaged or lost."""
    quantity: dict[UUID, int] = defaultdict(int)
    value: dict[UUID, int] = defaultdict(int)
    for line in lines:
        taken = line.good + line.damaged + line.short
        if line.lot_id is None or not taken:
            continue
        lot = ctx.session.get_one(Lot, line.lot_id)
        quantity[line.item_id] += taken
        value[line.item_id] += taken * lot.unit_price_fen
    return tuple(Owed(item, amount, value[item]) for item, amount in quantity.items() if amount)
