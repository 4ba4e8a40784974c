"""American registrations by rule, held to known pairs and to their own inverse."""

from __future__ import annotations

import random

import pytest

from receiver.registry.n_number import FIRST, LAST, address, registration

# Pairs as plane-alert-db (ODbL 1.0) and the FAA's register have them.
KNOWN = {
    "N1": 0xA00001,
    "N962PB": 0xAD64DB,
    "N964JR": 0xAD6BDA,
    "N966NA": 0xAD739D,
    "N967NA": 0xAD7754,
    "N970ST": 0xAD8547,
    "N971N": 0xAD8888,
    "N972SM": 0xAD8CAF,
    "N980ST": 0xADACC6,
    "N986W": 0xADC362,
    "N989RR": 0xADCE1A,
    "N992NA": 0xADDB3E,
    "N99999": 0xADF7C7,
}


@pytest.mark.parametrize(("number", "icao"), KNOWN.items())
def test_a_known_pair_is_computed_both_ways(number: str, icao: int) -> None:
    assert registration(icao) == number
    assert address(number) == icao


def test_every_thirtieth_address_comes_back_from_its_number() -> None:
    numbers = {registration(icao) for icao in range(FIRST, LAST + 1, 31)}
    assert len(numbers) == len(range(FIRST, LAST + 1, 31))
    for number in numbers:
        assert number is not None
        icao = address(number)
        assert icao is not None
        assert registration(icao) == number


def test_numbers_are_in_order() -> None:
    order = ["N1", "N1A", "N1AA", "N1AB", "N1AZ", "N1B", "N1ZZ", "N10", "N10A", "N10ZZ", "N100", "N1000", "N1000A"]
    assert sorted(order, key=lambda number: address(number) or 0) == order


@pytest.mark.parametrize("icao", [0xA00000, 0xADF7C8, 0xAFFFFF, 0, 0x3C0001])
def test_an_address_outside_the_civil_block_has_no_number(icao: int) -> None:
    assert registration(icao) is None


@pytest.mark.parametrize(
    "text", ["", "N", "N0", "N01", "NI1", "N1I", "N1O", "N12345A", "N1AAA", "N1234AB", "1", "X123", "N١", "N1A1", "N 1"]
)
def test_what_is_no_n_number_has_no_address(text: str) -> None:
    assert address(text) is None


def test_random_text_is_never_an_error() -> None:
    rng = random.Random(1)
    for _ in range(2000):
        text = "N" + "".join(rng.choices("0123456789ABIOZ-é", k=rng.randrange(8)))
        icao = address(text)
        assert icao is None or registration(icao) == text
