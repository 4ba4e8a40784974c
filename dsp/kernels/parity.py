"""The parity of Mode S in the kernels: what wrong bits do to the remainder. See `dsp.crc`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.compiled import helper, stage
from dsp.crc import bit_syndromes
from dsp.kernels.memory import Bits

SYNDROMES_112 = bit_syndromes(112)
SYNDROMES_56 = bit_syndromes(56)


def _turned(syndromes: NDArray[np.uint32], bits: range) -> NDArray[np.int64]:
    """What turning a set of bits does to the remainder, by the set as a number whose last bit is the last of `bits`."""
    table = np.zeros(1 << len(bits), np.int64)
    for index, bit in enumerate(reversed(bits)):
        table[1 << index : 2 << index] = table[: 1 << index] ^ int(syndromes[bit])
    return table


# Bits 5–7 (capability), and bytes 1–3 (address; altitude or identity in its last 13 bits)
TURNED_HEAD = np.stack([_turned(syndromes, range(5, 8)) for syndromes in (SYNDROMES_56, SYNDROMES_112)])
TURNED_BYTE = np.stack(
    [
        np.stack([_turned(syndromes, range(8 * byte, 8 * byte + 8)) for byte in (1, 2, 3)])
        for syndromes in (SYNDROMES_56, SYNDROMES_112)
    ]
)


@helper()
def field(hard: Bits, first: int, last: int) -> int:
    """Bits first…last−1 as a number."""
    value = 0
    for bit in range(first, last):
        value = (value << 1) | int(hard[bit])
    return value


@stage()
def remainder(hard: Bits, n: int) -> int:
    """Syndrome of the frame in `hard`."""
    syndromes = SYNDROMES_112 if n == 112 else SYNDROMES_56
    value = np.int64(0)
    for bit in range(n):
        if hard[bit]:
            value ^= np.int64(syndromes[bit])
    return value


@helper()
def turned_address(long: int, x: int) -> int:
    """What that does to the remainder of a short frame (0) or a long one (1)."""
    return TURNED_BYTE[long, 0, x >> 16] ^ TURNED_BYTE[long, 1, x >> 8 & 0xFF] ^ TURNED_BYTE[long, 2, x & 0xFF]
