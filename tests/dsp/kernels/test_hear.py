"""A place is searched, timed, heard, and remembered as failed."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.effort import SETTINGS, Effort
from dsp.samples import SampleFormat
from dsp.trust import BelievedAddresses
from tests.dsp import scenes
from tests.dsp.kernels.parts import RATE, hear, scene_of, scratch
from tests.dsp.plain import kernel


def test_a_search_between_two_places_finds_what_a_search_of_the_window_finds_there() -> None:
    samples = scene_of(scenes.TIMES_S[:6], -15.0)
    work = scratch(samples)
    limits = SETTINGS[Effort.THOROUGH]._replace(power=0.0)  # the blocks of the power gate lie elsewhere
    whole = scenes.places_of(samples, limits)
    begin = int(scenes.TIMES_S[2] * 2 * RATE * 1e6)
    some = whole[(whole >= begin - 100) & (whole < begin + 400)].tolist()
    for first, last in (
        (begin - 300, begin + 500),
        (begin - 7, begin + 9),
        (begin + 3, begin + 433),
        (some[1], some[-2]),
        (some[0] + 1, some[-1] + 1),
    ):
        number = kernel.search(samples, first, last, limits, work)
        expected = whole[(whole >= first) & (whole < last)].tolist()
        assert len(expected) > 0
        assert work.places[:number].tolist() == expected
    gated = kernel.search(samples, begin - 300, begin + 500, SETTINGS[Effort.THOROUGH], work)
    assert any(abs(place - begin) <= 2 for place in work.places[:gated].tolist())


@pytest.mark.parametrize("rate", [2.0, 2.4, 3.2])
def test_timing_finds_the_first_bit_to_a_tenth_of_a_sample_or_so(rate: float) -> None:
    start_s = scenes.TIMES_S[:12]
    samples = scene_of(start_s, -10.0, rate)
    work = scratch(samples)
    errors = []
    for start in (start_s * rate * 1e6).tolist():
        for late in (-4, -1, 0, 2, 4):  # tenths: how wrong the preamble's place is
            begin = start + 8 * rate + late / 10
            whole = int(begin)
            tenths = int((begin - whole) * 10 + 0.5)
            kernel.gather(samples, whole - samples.before - 1, 0, kernel.EYE_BITS, work.xr, work.xi)
            kernel.soft_pulses(work.xr, work.xi, samples.s[tenths + kernel.EARLIEST], kernel.EYE_BITS, work.sr, work.si)
            turn = kernel.carrier(
                work.sr, work.si, kernel.EYE_BITS, kernel.CARRIER_SPAN, work.ur, work.ui, work.ar, work.ai
            )
            kernel.steady(samples, turn, 0, kernel.EYE_BITS, work.xr, work.xi)
            found = kernel.timing(samples, tenths, 0, True, work)
            errors.append(found - 10 * (start + 8 * rate - whole))
    assert abs(float(np.mean(errors))) < 0.7
    assert float(np.abs(errors).max()) < (3.5 if rate < kernel.SLOW else 2.5)


def test_weak_places_in_step_with_one_that_failed_are_passed_over() -> None:
    samples = scene_of(scenes.TIMES_S[:1], -27.5)
    place = round(2 * scenes.TIMES_S[0] * RATE * 1e6)
    begin = 0.5 * place + 8 * RATE
    preamble, _ = kernel.preamble_power(samples, place)
    assert preamble < kernel.LOUD * samples.noise
    for failed_us, power, expected in (
        (10.0, 2 * preamble, False),
        (10.0, preamble / 2, True),  # a weaker one was beneath
        (10.5, 2 * preamble, True),  # half a bit beside
        (3.0, 2 * preamble, True),
        (60.0, 2 * preamble, True),
    ):
        work = scratch(samples)
        work.failed[3] = begin - failed_us * RATE, power
        found, data = hear(samples, place, work)
        assert found == expected
        if found:
            assert data == scenes.squitters(1)[0]
    work = scratch(samples)
    assert not hear(samples, place + 20, work)[0]


def test_a_place_that_gives_no_frame_is_remembered_as_failed() -> None:
    garbled = scenes.frame(bytes.fromhex("8d4840d699112233445566"), 0x123456)
    iq = scenes.stream([garbled], scenes.TIMES_S[:1], RATE * 1e6, SampleFormat.CF32, level_dbfs=-12.0)
    samples = scenes.window(iq.astype(np.float32), RATE)
    work = scratch(samples)
    place = round(2 * scenes.TIMES_S[0] * RATE * 1e6)
    assert not hear(samples, place, work)[0]
    assert work.failed[-1] == pytest.approx([0.5 * place + 8 * RATE, kernel.preamble_power(samples, place)[0]], abs=0.5)
    assert np.all(work.failed[:-1, 0] == -1e9)


def test_the_last_few_places_are_remembered() -> None:
    last = np.full((kernel.FAILED, 2), -1e9)
    for number in range(1, 20):
        kernel.remember(last, 100.0 * number, 0.5 * number)
        kept = np.arange(max(1, number - kernel.FAILED + 1), number + 1)
        np.testing.assert_array_equal(last[-len(kept) :], np.stack([100.0 * kept, 0.5 * kept], axis=1))
        assert np.all(last[: -len(kept)] == -1e9)


def test_an_all_call_that_was_in_doubt_is_heard_only_where_its_bits_fit_better() -> None:
    iq = scenes.stream([scenes.all_call()], scenes.TIMES_S[:1], RATE * 1e6, SampleFormat.CF32, level_dbfs=-12.0)
    samples = scenes.window(iq.astype(np.float32), RATE)
    place = round(2 * scenes.TIMES_S[0] * RATE * 1e6)
    first_bit = 0.5 * place + 8 * RATE
    for beside_us, better_than, expected in ((0.0, 2.0, False), (0.5, 2.0, False), (0.0, 0.5, True), (2.0, 2.0, True)):
        work = scratch(samples)
        work.doubted[2] = first_bit + beside_us * RATE, better_than
        found, data = hear(samples, place, work)
        assert found == expected
        assert not found or data[:7] == scenes.all_call()


def test_a_frame_without_its_preamble_is_heard_from_its_first_bit_and_only_once() -> None:
    rate_hz = RATE * 1e6
    start_s = scenes.TIMES_S[:4]
    iq = scenes.stream(scenes.squitters(4), start_s, rate_hz, SampleFormat.CF32, level_dbfs=-12.0)
    samples = scenes.window(scenes.without_preambles(iq, start_s, rate_hz).astype(np.float32), RATE)
    pulses = np.array([round(2 * (start + 8e-6) * rate_hz) for start in start_s.tolist()], np.int64)
    for effort, bare, expected in ((Effort.LEAN, pulses, 0), (Effort.THOROUGH, np.repeat(pulses, 2), 4)):
        work, out, counters = scratch(samples), kernel.output(64), np.zeros(8, np.int64)
        belief = BelievedAddresses().rows()
        nowhere = np.zeros(0, np.int64)
        last = 2 * len(samples.re)
        rows, _ = kernel.demodulate(samples, nowhere, bare, SETTINGS[effort], belief, work, out, 0, last, 0, counters)
        assert rows == expected
    assert [data.tobytes() for data in out.data[:4]] == scenes.squitters(4)
    assert out.start[:4] / rate_hz == pytest.approx(start_s, abs=0.15e-6)
