"""Frames of every sort of nonsense through decoder and tracker: nothing may raise, hang, grow, or get out as what it cannot be.

    python -m benchmarks.fuzzed_frames [--beast ../shared/truth/beast/ulss7_1522782148.beast] [--count 10000000] [--seed 1]

A fifth each: random bytes of any length; random content under a right parity, from addresses that are believed; real
frames with one to eight bits flipped; the same with the parity put right again; real frames as they are, so that the
aircraft stay believed. The clock steps forward, now and then far, now and then back. Every 50th picture is written as JSON and held to the
schema's hard parts.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from receiver.decode import Decoder
from receiver.decode.parity import remainder
from receiver.tracking import Sighting, Station, Tracker
from receiver.views.aircraft_object import aircraft_object
from receiver.views.message_object import message_object
from receiver.wire.beast import BeastReader
from receiver.wire.frame import Frame

WORST_S = 0.25  # of CPU for one frame
LONG = (16, 17, 17, 17, 18, 18, 20, 21, 19, 24)
SHORT = (0, 4, 5, 11)
FOUND = ("direct", "direct", "direct", "network", "repaired", "beneath")
ICAO = re.compile(r"~?[0-9a-f]{6}\Z")
CALLSIGN = re.compile(r"[ -_]{1,8}\Z")  # the six-bit set of IA-5: no control character, no lower case


@dataclass(slots=True)
class Outcome:
    """What became of the frames."""

    frames: int = 0
    messages: int = 0
    sightings: int = 0
    written: int = 0
    most_aircraft: int = 0
    slowest_s: float = 0.0
    rejected: Counter[str] = field(default_factory=Counter)
    comm_b: Counter[str] = field(default_factory=Counter)
    positions: Counter[str] = field(default_factory=Counter)


def frames_of(recording: bytes) -> list[bytes]:
    """The Mode S frames of a Beast recording."""
    return [one.data for one in BeastReader().feed(recording) if len(one.data) > 2]


def with_parity(content: bytes, overlay: int = 0) -> bytes:
    """The content (4 or 11 bytes) and its parity, overlaid with an address or an interrogator's code."""
    return content + (remainder(content + bytes(3)) ^ overlay).to_bytes(3, "big")


def _made_up(rng: random.Random, addresses: Sequence[int]) -> bytes:
    """Random content under a right parity."""
    address = rng.choice(addresses)
    if rng.random() < 0.25:
        df = rng.choice(SHORT)
        head = df << 3 | rng.randrange(8)
        if df == 11:
            return with_parity(bytes((head,)) + address.to_bytes(3, "big"), rng.choice((0, 0, 0, rng.randrange(128))))
        return with_parity(bytes((head,)) + rng.randbytes(3), address)
    df = rng.choice(LONG)
    head = df << 3 | rng.randrange(8)
    if df in (17, 18):
        return with_parity(bytes((head,)) + address.to_bytes(3, "big") + rng.randbytes(7))
    register = rng.randbytes(7)
    if rng.random() < 0.3:
        register = bytes((rng.choice((0x10, 0x20, 0x30)),)) + register[1:]
    return with_parity(bytes((head,)) + rng.randbytes(3) + register, address)


def _flipped(rng: random.Random, data: bytes) -> bytes:
    value = int.from_bytes(data, "big")
    for _ in range(rng.randint(1, 8)):
        value ^= 1 << rng.randrange(8 * len(data))
    return value.to_bytes(len(data), "big")


def nonsense(rng: random.Random, real: Sequence[bytes], addresses: Sequence[int]) -> bytes:
    """One frame of one of the five sorts."""
    sort = rng.randrange(5)
    if sort == 0:
        return rng.randbytes(rng.choice((7, 14, 7, 14, rng.randrange(20))))
    if sort == 1:
        return _made_up(rng, addresses)
    data = rng.choice(real)
    if sort == 2:
        return data
    changed = _flipped(rng, data)
    if sort == 3:
        return changed
    return with_parity(changed[:-3], 0 if changed[0] >> 3 in (11, 17, 18) else rng.choice(addresses))


def check(sighting: Sighting) -> None:
    """What no picture may say, whatever was heard."""
    assert ICAO.match(sighting.icao), sighting.icao
    assert sighting.callsign is None or CALLSIGN.match(sighting.callsign), sighting.callsign
    position = sighting.position
    if position is not None:
        assert -90 <= position.latitude_deg <= 90, position
        assert -180 <= position.longitude_deg <= 180, position
    for name in ("track_deg", "true_heading_deg", "mag_heading_deg", "wind_direction_deg"):
        angle = getattr(sighting, name)
        assert angle is None or 0 <= angle <= 360, (name, angle)
    speed = sighting.ground_speed_kt
    assert speed is None or (math.isfinite(speed) and 0 <= speed < 6000), speed


def try_frames(real: Sequence[bytes], count: int, seed: int) -> Outcome:
    """Feed so many frames; AssertionError says which one, of which seed, did what."""
    rng = random.Random(seed)
    real_addresses = {int.from_bytes(data[1:4], "big") for data in real if data[0] >> 3 == 17 and not remainder(data)}
    addresses = sorted(real_addresses) + [rng.randrange(1, 0xFFFFFF) for _ in range(50)]
    decoder, tracker, out = Decoder(), Tracker(Station(59.8, 30.3)), Outcome()
    now, expired_s, aircraft_cap = 1.7e9, 0.0, tracker.limits.max_aircraft
    for number in range(count):
        data = nonsense(rng, real, addresses)
        chance = rng.random()
        now += chance * 0.01
        if chance < 1e-5:
            now += rng.choice((-1e6, -3600.0, -5.0, 30.0, 400.0, 1e6))
        found = FOUND[int(chance * 6e4) % 6]
        frame = Frame(data, now, signal_dbfs=-20.0 if number % 3 else None, found=found,
                      corrected_bits=number % 2 + 1 if found == "repaired" else 0)  # fmt: skip
        began_s = time.thread_time()
        try:
            message = decoder.decode(frame)
            sighting = tracker.update(message) if message is not None else None
            if message is not None:
                out.messages += 1
            if sighting is not None:
                out.sightings += 1
                check(sighting)
                if number % 50 == 0:
                    json.dumps(aircraft_object(sighting, now), allow_nan=False)
                    json.dumps(message_object(message, sighting, 1.7e9), allow_nan=False)  # type: ignore[arg-type]
                    out.written += 1
        except Exception as error:
            raise AssertionError(f"frame {number}, seed {seed}: {data.hex()}: {error!r}") from error
        out.slowest_s = max(out.slowest_s, time.thread_time() - began_s)
        assert out.slowest_s < WORST_S, f"frame {number}, seed {seed}: {data.hex()}: {out.slowest_s:.3f} s"
        if not 0.0 <= now - expired_s < 1.0:
            expired_s = now
            tracker.expire(now)
            out.most_aircraft = max(out.most_aircraft, len(tracker))
            assert len(tracker) <= aircraft_cap
    out.frames = count
    out.rejected, out.comm_b = decoder.statistics.rejected, tracker.statistics.comm_b
    out.positions = tracker.statistics.positions
    return out


def main(argv: Iterable[str] | None = None) -> None:
    """Try and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--beast", type=Path, default=Path("../shared/truth/beast/ulss7_1522782148.beast"))
    parser.add_argument("--count", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(None if argv is None else list(argv))
    began_s = time.process_time()
    out = try_frames(frames_of(arguments.beast.read_bytes()), arguments.count, arguments.seed)
    print(
        f"{out.frames:,} frames, {out.messages:,} messages, {out.sightings:,} sightings, {out.written:,} written as JSON; "
        f"at most {out.most_aircraft} aircraft; slowest {out.slowest_s * 1e3:.1f} ms; CPU {time.process_time() - began_s:.0f} s"
    )
    for name, counter in (("rejected", out.rejected), ("Comm-B", out.comm_b), ("positions", out.positions)):
        print(f"{name}: " + ", ".join(f"{key} {many:,}" for key, many in counter.most_common()))


if __name__ == "__main__":
    main()
