"""OpenStreetMap PBF (`.osm.pbf`): the wire format of https://wiki.openstreetmap.org/wiki/PBF_Format, as much of it as roads need.

Blocks are unpacked one after the other and never beyond the size the format allows; every length is checked before it is used.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.roadfiles import tags as words
from optimizer.roadfiles.collect import Line, net_of
from optimizer.roadfiles.net import Limits, Net, RoadFileError, Spot

HEADER_MAX = 64 * 1024
BLOCK_MAX = 32 * 1024 * 1024
KNOWN = {"OsmSchema-V0.6", "DenseNodes"}
Whole = NDArray[np.int64]
Fields = Iterator[tuple[int, int, memoryview]]


def read(data: bytes, limits: Limits) -> Net:
    """The roads of an `.osm.pbf` file. Raises RoadFileError."""
    reader = _Reader(limits)
    try:
        for kind, block in _blocks(data, limits):
            if kind == "OSMHeader":
                _check_header(block)
            elif kind == "OSMData":
                reader.block(block)
        return reader.net()
    except (IndexError, OverflowError, UnicodeDecodeError, zlib.error) as error:
        raise RoadFileError("broken_pbf") from error


def _blocks(data: bytes, limits: Limits) -> Iterator[tuple[str, memoryview]]:
    whole = memoryview(data)
    at, unpacked = 0, 0
    while at < len(whole):
        size = int.from_bytes(whole[at : at + 4], "big")
        if len(whole) - at < 4 or not 0 < size <= HEADER_MAX or at + 4 + size > len(whole):
            raise RoadFileError("broken_pbf")
        kind, body_size = "", 0
        for number, value, content in _fields(whole[at + 4 : at + 4 + size]):
            if number == 1:
                kind = bytes(content).decode()
            elif number == 3:
                body_size = value
        at += 4 + size
        if not kind or body_size > BLOCK_MAX or at + body_size > len(whole):
            raise RoadFileError("broken_pbf")
        block = _unpacked(whole[at : at + body_size])
        unpacked += len(block)
        if unpacked > limits.bytes_max:
            raise RoadFileError("too_large", maximum=limits.bytes_max)
        yield kind, block
        at += body_size


def _unpacked(blob: memoryview) -> memoryview:
    for number, _, content in _fields(blob):
        if number == 1:
            return content
        if number == 3:
            packer = zlib.decompressobj()
            found = packer.decompress(content, BLOCK_MAX)
            if packer.unconsumed_tail or not packer.eof:
                raise RoadFileError("broken_pbf")
            return memoryview(found)
        if number in {4, 5, 6, 7}:
            raise RoadFileError("packed_otherwise")
    raise RoadFileError("broken_pbf")


def _check_header(block: memoryview) -> None:
    needed = {bytes(content).decode() for number, _, content in _fields(block) if number == 4}
    if needed - KNOWN:
        raise RoadFileError("needs_more", feature=sorted(needed - KNOWN)[0][:40])


def _fields(message: memoryview) -> Fields:
    """Number, value and content of each field. Raises IndexError at a message that ends too early."""
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        kind = key & 7
        if kind == 0:
            value, at = _number(message, at)
            yield key >> 3, value, message[:0]
        elif kind == 2:
            size, at = _number(message, at)
            if at + size > len(message):
                raise IndexError
            yield key >> 3, size, message[at : at + size]
            at += size
        elif kind in {1, 5}:
            at += 8 if kind == 1 else 4
            if at > len(message):
                raise IndexError
        else:
            raise IndexError


def _number(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise IndexError


def _numbers(content: memoryview) -> Whole:
    """Packed whole numbers, all at once."""
    raw = np.frombuffer(content, np.uint8)
    if not len(raw):
        return np.zeros(0, np.int64)
    ends = np.flatnonzero(raw < 128)
    if not len(ends) or ends[-1] != len(raw) - 1:
        raise IndexError
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() > 9:
        raise IndexError
    shift = (np.arange(len(raw)) - np.repeat(starts, ends - starts + 1)) * 7
    parts = (raw & 127).astype(np.uint64) << shift.astype(np.uint64)
    return np.add.reduceat(parts, starts).view(np.int64)


def _signed(values: Whole) -> Whole:
    raw = values.view(np.uint64)
    return ((raw >> np.uint64(1)).view(np.int64)) ^ -(raw & np.uint64(1)).view(np.int64)


@dataclass(frozen=True, slots=True)
class _Scale:
    granularity: int = 100
    lat: int = 0
    lon: int = 0


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.points = 0
        self.ids: list[Whole] = []
        self.lat: list[Whole] = []
        self.lon: list[Whole] = []
        self.lines: list[Line] = []

    def block(self, block: memoryview) -> None:
        texts: list[bytes] = []
        groups, facts = [], {17: 100, 19: 0, 20: 0}
        for number, value, content in _fields(block):
            if number == 1:
                texts = [bytes(text) for n, _, text in _fields(content) if n == 1]
            elif number == 2:
                groups.append(content)
            elif number in facts:
                facts[number] = value - (1 << 64) if value >> 63 else value
        scale = _Scale(facts[17], facts[19], facts[20])
        for group in groups:
            for number, _, content in _fields(group):
                if number == 1:
                    self._node(content, scale)
                elif number == 2:
                    self._dense(content, scale)
                elif number == 3:
                    self._way(content, texts)

    def _node(self, message: memoryview, scale: _Scale) -> None:
        found = {number: value for number, value, _ in _fields(message)}
        one, lat, lon = (_signed(np.array([found.get(n, 0)], np.uint64).view(np.int64)) for n in (1, 8, 9))
        self._keep(one, lat, lon, scale)

    def _dense(self, message: memoryview, scale: _Scale) -> None:
        found = {number: content for number, _, content in _fields(message)}
        columns = [np.cumsum(_signed(_numbers(found.get(n, message[:0])))) for n in (1, 8, 9)]
        if len({len(column) for column in columns}) != 1:
            raise IndexError
        self._keep(columns[0], columns[1], columns[2], scale)

    def _keep(self, ids: Whole, lat: Whole, lon: Whole, scale: _Scale) -> None:
        self.points += len(ids)
        if self.points > self.limits.points_max:
            raise RoadFileError("too_many_points", maximum=self.limits.points_max)
        nano_lat, nano_lon = (
            base + scale.granularity * column for base, column in ((scale.lat, lat), (scale.lon, lon))
        )
        if len(ids) and (np.abs(nano_lat).max() > 90 * 10**9 or np.abs(nano_lon).max() > 180 * 10**9):
            raise RoadFileError("off_the_earth", point=int(ids[0]))
        self.ids.append(ids)
        self.lat.append((nano_lat + 500) // 1000)
        self.lon.append((nano_lon + 500) // 1000)

    def _way(self, message: memoryview, texts: list[bytes]) -> None:
        found = {number: (value, content) for number, value, content in _fields(message)}
        none = (0, message[:0])
        keys, values = (_numbers(found.get(n, none)[1]).tolist() for n in (2, 3))
        said = {texts[k].decode(): texts[v].decode() for k, v in zip(keys, values, strict=False)}
        nature = words.nature(said)
        if nature is None:
            return
        if len(self.lines) >= self.limits.lines_max:
            raise RoadFileError("too_many_lines", maximum=self.limits.lines_max)
        points = np.cumsum(_signed(_numbers(found.get(8, none)[1]))).tolist()
        line = f"w{found.get(1, none)[0]}"
        if len(points) > self.limits.line_points_max:
            raise RoadFileError("line_too_long", line=line, maximum=self.limits.line_points_max)
        self.lines.append(Line(line, words.name(said), nature, [str(point) for point in points]))

    def net(self) -> Net:
        """Only points of roads become text; a file holds many others."""
        if not self.ids or not self.lines:
            return Net((), ())
        wanted = np.unique(np.array([int(point) for line in self.lines for point in line.points], np.int64))
        ids = np.concatenate(self.ids)
        order = np.argsort(ids, kind="stable")
        at = np.minimum(np.searchsorted(ids[order], wanted), len(ids) - 1)
        there = ids[order][at] == wanted
        lat, lon = np.concatenate(self.lat)[order][at], np.concatenate(self.lon)[order][at]
        spots = {
            str(point): Spot(str(point), int(a), int(b))
            for point, a, b in zip(wanted[there].tolist(), lat[there].tolist(), lon[there].tolist(), strict=True)
        }
        return net_of(self.lines, spots)
