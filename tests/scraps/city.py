"""A city whose store, emergency bureau, reserves bureau and finance bureau each have an approver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.rules import ItemInput
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind
from supplyops.people.tables import Organisation
from supplyops.runtime import Runtime
from supplyops.scraps import commands, queries
from supplyops.scraps.queries import ScrapRow
from supplyops.scraps.rules import (
    AppraisalInput,
    DisposalInput,
    DisposalMethod,
    PublicityInput,
    ScrapBody,
    ScrapDecisionInput,
    ScrapInput,
    ScrapLineInput,
    ScrapReason,
)
from supplyops.stock.tables import Lot, StockBalance, StockMove
from supplyops.verify.books import verify
from tests.conftest import Clock
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, ITEMS, OFFICE, TENT, House, build_house

RESERVES, FINANCE = "654004-lc", "654004-cz"
SIGNING = {
    ScrapBody.STORE: CITY,
    ScrapBody.EMERGENCY: OFFICE,
    ScrapBody.RESERVES: RESERVES,
    ScrapBody.FINANCE: FINANCE,
}
EXPERTS = ("丁一", "王二", "张三", "李四", "赵五")


class City:
    """The house with the bureaus that have to agree, and short ways to say what happens."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self.runtime, self.clock = runtime, clock
        self.house: House = build_house(runtime)
        bureaus = [
            OrganisationInput(code, name, OrganisationKind.DEPARTMENT, Level.CITY, "654004", CITY)
            for code, name in ((RESERVES, "市粮食和物资储备局"), (FINANCE, "市财政局"))
        ]
        runtime.run(people.save_organisations, SYSTEM, bureaus)
        tent = next(item for item in ITEMS if item.sku == TENT)
        own = {name: getattr(tent, name) for name in ItemInput.__dataclass_fields__}
        runtime.run(catalogue.save_items, SYSTEM, [ItemInput(**{**own, "is_recoverable": True})])
        with runtime.database.read() as session:
            self.house.organisations = {row.code: row.id for row in session.scalars(select(Organisation))}
        self.keeper = self.house.actor(Role.KEEPER)

    def apply(self, quantity: int = 5, lot: str = "T-1", location: str = CITY_QUARANTINE) -> str:
        """Apply to scrap tents; gives the number."""
        line = ScrapLineInput(lot, location, quantity, ScrapReason.DAMAGED)
        made = self.runtime.run(commands.apply, self.keeper, ScrapInput(CITY_STORE, (line,), "帐篷霉烂"))
        return self.runtime.read(queries.scrap_by_id, SYSTEM, made).number

    def appraise(self, number: str, *experts: str, institution: str = "", report: str = "") -> None:
        """Five experts, unless others or an institution are named."""
        named = experts or (() if institution else EXPERTS)
        appraisal = AppraisalInput(number, "不可修复", date(2026, 1, 12), institution, report, named)
        self.runtime.run(commands.appraise, self.keeper, appraisal)

    def decide(self, number: str, body: ScrapBody, actor: Actor | None = None, at: str = "", **more: Any) -> None:
        """One body's word, by its own approver."""
        organisation = at or SIGNING[body]
        who = actor or self.house.actor(Role.APPROVER, organisation)
        self.runtime.run(commands.decide, who, ScrapDecisionInput(number, body, organisation, **more))

    def agree(self, number: str) -> None:
        """All four."""
        for body in ScrapBody:
            self.decide(number, body)

    def publicise(self, number: str, days: int = 5) -> None:
        """From today on."""
        today = date(2026, 1, 12) + (self.clock.now.date() - date(2026, 1, 12))
        notice = PublicityInput(number, "市政府公告栏", today, today + timedelta(days=days - 1))
        self.runtime.run(commands.publicise, self.keeper, notice)

    def dispose(self, number: str, method: DisposalMethod = DisposalMethod.DESTROY, **more: Any) -> None:
        """Now, before a witness."""
        self.runtime.run(
            commands.dispose, self.keeper, DisposalInput(number, method, "纪委 周某", self.clock.now, **more)
        )

    def scrap(self, number: str) -> ScrapRow:
        """An application as it stands."""
        return self.runtime.read(queries.scrap, SYSTEM, number)

    def rows(self, kind: type[Any]) -> Sequence[Any]:
        """All rows of a table."""
        with self.runtime.database.read() as session:
            return session.scalars(select(kind)).all()

    def books(self) -> tuple[Any, ...]:
        """What a refusal must leave as it was."""
        with self.runtime.database.read() as session:
            moves = session.scalar(select(func.count()).select_from(StockMove))
            lots = session.scalar(select(func.count()).select_from(Lot))
            balances = tuple(
                session.execute(
                    select(
                        StockBalance.location_id, StockBalance.lot_id, StockBalance.on_hand, StockBalance.reserved
                    ).order_by(StockBalance.location_id, StockBalance.lot_id)
                )
            )
        states = tuple((row.number, row.state, len(row.decisions)) for row in self.runtime.read(queries.scraps, SYSTEM))
        return moves, lots, balances, states

    def unclean(self) -> list[Any]:
        """What verification complains of."""
        return [finding for finding in verify(self.runtime.database) if not finding.is_clean]


__all__ = ["CITY_SHELF"]
