"""What crosses from the hearing thread to the event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsp.demodulator import DemodulatorStatistics
from receiver.clock import ClockState
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
    bytes_in, copies
        From other receivers over the network: bytes, and frames that were dropped because the same had come before.
    load
        Time that demodulating takes per time of signal; 1 is the limit of what can be carried.
    cpu_s
        Processor time since the start of the demodulator and of everything else; None where output must be the same
        each time.
    demodulator
        Its counters; None for sources of frames.
    clock
        How the clock is that time is counted by; None for what was recorded.
    stations
        How each station of a fleet does; None where there is no fleet.
    """

    source: str
    state: str = "open"
    text: str = ""
    sample_rate_hz: float | None = None
    gain_db: float | None = None
    samples_lost: int = 0
    samples_dropped: int = 0
    restarts: int = 0
    bytes_in: int = 0
    copies: int = 0
    load: float | None = None
    cpu_s: Mapping[str, float] | None = None
    demodulator: DemodulatorStatistics | None = None
    clock: ClockState | None = None
    stations: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Frames of a piece of signal, oldest first (mostly few, often none), and the moment up to which all is heard.

    Attributes
    ----------
    frames, now
        UTC (s) by the signal's clock. Time goes forward; what comes late is taken in without setting it back.
    reception
        How the hearing goes.
    notes
        What an owner should read: steps of the gain, changes of effort.
    clock_step_s
        Before this piece the clock was set by so much, and the times in it are by the clock as it is now.
    begins_anew
        Another recording begins: time may go back to wherever this one was made.
    """

    frames: list[Frame]
    now: float
    reception: Reception | None
    notes: tuple[str, ...] = field(default=())
    clock_step_s: float = 0.0
    begins_anew: bool = False
