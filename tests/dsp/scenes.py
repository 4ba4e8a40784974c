"""Frames, the samples in which they are heard, and what the demodulator makes of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.air.modulator import Emissions, Modulator, Receiver
from dsp.batch import FrameBatch
from dsp.crc import bit_syndromes
from dsp.demodulator import Demodulator, noise_level
from dsp.effort import Effort
from dsp.filters import solve_filters
from dsp.front_end import PULSES_US, QUIET_US, candidates, preamble_metric, pulse_energy
from dsp.kernels import memory as kernel
from dsp.samples import SampleBlock, SampleFormat
from dsp.trust import BelievedAddresses

ICAO = 0x4840D6
TIMES_S = 0.2e-3 + np.arange(40) * 0.4371e-3


def frame(head: bytes, overlay: int = 0) -> bytes:
    """A frame with its parity, XOR an address or an interrogator's code."""
    bits = np.unpackbits(np.frombuffer(head, np.uint8))
    syndromes = bit_syndromes(len(bits) + 24)[: len(bits)]
    parity = int(np.bitwise_xor.reduce(syndromes[bits == 1])) ^ overlay
    return head + parity.to_bytes(3, "big")


def squitters(count: int, seed: int = 1, icao: int = ICAO) -> list[bytes]:
    """DF17 of one aircraft; the messages are random, but no altitudes."""
    rng = np.random.default_rng(seed)
    return [frame(bytes([0x8D]) + icao.to_bytes(3, "big") + bytes([0x99]) + rng.bytes(6)) for _ in range(count)]


def all_call(icao: int = ICAO, code: int = 0) -> bytes:
    """A DF11 of capability 5."""
    return frame(bytes([0x5D]) + icao.to_bytes(3, "big"), code)


def remainder(message: bytes) -> int:
    """Of a whole frame: 0, or what lies over its parity."""
    bits = np.unpackbits(np.frombuffer(message, np.uint8))
    return int(np.bitwise_xor.reduce(bit_syndromes(len(bits))[bits == 1]))


def stream(
    frames: list[bytes],
    start_s: NDArray[np.floating],
    rate_hz: float = 2.4e6,
    sample_format: SampleFormat = SampleFormat.CU8,
    receiver: Receiver | None = None,
    **emitted: float | NDArray[np.float64],
) -> NDArray[np.generic]:
    """Interleaved samples up to 1 ms after the last frame."""
    modulator = Modulator(rate_hz, sample_format, receiver or Receiver(noise_dbfs=-36.0))
    emissions = Emissions.of(start_s, frames, **emitted)  # type: ignore[arg-type]
    return modulator.block(emissions, 0, round((start_s[-1] + 1e-3) * rate_hz))


def without_preambles(iq: NDArray[np.generic], start_s: NDArray[np.floating], rate_hz: float) -> NDArray[np.generic]:
    """The first 7.7 µs of each frame replaced by noise of 40 µs before it."""
    cut = iq.copy()
    for start in start_s.tolist():
        first, last, back = int((start - 1e-6) * rate_hz), round((start + 7.7e-6) * rate_hz), round(40e-6 * rate_hz)
        cut[2 * first : 2 * last] = iq[2 * (first - back) : 2 * (last - back)]
    return cut


def window(iq: NDArray[np.float32], rate: float) -> kernel.Samples:
    """Samples (interleaved floats) as the kernels take them."""
    bank = solve_filters(rate * 1e6)
    re, im = iq[0::2].copy(), iq[1::2].copy()
    energy = np.zeros((2, len(re)), np.float32)
    for half in range(2):
        pulse_energy(re, im, bank.pulse[half], energy[half])
    return kernel.Samples(
        re, im, energy, 0, rate, noise_level(energy[0], rate), bank.s, bank.d, bank.e, bank.leak, bank.far, bank.far_leak, bank.early, bank.late, bank.place,
        bank.before, bank.pulse, bank.shape, bank.shape_edge, bank.fine,
        np.array([round(2 * rate * t) for t in PULSES_US]), np.array([round(2 * rate * t) for t in QUIET_US]),
    )  # fmt: skip


def heard(
    iq: NDArray[np.generic],
    rate_hz: float = 2.4e6,
    sample_format: SampleFormat = SampleFormat.CU8,
    effort: Effort = Effort.THOROUGH,
    believed: BelievedAddresses | None = None,
) -> FrameBatch:
    """All frames of a stream."""
    demodulator = Demodulator(rate_hz, sample_format, effort=effort, believed=believed)
    batches = [demodulator.feed(SampleBlock(iq, 0)), demodulator.flush()]
    return FrameBatch(
        **{name: np.concatenate([getattr(batch, name) for batch in batches]) for name in FrameBatch.__slots__}
    )


def texts(batch: FrameBatch) -> list[bytes]:
    """The bytes of each frame."""
    return [bytes(row[: bits // 8]) for row, bits in zip(batch.data, batch.n_bits, strict=True)]


def places_of(samples: kernel.Samples, limits: kernel.Limits) -> NDArray[np.int64]:
    """Every place of a window (half samples) that looks like a preamble, as the front end finds them."""
    n = samples.re.shape[0] - 200
    metric = np.zeros((2, n), np.float32)
    for half in range(2):
        preamble_metric(
            samples.energy, 0, n, half, samples.pulses, samples.quiet, limits.factor, limits.floor,
            samples.noise, metric[half],
        )  # fmt: skip
    places = np.zeros(4 * n, np.int64)
    count = candidates(metric[0], metric[1], n, np.ones(n, np.float32), 0, 0.0, places)
    return places[:count]
