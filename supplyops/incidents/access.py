"""Which classes of events a person may see."""

from __future__ import annotations

from supplyops.incidents.rules import RESTRICTED_CLASSES
from supplyops.runtime import Context


def may_see_class(ctx: Context, event_class: str) -> bool:
    """Restricted classes are seen only by those whose role names them."""
    if ctx.principal.is_system or event_class not in RESTRICTED_CLASSES:
        return True
    return any(grant.event_classes is not None and event_class in grant.event_classes for grant in ctx.principal.grants)
