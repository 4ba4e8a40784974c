"""Loss from arrival times alone, on simulated hours."""

from __future__ import annotations

import random

import pytest

from receiver.sources.dongle.loss import SampleLoss

RATE_HZ = 2.4e6
BUFFER = 131_072


def play(
    seconds: float,
    *,
    crystal_ppm: float = 0,
    loss: float = 0,
    run: int = 4096,
    jitter_s: float = 0.002,
    stalls: float = 0,
) -> tuple[int, int]:
    """Simulate a dongle; the result is how many samples were lost and how many were reported."""
    chance = random.Random(1)
    estimator = SampleLoss(RATE_HZ)
    owed = lost = reported = made = 0.0
    last_s = 0.0
    for _ in range(int(seconds * RATE_HZ / BUFFER)):
        owed += BUFFER * loss
        if owed >= run:
            missing = run * (owed // run)
            owed -= missing
            made += missing
            lost += missing
        made += BUFFER
        arrival_s = made / (RATE_HZ * (1 + crystal_ppm * 1e-6)) + chance.expovariate(1 / jitter_s)
        if chance.random() < stalls:
            arrival_s += chance.uniform(0, 1)
        last_s = max(last_s, arrival_s)
        reported += estimator.arrived(last_s, BUFFER)
    return int(lost), int(reported)


@pytest.mark.parametrize("crystal_ppm", [-100, -20, 0, 50, 100])
@pytest.mark.parametrize(("jitter_s", "stalls"), [(0.0005, 0), (0.005, 0.01)])
def test_an_hour_of_jitter_with_any_crystal_is_no_loss(crystal_ppm: float, jitter_s: float, stalls: float) -> None:
    assert play(3600, crystal_ppm=crystal_ppm, jitter_s=jitter_s, stalls=stalls) == (0, 0)


@pytest.mark.parametrize("loss", [0.001, 0.003, 0.01, 0.05])
@pytest.mark.parametrize("run", [512, 16_384, 131_072])
def test_loss_is_reported_within_five_percent_of_its_size(loss: float, run: int) -> None:
    lost, reported = play(900, crystal_ppm=10, loss=loss, run=run)
    assert reported == pytest.approx(lost, rel=0.05)
