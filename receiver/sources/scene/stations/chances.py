"""`chance` for arrays: the same numbers for the same keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mixed(key: ArrayLike, number: ArrayLike) -> Keys:
    """64 bits that depend on every bit of both; arrays are broadcast against each other."""
    keys = np.asarray(key, np.uint64)
    which = (np.asarray(number, np.int64) + 1).astype(np.uint64)
    with np.errstate(over="ignore"):  # of scalars; it is meant
        x = keys + which * _STEP
        x = (x ^ (x >> np.uint64(30))) * _FIRST
        x = (x ^ (x >> np.uint64(27))) * _SECOND
    bits: Keys = x ^ (x >> np.uint64(31))
    return bits


def uniform(key: ArrayLike, number: ArrayLike) -> Floats:
    """0 ≤ u < 1."""
    return (mixed(key, number) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(key: ArrayLike, number: ArrayLike) -> Floats:
    """Mean 0, standard deviation 1 (Box and Muller)."""
    bits = mixed(key, number)
    high, low = (bits >> np.uint64(32)).astype(np.float64), (bits & np.uint64(0xFFFFFFFF)).astype(np.float64)
    radius: Floats = np.sqrt(-2.0 * np.log((high + 0.5) * 2.0**-32))
    return radius * np.cos(2.0 * np.pi * low * 2.0**-32)
