"""Bit fields of a 56-bit register, numbered as the standards number them: bit 1 is sent first."""

from __future__ import annotations


def field(register: int, first: int, last: int) -> int:
    """Unsigned value of bits `first` to `last` (1–56, both included) of a 56-bit register."""
    return (register >> (56 - last)) & ((1 << (last - first + 1)) - 1)


def flag(register: int, bit: int) -> bool:
    """Whether one bit (1–56) of a 56-bit register is set."""
    return bool((register >> (56 - bit)) & 1)
