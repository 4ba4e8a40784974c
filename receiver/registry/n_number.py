"""American registrations and addresses: each N-number has one address, by rule.

The addresses from A00001 count through all N-numbers in order: N1, N1A, N1AA, N1AB, … N1AZ, N1B, …, N1ZZ, N10, N10A, …
N10ZZ, N100, …. A number is one to five digits, the first not 0; up to four digits may be followed by up to two letters
(five signs in all), never I or O. N99999 is ADF7C7; what lies above is for state aircraft.
"""

from __future__ import annotations

FIRST, LAST = 0xA00001, 0xADF7C7
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SUFFIXES = len(LETTERS) * (len(LETTERS) + 1)  # A, AA … AZ, B, …: 600


def _count(digits: int) -> int:
    """Numbers that begin with so many given digits, the bare one and its suffixes among them."""
    if digits == 5:
        return 1
    suffixes = len(LETTERS) if digits == 4 else _SUFFIXES
    return 1 + suffixes + 10 * _count(digits + 1)


_COUNTS = [0, *(_count(digits) for digits in range(1, 6))]


def registration(address: int) -> str | None:
    """The N-number of an address; None outside the civil American block."""
    if not FIRST <= address <= LAST:
        return None
    rest = address - FIRST
    text = "N" + str(rest // _COUNTS[1] + 1)
    rest %= _COUNTS[1]
    digits = 1
    while rest:
        rest -= 1
        suffixes = len(LETTERS) if digits == 4 else _SUFFIXES
        if rest < suffixes:
            return text + _suffix(rest, digits)
        rest -= suffixes
        digits += 1
        text += str(rest // _COUNTS[digits])
        rest %= _COUNTS[digits]
    return text


def _suffix(index: int, digits: int) -> str:
    if digits == 4:
        return LETTERS[index]
    first, second = divmod(index, len(LETTERS) + 1)
    return LETTERS[first] + (LETTERS[second - 1] if second else "")


def address(number: str) -> int | None:
    """The address of an N-number; None when it is none."""
    text = number.upper().removeprefix("N")
    digits = text.rstrip(LETTERS)
    suffix = text[len(digits) :]
    well_formed = digits.isascii() and digits.isdigit() and digits[0] != "0" and len(text) <= 5 and len(suffix) <= 2
    if not number.upper().startswith("N") or not digits or not well_formed:
        return None
    found = FIRST + (int(digits[0]) - 1) * _COUNTS[1]
    for position, digit in enumerate(digits[1:], start=2):
        found += 1 + _SUFFIXES + int(digit) * _COUNTS[position]
        if position == 5:
            found -= _SUFFIXES - len(LETTERS)
    if suffix:
        found += 1 + LETTERS.index(suffix[0]) * (1 if len(digits) == 4 else len(LETTERS) + 1)
        if len(suffix) == 2:
            found += 1 + LETTERS.index(suffix[1])
    return found
