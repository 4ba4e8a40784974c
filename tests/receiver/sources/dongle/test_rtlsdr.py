"""The dongle source against the real pyrtlsdr over a compiled librtlsdr that misbehaves on command."""

from __future__ import annotations

import ctypes
import itertools
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from dsp.samples import SampleBlock
from receiver.sources.dongle.live import LiveSource
from receiver.sources.dongle.rtlsdr import DongleSettings, RtlSdrSource
from tests.receiver.sources.dongle.fake_dongle import FakeDongle, library
from tests.receiver.sources.dongle.player import HURRY, Player


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
