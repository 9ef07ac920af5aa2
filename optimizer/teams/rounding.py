"""Cuts by rounding, after Gomory and Chvátal: rows added up with whole fractions, then rounded down on both sides.

The numbers to add up with come from the basis of the linear program; they are turned into fractions with a small divisor and everything
is reckoned anew from these, so a cut holds for all columns, also those the program does not hold, however inexact the basis was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from optimizer.teams.rows import Ints, Reals, Rows

DIVISORS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 18, 20, 24, 32)
ROWS_MAX = 400
"""Rows a cut is added up from."""
CUTS_MAX = 30
SEEDS_MAX = 300
"""Broken columns that are looked at."""
EXACT, BROKEN, VIOLATED = 1e-5, 1e-4, 1e-3
SAFE = 1e-9


@dataclass(frozen=True, slots=True)
class Basis:
    """A solved program: its solver, the columns it holds, and the values of all columns."""

    highs: highspy.Highs
    columns: Ints
    values: Reals


@dataclass(frozen=True, slots=True)
class _Sum:
    """Rows with whole numbers to add them up with, and what to divide by."""

    rows: Ints
    numbers: Reals
    divisor: int


Cut = tuple[Ints, Reals, float]


def rounded(rows: Rows, basis: Basis, pairs: int) -> list[Cut]:
    """Cuts that the values violate, the deepest first: columns, coefficients, and what they are at most together."""
    most = np.isinf(rows.lower)
    sign, limit = np.where(most, 1.0, -1.0), np.where(most, rows.upper, -rows.lower)
    held = rows.matrix[:, basis.columns].tocsr()
    values = basis.values[basis.columns]
    full = (basis.columns >= pairs) & (values > 0.5)
    found = []
    for one in _sums(basis, values, sign):
        numbers, at_most = _cut(held, one, sign, limit, full)
        excess = float(numbers @ values) - at_most
        if excess > VIOLATED:
            found.append((excess / max(float(np.linalg.norm(numbers)), SAFE), one))
    found.sort(key=lambda pair: -pair[0])
    everywhere = np.zeros(rows.columns, np.bool_)
    everywhere[basis.columns] = full
    cuts = []
    for _, one in found[:CUTS_MAX]:
        numbers, at_most = _cut(rows.matrix, one, sign, limit, everywhere)
        used = np.flatnonzero(numbers)
        cuts.append((used, numbers[used], at_most))
    return cuts


def _sums(basis: Basis, values: Reals, sign: Reals) -> Iterator[_Sum]:
    """Rows of the inverse of the basis that belong to broken columns, as fractions."""
    basic = np.array(basis.highs.getBasicVariables()[1])
    own = values[np.maximum(basic, 0)]
    broken = np.flatnonzero((basic >= 0) & (np.abs(own - np.round(own)) > BROKEN))
    seen = set()
    for place in broken[:SEEDS_MAX]:
        inverse = np.array(basis.highs.getBasisInverseRow(int(place))[1]) * sign
        for numbers in (inverse, -inverse):
            part = numbers - np.floor(numbers + SAFE)
            part[np.abs(part) < EXACT] = 0
            rows = np.flatnonzero(part)
            if not 0 < len(rows) <= ROWS_MAX:
                continue
            for divisor in DIVISORS:
                whole = np.round(part[rows] * divisor)
                if float(np.abs(whole - part[rows] * divisor).max()) < EXACT * divisor:
                    key = (divisor, rows.tobytes(), whole.tobytes())
                    if key not in seen:
                        seen.add(key)
                        yield _Sum(rows, whole, divisor)
                    break


def _cut(matrix: object, one: _Sum, sign: Reals, limit: Reals, full: NDArray[np.bool_]) -> tuple[Reals, float]:
    """Coefficients of all columns and the most they come to. A task that is covered is reckoned by what is missing to that."""
    total = matrix[one.rows].T @ (one.numbers * sign[one.rows])  # type: ignore[index]
    numbers = np.where(full, np.ceil(total / one.divisor - SAFE), np.floor(total / one.divisor + SAFE))
    at_most = float(one.numbers @ limit[one.rows]) - float(total[full].sum())
    return numbers, float(np.floor(at_most / one.divisor + SAFE)) + float(numbers[full].sum())
