"""The dongle source against the real pyrtlsdr over a compiled librtlsdr that misbehaves on command."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dsp.samples import SampleBlock
from receiver.sources.rtlsdr import DongleSettings, RtlSdrSource
from tests.receiver.sources.fake_dongle import FakeDongle


@pytest.fixture
def dongle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDongle:
    environment: dict[str, str] = {}
    fake = FakeDongle(tmp_path, environment)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    return fake


class Player:
    """Runs a source in a thread, as the pipeline does, and keeps what a test wants to know."""

    def __init__(self, source: RtlSdrSource) -> None:
        self.source = source
        self.samples = 0
        self.data = bytearray()
        self.expected_sample = 0
        self.misplaced: list[SampleBlock] = []
        self.last_data_s = 0.0
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for block in self.source.blocks():
            if block.first_sample != self.expected_sample + block.gap_before:
                self.misplaced.append(block)
            self.expected_sample = block.first_sample + block.n_samples
            with self._news:
                if block.n_samples:
                    self.samples += block.n_samples
                    self.last_data_s = time.monotonic()
                    if len(self.data) < 4_000_000:
                        self.data += block.iq.tobytes()
                self._news.notify_all()

    def wait(self, condition: object, seconds: float) -> float:
        """Wait until `condition()` holds; the result is how long that took."""
        assert callable(condition)
        began = time.monotonic()
        with self._news:
            assert self._news.wait_for(condition, seconds), (self.source.health, self.samples)
        return time.monotonic() - began

    def wait_for_data(self, seconds: float = 5.0) -> float:
        """Wait for a buffer from now on."""
        before = self.samples
        return self.wait(lambda: self.samples > before, seconds)

    def stop(self) -> None:
        self.source.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def player(dongle: FakeDongle) -> Iterator[Player]:
    player = Player(RtlSdrSource(DongleSettings(gain_db=30.0, bias_tee=True, ppm=2)))
    player.wait_for_data(15)
    yield player
    player.stop()
    assert player.misplaced == []


def test_samples_come_byte_for_byte_and_settings_reach_the_library(dongle: FakeDongle, player: Player) -> None:
    player.wait(lambda: player.samples >= 1_000_000, 10)
    data = np.frombuffer(bytes(player.data), np.uint8)
    assert len(data) >= 2_000_000
    assert np.array_equal(data, (np.arange(len(data)) % 251).astype(np.uint8))
    calls = dongle.calls()
    for call in (("rate", 2_400_000), ("frequency", 1_090_000_000), ("gain", 297), ("bias", 1), ("ppm", 2)):
        assert call in calls
    assert player.source.health.state == "open"
    assert player.source.health.serial == "00000001"
    assert player.source.health.gain_db == 29.7


def test_gain_changes_while_it_runs(dongle: FakeDongle, player: Player) -> None:
    player.source.set_gain(40.2)
    player.wait(lambda: player.source.health.gain_db == 40.2, 3)
    assert ("gain", 402) in dongle.calls()


FAULTS = {
    "stalls without an error": {"stall": 1},
    "crashes in C": {"crash": 1},
    "is unplugged": {"devices": 0},
    "fails to read": {"read": -1},
    "hangs in close while it stalls": {"stall": 1, "hang_close": 1},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_dongle_that_misbehaves_is_noticed_within_two_seconds_and_back_within_five(
    dongle: FakeDongle, player: Player, fault: str
) -> None:
    dongle.set(**FAULTS[fault])
    assert player.wait(lambda: player.source.health.state != "open", 4) < 2.0
    dongle.set()
    assert player.wait_for_data(8) < 5.0
    assert player.source.health.state == "open"
    assert player.source.health.samples_missed > 0


def test_a_busy_or_forbidden_dongle_is_named_and_tried_again(dongle: FakeDongle, player: Player) -> None:
    for code, state in ((-6, "busy"), (-3, "denied")):
        dongle.set(open=code, devices=0)
        player.wait(lambda: player.source.health.state != "open", 4)
        dongle.set(open=code)
        player.wait(lambda state=state: player.source.health.state == state, 6)
        dongle.set()
        assert player.wait_for_data(8) < 5.0


def test_a_dongle_chosen_by_serial_is_found_at_another_index(dongle: FakeDongle) -> None:
    dongle.set(devices=3, first_serial=7)
    player = Player(RtlSdrSource(DongleSettings(device="00000008")))
    try:
        player.wait_for_data(15)
        assert ("open", 1) in dongle.calls()
        dongle.set(devices=1, first_serial=1)
        os.kill(player.source._child.pid, 9)  # type: ignore[union-attr]
        player.wait(lambda: player.source.health.state == "absent", 6)
        assert "'00000001'" in player.source.health.text
        dongle.set(devices=2, first_serial=8)
        assert player.wait_for_data(8) < 5.0
        assert dongle.calls().count(("open", 0)) == 1
    finally:
        player.stop()


def test_a_killed_child_is_replaced(player: Player) -> None:
    os.kill(player.source._child.pid, 9)  # type: ignore[union-attr]
    player.wait(lambda: player.source.health.restarts == 1, 3)
    assert player.wait_for_data(8) < 5.0


def test_short_buffers_and_a_callback_after_cancel_do_no_harm(dongle: FakeDongle, player: Player) -> None:
    dongle.set(short=1, late_callback=1)
    before = player.samples
    player.wait(lambda: player.samples > before + 20 * 65536, 10)
    assert player.source.health.state == "open"


def test_a_full_ring_is_counted_and_placed(dongle: FakeDongle) -> None:
    source = RtlSdrSource(DongleSettings())
    blocks = source.blocks()
    taken: list[SampleBlock] = []
    try:
        for block in blocks:
            if block.n_samples:
                taken.append(SampleBlock(block.iq.copy(), block.first_sample, block.gap_before))
                if len(taken) == 1:
                    time.sleep(2.5)  # the reader is busy: 1.75 s fit
                if len(taken) == 60:
                    break
    finally:
        blocks.close()  # type: ignore[attr-defined]
    overrun = source.health.samples_overrun
    assert 0.4 * 2.4e6 < overrun < 1.2 * 2.4e6
    assert sum(block.gap_before for block in taken[1:]) == overrun + source.health.samples_lost
    # Where the gap is, the counting bytes jump by just as much.
    for before, after in itertools.pairwise(taken):
        jump = (int(after.iq[0]) - int(before.iq[-1]) - 1) % 251
        assert jump == (2 * after.gap_before) % 251 or source.health.samples_lost


@pytest.mark.slow
def test_fifty_faults_in_a_row_are_survived_without_a_leak(dongle: FakeDongle, player: Player) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    for index in range(50):
        fault = list(FAULTS.values())[index % len(FAULTS)]
        dongle.set(**fault)
        player.wait(lambda: player.source.health.state != "open", 4)
        dongle.set()
        player.wait_for_data(40)
    assert abs(len(os.listdir("/proc/self/fd")) - descriptors) <= 3


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("share", [0.002, 0.01, 0.05])
def test_injected_loss_is_reported_within_five_percent(dongle: FakeDongle, player: Player, share: float) -> None:
    time.sleep(8)
    dongle.set(lose=round(share * 1e6), lose_run=16384, jitter_us=2000)
    time.sleep(60)
    dongle.set()
    time.sleep(8)
    lost = sum(value for call, value in dongle.calls() if call == "lost")
    assert lost > 0.8 * share * 60 * 2.4e6
    assert player.source.health.samples_lost == pytest.approx(lost, rel=0.05)
