"""HiGHS without its greeting."""

from __future__ import annotations

import ctypes
import os
from functools import cache

import highspy


@cache
def first_words() -> None:
    """HiGHS greets on standard output, once a process and before it can be told not to; a program's output is not the place."""
    library = ctypes.CDLL(None)
    library.fflush(None)
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()
        library.fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
