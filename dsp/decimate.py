"""Fewer samples where there are more than a Mode S pulse needs: a low-pass filter, and every n-th of what it gives.

Output j stands at input j·factor, counted from the source's first sample, so that how a stream is cut into blocks makes
no difference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.compiled import kernel

ENOUGH_HZ = 3.0e6  # a pulse of 0.5 µs has little beyond 1.5 MHz
FROM_HZ = 5.0e6  # a rate from which decimating is worth it


def factor_for(sample_rate_hz: float) -> int:
    """By how much a rate is divided: 1 below `FROM_HZ`."""
    return int(sample_rate_hz // ENOUGH_HZ) if sample_rate_hz >= FROM_HZ else 1


class Decimator:
    """Low-pass filter and decimator of a stream."""

    def __init__(self, factor: int) -> None:
        self.factor = factor
        self._reach = 5 * factor
        t = np.arange(-self._reach, self._reach + 1) / factor
        taps = np.sinc(0.92 * t) * np.kaiser(len(t), 5.0)  # half amplitude at 0.46 of the new rate
        self._taps = (taps / taps.sum()).astype(np.float32)
        self.reset(0)

    def reset(self, first_sample: int) -> int:
        """Begin anew with this input sample; the result is the index of the first output."""
        self._re = np.zeros(self._reach, np.float32)
        self._im = np.zeros(self._reach, np.float32)
        self._first = first_sample - self._reach  # input index of the first sample that is kept
        self._next = -(-first_sample // self.factor)
        return self._next

    def feed(self, re: NDArray[np.float32], im: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Outputs that these inputs complete."""
        self._re, self._im = np.concatenate([self._re, re]), np.concatenate([self._im, im])
        end = self._first + len(self._re)
        count = max(0, (end - 1 - self._reach) // self.factor - self._next + 1)
        out = np.empty((2, count), np.float32)
        start = self._next * self.factor - self._reach - self._first
        if count:
            decimate(self._re, start, self.factor, self._taps, out[0])
            decimate(self._im, start, self.factor, self._taps, out[1])
        self._next += count
        drop = max(0, min(len(self._re), self._next * self.factor - self._reach - self._first))
        self._re, self._im = self._re[drop:].copy(), self._im[drop:].copy()
        self._first += drop
        return out[0], out[1]

    def flush(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The last outputs: as if nothing came after the end."""
        nothing = np.zeros(self._reach, np.float32)
        return self.feed(nothing, nothing)


@kernel(fastmath=True)
def decimate(
    x: NDArray[np.float32], start: int, factor: int, taps: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """out[k]: the filter over x[start + k·factor …]."""
    n = taps.shape[0]
    for k in range(out.shape[0]):
        piece = x[start + k * factor : start + k * factor + n]
        total = np.float32(0.0)
        for tap in range(n):
            total += taps[tap] * piece[tap]
        out[k] = total
