"""Call signs as they may be shown: letters, digits, spaces within."""

from __future__ import annotations

import re

# Annex 10 vol. III, part I, 9.1 (IA-5 subset): A–Z, 0–9 and space. Everything else, pyModeS writes as #.
_VALID = re.compile(r"[A-Z0-9](?: *[A-Z0-9])*\Z")


def valid_callsign(text: str) -> str | None:
    """The call sign, or None when it is blank or holds a character that a call sign cannot have."""
    return text if _VALID.match(text) else None
