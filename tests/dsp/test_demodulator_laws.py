"""What holds for any stream: rates, gain, faults of the receiver, nonsense, overlaps, trust, memory."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.air.modulator import Receiver
from dsp.batch import Found
from dsp.demodulator import Demodulator
from dsp.effort import LEVELS, Effort
from dsp.samples import SampleBlock, SampleFormat
from dsp.trust import BelievedAddresses
from tests.dsp.scenes import ICAO, TIMES_S, frame, heard, squitters, stream, texts


@pytest.mark.parametrize("rate_hz", [2.0e6, 2.4e6, 3.2e6, 6e6, 8e6, 10e6, 12e6])
@pytest.mark.parametrize("sample_format", SampleFormat)
def test_every_rate_and_format_gives_every_strong_frame_with_its_time(
    rate_hz: float, sample_format: SampleFormat
) -> None:
    frames = squitters(40)
    iq = stream(frames, TIMES_S, rate_hz, sample_format, level_dbfs=-9.0, carrier_offset_hz=np.linspace(-1e5, 1e5, 40))
    table = BelievedAddresses()
    if rate_hz < 2.2e6:
        table.add(ICAO, 0.0)  # with one sample to a pulse even a strong frame may need repair
    batch = heard(iq, rate_hz, sample_format, believed=table)
    assert texts(batch) == frames
    error_s = batch.sample / rate_hz - TIMES_S
    assert np.abs(error_s - error_s.mean()).max() < (0.2e-6 if rate_hz < 2.2e6 else 0.12e-6)
    assert abs(error_s.mean()) < 0.1e-6
    assert batch.signal_dbfs == pytest.approx(np.full(40, -9.0), abs=2.0)
    assert batch.carrier_offset_hz == pytest.approx(np.linspace(-1e5, 1e5, 40), abs=6e3)


@settings(max_examples=10, deadline=None)
@given(st.floats(-20.0, 20.0))
def test_gain_makes_no_difference_while_the_numbers_have_room(gain_db: float) -> None:
    frames = squitters(40)
    plain = stream(frames, TIMES_S, sample_format=SampleFormat.CF32, level_dbfs=-30.0, receiver=Receiver(-40.0))
    louder = (plain * np.float32(10 ** (gain_db / 20))).astype(np.float32)
    a, b = (heard(iq, sample_format=SampleFormat.CF32) for iq in (plain, louder))
    assert texts(a) == texts(b)
    assert b.signal_dbfs - a.signal_dbfs == pytest.approx(np.full(len(a), gain_db), abs=0.05)
    assert b.noise_dbfs - a.noise_dbfs == pytest.approx(np.full(len(a), gain_db), abs=0.05)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1 << 40))
def test_the_first_samples_number_only_moves_the_times(first_sample: int) -> None:
    frames = squitters(10)
    iq = stream(frames, TIMES_S[:10])
    demodulator = Demodulator(2.4e6, SampleFormat.CU8)
    batches = [demodulator.feed(SampleBlock(iq, first_sample)), demodulator.flush()]
    assert [text for batch in batches for text in texts(batch)] == frames
    samples = np.concatenate([batch.sample for batch in batches]) - first_sample
    assert samples == pytest.approx(TIMES_S[:10] * 2.4e6, abs=0.4)


def test_swapped_or_conjugated_samples_only_mirror_the_carrier() -> None:
    frames = squitters(40)
    iq = stream(frames, TIMES_S, sample_format=SampleFormat.CF32, carrier_offset_hz=1.2e5)
    mirrored = iq.reshape(-1, 2)[:, ::-1].copy().ravel()
    conjugated = iq.copy()
    conjugated[1::2] *= -1
    for other in (mirrored, conjugated):
        batch = heard(other, sample_format=SampleFormat.CF32)
        assert texts(batch) == frames
        assert batch.carrier_offset_hz == pytest.approx(np.full(40, -1.2e5), abs=6e3)


@pytest.mark.parametrize(
    "receiver",
    [Receiver(-36.0, dc_i=0.02, dc_q=-0.02), Receiver(-36.0, iq_gain_db=1.0, iq_phase_deg=5.0)],
    ids=["offset of 2 %", "imbalance of 1 dB and 5°"],
)
def test_faults_of_the_receiver_within_limits_cost_nothing(receiver: Receiver) -> None:
    frames = squitters(40)
    assert texts(heard(stream(frames, TIMES_S, receiver=receiver, level_dbfs=-18.0))) == frames


@pytest.mark.parametrize("effort", LEVELS)
def test_a_carrier_is_heard_wherever_a_transponder_may_be(effort: Effort) -> None:
    frames = squitters(40)
    carriers = np.linspace(-1e6, 1e6, 40)
    iq = stream(frames, TIMES_S, level_dbfs=-12.0, carrier_offset_hz=carriers)
    batch = heard(iq, effort=effort)
    found = [frames.index(text) for text in texts(batch)]
    assert len(set(found)) >= 38
    assert batch.carrier_offset_hz == pytest.approx(carriers[found], abs=15e3)


def test_a_transmitter_that_drifts_is_followed() -> None:
    frames = squitters(40)
    iq = stream(frames, TIMES_S, level_dbfs=-20.0, wander_hz=np.linspace(-1.9e5, 1.9e5, 40))
    assert len(set(texts(heard(iq))) & set(frames)) >= 38


def test_a_frame_beneath_a_stronger_one_is_found_and_said_to_be() -> None:
    frames = squitters(60)
    start_s = 0.3e-3 + np.arange(60) // 2 * 0.7e-3 + np.arange(60) % 2 * np.linspace(20e-6, 90e-6, 60)
    level = np.where(np.arange(60) % 2, -18.0, -8.0)
    iq = stream(frames, start_s, level_dbfs=level, phase_rad=np.linspace(0, 50, 60))
    with_subtraction, without = heard(iq), heard(iq, effort=Effort.LEAN)
    beneath = with_subtraction.found == Found.BENEATH
    assert set(texts(with_subtraction)) <= set(frames)
    assert beneath.sum() >= 20
    assert len(with_subtraction) >= len(without) + 20
    assert not (without.found == Found.BENEATH).any()
    assert np.all(np.diff(with_subtraction.sample) >= 0)


def test_a_frame_whose_parity_hides_its_address_needs_a_believed_one() -> None:
    reply = frame(bytes([0x20, 0x00, 0x10, 0x30]), ICAO)
    iq = stream([reply] * 10, TIMES_S[:10])
    assert texts(heard(iq)) == []
    table = BelievedAddresses()
    table.add(ICAO, 0.0)
    assert texts(heard(iq, believed=table)) == [reply] * 10
    late = BelievedAddresses()
    late.add(ICAO, -1000.0)
    assert texts(heard(iq, believed=late)) == []


def test_a_flood_of_addresses_does_not_outgrow_the_table() -> None:
    table = BelievedAddresses()
    for icao in range(1, 4000):
        table.add(icao, icao * 1e-3)
    for icao in range(4000, 6000):
        table.add(icao, icao * 1e-3)
        table.expire(icao * 1e-3)
    assert 3000 < len(table) <= 4096
    assert 5999 in table.icao
    assert 1 not in table.icao


@pytest.mark.parametrize("content", ["zeros", "full scale", "saturated", "random"])
def test_nonsense_costs_about_what_a_quiet_sky_does(content: str) -> None:
    n = 2_400_000
    rng = np.random.default_rng(1)
    iq = {
        "zeros": lambda: np.zeros(2 * n, np.uint8),
        "full scale": lambda: np.full(2 * n, 255, np.uint8),
        "saturated": lambda: (rng.integers(0, 2, 2 * n) * 255).astype(np.uint8),
        "random": lambda: rng.integers(0, 256, 2 * n, np.uint8),
    }[content]()
    quiet = np.clip(np.rint(127.5 + 1.4 * rng.normal(size=2 * n)), 0, 255).astype(np.uint8)
    costs_s = []
    for samples in (quiet, iq):
        demodulator = Demodulator(2.4e6, SampleFormat.CU8, effort=Effort.THOROUGH)
        demodulator.feed(SampleBlock(samples[:400_000], 0))
        began = time.process_time()
        batch = demodulator.feed(SampleBlock(samples[400_000:], 200_000))
        costs_s.append(time.process_time() - began)
        assert len(batch) == 0
    assert (
        costs_s[1] < 20 * costs_s[0]
    )  # the same within a half, measured; far more would be a way to overload a receiver


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(1, 4000), st.sampled_from(LEVELS))
def test_pulses_at_random_places_never_crash_it(seed: int, pulses: int, effort: Effort) -> None:
    rng = np.random.default_rng(seed)
    iq = rng.integers(120, 136, 200_000, np.uint8)
    for place in rng.integers(0, 99_000, pulses).tolist():
        iq[2 * place : 2 * place + int(rng.integers(2, 8))] = rng.choice([0, 255])
    assert len(heard(iq, effort=effort)) < 20


def test_effort_may_change_at_any_time_and_is_in_the_statistics() -> None:
    frames = squitters(40)
    iq = stream(frames, TIMES_S)
    demodulator = Demodulator(2.4e6, SampleFormat.CU8, effort=Effort.AUTO)
    assert demodulator.statistics.effort == "thorough"
    got = []
    for k, effort in enumerate(LEVELS * 4):
        demodulator.set_effort(effort)
        assert demodulator.statistics.effort == effort
        got.append(demodulator.feed(SampleBlock(iq[8000 * k : 8000 * (k + 1)], 4000 * k)))
    got.append(demodulator.feed(SampleBlock(iq[96_000:], 48_000)))
    got.append(demodulator.flush())
    assert [text for batch in got for text in texts(batch)] == frames


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_memory_stays_flat_over_ten_minutes() -> None:
    frames = squitters(400)
    start_s = 0.2e-3 + np.arange(400) * 2.4e-3
    iq = stream(frames, start_s)
    demodulator = Demodulator(2.4e6, SampleFormat.CU8, effort=Effort.NORMAL)
    n = len(iq) // 2
    demodulator.feed(SampleBlock(iq, 0))
    tracemalloc.start()
    try:
        for k in range(1, 60):
            demodulator.feed(SampleBlock(iq, k * n))
        before, _ = tracemalloc.get_traced_memory()
        for k in range(60, 620):
            demodulator.feed(SampleBlock(iq, k * n))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert demodulator.statistics.accepted > 200_000
    assert after - before < 200_000
