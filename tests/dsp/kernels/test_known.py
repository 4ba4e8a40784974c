"""What is known of an aircraft decides: all-calls, squitters, replies, altitudes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.effort import SETTINGS, Effort
from dsp.trust import BelievedAddresses
from tests.dsp import scenes
from tests.dsp.kernels.parts import believing, decided_bytes, receive, scratch, window
from tests.dsp.plain import kernel


def test_an_interrogators_code_is_believed_by_its_bits_and_its_past() -> None:
    work = scratch(window())
    table = BelievedAddresses()
    rng = np.random.default_rng(8)
    seen = set()
    for _ in range(200):
        table.codes[:] = rng.choice([0.02, 1.0, 20.0], 80)
        rest = int(rng.integers(0, 128))
        work.odds[49:56] = rng.uniform(0.0, 9.0, 7)
        likely = np.zeros(128)
        for code in range(80):
            turned = [bit for bit in range(7) if (rest ^ code) >> bit & 1]
            likely[code] = table.codes[code] * math.exp(-sum(float(work.odds[55 - bit]) for bit in turned))
        top = int(likely.argmax())
        expected = top if likely[top] > (1 - kernel.CODE_DOUBT) * likely.sum() else -1
        seen.add(expected >= 0)
        assert kernel.interrogator(rest, table.rows(), work) == expected
    assert seen == {True, False}


def test_an_all_call_is_that_of_the_believed_aircraft_that_fits_best() -> None:
    """The twin writes down what each aircraft would have sent."""
    work = scratch(window())
    table = believing(40)
    rng = np.random.default_rng(12)
    heads = {icao: int(table.head[0, kernel.find(table.icao, icao)]) for icao in table.icao[table.icao > 0].tolist()}
    seen = set()
    for index in range(160):
        head = 5 if heads[scenes.ICAO] < 0 or index % 3 == 0 else heads[scenes.ICAO]
        code = 9 if index % 4 == 0 else 0
        message = scenes.frame(bytes([0x58 | head]) + scenes.ICAO.to_bytes(3, "big"), code)
        receive(message, (0.55, 0.8)[index % 2], rng, work)
        price = np.abs(work.odds[:56]).astype(float)
        received = work.hard[:56].copy()
        got_head = int(np.packbits(received[:8])[0]) & 7
        best = (math.inf, b"")
        for icao, known_head in heads.items():
            known = known_head if known_head >= 0 else got_head
            turned = price[5:8][[bool((got_head ^ known) >> bit & 1) for bit in (2, 1, 0)]].sum()
            extra = 0.0 if known_head >= 0 else 3 * math.log(2)  # three bits of which nothing is known
            if turned > 8.0:
                known, extra = got_head, 8.0
            sent = scenes.frame(bytes([0x58 | known]) + icao.to_bytes(3, "big"))
            wrong = np.unpackbits(np.frombuffer(sent, np.uint8)) != received
            best = min(best, (extra + price[5:49][wrong[5:49]].sum(), sent))
        spare = 44 * math.log(2) - math.log(len(heads)) - best[0] - np.log1p(np.exp(-price[5:49])).sum()
        plain = best[1][6]
        rest = plain ^ int(np.packbits(received)[6]) & 0x7F
        found = kernel.interrogator(rest & 0x7F, table.rows(), work)
        number = kernel.expect_all_call(kernel.remainder(work.hard, 56), table.rows(), work)
        if spare < 8.0:
            assert number == (kernel.CLOSE if spare > 0 else kernel.REJECTED)
        elif found < 0:
            assert number == kernel.IN_DOUBT
        else:
            expected = best[1][:6] + bytes([plain ^ found])
            assert decided_bytes(work, 56) == expected
            assert number == int((np.unpackbits(np.frombuffer(expected, np.uint8)) != received).sum())
            assert expected[1:4] == message[1:4]
        seen.add(min(number, 0))
    assert seen == {0, kernel.IN_DOUBT, kernel.CLOSE, kernel.REJECTED}


def _found(df: int, message: bytes, spread: float, table: BelievedAddresses, seed: int) -> tuple[int, int, int]:
    """Of 60 receptions in noise: found right, found wrong, and with wrong bits that were put right."""
    work = scratch(window())
    rng = np.random.default_rng(seed)
    limits = SETTINGS[Effort.THOROUGH]
    n = 8 * len(message)
    right = wrong = repaired = 0
    for _ in range(60):
        receive(message, spread, rng, work)
        before = decided_bytes(work, n)
        syndrome = kernel.remainder(work.hard, n)
        if df in (17, 18):
            number = kernel.expect_squitter(df, syndrome, limits, table.rows(), work)
        else:
            number = kernel.expect_reply(df, n, syndrome, 0.0, limits, table.rows(), work)
        if number >= 0:
            flips = np.unpackbits(np.frombuffer(before, np.uint8)) != work.hard[:n]
            assert number == flips.sum()
            right += decided_bytes(work, n) == message
            wrong += decided_bytes(work, n) != message
            repaired += number > 0
    return right, wrong, repaired


@pytest.mark.parametrize("df", [17, 18])
def test_a_squitter_of_a_believed_aircraft_is_found_in_noise_and_another_is_not(df: int) -> None:
    table = believing(50)
    head = max(0, int(table.head[0, kernel.find(table.icao, scenes.ICAO)]))
    message = scenes.frame(bytes([df << 3 | head]) + scenes.ICAO.to_bytes(3, "big") + bytes.fromhex("99112233445566"))
    right, wrong, repaired = _found(df, message, 0.45, table, 13)
    assert right >= 30
    assert wrong == 0
    assert repaired >= 20
    other = scenes.frame(message[:1] + bytes.fromhex("123456") + message[4:11])
    assert _found(df, other, 0.45, table, 14)[:2] == (0, 0)


@pytest.mark.parametrize("df", [0, 4, 5, 16, 20, 21])
def test_a_reply_with_what_is_known_of_a_believed_aircraft_is_found_in_noise_and_another_is_not(df: int) -> None:
    table = believing(50)
    slot = kernel.find(table.icao, scenes.ICAO)
    code = int(table.squawk[slot] if df in (5, 21) else table.altitude[slot])
    text = bytes.fromhex("30112233445566") if df >= 16 else b""
    message = scenes.frame((df << 27 | 1 << 24 | code).to_bytes(4, "big") + text, scenes.ICAO)
    right, wrong, repaired = _found(df, message, 0.42, table, 15)
    assert right >= 30
    assert wrong == 0
    assert repaired >= 15
    other = scenes.frame((df << 27 | 1 << 24 | code ^ 0x1500).to_bytes(4, "big") + text, scenes.ICAO)
    assert _found(df, other, 0.42, table, 16)[:2] == (0, 0)
    stranger = scenes.frame((df << 27 | 1 << 24 | code).to_bytes(4, "big") + text, 0x123456)
    assert _found(df, stranger, 0.42, table, 17)[:2] == (0, 0)


def test_an_address_that_is_entered_is_found_and_nothing_is_known_of_it() -> None:
    table = BelievedAddresses()
    belief = table.rows()
    icaos = np.random.default_rng(3).integers(1, 1 << 24, 300).tolist()
    for index, icao in enumerate(icaos):
        slot = kernel.enter(icao, 3.0, belief)
        assert kernel.find(table.icao, icao) == slot
        assert belief.many[0] == index + 1
        assert belief.active[index] == slot
        assert table.head[:, slot].tolist() == [-1, -1]
        assert (table.altitude[slot], table.squawk[slot], table.time_s[slot]) == (-1, -1, 3.0)
    assert len(table) == 300
    for icao in icaos:
        assert table.icao[kernel.find(table.icao, icao)] == icao


def test_an_altitude_some_steps_away_has_the_code_of_that_altitude() -> None:
    for number in range(20, 2000):
        code = kernel.altitude_code(0x0010, number)
        assert kernel.altitude_25ft(code) == 25 * number - 1000
        for steps in kernel.ALTITUDE_STEPS:
            assert kernel.altitude_25ft(kernel.altitude_code(code, steps)) == 25 * (number + steps) - 1000
    codes = {kernel.altitude_code(0x0010, number) for number in range(2048)}
    assert len(codes) == 2048
    assert all(code & 0x50 == 0x10 and code < 1 << 13 for code in codes)


def test_altitude_codes_with_the_q_bit_only() -> None:
    assert kernel.altitude_25ft(0x0010) == -1000
    assert kernel.altitude_25ft(0x0030) == -1000 + 16 * 25
    assert kernel.altitude_25ft(0x0000) == kernel.NOTHING
    assert kernel.altitude_25ft(0x0050) == kernel.NOTHING  # metres
    assert kernel.altitude_25ft(0x0100) == kernel.NOTHING  # Gillham
