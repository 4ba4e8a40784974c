"""Each stage of the frame kernel against a slow twin that is written another way."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp import frame_kernel as kernel
from dsp.crc import bit_syndromes
from dsp.decimate import Decimator
from dsp.filters import solve_filters
from dsp.front_end import PULSES_US, QUIET_US, pulse_energy
from dsp.trust import BelievedAddresses

RATE = 2.4


def floats(*shape: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0.0, 1.0, shape).astype(np.float32)


def window(samples: int = 1000, seed: int = 3, rate: float = RATE) -> kernel.Samples:
    """A window of noise."""
    bank = solve_filters(rate * 1e6)
    re, im = floats(samples, seed=seed), floats(samples, seed=seed + 1)
    energy = np.zeros((2, samples), np.float32)
    pulse_energy(re, im, bank.pulse, energy)
    return kernel.Samples(
        re, im, energy, 0, rate, 2.0, bank.s, bank.d, bank.e, bank.leak, bank.place, bank.before, bank.pulse,
        bank.shape, bank.shape_edge, bank.fine,
        np.array([round(2 * rate * t) for t in PULSES_US]), np.array([round(2 * rate * t) for t in QUIET_US]),
    )  # fmt: skip


def scratch(samples: kernel.Samples) -> kernel.Scratch:
    return kernel.scratch(samples.rate, samples.s.shape[1])


@pytest.mark.parametrize("rate", [2.0, 2.4, 3.2, 2.7182])
def test_a_filter_over_all_bits_is_the_filter_of_each_bit(rate: float) -> None:
    samples = window(rate=rate, samples=1200)
    work = scratch(samples)
    base, n = 200, 112
    kernel.gather(samples, base, 0, n, work.xr, work.xi)
    for timing in (0, 7, 13, 29):
        kernel.soft_pulses(work.xr, work.xi, samples.s[timing], n, work.sr, work.si)
        for bit in range(n):
            k = base + samples.place[bit]
            row = samples.s[timing, :, bit].astype(float)
            assert work.sr[bit] == pytest.approx(row @ samples.re[k : k + len(row)], abs=1e-4)
            assert work.si[bit] == pytest.approx(row @ samples.im[k : k + len(row)], abs=1e-4)


def test_a_later_timing_is_the_same_filter_further_on() -> None:
    bank = solve_filters(2.4e6)
    np.testing.assert_array_equal(bank.d[20, 1:, 0], bank.d[10, :-1, 0])
    assert not np.array_equal(bank.d[11], bank.d[10])


def test_the_carrier_is_followed_through_its_drift() -> None:
    work = scratch(window())
    bits = np.arange(112)
    turn, drift = 0.4, 0.008  # rad per bit, and per bit again: 140 kHz within a frame
    phase = 1.0 + turn * bits + drift * (bits * bits / 2 - 56 * bits)
    work.sr[:], work.si[:] = np.cos(phase), np.sin(phase)
    got = kernel.carrier(work.sr, work.si, 112, kernel.CARRIER_SPAN, work.ur, work.ui)
    assert got == pytest.approx(turn, abs=0.02)
    error = np.angle((work.ur + 1j * work.ui) * np.exp(-1j * phase))
    assert np.abs(error).max() < 0.35
    assert np.hypot(work.ur, work.ui) == pytest.approx(np.ones(112), abs=1e-3)


def test_coherence_is_the_normalised_lag_one_product() -> None:
    s = floats(24) + 1j * floats(24, seed=2)
    expected = abs(np.sum(s[1:] * np.conj(s[:-1]))) / np.sum(np.abs(s[:-1]) ** 2)
    got = kernel.coherence(s.real.astype(np.float32), s.imag.astype(np.float32), 24)
    assert got == pytest.approx(expected, rel=1e-4)


def test_the_weakest_bits_come_first() -> None:
    for seed in range(5):
        soft, order = floats(112, seed=seed), np.zeros(112, np.int64)
        total = kernel.weakest(soft, 5, 112, order)
        assert sorted(order[:total]) == list(range(5, 112))
        expected = 5 + np.argsort(np.abs(soft[5:]), kind="stable")
        assert order[: kernel.SORTED].tolist() == expected[: kernel.SORTED].tolist()


def _solved(soft: NDArray[np.float32]) -> tuple[kernel.Scratch, int]:
    work = scratch(window())
    work.soft[:] = soft
    total = kernel.weakest(work.soft, 5, 112, work.order)
    return work, kernel.solve_basis(bit_syndromes(112), work.soft, total, work)


def test_any_syndrome_is_solved_by_independent_weak_bits() -> None:
    syndromes = bit_syndromes(112)
    rng = np.random.default_rng(4)
    work, others = _solved(floats(112))
    assert others == 107 - 24
    for syndrome in rng.integers(0, 1 << 24, 200).tolist():
        subset = int(kernel.solve(work.table, syndrome))
        bits = [int(work.chosen[k]) for k in range(24) if subset >> k & 1]
        value = 0
        for bit in bits:
            value ^= int(syndromes[bit])
        assert value == syndrome
        assert kernel.cost(work.weight, subset) == pytest.approx(sum(abs(work.soft[bits])), rel=1e-4)


def test_a_repair_is_no_dearer_than_any_of_few_weak_bits() -> None:
    """The twin tries all sets of up to three of the twenty weakest bits."""
    syndromes = bit_syndromes(112)
    for seed in range(6):
        work, others = _solved(floats(112, seed=seed))
        weak = work.order[:20].tolist()
        wrong = np.random.default_rng(seed).choice(weak, 3, replace=False)
        syndrome = int(np.bitwise_xor.reduce(syndromes[wrong]))
        best, subset, a, b = kernel.cheapest(syndrome, work.soft, others, 24, 1e9, work)
        cheapest = min(
            float(np.abs(work.soft[list(bits)]).sum())
            for count in (1, 2, 3)
            for bits in itertools.combinations(weak, count)
            if int(np.bitwise_xor.reduce(syndromes[list(bits)])) == syndrome
        )
        assert best <= cheapest + 1e-4
        work.hard[:] = 0
        number = kernel.flip(subset, a, b, work)
        flipped = np.flatnonzero(work.hard)
        assert len(flipped) == number
        assert int(np.bitwise_xor.reduce(syndromes[flipped])) == syndrome
        assert float(np.abs(work.soft[flipped]).sum()) == pytest.approx(best, rel=1e-4)


def test_the_chance_of_a_repair_counts_the_sets_that_cost_no_more() -> None:
    soft = np.full(112, 100.0, np.float32)
    soft[20:32] = np.random.default_rng(2).uniform(0.2, 1.0, 12)
    limit = 2.0
    sets = sum(
        float(soft[list(bits)].sum()) <= limit
        for count in range(13)
        for bits in itertools.combinations(range(20, 32), count)
    )
    got = kernel.chance(soft, 112, limit, np.zeros(64)) * 2**24
    assert got == pytest.approx(sets, rel=0.15)


def test_an_interrogators_code_is_believed_by_its_strength_and_its_past() -> None:
    samples = window()
    work = scratch(samples)
    table = BelievedAddresses()
    for strength, expected in ((1.2, 0), (0.4, -1), (0.1, 1)):
        work.soft[:56] = 1.0
        work.soft[55 - 3] = strength
        assert kernel.interrogator(8, 1.0, 0.9, 5, 10.0, table.rows(), work) == expected
    assert kernel.interrogator(8, 1.0, 0.9, -1, 10.0, table.rows(), work) == -1  # not a believed address
    work.soft[55 - 3] = 0.8
    work.soft[:10] = 1.0
    assert kernel.interrogator(8, 1.0, 0.9, 5, 20.0, table.rows(), work) == 0  # heard ten seconds ago
    assert kernel.interrogator(8, 1.0, 0.9, 5, 500.0, table.rows(), work) == -1  # long ago


def test_altitude_codes_with_the_q_bit_only() -> None:
    assert kernel.altitude_25ft(0b1100000111000 | 0x10) == pytest.approx(kernel.altitude_25ft(0b1100000111000 | 0x10))
    assert kernel.altitude_25ft(0x0010) == -1000
    assert kernel.altitude_25ft(0x0030) == -1000 + 16 * 25
    assert kernel.altitude_25ft(0x0000) == kernel.NOTHING
    assert kernel.altitude_25ft(0x0050) == kernel.NOTHING  # metres
    assert kernel.altitude_25ft(0x0100) == kernel.NOTHING  # Gillham


def test_energies_are_refreshed_as_the_front_end_makes_them() -> None:
    samples = window(seed=9)
    samples.re[400:500] += np.float32(3.0)
    expected = np.zeros_like(samples.energy)
    pulse_energy(samples.re, samples.im, solve_filters(2.4e6).pulse, expected)
    kernel.refresh(samples, 400, 500)
    np.testing.assert_allclose(samples.energy[:, 1:-8], expected[:, 1:-8], rtol=1e-4, atol=1e-4)


def test_a_decimated_stream_does_not_depend_on_its_cuts() -> None:
    re, im = floats(5000), floats(5000, seed=5)
    whole = Decimator(4)
    assert whole.reset(10) == 3
    once = np.concatenate([*whole.feed(re, im)]), np.concatenate([*whole.flush()])
    cut = Decimator(4)
    cut.reset(10)
    parts = [cut.feed(re[a:b], im[a:b])[0] for a, b in itertools.pairwise([0, 1, 2, 50, 51, 700, 4999, 5000])]
    parts.append(cut.flush()[0])
    joined = np.concatenate(parts)
    assert len(joined) == math.ceil(5010 / 4) - 3
    np.testing.assert_array_equal(joined[: len(once[0]) // 2], once[0][: len(once[0]) // 2])


def test_a_decimator_keeps_a_slow_carrier_and_drops_a_fast_one() -> None:
    k = np.arange(4000)
    for turns, expected in ((0.02, 1.0), (0.2, 0.0)):
        decimator = Decimator(4)
        carrier = np.exp(2j * np.pi * turns * k)
        re, im = decimator.feed(carrier.real.astype(np.float32), carrier.imag.astype(np.float32))
        level = np.hypot(re, im)[50:-50]
        assert level == pytest.approx(np.full(len(level), expected), abs=0.02)
