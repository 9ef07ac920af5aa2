"""The mark on a paper: a signed line in a QR code that can be checked without a network, and a code to type."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from supplyops.papers.rules import check_code

KEY_FILE = "signing.key"
PUBLIC_KEY_FILE = "signing.pub"
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a QR code says of a paper, once its signature has been found good."""

    number: str
    version: int
    content_hash: str
    issued_at: str


class SigningKey:
    """The site's Ed25519 key. It lies in the data directory, never in the database, readable by its owner only."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def from_folder(cls, folder: Path) -> SigningKey:
        """The key of a data directory, made there when it has none; its public half beside it, for whoever checks."""
        path = folder / KEY_FILE
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(Ed25519PrivateKey.generate().private_bytes_raw())
        key = cls(Ed25519PrivateKey.from_private_bytes(path.read_bytes()))
        public = folder / PUBLIC_KEY_FILE
        if not public.exists():
            public.write_text(key.public_key + "\n")
        return key

    @property
    def public_key(self) -> str:
        """The key others check with, as text."""
        return _text(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def key_id(self) -> str:
        """The key's short name: the beginning of the hash of its public half."""
        return hashlib.sha256(_bytes(self.public_key)).hexdigest()[:16]

    def sign(self, text: bytes) -> str:
        """The signature as text."""
        return _text(self._key.sign(text))


class Sealer:
    """Signs papers with the site's key and writes the address that a scanner opens."""

    def __init__(self, key: Ed25519PrivateKey | SigningKey, base_url: str) -> None:
        self._key = key if isinstance(key, SigningKey) else SigningKey(key)
        self._base_url = base_url

    @classmethod
    def from_folder(cls, folder: Path, base_url: str) -> Sealer:
        """With the key of a data directory."""
        return cls(SigningKey.from_folder(folder), base_url)

    @property
    def public_key(self) -> str:
        """The key others check with, as text."""
        return self._key.public_key

    def qr_text(self, number: str, version: int, content_hash: str, issued_at: str) -> str:
        """`<address>/q/<number>#<signed line>`: any phone opens it; the part behind # never leaves the phone."""
        line = f"{VERSION}|{number}|{version}|{content_hash[:32]}|{issued_at}"
        signature = self._key.sign(line.encode())
        return f"{self._base_url}/q/{quote(number, safe='')}#{_text(line.encode())}.{signature}"


def is_signed(text: bytes, signature: str, public_key: str) -> bool:
    """Did the key sign exactly this?"""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(public_key)).verify(_bytes(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_mark(qr_text: str, public_key: str) -> Mark | None:
    """What a QR code says, if the key signed it; None otherwise."""
    try:
        line_text, _, signature = qr_text.rpartition("#")[2].partition(".")
        line = _bytes(line_text)
        Ed25519PublicKey.from_public_bytes(_bytes(public_key)).verify(_bytes(signature), line)
        version, number, paper_version, content_hash, issued_at = line.decode().split("|")
    except (InvalidSignature, ValueError):
        return None
    return Mark(number, int(paper_version), content_hash, issued_at) if version == VERSION else None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


__all__ = ["Mark", "Sealer", "SigningKey", "check_code", "is_signed", "read_mark"]
