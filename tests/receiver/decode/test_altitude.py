"""Altitude codes: 25 ft steps, Gillham's 100 ft steps, and what is no altitude."""

from __future__ import annotations

from receiver.decode.altitude import altitude_from_code_12, altitude_from_code_13

Q_BIT, M_BIT = 0x10, 0x40
# Annex 10 vol. IV: the 13 bits as they are sent
ORDER = ("C1", "A1", "C2", "A2", "C4", "A4", "M", "B1", "Q", "B2", "D2", "B4", "D4")
# The pulses of the 100 ft steps within 500 ft, from the lowest up; in every other 500 ft they run downwards.
HUNDREDS = (("C4",), ("C2", "C4"), ("C2",), ("C1", "C2"), ("C1",))
# The 500 ft steps count in Gray code over these pulses, the first the most significant.
FIVE_HUNDREDS = ("D2", "D4", "A1", "A2", "A4", "B1", "B2", "B4")


def gillham(altitude_ft: int) -> int:
    """The code of a multiple of 100 ft from -1200 to 126,700, by the rule of the table."""
    steps, rest = divmod(altitude_ft + 1200, 500)
    gray = steps ^ steps >> 1
    pulses = {name for place, name in enumerate(FIVE_HUNDREDS) if gray >> (7 - place) & 1}
    within = rest // 100
    pulses |= set(HUNDREDS[4 - within if steps % 2 else within])
    return sum(1 << (12 - place) for place, name in enumerate(ORDER) if name in pulses)


def test_every_altitude_of_the_gillham_table_is_read() -> None:
    altitudes = range(-1200, 126_701, 100)
    codes = [gillham(altitude) for altitude in altitudes]
    assert len(set(codes)) == 1280
    assert [altitude_from_code_13(code) for code in codes] == list(altitudes)


def test_every_other_code_without_the_q_bit_is_no_altitude() -> None:
    valid = {gillham(altitude) for altitude in range(-1200, 126_701, 100)}
    without_q = [code for code in range(1 << 13) if not code & Q_BIT and not code & M_BIT]
    invalid = [code for code in without_q if code not in valid]
    assert len(invalid) == 2048 - 1280
    assert {altitude_from_code_13(code) for code in invalid} == {None}


def test_steps_of_25_ft_count_from_1000_ft_below_zero() -> None:
    for steps in range(1 << 11):
        code = (steps >> 5) << 7 | (steps >> 4 & 1) << 5 | Q_BIT | steps & 0xF
        assert altitude_from_code_13(code) == 25 * steps - 1000


def test_nothing_and_metres_are_no_altitude() -> None:
    assert altitude_from_code_13(0) is None
    assert {altitude_from_code_13(code) for code in range(1 << 13) if code & M_BIT} == {None}


def test_the_code_of_a_squitter_is_that_of_a_reply_without_the_m_bit() -> None:
    for code in range(1 << 12):
        assert altitude_from_code_12(code) == altitude_from_code_13((code >> 6) << 7 | code & 0x3F)
    assert altitude_from_code_12(0xC38) == 38_000
