"""The gain control on a simulated front end, told block by block as the hearing thread does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.demodulator import DemodulatorStatistics
from dsp.samples import SampleBlock
from receiver.sources.auto_gain import STRONG_DBFS
from receiver.sources.gain_control import R820T_GAINS_DB, START_DB, GainControl
from receiver.sources.live import ReceiverHealth
from tests.receiver.sources.test_auto_gain import FrontEnd

RATE_HZ = 2.4e6
STEP = 2_400_000  # one block a second is enough: only counters matter


class Receiver:
    """A source and its demodulator, of which only the health and the counters exist."""

    sample_rate_hz = RATE_HZ

    def __init__(self, front_end: FrontEnd) -> None:
        self.front_end = front_end
        self.health = ReceiverHealth(state="open", gains_db=list(R820T_GAINS_DB))
        self.asked: list[float | None] = []
        self.refuses = False
        self.sample = 0
        self.statistics = DemodulatorStatistics()

    def set_gain(self, gain_db: float | None) -> None:
        self.asked.append(gain_db)
        if not self.refuses:
            self.health.gain_db = gain_db

    def second(self, control: GainControl, heard: int = STEP) -> str | None:
        gain_db = 30.0 if self.health.gain_db is None else self.health.gain_db
        frames = self.front_end.decoded(gain_db)
        before = self.statistics
        self.statistics = DemodulatorStatistics(
            samples_processed=before.samples_processed + heard,
            accepted=before.accepted + len(frames) // 10,
            strong=before.strong + sum(level > STRONG_DBFS for level in frames) // 10,
            clipped_samples=before.clipped_samples + sum(level >= 0 for level in frames) * 144 // 10,
            noise_dbfs=self.front_end.noise_dbfs(gain_db),
        )
        block = SampleBlock(np.zeros(2, np.uint8), self.sample)
        self.sample += STEP
        return control.heard(block, self.statistics)


def test_it_begins_before_the_source_does_and_ends_where_most_is_heard() -> None:
    receiver = Receiver(FrontEnd(amplifier_db=20))
    control = GainControl(receiver)
    assert receiver.asked == [START_DB]
    notes = [note for _ in range(3600) if (note := receiver.second(control)) is not None]
    best = max(len(receiver.front_end.decoded(gain_db)) for gain_db in R820T_GAINS_DB)
    assert len(receiver.front_end.decoded(control.gain_db)) >= 0.95 * best
    assert notes
    assert all(note.startswith("gain ") and "→" in note and "noise floor" in note for note in notes)
    assert receiver.asked[1:]
    assert receiver.asked[-1] == control.gain_db == receiver.health.gain_db


def test_a_moment_without_samples_or_a_restart_says_nothing() -> None:
    receiver = Receiver(FrontEnd(amplifier_db=20))
    control = GainControl(receiver)
    for index in range(600):
        if index % 8 == 0:
            receiver.health.restarts += 1
        assert receiver.second(control) is None
    for _ in range(600):
        assert receiver.second(control, heard=STEP // 2) is None
    receiver.health.state = "absent"
    for _ in range(100):
        assert receiver.second(control) is None
    assert receiver.asked == [START_DB]


def test_a_gain_that_is_not_taken_is_asked_for_again_and_nothing_concluded_meanwhile() -> None:
    receiver = Receiver(FrontEnd(amplifier_db=20))
    receiver.refuses = True
    control = GainControl(receiver)
    assert all(receiver.second(control) is None for _ in range(300))
    assert 3 <= len(receiver.asked) <= 12
    assert set(receiver.asked) == {START_DB}


def test_a_gain_set_by_hand_stays_until_it_is_released() -> None:
    receiver = Receiver(FrontEnd(amplifier_db=20))
    control = GainControl(receiver)
    control.hold(7.7)
    assert all(receiver.second(control) is None for _ in range(300))
    assert receiver.health.gain_db == 7.7
    control.release()
    assert receiver.health.gain_db == START_DB
    assert any(receiver.second(control) for _ in range(300))


def test_rtl_tcp_tells_no_steps_and_is_given_its_tuners() -> None:
    receiver = Receiver(FrontEnd(amplifier_db=20))
    receiver.health.gains_db = []
    control = GainControl(receiver)
    notes = [receiver.second(control) for _ in range(1200)]
    assert control.gain_db in R820T_GAINS_DB
    assert any(notes)
    assert math.isfinite(control.gain_db)


def test_commands_are_obeyed_or_refused_in_words() -> None:
    receiver = Receiver(FrontEnd())
    control = GainControl(receiver, 20.7)
    assert all(receiver.second(control) is None for _ in range(100))
    assert "40.2 dB" in control.command(" 40.2 ")
    assert "tuner" in control.command("AGC")
    assert "chosen" in control.command("auto")
    assert receiver.asked == [20.7, 40.2, None, START_DB]
    for text in ("", "loud", "-1", "51", "nan", "inf", "1e9", "x" * 1000):
        with pytest.raises(ValueError, match="expected"):
            control.command(text)
    assert len(receiver.asked) == 4
