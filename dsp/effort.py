"""How hard to try: three levels, and the choice between them by the margin to real time."""

from __future__ import annotations

from enum import StrEnum

from dsp.kernels.memory import Limits


class Effort(StrEnum):
    """From cheapest to best. AUTO leaves the choice to an `EffortPolicy`."""

    AUTO = "auto"
    LEAN = "lean"
    NORMAL = "normal"
    THOROUGH = "thorough"


LEVELS = (Effort.LEAN, Effort.NORMAL, Effort.THOROUGH)

SETTINGS: dict[Effort, Limits] = {
    Effort.LEAN: Limits(
        factor=3.5,
        floor=11.0,
        power=2.2,
        like=1.438,
        gate=0.45,
        farthest=5,
        timings=1,
        formats=1,
        second=0,
        broken=0,
        beneath=0,
    ),
    Effort.NORMAL: Limits(
        factor=3.0,
        floor=9.0,
        power=2.0,
        like=1.428,
        gate=0.40,
        farthest=5,
        timings=1,
        formats=2,
        second=12,
        broken=0,
        beneath=1,
    ),
    Effort.THOROUGH: Limits(
        factor=3.0,
        floor=8.0,
        power=1.8,
        like=1.42,
        gate=0.36,
        farthest=6,
        timings=3,
        formats=2,
        second=24,
        broken=1,
        beneath=1,
    ),
}


class EffortPolicy:
    """Chooses the level: down at once when real time is in danger, up slowly when there is time to spare.

    Parameters
    ----------
    busy_share, idle_share
        Time per time of signal above which the level falls and below which it may rise.
    """

    def __init__(self, busy_share: float = 0.7, idle_share: float = 0.25) -> None:
        self.busy_share = busy_share
        self.idle_share = idle_share
        self.load = 0.0  # smoothed
        self._level = len(LEVELS) - 1
        self._calm_s = 0.0

    @property
    def level(self) -> Effort:
        """The level now."""
        return LEVELS[self._level]

    def choose(self, took_s: float, signal_s: float) -> Effort:
        """Tell how long a piece of signal took; the result is the level for the next."""
        share = took_s / signal_s if signal_s > 0 else 0.0
        weight = min(1.0, signal_s / 2.0)
        self.load += weight * (share - self.load)
        if self.load > self.busy_share and self._level > 0:
            self._level -= 1
            self.load *= 0.5  # what the lower level will cost is not known yet
            self._calm_s = 0.0
        elif self.load < self.idle_share and self._level < len(LEVELS) - 1:
            self._calm_s += signal_s
            if self._calm_s > 30.0:
                self._level += 1
                self._calm_s = 0.0
        else:
            self._calm_s = 0.0
        return self.level
