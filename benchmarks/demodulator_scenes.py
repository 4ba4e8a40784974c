"""Traffic on the air with known truth, for measuring the demodulator: another channel than the one its filters assume.

Neither the passband of `dsp.filters` (a windowed sinc, applied before the carrier's offset) nor that of `dsp.air.modulator`:
here a frame is drawn at eight or more samples per sample with sloping edges and uneven pulses, turned by its carrier,
and only then sent through the receiver, a Kaiser-windowed sinc behind a Butterworth filter of third order. So an aircraft
that is off frequency is cut on one side, and edges ring behind the pulse more than before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsp.crc import bit_syndromes

FULL_SCALE = {"cu8": 127.5, "cs8": 127.5, "cs16": 32767.5, "cf32": 1.0}
NOISE_DBFS = -30.0  # a 26 dB aircraft then reaches −4 dBFS

# share of all frames, by downlink format
MIX = {17: 0.32, 11: 0.24, 4: 0.10, 5: 0.05, 20: 0.06, 21: 0.05, 0: 0.14, 16: 0.02, 18: 0.02}


@dataclass(frozen=True)
class Scene:
    """Samples, and what is in them.

    Attributes
    ----------
    iq
        Interleaved, in the number format asked for.
    start
        float64: begin of each frame, samples.
    frames
        Each frame, hex.
    snr_db
        Pulse power over the noise in the whole band.
    addresses
        All aircraft.
    """

    rate_hz: float
    iq: NDArray[np.generic]
    start: NDArray[np.float64]
    frames: list[str]
    snr_db: NDArray[np.float64]
    addresses: list[int]
    seconds: float


@dataclass
class Aircraft:
    """What an aircraft's frames have in common."""

    icao: int
    snr_db: float
    offset_hz: float
    wander_hz: float
    altitude: int  # in 25 ft, the 13-bit code's number
    squawk: int
    other: bool  # a DF18 emitter
    even: bool = field(default=False)


def with_parity(bits: NDArray[np.uint8], overlay: int = 0) -> NDArray[np.uint8]:
    """A frame whose last 24 bits are set to its parity, XOR an address or interrogator code."""
    syndromes = bit_syndromes(len(bits))
    remainder = 0
    for bit in np.flatnonzero(bits[:-24]):
        remainder ^= int(syndromes[bit])
    bits[-24:] = [(remainder ^ overlay) >> k & 1 for k in range(23, -1, -1)]
    return bits


def _put(bits: NDArray[np.uint8], first: int, count: int, value: int) -> None:
    bits[first : first + count] = [value >> k & 1 for k in range(count - 1, -1, -1)]


def _frame(df: int, plane: Aircraft, rng: np.random.Generator) -> NDArray[np.uint8]:
    bits = np.zeros(112 if df >= 16 else 56, np.uint8)
    _put(bits, 0, 5, df)
    q = plane.altitude
    code13 = (q >> 5 & 0x3F) << 7 | (q >> 4 & 1) << 5 | 1 << 4 | q & 0xF
    code12 = (q >> 4) << 5 | 1 << 4 | q & 0xF
    if df in (11, 17, 18):
        _put(bits, 5, 3, 5 if df != 18 else 0)
        _put(bits, 8, 24, plane.icao)
        if df == 11:
            return with_parity(bits, int(rng.integers(1, 16)) if rng.random() < 0.15 else 0)
        kind = rng.random()
        if kind < 0.45:  # airborne position
            _put(bits, 32, 5, 11)
            _put(bits, 40, 12, code12)
            plane.even = not plane.even
            _put(bits, 53, 1, int(plane.even))
            _put(bits, 54, 34, int(rng.integers(1 << 34)))
        elif kind < 0.9:  # velocity
            _put(bits, 32, 8, 19 << 3 | 1)
            _put(bits, 40, 48, int(rng.integers(1 << 48)))
        else:
            _put(bits, 32, 8, 4 << 3 | 3)
            for k in range(8):
                _put(bits, 40 + 6 * k, 6, int(rng.choice([1, 2, 5, 12, 20, 49, 50, 55, 32])))
        return with_parity(bits)
    if df in (0, 16):
        _put(bits, 5, 3, int(rng.choice([0, 0, 1])))
        _put(bits, 13, 6, int(rng.integers(64)) & 0b001011)
    else:
        _put(bits, 5, 3, int(rng.choice([0, 0, 0, 1, 2])))
        _put(bits, 8, 11, int(rng.integers(1 << 11)) if rng.random() < 0.2 else 0)
    _put(bits, 19, 13, plane.squawk if df in (5, 21) else code13)
    if len(bits) == 112:
        _put(bits, 32, 56, int(rng.integers(1 << 56)))
    return with_parity(bits, plane.icao)


def receiver_response(rate_hz: float, factor: int) -> NDArray[np.float64]:
    """Impulse response on a grid `factor` times finer than the samples; sum 1."""
    cutoff = min(0.48 * rate_hz, 3.2e6)
    fine_hz = rate_hz * factor
    reach = round(6 * factor * 0.48 * rate_hz / cutoff)
    t = np.arange(-reach, reach + 1) / fine_hz
    sinc = np.sinc(2 * cutoff * t) * np.kaiser(len(t), 4.5)
    # Third-order Butterworth at 1.6 of the cutoff: poles at 120°, 180° and 240°
    w = 2 * math.pi * 1.6 * cutoff
    after = np.arange(round(3.0 / (1.6 * cutoff) * fine_hz)) / fine_hz
    root = math.sqrt(3) / 2
    slope = np.exp(-w * after) - np.exp(-w * after / 2) * (
        np.cos(root * w * after) - np.sin(root * w * after) / math.sqrt(3)
    )
    response = np.convolve(sinc, slope)
    return response / response.sum()


class Air:
    """Draws frames into samples."""

    def __init__(self, rate_hz: float, seconds: float, seed: int, noise_dbfs: float = NOISE_DBFS) -> None:
        self.rate_hz = rate_hz
        self.rng = np.random.default_rng(seed)
        self.n = round(seconds * rate_hz)
        self.noise_dbfs = noise_dbfs
        self.factor = max(2, math.ceil(16e6 / rate_hz))
        self.response = receiver_response(rate_hz, self.factor)
        middle = int(np.argmax(self.response))
        self.delay = middle / self.factor
        self.samples = self._noise()

    def _noise(self) -> NDArray[np.complex64]:
        """Noise of the receiver's colour, and a little that comes after it."""
        spectrum = np.abs(np.fft.fft(self.response, 1024 * self.factor)) ** 2
        folded = spectrum.reshape(self.factor, 1024).sum(axis=0)
        folded = np.concatenate([folded, folded[:1]])
        out = np.empty(self.n, np.complex64)
        piece = 1 << 20
        bins = np.interp(np.arange(piece) / piece * 1024, np.arange(1025), folded / folded[:-1].mean())
        shape = np.sqrt(0.97 * bins + 0.03).astype(np.float32)
        scale = math.sqrt(10 ** (self.noise_dbfs / 10) * piece / 2)
        for first in range(0, self.n, piece):
            white = self.rng.standard_normal(2 * piece, np.float32).view(np.complex64)
            noise = np.fft.ifft(white * (shape * np.float32(scale)))
            out[first : first + piece] = noise[: self.n - first]
        return out

    def add(self, start: float, bits: NDArray[np.uint8], snr_db: float, offset_hz: float, wander_hz: float) -> None:
        """One frame that begins at sample `start`."""
        rng, rate, factor = self.rng, self.rate_hz * 1e-6, self.factor
        first = int(start) - 3
        fine_us = 1 / (rate * factor)
        length = round((8 + len(bits) + 2) * rate) + 8
        t = (np.arange(length * factor) / factor + first - start) / rate  # µs after the frame's start
        rises = np.concatenate([[0.0, 1.0, 3.5, 4.5], 8 + np.arange(len(bits)) + np.where(bits, 0.0, 0.5)])
        falls = rises + 0.5 + rng.normal(0, 0.006, len(rises)) + rng.uniform(-0.015, 0.015)
        rises = rises + rng.normal(0, 0.012, len(rises))
        slopes = (0.06, 0.11)  # rise and fall, µs
        uneven = 1 + rng.normal(0, 0.02, len(rises))
        envelope = np.zeros(len(t))
        for rise, fall, height in zip(rises.tolist(), falls.tolist(), uneven.tolist(), strict=True):
            a = max(0, int((rise - 0.1 - t[0]) / fine_us))
            b = min(len(t), int((fall + 0.2 - t[0]) / fine_us) + 1)
            x = t[a:b]
            envelope[a:b] += height * np.clip(
                np.minimum((x - rise) / slopes[0] + 0.5, (fall - x) / slopes[1] + 0.5), 0.0, 1.0
            )
        phase = rng.uniform(0, 2 * math.pi) + 2 * math.pi * 1e-6 * (offset_hz * t + wander_hz * (t * t / 240 - t / 2))
        level = 10 ** ((self.noise_dbfs + snr_db) / 20)
        signal = np.convolve(level * envelope * np.exp(1j * phase), self.response)
        skip = round(self.delay * factor)
        picked = signal[skip::factor]
        end = min(self.n, first + len(picked))
        if first >= 0:
            self.samples[first:end] += picked[: end - first].astype(np.complex64)

    def quantised(self, number_format: str) -> NDArray[np.generic]:
        """The samples, interleaved, in a number format."""
        flat = self.samples.view(np.float32)
        if number_format == "cf32":
            return flat
        flat *= FULL_SCALE[number_format]
        if number_format == "cu8":
            flat += 127.5
            return np.clip(np.rint(flat), 0, 255).astype(np.uint8)
        flat -= 0.5
        if number_format == "cs8":
            return np.clip(np.rint(flat), -128, 127).astype(np.int8)
        return np.clip(np.rint(flat), -32768, 32767).astype(np.int16)


def _addresses(count: int, rng: np.random.Generator) -> list[int]:
    return [int(k) for k in rng.choice(np.arange(0x100000, 0xF00000), count, replace=False)]


def _plane(icao: int, snr_db: float, rng: np.random.Generator) -> Aircraft:
    return Aircraft(
        icao,
        snr_db,
        float(np.clip(rng.normal(0, 90e3), -300e3, 300e3)),
        float(rng.uniform(60e3, 190e3)) if rng.random() < 0.08 else float(rng.normal(0, 4e3)),
        int(rng.integers(120, 1600)),
        int(rng.integers(1, 4096)) << 1 & 0x1FBF,
        False,
    )


def traffic(
    rate_hz: float,
    messages_per_s: float,
    seconds: float,
    seed: int,
    number_format: str = "cu8",
    planes: int = 40,
    weak: float = 1.0,
) -> Scene:
    """A crowded sky: aircraft of 2–26 dB, all formats, each frame at a random time.

    Levels are drawn evenly for `weak` = 1; the larger it is, the more aircraft are weak.
    """
    air = Air(rate_hz, seconds, seed)
    rng = air.rng
    fleet = [_plane(icao, 2.0 + 24.0 * float(rng.uniform()) ** weak, rng) for icao in _addresses(planes, rng)]
    for plane in fleet[:2]:
        plane.other = True
    count = rng.poisson(messages_per_s * seconds)
    start = np.sort(rng.uniform(100, air.n - 130e-6 * rate_hz, count))
    formats = rng.choice(list(MIX), count, p=list(MIX.values()))
    who = rng.integers(0, planes, count)
    frames, snr = [], []
    for place, df, index in zip(start.tolist(), formats.tolist(), who.tolist(), strict=True):
        plane = fleet[index]
        if df in (17, 18):
            df = 18 if plane.other else 17
        bits = _frame(df, plane, rng)
        level = plane.snr_db + float(rng.normal(0, 0.7))
        air.add(place, bits, level, plane.offset_hz, plane.wander_hz)
        frames.append(np.packbits(bits).tobytes().hex())
        snr.append(level)
    return Scene(rate_hz, air.quantised(number_format), start, frames, np.array(snr), [p.icao for p in fleet], seconds)


def sweep(
    rate_hz: float, seconds: float, seed: int, low_db: float = 2.0, high_db: float = 14.0, number_format: str = "cu8"
) -> Scene:
    """DF17 frames of 40 aircraft that do not touch each other, at any level between two."""
    air = Air(rate_hz, seconds, seed)
    rng = air.rng
    fleet = [_plane(icao, 0.0, rng) for icao in _addresses(40, rng)]
    start = np.arange(200e-6, seconds - 200e-6, 400e-6) * rate_hz
    start += rng.uniform(0, 200e-6 * rate_hz, len(start))
    frames, snr = [], []
    for place in start.tolist():
        plane = fleet[int(rng.integers(40))]
        level = float(rng.uniform(low_db, high_db))
        bits = _frame(17, plane, rng)
        air.add(place, bits, level, plane.offset_hz, plane.wander_hz)
        frames.append(np.packbits(bits).tobytes().hex())
        snr.append(level)
    return Scene(rate_hz, air.quantised(number_format), start, frames, np.array(snr), [p.icao for p in fleet], seconds)


def noise(rate_hz: float, seconds: float, seed: int, number_format: str = "cu8") -> NDArray[np.generic]:
    """Nothing but noise."""
    return Air(rate_hz, seconds, seed).quantised(number_format)
