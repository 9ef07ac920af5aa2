"""Books with very many moves, made in minutes: chained and sealed like those that commands write, so that verify passes on them.

Goods go round and round among the shelves of one warehouse under transfer notes; each note has its lines, its posting, its
journal entry and its request key. The rows are hashed with the system's own written form and put in by bulk inserts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from supplyops.audit.tables import ChainHead, JournalEntry, RequestKey
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.canonical import GENESIS, chained, digest
from supplyops.papers.tables import NumberSeries
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput
from supplyops.places.tables import Location
from supplyops.stock import opening
from supplyops.stock.rules import (
    LEGS_MAX,
    NEVER,
    LotInput,
    MoveReason,
    OpeningInput,
    StockDocumentKind,
    StockDocumentState,
)
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockDocumentLine, StockMove
from tests.bench.totals import make_totals
from tests.conftest import START
from tests.house import CITY, CITY_SHELF, CITY_STORE, TENT, House

LEGS = 4
SHELVES = 5
BATCH = 1_000
"""Notes put in with one transaction."""


def fill(house: House, moves: int, lots: int = 1_000) -> None:
    """Bring the books to so many moves, opening balances counted."""
    shelves = _shelves(house)
    opened = [
        OpeningInput(LotInput(TENT, CITY, "市级财政", f"M-{number:06d}"), CITY_SHELF, 100) for number in range(lots)
    ]
    for start in range(0, lots, LEGS_MAX):
        house.runtime.run(opening.open_stock, SYSTEM, opened[start : start + LEGS_MAX])
    with house.runtime.database.read() as session:
        known = session.execute(
            select(Lot.id, Lot.item_id, Lot.owner_id, Lot.number).where(Lot.number.startswith("M-"))
        ).all()
    notes = (moves - lots) // LEGS
    writer = _Notes(house, shelves, known)
    for start in range(0, notes, BATCH):
        with house.runtime.database.write() as session:
            writer.write(session.connection(), range(start, min(start + BATCH, notes)))
    with house.runtime.database.write() as session:
        writer.balance(session.connection())


def _shelves(house: House) -> list[UUID]:
    more = [LocationInput(f"shelf-{number}", f"货架{number}", CITY_STORE) for number in range(1, SHELVES)]
    house.runtime.run(places.save_locations, SYSTEM, more)
    with house.runtime.database.read() as session:
        codes = [CITY_SHELF, *(each.code for each in more)]
        found = dict(session.execute(select(Location.code, Location.id)).all())  # type: ignore[arg-type]
    return [found[code] for code in codes]


class _Notes:
    """Writes transfer notes: note n takes lots from shelf n to shelf n + 1, one piece each, round and round."""

    def __init__(self, house: House, shelves: list[UUID], lots: Any) -> None:
        self.house, self.shelves, self.lots = house, shelves, lots
        self.site = house.sites[CITY_STORE]
        self.ids = (UUID(int=(0x77 << 120) + number) for number in itertools.count(1))
        with house.runtime.database.read() as session:
            head = session.get(ChainHead, f"stock:{self.site}")
            assert head is not None
            self.move_head = (head.seq, head.hash)
            entry = session.get(ChainHead, f"journal:{self.site}")
            self.entry_head = (entry.seq, entry.hash) if entry else (0, GENESIS)
        self.at = START
        self.round = self._round()
        self.changes: dict[tuple[UUID, Any], int] = {}

    def _round(self) -> Iterator[tuple[Any, UUID, UUID]]:
        while True:
            for place in range(SHELVES):
                for lot in self.lots:
                    yield lot, self.shelves[place], self.shelves[(place + 1) % SHELVES]

    def write(self, connection: Connection, numbers: range) -> None:
        rows: dict[Any, list[dict[str, Any]]] = {kind: [] for kind in (StockDocument, StockDocumentLine, StockMove, JournalEntry, RequestKey)}  # fmt: skip
        for number in numbers:
            self.at += timedelta(seconds=20)
            self._note(number, rows, self.changes)
        for kind, some in rows.items():
            connection.execute(insert(kind.__table__).inline(), some)
        self._heads(connection, numbers)

    def _note(self, number: int, rows: dict[Any, list[dict[str, Any]]], changes: dict[tuple[UUID, Any], int]) -> None:
        at, document_id, number_text = self.at, next(self.ids), f"YK-{CITY_STORE}-{number + 1:05d}"
        document = {
            "id": document_id, "number": number_text, "kind": StockDocumentKind.TRANSFER, "state": StockDocumentState.POSTED,
            "organisation_id": self.house.organisations[CITY], "site_id": self.site, "incident_id": None, "counterpart": "",
            "details": {}, "occurred_at": at, "is_late": False, "created_at": at, "created_by_id": None, "reversed_at": None,
        }  # fmt: skip
        rows[StockDocument].append(document)
        effects = [["stock_document", str(document_id), digest(document)]]
        posting_id = next(self.ids)
        for line_no, (lot, source, target) in enumerate(itertools.islice(self.round, LEGS), start=1):
            line = {
                "id": next(self.ids), "document_id": document_id, "line_no": line_no, "item_id": lot.item_id, "lot_id": lot.id,
                "location_id": source, "target_id": target, "due": 1, "actual": 1, "rejected": 0, "details": {},
            }  # fmt: skip
            rows[StockDocumentLine].append(line)
            effects.append(["stock_document_line", str(line["id"]), digest(line)])
            move = {
                "posting_id": posting_id, "line_no": line_no, "reason": MoveReason.TRANSFER, "lot_id": lot.id, "item_id": lot.item_id,
                "source_id": source, "target_id": target, "quantity": 1, "document_kind": "transfer", "document_id": document_id,
                "document_number": number_text, "occurred_at": at, "actor_id": None, "actor_name": "system", "owner_id": lot.owner_id,
                "custodian_id": self.house.organisations[CITY], "fund_source": "市级财政", "parent_lot_id": None, "is_exercise": False,
                "reverses_id": None, "incident_id": None, "note": "", "request_key": f"key-{number}",
            }  # fmt: skip
            rows[StockMove].append(self._linked("stock", move, at))
            for key, change in (((source, lot.id), -1), ((target, lot.id), 1)):
                changes[key] = changes.get(key, 0) + change
        effects.append(["stock_move", f"stock:{self.site}#{self.move_head[0]}", self.move_head[1]])
        answer = {
            "actor": "system", "operation": "stock.transfer", "key": f"key-{number}", "fingerprint": digest(number),
            "answer": {"value": str(document_id)}, "recorded_at": at,
        }  # fmt: skip
        rows[RequestKey].append(answer)
        effects.append(["request_key", f"system,stock.transfer,key-{number}", digest(answer)])
        entry = {
            "actor_id": None, "actor_name": "system", "organisation_id": None, "roles": "", "via": "bench", "command": "stock.transfer",
            "outcome": "done", "subject_kind": "transfer", "subject_id": document_id, "subject_number": number_text, "detail": {},
            "effects": effects, "request_key": f"key-{number}",
        }  # fmt: skip
        rows[JournalEntry].append(self._linked("journal", entry, at))

    def _linked(self, chain: str, content: dict[str, Any], at: Any) -> dict[str, Any]:
        number, previous = self.move_head if chain == "stock" else self.entry_head
        row = {**content, "shard": f"{chain}:{self.site}", "shard_seq": number + 1, "recorded_at": at}
        own = chained(previous, row)
        if chain == "stock":
            self.move_head = (number + 1, own)
        else:
            self.entry_head = (number + 1, own)
        return {**row, "algorithm": "sha256", "previous_hash": previous, "hash": own}

    def balance(self, connection: Connection) -> None:
        """Bring the cached balances to what the moves come to."""
        rows, by_id, city = StockBalance.__table__, {lot.id: lot for lot in self.lots}, self.house.organisations[CITY]
        own = rows.c.lot_id.in_(select(Lot.id).where(Lot.number.startswith("M-")))
        known = {(row.location_id, row.lot_id): row.on_hand for row in connection.execute(select(rows).where(own))}
        connection.execute(delete(rows).where(own))
        after = {key: known.get(key, 0) + self.changes.get(key, 0) for key in known.keys() | self.changes.keys()}
        balances = [
            {
                "location_id": place, "lot_id": lot_id, "on_hand": quantity, "reserved": 0, "item_id": by_id[lot_id].item_id,
                "owner_id": by_id[lot_id].owner_id, "custodian_id": city, "site_id": self.site, "lot_number": by_id[lot_id].number,
                "good_until": NEVER, "is_exercise": False,
            }
            for (place, lot_id), quantity in sorted(after.items())
        ]  # fmt: skip
        connection.execute(insert(rows), balances)
        make_totals(connection)

    def _heads(self, connection: Connection, numbers: range) -> None:
        heads = ChainHead.__table__
        for chain, (seq, row_hash) in (("stock", self.move_head), ("journal", self.entry_head)):
            shard = f"{chain}:{self.site}"
            end = {"seq": seq, "hash": row_hash, "recorded_at": self.at}
            if not connection.execute(update(heads).where(heads.c.shard == shard).values(**end)).rowcount:
                connection.execute(insert(heads).values(shard=shard, anchored_seq=0, anchored_hash="", **end))
        series = NumberSeries.__table__
        which = {"series": "YK", "scope": CITY_STORE, "period": "all"}
        found = connection.execute(update(series).where(*(series.c[name] == value for name, value in which.items())).values(last=numbers.stop))  # fmt: skip
        if not found.rowcount:
            connection.execute(insert(series).values(**which, last=numbers.stop))
