"""What an organisation, a user and a role held are, and which of them are acceptable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from supplyops.kernel.access import Role
from supplyops.kernel.checks import Checks

CODE_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
USERNAME_PATTERN = re.compile(r"[a-z][a-z0-9_.-]{2,39}")

SESSION_IDLE = timedelta(minutes=30)
SESSION_LENGTH = timedelta(hours=12)
FAILURES_MAX = 5
LOCK_TIME = timedelta(minutes=30)
ONE_TIME_PASSWORD_LIFE = timedelta(days=7)
TOKEN_DAYS_MAX = 366


class OrganisationKind(StrEnum):
    """What sort of body an organisation is."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    COMMUNITY = "community"
    XPCC = "xpcc"
    MILITARY = "military"
    ENTERPRISE = "enterprise"
    SOCIAL = "social"


class Level(StrEnum):
    """Levels of the reserve system: 州 supports, 市 carries, 乡场 and 村社区 supplement; the rest lies outside."""

    REGION = "region"
    PREFECTURE = "prefecture"
    CITY = "city"
    TOWNSHIP = "township"
    COMMUNITY = "community"
    OUTSIDE = "outside"


class UserState(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class OrganisationInput:
    """A body in the tree, named by code; `parent_code` empty for a root."""

    code: str
    name: str
    kind: OrganisationKind
    level: Level
    area_code: str = ""
    parent_code: str = ""
    short_name: str = ""
    in_chain: bool = True
    document_prefix: str = ""
    credit_code: str = ""
    contact: str = ""
    phone: str = ""
    duty_phone: str = ""
    source_mark: str = ""
    is_active: bool = True

    def __post_init__(self) -> None:
        check = Checks()
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.that(self.parent_code != self.code, "parent_code", "own_parent")
        check.text("name", self.name, length_max=120)
        check.text("short_name", self.short_name, length_max=40, required=False)
        for name in ("contact", "phone", "duty_phone", "document_prefix", "area_code", "source_mark"):
            check.text(
                name,
                getattr(self, name),
                length_max=20 if name in {"document_prefix", "area_code", "source_mark"} else 40,
                required=False,
            )
        if self.credit_code:
            check.that(is_credit_code(self.credit_code), "credit_code", "bad_credit_code", value=self.credit_code[:40])
        check.done()


@dataclass(frozen=True, slots=True)
class UserInput:
    """An account, without any right yet."""

    username: str
    display_name: str
    organisation_code: str
    post: str = ""
    phone: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(
            USERNAME_PATTERN.fullmatch(self.username) is not None, "username", "bad_username", value=self.username[:40]
        )
        check.text("display_name", self.display_name, length_max=40)
        check.text("organisation_code", self.organisation_code, length_max=40)
        check.text("post", self.post, length_max=40, required=False)
        check.text("phone", self.phone, length_max=40, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class RoleInput:
    """A role to be held by a user at an organisation and below."""

    username: str
    role: Role
    organisation_code: str
    valid_from: date | None = None
    valid_to: date | None = None
    event_classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check = Checks()
        check.text("username", self.username, length_max=40)
        check.text("organisation_code", self.organisation_code, length_max=40)
        check.ordered("valid_to", self.valid_from, self.valid_to)
        check.done()


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """What a new account holder is told once."""

    username: str
    password: str


_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_credit_code(code: str) -> bool:
    """Is this a unified social credit code with a right check character (GB 32100-2015: 18 characters, mod 31)?"""
    if len(code) != 18 or any(c not in _CREDIT_ALPHABET for c in code):
        return False
    return code[17] == credit_check_character(code[:17])


def credit_check_character(body: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015)."""
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 200
_WEAK_CORES = (
    "password",
    "qwerty",
    "asdfgh",
    "zxcvbn",
    "iloveyou",
    "welcome",
    "letmein",
    "dragon",
    "monkey",
    "supplyops",
    "horgos",
    "huoerguosi",
    "yingji",
    "woaini",
    "admin",
    "abc123",
    "a1b2c3",
    "1q2w3e",
    "qazwsx",
    "123456",
    "654321",
    "111111",
    "888888",
    "666666",
    "000000",
)


def check_password(password: str, *, username: str) -> None:
    """Refuse a password that is short, overlong, guessable, or made of the user's name. Raises InvalidInput on `password`."""
    check = Checks()
    check.that(len(password) >= PASSWORD_LENGTH_MIN, "password", "password_short", length_min=PASSWORD_LENGTH_MIN)
    check.that(
        len(password) <= PASSWORD_LENGTH_MAX,
        "password",
        "too_long",
        length=len(password),
        length_max=PASSWORD_LENGTH_MAX,
    )
    folded = password.casefold()
    left = folded
    for core in _WEAK_CORES:
        left = left.replace(core, "")
    check.that(len(left) >= 6 or len(left) == len(folded), "password", "password_common")
    check.that(len(set(folded)) >= 5, "password", "password_common")
    check.that(username.casefold() not in folded, "password", "password_has_name")
    check.done()
