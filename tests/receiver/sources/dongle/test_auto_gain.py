"""Automatic gain on a simulated front end: antenna, tuner with a noise figure, converter with rounding and clipping."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

import pytest

from receiver.sources.dongle.auto_gain import STRONG_DBFS, AutoGain, FrontEndWindow

R820T = [
    0.0, 0.9, 1.4, 2.7, 3.7, 7.7, 8.7, 12.5, 14.4, 15.7, 16.6, 19.7, 20.7, 22.9, 25.4,
    28.0, 29.7, 32.8, 33.8, 36.4, 37.2, 38.6, 40.2, 42.1, 43.4, 43.9, 44.5, 48.0, 49.6,
]  # fmt: skip
ROUNDING_DBFS = -48.5  # what rounding adds to the noise, by the frames that it costs
STILL_DBFS = -42.4  # what the demodulator reads when the converter's last digit hardly moves


def db(power: float) -> float:
    return 10 * math.log10(power)


def power(value_db: float) -> float:
    return 10 ** (value_db / 10)


@dataclass
class FrontEnd:
    """Levels at the antenna in dBm; what the receiver sees of them at a gain."""

    amplifier_db: float = 0.0  # in front of the tuner
    nearest_dbm: float = -50.0
    farthest_dbm: float = -100.0
    blocker_from_db: float = math.inf  # tuner gain from which a strong transmitter overloads it
    seed: int = 1

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        self.windows: dict[float, FrontEndWindow] = {}  # by gain: nothing else changes
        self.signals = [chance.triangular(self.farthest_dbm, self.nearest_dbm, -92) for _ in range(400)]

    def full_scale_dbm(self, gain_db: float) -> float:
        return -25.0 - gain_db - self.amplifier_db

    def noise_dbfs(self, gain_db: float) -> float:
        """As the demodulator reads it."""
        return max(STILL_DBFS, self.floor_dbfs(gain_db))

    def floor_dbfs(self, gain_db: float) -> float:
        """What a frame must stand above."""
        figure_db = (1.0 if self.amplifier_db else 5.0) + max(0.0, 30 - gain_db - self.amplifier_db) * 0.6
        antenna = power(-110 + figure_db - self.full_scale_dbm(gain_db))
        blocked = power(12.0 * (gain_db - self.blocker_from_db + 1)) if gain_db >= self.blocker_from_db else 1.0
        return db(antenna * blocked + power(ROUNDING_DBFS))

    def decoded(self, gain_db: float) -> list[float]:
        """Levels (dBFS, at most 0) of the frames that can be decoded at this gain."""
        levels = [dbm - self.full_scale_dbm(gain_db) for dbm in self.signals]
        noise = self.floor_dbfs(gain_db)
        return [min(level, 0.0) for level in levels if level > max(noise + 6.5, -38.0) and level < 25]

    def window(self, gain_db: float, now_s: float) -> FrontEndWindow:
        if gain_db not in self.windows:
            frames = self.decoded(gain_db)
            strong = sum(level > STRONG_DBFS for level in frames)
            clipped_share = sum(level >= 0 for level in frames) * 120e-6 * 0.5 / 10
            self.windows[gain_db] = FrontEndWindow(0, len(frames), strong, clipped_share, self.noise_dbfs(gain_db))
        return replace(self.windows[gain_db], now_s=now_s)


SCENES = {
    "a dongle with a whip": FrontEnd(),
    "a filter-amplifier at the mast": FrontEnd(amplifier_db=20),
    "beside an airport": FrontEnd(nearest_dbm=-20, amplifier_db=10),
    "far from everything": FrontEnd(nearest_dbm=-85),
    "a mobile phone mast next door": FrontEnd(blocker_from_db=42.0, amplifier_db=3),
}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("start_db", [0.0, 28.0, 49.6, None])
def test_it_ends_within_five_percent_of_the_best_gain_and_stays(scene: str, start_db: float | None) -> None:
    front_end = SCENES[scene]
    control = AutoGain(R820T, start_db)
    steps: list[float] = []
    for index in range(3 * 360):  # three hours
        now_s = 10.0 * index
        step = control.observe(front_end.window(control.gain_db, now_s))
        if step is not None:
            assert step.gain_db == control.gain_db
            assert "dB" in step.reason
            steps.append(now_s)
    best = max(len(front_end.decoded(gain_db)) for gain_db in R820T)
    assert len(front_end.decoded(control.gain_db)) >= 0.95 * best
    assert len(steps) <= len(R820T)
    assert all(now_s < 3600 for now_s in steps)


def test_a_step_up_that_overloads_is_taken_back_and_not_repeated_for_hours() -> None:
    front_end = FrontEnd(blocker_from_db=25.0)
    control = AutoGain(R820T, 22.9)
    reasons = []
    for index in range(360):
        step = control.observe(front_end.window(control.gain_db, 10.0 * index))
        if step:
            reasons.append(step.reason)
    assert control.gain_db == 22.9
    assert len(reasons) == 2
    assert "overload" in reasons[1]


def test_one_odd_window_moves_nothing() -> None:
    front_end = FrontEnd(amplifier_db=20)
    control = AutoGain(R820T, 30.0)
    for index in range(50):
        window = front_end.window(control.gain_db, 10.0 * index)
        if index % 5 == 0:
            window = FrontEndWindow(window.now_s, 100, 90, 0.01, window.noise_dbfs)
        control.observe(window)
    settled = control.gain_db
    for index in range(50, 80):
        window = front_end.window(control.gain_db, 10.0 * index)
        if index % 5 == 0:
            window = FrontEndWindow(window.now_s, 100, 90, 0.01, window.noise_dbfs)
        assert control.observe(window) is None
    assert control.gain_db == settled


def test_no_gain_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="gains_db"):
        AutoGain([])
