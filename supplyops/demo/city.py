"""The demo city, taken into the books from files, each by the office that keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from supplyops.exchange.importing import Imported, import_file
from supplyops.kernel.access import ANONYMOUS, Actor
from supplyops.people import commands as people
from supplyops.people import queries
from supplyops.people.rules import OneTimePassword
from supplyops.people.secret import Passwords, one_time_password
from supplyops.runtime import Runtime

DATA = Path(__file__).parent / "data"
VIA = "cli"
"""The city is loaded and its stories are told on the machine itself, like everything on the command line."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the city: what it holds and who brings it in."""

    file: str
    by: str

    @property
    def kind(self) -> str:
        """The KIND that the file's name begins with."""
        return self.file.partition(".")[0]


SOURCES = (
    Source("organisations.csv", "sysadmin"),
    Source("users.csv", "sysadmin"),
    Source("roles.csv", "secadmin"),
    Source("parameters.csv", "clerk.prefecture"),
    Source("thresholds.csv", "clerk.city"),
    Source("areas.csv", "clerk.prefecture"),
    Source("road-nodes.csv", "clerk.prefecture"),
    Source("roads.csv", "clerk.prefecture"),
    Source("need-classes.csv", "clerk.prefecture"),
    Source("items.csv", "clerk.prefecture"),
    Source("packs.csv", "clerk.prefecture"),
    Source("kits.csv", "clerk.prefecture"),
    Source("substitutes.csv", "clerk.prefecture"),
    Source("recovery-limits.csv", "clerk.prefecture"),
    Source("asset-plans.csv", "clerk.prefecture"),
    Source("need-norms.csv", "clerk.prefecture"),
    Source("reserve-norms.csv", "clerk.prefecture"),
    Source("vehicle-types.csv", "clerk.prefecture"),
    Source("sites.prefecture.csv", "clerk.prefecture"),
    Source("sites.city.csv", "clerk.city"),
    Source("locations.prefecture.csv", "clerk.prefecture"),
    Source("locations.city.csv", "clerk.city"),
    Source("contracts.prefecture.csv", "clerk.prefecture"),
    Source("contracts.city.csv", "clerk.city"),
    Source("contract-lines.prefecture.csv", "clerk.prefecture"),
    Source("contract-lines.city.csv", "clerk.city"),
    Source("vehicles.prefecture.csv", "clerk.prefecture"),
    Source("vehicles.city.csv", "clerk.city"),
    Source("teams.csv", "clerk.city"),
    Source("lots.prefecture.csv", "clerk.prefecture"),
    Source("lots.city.csv", "clerk.city"),
    Source("assets.csv", "clerk.city"),
)
"""In the order in which one file can refer to another."""


def actor(runtime: Runtime, username: str) -> Actor:
    """A person of the city, acting on the machine itself."""
    return Actor(runtime.read(queries.user_id_of, ANONYMOUS, username), via=VIA)


def load_city(
    runtime: Runtime, *, report: Callable[[Imported], None] = lambda _: None, folder: Path = DATA
) -> tuple[Imported, ...]:
    """Import every file of the city into a founded house (see `founding`), in order, telling `report` of each.

    A file that is in the books already changes nothing. Raises FileRefused at the first file that cannot be taken;
    files before it stay in the books.
    """
    done = []
    for source in SOURCES:
        imported = import_file(runtime, actor(runtime, source.by), source.kind, folder / source.file)
        report(imported)
        done.append(imported)
    return tuple(done)


def hand_over(runtime: Runtime, passwords: Passwords, usernames: Sequence[str]) -> tuple[OneTimePassword, ...]:
    """Give each of these accounts a one-time password, by the system administrator; told once, kept nowhere."""
    administrator = actor(runtime, "sysadmin")
    told = tuple(OneTimePassword(username, one_time_password()) for username in usernames)
    for one in told:
        runtime.run(people.reset_password, administrator, one.username, passwords.hash(one.password))
    return told
