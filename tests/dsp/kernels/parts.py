"""What the tests of the stages share: windows, scratch memory, received bits, a table of believed aircraft."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.effort import SETTINGS, Effort
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


def receive(message: bytes, spread: float, rng: np.random.Generator, work: Scratch) -> None:
    """Odds and bits of a frame in noise, its format known."""
    sent = np.unpackbits(np.frombuffer(message, np.uint8))
    n = len(sent)
    odds = 2 * (2.0 * sent - 1 + spread * rng.normal(0, 1, n)) / spread**2
    odds[:5] = np.where(sent[:5], 1, -1) * np.abs(odds[:5])
    work.odds[:n] = np.clip(odds, -kernel.MOST_SURE, kernel.MOST_SURE)
    work.hard[:n] = work.odds[:n] > 0


def decided_bytes(work: Scratch, n: int) -> bytes:
    return np.packbits(work.hard[:n]).tobytes()


def believing(count: int, seed: int = 11) -> BelievedAddresses:
    table = BelievedAddresses()
    rng = np.random.default_rng(seed)
    for icao in [scenes.ICAO, *rng.integers(1, 1 << 24, count - 1).tolist()]:
        table.add(icao, 0.0)
        table.head[:, kernel.find(table.icao, icao)] = rng.integers(-1, 8)
        table.altitude[kernel.find(table.icao, icao)] = kernel.altitude_code(0x0010, int(rng.integers(40, 1600)))
        table.squawk[kernel.find(table.icao, icao)] = rng.integers(0, 1 << 13)
    return table


def scene_of(start_s: NDArray[np.floating], level_dbfs: float, rate: float = RATE, seed: int = 1) -> Samples:
    iq = scenes.stream(
        scenes.squitters(len(start_s), seed), start_s, rate * 1e6, SampleFormat.CF32, level_dbfs=level_dbfs,
        carrier_offset_hz=np.linspace(-8e4, 8e4, len(start_s)),
    )  # fmt: skip
    return scenes.window(iq.astype(np.float32), rate)


def hear(samples: Samples, place: int, work: Scratch) -> tuple[bool, bytes]:
    out = kernel.output(64)
    counters = np.zeros(8, np.int64)
    limits = SETTINGS[Effort.THOROUGH]
    found = kernel.hear(samples, place, False, limits, BelievedAddresses().rows(), work, out, 0, counters)
    return found, out.data[0].tobytes()
