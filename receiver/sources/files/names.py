"""What the name of a recording says of it: rate, format, frequency and time, where that is beyond doubt.

| program | name |
|---|---|
| gqrx | `gqrx_20221110_120000_1090000000_2400000_fc.raw` |
| hackrf_transfer, by custom | `hackrf_1090000000_2400000.cs8` |
| Universal Radio Hacker | `RTL-SDR-20220101_120000-1_09GHz-2_4MSps-2_4MHz.complex16u` |
| inspectrum, rtl_433 | `fm-f1090M-s2.4M.cu8`, `g001_1090M_2400k.cu8` |
| SDR#, HDSDR, SDRuno, SDR++ (WAV says the rest) | `SDRSharp_20160101_120000Z_1090000000Hz_IQ.wav`, `…_1090000kHz_RF.wav` |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from receiver.wire.numbers import CF32, CU8, NAMES, NumberFormat

LEAST_HZ, MOST_HZ = 1e6, 99.9e6  # what can be a rate; above it is a frequency
_UNIT = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
_PACKED = re.compile(r"\.(gz|zst|xz|bz2)$", re.IGNORECASE)
# URH writes decimals with an underscore
_PER_SECOND = re.compile(r"(?<![\d.])(\d+(?:[._]\d{1,3})?)\s?([kmg]?)(?:sps|s/s|samp)(?![a-z])", re.IGNORECASE)
_HERTZ = re.compile(r"(?<![\d.])(\d+(?:[._]\d{1,6})?)\s?([kmg]?)hz(?![a-z])", re.IGNORECASE)
_SHORT = re.compile(r"([fs]?)(\d+(?:\.\d+)?)([kKmM])\Z")
_DIGITS = re.compile(r"([fs]?)(\d{7,10})\Z")
_GQRX = re.compile(r"gqrx_\d{8}_\d{6}_\d+_\d+_fc\.raw\Z", re.IGNORECASE)
_TIME = re.compile(
    r"(?<!\d)(20\d{2})-?([01]\d)-?([0-3]\d)[_T-]?([0-2]\d)-?([0-5]\d)-?([0-5]\d)(Z?)(?!\d)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class NameSays:
    """What a name says; None where it says nothing, or more than one thing.

    Attributes
    ----------
    rates
        All that could be its rate, samples a second, ascending: with two or more it says none.
    start_utc_s
        Where the name has a time in UTC.
    """

    rates: tuple[float, ...] = ()
    number_format: NumberFormat | None = None
    frequency_hz: float | None = None
    start_utc_s: float | None = None

    @property
    def rate_hz(self) -> float | None:
        """The rate, if there is just one."""
        return self.rates[0] if len(self.rates) == 1 else None


def said_by_name(name: str) -> NameSays:
    """What a file's name says; folders before it say nothing."""
    base = _PACKED.sub("", re.split(r"[/\\]", name)[-1])
    frequencies: set[float] = set()
    rates: set[float] = set()
    rest = base
    start_utc_s = None
    if (at := _TIME.search(rest)) is not None:
        start_utc_s = _utc(at)
        rest = f"{rest[: at.start()]}_{rest[at.end() :]}"
    for match in _PER_SECOND.finditer(rest):
        rates.add(_value(match))
    rest = _PER_SECOND.sub("_", rest)
    frequencies |= {_value(match) for match in _HERTZ.finditer(rest)}
    rest = _HERTZ.sub("_", rest)
    if not rates:
        rates = _bare(rest, frequencies)
    else:
        _bare(rest, frequencies)
    tuned = {one for one in frequencies if one > MOST_HZ}
    return NameSays(
        tuple(sorted(one for one in rates if LEAST_HZ <= one <= MOST_HZ)),
        format_in_name(base),
        tuned.pop() if len(tuned) == 1 else None,
        start_utc_s,
    )


def _bare(text: str, frequencies: set[float]) -> set[float]:
    """Rates among the words of a name that have no unit or only its first letter; frequencies go into the set."""
    rates = set()
    for word in re.split(r"[_\- ,;()\[\]]+|\.(?=[A-Za-z])", text):
        match = _SHORT.match(word) or _DIGITS.match(word)
        if match is None:
            continue
        mark, unit = match[1].lower(), match[3] if match.re is _SHORT else ""
        value = float(match[2]) * _UNIT[unit.lower()]
        if mark == "f" or value > MOST_HZ:
            frequencies.add(value)
        elif value >= LEAST_HZ and not (unit == "m" and not mark and "." not in word):  # 20m is a band, or minutes
            rates.add(value)
    return rates


def format_in_name(base: str) -> NumberFormat | None:
    """The format that a file's name tells; `.bin` alone tells nothing but is an RTL-SDR's by custom."""
    if _GQRX.search(base):
        return CF32
    words = re.split(r"[_\-. ]", _PACKED.sub("", base).lower())
    for k in range(len(words) - 1, -1, -1):
        ending = "be" if words[k + 1 : k + 2] == ["be"] else ""  # as SigMF writes it: ci16_be
        if words[k] + ending in NAMES:
            return NAMES[words[k] + ending]
    return CU8 if words[-1] == "bin" else None


def rate_in_name(base: str) -> float | None:
    """The sample rate that a file's name tells; a frequency such as 1090M is none."""
    return said_by_name(base).rate_hz


def _value(match: re.Match[str]) -> float:
    return float(match[1].replace("_", ".")) * _UNIT[match[2].lower()]


def _utc(match: re.Match[str]) -> float | None:
    """Only SDR#, HDSDR and SDRuno (with a Z) and gqrx write UTC."""
    if not match[7] and not match.string.lower().startswith("gqrx_"):
        return None
    try:
        return datetime(*(int(match[k]) for k in range(1, 7)), tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]
    except ValueError:
        return None
