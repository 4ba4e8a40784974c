"""Odds, hits, noise, doubt: what the bits say of themselves."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.kernels.memory import Scratch
from tests.dsp.kernels.parts import floats, scratch, window
from tests.dsp.plain import kernel


def test_odds_say_how_many_bits_are_wrong() -> None:
    work = scratch(window())
    rng = np.random.default_rng(6)
    spread = 0.55
    odds, wrong = [], []
    for _ in range(400):
        sign = rng.choice([-1.0, 1.0], 112)
        phase = np.exp(1j * rng.uniform(0, 6, 112))
        d = (sign + spread * (rng.normal(0, 1, 112) + 1j * rng.normal(0, 1, 112))) * phase
        work.ur[:], work.ui[:], work.dr[:], work.di[:] = phase.real, phase.imag, d.real, d.imag
        work.soft[:] = (d * phase.conj()).real
        kernel.reliability(112, np.float32(1.0), work)
        odds.append(work.odds.copy())
        wrong.append(work.odds * sign < 0)
    size, error = np.abs(np.concatenate(odds)), np.concatenate(wrong)
    assert size.max() == kernel.MOST_SURE
    for least, most in ((0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)):
        some = (size >= least) & (size < most)
        assert some.sum() > 1000
        assert error[some].mean() == pytest.approx((1 / (1 + np.exp(size[some]))).mean(), rel=0.2)


def _hit_bits(rng: np.random.Generator, work: Scratch, spread: float, hits: NDArray[np.intp]) -> NDArray[np.int64]:
    """Half-bits of 112 bits in noise, some with another pulse over one half, as S and D against a carrier of phase 0."""
    bits = rng.integers(0, 2, 112)
    halves = spread * (rng.normal(0, 1, (2, 112)) + 1j * rng.normal(0, 1, (2, 112))) / math.sqrt(2)
    halves[1 - bits, np.arange(112)] += 1.0
    halves[rng.integers(0, 2, len(hits)), hits] += 2.5 * np.exp(1j * rng.uniform(0, 2 * np.pi, len(hits)))
    s, d = halves[0] + halves[1], halves[0] - halves[1]
    work.ur[:], work.ui[:] = 1.0, 0.0
    work.ar[:], work.ai[:], work.sr[:], work.si[:] = s.real, s.imag, s.real, s.imag
    work.dr[:], work.di[:], work.soft[:] = d.real, d.imag, d.real
    return bits


def test_bits_under_another_signals_pulse_are_seen_and_weighed_by_themselves() -> None:
    work = scratch(window())
    rng = np.random.default_rng(16)
    seen = false = wrong_soft = wrong_odds = clean_wrong = 0
    odds_of_hits: list[float] = []
    errors_of_hits: list[bool] = []
    for _ in range(40):
        hits = rng.choice(112, 16, replace=False)
        bits = _hit_bits(rng, work, 0.25, hits)
        kernel.find_hits(112, 1.0, work)
        flagged = work.hit > 0
        seen += int(flagged[hits].sum())
        false += int(flagged.sum()) - int(flagged[hits].sum())
        kernel.reliability(112, 1.0, work)
        wrong_soft += int(((work.soft > 0) != bits)[hits].sum())
        error = (work.odds > 0) != bits
        wrong_odds += int(error[hits].sum())
        clean_wrong += int(np.delete(error, hits).sum())
        odds_of_hits += np.abs(work.odds[flagged]).tolist()
        errors_of_hits += error[flagged].tolist()
    assert seen > 0.9 * 640
    assert false < 0.01 * 40 * 96
    assert clean_wrong < 10
    assert wrong_odds < 0.5 * wrong_soft  # the pulse is known from S
    size, wrong = np.array(odds_of_hits), np.array(errors_of_hits)
    assert size.max() <= kernel.HIT_SURE
    assert wrong[size > 3].mean() < 0.08
    assert wrong[size < 3].mean() > wrong[size > 3].mean()


def test_hits_do_not_count_for_the_noise_nor_for_the_fit() -> None:
    work = scratch(window())
    rng = np.random.default_rng(17)
    _hit_bits(rng, work, 0.2, np.arange(5, 112, 6))
    kernel.no_hits(112, work)
    kernel.reliability(112, 1.0, work)
    blunt = np.median(np.abs(work.odds))
    poor = kernel.fit(work.soft, work.dr, work.di, 112)
    assert kernel.clear_fit(112, work) > poor + 0.1
    kernel.reliability(112, 1.0, work)
    assert np.median(np.abs(work.odds)) > 1.3 * blunt


def test_where_most_bits_differ_none_is_hit() -> None:
    work = scratch(window())
    rng = np.random.default_rng(18)
    _hit_bits(rng, work, 0.2, np.arange(0, 112, 2))
    assert kernel.find_hits(112, 1.0, work) == 0
    assert not work.hit.any()


def test_hardened_bits_are_what_their_odds_say_and_the_format_stays() -> None:
    work = scratch(window())
    work.odds[:] = floats(112, seed=19)
    work.hard[:] = np.unpackbits(np.frombuffer(bytes([0x8D] + [0] * 13), np.uint8))
    before = work.hard.copy()
    changed = kernel.harden(17, 112, work)
    assert work.hard[:5].tolist() == before[:5].tolist()
    np.testing.assert_array_equal(work.hard[5:], work.odds[5:] > 0)
    assert changed == np.count_nonzero(work.hard != before)


def test_a_disturbance_along_the_carrier_counts_as_noise() -> None:
    work = scratch(window())
    work.ur[:], work.ui[:], work.di[:] = 1.0, 0.0, 0.05
    size = np.where(np.arange(112) % 2, 1.4, 0.6)
    work.dr[:] = work.soft[:] = size
    kernel.reliability(112, np.float32(1.0), work)
    assert work.odds == pytest.approx(
        np.minimum(2 * size / 0.16, kernel.MOST_SURE), rel=1e-3
    )  # 0.4² is more than 0.05²


def test_doubt_weighs_every_set_of_flips() -> None:
    odds = floats(30) * np.float32(3.0)
    sets = (bits for count in range(13) for bits in itertools.combinations(range(9, 21), count))
    weight = sum(math.exp(-float(np.abs(odds[list(bits)]).sum())) for bits in sets)
    assert kernel.doubt(odds, 9, 21) == pytest.approx(math.log(weight), rel=1e-4)


def test_the_cost_of_turning_a_set_of_the_bits_of_a_byte_is_their_sum() -> None:
    odds, table = floats(112), np.zeros(256, np.float32)
    kernel.byte_costs(odds, 5, table)
    sets = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1)
    assert table == pytest.approx(sets @ np.abs(odds[40:48]), abs=1e-4)


def test_the_formats_that_fit_best_come_first_and_none_that_is_against_its_bits() -> None:
    formats = np.zeros(2, np.int64)
    numbers = set()
    for seed in range(60):
        soft = floats(112, seed=seed)
        costs = sorted(
            (sum(abs(float(soft[bit])) for bit in range(5) if (df >> 4 - bit & 1) != (soft[bit] > 0)), df)
            for df in (0, 4, 5, 11, 16, 17, 18, 20, 21)
        )
        for count in (1, 2):
            expected = [df for price, df in costs[:count] if price <= 0.8]
            number = kernel.likely_formats(soft, 0.8, count, formats)
            numbers.add(number)
            assert formats[:number].tolist() == expected
    assert numbers == {0, 1, 2}
