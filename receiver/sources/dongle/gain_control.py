"""Automatic gain at work: looks on while blocks are demodulated, and sets the source's gain.

    control = GainControl(source)              before the source is started
    note = control.heard(block, statistics)    after every block; a text is a step of the gain and why

It stands beside `AutoGain`, which only judges, so that the judgement can be tested on a simulated front end.
"""

from __future__ import annotations

import statistics as levels
from typing import TYPE_CHECKING, Protocol

from receiver.sources.dongle.auto_gain import AutoGain, FrontEndWindow
from receiver.sources.dongle.live import ReceiverHealth

if TYPE_CHECKING:
    from dsp.demodulator import DemodulatorStatistics
    from dsp.samples import SampleBlock

WINDOW_S = 10.0
WHOLE = 0.9  # a window with fewer of its samples says nothing
START_DB = 38.6  # some steps below the top: most stations end near it
SET_AGAIN_S = 30.0  # between attempts to set a gain that the dongle does not take

# rtl_tcp tells how many steps the tuner has but not which. Source: the tuners' tables in librtlsdr.c
R820T_GAINS_DB = (
    0.0, 0.9, 1.4, 2.7, 3.7, 7.7, 8.7, 12.5, 14.4, 15.7, 16.6, 19.7, 20.7, 22.9, 25.4,
    28.0, 29.7, 32.8, 33.8, 36.4, 37.2, 38.6, 40.2, 42.1, 43.4, 43.9, 44.5, 48.0, 49.6,
)  # fmt: skip
E4000_GAINS_DB = (-1.0, 1.5, 4.0, 6.5, 9.0, 11.5, 14.0, 16.5, 19.0, 21.5, 24.0, 29.0, 34.0, 42.0)


class Gainful(Protocol):
    """A source whose gain can be set: the dongle, rtl_tcp."""

    sample_rate_hz: float
    health: ReceiverHealth

    def set_gain(self, gain_db: float | None) -> None:
        """Now and for every later start, from any thread."""
        ...


class GainControl:
    """Sets the gain of a source by what is heard from it.

    Parameters
    ----------
    source
        Not started yet: its first gain is set here.
    gain
        "auto", "agc" or dB, as in `[receiver]`; only "auto" lets it choose.
    """

    def __init__(self, source: Gainful, gain: str | float = "auto") -> None:
        self._source = source
        self._start_db = START_DB
        self._auto: AutoGain | None = None
        self._held = gain != "auto"
        self._begin: tuple[int, DemodulatorStatistics] | None = None  # first sample and counters of the window
        self._noise: list[float] = []
        self._restarts = -1
        self._set_at_s = 0.0
        source.set_gain(START_DB if gain == "auto" else None if gain == "agc" else float(gain))

    @property
    def gain_db(self) -> float:
        """The gain that is in force, or was asked for."""
        return self._start_db if self._auto is None else self._auto.gain_db

    def hold(self, gain_db: float | None) -> None:
        """Set the gain by hand (None: the tuner's AGC) and leave it there, until `release`."""
        self._held = True
        self._source.set_gain(gain_db)

    def release(self) -> None:
        """Choose again, from where the choice had come to."""
        self._held = False
        self._begin = None
        self._source.set_gain(self.gain_db)

    def command(self, text: str) -> str:
        """Obey a person: "auto", "agc" or a number of dB; the result says what was done. ValueError: it is none."""
        word = text.strip().lower()
        if word == "auto":
            self.release()
            return "the gain is chosen by what is heard"
        if word == "agc":
            self.hold(None)
            return "the gain is left to the tuner"
        try:
            gain_db = float(word)
        except ValueError:
            gain_db = -1.0
        if not 0.0 <= gain_db <= 50.0:
            raise ValueError(f'gain: got {text[:40]!r}, expected "auto", "agc" or 0–50 dB')
        self.hold(gain_db)
        return f"gain {gain_db:g} dB, until told otherwise"

    def heard(self, block: SampleBlock, statistics: DemodulatorStatistics) -> str | None:
        """Take note of a block that was demodulated; the result explains a step of the gain, if one was made."""
        health = self._source.health
        if self._held or health.state != "open" or block.n_samples == 0 or health.restarts != self._restarts:
            self._begin, self._restarts = None, health.restarts
            return None
        if self._begin is None:
            self._begin, self._noise = (block.first_sample, statistics), []
            return None
        if statistics.noise_dbfs is not None:
            self._noise.append(statistics.noise_dbfs)
        first, before = self._begin
        rate_hz = self._source.sample_rate_hz
        length = block.first_sample - first
        if length < WINDOW_S * rate_hz:
            return None
        self._begin = None
        processed = statistics.samples_processed - before.samples_processed
        if processed < WHOLE * length or not self._noise:
            return None
        now_s = block.first_sample / rate_hz
        if self._auto is None:
            gains_db = health.gains_db or (E4000_GAINS_DB if health.tuner == "E4000" else R820T_GAINS_DB)
            self._auto = AutoGain(list(gains_db), self._start_db)
        if health.gain_db is None or abs(health.gain_db - self._auto.gain_db) > 0.05:
            # Not (yet) what was asked for: what was heard says nothing about the gain that is wanted
            if now_s - self._set_at_s > SET_AGAIN_S:
                self._set(self._auto.gain_db, now_s)
            return None
        step = self._auto.observe(
            FrontEndWindow(
                now_s=now_s,
                frames=statistics.accepted - before.accepted,
                strong_frames=statistics.strong - before.strong,
                clipped_share=(statistics.clipped_samples - before.clipped_samples) / processed,
                noise_dbfs=levels.median(self._noise),
            )
        )
        if step is None:
            return None
        self._set(step.gain_db, now_s)
        return f"gain {step.reason}"

    def _set(self, gain_db: float, now_s: float) -> None:
        self._set_at_s = now_s
        self._source.set_gain(gain_db)
