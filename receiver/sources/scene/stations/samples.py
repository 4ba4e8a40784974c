"""What one station receives, as samples of its own clock.

Sample 0 is taken at the same true moment by all stations. From then on each counts by its own oscillator: a frame begins
where the oscillator is when it arrives, at any fraction of a sample. Lost samples are cut out of the stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.samples import SampleFormat
from receiver.sources.scene.source import SceneSource
from receiver.sources.scene.stations.clock import COUNTER_HZ, TICKS_PER_SAMPLE
from receiver.sources.scene.stations.receptions import NOT_SENT
from receiver.sources.scene.stations.sky import Transmissions
from receiver.sources.scene.stations.stations import Stations
from receiver.sources.scene.traffic import Transmission

PIECE_S = 1.0
NOMINAL_HZ = 1_090_000_000


class Heard(NamedTuple):
    """A frame that begins in a station's samples: where (samples from the first, as they are in the file), and of which
    transmission it is (`NOT_SENT`: of one before the part); `arrived_s` after the scene's start, truly."""

    sample: float
    sent: int
    arrived_s: float
    level_dbfs: float
    carrier_offset_hz: float
    data: bytes


_Arriving = tuple[float, Transmission, int, float]  # when (s), what, which of all, at which sample


class StationSamples:
    """The samples of station `number`, block after block.

    Parameters
    ----------
    start_s, end_s
        The part of the scene.

    Attributes
    ----------
    heard
        Frames in the blocks that have been read so far, in order.
    """

    def __init__(
        self,
        stations: Stations,
        number: int,
        start_s: float,
        end_s: float,
        sample_rate_hz: float,
        sample_format: SampleFormat,
    ) -> None:
        scenario = stations.scenario
        self._stations, self._number = stations, number
        self._start_s = start_s
        self._clock = stations.clocks[number]
        self._gained_s = float(self._clock.gained_s(start_s))
        self._rate_hz = sample_rate_hz
        self._sent: list[Heard] = []
        own = scenario.model_copy(
            update={
                "radio": scenario.radio.model_copy(update={"noise_dbfs": stations.noise_dbfs(number)}),
                "seed": (scenario.seed + 7919 * (number + 1)) & (2**62 - 1),
            }
        )
        self.source = SceneSource(
            own, self._transmissions, scenario.start_utc_s, start_s, end_s, sample_rate_hz, sample_format
        )
        self._cuts = [
            (round(self._position(at)), round(samples * sample_rate_hz * TICKS_PER_SAMPLE / COUNTER_HZ))
            for at, samples in self._clock.lost
            if start_s <= at < end_s
        ]
        self.heard: list[Heard] = []

    def blocks(self) -> Iterator[NDArray[np.generic]]:
        """Interleaved I and Q, as they come out of the receiver."""
        for block in self.source.blocks():
            first, n = block.first_sample, block.n_samples
            keep = np.ones(n, bool)
            for at, length in self._cuts:
                keep[max(at - first, 0) : max(at + length - first, 0)] = False
            yield block.iq if keep.all() else block.iq.reshape(n, 2)[keep].reshape(-1)
            self._pass_on(first + n)

    def _position(self, time_s: float) -> float:
        """Samples that the oscillator has counted since sample 0, none lost."""
        gained = float(self._clock.gained_s(time_s)) - self._gained_s
        return self._rate_hz * ((time_s - self._start_s) + gained)

    def _pass_on(self, end: int) -> None:
        """List what began before sample `end` of the oscillator, at its place in the file."""
        while self._sent and self._sent[0].sample < end:
            one = self._sent.pop(0)
            if any(at <= one.sample < at + length for at, length in self._cuts):
                continue
            lost = sum(length for at, length in self._cuts if at + length <= one.sample)
            self.heard.append(one._replace(sample=one.sample - lost))

    def _transmissions(self, start_s: float, end_s: float, least_snr_db: float) -> Iterator[list[Transmission]]:
        """What arrives, its times by the oscillator; called by the source, from its first moment on."""
        least_dbfs = self._stations.noise_dbfs(self._number) + least_snr_db
        first, begin_s = 0, start_s
        kept: list[_Arriving] = []
        while begin_s < end_s:
            # The source asks for what was sent before its first sample, too; that has no number
            is_before = begin_s < self._start_s
            next_s = min(begin_s + PIECE_S, self._start_s if is_before else end_s)
            sky = self._stations.sky.transmissions(begin_s, next_s)
            kept += self._arriving(sky, None if is_before else first, least_dbfs)
            kept.sort(key=lambda row: row[0])
            now = [row for row in kept if row[0] < next_s or next_s >= end_s]
            kept = kept[len(now) :]
            for arrived, sent, which, position in now:
                if position >= 0.0:
                    heard = Heard(position, which, arrived, sent.level_dbfs, sent.carrier_offset_hz, sent.data)
                    self._sent.append(heard)
            first += 0 if is_before else len(sky)
            begin_s = next_s
            yield [sent for _, sent, _, _ in now]

    def _arriving(self, sky: Transmissions, first: int | None, least_dbfs: float) -> list[_Arriving]:
        level, delay, is_seen = self._stations.levels(self._number, sky)
        arrived = sky.time_s + delay
        # What a hostile station invents was never on the air
        rows = np.flatnonzero(is_seen & (level >= least_dbfs) & (sky.only < 0))
        rows = rows[~self._clock.is_silent(arrived[rows])]
        clock_s = (arrived - self._start_s) + (self._clock.gained_s(arrived) - self._gained_s)
        # A clock that goes too fast tunes too high: what arrives seems low
        tuned_hz = NOMINAL_HZ * self._clock.frequency_error(arrived)
        carriers, icao = self._stations.sky.carrier_hz[sky.who], self._stations.sky.icao[sky.who]
        return [
            (
                float(arrived[k]),
                Transmission(
                    time_s=self._start_s + float(clock_s[k]),
                    data=sky.frame(k),
                    level_dbfs=float(level[k]),
                    carrier_offset_hz=float(carriers[k] - tuned_hz[k]),
                    chance=int(sky.chance[k]),
                    icao=int(icao[k]),
                ),
                NOT_SENT if first is None else first + k,
                float(clock_s[k]) * self._rate_hz,
            )
            for k in rows.tolist()
        ]


__all__ = ["Heard", "StationSamples"]
