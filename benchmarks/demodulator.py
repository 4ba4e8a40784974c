"""The demodulator against Debian's dump1090-mutability on the same made-up scenes, and alone where that cannot follow.

    python -m benchmarks.demodulator [--scenes N] [--seconds S] [--noise S] [--shared FOLDER] > benchmarks/records/demodulator.md

Prints Markdown: frames found and falsely reported in crowded scenes, CPU time, the SNR at which half and nine tenths of
DF17 frames are found, false frames on noise, and the real recordings when they are there.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import itertools
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.demodulator_scenes import Scene, noise, sweep, traffic
from benchmarks.programs import MUTABILITY as DUMP1090_MUTABILITY
from benchmarks.programs import Ours, Peer, Program, Received
from dsp.effort import LEVELS, Effort
from dsp.warm_up import warm_up

MUTABILITY = Peer.of(DUMP1090_MUTABILITY)


def found_and_false(scene: Scene, program: Program, received: Received) -> tuple[NDArray[np.bool_], int]:
    """Which frames of a scene were received, and how many were received that it does not have."""
    places: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(scene.frames):
        places[text].append(index)
    found = np.zeros(len(scene.frames), bool)
    false = 0
    for at_s, text in zip(received.start_s, received.frames, strict=True):
        near = [k for k in places.get(text, ()) if abs(scene.start[k] / scene.rate_hz - at_s) < program.tolerance_s]
        found[near] = True
        false += not near
    return found, false


def level_for(share: float, snr_db: NDArray[np.float64], found: NDArray[np.bool_]) -> float:
    """SNR at which so many of the frames are found, from half-decibel bins."""
    edges = np.arange(np.floor(snr_db.min()), np.ceil(snr_db.max()) + 0.01, 0.5)
    rates = [found[(snr_db >= a) & (snr_db < b)].mean() for a, b in itertools.pairwise(edges)]
    return float(np.interp(share, np.maximum.accumulate(rates), (edges[:-1] + edges[1:]) / 2))


def crowded(messages_per_s: float, seconds: float, seeds: list[int], weak: float) -> None:
    """A table for crowded scenes."""
    rows = defaultdict(list)
    for seed in seeds:
        scene = traffic(2.4e6, messages_per_s, seconds, seed, weak=weak)
        received = MUTABILITY.receive(scene.iq, scene.rate_hz)
        peer, false = found_and_false(scene, MUTABILITY, received)
        rows[MUTABILITY.name].append((peer.mean(), 1.0, false, received.cpu_s / seconds))
        for ours in map(Ours, LEVELS):
            received = ours.receive(scene.iq, scene.rate_hz)
            found, false = found_and_false(scene, ours, received)
            rows[ours.name].append((found.mean(), found.mean() / peer.mean(), false, received.cpu_s / seconds))
    print(f"\n## {messages_per_s:g} messages/s, {len(seeds)} scenes of {seconds:g} s (seeds {seeds}), weak = {weak}\n")
    print("| | frames found | ratio | false frames, each scene | CPU s per s |\n|---|---|---|---|---|")
    for name, values in rows.items():
        share, ratio, _, took = np.mean(values, axis=0)
        each = ", ".join(str(int(v[2])) for v in values)
        print(f"| {name} | {share:.1%} | {ratio:.3f} | {each} | {took:.3f} |", flush=True)


def sensitivity(seconds: float) -> None:
    """A table of the SNR that DF17 frames need."""
    print("\n## SNR for half and for nine tenths of the DF17 frames (2–14 dB, alone on the air)\n")
    print("| MS/s | | 50 % | 90 % | false |\n|---|---|---|---|---|")
    for rate_hz in (2.0e6, 2.4e6, 6.0e6):
        shift = max(0, round(10 * np.log10(rate_hz / 2.4e6)))  # the same noise density: more noise in a wider band
        scene = sweep(rate_hz, seconds, 71, 2 - shift, 14 - shift)
        programs: list[Program] = [MUTABILITY] if rate_hz == 2.4e6 else []
        for program in [*programs, *map(Ours, LEVELS)]:
            found, false = found_and_false(scene, program, program.receive(scene.iq, rate_hz))
            half, most = (level_for(share, scene.snr_db, found) for share in (0.5, 0.9))
            print(f"| {rate_hz / 1e6:g} | {program.name} | {half:.2f} | {most:.2f} | {false} |", flush=True)


def silence(seconds: float) -> None:
    """False frames on noise, with 300 addresses believed all the time."""
    rng = np.random.default_rng(3)
    addresses = [int(icao) for icao in rng.integers(1, 1 << 24, 300)]
    count, done, took = 0, 0.0, 0.0
    while done < seconds:
        received = Ours(Effort.THOROUGH).receive(noise(2.4e6, 60.0, 1000 + int(done)), 2.4e6, addresses)
        count, done, took = count + len(received.frames), done + 60.0, took + received.cpu_s
    print(f"\n## Noise\n\n{count} false frames in {done:g} s with 300 believed addresses (thorough);", end=" ")
    print(f"{took / done:.3f} CPU s per s.", flush=True)


def recordings(shared: Path) -> None:
    """Real recordings against what several programs report."""
    print("\n## Recordings\n\n| | effort | frames | reported by three or more and not found |\n|---|---|---|---|")
    with (shared / "truth/iq_frames.tsv").open() as file:
        truth = list(csv.DictReader(file, delimiter="\t"))
    for name in sorted({row["recording"] for row in truth}):
        owed = {row["frame"] for row in truth if row["recording"] == name and int(row["programs"]) >= 3}
        rate_hz = 2.0e6 if "2000k" in name else 2.4e6
        for effort in LEVELS:
            frames = Ours(effort).receive(np.fromfile(shared / "iq" / name, np.uint8), rate_hz).frames
            missing = ", ".join(sorted(owed - set(frames))) or "none"
            print(f"| {name} | {effort} | {len(frames)} | {missing} |", flush=True)


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of a scene at 300 messages/s; a third at 1,500")
    parser.add_argument("--weak", type=float, default=1.0, help="1: levels drawn evenly; more: more weak aircraft")
    parser.add_argument("--crowded", action="store_true", help="only the crowded scenes")
    parser.add_argument("--noise", type=float, default=600.0)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments = parser.parse_args()
    if not MUTABILITY.is_there:
        raise SystemExit("dump1090-mutability is not installed")
    warm_up(efforts=LEVELS)
    warm_up(2.0e6)
    warm_up(6.0e6)
    print(f"# Demodulator, {datetime.date.today()}, 2-core x86-64, numpy {np.__version__}")
    seeds = list(range(101, 101 + arguments.scenes))
    crowded(300.0, arguments.seconds, seeds, arguments.weak)
    crowded(1500.0, arguments.seconds / 3, seeds, arguments.weak)
    if arguments.crowded:
        return
    sensitivity(4.0)
    silence(arguments.noise)
    if (arguments.shared / "iq").exists():
        recordings(arguments.shared)


if __name__ == "__main__":
    main()
