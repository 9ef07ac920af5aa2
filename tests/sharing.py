"""Which tests one process does, where several share the work: those of a file, and some files together.

What a file's tests begin with is then built once, what they ask is compiled once, what they print is printed once. It goes by
the tests' names: marks are known to the processes alone, and the groups that pytest-xdist 3.8 makes of them are not seen by
pytest 9.2.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

TOGETHER = {
    "a browser and the story told for it": (
        "tests/e2e/",
        "tests/web/test_map_in_browser.py",
        "tests/insight/test_search_rooms.py",
    ),
    "the loaded city": ("tests/demo/",),
    "what is compiled": (
        *(f"tests/optimizer/test_{name}.py" for name in ("allocate_oracle", "bench", "bulk", "matrix", "pool")),
        "tests/optimizer/test_route",
        "tests/optimizer/test_vrp",
    ),
    "printed samples": ("tests/documents/test_forms.py", "tests/documents/test_red_header.py"),
}
"""What is shared -> how the names of those files begin."""


def share_of(nodeid: str) -> str:
    """What a test is done together with: its file, or what several share."""
    file = nodeid.partition("::")[0]
    return next((share for share, starts in TOGETHER.items() if file.startswith(starts)), file)


class ByShare(LoadFileScheduling):
    """Gives a process one share after the other, in the order of the tests."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)
