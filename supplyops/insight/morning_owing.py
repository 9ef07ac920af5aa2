"""What goes between stores and bodies, for the morning: transfers, goods to come back, goods owed."""

from __future__ import annotations

from datetime import timedelta

from supplyops.insight.morning_rows import MorningKind, MorningLine
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.obligations import queries as obligations
from supplyops.obligations.queries import ObligationFilter
from supplyops.places.tables import Site
from supplyops.recoveries import queries as recoveries
from supplyops.recoveries.queries import DueFilter
from supplyops.runtime import Context
from supplyops.transfers import queries as transfers
from supplyops.transfers.rules import ON_THE_ROAD, TransferState
from supplyops.transfers.views import TransferFilter
from supplyops.wording.labels import label

SOON = "morning.expiry_days"
"""How far ahead the list looks, for goods that expire as for goods that are owed."""


def transferred(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Transfers to be sent, and those on the road to here."""
    if not ctx.principal.holds(Permission.TRANSFERS_SEE):
        return []
    found = []
    for row in transfers.transfers(ctx, TransferFilter(site_code=site.code, only_open=True)):
        leaves = row.state is TransferState.APPROVED and row.from_site_code == site.code
        comes = row.state in ON_THE_ROAD and row.to_site_code == site.code
        if leaves or comes:
            kind, due_at = (MorningKind.OUT, row.send_by) if leaves else (MorningKind.IN, row.arrive_by)
            title = f"调拨至{row.to_site_name}" if leaves else f"调自{row.from_site_name}"
            found.append(
                MorningLine(kind, title, label(row.state), row.number, business_day(due_at), due_at, due_at < ctx.now)
            )
    return found


def to_come_back(ctx: Context, site: Site, figures: dict[str, str]) -> list[MorningLine]:
    """Goods given out or kept by the store's body that have to come back, one line a document and item."""
    soon = int(figures[SOON])
    return [
        MorningLine(
            MorningKind.RECOVERY,
            f"{due.item_name} {due.holder}",
            f"未回收{due.outstanding}{due.unit}",
            due.document_number,
            due.due_on,
            None,
            due.is_overdue,
        )
        for due in recoveries.recovery_dues(ctx, DueFilter(due_within_days=soon))
        if due.keeper_id == site.organisation_id
    ]


def owed(ctx: Context, site: Site, figures: dict[str, str]) -> list[MorningLine]:
    """What the store's body has to give back, and what it is owed, that is due soon."""
    if not ctx.principal.holds(Permission.TRANSFERS_SEE):
        return []
    until = business_day(ctx.now) + timedelta(days=int(figures[SOON]))
    return [
        MorningLine(
            MorningKind.OWED,
            f"应还{row.creditor_name}" if row.debtor_id == site.organisation_id else f"{row.debtor_name}应还",
            row.basis_number,
            row.number,
            row.due_on,
            None,
            row.is_overdue,
        )
        for row in obligations.obligations(ctx, ObligationFilter(only_open=True))
        if site.organisation_id in (row.debtor_id, row.creditor_id) and row.due_on is not None and row.due_on <= until
    ]
