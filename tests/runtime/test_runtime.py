"""One command, one transaction: access, keys, journal, retry."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from supplyops.audit.tables import JournalEntry, RequestKey
from supplyops.database.engine import Database
from supplyops.kernel.access import SYSTEM, Permission, Role
from supplyops.kernel.errors import Busy, Conflict, Forbidden, KeyReused
from supplyops.people.tables import Organisation
from supplyops.runtime import ATTEMPTS_MAX, Context, Runtime, command, query
from tests.house import CITY, VILLAGE, House, build_house


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@dataclass(frozen=True, slots=True)
class Answer:
    number: int
    body: UUID


@command(Permission.CATALOGUE_EDIT)
def rename(ctx: Context, code: str, name: str) -> Answer:
    row = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one()
    row.name = name
    ctx.about("organisation", row.id, code)
    return Answer(len(name), row.id)


@command(Permission.CATALOGUE_EDIT)
def rename_and_fail(ctx: Context, code: str, name: str) -> None:
    rename(ctx, code, name)
    raise Conflict("stale")


@query(Permission.SIGNED_IN)
def sneaky_write(ctx: Context) -> None:
    ctx.session.execute(text("UPDATE organisation SET name = 'x'"))


def journal(runtime: Runtime) -> list[JournalEntry]:
    with runtime.database.read() as session:
        return list(session.scalars(select(JournalEntry).order_by(JournalEntry.seq)))


def name_of(runtime: Runtime, code: str) -> str:
    with runtime.database.read() as session:
        return session.scalars(select(Organisation.name).where(Organisation.code == code)).one()


def test_what_was_done_is_journaled_with_who_and_what(runtime: Runtime, house: House) -> None:
    clerk = house.actor(Role.CLERK)
    runtime.run(rename, clerk, CITY, "新名")
    entry = journal(runtime)[-1]
    assert (entry.command, entry.outcome, entry.actor_id, entry.subject_number) == (
        "tests.runtime.test_runtime.rename",
        "done",
        clerk.user_id,
        CITY,
    )
    assert [effect[0] for effect in entry.effects] == ["organisation"]
    assert entry.roles == "clerk"


def test_a_refused_command_changes_nothing_and_leaves_no_entry(runtime: Runtime, house: House) -> None:
    before, name = len(journal(runtime)), name_of(runtime, CITY)
    with pytest.raises(Conflict):
        runtime.run(rename_and_fail, SYSTEM, CITY, "新名")
    assert name_of(runtime, CITY) == name
    assert len(journal(runtime)) == before


def test_who_may_not_is_refused_and_the_attempt_is_journaled(runtime: Runtime, house: House) -> None:
    keeper = house.actor(Role.KEEPER)
    with pytest.raises(Forbidden):
        runtime.run(rename, keeper, CITY, "新名")
    entry = journal(runtime)[-1]
    assert (entry.outcome, entry.actor_id, entry.detail["code"]) == ("refused", keeper.user_id, "not_permitted")


def test_a_command_inside_a_command_is_one_entry(runtime: Runtime, house: House) -> None:
    @command(Permission.CATALOGUE_EDIT)
    def twice(ctx: Context) -> None:
        rename(ctx, CITY, "一")
        rename(ctx, VILLAGE, "二")

    before = len(journal(runtime))
    runtime.run(twice, SYSTEM)
    assert len(journal(runtime)) == before + 1
    assert len(journal(runtime)[-1].effects) == 2


def test_the_same_key_and_content_gives_the_same_answer_once(runtime: Runtime, house: House) -> None:
    clerk = house.actor(Role.CLERK).keyed("k-1")
    first = runtime.run(rename, clerk, CITY, "新名")
    entries = len(journal(runtime))
    again = runtime.run(rename, clerk, CITY, "新名")
    assert again == first
    assert isinstance(again, Answer)
    assert len(journal(runtime)) == entries


def test_the_same_key_with_other_content_is_refused(runtime: Runtime, house: House) -> None:
    clerk = house.actor(Role.CLERK).keyed("k-1")
    runtime.run(rename, clerk, CITY, "新名")
    with pytest.raises(KeyReused):
        runtime.run(rename, clerk, CITY, "别名")
    assert name_of(runtime, CITY) == "新名"


def test_keys_belong_to_a_person_and_an_operation(runtime: Runtime, house: House) -> None:
    runtime.run(rename, house.actor(Role.CLERK).keyed("k-1"), CITY, "甲")
    runtime.run(rename, house.actor(Role.CLERK, VILLAGE).keyed("k-1"), CITY, "乙")
    assert name_of(runtime, CITY) == "乙"
    with runtime.database.read() as session:
        assert len(session.scalars(select(RequestKey)).all()) == 2


def test_a_failed_command_does_not_use_up_its_key(runtime: Runtime, house: House) -> None:
    clerk = house.actor(Role.CLERK).keyed("k-1")
    with pytest.raises(Conflict):
        runtime.run(rename_and_fail, clerk, CITY, "新名")
    runtime.run(rename, clerk, CITY, "新名")


def test_a_query_cannot_write(runtime: Runtime, house: House) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        runtime.read(sneaky_write, house.actor(Role.CLERK))


def test_a_lost_race_is_run_again_and_an_endless_one_is_busy(runtime: Runtime, house: House) -> None:
    tries = []

    @command(Permission.CATALOGUE_EDIT)
    def unlucky(ctx: Context, losses: int) -> int:
        tries.append(ctx.now)
        if len(tries) <= losses:
            raise OperationalError("", {}, Exception("database is locked"))
        return len(tries)

    assert runtime.run(unlucky, SYSTEM, 2) == 3
    tries.clear()
    with pytest.raises(Busy):
        runtime.run(unlucky, SYSTEM, 99)
    assert len(tries) == ATTEMPTS_MAX


def test_other_errors_are_not_retried(runtime: Runtime, house: House) -> None:
    tries = []

    @command(Permission.CATALOGUE_EDIT)
    def broken(ctx: Context) -> None:
        tries.append(1)
        ctx.session.execute(text("SELECT nonsense FROM nowhere"))

    with pytest.raises(Exception, match="nowhere"):
        runtime.run(broken, SYSTEM)
    assert len(tries) == 1


def test_a_role_counts_from_its_day_to_its_day(runtime: Runtime, house: House, database: Database) -> None:
    from datetime import timedelta

    from supplyops.kernel.clock import business_day
    from supplyops.people import commands as people
    from supplyops.people.rules import RoleInput, UserInput

    today = business_day(runtime.clock())
    user_id = runtime.run(people.add_user, SYSTEM, UserInput("temp", "临时", CITY), "unused")
    runtime.run(
        people.grant_role,
        SYSTEM,
        RoleInput("temp", Role.CLERK, CITY, today + timedelta(days=1), today + timedelta(days=2)),
    )
    from supplyops.kernel.access import Actor

    actor = Actor(user_id)
    assert not runtime.principal(actor).holds(Permission.CATALOGUE_EDIT)
    runtime.clock.advance(days=1)  # type: ignore[attr-defined]
    assert runtime.principal(actor).holds(Permission.CATALOGUE_EDIT)
    runtime.clock.advance(days=2)  # type: ignore[attr-defined]
    assert not runtime.principal(actor).holds(Permission.CATALOGUE_EDIT)
