"""One Mode S frame as it was heard: the unit that travels from sources to decoder, outputs and logs."""

from __future__ import annotations

from receiver.record import record

ANY_RECEIVER = -1


@record
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
    counter_fraction
        What the demodulator knows beyond that, −0.5…0.5 of a count; 0 for other receivers' frames.
    signal_dbfs, noise_dbfs
        Pulse power and noise floor; None when the source did not say.
    carrier_offset_hz
        Carrier against 1090 MHz as tuned; None when the source did not say.
    corrected_bits
        Bits that the demodulator flipped. 0 for a clean frame.
    found
        "direct", "repaired", "beneath", "network", or "mlat" (computed from several receivers' times, not received).
    source
        Name of the source, for logs and statistics.
    receiver
        Which of the receivers behind the source took it, counted from 0; `ANY_RECEIVER`: one of several, nobody knows
        which.
    epoch
        Rises whenever an unknown time has passed since the frame before (a receiver was started again): times of
        different epochs have no known distance.
    timed
        False: nobody said when it was received, and `time_s` tells the order only.
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
    receiver: int = 0
    epoch: int = 0
    timed: bool = True
    counter_fraction: float = 0.0

    @property
    def df(self) -> int:
        """Downlink format, 0–24 (DF24 is two bits; the other three belong to the message)."""
        df = self.data[0] >> 3
        return 24 if df > 24 else df

    @property
    def hex(self) -> str:
        """The bytes as upper-case hex digits."""
        return self.data.hex().upper()


def own_bytes(data: bytes) -> bytes:
    """A Mode S message without what a program has put behind it: a short one (DF0–15) in the 14 bytes of a long one
    is padded, or followed by what the buffer held before."""
    return data[:7] if len(data) == 14 and data[0] < 0x80 else data
