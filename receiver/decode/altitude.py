"""Altitude codes, 13 bits in replies and 12 in squitters.

Source: ICAO Annex 10 vol. IV, 3.1.2.6.5.4 (13 bits, Q bit, Gillham code) and 3.1.1.7.12.2.3 (Gillham code).
"""

from __future__ import annotations

from functools import lru_cache

from pyModeS.util import altcode


@lru_cache(maxsize=8192)
def altitude_from_code_13(code: int) -> int | None:
    """Barometric altitude in ft of a 13-bit AC field.

    None when the field is 0 (no altitude), metric (the M bit: nobody has defined its units) or no valid Gillham code.
    """
    return altcode(f"{4 << 51 | code << 24:014x}")  # as the DF4 that carries it


def altitude_from_code_12(code: int) -> int | None:
    """Altitude in ft of a squitter's 12-bit field, which is the 13-bit one without its M bit."""
    return altitude_from_code_13((code & 0xFC0) << 1 | code & 0x3F)
