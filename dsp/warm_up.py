"""Every kernel compiled, or loaded from the cache, before the first sample comes.

numba compiles a kernel when it is first called: some 25 s for all of them on a PC, a minute or two on a Raspberry Pi,
which would be samples lost. Compiled code is kept on disk (`dsp.kernel_cache`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba.core import event

from dsp import clock_pairs, compiled, multilateration, place_filter
from dsp.air.modulator import Emissions, Modulator, Receiver
from dsp.crc import parity
from dsp.demodulator import Demodulator
from dsp.effort import LEVELS, Effort
from dsp.samples import SampleBlock, SampleFormat

LENGTH_S = 0.04
FASTEST_HZ = 20e6  # what the modulator makes; more than that is decimated by the same kernels


@dataclass(frozen=True, slots=True)
class Kernel:
    """A compiled function: where it is, for how many kinds of arguments, how many of those were compiled just now."""

    name: str
    signatures: int
    compiled: int


class _Compiling(event.Listener):
    """Calls back once, when numba begins to compile: what is in the cache is not compiled."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell: Callable[[], None] | None = tell

    def on_start(self, event: Any) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            tell()

    def on_end(self, event: Any) -> None:
        pass


def warm_up(
    sample_rate_hz: float = 2.4e6,
    sample_format: SampleFormat = SampleFormat.CU8,
    efforts: Iterable[Effort] = (Effort.THOROUGH,),
    *,
    on_slow: Callable[[], None] | None = None,
) -> float:
    """Run the demodulator over nothing, so that all of its kernels are there.

    Parameters
    ----------
    sample_rate_hz, sample_format
        What will be demodulated.
    efforts
        The levels that will be used.
    on_slow
        Called once, as soon as a kernel has to be compiled because it is not in the cache.

    Returns
    -------
    Seconds that it took.
    """
    began_s = time.perf_counter()
    listener = _Compiling(on_slow if on_slow is not None else lambda: None)
    silence = np.zeros(2 * round(LENGTH_S * min(sample_rate_hz, FASTEST_HZ)), sample_format.dtype)
    with event.install_listener("numba:compile", listener):
        compiled.load_stages()  # in silence there is no place for them to be called at
        for effort in efforts:
            demodulator = Demodulator(sample_rate_hz, sample_format, effort=effort)
            demodulator.feed(SampleBlock(silence, 0))
            demodulator.flush()
    return time.perf_counter() - began_s


def warm_up_everything(tell: Callable[[str, float], None] = lambda what, took_s: None) -> list[Kernel]:
    """All formats, several rates, all levels of effort, the modulator and multilateration; the result is every kernel of this package.

    Parameters
    ----------
    tell
        Called after each step with what was done and the seconds that it took.
    """
    steps = [(2.4e6, sample_format) for sample_format in SampleFormat]
    steps += [(rate_hz, SampleFormat.CU8) for rate_hz in (2.0e6, 6.0e6, 10.0e6)]
    for rate_hz, sample_format in steps:
        took_s = warm_up(rate_hz, sample_format, LEVELS)
        began_s = time.perf_counter()
        Modulator(rate_hz, sample_format, Receiver(noise_dbfs=-30.0)).block(_emissions(), 0, round(LENGTH_S * rate_hz))
        tell(f"{rate_hz / 1e6:g} MS/s {sample_format}", took_s + time.perf_counter() - began_s)
    warm_up_multilateration()
    return kernels()


def kernels() -> list[Kernel]:
    """Every kernel of the demodulator that is there. What only other kernels call, and is small, is compiled into them."""
    dispatchers = [one.dispatcher for one in compiled.STAGES] + compiled.KERNELS
    return [
        Kernel(
            f"{one.py_func.__module__}.{one.py_func.__name__}",
            len(one.signatures),
            sum(one.stats.cache_misses.values()),
        )
        for one in dispatchers
        if one.signatures
    ]


def _emissions() -> Emissions:
    """Frames that are clean, weak, and on top of each other, so that every stage has something to do."""
    rng = np.random.default_rng(1)
    frames = []
    for _ in range(24):
        head = bytes([0x8D, 0x48, 0x40, 0xD6]) + rng.bytes(7)
        bits = np.unpackbits(np.frombuffer(head + bytes(3), np.uint8))
        frames.append(head + int(parity(bits[np.newaxis])[0]).to_bytes(3, "big"))
    start_s = np.arange(1.0, 25.0) * 1.5e-3
    start_s[1::4] = start_s[0::4] + 47e-6
    level_dbfs = np.where(np.arange(24) % 3, -15.0, -22.0).astype(np.float64)
    level_dbfs[1::4] += 9.0
    return Emissions.of(
        start_s, frames, level_dbfs=level_dbfs, carrier_offset_hz=rng.normal(0, 5e4, 24), phase_rad=1.0, jitter_s=1e-8
    )


def warm_up_multilateration() -> None:
    """Its kernels, which a hub needs before the first transmission."""
    stations = np.array(
        [[multilateration.SEMI_MAJOR_M, 40e3 * np.sin(angle), 40e3 * np.cos(angle)] for angle in range(5)]
    )
    place = np.array([multilateration.SEMI_MAJOR_M + 9000.0, 1000.0, 2000.0])
    ranges = np.sqrt(((stations - place) ** 2).sum(axis=1))
    multilateration.locate(
        stations,
        ranges,
        np.full(5, 10.0),
        9000.0,
        50.0,
        True,
        np.zeros(3),
        False,
        np.full(4, 10.0),
        np.empty(multilateration.OUT_SIZE),
    )
    rows = np.full((5, 5), -1, np.int64)
    pairs = np.zeros((1, clock_pairs.PAIR_SIZE))
    readings = ranges / multilateration.AIR_M_S
    clock_pairs.synchronise(
        readings, stations, place, 10.0, np.full(5, 1e-15), rows, pairs, np.array([3e-7, 3e-6]), np.empty(5), np.empty(5),
        np.empty(5, np.bool_),
    )  # fmt: skip
    clock_pairs.one_clock(readings, rows, pairs, np.empty(5), np.empty(5))
    clock_pairs.offset_variance(pairs, 0, 0.0)
    place_filter.follow(np.zeros(6), np.eye(6), 1.0, np.ones(3), np.zeros(3), np.eye(3), 21.0)
