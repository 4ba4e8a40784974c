"""The gain control on a simulated front end, told block by block as the hearing thread does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.air.modulator import Emissions, Modulator
from dsp.air.modulator import Receiver as Converter
from dsp.demodulator import Demodulator, DemodulatorStatistics
from dsp.effort import Effort
from dsp.samples import SampleBlock, SampleFormat
from receiver.decode.parity import remainder
from receiver.sources.dongle import gain_control
from receiver.sources.dongle.auto_gain import STRONG_DBFS
from receiver.sources.dongle.gain_control import R820T_GAINS_DB, START_DB, GainControl
from receiver.sources.dongle.live import ReceiverHealth
from tests.receiver.sources.dongle.test_auto_gain import ROUNDING_DBFS, SCENES, FrontEnd

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


class Hardware:
    """A front end whose samples are made, and demodulated: antenna, tuner, converter with rounding and clipping."""

    sample_rate_hz = RATE_HZ
    step = 300_000

    def __init__(self, front_end: FrontEnd) -> None:
        self.front_end = front_end
        self.health = ReceiverHealth(state="open", gains_db=list(R820T_GAINS_DB))
        self.demodulator = Demodulator(RATE_HZ, SampleFormat.CU8, effort=Effort.LEAN)
        self.sample = 0

    def set_gain(self, gain_db: float | None) -> None:
        self.health.gain_db = gain_db

    def block(self) -> tuple[SampleBlock, int]:
        """An eighth of a second at the gain in force, and how many frames were found in it."""
        gain_db = self.health.gain_db
        assert gain_db is not None
        full_scale_dbm = self.front_end.full_scale_dbm(gain_db)
        thermal_dbfs = 10 * math.log10(10 ** (self.front_end.floor_dbfs(gain_db) / 10) - 10 ** (ROUNDING_DBFS / 10))
        chance = np.random.default_rng(self.sample)
        levels = chance.choice(self.front_end.signals, 25) - full_scale_dbm
        frames = [bytes([0x8D, 0xF0, 0, k]) + chance.bytes(7) for k in range(25)]
        emissions = Emissions.of(
            (self.sample / RATE_HZ + (np.arange(25) + 0.3) / 200),
            [frame + remainder(frame + bytes(3)).to_bytes(3, "big") for frame in frames],
            level_dbfs=np.minimum(levels, 15.0),
            carrier_offset_hz=chance.uniform(-5e4, 5e4, 25),
            phase_rad=chance.uniform(0, 6.28, 25),
        )
        converter = Converter(noise_dbfs=thermal_dbfs, dc_i=0.4 / 127.5, dc_q=-0.2 / 127.5)
        iq = Modulator(RATE_HZ, SampleFormat.CU8, converter).block(emissions, self.sample, self.step)
        block = SampleBlock(iq, self.sample)
        self.sample += self.step
        return block, len(self.demodulator.feed(block))

    def found(self, gain_db: float, blocks: int = 8) -> int:
        self.set_gain(gain_db)
        self.sample = 1_000_000_000  # the same signals and noise at each gain
        return sum(self.block()[1] for _ in range(blocks))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("start_db", [0.0, 49.6])
@pytest.mark.parametrize("scene", SCENES)
def test_with_real_samples_it_ends_within_five_percent_of_the_best_gain(
    scene: str, start_db: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gain_control, "WINDOW_S", 0.25)
    monkeypatch.setattr(gain_control, "START_DB", start_db)
    hardware = Hardware(SCENES[scene])
    control = GainControl(hardware)
    still = 0
    for _ in range(600):
        block, _ = hardware.block()
        still = 0 if control.heard(block, hardware.demodulator.statistics) else still + 1
        if still > 24:
            break
    assert still > 24
    settled = hardware.found(control.gain_db, 16)
    best = max(hardware.found(gain_db, 16) for gain_db in R820T_GAINS_DB[12::3])
    assert settled >= 0.95 * best
