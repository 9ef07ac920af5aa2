"""How the inner loops of the searches are compiled to machine code (by Numba), and where what was compiled is kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import config, njit
from numba.core.registry import CPUDispatcher

ROOT = Path(__file__).parent
UNUSED_DAYS = 14
"""Code compiled from other sources is removed when for so long no process has begun that loads it: one that runs all the same compiles
once more what it has not loaded yet."""
_HAS_COMPILED = re.compile(r"^@(?:compiled|inner|inlined)$", re.MULTILINE)
_IMPORTED = re.compile(r"^from optimizer\.([\w.]+) import", re.MULTILINE)

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile once on a machine. Without counting references, which would cost more than the search: so nothing here may allocate.

    Other threads go on meanwhile.
    """
    return _jitted(function, nogil=True)


class _Inner(CPUDispatcher):
    """A function that only compiled ones may call."""

    def __call__(self, *_args: Any) -> Any:
        raise TypeError(f"{cast(Any, self).__name__} is compiled for compiled functions only")


def inner(function: Function) -> Function:
    """The same for compiled callers only: what takes arguments over from Python often takes longer to compile than the function."""
    made = _jitted(function, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    if isinstance(made, CPUDispatcher):  # not where Numba is told to compile nothing
        cast(Any, made).__class__ = _Inner
    return made


def inlined(function: Function) -> Function:
    """Compile into the callers."""
    return _jitted(function, inline="always")


def _jitted(function: Function, **options: Any) -> Function:
    settings = cast(Any, config)
    usual = settings.CACHE_DIR
    settings.CACHE_DIR = str(_in_use(function.__module__.split(".")[1]))
    try:
        return cast(Function, cast(Any, njit)(cache=True, _nrt=False, **options)(function))
    finally:
        settings.CACHE_DIR = usual


@contextmanager
def compiling(part: str) -> Iterator[None]:
    """Around what compiles a part of the optimizer: of several processes one compiles it, the others wait and load what was kept."""
    folder = kept_in(part)
    done = folder / "compiled"
    if done.exists():
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        done.touch()


@cache
def kept_in(part: str) -> Path:
    """Where the compiled code of a part of the optimizer (a package, or a module beside them) is kept: apart for every state of its
    sources, because a function's own file, which Numba looks at, does not show a changed callee or constant.

    Raises PermissionError where only a folder is left in which others may write: what is compiled is run as it lies there.
    """
    sources = sources_of(part)
    state = hashlib.sha256(b"".join(sources[file] for file in sorted(sources))).hexdigest()[:16]
    base = ROOT if os.access(ROOT, os.W_OK) else _private()
    return base / "__pycache__" / f"{part}-{state}"


def _private() -> Path:
    """A folder of this user's own among the temporary ones."""
    folder = Path(tempfile.gettempdir()) / f"supplyops-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder}: others may write there. Remove it, or name another folder by TMPDIR")
    return folder


@cache
def _in_use(part: str) -> Path:
    """`kept_in`, its time set to now; where it is new, what was kept for other states and nobody uses goes."""
    folder = kept_in(part)
    with suppress(OSError):  # then Numba finds another place
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        if is_new:
            remove_unused(folder)
    return folder


def remove_unused(folder: Path) -> None:
    """Remove what is kept for other states of the part that this folder is for, unless it was in use in the last `UNUSED_DAYS`."""
    part, _, _ = folder.name.rpartition("-")
    for other in folder.parent.glob(f"{part}-{'[0-9a-f]' * 16}"):
        if other != folder and other.stat().st_mtime < time.time() - UNUSED_DAYS * 86_400:
            shutil.rmtree(other, ignore_errors=True)


def sources_of(part: str) -> dict[Path, bytes]:
    """The modules of a part that have compiled functions, and all modules of the optimizer that those import, at any remove."""
    own = sorted((ROOT / part).glob("*.py")) or [ROOT / f"{part}.py"]
    wanted = [file for file in own if _HAS_COMPILED.search(file.read_text(encoding="utf-8"))]
    found: dict[Path, bytes] = {}
    while wanted:
        file = wanted.pop()
        if file in found:
            continue
        found[file] = file.read_bytes()
        for name in _IMPORTED.findall(found[file].decode()):
            module = ROOT.joinpath(*name.split("."))
            wanted.append(module / "__init__.py" if module.is_dir() else module.with_suffix(".py"))
    return found
