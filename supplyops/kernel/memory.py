"""How a process keeps house with its memory."""

from __future__ import annotations

import gc

OBJECTS_BETWEEN = 50_000
"""So many new objects before young garbage is looked for. Python's own figure (700) is for small programs: a paper, a page or a
file makes tens of thousands of objects that are gone a moment later; at this figure papers take a sixth less time and 50 MB more."""


def collect_seldom() -> None:
    """What is loaded by now stays, so it is looked through for garbage no more; the rest is, less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN, 10, 10)
