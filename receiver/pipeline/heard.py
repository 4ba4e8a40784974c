"""What crosses from the hearing thread to the event loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dsp.demodulator import DemodulatorStatistics
from receiver.wire.frame import Frame


@dataclass(frozen=True, slots=True)
class Reception:
    """How the hearing goes, as it was at one moment.

    Attributes
    ----------
    source
        The source's kind: rtlsdr, rtl_tcp, recording, scene, frames, beast, avr.
    state, text
        Of the hardware: open, absent, busy, denied, error, stalled, crashed …, and why in words. A source without
        hardware is always open.
    sample_rate_hz
        None for sources of frames.
    gain_db
        None: automatic, or there is none.
    samples_lost, samples_dropped
        Never came (by the clock, or while there was no hardware), and came but had to be thrown away.
    restarts
        How often the hardware was started again.
    load
        Time that demodulating takes per time of signal; 1 is the limit of what can be carried.
    cpu_s
        Processor time since the start of the demodulator and of everything else; None where output must be the same
        each time.
    demodulator
        Its counters; None for sources of frames.
    """

    source: str
    state: str = "open"
    text: str = ""
    sample_rate_hz: float | None = None
    gain_db: float | None = None
    samples_lost: int = 0
    samples_dropped: int = 0
    restarts: int = 0
    load: float | None = None
    cpu_s: Mapping[str, float] | None = None
    demodulator: DemodulatorStatistics | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Frames of a piece of signal, oldest first (mostly few, often none), and the moment up to which all is heard.

    `reception` is None for frames that come in beside the source, from the network: they say nothing about it.
    """

    frames: list[Frame]
    now: float  # UTC (s) by the signal's clock
    reception: Reception | None
    notes: tuple[str, ...] = field(default=())  # what an owner should read: steps of the gain, changes of effort
