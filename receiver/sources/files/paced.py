"""A recording or a scene at the speed of time, or a multiple of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from dsp.samples import SampleBlock
from receiver.sources import SampleSource


class PacedSource:
    """A `SampleSource` that hands out another one's blocks no sooner than they would have been received.

    Parameters
    ----------
    source
        What to play.
    speed
        1 is real time, 10 ten times as fast; more than 0.
    """

    def __init__(self, source: SampleSource, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"speed: got {speed}, expected more than 0")
        self._source = source
        self._speed = speed
        self._closing = threading.Event()
        self.kind = source.kind
        self.sample_rate_hz = source.sample_rate_hz
        self.sample_format = source.sample_format
        self.start_utc_s = source.start_utc_s

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield each block when its last sample is due."""
        start_s: float | None = None
        for block in self._source.blocks():
            signal_s = (block.first_sample + block.n_samples) / (self.sample_rate_hz * self._speed)
            if start_s is None:
                start_s = time.monotonic() - block.first_sample / (self.sample_rate_hz * self._speed)
            if self._closing.wait(max(0.0, start_s + signal_s - time.monotonic())):
                return
            yield block

    def close(self) -> None:
        """Stop soon, from any thread."""
        self._closing.set()
        self._source.close()
