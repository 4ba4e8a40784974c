"""The inverse of the demodulator: frames in, the samples in which a receiver would have heard them out.

Sample k of a stream depends only on k, the seed and the frames around it: any cut into blocks gives the same bytes, and
a stream of hours can be begun anywhere.

A pulse is the difference of two steps of a receiver's step response, placed at any fraction of a sample:

```
  transmitter   ┌────────┐            receiver    ╭──────╮
                │        │     after its filter  ╱        ╲
            ────┘        └────              ~─~─╯          ╰─~─~
              rise     fall
```

The receiver's passband is flat, then falls along a raised cosine. That is on purpose not the passband that
`dsp.filters` are solved on: a demodulator must not be judged by the channel that it was made for.

Source: ICAO Annex 10 volume IV, 3.1.2.1.5 (pulses and preamble), 3.1.2.2 (reply data pulses).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.air.noise import coloured_noise
from dsp.compiled import kernel
from dsp.samples import SampleFormat

REACH = 7  # samples that the step response rings to either side
FINE = 64  # of its values to a sample; linear in between
PREAMBLE_US = (0.0, 1.0, 3.5, 4.5)
DATA_US = 8.0
PULSE_US = 0.5
LONGEST_US = 120.0

# full scale and zero of each number format; as in dsp.front_end
_SCALE = {SampleFormat.CU8: 127.5, SampleFormat.CS8: 127.5, SampleFormat.CS16: 32767.5, SampleFormat.CF32: 1.0}
_ZERO = {SampleFormat.CU8: 127.5, SampleFormat.CS8: -0.5, SampleFormat.CS16: -0.5, SampleFormat.CF32: 0.0}
_RANGE = {SampleFormat.CU8: (0, 255), SampleFormat.CS8: (-128, 127), SampleFormat.CS16: (-32768, 32767)}


@dataclass(frozen=True, slots=True)
class Emissions:
    """Frames on the air, as parallel arrays in order of `start_s`.

    Attributes
    ----------
    start_s
        float64: rising edge of the first preamble pulse, seconds after sample 0.
    data
        uint8 (n, 14): the bytes; a short frame fills the first seven.
    n_bits
        uint8: 56 or 112.
    level_dbfs
        float32: power of a pulse, 0 dBFS = a carrier of full scale.
    carrier_offset_hz
        float32: against the tuned frequency, at the frame's middle.
    phase_rad
        float32: of the carrier at the frame's start.
    wander_hz
        float32: what the carrier gains, evenly, over 120 µs.
    jitter_s
        float32: standard deviation of each pulse's position and (a third of it) width.
    seed
        uint64: of this frame's jitter.
    """

    start_s: NDArray[np.float64]
    data: NDArray[np.uint8]
    n_bits: NDArray[np.uint8]
    level_dbfs: NDArray[np.float32]
    carrier_offset_hz: NDArray[np.float32]
    phase_rad: NDArray[np.float32]
    wander_hz: NDArray[np.float32]
    jitter_s: NDArray[np.float32]
    seed: NDArray[np.uint64]

    def __len__(self) -> int:
        return int(self.start_s.shape[0])

    def __getitem__(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Emissions:
        """Some of the rows."""
        return Emissions(*(getattr(self, name)[rows] for name in Emissions.__slots__))

    @classmethod
    def of(
        cls,
        start_s: NDArray[np.float64] | list[float],
        frames: list[bytes],
        *,
        level_dbfs: float | NDArray[np.float64] = -12.0,
        carrier_offset_hz: float | NDArray[np.float64] = 0.0,
        phase_rad: float | NDArray[np.float64] = 0.0,
        wander_hz: float | NDArray[np.float64] = 0.0,
        jitter_s: float | NDArray[np.float64] = 0.0,
        seed: NDArray[np.uint64] | None = None,
    ) -> Emissions:
        """Emissions of frames of 7 or 14 bytes; what is one number holds for all. They are put in order of time."""
        n = len(frames)
        data = np.frombuffer(b"".join(frame.ljust(14, b"\0") for frame in frames), np.uint8).reshape(n, 14)

        def column(value: float | NDArray[np.float64]) -> NDArray[np.float32]:
            return np.ascontiguousarray(np.broadcast_to(np.asarray(value, np.float32), n))

        start = np.asarray(start_s, np.float64)
        return cls(
            start,
            data,
            np.array([8 * len(frame) for frame in frames], np.uint8),
            column(level_dbfs),
            column(carrier_offset_hz),
            column(phase_rad),
            column(wander_hz),
            column(jitter_s),
            np.arange(n, dtype=np.uint64) if seed is None else seed,
        )[np.argsort(start, kind="stable")]

    @staticmethod
    def joined(parts: list[Emissions]) -> Emissions:
        """Several, one after the other; each must begin no earlier than the one before it ends."""
        if not parts:
            return Emissions.of([], [])
        if len(parts) == 1:
            return parts[0]
        return Emissions(*(np.concatenate([getattr(part, name) for part in parts]) for name in Emissions.__slots__))


@dataclass(frozen=True, slots=True)
class Receiver:
    """What is imperfect about the receiver.

    Attributes
    ----------
    noise_dbfs
        Noise power of the samples, in their whole band; None for none.
    half_band
        Where the passband's amplitude has fallen to a half, as a share of the sample rate; 0.1–0.49.
    dc_i, dc_q
        Offsets, 1 = full scale.
    iq_gain_db, iq_phase_deg
        Q against I: gain, and how far their angle is from 90°.
    """

    noise_dbfs: float | None = -36.0
    half_band: float = 0.475
    dc_i: float = 0.0
    dc_q: float = 0.0
    iq_gain_db: float = 0.0
    iq_phase_deg: float = 0.0


class Modulator:
    """Turns emissions into samples.

    Parameters
    ----------
    sample_rate_hz
        2 to 20 million complex samples a second.
    sample_format
        Of the result's numbers.
    receiver
        Its noise and faults.
    seed
        Of the noise, 0 … 2⁶³−1.

    Raises
    ------
    ValueError
        A rate or a band outside its limits.
    """

    def __init__(
        self, sample_rate_hz: float, sample_format: SampleFormat, receiver: Receiver | None = None, *, seed: int = 1
    ) -> None:
        self.receiver = receiver = receiver if receiver is not None else Receiver()
        if not 2e6 <= sample_rate_hz <= 20.1e6:
            raise ValueError(f"sample_rate_hz: got {sample_rate_hz:g}, expected 2000000 to 20000000")
        if not 0.1 <= receiver.half_band <= 0.49:
            raise ValueError(f"half_band: got {receiver.half_band:g}, expected 0.1 to 0.49")
        self.sample_rate_hz = sample_rate_hz
        self.sample_format = sample_format
        self.seed = seed
        self.step, impulse = step_response(receiver.half_band)
        self.taps = (impulse / np.linalg.norm(impulse)).astype(np.float32)
        self.before_s = (LONGEST_US * 1e-6) + (REACH + 2) / sample_rate_hz
        """A block hears emissions that began so long before its first sample …"""
        self.after_s = (REACH + 2) / sample_rate_hz
        """… or begin so long after its last."""

    def block(self, emissions: Emissions, first_sample: int, n_samples: int) -> NDArray[np.generic]:
        """Samples first_sample … first_sample + n_samples − 1, interleaved I and Q.

        `emissions` must hold all that this block hears (`before_s`, `after_s`), in order of time; others cost little.
        """
        out = np.zeros(2 * n_samples, np.float32)
        receiver = self.receiver
        if receiver.noise_dbfs is not None:
            scale = math.sqrt(10 ** (receiver.noise_dbfs / 10) / 2)
            coloured_noise(out, first_sample, self.seed, scale, self.taps)
        render(
            out,
            first_sample,
            self.sample_rate_hz,
            self.step,
            emissions.start_s,
            emissions.data,
            emissions.n_bits,
            emissions.level_dbfs,
            emissions.carrier_offset_hz,
            emissions.phase_rad,
            emissions.wander_hz,
            emissions.jitter_s,
            emissions.seed,
        )
        impair(
            out,
            receiver.dc_i,
            receiver.dc_q,
            10 ** (receiver.iq_gain_db / 20) * math.cos(math.radians(receiver.iq_phase_deg)),
            10 ** (receiver.iq_gain_db / 20) * math.sin(math.radians(receiver.iq_phase_deg)),
        )
        return quantise(out, self.sample_format)


def step_response(half_band: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A receiver's answer to a step, and to an impulse.

    Parameters
    ----------
    half_band
        See `Receiver`.

    Returns
    -------
    The step response at −REACH … REACH samples around the step, `FINE` values a sample, from 0 to 1; and the impulse
    response at whole samples, of sum 1.
    """
    roll_off = min(0.15, 0.8 * half_band)  # width of the raised cosine
    low, high = half_band - roll_off / 2, half_band + roll_off / 2
    frequency = (np.arange(2000) + 0.5) / 2000 * high
    amplitude = np.where(frequency < low, 1.0, 0.5 + 0.5 * np.cos(np.pi * (frequency - low) / roll_off))
    t = np.arange(-REACH * FINE, REACH * FINE + 1) / FINE
    impulse = (amplitude * np.cos(2 * np.pi * np.outer(t, frequency))).sum(axis=1) * np.kaiser(len(t), 5.0)
    step = np.concatenate([[0.0], np.cumsum((impulse[1:] + impulse[:-1]) / 2)])
    whole = impulse[::FINE]
    return step / step[-1], whole / whole.sum()


@kernel()
def _uniform(state: np.uint64) -> tuple[np.uint64, float]:
    """The next state and a number in (0, 1): splitmix64."""
    state = np.uint64(state + np.uint64(0x9E3779B97F4A7C15))
    x = np.uint64((state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    x = np.uint64((x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    x = np.uint64(x ^ (x >> np.uint64(31)))
    return state, (float(x >> np.uint64(11)) + 0.5) * 2.0**-53


@kernel()
def _add_pulse(envelope: NDArray[np.float64], step: NDArray[np.float64], rise: float, fall: float) -> None:
    """Add a pulse between two places, in samples from the envelope's first."""
    first = max(0, math.ceil(rise - REACH))
    last = min(envelope.shape[0] - 1, math.floor(fall + REACH))
    top = 2 * REACH * FINE
    for k in range(first, last + 1):
        value = 0.0
        at = (k - rise + REACH) * FINE
        if at >= top:
            value = 1.0
        elif at > 0.0:
            cell = int(at)
            value = step[cell] + (at - cell) * (step[cell + 1] - step[cell])
        at = (k - fall + REACH) * FINE
        if at >= top:
            value -= 1.0
        elif at > 0.0:
            cell = int(at)
            value -= step[cell] + (at - cell) * (step[cell + 1] - step[cell])
        envelope[k] += value


@kernel()
def render(
    out: NDArray[np.float32],
    first_sample: int,
    rate_hz: float,
    step: NDArray[np.float64],
    start_s: NDArray[np.float64],
    data: NDArray[np.uint8],
    n_bits: NDArray[np.uint8],
    level_dbfs: NDArray[np.float32],
    carrier_offset_hz: NDArray[np.float32],
    phase_rad: NDArray[np.float32],
    wander_hz: NDArray[np.float32],
    jitter_s: NDArray[np.float32],
    seed: NDArray[np.uint64],
) -> None:
    """Add emissions to samples (2·n, interleaved) that begin with `first_sample`."""
    n = out.shape[0] // 2
    per_us = rate_hz * 1e-6
    envelope = np.empty(int(LONGEST_US * per_us) + 2 * REACH + 8, np.float64)
    for row in range(start_s.shape[0]):
        start = start_s[row] * rate_hz
        whole = math.floor(start)
        origin = int(whole) - REACH - 1  # stream index of envelope[0]
        length = math.ceil((DATA_US + n_bits[row]) * per_us) + 2 * REACH + 4
        if origin + length <= first_sample or origin >= first_sample + n:
            continue
        begin = start - whole + REACH + 1
        part = envelope[:length]
        part[:] = 0.0
        jitter = float(jitter_s[row]) * rate_hz
        state = seed[row]
        for pulse in range(4 + n_bits[row]):
            if pulse < 4:
                at_us = PREAMBLE_US[pulse]
            else:
                bit = pulse - 4
                one = data[row, bit >> 3] >> (7 - (bit & 7)) & 1
                at_us = DATA_US + bit + (0.0 if one else PULSE_US)
            rise = begin + at_us * per_us
            fall = rise + PULSE_US * per_us
            if jitter > 0.0:
                state, u = _uniform(state)
                state, v = _uniform(state)
                radius = jitter * math.sqrt(-2.0 * math.log(u))
                moved, wider = radius * math.cos(2 * math.pi * v), radius * math.sin(2 * math.pi * v) / 3.0
                rise += moved - wider / 2
                fall += moved + wider / 2
            _add_pulse(part, step, rise, fall)
        amplitude = 10.0 ** (float(level_dbfs[row]) / 20.0)
        # The phase at `t` samples after the start: φ + 2π (f·t + w·(t²/2T − t/2)), so that f holds in the middle
        turn = 2 * math.pi * float(carrier_offset_hz[row]) / rate_hz
        wander = 2 * math.pi * float(wander_hz[row]) / rate_hz
        phase_start = float(phase_rad[row])
        duration = LONGEST_US * per_us
        for k in range(max(0, first_sample - origin), min(length, first_sample + n - origin)):
            t = k - begin
            phase = phase_start + turn * t
            if wander != 0.0:
                phase += wander * (t * t / (2 * duration) - t / 2)
            value = amplitude * part[k]
            at = 2 * (origin + k - first_sample)
            out[at] += np.float32(value * math.cos(phase))
            out[at + 1] += np.float32(value * math.sin(phase))


@kernel()
def impair(iq: NDArray[np.float32], dc_i: float, dc_q: float, q_from_q: float, q_from_i: float) -> None:
    """Mix I into Q, scale Q and shift both, in place."""
    i, q = iq[0::2], iq[1::2]
    a, b = np.float32(q_from_q), np.float32(q_from_i)
    x, y = np.float32(dc_i), np.float32(dc_q)
    for k in range(i.shape[0]):
        q[k] = a * q[k] + b * i[k] + y
        i[k] += x


def quantise(iq: NDArray[np.float32], sample_format: SampleFormat) -> NDArray[np.generic]:
    """Floats of full scale 1 as numbers of a format: rounded to the nearest, held at the ends. Changes `iq`."""
    if sample_format is SampleFormat.CF32:
        return iq.astype(sample_format.dtype, copy=False)
    iq *= np.float32(_SCALE[sample_format])
    iq += np.float32(_ZERO[sample_format])
    np.rint(iq, out=iq)
    np.clip(iq, *_RANGE[sample_format], out=iq)
    return iq.astype(sample_format.dtype)
