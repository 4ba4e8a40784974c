"""Which frames count: what is repaired towards whom, with which evidence, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.air.modulator import Emissions, Modulator, Receiver
from dsp.demodulator import Demodulator, DemodulatorStatistics
from dsp.effort import SETTINGS, Effort
from dsp.samples import SampleBlock, SampleFormat
from dsp.trust import BelievedAddresses
from tests.dsp.plain import kernel
from tests.dsp.scenes import ICAO, TIMES_S, all_call, frame, heard, squitters, stream, texts, without_preambles

WEAK = 0.1  # of a pulse: 2.2 nats
WORK = kernel.scratch(2.4, 12)


def believing(*icaos: int, altitude_ft: int | None = None, squawk: int = -1) -> BelievedAddresses:
    table = BelievedAddresses()
    for icao in icaos:
        table.add(icao, 0.0)
        slot = kernel.find(table.icao, icao)
        table.squawk[slot] = squawk
        if altitude_ft is not None:
            table.altitude[slot] = altitude_code(altitude_ft)
    return table


def altitude_code(altitude_ft: int) -> int:
    """Thirteen bits with the Q bit."""
    n = (altitude_ft + 1000) // 25
    return n >> 5 << 7 | (n >> 4 & 1) << 5 | 1 << 4 | n & 15


def decided(
    message: bytes,
    table: BelievedAddresses,
    wrong: dict[int, float] | None = None,
    weak: dict[int, float] | None = None,
    now_s: float = 1.0,
) -> bytes | int:
    """What is made of a strong frame with some bits turned and some weak (strength by bit): the frame, or why there is none.

    A strong bit is worth 14 nats, one of strength 0.1 some 2.2.
    """
    bits = np.unpackbits(np.frombuffer(message, np.uint8))
    n = len(bits)
    soft = np.where(bits, 1.0, -1.0)
    for bit, strength in (wrong or {}).items():
        soft[bit] *= -strength
    for bit, strength in (weak or {}).items():
        soft[bit] *= strength
    WORK.soft[:n] = WORK.dr[:n] = soft
    WORK.ur[:n], WORK.ui[:n], WORK.di[:n] = 1.0, 0.0, 0.3
    kernel.reliability(n, 1.0, WORK)
    number = kernel.decide(
        n,
        message[0] >> 3,
        0.95,
        False,
        now_s,
        SETTINGS[Effort.THOROUGH],
        table.rows(),
        WORK,
        np.zeros(8, np.int64),
    )
    return np.packbits(WORK.hard[:n]).tobytes() if number >= 0 else int(number)


def weakly(*bits: int, strength: float = WEAK) -> dict[int, float]:
    return dict.fromkeys(bits, strength)


def test_an_all_call_of_a_believed_aircraft_with_wrong_weak_bits_is_put_right() -> None:
    wrong = weakly(11, 17, 30, 33, 41)
    assert decided(all_call(), believing(ICAO, 0x123456), wrong) == all_call()
    assert isinstance(decided(all_call(), believing(0x123456), wrong), int)
    assert isinstance(decided(all_call(), believing(), wrong), int)


def test_an_all_call_with_wrong_strong_bits_is_not_put_right() -> None:
    assert isinstance(decided(all_call(), believing(ICAO), weakly(11, 30, strength=1.0)), int)


def test_an_interrogators_code_counts_by_its_bits_and_its_past() -> None:
    coded = all_call(code=4)
    table = believing(ICAO)
    table.codes[:], table.codes[0] = 0.02, 60.0
    assert decided(coded, table) == coded
    doubtful = weakly(53, strength=0.3)
    assert decided(coded, table, weak=doubtful) == kernel.IN_DOUBT
    # The same bits, and either is much likelier than the other
    assert decided(all_call(), table, wrong=weakly(53)) == all_call()
    table.codes[4] = 600.0
    assert decided(coded, table, weak=doubtful) == coded


def test_a_code_that_was_heard_is_likelier_and_one_that_was_not_is_less_so_with_time() -> None:
    table = believing(ICAO)
    belief = table.rows()
    before = table.codes.copy()
    bits = np.unpackbits(np.frombuffer(all_call(code=4), np.uint8))
    for _ in range(10):
        kernel.learn(bits, 56, 11, 0, 1.0, belief)
    assert table.codes[4] > before[4] + 9.5
    assert 0.9 * before[0] < table.codes[0] < before[0]
    for _ in range(10_000):
        kernel.learn(np.unpackbits(np.frombuffer(all_call(), np.uint8)), 56, 11, 0, 1.0, belief)
    assert table.codes[4] == pytest.approx(kernel.CODE_FLOOR, rel=0.01)
    assert table.codes[0] == pytest.approx(500.0, rel=0.01)


def test_an_all_call_without_a_code_is_in_doubt_where_one_is_as_likely() -> None:
    table = believing(ICAO)
    table.codes[:], table.codes[0] = 0.02, 20.0
    assert decided(all_call(), table, weak=weakly(53)) == all_call()
    table.codes[4] = 20.0
    assert decided(all_call(), table, weak=weakly(53)) == kernel.IN_DOUBT
    assert decided(all_call(), table) == all_call()


WRONG = weakly(20, 50, 90)


def test_a_squitter_of_a_believed_aircraft_is_repaired_at_once() -> None:
    message = squitters(1)[0]
    assert decided(message, believing(ICAO), WRONG) == message


def test_an_unknown_address_that_is_repaired_counts_when_it_was_found_before() -> None:
    first, second, third = squitters(3)
    table = believing()
    assert decided(first, table, WRONG, now_s=5.0) == kernel.CLOSE
    assert len(table) == 0
    assert decided(first, table, WRONG, now_s=5.0 + 0.5e-3) == kernel.CLOSE  # the same frame again
    assert decided(second, table, weakly(12, 70, 100), now_s=5.4) == second
    assert table.icao[table.icao > 0].tolist() == [ICAO]
    assert decided(third, table, WRONG, now_s=5.8) == third


@pytest.mark.parametrize("later_s", [kernel.SUSPECT_S + 1.0, 0.9e-3])
def test_an_address_that_was_found_too_long_or_just_before_does_not_count(later_s: float) -> None:
    first, second = squitters(2)
    table = believing()
    assert decided(first, table, WRONG, now_s=5.0) == kernel.CLOSE
    assert decided(second, table, WRONG, now_s=5.0 + later_s) == kernel.CLOSE
    assert len(table) == 0


def test_two_addresses_found_by_repair_do_not_prove_each_other() -> None:
    table = believing()
    assert decided(squitters(1)[0], table, WRONG, now_s=5.0) == kernel.CLOSE
    assert decided(squitters(1, icao=0x3C6581)[0], table, WRONG, now_s=5.4) == kernel.CLOSE
    assert len(table) == 0


def test_one_flip_of_the_weakest_bit_introduces_at_once_when_nothing_else_is_likely() -> None:
    message = squitters(1)[0]
    table = believing()
    assert decided(message, table, weakly(20)) == message
    assert table.icao[table.icao > 0].tolist() == [ICAO]


def test_one_flip_with_other_doubts_is_given_but_does_not_introduce() -> None:
    message = squitters(1)[0]
    table = believing()
    weakest = weakly(20, strength=0.03)
    assert decided(message, table, weakest, weakly(*range(60, 80), strength=0.035)) == message
    assert len(table) == 0
    assert decided(message, table, weakest, weakly(*range(60, 84), strength=0.035)) == kernel.CLOSE
    assert len(table) == 0


def test_one_flip_of_another_than_the_weakest_bit_is_not_given() -> None:
    message = squitters(1)[0]
    table = believing()
    assert isinstance(decided(message, table, weakly(20, strength=0.2), weakly(60)), int)
    assert len(table) == 0


def reply(df: int, code: int, icao: int = ICAO) -> bytes:
    text = bytes.fromhex("30112233445566") if df >= 16 else b""
    return frame((df << 27 | code).to_bytes(4, "big") + text, icao)


IN_REPLY = weakly(11, 36, 50)


@pytest.mark.parametrize("df", [0, 4, 16, 20])
def test_a_reply_is_repaired_only_with_the_altitude_last_heard(df: int) -> None:
    last = reply(df, altitude_code(32_000))
    assert decided(last, believing(ICAO, altitude_ft=32_000), IN_REPLY) == last
    assert isinstance(decided(last, believing(ICAO), IN_REPLY), int)
    for altitude_ft in (31_975, 32_025, 31_000, 12_000):
        assert isinstance(decided(last, believing(ICAO, altitude_ft=altitude_ft), IN_REPLY), int)
    assert isinstance(decided(last, believing(0x123456, altitude_ft=32_000), IN_REPLY), int)


@pytest.mark.parametrize("df", [5, 21])
def test_a_reply_is_repaired_only_with_the_squawk_last_heard(df: int) -> None:
    last = reply(df, 0x0AAA)
    assert decided(last, believing(ICAO, squawk=0x0AAA), IN_REPLY) == last
    assert isinstance(decided(last, believing(ICAO), IN_REPLY), int)
    assert isinstance(decided(last, believing(ICAO, squawk=0x0AA2), IN_REPLY), int)


@pytest.mark.parametrize("df", [4, 20])
def test_a_climbing_aircraft_may_be_two_steps_from_its_last_altitude(df: int) -> None:
    climbing, level = believing(ICAO, altitude_ft=32_000), believing(ICAO, altitude_ft=32_000)
    climbing.moved_s[kernel.find(climbing.icao, ICAO)] = 95.0
    for steps in range(-4, 5):
        message = reply(df, altitude_code(32_000 + 25 * steps))
        found = decided(message, climbing, IN_REPLY, now_s=100.0)
        assert (found == message) == (abs(steps) <= 2)
        assert isinstance(found, int) == (abs(steps) > 2)
        assert isinstance(decided(message, level, IN_REPLY, now_s=100.0), int) == (steps != 0)
        # It climbed, some time ago
        later_s = 95.0 + kernel.MOVED_S + 1.0
        assert isinstance(decided(message, climbing, IN_REPLY, now_s=later_s), int) == (steps != 0)


def test_another_altitude_marks_an_aircraft_as_climbing() -> None:
    table = believing(ICAO)
    belief = table.rows()
    slot = kernel.find(table.icao, ICAO)
    for now_s, altitude_ft, moved_s in ((1.0, 9000, -1e9), (2.0, 9000, -1e9), (3.0, 9025, 3.0), (4.0, 9025, 3.0)):
        bits = np.unpackbits(np.frombuffer(reply(4, altitude_code(altitude_ft)), np.uint8))
        kernel.learn(bits, 56, 4, 0, now_s, belief)
        assert kernel.altitude_25ft(table.altitude[slot]) == altitude_ft
        assert table.moved_s[slot] == moved_s


def test_a_strong_frame_whose_preamble_is_lost_is_found_by_the_most_effort_only() -> None:
    frames = squitters(20)
    iq = without_preambles(stream(frames, TIMES_S[:20], level_dbfs=-10.0), TIMES_S[:20], 2.4e6)
    assert texts(heard(iq, effort=Effort.LEAN)) == []
    batch = heard(iq, effort=Effort.THOROUGH)
    assert set(texts(batch)) <= set(frames)
    assert len(batch) >= 17
    wanted = dict(zip(frames, TIMES_S * 2.4e6, strict=False))
    assert batch.sample == pytest.approx([wanted[text] for text in texts(batch)], abs=0.5)


def test_a_frame_is_not_found_again_from_a_pulse_within_it() -> None:
    frames = squitters(40)
    assert texts(heard(stream(frames, TIMES_S, level_dbfs=-10.0))) == frames


def _three_hundred() -> BelievedAddresses:
    rng = np.random.default_rng(4)
    table = BelievedAddresses()
    for icao in rng.integers(1, 1 << 24, 300).tolist():
        table.add(icao, 0.0)
        slot = kernel.find(table.icao, icao)
        table.head[:, slot] = 5
        table.altitude[slot] = altitude_code(int(rng.integers(40, 1600)) * 25)
        table.squawk[slot] = rng.integers(0, 1 << 13)
        table.moved_s[slot] = rng.uniform(-40.0, 3.0)
    return table


def _nothing_heard(iq: NDArray[np.generic], rate_hz: float, sample_format: SampleFormat) -> DemodulatorStatistics:
    table = _three_hundred()
    demodulator = Demodulator(rate_hz, sample_format, effort=Effort.THOROUGH, believed=table)
    assert texts(demodulator.feed(SampleBlock(iq, 0))) == []
    assert texts(demodulator.flush()) == []
    assert len(table) == 300
    assert demodulator.statistics.samples_processed == len(iq) // 2
    return demodulator.statistics


@pytest.mark.parametrize("rate_hz", [2.0e6, 2.4e6])
def test_nothing_is_found_in_noise_with_many_believed_aircraft(rate_hz: float) -> None:
    iq = Modulator(rate_hz, SampleFormat.CU8, Receiver(-30.0), seed=9).block(
        Emissions.of([], []), 0, round(4 * rate_hz)
    )
    assert _nothing_heard(iq, rate_hz, SampleFormat.CU8).candidates < 100
    # Of steady noise the power gate leaves nothing; of noise that comes and goes all places in it
    samples = Modulator(rate_hz, SampleFormat.CF32, Receiver(-30.0), seed=10).block(
        Emissions.of([], []), 0, round(rate_hz)
    )
    loud = np.arange(len(samples) // 2) % round(300e-6 * rate_hz) < round(130e-6 * rate_hz)
    bursts = samples.astype(np.float32) * np.where(loud, 2.0, 1.0).repeat(2).astype(np.float32)
    statistics = _nothing_heard(bursts, rate_hz, SampleFormat.CF32)
    assert statistics.candidates > 50_000
    assert statistics.unrepaired > 300


def test_messages_whose_parity_is_anyones_are_not_repaired_towards_believed_aircraft() -> None:
    rng = np.random.default_rng(5)
    formats = rng.choice([0, 4, 5, 11, 16, 17, 18, 20, 21], 2000).tolist()
    garbage = [bytes([df << 3 | int(rng.integers(8))]) + rng.bytes(13 if df >= 16 else 6) for df in formats]
    start_s = 0.3e-3 + np.arange(2000) * 0.3037e-3
    iq = stream(
        garbage, start_s, receiver=Receiver(-30.0), level_dbfs=np.linspace(-25.0, -16.0, 2000),
        carrier_offset_hz=rng.normal(0, 5e4, 2000),
    )  # fmt: skip
    assert _nothing_heard(iq, 2.4e6, SampleFormat.CU8).unrepaired > 2000


def test_a_table_that_is_nearly_full_takes_no_more() -> None:
    table = BelievedAddresses()
    rng = np.random.default_rng(5)
    icaos = np.unique(rng.integers(1, 1 << 24, 9000))
    icaos = rng.permutation(icaos[icaos != ICAO])[: kernel.SLOTS].tolist()
    first, second = squitters(2)
    bits = np.unpackbits(np.frombuffer(first, np.uint8))
    for icao in icaos[: kernel.SLOTS - 64]:
        table.add(icao, 0.0)
    assert len(table) == kernel.SLOTS - 64
    kernel.learn(bits, 112, 17, 0, 1.0, table.rows())  # the last one
    assert len(table) == kernel.SLOTS - 63
    assert kernel.find(table.icao, ICAO) >= 0
    other = squitters(1, icao=icaos[-1])[0]
    kernel.learn(np.unpackbits(np.frombuffer(other, np.uint8)), 112, 17, 0, 1.0, table.rows())
    for now_s in (1.0, 2.0, 3.0):
        assert isinstance(decided(other, table, WRONG, now_s=now_s), int)
        assert isinstance(decided(all_call(icaos[-1]), table, weakly(12, 30), now_s=now_s), int)
    assert len(table) == kernel.SLOTS - 63
    assert kernel.find(table.icao, icaos[-1]) == -1
    # Who is believed is heard all the same
    assert decided(second, table, weakly(50, 90)) == second


def test_a_table_that_is_filled_from_outside_makes_room() -> None:
    table = BelievedAddresses()
    for icao in range(1, kernel.SLOTS + 1000):
        table.add(icao, 0.0)
    assert len(table) <= kernel.SLOTS - 63
    assert kernel.find(table.icao, kernel.SLOTS + 999) >= 0  # the last one
    assert kernel.find(table.icao, ICAO) == -1
    message = squitters(1)[0]
    kernel.learn(np.unpackbits(np.frombuffer(message, np.uint8)), 112, 17, 0, 1.0, table.rows())
    assert isinstance(decided(reply(4, altitude_code(9000)), table, IN_REPLY), int)
    # The next window makes room
    frames = squitters(10)
    assert texts(heard(stream(frames, TIMES_S[:10]), believed=table)) == frames
    assert kernel.find(table.icao, ICAO) >= 0
