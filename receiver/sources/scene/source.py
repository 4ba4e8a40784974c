"""A scene as samples, modulated while they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from config.scenario import Scenario
from dsp.samples import SampleBlock, SampleFormat
from receiver.sources.scene.channel import Channel, PlainChannel, RealChannel, Sent
from receiver.sources.scene.traffic import Transmission

BLOCK_SAMPLES = 131_072
LEAST_SNR_DB = -3.0  # what is weaker than the noise by more is left out: nobody hears it, and it costs


class SceneSource:
    """A `SampleSource`. The same part of the same scene has the same samples each time.

    Parameters
    ----------
    scenario
        For its radio and its seed.
    transmissions
        Called with start, end (s of the scene) and the least SNR (dB): yields lists of transmissions, oldest first.
    scene_utc_s
        UTC (s since 1970) of the scene's second 0.
    start_s, end_s
        The part of the scene (s).

    Attributes
    ----------
    duration_s
        How much there is.
    """

    kind = "scene"

    def __init__(
        self,
        scenario: Scenario,
        transmissions: Callable[[float, float, float], Iterator[list[Transmission]]],
        scene_utc_s: float,
        start_s: float,
        end_s: float,
        sample_rate_hz: float,
        sample_format: SampleFormat,
    ) -> None:
        self._transmissions = transmissions
        self._start_s = max(start_s, 0.0)
        self._end_s = min(end_s, scenario.duration_s)
        self.duration_s = max(self._end_s - self._start_s, 0.0)
        self.sample_rate_hz = sample_rate_hz
        self.sample_format = sample_format
        self.start_utc_s = scene_utc_s + self._start_s
        # The noise's seed goes with the place in the scene, so that two parts do not sound alike
        seed = (scenario.seed + round(self._start_s * 1e3)) & (2**62 - 1)
        kind = RealChannel if scenario.air.is_on else PlainChannel
        self.channel: Channel = kind(scenario, self._start_s, sample_rate_hz, sample_format, seed)
        self._closing = threading.Event()

    @property
    def n_samples(self) -> int:
        """Complex samples in all."""
        return round(self.duration_s * self.sample_rate_hz)

    def close(self) -> None:
        """Stop `blocks`, from any thread."""
        self._closing.set()

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield the samples."""
        for block, _ in self.blocks_and_sent():
            yield block

    def blocks_and_sent(self) -> Iterator[tuple[SampleBlock, list[Sent]]]:
        """Yield each block together with the frames that begin in it."""
        rate, channel = self.sample_rate_hz, self.channel
        pieces = self._transmissions(self._start_s - 1.0, self._end_s + 1.0, LEAST_SNR_DB)
        known_s = -1.0  # the channel was told all that begins before
        ended = False
        first = 0
        while first < self.n_samples and not self._closing.is_set():
            n = min(BLOCK_SAMPLES, self.n_samples - first)
            while not ended and known_s <= (first + n) / rate + channel.after_s:
                piece = next(pieces, None)
                if piece is None:
                    ended = True
                elif piece:
                    channel.tell(piece)
                    known_s = piece[-1].time_s - self._start_s
            iq, sent = channel.block(first, n)
            yield SampleBlock(iq, first), sent
            first += n
