"""The measurements of `squitter bench`. Each looks at what came out while it is timed: fast nonsense is no result.

Times are CPU time of the measuring thread, so that a busy machine does not spoil them; shares are CPU seconds for a
second of signal (0.1: ten times faster than real time).
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher

import dsp.demodulator
from dsp.air.modulator import Emissions, Modulator
from dsp.air.sky import receiver_at, sky, sweep, sweep_addresses
from dsp.batch import FrameBatch
from dsp.demodulator import Demodulator
from dsp.effort import LEVELS, Effort
from dsp.samples import SampleBlock, SampleFormat
from receiver.decode import Decoder
from receiver.errors import SquitterError
from receiver.tracking import Station, Tracker
from receiver.wire.from_batch import frames_from_batch

BLOCK = 131_072
RATE_HZ = 2.4e6
BUSY = (300.0, 1500.0)  # messages a second
EXPECTED_SHARE = (
    0.4  # of the frames of the quieter sky, from a cold start; a demodulator that finds less is broken, not slow
)
BELIEVED = 300


@dataclass(frozen=True, slots=True)
class Speed:
    """One level of effort on one sky. `false` frames were never sent."""

    effort: str
    messages_per_s: float
    cpu_share: float
    sent: int
    found: int
    false: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way, on the quieter sky with most effort."""

    name: str
    cpu_share: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """Share of DF17 frames found at each signal-to-noise ratio (dB, in 2.4 MHz); `half_db` and `most_db`: where the
    share passes 50 and 90 %, None when it does not."""

    sample_rate_hz: float
    frames_each: int
    snr_db: tuple[float, ...]
    found: tuple[float, ...]
    half_db: float | None
    most_db: float | None


@dataclass(frozen=True, slots=True)
class Noise:
    """Frames found in nothing but noise, with so many addresses believed."""

    seconds: float
    believed: int
    false: int
    cpu_share: float


@dataclass(frozen=True, slots=True)
class Results:
    """All of it."""

    machine: dict[str, str]
    speed: list[Speed]
    stages: list[Stage]
    sweeps: list[Sweep]
    noise: Noise

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def machine() -> dict[str, str]:
    """What the figures hold for."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith(("model name", "Model"))]
        name = names[0] if names else name
    return {
        "processor": name,
        "architecture": platform.machine(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "squitter": version("squitter"),
    }


def measure(quick: bool, tell: Callable[[str], None] = lambda what: None) -> Results:
    """Measure everything; `quick` takes less of each.

    Raises
    ------
    SquitterError
        What was measured was not right: too few frames, or two runs that differ.
    """
    seconds = 2.0 if quick else 8.0
    speed = []
    for messages_per_s in BUSY:
        emissions = sky(seconds, messages_per_s, seed=round(messages_per_s))
        blocks = modulated(emissions, seconds, RATE_HZ)
        for effort in LEVELS:
            tell(f"speed: {effort}, {messages_per_s:.0f} messages/s")
            speed.append(_speed(effort, messages_per_s, emissions, blocks, seconds))
    tell("stages")
    stages = _stages(seconds)
    sweeps = []
    rates = (RATE_HZ,) if quick else (2.0e6, RATE_HZ, 6.0e6, 10.0e6)
    snr_db = np.arange(2.0, 15.0, 1.0 if quick else 0.5)
    for rate_hz in rates:
        tell(f"detection at {rate_hz / 1e6:g} MS/s")
        sweeps.append(_sweep(rate_hz, snr_db, 60 if quick else 150))
    tell("noise")
    return Results(machine(), speed, stages, sweeps, _noise(5.0 if quick else 60.0))


def modulated(emissions: Emissions, seconds: float, rate_hz: float, seed: int = 1) -> list[SampleBlock]:
    """Samples of emissions in cu8."""
    modulator = Modulator(rate_hz, SampleFormat.CU8, receiver_at(rate_hz), seed=seed)
    n = round(seconds * rate_hz)
    return [SampleBlock(modulator.block(emissions, k, min(BLOCK, n - k)), k) for k in range(0, n, BLOCK)]


def _heard(
    blocks: list[SampleBlock], rate_hz: float, effort: Effort, believed: list[int]
) -> tuple[list[FrameBatch], float]:
    """Batches and the CPU seconds that they took."""
    demodulator = Demodulator(rate_hz, SampleFormat.CU8, effort=effort)
    for icao in believed:
        demodulator.believed.add(icao, 0.0)
    began_s = time.thread_time()
    batches = [demodulator.feed(block) for block in blocks]
    batches.append(demodulator.flush())
    return batches, time.thread_time() - began_s


def _bytes(batches: list[FrameBatch]) -> list[tuple[float, bytes]]:
    return [
        (float(sample), bytes(row[: bits // 8]))
        for batch in batches
        for sample, row, bits in zip(batch.sample, batch.data, batch.n_bits, strict=True)
    ]


def compare(emissions: Emissions, batches: list[FrameBatch], rate_hz: float) -> tuple[NDBool, int]:
    """Which emissions were found (within 2 µs of where they are), and how many frames were never sent there."""
    found = np.zeros(len(emissions), bool)
    false = 0
    starts = emissions.start_s
    for sample, data in _bytes(batches):
        at_s = sample / rate_hz
        first, last = np.searchsorted(starts, [at_s - 2e-6, at_s + 2e-6])
        rows = [k for k in range(first, last) if bytes(emissions.data[k, : emissions.n_bits[k] // 8]) == data]
        false += not rows
        found[rows] = True
    return found, false


NDBool = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def _speed(
    effort: Effort, messages_per_s: float, emissions: Emissions, blocks: list[SampleBlock], seconds: float
) -> Speed:
    batches, took_s = _heard(blocks, RATE_HZ, effort, [])
    found, false = compare(emissions, batches, RATE_HZ)
    count = int(np.count_nonzero(found))
    if messages_per_s == BUSY[0] and count < EXPECTED_SHARE * len(emissions):
        raise SquitterError(
            f"bench: {effort}: found {count} of {len(emissions)} frames of a known signal, expected at least "
            f"{EXPECTED_SHARE:.0%}: the demodulator does not work on this machine"
        )
    return Speed(effort.value, messages_per_s, took_s / seconds, len(emissions), count, false)


@contextlib.contextmanager
def _timed(took_s: dict[str, float]) -> Iterator[None]:
    """Count the time of each kernel that the demodulator calls, by standing in for it."""
    module = dsp.demodulator
    kernels = {
        name: value for name, value in vars(module).items() if isinstance(value, Dispatcher) or name == "to_float"
    }

    def timed(name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
        took_s[name] = 0.0

        def stand_in(*arguments: Any, **named: Any) -> Any:
            began_s = time.thread_time()
            result = kernel(*arguments, **named)
            took_s[name] += time.thread_time() - began_s
            return result

        return stand_in

    for name, kernel in kernels.items():
        setattr(module, name, timed(name, kernel))
    try:
        yield
    finally:
        for name, kernel in kernels.items():
            setattr(module, name, kernel)


def _stages(seconds: float) -> list[Stage]:
    emissions = sky(seconds, BUSY[0], seed=77)
    began_s = time.thread_time()
    blocks = modulated(emissions, seconds, RATE_HZ)
    modulating = Stage("modulate (scenes only)", (time.thread_time() - began_s) / seconds)
    plain, _ = _heard(blocks, RATE_HZ, Effort.THOROUGH, [])
    took_s: dict[str, float] = {}
    with _timed(took_s):
        batches, whole_s = _heard(blocks, RATE_HZ, Effort.THOROUGH, [])
    if _bytes(plain) != _bytes(batches):
        raise SquitterError("bench: two runs over the same samples gave different frames")
    stages = [Stage(name.replace("_", " "), spent / seconds) for name, spent in took_s.items() if spent > 0.0]
    stages.append(Stage("the rest of the demodulator", max(0.0, whole_s - sum(took_s.values())) / seconds))
    decoder, tracker = Decoder(), Tracker(Station(0.0, 0.0))
    began_s = time.thread_time()
    for batch in batches:
        for frame in frames_from_batch(batch, sample_rate_hz=RATE_HZ, start_utc_s=0.0, source="bench"):
            message = decoder.decode(frame)
            if message is not None:
                tracker.update(message)
    stages.append(Stage("decode and track", (time.thread_time() - began_s) / seconds))
    return [*stages, modulating]


def _sweep(rate_hz: float, snr_db: np.ndarray[Any, np.dtype[np.float64]], frames_each: int) -> Sweep:
    emissions = sweep(snr_db, frames_each)
    seconds = float(emissions.start_s[-1]) + 1e-3
    blocks = modulated(emissions, seconds, rate_hz, seed=5)
    batches, _ = _heard(blocks, rate_hz, Effort.THOROUGH, sweep_addresses().tolist())
    found, _ = compare(emissions, batches, rate_hz)
    shares = found.reshape(len(snr_db), frames_each).mean(axis=1)
    return Sweep(
        rate_hz,
        frames_each,
        tuple(snr_db.tolist()),
        tuple(shares.tolist()),
        crossing(snr_db, shares, 0.5),
        crossing(snr_db, shares, 0.9),
    )


def crossing(
    x: np.ndarray[Any, np.dtype[np.float64]], y: np.ndarray[Any, np.dtype[np.float64]], level: float
) -> float | None:
    """Where `y` last rises through `level`, linear in between; None when it does not."""
    for k in range(len(x) - 1, 0, -1):
        if y[k] >= level > y[k - 1]:
            return float(x[k - 1] + (level - y[k - 1]) / (y[k] - y[k - 1]) * (x[k] - x[k - 1]))
    return None


def _noise(seconds: float) -> Noise:
    believed = np.random.default_rng(9).integers(0x100000, 0xEFFFFF, BELIEVED).tolist()
    nothing = Emissions.of([], [])
    modulator = Modulator(RATE_HZ, SampleFormat.CU8, receiver_at(RATE_HZ), seed=99)
    demodulator = Demodulator(RATE_HZ, SampleFormat.CU8, effort=Effort.THOROUGH)
    false, took_s = 0, 0.0
    n = round(seconds * RATE_HZ)
    for number, first in enumerate(range(0, n, BLOCK)):
        block = SampleBlock(modulator.block(nothing, first, min(BLOCK, n - first)), first)
        if number % 300 == 0:  # they are forgotten after two minutes
            for icao in believed:
                demodulator.believed.add(icao, first / RATE_HZ)
        began_s = time.thread_time()
        false += len(demodulator.feed(block))
        took_s += time.thread_time() - began_s
    false += len(demodulator.flush())
    return Noise(seconds, BELIEVED, false, took_s / seconds)
