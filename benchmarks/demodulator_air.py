"""The demodulator in air as it really is, beside other programs on the same samples.

    python -m benchmarks.demodulator_air [--air rural hub] [--effects] [--carriers] [--sensitivity] [--noise] [--mode-ac]
        [--phases] [--all-calls] [--rates] [--recordings] [--peer NAME=COMMAND] > benchmarks/records/demodulator-air.md

Without a choice, all of it. Prints Markdown: recall, false frames, wrong interrogator codes and CPU time by density, SNR,
carrier, phase, echo and overlap; one effect at a time; by carrier and by phase at 18 dB; the SNR for half of DF17;
all-call replies; noise; Mode A/C alone; two sample rates; recordings. Every aircraft that a peer reports and we do not is named.

Debian's dump1090-mutability takes part when it is installed; others by `--peer`, for example
`--peer "readsb=readsb --device-type ifile --ifile {} --iformat UC8 --raw --mlat --fix"`.

The air is that of `dsp.air` (docs/scenes.md, "Real air").
"""

from __future__ import annotations

import argparse
import datetime
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import demodulator_sweeps as sweeps
from benchmarks.demodulator_recordings import recordings
from benchmarks.programs import Ours, Peer, Program, Score, peers_of, samples_of, scores_of, table
from dsp.air.densities import DENSITIES, Density, air
from dsp.air.effects import ALL, SINGLE, TAME
from dsp.air.signals import PHASE_KINDS
from dsp.air.truth import Truth
from dsp.effort import Effort
from dsp.warm_up import warm_up

AIRS = {"all": ALL, "tame": TAME}
PARTS = ("effects", "carriers", "phases", "sensitivity", "all-calls", "mode-ac", "rates", "noise", "recordings")
ENOUGH = 2  # so many frames of an aircraft and a peer is said to receive it


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


def by_density(
    programs: Sequence[Program], names: Sequence[str], which: str, seconds: float, seed: int, every: bool
) -> None:
    """A table for each density, and the aircraft: those of which a peer has more, or every one."""
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
        name_aircraft(programs, truth, scores, every)


def by_aircraft(
    programs: Sequence[Program], truth: Truth, scores: dict[str, Score]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frames by the number of the aircraft: ours at the greatest effort, and the best peer's."""
    best = [p.name for p in programs if isinstance(p, Ours)][-1]
    n = int(truth.who.max(initial=-1)) + 1
    ours: NDArray[np.float64] = np.bincount(truth.who, scores[best].found, n).astype(np.float64)
    peers = [np.bincount(truth.who, scores[p.name].found, n) for p in programs if isinstance(p, Peer)]
    theirs: NDArray[np.float64] = np.max([np.zeros(n), *peers], axis=0)
    return ours, theirs


def lost(programs: Sequence[Program], truth: Truth, scores: dict[str, Score]) -> list[int]:
    """Numbers of the aircraft that a peer receives (`ENOUGH` frames) and we do not (none)."""
    ours, theirs = by_aircraft(programs, truth, scores)
    return [int(k) for k in np.flatnonzero((theirs >= ENOUGH) & (ours == 0))]


def name_aircraft(programs: Sequence[Program], truth: Truth, scores: dict[str, Score], every: bool) -> None:
    """Name the aircraft that a peer receives and we do not, and those of which it has more; or all."""
    ours, theirs = by_aircraft(programs, truth, scores)
    missed = set(lost(programs, truth, scores))
    less = {int(k) for k in np.flatnonzero((theirs >= 10) & (ours < 0.95 * theirs))} - missed
    print(f"\nAircraft that a peer receives and we do not: {len(missed) or 'none'}.")
    print(f"Others with less than 95 % of the best peer's frames (10 or more): {len(less) or 'none'}.")
    named = sorted(missed) + sorted(less)
    if every:
        named += [k for k in np.unique(truth.who).tolist() if k not in missed | less]
    rows = []
    for k in named:
        of = truth.who == k
        first = int(np.flatnonzero(of)[0])
        counts = " | ".join(str(int(s.found[of].sum())) for s in scores.values())
        phase = PHASE_KINDS[truth.phase_kind[first]]
        if truth.phase_step_rad[first] > 0:
            phase += f" {truth.phase_step_rad[first]:.2f} rad"
        echo = "" if np.isinf(truth.echo_db[first]) else f", echo {truth.echo_db[first]:.0f} dB"
        label = "**missed** " if k in missed else "less: " if k in less else ""
        rows.append(
            f"| {label}{truth.icao[first]:06x}, {truth.snr_db[of].mean():.1f} dB, "
            f"{np.median(truth.carrier_hz[of]) / 1e3:+.0f} kHz, {phase}{echo} | {of.sum()} | {counts} |"
        )
    if rows:
        print()
        table(rows, ["sent", *scores], "aircraft")


def by_effect(programs: Sequence[Program], seconds: float, seed: int) -> None:
    """One effect at a time on the same traffic."""
    density = Density(300.0, 5000.0, 40)
    print(
        f"\n## One effect at a time (300 Mode S frames/s of 40 aircraft, {seconds:g} s; Mode A/C 5,000/s in its row)\n"
        "\nEach field: frames found; of those of 15 dB and more; false frames. Last: aircraft that a peer receives and we do "
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


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--air", nargs="*", choices=DENSITIES, metavar="DENSITY", help=", ".join(DENSITIES))
    parser.add_argument("--carriers-to", choices=AIRS, nargs="+", default=["all", "tame"],
                        help="all: to ±1 MHz; tame: within ±300 kHz, everything else on")  # fmt: skip
    for name in PARTS:
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument(
        "--aircraft", action="store_true", help="name all aircraft, not only those of which a peer has more"
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="of each air")
    parser.add_argument("--noise-seconds", type=float, default=500.0)
    parser.add_argument("--step-khz", type=float, default=100.0, help="of the carrier sweep")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--effort", nargs="+", choices=[e.value for e in Effort], default=["lean", "thorough"])
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND", help="{} is the file of samples")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    chosen = parser.parse_args()
    wanted = {name for name in PARTS if getattr(chosen, name.replace("-", "_"))}
    everything = chosen.air is None and not wanted
    wanted = set(PARTS) if everything else wanted
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
            by_density(programs, chosen.air or list(DENSITIES), which, chosen.seconds, chosen.seed, chosen.aircraft)
    parts: dict[str, Callable[[], None]] = {
        "effects": lambda: by_effect(programs, chosen.seconds / 2, chosen.seed),
        "carriers": lambda: sweeps.by_carrier(programs, chosen.step_khz),
        "phases": lambda: sweeps.by_phase(programs),
        "sensitivity": lambda: sweeps.sensitivity(programs),
        "all-calls": lambda: sweeps.all_calls(programs),
        "mode-ac": lambda: sweeps.mode_ac_alone(programs, 15_000.0, 20.0),
        "rates": lambda: sweeps.by_rate(programs, 10.0),
        "noise": lambda: sweeps.noise(programs, chosen.noise_seconds),
        "recordings": lambda: recordings(programs, chosen.shared / "iq"),
    }
    for name in PARTS:
        if name in wanted:
            parts[name]()


if __name__ == "__main__":
    main()
