"""Cost of decoder and tracker: messages a second on one core, memory per aircraft, a flood of made-up addresses.

    python -m benchmarks.decode [--truth ../shared/truth] [--repeats 3] [--flood 1000000]

Speed: the frames of two real recordings (an airliner gate to gate, mostly replies; a dense minute near an airport) and of
300 made-up aircraft, each pass with a fresh decoder and tracker, CPU time, best of the passes. What comes out is held to
what must come out. Memory: 500 aircraft of which everything is known. Flood: random addresses in 60 s of signal, each in a
clean extended squitter of its own, among 100 real aircraft that send twice a second.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import random
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fuzzed_frames import frames_of, with_parity
from receiver.decode import Decoder
from receiver.decode.message import Message
from receiver.tracking import Station, Tracker
from receiver.tracking.sighting import Slot
from receiver.wire.frame import Frame

GOAL_PER_S = 20_000
GOAL_BYTES = 4000
GOAL_GROWTH_MB = 50.0
GOAL_LOST = 0.01
NOW_S = 1.7e9


def flight_frames(truth: Path) -> list[Frame]:
    """An airliner's 57,793 messages, jet1090's cut to their length."""
    frames = []
    with gzip.open(truth / "flight_393322.jsonl.gz", "rt") as file:
        for line in file:
            row = json.loads(line)
            frames.append(Frame(bytes.fromhex(row["frame"])[: 7 if int(row["df"]) < 16 else 14], row["timestamp"]))
    return frames


def airport_frames(truth: Path) -> list[Frame]:
    """A dense minute, its Mode S frames one after the other."""
    data = frames_of((truth / "beast/ulss7_1522782148.beast").read_bytes())
    return [Frame(one, NOW_S + k * 0.0068) for k, one in enumerate(data)]


class MadeUp:
    """One aircraft that flies east and says everything: position, velocity, identification, status, replies."""

    def __init__(self, address: int, latitude_deg: float) -> None:
        self.address = address
        self.latitude = latitude_deg
        self._turn = 0

    def _squitter(self, me: int) -> bytes:
        return with_parity(b"\x8d" + self.address.to_bytes(3, "big") + me.to_bytes(7, "big"))

    def _position(self, now: float, odd: bool) -> int:
        zones = 60 - odd
        y = int((self.latitude * zones / 360.0 % 1.0) * 131072 + 0.5) & 0x1FFFF
        longitude = 10.0 + (now - NOW_S) * 0.0012
        # 45° to 45.5° north, where there are 42 zones of longitude
        x = int((longitude * (42 - odd) / 360.0 % 1.0) * 131072 + 0.5) & 0x1FFFF
        return 11 << 51 | 0xB3C << 36 | int(odd) << 34 | y << 17 | x

    def next(self, now: float) -> bytes:
        """Its next frame."""
        self._turn += 1
        turn = self._turn % 12
        if turn % 2:
            return self._squitter(self._position(now, turn % 4 == 3))
        if turn in (2, 6, 10):
            return self._squitter(0x99141EB6403429)
        if turn == 4:
            return self._squitter(0x20 << 48 | 0x2CC371C32CE0)
        if turn == 8:
            return self._squitter(0xF8230002004AB8)
        return with_parity(bytes((0x20, 0x00, 0x16, 0x90)), self.address)


def made_up_frames(aircraft: int, count: int) -> list[Frame]:
    """So many frames of so many aircraft, each heard six times a second."""
    fleet = [MadeUp(0x400000 + 37 * k, 45.0 + 0.5 * k / aircraft) for k in range(aircraft)]
    return [
        Frame(fleet[k % aircraft].next(NOW_S + k / (6.0 * aircraft)), NOW_S + k / (6.0 * aircraft), signal_dbfs=-20.0)
        for k in range(count)
    ]


@dataclass(slots=True)
class Pace:
    """CPU seconds of one pass, in all and in the decoder alone; messages and sightings that came out."""

    total_s: float
    decode_s: float
    messages: int
    sightings: int
    positions: int


def run_once(frames: Sequence[Frame], station: Station | None) -> Pace:
    """One pass with everything fresh, expiry once a second included."""
    decoder, tracker = Decoder(), Tracker(station)
    gc.collect()
    began_s = time.process_time()
    messages = [decoder.decode(frame) for frame in frames]
    decode_s = time.process_time() - began_s
    expired_s, seen = 0.0, 0
    for message in messages:
        if message is None:
            continue
        seen += tracker.update(message) is not None
        if message.time_s - expired_s >= 1.0:
            expired_s = message.time_s
            tracker.expire(expired_s)
    total_s = time.process_time() - began_s
    outcomes = tracker.statistics.positions
    placed = outcomes["global"] + outcomes["local"] + outcomes["replaced"]
    return Pace(total_s, decode_s, sum(message is not None for message in messages), seen, placed)


def _decoded(decoder: Decoder, data: bytes, time_s: float) -> Message:
    message = decoder.decode(Frame(data, time_s))
    assert message is not None
    return message


def bytes_per_aircraft(replying: bool, count: int = 500) -> float:
    """Memory that an aircraft takes of which everything is known that it broadcasts, and with `replying` also what it
    tells radars; the tracker's own, without pictures taken of it."""
    frames = made_up_frames(count, 40 * count)
    # a status and a target state; BDS 1,7 twice, then 2,0 4,0 5,0 and 6,0, as one airliner sent them at this height and speed
    squitters = (0xE1181500000000, 0xEA4478648F5C08)
    replies = (0xFB810300000000, 0xFB810300000000, 0x200464B3D1A1E0, 0xC4600030A40000, 0xFF982B367FFCE8, 0xC38A1F31E0BC17,
               0xFF982B367FFCE8)  # fmt: skip
    decoder = Decoder()
    messages = [message for frame in frames if (message := decoder.decode(frame)) is not None]
    addresses = sorted({message.icao for message in messages})
    last_s = messages[-1].time_s
    for icao in addresses:
        address = bytes.fromhex(icao)
        for me in squitters:
            data = with_parity(b"\x8d" + address + me.to_bytes(7, "big"))
            messages.append(_decoded(decoder, data, last_s))
        for mb in replies if replying else ():
            data = with_parity(b"\xa0\x00\x16\x3c" + mb.to_bytes(7, "big"), int(icao, 16))
            messages.append(_decoded(decoder, data, last_s))
        messages.append(_decoded(decoder, with_parity(b"\x28\x00\x08\x00", int(icao, 16)), last_s))
    del frames, decoder
    warm = Tracker()
    for message in messages[:2000]:
        warm.update(message)
    gc.collect()
    tracemalloc.start()
    tracker = Tracker(Station(45.0, 10.0))
    for message in messages:
        tracker.update(message)
    assert len(tracker) == count
    for sighting in tracker.aircraft(last_s):
        unknown = {slot.name for slot in Slot if sighting.values[slot] is None}
        assert not replying or unknown <= {"ACAS_RA", "NAV_ALTITUDE_FMS", "NAV_MODES"}, unknown
    messages.clear()
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / count


@dataclass(slots=True)
class Flood:
    """What a flood did."""

    strangers: int
    growth_mb: float
    peak_mb: float
    sent: int
    seen: int
    most_aircraft: int
    cpu_s: float


def flood(strangers: int, seconds: float = 60.0, seed: int = 1) -> Flood:
    """Random addresses, evenly over the time, among 100 aircraft that send twice a second and were there before."""
    rng = random.Random(seed)
    decoder, tracker = Decoder(), Tracker(Station(45.0, 10.0))
    fleet = [MadeUp(0x500000 + 41 * k, 45.0 + 0.005 * k) for k in range(100)]
    now, expired_s = NOW_S, 0.0

    def hear(data: bytes) -> bool:
        message = decoder.decode(Frame(data, now))
        return message is not None and tracker.update(message) is not None

    for _ in range(12):
        for aircraft in fleet:
            hear(aircraft.next(now))
            now += 0.005
    steps = int(seconds * 2) * len(fleet)
    each, sent, seen, most = strangers / steps, 0, 0, 0
    due = 0.0
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    began_s = time.process_time()
    for step in range(steps):
        now += seconds / steps
        due += each
        while due >= 1.0:
            due -= 1.0
            hear(with_parity(b"\x8d" + rng.randbytes(3) + rng.randbytes(7)))
        sent += 1
        seen += hear(fleet[step % len(fleet)].next(now))
        if now - expired_s >= 1.0:
            expired_s = now
            tracker.expire(now)
            most = max(most, len(tracker))
    cpu_s = time.process_time() - began_s
    gc.collect()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Flood(strangers, (after - before) / 1e6, (peak - before) / 1e6, sent, seen, most, cpu_s)


def main(argv: Iterable[str] | None = None) -> None:
    """Measure, verify, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--truth", type=Path, default=Path("../shared/truth"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--flood", type=int, default=1_000_000)
    arguments = parser.parse_args(None if argv is None else list(argv))
    print("| frames | messages/s | of that the decoder | messages, sightings, positions |\n|---|---|---|---|")
    for title, frames, station, wanted in (
        ("airliner, gate to gate", flight_frames(arguments.truth), Station(49.01, 2.55), (57_793, 57_793, None)),
        ("dense minute near an airport", airport_frames(arguments.truth), Station(59.8, 30.3), (8_926, None, None)),
        ("300 made-up aircraft", made_up_frames(300, 60_000), Station(45.0, 10.0), (60_000, None, None)),
    ):
        paces = [run_once(frames, station) for _ in range(arguments.repeats)]
        best = min(paces, key=lambda pace: pace.total_s)
        got = (best.messages, best.sightings, best.positions)
        assert all(expected is None or expected == there for expected, there in zip(wanted, got, strict=True)), got
        assert len(frames) / best.total_s > GOAL_PER_S, f"{title}: fewer than {GOAL_PER_S:,} messages/s"
        print(f"| {title} | {len(frames) / best.total_s:,.0f} | {100 * best.decode_s / best.total_s:.0f} % | {got} |")
    print(
        f"an aircraft that broadcasts everything: {bytes_per_aircraft(False):,.0f} bytes (goal: under {GOAL_BYTES}); that also tells "
        f"radars everything: {bytes_per_aircraft(True):,.0f}"
    )
    result = flood(arguments.flood)
    lost = 1.0 - result.seen / result.sent
    print(
        f"{result.strangers:,} random addresses in 60 s: memory grew by {result.growth_mb:.1f} MB (peak {result.peak_mb:.1f}, goal: "
        f"under {GOAL_GROWTH_MB:.0f}), at most {result.most_aircraft} aircraft, {100 * lost:.2f} % of {result.sent:,} real updates lost "
        f"(goal: under {100 * GOAL_LOST:.0f} %), CPU {result.cpu_s:.0f} s (traced)"
    )
    assert result.growth_mb < GOAL_GROWTH_MB
    assert lost < GOAL_LOST


if __name__ == "__main__":
    main()
