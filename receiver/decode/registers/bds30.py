"""BDS 3,0: ACAS active resolution advisory. Also the MV field of DF16 and BDS 6,1 subtype 2.

    bits  1– 8  0x30
          9–22  active resolution advisory
         23–26  complements: do not pass below, above, turn left, turn right
            27  the advisory has ended
            28  more than one threat
         29–30  kind of threat identity: 1 address, 2 altitude, range and bearing
         31–56  threat identity

Source: ICAO Annex 10 vol. IV, 4.3.8.4.2.2.1; bit numbers as pyModeS 3.6 documents them.
"""

from __future__ import annotations

from pyModeS.decoder.bds import bds30

from receiver.decode.bits import field
from receiver.record import record

CLEAR = "clear of conflict"
"""The advisory has ended; it is sent so for 18 s."""
NONE = "none"


@record
class ResolutionAdvisory:
    """What ACAS told the crew. `raw` is the register as 14 hex digits. Threat fields are None when not given."""

    advisory: str
    terminated: bool
    multiple_threats: bool
    threat_icao: str | None
    threat_altitude_ft: int | None
    threat_range_nmi: float | None
    threat_bearing_deg: float | None
    raw: str

    bds = "3,0"


def fits_bds30(mb: int) -> bool:
    """Whether the 56 bits can be this register."""
    return bds30.is_bds30(mb)


def is_empty_bds30(mb: int) -> bool:
    """Whether the register says that there is no advisory (its identifier and nothing else)."""
    return field(mb, 9, 28) == 0


def _words(raw: dict[str, bool]) -> str:
    """The advisory in words, the complements after a semicolon."""
    down = raw["downward_sense"]
    if raw["ra_terminated"]:
        return CLEAR
    if not raw["issued_ra"]:
        words = "multiple threats, different senses" if raw["multiple_threat"] else NONE
    elif raw["positive"]:
        words = "descend" if down else "climb"
        if raw["increased_rate"]:
            words = f"increase {words}"
        if raw["altitude_crossing"]:
            words = f"crossing {words}"
        if raw["sense_reversal"]:
            words = f"reverse: {words}"
        if not raw["corrective"]:
            words = f"maintain: {words}"
    else:
        words = "limit climb" if down else "limit descent"
        if not raw["corrective"]:
            words = f"monitor: {words}"
    complements = [
        text
        for key, text in (
            ("no_below", "do not pass below"),
            ("no_above", "do not pass above"),
            ("no_left", "do not turn left"),
            ("no_right", "do not turn right"),
        )
        if raw[key]
    ]
    return "; ".join([words, *complements])


def decode_bds30(mb: int) -> ResolutionAdvisory:
    """Read the register; any 56 bits (DF16 and BDS 6,1 have no reserved values to check)."""
    raw = bds30.decode_bds30(mb)
    threat = raw.get("threat_icao")
    return ResolutionAdvisory(
        advisory=_words(raw),
        terminated=raw["ra_terminated"],
        multiple_threats=raw["multiple_threat"],
        threat_icao=threat.lower() if threat else None,
        threat_altitude_ft=raw.get("threat_altitude"),
        threat_range_nmi=raw.get("threat_range"),
        threat_bearing_deg=raw.get("threat_bearing"),
        raw=f"{mb:014X}",
    )
