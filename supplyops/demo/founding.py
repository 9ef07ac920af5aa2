"""The first minutes of a database: administrators with one-time passwords, the virtual places of the ledger, figures to start with."""

from __future__ import annotations

from pathlib import Path

import supplyops.norms
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.reading import read_file
from supplyops.kernel.access import SYSTEM
from supplyops.norms import commands as norms
from supplyops.people import commands as people
from supplyops.people.rules import OneTimePassword
from supplyops.people.secret import Passwords, one_time_password
from supplyops.places import commands as places
from supplyops.runtime import Runtime

DEFAULTS = Path(supplyops.norms.__file__).parent / "defaults" / "parameters.csv"


def found(runtime: Runtime, passwords: Passwords) -> tuple[OneTimePassword, ...]:
    """Make what every database starts with; returns the administrators' one-time passwords, nothing if it was founded before."""
    fresh = tuple(OneTimePassword(username, one_time_password()) for username in people.ADMINISTRATORS)
    is_new = runtime.run(people.found_house, SYSTEM, {one.username: passwords.hash(one.password) for one in fresh})
    runtime.run(places.make_virtual_locations, SYSTEM)
    complete_parameters(runtime)
    return fresh if is_new else ()


def complete_parameters(runtime: Runtime) -> tuple[str, ...]:
    """Give every parameter that nobody has set yet its figure from norms/defaults, with its source mark; returns which.

    Rules cannot work without them, so a new house has them all and an upgraded one gets those that are new. Any of
    them is changed like every other figure: by a later first day.
    """
    reading = read_file(kind_named("parameters"), DEFAULTS.name, DEFAULTS.read_bytes())
    return runtime.run(norms.add_missing_parameters, SYSTEM, reading.inputs)
