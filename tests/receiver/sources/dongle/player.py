"""A reader of a dongle source, for tests over a compiled librtlsdr that misbehaves on command."""

from __future__ import annotations

import threading
import time

from dsp.samples import SampleBlock
from receiver.sources.dongle.live import Patience
from receiver.sources.dongle.rtlsdr import RtlSdrSource

HURRY = Patience(retry_s=0.1, beat_s=0.2, back_off_s=(0.05, 0.2))


class Player:
    """Runs a source in a thread, as the pipeline does, and keeps what a test wants to know."""

    def __init__(self, source: RtlSdrSource) -> None:
        self.source = source
        self.samples = 0
        self.data = bytearray()
        self.expected_sample = 0
        self.misplaced: list[SampleBlock] = []
        self.last_data_s = 0.0
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for block in self.source.blocks():
            if block.first_sample != self.expected_sample + block.gap_before:
                self.misplaced.append(block)
            self.expected_sample = block.first_sample + block.n_samples
            with self._news:
                if block.n_samples:
                    self.samples += block.n_samples
                    self.last_data_s = time.monotonic()
                    if len(self.data) < 4_000_000:
                        self.data += block.iq.tobytes()
                self._news.notify_all()

    def wait(self, condition: object, seconds: float) -> float:
        """Wait until `condition()` holds; the result is how long that took."""
        assert callable(condition)
        began = time.monotonic()
        with self._news:
            assert self._news.wait_for(condition, seconds), (self.source.health, self.samples)
        return time.monotonic() - began

    def wait_for_data(self, seconds: float = 5.0) -> float:
        """Wait for a buffer from now on."""
        before = self.samples
        return self.wait(lambda: self.samples > before, seconds)

    def stop(self) -> None:
        self.source.close()
        self._thread.join(10)
        assert not self._thread.is_alive()
