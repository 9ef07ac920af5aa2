"""What the independent checker finds wrong, with the names of what it is about: requests, goods, lots, vehicles, places, roads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select

from supplyops.catalogue.tables import NeedClass
from supplyops.kernel.clock import beijing
from supplyops.places.tables import Road, RoadNode
from supplyops.planning.naming import BECAUSE, Names, contract_numbers, lot_numbers
from supplyops.runtime import Context, unscoped
from supplyops.wording.labels import LABELS
from supplyops.wording.violations import FIGURES, SUBJECTS, UNKNOWN, violation_words

SHAPES: dict[str, re.Pattern[str]] = {
    name: re.compile(shape)
    for name, shape in {
        "solution": "solution",
        "gaps": "gaps",
        "line": r"line (?P<line>.+)",
        "goods": r"allocation (?P<place>\d+)",
        "lot": r"lot (?P<source>.+)",
        "contract": r"contract (?P<source>.+)",
        "trip": r"trip (?P<no>-?\d+)",
        "leg": r"trip (?P<no>-?\d+) to (?P<site>.+)",
        "unloading": r"trip (?P<no>-?\d+) at (?P<site>.+)",
        "stop": r"trip (?P<no>-?\d+) stop (?P<stop>\d+)",
        "vehicle": "vehicle (?P<plate>.+)",
        "site": "site (?P<site>.+)",
        "floor": "floor of (?P<item>.+) at (?P<site>.+)",
        "lock": "lock of (?P<source>.+) for (?P<line>.+)",
        "class": r"class (?P<rank>-?\d+)",
        "standing": r"standing trip of (?P<plate>.+) at (?P<at>-?\d+)",
        "figure": "(?P<figure>" + "|".join(FIGURES) + ")",
    }.items()
}
"""How the checker says what it means."""
LONG = 5 * 10**10
"""Seconds beyond this are no moment of anybody's life."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code`, `where` and `params` are the checker's own; `text` says the same with names."""

    code: str
    where: str
    params: dict[str, Any]
    text: str
    subject: dict[str, Any] = field(default_factory=dict)
    """What it is about: a Chinese text with gaps, and what fills them,"""
    values: dict[str, Any] = field(default_factory=dict)
    """and what fills the gaps of its figures: for readers of another language."""


def findings_of(
    ctx: Context, problem: Mapping[str, Any], solution: Mapping[str, Any], starts_at: datetime,
    violations: Sequence[Mapping[str, Any]],
) -> tuple[Finding, ...]:  # fmt: skip
    """What a verdict lists, in words. Nothing is looked up where there is nothing to tell."""
    if not violations:
        return ()
    finder = _Finder(ctx, problem, solution, starts_at)
    return tuple(finder.finding(each) for each in violations)


class _Finder:
    """Knows the names of one problem and of one solution to it, which may name things that do not exist."""

    def __init__(
        self, ctx: Context, problem: Mapping[str, Any], solution: Mapping[str, Any], starts_at: datetime
    ) -> None:
        self._ctx, self._starts_at = ctx, starts_at
        self._names = Names(ctx, problem)
        self._lines = {line["id"]: line for line in problem["lines"]}
        self._sources = {each["id"]: each for kind in ("lots", "contracts") for each in problem[kind]}
        self._allocations = solution.get("allocations", ())
        self._trips = {trip["no"]: trip for trip in solution.get("trips", ())}

    @cached_property
    def _lots(self) -> dict[str, str]:
        return lot_numbers(self._ctx, self._sources)

    @cached_property
    def _contracts(self) -> dict[str, str]:
        return contract_numbers(self._ctx, self._sources)

    @cached_property
    def _roads(self) -> dict[str, str]:
        return dict(self._ctx.session.execute(select(Road.code, Road.name)).all())

    @cached_property
    def _nodes(self) -> dict[str, str]:
        return dict(self._ctx.session.execute(select(RoadNode.code, RoadNode.name)).all())

    @cached_property
    def _classes(self) -> dict[int, str]:
        return dict(self._ctx.session.execute(unscoped(select(NeedClass.rank, NeedClass.name), BECAUSE)).all())

    def finding(self, violation: Mapping[str, Any]) -> Finding:
        """One of them."""
        code, where, params = str(violation["code"]), str(violation.get("where", "")), violation.get("params") or {}
        unit = self._unit(where, params)
        values = {
            name: self._value(code, name, value, unit, where)
            for name, value in params.items()
            if isinstance(value, str | int | list)
        }
        made = Finding(code, where, dict(params), "", self._subject(where), values)
        return replace(made, text=violation_words(made))

    def _subject(self, where: str) -> dict[str, Any]:
        for kind, shape in SHAPES.items():
            if found := shape.fullmatch(where):
                return self._named(kind, found.groupdict())
        return {"text": where}

    def _named(self, kind: str, said: dict[str, str]) -> dict[str, Any]:
        match kind:
            case "line":
                return self._line(said["line"])
            case "lot" | "contract":
                return self._source(said["source"])
            case "goods":
                return self._goods(int(said["place"]))
            case "site":
                return {"text": "{site}", "site": self._names.site(said["site"])}
            case "figure":
                return {"text": FIGURES[said["figure"]]}
        filled: dict[str, Any] = dict(said)
        if "no" in said:
            filled["plate"] = self._trips.get(int(said["no"]), {}).get("vehicle_id", UNKNOWN)
        if kind == "stop":
            stops = self._trips.get(int(said["no"]), {}).get("stops", ())
            place = int(said["stop"])
            filled |= {
                "stop": place + 1,
                "site": self._names.site(stops[place]["site_id"]) if place < len(stops) else "",
            }
        elif "site" in said:
            filled["site"] = self._names.site(said["site"])
        if "item" in said:
            filled["item"] = self._names.item(said["item"])
        if kind == "lock":
            filled = {"source": self._source(said["source"]), "line": self._line(said["line"])}
        if kind == "class":
            filled["name"] = self._classes.get(int(said["rank"]), "")
        if kind == "standing":
            filled["at"] = self._moment(int(said["at"]))
        return {"text": SUBJECTS[kind], **filled}

    def _line(self, line_id: str) -> dict[str, Any]:
        if line_id not in self._lines:
            return {"text": "{name}", "name": line_id}
        number, line_no = self._names.request(line_id)
        site, item = self._names.delivery(line_id), self._names.asked(line_id)[0]
        return {"text": SUBJECTS["line"], "number": number, "line_no": line_no, "site": site, "item": item}

    def _source(self, source_id: str) -> dict[str, Any]:
        source = self._sources.get(source_id)
        if source is None:
            return {"text": "{name}", "name": source_id}
        item = self._names.item(source["item_id"])
        if source_id in self._contracts:
            return {"text": SUBJECTS["contract"], "contract": self._contracts[source_id], "item": item}
        site = self._names.site(source["site_id"])
        return {"text": SUBJECTS["lot"], "site": site, "item": item, "lot": self._lots.get(source_id, UNKNOWN)}

    def _goods(self, place: int) -> dict[str, Any]:
        if not 0 <= place < len(self._allocations):
            return {"text": SUBJECTS["row"], "place": place + 1}
        row = self._allocations[place]
        source_id, line_id = row.get("source_id", ""), row.get("line_id", "")
        amount = self._amount(row.get("quantity", 0), self._unit_of(source_id))
        return {
            "text": SUBJECTS["goods"], "source": self._source(source_id), "amount": amount, "line": self._line(line_id),
        }  # fmt: skip

    def _unit_of(self, source_id: str) -> str:
        return self._names.unit(self._sources[source_id]["item_id"]) if source_id in self._sources else ""

    def _unit(self, where: str, params: Mapping[str, Any]) -> str:
        """In what the finding counts."""
        if isinstance(params.get("lot"), str) and "quantity" in params:
            return self._unit_of(params["lot"])
        kind, _, rest = where.partition(" ")
        if kind == "line":
            place = params.get("allocation")
            if isinstance(place, int) and place < len(self._allocations):
                return self._unit_of(self._allocations[place].get("source_id", ""))
            return self._names.asked(rest)[1] if rest in self._lines else ""
        if kind in {"lot", "contract"}:
            return self._unit_of(rest)
        if kind == "allocation" and int(rest) < len(self._allocations):
            return self._unit_of(self._allocations[int(rest)].get("source_id", ""))
        if found := SHAPES["floor"].fullmatch(where):
            return self._names.unit(found["item"])
        if found := SHAPES["lock"].fullmatch(where):
            return self._unit_of(found["source"])
        return ""

    def _value(self, code: str, name: str, value: str | int | list[Any], unit: str, where: str) -> Any:
        """One figure as it is read."""
        if isinstance(value, str):
            return self._name(name, value)
        if isinstance(value, list):
            return [{"text": LABELS["LoadGroup"].get(each, str(each))} if name == "groups" else each for each in value]
        match _measure(code, name, where):
            case "g":
                return f"{value / 1000:,.0f} kg"
            case "cm3":
                return f"{value / 1_000_000:,.1f} m³"
            case "m":
                return f"{value:,} m"
            case "s":
                return _length(value)
            case "fen":
                return {"text": "{yuan} 元", "yuan": f"{value / 100:,.2f}"}
            case "permille":
                return f"{value / 10:.1f}%"
            case "at":
                return self._moment(value)
            case "count":
                return str(value)
        return self._amount(value, unit)

    def _name(self, name: str, value: str) -> Any:
        match name:
            case "site" | "origin":
                return self._names.site(value)
            case "item":
                return self._names.item(value)
            case "line" | "served_line":
                return self._line(value)
            case "lot":
                return self._source(value)
            case "edge":
                return self._roads.get(value, value)
            case "at" | "wanted":
                return self._nodes.get(value, value) or UNKNOWN
            case "carriage":
                return {"text": LABELS["Carrier"].get(value, value)}
        return value

    def _amount(self, quantity: int, unit: str) -> str:
        return f"{quantity:,} {unit}".strip()

    def _moment(self, seconds: int) -> Any:
        if abs(seconds) > LONG:
            return UNKNOWN
        return f"{beijing(self._starts_at + timedelta(seconds=seconds)):%m-%d %H:%M}"


def _length(seconds: int) -> dict[str, Any]:
    """A length of time, to the second where that is what is wrong."""
    minutes, rest = divmod(seconds, 60)
    if rest:
        return {"text": "{minutes} 分 {seconds} 秒", "minutes": f"{minutes:,}", "seconds": rest}
    return {"text": "{minutes} 分钟", "minutes": f"{minutes:,}"}


_AT = {"arrives_at", "due_at", "expires_at", "opens_at", "at", "until", "back"}
_SECONDS = {"needs", "takes", "driving", "limit"}
_COUNTS = {"trip", "busy", "bays", "allocation"}
_OF_FIGURES = {
    "distance_m": "m", "drive_s": "s", "cost_fen": "fen", "goods_fen": "fen", "last_arrival_at": "at",
    "late_lines": "count", "vehicles_used": "count", "trips": "count",
}  # fmt: skip


def _measure(code: str, name: str, where: str) -> str:
    """What a figure is measured in."""
    if code == "wrong_figure":
        return _OF_FIGURES.get(where, "count")
    if code in {"wrong_departure", "wrong_return"} or name in _AT:
        return "at"
    if code == "wrong_distance":
        return "m"
    if name in _SECONDS:
        return "s"
    if name in _COUNTS:
        return "count"
    if name == "bound":
        return "permille"
    return "g" if name.endswith("_g") else "cm3" if name.endswith("_cm3") else ""
