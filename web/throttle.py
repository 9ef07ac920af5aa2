"""How often one address may fail before it has to wait: a second lock beside that of the single account."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

FAILURES_MAX = 20
WINDOW = timedelta(minutes=5)
ADDRESSES_MAX = 10_000


class Throttle:
    """Remembers recent failures by address; forgets the addresses not heard of for longest when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait_s(self, address: str, now: datetime) -> int:
        """Seconds this address has to wait; 0 when it may try."""
        with self._lock:
            failures = self._recent(address, now)
            if len(failures) < FAILURES_MAX:
                return 0
            return int((failures[0] + WINDOW - now).total_seconds()) + 1

    def note_failure(self, address: str, now: datetime) -> None:
        """One more wrong name or password from there."""
        with self._lock:
            failures = self._recent(address, now)
            failures.append(now)
            self._failures[address] = failures
            self._failures.move_to_end(address)
            while len(self._failures) > ADDRESSES_MAX:
                self._failures.popitem(last=False)

    def _recent(self, address: str, now: datetime) -> deque[datetime]:
        failures = self._failures.get(address, deque(maxlen=FAILURES_MAX))
        while failures and failures[0] + WINDOW <= now:
            failures.popleft()
        return failures
