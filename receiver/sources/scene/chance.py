"""Chance that can be asked for anywhere: a number for (seed, who, what, which), the same in any order of asking.

Source: splitmix64, G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, 2014.
"""

from __future__ import annotations

import math

_MASK = (1 << 64) - 1


def mixed(key: int, number: int) -> int:
    """64 bits that depend on every bit of both."""
    x = (key + (number + 1) * 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def uniform(key: int, number: int) -> float:
    """0 ≤ u < 1."""
    return (mixed(key, number) >> 11) * 2.0**-53


def normal(key: int, number: int) -> float:
    """Mean 0, standard deviation 1 (Box and Muller)."""
    bits = mixed(key, number)
    radius = math.sqrt(-2.0 * math.log(((bits >> 32) + 0.5) * 2.0**-32))
    return radius * math.cos(2.0 * math.pi * (bits & 0xFFFFFFFF) * 2.0**-32)
