"""Real recordings, read by several programs: frames by aircraft. The truth is what several peers agree on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.programs import Ours, Peer, Program, Received, address_of

PEER_RATE_HZ = 2.4e6
SAME_S = 150e-6  # reports of one frame by two programs, their clocks put right, are so near to each other
_FORMATS = {"uc8": "u1", "cs16": "<i2", "fc32": "<f4"}
_TWINS = "swapped"  # the same recording in another number format


def recordings(programs: Sequence[Program], folder: Path) -> None:
    """A table: frames of each aircraft by each program; those that we miss or have fewer of are named."""
    print("\n## Recordings\n")
    paths = sorted(path for path in folder.glob("*.bin") if _TWINS not in path.name) if folder.is_dir() else []
    if not paths:
        print(f"absent: there are no recordings in {folder}.")
        return
    print(
        "Frames by aircraft; `agreed`: reported by two or more of the other programs, and how many of them we have.\n"
    )
    names = [program.name for program in programs]
    peers = [program.name for program in programs if isinstance(program, Peer)]
    best = [program.name for program in programs if isinstance(program, Ours)][-1]
    print(f"| recording | aircraft | {' | '.join(names)} | agreed | of them {best} |\n|" + "---|" * (len(names) + 4))
    remarks = []
    for path in paths:
        by_program = {}
        samples, rate_hz = read(path)
        for program in programs:
            is_ours = isinstance(program, Ours)
            fits = is_ours and rate_hz <= 20e6
            iq = eight_bits(samples if fits else resampled(samples, rate_hz, PEER_RATE_HZ))
            by_program[program.name] = program.receive(iq, rate_hz if fits else PEER_RATE_HZ)
        for icao, counts, agreed, ours in by_aircraft(by_program, peers, best):
            most = max((counts[name] for name in peers), default=0)
            mine = counts[best]
            if mine < 0.95 * most or ours < agreed:
                remarks.append(
                    f"{path.name} {icao:06x}: {best} {mine}, best peer {most}; {agreed - ours} agreed ones missing"
                )
            fields = " | ".join(str(counts[name]) for name in names)
            print(f"| {path.name} | {icao:06x} | {fields} | {agreed} | {ours} |", flush=True)
    print("\nLess than a peer:" if remarks else "\nNo aircraft has fewer frames than with the best peer.")
    print("".join(f"\n- {line}" for line in remarks))


def by_aircraft(
    received: dict[str, Received], peers: Sequence[str], best: str
) -> list[tuple[int, Counter[str], int, int]]:
    """Address, frames by program, frames that two peers agree on, and how many of those `best` has too.

    Only addresses that said so themselves (DF11, 17, 18) or that two programs report: parity alone invents addresses.
    """
    receptions = same_receptions(received)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    agreed: Counter[int] = Counter()
    ours: Counter[int] = Counter()
    said = set()
    for frame, who in receptions:
        icao = address_of(frame)
        counts[icao].update(who)
        if int(frame[:2], 16) >> 3 in (11, 17, 18) and len(who) > 1:
            said.add(icao)
        if len(who & set(peers)) >= 2:
            agreed[icao] += 1
            ours[icao] += best in who
    return [(icao, counts[icao], agreed[icao], ours[icao]) for icao in sorted(counts) if icao in said or agreed[icao]]


def same_receptions(received: dict[str, Received]) -> list[tuple[str, set[str]]]:
    """Frames and who reports them; clocks are put right by frames that two programs report once each."""
    first = next(iter(received.values()))
    receptions: list[tuple[str, float, set[str]]] = []
    by_frame: dict[str, list[int]] = defaultdict(list)
    for name, one in received.items():
        shift = clock_shift(first, one)
        for at_s, frame in zip(one.start_s, one.frames, strict=True):
            at_s -= shift
            for k in by_frame[frame]:
                if abs(receptions[k][1] - at_s) < SAME_S and name not in receptions[k][2]:
                    receptions[k][2].add(name)
                    break
            else:
                by_frame[frame].append(len(receptions))
                receptions.append((frame, at_s, {name}))
    return [(frame, who) for frame, _, who in receptions]


def clock_shift(first: Received, other: Received) -> float:
    """How much later the other says it, by the median of all pairs of equal frames within 2 ms."""
    places: dict[str, list[float]] = defaultdict(list)
    for at_s, frame in zip(first.start_s, first.frames, strict=True):
        places[frame].append(at_s)
    pairs = [
        at_s - there
        for at_s, frame in zip(other.start_s, other.frames, strict=True)
        for there in places.get(frame, ())
        if abs(at_s - there) < 2e-3
    ]
    return float(np.median(pairs)) if pairs else 0.0


def read(path: Path) -> tuple[NDArray[np.complex64], float]:
    """Complex samples of full scale 1, and their rate: NAME_2400k_uc8.bin.

    Raises
    ------
    ValueError
        The name does not say what is in it.
    """
    match = re.search(r"_(\d+)k_(uc8|cs16|fc32)", path.name)
    if match is None:
        raise ValueError(f"{path.name}: expected a name such as NAME_2400k_uc8.bin")
    numbers = np.fromfile(path, _FORMATS[match[2]]).astype(np.float32)
    if match[2] == "uc8":
        numbers = (numbers - 127.5) / 127.5
    elif match[2] == "cs16":
        numbers /= 32768.0
    return numbers[: len(numbers) // 2 * 2].view(np.complex64), float(match[1]) * 1e3


def resampled(samples: NDArray[np.complex64], from_hz: float, to_hz: float) -> NDArray[np.complex64]:
    """At another rate, by cutting or filling the spectrum of all of it."""
    if from_hz == to_hz:
        return samples
    n, m = len(samples), round(len(samples) * to_hz / from_hz)
    spectrum = np.fft.fftshift(np.fft.fft(samples))
    keep = min(n, m)
    out = np.zeros(m, np.complex128)
    out[m // 2 - keep // 2 : m // 2 - keep // 2 + keep] = spectrum[n // 2 - keep // 2 : n // 2 - keep // 2 + keep]
    return (np.fft.ifft(np.fft.ifftshift(out)) * (m / n)).astype(np.complex64)


def eight_bits(samples: NDArray[np.complex64]) -> NDArray[np.uint8]:
    """As an RTL-SDR gives them; scaled down when they exceed full scale by far."""
    flat = samples.view(np.float32)
    largest = float(np.abs(flat).max(initial=0.0))
    if largest > 1.3:
        flat = flat / largest
    numbers: NDArray[np.uint8] = np.clip(np.rint(flat * 127.5 + 127.5), 0, 255).astype(np.uint8)
    return numbers
