"""One Mode S frame as it was heard: the unit that travels from sources to decoder, outputs and logs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose parity the demodulator (or the sender, for network input) has accepted.

    Attributes
    ----------
    data
        7 or 14 bytes (Mode S short, long), or 2 (Mode A/C, network input only).
    time_s
        UTC in seconds since 1970 by the signal's own clock: the source's start plus samples over rate.
    counter_12mhz
        48-bit counter of a 12 MHz clock, as Beast and MLAT want it.
    signal_dbfs, noise_dbfs
        Pulse power and noise floor; None when the source did not say.
    carrier_offset_hz
        Carrier against 1090 MHz as tuned; None when the source did not say.
    corrected_bits
        Bits that the demodulator flipped. 0 for a clean frame.
    found
        "direct", "repaired", "beneath", or "network".
    source
        Name of the source, for logs and statistics.
    """

    data: bytes
    time_s: float
    counter_12mhz: int = 0
    signal_dbfs: float | None = None
    noise_dbfs: float | None = None
    carrier_offset_hz: float | None = None
    corrected_bits: int = 0
    found: str = "direct"
    source: str = ""

    @property
    def df(self) -> int:
        """Downlink format, 0–24 (DF24 is two bits; the other three belong to the message)."""
        df = self.data[0] >> 3
        return 24 if df > 24 else df

    @property
    def hex(self) -> str:
        """The bytes as upper-case hex digits."""
        return self.data.hex().upper()
