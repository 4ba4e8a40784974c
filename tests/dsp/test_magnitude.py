"""Frames whose phase is not steady from pulse to pulse, and the stages that read them by magnitude."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.air.drawing import Air
from dsp.air.signals import INDEPENDENT, WALK, mode_s
from dsp.air.tuner import Tuner
from dsp.batch import FrameBatch
from dsp.effort import LEVELS, Effort
from dsp.filters import solve_filters
from dsp.samples import SampleFormat
from dsp.trust import BelievedAddresses
from tests.dsp import scenes
from tests.dsp.plain import kernel
from tests.shared_data import shared

ICAO = scenes.ICAO
TIMES_S = scenes.TIMES_S


def unsteady(frames: list[bytes], rate_hz: float = 2.4e6, **columns: object) -> NDArray[np.generic]:
    """Samples of frames whose pulses have phases of their own, 18 dB above the noise unless said otherwise."""
    columns = {"level_dbfs": -18.0, "phase_kind": INDEPENDENT, "seed": np.arange(len(frames))} | columns
    signals = mode_s(TIMES_S[: len(frames)], frames, **columns)
    air = Air(rate_hz, SampleFormat.CU8, Tuner(noise_dbfs=-36.0), seed=5)
    return air.block(signals, 0, round((TIMES_S[len(frames) - 1] + 1e-3) * rate_hz))


def found(batch: FrameBatch, frames: list[bytes]) -> int:
    return len(set(frames) & set(scenes.texts(batch)))


@pytest.mark.parametrize("effort", LEVELS)
def test_phases_of_their_own_do_not_keep_a_frame_from_being_read(effort: Effort) -> None:
    frames = scenes.squitters(20)
    batch = scenes.heard(unsteady(frames), effort=effort)
    assert found(batch, frames) >= 18
    assert set(scenes.texts(batch)) <= set(frames)


@pytest.mark.parametrize("step_rad", [0.4, 0.8, 1.6])
def test_a_phase_that_walks_does_not_either(step_rad: float) -> None:
    frames = scenes.squitters(20)
    iq = unsteady(frames, phase_kind=WALK, phase_step_rad=step_rad)
    assert found(scenes.heard(iq), frames) >= 18


@pytest.mark.parametrize("carrier_hz", [-900e3, 500e3])
def test_nor_does_a_carrier_that_is_far_off(carrier_hz: float) -> None:
    frames = scenes.squitters(20)
    batch = scenes.heard(unsteady(frames, carrier_hz=carrier_hz))
    assert found(batch, frames) >= 16
    off = batch.carrier_offset_hz - carrier_hz
    assert np.abs(np.median(off)) < 250e3  # the passband's edge cuts one side of the spectrum


def test_level_and_time_of_such_a_frame_are_right() -> None:
    frames = scenes.squitters(20)
    batch = scenes.heard(unsteady(frames))
    assert np.abs(batch.signal_dbfs + 18.0).max() < 2.0
    sent = TIMES_S[[frames.index(text) for text in scenes.texts(batch)]] * 2.4e6
    assert np.abs(batch.sample - sent).max() < 0.35


def test_all_calls_and_replies_are_read_as_well() -> None:
    all_calls = [scenes.all_call() for _ in range(5)]
    replies = [scenes.frame(bytes([0x20, 0, 0x10 + k, 0x30]), ICAO) for k in range(5)]
    batch = scenes.heard(unsteady(all_calls + replies))
    texts = scenes.texts(batch)
    assert texts.count(all_calls[0]) >= 4
    assert found(batch, replies) >= 4


def test_a_weak_frame_of_a_believed_aircraft_is_repaired() -> None:
    believed = BelievedAddresses()
    believed.add(ICAO, 0.0)
    frames = scenes.squitters(40)
    batch = scenes.heard(unsteady(frames, level_dbfs=-27.5), believed=believed)
    assert found(batch, frames) >= 20
    assert np.count_nonzero(batch.corrected_bits) >= 5
    assert set(scenes.texts(batch)) <= set(frames)


def test_what_is_beneath_such_a_frame_is_heard() -> None:
    frames = scenes.squitters(20)
    start_s = TIMES_S[:20].copy()
    start_s[1::2] = start_s[0::2] + 81e-6
    level = np.where(np.arange(20) % 2, -20.0, -12.0)
    air = Air(2.4e6, SampleFormat.CU8, Tuner(noise_dbfs=-36.0), seed=5)
    signals = mode_s(start_s, frames, level_dbfs=level, phase_kind=INDEPENDENT, seed=np.arange(20))
    batch = scenes.heard(air.block(signals, 0, round((start_s[-1] + 1e-3) * 2.4e6)))
    assert found(batch, frames[0::2]) >= 9
    assert found(batch, frames[1::2]) >= 2


@pytest.mark.parametrize("rate", [2.0, 2.4, 4.0])
def test_a_half_bit_filter_gives_its_pulse_and_little_of_the_other(rate: float) -> None:
    bank = solve_filters(rate * 1e6)
    values, edge, fine = bank.shape, bank.shape_edge, bank.fine
    k = np.arange(bank.early.shape[1]) - bank.before - 1
    for tenths in range(10):
        for half, own, other in ((0.0, bank.early, bank.late), (0.5, bank.late, bank.early)):
            at = (k - tenths / 10 - half * rate) * fine + edge
            pulse = np.interp(at, np.arange(len(values)), values, left=0.0, right=0.0)
            assert own[10 + tenths, :, 0] @ pulse == pytest.approx(1.0, abs=0.02)
            assert abs(other[10 + tenths, :, 0] @ pulse) < 0.25


@settings(deadline=None, max_examples=60)
@given(st.floats(0.0, 400.0))
def test_the_bessel_function(x: float) -> None:
    angle = (np.arange(20_000) + 0.5) / 20_000 * math.pi
    assert kernel.bessel(x) == pytest.approx(np.mean(np.exp(x * (np.cos(angle) - 1))), rel=1e-5)


@settings(deadline=None, max_examples=80)
@given(st.floats(0.0, 400.0), st.floats(0.5, 60.0), st.floats(0.1, 10.0))
def test_odds_of_half_a_bit_are_those_of_rayleigh_and_rice_or_a_hit(energy: float, ratio: float, noise: float) -> None:
    power = ratio * noise
    loud = kernel.HIT * math.exp(-energy / (kernel.LOUDER * power)) / (kernel.LOUDER * power)
    none = (1 - kernel.HIT) * math.exp(-energy / noise) / noise + loud
    size = 2 * math.sqrt(energy * power) / noise
    rice = kernel.bessel(size) * math.exp(size - (energy + power) / noise) / noise
    with_pulse, without = kernel.pulse_likelihoods(energy, power, noise)
    odds = math.log(with_pulse / without)
    if none > 1e-300:
        assert odds == pytest.approx(math.log(((1 - kernel.HIT) * rice + loud) / none), abs=1e-6)
    assert math.isfinite(odds)


def halves(snr_db: float, n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Energies of the halves of n random bits, noise 1; and the bits."""
    rng = np.random.default_rng(seed)
    noise = (rng.normal(size=(2, n)) + 1j * rng.normal(size=(2, n))) / math.sqrt(2)
    bits = rng.random(n) < 0.5
    pulse = 10 ** (snr_db / 20) * np.exp(2j * math.pi * rng.random(n))
    early, late = np.abs(noise + pulse * np.array([bits, ~bits])) ** 2
    return early.astype(np.float32), late.astype(np.float32), bits


@pytest.mark.parametrize("snr_db", [6.0, 9.0, 15.0])
def test_levels_come_from_the_moments(snr_db: float) -> None:
    early, late, _ = halves(snr_db, 20_000, 1)
    power, noise = kernel.levels(early, late, len(early), 1e9)
    assert 10 * math.log10(power) == pytest.approx(snr_db, abs=0.3)
    assert noise == pytest.approx(1.0, rel=0.1)


def test_of_bits_with_odds_of_three_nats_no_more_than_a_twentieth_is_wrong() -> None:
    samples = scenes.window(np.zeros(2000, np.float32), 2.4)
    work = kernel.scratch(2.4, samples.s.shape[1])
    odds, wrong = [], []
    for seed in range(60):
        work.early[:], work.late[:], bits = halves(7.5, 112, seed)
        kernel.magnitude_odds(112, work)
        odds.append(np.abs(work.odds))
        wrong.append((work.odds > 0) != bits)
    size, error = np.concatenate(odds), np.concatenate(wrong)
    for nats in (1.0, 2.0, 3.0):
        near = (size > nats - 0.5) & (size < nats + 0.5)
        expected = np.mean(1 / (1 + np.exp(size[near])))
        assert 0.4 * expected < error[near].mean() < 1.25 * expected  # fewer, for nothing was hit here


def test_a_bit_that_another_signal_hits_says_little() -> None:
    samples = scenes.window(np.zeros(2000, np.float32), 2.4)
    work = kernel.scratch(2.4, samples.s.shape[1])
    work.early[:], work.late[:], bits = halves(14.0, 112, 3)
    for bit in range(0, 40, 4):  # a pulse four times as strong in the half that was empty
        (work.late if bits[bit] else work.early)[bit] = 16 * 25.0
    kernel.magnitude_odds(112, work)
    hit = np.zeros(112, bool)
    hit[0:40:4] = True
    assert ((work.odds > 0) != bits)[~hit].sum() == 0
    assert np.abs(work.odds[~hit]).mean() > 6.0
    assert np.all(((work.odds[hit] > 0) == bits[hit]) | (np.abs(work.odds[hit]) < 2.0))


@pytest.mark.parametrize("effort", LEVELS)
def test_a_real_aircraft_without_a_steady_phase_is_heard(effort: Effort) -> None:
    iq = np.fromfile(shared("iq/phwl_tdata_2400k_uc8.bin"), np.uint8)
    batch = scenes.heard(iq, effort=effort)
    assert len(batch) >= 106  # of 110 bursts
    in_clear = [text[1:4] for text in scenes.texts(batch) if text[0] >> 3 in (11, 17)]
    assert set(in_clear) == {bytes.fromhex("780a9f")}
