"""Signals as samples, each drawn pulse by pulse on a finer grid and then sent through the tuner's passband.

```
  pulses with edges, carrier, phase, echo      passband      samples
  ────────────────────────────────────────  →  ────────  →  ────────
        `factor` points a sample                            coloured noise, DC, I/Q faults, rounding
```

A sample depends only on its index, the seed and the signals around it: any cut into blocks gives the same bytes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp.air.modulator import impair, quantise
from dsp.air.noise import coloured_noise_complex
from dsp.air.signals import DME, DME_PULSE_US, GRID_US, MODE_AC, STEADY, WALK, Signals
from dsp.air.tuner import REACH, REFERENCE_HZ, Tuner, channel_taps, fineness, noise_taps
from dsp.compiled import kernel
from dsp.samples import SampleFormat

MOST_PULSES = 120
DRAWN_US = 130.0  # no signal is longer, echo and edges included
_EDGE = 1.25  # of a straight edge from 0 to 1, 10 to 90 % take 0.8


class Air:
    """Turns signals into what a tuner makes of them.

    Parameters
    ----------
    sample_rate_hz
        2 to 20 million complex samples a second.
    sample_format
        Of the result's numbers.
    tuner
        Passband, noise and faults.
    seed
        Of the noise, 0 … 2⁶³−1.

    Raises
    ------
    ValueError
        A rate outside its limits.
    """

    def __init__(
        self, sample_rate_hz: float, sample_format: SampleFormat, tuner: Tuner | None = None, *, seed: int = 1
    ) -> None:
        if not 2e6 <= sample_rate_hz <= 20.1e6:
            raise ValueError(f"sample_rate_hz: got {sample_rate_hz:g}, expected 2000000 to 20000000")
        self.tuner = tuner = tuner if tuner is not None else Tuner()
        self.sample_rate_hz = sample_rate_hz
        self.sample_format = sample_format
        self.seed = seed
        self.factor = fineness(sample_rate_hz)
        self.taps = channel_taps(tuner, self.factor)
        self.noise_taps = noise_taps(tuner, self.factor).astype(np.complex64)
        self.before_s = DRAWN_US * 1e-6 + (2 * REACH + 4) / sample_rate_hz
        """A block holds parts of signals that begin so long before its first sample …"""
        self.after_s = (2 * REACH + 4) / sample_rate_hz
        """… or begin so long after its last."""

    def block(self, signals: Signals, first_sample: int, n_samples: int) -> NDArray[np.generic]:
        """Samples first_sample … first_sample + n_samples − 1, interleaved I and Q.

        `signals` must hold all that this block needs (`before_s`, `after_s`), in order of time; others cost little.
        """
        out = np.zeros(2 * n_samples, np.float32)
        tuner = self.tuner
        if tuner.noise_dbfs is not None:
            density = 10 ** (tuner.noise_dbfs / 10) / REFERENCE_HZ
            scale = math.sqrt(density * self.sample_rate_hz / 2)
            coloured_noise_complex(out, first_sample, self.seed, scale, self.noise_taps)
        begin = first_sample / self.sample_rate_hz
        low = np.searchsorted(signals["start_s"], begin - self.before_s)
        high = np.searchsorted(signals["start_s"], begin + n_samples / self.sample_rate_hz + self.after_s)
        draw(out, first_sample, self.sample_rate_hz, self.factor, self.taps, signals[low:high])
        gain, angle = 10 ** (tuner.iq_gain_db / 20), math.radians(tuner.iq_phase_deg)
        impair(out, tuner.dc_i, tuner.dc_q, gain * math.cos(angle), gain * math.sin(angle))
        return quantise(out, self.sample_format)


@kernel()
def _uniform(state: np.uint64) -> tuple[np.uint64, float]:
    """The next state and a number in (0, 1): splitmix64."""
    state = np.uint64(state + np.uint64(0x9E3779B97F4A7C15))
    x = np.uint64((state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    x = np.uint64((x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    x = np.uint64(x ^ (x >> np.uint64(31)))
    return state, (float(x >> np.uint64(11)) + 0.5) * 2.0**-53


@kernel()
def pulses(signal: np.void, rise_us: NDArray[np.float64], fall_us: NDArray[np.float64]) -> int:
    """Where the halves of the edges of a signal's pulses are, µs after its start; returns how many pulses.

    Pulses that adjoin are one: a transmitter keys them without a pause.
    """
    count = 0
    kind = signal["kind"]
    width = float(signal["width_s"]) * 1e6
    if kind == MODE_AC:
        for place in range(signal["n_bits"]):
            if signal["data"][place >> 3] >> (7 - (place & 7)) & 1:
                rise_us[count] = place * GRID_US
                fall_us[count] = place * GRID_US + width
                count += 1
    elif kind == DME:
        for place in range(2):
            rise_us[count] = DME_PULSE_US / 2 + place * float(signal["n_bits"])
            fall_us[count] = rise_us[count] + DME_PULSE_US
            count += 1
    else:
        for at in (0.0, 1.0, 3.5, 4.5):
            rise_us[count] = at
            fall_us[count] = at + width
            count += 1
        last_half = -1
        for bit in range(signal["n_bits"]):
            one = signal["data"][bit >> 3] >> (7 - (bit & 7)) & 1
            half = 2 * bit + (0 if one else 1)
            if half == last_half + 1 and bit > 0:
                fall_us[count - 1] += 0.5
            else:
                rise_us[count] = 8.0 + 0.5 * half
                fall_us[count] = rise_us[count] + width
                count += 1
            last_half = half
    return count


@kernel()
def _ramp_area(x: float, length: float) -> float:
    """Integral from −∞ to x of a ramp from 0 at −length/2 to 1 at +length/2."""
    if x <= -length / 2:
        return 0.0
    if x >= length / 2:
        return x
    return (x + length / 2) * (x + length / 2) / (2 * length)


@kernel()
def draw(
    out: NDArray[np.float32],
    first_sample: int,
    rate_hz: float,
    factor: int,
    taps: NDArray[np.complex128],
    signals: Signals,
) -> None:
    """Add signals to samples (2·n, interleaved) that begin with `first_sample`."""
    n = out.shape[0] // 2
    per_us = rate_hz * 1e-6
    room = math.ceil(DRAWN_US * per_us) + 5 * REACH
    fine_i, fine_q = np.zeros((factor, room), np.float64), np.zeros((factor, room), np.float64)
    row_i, row_q = np.empty(room, np.float64), np.empty(room, np.float64)
    rise_us, fall_us = np.empty(MOST_PULSES), np.empty(MOST_PULSES)
    phase = np.empty(MOST_PULSES)
    centre = taps.shape[0] // 2
    for row in range(signals.shape[0]):
        signal = signals[row]
        count = pulses(signal, rise_us, fall_us)
        has_echo = signal["echo_db"] > -99.0
        begin = signal["start_s"] * rate_hz
        before_us = 0.5
        if signal["kind"] == DME:
            before_us = 3.0
        last_us = fall_us[count - 1] + before_us + 0.3
        if has_echo:
            last_us += float(signal["echo_s"]) * 1e6
        # The grid's first point is that of sample `origin`; samples from `origin + REACH` on are touched
        origin = math.floor(begin - before_us * per_us) - 2 * REACH
        length = math.ceil((last_us + before_us) * per_us) + 2 * REACH + 2
        if origin + REACH + length <= first_sample or origin + REACH >= first_sample + n:
            continue
        width = length + 2 * REACH
        fine_i[:, :width] = 0.0
        fine_q[:, :width] = 0.0
        _unsteady(signal, count, rise_us, fall_us, phase)
        amplitude = 10.0 ** (float(signal["level_dbfs"]) / 20.0)
        _path(fine_i, fine_q, begin - origin, rate_hz, signal, count, rise_us, fall_us, phase, amplitude, 0.0, 0.0)
        if has_echo:
            amplitude *= 10.0 ** (float(signal["echo_db"]) / 20.0)
            delay, turn = float(signal["echo_s"]), float(signal["echo_phase_rad"])
            _path(
                fine_i, fine_q, begin - origin, rate_hz, signal, count, rise_us, fall_us, phase, amplitude, delay, turn
            )
        row_i[:length] = 0.0
        row_q[:length] = 0.0
        for tap in range(taps.shape[0]):
            ahead = centre - tap  # in points of the grid
            shift = ahead // factor
            part = ahead - shift * factor
            a, b = taps[tap].real, taps[tap].imag
            from_i = fine_i[part, REACH + shift : REACH + shift + length]
            from_q = fine_q[part, REACH + shift : REACH + shift + length]
            for k in range(length):
                row_i[k] += a * from_i[k] - b * from_q[k]
                row_q[k] += a * from_q[k] + b * from_i[k]
        at = origin + REACH - first_sample
        for k in range(max(0, -at), min(length, n - at)):
            out[2 * (at + k)] += np.float32(row_i[k])
            out[2 * (at + k) + 1] += np.float32(row_q[k])


@kernel()
def _unsteady(
    signal: np.void,
    count: int,
    rise_us: NDArray[np.float64],
    fall_us: NDArray[np.float64],
    phase: NDArray[np.float64],
) -> None:
    """Move edges by their jitter, and give each pulse its phase."""
    state = signal["seed"]
    jitter_us = float(signal["jitter_s"]) * 1e6
    kind, step = signal["phase_kind"], float(signal["phase_step_rad"])
    turned = 0.0
    for pulse in range(count):
        state, u = _uniform(state)
        state, v = _uniform(state)
        if jitter_us > 0.0:
            rise_us[pulse] += jitter_us * (2 * u - 1)
            fall_us[pulse] += jitter_us * (2 * v - 1)
        state, u = _uniform(state)
        state, v = _uniform(state)
        if kind == STEADY:
            phase[pulse] = 0.0
        elif kind == WALK:
            if pulse > 0:
                turned += step * math.sqrt(-2.0 * math.log(u)) * math.cos(2 * math.pi * v)
            phase[pulse] = turned
        elif step > 0.0:
            phase[pulse] = step * math.sqrt(-2.0 * math.log(u)) * math.cos(2 * math.pi * v)
        else:
            phase[pulse] = 2 * math.pi * u


@kernel()
def _path(
    fine_i: NDArray[np.float64],
    fine_q: NDArray[np.float64],
    begin: float,
    rate_hz: float,
    signal: np.void,
    count: int,
    rise_us: NDArray[np.float64],
    fall_us: NDArray[np.float64],
    phase: NDArray[np.float64],
    amplitude: float,
    delay_s: float,
    turn: float,
) -> None:
    """Draw a signal's pulses as they come over one path; `begin`: of the signal, in samples from the grid's first."""
    factor = fine_i.shape[0]
    cell_us = 1e6 / (rate_hz * factor)
    start_us = begin * 1e6 / rate_hz + delay_s * 1e6
    rise, fall = float(signal["rise_s"]) * 1e6 * _EDGE, float(signal["fall_s"]) * 1e6 * _EDGE
    carrier, drift = 2e-6 * math.pi * float(signal["carrier_hz"]), 2e-6 * math.pi * float(signal["drift_hz"])
    chirp_us = float(signal["chirp_s"]) * 1e6
    chirp = 2e-6 * math.pi * float(signal["chirp_hz"]) * chirp_us
    droop = -math.log(10.0) / 20.0 * float(signal["droop_db"]) / 120.0
    gaussian = signal["kind"] == DME
    angle = float(signal["phase_rad"]) + turn
    for pulse in range(count):
        up, down = rise_us[pulse], fall_us[pulse]
        margin = DME_PULSE_US if gaussian else 0.0
        low = math.ceil((start_us + up - rise / 2 - margin) / cell_us - 0.5)
        high = math.floor((start_us + down + fall / 2 + margin) / cell_us + 0.5)
        for k in range(low, high + 1):
            t = k * cell_us - start_us
            if gaussian:
                off = (t - (up + down) / 2) / DME_PULSE_US
                value = math.exp(-4.0 * math.log(2.0) * off * off)
            else:
                # The mean over the grid's cell, so that edges stand where they do and not where the grid has points
                value = _ramp_area(t - up + cell_us / 2, rise) - _ramp_area(t - up - cell_us / 2, rise)
                value -= _ramp_area(t - down + cell_us / 2, fall) - _ramp_area(t - down - cell_us / 2, fall)
                value /= cell_us
            value *= amplitude
            if droop != 0.0:
                value *= math.exp(droop * t)
            # The carrier is what it is called in the middle of a long transmission
            at = angle + phase[pulse] + carrier * t + drift * t * (t / 240.0 - 0.5)
            if chirp != 0.0 and t > up:
                at += chirp * (1.0 - math.exp(-(t - up) / chirp_us))
            whole = k // factor
            fine_i[k - whole * factor, whole] += value * math.cos(at)
            fine_q[k - whole * factor, whole] += value * math.sin(at)
