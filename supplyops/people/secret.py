"""Passwords and tokens: made, hashed, compared."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# Without letters and digits that look alike on paper: a one-time password is read aloud or copied by hand.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class Passwords:
    """Argon2id with the library's defaults; tests pass a cheaper hasher."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._decoy = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """The hash to keep."""
        return self._hasher.hash(password)

    def matches(self, password: str, password_hash: str | None) -> bool:
        """Is it the right password? Without a hash the same work is done, so that time tells nothing."""
        try:
            self._hasher.verify(password_hash or self._decoy, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return password_hash is not None


def one_time_password() -> str:
    """About 79 bits, in four groups of four."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def token_digest(value: str) -> str:
    """What is kept of a token. It has full entropy, so a plain hash is enough."""
    return hashlib.sha256(value.encode()).hexdigest()
