"""Frames as stations receive them, with the moments by their own clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from receiver.sources.scene.stations.chances import Floats
from receiver.sources.scene.stations.clock import COUNTER_HZ, COUNTER_SPAN
from receiver.wire.frame import Frame

TRUE, GHOST, SHIFTED, REPLAYED = range(4)
LIES = ("", "ghost", "shifted", "replayed")
NOT_SENT = -1


class Reception(NamedTuple):
    """One frame as one station received it.

    Attributes
    ----------
    station
        Its number in the scene.
    ticks, fraction
        Its counter when the first pulse arrived: whole ticks of 12 MHz (48 bits), and what is left of one, 0 ≤ f < 1.
    level_dbfs
        Power of a pulse.
    data
        7 or 14 bytes.
    arrived_utc_ns
        When it truly arrived: UTC, nanoseconds since 1970.
    """

    station: int
    ticks: int
    fraction: float
    level_dbfs: float
    data: bytes
    arrived_utc_ns: int


@dataclass(frozen=True, slots=True)
class Receptions:
    """Many of them, as parallel arrays in order of `arrived_s`. Iterating gives `Reception`s.

    Attributes
    ----------
    start_utc_ns
        UTC of the scene's start, nanoseconds since 1970.
    station
        int64: number in the scene.
    ticks, fraction, epoch
        int64, float64, int32: the station's counter, with the error of the arrival time; how often it was restarted.
    level_dbfs, snr_db
        float64: power of a pulse, and against the station's noise.
    data, n_bytes
        uint8 (n, 14), and int64: 7 or 14.
    arrived_s
        float64: when it truly arrived, after the scene's start; a lie: when the station says it.
    error_s
        float64: by how much the counter was read too late.
    sent
        int64: number of the transmission among all since `receptions` began; `NOT_SENT`: invented.
    lie
        int64: `TRUE`, `GHOST`, `SHIFTED` or `REPLAYED`.
    """

    start_utc_ns: int
    station: NDArray[np.int64]
    ticks: NDArray[np.int64]
    fraction: Floats
    epoch: NDArray[np.int32]
    level_dbfs: Floats
    snr_db: Floats
    data: NDArray[np.uint8]
    n_bytes: NDArray[np.int64]
    arrived_s: Floats
    error_s: Floats
    sent: NDArray[np.int64]
    lie: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.station)

    def __getitem__(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Receptions:
        """Some of them."""
        return Receptions(self.start_utc_ns, *(getattr(self, name)[rows] for name in _COLUMNS))

    def __iter__(self) -> Iterator[Reception]:
        frames = self.frames()
        utc = self.start_utc_ns + np.rint(self.arrived_s * 1e9).astype(np.int64)
        rows = zip(
            self.station.tolist(),
            self.ticks.tolist(),
            self.fraction.tolist(),
            self.level_dbfs.tolist(),
            frames,
            utc.tolist(),
            strict=True,
        )
        return (Reception(*row) for row in rows)

    def frames(self) -> list[bytes]:
        """The bytes of each."""
        joined, lengths = self.data.tobytes(), self.n_bytes.tolist()
        return [joined[14 * k : 14 * k + length] for k, length in enumerate(lengths)]

    def as_frames(self, station: int) -> list[Frame]:
        """What one station hands out, as `receiver.wire.frame.Frame`; `time_s` is UTC by a clock that is right."""
        mine = self[self.station == station]
        utc = mine.start_utc_ns / 1e9 + mine.arrived_s
        rows = zip(
            mine.frames(), utc.tolist(), mine.ticks.tolist(), mine.level_dbfs.tolist(), mine.snr_db.tolist(),
            mine.epoch.tolist(), strict=True,
        )  # fmt: skip
        return [
            Frame(
                data=data, time_s=time_s, counter_12mhz=ticks, signal_dbfs=min(level, 0.0), noise_dbfs=level - snr,
                source="scene", epoch=epoch,
            )
            for data, time_s, ticks, level, snr, epoch in rows
        ]  # fmt: skip

    @staticmethod
    def joined(parts: Sequence[Receptions]) -> Receptions:
        """All of them in order of arrival."""
        columns = [np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS]
        order = np.argsort(columns[_COLUMNS.index("arrived_s")], kind="stable")
        return Receptions(parts[0].start_utc_ns, *(column[order] for column in columns))


_COLUMNS = [field.name for field in fields(Receptions) if field.name != "start_utc_ns"]


def shifted_counter(ticks: NDArray[np.int64], fraction: Floats, by_s: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Counters that show so much more."""
    more = fraction + by_s * COUNTER_HZ
    whole = np.floor(more)
    return (ticks + whole.astype(np.int64)) % COUNTER_SPAN, more - whole
