"""What a process has: database, clock, ids. The only code that opens, commits and retries transactions."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, get_type_hints
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from supplyops.audit import journal, request_keys
from supplyops.audit.chain import lock_heads
from supplyops.audit.tables import RestoredCopy
from supplyops.database.base import Base, table_of
from supplyops.database.engine import Database, is_transient
from supplyops.database.guards import take_effects
from supplyops.database.prepared import Prepared
from supplyops.database.reach import ORGANISATION, rows_in_reach
from supplyops.database.writing import last_words
from supplyops.kernel.access import Actor, Permission, Principal, Reach, reach_of
from supplyops.kernel.canonical import digest
from supplyops.kernel.codec import from_json, to_json
from supplyops.kernel.errors import (
    Busy,
    Conflict,
    Forbidden,
    InvalidInput,
    KeyReused,
    NotFound,
    SupplyError,
    Unauthenticated,
)
from supplyops.kernel.ids import time_ordered_id
from supplyops.kernel.reference import DocumentRef

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=Base)
S = TypeVar("S", bound=Executable)

ATTEMPTS_MAX = 5
KEY_LENGTH_MAX = 255
OWN_FOR_NS = 1_000_000_000
"""So long a process does not ask again whether the database has become a restored copy."""


class Clock(Protocol):
    """Gives the present instant, aware and in UTC."""

    def __call__(self) -> datetime: ...


class Directory(Protocol):
    """Looks an actor up in the books. Raises Unauthenticated when the account has ended."""

    def __call__(self, session: Session, actor: Actor, now: datetime) -> Principal: ...


def system_clock() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """What a command or query works with: one transaction, one moment, one principal."""

    session: Session
    now: datetime
    actor: Actor
    principal: Principal
    new_random_id: Callable[[datetime], UUID]
    stock_shards: list[str] = field(default_factory=list)
    """Ledger shards this transaction has written to, in order; the journal entry joins the first one."""
    links: list[tuple[str, int, str]] = field(default_factory=list)
    """The last links this transaction has put into those chains: shard, number, hash; the journal tells of them."""
    is_idle: bool = False
    """A timer that found nothing to do says so, and leaves nothing in the journal."""
    subject: DocumentRef | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def new_id(self) -> UUID:
        """A fresh time-ordered id."""
        return self.new_random_id(self.now)

    def about(self, kind: str, subject_id: UUID, number: str = "", **detail: object) -> None:
        """Say what the command was about, for the journal."""
        self.subject = DocumentRef(kind, subject_id, number)
        self.detail.update(detail)

    def get(self, kind: type[Row], row_id: UUID, *, lock: bool = False) -> Row:
        """The row with that id inside the reader's reach, or NotFound. `lock` makes other writers of it wait."""
        statement = select(kind).where(kind.id == row_id)  # type: ignore[attr-defined]
        if lock:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        row = self.session.scalars(statement).one_or_none()
        if row is None:
            raise NotFound(kind.__tablename__)
        return row

    def path_of(self, organisation_id: UUID) -> str:
        """Where an organisation stands in the tree."""
        path = self.session.scalar(select(ORGANISATION.c.path).where(ORGANISATION.c.id == organisation_id))
        if path is None:
            raise NotFound("organisation")
        return str(path)

    def may(self, permission: Permission, organisation_id: UUID) -> bool:
        """May the principal do this at that organisation?"""
        return self.principal.is_system or self.principal.holds_at(permission, self.path_of(organisation_id))

    def require(self, permission: Permission, organisation_id: UUID) -> None:
        """Raise Forbidden unless the principal may do this at that organisation."""
        if not self.may(permission, organisation_id):
            body = self.session.scalar(select(ORGANISATION.c.name).where(ORGANISATION.c.id == organisation_id))
            raise Forbidden("not_permitted_here", permission=permission.value, organisation=body)

    def user_id(self) -> UUID:
        """The acting person; raises Forbidden for the system, where a person has to answer."""
        if self.principal.user_id is None:
            raise Forbidden("person_required")
        return self.principal.user_id


def unscoped(statement: S, because: str) -> S:
    """Let a select see past the reader's reach. `because` is for the next reader of the code."""
    assert because
    return statement.execution_options(unscoped=True)


def also_showing(statement: S, *kinds: type[Base]) -> S:
    """Let a scoped select also show rows of other kinds that its own rows point at: where goods in reach lie, for instance."""
    return statement.execution_options(shown_kinds=frozenset(kinds))


def in_reach(ctx: Context, kind: type[Base]) -> ColumnElement[bool]:
    """The condition that a scoped select gets by itself; for unscoped ones that look through it at something else."""
    reach: Reach = ctx.session.info["reach"]
    return true() if reach.everything else rows_in_reach(kind, reach)


def expect_version(noun: str, actual: int, expected: int | None) -> None:
    """Refuse a change made from an old copy. Raises Conflict `version_missing` or `stale`."""
    if expected is None:
        raise Conflict("version_missing", noun=noun)
    if actual != expected:
        raise Conflict("stale", noun=noun, version=actual, yours=expected)


class Command(Generic[P, R]):
    """A thing to do. Called with a context it is a part of another command; run by the runtime it is the whole."""

    def __init__(
        self, function: Callable[Concatenate[Context, P], R], permission: Permission, *, on_copies: bool = False
    ) -> None:
        update_wrapper(self, function)
        self.function = function
        self.permission = permission
        self.on_copies = on_copies
        room = function.__module__.removeprefix("supplyops.").removesuffix(".commands").replace(".commands.", ".")
        self.name = f"{room}.{function.__name__}"

    def __call__(self, ctx: Context, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(ctx, *args, **kwargs)

    @property
    def answer_type(self) -> Any:
        """What the command returns, to rebuild a stored answer."""
        return get_type_hints(self.function)["return"]


class Query(Generic[P, R]):
    """A question. Same shape as a command, in a transaction that cannot write."""

    def __init__(self, function: Callable[Concatenate[Context, P], R], permission: Permission) -> None:
        update_wrapper(self, function)
        self.function = function
        self.permission = permission
        self.name = f"{function.__module__.removeprefix('supplyops.').removesuffix('.queries')}.{function.__name__}"

    def __call__(self, ctx: Context, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(ctx, *args, **kwargs)


def command(
    permission: Permission, *, on_copies: bool = False
) -> Callable[[Callable[Concatenate[Context, P], R]], Command[P, R]]:
    """Declare a command and who may run it; `on_copies`, also on a restored copy that nobody has confirmed yet."""
    return lambda function: Command(function, permission, on_copies=on_copies)


def query(permission: Permission) -> Callable[[Callable[Concatenate[Context, P], R]], Query[P, R]]:
    """Declare a query and who may ask it."""
    return lambda function: Query(function, permission)


class _Rehearsed(Exception):
    """Carries a rehearsed answer out of the transaction that must not be committed."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer


class Reading:
    """A read-only transaction of one principal."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.principal = ctx.principal
        self.session = ctx.session

    def ask(self, query: Query[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one query. Raises Forbidden or Unauthenticated, or what the query raises."""
        _admit(query.permission, self.principal)
        return query(self._ctx, *args, **kwargs)


class Runtime:
    """Runs commands and queries: one transaction each, access checked, keys honoured, journal written."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        clock: Clock = system_clock,
        new_id: Callable[[datetime], UUID] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.database = database
        self.clock = clock
        self._directory = directory
        self._new_id = new_id or random_id
        self._pause = pause
        self._own_until = 0

    def run(self, command: Command[P, R], actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one command in one transaction; again, a few times, when it only lost a race.

        Raises the command's own SupplyError, Forbidden/Unauthenticated, KeyReused, or Busy when races never end.
        """
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                with self.database.write() as session:
                    return self._attempt(session, command, actor, args, kwargs)
            except StaleDataError:
                raise Conflict("stale", noun=command.name) from None
            except DBAPIError as error:
                if not is_transient(error):
                    raise
            except (Forbidden, Unauthenticated) as refusal:
                self._journal_refusal(command, actor, refusal)
                raise
            self._pause(random.uniform(0.5, 1.5) * 0.02 * 2**attempt)
        raise Busy("too_many_races", retry_after_s=2)

    def rehearse(self, command: Command[P, R], actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        """What running the command now would answer. Its transaction is rolled back: nothing is done, nothing journalled.

        Raises what the command would raise, or Busy when the rehearsal lost a race.
        """
        try:
            with self.database.write() as session:
                ctx = self._context(session, actor)
                _admit(command.permission, ctx.principal)
                answer = command(ctx, *args, **kwargs)
                session.flush()  # so that what the database would refuse is refused here
                raise _Rehearsed(answer)
        except _Rehearsed as done:
            rehearsed: R = done.answer
            return rehearsed
        except DBAPIError as error:
            if is_transient(error):
                raise Busy("too_many_races", retry_after_s=2) from None
            raise

    def read(self, query: Query[P, R], actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one query in a read-only transaction."""
        with self.reading(actor) as reading:
            return reading.ask(query, *args, **kwargs)

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Reading]:
        """Several questions of one person about one moment: what they answer agrees, and who asks is looked up once."""
        with self.database.read() as session:
            yield Reading(self._context(session, actor))

    def principal(self, actor: Actor) -> Principal:
        """What the books say about an actor now."""
        with self.database.read() as session:
            return self._directory(session, actor, self.clock())

    def is_copy(self, reading: Reading | None = None) -> bool:
        """Is this a restored copy that nobody has confirmed, so that it can only be read?

        Whoever reads already has it asked in the same transaction: on SQLite a second one would wait for a writer who waits
        for the first to end.
        """
        if time.monotonic_ns() < self._own_until:
            return False
        if reading is not None:
            return self._is_copy(reading.session)
        with self.database.read() as session:
            return self._is_copy(session)

    def _is_copy(self, session: Session) -> bool:
        """Asked of the database again after a moment, and each time while it is one."""
        moment = time.monotonic_ns()
        if moment < self._own_until:
            return False
        found = _FIND_COPY.first(session) is not None
        self._own_until = 0 if found else moment + OWN_FOR_NS
        return found

    def _context(self, session: Session, actor: Actor) -> Context:
        now = self.clock()
        principal = self._directory(session, actor, now)
        session.info["reach"] = reach_of(principal)
        return Context(session, now, actor, principal, self._new_id)

    def _attempt(self, session: Session, command: Command[P, R], actor: Actor, args: Any, kwargs: Any) -> R:
        ctx = self._context(session, actor)
        if not command.on_copies and self._is_copy(session):
            raise Busy("read_only", retry_after_s=60)
        _admit(command.permission, ctx.principal)
        fingerprint = ""
        if actor.key is not None:
            fingerprint = _fingerprint(args, kwargs)
            stored = _stored_answer(ctx, command, fingerprint)
            if stored is not None:
                answer: R = stored[0]
                return answer
        answer = command(ctx, *args, **kwargs)
        session.flush()  # so that every sealed row has been seen before the journal names it
        effects = take_effects(session)
        effects += [["stock_move", f"{shard}#{number}", row_hash] for shard, number, row_hash in ctx.links]
        if ctx.is_idle and not effects and actor.key is None:
            return answer
        lock_heads(session, [_journal_of(ctx)], ctx.now)
        last_words(session, partial(_close, ctx, command, fingerprint, answer, effects))
        return answer

    def _journal_refusal(self, command: Command[P, R], actor: Actor, refusal: SupplyError) -> None:
        """A refused attempt leaves a trace of its own, since its transaction left none."""
        if actor.user_id is None:
            return
        with self.database.write() as session:
            try:
                ctx = self._context(session, actor)
            except Unauthenticated:
                return
            _write_journal(ctx, command.name, "refused", None, {"code": refusal.code}, [])


def _close(ctx: Context, command: Command[P, R], fingerprint: str, answer: R, effects: list[list[str | None]]) -> None:
    """Keep the answer, if it may be asked for again, and write the journal."""
    if ctx.actor.key is not None:
        effects.append(_keep_answer(ctx, command, fingerprint, answer))
    _write_journal(ctx, command.name, "done", ctx.subject, ctx.detail, effects)


def _write_journal(
    ctx: Context,
    command: str,
    outcome: str,
    subject: DocumentRef | None,
    detail: dict[str, Any],
    effects: Sequence[Any],
) -> None:
    journal.record(
        ctx.session,
        shard=_journal_of(ctx),
        now=ctx.now,
        actor=ctx.actor,
        principal=ctx.principal,
        command=command,
        outcome=outcome,
        subject=subject,
        detail=detail,
        effects=list(effects),
    )


def _journal_of(ctx: Context) -> str:
    """The chain that the transaction's entry joins."""
    home = ctx.principal.organisation_id
    return ctx.stock_shards[0].replace("stock:", "journal:") if ctx.stock_shards else f"journal:{home or 'system'}"


def _admit(permission: Permission, principal: Principal) -> None:
    if principal.holds(permission):
        return
    if principal.user_id is None:
        raise Unauthenticated("sign_in_required")
    if principal.must_change_password:
        raise Forbidden("password_change_required")
    raise Forbidden("not_permitted", permission=permission.value)


def _fingerprint(args: Any, kwargs: Any) -> str:
    return digest([to_json(list(args)), to_json(dict(kwargs))])


def _key_columns(ctx: Context, command: Command[P, R]) -> dict[str, str]:
    assert ctx.actor.key is not None
    if not 1 <= len(ctx.actor.key) <= KEY_LENGTH_MAX or not ctx.actor.key.isprintable():
        raise InvalidInput("key_malformed")
    name = "system" if ctx.principal.is_system else str(ctx.principal.user_id or "anonymous")
    return {"actor": name, "operation": command.name, "key": ctx.actor.key}


_COPIES = table_of(RestoredCopy)
_FIND_COPY = Prepared(select(_COPIES.c.restored_at).where(_COPIES.c.confirmed_at.is_(None)).limit(1))


def _keep_answer(ctx: Context, command: Command[P, R], fingerprint: str, answer: Any) -> list[str | None]:
    """Store the answer under its key; returns its place among the effects, so that the journal vouches for it."""
    return request_keys.keep(ctx.session, _key_columns(ctx, command), fingerprint, to_json(answer), ctx.now)


def _stored_answer(ctx: Context, command: Command[P, R], fingerprint: str) -> tuple[Any] | None:
    kept = request_keys.kept(ctx.session, _key_columns(ctx, command))
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise KeyReused(command.name)
    return (kept.answer if kept.answer is None else from_json(command.answer_type, kept.answer),)


def random_id(now: datetime) -> UUID:
    """A time-ordered id with randomness from the operating system."""
    return time_ordered_id(now, random.SystemRandom().getrandbits)
