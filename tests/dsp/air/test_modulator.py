"""The modulator: against an obvious slow twin, against the demodulator, and by the laws of its streams."""

from __future__ import annotations

import cmath
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.air.modulator import FINE, REACH, Emissions, Modulator, Receiver, step_response
from dsp.air.noise import white_noise
from dsp.crc import bit_syndromes
from dsp.demodulator import Demodulator
from dsp.samples import SampleBlock, SampleFormat

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # without JIT, hashes say so

SILENT = Receiver(noise_dbfs=None)


def long_frames(count: int, seed: int = 1) -> list[bytes]:
    """DF17 of random content with the right parity."""
    rng = np.random.default_rng(seed)
    syndromes = bit_syndromes(112)
    frames = []
    for _ in range(count):
        head = bytes([0x8D]) + rng.bytes(10)
        bits = np.unpackbits(np.frombuffer(head, np.uint8))
        parity = int(np.bitwise_xor.reduce(syndromes[:88][bits == 1]))
        frames.append(head + parity.to_bytes(3, "big"))
    return frames


def slow_modulator(emissions: Emissions, rate_hz: float, n: int) -> NDArray[np.complex128]:
    """Noiseless samples, one at a time: the specification. No jitter."""
    step, _ = step_response(SILENT.half_band)
    grid = np.arange(len(step)) / FINE - REACH
    out = np.zeros(n, complex)
    for row in range(len(emissions)):
        bits = np.unpackbits(emissions.data[row])[: emissions.n_bits[row]]
        pulses_us = [0.0, 1.0, 3.5, 4.5, *(8.0 + k + (0.0 if bit else 0.5) for k, bit in enumerate(bits))]
        for k in range(n):
            after_s = k / rate_hz - emissions.start_s[row]
            if not -10e-6 < after_s < 130e-6:
                continue
            envelope = sum(
                np.interp((after_s - p * 1e-6) * rate_hz, grid, step)
                - np.interp((after_s - (p + 0.5) * 1e-6) * rate_hz, grid, step)
                for p in pulses_us
            )
            wander = emissions.wander_hz[row] * (after_s / 240e-6 - 0.5)
            angle = emissions.phase_rad[row] + 2 * math.pi * (emissions.carrier_offset_hz[row] + wander) * after_s
            out[k] += 10 ** (emissions.level_dbfs[row] / 20) * envelope * cmath.exp(1j * angle)
    return out


@pytest.mark.parametrize("rate_hz", [2.0e6, 2.4e6, 6.0e6])
def test_the_kernel_agrees_with_its_slow_twin_where_two_frames_overlap(rate_hz: float) -> None:
    emissions = Emissions.of(
        [11.3e-6, 71.77e-6],
        [long_frames(1)[0], bytes.fromhex("02E197B00179C3")],
        level_dbfs=np.array([-3.0, -9.0]),
        carrier_offset_hz=np.array([70e3, -210e3]),
        phase_rad=np.array([1.0, 4.0]),
        wander_hz=np.array([0.0, 50e3]),
    )
    n = round(150e-6 * rate_hz)
    fast = Modulator(rate_hz, SampleFormat.CF32, SILENT).block(emissions, 0, n).astype(float)
    np.testing.assert_allclose(fast[0::2] + 1j * fast[1::2], slow_modulator(emissions, rate_hz, n), atol=2e-6)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5_999), max_size=5), st.sampled_from(list(SampleFormat)), st.integers(0, 2**62))
def test_any_cut_into_blocks_gives_the_same_samples(cuts: list[int], sample_format: SampleFormat, seed: int) -> None:
    emissions = Emissions.of(
        np.linspace(-1e-4, 2.5e-3, 20), long_frames(20), jitter_s=20e-9, wander_hz=1e4, level_dbfs=-6.0
    )
    modulator = Modulator(2.4e6, sample_format, Receiver(-30.0, dc_i=0.01, iq_gain_db=1, iq_phase_deg=2), seed=seed)
    edges = [0, *sorted(set(cuts)), 6_000]
    pieces = [modulator.block(emissions, a, b - a) for a, b in itertools.pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(pieces), modulator.block(emissions, 0, 6_000))


def test_a_block_needs_only_the_emissions_that_it_says_it_hears() -> None:
    emissions = Emissions.of(np.linspace(0, 0.01, 60), long_frames(60))
    modulator = Modulator(2.4e6, SampleFormat.CF32, SILENT)
    first, n = 9_000, 3_000
    heard = (emissions.start_s >= first / 2.4e6 - modulator.before_s) & (
        emissions.start_s <= (first + n) / 2.4e6 + modulator.after_s
    )
    assert 0 < np.count_nonzero(heard) < 60
    np.testing.assert_array_equal(
        modulator.block(emissions[heard], first, n), modulator.block(emissions, first, n), strict=True
    )


def test_another_seed_gives_other_noise_and_the_same_frames() -> None:
    emissions = Emissions.of([1e-4], long_frames(1), level_dbfs=-6.0)
    one, two = (Modulator(2.4e6, SampleFormat.CU8, seed=seed).block(emissions, 0, 4096) for seed in (1, 2))
    assert not np.array_equal(one, two)
    assert np.abs(one.astype(int) - two).max() < 20


@pytest.mark.parametrize("sample_format", list(SampleFormat))
def test_the_demodulator_hears_what_was_modulated_at_its_time_level_and_offset(sample_format: SampleFormat) -> None:
    n, rate_hz = 60, 2.4e6
    rng = np.random.default_rng(4)
    frames = long_frames(n)
    start_s = np.arange(n) * 4e-4 + rng.uniform(0, 2e-4, n)
    emissions = Emissions.of(
        start_s,
        frames,
        level_dbfs=-14.0,
        carrier_offset_hz=np.full(n, 80e3),
        phase_rad=rng.uniform(0, 6.2, n),
        jitter_s=10e-9,
    )
    iq = Modulator(rate_hz, sample_format, Receiver(noise_dbfs=-36.0)).block(emissions, 0, 65_536)
    demodulator = Demodulator(rate_hz, sample_format)
    batches = [demodulator.feed(SampleBlock(iq, 0)), demodulator.flush()]
    found = {bytes(row): k for batch in batches for k, row in enumerate(batch.data)}
    assert set(found) == set(frames)
    batch = max(batches, key=len)
    sent = dict(zip(frames, start_s, strict=True))
    late = [batch.sample[k] / rate_hz - sent[bytes(row)] for k, row in enumerate(batch.data)]
    assert abs(np.median(late)) < 50e-9
    assert np.median(batch.signal_dbfs) == pytest.approx(-14.0, abs=2.5)
    assert np.median(batch.noise_dbfs) == pytest.approx(-36.0, abs=2.5)
    assert np.median(batch.carrier_offset_hz) == pytest.approx(80e3, abs=5e3)


def test_noise_is_gaussian_white_and_never_the_same() -> None:
    noise = np.empty(2_000_000, np.float32)
    white_noise(noise, -300_000, 7, 1.0)
    z = noise[0::2] + 1j * noise[1::2]
    n = len(noise)
    assert abs(noise.mean()) < 4 / math.sqrt(n)
    assert noise.var() == pytest.approx(1.0, abs=4 * math.sqrt(2 / n))
    assert np.mean(noise**4) == pytest.approx(3.0, abs=4 * math.sqrt(96 / n))
    for limit, share in ((2.0, 4.550e-2), (3.0, 2.700e-3), (4.0, 6.334e-5)):
        expected = share * n
        assert abs(np.count_nonzero(np.abs(noise) > limit) - expected) < 4 * math.sqrt(expected)
    # White: no line in the spectrum of a million samples stands out more than the largest of a million should
    assert np.abs(np.fft.fft(z)).max() < math.sqrt(2 * len(z)) * math.sqrt(math.log(len(z)) + 8)
    assert abs(np.mean(z[: 65536 * 4] * np.conj(z[65536 : 65536 * 5]))) < 2 * 4 / math.sqrt(65536 * 4)
    assert len(np.unique(z)) > 0.999 * len(z)


def test_noise_has_the_power_and_the_colour_that_the_receiver_gives_it() -> None:
    modulator = Modulator(2.4e6, SampleFormat.CF32, Receiver(noise_dbfs=-20.0))
    iq = modulator.block(Emissions.of([], []), 0, 400_000)
    z = iq[0::2] + 1j * iq[1::2]
    assert 10 * np.log10(np.mean(np.abs(z) ** 2)) == pytest.approx(-20.0, abs=0.05)
    power = np.mean(np.abs(np.fft.fft(z.reshape(-1, 400))) ** 2, axis=0)
    assert 10 * np.log10(power[:120].mean() / power[195:206].mean()) > 3  # it falls towards half the rate


def test_faults_of_the_receiver_show_as_they_are_given() -> None:
    emissions = Emissions.of(np.arange(20) * 2e-4, long_frames(20), carrier_offset_hz=300e3, level_dbfs=-10.0)
    faults = Receiver(noise_dbfs=None, dc_i=0.05, dc_q=-0.02, iq_gain_db=2.0, iq_phase_deg=5.0)
    clean, faulty = (
        Modulator(2.4e6, SampleFormat.CF32, receiver).block(emissions, 0, 9_600) for receiver in (SILENT, faults)
    )
    np.testing.assert_allclose(faulty[0::2], clean[0::2] + 0.05, atol=1e-6)
    leaked = math.cos(math.radians(5)) * clean[1::2] + math.sin(math.radians(5)) * clean[0::2]
    np.testing.assert_allclose(faulty[1::2], 10 ** (2.0 / 20) * leaked - 0.02, atol=1e-6)


def test_what_is_too_strong_is_held_at_the_ends_of_the_format() -> None:
    loud = Emissions.of([1e-5], long_frames(1), level_dbfs=20.0, carrier_offset_hz=1e5)
    for sample_format, ends in (
        (SampleFormat.CU8, (0, 255)),
        (SampleFormat.CS8, (-128, 127)),
        (SampleFormat.CS16, (-32768, 32767)),
    ):
        iq = Modulator(2.4e6, sample_format, SILENT).block(loud, 0, 400)
        assert iq.dtype == sample_format.dtype
        assert (iq.min(), iq.max()) == ends


def test_jitter_moves_pulses_by_as_much_as_is_said() -> None:
    frame = [bytes(14)]  # every pulse in the second half of its bit
    rate_hz, sigma_s = 20e6, 40e-9

    def edges(jitter_s: float) -> NDArray[np.float64]:
        iq = Modulator(rate_hz, SampleFormat.CF32, SILENT).block(
            Emissions.of([1e-5], frame, jitter_s=jitter_s, level_dbfs=0.0), 0, 3_000
        )
        rising = iq[0::2].astype(float) - 0.5
        at = np.flatnonzero((rising[:-1] < 0) & (rising[1:] >= 0))
        return at - rising[at] / (rising[at + 1] - rising[at])

    moved = (edges(sigma_s) - edges(0.0)) / rate_hz
    assert len(moved) == 116
    assert moved.std() == pytest.approx(sigma_s, rel=0.25)


@pytest.mark.parametrize("rate_hz", [1e6, 25e6])
def test_a_rate_outside_the_limits_is_refused(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="sample_rate_hz: got"):
        Modulator(rate_hz, SampleFormat.CU8)
