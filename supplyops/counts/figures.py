"""The parameters of counting, read once a command."""

from __future__ import annotations

from dataclasses import dataclass

from supplyops.counts.rules import ApprovalBasis, Tolerance, tolerances
from supplyops.kernel.errors import NotFound
from supplyops.norms.queries import parameters
from supplyops.runtime import Context


@dataclass(frozen=True, slots=True)
class Figures:
    """What a house has decided about its counts."""

    tolerances: dict[str, Tolerance]
    approval_permille: int
    approval_basis: ApprovalBasis
    value_classes: tuple[int, int]
    cycle_months: int
    cycle_goods: tuple[tuple[str, str], ...]
    full_months: int
    annual_month: int


def figures(ctx: Context) -> Figures:
    """The figures in force. Raises NotFound for one that nobody has set."""
    known = {row.key: row.value for row in parameters(ctx)}

    def text(key: str) -> str:
        if key not in known:
            raise NotFound("parameter", key=key)
        return known[key].strip()

    first, second = (int(part) for part in text("count.value_classes").split(","))
    goods = [part.strip().partition(":") for part in text("count.cycle_goods").split(",")]
    return Figures(
        tolerances=tolerances(text("count.tolerance")),
        approval_permille=int(text("count.approval_permille")),
        approval_basis=ApprovalBasis(text("count.approval_basis")),
        value_classes=(first, second),
        cycle_months=int(text("count.cycle_months")),
        cycle_goods=tuple((kind, value) for kind, _, value in goods),
        full_months=int(text("count.full_months")),
        annual_month=int(text("count.annual_month")),
    )
