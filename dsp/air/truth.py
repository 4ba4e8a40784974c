"""What is true about an air's Mode S frames: who, when, how strong, how sent, and what lies on top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.air.signals import MODE_AC, MODE_S, Signals, durations_s


@dataclass(frozen=True, slots=True)
class Truth:
    """One element a Mode S frame, in order of time.

    Attributes
    ----------
    row
        intp: its row among the signals.
    start_s
        float64: rising edge of its first pulse, after sample 0.
    frames
        The bytes.
    icao
        int64: who sent it, whether the frame says so or not.
    who
        int32: number of the aircraft.
    snr_db
        float32: a pulse's power over the noise in 2.4 MHz, before the tuner's passband.
    carrier_hz
        float32
    phase_kind
        uint8: `signals.STEADY`, `WALK` or `INDEPENDENT`; phase_step_rad, float32: of a walk.
    echo_db, echo_s
        float32: of its second path; −inf: none.
    overlaps
        int32: how many other signals lie on it, in any part.
    mode_s_overlaps, mode_ac_overlaps
        int32: those of a kind.
    clear_db
        float32: how much stronger it is than the strongest of them; +inf: it is alone.
    """

    row: NDArray[np.intp]
    start_s: NDArray[np.float64]
    frames: list[bytes]
    icao: NDArray[np.int64]
    who: NDArray[np.int32]
    snr_db: NDArray[np.float32]
    carrier_hz: NDArray[np.float32]
    phase_kind: NDArray[np.uint8]
    phase_step_rad: NDArray[np.float32]
    echo_db: NDArray[np.float32]
    echo_s: NDArray[np.float32]
    overlaps: NDArray[np.int32]
    mode_s_overlaps: NDArray[np.int32]
    mode_ac_overlaps: NDArray[np.int32]
    clear_db: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.frames)


def truth_of(signals: Signals, icao: NDArray[np.int64], noise_dbfs: float) -> Truth:
    """The truth about signals in order of time; `icao`: addresses by the number of the aircraft."""
    row = np.flatnonzero(signals["kind"] == MODE_S)
    sent = signals[row]
    overlaps = Overlaps(signals)
    kinds, levels = signals["kind"], signals["level_dbfs"]
    count = np.zeros((3, len(row)), np.int32)
    strongest = np.full(len(row), -np.inf, np.float32)
    for k, at in enumerate(row.tolist()):
        others = overlaps.of(at)
        count[:, k] = len(others), np.sum(kinds[others] == MODE_S), np.sum(kinds[others] == MODE_AC)
        if len(others):
            strongest[k] = levels[others].max()
    return Truth(
        row=row,
        start_s=sent["start_s"],
        frames=[data[: bits // 8].tobytes() for data, bits in zip(sent["data"], sent["n_bits"].tolist(), strict=True)],
        icao=icao[sent["who"]],
        who=sent["who"],
        snr_db=sent["level_dbfs"] - np.float32(noise_dbfs),
        carrier_hz=sent["carrier_hz"],
        phase_kind=sent["phase_kind"],
        phase_step_rad=sent["phase_step_rad"],
        echo_db=sent["echo_db"],
        echo_s=sent["echo_s"],
        overlaps=count[0],
        mode_s_overlaps=count[1],
        mode_ac_overlaps=count[2],
        clear_db=sent["level_dbfs"] - strongest,
    )


class Overlaps:
    """Which signals share time with which."""

    def __init__(self, signals: Signals) -> None:
        self.start_s = signals["start_s"].copy()
        self.end_s = self.start_s + durations_s(signals)
        self.longest_s = float((self.end_s - self.start_s).max(initial=0.0))

    def of(self, row: int) -> NDArray[np.intp]:
        """Rows of the others that are on the air while signal `row` is, in order of time."""
        start, end = self.start_s[row], self.end_s[row]
        low = int(np.searchsorted(self.start_s, start - self.longest_s))
        high = int(np.searchsorted(self.start_s, end))
        rows = np.arange(low, high)
        shared: NDArray[np.intp] = rows[(self.end_s[low:high] > start) & (rows != row)]
        return shared
