"""Who sees what: rows outside the reader's reach do not exist for them, whatever the query."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from supplyops.kernel.access import Permission, Role
from supplyops.kernel.errors import Forbidden, NotFound
from supplyops.places import queries as places
from supplyops.places.tables import Site
from supplyops.runtime import Context, Runtime, query, unscoped
from supplyops.stock import queries as stock
from supplyops.stock.tables import StockBalance
from supplyops.stock.views import MoveFilter, StockFilter
from tests.house import (
    CITY,
    CITY_STORE,
    PREFECTURE,
    PREFECTURE_SHELF,
    PREFECTURE_STORE,
    VILLAGE,
    VILLAGE_SHELF,
    VILLAGE_STORE,
    House,
    build_house,
)


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@query(Permission.STOCK_SEE)
def _counts(ctx: Context) -> tuple[int, int, int]:
    return (
        int(ctx.session.scalar(select(func.count()).select_from(StockBalance)) or 0),
        int(
            ctx.session.scalar(select(func.count()).select_from(Site).where(Site.id.in_(select(StockBalance.site_id))))
            or 0
        ),
        int(ctx.session.scalar(unscoped(select(func.count()).select_from(StockBalance), "the test counts all")) or 0),
    )


def test_a_keeper_sees_the_own_stores_only(runtime: Runtime, house: House) -> None:
    for shelf, owner in ((VILLAGE_SHELF, VILLAGE), (PREFECTURE_SHELF, PREFECTURE)):
        house.stock(house.lot(owner=owner), 5, shelf)
    keeper = house.actor(Role.KEEPER, VILLAGE)
    assert [site.code for site in runtime.read(places.sites, keeper)] == [VILLAGE_STORE]
    assert [row.site_code for row in runtime.read(stock.stock_rows, keeper, StockFilter())] == [VILLAGE_STORE]
    assert runtime.read(_counts, keeper) == (1, 1, 2)
    assert len(runtime.read(stock.history, keeper, MoveFilter())) == 1


def test_office_roles_also_see_the_supporting_stock_above_but_not_the_neighbours(
    runtime: Runtime, house: House
) -> None:
    for shelf, owner in ((VILLAGE_SHELF, VILLAGE), (PREFECTURE_SHELF, PREFECTURE)):
        house.stock(house.lot(owner=owner), 5, shelf)
    clerk = house.actor(Role.CLERK, VILLAGE)
    assert {row.owner_code for row in runtime.read(stock.stock_rows, clerk, StockFilter())} == {VILLAGE, PREFECTURE}
    neighbour = house.actor(Role.CLERK, "654004001")
    assert {row.owner_code for row in runtime.read(stock.stock_rows, neighbour, StockFilter())} == {PREFECTURE}


def test_owned_by_one_and_kept_by_another_is_seen_by_both(runtime: Runtime, house: House) -> None:
    lot = house.lot(owner=PREFECTURE)
    house.stock(lot, 7)
    for role, body in ((Role.KEEPER, CITY), (Role.AUDITOR, PREFECTURE)):
        rows = runtime.read(stock.stock_rows, house.actor(role, body), StockFilter())
        assert [(row.owner_code, row.site_code, row.on_hand) for row in rows] == [(PREFECTURE, CITY_STORE, 7)]


def test_absent_and_foreign_are_told_alike(runtime: Runtime, house: House) -> None:
    keeper = house.actor(Role.KEEPER, VILLAGE)
    for code in (PREFECTURE_STORE, "no-such-store"):
        with pytest.raises(NotFound) as refusal:
            runtime.read(places.site, keeper, code)
        assert refusal.value.params == {"noun": "site", "code": code}


def test_administrators_hold_no_stock_right(runtime: Runtime, house: House) -> None:
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        with pytest.raises(Forbidden):
            runtime.read(stock.stock_rows, house.actor(role), StockFilter())
