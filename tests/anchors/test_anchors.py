"""An anchor kept outside finds what nothing inside can: books that were changed, cut or put back and made to fit again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update

from supplyops.anchors.rules import AGE_MAX, Due
from supplyops.cli.anchoring import ANCHOR_FILE, keys_of, seal_books, seal_when_due, written
from supplyops.cli.compose import metadata
from supplyops.config import Settings
from supplyops.dispatch import commands as dispatch
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Forbidden
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason
from supplyops.verify.anchors import Given, NoAnchor, given_anchor, key_id, read_anchor
from supplyops.verify.books import INVARIANTS, examine, examine_on
from supplyops.verify.report import run
from supplyops.verify.rows import Books
from tests.anchors.attacks import cover_up, first, take_guards_off
from tests.conftest import START, Clock
from tests.dispatch.world import World, build_world
from tests.house import CITY_SHELF, QUILT, VILLAGE_SHELF
from tests.once import once
from tests.stock.test_ledger import posting

BEFORE = START - timedelta(minutes=5)


@pytest.fixture
@once
def world(runtime: Runtime) -> World:
    """Orders that were accepted and wait, goods that went forth and back, two of them at the very end."""
    world = build_world(runtime)
    world.approve(world.plan(world.tents(40), world.water(100)))
    runtime.run(dispatch.accept, world.actor(Role.KEEPER), world.consignment().id)
    with pytest.raises(Forbidden):
        runtime.run(dispatch.accept, world.actor(Role.AUDITOR), world.consignment().id)
    house = world.house
    lots = [house.lot(QUILT, number=number) for number in ("Q1", "Q2")]
    for lot in lots:
        house.stock(lot, 20)
    here, there = house.locations[CITY_SHELF], house.locations[VILLAGE_SHELF]
    for number, (lot, source, target) in enumerate(((lots[0], here, there), (lots[1], here, there), (lots[0], there, here), (lots[1], there, here)), start=900):  # fmt: skip
        runtime.run(ledger.post, SYSTEM, posting(number, MoveReason.TRANSFER, Leg(lot, source, target, 3)))
    return world


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def table(name: str) -> Any:
    return metadata().tables[name]


def alter(name: str, **values: Any) -> Callable[[Connection], None]:
    def attack(connection: Connection) -> None:
        rows = table(name)
        key = next(iter(rows.primary_key))
        connection.execute(update(rows).where(key == first(connection, rows)[key.name]).values(**values))

    return attack


def drop_two_moves(connection: Connection) -> None:
    """One went forth and its opposite: no balance tells of them."""
    moves = table("stock_move")
    lot = first(connection, moves, moves.c.reason == "transfer")["lot_id"]
    connection.execute(delete(moves).where(moves.c.reason == "transfer", moves.c.lot_id == lot))


def truncate_moves(connection: Connection) -> None:
    moves = table("stock_move")
    connection.execute(delete(moves).where(moves.c.reason == "transfer"))


def swap(name: str, condition: Callable[[Any], Any]) -> Callable[[Connection], None]:
    """Each takes the other's place, in the chain and in the table."""

    def attack(connection: Connection) -> None:
        rows = table(name)
        found = connection.execute(rows.select().where(condition(rows)).order_by(rows.c.seq).limit(2)).mappings().all()
        one, other = found
        aside = {"seq": -1, "shard_seq": -1}
        for taken, given in ((one, aside), (other, one), (aside, other)):
            place = {column: given[column] for column in aside}
            connection.execute(update(rows).where(rows.c.seq == taken["seq"]).values(**place))

    return attack


def drop_quiet_entry(connection: Connection) -> None:
    """An entry that told of no row: somebody was refused."""
    journal = table("journal_entry")
    assert connection.execute(delete(journal).where(journal.c.outcome == "refused")).rowcount == 1


def truncate_journal(connection: Connection) -> None:
    """The last transfers never happened, says the journal as well."""
    truncate_moves(connection)
    journal = table("journal_entry")
    newest = connection.execute(journal.select().order_by(journal.c.seq.desc()).limit(5)).mappings().all()
    assert [row["command"] for row in newest] == ["anchors.make_anchor", *["stock.ledger.post"] * 4]
    connection.execute(delete(journal).where(journal.c.seq.in_([row["seq"] for row in newest])))


ATTACKS: dict[str, Callable[[Connection], None]] = {
    "a move altered": alter("stock_move", note="nothing to see"),
    "a move re-dated": alter("stock_move", occurred_at=BEFORE),
    "moves dropped": drop_two_moves,
    "moves swapped": swap("stock_move", lambda rows: rows.c.reason == "opening"),
    "moves truncated": truncate_moves,
    "a hold altered": alter("reservation", document_number="another order"),
    "a hold re-dated": alter("reservation", expires_at=START + timedelta(days=400)),
    "an order altered": alter("consignment", accepted_by_name="somebody else"),
    "an order re-dated": alter("consignment", accepted_at=BEFORE),
    "an order's line altered": alter("consignment_line", line_no=7),
    "an instruction altered": alter("release_instruction", note="by word of mouth"),
    "an instruction re-dated": alter("release_instruction", load_by=START + timedelta(days=9)),
    "a journal entry altered": alter("journal_entry", actor_name="somebody else"),
    "a journal entry re-dated": alter("journal_entry", recorded_at=BEFORE),
    "a journal entry dropped": drop_quiet_entry,
    "journal entries swapped": swap("journal_entry", lambda rows: rows.c.command == "stock.ledger.post"),
    "the journal truncated": truncate_journal,
}
DROPPED = ("reservation", "consignment_line", "consignment", "release_instruction")


def attacked(
    world: World, attack: Callable[[Connection], None], given: Given, keys: dict[str, str]
) -> tuple[set[str], set[str]]:
    """What is found with and without the anchor after an attack that was covered up; the attack is taken back.

    Looked at once, as `examine_on` does: the anchor is held against the books last.
    """
    with world.runtime.database.writer.connect() as connection:
        transaction = connection.begin()
        guards = take_guards_off(connection)
        attack(connection)
        cover_up(connection, guards)
        books = Books(connection, keys=keys)
        findings = list(run(INVARIANTS, books))
        alone = {each.id for each in findings if not each.is_clean}
        given_anchor(books, next(each for each in findings if each.id == "I7"), given)
        transaction.rollback()
    return {each.id for each in findings if not each.is_clean}, alone


def test_only_the_anchor_finds_books_that_were_rewritten_from_inside(world: World, settings: Settings) -> None:
    anchor = read_anchor(written(seal_books(world.runtime, settings)))
    keys = keys_of(settings)
    assert examine(world.runtime.database, keys=keys, given=anchor).is_clean
    for name, attack in ATTACKS.items():
        with_anchor, alone = attacked(world, attack, anchor, keys)
        assert alone == set(), f"{name}: the cover-up was not complete, the anchor was not needed: {alone}"
        assert with_anchor == {"I7"}, f"{name}: not found"
    for name in DROPPED:
        with_anchor, _ = attacked(
            world, lambda connection, name=name: connection.execute(delete(table(name))), anchor, keys
        )  # type: ignore[misc]
        assert "I7" in with_anchor, f"{name} dropped"
    assert examine(world.runtime.database, keys=keys, given=anchor).is_clean, "each attack was taken back"


def test_older_books_put_in_place_of_newer_are_told_by_number(world: World, settings: Settings) -> None:
    seal_books(world.runtime, settings)
    with world.runtime.database.writer.connect() as connection:
        before = examine_on(connection, keys=keys_of(settings)).mark
    world.house.stock(world.house.lot(QUILT, number="Q3"), 1)
    anchor = read_anchor(written(seal_books(world.runtime, settings)))

    def put_back(connection: Connection) -> None:
        for name, ends in (("stock_move", before.moves), ("journal_entry", before.journal)):
            rows = table(name)
            for shard, (number, _) in ends.items():
                connection.execute(delete(rows).where(rows.c.shard == shard, rows.c.shard_seq > number))

    with world.runtime.database.writer.connect() as connection:
        transaction = connection.begin()
        guards = take_guards_off(connection)
        put_back(connection)
        cover_up(connection, guards)
        found = {each.id: each.examples for each in examine_on(connection, given=anchor).findings}
        transaction.rollback()
    (shard,) = (
        shard for shard, end in anchor.heads.items() if shard.startswith("stock:") and before.moves[shard] != end
    )
    number = anchor.heads[shard][0]
    assert any(f"链 {shard}:本库到第 {number - 1} 环为止,签名锚记到第 {number} 环" in each for each in found["I7"])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM anchor WHERE number = 2",
        "UPDATE chain_head SET anchored_seq = anchored_seq - 1 WHERE anchored_seq > 0",
        "UPDATE chain_head SET anchored_hash = 'x' WHERE anchored_seq > 0",
    ],
)
def test_chain_heads_remember_the_newest_anchor(world: World, settings: Settings, statement: str) -> None:
    seal_books(world.runtime, settings)
    world.house.stock(world.house.lot(QUILT, number="Q3"), 1)
    seal_books(world.runtime, settings)
    with world.runtime.database.writer.connect() as connection:
        transaction = connection.begin()
        assert examine_on(connection, keys=keys_of(settings)).is_clean
        guards = take_guards_off(connection)
        assert connection.execute(text(statement)).rowcount
        for each in guards:
            connection.execute(text(each))
        found = {each.id for each in examine_on(connection, keys=keys_of(settings)).findings if not each.is_clean}
        transaction.rollback()
    assert found == {"I7"}


def test_a_forged_anchor_is_none(world: World, settings: Settings, tmp_path: Path) -> None:
    anchor = seal_books(world.runtime, settings)
    keys = keys_of(settings)
    good = json.loads(written(anchor))
    for change in (
        {"moves": good["moves"] + 1},
        {"signature": "A" * 86},
        {"root": "0" * 64},
        {"hash": "0" * 64},
        {"key_id": "f" * 16},
    ):
        forged = read_anchor(json.dumps({**good, **change}))
        assert not examine(world.runtime.database, keys=keys, given=forged).is_clean, change
    shard = next(iter(good["heads"]))
    cut = {**good["heads"], shard: [1, good["heads"][shard][1]]}
    assert not examine(
        world.runtime.database, keys=keys, given=read_anchor(json.dumps({**good, "heads": cut}))
    ).is_clean
    (tmp_path / "other").mkdir()
    stranger = seal_books(world.runtime, Settings(data_dir=tmp_path / "other"))
    assert not examine(world.runtime.database, keys=keys, given=read_anchor(written(stranger))).is_clean
    assert not examine(world.runtime.database, keys=keys).is_clean, "it lies in the table too"
    for given_text in ("", "{", "[]", json.dumps({"heads": {}}), json.dumps({**good, "heads": {shard: 5}})):
        with pytest.raises(NoAnchor):
            read_anchor(given_text)


def test_anchors_follow_one_another_and_hold_only_what_moved(world: World, settings: Settings) -> None:
    first_one = seal_books(world.runtime, settings)
    second = seal_books(world.runtime, settings)
    assert (second.number, second.previous_hash) == (first_one.number + 1, first_one.hash)
    with world.runtime.database.read() as session:
        rows = session.execute(table("anchor").select().order_by(table("anchor").c.number)).all()
    assert list(rows[1].moved) == ["journal:system"], "only the first anchor's own entry lies between them"
    assert set(second.heads) == set(first_one.heads) | {"journal:system"}
    assert len((settings.data_dir / "anchors.jsonl").read_text().splitlines()) == 2
    assert json.loads((settings.data_dir / ANCHOR_FILE).read_text())["number"] == 2
    mode = (settings.data_dir / "signing.key").stat().st_mode & 0o777
    assert mode == 0o600
    assert (
        list(keys_of(settings)) == [key_id((settings.data_dir / "signing.pub").read_text().strip())] == [second.key_id]
    )


def test_the_timer_seals_after_ten_minutes_or_a_thousand_rows(world: World, settings: Settings, clock: Clock) -> None:
    assert seal_when_due(world.runtime, settings)
    clock.advance(minutes=30)
    assert not seal_when_due(world.runtime, settings), "its own entry is no reason for another one"
    world.house.stock(world.house.lot(QUILT, number="Q4"), 1)
    assert seal_when_due(world.runtime, settings)
    world.house.stock(world.house.lot(QUILT, number="Q5"), 1)
    assert not seal_when_due(world.runtime, settings), "ten minutes have not gone by"
    clock.advance(minutes=10)
    assert seal_when_due(world.runtime, settings)
    assert Due(1_000, START).at(START)
    assert not Due(999, START).at(START + AGE_MAX / 2)
