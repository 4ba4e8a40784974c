"""Files of frames: when each was received, and which are copies. The files are written here, frame by frame."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import SquitterError
from receiver.sources.files.frame_file import FrameFile
from receiver.sources.files.frame_times import FrameTimes, Moment, Stamp
from receiver.tracking.precedence import another_transmission
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK, beast_bytes, receiver_id_bytes
from receiver.wire.counter import MLAT_COUNTER
from receiver.wire.frame import Frame

SQUAWK_7700 = bytes.fromhex("28000AAA5B22B4")
DATA = bytes.fromhex("8D4840D6202CC371C32CE0576098")


def ticks(seconds: float) -> int:
    return round(seconds * COUNTER_HZ) & COUNTER_MASK


def gps(second_of_day: float) -> int:
    whole = int(second_of_day)
    return (whole % 86_400) << 30 | round((second_of_day - whole) * 1e9)


def numbered(number: int) -> bytes:
    """A frame that no other is equal to."""
    return b"\x8d" + number.to_bytes(6, "big") + bytes(7)


def read(tmp_path: Path, content: bytes, name: str = "x.beast") -> tuple[FrameFile, list[Frame]]:
    file = tmp_path / name
    file.write_bytes(content)
    opened = FrameFile(str(file))
    return opened, [frame for frames in opened.frames() for frame in frames]


def times_of(tmp_path: Path, counters: Sequence[int]) -> list[float]:
    content = b"".join(beast_bytes(numbered(k), counter, 100) for k, counter in enumerate(counters))
    return [frame.time_s for frame in read(tmp_path, content)[1]]


@pytest.mark.parametrize("gap_s", [0.4, 3500.0, 3700.0, 7 * 3600.0, 23 * 3600.0])
def test_a_quiet_time_is_as_long_as_the_counter_says(tmp_path: Path, gap_s: float) -> None:
    assert times_of(tmp_path, [ticks(5.0), ticks(5.0 + gap_s)]) == pytest.approx([0.0, gap_s])


def test_a_counter_that_wraps_goes_on(tmp_path: Path) -> None:
    assert times_of(tmp_path, [COUNTER_MASK - ticks(0.5), ticks(0.5), ticks(1.0)]) == pytest.approx([0.0, 1.0, 1.5])


def test_a_receiver_that_was_started_again_leaves_an_unknown_time(tmp_path: Path) -> None:
    counters = [*(ticks(100.0 + k) for k in range(5)), *(ticks(k * 1.0) for k in range(5))]
    content = b"".join(beast_bytes(numbered(k), counter, 100) for k, counter in enumerate(counters))
    _, frames = read(tmp_path, content)
    assert [frame.epoch for frame in frames] == [0] * 5 + [1] * 5
    assert [frame.time_s for frame in frames] == pytest.approx([0, 1, 2, 3, 4, 4, 5, 6, 7, 8])


@pytest.mark.parametrize("apart_s", [5000.0, -5000.0, 3.0, 40.0, 2e6])
@pytest.mark.parametrize("with_id", [False, True])
def test_two_receivers_in_one_file_share_its_time(tmp_path: Path, apart_s: float, with_id: bool) -> None:
    content = b""
    for k in range(120):
        if with_id:
            content += receiver_id_bytes(k % 2 + 1)
        content += beast_bytes(numbered(k), ticks(10_000.0 + k * 0.5 + (k % 2) * apart_s), 100)
    _, frames = read(tmp_path, content)
    assert frames[-1].time_s == pytest.approx(59.5, abs=0.6)
    assert {frame.epoch for frame in frames} == {0}
    steps = [b.time_s - a.time_s for a, b in itertools.pairwise(frames)]
    assert max(steps) < 1.1
    assert min(steps) >= -1.0


def test_one_damaged_counter_changes_nothing_for_the_others(tmp_path: Path) -> None:
    counters = [ticks(k * 0.1) for k in range(600)]
    counters[300] ^= 1 << 45
    times = times_of(tmp_path, counters)
    assert times[-1] == pytest.approx(59.9, abs=0.1)
    assert max(b - a for a, b in itertools.pairwise(times)) < 0.3


@pytest.mark.parametrize("start_s", [100.0, 86_390.0])
@pytest.mark.parametrize("step_s", [0.5, 0.013])
def test_a_counter_that_goes_by_gps_is_read_so(tmp_path: Path, start_s: float, step_s: float) -> None:
    count = round(60 / step_s)
    times = times_of(tmp_path, [gps((start_s + k * step_s) % 86_400) for k in range(count)])
    assert times[-1] == pytest.approx((count - 1) * step_s, abs=1e-3)


@given(st.floats(0, 1e7), st.floats(0.0005, 4.0), st.integers(60, 400))
def test_a_counter_of_12_mhz_is_never_taken_for_gps(start_s: float, step_s: float, count: int) -> None:
    moments = FrameTimes().of([Stamp(ticks(start_s + k * step_s)) for k in range(count)])
    assert moments[-1].time_s == pytest.approx((count - 1) * step_s, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("counter", [0, 12345])
def test_a_counter_that_stands_still_tells_the_order_only(tmp_path: Path, counter: int) -> None:
    content = b"".join(beast_bytes(numbered(k), counter, 100) for k in range(50))
    file, frames = read(tmp_path, content)
    assert not any(frame.timed for frame in frames)
    assert file.times.untimed == 50
    assert sorted(frame.time_s for frame in frames) == [frame.time_s for frame in frames]


def test_lines_without_counter_tell_the_order_only_unless_a_rate_is_hinted(tmp_path: Path) -> None:
    text = b"".join(b"*" + numbered(k).hex().encode() + b";\n" for k in range(10))
    file, frames = read(tmp_path, text, "x.avr")
    assert not any(frame.timed for frame in frames)
    assert file.times.untimed == len(frames) == 10
    hinted = FrameFile(str(tmp_path / "x.avr"), rate_hint_hz=4.0)
    frames = [frame for frames in hinted.frames() for frame in frames]
    assert all(frame.timed for frame in frames)
    assert frames[-1].time_s == pytest.approx(2.25)


@pytest.mark.parametrize(
    ("first", "second"),
    [("1767225600.25", "1767225602.75"), ("2026-01-01T00:00:00.250Z", "2026-01-01T00:00:02.750Z")],
)
@pytest.mark.parametrize("between", [" ", ",", "\t", ", "])
def test_a_log_with_a_wall_clock_gives_the_times(tmp_path: Path, first: str, second: str, between: str) -> None:
    frame = DATA.hex()
    text = f"{first}{between}*{frame};\n{second}{between}*{frame};\n".encode()
    file, frames = read(tmp_path, text, "x.txt")
    assert file.start_utc_s == 1_767_225_600.25
    assert [one.time_s - file.start_utc_s for one in frames] == [0.0, 2.5]
    assert all(one.timed for one in frames)


@pytest.mark.parametrize(("unit", "digits"), [(1e3, 0), (1e6, 0), (1.0, 6)])
def test_a_log_may_count_thousandths_or_millionths(tmp_path: Path, unit: float, digits: int) -> None:
    lines = [f"{(1_767_225_600.0 + k * 0.5) * unit:.{digits}f} *{numbered(k).hex()};\n" for k in range(4)]
    file, frames = read(tmp_path, "".join(lines).encode(), "x.txt")
    assert file.start_utc_s == 1_767_225_600.0
    assert [one.time_s - file.start_utc_s for one in frames] == pytest.approx([0.0, 0.5, 1.0, 1.5])


def test_a_log_with_times_that_are_none_has_no_frames_and_the_error_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(SquitterError, match="1 lines are none"):
        read(tmp_path, f"{'9' * 30} *{DATA.hex()};\n".encode(), "x.txt")
    with pytest.raises(SquitterError, match="1 lines are none"):
        read(tmp_path, f"0001-01-01T00:00:00+14:00 *{DATA.hex()};\n".encode(), "x.txt")
    with pytest.raises(SquitterError, match="bytes belong to none"):
        read(tmp_path, f"*{DATA.hex()};\n".encode(), "x.beast")


def test_a_log_whose_clock_was_set_back_has_an_unknown_time_between(tmp_path: Path) -> None:
    times = [1_767_225_600, 1_767_225_601, 1_767_222_000, 1_767_222_001]
    text = "".join(f"{time} *{numbered(k).hex()};\n" for k, time in enumerate(times))
    _, frames = read(tmp_path, text.encode(), "x.txt")
    assert [one.time_s for one in frames] == times
    assert [one.epoch for one in frames] == [0, 0, 1, 1]


@pytest.mark.parametrize("before", ["", "1767225600.25,", "2026-01-01T00:00:00.250Z "])
def test_lines_of_nothing_but_hex_digits_are_frames(tmp_path: Path, before: str) -> None:
    _, frames = read(tmp_path, f"{before}{DATA.hex()}\r\n{before}5D4840D6B2A1F3\nmore\n".encode(), "x.txt")
    assert [one.data.hex() for one in frames] == [DATA.hex(), "5d4840d6b2a1f3"]
    assert all(one.timed for one in frames) is bool(before)


def test_counters_that_jump_all_the_time_are_no_clock(tmp_path: Path) -> None:
    rng = random.Random(1)
    content = b"".join(beast_bytes(numbered(k), rng.getrandbits(48) | 1, 100) for k in range(200))
    _, frames = read(tmp_path, content)
    assert sum(frame.timed for frame in frames) < 10


@pytest.mark.parametrize("apart_s", [0.15, 0.3, 0.5, 0.9, -0.2, -0.6])
def test_two_receivers_whose_counters_are_nearly_the_same_confirm_nothing_for_each_other(
    tmp_path: Path, apart_s: float
) -> None:
    # each frame is received by both, and nothing says by whom; a single reply of 7700 is among them
    content = b""
    for k in range(200):
        for way_s in (0.0, apart_s):
            content += beast_bytes(numbered(k), ticks(10.0 + k * 0.21 + way_s), 100)
        if k == 150:
            for way_s in (0.0, apart_s):
                content += beast_bytes(SQUAWK_7700, ticks(10.0 + k * 0.21 + way_s + 0.05), 100)
    _, frames = read(tmp_path, content)
    first, second = (frame for frame in frames if frame.data == SQUAWK_7700)
    assert not another_transmission(first, second)
    assert frames[-1].time_s == pytest.approx(199 * 0.21, abs=1.5)


def test_lines_without_counter_among_others_are_received_with_their_neighbours(tmp_path: Path) -> None:
    frame = DATA.hex()
    text = f"@{ticks(1.0):012x}{frame};\n*{frame};\n@{ticks(4.0):012x}{frame};\n*{frame};\n".encode()
    _, frames = read(tmp_path, text, "x.avr")
    assert [one.time_s for one in frames] == pytest.approx([0.0, 0.0, 3.0, 3.0])
    assert [one.timed for one in frames] == [True, False, True, False]


def test_results_of_mlat_are_marked_and_leave_the_clock_alone(tmp_path: Path) -> None:
    counters = [ticks(1.0), MLAT_COUNTER, ticks(2.0), MLAT_COUNTER, ticks(2.5)]
    content = b"".join(beast_bytes(numbered(k), counter, 100) for k, counter in enumerate(counters))
    _, frames = read(tmp_path, content)
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.0, 1.0, 1.0, 1.5])
    assert [frame.found for frame in frames] == ["network", "mlat", "network", "mlat", "network"]


def test_exact_copies_are_dropped_and_counted_and_equal_messages_are_not(tmp_path: Path) -> None:
    once = [beast_bytes(DATA, ticks(1.0 + k * 0.5), 100) for k in range(20)]
    file, frames = read(tmp_path, b"".join(one + one for one in once) + once[0])
    assert [frame.time_s for frame in frames] == pytest.approx([k * 0.5 for k in range(20)])
    assert file.copies == 21
    kept = FrameFile(str(tmp_path / "x.beast"), keep_copies=True)
    assert sum(map(len, kept.frames())) == 41


def test_a_short_message_in_a_long_record_is_its_first_seven_bytes(tmp_path: Path) -> None:
    short = bytes.fromhex("5D4840D6F5B2A7")
    _, frames = read(tmp_path, beast_bytes(short + bytes(7), 1, 100) + beast_bytes(DATA, 2, 100))
    assert [frame.data for frame in frames] == [short, DATA]
    _, frames = read(tmp_path, b"*" + (short + b"\xaa" * 7).hex().encode() + b";\n", "x.avr")
    assert [frame.data for frame in frames] == [short]


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, COUNTER_MASK)), st.sampled_from([None, 1, 2])), max_size=80)
)
def test_any_counters_give_times_that_hardly_go_back(stamps: list[tuple[int | None, int | None]]) -> None:
    moments: list[Moment] = FrameTimes().of([Stamp(counter, receiver) for counter, receiver in stamps])
    latest = 0.0
    for moment in moments:
        assert moment.time_s >= latest - 1.0
        latest = max(latest, moment.time_s)
