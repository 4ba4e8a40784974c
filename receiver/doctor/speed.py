"""Whether this machine can keep up."""

from __future__ import annotations

import time
from collections.abc import Iterator

from config.settings import Settings
from dsp.demodulator import Demodulator
from dsp.effort import Effort
from receiver.doctor.finding import Finding, good, problem, warning
from receiver.doctor.machine import Machine
from receiver.doctor.scene import busy_sky

FULL = 0.9  # share of a core from which samples will be lost
TIGHT = 0.6


def load_of(sample_rate_hz: float, effort: Effort) -> float:
    """CPU seconds that a second of busy sky takes to demodulate: 1 is one core, no more is there."""
    scene = busy_sky(sample_rate_hz)
    blocks = list(scene.blocks())
    demodulator = Demodulator(scene.sample_rate_hz, scene.sample_format, effort=effort)
    demodulator.feed(blocks[0])  # what is compiled or loaded at first use does not count
    began_s = time.thread_time()
    samples = 0
    for block in blocks[1:]:
        demodulator.feed(block)
        samples += block.n_samples
    return (time.thread_time() - began_s) * sample_rate_hz / samples


def check_speed(_machine: Machine, settings: Settings) -> Iterator[Finding]:
    """Measure what the settings ask for, and what is the least that could be asked for."""
    if settings.receiver.source not in ("rtlsdr", "rtl_tcp"):
        return
    rate_hz = float(settings.receiver.sample_rate_hz)
    effort = Effort(settings.demodulator.effort)
    load = load_of(rate_hz, Effort.THOROUGH if effort is Effort.AUTO else effort)
    if load < TIGHT:
        yield good("speed", f"Demodulating a busy sky takes {load:.0%} of a core ({1 / load:.1f} × real time).")
        return
    least = load_of(rate_hz, Effort.LEAN)
    if least >= FULL:
        yield problem(
            "too-slow",
            f"Demodulating a busy sky takes {least:.0%} of a core even with the least effort: samples will be lost.",
            "Use a faster machine (a Raspberry Pi 4 or better), or stop what else is running.",
        )
    elif effort is Effort.AUTO:
        yield warning(
            "slow",
            f"Demodulating a busy sky takes {load:.0%} of a core; the effort will be lowered ({least:.0%} at the least).",
            "Nothing need be done; a faster machine would receive more.",
        )
    else:
        yield warning(
            "slow",
            f"Demodulating a busy sky with effort {effort} takes {load:.0%} of a core.",
            'Set [demodulator] effort = "auto".',
        )
