"""The first stages against slow twins."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp import front_end
from dsp.demodulator import noise_level
from dsp.filters import solve_filters
from dsp.front_end import BLOCK, PULSES_US, QUIET_US
from dsp.samples import SampleFormat
from tests.dsp.scenes import squitters, stream, without_preambles


def floats(*shape: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0.0, 1.0, shape).astype(np.float32)


@pytest.mark.parametrize(
    ("sample_format", "numbers", "expected", "clipped"),
    [
        (SampleFormat.CU8, [0, 128, 127, 254, 1, 255, 255, 0], [-1, 1 / 255, -1 / 255, 253 / 255, -253 / 255, 1, 1, -1], 3),
        (SampleFormat.CS8, [-128, 0, -1, 126, -127, 127, 0, 0], [-1, 1 / 255, -1 / 255, 253 / 255, -253 / 255, 1, 1 / 255, 1 / 255], 2),
        (
            SampleFormat.CS16,
            [-32768, 0, -1, 32603, 32604, 0, 1000, -32604],
            [-1, 1 / 65535, -1 / 65535, 65207 / 65535, 65209 / 65535, 1 / 65535, 2001 / 65535, -65207 / 65535],
            2,
        ),
        (SampleFormat.CF32, [0.25, -0.5, 0.994, -0.994, 0.996, 0, 0, -3.0], [0.25, -0.5, 0.994, -0.994, 0.996, 0, 0, -3.0], 2),
    ],
)  # fmt: skip
def test_numbers_become_floats_of_full_scale_one_and_clipped_samples_are_counted(
    sample_format: SampleFormat, numbers: list[float], expected: list[float], clipped: int
) -> None:
    re, im = np.zeros(4, np.float32), np.zeros(4, np.float32)
    count = front_end.to_float(np.array(numbers, sample_format.dtype), sample_format, re, im)
    assert re == pytest.approx(expected[0::2], abs=1e-6)
    assert im == pytest.approx(expected[1::2], abs=1e-6)
    assert count == clipped


@pytest.mark.parametrize("taps", [4, 6])
def test_pulse_energy_is_that_of_a_correlation(taps: int) -> None:
    re, im, pulse = floats(301), floats(301, seed=2), floats(taps, seed=3)
    energy = np.full(301, -1.0, np.float32)
    front_end.pulse_energy(re, im, pulse, energy)
    # The first weight is for the sample before
    expected = np.abs(np.correlate(re + 1j * im, pulse.astype(complex), "valid")) ** 2
    n = 301 - taps
    np.testing.assert_allclose(energy[1 : n + 1], expected[:n], rtol=1e-4, atol=1e-5)
    assert energy[0] == -1.0
    assert np.all(energy[n + 1 :] == -1.0)


def test_a_pulses_energy_is_largest_where_it_begins() -> None:
    for rate in (2.4, 4.0, 4.4):
        bank = solve_filters(rate * 1e6)
        assert bank.pulse.shape == (2, 4 if rate <= 4 else 6)
        for half in range(2):
            at = (np.arange(64) - 30 - half / 2) * bank.fine + bank.shape_edge
            re = np.interp(at, np.arange(len(bank.shape)), bank.shape, left=0.0, right=0.0).astype(np.float32)
            energy = np.zeros((2, 64), np.float32)
            for other in range(2):
                front_end.pulse_energy(re, np.zeros_like(re), bank.pulse[other], energy[other])
            assert int(energy.T.argmax()) == 60 + half


def _places(rate: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pulses, quiet = (np.array([round(2 * rate * t) for t in times]) for times in (PULSES_US, QUIET_US))
    return pulses, quiet


@pytest.mark.parametrize("rate", [2.0, 2.4, 4.4])
@pytest.mark.parametrize(("factor", "floor", "noise"), [(3.0, 8.0, 1.0), (3.5, 11.0, 0.4), (1.5, 2.0, 0.0)])
def test_the_preamble_stands_out_of_its_quiet_slots_by_power_without_noise(
    rate: float, factor: float, floor: float, noise: float
) -> None:
    pulses, quiet = _places(rate)
    n = 3000
    energy = np.random.default_rng(5).exponential(1.0, (2, n + 80)).astype(np.float32)
    both = energy.T.ravel().astype(float)  # by half samples
    seen = set()
    for half in range(2):
        metric = np.full(n, -1.0, np.float32)
        front_end.preamble_metric(energy, 0, n, half, pulses, quiet, factor, floor, noise, metric)
        for k in range(n):
            place = 2 * k + half
            total = sum(both[place + p] for p in pulses.tolist())
            pulse = total / 4 - noise
            slot = sum(both[place + q] for q in quiet.tolist()) / 8 - noise
            if abs(pulse - factor * slot) < 1e-4 or abs(total - floor * noise) < 1e-4:
                continue
            good = pulse > factor * slot and total > floor * noise
            seen.add(good)
            assert metric[k] == pytest.approx(total if good else 0.0, rel=1e-5)
    assert seen == {False, True}


def test_block_power_is_the_mean_from_each_block_on() -> None:
    energy = np.abs(floats(40 * BLOCK + 5))
    power = np.full(60, -1.0, np.float32)
    front_end.block_power(energy, 40, 7, power)
    for j in range(40 - 7 + 1):
        assert power[j] == pytest.approx(float(energy[BLOCK * j : BLOCK * (j + 7)].mean()), rel=1e-5)
    assert np.all(power[40:] == -1.0)


def test_candidates_are_the_local_maxima_that_power_follows() -> None:
    rng = np.random.default_rng(7)
    n, behind, least = 1003, 21, 1.0
    # Few values, so that there are ties
    metric = (rng.integers(0, 6, (2, n)) * (rng.random((2, n)) < 0.7)).astype(np.float32)
    power = rng.uniform(0.0, 2.0, n).astype(np.float32)
    both = metric.T.ravel()
    expected = [
        place
        for place in range(2, 2 * n - 2)
        if both[place] > 0
        and both[place] >= max(both[place - 2 : place])
        and both[place] > max(both[place + 1 : place + 3])
        and power[(place // 2 // BLOCK * BLOCK + behind) // BLOCK] > least
    ]
    assert len(expected) > 50
    places = np.zeros(4 * n, np.int64)
    count = front_end.candidates(metric[0], metric[1], n, power, behind, least, places)
    assert places[:count].tolist() == expected
    few = np.full(40, -1, np.int64)
    count = front_end.candidates(metric[0], metric[1], n, power, behind, least, few)
    assert 20 < count <= 40
    assert few[:count].tolist() == expected[:count]


def _onsets(iq: NDArray[np.generic], rate: float) -> list[int]:
    bank = solve_filters(rate * 1e6)
    re, im = iq[0::2].astype(np.float32), iq[1::2].astype(np.float32)
    energy, metric = np.zeros((2, len(re)), np.float32), np.zeros((2, len(re)), np.float32)
    for half in range(2):
        front_end.pulse_energy(re, im, bank.pulse[half], energy[half])
    noise = noise_level(energy[0], rate)
    n = len(re) - 200
    for half in range(2):
        front_end.preamble_metric(energy, 0, n, half, *_places(rate), 3.0, 8.0, noise, metric[half])
    power, places = np.zeros(len(re) // BLOCK + 1, np.float32), np.zeros(1024, np.int64)
    front_end.block_power(energy[0], len(re) // BLOCK, round(32 * rate / BLOCK), power)
    count = front_end.onsets(energy[0], energy[1], n, power, noise, metric, int(8 * rate), places)
    return [int(place) for place in places[:count]]


@pytest.mark.parametrize("rate", [2.0, 2.4, 3.2])
def test_onsets_are_the_first_bits_of_frames_after_silence_and_not_of_those_with_a_preamble(rate: float) -> None:
    start_s = 0.2e-3 + np.arange(30) * 0.4371e-3
    iq = stream(squitters(30), start_s, rate * 1e6, SampleFormat.CF32, level_dbfs=-12.0)
    assert _onsets(iq, rate) == []
    # The first bit of a DF17 is a one: its pulse is 8 µs after the preamble's first
    wanted = 2 * (start_s + 8e-6) * rate * 1e6
    found = np.array(_onsets(without_preambles(iq, start_s, rate * 1e6), rate))
    near = [place for place in wanted if np.abs(found - place).min() <= 1.5]
    assert len(near) >= 25
    # A place twice when two blocks see it; once in a while what remains of a preamble's end
    assert len(found) <= 36


def test_onsets_never_outnumber_their_memory() -> None:
    n = 4000
    energy = np.zeros((2, n), np.float32)
    energy[:, 100::48] = 100.0
    power = np.full(n, 50.0, np.float32)
    metric = np.zeros((2, n), np.float32)
    many, few = np.zeros(500, np.int64), np.zeros(3, np.int64)
    count = front_end.onsets(energy[0], energy[1], n - 100, power, 1.0, metric, 19, many)
    assert count > 30
    assert all(b - a == 96 for a, b in itertools.pairwise(many[:count].tolist()))
    assert front_end.onsets(energy[0], energy[1], n - 100, power, 1.0, metric, 19, few) == 3


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("before", [0, 19])
def test_an_onset_with_a_preamble_there_or_where_it_would_be_were_this_data_is_none(half: int, before: int) -> None:
    energy = np.zeros((2, 1000), np.float32)
    energy[:, 500:503] = 100.0
    energy[0, 500] = 120.0
    power, places = np.full(1000, 50.0, np.float32), np.zeros(9, np.int64)
    metric = np.zeros((2, 1000), np.float32)
    arguments = energy[0], energy[1], 900, power, 1.0, metric, 19, places
    assert front_end.onsets(*arguments) == 1
    assert places[0] == 1000
    metric[half, 500 - before - 30] = 1.0
    assert front_end.onsets(*arguments) == 1
    metric[half, 500 - before] = 1.0
    assert front_end.onsets(*arguments) == 0
    metric[:] = 0.0
    power[:] = 7.9  # not loud
    assert front_end.onsets(*arguments) == 0
    power[:], energy[0, 488:499] = 50.0, 4.0  # no silence
    assert front_end.onsets(*arguments) == 0


@pytest.mark.parametrize("count", [65_536, 65_504, 50_000])
def test_the_noise_is_the_median_over_ln_2(count: int) -> None:
    energy = np.random.default_rng(4).exponential(3.0, count).astype(np.float32)
    assert noise_level(energy, 2.4) == pytest.approx(float(np.median(energy[::32])) / np.log(2), rel=1e-6)
    assert noise_level(energy, 2.4) == pytest.approx(3.0, rel=0.08)


@pytest.mark.parametrize("rate", [2.0, 2.4, 4.4])
def test_the_metric_is_there_wherever_somebody_looks_at_it(rate: float) -> None:
    n = 6000
    rng = np.random.default_rng(6)
    energy = rng.exponential(1.0, (2, n + 400)).astype(np.float32)
    for first in rng.integers(0, n, 12):
        energy[:, first : first + int(100 * rate)] *= rng.uniform(2, 30)
    pulses, quiet = _places(rate)
    power = np.zeros((n + 400) // BLOCK + 1, np.float32)
    front_end.block_power(energy[0], (n + 400) // BLOCK, round(32 * rate / BLOCK), power)
    behind, ahead, least = int(8 * rate) + BLOCK // 2, int(8 * rate), 2.0
    whole, some = np.zeros((2, n), np.float32), np.full((2, n), np.nan, np.float32)
    for half in range(2):
        front_end.preamble_metric(energy, 0, n, half, pulses, quiet, 1.2, 4.0, 1.0, whole[half])
    front_end.preambles(energy, n, pulses, quiet, 1.2, 4.0, 1.0, power, behind, least, ahead, some)
    there = np.isfinite(some)
    assert 0.1 < there.mean() < 0.9
    np.testing.assert_array_equal(some[there], whole[there])
    found = []
    for metric in (whole, some):
        places, bare = np.zeros(4 * n, np.int64), np.zeros(1024, np.int64)
        count = front_end.candidates(metric[0], metric[1], n - 1, power, behind, least, places)
        many = front_end.onsets(energy[0], energy[1], n - 2, power, 1.0, metric, ahead, bare)
        found.append((places[:count].tolist(), bare[:many].tolist()))
    assert found[0] == found[1]
    assert len(found[0][0]) > 20
