"""The demodulator as a whole: real recordings, and the laws that any stream obeys."""

from __future__ import annotations

import csv
import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.batch import FrameBatch
from dsp.demodulator import Demodulator
from dsp.effort import Effort
from dsp.samples import SampleBlock, SampleFormat
from tests.dsp.scenes import remainder
from tests.recordings import made_iq
from tests.shared_data import shared

RECORDINGS = {
    "modes1_2000k_uc8.bin": 2.0e6,
    "d1090rs_1641427457780_2400k_uc8.bin": 2.4e6,
    "d1090rs_1641428106243_2400k_uc8.bin": 2.4e6,
}
MADE = "made"  # a busy sky's, and what any split and any clock must give
SPLIT = {MADE: 2.4e6, "d1090rs_1641428106243_2400k_uc8.bin": 2.4e6}


def recording(name: str) -> NDArray[np.uint8]:
    if name == MADE:
        return np.frombuffer(made_iq(), np.uint8)
    return np.fromfile(shared(f"iq/{name}"), np.uint8)


def demodulate(
    iq: NDArray[np.generic],
    rate_hz: float,
    cuts: list[int] | None = None,
    first_sample: int = 0,
    sample_format: SampleFormat = SampleFormat.CU8,
) -> list[FrameBatch]:
    """All frames of a stream that is cut into blocks at the given samples."""
    demodulator = Demodulator(rate_hz, sample_format, effort=Effort.THOROUGH)
    edges = [0, *sorted(set(cuts or [])), len(iq) // 2]
    batches = [demodulator.feed(SampleBlock(iq[2 * a : 2 * b], first_sample + a)) for a, b in itertools.pairwise(edges)]
    return [*batches, demodulator.flush()]


def frames(batches: list[FrameBatch]) -> list[tuple[float, str]]:
    """(start in samples, hex), in order."""
    return [
        (float(sample), bytes(row[: bits // 8]).hex())
        for batch in batches
        for sample, row, bits in zip(batch.sample, batch.data, batch.n_bits, strict=True)
    ]


@pytest.mark.parametrize("name", RECORDINGS)
def test_frames_that_three_programs_report_are_found(name: str) -> None:
    with shared("truth/iq_frames.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["recording"] == name]
    wanted = {row["frame"] for row in rows if int(row["programs"]) >= 3}
    assert len(wanted) in (4, 7, 165)
    found = Counter(text for _, text in frames(demodulate(recording(name), RECORDINGS[name])))
    assert not wanted - set(found)


def test_the_first_recording_gives_more_frames_than_the_best_peer_and_all_are_of_its_one_aircraft() -> None:
    found = [bytes.fromhex(text) for _, text in frames(demodulate(recording("modes1_2000k_uc8.bin"), 2.0e6))]
    assert len(found) >= 390
    for message in found:
        df = message[0] >> 3
        if df in (11, 17):
            assert message[1:4].hex() == "4d2023"
            assert remainder(message) < (80 if df == 11 else 1)
        else:
            assert df in (0, 4, 5, 16, 20, 21)
            assert f"{remainder(message):06x}" == "4d2023", message.hex()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # Loud, with another signal over them: their bits fit a carrier no better than noise does
        (
            "d1090rs_1641427457780_2400k_uc8.bin",
            {"8dacf497582b76194ee8aef76714", "8dacf497990cb790b098954cda65"},
        ),
        # The only frame of its aircraft, one bit of it wrong
        ("d1090rs_1641428106243_2400k_uc8.bin", {"8da4fd6f58c9166ad13dd5d0e27f"}),
    ],
)
def test_frames_that_interference_distorts_are_found(name: str, wanted: set[str]) -> None:
    assert wanted <= {text for _, text in frames(demodulate(recording(name), RECORDINGS[name]))}


def test_an_air_air_reply_is_found_a_moment_before_its_aircraft_is_introduced() -> None:
    found = frames(demodulate(recording("d1090rs_1641428106243_2400k_uc8.bin"), 2.4e6))
    reply = next(at for at, text in found if text == "02e19094c50239")
    introduced = next(at for at, text in found if text.startswith("8da4ba02"))
    assert reply < introduced


@pytest.mark.parametrize("name", SPLIT)
@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(1, 131_071), max_size=6))
def test_any_split_into_blocks_gives_the_same_frames(name: str, cuts: list[int]) -> None:
    iq = recording(name)[: 2 * 131_072]
    assert frames(demodulate(iq, SPLIT[name], cuts)) == frames(demodulate(iq, SPLIT[name]))


@pytest.mark.parametrize("name", SPLIT)
def test_sample_time_counts_from_the_source_and_jumps_over_gaps(name: str) -> None:
    iq = recording(name)[: 2 * 131_072]
    plain = frames(demodulate(iq, SPLIT[name]))
    later = frames(demodulate(iq, SPLIT[name], first_sample=65_536 * 7))
    assert [text for _, text in later] == [text for _, text in plain]
    assert [a - b for (a, _), (b, _) in zip(later, plain, strict=True)] == pytest.approx([65_536 * 7] * len(plain))
    demodulator = Demodulator(2.4e6, SampleFormat.CU8)
    half = len(iq) // 4
    first = demodulator.feed(SampleBlock(iq[: 2 * half], 0))
    second = demodulator.feed(SampleBlock(iq[2 * half :], half + 1000, 1000))
    found = frames([first, second, demodulator.flush()])
    assert demodulator.statistics.samples_lost == 1000
    once = Counter(text for _, text in plain)
    times = {text: time for time, text in plain if once[text] == 1}
    for time, text in found:
        if text in times:
            shift = 0 if time < half else 1000
            assert time - times[text] == pytest.approx(shift, abs=0.3)
    assert len(found) >= len(plain) - 2


@pytest.mark.parametrize(
    "content",
    [
        np.zeros(400_000, np.uint8),
        np.full(400_000, 255, np.uint8),
        np.tile(np.array([0, 255], np.uint8), 200_000),
        np.random.default_rng(1).integers(0, 256, 400_000, np.uint8),
    ],
    ids=["zeros", "full scale", "saturated", "random"],
)
def test_nonsense_gives_no_frames(content: NDArray[np.uint8]) -> None:
    assert frames(demodulate(content, 2.4e6)) == []


def test_a_rate_too_low_for_mode_s_is_refused() -> None:
    with pytest.raises(ValueError, match="sample_rate_hz: got 1e"):
        Demodulator(1e6, SampleFormat.CU8)
