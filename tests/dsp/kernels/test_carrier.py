"""The carrier: followed, turned back, far from the centre; coherence."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.filters import FAR_HZ, passband
from tests.dsp import scenes
from tests.dsp.kernels.parts import RATE, floats, scratch, window
from tests.dsp.plain import kernel


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
