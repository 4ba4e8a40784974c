"""Call signs: eight characters of six bits.

Source: Annex 10 vol. IV, table 3-9 (A–Z, 0–9, space); the places that it leaves open hold the other characters of the
six-bit set of IA-5, as receivers in the field show them (readsb), and some aircraft send hyphens, dots and slashes.
"""

from __future__ import annotations

import re

_CHARACTERS = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
_PADDING = " @"  # 0 is NUL: what is left of a buffer that nobody has filled
_VALID = re.compile(r"[A-Z0-9](?: *[A-Z0-9])*\Z")


def callsign_from_bits(bits: int) -> str | None:
    """The call sign as it was sent, without its padding; None when there is nothing else. A NUL within is an `@`.

    Parameters
    ----------
    bits
        48 bits, the first character in the highest.
    """
    text = "".join(_CHARACTERS[bits >> shift & 0x3F] for shift in range(42, -1, -6))
    return text.strip(_PADDING) or None


def valid_callsign(text: str) -> str | None:
    """The call sign, or None when it is blank or holds a character that the standard does not know: what proves that a
    register is one of call signs."""
    return text if _VALID.match(text) else None
