"""Mode A codes ("squawks"), 13 bits with the pulses interleaved.

Source: ICAO Annex 10 vol. IV, 3.1.1.6 and 3.1.2.6.7.1.
"""

from __future__ import annotations

from functools import lru_cache

from pyModeS.util import idcode


@lru_cache(maxsize=8192)
def squawk_from_code(code: int) -> str:
    """Four octal digits for a 13-bit identity field."""
    squawk = idcode(f"{5 << 51 | code << 24:014x}")  # as the DF5 that carries it
    assert squawk is not None
    return squawk
