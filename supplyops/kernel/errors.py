"""What can go wrong, said as a code and parameters; the sentences live in `wording`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


class SupplyError(Exception):
    """Root of everything this system refuses. `code` names the cause, `params` the particulars."""

    family: ClassVar[str] = "error"

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of an input that cannot be accepted. `field` is a dotted path such as `lines.2.quantity`."""

    field: str
    code: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)
    told: str = ""
    """The whole sentence, where whoever found the error can say more than its code does: where in a file, and what to do."""


class InvalidInput(SupplyError):
    """The input itself is wrong; `fields` says where and why."""

    family = "invalid_input"

    def __init__(
        self, code: str = "invalid_input", /, *, fields: tuple[FieldError, ...] = (), **params: object
    ) -> None:
        super().__init__(code, **params)
        self.fields = fields

    def __str__(self) -> str:
        return "; ".join(f"{e.field}: {e.code} {dict(e.params)}" for e in self.fields) or super().__str__()


class Unauthenticated(SupplyError):
    """Nobody is signed in, or the session or token has ended."""

    family = "unauthenticated"


class Forbidden(SupplyError):
    """The actor is known but may not do this."""

    family = "forbidden"


class NotFound(SupplyError):
    """Absent, or outside what the actor may see: the two are never told apart."""

    family = "not_found"

    def __init__(self, noun: str, /, **params: object) -> None:
        super().__init__("not_found", noun=noun, **params)


class Conflict(SupplyError):
    """The world has moved on: wrong state, stale version, not enough stock."""

    family = "conflict"


class Busy(SupplyError):
    """Try again later; nothing was done and nothing is lost."""

    family = "busy"


class KeyReused(InvalidInput):
    """The same request key came with other content."""

    def __init__(self, operation: str) -> None:
        super().__init__("key_reused", operation=operation)


class WrongState(Conflict):
    """The document is not in a state that allows this step."""

    def __init__(self, noun: str, state: str, wanted: str = "", *, becomes: str = "") -> None:
        """`wanted` is the state the step needs; `becomes` the one it would lead to, where several may come before it."""
        target = {"becomes": becomes} if becomes else {"wanted": wanted}
        super().__init__("wrong_state", noun=noun, state=state, **target)
