"""Each stage of the kernels, as plain Python, against a slow twin that is written another way."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.crc import bit_syndromes
from dsp.decimate import Decimator
from dsp.effort import SETTINGS, Effort
from dsp.filters import FAR_HZ, passband, solve_filters
from dsp.front_end import candidates, preamble_metric, pulse_energy
from dsp.kernels.memory import Samples, Scratch
from dsp.samples import SampleFormat
from dsp.trust import BelievedAddresses
from tests.dsp import scenes
from tests.dsp.plain import kernel

RATE = 2.4


def floats(*shape: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0.0, 1.0, shape).astype(np.float32)


def window(samples: int = 1000, seed: int = 3, rate: float = RATE) -> Samples:
    """A window of noise."""
    return scenes.window(floats(2 * samples, seed=seed), rate)


def scratch(samples: Samples) -> Scratch:
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
    got = kernel.carrier(work.sr, work.si, 112, kernel.CARRIER_SPAN, work.ur, work.ui, work.ar, work.ai)
    assert got == pytest.approx(turn, abs=0.02)
    error = np.angle((work.ur + 1j * work.ui) * np.exp(-1j * phase))
    assert np.abs(error).max() < 0.35
    assert np.hypot(work.ur, work.ui) == pytest.approx(np.ones(112), abs=1e-3)


@pytest.mark.parametrize("carrier_hz", [-1.1e6, -7e5, 0.0, 3e5, 1e6])
def test_the_coarse_turn_is_the_carriers_even_where_bits_cannot_tell_it(carrier_hz: float) -> None:
    k = np.arange(600)
    z = (k // 3 % 2) * np.exp(2j * np.pi * carrier_hz / 2.4e6 * k)
    z += 0.05 * (floats(600) + 1j * floats(600, seed=2))
    iq = np.stack([z.real, z.imag], axis=1).ravel().astype(np.float32)
    turn = kernel.coarse_turn(scenes.window(iq, RATE), 20, 500)
    assert turn == pytest.approx(2 * np.pi * carrier_hz * 1e-6, abs=0.1)
    assert kernel.unwrapped(turn % (2 * np.pi) - 2 * np.pi, turn) == pytest.approx(turn)


def test_turning_back_leaves_what_turns_from_bit_to_bit() -> None:
    samples = window()
    work = scratch(samples)
    turn, taps = 5.1, work.xr.shape[0]
    at = samples.place[np.newaxis] + np.arange(taps)[:, np.newaxis]
    carrier = np.exp(1j * turn / RATE * at)
    work.xr[:], work.xi[:] = carrier.real, carrier.imag
    kernel.turn_back(samples, turn, 10, 90, work)
    got = (work.xr + 1j * work.xi)[:, 10:90]
    # One phase for all samples of a bit, and a whole turn's worth per µs from one bit to the next
    np.testing.assert_allclose(got, np.broadcast_to(got[0], got.shape), atol=1e-4)
    step = got[0, 1:] * got[0, :-1].conj()
    np.testing.assert_allclose(step, np.full(79, np.exp(1j * turn)), atol=1e-4)
    np.testing.assert_allclose((work.xr + 1j * work.xi)[:, 90:], carrier[:, 90:], atol=1e-6)


@pytest.mark.parametrize("bank", [1, 2, 3, -2])
def test_the_filters_of_a_far_carrier_take_its_pulse_for_a_pulse(bank: int) -> None:
    """A pulse through the assumed passband, drawn at a fine grid, comes out as one, and that of another bit as none."""
    response, fine = passband(RATE * 1e6)
    samples = window()
    work = scratch(samples)
    turn = 2 * np.pi * FAR_HZ[abs(bank) - 1] * 1e-6 * (1 if bank > 0 else -1)
    width = round(0.5 * RATE * fine)
    first = 60 * fine + (samples.before + 1) * fine
    bits = np.array([1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0])
    envelope = np.zeros(200 * fine)
    for bit, one in enumerate(bits.tolist()):
        begin = round(first + (bit + (0 if one else 0.5)) * RATE * fine)
        envelope[begin : begin + width] = 1.0
    signal = np.convolve(envelope * np.exp(1j * turn / RATE / fine * np.arange(len(envelope))), response)
    signal = signal[len(response) // 2 :: fine]
    samples.re[: len(signal)], samples.im[: len(signal)] = signal.real, signal.imag
    kernel.gather(samples, 60, 0, 12, work.xr, work.xi)
    kernel.turn_back(samples, turn, 0, 12, work)
    kernel.filtered(samples, kernel.SUM, 0, bank, 12, work, work.sr, work.si)
    kernel.filtered(samples, kernel.DIFFERENCE, 0, bank, 12, work, work.dr, work.di)
    phase = (work.sr + 1j * work.si)[2:10]
    assert np.abs(phase).mean() == pytest.approx(1.0, abs=0.15)
    soft = ((work.dr + 1j * work.di)[2:10] * (phase / np.abs(phase)).conj()).real
    np.testing.assert_allclose(soft, 2.0 * bits[2:10] - 1, atol=0.5)
    assert kernel.bank_of(turn) == bank


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


def _solved(soft: NDArray[np.float32]) -> tuple[Scratch, int]:
    work = scratch(window())
    work.soft[:] = soft
    total = kernel.weakest(work.soft, 5, 112, work.order)
    return work, kernel.solve_basis(112, work.soft, total, work)


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


def test_a_carrier_is_turned_back_within_each_bit() -> None:
    samples = window()
    work = scratch(samples)
    taps = work.xr.shape[0]
    x = floats(taps, 112) + 1j * floats(taps, 112, seed=2)
    work.xr[:], work.xi[:] = x.real, x.imag
    turn = 0.9  # rad per µs
    kernel.steady(samples, turn, 10, 90, work.xr, work.xi)
    # Column 0 is before + 1 samples before the bit, and the middle of a bit stays as it is
    after_us = (np.arange(taps) - samples.before - 1) / RATE - 0.5
    expected = x.copy()
    expected[:, 10:90] *= np.exp(-1j * turn * (after_us + 0.5 / RATE))[:, np.newaxis]
    np.testing.assert_allclose(work.xr + 1j * work.xi, expected, atol=1e-5)


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


def _received(message: bytes, spread: float, rng: np.random.Generator, work: Scratch) -> None:
    """Odds and bits of a frame in noise, its format known."""
    sent = np.unpackbits(np.frombuffer(message, np.uint8))
    n = len(sent)
    odds = 2 * (2.0 * sent - 1 + spread * rng.normal(0, 1, n)) / spread**2
    odds[:5] = np.where(sent[:5], 1, -1) * np.abs(odds[:5])
    work.odds[:n] = np.clip(odds, -kernel.MOST_SURE, kernel.MOST_SURE)
    work.hard[:n] = work.odds[:n] > 0


def _bytes(work: Scratch, n: int) -> bytes:
    return np.packbits(work.hard[:n]).tobytes()


def test_an_interrogators_code_is_believed_by_its_bits_and_its_past() -> None:
    work = scratch(window())
    table = BelievedAddresses()
    rng = np.random.default_rng(8)
    seen = set()
    for _ in range(200):
        table.codes[:] = rng.choice([0.02, 1.0, 20.0], 80)
        rest = int(rng.integers(0, 128))
        work.odds[49:56] = rng.uniform(0.0, 9.0, 7)
        likely = np.zeros(128)
        for code in range(80):
            turned = [bit for bit in range(7) if (rest ^ code) >> bit & 1]
            likely[code] = table.codes[code] * math.exp(-sum(float(work.odds[55 - bit]) for bit in turned))
        top = int(likely.argmax())
        expected = top if likely[top] > (1 - kernel.CODE_DOUBT) * likely.sum() else -1
        seen.add(expected >= 0)
        assert kernel.interrogator(rest, table.rows(), work) == expected
    assert seen == {True, False}


def _believing(count: int, seed: int = 11) -> BelievedAddresses:
    table = BelievedAddresses()
    rng = np.random.default_rng(seed)
    for icao in [scenes.ICAO, *rng.integers(1, 1 << 24, count - 1).tolist()]:
        table.add(icao, 0.0)
        table.head[:, kernel.find(table.icao, icao)] = rng.integers(-1, 8)
        table.altitude[kernel.find(table.icao, icao)] = kernel.altitude_code(0x0010, int(rng.integers(40, 1600)))
        table.squawk[kernel.find(table.icao, icao)] = rng.integers(0, 1 << 13)
    return table


def test_an_all_call_is_that_of_the_believed_aircraft_that_fits_best() -> None:
    """The twin writes down what each aircraft would have sent."""
    work = scratch(window())
    table = _believing(40)
    rng = np.random.default_rng(12)
    heads = {icao: int(table.head[0, kernel.find(table.icao, icao)]) for icao in table.icao[table.icao > 0].tolist()}
    seen = set()
    for index in range(160):
        head = 5 if heads[scenes.ICAO] < 0 or index % 3 == 0 else heads[scenes.ICAO]
        code = 9 if index % 4 == 0 else 0
        message = scenes.frame(bytes([0x58 | head]) + scenes.ICAO.to_bytes(3, "big"), code)
        _received(message, (0.55, 0.8)[index % 2], rng, work)
        price = np.abs(work.odds[:56]).astype(float)
        received = work.hard[:56].copy()
        got_head = int(np.packbits(received[:8])[0]) & 7
        best = (math.inf, b"")
        for icao, known_head in heads.items():
            known = known_head if known_head >= 0 else got_head
            turned = price[5:8][[bool((got_head ^ known) >> bit & 1) for bit in (2, 1, 0)]].sum()
            extra = 0.0 if known_head >= 0 else 3 * math.log(2)  # three bits of which nothing is known
            if turned > 8.0:
                known, extra = got_head, 8.0
            sent = scenes.frame(bytes([0x58 | known]) + icao.to_bytes(3, "big"))
            wrong = np.unpackbits(np.frombuffer(sent, np.uint8)) != received
            best = min(best, (extra + price[5:49][wrong[5:49]].sum(), sent))
        spare = 44 * math.log(2) - math.log(len(heads)) - best[0] - np.log1p(np.exp(-price[5:49])).sum()
        plain = best[1][6]
        rest = plain ^ int(np.packbits(received)[6]) & 0x7F
        found = kernel.interrogator(rest & 0x7F, table.rows(), work)
        number = kernel.expect_all_call(kernel.remainder(work.hard, 56), table.rows(), work)
        if spare < 8.0:
            assert number == (kernel.CLOSE if spare > 0 else kernel.REJECTED)
        elif found < 0:
            assert number == kernel.IN_DOUBT
        else:
            expected = best[1][:6] + bytes([plain ^ found])
            assert _bytes(work, 56) == expected
            assert number == int((np.unpackbits(np.frombuffer(expected, np.uint8)) != received).sum())
            assert expected[1:4] == message[1:4]
        seen.add(min(number, 0))
    assert seen == {0, kernel.IN_DOUBT, kernel.CLOSE, kernel.REJECTED}


def _found(df: int, message: bytes, spread: float, table: BelievedAddresses, seed: int) -> tuple[int, int, int]:
    """Of 60 receptions in noise: found right, found wrong, and with wrong bits that were put right."""
    work = scratch(window())
    rng = np.random.default_rng(seed)
    limits = SETTINGS[Effort.THOROUGH]
    n = 8 * len(message)
    right = wrong = repaired = 0
    for _ in range(60):
        _received(message, spread, rng, work)
        before = _bytes(work, n)
        syndrome = kernel.remainder(work.hard, n)
        if df in (17, 18):
            number = kernel.expect_squitter(df, syndrome, limits, table.rows(), work)
        else:
            number = kernel.expect_reply(df, n, syndrome, 0.0, limits, table.rows(), work)
        if number >= 0:
            flips = np.unpackbits(np.frombuffer(before, np.uint8)) != work.hard[:n]
            assert number == flips.sum()
            right += _bytes(work, n) == message
            wrong += _bytes(work, n) != message
            repaired += number > 0
    return right, wrong, repaired


@pytest.mark.parametrize("df", [17, 18])
def test_a_squitter_of_a_believed_aircraft_is_found_in_noise_and_another_is_not(df: int) -> None:
    table = _believing(50)
    head = max(0, int(table.head[0, kernel.find(table.icao, scenes.ICAO)]))
    message = scenes.frame(bytes([df << 3 | head]) + scenes.ICAO.to_bytes(3, "big") + bytes.fromhex("99112233445566"))
    right, wrong, repaired = _found(df, message, 0.45, table, 13)
    assert right >= 30
    assert wrong == 0
    assert repaired >= 20
    other = scenes.frame(message[:1] + bytes.fromhex("123456") + message[4:11])
    assert _found(df, other, 0.45, table, 14)[:2] == (0, 0)


@pytest.mark.parametrize("df", [0, 4, 5, 16, 20, 21])
def test_a_reply_with_what_is_known_of_a_believed_aircraft_is_found_in_noise_and_another_is_not(df: int) -> None:
    table = _believing(50)
    slot = kernel.find(table.icao, scenes.ICAO)
    code = int(table.squawk[slot] if df in (5, 21) else table.altitude[slot])
    text = bytes.fromhex("30112233445566") if df >= 16 else b""
    message = scenes.frame((df << 27 | 1 << 24 | code).to_bytes(4, "big") + text, scenes.ICAO)
    right, wrong, repaired = _found(df, message, 0.42, table, 15)
    assert right >= 30
    assert wrong == 0
    assert repaired >= 15
    other = scenes.frame((df << 27 | 1 << 24 | code ^ 0x1500).to_bytes(4, "big") + text, scenes.ICAO)
    assert _found(df, other, 0.42, table, 16)[:2] == (0, 0)
    stranger = scenes.frame((df << 27 | 1 << 24 | code).to_bytes(4, "big") + text, 0x123456)
    assert _found(df, stranger, 0.42, table, 17)[:2] == (0, 0)


def test_an_address_that_is_entered_is_found_and_nothing_is_known_of_it() -> None:
    table = BelievedAddresses()
    belief = table.rows()
    icaos = np.random.default_rng(3).integers(1, 1 << 24, 300).tolist()
    for index, icao in enumerate(icaos):
        slot = kernel.enter(icao, 3.0, belief)
        assert kernel.find(table.icao, icao) == slot
        assert belief.many[0] == index + 1
        assert belief.active[index] == slot
        assert table.head[:, slot].tolist() == [-1, -1]
        assert (table.altitude[slot], table.squawk[slot], table.time_s[slot]) == (-1, -1, 3.0)
    assert len(table) == 300
    for icao in icaos:
        assert table.icao[kernel.find(table.icao, icao)] == icao


def test_an_altitude_some_steps_away_has_the_code_of_that_altitude() -> None:
    for number in range(20, 2000):
        code = kernel.altitude_code(0x0010, number)
        assert kernel.altitude_25ft(code) == 25 * number - 1000
        for steps in kernel.ALTITUDE_STEPS:
            assert kernel.altitude_25ft(kernel.altitude_code(code, steps)) == 25 * (number + steps) - 1000
    codes = {kernel.altitude_code(0x0010, number) for number in range(2048)}
    assert len(codes) == 2048
    assert all(code & 0x50 == 0x10 and code < 1 << 13 for code in codes)


def _scene(start_s: NDArray[np.floating], level_dbfs: float, rate: float = RATE, seed: int = 1) -> Samples:
    iq = scenes.stream(
        scenes.squitters(len(start_s), seed), start_s, rate * 1e6, SampleFormat.CF32, level_dbfs=level_dbfs,
        carrier_offset_hz=np.linspace(-8e4, 8e4, len(start_s)),
    )  # fmt: skip
    return scenes.window(iq.astype(np.float32), rate)


def test_a_search_between_two_places_finds_what_a_search_of_the_window_finds_there() -> None:
    samples = _scene(scenes.TIMES_S[:6], -15.0)
    work = scratch(samples)
    limits = SETTINGS[Effort.THOROUGH]._replace(power=0.0)  # the blocks of the power gate lie elsewhere
    n = samples.re.shape[0] - 200
    metric = np.zeros((2, n), np.float32)
    for half in range(2):
        preamble_metric(
            samples.energy, 0, n, half, samples.pulses, samples.quiet, limits.factor, limits.floor,
            samples.noise, metric[half],
        )  # fmt: skip
    places = np.zeros(4 * n, np.int64)
    count = candidates(metric[0], metric[1], n, np.ones(n, np.float32), 0, 0.0, places)
    whole = places[:count]
    begin = int(scenes.TIMES_S[2] * 2 * RATE * 1e6)
    some = whole[(whole >= begin - 100) & (whole < begin + 400)].tolist()
    for first, last in (
        (begin - 300, begin + 500),
        (begin - 7, begin + 9),
        (begin + 3, begin + 433),
        (some[1], some[-2]),
        (some[0] + 1, some[-1] + 1),
    ):
        number = kernel.search(samples, first, last, limits, work)
        expected = whole[(whole >= first) & (whole < last)].tolist()
        assert len(expected) > 0
        assert work.places[:number].tolist() == expected
    gated = kernel.search(samples, begin - 300, begin + 500, SETTINGS[Effort.THOROUGH], work)
    assert any(abs(place - begin) <= 2 for place in work.places[:gated].tolist())


@pytest.mark.parametrize("rate", [2.0, 2.4, 3.2])
def test_timing_finds_the_first_bit_to_a_tenth_of_a_sample_or_so(rate: float) -> None:
    start_s = scenes.TIMES_S[:12]
    samples = _scene(start_s, -10.0, rate)
    work = scratch(samples)
    errors = []
    for start in (start_s * rate * 1e6).tolist():
        for late in (-4, -1, 0, 2, 4):  # tenths: how wrong the preamble's place is
            begin = start + 8 * rate + late / 10
            whole = int(begin)
            tenths = int((begin - whole) * 10 + 0.5)
            kernel.gather(samples, whole - samples.before - 1, 0, kernel.EYE_BITS, work.xr, work.xi)
            kernel.soft_pulses(work.xr, work.xi, samples.s[tenths + kernel.EARLIEST], kernel.EYE_BITS, work.sr, work.si)
            turn = kernel.carrier(
                work.sr, work.si, kernel.EYE_BITS, kernel.CARRIER_SPAN, work.ur, work.ui, work.ar, work.ai
            )
            kernel.steady(samples, turn, 0, kernel.EYE_BITS, work.xr, work.xi)
            found = kernel.timing(samples, tenths, 0, True, work)
            errors.append(found - 10 * (start + 8 * rate - whole))
    assert abs(float(np.mean(errors))) < 0.7
    assert float(np.abs(errors).max()) < (3.5 if rate < kernel.SLOW else 2.5)


def _hear(samples: Samples, place: int, work: Scratch) -> tuple[bool, bytes]:
    out = kernel.output(64)
    counters = np.zeros(8, np.int64)
    limits = SETTINGS[Effort.THOROUGH]
    found = kernel.hear(samples, place, False, limits, BelievedAddresses().rows(), work, out, 0, counters)
    return found, out.data[0].tobytes()


def test_weak_places_in_step_with_one_that_failed_are_passed_over() -> None:
    samples = _scene(scenes.TIMES_S[:1], -27.5)
    place = round(2 * scenes.TIMES_S[0] * RATE * 1e6)
    begin = 0.5 * place + 8 * RATE
    preamble, _ = kernel.preamble_power(samples, place)
    assert preamble < kernel.LOUD * samples.noise
    for failed_us, power, expected in (
        (10.0, 2 * preamble, False),
        (10.0, preamble / 2, True),  # a weaker one was beneath
        (10.5, 2 * preamble, True),  # half a bit beside
        (3.0, 2 * preamble, True),
        (60.0, 2 * preamble, True),
    ):
        work = scratch(samples)
        work.failed[3] = begin - failed_us * RATE, power
        found, data = _hear(samples, place, work)
        assert found == expected
        if found:
            assert data == scenes.squitters(1)[0]
    work = scratch(samples)
    assert not _hear(samples, place + 20, work)[0]


def test_a_place_that_gives_no_frame_is_remembered_as_failed() -> None:
    garbled = scenes.frame(bytes.fromhex("8d4840d699112233445566"), 0x123456)
    iq = scenes.stream([garbled], scenes.TIMES_S[:1], RATE * 1e6, SampleFormat.CF32, level_dbfs=-12.0)
    samples = scenes.window(iq.astype(np.float32), RATE)
    work = scratch(samples)
    place = round(2 * scenes.TIMES_S[0] * RATE * 1e6)
    assert not _hear(samples, place, work)[0]
    assert work.failed[-1] == pytest.approx([0.5 * place + 8 * RATE, kernel.preamble_power(samples, place)[0]], abs=0.5)
    assert np.all(work.failed[:-1, 0] == -1e9)


def test_the_last_few_places_are_remembered() -> None:
    last = np.full((kernel.FAILED, 2), -1e9)
    for number in range(1, 20):
        kernel.remember(last, 100.0 * number, 0.5 * number)
        kept = np.arange(max(1, number - kernel.FAILED + 1), number + 1)
        np.testing.assert_array_equal(last[-len(kept) :], np.stack([100.0 * kept, 0.5 * kept], axis=1))
        assert np.all(last[: -len(kept)] == -1e9)


def test_an_all_call_that_was_in_doubt_is_heard_only_where_its_bits_fit_better() -> None:
    iq = scenes.stream([scenes.all_call()], scenes.TIMES_S[:1], RATE * 1e6, SampleFormat.CF32, level_dbfs=-12.0)
    samples = scenes.window(iq.astype(np.float32), RATE)
    place = round(2 * scenes.TIMES_S[0] * RATE * 1e6)
    first_bit = 0.5 * place + 8 * RATE
    for beside_us, better_than, expected in ((0.0, 2.0, False), (0.5, 2.0, False), (0.0, 0.5, True), (2.0, 2.0, True)):
        work = scratch(samples)
        work.doubted[2] = first_bit + beside_us * RATE, better_than
        found, data = _hear(samples, place, work)
        assert found == expected
        assert not found or data[:7] == scenes.all_call()


def test_a_frame_without_its_preamble_is_heard_from_its_first_bit_and_only_once() -> None:
    rate_hz = RATE * 1e6
    start_s = scenes.TIMES_S[:4]
    iq = scenes.stream(scenes.squitters(4), start_s, rate_hz, SampleFormat.CF32, level_dbfs=-12.0)
    samples = scenes.window(scenes.without_preambles(iq, start_s, rate_hz).astype(np.float32), RATE)
    pulses = np.array([round(2 * (start + 8e-6) * rate_hz) for start in start_s.tolist()], np.int64)
    for effort, bare, expected in ((Effort.LEAN, pulses, 0), (Effort.THOROUGH, np.repeat(pulses, 2), 4)):
        work, out, counters = scratch(samples), kernel.output(64), np.zeros(8, np.int64)
        belief = BelievedAddresses().rows()
        nowhere = np.zeros(0, np.int64)
        last = 2 * len(samples.re)
        rows, _ = kernel.demodulate(samples, nowhere, bare, SETTINGS[effort], belief, work, out, 0, last, 0, counters)
        assert rows == expected
    assert [data.tobytes() for data in out.data[:4]] == scenes.squitters(4)
    assert out.start[:4] / rate_hz == pytest.approx(start_s, abs=0.15e-6)


def test_altitude_codes_with_the_q_bit_only() -> None:
    assert kernel.altitude_25ft(0x0010) == -1000
    assert kernel.altitude_25ft(0x0030) == -1000 + 16 * 25
    assert kernel.altitude_25ft(0x0000) == kernel.NOTHING
    assert kernel.altitude_25ft(0x0050) == kernel.NOTHING  # metres
    assert kernel.altitude_25ft(0x0100) == kernel.NOTHING  # Gillham


def test_energies_are_refreshed_as_the_front_end_makes_them() -> None:
    samples = window(seed=9)
    samples.re[400:500] += np.float32(3.0)
    expected = np.zeros_like(samples.energy)
    for half in range(2):
        pulse_energy(samples.re, samples.im, samples.pulse[half], expected[half])
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
