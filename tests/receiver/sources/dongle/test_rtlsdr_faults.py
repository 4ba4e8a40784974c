"""Faults of the dongle and of the library: the real pyrtlsdr over a compiled librtlsdr that misbehaves on command."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from receiver.sources.dongle.rtlsdr import DongleSettings, RtlSdrSource
from tests.receiver.sources.dongle.fake_dongle import FakeDongle
from tests.receiver.sources.dongle.player import HURRY, Player

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
