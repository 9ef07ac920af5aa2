"""Scenarios of a body, for which its reserve is weighed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.norms.rules import Season
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area, Road, Site
from supplyops.planning.reserving_problem import BECAUSE
from supplyops.planning.reserving_rules import AreaPersons, ReserveScenarioInput
from supplyops.planning.tables import ReserveScenario
from supplyops.runtime import Context, command, query, unscoped


@dataclass(frozen=True, slots=True)
class ReserveScenarioRow:
    """A scenario of a body. `share_permille`: its probability among all of them."""

    id: UUID
    organisation_code: str
    organisation_name: str
    code: str
    name: str
    probability_permille: int
    share_permille: int
    hazard: str
    season: Season
    within_hours: int
    persons: tuple[AreaPersons, ...]
    lost_site_codes: tuple[str, ...]
    closed_road_codes: tuple[str, ...]
    note: str

    @property
    def people(self) -> int:
        """Everybody who has to be looked after."""
        return sum(row.persons for row in self.persons)


@command(Permission.RESERVES_PLAN)
def save_reserve_scenario(ctx: Context, wanted: ReserveScenarioInput) -> UUID:
    """Add a scenario, or change the body's scenario of that code. Raises InvalidInput for codes nobody knows."""
    body = body_of(ctx, wanted.organisation_code)
    ctx.require(Permission.RESERVES_PLAN, body.id)
    _refuse_unknown(ctx, wanted)
    row = ctx.session.scalars(
        select(ReserveScenario).where(ReserveScenario.organisation_id == body.id, ReserveScenario.code == wanted.code)
    ).one_or_none()
    if row is None:
        row = ReserveScenario(id=ctx.new_id(), organisation_id=body.id, code=wanted.code)
        ctx.session.add(row)
    row.name, row.note, row.season, row.within_hours = wanted.name, wanted.note, wanted.season, wanted.within_hours
    row.probability_permille = wanted.probability_permille
    row.hazard = wanted.hazard.value if wanted.hazard else ""
    row.persons = [{"area_code": each.area_code, "persons": each.persons} for each in wanted.persons]
    row.lost_site_codes, row.closed_road_codes = list(wanted.lost_site_codes), list(wanted.closed_road_codes)
    ctx.about("reserve_scenario", row.id, row.code)
    return row.id


def _refuse_unknown(ctx: Context, wanted: ReserveScenarioInput) -> None:
    asked: dict[str, tuple[type[Area] | type[Site] | type[Road], list[str]]] = {
        "persons": (Area, [row.area_code for row in wanted.persons]),
        "lost_site_codes": (Site, list(wanted.lost_site_codes)),
        "closed_road_codes": (Road, list(wanted.closed_road_codes)),
    }
    errors = []
    for name, (table, codes) in asked.items():
        known = set(ctx.session.scalars(unscoped(select(table.code).where(table.code.in_(codes)), BECAUSE)))
        errors += [
            FieldError(
                f"{name}.{place}" + (".area_code" if name == "persons" else ""),
                "unknown_reference",
                {"value": code[:40]},
            )
            for place, code in enumerate(codes)
            if code not in known
        ]
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.RESERVES_PLAN)
def remove_reserve_scenario(ctx: Context, organisation_code: str, code: str) -> None:
    """Take a scenario away. Raises NotFound."""
    body = body_of(ctx, organisation_code)
    ctx.require(Permission.RESERVES_PLAN, body.id)
    row = ctx.session.scalars(
        select(ReserveScenario).where(ReserveScenario.organisation_id == body.id, ReserveScenario.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound("reserve_scenario", value=code[:40])
    ctx.about("reserve_scenario", row.id, row.code)
    ctx.session.delete(row)


@query(Permission.STOCK_SEE)
def reserve_scenarios(ctx: Context, organisation_code: str = "") -> list[ReserveScenarioRow]:
    """Scenarios in reach, body by body."""
    found = ctx.session.execute(
        select(ReserveScenario, Organisation)
        .join(Organisation, Organisation.id == ReserveScenario.organisation_id)
        .order_by(Organisation.path, ReserveScenario.code)
    ).all()
    totals: dict[UUID, int] = defaultdict(int)
    for row, _ in found:
        totals[row.organisation_id] += row.probability_permille
    return [
        ReserveScenarioRow(
            row.id, body.code, body.name, row.code, row.name, row.probability_permille,
            row.probability_permille * 1000 // totals[row.organisation_id], row.hazard, row.season, row.within_hours,
            tuple(AreaPersons(each["area_code"], each["persons"]) for each in row.persons),
            tuple(row.lost_site_codes), tuple(row.closed_road_codes), row.note,
        )
        for row, body in found
        if organisation_code in {"", body.code}
    ]  # fmt: skip


def body_of(ctx: Context, code: str) -> Organisation:
    """The body of a code. Raises InvalidInput."""
    body = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if body is None:
        raise InvalidInput(fields=(FieldError("organisation_code", "unknown_reference", {"value": code[:40]}),))
    return body
