"""The parity of Mode S: 24 bits, generator 0x1FFF409.

Source: ICAO Annex 10 volume IV, 3.1.2.3.3 (generator polynomial of the parity field).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GENERATOR = 0x1FFF409
LONG_BITS = 112
SHORT_BITS = 56


def bit_syndromes(n_bits: int) -> NDArray[np.uint32]:
    """What a wrong bit does to the remainder of a frame of `n_bits`: uint32 (n_bits,), by bit from the first.

    The remainder of a frame (24 bits, its own parity field included) is the XOR of these over its bits that are 1.
    """
    syndromes = np.zeros(n_bits, np.uint32)
    remainder = 1
    for bit in range(n_bits - 1, -1, -1):
        syndromes[bit] = remainder
        remainder <<= 1
        if remainder & 0x1000000:
            remainder ^= GENERATOR
    return syndromes


def parity(bits: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The remainders of frames, uint8 (n, 56 or 112) of zeros and ones with the parity field still zero."""
    syndromes = bit_syndromes(bits.shape[1])
    remainders: NDArray[np.uint32] = np.bitwise_xor.reduce(np.where(bits, syndromes, np.uint32(0)), axis=1)
    return remainders
