"""Reading the journal: newest first, by person, command, subject; each auditor sees the bodies in reach."""

from __future__ import annotations

import pytest

from supplyops.catalogue import commands as catalogue
from supplyops.insight.journal import JournalFilter, journal
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Forbidden
from supplyops.people import commands as people
from supplyops.runtime import Runtime
from tests.house import CITY, ITEMS, PREFECTURE, VILLAGE, House, build_house


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


def commands(runtime: Runtime, actor: Actor, **wanted: object) -> list[str]:
    return [row.command for row in runtime.read(journal, actor, JournalFilter(**wanted))]  # type: ignore[arg-type]


def test_the_journal_says_who_did_what_and_what_was_refused(house: House) -> None:
    runtime = house.runtime
    clerk, auditor = house.actor(Role.CLERK), house.actor(Role.AUDITOR)
    runtime.run(catalogue.save_items, clerk.keyed("k1"), ITEMS)
    with pytest.raises(Forbidden):
        runtime.run(people.disable_user, clerk, "sysadmin")
    rows = runtime.read(journal, auditor, JournalFilter())
    assert [(row.command, row.outcome, row.username, row.organisation_name) for row in rows] == [
        ("people.disable_user", "refused", "clerk.654004", "霍尔果斯市人民政府"),
        ("catalogue.save_items", "done", "clerk.654004", "霍尔果斯市人民政府"),
    ]
    assert rows[1].request_key == "k1"
    assert rows[0].detail == {"code": "not_permitted"}
    assert rows[0].seq > rows[1].seq
    assert commands(runtime, auditor, outcome="refused") == ["people.disable_user"]
    assert commands(runtime, auditor, command="catalogue.") == ["catalogue.save_items"]
    assert commands(runtime, auditor, before_seq=rows[0].seq) == ["catalogue.save_items"]
    assert commands(runtime, auditor, limit=1) == ["people.disable_user"]
    assert commands(runtime, auditor, username="nobody") == []


def test_an_auditor_sees_the_own_subtree_and_the_audit_administrator_everything(house: House) -> None:
    runtime = house.runtime
    runtime.run(catalogue.save_items, house.actor(Role.CLERK, PREFECTURE), ITEMS)
    runtime.run(catalogue.save_items, house.actor(Role.CLERK, VILLAGE), ITEMS)
    assert len(commands(runtime, house.actor(Role.AUDITOR, PREFECTURE), command="catalogue.save_items")) == 2
    assert len(commands(runtime, house.actor(Role.AUDITOR, CITY), command="catalogue.save_items")) == 1
    assert commands(runtime, house.actor(Role.AUDITOR, "654004001"), command="catalogue.") == []
    everything = commands(runtime, house.actor(Role.AUDIT_ADMIN, "root"), command="people.")
    assert "people.found_house" in everything, "the system's own entries belong to no body"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR, Role.AUDIT_ADMIN}))
def test_others_may_not_read_it(house: House, role: Role) -> None:
    organisation = "root" if role.value.endswith("_admin") else CITY
    with pytest.raises(Forbidden):
        house.runtime.read(journal, house.actor(role, organisation), JournalFilter())


def test_the_journal_of_the_system_counts_too(house: House) -> None:
    assert commands(house.runtime, SYSTEM, command="places.make_virtual")
