"""The first minutes of a database: administrators with one-time passwords, the virtual places of the ledger."""

from __future__ import annotations

from supplyops.kernel.access import SYSTEM
from supplyops.people import commands as people
from supplyops.people.rules import OneTimePassword
from supplyops.people.secret import Passwords, one_time_password
from supplyops.places import commands as places
from supplyops.runtime import Runtime


def found(runtime: Runtime, passwords: Passwords) -> tuple[OneTimePassword, ...]:
    """Make what every database starts with; returns the administrators' one-time passwords, nothing if it was founded before."""
    fresh = tuple(OneTimePassword(username, one_time_password()) for username in people.ADMINISTRATORS)
    is_new = runtime.run(people.found_house, SYSTEM, {one.username: passwords.hash(one.password) for one in fresh})
    runtime.run(places.make_virtual_locations, SYSTEM)
    return fresh if is_new else ()
