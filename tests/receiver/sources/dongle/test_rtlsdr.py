"""The dongle source against the real pyrtlsdr over a compiled librtlsdr that misbehaves on command."""

from __future__ import annotations

import ctypes
import itertools
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dsp.samples import SampleBlock
from receiver.clock import SignalClock
from receiver.sources.dongle.live import LiveSource, Patience
from receiver.sources.dongle.rtlsdr import DongleSettings, RtlSdrSource
from tests.receiver.sources.dongle.fake_dongle import FakeDongle, library

HURRY = Patience(retry_s=0.1, beat_s=0.2, back_off_s=(0.05, 0.2))


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
    player = Player(RtlSdrSource(DongleSettings(gain_db=30.0, bias_tee=True, ppm=2), HURRY))
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
    assert player.source.health.samples_missed == 0  # starting is no fault
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
    dongle: FakeDongle, fault: str
) -> None:
    player = Player(RtlSdrSource(DongleSettings()))  # with the patience that owners get
    try:
        player.wait_for_data(15)
        dongle.set(**FAULTS[fault])
        assert player.wait(lambda: player.source.health.state != "open", 4) < 2.0
        dongle.set()
        assert player.wait_for_data(8) < 5.0
        assert player.source.health.state == "open"
        assert player.source.health.samples_missed > 0
    finally:
        player.stop()
    assert player.misplaced == []


def test_a_busy_or_forbidden_dongle_is_named_and_tried_again(
    dongle: FakeDongle, player: Player, capfd: pytest.CaptureFixture[str]
) -> None:
    for code, state in ((-6, "busy"), (-3, "denied"), (-99, "error")):
        dongle.set(open=code, devices=0)
        player.wait(lambda: player.source.health.state != "open", 4)
        dongle.set(open=code)
        player.wait(lambda state=state: player.source.health.state == state, 6)
        dongle.set()
        assert player.wait_for_data(8) < 5.0
    out, err = capfd.readouterr()
    assert "usb_claim_interface" not in err  # librtlsdr says so at each attempt
    assert out == ""


def test_a_dongle_chosen_by_serial_is_found_at_another_index(
    dongle: FakeDongle, caplog: pytest.LogCaptureFixture
) -> None:
    dongle.set(devices=3, first_serial=7)
    player = Player(RtlSdrSource(DongleSettings(device="00000008"), HURRY))
    try:
        player.wait_for_data(15)
        assert ("open", 1) in dongle.calls()
        dongle.set(devices=1, first_serial=1)
        os.kill(player.source._child.pid, 9)  # type: ignore[union-attr]
        player.wait(lambda: player.source.health.state == "absent", 6)
        assert "'00000001'" in player.source.health.text
        missed = player.source.health.samples_missed
        player.wait(lambda: player.source.health.samples_missed > missed + 2.4e6, 6)  # ten looks later …
        assert sum("not plugged in" in record.getMessage() for record in caplog.records) == 1  # … it is no news
        dongle.set(devices=2, first_serial=8)
        assert player.wait_for_data(8) < 5.0
        assert dongle.calls().count(("open", 0)) == 1
    finally:
        player.stop()


def test_sigterm_for_all_of_the_service_leaves_the_child_to_its_parent(dongle: FakeDongle, player: Player) -> None:
    os.kill(player.source._child.pid, signal.SIGTERM)  # type: ignore[union-attr]
    player.wait_for_data()
    player.wait_for_data()
    assert player.source.health.restarts == 0
    player.stop()
    assert dongle.calls()[-1] == ("close", 0)


def test_a_killed_child_is_replaced(player: Player) -> None:
    os.kill(player.source._child.pid, 9)  # type: ignore[union-attr]
    player.wait(lambda: player.source.health.restarts == 1, 3)
    assert player.wait_for_data(8) < 5.0


def test_a_child_that_is_frozen_is_noticed_and_replaced(player: Player) -> None:
    os.kill(player.source._child.pid, signal.SIGSTOP)  # type: ignore[union-attr]
    assert player.wait(lambda: player.source.health.state == "stalled", 4) < 2.0
    assert player.wait_for_data(8) < 5.0


def test_a_library_that_hangs_in_open_is_given_up_and_tried_again(dongle: FakeDongle) -> None:
    dongle.set(hang_open=1)
    player = Player(RtlSdrSource(DongleSettings(), replace(HURRY, start_s=1.5)))
    try:
        player.wait(lambda: player.source.health.state == "stalled", 10)
        dongle.set()
        player.wait_for_data(10)
    finally:
        player.stop()


def test_a_callback_after_cancel_does_not_keep_the_dongle_from_being_closed(dongle: FakeDongle) -> None:
    dongle.set(late_callback=1)
    player = Player(RtlSdrSource(DongleSettings(), HURRY))
    player.wait_for_data(15)
    player.stop()
    assert dongle.calls()[-1] == ("close", 0)  # by itself: it was not killed


def test_short_buffers_and_a_callback_after_cancel_do_no_harm(dongle: FakeDongle, player: Player) -> None:
    dongle.set(short=1, late_callback=1)
    before = player.samples
    player.wait(lambda: player.samples > before + 20 * 65536, 10)
    assert player.source.health.state == "open"


def test_a_full_ring_is_counted_and_placed(dongle: FakeDongle) -> None:
    source = RtlSdrSource(DongleSettings(), HURRY, slots=8)
    blocks = source.blocks()
    taken: list[SampleBlock] = []
    try:
        for block in blocks:
            if block.n_samples:
                taken.append(SampleBlock(block.iq.copy(), block.first_sample, block.gap_before))
                if len(taken) == 1:
                    time.sleep(1.0)  # the reader is busy: 0.44 s fit
                if len(taken) == 16:
                    break
    finally:
        blocks.close()  # type: ignore[attr-defined]
    overrun = source.health.samples_overrun
    assert 0.3 * 2.4e6 < overrun < 1.2 * 2.4e6
    assert sum(block.gap_before for block in taken[1:]) == overrun + source.health.samples_lost
    # Where the gap is, the counting bytes jump by just as much.
    for before, after in itertools.pairwise(taken):
        jump = (int(after.iq[0]) - int(before.iq[-1]) - 1) % 251
        assert jump == (2 * after.gap_before) % 251 or source.health.samples_lost


def test_a_child_that_dies_as_soon_as_it_starts_is_started_ever_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doomed(LiveSource):
        def _run(self) -> Iterator[SampleBlock]:
            yield SampleBlock(np.zeros(0, np.uint8), 0)

    source = Doomed(2.4e6)
    waits: list[float] = []

    def wait(seconds: float) -> Iterator[SampleBlock]:
        waits.append(seconds)
        if len(waits) == 12:
            source.close()
        return iter(())

    monkeypatch.setattr(source, "_wait", wait)
    assert all(block.n_samples == 0 for block in source.blocks())
    assert waits[:7] == [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 30.0]
    assert set(waits[5:]) == {30.0}


@pytest.mark.parametrize("name", ["rate", "frequency", "ppm", "agc", "manual", "gain"])
def test_a_setter_that_fails_while_opening_is_told_and_tried_again(dongle: FakeDongle, name: str) -> None:
    dongle.set(**{f"{name}_code": -1})
    player = Player(RtlSdrSource(DongleSettings(ppm=1), HURRY))
    try:
        player.wait(lambda: player.source.health.state == "error", 10)
        assert "failed" in player.source.health.text
        dongle.set()
        assert player.wait_for_data(8) < 5.0
    finally:
        player.stop()


def test_a_gain_that_cannot_be_set_is_told_and_the_samples_go_on(
    dongle: FakeDongle, player: Player, caplog: pytest.LogCaptureFixture
) -> None:
    dongle.set(gain_code=-1)
    player.source.set_gain(40.2)
    player.wait(lambda: any("could not set the gain" in record.getMessage() for record in caplog.records), 3)
    player.wait_for_data()
    assert player.source.health.restarts == 0
    assert player.source.health.gain_db == 29.7


@pytest.mark.parametrize("word", [{"length": 0}, {"length": 2}, {"length": 100_002}])
def test_buffers_of_odd_sizes_do_no_harm(dongle: FakeDongle, player: Player, word: dict[str, int]) -> None:
    dongle.set(**word)
    player.wait(lambda: dongle.buffers(word["length"]) > 3, 3)
    dongle.set()
    player.wait_for_data()
    assert player.source.health.state == "open"


def test_a_library_too_old_for_the_bias_tee_is_told_of(
    dongle: FakeDongle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SQUITTER_LIBRTLSDR", str(library("-DOLD")))
    player = Player(RtlSdrSource(DongleSettings(bias_tee=True), HURRY))
    try:
        player.wait_for_data(15)
        assert any("too old" in record.getMessage() for record in caplog.records)
    finally:
        player.stop()


@pytest.mark.parametrize("name", [None, "librtlsdr.so.0"], ids=["pyrtlsdrlib's", "Debian's, which lacks symbols"])
def test_real_libraries_are_usable(name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if name is None:
        monkeypatch.delenv("SQUITTER_LIBRTLSDR", raising=False)
    else:
        try:
            ctypes.CDLL(name)
        except OSError:
            pytest.skip("Debian's librtlsdr0 is not installed")
        monkeypatch.setenv("SQUITTER_LIBRTLSDR", name)
    player = Player(RtlSdrSource(DongleSettings(device="no such serial number"), HURRY))
    try:
        player.wait(lambda: player.source.health.state == "absent", 10)
    finally:
        player.stop()


def test_the_child_does_not_outlive_a_killed_service(dongle: FakeDongle) -> None:
    program = """
import os
from receiver.sources.dongle.rtlsdr import DongleSettings, RtlSdrSource
source = RtlSdrSource(DongleSettings())
for block in source.blocks():
    if block.n_samples:
        print(source._child.pid, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        child = int(service.stdout.readline())
        handle = os.pidfd_open(child)
        service.kill()
        service.stdout.read()
    readable, _, _ = select.select([handle], [], [], 5.0)  # readable: it has ended
    os.close(handle)
    assert readable


@pytest.mark.parametrize("step_s", [86_400.0 * 365, -86_400.0 * 2])
def test_a_clock_that_is_set_is_followed_once(step_s: float, caplog: pytest.LogCaptureFixture) -> None:
    wall_s = 1_900_000_000.0
    clock = SignalClock(wall=lambda: wall_s + time.monotonic(), steady=time.monotonic)
    source = LiveSource(2.4e6, clock=clock)
    first_utc_s = source.start_utc_s
    assert source.follow_clock() == pytest.approx(0.0, abs=0.01)
    wall_s += step_s
    steps = [source.follow_clock() for _ in range(10)]
    assert [round(step) for step in steps] == [round(step_s)] + 9 * [0]
    assert source.start_utc_s == pytest.approx(first_utc_s + step_s, abs=0.01)
    assert len(caplog.records) == 1


def test_utc_follows_a_crystal_that_is_off(caplog: pytest.LogCaptureFixture) -> None:
    source = LiveSource(2.4e6)
    rate_hz = 2.4e6 * (1 + 80e-6)
    first_utc_s = source.start_utc_s
    buffer = memoryview(bytearray(262_144))
    for index in range(1, int(3600 / 0.0546)):
        source._place(buffer, source._start_s + index * 131_072 / rate_hz + (0.003 if index % 3 else 0.0))
    drifted_s = 3600 * 80e-6  # what the sample clock runs ahead by now
    assert caplog.records == []
    assert source.health.samples_lost == 0
    assert first_utc_s - source.start_utc_s == pytest.approx(drifted_s, abs=0.02)


def resident_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def children() -> int:
    return len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_fifty_faults_in_a_row_are_survived_without_a_leak(dongle: FakeDongle) -> None:
    player = Player(RtlSdrSource(DongleSettings()))  # with the patience that owners get
    player.wait_for_data(15)
    before = (0, 0, 0)
    for index in range(50):
        if index == 10:  # everything that is allocated once has been by now
            before = len(os.listdir("/proc/self/fd")), threading.active_count(), resident_kib()
        dongle.set(**list(FAULTS.values())[index % len(FAULTS)])
        assert player.wait(lambda: player.source.health.state != "open", 4) < 2.0
        dongle.set()
        assert player.wait_for_data(8) < 5.0
    assert len(os.listdir("/proc/self/fd")) <= before[0] + 1
    assert threading.active_count() == before[1]
    assert resident_kib() < before[2] + 4096
    assert player.misplaced == []
    player.stop()
    assert player.source.health.restarts >= 40


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
