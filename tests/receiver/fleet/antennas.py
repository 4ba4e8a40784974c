"""Several stations that receive one scene, each with a clock of its own, for tests of the fleet."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from receiver.fleet.fleet import Fleet
from receiver.fleet.heard import TICKS_HZ, Record, address_of, encode
from receiver.wire.frame import Frame


@dataclass
class Antenna:
    """One station.

    Attributes
    ----------
    share
        Of all frames, that it receives.
    offset_s, drift
        Of what it says of UTC, from the truth; of its crystal (seconds a second).
    uncertainty_s
        What it says of itself.
    latency_s
        Of its network.
    """

    name: str
    share: float = 0.9
    offset_s: float = 0.0
    drift: float = 0.0
    uncertainty_s: float | None = 0.1
    latency_s: float = 0.05
    clock: int = 7
    level_dbfs: float = -10.0
    start_s: float | None = None
    only: frozenset[int] | None = None
    waiting: dict[int, list[Record]] = field(default_factory=lambda: defaultdict(list))

    def far_s(self, address: int) -> float:
        """Light's way from an aircraft."""
        return (hash((self.name[-1], address)) % 1000) * 1e-6


def messages(
    frames: Iterable[Frame], antennas: list[Antenna], seed: int = 1
) -> Iterator[tuple[float, str, str, bytes]]:
    """When each message arrives, from whom, about whom; oldest first. A message a second for each aircraft."""
    rng = random.Random(seed)
    second = None
    held: list[tuple[float, str, str, bytes]] = []
    for frame in frames:
        if second is None:
            second = int(frame.time_s)
        if frame.time_s >= second + 1:
            second = int(frame.time_s)
            held += _flush(antennas, float(second))
            held.sort()
            while held and held[0][0] <= second:
                yield held.pop(0)
        address = address_of(frame.data)
        if address is None:
            continue
        for antenna in antennas:
            if rng.random() >= antenna.share or (antenna.only is not None and address not in antenna.only):
                continue
            if antenna.start_s is None:
                antenna.start_s = frame.time_s - 100.0
            runs_s = (frame.time_s + antenna.far_s(address) - antenna.start_s) * (1.0 + antenna.drift)
            level = antenna.level_dbfs + rng.choice((-1.0, 0.0, 1.0))
            antenna.waiting[address].append(Record(frame.data, round(runs_s * TICKS_HZ), level, True))
    if second is not None:
        held += _flush(antennas, second + 1.0)
    yield from sorted(held)


def _flush(antennas: list[Antenna], now: float) -> list[tuple[float, str, str, bytes]]:
    out = []
    for antenna in antennas:
        for address, records in antenna.waiting.items():
            assert antenna.start_s is not None
            anchor_s = antenna.start_s + antenna.offset_s
            payload = encode(antenna.clock, anchor_s, antenna.uncertainty_s, records)
            out.append((now + antenna.latency_s, antenna.name, f"{address:06x}", payload))
        antenna.waiting.clear()
    return out


def through(fleet: Fleet, arrivals: Iterable[tuple[float, str, str, bytes]], turn_s: float = 0.25) -> list[Frame]:
    """Frames that a hub makes of the messages."""
    out: list[Frame] = []
    due_s: float | None = None
    last_s = 0.0
    for at, name, hex_, payload in arrivals:
        due_s = at if due_s is None else due_s
        while at >= due_s:
            out += fleet.frames(fleet.turn(due_s))
            due_s += turn_s
        fleet.hear(name, hex_, payload, at)
        last_s = at
    out += fleet.frames(fleet.turn(last_s + 10.0))
    return out
