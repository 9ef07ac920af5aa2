"""One transaction that writes: a connection at hand, begun and committed in the driver's own words.

SQLAlchemy's way from a session to a transaction that is begun and committed takes longer than the statements of a posting. So it is
gone only by those who ask the session for rows: it then joins the transaction that has begun.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from supplyops.database.ways import Way

KEPT = 4
"""So many connections that have just written wait for the next writers; more go back to the pool."""
_LAST_WORDS = "last_words"


class Writers:
    """The connections of those who write. `begin` is what the database has to be told first; `stands` says whether a connection that
    was last used at some moment of the monotonic clock still leads to the database."""

    def __init__(self, engine: Engine, begin: str, stands: Callable[[Connection, float], bool]) -> None:
        self.engine = engine
        self.begin = begin
        self.sessions = sessionmaker(engine, expire_on_commit=False)
        self._stands = stands
        self._kept: list[tuple[Connection, float]] = []

    def take(self) -> Connection:
        """A connection without a transaction."""
        while self._kept:
            try:
                connection, seen_at = self._kept.pop()
            except IndexError:  # another thread was quicker
                break
            if self._stands(connection, seen_at):
                return connection
            connection.invalidate()
            connection.close()
        return self.engine.connect()

    def give_back(self, connection: Connection) -> None:
        """It may be used for the next transaction."""
        if connection.invalidated or len(self._kept) >= KEPT:
            connection.close()
        else:
            self._kept.append((connection, time.monotonic()))

    def let_go(self) -> None:
        """Give all of them back to the pool."""
        while self._kept:
            self._kept.pop()[0].close()


class Writing(AbstractContextManager[Session]):
    """Commits at the end, rolls back on any error; `turn` is waited for first and given up last."""

    def __init__(self, writers: Writers, turn: AbstractContextManager[None] | None) -> None:
        self._writers, self._turn = writers, turn

    def __enter__(self) -> Session:
        """Wait for one's turn and begin."""
        if self._turn is not None:
            self._turn.__enter__()
        try:
            self._connection = self._writers.take()
            try:
                return self._begin()
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            self._end_turn()
            raise

    def _begin(self) -> Session:
        self._session = self._writers.sessions(bind=self._connection)
        self._way = Way(self._connection)
        if self._writers.begin:
            self._way.say(self._writers.begin)
        self._way.lead(self._session)
        return self._session

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Commit, or undo everything."""
        try:
            is_done, was_asked = False, self._session.in_transaction()
            try:
                if kind is None:
                    self._commit()
                    is_done = True
            finally:
                if not is_done and not self._connection.invalidated:
                    self._way.roll_back(self._session)
                if was_asked or self._session.in_transaction():
                    self._session.close()
                self._writers.give_back(self._connection)
        finally:
            self._end_turn()

    def _commit(self) -> None:
        self._session.flush()  # last words come after every row
        has_joined = self._connection.in_transaction()
        with self._way.together():
            for act in self._session.info.pop(_LAST_WORDS, ()):
                act()
            if not has_joined:
                self._way.commit()
        if has_joined:
            self._session.commit()

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.__exit__(None, None, None)


def last_words(session: Session, act: Callable[[], Any]) -> None:
    """Let prepared statements go over together with the commit: `act` runs them, after everything else."""
    session.info.setdefault(_LAST_WORDS, []).append(act)
