"""One file for a backup: a tar with a manifest of hashes, closed by the hash of the whole, so that any changed byte shows."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
TRAILER = b"\nsha256:"
TRAILER_LENGTH = len(TRAILER) + 64 + 1
CHUNK = 1 << 20


class Damaged(Exception):
    """The file is no whole backup. The text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A backup whose every byte has been checked."""

    manifest: Mapping[str, Any]
    manifest_text: bytes
    signature: str
    sha256: str


class _Hashing(io.RawIOBase):
    """Passes what is written on to a file and into a hash."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.hash = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.hash.update(data)
        return self._file.write(data)

    def writable(self) -> bool:
        return True


def write_archive(path: Path, manifest_text: bytes, signature: str, members: Mapping[str, Path]) -> str:
    """Write a new file that did not exist, durably; returns its hash. Raises FileExistsError."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        hashing = _Hashing(file)
        with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name, data in ((MANIFEST, manifest_text), (SIGNATURE, signature.encode())):
                tar.addfile(_entry(name, len(data)), io.BytesIO(data))
            for name, source in members.items():
                with source.open("rb") as member:
                    tar.addfile(_entry(name, source.stat().st_size), member)
        whole = hashing.hash.hexdigest()
        file.write(TRAILER + whole.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)  # fails when there is a file already, whoever was quicker
    finally:
        part.unlink()
    sync_folder(path.parent)
    return whole


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def read_archive(path: Path, folder: Path) -> Contents:
    """Check every byte and unpack the members into an empty folder. Raises Damaged; then the folder is no use."""
    whole = _whole(path)
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            manifest_text, signature = _small(tar, MANIFEST), _small(tar, SIGNATURE).decode()
            manifest = json.loads(manifest_text)
            members = dict(manifest["members"])
            for name, told in members.items():
                _unpack(tar, str(name), told, folder)
            if set(tar.getnames()) != {MANIFEST, SIGNATURE, *members}:
                raise Damaged("文件里有清单以外的内容")
    except (tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise Damaged(f"不是完整的备份文件({error})") from None
    return Contents(manifest, manifest_text, signature, whole)


def _whole(path: Path) -> str:
    """The hash of everything before the trailer, which must say the same."""
    length = path.stat().st_size - TRAILER_LENGTH
    if length <= 0:
        raise Damaged("文件太短,不是备份文件")
    digest, left = hashlib.sha256(), length
    with path.open("rb") as file:
        while left:
            part = file.read(min(CHUNK, left))
            if not part:
                raise Damaged("文件读不完整")
            digest.update(part)
            left -= len(part)
        trailer = file.read()
    if trailer != TRAILER + digest.hexdigest().encode() + b"\n":
        raise Damaged("文件内容与其校验值不符,文件已损坏或被改动")
    return digest.hexdigest()


def _small(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise Damaged(f"缺少 {name}")
    return member.read()


def _unpack(tar: tarfile.TarFile, name: str, told: Mapping[str, Any], folder: Path) -> None:
    if "/" in name or name.startswith("."):
        raise Damaged(f"成员名称不合规:{name}")
    source = tar.extractfile(name)
    if source is None:
        raise Damaged(f"缺少 {name}")
    digest = hashlib.sha256()
    with (folder / name).open("wb") as target:
        os.fchmod(target.fileno(), 0o600)
        while part := source.read(CHUNK):
            digest.update(part)
            target.write(part)
    if digest.hexdigest() != told["sha256"]:
        raise Damaged(f"{name} 与清单的校验值不符")


def sha256_of(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make sure that a name in a folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
