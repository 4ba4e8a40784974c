"""Mode A codes."""

from __future__ import annotations

from receiver.decode.squawk import squawk_from_code

# Annex 10 vol. IV, 3.1.2.6.7.1: the pulses as they are sent; X says nothing
ORDER = ("C1", "A1", "C2", "A2", "C4", "A4", "X", "B1", "D1", "B2", "D2", "B4", "D4")


def test_all_4096_codes_are_read_and_the_unused_pulse_is_ignored() -> None:
    for number in range(4096):
        squawk = f"{number:04o}"
        digits = dict(zip("ABCD", map(int, squawk), strict=True))
        code = sum(
            1 << (12 - place) for place, name in enumerate(ORDER) if name != "X" and digits[name[0]] & int(name[1])
        )
        assert squawk_from_code(code) == squawk
        assert squawk_from_code(code | 0x40) == squawk
