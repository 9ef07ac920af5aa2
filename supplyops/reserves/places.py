"""The places that keep reserves: one for each area and level of the chain of command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.access import reach_of
from supplyops.people.rules import Level, OrganisationKind
from supplyops.people.tables import Organisation
from supplyops.runtime import Context

LEVELS = (Level.REGION, Level.PREFECTURE, Level.CITY, Level.TOWNSHIP, Level.COMMUNITY)
"""Highest first."""
_PUBLIC = frozenset(
    {OrganisationKind.GOVERNMENT, OrganisationKind.DEPARTMENT, OrganisationKind.TOWNSHIP, OrganisationKind.COMMUNITY}
)
_SOCIETY = frozenset({OrganisationKind.ENTERPRISE, OrganisationKind.SOCIAL})

PlaceKey = tuple[Level, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that keeps a reserve: the bodies of one level in one area, led by `head`."""

    level: Level
    area_code: str
    name: str
    head_id: UUID
    head_path: str

    @property
    def key(self) -> PlaceKey:
        """Level and area: a prefecture and its seat may have one area code."""
        return self.level, self.area_code


class Places:
    """Every place, and which one a body belongs to."""

    def __init__(self, ctx: Context) -> None:
        bodies = ctx.session.scalars(select(Organisation).order_by(Organisation.path)).all()
        self._by_path = {body.path: body for body in bodies}
        self._bodies = {body.id: body for body in bodies}
        self.all: dict[PlaceKey, Place] = {}
        for body in sorted(bodies, key=lambda each: (each.path.count("/"), each.path)):
            key = self._key(body)
            if key is not None and key not in self.all and body.is_active:
                self.all[key] = Place(*key, body.short_name or body.name, body.id, body.path)

    def visible(self, ctx: Context) -> list[Place]:
        """Places whose whole reserve the reader may see, higher levels first."""
        reach = reach_of(ctx.principal)
        found = [
            place
            for place in self.all.values()
            if reach.everything or any(place.head_path.startswith(path) for path in reach.subtrees)
        ]
        return sorted(found, key=lambda place: (LEVELS.index(place.level), place.area_code))

    def of(self, body_id: UUID | None) -> Place | None:
        """The place a public body belongs to."""
        body = self._bodies.get(body_id) if body_id else None
        key = self._key(body) if body is not None else None
        return self.all.get(key) if key is not None else None

    def near(self, body_id: UUID) -> Place | None:
        """The place that an enterprise's or a society's stock may help: the one it stands under, else that of its area."""
        body = self._bodies[body_id]
        if body.kind not in _SOCIETY:
            return None
        for path in _ancestors(body.path):
            above = self._by_path.get(path)
            place = self.of(above.id) if above is not None else None
            if place is not None:
                return place
        return next((place for place in self.all.values() if place.area_code == body.area_code), None)

    def _key(self, body: Organisation) -> PlaceKey | None:
        """A body that names no area belongs to that of the nearest body of its level above it."""
        if body.kind not in _PUBLIC or body.level not in LEVELS:
            return None
        above = (self._by_path.get(path) for path in _ancestors(body.path))
        same = (each for each in above if each is not None and each.level is body.level)
        area = body.area_code or next((each.area_code for each in same if each.area_code), "")
        return (body.level, area) if area else None


def _ancestors(path: str) -> Sequence[str]:
    """Paths above, the nearest first."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:depth]) + "/" for depth in range(len(parts) - 1, 0, -1)]
