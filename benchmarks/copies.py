"""Copies of one transmission, in any order and by any way: does the tracker ever take them for a second one?

    python -m benchmarks.copies [--rounds 1000000] [--seed 1]

Each round sends one reply once (an emergency squawk, a first squawk, an alert, a jump of the altitude, a first all-call reply)
and then up to eight copies or near-copies of it: the same bytes later by up to 100 ms from the same receiver, or by up to
2 s from another one or another input. Whatever needs a second transmission and comes about is a wrong confirmation. In every
hundredth round a real second transmission follows, which must confirm: a tracker that believes nothing would be no answer.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter

from benchmarks.fuzzed_frames import with_parity
from receiver.decode import Decoder
from receiver.tracking import Sighting, Tracker
from receiver.tracking.precedence import COPY_BETWEEN_SOURCES_S, COPY_S
from receiver.wire.frame import Frame

ICAO = bytes.fromhex("4840d6")
NUMBER = int.from_bytes(ICAO, "big")
SQUITTER = with_parity(b"\x8d" + ICAO + bytes.fromhex("202cc371c32ce0"))
ALTITUDE = with_parity(bytes.fromhex("20000610"), NUMBER)  # 10,000 ft or so
KINDS = {
    "emergency": with_parity(bytes.fromhex("28000aaa"), NUMBER),  # 7700
    "squawk": with_parity(bytes.fromhex("28000808"), NUMBER),
    "alert": with_parity(bytes.fromhex("22000610"), NUMBER),
    "altitude": with_parity(bytes.fromhex("20001838"), NUMBER),
    "address": with_parity(b"\x5d" + ICAO),
}
WAYS = (("antenna", 0), ("antenna", 1), ("network", 0))


def confirmed(kind: str, before: Sighting | None, seen: Sighting | None) -> bool:
    """Whether what needs a second transmission has come about."""
    if kind == "address":
        return seen is not None
    assert seen is not None
    if kind == "altitude":
        return before is not None and seen.altitude_baro_ft != before.altitude_baro_ft
    return bool(seen.alert) if kind == "alert" else seen.squawk is not None or seen.emergency is not None


def one_round(rng: random.Random, kind: str, with_second: bool) -> tuple[bool, bool]:
    """Whether the copies confirmed, and whether a real second transmission did afterwards."""
    decoder, tracker, now = Decoder(), Tracker(), 1e9 + rng.random()
    data = KINDS[kind]

    def hear(one: bytes, at: float, way: tuple[str, int]) -> Sighting | None:
        message = decoder.decode(Frame(one, at, signal_dbfs=-40.0, found="network", source=way[0], receiver=way[1]))
        assert message is not None
        return tracker.update(message)

    before = None
    if kind != "address":
        hear(SQUITTER, now, WAYS[0])
        before = hear(ALTITUDE, now + 0.5, WAYS[0])
    sent_s = now + 1.0
    copies = []
    for _ in range(rng.randrange(9)):
        way = rng.choice(WAYS)
        late_s = COPY_S if way == WAYS[0] else COPY_BETWEEN_SOURCES_S
        copies.append((sent_s + rng.random() * late_s, way))
    wrong = False
    for at, way in ((sent_s, WAYS[0]), *sorted(copies)):
        wrong |= confirmed(kind, before, hear(data, at, way))
    if not with_second:
        return wrong, True
    return wrong, confirmed(kind, before, hear(data, sent_s + 5.0, WAYS[0]))


def main() -> None:
    """Print what came of it; exit status 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng, wrong, missed, kinds = random.Random(arguments.seed), Counter[str](), Counter[str](), list(KINDS)
    began_s = time.process_time()
    for number in range(arguments.rounds):
        kind = kinds[number % len(kinds)]
        was_wrong, was_right = one_round(rng, kind, number % 100 < len(kinds))
        wrong[kind] += was_wrong
        missed[kind] += not was_right
    print(f"{arguments.rounds:,} rounds, CPU {time.process_time() - began_s:.0f} s")
    print(f"wrong confirmations: {wrong.total()} {dict(+wrong)}; real ones missed: {missed.total()} {dict(+missed)}")
    if wrong.total() or missed.total():
        raise SystemExit(1)


if __name__ == "__main__":
    main()
