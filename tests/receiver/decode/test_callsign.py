"""Call signs."""

from __future__ import annotations

import pytest

from receiver.decode.callsign import valid_callsign


@pytest.mark.parametrize("text", ["TROY701", "A", "N1", "AB C12", "12345678"])
def test_letters_digits_and_spaces_within_are_a_call_sign(text: str) -> None:
    assert valid_callsign(text) == text


@pytest.mark.parametrize("text", ["", " ", "#", "TRO#701", "TROY/#", " TROY", "TROY ", "troy", "T+", "T\n", "TÄ"])
def test_anything_else_is_none(text: str) -> None:
    assert valid_callsign(text) is None
