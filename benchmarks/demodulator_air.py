"""The demodulator in air as it really is, beside other programs on the same samples.

    python -m benchmarks.demodulator_air [--air rural hub] [--effects] [--carriers] [--sensitivity] [--noise] [--mode-ac]
        [--recordings] [--peer NAME=COMMAND] > benchmarks/records/demodulator-air.md

Without a choice, all of it. Prints Markdown: recall, false frames, wrong interrogator codes and CPU time by density, SNR,
carrier, phase, echo and overlap; one effect at a time; by carrier at 18 dB; the SNR for half of DF17; noise; Mode A/C
alone; recordings. Every aircraft that a peer reports and we do not is named.

Debian's dump1090-mutability takes part when it is installed; others by `--peer`, for example
`--peer "readsb=readsb --device-type ifile --ifile {} --iformat UC8 --raw --mlat --fix"`.

The air is that of `dsp.air` (docs/scenes.md, "Real air").
"""

from __future__ import annotations

import argparse
import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.demodulator_recordings import recordings
from benchmarks.programs import Ours, Peer, Program, Score, address_of, peers_of, score
from dsp.air.densities import DENSITIES, Density, air, mode_ac_replies, sweep, tuner_of
from dsp.air.drawing import Air
from dsp.air.effects import ALL, NONE, SINGLE, TAME, Effects
from dsp.air.signals import PHASE_KINDS, Signals, blank
from dsp.air.truth import Truth
from dsp.effort import Effort
from dsp.samples import SampleFormat
from dsp.warm_up import warm_up

RATE_HZ = 2.4e6
AIRS = {"all": ALL, "tame": TAME}
HEARD = 2  # so many frames of an aircraft and a peer is said to hear it


def samples_of(signals: Signals, seconds: float, effects: Effects, seed: int) -> NDArray[np.uint8]:
    """8-bit samples of an air."""
    receiver = Air(RATE_HZ, SampleFormat.CU8, tuner_of(effects), seed=seed)
    n, step = round(seconds * RATE_HZ), 1 << 20
    out = np.empty(2 * n, np.uint8)
    for first in range(0, n, step):
        count = min(step, n - first)
        out[2 * first : 2 * (first + count)] = receiver.block(signals, first, count)
    return out


def scores_of(
    programs: Sequence[Program], iq: NDArray[np.uint8], truth: Truth, known: Sequence[int] = ()
) -> dict[str, Score]:
    """What each program makes of an air."""
    return {p.name: score(truth, p.hear(iq, RATE_HZ, known), p.tolerance_s, known) for p in programs}


def parts_of(truth: Truth) -> dict[str, NDArray[np.bool_]]:
    """Which frames belong to which row of the table."""
    snr, carrier = truth.snr_db, np.abs(truth.carrier_hz)
    parts = {"all": np.ones(len(truth), bool), "15 dB and more": snr >= 15.0}
    edges = (-99.0, 6.0, 9.0, 12.0, 15.0, 20.0, 99.0)
    for low, high in itertools.pairwise(edges):
        name = "below 6 dB" if low < 0 else "20 dB and more" if high > 90 else f"{low:g}–{high:g} dB"
        parts[name] = (snr >= low) & (snr < high)
    for low in range(0, 1000, 200):
        inside = (carrier >= low * 1e3) & (carrier < (low + 200) * 1e3 + (5e3 if low == 800 else 0))
        parts[f"carrier {low}–{low + 200} kHz off"] = inside
    for kind, name in enumerate(PHASE_KINDS):
        parts[f"phase {name}"] = truth.phase_kind == kind
    has_echo = np.isfinite(truth.echo_db)
    parts |= {"echo": has_echo, "no echo": ~has_echo}
    alone, mode_s = truth.overlaps == 0, truth.mode_s_overlaps > 0
    parts |= {"alone": alone, "under Mode A/C or DME": ~alone & ~mode_s, "under Mode S": mode_s}
    formats = np.array([frame[0] >> 3 for frame in truth.frames])
    parts |= {f"DF{df}": formats == df for df in np.unique(formats)}
    return {name: part for name, part in parts.items() if part.any()}


def table(rows: list[str], names: Sequence[str], first: str = "") -> None:
    """Print rows of a Markdown table under their header."""
    print(f"| {first} | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
    print("\n".join(rows), flush=True)


def by_density(programs: Sequence[Program], names: Sequence[str], which: str, seconds: float, seed: int) -> None:
    """A table for each density."""
    effects = AIRS[which]
    for name in names:
        density = DENSITIES[name]
        signals, truth = air(density, seconds, seed, effects)
        scores = scores_of(programs, samples_of(signals, seconds, effects, seed), truth)
        print(
            f"\n## Air: {name}, {which} ({seconds:g} s, seed {seed}: {len(truth)} Mode S frames of "
            f"{density.aircraft} aircraft, {np.sum(signals['kind'] == 1)} Mode A/C replies)\n"
        )
        rows = [
            f"| {part} ({np.sum(rows)}) | " + " | ".join(f"{s.found[rows].mean():.1%}" for s in scores.values()) + " |"
            for part, rows in parts_of(truth).items()
        ]
        for label, values in (
            ("false frames", [f"{s.false}" for s in scores.values()]),
            ("of addresses that nobody has", [f"{s.invented}" for s in scores.values()]),
            ("wrong interrogator codes", [f"{s.wrong_codes}" for s in scores.values()]),
            ("CPU s per s", [f"{s.cpu_s / seconds:.3f}" for s in scores.values()]),
        ):
            rows.append(f"| {label} | " + " | ".join(values) + " |")
        table(rows, list(scores), "frames found")
        missed(programs, truth, scores)


def lost(programs: Sequence[Program], truth: Truth, scores: dict[str, Score]) -> list[int]:
    """Numbers of the aircraft that a peer hears (`HEARD` frames) and we do not (none)."""
    best = [p.name for p in programs if isinstance(p, Ours)][-1]
    ours = np.bincount(truth.who, scores[best].found)
    peers = [np.bincount(truth.who, scores[p.name].found) for p in programs if isinstance(p, Peer)]
    theirs = np.max(peers, axis=0) if peers else np.zeros_like(ours)
    return [int(k) for k in np.flatnonzero((theirs >= HEARD) & (ours == 0))]


def missed(programs: Sequence[Program], truth: Truth, scores: dict[str, Score]) -> None:
    """Name every aircraft that a peer hears and we do not, and count those of which it hears more."""
    best = [p.name for p in programs if isinstance(p, Ours)][-1]
    who = lost(programs, truth, scores)
    ours = np.bincount(truth.who, scores[best].found)
    peers = [np.bincount(truth.who, scores[p.name].found) for p in programs if isinstance(p, Peer)]
    if peers:
        theirs = np.max(peers, axis=0)
        less = np.sum((theirs >= 10) & (ours < 0.95 * theirs))
        print(f"\nAircraft with less than 95 % of the best peer's frames (10 or more): {less}.")
    print(f"Aircraft that a peer hears and {best} does not: {len(who) or 'none'}.")
    if not who:
        return
    print()
    rows = []
    for k in who:
        of = truth.who == k
        first = int(np.flatnonzero(of)[0])
        counts = " | ".join(str(int(s.found[of].sum())) for s in scores.values())
        phase = PHASE_KINDS[truth.phase_kind[first]]
        if truth.phase_step_rad[first] > 0:
            phase += f" {truth.phase_step_rad[first]:.2f} rad"
        echo = "" if np.isinf(truth.echo_db[first]) else f", echo {truth.echo_db[first]:.0f} dB"
        rows.append(
            f"| {truth.icao[first]:06x}: {truth.snr_db[of].mean():.1f} dB, {np.median(truth.carrier_hz[of]) / 1e3:+.0f} kHz, "
            f"{phase}{echo} | {of.sum()} | {counts} |"
        )
    table(rows, ["sent", *scores], "aircraft")


def by_effect(programs: Sequence[Program], seconds: float, seed: int) -> None:
    """One effect at a time on the same traffic."""
    density = Density(300.0, 5000.0, 40)
    print(
        f"\n## One effect at a time (300 Mode S frames/s of 40 aircraft, {seconds:g} s; Mode A/C 5,000/s in its row)\n"
        "\nEach field: frames found; of those of 15 dB and more; false frames. Last: aircraft that a peer hears and we do "
        "not.\n"
    )
    rows = []
    for name, effects in SINGLE.items():
        signals, truth = air(density, seconds, seed, effects)
        scores = scores_of(programs, samples_of(signals, seconds, effects, seed), truth)
        strong = truth.snr_db >= 15.0
        fields = [f"{s.found.mean():.1%}; {s.found[strong].mean():.1%}; {s.false}" for s in scores.values()]
        rows.append(f"| {name} | " + " | ".join(fields) + f" | {len(lost(programs, truth, scores))} |")
    table(rows, [*(p.name for p in programs), "lost"], "effect")


def by_carrier(programs: Sequence[Program], step_khz: float, frames: int = 200) -> None:
    """Recall of DF17 at 18 dB by the carrier's offset."""
    offsets = np.arange(-1000.0, 1000.1, step_khz)
    print(f"\n## Carrier sweep: DF17 at 18 dB, {frames} a step, alone on the air\n")
    signals, truth = sweep(np.full(len(offsets) * frames, 18.0), carrier_hz=np.repeat(offsets * 1e3, frames))
    scores = scores_of(programs, samples_of(signals, sweep_s(signals), NONE, 7), truth)
    rows = []
    for k, offset in enumerate(offsets):
        part = slice(k * frames, (k + 1) * frames)
        rows.append(f"| {offset:+.0f} | " + " | ".join(f"{s.found[part].mean():.0%}" for s in scores.values()) + " |")
    table(rows, list(scores), "kHz")


def sensitivity(programs: Sequence[Program], frames: int = 200) -> None:
    """SNR at which half of DF17 are found."""
    levels = np.arange(1.0, 16.1, 0.5)
    print(f"\n## SNR in 2.4 MHz for half of DF17, {frames} each {levels[1] - levels[0]:g} dB, alone on the air\n")
    rows = []
    for name, known, columns in (
        ("carriers within ±300 kHz", False, {}),
        ("the same, addresses believed", True, {}),
        ("carrier +700 kHz", False, {"carrier_hz": 700e3}),
        ("carrier −700 kHz", False, {"carrier_hz": -700e3}),
        ("carrier +700 kHz, addresses believed", True, {"carrier_hz": 700e3}),
        ("phase walks 0.8 rad, addresses believed", True, {"phase_kind": 1, "phase_step_rad": 0.8}),
        ("phase independent", False, {"phase_kind": 2}),
        ("phase independent, addresses believed", True, {"phase_kind": 2}),
    ):
        signals, truth = sweep(np.repeat(levels, frames), **columns)
        iq = samples_of(signals, sweep_s(signals), NONE, 11)
        addresses = sorted(set(truth.icao.tolist())) if known else []
        scores = scores_of(programs, iq, truth, addresses)
        halves = [half(levels, s.found.reshape(-1, frames).mean(axis=1)) for s in scores.values()]
        rows.append(f"| {name} | " + " | ".join(halves) + " |")
    table(rows, [p.name for p in programs], "dB")


def half(levels: NDArray[np.float64], rates: NDArray[np.float64]) -> str:
    """Where a rising curve passes a half."""
    rising = np.maximum.accumulate(rates)
    if rising[-1] < 0.5:
        return f"never ({rising[-1]:.0%} at {levels[-1]:g} dB)"
    return f"{np.interp(0.5, rising, levels):.1f}"


def sweep_s(signals: Signals) -> float:
    """Length of a sweep."""
    return float(signals["start_s"][-1]) + 1e-3


@dataclass
class NoiseTotal:
    """What a program made of noise."""

    frames: int = 0
    invented: set[int] = field(default_factory=set)
    cpu_s: float = 0.0


def noise(programs: Sequence[Program], seconds: float) -> None:
    """Frames out of nothing, 300 addresses being believed."""
    known = set(np.random.default_rng(3).choice(0xFFFFFF, 300, replace=False).tolist())
    totals = {p.name: NoiseTotal() for p in programs}
    done, piece = 0.0, 50.0
    while done < seconds:
        iq = samples_of(blank(0), piece, NONE, 1000 + int(done))
        for program in programs:
            heard = program.hear(iq, RATE_HZ, sorted(known))
            total = totals[program.name]
            total.frames += len(heard.frames)
            total.invented |= set(map(address_of, heard.frames)) - known
            total.cpu_s += heard.cpu_s
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
        heard = program.hear(iq, RATE_HZ)
        rows.append(f"| {program.name} | {len(heard.frames)} | {heard.cpu_s / seconds:.3f} |")
    table(rows, ["false frames", "CPU s per s"])


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--air", nargs="*", choices=DENSITIES, metavar="DENSITY", help=", ".join(DENSITIES))
    parser.add_argument("--carriers-to", choices=AIRS, nargs="+", default=["all", "tame"],
                        help="all: to ±1 MHz; tame: within ±300 kHz, everything else on")  # fmt: skip
    for name in ("effects", "carriers", "sensitivity", "noise", "mode-ac", "recordings"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each air")
    parser.add_argument("--noise-seconds", type=float, default=500.0)
    parser.add_argument("--step-khz", type=float, default=100.0, help="of the carrier sweep")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--effort", nargs="+", choices=[e.value for e in Effort], default=["lean", "thorough"])
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND", help="{} is the file of samples")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    chosen = parser.parse_args()
    everything = chosen.air is None and not any(
        (chosen.effects, chosen.carriers, chosen.sensitivity, chosen.noise, chosen.mode_ac, chosen.recordings)
    )
    print(f"# Demodulator in real air, {datetime.date.today()}, numpy {np.__version__}\n")
    try:
        peers = peers_of(chosen.peer)
    except ValueError as error:
        parser.error(f"--peer: {error}")
    efforts = [Effort(name) for name in chosen.effort]
    warm_up(efforts=efforts)
    warm_up(2.0e6, efforts=efforts)
    programs: list[Program] = [*peers, *map(Ours, efforts)]
    if chosen.air is not None or everything:
        for which in chosen.carriers_to:
            by_density(programs, chosen.air or list(DENSITIES), which, chosen.seconds, chosen.seed)
    if chosen.effects or everything:
        by_effect(programs, chosen.seconds / 2, chosen.seed)
    if chosen.carriers or everything:
        by_carrier(programs, chosen.step_khz)
    if chosen.sensitivity or everything:
        sensitivity(programs)
    if chosen.mode_ac or everything:
        mode_ac_alone(programs, 15_000.0, 20.0)
    if chosen.noise or everything:
        noise(programs, chosen.noise_seconds)
    if chosen.recordings or everything:
        recordings(programs, chosen.shared / "iq")


if __name__ == "__main__":
    main()
