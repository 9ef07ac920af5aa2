"""What every compiled search needs: random numbers that a seed repeats, and a small sort."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.jit import inlined, inner

Array = Any


def seeded(seed: int) -> Array:
    """The state of a generator of random numbers: one word, never zero."""
    return np.array([(seed + 1) * 0x9E3779B97F4A7C15 % (1 << 64) | 1], np.uint64)


@inlined
def chance(random: Array) -> float:
    """A number in [0, 1): xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", ACM
    Transactions on Mathematical Software 42(4), 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(random: Array, limit: int) -> int:
    """A whole number in 0..limit-1."""
    return min(int(chance(random) * limit), limit - 1)


@inner
def sort_by(keys: Array, items: Array, count: int) -> None:
    """Sort the first items by their keys, and the keys with them; equal ones keep their order. By insertion: they are few."""
    for i in range(1, count):
        key, item = keys[i], items[i]
        j = i - 1
        while j >= 0 and keys[j] > key:
            keys[j + 1], items[j + 1] = keys[j], items[j]
            j -= 1
        keys[j + 1], items[j + 1] = key, item
