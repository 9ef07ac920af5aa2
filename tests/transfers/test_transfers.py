"""Goods between stores: who has the say, what is held, what is on the road, whose they are, and what is owed back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.obligations import commands as settling
from supplyops.obligations import queries as obligations
from supplyops.obligations.rules import AgeBand, SettlementInput, SettlementKind, Standing
from supplyops.papers.tables import Paper
from supplyops.stock.tables import Lot, StockMove
from supplyops.transfers import carrying, commands, owning, queries
from supplyops.transfers.rules import (
    ArrivedLine,
    TransferGoods,
    TransferKind,
    TransferOrderInput,
    TransferState,
)
from supplyops.transfers.views import TransferFilter
from tests.conftest import START, Clock
from tests.house import (
    CITY,
    CITY_SHELF,
    CITY_STORE,
    OFFICE,
    PREFECTURE,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    VILLAGE_STORE,
)
from tests.transfers.town import STREET, STREET_SHELF, STREET_STORE, VILLAGE_QUARANTINE, Town, order
from tests.verify.test_tampering import without_guards

_K = TransferKind


@pytest.fixture
def clerk(town: Town) -> Actor:
    """Of the village, which asks."""
    return town.actor(Role.CLERK, VILLAGE)


@pytest.fixture
def approver(town: Town) -> Actor:
    """Of the city, which stands above both townships."""
    return town.actor(Role.APPROVER)


@pytest.fixture
def sender(town: Town) -> Actor:
    """The street's storekeeper."""
    return town.actor(Role.KEEPER, STREET)


@pytest.fixture
def receiver(town: Town) -> Actor:
    """The village's storekeeper."""
    return town.actor(Role.KEEPER, VILLAGE)


def stocked(town: Town, quantity: int = 20) -> None:
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), quantity, STREET_SHELF)


def test_a_neighbour_helps_and_is_owed(
    town: Town, clerk: Actor, approver: Actor, sender: Actor, receiver: Actor
) -> None:
    stocked(town)
    number = town.draft(order(), clerk)
    assert town.transfer(number).approver_name == "霍尔果斯市人民政府"
    town.runtime.run(commands.approve, approver, number)
    row = town.transfer(number)
    assert [(line.lot_number, line.quantity, line.loaded) for line in row.lots] == [("S-1", 12, 0)]
    assert town.rows(Lot)[0].id and town.house.balance(town.rows(Lot)[0].id, STREET_SHELF) == (20, 12)
    town.send(number, sender)
    assert town.owned_at(STREET, STREET_SHELF) == 8
    assert (town.transfer(number).state, town.transfer(number).driver) == (TransferState.SENT, "马师傅")
    town.arrive(number, receiver)
    assert (town.owned_at(STREET, VILLAGE_SHELF), town.owned_at(VILLAGE, VILLAGE_SHELF)) == (0, 12)
    child = next(lot for lot in town.rows(Lot) if lot.parent_lot_id is not None)
    assert (child.owner_id, child.document_number) == (town.house.organisations[VILLAGE], number)
    [debt] = town.runtime.read(obligations.obligations, clerk)
    assert (debt.creditor_code, debt.debtor_code, debt.basis_number) == (STREET, VILLAGE, number)
    assert [(line.sku, line.quantity, line.value_fen) for line in debt.lines] == [(TENT, 12, 12 * 100_00)]
    assert debt.due_on == date(2026, 1, 12) + timedelta(days=180)
    assert town.transfer(number).obligation == debt.number
    assert sorted(paper.form for paper in town.rows(Paper)) == [
        "issue_note",
        "receipt_note",
        "shipment_handover",
        "transfer_slip",
    ]
    (handover,) = (paper.content for paper in town.rows(Paper) if paper.form == "shipment_handover")
    assert [handover[name] for name in ("depart_at", "left_at")] == [
        moment.isoformat() for moment in (town.transfer(number).send_by, town.transfer(number).sent_at) if moment
    ]
    assert town.unclean() == []


def test_what_is_short_is_lost_what_is_damaged_waits_in_quarantine(
    town: Town, clerk: Actor, approver: Actor, sender: Actor, receiver: Actor
) -> None:
    stocked(town)
    number = town.draft(order(), clerk)
    town.runtime.run(commands.approve, approver, number)
    line = town.transfer(number).lots[0]
    before = town.books()
    with pytest.raises(InvalidInput):
        town.send(number, sender, {line.id: 11})
    assert town.books() == before
    town.send(number, sender, {line.id: 11}, "一顶霉变")
    assert town.house.balance(town.rows(Lot)[0].id, STREET_SHELF) == (9, 0)
    for found, cause, code in (
        (ArrivedLine(line.id, 8, 1), "", "required"),
        (ArrivedLine(line.id, 11, 1), "淋雨", "more_than_loaded"),
    ):
        before = town.books()
        with pytest.raises(InvalidInput) as refusal:
            town.arrive(number, receiver, found, cause=cause)
        assert code in {each.code for each in refusal.value.fields}
        assert town.books() == before
    town.arrive(number, receiver, ArrivedLine(line.id, 8, 1), cause="途中淋雨,少两顶")
    row = town.transfer(number)
    assert [(each.finding.value, each.quantity) for each in row.differences] == [("short", 2), ("damaged", 1)]
    assert (town.owned_at(VILLAGE, VILLAGE_SHELF), town.owned_at(VILLAGE, VILLAGE_QUARANTINE)) == (8, 1)
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)
    assert debt.lines[0].quantity == 11, "what left the owner's hands is owed, lost or not"
    assert town.unclean() == []


def test_nobody_decides_alone_and_keepers_never(town: Town, clerk: Actor) -> None:
    stocked(town)
    number = town.draft(order(), clerk)
    before = town.books()
    for actor, code in (
        (town.actor(Role.APPROVER, VILLAGE), "not_approver_of_transfer"),
        (town.actor(Role.APPROVER, STREET), "not_approver_of_transfer"),
        (town.actor(Role.APPROVER, PREFECTURE), "not_approver_of_transfer"),
        (town.actor(Role.KEEPER), "not_permitted"),
        (clerk, "not_permitted"),
    ):
        with pytest.raises(Forbidden) as refusal:
            town.runtime.run(commands.approve, actor, number)
        assert refusal.value.code == code
    assert town.books() == before
    own = town.draft(order(), town.actor(Role.APPROVER))
    with pytest.raises(Forbidden, match="own_document"):
        town.runtime.run(commands.approve, town.actor(Role.APPROVER), own)


def test_an_approver_who_keeps_a_store_is_refused(town: Town, clerk: Actor, approver: Actor) -> None:
    from supplyops.people import commands as people
    from supplyops.people.rules import RoleInput

    stocked(town)
    number = town.draft(order(), clerk)
    town.runtime.run(people.grant_role, SYSTEM, RoleInput(f"approver.{CITY}", Role.KEEPER, CITY))
    with pytest.raises(Forbidden, match="keeper_never_approves"):
        town.runtime.run(commands.approve, approver, number)


def test_what_is_not_there_is_not_approved(town: Town, clerk: Actor, approver: Actor) -> None:
    stocked(town, 5)
    number = town.draft(order(), clerk)
    before = town.books()
    with pytest.raises(Conflict, match="not_enough_usable"):
        town.runtime.run(commands.approve, approver, number)
    assert town.books() == before
    assert town.rows(Paper) == []


def test_a_lot_out_of_turn_needs_a_reason(town: Town, clerk: Actor, approver: Actor) -> None:
    """Who drafts gives it: who decides could not. A turn that changed since is told when it is approved."""
    late = town.house.lot(owner=STREET, number="LATE", expires_on=date(2028, 6, 1))
    town.house.stock(late, 20, STREET_SHELF)
    early = town.draft(order(_K.PEER, TransferGoods(TENT, 3, "LATE")), clerk)
    town.house.stock(town.house.lot(owner=STREET, number="SOON", expires_on=date(2026, 6, 1)), 20, STREET_SHELF)
    for goods, wrong in ((TransferGoods(TENT, 3, "LATE"), ("lines.0.reason", "out_of_turn")),
                         (TransferGoods(TENT, 3, "NONE", "整包"), ("lines.0.lot_number", "unknown_reference"))):  # fmt: skip
        before = town.books()
        with pytest.raises(InvalidInput) as refusal:
            town.draft(order(_K.PEER, goods), clerk)
        assert [(each.field, each.code) for each in refusal.value.fields] == [wrong]
        assert town.books() == before
    with pytest.raises(InvalidInput) as refusal:
        town.runtime.run(commands.approve, approver, early)
    assert [each.code for each in refusal.value.fields] == ["out_of_turn"]
    number = town.draft(order(_K.PEER, TransferGoods(TENT, 3, "LATE", "整包")), clerk)
    town.runtime.run(commands.approve, approver, number)
    assert [line.lot_number for line in town.transfer(number).lots] == ["LATE"]


def test_what_is_owed_is_given_back_once(
    town: Town, clerk: Actor, approver: Actor, sender: Actor, receiver: Actor, clock: Clock
) -> None:
    """Two transfers that give the same goods back: what is on its way in one is not owed for the other."""
    stocked(town)
    number = town.draft(order(), clerk)
    town.runtime.run(commands.approve, approver, number)
    town.send(number, sender)
    town.arrive(number, receiver)
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)

    def back(quantity: int) -> TransferOrderInput:
        return order(
            _K.GIVE_BACK, TransferGoods(TENT, quantity), from_site_code=VILLAGE_STORE, to_site_code=STREET_STORE,
            owner_code=VILLAGE, settles=debt.number, send_by=clock.now, arrive_by=clock.now + timedelta(hours=5),
        )  # fmt: skip

    first = town.draft(back(8), clerk)
    with pytest.raises(InvalidInput) as refusal:
        town.draft(back(5), clerk)
    [wrong] = refusal.value.fields
    assert (wrong.code, wrong.params) == (
        "more_than_owed_besides",
        {"value": 5, "maximum": 4, "owed": 12, "coming": 8, "number": first},
    )
    second = town.draft(back(4), clerk)
    creditor = town.actor(Role.CLERK)
    money = SettlementInput(debt.number, TENT, 2, SettlementKind.MONEY, amount_fen=100, voucher="V1")
    town.runtime.run(settling.settle, creditor, money)
    decides = town.actor(Role.APPROVER, VILLAGE)
    town.runtime.run(commands.approve, decides, first)
    with pytest.raises(Conflict, match="owed_less_by_now") as less:
        town.runtime.run(commands.approve, decides, second)
    assert less.value.params == {"number": second, "quantity": 4, "left": 2}
    town.runtime.run(commands.cancel, clerk, second, "重新起草")
    town.runtime.run(commands.approve, decides, town.draft(back(2), clerk))
    assert town.unclean() == []


def test_calling_off_frees_what_was_held_and_not_after_loading(
    town: Town, clerk: Actor, approver: Actor, sender: Actor
) -> None:
    stocked(town)
    number = town.draft(order(), clerk)
    town.runtime.run(commands.approve, approver, number)
    with pytest.raises(InvalidInput):
        town.runtime.run(commands.cancel, clerk, number, " ")
    town.runtime.run(commands.cancel, clerk, number, "已不需要")
    lot = town.rows(Lot)[0].id
    assert town.house.balance(lot, STREET_SHELF) == (20, 0)
    assert [paper.state.value for paper in town.rows(Paper)] == ["void"]
    again = town.draft(order(), clerk)
    town.runtime.run(commands.approve, approver, again)
    town.send(again, sender)
    with pytest.raises(WrongState):
        town.runtime.run(commands.cancel, clerk, again, "晚了")
    assert town.unclean() == []


def test_what_cannot_be_delivered_comes_back(
    town: Town, clerk: Actor, approver: Actor, sender: Actor, receiver: Actor
) -> None:
    stocked(town)
    number = town.draft(order(), clerk)
    town.runtime.run(commands.approve, approver, number)
    with pytest.raises(WrongState):
        town.arrive(number, receiver)
    town.send(number, sender)
    with pytest.raises(Forbidden):
        town.runtime.run(carrying.take_back, receiver, number, "道路中断")
    town.runtime.run(carrying.take_back, sender, number, "道路中断")
    assert town.owned_at(STREET, STREET_SHELF) == 20
    assert town.runtime.read(obligations.obligations, SYSTEM) == []
    with pytest.raises(WrongState):
        town.arrive(number, receiver)
    assert town.unclean() == []


def test_a_late_arrival_shows(town: Town, clerk: Actor, approver: Actor, sender: Actor, clock: Clock) -> None:
    stocked(town)
    number = town.draft(order(), clerk)
    town.runtime.run(commands.approve, approver, number)
    town.send(number, sender)
    late = TransferFilter(only_overdue=True)
    assert town.runtime.read(queries.transfers, clerk, late) == []
    clock.advance(hours=4, minutes=1)
    assert [row.number for row in town.runtime.read(queries.transfers, clerk, late)] == [number]


def test_goods_kept_for_another_stay_its_own(town: Town) -> None:
    """The city keeps tents in the village's store: custody moves, ownership does not."""
    lot = town.house.lot(number="C-1")
    town.house.stock(lot, 30)
    wanted = order(_K.AGENCY, from_site_code=CITY_STORE, owner_code=CITY, to_site_code=VILLAGE_STORE)
    number = town.draft(wanted, town.actor(Role.CLERK))
    assert town.transfer(number).approver_name == "霍尔果斯市人民政府"
    town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    town.send(number, town.actor(Role.KEEPER))
    town.arrive(number, town.actor(Role.KEEPER, VILLAGE))
    assert town.house.balance(lot, VILLAGE_SHELF) == (12, 0)
    assert town.owned_at(CITY, VILLAGE_SHELF) == 12
    assert len(town.rows(Lot)) == 1
    assert town.runtime.read(obligations.obligations, SYSTEM) == []
    moved = [move for move in town.rows(StockMove) if move.reason.value == "delivery"]
    assert {move.owner_id for move in moved} == {town.house.organisations[CITY]}
    assert town.unclean() == []


def test_a_change_of_owner_without_a_road_makes_a_child_lot(town: Town) -> None:
    lot = town.house.lot(number="C-1", expires_on=date(2030, 1, 1))
    town.house.stock(lot, 30)
    wanted = order(
        _K.OWNERSHIP, from_site_code=CITY_STORE, to_site_code=CITY_STORE, owner_code=CITY, new_owner_code=VILLAGE
    )
    number = town.draft(wanted, town.actor(Role.CLERK))
    town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    keeper = town.actor(Role.KEEPER)
    with pytest.raises(WrongState):
        town.send(number, keeper)
    town.runtime.run(owning.change_owner, keeper, number)
    assert (town.owned_at(CITY, CITY_SHELF), town.owned_at(VILLAGE, CITY_SHELF)) == (18, 12)
    child = next(each for each in town.rows(Lot) if each.parent_lot_id == lot)
    assert (child.expires_on, child.unit_price_fen) == (date(2030, 1, 1), 100_00)
    assert town.unclean() == []


def test_a_level_above_draws_and_owes(town: Town) -> None:
    stocked(town)
    wanted = order(_K.DRAW, to_site_code=CITY_STORE, new_owner_code=CITY)
    number = town.draft(wanted, town.actor(Role.CLERK))
    with pytest.raises(Forbidden, match="not_approver_of_transfer"):
        town.runtime.run(commands.approve, town.actor(Role.APPROVER, STREET), number)
    town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    town.send(number, town.actor(Role.KEEPER, STREET))
    town.arrive(number, town.actor(Role.KEEPER))
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)
    assert (debt.creditor_code, debt.debtor_code) == (STREET, CITY)


def test_what_is_given_back_settles_what_is_owed(
    town: Town, clerk: Actor, approver: Actor, sender: Actor, receiver: Actor, clock: Clock
) -> None:
    stocked(town)
    number = town.draft(order(due_on=date(2026, 2, 1)), clerk)
    town.runtime.run(commands.approve, approver, number)
    town.send(number, sender)
    town.arrive(number, receiver)
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)
    clock.advance(days=40)
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)
    assert (debt.band, debt.is_overdue, debt.age_days) == (AgeBand.TO_30, True, 40)
    back = order(
        _K.GIVE_BACK, TransferGoods(TENT, 5), from_site_code=VILLAGE_STORE, to_site_code=STREET_STORE,
        owner_code=VILLAGE, settles=debt.number, send_by=clock.now, arrive_by=clock.now + timedelta(hours=5),
    )  # fmt: skip
    given = town.draft(back, clerk)
    town.runtime.run(commands.approve, town.actor(Role.APPROVER, VILLAGE), given)
    town.send(given, receiver)
    town.arrive(given, sender)
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)
    assert (debt.standing, debt.lines[0].settled, debt.lines[0].outstanding_fen) == (Standing.PARTLY, 5, 7 * 100_00)
    assert [(each.document_number, each.quantity) for each in debt.settlements] == [(given, 5)]
    too_much = order(
        _K.GIVE_BACK, TransferGoods(TENT, 8), from_site_code=VILLAGE_STORE, to_site_code=STREET_STORE,
        owner_code=VILLAGE, settles=debt.number, send_by=clock.now, arrive_by=clock.now + timedelta(hours=5),
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refusal:
        town.draft(too_much, clerk)
    assert [(each.field, each.code) for each in refusal.value.fields] == [("lines.0.quantity", "more_than_owed")]
    assert town.unclean() == []


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "no such site": ({"to_site_code": "none"}, "unknown_reference"),
    "no such owner": ({"owner_code": "none"}, "unknown_reference"),
    "no such item": ({"lines": (TransferGoods("Z99999", 1),)}, "unknown_reference"),
    "help to oneself": ({"new_owner_code": STREET}, "same_owner"),
    "help from a body above": ({"owner_code": CITY, "from_site_code": CITY_STORE}, "not_beside_owner"),
    "allocation to a neighbour": ({"kind": _K.ALLOCATION}, "not_below_owner"),
    "draw by a neighbour": ({"kind": _K.DRAW}, "not_above_owner"),
    "kept by the owner itself": ({"kind": _K.AGENCY, "owner_code": VILLAGE}, "agency_with_itself"),
    "too late from the start": ({"send_by": START - timedelta(hours=2), "arrive_by": START - timedelta(hours=1)}, "in_the_past"),
    "an unknown debt": ({"kind": _K.GIVE_BACK, "settles": "QH-0"}, "unknown_reference"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_orders_that_cannot_be_leave_nothing(town: Town, clerk: Actor, case: str) -> None:
    stocked(town)
    changes, code = WRONG[case]
    before = town.books()
    with pytest.raises(InvalidInput) as refusal:
        town.draft(order(**changes), town.actor(Role.CLERK))  # type: ignore[arg-type]
    assert code in {each.code for each in refusal.value.fields}
    assert town.books() == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to_site_code": STREET_STORE}, "same_site_only_ownership"),
        ({"kind": _K.OWNERSHIP, "new_owner_code": VILLAGE}, "same_site_only_ownership"),
        ({"kind": _K.AGENCY, "new_owner_code": VILLAGE}, "owner_stays"),
        ({"settles": "QH-1"}, "only_given_back"),
        ({"kind": _K.GIVE_BACK}, "required"),
        ({"arrive_by": START}, "ends_before_start"),
        ({"lines": ()}, "required"),
        ({"lines": (TransferGoods(TENT, 0),)}, "not_positive"),
    ],
)
def test_inputs_that_contradict_themselves(changes: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        if "lines" in changes:
            TransferOrderInput(**{name: getattr(order(), name) for name in TransferOrderInput.__dataclass_fields__} | changes)  # type: ignore[arg-type]  # fmt: skip
        else:
            order(**changes)  # type: ignore[arg-type]
    assert code in {each.code for each in refusal.value.fields}


def test_others_do_not_see_it(town: Town, clerk: Actor) -> None:
    stocked(town)
    number = town.draft(order(_K.RELOCATION, owner_code=STREET), town.actor(Role.CLERK, STREET))
    outsider = town.actor(Role.CLERK, "x61")
    assert town.runtime.read(queries.transfers, outsider) == []
    with pytest.raises(NotFound):
        town.runtime.run(commands.cancel, outsider, number, "x")
    with pytest.raises(Forbidden):
        town.draft(order(), outsider)
    assert [row.number for row in town.runtime.read(queries.transfers, clerk)] == [number]


def test_help_inside_one_house_is_decided_by_its_owner(town: Town) -> None:
    """The office of the city and the city are one house: moving goods between their stores is the owner's affair."""
    town.house.stock(town.house.lot(QUILT, owner=OFFICE), 10)
    wanted = order(
        _K.RELOCATION, TransferGoods(QUILT, 4), owner_code=OFFICE, from_site_code=CITY_STORE, to_site_code=STREET_STORE
    )  # fmt: skip
    number = town.draft(wanted, town.actor(Role.CLERK))
    with pytest.raises(Forbidden):
        town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    town.runtime.run(commands.approve, town.actor(Role.APPROVER, OFFICE), number)
    assert town.transfer(number).state is TransferState.APPROVED


PLANTED = {
    "goods that stayed on the road": ("UPDATE transfer SET state = 'sent' WHERE state = 'received'", "I50"),
    "more found than loaded": ("UPDATE transfer_lot SET good = 11 WHERE good = 12", "I50"),
    "approved by who drafted": ("UPDATE transfer SET approved_by_id = created_by_id", "I50"),
    "never approved": ("UPDATE transfer SET approved_by_id = NULL", "I15"),
}


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_found(
    town: Town, clerk: Actor, approver: Actor, sender: Actor, receiver: Actor, violation: str
) -> None:
    stocked(town)
    number = town.draft(order(), clerk)
    town.runtime.run(commands.approve, approver, number)
    town.send(number, sender)
    town.arrive(number, receiver)
    statement, invariant = PLANTED[violation]
    without_guards(town.runtime.database, statement)
    assert invariant in {finding.id for finding in town.unclean()}
