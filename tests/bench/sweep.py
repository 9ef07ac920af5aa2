"""Every list page over few rows and over a hundred times as many, and how much longer it takes."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from supplyops.database.engine import Database
from supplyops.dispatch.tables import Consignment, ReleaseInstruction, Shipment
from supplyops.kernel.access import Role
from supplyops.papers.tables import Paper
from supplyops.planning.tables import Plan
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from tests.bench import million
from tests.bench.books import bench_runtime, counted_anew, durable_postgres
from tests.bench.lists import many
from tests.bench.pages import browser_on, ratio
from tests.bench.report import Measure
from tests.dispatch.world import World, build_world
from tests.once import administer

FEW, MANY = 10_000, 1_000_000
"""Moves; and a hundredth of that many requests, plans, papers and orders."""
TURNS = 9
ADDRESSES: dict[Role, tuple[str, ...]] = {
    Role.KEEPER: (
        "/stock",
        "/stock?band=later",
        "/stock/lots",
        "/stock/lots?page=15",
        "/stock/lots?band=none",
        "/stock/lots?state=normal",
        "/stock/lots?text=zp",
        "/stock/moves",
        "/stock/moves?sku=A01002",
        "/stock/documents",
        "/stock/documents?kind=transfer",
        "/stock/documents?kind=issue",
        "/stock/documents?site=city-store",
        "/stock/documents?late=1",
        "/stock/documents?page=30",
        "/stock/statement",
        "/stock/statement?sku=A01002",
        "/stock/as-of?moment=2026-01-11T00:00",
        "/stock/reservations",
        "/stock/reservations?state=used",
        "/stock/reservations?state=expired",
        "/stock/acceptances",
        "/orders/consignments",
        "/orders/instructions",
        "/orders/shipments",
        "/orders/alerts",
        "/papers",
        "/notices",
        "/search?text=zp",
        "/search/suggest?text=zp",
        "/search?text=2601",
        "/search?text=0001",
        "/api/v1/stock/moves",
    ),
    Role.DISPATCHER: ("/requests", "/requests?state=accepted", "/requests/lines", "/requests/lines?unmet=1", "/plans"),
    Role.AUDIT_ADMIN: ("/journal", "/journal?user=keeper.654004"),
}


def sweep(folder: Path) -> list[Measure]:
    """Each list over many rows beside the same list over few, on both databases."""
    worlds = [_filled(Database(f"sqlite:///{folder / f'sweep-{moves}.db'}"), moves) for moves in (FEW, MANY)]
    measures = _compared("SQLite", worlds, folder)
    with durable_postgres() as server:
        worlds = []
        for moves in (FEW, MANY):
            administer(server.url("postgres"), f"CREATE DATABASE sweep{moves}")
            worlds.append(_filled(Database(server.url(f"sweep{moves}")), moves))
            counted_anew(worlds[-1].runtime.database)
        measures += _compared("PostgreSQL", worlds, folder)
        for world in worlds:
            world.runtime.database.dispose()
    return measures


def _compared(name: str, worlds: list[World], folder: Path) -> list[Measure]:
    measures = []
    for role, addresses in ADDRESSES.items():
        few, most = (
            browser_on(world.house, folder / f"{name}-{role.value}-{number}", role)
            for number, world in enumerate(worlds)
        )
        measures += [
            ratio(f"{name} {address}", few, most, address, said=(f"{FEW:,} moves", f"{MANY:,}"), turns=TURNS)
            for address in addresses
        ]
    return measures


def _filled(database: Database, moves: int) -> World:
    world = build_world(bench_runtime(database))
    world.approve(world.plan(world.tents(1, on_shelf=1_000)))
    million.fill(world.house, moves)
    with database.write() as session:
        _copy(session.connection(), moves // 100)
    return world


def _copy(connection: Connection, rows: int) -> None:
    """So many more of each kind of thing that the lists of an incident show; what hangs on them is left as it is."""
    for mark, kind, number in (
        (0x61, SupplyRequest, "XQ"), (0x62, Plan, "FA"), (0x63, ReleaseInstruction, "DB"), (0x65, Shipment, "CC"), (0x64, Consignment, "DY"),
        (0x66, Paper, "ZL"),
    ):  # fmt: skip
        own = [UUID(int=(mark << 120) + each) for each in range(rows)]
        changes = [{"id": own[each], "number": f"{number}-B{each:06d}"} for each in range(rows)]
        for each, change in enumerate(changes):
            change |= _APART.get(kind, lambda _: {})(each)
        many(connection, kind, iter(changes))
    many(connection, SupplyRequestLine, (
        {"id": UUID(int=(0x67 << 120) + each), "request_id": UUID(int=(0x61 << 120) + each), "line_no": 1} for each in range(rows)
    ))  # fmt: skip


_APART = {
    ReleaseInstruction: lambda each: {"plan_id": UUID(int=(0x62 << 120) + each)},
    Shipment: lambda each: {"plan_id": UUID(int=(0x62 << 120) + each)},
    Consignment: lambda each: {
        "instruction_id": UUID(int=(0x63 << 120) + each),
        "shipment_id": UUID(int=(0x65 << 120) + each),
    },
}
"""What has to differ from row to row beside its id and number."""
