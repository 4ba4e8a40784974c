"""The frames that are remembered for the alert log: the newest, within a budget, and never more claimed than there is."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from receiver.sinks.alert_log.frame_memory import FrameMemory, unpack
from receiver.sinks.alert_log.store import frame_line, frame_of
from receiver.wire.frame import Frame
from tests.receiver.sinks.alert_log.watched_flights import spoken
from tests.receiver.watch.air import frame, identification, velocity
from tests.receiver.watch.test_watch import START


def test_frames_come_back_as_they_were() -> None:
    memory = FrameMemory(1_000_000)
    sent = [
        Frame(one.data, one.time_s + 0.123456789, signal_dbfs=-3.5 if k % 2 else None, corrected_bits=k % 3,
              found=("direct", "repaired", "beneath", "network")[k % 4])
        for k, one in enumerate(spoken("abcdef", 20))
    ]  # fmt: skip
    for one in sent:
        memory.add(one)
    stretch = memory.since(0xABCDEF, None)
    data, whole = memory.read(stretch)
    back = list(unpack(data))
    assert whole
    assert [(b.data, b.time_s, b.signal_dbfs, b.corrected_bits, b.found) for b in back] == [
        (s.data, s.time_s, s.signal_dbfs, s.corrected_bits, s.found) for s in sent
    ]
    assert memory.read(memory.since(0xABCDEF, stretch)) == (b"", True)
    assert [frame_of(json.loads(json.dumps(frame_line(b)))) for b in back] == [
        replace(s, source="alert log") for s in sent
    ]


def test_the_longest_silent_go_first_and_the_budget_holds() -> None:
    memory = FrameMemory(50_000)
    for k in range(40):
        for one in spoken(f"a000{k:02x}", 100, START + 100 * k):
            memory.add(one)
            assert memory.used <= 50_000
    assert memory.read(memory.since(0xA00000, None)) == (b"", False)
    data, whole = memory.read(memory.since(0xA00027, None))
    assert whole
    assert len(list(unpack(data))) == 100


def test_one_alone_loses_its_oldest_frames_and_says_so() -> None:
    memory = FrameMemory(20_000)
    for one in spoken("abcdef", 3000):
        memory.add(one)
    data, whole = memory.read(memory.since(0xABCDEF, None))
    frames = list(unpack(data))
    assert not whole
    assert frames[-1].time_s == START + 2999
    assert memory.used <= 20_000


def test_noise_that_looks_like_replies_is_not_kept() -> None:
    memory = FrameMemory(1_000_000)
    rng = random.Random(1)
    for _ in range(2000):
        memory.add(Frame(bytes([0x20]) + rng.randbytes(6), START))
        memory.add(Frame(rng.randbytes(2), START))
    assert memory.used == 0


def test_the_silent_are_forgotten() -> None:
    memory = FrameMemory(1_000_000)
    for _ in range(2):
        memory.add(frame("abcdef", identification("A"), START))
    memory.forget(START + 3000)
    assert memory.read(memory.since(0xABCDEF, None))[0]
    memory.forget(START + 4000)
    assert memory.used == 0


def test_an_open_alerts_frames_are_never_evicted() -> None:
    memory = FrameMemory(50_000)
    for one in spoken("abcdef", 50):
        memory.add(one)
    memory.pin(0xABCDEF)
    first = memory.since(0xABCDEF, None)
    for k in range(100):
        for one in spoken(f"a000{k:02x}", 100, START + 100 * k):
            memory.add(one)
            assert memory.used <= 50_000
    data, whole = memory.read(first)
    assert (len(list(unpack(data))), whole) == (50, True)
    memory.unpin(0xABCDEF)
    for k in range(100):
        for one in spoken(f"a001{k:02x}", 100, START + 20_000 + 100 * k):
            memory.add(one)
    assert memory.read(first) == (b"", False)


def test_a_history_after_an_eviction_is_not_whole_and_an_old_stretch_does_not_point_into_it() -> None:
    memory = FrameMemory(20_000)
    for one in spoken("abcdef", 50):
        memory.add(one)
    before = memory.since(0xABCDEF, None)
    for k in range(20):
        for one in spoken(f"a000{k:02x}", 100, START + 100 + k):
            memory.add(one)
    assert memory.read(before) == (b"", False)
    for one in spoken("abcdef", 50, START + 300):
        memory.add(one)
    after = memory.since(0xABCDEF, before)
    data, whole = memory.read(after)
    assert (len(list(unpack(data))), whole) == (50, False)


def test_inventions_evict_nobody() -> None:
    memory = FrameMemory(50_000)
    for one in spoken("abcdef", 100):
        memory.add(one)
    for k in range(30_000):
        memory.add(frame(f"{0x100000 + k:06x}", velocity(200, 10), START + 100 + k / 8000))
    data, whole = memory.read(memory.since(0xABCDEF, None))
    assert (len(list(unpack(data))), whole) == (100, True)
    assert memory.used < 10_000


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 40), st.sampled_from(["add", "pin", "since"])), max_size=80)
)
def test_it_never_claims_more_than_there_is(steps: list[tuple[int, int, str]]) -> None:
    memory = FrameMemory(6_000)
    sent: dict[int, int] = {}
    told: dict[int, Any] = {}
    got: dict[int, int] = {}
    all_whole: dict[int, bool] = {}
    now = START
    for who, count, what in steps:
        address = 0xA00000 + who
        if what == "add":
            for one in spoken(f"{address:06x}", count, now):
                memory.add(one)
            sent[address] = sent.get(address, 0) + count
            now += count
        elif what == "pin":
            memory.pin(address)
        else:
            stretch = memory.since(address, told.get(address))
            data, whole = memory.read(stretch)
            told[address] = stretch
            got[address] = got.get(address, 0) + len(list(unpack(data)))
            all_whole[address] = all_whole.get(address, True) and whole
            if all_whole[address]:
                assert got[address] == sent.get(address, 0)
