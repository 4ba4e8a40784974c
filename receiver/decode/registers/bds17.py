"""BDS 1,7: common usage capability report: one bit for each register that the aircraft fills at present.

Source: ICAO Doc 9871, table for BDS 1,7; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from functools import lru_cache

from pyModeS.decoder.bds import bds17

from receiver.record import record


@record
class CommonUsageCapability:
    """`registers`: the registers that are served, as "2,0"."""

    registers: frozenset[str]

    bds = "1,7"


def fits_bds17(mb: int) -> bool:
    """Whether the 56 bits can be this register: BDS 2,0 among those served, nothing after bit 24."""
    return bds17.is_bds17(mb)


@lru_cache(maxsize=256)  # few different ones are in the air, and each takes 1 kB
def decode_bds17(mb: int) -> CommonUsageCapability:
    """Read the register; 56 bits that fit it."""
    return CommonUsageCapability(registers=frozenset(bds17.decode_bds17(mb)["supported_bds"]))
