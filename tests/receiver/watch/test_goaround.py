"""Approaches that end in a climb, and those that do not."""

from __future__ import annotations

import pytest

from receiver.watch.goaround import LASTS_S, Descent
from receiver.watch.world import Aerodrome

FIELD_FT = 8466.0


def flown(
    heights_ft: list[float], speed_kt: float = 140.0, touches: bool = False, off_km: float = 0.0, field_ft: float | None = FIELD_FT
) -> Descent:  # fmt: skip
    """Heights above the aerodrome, five seconds apart, 12 km out at first and over it at the lowest."""
    descent = Descent()
    lowest = heights_ft.index(min(heights_ft))
    for k, above in enumerate(heights_ft):
        away = off_km + abs(k - lowest) * 0.3
        on_ground = touches and k == lowest
        descent.update(5.0 * k, FIELD_FT + above, speed_kt, on_ground, Aerodrome("Toluca", away, field_ft))
    return descent


DOWN = [float(height) for height in range(2600, 200, -60)]
UP = [float(height) for height in range(200, 1600, 100)]


def test_down_and_up_again_is_a_go_around() -> None:
    descent = flown(DOWN + UP)
    assert descent.gone_s == 5.0 * (len(DOWN) + 8)
    assert descent.name == "Toluca"


@pytest.mark.parametrize(
    "descent",
    [
        flown(DOWN + UP, touches=True),  # a touch-and-go
        flown(DOWN),  # lands
        flown([900.0] * 20 + UP),  # takes off, or has been low all the time
        flown(DOWN + UP, off_km=8.0),  # passes beside it
        flown(DOWN + UP, speed_kt=70.0),  # a light aircraft or a helicopter
        flown(DOWN + UP, field_ft=None),  # nobody knows how high the aerodrome is
    ],
)
def test_everything_else_is_none(descent: Descent) -> None:
    assert descent.gone_s is None


def test_it_is_news_for_five_minutes() -> None:
    descent = flown(DOWN + UP)
    assert descent.gone_s is not None
    descent.update(descent.gone_s + LASTS_S + 1.0, 20_000.0, 250.0, False, None)
    assert descent.gone_s is None
