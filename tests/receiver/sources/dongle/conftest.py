"""A stand-in dongle, and one that is being read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from receiver.sources.dongle.rtlsdr import DongleSettings, RtlSdrSource
from tests.receiver.sources.dongle.fake_dongle import FakeDongle
from tests.receiver.sources.dongle.player import HURRY, Player


@pytest.fixture
def dongle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDongle:
    environment: dict[str, str] = {}
    fake = FakeDongle(tmp_path, environment)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    return fake


@pytest.fixture
def player(dongle: FakeDongle) -> Iterator[Player]:
    player = Player(RtlSdrSource(DongleSettings(gain_db=30.0, bias_tee=True, ppm=2), HURRY))
    player.wait_for_data(15)
    yield player
    player.stop()
    assert player.misplaced == []
