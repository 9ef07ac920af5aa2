"""The city goes into a fresh house through the door that users get."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from supplyops.demo import cast, city
from supplyops.demo.city import SOURCES
from supplyops.exchange.importing import import_data
from supplyops.exchange.problems import FileRefused
from supplyops.kernel.access import ANONYMOUS, Actor, Permission, Role
from supplyops.kernel.errors import Forbidden
from supplyops.people import queries as people
from supplyops.people import signing_in
from supplyops.people.tables import Organisation
from supplyops.places.rules import SiteKind
from supplyops.places.tables import Site
from supplyops.runtime import Runtime
from supplyops.stock.tables import Lot, StockBalance, StockMove
from supplyops.verify.books import verify
from tests.demo import oracle
from tests.demo.conftest import CHEAP

LOADING_SECONDS_MAX = 15


def test_every_file_goes_in_whole_and_again_changes_nothing(founded: Runtime) -> None:
    told: list[str] = []
    started = time.process_time()
    first = city.load_city(founded, report=lambda imported: told.append(imported.file))
    assert time.process_time() - started < LOADING_SECONDS_MAX
    assert told == [source.file for source in SOURCES]
    for imported in first:
        assert (imported.saved.changed, imported.saved.unchanged) == (0, 0), imported
        assert imported.saved.added == imported.rows, imported
        assert not imported.notes, imported
    again = city.load_city(founded)
    assert all(imported.is_no_op for imported in again)
    assert [imported.saved.unchanged for imported in again] == [imported.rows for imported in first]


def test_the_books_hold_what_the_files_say(peopled: Runtime) -> None:
    with peopled.database.read() as session:
        lots = session.scalar(select(func.count()).select_from(Lot))
        units = session.scalar(select(func.sum(StockBalance.on_hand)))
        moves = session.scalar(select(func.count()).select_from(StockMove))
        actors = set(session.scalars(select(StockMove.actor_name)))
    assert lots == moves == len(oracle.rows("lots"))
    assert units == sum(int(row["数量"]) for row in oracle.rows("lots"))
    names = {row["用户名"]: row["姓名"] for row in oracle.rows("users")}
    assert actors == {names["clerk.prefecture"], names["clerk.city"]}
    findings = list(verify(peopled.database))
    assert findings
    assert [finding for finding in findings if not finding.is_clean] == []


def test_the_citys_clerk_cannot_bring_in_the_prefectures_stock(peopled: Runtime) -> None:
    with peopled.database.read() as session:
        before = session.scalar(select(func.count()).select_from(Lot))
    text = (city.DATA / "lots.prefecture.csv").read_text(encoding="utf-8").replace("-001,", "-901,")
    with pytest.raises(Forbidden) as refused:
        import_data(peopled, city.actor(peopled, "clerk.city"), "lots", "lots.csv", text.encode())
    assert refused.value.code == "not_permitted_here"
    assert refused.value.params["organisation"], "whose goods they are is named"
    with peopled.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Lot)) == before


def test_a_spoilt_file_stops_the_loading_with_its_row_and_column(founded: Runtime, tmp_path: Path) -> None:
    for source in SOURCES:
        (tmp_path / source.file).write_bytes((city.DATA / source.file).read_bytes())
    broken = tmp_path / "roads.csv"
    broken.write_text(broken.read_text(encoding="utf-8").replace(",28,山区", ",12,山区", 1), encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        city.load_city(founded, folder=tmp_path)
    (line,) = refused.value.lines
    assert line.startswith("roads.csv 第 9 行“里程(km)”"), line
    assert founded.read(people.users, city.actor(founded, "sysadmin")), "what came before stays"


def test_everybody_named_by_the_cast_may_do_what_they_are_cast_for(peopled: Runtime) -> None:
    with peopled.database.read() as session:
        bodies = {row.code: row for row in session.scalars(select(Organisation))}
        sites = list(session.scalars(select(Site)))
        owners = set(
            session.scalars(
                select(Organisation.code).join(Lot, Lot.owner_id == Organisation.id).where(Organisation.in_chain)
            )
        )
    assert set(cast.APPROVERS) >= owners
    for code, username in cast.APPROVERS.items():
        principal = peopled.principal(city.actor(peopled, username))
        assert principal.decides_for(Permission.PLANS_APPROVE, bodies[code].id), username
    kept = {SiteKind.WAREHOUSE, SiteKind.RESERVE_POINT, SiteKind.DELIVERY_POINT}
    paths = {body.id: body.path for body in bodies.values()}
    for site in sites:
        if site.kind not in kept:
            continue
        principal = peopled.principal(city.actor(peopled, cast.keeper_of(site.code)))
        for permission in (Permission.ORDERS_ACCEPT, Permission.ORDERS_LOAD, Permission.ORDERS_DELIVER):
            assert principal.holds_at(permission, paths[site.organisation_id]), (site.code, permission)
    for code, username in cast.SUPPLIERS.items():
        principal = peopled.principal(city.actor(peopled, username))
        assert principal.holds_at(Permission.CONTRACTS_CONFIRM, bodies[code].path), username
    with pytest.raises(KeyError):
        cast.keeper_of("vy-city")


def test_every_role_is_held_at_its_levels(peopled: Runtime) -> None:
    held = peopled.read(people.roles_held, city.actor(peopled, "secadmin"))
    assert {row.role for row in held} == set(Role)


def test_one_time_passwords_are_told_once_and_work(peopled: Runtime) -> None:
    told = city.hand_over(peopled, CHEAP, cast.MAIN)
    assert [one.username for one in told] == list(cast.MAIN)
    assert len({one.password for one in told}) == len(told)
    keeper = next(one for one in told if one.username == "keeper.city")
    signed_in = signing_in.sign_in(peopled, CHEAP, "keeper.city", keeper.password, client="test")
    assert peopled.principal(Actor(signed_in.user_id, via="web")).must_change_password
    credentials = peopled.read(people.credentials, ANONYMOUS, "clerk.kalasu")
    assert credentials is not None
    for guess in ("", "!", credentials.password_hash, "clerk.kalasu"):
        assert not CHEAP.matches(guess, credentials.password_hash), "nobody else can sign in until given a password"
