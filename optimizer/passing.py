"""Who may pass a stretch of road: one rule for planning, for telling what bars a vehicle, and for what opening a road means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from optimizer.model import Edge, VehicleType

NEVER: int = 2**62
"""Longer than any way; stands for "no road leads there" in tables of seconds."""
SIZE_MAX = 9
"""The size class that every vehicle keeps within."""


class Cause(StrEnum):
    """What keeps a vehicle from a road or a place."""

    NO_NODE = "no_node"
    YARD_TOO_SMALL = "yard_too_small"
    NO_ROAD = "no_road"
    ONE_WAY = "one_way"
    CLOSED = "closed"
    SIZE = "size"
    MASS = "mass"
    HEIGHT = "height"
    SNOW = "snow"
    FORD = "ford"
    TOWING = "towing"
    CONVOY = "convoy"


def causes(edge: Edge, kind: VehicleType) -> Iterator[Cause]:
    """Everything that keeps a type from an edge."""
    if not edge.is_open:
        yield Cause.CLOSED
    if kind.size_class > edge.size_class_max:
        yield Cause.SIZE
    if edge.bridge_limit_kg is not None and kind.gross_mass_kg > edge.bridge_limit_kg:
        yield Cause.MASS
    if edge.height_limit_cm is not None and kind.height_cm > edge.height_limit_cm:
        yield Cause.HEIGHT
    if edge.snow_vehicles_only and not kind.is_snow_capable:
        yield Cause.SNOW
    if edge.is_ford and not kind.can_ford:
        yield Cause.FORD
    if edge.is_towing_barred and kind.is_towing:
        yield Cause.TOWING
    if edge.is_convoy_only and not kind.is_in_convoy:
        yield Cause.CONVOY


def may_use(edge: Edge, kind: VehicleType) -> bool:
    """Is the edge open and within its limits for vehicles of the type?"""
    return next(causes(edge, kind), None) is None


def passable(edge: Edge) -> Edge:
    """The edge without what passes: closures, snow, the rule that only convoys go."""
    return replace(edge, is_open=True, snow_vehicles_only=False, is_convoy_only=False)


def cleared(edge: Edge) -> Edge:
    """The edge as nobody is kept from it."""
    return replace(
        passable(edge), size_class_max=SIZE_MAX, bridge_limit_kg=None, height_limit_cm=None, is_ford=False, is_towing_barred=False
    )  # fmt: skip
