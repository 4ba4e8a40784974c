"""Rates, frequencies and sample formats as people type them."""

from __future__ import annotations

import re

from receiver.errors import UsageError
from receiver.wire.numbers import NAMES, NumberFormat


def number_format_named(text: str) -> NumberFormat:
    """The format of a name as people write it.

    Raises
    ------
    UsageError
        Nobody calls a format so.
    """
    found = NAMES.get(text.lower())
    if found is None:
        raise UsageError(f"--format: got {text!r}, expected one of {', '.join(NAMES)}")
    return found


_EXAMPLES = {"--rate": "samples a second such as 2400000 or 2.4M", "--frequency": "Hz such as 1090M"}


def parse_rate(text: str, option: str = "--rate") -> float:
    """Samples a second, or Hz, as people write them: 2400000, 2.4e6, 2400k, 2.4M, 1.09G.

    Raises
    ------
    UsageError
        It is no rate.
    """
    match = re.fullmatch(r"\s*([0-9.]+(?:e[0-9]+)?)\s*([kMG]?)(?:Hz)?\s*", text, re.IGNORECASE)
    try:
        if match is None:
            raise ValueError
        rate = float(match[1]) * {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}[match[2].lower()]
    except ValueError:
        raise UsageError(f"{option}: got {text!r}, expected {_EXAMPLES[option]}") from None
    if not 1e5 <= rate <= 1e10:
        raise UsageError(f"{option}: got {text!r}, expected {_EXAMPLES[option]}")
    return rate
