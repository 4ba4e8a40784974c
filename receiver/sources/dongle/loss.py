"""How many samples never came, from nothing but their arrival times.

USB loses transfers without a word. Samples are made at a constant rate, so the n-th one is due at a known time; a
buffer can arrive later than due (the machine was busy) but not earlier. *Lateness* of a buffer = arrival − (samples so
far / rate). Jitter only ever adds to it, so the least lateness over a few seconds is the true line; when that line
steps up and stays there for two windows, samples are missing.

```
 lateness │        . .                 .
          │   .            .      ________________ ← line after the loss
          │ ____.___ .___|  ↕ lost samples / rate
          └──────────────────────────────────────── time
```

A dongle's crystal is off by up to some 100 ppm, which tilts the line. The tilt is learnt slowly and never believed
beyond `CRYSTAL_PPM`, so that a steady trickle of loss (1000 ppm and more) is not mistaken for a slow crystal.
"""

from __future__ import annotations

WINDOW_S = 2.0  # a stall of the machine shorter than this cannot look like loss
STEP_S = 0.0015  # least step of the line that is called loss: 3,600 samples at 2.4 MS/s; smaller ones add up until then
CRYSTAL_PPM = 120.0
FOLLOW = 0.15  # share of a small step that the line takes up in a window
LEARNING_S = 200.0


class SampleLoss:
    """Estimates lost samples of one uninterrupted run of a device.

    Parameters
    ----------
    sample_rate_hz
        The nominal rate.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.slope = 0.0  # s of lateness per s, from the crystal
        self._samples = 0
        self._first_s: float | None = None
        self._line_s: float | None = None  # lateness of the line at the end of the last window
        self._line_at_s = 0.0
        self._window_start_s = 0.0
        self._least_s = float("inf")
        self._step_before_s = 0.0

    def arrived(self, at_s: float, n_samples: int) -> int:
        """Tell that `n_samples` arrived at `at_s` (monotonic clock); the result is how many are newly known as lost.

        Known as lost means: before this buffer, at some time within the last two or three windows.
        """
        self._samples += n_samples
        if self._first_s is None:
            self._first_s = at_s - n_samples / self.sample_rate_hz
            self._window_start_s = at_s
        lateness = at_s - self._first_s - self._samples / self.sample_rate_hz
        self._least_s = min(self._least_s, lateness)
        if at_s - self._window_start_s < WINDOW_S:
            return 0
        least, self._least_s = self._least_s, float("inf")
        self._window_start_s = at_s
        if self._line_s is None:
            self._line_s, self._line_at_s = least, at_s
            return 0
        expected = self._line_s + self.slope * (at_s - self._line_at_s)
        step = least - expected
        sure, self._step_before_s = min(step, self._step_before_s), step
        if sure >= STEP_S:
            lost = round(sure * self.sample_rate_hz)
            self._step_before_s -= sure
            # What was lost is from now on counted as if it had come: the line goes back to where it was.
            self._samples += lost
            self._line_s, self._line_at_s = expected, at_s
            return lost
        if step < STEP_S:
            # A little late: the crystal. Early: there had been jitter all through an earlier window.
            self._line_s, self._line_at_s = expected + (1.0 if step < 0 else FOLLOW) * step, at_s
            limit = CRYSTAL_PPM * 1e-6
            self.slope = min(limit, max(-limit, self.slope + max(step, -STEP_S) / LEARNING_S))
        return 0
