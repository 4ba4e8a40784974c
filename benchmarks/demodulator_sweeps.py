"""What a demodulator needs: frames alone on the air, by carrier, phase and level; all-call replies; nothing but noise.

The tables of `benchmarks.demodulator_air` that are not about crowded air.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.programs import Ours, Program, address_of, samples_of, scores_of, table
from dsp.air.densities import DENSITIES, air, mode_ac_replies, sweep
from dsp.air.effects import ALL, NONE
from dsp.air.signals import INDEPENDENT, WALK, Signals, blank

RATE_HZ = 2.4e6
LEVELS_DB = np.arange(1.0, 16.1, 0.5)
TAUGHT = 40  # strong frames of each aircraft before a sweep whose content can be foreseen


def by_carrier(programs: Sequence[Program], step_khz: float, frames: int = 200) -> None:
    """Recall of DF17 at 18 dB by the carrier's offset."""
    offsets = np.arange(-1000.0, 1000.1, step_khz)
    print(f"\n## Carrier sweep: DF17 at 18 dB, {frames} a step, alone on the air\n")
    signals, truth = sweep(np.full(len(offsets) * frames, 18.0), carrier_hz=np.repeat(offsets * 1e3, frames))
    scores = scores_of(programs, samples_of(signals, length_s(signals), NONE, 7), truth)
    rows = []
    for k, offset in enumerate(offsets):
        part = slice(k * frames, (k + 1) * frames)
        rows.append(f"| {offset:+.0f} | " + " | ".join(f"{s.found[part].mean():.1%}" for s in scores.values()) + " |")
    table(rows, list(scores), "kHz")


def by_phase(programs: Sequence[Program], frames: int = 200) -> None:
    """Recall of DF17 at 18 dB by how unsteady the phase is."""
    print(f"\n## Unsteady phases: DF17 at 18 dB, {frames} a step, alone on the air\n")
    kinds = [(f"walks, σ = {step:g} rad a pulse", WALK, step) for step in (0.2, 0.4, 0.6, 0.8, 1.0, 1.5)]
    kinds += [(f"independent, σ = {step:g} rad", INDEPENDENT, step) for step in (0.2, 0.4, 0.6, 0.8, 1.0, 1.5)]
    kinds.append(("independent, any", INDEPENDENT, 0.0))
    signals, truth = sweep(
        np.full(len(kinds) * frames, 18.0),
        phase_kind=np.repeat([kind for _, kind, _ in kinds], frames),
        phase_step_rad=np.repeat([step for _, _, step in kinds], frames),
    )
    scores = scores_of(programs, samples_of(signals, length_s(signals), NONE, 8), truth)
    rows = []
    for k, (name, _, _) in enumerate(kinds):
        part = slice(k * frames, (k + 1) * frames)
        rows.append(f"| {name} | " + " | ".join(f"{s.found[part].mean():.1%}" for s in scores.values()) + " |")
    table(rows, list(scores), "phase")


def sensitivity(programs: Sequence[Program], frames: int = 200) -> None:
    """SNR at which half of DF17 are found."""
    print(f"\n## SNR in 2.4 MHz for half of DF17, {frames} each {LEVELS_DB[1] - LEVELS_DB[0]:g} dB, alone on the air\n")
    print(
        "“Believed”: the sender's address is known from the start, where a program can be told. “Taught”: "
        f"{TAUGHT} strong frames of each aircraft come first, so that level, altitude and position can be foreseen.\n"
    )
    rows = []
    for name, known, taught, columns in (
        ("carriers within ±300 kHz", False, False, {}),
        ("the same, believed", True, False, {}),
        ("the same, taught", False, True, {}),
        ("carrier +700 kHz", False, False, {"carrier_hz": 700e3}),
        ("carrier −700 kHz", False, False, {"carrier_hz": -700e3}),
        ("carrier +700 kHz, believed", True, False, {"carrier_hz": 700e3}),
        ("carrier −700 kHz, believed", True, False, {"carrier_hz": -700e3}),
        ("phase walks 0.8 rad, believed", True, False, {"phase_kind": WALK, "phase_step_rad": 0.8}),
        ("phase independent", False, False, {"phase_kind": INDEPENDENT}),
        ("phase independent, believed", True, False, {"phase_kind": INDEPENDENT}),
    ):
        levels = np.repeat(LEVELS_DB, frames)
        before = 40 * TAUGHT if taught else 0
        signals, truth = sweep(np.concatenate([np.full(before, 25.0), levels]), **columns)
        iq = samples_of(signals, length_s(signals), NONE, 11)
        addresses = sorted(set(truth.icao.tolist())) if known else []
        scores = scores_of(programs, iq, truth, addresses)
        halves = [half(s.found[before:].reshape(-1, frames).mean(axis=1)) for s in scores.values()]
        rows.append(f"| {name} | " + " | ".join(halves) + " |")
    table(rows, [p.name for p in programs], "dB")


def half(rates: NDArray[np.float64]) -> str:
    """Where a curve over `LEVELS_DB` passes a half."""
    rising = np.maximum.accumulate(rates)
    if rising[-1] < 0.5:
        return f"never ({rising[-1]:.0%} at {LEVELS_DB[-1]:g} dB)"
    return f"{np.interp(0.5, rising, LEVELS_DB):.1f}"


def all_calls(programs: Sequence[Program], frames: int = 12_000) -> None:
    """All-call replies with right and wrong interrogator codes."""
    rng = np.random.default_rng(12)
    signals, truth = sweep(rng.uniform(2.0, 16.0, frames), df=11)
    iq = samples_of(signals, length_s(signals), NONE, 12)
    print(f"\n## {frames} all-call replies (2–16 dB, four of ten to one of five interrogators, addresses believed)\n")
    scores = scores_of(programs, iq, truth, sorted(set(truth.icao.tolist())))
    rows = [f"| {name} | {s.found.mean():.1%} | {s.wrong_codes} | {s.false} |" for name, s in scores.items()]
    table(rows, ["found", "wrong interrogator codes", "other false frames"])


@dataclass
class Total:
    """What a program made of noise."""

    frames: int = 0
    invented: set[int] = field(default_factory=set)
    cpu_s: float = 0.0


def noise(programs: Sequence[Program], seconds: float) -> None:
    """Frames out of nothing, 300 addresses being believed."""
    known = set(np.random.default_rng(3).choice(0xFFFFFF, 300, replace=False).tolist())
    totals = {p.name: Total() for p in programs}
    done, piece = 0.0, 50.0
    while done < seconds:
        iq = samples_of(blank(0), piece, NONE, 1000 + int(done))
        for program in programs:
            received = program.receive(iq, RATE_HZ, sorted(known))
            total = totals[program.name]
            total.frames += len(received.frames)
            total.invented |= set(map(address_of, received.frames)) - known
            total.cpu_s += received.cpu_s
        done += piece
    print(f"\n## Noise alone ({done:g} s; 300 addresses believed where a program can be told)\n")
    rows = [f"| {name} | {t.frames} | {len(t.invented)} | {t.cpu_s / done:.4f} |" for name, t in totals.items()]
    table(rows, ["frames", "invented addresses", "CPU s per s"])


def mode_ac_alone(programs: Sequence[Program], per_s: float, seconds: float) -> None:
    """Mode A/C replies without any Mode S."""
    signals = mode_ac_replies(ALL, per_s, 0.0, seconds, 120, 5)
    iq = samples_of(signals, seconds, ALL, 5)
    print(f"\n## Mode A/C alone ({per_s:g} replies/s, {seconds:g} s, carriers ±3 MHz, everything on)\n")
    rows = []
    for program in programs:
        received = program.receive(iq, RATE_HZ)
        rows.append(f"| {program.name} | {len(received.frames)} | {received.cpu_s / seconds:.3f} |")
    table(rows, ["false frames", "CPU s per s"])


def by_rate(programs: Sequence[Program], seconds: float) -> None:
    """Ours at 2.0 and 2.4 MS/s on the same signals."""
    print(f"\n## Sample rates: suburban air, everything on, {seconds:g} s\n")
    ours = [program for program in programs if isinstance(program, Ours)]
    signals, truth = air(DENSITIES["suburban"], seconds, 1, ALL)
    rows = []
    for rate_hz in (2.0e6, 2.4e6):
        scores = scores_of(ours, samples_of(signals, seconds, ALL, 1, rate_hz), truth, rate_hz=rate_hz)
        fields = [f"{s.found.mean():.1%}; {s.cpu_s / seconds:.3f}" for s in scores.values()]
        rows.append(f"| {rate_hz / 1e6:g} | " + " | ".join(fields) + " |")
    table(rows, [f"{program.name}: found; CPU s per s" for program in ours], "MS/s")


def length_s(signals: Signals) -> float:
    """Of a sweep."""
    return float(signals["start_s"][-1]) + 1e-3
