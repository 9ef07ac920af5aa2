"""A store with something to count, and the people who do it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.counts import commands, deciding, queries
from supplyops.counts.queries import CountDetail
from supplyops.counts.rules import (
    CountInput,
    CountKind,
    CountReason,
    CountState,
    EntriesInput,
    EntryInput,
    ExplanationInput,
    ExplanationsInput,
)
from supplyops.counts.tables import StockCount, StockCountEntry, StockCountHit, StockCountLine
from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.papers.tables import Paper
from supplyops.people import commands as people
from supplyops.people.rules import RoleInput
from supplyops.runtime import Runtime
from supplyops.stock.tables import FreezeBypass, Lot, StockBalance, StockMove
from supplyops.verify.books import verify
from tests.house import CITY, CITY_STORE, House, build_house
from tests.once import once

TABLES = (StockCount, StockCountLine, StockCountEntry, StockCountHit, StockMove, Lot, Paper, FreezeBypass)


class Store:
    """The city's store, its people, and short words for what they do."""

    def __init__(self, house: House) -> None:
        self.house, self.runtime = house, house.runtime
        complete_parameters(house.runtime)
        self.keeper = house.actor(Role.KEEPER)
        self.clerk = house.actor(Role.CLERK)
        self.reviewer = house.actor(Role.REVIEWER)
        self.approver = house.actor(Role.APPROVER)
        self.auditor = house.actor(Role.AUDITOR)

    def name_of(self, actor: Actor) -> str:
        """What somebody signs in with."""
        return next(name for name, known in self.house.people.items() if known == actor)

    def grant(self, actor: Actor, role: Role) -> None:
        """One more role at the city."""
        self.runtime.run(people.grant_role, SYSTEM, RoleInput(self.name_of(actor), role, CITY))

    def start(self, *, who: Actor | None = None, **fields: Any) -> UUID:
        """A count of the store, witnessed by somebody without an account."""
        given = {"kind": CountKind.CYCLE, "site_code": CITY_STORE, "witness_name": "财政局 王平"} | fields
        return self.runtime.run(commands.start, who or self.keeper, CountInput(**given))

    def enter(self, count_id: UUID, figures: dict[int, int], who: Actor | None = None, **more: Any) -> int:
        """Figures by line."""
        entries = tuple(EntryInput(line, quantity, **more) for line, quantity in figures.items())
        return self.runtime.run(commands.enter, who or self.keeper, count_id, EntriesInput(entries))

    def submit(self, count_id: UUID, who: Actor | None = None) -> CountState:
        """Compare with the books."""
        return self.runtime.run(commands.submit, who or self.keeper, count_id)

    def explain(self, count_id: UUID, *lines: int, who: Actor | None = None) -> int:
        """The same reason for some lines."""
        told = tuple(ExplanationInput(line, CountReason.BOOKING) for line in lines)
        return self.runtime.run(deciding.explain, who or self.keeper, count_id, ExplanationsInput(told))

    def approve(self, count_id: UUID, who: Actor | None = None, *, cut_holds: bool = False) -> None:
        """Let the differences into the books."""
        self.runtime.run(deciding.approve, who or self.approver, count_id, "同意", cut_holds)

    def shown(self, count_id: UUID, who: Actor | None = None) -> CountDetail:
        """The count as somebody sees it."""
        return self.runtime.read(queries.count_by_id, who or self.keeper, count_id)

    def to_decide(self, figures: dict[int, int], **fields: Any) -> UUID:
        """A count whose differences were counted twice and explained."""
        count_id = self.start(**fields)
        self.enter(count_id, figures)
        if self.submit(count_id) is CountState.RECOUNTING:
            left = {row.line_no: figures[row.line_no] for row in self.shown(count_id).lines if row.needs_recount}
            self.enter(count_id, left, self.clerk)
            self.submit(count_id)
        lines = [row.line_no for row in self.shown(count_id).lines if row.difference]
        if lines:
            self.explain(count_id, *lines)
        return count_id

    def set(self, key: str, value: str) -> None:
        """Decide about a parameter."""
        self.runtime.run(norms.save_parameters, SYSTEM, [ParameterInput(key, value, "", "own", date(2025, 1, 1))])

    def rows(self) -> dict[str, Any]:
        """How many rows each table has, and what lies in the store."""
        with self.runtime.database.read() as session:
            found = {kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) for kind in TABLES}
            found["on_hand"] = session.scalar(select(func.sum(StockBalance.on_hand)))
            found["reserved"] = session.scalar(select(func.sum(StockBalance.reserved)))
            return found

    def violations(self) -> list[str]:
        """What is wrong with the books."""
        return [f"{each.id} {each.examples}" for each in verify(self.runtime.database) if not each.is_clean]


@pytest.fixture
@once
def store(runtime: Runtime) -> Store:
    """The city's store."""
    return Store(build_house(runtime))
