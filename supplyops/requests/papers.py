"""What the papers of requests say."""

from __future__ import annotations

from supplyops.incidents.tables import Incident
from supplyops.people.tables import Organisation
from supplyops.requests.tables import CoordinationLetter, SupplyRequest
from supplyops.runtime import Context


def issue_request(ctx: Context, row: SupplyRequest, incident: Incident) -> None:
    """F14."""


def end_request(ctx: Context, row: SupplyRequest) -> None:
    """Void F14."""


def issue_letter(
    ctx: Context, row: CoordinationLetter, incident: Incident, sender: Organisation, addressee: Organisation
) -> None:
    """The letter."""
