"""How papers name an incident."""

from __future__ import annotations

from supplyops.incidents.tables import Incident
from supplyops.papers.contents import IncidentRef
from supplyops.wording.labels import label, response_level


def incident_ref(incident: Incident) -> IncidentRef:
    """The incident as it stands in the head of a paper."""
    return IncidentRef(
        name=incident.name,
        number=incident.number,
        kind=label(incident.hazard),
        response_level=response_level(incident.response_level),
        place=incident.place,
        occurred_at=incident.occurred_at,
    )
