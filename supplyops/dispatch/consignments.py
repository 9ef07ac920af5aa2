"""What every act on a consignment asks of it: may it take this step, which lot is a line of, what do documents call it."""

from __future__ import annotations

from uuid import UUID

from supplyops.dispatch.rules import CONSIGNMENT_STEPS, ConsignmentState
from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.kernel.errors import WrongState
from supplyops.kernel.reference import DocumentRef


def step(row: Consignment, to: ConsignmentState) -> None:
    """Bring a consignment into its next state. Raises WrongState where that does not follow on the one it is in."""
    if to not in CONSIGNMENT_STEPS[row.state]:
        raise WrongState("consignment", row.state.value, becomes=to.value)
    row.state = to


def lot_of(line: ConsignmentLine) -> UUID:
    """The lot of a line that has been loaded; before that a line fetched at a supplier's has none."""
    assert line.lot_id is not None, "what is loaded is of some lot"
    return line.lot_id


def reference_of(row: Consignment) -> DocumentRef:
    """A consignment as the document behind a posting or a debt."""
    return DocumentRef("consignment", row.id, row.number)
