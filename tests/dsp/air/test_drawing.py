"""Each effect of the air, measured on the samples by other means than it was made with."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.air import signals as air
from dsp.air.densities import Density, dme_pairs, mode_ac_replies
from dsp.air.densities import air as crowd
from dsp.air.drawing import Air
from dsp.air.effects import ALL
from dsp.air.signals import GRID_US, INDEPENDENT, SPI, STEADY, WALK, Signals
from dsp.air.tuner import Tuner
from dsp.samples import SampleFormat

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # without JIT, hashes say so

FAST_HZ = 20e6
WIDE = Tuner(noise_dbfs=None, low_edge=0.49, high_edge=0.49)
FRAME = bytes.fromhex("8D4840D6202CC371C32CE0576098")
SHORT = bytes.fromhex("02E197B00179C3")


def drawn(signals: Signals, seconds: float, rate_hz: float = FAST_HZ, tuner: Tuner = WIDE) -> NDArray[np.complex128]:
    """Complex samples."""
    iq = Air(rate_hz, SampleFormat.CF32, tuner).block(signals, 0, round(seconds * rate_hz)).astype(float)
    return iq[0::2] + 1j * iq[1::2]


def one(**columns: object) -> Signals:
    """One long frame, 20 µs after the begin, of full scale."""
    return air.mode_s([20e-6], [FRAME], **{"level_dbfs": 0.0, **columns})


def edges_us(samples: NDArray[np.complex128], level: float = 0.5) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When a magnitude crosses a level upwards and downwards, between the samples, µs."""
    size = np.abs(samples)
    up = np.flatnonzero((size[:-1] < level) & (size[1:] >= level))
    down = np.flatnonzero((size[:-1] >= level) & (size[1:] < level))
    return tuple(  # type: ignore[return-value]
        (k + (level - size[k]) / (size[k + 1] - size[k])) / (FAST_HZ * 1e-6) for k in (up, down)
    )


def frame_pulses_us(frame: bytes) -> list[tuple[float, float]]:
    """Begin and end of each pulse of a frame, adjoining ones united: from the standard's picture, not from the code."""
    chips = [1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
    for bit in np.unpackbits(np.frombuffer(frame, np.uint8)):
        chips += [1, 0] if bit else [0, 1]
    pulses, at = [], 0
    for chip, run in itertools.groupby(chips):
        length = len(list(run))
        # The preamble's pulses never adjoin; a frame's first bit never adjoins the preamble
        if chip:
            pulses.append((at * 0.5, (at + length) * 0.5))
        at += length
    return pulses


@pytest.mark.parametrize("frame", [FRAME, SHORT])
def test_a_frames_pulses_are_where_the_standard_has_them(frame: bytes) -> None:
    up, down = edges_us(drawn(air.mode_s([20e-6], [frame]), 160e-6))
    wanted = np.array(frame_pulses_us(frame))
    np.testing.assert_allclose(up - 20.0, wanted[:, 0], atol=0.012)
    np.testing.assert_allclose(down - 20.0, wanted[:, 1], atol=0.012)


@pytest.mark.parametrize("carrier_hz", [-1e6, -350e3, 0.0, 700e3, 1e6])
def test_the_carrier_is_the_peak_of_a_pulses_spectrum(carrier_hz: float) -> None:
    samples = drawn(one(carrier_hz=carrier_hz), 30e-6)
    pulse = samples[round(19.7e-6 * FAST_HZ) : round(20.8e-6 * FAST_HZ)]
    spectrum = np.abs(np.fft.fft(pulse, 1 << 16))
    peak = np.fft.fftfreq(1 << 16, 1 / FAST_HZ)[np.argmax(spectrum)]
    assert peak == pytest.approx(carrier_hz, abs=3e3)


def pulse_phases(signals: Signals) -> NDArray[np.float64]:
    """Phase of each pulse's middle against that of the same frame sent with a steady carrier."""
    steady = signals.copy()
    steady["phase_kind"] = STEADY
    seconds = float(signals["start_s"][-1]) + 150e-6
    turned = drawn(signals, seconds) * np.conj(drawn(steady, seconds))
    middles = [start * 1e6 + (a + b) / 2 for start in signals["start_s"].tolist() for a, b in frame_pulses_us(FRAME)]
    return np.angle(turned[np.rint(np.array(middles) * FAST_HZ * 1e-6).astype(int)])


def test_phases_walk_from_pulse_to_pulse() -> None:
    frames = air.mode_s(
        20e-6 + 150e-6 * np.arange(60), [FRAME] * 60, level_dbfs=0.0, phase_kind=WALK, phase_step_rad=0.6,
        carrier_hz=200e3,
    )  # fmt: skip
    phases = pulse_phases(frames).reshape(60, -1)
    steps = np.angle(np.exp(1j * np.diff(phases, axis=1)))
    assert np.std(steps) == pytest.approx(0.6, rel=0.05)
    assert abs(np.mean(steps[:, :-1] * steps[:, 1:])) < 0.02
    np.testing.assert_allclose(phases[:, 0], 0.0, atol=1e-3)


def test_phases_of_their_own_have_no_direction() -> None:
    frames = air.mode_s(20e-6 + 150e-6 * np.arange(60), [FRAME] * 60, level_dbfs=0.0, phase_kind=INDEPENDENT)
    phases = pulse_phases(frames).reshape(60, -1)
    assert abs(np.mean(np.exp(1j * phases))) < 4 / np.sqrt(phases.size)
    assert abs(np.mean(np.exp(1j * np.diff(phases, axis=1)))) < 4 / np.sqrt(phases.size)
    quarters = np.histogram(phases, 4, (-np.pi, np.pi))[0]
    assert quarters.min() > 0.2 * phases.size


def test_phases_of_their_own_may_keep_near_the_carriers() -> None:
    frames = air.mode_s(
        20e-6 + 150e-6 * np.arange(60), [FRAME] * 60, level_dbfs=0.0, phase_kind=INDEPENDENT, phase_step_rad=0.5
    )
    phases = pulse_phases(frames).reshape(60, -1)
    assert np.std(phases) == pytest.approx(0.5, rel=0.05)
    assert abs(np.mean(phases[:, :-1] * phases[:, 1:])) < 0.02


@pytest.mark.parametrize(("echo_s", "echo_db"), [(0.1e-6, -6.0), (0.43e-6, -10.0), (0.8e-6, -15.0)])
def test_an_echo_is_the_frame_once_more_later_and_weaker(echo_s: float, echo_db: float) -> None:
    carrier = 300e3
    direct = drawn(one(carrier_hz=carrier), 160e-6)
    both = drawn(one(carrier_hz=carrier, echo_s=echo_s, echo_db=echo_db, echo_phase_rad=1.0), 160e-6)
    echo = both - direct
    power = np.sum(np.abs(echo) ** 2) / np.sum(np.abs(direct) ** 2)
    assert 10 * np.log10(power) == pytest.approx(echo_db, abs=0.05)
    spectrum = np.fft.fft(echo, 1 << 16) * np.conj(np.fft.fft(direct, 1 << 16))
    correlation = np.fft.ifft(spectrum)[:40]
    assert np.argmax(np.abs(correlation)) == round(echo_s * FAST_HZ)
    peak = correlation[np.argmax(np.abs(correlation))]
    assert np.angle(peak * np.exp(-1j)) == pytest.approx(0.0, abs=0.1)


def test_the_carrier_is_off_at_a_pulses_begin() -> None:
    chirped = drawn(one(chirp_hz=500e3, chirp_s=80e-9), 30e-6)
    turn = np.angle(chirped * np.conj(drawn(one(), 30e-6)))
    at = round(20e-6 * FAST_HZ)
    for begin, end, low, high in ((0.05, 0.15, 100e3, 400e3), (0.35, 0.45, -10e3, 30e3)):
        a, b = at + round(begin * 20), at + round(end * 20)
        rate = (turn[b] - turn[a]) / (2 * np.pi * (b - a) / FAST_HZ)
        assert low < rate < high
    # all of it: f times the time that it takes to go, 1 − e^(−0.5 / 0.08) of it
    assert turn[at + 8] == pytest.approx(2 * np.pi * 500e3 * 80e-9, abs=0.02)


def test_the_carrier_drifts_within_a_frame() -> None:
    samples = drawn(one(carrier_hz=100e3, drift_hz=60e3), 160e-6)
    rates = []
    for a, b in [pulse for pulse in frame_pulses_us(FRAME) if pulse[1] - pulse[0] == 1.0]:
        inside = samples[round((20.2 + a) * 20) : round((19.8 + b) * 20)]
        turn = np.unwrap(np.angle(inside))
        rates.append(((a + b) / 2, (turn[-1] - turn[0]) / (2 * np.pi * (len(turn) - 1) / FAST_HZ)))
    slope, middle = np.polyfit(np.array(rates)[:, 0] - 60.0, np.array(rates)[:, 1], 1)
    assert slope * 120 == pytest.approx(60e3, rel=0.03)
    assert middle == pytest.approx(100e3, rel=0.03)


def test_pulses_droop() -> None:
    size = np.abs(drawn(one(droop_db=2.0), 160e-6))
    early, late = (
        size[round((20 + a + 0.25) * 20)] for a in (frame_pulses_us(FRAME)[0][0], frame_pulses_us(FRAME)[-1][0])
    )
    assert 20 * np.log10(early / late) == pytest.approx(2.0 * frame_pulses_us(FRAME)[-1][0] / 120, abs=0.03)


def test_edges_rise_and_fall_in_their_times() -> None:
    for rise, fall in ((150e-9, 100e-9), (100e-9, 150e-9)):
        samples = drawn(one(rise_s=rise, fall_s=fall), 30e-6)[: round(20.9e-6 * FAST_HZ)]
        (low_up,), (low_down,) = edges_us(samples, 0.1)
        (high_up,), (high_down,) = edges_us(samples, 0.9)
        assert high_up - low_up == pytest.approx(rise * 1e6, abs=0.015)
        assert low_down - high_down == pytest.approx(fall * 1e6, abs=0.015)


@pytest.mark.parametrize("width", [450e-9, 550e-9])
def test_pulses_are_as_wide_as_they_are_said_to_be(width: float) -> None:
    up, down = edges_us(drawn(one(width_s=width), 160e-6))
    single = np.array([b - a < 0.6 for a, b in frame_pulses_us(FRAME)])
    np.testing.assert_allclose((down - up)[single], width * 1e6, atol=0.015)
    np.testing.assert_allclose((down - up)[~single], width * 1e6 + 0.5, atol=0.015)


def test_each_edge_jitters_within_its_bounds_and_anew_with_each_seed() -> None:
    wanted = np.array(frame_pulses_us(FRAME)).T + 20.0
    moved = np.concatenate([edges_us(drawn(one(jitter_s=50e-9, seed=k), 160e-6)) - wanted for k in range(8)], axis=1)
    assert np.abs(moved).max() < 0.05 + 0.012
    assert np.std(moved) == pytest.approx(0.05 / np.sqrt(3), rel=0.08)
    assert abs(np.corrcoef(moved[0], moved[1])[0, 1]) < 0.1


def test_mode_ac_replies_have_their_pulses_on_the_grid() -> None:
    # C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4
    code = 0b1_0_1_1_0_0_0_1_0_0_1_0_1
    up, down = edges_us(drawn(air.mode_ac([10e-6], [code], spi=True), 50e-6))
    places = [0, 1, 3, 4, 8, 11, 13, 14, SPI]
    np.testing.assert_allclose(up - 10.0, np.array(places) * GRID_US, atol=0.012)
    np.testing.assert_allclose(down - up, 0.45, atol=0.015)
    assert up[-2] - up[0] == pytest.approx(20.3, abs=0.02)
    assert up[-1] - up[-2] == pytest.approx(4.35, abs=0.02)


def test_dme_comes_in_pairs_of_gaussian_pulses() -> None:
    up, down = edges_us(drawn(air.dme([10e-6], 12), 60e-6))
    np.testing.assert_allclose(down - up, 3.5, atol=0.02)
    assert up[1] - up[0] == pytest.approx(12.0, abs=0.02)


def test_the_tuner_is_not_even_and_colours_the_noise() -> None:
    tuner = Tuner(noise_dbfs=-20.0, low_edge=0.45, high_edge=0.38, tilt_db=4.0)
    noise = drawn(air.blank(0), 0.2, 2.4e6, tuner)
    power = np.mean(np.abs(np.fft.fft(noise.reshape(-1, 240), axis=1)) ** 2, axis=0) / 240
    frequency = np.fft.fftfreq(240)
    expected = 10 ** (-20 / 10) * tuner.amplitude(frequency) ** 2
    inner = np.abs(frequency) < 0.3
    np.testing.assert_allclose(10 * np.log10(power[inner] / expected[inner]), 0.0, atol=0.8)
    assert power[np.argmin(abs(frequency - 0.45))] < 0.3 * power[np.argmin(abs(frequency + 0.40))]
    # A transmission off the tuned frequency comes as strong as the passband lets it
    silent = Tuner(noise_dbfs=None, low_edge=0.45, high_edge=0.38, tilt_db=4.0)
    for carrier in (-0.3, -0.15, 0.15):
        pulse = air.dme([20e-6], level_dbfs=0.0, carrier_hz=carrier * 2.4e6)
        peak = np.abs(drawn(pulse, 60e-6, 2.4e6, silent)).max()
        assert peak == pytest.approx(tuner.amplitude(np.array([carrier]))[0], rel=0.03)


def test_noise_has_its_density_at_every_rate() -> None:
    for rate in (2.0e6, 2.4e6, 6e6):
        noise = drawn(air.blank(0), 0.1, rate, Tuner(noise_dbfs=-30.0))
        frequency = np.fft.fftfreq(200, 1 / rate)
        power = np.mean(np.abs(np.fft.fft(noise.reshape(-1, 200), axis=1)) ** 2, axis=0) / 200
        in_band = power[np.abs(frequency) < 0.7e6].mean() / rate * 2.4e6
        assert 10 * np.log10(in_band) == pytest.approx(-30.0, abs=0.1)


def test_gain_too_low_leaves_two_steps_and_too_high_clips() -> None:
    low = Air(2.4e6, SampleFormat.CU8, Tuner(noise_dbfs=-47.0)).block(air.blank(0), 0, 100_000).astype(float)
    assert np.std(low) < 0.6
    assert np.mean(np.isin(low, (127, 128))) > 0.97
    loud = Air(2.4e6, SampleFormat.CU8, Tuner(noise_dbfs=-20.0)).block(one(level_dbfs=6.0), 0, 400)
    assert np.sum((loud == 0) | (loud == 255)) > 50
    shifted = Air(2.4e6, SampleFormat.CU8, Tuner(dc_i=0.1, dc_q=-0.2)).block(air.blank(0), 0, 100_000).astype(float)
    assert shifted[0::2].mean() == pytest.approx(127.5 + 12.75, abs=0.1)
    assert shifted[1::2].mean() == pytest.approx(127.5 - 25.5, abs=0.1)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 11_999), max_size=5), st.sampled_from(list(SampleFormat)), st.integers(0, 2**62))
def test_any_cut_into_blocks_gives_the_same_samples(cuts: list[int], sample_format: SampleFormat, seed: int) -> None:
    signals, _ = crowd(Density(2000.0, 8000.0, 10), 5e-3, seed % 1000, ALL)
    whole_air = Air(2.4e6, sample_format, Tuner(), seed=seed)
    whole = whole_air.block(signals, 0, 12_000)
    bounds = [0, *sorted(set(cuts)), 12_000]
    parts = []
    for first, end in itertools.pairwise(bounds):
        begin_s, end_s = first / 2.4e6 - whole_air.before_s, end / 2.4e6 + whole_air.after_s
        near = signals[(signals["start_s"] >= begin_s) & (signals["start_s"] < end_s)]
        parts.append(whole_air.block(near, first, end - first))
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_replies_and_pairs_come_at_their_rates_in_their_stretch() -> None:
    replies = mode_ac_replies(ALL, 5000.0, 3.0, 5.0, 30, seed=4)
    assert len(replies) == pytest.approx(10_000, abs=400)
    assert replies["start_s"].min() >= 3.0
    assert replies["start_s"].max() < 5.0
    assert np.abs(replies["carrier_hz"]).max() > 2e6
    assert np.abs(replies["carrier_hz"]).max() < 3.02e6
    assert len(np.unique(replies["data"][:, :3], axis=0)) > 30
    assert len(dme_pairs(ALL, 0.0, 10.0, seed=4)) == pytest.approx(1000, abs=150)
