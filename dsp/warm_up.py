"""Every kernel compiled, or loaded from the cache, before the first sample comes.

numba compiles a kernel when it is first called: some 20 s for all of them on a PC, a minute or two on a Raspberry Pi,
which would be samples lost. Compiled code is kept on disk, by processor and by content of the source file.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numba.core.dispatcher import Dispatcher

import dsp
from dsp.air.modulator import Emissions, Modulator, Receiver
from dsp.crc import parity
from dsp.demodulator import Demodulator
from dsp.effort import LEVELS, Effort
from dsp.samples import SampleBlock, SampleFormat

PATIENCE_S = 1.0  # what loading from the cache takes at most, on a small machine
LENGTH_S = 0.04
FASTEST_HZ = 20e6  # what the modulator makes; more than that is decimated by the same kernels


@dataclass(frozen=True, slots=True)
class Kernel:
    """A compiled function: where it is, for how many kinds of arguments, how many of those were compiled just now."""

    name: str
    signatures: int
    compiled: int


def warm_up(
    sample_rate_hz: float = 2.4e6,
    sample_format: SampleFormat = SampleFormat.CU8,
    efforts: Iterable[Effort] = (Effort.THOROUGH,),
    *,
    on_slow: Callable[[], None] | None = None,
) -> float:
    """Run the demodulator over a few made-up frames, so that all of its kernels are there.

    Parameters
    ----------
    sample_rate_hz, sample_format
        What will be demodulated.
    efforts
        The levels that will be used.
    on_slow
        Called once, from another thread, when it takes longer than loading does: something is being compiled.

    Returns
    -------
    Seconds that it took.
    """
    began_s = time.perf_counter()
    timer = threading.Timer(PATIENCE_S, on_slow) if on_slow is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    sample_rate_hz = min(sample_rate_hz, FASTEST_HZ)
    try:
        modulator = Modulator(sample_rate_hz, sample_format, Receiver(noise_dbfs=-30.0))
        block = SampleBlock(modulator.block(_emissions(), 0, round(LENGTH_S * sample_rate_hz)), 0)
        for effort in efforts:
            demodulator = Demodulator(sample_rate_hz, sample_format, effort=effort)
            demodulator.feed(block)
            demodulator.flush()
    finally:
        if timer is not None:
            timer.cancel()
    return time.perf_counter() - began_s


def warm_up_everything(tell: Callable[[str, float], None] = lambda what, took_s: None) -> list[Kernel]:
    """All formats, several rates, all levels of effort; the result is every kernel of this package.

    Parameters
    ----------
    tell
        Called after each step with what was done and the seconds that it took.
    """
    steps = [(2.4e6, sample_format) for sample_format in SampleFormat]
    steps += [(rate_hz, SampleFormat.CU8) for rate_hz in (2.0e6, 6.0e6, 10.0e6)]
    for rate_hz, sample_format in steps:
        tell(f"{rate_hz / 1e6:g} MS/s {sample_format}", warm_up(rate_hz, sample_format, LEVELS))
    return kernels()


def kernels() -> list[Kernel]:
    """Every kernel of this package that has been called. What only other kernels call is compiled into them."""
    found = []
    for module in pkgutil.walk_packages(dsp.__path__, f"{dsp.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == module.name:
                compiled = sum(value.stats.cache_misses.values())
                if value.signatures:
                    found.append(Kernel(f"{module.name}.{name}", len(value.signatures), compiled))
    return found


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
