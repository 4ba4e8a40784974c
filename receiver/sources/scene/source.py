"""A scene as samples, modulated while they are asked for."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator

import numpy as np

from config.scenario import Scenario
from dsp.air.modulator import Emissions, Modulator, Receiver
from dsp.samples import SampleBlock, SampleFormat
from receiver.sources.scene.chance import normal, uniform
from receiver.sources.scene.traffic import Transmission

BLOCK_SAMPLES = 131_072
REFERENCE_HZ = 2.4e6  # the scenario's noise power is in this band
LEAST_SNR_DB = -3.0  # what is weaker than the noise by more is left out: nobody hears it, and it costs
LEVEL_MOST_DBFS = 3.0


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
        self._jitter_s = scenario.radio.jitter_ns * 1e-9
        self._start_s = max(start_s, 0.0)
        self._end_s = min(end_s, scenario.duration_s)
        self.duration_s = max(self._end_s - self._start_s, 0.0)
        self.sample_rate_hz = sample_rate_hz
        self.sample_format = sample_format
        self.start_utc_s = scene_utc_s + self._start_s
        radio = scenario.radio
        noise_dbfs = radio.noise_dbfs + 10 * math.log10(sample_rate_hz / REFERENCE_HZ)
        # The noise's seed goes with the place in the scene, so that two parts do not sound alike
        seed = (scenario.seed + round(self._start_s * 1e3)) & (2**62 - 1)
        receiver = Receiver(
            noise_dbfs=noise_dbfs,
            dc_i=radio.dc[0],
            dc_q=radio.dc[1],
            iq_gain_db=radio.iq_gain_db,
            iq_phase_deg=radio.iq_phase_deg,
        )
        self.modulator = Modulator(sample_rate_hz, sample_format, receiver, seed=seed)
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
        for block, _ in self.blocks_and_emissions():
            yield block

    def blocks_and_emissions(self) -> Iterator[tuple[SampleBlock, Emissions]]:
        """Yield each block together with the emissions that begin in it, their times counted from sample 0."""
        rate, modulator = self.sample_rate_hz, self.modulator
        pieces = self._transmissions(self._start_s - 1.0, self._end_s + 1.0, LEAST_SNR_DB)
        around = Emissions.of([], [])
        known_s = -1.0  # all that begins before is in `around`
        ended = False
        first = 0
        while first < self.n_samples and not self._closing.is_set():
            n = min(BLOCK_SAMPLES, self.n_samples - first)
            begin_s, end_s = first / rate, (first + n) / rate
            more = []
            while not ended and known_s <= end_s + modulator.after_s:
                piece = next(pieces, None)
                if piece is None:
                    ended = True
                elif piece:
                    more.append(self._emissions(piece))
                    known_s = float(more[-1].start_s[-1])
            around = Emissions.joined([around[around.start_s >= begin_s - modulator.before_s], *more])
            iq = modulator.block(around, first, n)
            starts = (around.start_s >= begin_s) & (around.start_s < end_s)
            yield SampleBlock(iq, first), around[starts]
            first += n

    def _emissions(self, piece: list[Transmission]) -> Emissions:
        wander = [60e3 if uniform(sent.chance, 6) < 0.03 else 3e3 for sent in piece]
        return Emissions.of(
            [sent.time_s - self._start_s for sent in piece],
            [sent.data for sent in piece],
            level_dbfs=np.array([min(sent.level_dbfs, LEVEL_MOST_DBFS) for sent in piece]),
            carrier_offset_hz=np.array([sent.carrier_offset_hz for sent in piece]),
            phase_rad=np.array([2 * math.pi * uniform(sent.chance, 7) for sent in piece]),
            wander_hz=np.array([w * normal(sent.chance, 8) for w, sent in zip(wander, piece, strict=True)]),
            jitter_s=self._jitter_s,
            seed=np.array([sent.chance for sent in piece], np.uint64),
        )
