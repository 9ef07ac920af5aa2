"""A browser for the session, the story's chapters, and a running town for each test, whose browsers must not complain."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.chapters import Chapters
from tests.e2e.town import CHEAP, Town, running

Start = Callable[..., Town]


def pytest_itemcollected(item: pytest.Item) -> None:
    """All of these drive a browser."""
    item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chapters(chromium: Browser, fast_folder: Path) -> Chapters:
    """The story, told once; not at all where there is no browser to look."""
    folder = fast_folder / "chapters"
    folder.mkdir()
    return Chapters(folder, CHEAP)


@pytest.fixture
def start(chapters: Chapters, chromium: Browser, fast_folder: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Serve the books of a chapter. In the end nothing may have gone wrong in any browser, nothing have come from outside."""
    towns: list[Town] = []
    folder = fast_folder / f"town-{request.node.name}"
    folder.mkdir()
    with ExitStack() as stack:

        def go(chapter: str, *, with_worker: bool = False) -> Town:
            settings, now = chapters.open(chapter, folder)
            towns.append(stack.enter_context(running(settings, now, chromium, with_worker=with_worker)))
            return towns[-1]

        yield go
        for context in chromium.contexts:
            context.close()
    shutil.rmtree(folder, ignore_errors=True)
    for town in towns:
        assert town.complaints == []
