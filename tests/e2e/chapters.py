"""The story of the demo city told once, and kept as it stood at the moments where journeys begin."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from supplyops.cli.solving import HANDLERS
from supplyops.cli.worker import Worker
from supplyops.config import Settings
from supplyops.database import schema
from supplyops.database.engine import Database
from supplyops.demo.city import load_city
from supplyops.demo.founding import found
from supplyops.demo.scenarios import DEFAULT, scenario
from supplyops.demo.story import StoryClock, Teller
from supplyops.people import queries as people
from supplyops.people.secret import Passwords
from supplyops.planning.rules import PlanOptions
from supplyops.runtime import Runtime

LOADED, ASKED, PLANNED, APPROVED, TOLD = "loaded", "asked", "planned", "approved", "told"
ITERATIONS = 20
LAST_OWNER = "伊犁哈萨克自治州人民政府"


class Chapters:
    """Copies of the books: the city loaded, goods asked for, planned, approved by every owner, and the story's end."""

    def __init__(self, folder: Path, passwords: Passwords) -> None:
        self._folder = folder
        self._at: dict[str, datetime] = {}
        self._book = folder / "telling.db"
        self._tell(passwords)

    def open(self, chapter: str, folder: Path) -> tuple[Settings, datetime]:
        """A data directory that begins with a chapter, and what time it is then."""
        _copy(self._kept(chapter), folder / "supplyops.db")
        return Settings(data_dir=folder, solver_seconds_max=20), self._at[chapter]

    def _kept(self, chapter: str) -> Path:
        return self._folder / f"chapter-{chapter}.db"

    def _keep(self, chapter: str, moment: datetime) -> None:
        _copy(self._book, self._kept(chapter))
        self._at[chapter] = moment

    def _tell(self, passwords: Passwords) -> None:
        story = scenario(DEFAULT)
        clock = StoryClock(story.starts_at)
        database = Database(f"sqlite:///{self._book}")
        schema.upgrade(database)
        runtime = Runtime(database, people.principal, clock=clock)
        found(runtime, passwords)
        load_city(runtime)
        self._keep(LOADED, clock())
        worker = Worker(runtime, Settings(data_dir=self._folder), HANDLERS)

        def work() -> None:
            while worker.work_one():
                pass

        told = Teller(runtime, clock, story, work, PlanOptions(iterations=ITERATIONS, seed=0), self._listen).tell()
        self._keep(TOLD, told.ended_at)
        database.dispose()

    def _listen(self, moment: datetime, text: str) -> None:
        if text.startswith("测算"):
            self._keep(ASKED, moment)
        elif text.startswith("方案"):
            self._keep(PLANNED, moment)
        elif text == f"{LAST_OWNER}批准":
            self._keep(APPROVED, moment)


def _copy(book: Path, to: Path) -> None:
    """What is committed, whole, while others may have the book open."""
    with sqlite3.connect(book) as source, sqlite3.connect(to) as target:
        source.backup(target)
    source.close()
    target.close()
