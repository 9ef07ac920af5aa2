"""A disk that loses power: every write, truncation, sync and deletion of an SQLite file is put on a tape, and from the tape the
disk is made as it may be found after a cut at any moment.

What was synced is there. Of what was not, each sector of 512 bytes may have reached the disk or not, in any order; a file's new
length, its making and its deletion likewise. The recorder stands between SQLite and the operating system: it is SQLite's own way
to its files with five functions replaced, so locks and shared memory are the real ones.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, cast
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
OPEN_CREATE = 0x4
KEPT = 0x100 | 0x800 | 0x80000
"""Databases, their journals and their write-ahead logs; what is temporary does not outlive a cut."""

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    _fields_ = (
        ("version", c_int), ("file_size", c_int), ("path_max", c_int), ("next", c_void_p), ("name", c_char_p), ("data", c_void_p),
        ("open", _Open), ("delete", _Delete), ("others", c_void_p * 14),
    )  # fmt: skip


class _Methods(Structure):
    _fields_ = (
        ("version", c_int), ("close", _Close), ("read", c_void_p), ("write", _Write), ("truncate", _Truncate), ("sync", _Sync),
        ("others", c_void_p * 13),
    )  # fmt: skip


class _File(Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


class NoRecorder(Exception):
    """Python's SQLite does not let its files be looked at."""


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that happened to a file: write, truncate, sync, make, delete; or `ack`, when a caller was answered."""

    what: str
    file: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Tape:
    """What happened, in order."""

    ops: list[Op] = field(default_factory=list)

    def acknowledge(self, name: str) -> None:
        """A caller was told that it is done."""
        self.ops.append(Op("ack", name))


class _Recorder:
    """Lives as long as the process: SQLite may keep pointers to it."""

    def __init__(self) -> None:
        try:
            library = ctypes.CDLL(_sqlite3.__file__)
            find, self._register, self._unregister = (library[f"sqlite3_vfs_{name}"] for name in ("find", "register", "unregister"))  # fmt: skip
        except (AttributeError, OSError) as error:
            raise NoRecorder(str(error)) from None
        find.restype = POINTER(_Vfs)
        self._below: _Vfs = find(None).contents
        self._own = _Vfs.from_buffer_copy(self._below)
        self._name = ctypes.create_string_buffer(b"tape")
        self._own.name, self._own.next = cast(self._name, c_char_p), None
        self._own.open, self._own.delete = _Open(self._opened), _Delete(self._deleted)
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}
        self._files: dict[int, str] = {}
        self.tapes: list[Tape] = []

    def stand_between(self) -> None:
        """Files that are opened from now on are recorded."""
        self._register(ctypes.byref(self._own), 1)

    def step_aside(self) -> None:
        """Files that are opened from now on are not."""
        self._unregister(ctypes.byref(self._own))

    def _note(self, op: Op) -> None:
        for tape in self.tapes:
            tape.ops.append(op)

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, told: int | None) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        is_new = bool(path) and not Path(path).exists()
        answer: int = self._below.open(vfs, name, file, flags, told)
        if answer == 0 and path and flags & KEPT:
            handle = _File.from_address(file)
            below = ctypes.addressof(handle.methods.contents)
            if below not in self._methods:
                self._methods[below] = (handle.methods.contents, self._replaced(handle.methods.contents))
            handle.methods = ctypes.pointer(self._methods[below][1])
            self._files[file] = path
            if is_new and flags & OPEN_CREATE:
                self._note(Op("make", path))
        return answer

    def _replaced(self, below: _Methods) -> _Methods:
        own = _Methods.from_buffer_copy(below)
        own.close, own.write, own.truncate, own.sync = (
            _Close(lambda file: self._closed(below, file)),
            _Write(lambda file, data, count, offset: self._written(below, file, data, count, offset)),
            _Truncate(lambda file, size: self._truncated(below, file, size)),
            _Sync(lambda file, flags: self._synced(below, file, flags)),
        )
        return own

    def _closed(self, below: _Methods, file: int) -> int:
        self._files.pop(file, None)
        return int(below.close(file))

    def _written(self, below: _Methods, file: int, data: int, count: int, offset: int) -> int:
        self._note(Op("write", self._files[file], offset, ctypes.string_at(data, count)))
        return int(below.write(file, data, count, offset))

    def _truncated(self, below: _Methods, file: int, size: int) -> int:
        self._note(Op("truncate", self._files[file], size))
        return int(below.truncate(file, size))

    def _synced(self, below: _Methods, file: int, flags: int) -> int:
        answer = int(below.sync(file, flags))
        self._note(Op("sync", self._files[file]))
        return answer

    def _deleted(self, vfs: int, name: bytes, syncs: int) -> int:
        answer = int(self._below.delete(vfs, name, syncs))
        if answer == 0:
            self._note(Op("delete", name.decode(), syncs))
        return answer


_recorders: list[_Recorder] = []


@contextmanager
def recorded() -> Iterator[Tape]:
    """Whatever is opened meanwhile by this process is on the tape; close it before the end."""
    if not _recorders:
        _recorders.append(_Recorder())
    recorder, tape = _recorders[0], Tape()
    recorder.tapes.append(tape)
    recorder.stand_between()
    try:
        yield tape
    finally:
        recorder.step_aside()
        recorder.tapes.remove(tape)


@dataclass
class _OnDisk:
    """A file: what a cut cannot take, and what it can."""

    durable: bytearray
    exists: bool = True
    pending: list[Op] = field(default_factory=list)


class Disk:
    """The disk while the tape runs."""

    def __init__(self, files: dict[str, bytes], *, lies: bool = False) -> None:
        self._files = {path: _OnDisk(bytearray(content)) for path, content in files.items()}
        self._lies = lies
        self.acknowledged: list[str] = []

    def play(self, ops: Sequence[Op]) -> None:
        for op in ops:
            if op.what == "ack":
                self.acknowledged.append(op.file)
                continue
            file = self._files.setdefault(op.file, _OnDisk(bytearray(), exists=False))
            file.pending.append(op)
            if not self._lies and (op.what == "sync" or (op.what == "delete" and op.offset)):
                file.durable, file.exists = self._left_of(file, None)
                file.pending.clear()

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files as they may be found."""
        found = {}
        for path, file in self._files.items():
            content, exists = self._left_of(file, chance)
            if exists:
                found[path] = bytes(content)
        return found

    def _left_of(self, file: _OnDisk, chance: random.Random | None) -> tuple[bytearray, bool]:
        """The file when everything has reached it, or what chance let reach it."""
        content, exists = bytearray(file.durable), file.exists
        share = 1.0 if chance is None else chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for op in file.pending:
            if chance is not None and op.what != "write" and chance.random() >= share:
                continue
            if op.what == "write":
                _write(content, op, share, chance)
            elif op.what == "truncate":
                _resize(content, op.offset)
            elif op.what == "make":
                exists = True
            elif op.what == "delete":
                content, exists = bytearray(), False
        return content, exists


def _resize(content: bytearray, size: int) -> None:
    if len(content) > size:
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def _write(content: bytearray, op: Op, share: float, chance: random.Random | None) -> None:
    start = op.offset
    while start < op.offset + len(op.data):
        end = min((start // SECTOR + 1) * SECTOR, op.offset + len(op.data))
        if chance is None or chance.random() < share:
            if len(content) < end:
                _resize(content, end)
            content[start:end] = op.data[start - op.offset : end - op.offset]
        start = end
